"""Does a value fit where it stands? Bare numbers take the type of what they stand beside; nothing else is
converted.

A number without a unit, a percent sign or a currency is *bare*: `500k` is money beside money, a plain number
beside a score. Where a time or a percentage is meant, a bare number is a mistake that deserves its own
sentence, nought excepted.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from dsl import ast, model
from dsl.checker.context import Context
from dsl.checker.describe import kind_words, sample_slots, slots, type_words
from dsl.keywords import TYPES
from dsl.messages import types as messages
from dsl.types import KIND_OF_KEYWORD, MONEY, PERCENT, Kind, Type

_PLAIN = frozenset({Kind.NUMBER, Kind.WHOLE})


def is_bare(node: ast.Expr) -> bool:
    """Whether an expression is made of bare numbers alone."""
    match node:
        case ast.Number(percent=percent, currency=currency):
            return not percent and currency is None
        case ast.Group(inner=inner) | ast.Negate(inner=inner):
            return is_bare(inner)
        case ast.Arith(op="+" | "-" | "*", left=left, right=right):
            return is_bare(left) and is_bare(right)
        case _:
            return False


def is_literal(node: ast.Expr) -> bool:
    """Whether an expression is a value written out, of whatever type."""
    return isinstance(stripped(node), ast.Number | ast.Quantity | ast.DateValue | ast.TextValue)


def stripped(node: ast.Expr) -> ast.Expr:
    """An expression without the brackets around it."""
    while isinstance(node, ast.Group):
        node = node.inner
    return node


def adapted(ctx: Context, node: ast.Expr, expr: model.Expr, kind: Kind) -> model.Expr | None:
    """A bare number as the kind that stands beside it; anything else as it is. None after a missing unit has
    been reported.
    """
    if kind in _PLAIN or expr.type.kind not in _PLAIN or not is_bare(node):
        return expr
    if kind is Kind.MONEY:
        return retyped(expr, MONEY)
    if kind not in (Kind.PERCENT, Kind.DURATION):
        return expr
    if isinstance(expr, model.Const) and expr.value == 0:
        return retyped(expr, PERCENT if kind is Kind.PERCENT else Type(kind, width=expr.type.width))
    if kind is Kind.PERCENT:
        _report_percent(ctx, node)
    else:
        report_unit(ctx, node)
    return None


def retyped(expr: model.Expr, type: Type) -> model.Expr:
    """Bare numbers as amounts; in a product only the last factor, for the others say how many times."""
    match expr:
        case model.Arith(op="*", args=args):
            return replace(expr, args=(*args[:-1], retyped(args[-1], type)), type=type)
        case model.Arith(args=args):
            return replace(expr, args=tuple(retyped(arg, type) for arg in args), type=type)
        case _:
            return replace(expr, type=type)


def report_unit(ctx: Context, node: ast.Expr) -> None:
    """Reports a number where a time belongs; `5m` may have been meant as months or as minutes."""
    number = stripped(node)
    text = number.text if isinstance(number, ast.Number) else ctx.words(node.span)
    if isinstance(number, ast.Number) and text[-1:] in "mM":
        value = f"{number.value:,f}"
        ctx.report.add(messages.MONTHS_OR_MINUTES, node.span, number=text, value=value, digits=text[:-1])
    else:
        ctx.report.add(messages.NEEDS_UNIT, node.span, number=text)


def _report_percent(ctx: Context, node: ast.Expr) -> None:
    number = stripped(node)
    text = number.text if isinstance(number, ast.Number) else ctx.words(node.span)
    value = number.value if isinstance(number, ast.Number) else Decimal(1)
    hundredfold = f"{value.scaleb(2).normalize():f}"
    ctx.report.add(messages.NEEDS_PERCENT, node.span, number=text, hundredfold=hundredfold)


# How a number ends that stands for so many thousands or millions.
_POWER = re.compile(r"(?:百万|千|万|亿|[kmw])元?$", re.IGNORECASE)


def warn_of_half_range(ctx: Context, node: ast.Node, low: ast.Expr, high: ast.Expr) -> None:
    """Warns of `20 to 50万`, which begins at twenty: whoever says so mostly means 200,000.

    Not so where the low end is nought, or where the power would put the ends the wrong way round.
    """
    one, other = stripped(low), stripped(high)
    if not (isinstance(one, ast.Number) and isinstance(other, ast.Number)) or one.value <= 0:
        return
    power = _POWER.search(other.text)
    if power is None or _POWER.search(one.text) or one.percent:
        return
    digits = re.sub(r"[^\d.]", "", other.text[: power.start()])
    if not digits or one.value >= Decimal(digits):
        return
    words = ctx.words(node.span)
    end = one.span.end - node.span.start
    fixed = f"{words[:end]}{power[0]}{words[end:]}"
    ctx.report.add(messages.HALF_RANGE, node.span, low=one.text, high=other.text, power=power[0], fixed=fixed)


def fitted(ctx: Context, node: ast.Expr, expr: model.Expr, wanted: Type) -> model.Expr | None:
    """An expression as the type that its place asks for; reports one that does not fit."""
    if wanted.kind in _PLAIN or expr.type.kind not in _PLAIN:
        changed: model.Expr | None = expr
    else:
        changed = adapted(ctx, node, expr, wanted.kind)
    if changed is None:
        return None
    if accepts(wanted, changed.type):
        return changed
    if wanted.kind is Kind.PERCENT and is_ratio(changed):
        return as_percent(changed)
    _report_misfit(ctx, node, changed.type, wanted)
    return None


def accepts(wanted: Type, found: Type) -> bool:
    """Whether a value of one type may stand where another is asked for."""
    if wanted.kind is not found.kind:
        return wanted.kind is Kind.NUMBER and found.kind is Kind.WHOLE
    if wanted.kind in (Kind.ENUM, Kind.TIER):
        return same_members(wanted, found)
    if wanted.item is not None and found.item is not None:
        return accepts(wanted.item, found.item)
    return True


def same_members(one: Type, other: Type) -> bool:
    """Whether two enumerations are one; ladders that share their tiers (`like`) count as one."""
    if one.owner == other.owner:
        return True
    return one.kind is Kind.TIER and [each.key for each in one.members] == [
        each.key for each in other.members
    ]


def is_ratio(expr: model.Expr) -> bool:
    """Whether an expression is one like thing divided by another: it may stand as a percentage."""
    inner = expr.inner if isinstance(expr, model.Round) else expr
    return isinstance(inner, model.Arith) and inner.op == "/" and inner.type.kind is Kind.NUMBER


def as_percent(expr: model.Expr) -> model.Expr:
    """A ratio as a percentage: the same fraction."""
    if isinstance(expr, model.Round):
        return replace(expr, inner=as_percent(expr.inner), type=PERCENT)
    return replace(expr, type=PERCENT)


def _report_misfit(ctx: Context, node: ast.Expr, found: Type, wanted: Type) -> None:
    if wanted.kind is Kind.YES_NO:
        report_no_condition(ctx, node, found)
    elif {found.kind, wanted.kind} == {Kind.PERIOD, Kind.DURATION}:
        report_period(ctx, node, Kind.DURATION)
    elif found.kind is wanted.kind and found.owner and wanted.owner:
        ctx.report.add(messages.OTHER_ENUMERATION, node.span, left=wanted.owner, right=found.owner)
    else:
        hint = _wrong_dress(ctx, node, wanted) or _untyped_parameter(ctx, node, wanted)
        words = {**sample_slots(wanted), **slots(found=found)}
        ctx.report.add(messages.WRONG_TYPE, node.span, hint=hint, **words)


def _wrong_dress(ctx: Context, node: ast.Expr, wanted: Type) -> tuple[str, str] | None:
    """A hint for a day in quotes, and for a value that is called `yes` or `no` and lacks its backticks."""
    literal = stripped(node)
    if wanted.kind is Kind.DATE and isinstance(literal, ast.TextValue):
        day = literal.label.text.strip()
        return (f"drop the quotes: `{day}`", f"请去掉引号：`{day}`") if _is_day(day) else None
    word = ctx.words(literal.span)
    if isinstance(literal, ast.Truth) and wanted.member(word) is not None:
        return f"put the value in backticks: `` `{word}` ``", f"取值请加反引号：`` `{word}` ``"
    return None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _untyped_parameter(ctx: Context, node: ast.Expr, wanted: Type) -> tuple[str, str] | None:
    """A hint for a parameter whose type was left out: it is a plain number then, and may have been meant as
    something else.
    """
    ref = stripped(node)
    symbol = ctx.symbols.get(ref.word.text) if isinstance(ref, ast.Ref) else None
    if symbol is None or not isinstance(symbol.node, ast.SetDecl) or symbol.node.type is not None:
        return None
    keyword = next((word for word in TYPES if KIND_OF_KEYWORD.get(word.id) is wanted.kind), None)
    if keyword is None or wanted.members:
        return None
    return (
        f"say what it is where it is set: `set {symbol.name}: {keyword.en[0]} = …`",
        f"请在设定处写明类型：`参数 {symbol.name}: {keyword.zh[0]} = …`",
    )


def report_period(ctx: Context, node: ast.Expr, other: Kind) -> None:
    """Reports a period where something of fixed length belongs."""
    en, zh = kind_words(other)
    ctx.report.add(messages.PERIOD_AS_DURATION, node.span, other=en, other_zh=zh)


def compared_operands(
    ctx: Context,
    nodes: tuple[ast.Expr, ast.Expr],
    left: model.Expr,
    right: model.Expr,
) -> tuple[model.Expr, model.Expr] | None:
    """Two sides as one type, so that they can be compared; reports sides that cannot."""
    new_left = adapted(ctx, nodes[0], left, right.type.kind)
    new_right = None if new_left is None else adapted(ctx, nodes[1], right, left.type.kind)
    if new_left is None or new_right is None:
        return None
    for turn in (_time_since, _ratio_as_percent):
        new_left, new_right = turn(new_left, new_right)
        new_right, new_left = turn(new_right, new_left)
    one, other = new_left.type, new_right.type
    if accepts(one, other) or accepts(other, one):
        return new_left, new_right
    _report_incomparable(ctx, nodes, one, other)
    return None


def _ratio_as_percent(one: model.Expr, other: model.Expr) -> tuple[model.Expr, model.Expr]:
    """`refunds / sales > 5%`"""
    if other.type.kind is Kind.PERCENT and is_ratio(one):
        return as_percent(one), other
    return one, other


_SECONDS_A_DAY = Decimal(86_400)
_MONTHS_OF: dict[str, int] = {"month": 1, "year": 12}


def _time_since(one: model.Expr, other: model.Expr) -> tuple[model.Expr, model.Expr]:
    """`days since D >= 90 days` and `months since D >= 6 months` as comparisons of whole numbers."""
    if not (isinstance(one, model.DateMath) and one.op == "since" and isinstance(other, model.Const)):
        return one, other
    value = other.value
    if not isinstance(value, Decimal):
        return one, other
    if one.unit == "day" and other.type.kind is Kind.DURATION and value % _SECONDS_A_DAY == 0:
        return one, replace(other, value=value // _SECONDS_A_DAY, type=one.type)
    months = _MONTHS_OF.get(one.unit)
    if months and other.type.kind is Kind.PERIOD and value % months == 0:
        return one, replace(other, value=value // months, type=one.type)
    return one, other


def _report_incomparable(ctx: Context, nodes: tuple[ast.Expr, ast.Expr], one: Type, other: Type) -> None:
    kinds = {one.kind, other.kind}
    if Kind.PERIOD in kinds:
        at, rest = (nodes[0], other.kind) if one.kind is Kind.PERIOD else (nodes[1], one.kind)
        report_period(ctx, at, rest)
    elif one.kind is other.kind and one.owner and other.owner:
        ctx.report.add(messages.OTHER_ENUMERATION, nodes[1].span, left=one.owner, right=other.owner)
    else:
        hint = (
            _wrong_dress(ctx, nodes[1], one)
            or _untyped_parameter(ctx, nodes[1], one)
            or _untyped_parameter(ctx, nodes[0], other)
        )
        sides = slots(left=one, right=other)
        ctx.report.add(messages.NOT_COMPARABLE, nodes[1].span, hint=hint, **sides)


def condition_sample(words: str, type: Type) -> tuple[str, str]:
    """How something that is no condition could be made one, in both languages."""
    if type.kind is Kind.LIST:
        item = type.item.members[0].name if type.item and type.item.members else "…"
        return f"{words} contains {item}", f"{words} 包含 {item}"
    if type.members:
        name = type.members[0].name
        return f"{words} is {name}", f"{words} 为 {name}"
    by_kind = {
        Kind.MONEY: ("> 100k", "> 10万"),
        Kind.PERCENT: ("> 10%", "> 10%"),
        Kind.DURATION: ("> 30 days", "> 30天"),
        Kind.DATE: ("< today", "< 今天"),
        Kind.TEXT: ('is "…"', "为 “…”"),
    }
    en, zh = by_kind.get(type.kind, ("> 0", "> 0"))
    return f"{words} {en}", f"{words} {zh}"


def report_no_condition(ctx: Context, node: ast.Expr, found: Type) -> None:
    """Reports something that is neither true nor false where a condition belongs."""
    words = ctx.words(node.span)
    sample, sample_zh = condition_sample(words, found)
    if is_literal(node):
        # `6 > 0` always holds: a value lacks what is compared with it.
        sample, sample_zh = f"x = {words}", f"x = {words}"
    en, zh = type_words(found)
    ctx.report.add(
        messages.NOT_A_CONDITION,
        node.span,
        words=words,
        found=en,
        found_zh=zh,
        sample=sample,
        sample_zh=sample_zh,
    )
