"""Calculating and comparing with numbers of which only the ends are known.

An operand of which nothing is known makes the result unknown: nothing is reasoned about what might cancel
out. Between two ends, the result lies between the least and the greatest that the ends can give; an open end
stays open. Inside, open ends are the two infinities, which are compared and multiplied by sign only: no
number here is ever a float.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import inf
from typing import Literal

from dsl.source import Span
from engine.values import (
    DivisionByZero,
    Domain,
    Known,
    Unknown,
    between,
    ends,
    joined,
    known_number,
    numeric,
    rounded,
    truth,
)

# A number, or an infinity for an open end.
End = Fraction | float
Range = tuple[End, End]
Order = Literal["=", "<>", "<", "<=", ">", ">="]


def add(operands: Sequence[Domain]) -> Domain:
    """The sum."""
    return _of(
        operands, lambda ranges: (_sum([low for low, _ in ranges]), _sum([high for _, high in ranges]))
    )


def negate(operand: Domain) -> Domain:
    """The number with the other sign."""
    return _of([operand], lambda ranges: (-ranges[0][1], -ranges[0][0]))


def multiply(operands: Sequence[Domain]) -> Domain:
    """The product."""
    return _of(operands, _products)


def divide(left: Domain, right: Domain, span: Span) -> Domain:
    """The exact quotient; unknown where the divisor is, or may be, zero."""
    if known_number(right) == 0:
        return Unknown(left.causes | {DivisionByZero(span)})
    low, high = _range(right)
    if low <= 0 <= high:
        return Unknown(joined((left, right)))
    return _of([left, right], lambda ranges: _products([ranges[0], (_inverse(high), _inverse(low))]))


def power(base: Domain, exponent: int) -> Domain:
    """The base to a whole power from 0 on."""

    def raise_(ranges: Sequence[Range]) -> Range:
        low, high = ranges[0]
        least, most = sorted((_power(low, exponent), _power(high, exponent)))
        turns = exponent > 0 and exponent % 2 == 0 and low <= 0 <= high
        return (Fraction(0) if turns else least), most

    return _of([base], raise_)


def extreme(operands: Sequence[Domain], pick: Callable[[Sequence[End]], End]) -> Domain:
    """The least (`pick` is `min`) or the greatest (`max`)."""
    return _of(
        operands, lambda ranges: (pick([low for low, _ in ranges]), pick([high for _, high in ranges]))
    )


def round_to(operand: Domain, places: int) -> Domain:
    """Rounded to so many decimals, half away from zero."""
    return _each_end(operand, lambda end: rounded(end, places))


def clamp(operand: Domain, low: Fraction | None, high: Fraction | None) -> Domain:
    """Held between two ends; what is wholly unknown then lies between them."""
    first, last = _range(operand)
    least, most = (-inf if low is None else low), (inf if high is None else high)
    return _between(min(max(first, least), most), min(max(last, least), most), operand)


def full_steps(of: Domain, step: Domain, span: Span) -> Domain:
    """How many full steps there are in a number; never fewer than none."""
    return _each_end(divide(of, step, span), lambda end: Fraction(max(0, end.__floor__())), least=Fraction(0))


def compare(op: Order, left: Domain, right: Domain) -> Domain:
    """The comparison of two numbers: true if it holds throughout, false if it holds nowhere, else unknown."""
    if not (numeric(left) and numeric(right)):
        return Unknown(joined((left, right)))
    decided = _decided(op, _range(left), _range(right))
    return Unknown(joined((left, right))) if decided is None else truth(decided)


def _decided(op: Order, left: Range, right: Range) -> bool | None:
    match op:
        case "<":
            return True if left[1] < right[0] else False if left[0] >= right[1] else None
        case "<=":
            return True if left[1] <= right[0] else False if left[0] > right[1] else None
        case ">":
            return _decided("<", right, left)
        case ">=":
            return _decided("<=", right, left)
        case "=":
            if left[1] < right[0] or right[1] < left[0]:
                return False
            return True if left[0] == left[1] == right[0] == right[1] else None
        case "<>":
            equal = _decided("=", left, right)
            return None if equal is None else not equal


def _of(operands: Sequence[Domain], calculate: Callable[[Sequence[Range]], Range]) -> Domain:
    """The result of a calculation on the ends of its operands."""
    if not all(numeric(operand) for operand in operands):
        return Unknown(joined(operands))
    low, high = calculate([_range(operand) for operand in operands])
    return between(_closed(low), _closed(high), joined(operands))


def _each_end(
    operand: Domain, change: Callable[[Fraction], Fraction], least: Fraction | None = None
) -> Domain:
    """The result of a calculation that grows with its one operand. `least` closes an end that is open below."""
    if not numeric(operand):
        return operand
    low, high = ends(operand)
    return between(
        least if low is None else change(low), None if high is None else change(high), operand.causes
    )


def _between(low: End, high: End, operand: Domain) -> Domain:
    return between(_closed(low), _closed(high), operand.causes)


def _range(domain: Domain) -> Range:
    if isinstance(domain, Known) and isinstance(domain.value, Fraction):
        return domain.value, domain.value
    low, high = ends(domain)
    return (-inf if low is None else low), (inf if high is None else high)


def _closed(end: End) -> Fraction | None:
    return None if isinstance(end, float) else end


def _sum(numbers: Sequence[End]) -> End:
    total = Fraction(0)
    for number in numbers:
        if isinstance(number, float):
            return number
        total += number
    return total


def _products(ranges: Sequence[Range]) -> Range:
    low, high = ranges[0]
    for least, most in ranges[1:]:
        corners = [_product(one, other) for one in (low, high) for other in (least, most)]
        low, high = min(corners), max(corners)
    return low, high


def _product(left: End, right: End) -> End:
    if left == 0 or right == 0:
        return Fraction(0)
    if isinstance(left, float) or isinstance(right, float):
        return inf if (left > 0) == (right > 0) else -inf
    return left * right


def _inverse(end: End) -> End:
    return Fraction(0) if isinstance(end, float) else 1 / end


def _power(end: End, exponent: int) -> End:
    if isinstance(end, float):
        return Fraction(1) if exponent == 0 else inf if end > 0 or exponent % 2 == 0 else -inf
    return end**exponent
