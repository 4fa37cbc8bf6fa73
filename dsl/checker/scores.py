"""Scores: sums of lines, of band tables, or of other scores, each part under a name of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from dsl import ast, model
from dsl.checker.context import Context, Symbol, rule_name, text, unclashing
from dsl.checker.describe import sample_slots, slots
from dsl.checker.expressions import condition, constant, expression
from dsl.checker.fitting import stripped
from dsl.checker.slugs import condition_slug, expression_slug
from dsl.checker.tables import table
from dsl.checker.values import outcome_value
from dsl.diagnostics import Code
from dsl.messages import types as messages
from dsl.source import Span
from dsl.types import NUMBER, WHOLE, Kind, Type, Value

Part = model.Term | model.Points | model.PointsPer | model.Table


def lower_score(ctx: Context, node: ast.ScoreDecl, symbol: Symbol) -> model.Score | None:
    """One `score` statement; None after its problems have been reported."""
    low, high = (None if end is None else constant(ctx, end, NUMBER) for end in (node.low, node.high))
    if isinstance(low, Decimal) and isinstance(high, Decimal) and low > high and node.high is not None:
        words = {"low": f"{low:f}", "high": f"{high:f}"}
        ctx.report.add(messages.BOUNDS_CROSSED, node.high.span, also=(), hint=None, **words)
    parts = _parts(ctx, node, symbol)
    if parts is None:
        return None
    return model.Score(
        name=symbol.name,
        key=symbol.key,
        label=text(node.label),
        span=node.span,
        type=NUMBER,
        parts=parts,
        low=low if isinstance(low, Decimal) else None,
        high=high if isinstance(high, Decimal) else None,
    )


def _parts(ctx: Context, node: ast.ScoreDecl, symbol: Symbol) -> tuple[Part, ...] | None:
    if node.value is not None and node.body:
        ctx.report.add(messages.TWO_BODIES, node.body[0].span, name=symbol.name)
        return None
    if node.value is not None:
        return _terms(ctx, node.value, symbol.key)
    if not node.body:
        ctx.report.add(messages.EMPTY_STATEMENT, node.span, name=symbol.name)
        return None
    parts = [_part(ctx, part, node.name, symbol.key) for part in node.body]
    known = tuple(part for part in parts if part is not None)
    return known if len(known) == len(parts) else None


def _part(ctx: Context, part: ast.PointsLine | ast.Table, own: ast.Declared, key: str) -> Part | None:
    match part:
        case ast.Table():
            return table(ctx, part, key, lambda cell: _points_cell(ctx, cell), headings=("POINTS",), own=own)
        case ast.PointsLine(per=None):
            return _points(ctx, part, key)
        case ast.PointsLine():
            return _points_per(ctx, part, key)


def _points_cell(ctx: Context, cell: ast.Cell) -> model.Expr | None:
    value = outcome_value(ctx, cell)
    return None if value is None else expression(ctx, value, NUMBER)


# ---------------------------------------------------------------- an expression over other scores


def _terms(ctx: Context, node: ast.Expr, key: str) -> tuple[model.Term, ...] | None:
    """`a + b - c` as summands named after what they read, so that each of them is a reason of its own."""
    summands = _summands(node)
    exprs = [expression(ctx, each, NUMBER) for _, each in summands]
    terms = [
        model.Term(_term_name(ctx, each, key), sign, expr, span=each.span)
        for (sign, each), expr in zip(summands, exprs, strict=True)
        if expr is not None
    ]
    return tuple(terms) if len(terms) == len(summands) else None


def _summands(node: ast.Expr) -> list[tuple[Literal[1, -1], ast.Expr]]:
    found: list[tuple[Literal[1, -1], ast.Expr]] = []
    at = stripped(node)
    while isinstance(at, ast.Arith) and at.op in ("+", "-"):
        found.append((1 if at.op == "+" else -1, at.right))
        at = at.left
    found.append((1, at))
    return found[::-1]


def _term_name(ctx: Context, node: ast.Expr, key: str) -> str:
    """After what is read; where two summands read the same, with their numbers too."""
    inner = stripped(node)
    symbol = ctx.symbols.get(inner.word.text) if isinstance(inner, ast.Ref) else None
    short = symbol.key if symbol else condition_slug(node) or "constant"
    wanted = f"{key}.{short}"
    if wanted in ctx.rules:
        wanted = f"{key}.{expression_slug(node)}"
    return unclashing(ctx, wanted, node.span)


# ---------------------------------------------------------------- lines


def _points(ctx: Context, line: ast.PointsLine, key: str) -> model.Points | None:
    """`+10 when COND "label"`"""
    rule = rule_name(ctx, key, line.name, line.label, line.condition, line.span)
    points = expression(ctx, line.points, NUMBER)
    when = None if line.condition is None else condition(ctx, line.condition)
    if points is None or when is None:
        return None
    return model.Points(rule, _signed(line, points), when, text(line.label), line.span)


def _signed(line: ast.PointsLine, points: model.Expr) -> model.Expr:
    if line.sign == "+":
        return points
    if isinstance(points, model.Const) and isinstance(points.value, Decimal):
        return model.Const(
            points.value.copy_negate() if points.value else points.value, points.type, points.span
        )
    return model.Arith("neg", (points,), points.type, points.span)


def _points_per(ctx: Context, line: ast.PointsLine, key: str) -> model.PointsPer | None:
    """`+10 per STEP of X up to CAP "label"`"""
    assert line.per is not None
    rule = rule_name(ctx, key, line.name, line.label, line.per, line.span)
    points = expression(ctx, line.points, NUMBER)
    of = expression(ctx, line.per)
    step = None if of is None else _step(ctx, line, line.per, of.type)
    cap = None if line.cap is None else _fixed(ctx, line.cap, NUMBER, messages.CAP_NEGATIVE, above=False)
    if points is None or of is None or step is None or (cap is None and line.cap is not None):
        return None
    sign: Literal[1, -1] = 1 if line.sign == "+" else -1
    return model.PointsPer(rule, sign, points, of, step, cap, text(line.label), line.span)


def _step(ctx: Context, line: ast.PointsLine, per: ast.Expr, type: Type) -> model.Expr | None:
    """The step: of the kind of what is counted; one, where whole numbers are counted and it is left out."""
    if not type.kind.numeric:
        ctx.report.add(messages.WRONG_TYPE, per.span, **sample_slots(NUMBER), **slots(found=type))
        return None
    if line.step is not None:
        wanted = NUMBER if type.kind is Kind.WHOLE else type
        return _fixed(ctx, line.step, wanted, messages.STEP_NOT_POSITIVE, above=True)
    if type.kind is not Kind.WHOLE:
        words = sample_slots(type)
        found = slots(found=type)
        sample, sample_zh = words["sample"].strip("`"), words["sample_zh"].strip("`")
        ctx.report.add(messages.STEP_MISSING, per.span, sample=sample, sample_zh=sample_zh, **found)
        return None
    return model.Const(Decimal(1), WHOLE, per.span)


def _fixed(ctx: Context, node: ast.Expr, type: Type, wrong: Code, *, above: bool) -> model.Expr | None:
    """A constant or a parameter of `type` that is never negative, and never nought where it has to be
    `above`.
    """
    expr = expression(ctx, node, type)
    if expr is None:
        return None
    match expr:
        case model.Const(value=value):
            values: tuple[Value, ...] = (value,)
        case model.Read(of="param", key=key):
            param = ctx.params.get(key)
            values = () if param is None else (param.value, *(dated for _, dated in param.dated))
        case _:
            ctx.report.add(messages.STEP_NOT_FIXED, node.span)
            return None
    return expr if _all_at_least(ctx, values, node.span, wrong, above=above) else None


def _all_at_least(ctx: Context, values: tuple[Value, ...], span: Span, wrong: Code, *, above: bool) -> bool:
    for value in values:
        if isinstance(value, Decimal) and (value < 0 or (above and value == 0)):
            ctx.report.add(wrong, span, step=ctx.words(span))
            return False
    return True
