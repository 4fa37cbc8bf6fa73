"""Thresholds as figures: are they in order, can they be reached?

A threshold is a number, a parameter, or a calculation with both. A parameter has other values from other
dates on, so a ladder that is in order today may not be next year: thresholds are compared once for every day
on which one of them changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import prod

from dsl.model import Arith, Const, Expr, Param, Read
from dsl.types import Value

Exact = Fraction | date
# A threshold's size on one day; None where it depends on the customer.
Figure = Exact | None


@dataclass(frozen=True, slots=True)
class Start:
    """Where something starts: at a figure, or just `over` it."""

    at: Expr
    over: bool

    def below(self, other: Start, day: date, params: Mapping[str, Param], *, or_equal: bool = False) -> bool:
        """Whether this start lies lower than another on a day; true where it cannot be told."""
        mine, its = figure(self.at, day, params), figure(other.at, day, params)
        if mine is None or its is None:
            return True
        # `over 80` starts a little higher than `from 80`.
        return above(its, mine, or_equal or (other.over and not self.over))


def above(figure: Exact, other: Exact, or_equal: bool) -> bool:
    """Whether one figure is greater than another, or as great; figures of two kinds do not compare, and never
    meet.
    """
    if isinstance(figure, Fraction) and isinstance(other, Fraction):
        return figure > other or (or_equal and figure == other)
    if isinstance(figure, date) and isinstance(other, date):
        return figure > other or (or_equal and figure == other)
    return False


def out_of_order(
    lower: Start, higher: Start, params: Mapping[str, Param], *, or_equal: bool = False
) -> date | None:
    """The first day on which `lower` does not lie below `higher`; `date.min` stands for from the beginning;
    None for never.
    """
    for day in _days((lower.at, higher.at), params):
        if not lower.below(higher, day, params, or_equal=or_equal):
            return day
    return None


def depends_on_customer(threshold: Expr, params: Mapping[str, Param]) -> bool:
    """Whether a threshold is no figure that is known when the policy is read."""
    return figure(threshold, date.min, params) is None


def figures(threshold: Expr, params: Mapping[str, Param]) -> tuple[Figure, ...]:
    """Everything that a threshold is at one time or another."""
    return tuple(figure(threshold, day, params) for day in _days((threshold,), params))


def figure(node: Expr, day: date, params: Mapping[str, Param]) -> Figure:
    """What an expression of numbers and parameters comes to on a day; None where it is more than that."""
    match node:
        case Const(value=value):
            return exact(value)
        case Read(of="param", key=key) if key in params:
            return exact(params[key].on(day))
        case Arith(op=op, args=args):
            parts = [figure(arg, day, params) for arg in args]
            return _calculated(op, [part for part in parts if isinstance(part, Fraction)], len(args))
        case _:
            return None


def _calculated(op: str, parts: list[Fraction], wanted: int) -> Figure:
    if len(parts) < wanted:
        return None
    match op:
        case "+":
            return sum(parts, Fraction(0))
        case "-":
            return parts[0] - sum(parts[1:])
        case "*":
            return prod(parts, start=Fraction(1))
        case "neg":
            return -parts[0]
        case "min":
            return min(parts)
        case "max":
            return max(parts)
        case _:
            # Quotients and powers are rare in a threshold, and powers grow without bound: not calculated
            # here.
            return None


def exact(value: Value | None) -> Figure:
    """A number as a fraction, a date as it is; None for what has no size."""
    if isinstance(value, Decimal):
        return Fraction(value)
    return value if isinstance(value, date) else None


def _days(nodes: Iterable[Expr], params: Mapping[str, Param]) -> list[date]:
    changes = {start for node in nodes for key in _params(node) for start, _ in _dated(key, params)}
    return sorted({date.min, *changes})


def _dated(key: str, params: Mapping[str, Param]) -> tuple[tuple[date, Value], ...]:
    return params[key].dated if key in params else ()


def _params(node: Expr) -> Iterator[str]:
    match node:
        case Read(of="param", key=key):
            yield key
        case Arith(args=args):
            for arg in args:
                yield from _params(arg)
        case _:
            return
