"""Results as they are shown: exact numbers back to decimals, durations and dates as texts, sets and ranges as
such.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import assert_never

from dsl.types import Kind, Type
from engine.calendar import duration_text, period_text
from engine.decision import Held, Possible, Range, Scalar, Shown
from engine.values import Among, Between, Domain, Exact, ExactScalar, Known, Tagged, Unknown, decimal


def shown(domain: Domain, type: Type) -> Shown:
    """What is known of a result, as answers show it."""
    match domain:
        case Known(value):
            return shown_value(value, type)
        case Unknown():
            return None
        case Among(values, _):
            return Possible(tuple(shown_value(value, type) for value in values))
        case Between(low, high, _):
            return Range(_end(low, type), _end(high, type))
        case Tagged(held, possible, _):
            return Held(held, possible)
        case _:
            assert_never(domain)


def shown_value(value: Exact, type: Type) -> Scalar | tuple[Scalar, ...]:
    """One value, as answers show it."""
    if isinstance(value, tuple):
        item = type.item or type
        return tuple(_scalar(each, item) for each in value)
    return _scalar(value, type)


def _scalar(value: ExactScalar, type: Type) -> Scalar:
    if isinstance(value, Fraction):
        return _number(value, type)
    return value.isoformat() if isinstance(value, date) else value


def _number(value: Fraction, type: Type) -> Decimal | str:
    number = decimal(value)
    if type.kind is Kind.DURATION:
        return duration_text(number)
    return period_text(number) if type.kind is Kind.PERIOD else number


def _end(end: Fraction | None, type: Type) -> Decimal | str | None:
    return None if end is None else _number(end, type)


def type_name(type: Type) -> str:
    """A type by the name that it has in the language: `percent`, `list of text`."""
    return f"list of {type_name(type.item)}" if type.item else type.kind.value
