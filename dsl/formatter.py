"""From the surface tree back to text: one canonical form, in either language.

The formatter writes what the tree says and nothing else. Keywords and punctuation are written in the
language asked for; names, texts and the spelling of numbers are the author's and never change. Hence its
laws, held by tests over generated policies:

- reading the text gives the tree again: `parse(format_policy(x)) == x`
- formatting what was formatted changes nothing
- English to Chinese and back gives the same bytes, and the other way round

Layout is decided by the tree alone, never by how long a line has become, so that an edit changes the
lines around it as little as possible.
"""

from __future__ import annotations

from dsl import ast
from dsl.formatting.statements import has_body, statement
from dsl.formatting.words import comments
from dsl.keywords import Lang


def format_policy(policy: ast.Policy, lang: Lang = "en") -> str:
    """The canonical text of a policy in one language; ends with a line end unless it is empty.

    A statement with lines of its own stands between blank lines; elsewhere one blank line is kept where
    the author had any.
    """
    lines: list[str] = []
    apart = False
    for node in policy.statements:
        body = has_body(node)
        if lines and (apart or body or node.notes.blank):
            lines.append("")
        lines.extend(statement(node, lang))
        apart = body
    if policy.tail:
        if lines:
            lines.append("")
        lines.extend(comments(policy.tail))
    return "".join(f"{line}\n" for line in lines)
