"""What can be known of a result, and nothing more: the five sorts of it.

A result is `Known`, or `Unknown`, or one of several values (`Among`: tiers, outcomes, dates, texts), or a
number between two ends (`Between`: scores, and derived numbers), or tags of which some are undecided
(`Tagged`). Whatever is not known carries its `causes`: the facts that nobody gave, and divisions by zero. So
"what is missing" is never worked out a second time: it comes with the answer.

Numbers are exact fractions here, in every kind of type (percentages as fractions, durations in seconds,
periods in months).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from decimal import DivisionByZero as DividedByZero
from fractions import Fraction
from functools import lru_cache
from itertools import chain

from dsl.source import Span
from dsl.types import Value

ExactScalar = bool | Fraction | date | str
Exact = ExactScalar | tuple[ExactScalar, ...]


@dataclass(frozen=True, slots=True)
class DivisionByZero:
    """A division whose divisor came out as nothing: why a result is unknown although every fact is known."""

    span: Span


# A fact, by key, that is not known; or a division.
Cause = str | DivisionByZero
Causes = frozenset[Cause]
NO_CAUSES: Causes = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """Exactly this."""

    value: Exact

    @property
    def causes(self) -> Causes:
        """Nothing is missing."""
        return NO_CAUSES


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything of its type; where nothing is the cause, there is deliberately no value (`-`)."""

    causes: Causes = NO_CAUSES


@dataclass(frozen=True, slots=True)
class Among:
    """One of several values, in the order in which they were found possible. Never numbers, never fewer than
    two.
    """

    values: tuple[Exact, ...]
    causes: Causes


@dataclass(frozen=True, slots=True)
class Between:
    """A number from `low` to `high`, both included; an end that is None is open. Never a single number."""

    low: Fraction | None
    high: Fraction | None
    causes: Causes


@dataclass(frozen=True, slots=True)
class Tagged:
    """Tags: those that hold, and those that may."""

    held: tuple[str, ...]
    possible: tuple[str, ...]
    causes: Causes


Domain = Known | Unknown | Among | Between | Tagged

# A context that never rounds: far wider than what policies can declare, and its traps stand for "this cannot
# happen, and if it does, say so".
EXACT = Context(prec=1000, traps=[Inexact, InvalidOperation, DividedByZero, Overflow])

TRUE = Known(True)
FALSE = Known(False)
ZERO = Known(Fraction(0))


def exact(value: Value) -> Exact:
    """A value of the language with its number as a fraction."""
    if isinstance(value, Decimal):
        return fraction(value)
    if isinstance(value, tuple):
        return tuple(fraction(item) if isinstance(item, Decimal) else item for item in value)
    return value


@lru_cache(maxsize=4096)
def fraction(value: Decimal) -> Fraction:
    """A decimal as a fraction; remembered, because policies repeat their numbers for every customer."""
    return Fraction(value)


def among(values: Iterable[Exact], causes: Causes) -> Domain:
    """One of these; known where they are all one. Both truth values together are simply unknown."""
    distinct = tuple(dict.fromkeys(values))
    if len(distinct) == 1:
        return Known(distinct[0])
    if not distinct or isinstance(distinct[0], bool):
        return Unknown(causes)
    return Among(distinct, causes)


def between(low: Fraction | None, high: Fraction | None, causes: Causes) -> Domain:
    """A number between two ends; known where they meet."""
    if low is not None and low == high:
        return Known(low)
    return Between(low, high, causes)


def truth(value: bool) -> Known:
    """A condition that is decided."""
    return TRUE if value else FALSE


def known_number(domain: Domain) -> Fraction | None:
    """The number, where there is exactly one."""
    return domain.value if isinstance(domain, Known) and isinstance(domain.value, Fraction) else None


def ends(domain: Domain) -> tuple[Fraction | None, Fraction | None]:
    """The ends between which a number lies; both open where nothing is known of it."""
    if isinstance(domain, Between):
        return domain.low, domain.high
    number = known_number(domain)
    return number, number


def numeric(domain: Domain) -> bool:
    """Whether the domain says something about a number."""
    return isinstance(domain, Between) or known_number(domain) is not None


def possible(domain: Domain) -> tuple[Exact, ...] | None:
    """Every value that it can be, where they can be counted."""
    match domain:
        case Known(value):
            return (value,)
        case Among(values, _):
            return values
        case _:
            return None


def joined(domains: Iterable[Domain]) -> Causes:
    """The causes of several results together."""
    return frozenset(chain.from_iterable(domain.causes for domain in domains))


def either(domains: Sequence[Domain], causes: Causes) -> Domain:
    """One of several results: decided where they agree, else the least that holds them all. `causes` are why
    it is not settled which.
    """
    first = domains[0]
    if isinstance(first, Known) and all(isinstance(other, Known) and other == first for other in domains):
        return first
    causes = causes | joined(domains)
    if all(numeric(domain) for domain in domains):
        lows, highs = zip(*(ends(domain) for domain in domains), strict=True)
        low = None if None in lows else min(end for end in lows if end is not None)
        high = None if None in highs else max(end for end in highs if end is not None)
        return between(low, high, causes)
    values = [possible(domain) for domain in domains]
    if any(one is None for one in values):
        return Unknown(causes)
    return among(chain.from_iterable(one for one in values if one), causes)


def decimal(number: Fraction) -> Decimal:
    """A fraction as a decimal with all its digits and no more; one without an end (only ever shown) after 12
    places.
    """
    if number.denominator == 1:
        return Decimal(number.numerator)
    rest, twos, fives = number.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives) if rest == 1 else 12
    scaled = rounded(number * 10**places, 0).numerator
    return Decimal((int(scaled < 0), tuple(map(int, str(abs(scaled)))), -places))


def rounded(number: Fraction, places: int) -> Fraction:
    """Rounded to so many decimals, half away from zero."""
    unit = 10**places
    size = (abs(number) * unit + Fraction(1, 2)).__floor__()
    return Fraction(-size if number < 0 else size, unit)


def plain(value: Decimal) -> Decimal:
    """A decimal as it is shown: all its digits, and no more of them than needed."""
    whole = int(value)
    return Decimal(whole) if value == whole else value.normalize(EXACT)


def plain_value(value: Value) -> Value:
    """A value of the language with its numbers in their plainest form."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, tuple):
        return tuple(plain(item) if isinstance(item, Decimal) else item for item in value)
    return value
