"""The days of an example: the facts that are given on each, and where they are written.

A fact is given a fixed value that it would accept itself: a value that it refuses is no example of a customer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dsl import ast
from dsl.checker import bounds
from dsl.checker.context import Context, Symbol
from dsl.checker.describe import Slots
from dsl.checker.expressions import constant
from dsl.checker.names import fact_of
from dsl.messages import examples as messages
from dsl.model import Expectation, Read
from dsl.source import Span
from dsl.types import Kind, Type, Value


@dataclass(slots=True)
class Day:
    """A day of an example while it is being read; `on` is None where none is named. `broken`: it is no date."""

    example: str
    on: date | None
    span: Span
    # Whether it belongs to a story, in which tiers are held and move.
    story: bool
    broken: bool = False
    lines: list[ast.BindingLine] = field(default_factory=list)
    given: dict[str, Value | None] = field(default_factory=dict)
    expect: list[Expectation] = field(default_factory=list)
    # Where each fact is given, by its key, and where each thing is expected.
    named: dict[str, Span] = field(default_factory=dict)
    asked: dict[tuple[str, str], Span] = field(default_factory=dict)


def is_required(node: ast.FactDecl) -> bool:
    """Whether a fact has to be given."""
    return any(option.kind == "REQUIRED" for option in node.options)


def given(ctx: Context, day: Day, binding: ast.Binding) -> bool:
    """One `fact = value`; false after its problem has been reported."""
    if binding.word is None:
        ctx.report.add(messages.NOT_GRADED_GIVEN, binding.span, words=ctx.words(binding.span))
        return False
    symbol = fact_of(ctx, binding.word)
    if symbol is None or symbol.type is None:
        return False
    name = binding.word.text
    first = day.named.setdefault(symbol.key, binding.span)
    if first is not binding.span:
        words: Slots = {"name": name, "example": day.example}
        ctx.report.add(messages.GIVEN_TWICE, binding.span, also=(first,), **words)
        return False
    if binding.op == "UNKNOWN":
        if isinstance(symbol.node, ast.FactDecl) and is_required(symbol.node):
            ctx.report.add(messages.REQUIRED_UNKNOWN, binding.span, name=name)
            return False
        day.given[symbol.key] = None
        return True
    one = symbol.type.kind is not Kind.LIST
    if binding.op not in ("=", "IS") or (one and len(binding.values) != 1):
        ctx.report.add(messages.GIVEN_OP, binding.span, name=name)
        return False
    value = _value(ctx, binding.values, symbol.type)
    if value is None or not _within_bounds(ctx, symbol, symbol.type, value, binding):
        return False
    day.given[symbol.key] = value
    return True


def _value(ctx: Context, nodes: tuple[ast.Expr, ...], type: Type) -> Value | None:
    """One value, or for a list all of its items."""
    values = [constant(ctx, node, type) for node in nodes]
    if type.kind is not Kind.LIST:
        return values[0]
    lists = [value for value in values if isinstance(value, tuple)]
    return tuple(item for each in lists for item in each) if len(lists) == len(values) else None


def _within_bounds(ctx: Context, symbol: Symbol, type: Type, value: Value, binding: ast.Binding) -> bool:
    """A value that the fact would refuse is no example of a customer."""
    low, high = bounds.of(ctx, Read("fact", symbol.key, type))
    for bound, lower in ((low, True), (high, False)):
        if not outside(value, bound, lower=lower):
            continue
        node = symbol.node
        options = node.options if isinstance(node, ast.FactDecl) else ()
        option = next(each for each in options if each.kind == ("AT_LEAST" if lower else "AT_MOST"))
        side, side_zh = ("below", "低于") if lower else ("above", "高于")
        words: Slots = {
            "value": ctx.words(binding.values[0].span),
            "side": side,
            "side_zh": side_zh,
            "bound": ctx.words(option.span),
            "name": symbol.name,
        }
        ctx.report.add(messages.OUT_OF_BOUNDS, binding.span, also=(option.span,), **words)
        return False
    return True


def outside(value: Value, bound: Value | None, *, lower: bool) -> bool:
    """Whether a value lies beyond a bound."""
    if isinstance(value, Decimal) and isinstance(bound, Decimal):
        return value < bound if lower else value > bound
    if isinstance(value, date) and isinstance(bound, date):
        return value < bound if lower else value > bound
    return False
