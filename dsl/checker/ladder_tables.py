"""Requirement tables: what each tier asks for, a row a tier or a column a tier.

Both readings of such a table end in one grid: for each tier, in the order written, a requirement per column
(or row), each a condition or nothing. A tier is reached when all of its requirements are met. A bare number
says too little here, `20` may mean twenty at least or twenty at most, so it is refused unless the header says
which.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from dsl import ast
from dsl.checker import bounds
from dsl.checker.cases import implies
from dsl.checker.context import Context
from dsl.checker.describe import Slots, cell_slots
from dsl.checker.names import member_named, member_of
from dsl.checker.tables import cell, cell_condition, column
from dsl.messages import ladders as messages
from dsl.messages.types import ROW_CELLS
from dsl.model import Cell, Column, Expr, IsUnknown, Logic, Not, Tier, UnknownCell
from dsl.source import Span
from dsl.types import YES_NO, Kind, Member, Type


@dataclass(frozen=True, slots=True)
class _Asked:
    """One tier of the table, and what each column asks for it (None: nothing)."""

    member: Member
    requirements: tuple[Expr | None, ...]
    span: Span


# A cell together with its column and the header that says what a bare value means.
_Place = tuple[ast.Heading, Column, ast.Cell]


def tiers_of_table(
    ctx: Context, table: ast.Table, key: str, name: str, type: Type, seen: dict[str, Span]
) -> list[Tier] | None:
    """The tiers of a table, in its order; None after its problems have been reported.

    `key`, `name` and `type` are the ladder's; `seen` has the places of its tiers so far, and is added to.
    """
    if not _right_lengths(ctx, table):
        return None
    if table.head[0].keyword == "REQUIREMENT":
        asked = _by_columns(ctx, table, type)
    elif table.head[0].keyword == "TIER_HEAD":
        asked = _by_rows(ctx, table, type, 0)
    elif table.head[-1].keyword == "TIER_HEAD":
        asked = _by_rows(ctx, table, type, len(table.head) - 1)
    else:
        ctx.report.add(messages.TABLE_HEAD, table.head[0].span)
        return None
    if asked is None or not _each_once(ctx, asked, name, seen) or not _each_reachable(ctx, asked):
        return None
    return [Tier(each.member, f"{key}.{each.member.key}", _all(each), span=each.span) for each in asked]


def _right_lengths(ctx: Context, table: ast.Table) -> bool:
    wrong = [row for row in table.rows if len(row.cells) != len(table.head)]
    for row in wrong:
        ctx.report.add(ROW_CELLS, row.span, **cell_slots(len(row.cells), len(table.head)))
    return not wrong


# ---------------------------------------------------------------- a row a tier


def _by_rows(ctx: Context, table: ast.Table, type: Type, tiers: int) -> list[_Asked] | None:
    """A row a tier; `tiers` is the place of the column that names them, the first or the last."""
    columns: dict[int, Column | None] = {}
    for at, heading in enumerate(table.head):
        if at != tiers:
            unknown = any(isinstance(row.cells[at], ast.UnknownCell) for row in table.rows)
            columns[at] = column(ctx, heading, has_unknown=unknown)
    asked: list[_Asked] = []
    failed = any(each is None for each in columns.values())
    for row in table.rows:
        member = _tier_in_cell(ctx, row.cells[tiers], type)
        known = [(table.head[at], each, row.cells[at]) for at, each in columns.items() if each is not None]
        requirements = _requirements(ctx, known)
        if member is None or requirements is None:
            failed = True
        else:
            asked.append(_Asked(member, requirements, row.span))
    return None if failed else asked


def _tier_in_cell(ctx: Context, node: ast.Cell, type: Type) -> Member | None:
    match node:
        case ast.ListCell(items=(ast.Ref(word=word),), negated=False):
            return member_of(ctx, word, type)
        case ast.ListCell(items=(ast.TextValue(label=label),), negated=False):
            return member_named(ctx, label.text, type)
        case _:
            ctx.report.add(messages.TIER_CELL, node.span)
            return None


# ---------------------------------------------------------------- a column a tier


def _by_columns(ctx: Context, table: ast.Table, type: Type) -> list[_Asked] | None:
    members = [_tier_in_head(ctx, heading, type) for heading in table.head[1:]]
    failed = any(member is None for member in members)
    rows: list[tuple[Expr | None, ...]] = []
    for row in table.rows:
        heading = _required(ctx, row.cells[0])
        unknown = any(isinstance(each, ast.UnknownCell) for each in row.cells)
        lowered = None if heading is None else column(ctx, heading, has_unknown=unknown)
        if heading is None or lowered is None:
            failed = True
            continue
        asked = _requirements(ctx, [(heading, lowered, each) for each in row.cells[1:]])
        if asked is None:
            failed = True
        else:
            rows.append(asked)
    if failed:
        return None
    return [
        _Asked(member, tuple(row[at] for row in rows), heading.span)
        for at, (member, heading) in enumerate(zip(members, table.head[1:], strict=True))
        if member is not None
    ]


def _tier_in_head(ctx: Context, heading: ast.Heading, type: Type) -> Member | None:
    if isinstance(heading.expr, ast.Ref) and heading.bound is None:
        return member_of(ctx, heading.expr.word, type)
    ctx.report.add(messages.TIER_HEADER, heading.span)
    return None


def _required(ctx: Context, node: ast.Cell) -> ast.Heading | None:
    """The first cell of a requirement's row read as a header: `revenue at least`."""
    match node:
        case ast.ListCell(items=(item,), negated=False, label=None):
            return ast.Heading(expr=item, span=node.span)
        case ast.HeadingCell(heading=heading):
            return heading
        case _:
            ctx.report.add(messages.REQUIREMENT_CELL, node.span)
            return None


# ---------------------------------------------------------------- cells


def _requirements(ctx: Context, places: Iterable[_Place]) -> tuple[Expr | None, ...] | None:
    """What each cell asks for; None when one of them is wrong."""
    found: list[Expr | None] = []
    failed = False
    for heading, where, node in places:
        type = where.expr.type
        if _says_too_little(heading, node, type):
            words: Slots = {"value": ctx.words(node.span), "column": where.text}
            ctx.report.add(messages.BARE_NUMBER, node.span, **words)
            failed = True
            continue
        lowered = cell(ctx, node, type, heading.bound)
        if lowered is None:
            failed = True
        else:
            found.append(requirement(where, lowered))
    return None if failed else tuple(found)


def requirement(where: Column, asked: Cell) -> Expr | None:
    """The condition that a cell puts on its column; in a column that asks for `unknown`, the other cells ask
    for something known.
    """
    plain = cell_condition(where, asked)
    if plain is None or not where.has_unknown or isinstance(asked, UnknownCell):
        return plain
    known = Not(IsUnknown(where.expr, YES_NO, plain.span), YES_NO, plain.span)
    return Logic("and", (known, plain), YES_NO, plain.span)


def _says_too_little(heading: ast.Heading, node: ast.Cell, type: Type) -> bool:
    sized = type.kind.numeric or type.kind is Kind.DATE
    return sized and heading.bound is None and isinstance(node, ast.ListCell) and not node.negated


def _all(asked: _Asked) -> Expr | None:
    """All that is asked for a tier; None where nothing is."""
    parts = tuple(each for each in asked.requirements if each is not None)
    if len(parts) <= 1:
        return parts[0] if parts else None
    return Logic("and", parts, YES_NO, asked.span)


# ---------------------------------------------------------------- what holds of the whole


def _each_once(ctx: Context, asked: list[_Asked], name: str, seen: dict[str, Span]) -> bool:
    once = True
    for each in asked:
        first = seen.setdefault(each.member.key, each.span)
        if first is not each.span:
            words: Slots = {"tier": each.member.name, "ladder": name}
            ctx.report.add(messages.TIER_TWICE, each.span, also=(first,), **words)
            once = False
    return once


def _each_reachable(ctx: Context, asked: list[_Asked]) -> bool:
    """No tier asks, in every column, for at least as much as its neighbour before it: it would never be
    reached.

    Neighbours are enough for the usual slip, which is to write the lowest tier first.
    """
    reachable = True
    for before, after in pairwise(asked):
        if all(each is None for each in before.requirements):
            # It is `otherwise`, and that nothing may follow is said of the ladder as a whole.
            continue
        if all(
            _asks_no_less(ctx, later, earlier)
            for later, earlier in zip(after.requirements, before.requirements, strict=True)
        ):
            words: Slots = {"tier": after.member.name, "other": before.member.name}
            ctx.report.add(messages.ROW_UNREACHABLE, after.span, also=(before.span,), **words)
            reachable = False
    return reachable


def _asks_no_less(ctx: Context, later: Expr | None, earlier: Expr | None) -> bool:
    if earlier is None:
        return True
    return later is not None and implies(later, earlier, lambda read: bounds.of(ctx, read))
