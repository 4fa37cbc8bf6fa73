"""Calculations: from operands that are already typed to a typed whole, by the table in `dsl.operators`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from dsl import ast, model
from dsl.checker.context import Context
from dsl.checker.describe import kind_words, slots
from dsl.checker.fitting import adapted, is_bare, report_period, report_unit, stripped
from dsl.keywords import by_id
from dsl.messages import types as messages
from dsl.operators import result_kind, right_kinds
from dsl.types import DATE, DURATION, MONEY, NUMBER, PERCENT, PERIOD, WHOLE, Kind, Type

MOST_EXPONENT = 64
MOST_PLACES = 12
# A hundred years: dates stay in the calendar.
MOST_MONTHS = 1200

_TYPES: dict[Kind, Type] = {
    each.kind: each for each in (NUMBER, WHOLE, MONEY, PERCENT, DURATION, DATE, PERIOD)
}
_SECONDS: dict[str, int] = {"MINUTES": 60, "HOURS": 3600, "DAYS": 86_400, "WEEKS": 604_800}
_MONTHS: dict[str, int] = {"MONTHS": 1, "QUARTERS": 3, "YEARS": 12}


def type_of_kind(kind: Kind) -> Type:
    """The plain type of a kind that can be calculated with."""
    return _TYPES[kind]


def quantity(ctx: Context, node: ast.Quantity) -> model.Const | None:
    """A duration in seconds, or a period in whole months."""
    seconds = _SECONDS.get(node.unit)
    if seconds is not None:
        return model.Const(node.number.value * seconds, DURATION, node.span)
    months = node.number.value * _MONTHS[node.unit]
    if months != months.to_integral_value() or not 1 <= months <= MOST_MONTHS:
        ctx.report.add(messages.BAD_PERIOD, node.span, words=ctx.words(node.span), limit=str(MOST_MONTHS))
        return None
    return model.Const(months, PERIOD, node.span)


def negated(ctx: Context, node: ast.Negate, inner: model.Expr) -> model.Expr | None:
    """`-x`; of a number written in the policy, the negative number itself."""
    if not inner.type.kind.numeric:
        _report_no_function(ctx, node, "-", "-", inner.type)
        return None
    if isinstance(inner, model.Const) and isinstance(inner.value, Decimal):
        return model.Const(inner.value.copy_negate() if inner.value else inner.value, inner.type, node.span)
    return model.Arith("neg", (inner,), inner.type, node.span)


def joined(ctx: Context, node: ast.Arith, left: model.Expr, right: model.Expr) -> model.Expr | None:
    """`left op right` for `+ - * /`."""
    if node.op == "^":
        return _power(ctx, node, left)
    if node.op in ("+", "-"):
        if left.type.kind is Kind.DATE and is_bare(node.right):
            report_unit(ctx, node.right)
            return None
        pair = _side_by_side(ctx, (node.left, node.right), (left, right))
        if pair is None:
            return None
        left, right = pair
    if node.op == "/" and literal_number(node.right) == 0:
        ctx.report.add(messages.DIVISION_BY_ZERO, node.right.span, words=ctx.words(node.right.span))
        return None
    kind = result_kind(node.op, left.type.kind, right.type.kind)
    if kind is None:
        _report_no_operation(ctx, node, left.type, right.type)
        return None
    if left.type.kind is Kind.DATE:
        return _date_sum(node, left, right, _TYPES[kind])
    return model.Arith(node.op, (left, right), _TYPES[kind], node.span)


def literal_number(node: ast.Expr) -> Decimal | None:
    """What a sum or a product of numbers written out comes to; None for anything else."""
    match node:
        case ast.Number(value=value) | ast.Quantity(number=ast.Number(value=value)):
            return value
        case ast.Group(inner=inner):
            return literal_number(inner)
        case ast.Negate(inner=inner):
            positive = literal_number(inner)
            return None if positive is None else -positive
        case ast.Arith(op="+" | "-" | "*", left=left, right=right):
            one, other = literal_number(left), literal_number(right)
            if one is None or other is None:
                return None
            return one + other if node.op == "+" else one - other if node.op == "-" else one * other
        case _:
            return None


def extreme(ctx: Context, node: ast.Extreme, items: tuple[model.Expr, ...]) -> model.Expr | None:
    """`min of (a, b)` or `max of (a, b)`: all of one kind."""
    args, type = [items[0]], items[0].type
    for at, item in enumerate(items[1:], 1):
        pair = _side_by_side(ctx, (node.items[0], node.items[at]), (args[0], item))
        if pair is None:
            return None
        args[0] = pair[0]
        args.append(pair[1])
        kind = result_kind(node.op, type.kind if at > 1 else pair[0].type.kind, pair[1].type.kind)
        if kind is None:
            words = {"sign": f"{node.op} of", "sign_zh": by_id()[f"{node.op.upper()}_OF"].zh[0]}
            _report_sides(ctx, node.items[at], words, type, pair[1].type)
            return None
        type = _TYPES[kind]
    if len(args) == 1:
        return args[0]
    return model.Arith(node.op, tuple(args), type, node.span)


def rounded(ctx: Context, node: ast.Rounded, inner: model.Expr) -> model.Expr | None:
    """`… rounded to N places`; rounded to none, a number is whole."""
    places = node.places.value
    if node.places.percent or places != places.to_integral_value() or not 0 <= places <= MOST_PLACES:
        ctx.report.add(messages.BAD_PLACES, node.places.span, limit=str(MOST_PLACES))
        return None
    if not inner.type.kind.numeric:
        word = by_id()["ROUNDED_TO"]
        _report_no_function(ctx, node.inner, word.en[0], word.zh[0], inner.type)
        return None
    type = WHOLE if inner.type.kind is Kind.NUMBER and places == 0 else inner.type
    return model.Round(inner, int(places), type, node.span)


def calendar(ctx: Context, node: ast.Calendar, inner: model.Expr) -> model.Expr | None:
    """`start of month of D`, `year of D`, `days since D`, …"""
    if inner.type.kind is not Kind.DATE:
        word = by_id()[node.function]
        _report_no_function(ctx, node.inner, word.en[0], word.zh[0], inner.type)
        return None
    match node.function.split("_"):
        case ["START" | "END" as which, "OF", unit]:
            op: Literal["start", "end"] = "start" if which == "START" else "end"
            return model.DateMath(op, (inner,), DATE, _UNITS[unit], span=node.span)
        case ["YEAR", "OF"]:
            return model.DateMath("year", (inner,), WHOLE, span=node.span)
        case [unit, "SINCE"]:
            return model.DateMath("since", (inner,), WHOLE, _UNITS[unit], span=node.span)
        case _:
            raise AssertionError(f"no such function of dates: {node.function}")


_UNITS: dict[str, Literal["day", "month", "quarter", "year"]] = {
    "DAYS": "day",
    "MONTH": "month",
    "MONTHS": "month",
    "QUARTER": "quarter",
    "YEAR": "year",
    "YEARS": "year",
}


def _side_by_side(
    ctx: Context, nodes: tuple[ast.Expr, ast.Expr], pair: tuple[model.Expr, model.Expr]
) -> tuple[model.Expr, model.Expr] | None:
    """Two operands that should be of one kind: a bare number takes the kind of the other."""
    left = adapted(ctx, nodes[0], pair[0], pair[1].type.kind)
    right = None if left is None else adapted(ctx, nodes[1], pair[1], pair[0].type.kind)
    return None if left is None or right is None else (left, right)


def _power(ctx: Context, node: ast.Arith, left: model.Expr) -> model.Expr | None:
    exponent = stripped(node.right)
    value = exponent.value if isinstance(exponent, ast.Number) and is_bare(exponent) else None
    if value is None or value != value.to_integral_value() or not 0 <= value <= MOST_EXPONENT:
        ctx.report.add(messages.BAD_EXPONENT, node.right.span, limit=str(MOST_EXPONENT))
        return None
    kind = result_kind("^", left.type.kind, Kind.WHOLE)
    if kind is None:
        _report_no_operation(ctx, node, left.type, WHOLE)
        return None
    return model.Arith("^", (left, model.Const(value, WHOLE, node.right.span)), _TYPES[kind], node.span)


def _date_sum(node: ast.Arith, left: model.Expr, right: model.Expr, type: Type) -> model.Expr:
    sign: Literal[1, -1] = 1 if node.op == "+" else -1
    match right.type.kind:
        case Kind.DATE:
            return model.DateMath("between", (left, right), type, span=node.span)
        case Kind.PERIOD:
            return model.DateMath("add_months", (left, right), type, sign=sign, span=node.span)
        case _:
            return model.DateMath("add_days", (left, right), type, sign=sign, span=node.span)


def _report_no_operation(ctx: Context, node: ast.Arith, left: Type, right: Type) -> None:
    if {left.kind, right.kind} == {Kind.PERIOD, Kind.DURATION}:
        report_period(ctx, node.left if left.kind is Kind.PERIOD else node.right, Kind.DURATION)
        return
    kinds = right_kinds(node.op, left.kind) if node.op != "^" else ()
    en, zh = zip(*(kind_words(kind) for kind in kinds), strict=True) if kinds else ((), ())
    left_words = slots(left=left)
    words = {
        "sign": node.op,
        "sign_zh": node.op,
        "allowed": f"{left_words['left']} goes with {_either(en)}" if en else "use numbers here",
        "allowed_zh": f"{left_words['left_zh']}可以与{'、'.join(zh)}连用" if zh else "这里请用数值",
    }
    _report_sides(ctx, node, words, left, right)


def _either(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`"""
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _report_sides(ctx: Context, node: ast.Expr, words: dict[str, str], left: Type, right: Type) -> None:
    sides = slots(left=left, right=right)
    allowed = words.get("allowed", f"write {sides['left']} in each place")
    allowed_zh = words.get("allowed_zh", f"各处都写{sides['left_zh']}")
    ctx.report.add(
        messages.NO_SUCH_OPERATION,
        node.span,
        sign=words["sign"],
        sign_zh=words["sign_zh"],
        allowed=allowed,
        allowed_zh=allowed_zh,
        **sides,
    )


def _report_no_function(ctx: Context, node: ast.Expr, sign: str, sign_zh: str, found: Type) -> None:
    dates = sign not in ("-", by_id()["ROUNDED_TO"].en[0])
    ctx.report.add(
        messages.NO_FUNCTION,
        node.span,
        sign=sign,
        sign_zh=sign_zh,
        allowed="write a date, such as `2026-01-31` or a fact of type date" if dates else "write a number",
        allowed_zh="请写日期，如 `2026-01-31` 或日期类指标" if dates else "请写数值",
        **slots(found=found),
    )
