"""One difference between two versions of a policy, as a record.

A difference names the rule that it is about, says what of it is another (`what`, one of the keys of
`sentences.NOUNS`), and keeps both sides in words. `decides` tells what an auditor asks first: may a customer
be graded otherwise than before, or do only words differ? Where that cannot be told for sure it is true.
"""

from __future__ import annotations

from typing import Literal, get_args

from dsl.diagnostics import Lang
from dsl.records import record
from dsl.source import NOWHERE, Span

Kind = Literal["added", "removed", "changed", "moved", "renamed"]

# What differences are about, in the order in which they are listed: by what matters to whom decides.
Group = Literal[
    "applies",
    "param",
    "fact",
    "value",
    "score",
    "ladder",
    "choice",
    "tags",
    "benefit",
    "advice",
    "movement",
    "over time",
    "example",
]
GROUPS: tuple[Group, ...] = get_args(Group)


@record
class Said:
    """The same words in both languages."""

    en: str
    zh: str

    def in_lang(self, lang: Lang) -> str:
        """The words in a language."""
        return self.en if lang == "en" else self.zh


def plain(text: str) -> Said:
    """A word that is the author's own, the same in both languages."""
    return Said(text, text)


@record
class Difference:
    """One difference.

    `rule` is the stable name, of the new version unless the rule is gone; `subject` is how a sentence calls
    it, `within` the statement that it is a line of. `before` and `after` are None for what is not there (`added`,
    `removed`, an option that one side lacks); for `moved`, `after` is what the rule now stands before (None: it
    stands last); for `renamed` they are the two names. Spans are NOWHERE on the side that lacks the rule.
    """

    kind: Kind
    group: Group
    rule: str
    what: str
    subject: Said
    within: Said | None = None
    before: Said | None = None
    after: Said | None = None
    decides: bool = True
    span_before: Span = NOWHERE
    span_after: Span = NOWHERE


def in_order(found: list[Difference]) -> tuple[Difference, ...]:
    """What decides before mere words, examples last; then by group, and as found in it."""

    def place(item: Difference) -> tuple[int, int]:
        last = 2 if item.group == "example" else 0 if item.decides else 1
        return last, GROUPS.index(item.group)

    return tuple(sorted(found, key=place))
