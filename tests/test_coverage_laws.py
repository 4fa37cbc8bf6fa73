"""Answers about small random tables, held against trying every combination out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.checker.coverage import check_tables, complete
from dsl.checker.domains import EVERYTHING_KNOWN, UNKNOWN, Domain, Region, join, join_all, meet, without
from dsl.model import AnyCell, Cell, Const, RangeCell, Row, SetCell, Table, UnknownCell
from dsl.source import Span
from dsl.types import WHOLE, YES_NO
from tests.tables import ANY, band, choice, column, const, fact, one, outcome, policy, score, table

SIZES = (0, 6)
FLAG = fact("flag", YES_NO)
SMALL = fact("small", WHOLE, Decimal(SIZES[0]), Decimal(SIZES[1]))
OTHER = fact("second", WHOLE, Decimal(SIZES[0]), Decimal(SIZES[1]))


def numbers() -> st.SearchStrategy[Cell]:
    ends = st.integers(-1, 8)
    ranges = st.builds(
        lambda low, high, kind: band(*sorted((low, high)), ends=kind),
        ends,
        ends,
        st.sampled_from(["[)", "[]", "()", "(]"]),
    )
    half = st.builds(lambda at, up: band(at, None) if up else band(None, at), ends, st.booleans())
    values = st.builds(
        lambda items, negated: SetCell(tuple(const(each) for each in items), negated),
        st.lists(st.integers(*SIZES), min_size=1, max_size=2, unique=True),
        st.booleans(),
    )
    return st.one_of(st.just(ANY), ranges, half, values, st.just(UnknownCell()))


def flags() -> st.SearchStrategy[Cell]:
    return st.sampled_from([ANY, ANY, one(True), one(False)])


rows_of_three = st.lists(st.tuples(numbers(), flags(), numbers()), min_size=1, max_size=6)
Point = tuple[int | None, bool, int | None]


def matches(cell: Cell, value: int | bool | None) -> bool:
    """A cell on a value, as the language says it; None is unknown."""
    match cell:
        case AnyCell():
            return True
        case UnknownCell():
            return value is None
        case SetCell(values=values, negated=negated):
            found = any(isinstance(each, Const) and each.value == value for each in values)
            return value is not None and found is not negated
        case RangeCell():
            if value is None:
                return False
            low = cell.low.value if isinstance(cell.low, Const) else Decimal(-100)
            high = cell.high.value if isinstance(cell.high, Const) else Decimal(100)
            assert isinstance(low, Decimal)
            assert isinstance(high, Decimal)
            return (low <= value if cell.low_included else low < value) and (
                value <= high if cell.high_included else value < high
            )


def asks(rows: list[tuple[Cell, ...]], at: int) -> bool:
    return any(isinstance(row[at], UnknownCell) for row in rows)


def space(rows: list[tuple[Cell, ...]], *, unknown: bool) -> list[Point]:
    """Every combination; with `unknown` everything that can be unknown is tried so, else only what a cell
    asks for.
    """
    values = list(range(SIZES[0], SIZES[1] + 1))
    first = [*values, *([None] if unknown or asks(rows, 0) else [])]
    third = [*values, *([None] if unknown or asks(rows, 2) else [])]
    # The flag has no default either, but nothing tells unknown from yes and no apart there.
    return list(product(first, [True, False], third))


def lay(rows: list[tuple[Cell, ...]]) -> Table:
    columns = [column(SMALL, asks(rows, 0)), column(FLAG), column(OTHER, asks(rows, 2))]
    return table(columns, *rows)


@settings(max_examples=150, deadline=None)
@given(rows_of_three)
def test_gaps_are_what_trying_out_finds(rows: list[tuple[Cell, ...]]) -> None:
    body = lay(rows)
    left_out = [
        at for at in space(rows, unknown=False) if not any(all(map(matches, row, at)) for row in rows)
    ]
    assert complete(body, policy([SMALL, FLAG, OTHER])) is not bool(left_out)
    found = check_tables(policy([SMALL, FLAG, OTHER], scores=[score(body)]))
    skips = any(each.code.code == "E405" for each in found)
    assert any(each.code.code == "E401" for each in found) == bool(left_out) or skips


@settings(max_examples=150, deadline=None)
@given(rows_of_three)
def test_rows_in_vain_are_what_trying_out_finds(rows: list[tuple[Cell, ...]]) -> None:
    found = check_tables(policy([SMALL, FLAG, OTHER], scores=[score(lay(rows))]))
    told = {
        each.span.start // 2 for each in found if each.code.code in ("E402", "E406", "E407", "E408", "E409")
    }
    first = set()
    # A flag that is unknown matches `-` alone: rows of `-` below complete ones are reached by it.
    for one_of, flag, other in product([*range(7), None], [True, False, None], [*range(7), None]):
        at = (one_of, flag, other)
        first.add(next((n for n, row in enumerate(rows) if all(map(matches, row, at))), None))
    last = len(rows) - 1
    expected = {n for n in range(len(rows)) if n not in first}
    if all(isinstance(cell, AnyCell) for cell in rows[last]):
        expected.discard(last)
    assert told == expected


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(numbers(), flags(), numbers()), min_size=2, max_size=4))
def test_two_that_hold_together_are_what_trying_out_finds(rows: list[tuple[Cell, ...]]) -> None:
    made = [Row(f"r{n}", cells, outcome(str(n)), span=Span(2 * n, 2 * n + 1)) for n, cells in enumerate(rows)]
    columns = (column(SMALL, asks(rows, 0)), column(FLAG), column(OTHER, asks(rows, 2)))
    body = Table(columns, tuple(made), Span(0, 1))
    found = check_tables(policy([SMALL, FLAG, OTHER], choices=[choice(body, exactly_one=True)]))
    told = {each.span.start // 2 for each in found if each.code.code == "E404"}
    always = {n for n, row in enumerate(rows) if all(isinstance(cell, AnyCell) for cell in row)}
    expected = set()
    for at in space(rows, unknown=True):
        holding = [n for n, row in enumerate(rows) if n not in always and all(map(matches, row, at))]
        expected.update(holding[1:])
    assert told == expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(numbers()), min_size=2, max_size=5))
def test_crossing_bands_are_what_trying_out_finds(rows: list[tuple[Cell, ...]]) -> None:
    body = table([column(SMALL, asks(rows, 0))], *rows)
    found = check_tables(policy([SMALL], scores=[score(body)]))
    ranges = [
        {value for value in range(SIZES[0], SIZES[1] + 1) if matches(cell, value)}
        for (cell,) in rows
        if isinstance(cell, RangeCell)
    ]
    crossed = any(a & b and a - b and b - a for at, a in enumerate(ranges) for b in ranges[at + 1 :])
    assert any(each.code.code == "E403" for each in found) == crossed


GRID = Domain(WHOLE, EVERYTHING_KNOWN, 0)


def _stretches(pairs: list[tuple[int, int]]) -> Region:
    return join_all(GRID.between(Fraction(min(pair)), Fraction(max(pair))) for pair in pairs)


regions = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=3).map(_stretches)


def holds(region: Region, value: int) -> bool:
    return any(low <= (0, value, 0) < high for low, high in region)


@given(regions, regions)
def test_regions_are_sets(first: Region, other: Region) -> None:
    for value in range(-1, 11):
        a, b = holds(first, value), holds(other, value)
        assert holds(meet(first, other), value) == (a and b)
        assert holds(join(first, other), value) == (a or b)
        assert holds(without(first, other), value) == (a and not b)


def test_known_and_unknown_stay_apart() -> None:
    assert join(EVERYTHING_KNOWN, UNKNOWN) == (*EVERYTHING_KNOWN, *UNKNOWN)
