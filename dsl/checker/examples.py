"""Examples: tests that stand beside the rules that they test.

What is given are facts, each a fixed value that the fact itself would accept. What is expected is anything
that the policy works out: scores and values by figure or by range, tiers and outcomes by name or by what
stays possible, tags that are among those found, benefits and their values. Whether an example comes true is
not asked here; that is what running it is for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from dsl import ast
from dsl.checker import bounds
from dsl.checker.context import Context, Symbol
from dsl.checker.describe import Slots
from dsl.checker.expressions import constant
from dsl.checker.names import fact_of, symbol_of
from dsl.messages import examples as messages
from dsl.model import Example, Expectation, Read
from dsl.source import Span
from dsl.types import DATE, Kind, Type, Value

Of = Literal["score", "value", "ladder", "choice", "tags", "benefit"]
Op = Literal["=", "IN", "BETWEEN", "CONTAINS", "UNKNOWN", "NONE", "NOT_GRADED"]

_OF: dict[str, Of] = {
    "score": "score",
    "value": "value",
    "ladder": "ladder",
    "choice": "choice",
    "tags": "tags",
    "benefit": "benefit",
}

# What may be said of each sort of thing, and how to say so: the operators, and the advice in both languages.
_ALLOWED: dict[Of, tuple[frozenset[Op], str, str]] = {
    "score": (
        frozenset({"=", "BETWEEN", "UNKNOWN"}),
        "write `{name} = 35`, `{name} between 30 and 40`, or `{name} is unknown`",
        "请写 `{name} = 35`、`{name} 介于 30 与 40` 或 `{name} 为 未知`",
    ),
    "value": (
        frozenset({"=", "BETWEEN", "UNKNOWN"}),
        "write `{name} =` and a value, `{name} between` and two figures, or `{name} is unknown`",
        "请写 `{name} =` 加一个值、`{name} 介于` 加两个数，或 `{name} 为 未知`",
    ),
    "ladder": (
        frozenset({"=", "IN", "UNKNOWN"}),
        "write `{name} =` and a tier, `{name} in` and the tiers that stay possible, or `{name} is unknown`",
        "请写 `{name} =` 加一个等级、`{name} 属于` 加仍然可能的等级，或 `{name} 为 未知`",
    ),
    "choice": (
        frozenset({"=", "IN", "UNKNOWN"}),
        "write `{name} =` and an outcome, `{name} in` and those that stay possible, or `{name} is unknown`",
        "请写 `{name} =` 加一个结果、`{name} 属于` 加仍然可能的结果，或 `{name} 为 未知`",
    ),
    "tags": (
        frozenset({"CONTAINS"}),
        "write `{name} contains` and the tags that should be among them",
        "请写 `{name} 包含` 加应有的标签",
    ),
    "benefit": (
        frozenset({"=", "NONE", "UNKNOWN"}),
        "write `{name} =` and its value, `{name} = none`, or `{name} is unknown`",
        "请写 `{name} =` 加它的值、`{name} = 无` 或 `{name} 为 未知`",
    ),
}


@dataclass(slots=True)
class _Reading:
    """An example while it is being read."""

    name: str
    given: dict[str, Value | None] = field(default_factory=dict)
    expect: list[Expectation] = field(default_factory=list)
    # Where each name stands, on either kind of line.
    places: dict[tuple[str, str], Span] = field(default_factory=dict)
    sound: bool = True


def lower_example(ctx: Context, node: ast.ExampleDecl) -> Example | None:
    """One `example` statement; None after its problems have been reported."""
    example = _Reading(node.name.text)
    _check_name(ctx, node, example)
    on = None if node.on is None else constant(ctx, node.on, DATE)
    for line in node.lines:
        for binding in line.bindings:
            read = _given if line.kind == "given" else _expected
            if not read(ctx, example, binding):
                example.sound = False
    _check_whole(ctx, node, example)
    if not example.sound or (node.on is not None and on is None):
        return None
    day = on if isinstance(on, date) else None
    return Example(example.name, day, tuple(example.given.items()), tuple(example.expect), span=node.span)


def _check_name(ctx: Context, node: ast.ExampleDecl, example: _Reading) -> None:
    # Examples share the table of rule names; the blank keeps them apart from every rule.
    first = ctx.rules.setdefault(f"example {node.name.text}", node.name.span)
    if first is not node.name.span:
        ctx.report.add(messages.EXAMPLE_TWICE, node.name.span, also=(first,), example=node.name.text)
        example.sound = False


def _check_whole(ctx: Context, node: ast.ExampleDecl, example: _Reading) -> None:
    """Something is expected, no more than can be, and every required fact is given."""
    if not any(line.kind == "expect" for line in node.lines):
        ctx.report.add(messages.NOTHING_EXPECTED, node.name.span, example=example.name)
    refused = [each for each in example.expect if each.op == "NOT_GRADED"]
    if refused and len(example.expect) > len(refused):
        ctx.report.add(messages.NOT_GRADED_WITH, refused[0].span, example=example.name)
        example.sound = False
    for name, symbol in ctx.symbols.items():
        required = isinstance(symbol.node, ast.FactDecl) and _is_required(symbol.node)
        if required and name == symbol.name and ("given", symbol.key) not in example.places:
            ctx.report.add(messages.GIVEN_MISSING, node.name.span, example=example.name, name=name)


def _is_required(node: ast.FactDecl) -> bool:
    return any(option.kind == "REQUIRED" for option in node.options)


# ---------------------------------------------------------------- given


def _given(ctx: Context, example: _Reading, binding: ast.Binding) -> bool:
    """One `fact = value`; false after its problem has been reported."""
    if binding.word is None:
        ctx.report.add(messages.NOT_GRADED_GIVEN, binding.span, words=ctx.words(binding.span))
        return False
    symbol = fact_of(ctx, binding.word)
    if symbol is None or symbol.type is None:
        return False
    name = binding.word.text
    first = example.places.setdefault(("given", symbol.key), binding.span)
    if first is not binding.span:
        words: Slots = {"name": name, "example": example.name}
        ctx.report.add(messages.GIVEN_TWICE, binding.span, also=(first,), **words)
        return False
    if binding.op == "UNKNOWN":
        if isinstance(symbol.node, ast.FactDecl) and _is_required(symbol.node):
            ctx.report.add(messages.REQUIRED_UNKNOWN, binding.span, name=name)
            return False
        example.given[symbol.key] = None
        return True
    one = symbol.type.kind is not Kind.LIST
    if binding.op not in ("=", "IS") or (one and len(binding.values) != 1):
        ctx.report.add(messages.GIVEN_OP, binding.span, name=name)
        return False
    value = _value(ctx, binding.values, symbol.type)
    if value is None or not _within_bounds(ctx, symbol, symbol.type, value, binding):
        return False
    example.given[symbol.key] = value
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
        if not _outside(value, bound, lower=lower):
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


def _outside(value: Value, bound: Value | None, *, lower: bool) -> bool:
    if isinstance(value, Decimal) and isinstance(bound, Decimal):
        return value < bound if lower else value > bound
    if isinstance(value, date) and isinstance(bound, date):
        return value < bound if lower else value > bound
    return False


# ---------------------------------------------------------------- expected


def _expected(ctx: Context, example: _Reading, binding: ast.Binding) -> bool:
    """One thing that is expected; false after its problem has been reported."""
    if binding.word is None:
        example.expect.append(Expectation("status", "", "NOT_GRADED", (), binding.span))
        return True
    symbol = symbol_of(ctx, binding.word)
    if symbol is None:
        return False
    name = binding.word.text
    of = _OF.get(symbol.of)
    if of is None:
        what, what_zh = ("a fact", "指标") if symbol.of == "fact" else ("a parameter", "参数")
        ctx.report.add(messages.EXPECT_FACT, binding.span, name=name, what=what, what_zh=what_zh)
        return False
    if (
        of != "tags"
        and (first := example.places.setdefault(("expect", symbol.key), binding.span)) is not binding.span
    ):
        words: Slots = {"name": name, "example": example.name}
        ctx.report.add(messages.EXPECT_TWICE, binding.span, also=(first,), **words)
        return False
    if symbol.type is None:
        # Its own declaration is wrong, which has been said there.
        return False
    op: Op = "=" if binding.op == "IS" else binding.op
    allowed, advice, advice_zh = _ALLOWED[of]
    if op not in allowed or (op == "=" and len(binding.values) != 1):
        helps: Slots = {"allowed": advice.format(name=name), "allowed_zh": advice_zh.format(name=name)}
        written = ctx.words(binding.span)
        ctx.report.add(messages.EXPECT_OP, binding.span, name=name, words=written, **helps)
        return False
    return _expected_values(ctx, example, binding, symbol, of, op)


def _expected_values(
    ctx: Context, example: _Reading, binding: ast.Binding, symbol: Symbol, of: Of, op: Op
) -> bool:
    assert symbol.type is not None
    type = symbol.type.item if of == "tags" and symbol.type.item else symbol.type
    values = [_expected_value(ctx, node, type) for node in binding.values]
    known = tuple(value for value in values if value is not None)
    if len(known) < len(values):
        return False
    if op == "BETWEEN" and _outside(known[1], known[0], lower=True):
        low, high = (ctx.words(node.span) for node in binding.values)
        ctx.report.add(messages.EXPECT_RANGE, binding.span, low=low, high=high)
        return False
    example.expect.append(Expectation(of, symbol.key, op, known, binding.span))
    return True


def _expected_value(ctx: Context, node: ast.Expr, type: Type) -> Value | None:
    """One value; an outcome may be called by the translation of its text, too, which rules cannot do."""
    if isinstance(node, ast.TextValue) and type.members:
        text = node.label.text
        if not any(text in (each.name, each.key, each.label) for each in type.members):
            translated = next((each.key for each in type.members if each.translation == text), None)
            if translated is not None:
                return translated
    return constant(ctx, node, type)
