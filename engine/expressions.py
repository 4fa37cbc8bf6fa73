"""The value of an expression in one situation: Kleene logic, exact arithmetic, sets and ranges.

This is the oracle: the plainest code that says what an expression means. Every other back end is held against
it. A condition comes out as known true, known false or unknown; nothing is ever tried out case by case, so
`listed or not listed` is unknown where `listed` is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from itertools import product
from typing import assert_never

from dsl.calendar import add_months, end_of, start_of
from dsl.model import (
    Arith,
    CheckedPolicy,
    Compare,
    Const,
    Contains,
    DateMath,
    Expr,
    IsUnknown,
    Logic,
    Not,
    OneOf,
    Read,
    Round,
    Today,
)
from dsl.types import Kind, Type
from dsl.walk import children
from engine import calendar, ranges
from engine.facts import Facts
from engine.values import (
    FALSE,
    TRUE,
    Causes,
    Domain,
    Exact,
    Known,
    Tagged,
    Unknown,
    among,
    between,
    exact,
    joined,
    known_number,
    numeric,
    possible,
    truth,
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What an expression is evaluated in: one customer's facts, one day, and the results found so far, by
    key.

    `held` are the tiers that the customer held before the day, by ladder, where a state told.
    """

    policy: CheckedPolicy
    facts: Facts
    day: date
    results: dict[str, Domain] = field(default_factory=dict)
    held: Mapping[str, Domain] = field(default_factory=dict)

    def fact(self, key: str) -> Domain:
        """A fact: its value, or unknown, of which it is itself the cause."""
        value = self.facts.known.get(key)
        return Unknown(frozenset({key})) if value is None else Known(exact(value))

    def with_results(self, other: Mapping[str, Domain]) -> Situation:
        """The same situation with other results in some places."""
        return replace(self, results={**self.results, **other})


def evaluate(expr: Expr, at: Situation) -> Domain:
    """What is known of an expression's value."""
    match expr:
        case Const():
            return Known(exact(expr.value))
        case Read():
            return _read(expr, at)
        case Compare():
            return compare(expr.op, evaluate(expr.left, at), evaluate(expr.right, at), expr.left.type)
        case Logic():
            join = conjunction if expr.op == "and" else disjunction
            return join(evaluate(arg, at) for arg in expr.args)
        case Not():
            return negation(evaluate(expr.inner, at))
        case OneOf():
            inner = evaluate(expr.inner, at)
            return one_of(inner, [evaluate(item, at) for item in expr.items], expr.inner.type)
        case Contains():
            return _contains(evaluate(expr.inner, at), evaluate(expr.item, at))
        case IsUnknown():
            return truth(undecided(evaluate(expr.inner, at)))
        case Arith():
            return _arith(expr, [evaluate(arg, at) for arg in expr.args])
        case Round():
            return ranges.round_to(evaluate(expr.inner, at), expr.places)
        case DateMath():
            return _date_math(expr, [evaluate(arg, at) for arg in expr.args], at.day)
        case Today():
            return Known(at.day)
        case _:
            assert_never(expr)


def _read(read: Read, at: Situation) -> Domain:
    if read.of == "fact":
        return at.fact(read.key)
    if read.of == "param":
        return Known(exact(at.policy.params[read.key].on(at.day)))
    if read.of == "held":
        return at.held.get(read.key, Unknown())
    return at.results[read.key]


def undecided(domain: Domain) -> bool:
    """Whether it is not settled what the value is; what `is unknown` asks."""
    return not isinstance(domain, Known)


def parts(expr: Expr) -> Iterator[Expr]:
    """An expression and everything inside it, from left to right."""
    yield expr
    for child in children(expr):
        yield from parts(child)


# ---------------------------------------------------------------- conditions


def negation(condition: Domain) -> Domain:
    """The opposite; of unknown, unknown."""
    if isinstance(condition, Known):
        return FALSE if condition.value else TRUE
    return condition


def conjunction(conditions: Iterable[Domain]) -> Domain:
    """Kleene `and`: false when one is false, else unknown when one is."""
    open_: list[Domain] = []
    for condition in conditions:
        if condition == FALSE:
            return FALSE
        if condition != TRUE:
            open_.append(condition)
    return Unknown(joined(open_)) if open_ else TRUE


def disjunction(conditions: Iterable[Domain]) -> Domain:
    """Kleene `or`: true when one is true, else unknown when one is."""
    open_: list[Domain] = []
    for condition in conditions:
        if condition == TRUE:
            return TRUE
        if condition != FALSE:
            open_.append(condition)
    return Unknown(joined(open_)) if open_ else FALSE


def compare(op: ranges.Order, left: Domain, right: Domain, type: Type) -> Domain:
    """A comparison: by interval for numbers, by every pair for what can be counted, unknown for the unknown."""
    if isinstance(left, Known) and isinstance(right, Known) and type.kind is not Kind.TIER:
        return truth(_holds(op, left.value, right.value))
    if numeric(left) and numeric(right):
        return ranges.compare(op, left, right)
    ours, theirs = possible(left), possible(right)
    causes = joined((left, right))
    if ours is None or theirs is None:
        return Unknown(causes)
    size = _size_in(type)
    return among((_holds(op, size(one), size(other)) for one, other in product(ours, theirs)), causes)


def _size_in(type: Type) -> Callable[[Exact], Exact]:
    """How values of a type are ordered: tiers by their place in the ladder (better is greater), all others by
    themselves.
    """
    if type.kind is not Kind.TIER:
        return lambda value: value
    places = {member.key: Fraction(-place) for place, member in enumerate(type.members)}
    return lambda value: places[value] if isinstance(value, str) else value


def _holds(op: ranges.Order, left: Exact, right: Exact) -> bool:
    if op == "=":
        return left == right
    if op == "<>":
        return left != right
    less = _less(left, right)
    match op:
        case "<":
            return less
        case ">=":
            return not less
        case ">":
            return _less(right, left)
        case "<=":
            return not _less(right, left)


def _less(left: Exact, right: Exact) -> bool:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left < right
    return _day(left) < _day(right)


def one_of(inner: Domain, items: Iterable[Domain], type: Type) -> Domain:
    """`in`: true when all that is possible is among the items, false when none of it is."""
    items = list(items)
    values = possible(inner)
    if values is None:
        tests = [compare("=", inner, item, type) for item in items]
        return disjunction(tests)
    each = [disjunction(compare("=", Known(value), item, type) for item in items) for value in values]
    if all(test == TRUE for test in each):
        return TRUE
    if all(test == FALSE for test in each):
        return FALSE
    return Unknown(inner.causes | joined(each))


def _contains(inner: Domain, item: Domain) -> Domain:
    causes: Causes = joined((inner, item))
    sought = possible(item)
    if sought is None:
        return Unknown(causes)
    if isinstance(inner, Tagged):
        tests = {True if tag in inner.held else None if tag in inner.possible else False for tag in sought}
        return Unknown(causes) if len(tests) > 1 or None in tests else truth(tests == {True})
    lists = possible(inner)
    if lists is None:
        return Unknown(causes)
    return among((isinstance(items, tuple) and one in items for items, one in product(lists, sought)), causes)


# ---------------------------------------------------------------- calculations


def _arith(expr: Arith, args: list[Domain]) -> Domain:
    if expr.type.kind is Kind.DATE:
        pick = min if expr.op == "min" else max
        return _each(lambda *days: pick(_day(day) for day in days), args)
    match expr.op:
        case "+":
            return ranges.add(args)
        case "-":
            return ranges.add([args[0], *(ranges.negate(arg) for arg in args[1:])])
        case "neg":
            return ranges.negate(args[0])
        case "*":
            return ranges.multiply(args)
        case "/":
            return ranges.divide(args[0], args[1], expr.span)
        case "^":
            exponent = known_number(args[1])
            assert exponent is not None, "the checker takes constant exponents only"
            return ranges.power(args[0], int(exponent))
        case "min":
            return ranges.extreme(args, min)
        case "max":
            return ranges.extreme(args, max)
        case _:
            assert_never(expr.op)


def _date_math(expr: DateMath, args: list[Domain], today: date) -> Domain:
    match expr.op:
        case "add_days":
            return _each(lambda day, span: calendar.add_seconds(_day(day), expr.sign * _number(span)), args)
        case "add_months":
            return _each(lambda day, span: add_months(_day(day), expr.sign * int(_number(span))), args)
        case "start":
            return _each(lambda day: start_of(_day(day), expr.unit), args)
        case "end":
            return _each(lambda day: end_of(_day(day), expr.unit), args)
        case "year":
            return _numbers(lambda day: Fraction(_day(day).year), args)
        case "since":
            return _numbers(lambda day: Fraction(calendar.since(_day(day), today, expr.unit)), args)
        case "between":
            return _numbers(lambda later, earlier: calendar.days_between(_day(later), _day(earlier)), args)
        case _:
            assert_never(expr.op)


def _each(function: Callable[..., Exact], args: list[Domain]) -> Domain:
    """The results of a function for every value that its arguments may have; unknown where they cannot be
    counted.
    """
    values = [possible(arg) for arg in args]
    causes = joined(args)
    if any(one is None for one in values):
        return Unknown(causes)
    return among((function(*combination) for combination in product(*(one or () for one in values))), causes)


def _numbers(function: Callable[..., Fraction], args: list[Domain]) -> Domain:
    """The same for a function that gives numbers: the least and the greatest of them."""
    values = [possible(arg) for arg in args]
    causes = joined(args)
    if any(one is None for one in values):
        return Unknown(causes)
    found = [function(*combination) for combination in product(*(one or () for one in values))]
    return between(min(found), max(found), causes)


def _day(value: Exact) -> date:
    assert isinstance(value, date), "the checker lets only dates come here"
    return value


def _number(value: Exact) -> Fraction:
    assert isinstance(value, Fraction), "the checker lets only numbers come here"
    return value
