"""What an example expects: scores and values by figure or by range, tiers and outcomes by name or by what stays
possible, tags that are among those found, benefits and their values; in a story also the tier that the facts
alone give, and what happens to a tier on the day.
"""

from __future__ import annotations

from typing import Literal

from dsl import ast
from dsl.checker.context import Context, Symbol
from dsl.checker.describe import Slots
from dsl.checker.example_days import Day, outside
from dsl.checker.expressions import constant
from dsl.checker.names import member_of, symbol_of
from dsl.messages import examples as messages
from dsl.model import Expectation
from dsl.types import Type, Value

Of = Literal["score", "value", "ladder", "choice", "tags", "benefit"]
Op = Literal["=", "IN", "BETWEEN", "CONTAINS", "UNKNOWN", "NONE", "NOT_GRADED"]

# What happens to a tier, as the model calls it.
KINDS: dict[ast.TransitionWord, str] = {
    "ENTERS": "enter",
    "MOVES_UP": "up",
    "MOVES_DOWN": "down",
    "LEAVES": "leave",
    "GIVES_NOTICE": "notice",
    "WITHDRAWS": "withdraw",
    "RENEWS": "renew",
    "STAYS": "stay",
}
# Those that lead to a tier, which may be named.
_LEADING = frozenset({"ENTERS", "MOVES_UP", "MOVES_DOWN", "GIVES_NOTICE"})

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


def expected(ctx: Context, day: Day, binding: ast.Binding) -> bool:
    """One thing that is expected; false after its problem has been reported."""
    if binding.word is None:
        day.expect.append(Expectation("status", "", "NOT_GRADED", (), binding.span))
        return True
    symbol = symbol_of(ctx, binding.word)
    if symbol is None:
        return False
    name = binding.word.text
    if binding.computed or binding.op in ast.TRANSITIONS:
        return _is_of_movement(ctx, day, binding, symbol) and _expected_of_movement(ctx, day, binding, symbol)
    of = _OF.get(symbol.of)
    if of is None:
        what, what_zh = ("a fact", "指标") if symbol.of == "fact" else ("a parameter", "参数")
        ctx.report.add(messages.EXPECT_FACT, binding.span, name=name, what=what, what_zh=what_zh)
        return False
    if of != "tags" and _asked_before(ctx, day, binding, (of, symbol.key)):
        return False
    if symbol.type is None:
        # Its own declaration is wrong, which has been said there.
        return False
    return _expected_as(ctx, day, binding, symbol, of)


def _asked_before(ctx: Context, day: Day, binding: ast.Binding, what: tuple[str, str]) -> bool:
    """Whether the day expects the same thing a second time; that is reported."""
    first = day.asked.setdefault(what, binding.span)
    if first is binding.span:
        return False
    assert binding.word is not None
    words: Slots = {"name": binding.word.text, "example": day.example}
    ctx.report.add(messages.EXPECT_TWICE, binding.span, also=(first,), **words)
    return True


def _expected_as(
    ctx: Context,
    day: Day,
    binding: ast.Binding,
    symbol: Symbol,
    of: Of,
    into: Literal["computed"] | None = None,
) -> bool:
    """Something expected of a sort of thing, in a way that the sort allows; `into` is what it is kept as."""
    op: Op = "=" if binding.op == "IS" else binding.op  # type: ignore[assignment]
    allowed, advice, advice_zh = _ALLOWED[of]
    if op not in allowed or (op == "=" and len(binding.values) != 1):
        assert binding.word is not None
        name = ("computed " if into else "") + binding.word.text
        name_zh = ("核算 " if into else "") + binding.word.text
        helps: Slots = {"allowed": advice.format(name=name), "allowed_zh": advice_zh.format(name=name_zh)}
        written = ctx.words(binding.span)
        ctx.report.add(messages.EXPECT_OP, binding.span, name=binding.word.text, words=written, **helps)
        return False
    return _expected_values(ctx, day, binding, symbol, into or of, op)


# ---------------------------------------------------------------- movement


def _is_of_movement(ctx: Context, day: Day, binding: ast.Binding, symbol: Symbol) -> bool:
    """Whether what is expected is a ladder with a movement, in a story; anything else is reported."""
    words, name = ctx.words(binding.span), symbol.name
    if symbol.of != "ladder":
        ctx.report.add(messages.MOVES_NO_LADDER, binding.span, words=words, name=name)
    elif symbol.key not in ctx.moving:
        ctx.report.add(messages.NO_MOVEMENT, binding.span, words=words, name=name)
    elif not day.story:
        ctx.report.add(messages.NO_STORY, binding.span, words=words, name=name)
    else:
        return symbol.type is not None
    return False


def _expected_of_movement(ctx: Context, day: Day, binding: ast.Binding, symbol: Symbol) -> bool:
    """`computed grade = D`, `grade moves down to C`."""
    if binding.computed:
        if _asked_before(ctx, day, binding, ("computed", symbol.key)):
            return False
        return _expected_as(ctx, day, binding, symbol, "ladder", "computed")
    word = next(each for each in ast.TRANSITIONS if each == binding.op)
    assert symbol.type is not None
    if _asked_before(ctx, day, binding, (word, symbol.key)):
        return False
    tiers: list[str] = []
    for node in binding.values:
        assert isinstance(node, ast.Ref)
        if word not in _LEADING:
            ctx.report.add(
                messages.LEADS_NOWHERE, node.span, tier=node.word.text, words=ctx.words(binding.span)
            )
            return False
        member = member_of(ctx, node.word, symbol.type)
        if member is None:
            return False
        tiers.append(member.key)
    values = (KINDS[word], *tiers)
    day.expect.append(Expectation("transition", symbol.key, "=", values, binding.span))
    return True


# ---------------------------------------------------------------- values


def _expected_values(
    ctx: Context, day: Day, binding: ast.Binding, symbol: Symbol, of: Of | Literal["computed"], op: Op
) -> bool:
    assert symbol.type is not None
    type = symbol.type.item if of == "tags" and symbol.type.item else symbol.type
    values = [_expected_value(ctx, node, type) for node in binding.values]
    known = tuple(value for value in values if value is not None)
    if len(known) < len(values):
        return False
    if op == "BETWEEN" and outside(known[1], known[0], lower=True):
        low, high = (ctx.words(node.span) for node in binding.values)
        ctx.report.add(messages.EXPECT_RANGE, binding.span, low=low, high=high)
        return False
    day.expect.append(Expectation(of, symbol.key, op, known, binding.span))
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
