"""Tables: which row matches, found without going through the rows.

Every column is cut into pieces on which each of its cells gives the same answer: for sizes the points at
which some cell begins or ends and the stretches between them, found by bisection; for everything else the
values that cells name, found in a dictionary. A piece knows its rows as the bits of a number, the first row
lowest; the rows that match are the bits that all columns have in common. A single column's piece knows its
first row at once.

Cells that are not constant (a limit that is itself a fact) cannot be cut; such a table's rows are tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from operator import xor
from typing import assert_never

from dsl.model import AnyCell, Cell, Column, Expr, RangeCell, Row, SetCell, Table, UnknownCell
from dsl.records import record
from dsl.types import Kind, Type, Value, is_whole
from engine.compiled.draft import Draft, Fragment
from engine.compiled.expressions import FALSE, compared, expression, joined, negated, one_of

Size = Decimal | date


@record
class Index:
    """The pieces of a column, each with its rows as bits.

    `place` is Python for a customer's piece. `unknown` are the rows whose cell says `unknown`, or anything;
    None where no cell of the column asks. `anything` are the rows whose cell is `-`.
    """

    place: str
    pieces: list[int] | dict[Value, int]
    other: int
    unknown: int | None
    anything: int


def heads_of(draft: Draft, table: Table) -> list[Fragment]:
    """The values of a table's columns, each under a name."""
    return [draft.kept(expression(draft, column.expr)) for column in table.columns]


def row_number(draft: Draft, table: Table, heads: Sequence[Fragment]) -> str | None:
    """Python for the number of the first row that matches, -1 for none; None where rows must be tried."""
    indexes = _indexes(draft, table, heads)
    if indexes is None:
        return None
    if len(indexes) == 1 and not _both_ways(heads[0], indexes[0]):
        return _lookup(draft, heads[0], _first_rows(indexes[0]))
    possible, sure = _bits(draft, table, heads, indexes)
    if possible != sure:
        with draft.block(f"if {possible} & -{possible} != {sure} & -{sure}:"):
            draft.line("raise Undecided")
    return f"({possible} & -{possible}).bit_length() - 1"


def row_bits(draft: Draft, table: Table, heads: Sequence[Fragment]) -> str | None:
    """The name of the number whose bits are all rows that match; None where rows must be tried."""
    indexes = _indexes(draft, table, heads)
    if indexes is None:
        return None
    possible, sure = _bits(draft, table, heads, indexes)
    if possible != sure:
        with draft.block(f"if {possible} != {sure}:"):
            draft.line("raise Undecided")
    return possible


def row_condition(draft: Draft, table: Table, row: Row, heads: Sequence[Fragment]) -> Fragment:
    """The condition of one row, to be tried."""
    cells = zip(table.columns, row.cells, heads, strict=True)
    return joined(draft, "and", [_cell(draft, *each) for each in cells if not isinstance(each[1], AnyCell)])


def _cell(draft: Draft, column: Column, cell: Cell, head: Fragment) -> Fragment:
    if isinstance(cell, UnknownCell):
        return Fragment(f"({head.text} is None)") if head.optional else FALSE
    matches = _matches(draft, column.expr.type, cell, head)
    if column.has_unknown and head.optional:
        return joined(draft, "and", [Fragment(f"({head.text} is not None)"), matches])
    return matches


def _matches(draft: Draft, type: Type, cell: Cell, head: Fragment) -> Fragment:
    match cell:
        case SetCell(values, negative):
            among = one_of(draft, head, [expression(draft, value) for value in values], type)
            return negated(draft, among) if negative else among
        case RangeCell(low, high):
            tests = []
            if low is not None:
                sign = ">=" if cell.low_included else ">"
                tests.append(compared(draft, sign, head, expression(draft, low), type))
            if high is not None:
                sign = "<=" if cell.high_included else "<"
                tests.append(compared(draft, sign, head, expression(draft, high), type))
            return joined(draft, "and", tests)
        case AnyCell() | UnknownCell():
            raise ValueError("a cell without values")
        case _:
            assert_never(cell)


# ---------------------------------------------------------------- looking up


def _both_ways(head: Fragment, index: Index) -> bool:
    """Whether rows may be neither ruled out nor sure: an unknown, and no cell that asks for it."""
    return head.optional and index.unknown is None


def _bits(draft: Draft, table: Table, heads: Sequence[Fragment], indexes: Sequence[Index]) -> tuple[str, str]:
    """The names of the rows that are possible and of those that are sure; one name where they are the same."""
    every = (1 << len(table.rows)) - 1
    columns = list(zip(heads, indexes, strict=True))
    possible = draft.fresh("m")
    draft.line(f"{possible} = {' & '.join(_lookup(draft, *each, unknown=every) for each in columns)}")
    if not any(_both_ways(*each) for each in columns):
        return possible, possible
    sure = draft.fresh("m")
    texts = [_lookup(draft, head, index, unknown=index.anything) for head, index in columns]
    draft.line(f"{sure} = {' & '.join(texts)}")
    return possible, sure


def _lookup(draft: Draft, head: Fragment, index: Index, unknown: int = 0) -> str:
    """Python for what a customer's piece holds."""
    pieces = draft.constant(index.pieces)
    found = f"{pieces}[{index.place}]"
    if isinstance(index.pieces, dict):
        found = f"{pieces}.get({index.place}, {draft.constant(index.other)})"
    if not head.optional:
        return found
    at_unknown = unknown if index.unknown is None else index.unknown
    return f"({draft.constant(at_unknown)} if {head.text} is None else {found})"


def _first_rows(index: Index) -> Index:
    """The same with each piece's first row in place of the bits."""
    pieces: list[int] | dict[Value, int]
    if isinstance(index.pieces, dict):
        pieces = {value: _first(bits) for value, bits in index.pieces.items()}
    else:
        pieces = [_first(bits) for bits in index.pieces]
    unknown = None if index.unknown is None else _first(index.unknown)
    return Index(index.place, pieces, _first(index.other), unknown, index.anything)


def _first(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


# ---------------------------------------------------------------- cutting columns into pieces


def _indexes(draft: Draft, table: Table, heads: Sequence[Fragment]) -> list[Index] | None:
    found: list[Index] = []
    for at, (column, head) in enumerate(zip(table.columns, heads, strict=True)):
        cells = [row.cells[at] for row in table.rows]
        values = _constants(draft, cells)
        if values is None or column.expr.type.kind is Kind.LIST:
            return None
        sized = column.expr.type.kind.numeric or column.expr.type.kind is Kind.DATE
        index = _sizes(draft, column, head, cells, values) if sized else _named(column, head, cells, values)
        found.append(index)
    return found


def _constants(draft: Draft, cells: Sequence[Cell]) -> dict[int, Value] | None:
    """The values in the cells, by the identity of their expressions; None where one is not constant."""
    exprs: list[Expr] = []
    for cell in cells:
        match cell:
            case SetCell(values):
                exprs += values
            case RangeCell(low, high):
                exprs += [end for end in (low, high) if end is not None]
    found = {id(expr): expression(draft, expr).value for expr in exprs}
    constants = {key: value for key, value in found.items() if value is not None}
    return constants if len(constants) == len(found) else None


def _unknown_rows(column: Column, cells: Sequence[Cell]) -> tuple[int | None, int]:
    """The rows for an unknown, where cells ask for it; and those that take anything."""
    anything = _rows(cells, AnyCell)
    return (anything | _rows(cells, UnknownCell)) if column.has_unknown else None, anything


def _rows(cells: Sequence[Cell], kind: type[Cell]) -> int:
    return sum(1 << row for row, cell in enumerate(cells) if isinstance(cell, kind))


def _sizes(
    draft: Draft, column: Column, head: Fragment, cells: Sequence[Cell], values: Mapping[int, Value]
) -> Index:
    """Numbers and dates. The pieces of n points are 2n + 1: below the first, the first itself, up to the
    second, and so on; where every point belongs with one of its sides, they are put together.
    """
    points = sorted({value for value in values.values() if isinstance(value, Decimal | date)})
    place = {point: 2 * number + 1 for number, point in enumerate(points)}
    unknown, anything = _unknown_rows(column, cells)
    pieces = _pieces(cells, values, place, anything)
    bounds = draft.constant(_alike(points, head))
    left, right = (f"bisect_{side}({bounds}, {head.text})" for side in ("left", "right"))
    if pieces[1::2] == pieces[2::2]:
        return Index(right, pieces[::2], 0, unknown, anything)
    if pieces[1::2] == pieces[:-1:2]:
        return Index(left, pieces[::2], 0, unknown, anything)
    return Index(f"{left} + {right}", pieces, 0, unknown, anything)


def _alike(points: Sequence[Size], head: Fragment) -> Sequence[Size | Fraction | int]:
    """The points in the sort that the column's numbers have: those are compared fastest."""
    numbers = [point for point in points if isinstance(point, Decimal)]
    if head.sort == "fraction":
        return [Fraction(number) for number in numbers]
    if head.sort == "int" and all(is_whole(number) for number in numbers):
        return [int(number) for number in numbers]
    return points


def _pieces(
    cells: Sequence[Cell], values: Mapping[int, Value], place: Mapping[Size, int], anything: int
) -> list[int]:
    """The rows of each piece, beside those that take anything.

    A row is noted only where it begins and ends to match, and the pieces are gone through once: to note it on every
    piece would take the square of the rows where each is open at one end.
    """
    count = 2 * len(place) + 1
    turns = [0] * (count + 1)
    for row, cell in enumerate(cells):
        for first, behind in _stretches(cell, values, place, count):
            if first < behind:
                turns[first] ^= 1 << row
                turns[behind] ^= 1 << row
    return [rows | anything for rows in accumulate(turns[:-1], xor)]


def _stretches(
    cell: Cell, values: Mapping[int, Value], place: Mapping[Size, int], count: int
) -> Iterator[tuple[int, int]]:
    """The first piece on which a cell matches and the first behind that on which it does not, and so on."""
    match cell:
        case SetCell(among, negative):
            named = sorted({place[_size(values, each)] for each in among})
            if negative:
                yield from zip([0, *(each + 1 for each in named)], [*named, count], strict=True)
            else:
                yield from ((each, each + 1) for each in named)
        case RangeCell(low, high):
            first = 0 if low is None else place[_size(values, low)] + (not cell.low_included)
            last = count - 1 if high is None else place[_size(values, high)] - (not cell.high_included)
            yield first, last + 1
        case AnyCell() | UnknownCell():
            return
        case _:
            assert_never(cell)


def _size(values: Mapping[int, Value], expr: Expr) -> Size:
    value = values[id(expr)]
    assert isinstance(value, Decimal | date), "a column of sizes has cells of sizes"
    return value


def _named(column: Column, head: Fragment, cells: Sequence[Cell], values: Mapping[int, Value]) -> Index:
    """Values without a size, and tiers: the pieces are the values that cells name, and all others."""
    tiers = [member.key for member in column.expr.type.members] if column.expr.type.kind is Kind.TIER else []
    unknown, anything = _unknown_rows(column, cells)
    # Rows that name a value, and rows with `not` that leave it out.
    named: dict[Value, int] = dict.fromkeys([*values.values(), *tiers], 0)
    left_out = dict(named)
    other = anything
    for row, cell in enumerate(cells):
        match cell:
            case SetCell(among, negative):
                other |= negative << row
                noted, its = (left_out if negative else named), {values[id(each)] for each in among}
            case RangeCell():
                noted, its = named, set(_tiers_between(cell, values, tiers))
            case AnyCell() | UnknownCell():
                continue
            case _:
                assert_never(cell)
        for value in its:
            noted[value] |= 1 << row
    pieces: dict[Value, int] = {value: rows | other & ~left_out[value] for value, rows in named.items()}
    return Index(head.text, pieces, other, unknown, anything)


def _tiers_between(cell: RangeCell, values: Mapping[int, Value], tiers: Sequence[str]) -> list[Value]:
    """The tiers of a range; they are in order, best first, and a better one is greater."""
    best = 0 if cell.high is None else tiers.index(str(values[id(cell.high)])) + (not cell.high_included)
    last = len(tiers) - 1
    if cell.low is not None:
        last = tiers.index(str(values[id(cell.low)])) - (not cell.low_included)
    return [*tiers[best : last + 1]]
