"""The value types of the language.

A value at run time is one of: `bool` (yes/no), `Decimal` (number, whole number, money, percent as a fraction, duration in seconds),
`date`, `str` (text; an enumeration's value, a tier or an outcome by its key), `tuple` (a list). No floats anywhere.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum

from dsl.records import record

Scalar = bool | Decimal | date | str
Value = Scalar | tuple[Scalar, ...]


class Kind(Enum):
    """What sort of value a type holds."""

    YES_NO = "yes/no"
    NUMBER = "number"
    WHOLE = "whole number"
    MONEY = "money"
    PERCENT = "percent"
    DURATION = "duration"
    PERIOD = "period"
    DATE = "date"
    TEXT = "text"
    ENUM = "one of"
    LIST = "list of"
    TIER = "tier"

    @property
    def numeric(self) -> bool:
        """Whether its values are decimals that can be compared by size."""
        return self in _NUMERIC


_NUMERIC = frozenset({Kind.NUMBER, Kind.WHOLE, Kind.MONEY, Kind.PERCENT, Kind.DURATION})

# The id of a type's keyword, see `dsl.keywords.TYPES`.
KIND_OF_KEYWORD: dict[str, Kind] = {
    "YES_NO": Kind.YES_NO,
    "WHOLE": Kind.WHOLE,
    "NUMBER_TYPE": Kind.NUMBER,
    "MONEY": Kind.MONEY,
    "PERCENT": Kind.PERCENT,
    "DURATION": Kind.DURATION,
    "DATE_TYPE": Kind.DATE,
    "TEXT_TYPE": Kind.TEXT,
    "ONE_OF": Kind.ENUM,
    "LIST_OF": Kind.LIST,
}


@record
class Width:
    """How many digits a decimal may have before and after its point."""

    whole: int
    places: int

    def plus(self, other: Width) -> Width:
        """The width of a sum or a difference."""
        return Width(max(self.whole, other.whole) + 1, max(self.places, other.places))

    def times(self, other: Width) -> Width:
        """The width of a product."""
        return Width(self.whole + other.whole, self.places + other.places)

    def union(self, other: Width) -> Width:
        """The least width that holds both."""
        return Width(max(self.whole, other.whole), max(self.places, other.places))

    def holds(self, value: Decimal) -> bool:
        """Whether a decimal fits, exactly; trailing zeros do not count."""
        sign, digits, exponent = value.as_tuple()
        del sign
        if not isinstance(exponent, int):
            return False
        if not value:
            return True
        trailing = len(digits) - len("".join(map(str, digits)).rstrip("0"))
        return len(digits) + exponent <= self.whole and -(exponent + trailing) <= self.places


def width_of(value: Decimal) -> Width:
    """The least width that holds a decimal."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("not a finite number")
    if not value:
        return Width(1, 0)
    text = "".join(map(str, digits))
    trailing = len(text) - len(text.rstrip("0"))
    return Width(max(1, len(digits) + exponent), max(0, -(exponent + trailing)))


def is_whole(value: Decimal) -> bool:
    """Whether a decimal has nothing behind its point; of any length, unlike a remainder, which a context limits."""
    return value == value.to_integral_value()


# Digits before and after the point unless a declaration asks for more. A percentage is counted as a fraction,
# a duration in seconds (31 years at most, to the microsecond).
DEFAULT_WIDTHS: dict[Kind, Width] = {
    Kind.NUMBER: Width(18, 8),
    Kind.WHOLE: Width(18, 0),
    Kind.MONEY: Width(14, 4),
    Kind.PERCENT: Width(3, 6),
    Kind.DURATION: Width(10, 6),
}


@record
class Member:
    """One value of an enumeration, one tier of a ladder, one outcome of a choice.

    `name` is the author's word (an outcome without a code has its text here), `key` what programs see: the alias where there is one.
    `is_text` marks an outcome without a code: answers say it in the language asked for.
    """

    name: str
    key: str
    label: str | None = None
    translation: str | None = None
    is_text: bool = False


@record
class Type:
    """A type: its kind, and what belongs to that kind.

    `members` are an enumeration's values, or a ladder's tiers, best first; `item` is a list's; `width` a number's.
    `owner` is the declaration that the members belong to, so that two enumerations are never compared by accident.
    """

    kind: Kind
    members: tuple[Member, ...] = ()
    item: Type | None = None
    width: Width | None = None
    owner: str = ""

    def member(self, word: str) -> Member | None:
        """The member with that name or key."""
        for member in self.members:
            if word in (member.name, member.key):
                return member
        return None


YES_NO = Type(Kind.YES_NO)
DATE = Type(Kind.DATE)
TEXT = Type(Kind.TEXT)
PERIOD = Type(Kind.PERIOD)
DURATION = Type(Kind.DURATION, width=DEFAULT_WIDTHS[Kind.DURATION])
NUMBER = Type(Kind.NUMBER, width=DEFAULT_WIDTHS[Kind.NUMBER])
WHOLE = Type(Kind.WHOLE, width=DEFAULT_WIDTHS[Kind.WHOLE])
MONEY = Type(Kind.MONEY, width=DEFAULT_WIDTHS[Kind.MONEY])
PERCENT = Type(Kind.PERCENT, width=DEFAULT_WIDTHS[Kind.PERCENT])
