"""The short way from raw facts to `Facts`, for what nearly every request holds: good values.

For each fact there is a function that takes the plain form of its values at once (a whole number, a decimal,
`true`, a member's key) and reads everything else as `engine.facts_values` does. Where anything is wrong
(a problem, an unknown name, a fact given twice, one that is required and missing) the short way ends without
an answer, and the long one says what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from dsl.model import CheckedPolicy, Fact
from dsl.records import record
from dsl.types import Kind, Value
from engine.facts_values import LONGEST_TEXT, Reader
from engine.values import plain, plain_value

# The value, ready to be decided with; None where something is wrong with it.
Take = Callable[[object], Value | None]
Taken = tuple[dict[str, Value], tuple[str, ...]]


@record
class QuickReader:
    """How a policy's facts are taken: by name and alias, the fact's key and its function.

    `wanted` are the facts by key that a customer may be silent of, with the default; `required` those that
    must be there.
    """

    takers: dict[str, tuple[str, Take]]
    wanted: tuple[tuple[str, Value | None], ...]
    required: tuple[str, ...]

    def read(self, raw: Mapping[str, object]) -> Taken | None:
        """What is known and what was assumed; None where the long way must be gone."""
        given: dict[str, Value | None] = {}
        for name, value in raw.items():
            taker = self.takers.get(name)
            if taker is None or taker[0] in given:
                return None
            taken = None if value is None else taker[1](value)
            if taken is None and value is not None:
                return None
            given[taker[0]] = taken
        return None if any(given.get(key) is None for key in self.required) else self._filled(given)

    def _filled(self, given: Mapping[str, Value | None]) -> Taken:
        """With the defaults, in the order declared."""
        known: dict[str, Value] = {}
        assumed = []
        for key, default in self.wanted:
            value = given.get(key)
            if value is not None:
                known[key] = value
            elif default is not None:
                known[key] = default
                assumed.append(key)
        return known, tuple(assumed)


def quick_reader(policy: CheckedPolicy) -> QuickReader:
    """The short way for a policy."""
    takers = {fact.key: (fact.key, _taker(fact, policy.currency)) for fact in policy.facts.values()}
    by_name = {fact.name: takers[fact.key] for fact in policy.facts.values()}
    wanted = tuple(
        (fact.key, None if fact.default is None else plain_value(fact.default))
        for fact in policy.facts.values()
    )
    required = tuple(fact.key for fact in policy.facts.values() if fact.required)
    return QuickReader(by_name | takers, wanted, required)


def _taker(fact: Fact, currency: str | None) -> Take:
    def read(raw: object) -> Value | None:
        reader = Reader(fact.name, "", currency)
        value = reader.read(raw, fact.type)
        return None if value is None or reader.problems else plain_value(value)

    match fact.type.kind:
        case Kind.YES_NO:
            return lambda raw: raw if raw is True or raw is False else None
        case Kind.ENUM | Kind.TIER:
            return _member(fact)
        case Kind.TEXT:
            return lambda raw: (
                raw if isinstance(raw, str) and len(raw) < LONGEST_TEXT and raw.isascii() else read(raw)
            )
        case kind if kind.numeric:
            return _within(fact, _number(fact, read))
        case _:
            return _within(fact, read)


def _member(fact: Fact) -> Take:
    keys = {word: member.key for member in reversed(fact.type.members) for word in (member.key, member.name)}
    return lambda raw: keys.get(raw) if isinstance(raw, str) else None


def _number(fact: Fact, read: Take) -> Take:
    """Whole numbers and decimals at once, where they are surely not too wide."""
    width = fact.type.width
    if width is None or fact.type.kind is Kind.DURATION:
        return read
    limit = 10**width.whole

    def number(raw: object) -> Value | None:
        if type(raw) is int and -limit < raw < limit:
            return Decimal(raw)
        if type(raw) is Decimal and raw.is_finite() and width.holds(raw):
            return plain(raw)
        return read(raw)

    return number


def _within(fact: Fact, take: Take) -> Take:
    """The same for what lies between the fact's bounds only."""
    low, high = fact.at_least, fact.at_most
    if low is None and high is None:
        return take

    def within(raw: object) -> Value | None:
        value = take(raw)
        if value is None or (low is not None and value < low) or (high is not None and high < value):  # type: ignore[operator]
            return None
        return value

    return within
