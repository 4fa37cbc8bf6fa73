"""What an expression comes to on a day where it depends on no customer, and the least and greatest that it
can be where it does.

Folding is exact: decimals become fractions. A parameter with dated values is a constant on any one day;
`days_of_change` lists the days from which on anything in an expression is another. Bounds hold on every day
at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import assert_never

from dsl.model import (
    Arith,
    CheckedPolicy,
    Const,
    DateMath,
    DerivedValue,
    Expr,
    Graduated,
    Line,
    Points,
    PointsPer,
    Read,
    Round,
    Score,
    Table,
    Term,
)
from dsl.types import Value
from dsl.walk import parts, result_exprs

# A constant: a number, a day, yes or no, a key or a text.
Constant = Fraction | date | bool | str
# Numbers beyond this size are not worked out: no band ends there, and powers of powers have no end.
MOST_BITS = 8192


def fold(expr: Expr, policy: CheckedPolicy, day: date) -> Constant | None:
    """What a constant expression comes to on a day; None where it is no constant."""
    match expr:
        case Const(value=value):
            return constant(value)
        case Read(of="param", key=key) if key in policy.params:
            return constant(policy.params[key].on(day))
        case Arith(args=args):
            numbers = [number for arg in args if isinstance(number := fold(arg, policy, day), Fraction)]
            return _calculate(expr, numbers) if len(numbers) == len(args) else None
        case Round(inner=inner, places=places):
            number = fold(inner, policy, day)
            return rounded(number, places) if isinstance(number, Fraction) else None
        case _:
            return None


def constant(value: Value | None) -> Constant | None:
    """A value of the model as a constant; None for none, and for a list."""
    if value is None or isinstance(value, tuple):
        return None
    return Fraction(value) if isinstance(value, Decimal) else value


def rounded(number: Fraction, places: int) -> Fraction:
    """A fraction rounded to decimals, half away from zero."""
    scale = 10**places
    scaled = abs(number) * scale + Fraction(1, 2)
    return Fraction(scaled.numerator // scaled.denominator, scale) * (1 if number >= 0 else -1)


def _calculate(expr: Arith, numbers: list[Fraction]) -> Fraction | None:
    match expr.op:
        case "+":
            return sum(numbers, Fraction(0))
        case "-":
            return numbers[0] - sum(numbers[1:])
        case "*":
            return prod(numbers, start=Fraction(1))
        case "/":
            return numbers[0] / numbers[1] if numbers[1] else None
        case "^":
            base, exponent = numbers
            return base ** int(exponent) if 0 <= exponent * _bits(base) <= MOST_BITS else None
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
        case "neg":
            return -numbers[0]


def _bits(number: Fraction) -> int:
    return max(number.numerator.bit_length(), number.denominator.bit_length())


def days_of_change(exprs: Iterable[Expr], policy: CheckedPolicy) -> list[date]:
    """The first day that the policy can be asked for, then each on which a parameter in the expressions
    changes.
    """
    keys = {
        part.key for expr in exprs for part in parts(expr) if isinstance(part, Read) and part.of == "param"
    }
    first, last = policy.start or date.min, policy.end or date.max
    changes = {start for key in keys if key in policy.params for start, _ in policy.params[key].dated}
    return [first, *sorted(day for day in changes if first < day <= last)]


# ---------------------------------------------------------------- bounds


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest that a number can be, both included; None where it has no end."""

    low: Fraction | None = None
    high: Fraction | None = None

    def hull(self, other: Bounds) -> Bounds:
        """The least bounds that hold both."""
        low = None if self.low is None or other.low is None else min(self.low, other.low)
        high = None if self.high is None or other.high is None else max(self.high, other.high)
        return Bounds(low, high)

    def plus(self, other: Bounds) -> Bounds:
        low = None if self.low is None or other.low is None else self.low + other.low
        high = None if self.high is None or other.high is None else self.high + other.high
        return Bounds(low, high)

    def negated(self) -> Bounds:
        return Bounds(None if self.high is None else -self.high, None if self.low is None else -self.low)

    def times(self, other: Bounds) -> Bounds:
        """Bounds of a product: known where both are closed, or both never below zero."""
        corners = [a * b for a in self.ends() for b in other.ends()]
        if len(corners) == 4:
            return Bounds(min(corners), max(corners))
        if self.low is not None and other.low is not None and self.low >= 0 and other.low >= 0:
            return Bounds(self.low * other.low, None)
        return Bounds()

    def ends(self) -> list[Fraction]:
        """The ends that there are."""
        return [end for end in (self.low, self.high) if end is not None]


OPEN = Bounds()
ZERO = Bounds(Fraction(0), Fraction(0))


class Ranges:
    """The bounds of a policy's numbers; values and scores are worked out once, in their order."""

    def __init__(self, policy: CheckedPolicy) -> None:
        self.policy = policy
        self.known: dict[tuple[str, str], Bounds] = {}
        for key, fact in policy.facts.items():
            self.known["fact", key] = Bounds(_number(fact.at_least), _number(fact.at_most))
        for key, param in policy.params.items():
            self.known["param", key] = _hull(
                [_point(value) for value in (param.value, *(v for _, v in param.dated))]
            )
        for key in policy.order:
            if key in policy.values:
                self.known["value", key] = _modest(self._derived(policy.values[key]))
            elif key in policy.scores:
                self.known["score", key] = _modest(self._score(policy.scores[key]))

    def of(self, expr: Expr) -> Bounds:
        """The bounds of a numeric expression; open for anything else, and where nothing is known."""
        match expr:
            case Const(value=value):
                return _point(value)
            case Read(of=of, key=key):
                return self.known.get((of, key), OPEN)
            case Arith(op=op, args=args):
                return self._arith(op, [self.of(arg) for arg in args])
            case Round(inner=inner, places=places):
                bounds = self.of(inner)
                low = None if bounds.low is None else rounded(bounds.low, places)
                return Bounds(low, None if bounds.high is None else rounded(bounds.high, places))
            case DateMath(op="year"):
                return Bounds(Fraction(1), Fraction(9999))
            case _:
                return OPEN

    def _arith(self, op: str, sides: list[Bounds]) -> Bounds:
        match op:
            case "+" | "-" | "*":
                total = sides[0]
                for side in sides[1:]:
                    total = (
                        total.times(side) if op == "*" else total.plus(side.negated() if op == "-" else side)
                    )
                return total
            case "neg":
                return sides[0].negated()
            case "min" | "max":
                return _extreme(op, sides)
            case _:
                return OPEN

    def _derived(self, value: DerivedValue) -> Bounds:
        if isinstance(value.body, Graduated):
            return OPEN
        if not isinstance(value.body, tuple):
            return self.of(value.body)
        results = [item.result for item in value.body if isinstance(item, Line)]
        results += [row.result for item in value.body if isinstance(item, Table) for row in item.rows]
        return _hull([self.of(expr) for result in results for expr in result_exprs(result)])

    def _score(self, score: Score) -> Bounds:
        total = ZERO
        for part in score.parts:
            total = total.plus(self._part(part))
        low, high = _number(score.low), _number(score.high)
        # Held between its bounds, a score can leave them nowhere; inside them its parts may reach less far.
        return Bounds(_inside(total.low, low, high, low), _inside(total.high, low, high, high))

    def _part(self, part: Term | Points | PointsPer | Table) -> Bounds:
        match part:
            case Term(sign=sign, expr=expr):
                return self.of(expr) if sign > 0 else self.of(expr).negated()
            case Points(points=points):
                return ZERO.hull(self.of(points))
            case PointsPer():
                most = OPEN if part.cap is None else self.of(part.cap)
                return (
                    Bounds(Fraction(0), most.high)
                    if part.sign > 0
                    else Bounds(Fraction(0), most.high).negated()
                )
            case Table(rows=rows):
                given = [self.of(expr) for row in rows for expr in result_exprs(row.result)]
                return _hull([*given, ZERO] if any(row.result is None for row in rows) else given)
            case _:
                assert_never(part)


def _modest(bounds: Bounds) -> Bounds:
    """Ends of a size that is worth working with: values of values can grow without end."""
    low, high = (end if end is None or _bits(end) <= MOST_BITS else None for end in (bounds.low, bounds.high))
    return Bounds(low, high)


def _inside(
    end: Fraction | None, low: Fraction | None, high: Fraction | None, open_end: Fraction | None
) -> Fraction | None:
    if end is None:
        return open_end
    end = end if low is None else max(end, low)
    return end if high is None else min(end, high)


def _extreme(op: str, sides: list[Bounds]) -> Bounds:
    lows = [side.low for side in sides if side.low is not None]
    highs = [side.high for side in sides if side.high is not None]
    if op == "max":
        return Bounds(max(lows, default=None), max(highs) if len(highs) == len(sides) else None)
    return Bounds(min(lows) if len(lows) == len(sides) else None, min(highs, default=None))


def _number(value: Value | None) -> Fraction | None:
    return Fraction(value) if isinstance(value, Decimal) else None


def _point(value: Value) -> Bounds:
    number = _number(value)
    return Bounds(number, number)


def _hull(bounds: list[Bounds]) -> Bounds:
    if not bounds:
        return OPEN
    total = bounds[0]
    for each in bounds[1:]:
        total = total.hull(each)
    return total
