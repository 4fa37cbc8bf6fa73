"""Ladders: three ways of writing one, `like`, floors and caps, and what must be true of them all."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.checker.thresholds import Start, figure, out_of_order
from dsl.model import Compare, Const, Ladder, Logic, Param, Read
from dsl.types import NUMBER
from tests.checked import compiled, problems, sentences

THREE = "tiers grade by total\n  A from 80\n  B over 60\n  C otherwise\n"


def ladder(body: str, key: str = "grade") -> Ladder:
    return compiled(body).ladders[key]


# ---------------------------------------------------------------- the model


def test_thresholds_become_comparisons() -> None:
    grade = ladder(THREE)
    ops = [tier.condition.op if isinstance(tier.condition, Compare) else None for tier in grade.tiers]
    assert ops == [">=", ">", None]
    assert [tier.rule for tier in grade.tiers] == ["grade.A", "grade.B", "grade.C"]
    assert isinstance(grade.by, Read)
    assert grade.by.key == "total"


def test_what_is_asked_beside_a_threshold_joins_it() -> None:
    grade = ladder("tiers grade by total\n  A from 80 and strategic\n  B otherwise\n")
    assert isinstance(grade.tiers[0].condition, Logic)
    assert grade.tiers[0].condition.op == "and"
    assert grade.tiers[0].threshold is not None


def test_like_shares_lines_and_compares_with_its_own_figure() -> None:
    body = THREE.replace("  C otherwise\n", "  C otherwise\n  at least B when strategic\n")
    other = ladder(body + "tiers by_orders by orders like grade\n", "by_orders")
    assert [tier.key for tier in other.tiers] == ["A", "B", "C"]
    assert isinstance(other.tiers[0].condition, Compare)
    assert isinstance(other.tiers[0].condition.left, Read)
    assert other.tiers[0].condition.left.key == "orders"
    assert other.floors == ()


def test_like_through_another_like() -> None:
    body = "tiers b by orders like a\ntiers a by total like grade\n" + THREE
    assert [tier.key for tier in ladder(body, "b").tiers] == ["A", "B", "C"]


@pytest.mark.parametrize(
    "table",
    [
        "| tier | orders at least | strategic |\n| A | 20 | yes |\n| B | 10 | - |\n| C | - | - |\n",
        "| orders | strategic | tier |\n| 20 or more | yes | A |\n| 10 or more | - | B |\n| - | - | C |\n",
        "| tier | orders at least | strategic |\n| A | 20 | yes |\n| B | 10 | - |\n  C otherwise\n",
        "| requirement | A | B | C |\n| orders at least | 20 | 10 | - |\n| strategic | yes | - | - |\n",
    ],
)
def test_every_shape_of_table_is_one_ladder(table: str) -> None:
    grade = ladder("tiers grade\n" + table)
    lines = ladder("tiers grade\n  A when orders >= 20 and strategic\n  B when orders >= 10\n  C otherwise\n")
    assert [(tier.key, tier.condition) for tier in grade.tiers] == [
        (tier.key, tier.condition) for tier in lines.tiers
    ]


def test_beside_an_unknown_cell_the_others_ask_for_something_known() -> None:
    grade = ladder("tiers grade\n| tier | stage |\n| A | contract |\n| B | unknown |\n| C | - |\n")
    assert isinstance(grade.tiers[0].condition, Logic)
    assert [type(part).__name__ for part in grade.tiers[0].condition.args] == ["Not", "Compare"]


def test_for_an_unknown_cell_no_tier_is_out_of_reach() -> None:
    rows = "| A | contract |\n| B | unknown |\n| C | delivery |\n| D | - |\n"
    assert problems("tiers t\n| tier | stage |\n" + rows) == []
    again = rows.replace("delivery", "unknown")
    assert problems("tiers t\n| tier | stage |\n" + again) == [("E523", "| C | unknown |")]


def test_floors_and_caps_are_named_after_their_reasons() -> None:
    limits = '  at least B when strategic "Signed"\n  late: at most B when overdue > 90 days\n'
    grade = ladder(THREE + limits)
    assert [limit.rule for limit in grade.floors] == ["grade.signed"]
    assert [limit.rule for limit in grade.caps] == ["grade.late"]


# ---------------------------------------------------------------- what is reported

TWO = "\n  A from 80\n  B otherwise\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("tiers t by total\n", ("E501", "t")),
        ("tiers t by stage" + TWO, ("E502", "stage")),
        ("tiers t" + TWO, ("E503", "80")),
        ("tiers t by total\n  A from 80\n  B from 60\n", ("E505", "B from 60")),
        ("tiers t by total\n  A from 80\n  B otherwise\n  C from 9\n", ("E506", "C from 9")),
        ("tiers t by total\n  A from 80\n  B from 80\n  C otherwise\n", ("E507", "B from 80")),
        ("tiers t by total\n  A from 80\n  B over 80\n  C otherwise\n", ("E507", "B over 80")),
        ("tiers t by total\n  A from 80\n  B from orders\n  C otherwise\n", ("W501", "orders")),
        ("tiers t by total\n  A from 80\n  A from 60\n  B otherwise\n", ("E510", "A")),
        ("tiers t by total" + TWO + "  at least Z when strategic\n", ("E205", "Z")),
        (
            "tiers t by total" + TWO + "  at least B when strategic\n",
            ("W504", "at least B when strategic"),
        ),
        ("tiers t by total" + TWO + "  at most A when strategic\n", ("W505", "at most A when strategic")),
        ("tiers t by total\n  A when strategic\n  B otherwise\n", ("W506", "total")),
        ("tiers t by total" + TWO + "tiers u like t\n", ("E512", "t")),
        ("tiers t by total" + TWO + "tiers u by orders like t\n  C from 1\n", ("E513", "C from 1")),
        ("tiers t by total like t\n", ("E514", "t")),
        (
            "tiers t\n  A when strategic\n  B otherwise\ntiers u by total like t\n",
            ("E515", "t"),
        ),
        ("tiers t by total like nothing\n", ("E201", "nothing")),
        ("tiers t\n| orders | points |\n| 5 or more | 5 |\n", ("E516", "orders")),
        (
            "tiers t by total\n| tier | orders at least |\n| A | 5 |\n  B from 3\n  C otherwise\n",
            ("E517", "B from 3"),
        ),
        ("tiers t\n| tier | orders |\n| A | 5 |\n| B | - |\n", ("E518", "5")),
        ("tiers t\n| tier | orders at least |\n| A | 5 | 6 |\n| B | - |\n", ("E371", "| A | 5 | 6 |")),
        ("tiers t\n| tier | orders at least |\n| A, B | 5 |\n| C | - |\n", ("E520", "A, B")),
        ("tiers t\n| requirement | A | B |\n| over 5 | 5 | - |\n", ("E521", "over 5")),
        ("tiers t\n| requirement | A | 5 |\n| orders at least | 5 | - |\n", ("E522", "5")),
        ("tiers t\n| requirement | B | A | C |\n| orders at least | 5 | 9 | - |\n", ("E523", "A")),
        ("tiers t\n| tier | orders at least |\n| A | 5 |\n| B | 2 |\n", ("E505", "| B | 2 |")),
        ("tiers t by total\n  A from 120\n  B from 60\n  C otherwise\n", ("W502", "A from 120")),
        ("tiers t by total\n  A from 60\n  B from 0\n  C otherwise\n", ("W503", "B from 0")),
        ("tiers t by total\n  A from 80, keep from 85\n  B otherwise\n", ("E508", "keep from 85")),
        ("tiers t by total\n  A from 80, keep from 75\n  B otherwise\n", ("W802", "keep from 75")),
    ],
)
def test_problems(body: str, expected: tuple[str, str]) -> None:
    found = [item for item in problems(body) if item[0] not in ("W802",) or expected[0] == "W802"]
    assert found == [expected]


@pytest.mark.parametrize(
    "body",
    [
        "tiers t by total\n  A over 80\n  B from 80\n  C otherwise\n",
        "tiers t by total\n  A from 80 and strategic\n  B from 80\n  C otherwise\n",
        'tiers t by since\n  A from 2026-01-01\n  B from 2020-01-01\n  C "Old" otherwise\n',
    ],
)
def test_no_problem(body: str) -> None:
    assert problems(body) == []


def test_a_ring_is_reported_once_and_names_them_all() -> None:
    body = "tiers t by total like u\ntiers u by total like v\ntiers v by total like t\n"
    assert [code for code, _ in problems(body)] == ["E514"]
    assert "`t` → `u` → `v` → `t`" in sentences(body)[0]


def test_parameters_are_compared_on_every_date() -> None:
    gold = "set gold: number = 80\n  from 2027-01-01: 50\n"
    body = gold + "tiers t by total\n  A from gold\n  B from 60\n  C otherwise\n"
    assert problems(body) == [("E507", "B from 60")]
    assert "from 2027-01-01 on" in sentences(body)[0]
    assert "自 2027-01-01 起" in sentences(body, "zh")[0]
    assert problems(body.replace("50", "70")) == []


# ---------------------------------------------------------------- laws

NUMBERS = st.decimals(-100, 100, places=1, allow_nan=False)


@given(NUMBERS, NUMBERS, st.booleans(), st.booleans())
def test_order_is_that_of_the_customers_who_reach_it(
    low: Decimal, high: Decimal, low_over: bool, high_over: bool
) -> None:
    """A start lies below another when somebody reaches it who does not reach the other."""
    lower, higher = Start(Const(low, NUMBER), low_over), Start(Const(high, NUMBER), high_over)
    tries = {number + step for number in (low, high) for step in (Decimal(-1), Decimal(0), Decimal("0.05"))}

    def reaches(number: Decimal, start: Decimal, over: bool) -> bool:
        return number > start or (number == start and not over)

    between = any(reaches(each, low, low_over) and not reaches(each, high, high_over) for each in tries)
    assert (out_of_order(lower, higher, {}) is None) == between


@given(NUMBERS, NUMBERS, st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_a_figure_is_that_of_its_day(first: Decimal, then: Decimal, start: date) -> None:
    params = {"p": Param(name="p", key="p", type=NUMBER, value=first, dated=((start, then),))}
    read = Read("param", "p", NUMBER)
    assert figure(read, date(2019, 1, 1), params) == first
    assert figure(read, start, params) == then
    assert figure(Read("fact", "p", NUMBER), start, params) is None


@pytest.mark.parametrize(
    ("end", "expected"), [("like t0", ["E514"]), ("\n  A from 5\n  B otherwise", [])], ids=["ring", "chain"]
)
def test_a_long_chain_of_like_is_walked_once(end: str, expected: list[str]) -> None:
    many = 4000
    body = "".join(f"tiers t{at} by total like t{at + 1}\n" for at in range(many))
    start = time.process_time()
    found = problems(f"{body}tiers t{many} by total {end}\n")
    assert [code for code, _ in found] == expected
    assert time.process_time() - start < 10
