"""Texts brought in with `use`: only their facts and parameters come in, so that several policies can share
them.

Every text gets a number for its spans. A problem in such a text is shown at the `use` line that brought it
in, for that is the line that the author of this policy sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dsl import ast
from dsl.checker.context import Load
from dsl.diagnostics import Code, Diagnostic, PolicyError, diagnose
from dsl.messages import names as messages
from dsl.parser import parse
from dsl.source import Source, Span

# A text that is brought in by one that is brought in … that many times.
DEEPEST = 10


@dataclass(slots=True)
class Used:
    """Everything brought in: the texts by their numbers, where each was asked for, what it declares, what is
    wrong with it.
    """

    sources: list[Source] = field(default_factory=list)
    places: list[Span] = field(default_factory=list)
    declarations: list[ast.FactDecl | ast.SetDecl] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    # The problems with `use` lines that have been noted: the code, and the text that is named.
    told: set[tuple[str, str]] = field(default_factory=set)
    # Whether a text could not be brought in, so that what it declares is not known.
    missing: bool = False

    def names(self) -> Iterator[str]:
        """The names, aliases and values that come in, which Chinese may run together."""
        for node in self.declarations:
            yield from _words(node.name)
            for value in _values(node.type):
                yield from _words(value.name)


def bring_in(source: Source, policy: ast.Policy, load: Load | None) -> Used:
    """Loads and parses what a policy uses, and what that uses in its turn, each text once."""
    used = Used()
    _bring_in(used, policy, None, load, (source.hash,))
    return used


def _bring_in(
    used: Used, policy: ast.Policy, place: Span | None, load: Load | None, above: tuple[str, ...]
) -> None:
    for node in policy.statements:
        if isinstance(node, ast.Remark) and node.kind == "USE":
            _one(used, node.text, place or node.text.span, load, above)


def _one(used: Used, said: ast.Label, place: Span, load: Load | None, above: tuple[str, ...]) -> None:
    """One `use` line; `place` is the policy's own line that led here, `above` the texts on the way."""
    if len(above) > DEEPEST:
        # What such a text declares is not known, and one of them shows how to mend all.
        used.missing = True
        if all(item.code is not messages.USE_TOO_DEEP for item in used.problems):
            _say(used, messages.USE_TOO_DEEP, place, said, limit=str(DEEPEST))
        return
    source = _loaded(used, said, place, load)
    if source is None:
        return
    if source.hash in above:
        _say(used, messages.USE_RING, place, said)
        return
    if source.hash in used.numbers:
        return
    number = len(used.sources) + 1
    used.numbers[source.hash] = number
    used.sources.append(source)
    used.places.append(place)
    policy, problems = parse(source, number)
    used.problems += problems
    used.missing = used.missing or any(item.severity == "error" for item in problems)
    used.declarations += [node for node in policy.statements if isinstance(node, ast.FactDecl | ast.SetDecl)]
    _bring_in(used, policy, place, load, (*above, source.hash))


def _loaded(used: Used, said: ast.Label, place: Span, load: Load | None) -> Source | None:
    try:
        source = None if load is None else load(said.text)
    except PolicyError as error:
        # The text is there, but is no text that can be read.
        used.problems += [_at_use(item, place, said.text, 1) for item in error.diagnostics]
        used.missing = True
        return None
    if source is None:
        used.missing = True
        _say(used, messages.USE_ALONE if load is None else messages.USE_NOT_FOUND, place, said)
    return source


def _say(used: Used, code: Code, place: Span, said: ast.Label, **words: Any) -> None:
    """Notes a problem with the text that `said` names, once; where another text uses it, with that one's
    name.
    """
    if (code.code, said.text) in used.told:
        return
    used.told.add((code.code, said.text))
    hint = None
    if said.span.file > 0:
        by = used.sources[said.span.file - 1].name
        hint = (f"it is used by `{by}`", f"它由 `{by}` 引用")
    used.problems.append(diagnose(code, place, hint=hint, name=said.text, **words))


def shown_here(used: Used, item: Diagnostic) -> Diagnostic:
    """A diagnostic at a place in the policy itself: one in a text brought in moves to the line that brought
    it in.
    """
    also = tuple(span if span.file == 0 else used.places[span.file - 1] for span in item.also)
    if item.span.file == 0:
        return Diagnostic(item.code, item.span, item.words, also, item.hint)
    source, place = used.sources[item.span.file - 1], used.places[item.span.file - 1]
    return _at_use(item, place, source.name, source.place(item.span.start)[0])


def _at_use(item: Diagnostic, place: Span, name: str, line: int) -> Diagnostic:
    code = messages.USED_ERROR if item.severity == "error" else messages.USED_WARNING
    said = (
        _sentence(item.message("en"), item.help("en"), "; "),
        _sentence(item.message("zh"), item.help("zh"), "；"),
    )
    return diagnose(code, place, hint=said, name=name, line=str(line))


def _sentence(message: str, help: str, joint: str) -> str:
    return f"{message}{joint}{help}" if help else message


def _words(name: ast.Declared) -> Iterator[str]:
    yield name.word.text
    if name.alias is not None:
        yield name.alias.text


def _values(type: ast.TypeName | None) -> tuple[ast.EnumValue, ...]:
    if type is None:
        return ()
    return type.values or _values(type.item)
