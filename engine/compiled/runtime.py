"""What generated code calls while it decides: exact arithmetic, and the way out.

Numbers are decimals, worked with under `EXACT`, which never rounds: what would have to be rounded is an
error there, and the question goes to the reference. Only a division makes fractions, until it is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import floor

from dsl.types import Scalar, Type
from engine.decision import json_text, quoted
from engine.shown import shown_value
from engine.values import EXACT, decimal, exact, plain, rounded

__all__ = [
    "ZERO",
    "Undecided",
    "best",
    "day_text",
    "decimal_of",
    "ended",
    "exact_context",
    "full_steps",
    "list_text",
    "number_text",
    "plain",
    "quotient",
    "round_to",
    "sent",
    "sent_text",
    "shown_list",
    "shown_number",
    "summed",
]

ZERO = Decimal(0)
# Of scores and of days there are few.
MOST_NUMBERS = 4096
MOST_DAYS = 1024

Number = Decimal | int | Fraction


class Undecided(Exception):
    """Straight-line code cannot answer: a fact that matters is unknown, or something divides by zero."""


def shown_number(value: Decimal | Fraction) -> Decimal:
    """A number of either sort as it is shown."""
    return decimal(value) if isinstance(value, Fraction) else plain(value)


def quotient(left: Number, right: Number) -> Fraction:
    """The exact quotient."""
    if not right:
        raise Undecided
    return Fraction(left) / Fraction(right)


def full_steps(of: Number, step: Number) -> int:
    """How many full steps there are in a number; never fewer than none."""
    return max(0, floor(quotient(of, step)))


def round_to(value: Number, places: int) -> Decimal:
    """Rounded to so many decimals, half away from zero."""
    return decimal(rounded(Fraction(value), places))


def ended(number: Fraction) -> Decimal:
    """A fraction as a decimal, where that is exact."""
    value = decimal(number)
    if Fraction(value) != number:
        raise Undecided
    return value


@lru_cache(maxsize=MOST_NUMBERS)
def decimal_of(number: int) -> Decimal:
    """A whole number as a decimal."""
    return Decimal(number)


# Where decimals are calculated with, in a copy each time: threads share what stands here, and a context notes what
# happens in it.
exact_context = EXACT.copy


# ---------------------------------------------------------------- showing


def shown_list(values: tuple[Scalar, ...], type: Type, names: Mapping[str, str]) -> tuple[Scalar, ...]:
    """A list as it is shown, its texts under other names where they have some."""
    shown = shown_value(exact(values), type)
    assert isinstance(shown, tuple), "a list is shown as one"
    return tuple(names.get(each, each) if isinstance(each, str) else each for each in shown)


def sent(text: str) -> str:
    """A text as UTF-8, each byte as the character of that number; half a character becomes `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")


def sent_text(text: str) -> str:
    """The JSON of a text, as it is sent."""
    return sent(quoted(text))


def list_text(values: tuple[Scalar, ...], type: Type, names: Mapping[str, str]) -> str:
    """The JSON of a list, as it is sent."""
    return sent(json_text(shown_list(values, type, names)))


def number_text(number: Decimal) -> str:
    """The JSON text of a decimal in its plainest form; a very small one would else be written with an exponent."""
    text = str(number)
    return f"{number:f}" if "E" in text else text


@lru_cache(maxsize=MOST_DAYS)
def day_text(day: date) -> str:
    """The JSON text of a day."""
    return f'"{day.isoformat()}"'


# ---------------------------------------------------------------- benefits that several rules grant

# What one rule grants: the value, the rule, the stage that it belongs to, because of what, and whether the value
# is not told, being a masked fact.
Given = tuple[object, str, str | None, str, bool]


def summed(given: Sequence[Given], between: str) -> Given:
    """Several rules' grants of one benefit, added up."""
    total = sum((value for value, *_ in given if isinstance(value, Decimal)), ZERO)
    return (plain(total), *_together(given, between))


def best(given: Sequence[Given], less_is_better: bool, between: str) -> Given:
    """The best of several rules' grants; what has no size must be the same, or true."""
    sizes = [value for value, *_ in given if isinstance(value, Decimal)]
    if len(sizes) == len(given):
        most = min(sizes) if less_is_better else max(sizes)
        return next(each for each in given if each[0] == most)
    values = [value for value, *_ in given]
    if True in values:
        return (True, *_together(given, between))
    if any(value != values[0] for value in values):
        raise Undecided
    return (values[0], *_together(given, between))


def _together(given: Sequence[Given], between: str) -> tuple[str, str | None, str, bool]:
    stage = next((stage for _, _, stage, *_ in given if stage is not None), None)
    because = between.join(dict.fromkeys(because for *_, because, _ in given))
    return given[0][1], stage, because, any(secret for *_, secret in given)
