"""Segments, choices and tags: exactly one outcome, or all that hold."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.checker.cases import always_one, implies, meetings
from dsl.model import Compare, Const, Expr, Line, Logic, Not, Outcome, Read, Table, Text
from dsl.types import WHOLE, YES_NO
from tests.checked import compiled, problems, sentences

# ---------------------------------------------------------------- the model


def test_lines_go_by_their_outcomes() -> None:
    body = 'choose who\n  hq "HQ team" when strategic\n  "City team" otherwise\n'
    lines = [line for line in compiled(body).choices["who"].body if isinstance(line, Line)]
    assert [line.rule for line in lines] == ["who.hq", "who.city_team"]
    assert [line.result for line in lines] == [Outcome("hq", Text("HQ team")), Outcome("City team")]
    assert lines[-1].condition is None


def test_an_outcome_may_stand_on_several_lines() -> None:
    body = 'choose who\n  "HQ" when strategic\n  "HQ" when orders > 500\n  "City" otherwise\n'
    choice = compiled(body).choices["who"]
    assert [member.key for member in choice.type.members] == ["HQ", "City"]
    rules = [line.rule for line in choice.body if isinstance(line, Line)]
    assert rules == ["who.hq_strategic", "who.hq_orders_over_500", "who.city"]


def test_a_segment_names_its_owner() -> None:
    body = 'segment who\n  "HQ" when strategic, owner "Ann"\n  "City" otherwise\n'
    line = compiled(body).choices["who"].body[0]
    assert isinstance(line, Line)
    assert line.result == Outcome("HQ", None, Text("Ann"))


def test_a_table_of_outcomes() -> None:
    body = 'choose who\n| orders | outcome |\n| below 10 | small "Small ones" |\n| 10 or more | "Big" |\n'
    table = compiled(body).choices["who"].body[0]
    assert isinstance(table, Table)
    assert [row.result for row in table.rows] == [Outcome("small", Text("Small ones")), Outcome("Big")]


def test_tags_read_as_a_list() -> None:
    body = 'tags marks\n  vip "VIP" when strategic\n  "Late" when overdue > 30 days\n'
    policy = compiled(body + 'choose x\n  "a" when marks contains vip\n  "b" otherwise\n')
    assert policy.tags["marks"].type.item is not None
    assert [member.key for member in policy.tags["marks"].type.item.members] == ["vip", "Late"]


# ---------------------------------------------------------------- what is reported


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("choose c\n", ("E601", "c")),
        ('choose c\n  "x" when strategic\n', ("E602", '"x" when strategic')),
        ('choose c\n  "x" otherwise\n  "y" when listed\n', ("E603", '"y" when listed')),
        ('choose c\n| orders | outcome |\n| below 9 | "x" |\n| 9 or more | - |\n', ("E606", "-")),
        (
            'choose c\n| orders | outcome |\n| below 9 | "x" |\n| 9 or more | "y", "z" |\n',
            ("E380", '"y", "z"'),
        ),
        ('choose c\n  "x" when listed, owner "Ann"\n  "y" otherwise\n', ("E608", '"Ann"')),
        ('tags c\n  "x" when listed\n  "y" otherwise\n', ("E609", '"y" otherwise')),
        (
            'choose c\n  q "X" when listed\n  q "Y" when strategic\n  "z" otherwise\n',
            ("W601", 'q "Y" when strategic'),
        ),
        (
            'choose c exactly one\n  "x" when orders > 5\n  "y" when orders < 10\n  "z" otherwise\n',
            ("E605", '"y" when orders < 10'),
        ),
    ],
)
def test_problems(body: str, expected: tuple[str, str]) -> None:
    assert problems(body) == [expected]


@pytest.mark.parametrize(
    "body",
    [
        'choose c\n  "x" when strategic\n  "y" when not strategic\n',
        'choose c\n  "x" when orders >= 10\n  "y" when orders < 10\n',
        'choose c\n  "x" when stage is contract\n  "y" when stage in prospect, delivery, renewal\n',
        'choose c exactly one\n  "x" when orders > 10\n  "y" when orders < 10\n  "z" otherwise\n',
        'choose c exactly one\n  "x" when orders > 5\n  "x" when orders < 10\n  "z" otherwise\n',
        'tags c\n  "x" when listed\n',
    ],
)
def test_no_problem(body: str) -> None:
    assert problems(body, warnings=False) == []


def test_lines_that_meet_come_with_a_customer() -> None:
    body = 'choose c exactly one\n  "x" when strategic\n  "y" when stage is renewal\n  "z" otherwise\n'
    assert "`strategic` = yes, `stage` = renewal" in sentences(body)[0]


# ---------------------------------------------------------------- laws: a few cases stand for all customers

N, YES = Read("fact", "n", WHOLE), Read("fact", "yes", YES_NO)
LOW, HIGH = 0, 12


def leaves() -> st.SearchStrategy[Expr]:
    limits = st.integers(LOW - 1, HIGH + 1).map(lambda number: Const(Decimal(number), WHOLE))
    ops = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    compared: st.SearchStrategy[Expr] = st.builds(
        lambda op, limit: Compare(op, N, limit, YES_NO), ops, limits
    )
    return compared | st.just(YES)


def conditions() -> st.SearchStrategy[Expr]:
    return st.recursive(
        leaves(),
        lambda inner: (
            st.builds(lambda each: Not(each, YES_NO), inner)
            | st.builds(
                lambda op, args: Logic(op, tuple(args), YES_NO),
                st.sampled_from(["and", "or"]),
                st.lists(inner, min_size=2, max_size=3),
            )
        ),
        max_leaves=5,
    )


def truth(node: Expr, n: int | None, yes: bool | None) -> bool | None:
    """The plain meaning, None for unknown."""
    match node:
        case Read():
            return yes
        case Not(inner=inner):
            inside = truth(inner, n, yes)
            return None if inside is None else not inside
        case Logic(op="and", args=args):
            parts = [truth(arg, n, yes) for arg in args]
            return False if False in parts else None if None in parts else True
        case Logic(args=args):
            parts = [truth(arg, n, yes) for arg in args]
            return True if True in parts else None if None in parts else False
        case Compare(op=op, right=Const(value=Decimal() as limit)):
            if n is None:
                return None
            order = {"=": n == limit, "<>": n != limit, "<": n < limit, "<=": n <= limit}
            return {**order, ">": n > limit, ">=": n >= limit}[op]
        case _:
            raise AssertionError(node)


def holds(node: Expr, n: int | None, yes: bool | None) -> bool:
    return truth(node, n, yes) is True


EVERYBODY = [(n, yes) for n in range(LOW, HIGH + 1) for yes in (True, False)]
THE_UNKNOWN_TOO = [(n, yes) for n in (*range(LOW, HIGH + 1), None) for yes in (True, False, None)]


def bounds(read: Read) -> tuple[Decimal | None, Decimal | None]:
    return (Decimal(LOW), Decimal(HIGH)) if read.key == "n" else (None, None)


@given(st.lists(conditions(), min_size=1, max_size=3))
def test_always_one_is_what_trying_everybody_finds(lines: list[Expr]) -> None:
    assert always_one(lines, bounds) == all(any(holds(line, *each) for line in lines) for each in EVERYBODY)


@given(conditions(), conditions())
def test_meeting_is_what_trying_everybody_finds(first: Expr, second: Expr) -> None:
    found = list(meetings([first, second], bounds))
    assert bool(found) == any(holds(first, *each) and holds(second, *each) for each in EVERYBODY)


@given(conditions(), conditions())
def test_implied_is_what_trying_everybody_finds(first: Expr, second: Expr) -> None:
    expected = all(holds(second, *each) for each in THE_UNKNOWN_TOO if holds(first, *each))
    assert implies(first, second, bounds) == expected


def test_what_cannot_be_told_is_left_open() -> None:
    """Two facts compared with each other are no single cases."""
    other = Compare(">", N, Read("fact", "m", WHOLE), YES_NO)
    assert not always_one([other, Not(other, YES_NO)], bounds)
    assert list(meetings([other, other], bounds)) == []
