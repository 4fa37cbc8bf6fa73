"""Random policies that are well typed, and random customers for a policy.

`policies()` makes surface trees, not strings: every kind of statement, names in both scripts, comments,
labels with translations. They are made so that the checker accepts nearly all of them; `checked()` gives
those that it accepted, compiled from their text. `facts_for` makes customers: unknown facts, and values
at, just below and just above every constant that the policy compares with, which is where engines
disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume
from hypothesis import strategies as st

from dsl import ast
from dsl.checker import check
from dsl.formatter import format_policy
from dsl.model import CheckedPolicy, Const, Fact
from dsl.source import Source
from dsl.types import Kind, Type
from engine.calendar import duration_text
from tests.generating import answers, over_time, statements
from tests.generating.expressions import condition
from tests.generating.world import Known, World

Raw = dict[str, object]


# ---------------------------------------------------------------- policies


@st.composite
def policies(draw: st.DrawFn) -> ast.Policy:
    """A surface tree of a whole policy."""
    world = World(draw)
    body = [*_header(world), *_declarations(world)]
    return ast.Policy(tuple(body), ("the end",) if world.maybe(20) else ())


def _header(world: World) -> Iterator[ast.AnyStatement]:
    yield ast.PolicyHeader(ast.Word("generated"), world.label(), notes=world.notes())
    if world.maybe(30):
        yield ast.Remark("OWNER", world.text(), notes=world.notes())
    if world.maybe(30):
        end = ast.DateValue(date(2029, 12, 31)) if world.maybe() else None
        yield ast.Effective(ast.DateValue(date(2020, 1, 1)), end, notes=world.notes())
    # Where money may stand, the policy has to name its currency.
    yield ast.Currency(ast.Word("CNY"), notes=world.notes())
    if world.maybe(20):
        yield ast.Remark("TIMEZONE", ast.Label("Asia/Shanghai"))
    for kind in ("SCOPE", "ABOUT"):
        if world.maybe(15):
            yield ast.Remark("SCOPE" if kind == "SCOPE" else "ABOUT", world.text(), notes=world.notes())


def _declarations(world: World) -> Iterator[ast.AnyStatement]:
    kinds = world.some(statements.FACT_TYPES, 2, 5)
    for kind in kinds:
        yield statements.fact(world, kind)
    facts: list[Known] = list(world.known)
    if world.maybe(25):
        yield ast.Applies(condition(world, 1), world.label(), notes=world.notes())
    yield from _some(world, statements.parameter, 0, 1)
    yield from _some(world, statements.value, 0, 2)
    yield from _some(world, statements.score, 0, 2)
    if world.of("SCORE") and world.maybe(40):
        yield statements.total(world)
    yield from _some(world, statements.tiers, 1, 2)
    moving = world.some(world.of("TIER"), 0, 1)
    for ladder in moving:
        yield over_time.movement(world, ladder, facts)
    yield from _some(world, answers.choice, 0, 2)
    yield from _some(world, answers.tags, 0, 1)
    yield from _some(world, answers.benefit, 0, 2)
    yield from _some(world, answers.matrix, 0, 1)
    yield from _some(world, answers.advise, 0, 2)
    if world.maybe(40):
        yield over_time.story(world, facts, moving) if world.maybe(40) else answers.example(world, facts)


def _some(
    world: World, make: Callable[[World], ast.AnyStatement], least: int, most: int
) -> Iterator[ast.AnyStatement]:
    for _ in world.times(least, most):
        yield make(world)


@st.composite
def checked(draw: st.DrawFn) -> CheckedPolicy:
    """A policy that the checker accepts, from the text of a generated tree."""
    policy, _ = check(Source(format_policy(draw(policies()), draw(st.sampled_from(("en", "zh"))))))
    assume(policy is not None)
    assert policy is not None
    return policy


# ---------------------------------------------------------------- customers


def facts_for(policy: CheckedPolicy) -> st.SearchStrategy[Raw]:
    """Raw facts of a customer, as a request would give them.

    A fact that may be unknown is left out or null at times.
    """
    constants = list(_constants(policy))
    required = {key: _raw(fact, constants) for key, fact in policy.facts.items() if fact.required}
    optional = {
        key: st.none() | _raw(fact, constants) for key, fact in policy.facts.items() if not fact.required
    }
    return st.fixed_dictionaries(required, optional=optional)


def complete_facts_for(policy: CheckedPolicy) -> st.SearchStrategy[Raw]:
    """Raw facts of a customer of whom everything is known."""
    constants = list(_constants(policy))
    return st.fixed_dictionaries({key: _raw(fact, constants) for key, fact in policy.facts.items()})


def _constants(node: object) -> Iterator[Const]:
    if isinstance(node, Const):
        yield node
    elif is_dataclass(node):
        for each in fields(node):
            yield from _constants(getattr(node, each.name))
    elif isinstance(node, tuple):
        for item in node:
            yield from _constants(item)
    elif isinstance(node, dict):
        for item in node.values():
            yield from _constants(item)


def _raw(fact: Fact, constants: list[Const]) -> st.SearchStrategy[object]:
    return _of_type(fact.type, fact, constants)


def _of_type(type: Type, fact: Fact, constants: list[Const]) -> st.SearchStrategy[object]:
    match type.kind:
        case Kind.YES_NO:
            return st.booleans()
        case Kind.ENUM | Kind.TIER:
            return st.sampled_from([word for member in type.members for word in (member.key, member.name)])
        case Kind.TEXT:
            texts = [const.value for const in constants if isinstance(const.value, str)]
            return st.sampled_from([*texts, "anything else", ""])
        case Kind.DATE:
            return st.sampled_from([day.isoformat() for day in _days(constants)])
        case Kind.LIST:
            assert type.item is not None
            return st.lists(_of_type(type.item, fact, constants), max_size=3)
        case _:
            numbers = st.sampled_from(_numbers(type, fact, constants))
            return numbers.map(duration_text) if type.kind is Kind.DURATION else numbers


def _days(constants: list[Const]) -> list[date]:
    marks = {const.value for const in constants if isinstance(const.value, date)} | {date(2026, 2, 28)}
    return sorted({day + timedelta(days=step) for day in marks for step in (-1, 0, 1)})


def _numbers(type: Type, fact: Fact, constants: list[Const]) -> list[Decimal]:
    """The constants that a number of this type meets, and their neighbours, where the fact allows them."""
    marks = {Decimal(0), Decimal(1)}
    for const in constants:
        if isinstance(const.value, Decimal) and (const.type.kind is Kind.DURATION) == (
            type.kind is Kind.DURATION
        ):
            marks |= {const.value, const.value * 3, -const.value}
    step = Decimal(1) if type.kind in (Kind.WHOLE, Kind.DURATION) else Decimal("0.0001")
    found = sorted(mark + near for mark in marks for near in (-step, Decimal(0), step))
    return [value for value in found if _allowed(value, type, fact)]


def _allowed(value: Decimal, type: Type, fact: Fact) -> bool:
    if type.kind is Kind.WHOLE and value != value.to_integral_value():
        return False
    if type.width is not None and not type.width.holds(value):
        return False
    low, high = fact.at_least, fact.at_most
    above = low is None or (isinstance(low, Decimal) and value >= low)
    return above and (high is None or (isinstance(high, Decimal) and value <= high))
