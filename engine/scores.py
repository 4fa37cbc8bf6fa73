"""Scores: the sum of their parts, held between their bounds.

An undecided part adds a range: a line between nothing and its points, a table whatever its rows that are not ruled out give. What the
bounds take away or add is a part too, so that the points of a score's reasons always add up to the score: exactly where they are
decided; where they are ranges, the score lies within the sum of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import assert_never

from dsl.model import (
    Points,
    PointsPer,
    Result,
    Score,
    Table,
    Term,
)
from engine import ranges
from engine.expressions import (
    Situation,
    evaluate,
)
from engine.matching import (
    Act,
    Candidate,
    Found,
    acts_of,
    candidates,
    first_match,
    result_of,
    why_open,
)
from engine.values import (
    FALSE,
    TRUE,
    ZERO,
    Domain,
    Unknown,
    between,
    either,
    ends,
    fraction,
)


def score(declared: Score, at: Situation) -> Found:
    """A score: its parts, their sum, and what its bounds take away or add."""
    acts = [act for part in declared.parts for act in part_acts(declared.key, part, at)]
    return within_bounds(declared, acts)


def within_bounds(declared: Score, acts: Sequence[Act]) -> Found:
    """The sum of what acted, held between the score's bounds; what they take away or add is an act too."""
    total = ranges.add([_as_range(act.gives) for act in acts])
    if declared.low is None and declared.high is None:
        return total, tuple(act for act in acts if act.gives != ZERO)
    low, high = (None if end is None else fraction(end) for end in (declared.low, declared.high))
    held = ranges.clamp(total, low, high)
    change = _change(total, low, high)
    if change != ZERO:
        bounds = Act("score", declared.key, f"{declared.key}.bounds", change, (), declared.span)
        acts = [*acts, bounds]
    return held, tuple(act for act in acts if act.gives != ZERO)


def _as_range(points: Domain) -> Domain:
    """Points of which nothing is known are points without ends."""
    return between(None, None, points.causes) if isinstance(points, Unknown) else points


def _change(sum_: Domain, low: Fraction | None, high: Fraction | None) -> Domain:
    """What the bounds add to a sum, for every number that it may be.

    The greater the sum, the less is added: the most at its low end, the least at its high end. Where an end is
    open, so is what its bound adds; without a bound on that side nothing is added there.
    """
    first, last = ends(sum_)
    most = _added(first, low, high) if first is not None else None if low is not None else Fraction(0)
    least = _added(last, low, high) if last is not None else None if high is not None else Fraction(0)
    return between(least, most, sum_.causes)


def _added(number: Fraction, low: Fraction | None, high: Fraction | None) -> Fraction:
    """What it takes to bring a number between its bounds."""
    if low is not None and number < low:
        return low - number
    return high - number if high is not None and number > high else Fraction(0)


def part_acts(key: str, part: Term | Points | PointsPer | Table, at: Situation) -> Iterator[Act]:
    """What one part adds to the score of that key."""
    match part:
        case Term():
            value = evaluate(part.expr, at)
            gives = value if part.sign > 0 else ranges.negate(_as_range(value))
            yield Act(
                "score", key, part.rule, _as_range(gives), (part.expr,), part.span, part.label, part.expr
            )
        case Points():
            yield from points_acts(key, part, evaluate(part.condition, at), at)
        case PointsPer():
            looked = (part.of, part.points, part.step, *([part.cap] if part.cap else []))
            yield Act("score", key, part.rule, _per(part, at), looked, part.span, part.label, part.of)
        case Table():
            yield from table_acts(key, part, candidates((part,), at), at)
        case _:
            assert_never(part)


def points_acts(key: str, part: Points, holds: Domain, at: Situation) -> Iterator[Act]:
    """What a line adds whose condition came out so."""
    if holds != FALSE:
        points = _as_range(evaluate(part.points, at))
        gives = points if holds == TRUE else either([ZERO, points], holds.causes)
        reads = (part.condition, part.points)
        yield Act("score", key, part.rule, gives, reads, part.span, part.label, part.condition)


def _per(part: PointsPer, at: Situation) -> Domain:
    """Points for each full step, at most the cap; of the unknown, from nothing to the cap."""
    steps = ranges.full_steps(evaluate(part.of, at), evaluate(part.step, at), part.span)
    if isinstance(steps, Unknown):
        steps = between(Fraction(0), None, steps.causes)
    points = _as_range(ranges.multiply([steps, evaluate(part.points, at)]))
    if part.cap is not None:
        points = ranges.extreme([points, _as_range(evaluate(part.cap, at))], min)
    return points if part.sign > 0 else ranges.negate(points)


def table_acts(key: str, table: Table, rows: Iterable[Candidate], at: Situation) -> Iterator[Act]:
    """What a table of points adds: the row that matches, or one range over all the rows that may."""

    def points(result: Result) -> Domain:
        return ZERO if result is None else _as_range(result_of(result, at))

    found = first_match(rows)
    if len(found) == 1 and found[0].holds == TRUE:
        yield from acts_of("score", key, found, points)
    elif found:
        gives = either([points(each.result) for each in found], why_open(found))
        reads = tuple(column.expr for column in table.columns)
        yield Act("score", key, key, gives, reads, table.span, certain=False)
