"""Comparisons and conditions: sides that are already typed to a condition, and the two classic slips of `and`
and `or`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from dsl import ast, model
from dsl.checker.context import Context, Symbol
from dsl.checker.describe import slots
from dsl.checker.fitting import compared_operands, is_literal, stripped, warn_of_half_range
from dsl.checker.names import member_named
from dsl.keywords import by_id
from dsl.messages import types as messages
from dsl.types import YES_NO, Kind, Type

_COMMENT = re.compile(r"[#＃].*")

Order = Literal["=", "<>", "<", "<=", ">", ">="]

# What each spelling of a comparison means.
ORDER_OF: dict[ast.Comparison, Order] = {
    "=": "=",
    "IS": "=",
    "IS_NOT": "<>",
    ">": ">",
    "OVER": ">",
    ">=": ">=",
    "AT_LEAST": ">=",
    "OR_MORE": ">=",
    "<": "<",
    "BELOW": "<",
    "<=": "<=",
    "AT_MOST": "<=",
    "UP_TO": "<=",
    "OR_LESS": "<=",
}


def has_order(type: Type) -> bool:
    """Whether values of a type can be compared by size: numbers, dates, and tiers of a ladder."""
    return type.kind.numeric or type.kind in (Kind.DATE, Kind.TIER, Kind.PERIOD)


def compared(ctx: Context, node: ast.Compare, left: model.Expr, right: model.Expr) -> model.Expr | None:
    """`left op right`, both sides as one type."""
    op = ORDER_OF[node.op]
    if left.type.kind is Kind.LIST:
        ctx.report.add(messages.LIST_COMPARED, node.span, words=ctx.words(node.left.span))
        return None
    if op not in ("=", "<>") and not has_order(left.type):
        report_no_order(ctx, node, node.op, left.type)
        return None
    sides = compared_operands(ctx, (node.left, node.right), left, right)
    return None if sides is None else model.Compare(op, *sides, YES_NO, node.span)


def report_no_order(ctx: Context, node: ast.Node, op: str, type: Type) -> None:
    """Reports `over`, `at least` and the like beside something that has no order."""
    keyword = by_id().get(op)
    sign, sign_zh = (keyword.en[0], keyword.zh[0]) if keyword else (op, op)
    ctx.report.add(messages.NO_ORDER, node.span, sign=sign, sign_zh=sign_zh, **slots(left=type))


def between(
    ctx: Context, node: ast.Between, inner: model.Expr, low: model.Expr, high: model.Expr
) -> model.Expr | None:
    """`x between low and high` as two comparisons."""
    if not has_order(inner.type):
        report_no_order(ctx, node, "BETWEEN", inner.type)
        return None
    from_low = compared_operands(ctx, (node.inner, node.low), inner, low)
    to_high = compared_operands(ctx, (node.inner, node.high), inner, high)
    if from_low is None or to_high is None or not rising(ctx, node, from_low[1], to_high[1], equal=True):
        return None
    warn_of_half_range(ctx, replace(node, span=node.low.span.to(node.high.span)), node.low, node.high)
    ends = (
        model.Compare(">=", *from_low, YES_NO, node.span),
        model.Compare("<=", *to_high, YES_NO, node.span),
    )
    return model.Logic("and", ends, YES_NO, node.span)


def rising(ctx: Context, node: ast.Node, low: model.Expr, high: model.Expr, *, equal: bool) -> bool:
    """Whether something can lie between two ends, as far as can be told; reports ends that are the wrong way
    round.
    """
    if not (isinstance(low, model.Const) and isinstance(high, model.Const)):
        return True
    if low.type.kind is Kind.TIER:
        keys = [member.key for member in low.type.members]
        empty = keys.index(str(low.value)) < keys.index(str(high.value))
    elif isinstance(low.value, Decimal) and isinstance(high.value, Decimal):
        empty = low.value > high.value or (low.value == high.value and not equal)
    else:
        empty = str(low.value) > str(high.value)
    if empty:
        ends = ctx.words(low.span), ctx.words(high.span)
        ctx.report.add(messages.RANGE_EMPTY, node.span, low=ends[0], high=ends[1])
    return not empty


def membership(
    ctx: Context, node: ast.In, inner: model.Expr, items: tuple[model.Expr, ...]
) -> model.Expr | None:
    """`x in a, b, c`; `x in L` for a list asks whether the list contains x."""
    if inner.type.kind is Kind.LIST:
        ctx.report.add(messages.LIST_COMPARED, node.span, words=ctx.words(node.inner.span))
        return None
    if len(items) == 1 and items[0].type.kind is Kind.LIST:
        found: model.Expr | None = _in_list(ctx, node, inner, items[0])
    else:
        found = _one_of(ctx, node, inner, items)
    return model.Not(found, YES_NO, node.span) if node.negated and found is not None else found


def _in_list(ctx: Context, node: ast.In, inner: model.Expr, items: model.Expr) -> model.Expr | None:
    assert items.type.item is not None
    stand_in = model.Read("fact", "", items.type.item, items.span)
    if compared_operands(ctx, (node.inner, node.items[0]), inner, stand_in) is None:
        return None
    return model.Contains(items, inner, YES_NO, node.span)


def _one_of(
    ctx: Context, node: ast.In, inner: model.Expr, items: tuple[model.Expr, ...]
) -> model.Expr | None:
    pairs = [
        compared_operands(ctx, (node.inner, word), inner, item)
        for word, item in zip(node.items, items, strict=True)
    ]
    known = [pair for pair in pairs if pair is not None]
    if len(known) < len(pairs):
        return None
    # A bare number or a ratio on the left has taken the type of the items.
    return model.OneOf(known[0][0], tuple(item for _, item in known), YES_NO, node.span)


def report_no_list(ctx: Context, node: ast.Contains, found: Type) -> None:
    """Reports `contains` beside something that is no list."""
    ctx.report.add(messages.NOT_A_LIST, node.inner.span, **slots(found=found))


# ---------------------------------------------------------------- slips of `and` and `or`


def report_mixed(ctx: Context, node: ast.Logic) -> None:
    """Reports `a and b or c` with both of its readings in full."""
    words, joints = _flat(ctx, node)
    first = _bracketed(words, joints, tight="and")
    second = _bracketed(words, joints, tight="or")
    ctx.report.add(messages.MIXED_LOGIC, node.span, first=first, second=second)


# `and` or `or`, and the author's own word for it.
_Joint = tuple[str, str]


def _flat(ctx: Context, node: ast.Expr) -> tuple[list[str], list[_Joint]]:
    """The operands of `and` and `or` in the order written, and what stands between them."""
    if not isinstance(node, ast.Logic):
        return [ctx.words(node.span)], []
    words: list[str] = []
    joints: list[_Joint] = []
    for at, item in enumerate(node.items):
        more, between = _flat(ctx, item)
        if at:
            gap = replace(item.span, start=node.items[at - 1].span.end, end=item.span.start)
            joints.append((node.op, _COMMENT.sub("", ctx.words(gap)).strip() or node.op))
        words += more
        joints += between
    return words, joints


def _bracketed(words: list[str], joints: list[_Joint], *, tight: str) -> str:
    """The operands with brackets around those that `tight` joins."""
    groups: list[list[str]] = [[words[0]]]
    loose: list[str] = []
    for (op, joint), word in zip(joints, words[1:], strict=True):
        if op == tight:
            groups[-1] += [joint, word]
        else:
            loose.append(joint)
            groups.append([word])
    parts = [f"({' '.join(group)})" if len(group) > 1 else group[0] for group in groups]
    return " ".join([parts[0], *(f"{joint} {part}" for joint, part in zip(loose, parts[1:], strict=True))])


def offer_in(ctx: Context, node: ast.Logic) -> tuple[ast.Expr, ...]:
    """Reports `stage is contract or delivery` and `n is 5 or 6`; the items that are values and no
    conditions.
    """
    first, values = _values_behind(ctx, node)
    if first is not None and values:
        names = [ctx.words(first.right.span), *(ctx.words(item.span) for item in values)]
        no, no_zh = ("not in", "不属于") if first.op == "IS_NOT" else ("in", "属于")
        subject = ctx.words(first.left.span)
        ctx.report.add(
            messages.OFFER_IN,
            values[0].span,
            value=ctx.words(values[0].span),
            fixed=f"{subject} {no} {', '.join(names)}",
            fixed_zh=f"{subject} {no_zh} {'、'.join(names)}",
        )
    return tuple(values)


def _values_behind(ctx: Context, node: ast.Logic) -> tuple[ast.Compare | None, list[ast.Expr]]:
    """The first equality that has values behind it which are no conditions, with those values."""
    first: ast.Compare | None = None
    values: list[ast.Expr] = []
    for item in node.items:
        if first is not None and _is_value_of(ctx, first.left, item):
            values.append(item)
        elif values:
            break
        else:
            equality = isinstance(item, ast.Compare) and item.op in ("=", "IS", "IS_NOT")
            first = item if equality and isinstance(item, ast.Compare) else None
    return first, values


def _is_value_of(ctx: Context, left: ast.Expr, item: ast.Expr) -> bool:
    """Whether a word or a literal is a value that something can have, and says nothing by itself."""
    if is_literal(item):
        return True
    owner = stripped(left)
    symbol = ctx.symbols.get(owner.word.text) if isinstance(owner, ast.Ref) else None
    type = symbol.type if symbol else None
    if type is None or not type.members or not isinstance(item, ast.Ref):
        return False
    return member_named(ctx, item.word.text, type) is not None and not _holds(ctx, item)


def _holds(ctx: Context, item: ast.Ref) -> bool:
    """Whether a word is a condition of its own: a fact or a value that is yes or no."""
    symbol: Symbol | None = ctx.symbols.get(item.word.text)
    return symbol is not None and symbol.type is not None and symbol.type.kind is Kind.YES_NO
