"""What generated code calls while it decides: exact arithmetic, and the way out.

Numbers are decimals, worked with under `EXACT`, which never rounds: what would have to be rounded is an
error there, and the question goes to the reference. Only a division makes fractions, until it is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from engine.values import EXACT, decimal, plain, rounded

__all__ = [
    "EXACT",
    "ZERO",
    "Undecided",
    "as_decimal",
    "best",
    "copied",
    "ended",
    "full_steps",
    "plain",
    "quotient",
    "round_to",
    "shown_number",
    "summed",
]

ZERO = Decimal(0)


class Undecided(Exception):
    """Straight-line code cannot answer: a fact that matters is unknown, or something divides by zero."""


def shown_number(value: Decimal | Fraction) -> Decimal:
    """A number of either sort as it is shown."""
    return decimal(value) if isinstance(value, Fraction) else plain(value)


def quotient(left: Decimal | Fraction, right: Decimal | Fraction) -> Fraction:
    """The exact quotient."""
    if not right:
        raise Undecided
    return Fraction(left) / Fraction(right)


def full_steps(of: Decimal | Fraction, step: Decimal | Fraction) -> Decimal:
    """How many full steps there are in a number; never fewer than none."""
    return Decimal(max(0, floor(quotient(of, step))))


def round_to(value: Decimal | Fraction, places: int) -> Decimal:
    """Rounded to so many decimals, half away from zero."""
    return decimal(rounded(Fraction(value), places))


# What one rule grants: the value, the rule, the stage that it belongs to, and because of what.
Given = tuple[object, str, str | None, str]


def summed(given: Sequence[Given], between: str) -> Given:
    """Several rules' grants of one benefit, added up."""
    total = sum((value for value, *_ in given if isinstance(value, Decimal)), ZERO)
    return (plain(total), *_together(given, between))


def best(given: Sequence[Given], less_is_better: bool, between: str) -> Given:
    """The best of several rules' grants; what has no size must be the same, or true."""
    sizes = [value for value, *_ in given if isinstance(value, Decimal)]
    if len(sizes) == len(given):
        most = min(sizes) if less_is_better else max(sizes)
        value, rule, _, because = next(each for each in given if each[0] == most)
        return value, rule, _together(given, between)[1], because
    values = [value for value, *_ in given]
    if True in values:
        return (True, *_together(given, between))
    if any(value != values[0] for value in values):
        raise Undecided
    return (values[0], *_together(given, between))


def _together(given: Sequence[Given], between: str) -> tuple[str, str | None, str]:
    stage = next((stage for _, _, stage, _ in given if stage is not None), None)
    return given[0][1], stage, between.join(dict.fromkeys(because for *_, because in given))


def copied(values: Mapping[str, object]) -> dict[str, object]:
    """A JSON object that its reader may change, lists and objects inside it too."""
    return {
        key: list(value) if isinstance(value, list) else dict(value) if isinstance(value, dict) else value
        for key, value in values.items()
    }


def ended(number: Fraction) -> Decimal:
    """A fraction as a decimal, where that is exact."""
    value = decimal(number)
    if Fraction(value) != number:
        raise Undecided
    return value


def as_decimal(value: Decimal | Fraction) -> Decimal:
    """A number of either sort as a decimal, exactly."""
    return ended(value) if isinstance(value, Fraction) else value
