"""Tables: what is left out, what is in vain, what crosses, each on a small table with its message."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dsl.checker.coverage import check_tables, complete
from dsl.model import (
    Cell,
    Compare,
    IsUnknown,
    Logic,
    Not,
    Param,
    RangeCell,
    Read,
    Row,
    Score,
    SetCell,
    Table,
    UnknownCell,
)
from dsl.source import Span
from dsl.types import DATE, MONEY, NUMBER, PERCENT, TEXT, WHOLE, YES_NO
from tests.tables import (
    AMOUNT,
    ANY,
    ORDERS,
    PLACE,
    REGION,
    above,
    band,
    check,
    choice,
    column,
    const,
    fact,
    line,
    one,
    outcome,
    policy,
    problems,
    read,
    score,
    table,
)

# ---------------------------------------------------------------- gaps


def test_the_worked_example_is_complete() -> None:
    bands = [(None, 200), (200, 1000), (1000, 3000), (3000, None)]
    body = table([column(AMOUNT)], *((band(low, high),) for low, high in bands))
    assert check([AMOUNT], body) == []
    assert complete(body, policy([AMOUNT]))


def test_a_gap_is_named_in_the_policys_words() -> None:
    body = table(
        [column(AMOUNT), column(PLACE)],
        (band(None, 1000000), ANY),
        (band(1000000, 3000000), one("west", "north")),
        (band(3000000, None), ANY),
    )
    assert check([AMOUNT, PLACE], body) == [
        "E401 no row for `order_amount` from 1,000,000 to below 3,000,000 when `region` is `east`"
    ]
    (found,) = check_tables(policy([AMOUNT, PLACE], scores=[score(body)]))
    assert (
        found.message("zh")
        == "没有适用于 `order_amount` 自 1,000,000 至 3,000,000（不含） 且 `region` 为 `east` 的行"
    )
    assert not complete(body, policy([AMOUNT, PLACE]))


def test_several_gaps_are_named_and_the_bounds_of_a_fact_count() -> None:
    body = table([column(ORDERS)], (band(5, 10),), (band(20, 51),))
    (first,) = check([ORDERS], body)
    assert first == "E401 no row for `orders` up to 4 or between 10 and 19"


def test_a_fine_number_lies_on_its_own_grid() -> None:
    # Money has four decimals at most: from 99.9999 to 100 there is nothing.
    body = table([column(AMOUNT)], (band(None, "99.9999", ends="[]"),), (band(100, None),))
    assert check([AMOUNT], body) == []
    body = table([column(AMOUNT)], (band(None, "99.99", ends="[]"),), (band(100, None),))
    assert check([AMOUNT], body) == ["E401 no row for `order_amount` over 99.99 and below 100"]


def test_unknown_counts_where_a_cell_asks_for_it() -> None:
    listed = fact("listed", YES_NO)
    columns = [column(listed, has_unknown=True), column(PLACE)]
    body = table(columns, (one(True), ANY), (one(False), ANY), (UnknownCell(), one("east", "west")))
    assert check([listed, PLACE], body) == ["E401 no row for `listed` unknown when `region` is `北`"]
    body = table([column(listed)], (one(True),), (one(False),))
    assert check([listed], body) == []


def test_dates_percentages_durations_and_texts_are_spelt() -> None:
    since, share, code = fact("since", DATE), fact("share", PERCENT), fact("code", TEXT)
    days = (RangeCell(None, const(date(2026, 1, 31), DATE), high_included=True),)
    later = (RangeCell(const(date(2026, 3, 1), DATE), None),)
    assert check([since], table([column(since)], days, later)) == [
        "E401 no row for `since` from 2026-02-01 until 2026-02-28"
    ]
    assert check(
        [share], table([column(share)], (band(None, "0.15"),), (band("0.15", None, ends="(]"),))
    ) == ["E401 no row for `share` 15%"]
    named = SetCell((const("gold", TEXT), const("vip", TEXT)))
    assert check([code], table([column(code)], (named,))) == ["E401 no row for `code` any other text"]
    assert check([code], table([column(code)], (named,), (SetCell(named.values, negated=True),))) == []


def test_two_columns_of_one_thing_are_one() -> None:
    body = table(
        [column(ORDERS), column(ORDERS)],
        (band(10, None), band(None, 20)),
        (band(None, 10), ANY),
        (ANY, band(20, None)),
    )
    assert check([ORDERS], body) == []


def test_customers_to_whom_the_policy_does_not_apply_need_no_row() -> None:
    body = table([column(PLACE)], (one("east"),), (one("west"),))
    whole = policy([PLACE], scores=[score(body)])
    assert problems(check_tables(whole)) == ["E401 no row for `region` `北`"]
    applied = replace(whole, applies=Compare("<>", read(PLACE), const("north", REGION), YES_NO))
    assert check_tables(applied) == []
    assert complete(body, applied)
    assert not complete(body, whole)


# ---------------------------------------------------------------- rows in vain


def test_a_row_that_another_covers_is_never_reached() -> None:
    body = table([column(AMOUNT)], (band(None, 500),), (band(100, 200),), (band(500, None),))
    assert check([AMOUNT], body) == [
        "E402 this row is never reached: everything in it is already taken by line 1"
    ]


def test_a_row_that_several_cover_together_is_never_reached() -> None:
    body = table(
        [column(AMOUNT), column(PLACE)],
        (ANY, one("east")),
        (band(None, 500), ANY),
        (band(500, None), one("west", "north")),
        (band(100, 900), one("west")),
    )
    # The last row crosses none: it shares its region with bands that it lies across.
    assert [each for each in check([AMOUNT, PLACE], body) if each.startswith("E402")] == [
        "E402 this row is never reached: everything in it is already taken by lines 2, 3"
    ]


def test_a_last_row_of_anything_is_no_mistake() -> None:
    body = table([column(PLACE)], (one("east"),), (one("west", "north"),), (ANY,))
    assert check([PLACE], body) == []


def test_a_row_beyond_what_a_score_comes_to_is_a_warning_and_beyond_its_bounds_an_error() -> None:
    points = score(table([column(PLACE)], (ANY,)))
    total = Read("score", "s", NUMBER)
    for high, code in ((None, "W405"), (Decimal(100), "W405"), (Decimal(1), "E407")):
        held = replace(points, low=None if high is None else Decimal(0), high=high)
        rows = Table((column(total),), (Row("r", (band(50, None),), const(1)), Row("q", (ANY,), const(2))))
        other = Score(name="t", key="t", type=NUMBER, parts=(rows,))
        found = check_tables(policy([PLACE], scores=[held, other]))
        assert [each.code.code for each in found] == [code]


def test_cells_that_can_never_match() -> None:
    known = fact("known", WHOLE, Decimal(0), default=Decimal(1))
    assert check([ORDERS], table([column(ORDERS)], (band(5, 3),), (ANY,))) == [
        "E406 there is nothing in `orders` from 5 to 3"
    ]
    assert check([ORDERS], table([column(ORDERS)], (band(5, 5),), (ANY,))) == [
        "E406 there is nothing in `orders` from 5 to 5"
    ]
    assert check([AMOUNT], table([column(AMOUNT)], (band(None, 0),), (ANY,))) == [
        "E407 this row can never match: `order_amount` is 0 or more, and the cell asks for below 0"
    ]
    assert check([ORDERS], table([column(ORDERS)], (band(60, None),), (ANY,))) == [
        "E407 this row can never match: `orders` is between 0 and 50, and the cell asks for 60 or more"
    ]
    (never,) = check([known], table([column(known, True)], (UnknownCell(),), (ANY,)))
    assert never.startswith("E408")
    (apart,) = check([ORDERS], table([column(ORDERS), column(ORDERS)], (band(1, 5), band(6, 9)), (ANY, ANY)))
    assert apart.startswith("E409")


# ---------------------------------------------------------------- bands


def test_bands_that_cross_are_an_error_and_bands_inside_bands_are_not() -> None:
    body = table([column(AMOUNT)], (band(0, 100),), (band(50, 200),), (ANY,))
    assert check([AMOUNT], body) == [
        "E403 this row crosses the one in line 1: both hold for `order_amount` from 50 to below 100"
    ]
    cascade = table([column(AMOUNT)], (band(500, None),), (band(100, None),), (ANY,))
    assert check([AMOUNT], cascade) == []


def test_bands_of_rows_that_never_meet_do_not_cross() -> None:
    rows: list[tuple[Cell, ...]] = [(band(0, 100), one("east")), (band(50, 200), one("west")), (ANY, ANY)]
    assert check([AMOUNT, PLACE], table([column(AMOUNT), column(PLACE)], *rows)) == []


def test_bands_that_skip_one_whole_number_are_an_error_even_before_anything_else() -> None:
    body = table([column(ORDERS)], (band(18, 21),), (band(22, 25),), (ANY,))
    (found,) = check_tables(policy([ORDERS], scores=[score(body)]))
    assert found.message() == "21 lies between two bands: one ends before it, the next starts at 22"
    assert found.help() == "`18 to 21` leaves out 21: write `18 to 22` or `between 18 and 21`"
    assert found.help("zh") == "`18 至 21` 不含 21：请写 `18 至 22` 或 `介于 18 与 21`"


def test_a_skipped_value_that_a_row_names_is_not_skipped() -> None:
    body = table([column(ORDERS)], (band(18, 21),), (one(Decimal(21)),), (band(22, 25),), (ANY,))
    assert check([ORDERS], body) == []
    rows: list[tuple[Cell, ...]] = [(band(18, 21), one("east")), (band(22, 25), one("west")), (ANY, ANY)]
    assert check([ORDERS, PLACE], table([column(ORDERS), column(PLACE)], *rows)) == []


def test_what_is_skipped_is_reported_once() -> None:
    body = table([column(ORDERS)], (band(None, 21),), (band(22, None),))
    assert [each[:4] for each in check([ORDERS], body)] == ["E405"]


# ---------------------------------------------------------------- parameters


def test_a_dated_parameter_is_checked_on_every_stretch_of_days() -> None:
    limit = Param(
        name="limit", key="limit", type=MONEY, value=Decimal(100), dated=((date(2026, 7, 1), Decimal(90)),)
    )
    body = table([column(AMOUNT)], (RangeCell(None, read(limit)),), (band(100, None),))
    found = check_tables(policy([AMOUNT], params=[limit], scores=[score(body)], start=date(2026, 1, 1)))
    assert problems(found) == ["E401 no row for `order_amount` from 90 to below 100"]
    assert found[0].help().startswith("so it is from 2026-07-01 on")


def test_what_depends_on_the_customer_is_said_not_to_be_checked() -> None:
    goal = fact("goal", MONEY, Decimal(0))
    body = table([column(AMOUNT)], (RangeCell(None, read(goal)),), (RangeCell(read(goal), None),))
    found = check([AMOUNT, goal], body)
    assert [each[:4] for each in found] == ["W401"]


# ---------------------------------------------------------------- choices


def test_exactly_one_allows_no_two_rows_together() -> None:
    rows = (
        Row("r1", (band(0, 10),), outcome("a"), span=Span(0, 1)),
        Row("r2", (band(5, 20),), outcome("b"), span=Span(2, 3)),
        Row("r3", (band(20, None),), outcome("c"), span=Span(4, 5)),
    )
    body = Table((column(ORDERS),), rows, Span(0, 5))
    found = check_tables(policy([ORDERS], choices=[choice(body, exactly_one=True)]))
    assert problems(found) == [
        "E404 `c` allows exactly one outcome, but this and line 1 both hold for `orders` between 5 and 9"
    ]


def test_exactly_one_over_lines() -> None:
    small = Not(above(10), YES_NO)
    body = (line(1, above(10), "a"), line(2, small, "b"), line(3, None, "c"))
    assert check_tables(policy([ORDERS], choices=[choice(*body, exactly_one=True)])) == []
    body = (line(1, above(10), "a"), line(2, above(20), "b"), line(3, None, "c"))
    found = check_tables(policy([ORDERS], choices=[choice(*body, exactly_one=True)]))
    assert problems(found)[0].startswith("W404")
    assert problems(found)[1].endswith("both hold for `orders` 20 or more")


def test_lines_that_are_never_reached_warn() -> None:
    body = (line(1, above(10), "a"), line(2, above(10), "b"), line(3, above(30), "c"), line(4, None, "d"))
    found = check_tables(policy([ORDERS], choices=[choice(*body)]))
    assert [each[:4] for each in problems(found)] == ["W404", "W404"]


def test_a_line_that_only_unknown_reaches_is_reached() -> None:
    unknown = IsUnknown(read(ORDERS), YES_NO)
    body = (
        line(1, above(10), "a"),
        line(2, Not(above(10), YES_NO), "b"),
        line(3, unknown, "c"),
        line(4, None, "d"),
    )
    assert check_tables(policy([ORDERS], choices=[choice(*body)])) == []


def test_a_line_behind_a_table_covers_what_the_table_leaves_out() -> None:
    rows = (Row("r1", (band(0, 10),), outcome("a"), span=Span(0, 1)),)
    body = Table((column(ORDERS),), rows, Span(0, 1))
    assert check_tables(policy([ORDERS], choices=[choice(body, line(2, None, "b"))])) == []
    assert check_tables(policy([ORDERS], choices=[choice(body, line(2, above(10), "b"))])) == []
    found = check_tables(policy([ORDERS], choices=[choice(body, line(2, above(12), "b"))]))
    assert problems(found) == ["E401 no row for `orders` between 10 and 11"]


def test_what_cannot_be_taken_apart_is_not_taken_for_complete() -> None:
    other = fact("other", WHOLE)
    rows = (Row("r1", (band(0, 10),), outcome("a"), span=Span(0, 1)),)
    body = Table((column(ORDERS),), rows, Span(0, 1))
    more = Compare(">", read(ORDERS), read(other), YES_NO)
    found = check_tables(policy([ORDERS, other], choices=[choice(body, line(2, more, "b"))]))
    assert [each.code.code for each in found] == ["W403"]
    less = Compare("<=", read(ORDERS), read(other), YES_NO)
    both = (body, line(2, more, "b"), line(3, less, "c"))
    assert check_tables(policy([ORDERS, other], choices=[choice(*both)])) == []


def test_conditions_of_many_pieces_are_taken_whole() -> None:
    flags = [fact(f"f{n}", YES_NO) for n in range(40)]
    either = [Logic("or", (read(flags[n]), read(flags[n + 1])), YES_NO) for n in range(0, 40, 2)]
    body = (line(1, Logic("and", tuple(either), YES_NO), "a"), line(2, None, "b"))
    assert check_tables(policy(flags, choices=[choice(*body)])) == []


# ---------------------------------------------------------------- size


def test_a_table_that_is_too_much_work_is_said_to_be() -> None:
    facts = [fact(f"f{n}", WHOLE, Decimal(0), Decimal(1000)) for n in range(24)]
    # Every row leaves all columns but two open: the union is a formula, and formulas are hard.
    rows = []
    for n in range(180):
        cells: list[Cell] = [ANY] * len(facts)
        cells[n * 7 % 24] = band(n * 13 % 500, n * 13 % 500 + 400)
        cells[(n * 11 + 5) % 24] = band(n * 29 % 500, n * 29 % 500 + 450)
        rows.append(tuple(cells))
    found = check(facts, table([column(each) for each in facts], *rows))
    assert any(each.startswith("W402") for each in found)


@pytest.mark.parametrize("columns", [1, 2])
def test_a_long_table_is_checked_wholly(columns: int) -> None:
    facts = [AMOUNT, PLACE][:columns]
    rows: list[tuple[Cell, ...]] = []
    for n in range(2000 if columns == 1 else 666):
        bands = band(n * 10, None if n == (1999 if columns == 1 else 665) else n * 10 + 10)
        rows += [(bands,)] if columns == 1 else [(bands, one(each)) for each in ("east", "west", "north")]
    body = table([column(each) for each in facts], *rows)
    assert check(facts, body) == []
    broken = table([column(each) for each in facts], *rows[:1000], *rows[1001:])
    assert [each[:4] for each in check(facts, broken)] == ["E401"]
