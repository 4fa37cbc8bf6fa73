"""Ranges hold whatever their numbers can give, and Kleene's laws hold for conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.source import NOWHERE
from engine import ranges
from engine.expressions import conjunction, disjunction, negation
from engine.values import (
    FALSE,
    TRUE,
    Among,
    Between,
    DivisionByZero,
    Domain,
    Known,
    Unknown,
    among,
    between,
    either,
    ends,
    rounded,
)

NO = frozenset[str]()
numbers = st.fractions(-20, 20, max_denominator=6)


@st.composite
def inside(draw: st.DrawFn) -> tuple[Domain, Fraction]:
    """A range, perhaps open, perhaps a single number, and a number inside it."""
    low, number, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    open_low, open_high = draw(st.sampled_from(((False, False), (True, False), (False, True), (True, True))))
    return between(None if open_low else low, None if open_high else high, NO), number


def holds(domain: Domain, number: Fraction) -> bool:
    low, high = ends(domain)
    return (low is None or low <= number) and (high is None or number <= high)


OPERATIONS: dict[
    str, tuple[Callable[[Sequence[Domain]], Domain], Callable[[Fraction, Fraction], Fraction]]
] = {
    "add": (ranges.add, lambda a, b: a + b),
    "multiply": (ranges.multiply, lambda a, b: a * b),
    "min": (lambda both: ranges.extreme(both, min), min),
    "max": (lambda both: ranges.extreme(both, max), max),
    "negate": (lambda both: ranges.negate(both[0]), lambda a, _: -a),
    "square": (lambda both: ranges.power(both[0], 2), lambda a, _: a**2),
    "cube": (lambda both: ranges.power(both[0], 3), lambda a, _: a**3),
    "one": (lambda both: ranges.power(both[0], 0), lambda _, __: Fraction(1)),
    "round": (lambda both: ranges.round_to(both[0], 1), lambda a, _: rounded(a, 1)),
    "clamp": (
        lambda both: ranges.clamp(both[0], Fraction(-3), Fraction(4)),
        lambda a, _: min(max(a, Fraction(-3)), Fraction(4)),
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
@given(inside(), inside())
def test_a_range_holds_every_result(
    name: str, one: tuple[Domain, Fraction], other: tuple[Domain, Fraction]
) -> None:
    calculate, exactly = OPERATIONS[name]
    assert holds(calculate([one[0], other[0]]), exactly(one[1], other[1]))


@given(inside(), inside())
def test_a_quotient_is_within_its_range(one: tuple[Domain, Fraction], other: tuple[Domain, Fraction]) -> None:
    found = ranges.divide(one[0], other[0], NOWHERE)
    if other[0] == Known(Fraction(0)):
        assert found.causes == {DivisionByZero(NOWHERE)}
    elif holds(other[0], Fraction(0)):
        assert isinstance(found, Unknown)
    else:
        assert holds(found, one[1] / other[1])
        assert holds(
            ranges.full_steps(one[0], other[0], NOWHERE), Fraction(max(0, (one[1] / other[1]).__floor__()))
        )


@given(inside(), inside(), st.sampled_from(("=", "<>", "<", "<=", ">", ">=")))
def test_a_decided_comparison_is_right_for_every_number(
    one: tuple[Domain, Fraction], other: tuple[Domain, Fraction], op: ranges.Order
) -> None:
    exactly = {
        "=": one[1] == other[1],
        "<>": one[1] != other[1],
        "<": one[1] < other[1],
        "<=": one[1] <= other[1],
        ">": one[1] > other[1],
        ">=": one[1] >= other[1],
    }[op]
    assert ranges.compare(op, one[0], other[0]) in (Known(exactly), Unknown())


@pytest.mark.parametrize(("low", "high"), [(0, 5), (-5, 0), (-5, 5), (None, 0), (0, None)])
def test_a_divisor_that_may_be_zero_leaves_nothing_known(low: int | None, high: int | None) -> None:
    ends_ = [None if end is None else Fraction(end) for end in (low, high)]
    divisor = Between(ends_[0], ends_[1], frozenset({"a"}))
    assert ranges.divide(Known(Fraction(1)), divisor, NOWHERE) == Unknown(frozenset({"a"}))


def test_closed_ends_are_reached() -> None:
    two, five = Fraction(2), Fraction(5)
    assert ranges.compare("<=", Between(two, five, NO), Known(five)) == TRUE
    assert ranges.compare("<", Between(two, five, NO), Known(five)) == Unknown()
    assert ranges.compare(">=", Between(two, five, NO), Known(two)) == TRUE
    assert ranges.multiply([Between(-two, five, NO), Between(-five, two, NO)]) == Between(
        Fraction(-25), Fraction(10), NO
    )
    assert ranges.power(Between(-two, Fraction(1), NO), 2) == Between(Fraction(0), Fraction(4), NO)


# ---------------------------------------------------------------- Kleene

MAYBE = Unknown(frozenset({"a"}))
THREE: tuple[Domain, ...] = (FALSE, MAYBE, TRUE)


@pytest.mark.parametrize(("one", "other"), list(product(THREE, THREE)))
def test_kleene(one: Domain, other: Domain) -> None:
    rank = {FALSE: 0, MAYBE: 1, TRUE: 2}
    assert rank[conjunction((one, other))] == min(rank[one], rank[other])
    assert rank[disjunction((one, other))] == max(rank[one], rank[other])
    assert rank[negation(one)] == 2 - rank[one]


def test_only_what_is_open_is_a_cause() -> None:
    other = Unknown(frozenset({"b"}))
    assert conjunction([MAYBE, TRUE, other]).causes == {"a", "b"}
    assert conjunction([MAYBE, FALSE]).causes == NO
    assert disjunction([MAYBE, FALSE]).causes == {"a"}


# ---------------------------------------------------------------- putting results together


def test_results_that_agree_are_known_and_others_are_held_together() -> None:
    one, two = Known(Fraction(1)), Known(Fraction(2))
    why = frozenset({"a"})
    assert either([one, one], why) == one
    assert either([one, two], why) == Between(Fraction(1), Fraction(2), why)
    assert either([one, Between(None, Fraction(0), NO)], why) == Between(None, Fraction(1), why)
    assert either([Known("x"), Known("y")], why) == Among(("x", "y"), why)
    assert either([Known("x"), Unknown(frozenset({"b"}))], why) == Unknown(frozenset({"a", "b"}))
    assert either([TRUE, FALSE], why) == Unknown(why)
    assert among(["x", "x"], why) == Known("x")
