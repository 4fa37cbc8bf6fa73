"""What belongs to a ladder or a choice: its tiers, its outcomes.

They have to be known before any expression is typed, because `grade is at least B` reads them; so they are
gathered from wherever the author may have put them: lines, the first column or the header of a requirement
table, the last column, another ladder. Whether each of these places makes sense is for the passes that lower
ladders and choices to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from dsl import ast
from dsl.checker.context import key_of
from dsl.types import Member


def ladder_members(nodes: Iterable[ast.TiersDecl]) -> dict[str, tuple[Member, ...]]:
    """The tiers of every ladder, best first, by the ladder's name; without those that have none."""
    ladders: dict[str, ast.TiersDecl] = {}
    for node in nodes:
        for word in (node.name.word, *([node.name.alias] if node.name.alias else [])):
            ladders.setdefault(word.text, node)
    own = {name: _distinct(_tiers(node)) if node.like is None else () for name, node in ladders.items()}
    origins: dict[str, str | None] = {}
    found: dict[str, tuple[Member, ...]] = {}
    for name, node in ladders.items():
        origin = _origin(name, ladders, origins)
        if origin is not None and own[origin]:
            found[node.name.word.text] = own[origin]
    return found


def members_of_choice(body: Iterable[ast.OutcomeLine | ast.Table]) -> tuple[Member, ...]:
    """The outcomes of a segment, a choice or tags, in the order written."""
    return _distinct(_outcomes(body))


def member_of_cell(cell: ast.Cell) -> Member | None:
    """The tier or outcome that a table's cell names: a word, a text, either with a label behind it; None for
    any other cell.
    """
    match cell:
        case ast.ListCell(items=(ast.Ref(word=word),), negated=False, label=label, alias=alias):
            return named_member(ast.Declared(word, alias), label)
        case ast.ListCell(items=(ast.TextValue(label=text),), negated=False):
            return text_member(text)
        case _:
            return None


def named_member(name: ast.Declared, label: ast.Label | None) -> Member:
    """A member with a name of its own, and perhaps a label."""
    return Member(
        name.word.text,
        key_of(name),
        None if label is None else label.text,
        None if label is None else label.translation,
    )


def text_member(label: ast.Label) -> Member:
    """An outcome without a code: its text is its name."""
    return Member(label.text, label.text, label.text, label.translation, is_text=True)


def _origin(name: str, ladders: dict[str, ast.TiersDecl], origins: dict[str, str | None]) -> str | None:
    """The ladder whose lines a ladder shares, itself where it has its own; None in a ring or where there is
    no such ladder. What is found is noted in `origins`, so that a chain is walked once.
    """
    way: dict[str, None] = {}
    at: str | None = name
    while at is not None:
        if at in origins:
            at = origins[at]
            break
        node = ladders.get(at)
        if node is None or at in way:
            at = None
            break
        way[at] = None
        if node.like is None:
            break
        at = node.like.text
    origins.update(dict.fromkeys(way, at))
    return at


def _tiers(node: ast.TiersDecl) -> Iterator[Member]:
    for line in node.body:
        match line:
            case ast.TierLine(name=name, label=label):
                yield named_member(name, label)
            case ast.Table():
                yield from _tiers_of_table(line)
            case ast.LimitLine():
                continue


def _tiers_of_table(table: ast.Table) -> Iterator[Member]:
    if not table.head:
        return
    if table.head[0].keyword == "REQUIREMENT":
        for heading in table.head[1:]:
            if isinstance(heading.expr, ast.Ref):
                yield named_member(ast.Declared(heading.expr.word), None)
        return
    at = 0 if table.head[0].keyword == "TIER_HEAD" else len(table.head) - 1
    for row in table.rows:
        member = member_of_cell(row.cells[at]) if at < len(row.cells) else None
        if member is not None:
            yield member


def _outcomes(body: Iterable[ast.OutcomeLine | ast.Table]) -> Iterator[Member]:
    for line in body:
        match line:
            case ast.OutcomeLine(code=ast.Declared() as code, text=text):
                yield named_member(code, text)
            case ast.OutcomeLine(text=ast.Label() as text):
                yield text_member(text)
            case ast.OutcomeLine():
                continue
            case ast.Table(rows=rows):
                for row in rows:
                    member = member_of_cell(row.cells[-1]) if row.cells else None
                    if member is not None:
                        yield member


def _distinct(members: Iterable[Member]) -> tuple[Member, ...]:
    """Each member once; a label or a translation that only a later mention gives is kept."""
    found: dict[str, Member] = {}
    for member in members:
        known = found.setdefault(member.name, member)
        if known.label is None or (known.translation is None and known.label == member.label):
            found[member.name] = replace(known, label=member.label, translation=member.translation)
    return tuple(found.values())
