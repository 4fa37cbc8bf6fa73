"""Derived values: an expression, the first of some lines and rows that holds, or a sum bracket by bracket."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from dsl import ast, model
from dsl.checker.arithmetic import type_of_kind
from dsl.checker.context import Context, Symbol, row_name, rule_name, text
from dsl.checker.describe import cell_slots, slots
from dsl.checker.expressions import condition, expression
from dsl.checker.fitting import accepts
from dsl.checker.tables import cell, column, table
from dsl.messages import types as messages
from dsl.operators import result_kind
from dsl.types import NUMBER, Kind


def lower_value(ctx: Context, node: ast.ValueDecl, symbol: Symbol) -> model.DerivedValue | None:
    """One `value` statement; None after its problems have been reported. Its type, if left out, is then known
    to `symbol`.
    """
    if symbol.broken:
        return None
    body = _body(ctx, node, symbol)
    if body is None or symbol.type is None:
        symbol.broken = symbol.broken or symbol.type is None
        return None
    return model.DerivedValue(
        name=symbol.name, key=symbol.key, label=text(node.label), span=node.span, type=symbol.type, body=body
    )


def _body(
    ctx: Context, node: ast.ValueDecl, symbol: Symbol
) -> model.Expr | model.Body | model.Graduated | None:
    name = symbol.name
    if node.graduated is not None:
        return _graduated(ctx, node, node.graduated, symbol)
    if node.value is not None and node.body:
        ctx.report.add(messages.TWO_BODIES, node.body[0].span, name=name)
        return None
    if node.value is not None:
        return _typed(ctx, node.value, symbol)
    if not node.body:
        ctx.report.add(messages.EMPTY_STATEMENT, node.span, name=name)
        return None
    return _lines(ctx, node, symbol)


def _typed(ctx: Context, node: ast.Expr, symbol: Symbol) -> model.Expr | None:
    """An expression of the value's type; the first one decides it where it is not written."""
    expr = expression(ctx, node, symbol.type)
    if expr is not None and symbol.type is None:
        symbol.type = (
            NUMBER if expr.type.kind is Kind.WHOLE and not isinstance(expr, model.Read) else expr.type
        )
    return expr


# ---------------------------------------------------------------- lines and tables


def _lines(ctx: Context, node: ast.ValueDecl, symbol: Symbol) -> model.Body | None:
    found: list[model.Line | model.Table] = []
    complete = True
    for at, part in enumerate(node.body):
        match part:
            case ast.OutcomeLine():
                lowered: model.Line | model.Table | None = _line(ctx, part, symbol)
                if part.otherwise and at + 1 < len(node.body):
                    ctx.report.add(messages.OTHERWISE_NOT_LAST, node.body[at + 1].span, also=(part.span,))
            case ast.Table():
                lowered = table(
                    ctx,
                    part,
                    symbol.key,
                    lambda cell: _result(ctx, cell, symbol),
                    headings=("OUTCOME",),
                    own=node.name,
                )
        complete = complete and lowered is not None
        found += [lowered] if lowered is not None else []
    if not any(isinstance(part, ast.Table) or part.otherwise for part in node.body):
        ctx.report.add(messages.NO_OTHERWISE, node.body[-1].span, name=symbol.name)
    return tuple(found) if complete else None


def _line(ctx: Context, node: ast.OutcomeLine, symbol: Symbol) -> model.Line | None:
    result = None if node.value is None else _typed(ctx, node.value, symbol)
    when = None if node.condition is None else condition(ctx, node.condition)
    rule = rule_name(ctx, symbol.key, node.name, node.label, node.condition, node.span)
    if result is None or (when is None and node.condition is not None):
        return None
    return model.Line(rule, when, result, text(node.label), node.span)


def _result(ctx: Context, node: ast.Cell, symbol: Symbol) -> model.Expr | None:
    """An outcome cell: one value, or `-`."""
    value = outcome_value(ctx, node)
    return None if value is None else _typed(ctx, value, symbol)


def outcome_value(ctx: Context, node: ast.Cell) -> ast.Expr | None:
    """The expression in an outcome cell; None for `-`, and after a cell that holds something else has been
    reported.
    """
    match node:
        case ast.AnyCell():
            return None
        case ast.ListCell(items=(item,), negated=False, label=None, alias=None):
            return item
        case _:
            ctx.report.add(messages.OUTCOME_CELL, node.span)
            return None


# ---------------------------------------------------------------- graduated


def _graduated(
    ctx: Context, node: ast.ValueDecl, graduated: ast.Expr, symbol: Symbol
) -> model.Graduated | None:
    """`graduated by X` over a table of brackets: each part of X at the rate of its bracket."""
    by = expression(ctx, graduated)
    body = node.body[0] if len(node.body) == 1 and node.value is None else None
    if not isinstance(body, ast.Table) or len(body.head) != 2 or not body.rows:
        words = ctx.words(graduated.span)
        ctx.report.add(messages.GRADUATED_SHAPE, node.span, name=symbol.name, by=words)
        return None
    heading = column(ctx, body.head[0])
    if by is None or heading is None:
        return None
    if heading.expr != by:
        words = ctx.words(graduated.span)
        ctx.report.add(messages.GRADUATED_SHAPE, body.head[0].span, name=symbol.name, by=words)
        return None
    if by.type.kind not in (Kind.MONEY, Kind.NUMBER, Kind.WHOLE, Kind.DURATION):
        ctx.report.add(messages.GRADUATED_TYPE, graduated.span, **slots(found=by.type))
        return None
    brackets = [_bracket(ctx, row, body.head, by, symbol) for row in body.rows]
    known = tuple(bracket for bracket in brackets if bracket is not None)
    if len(known) < len(brackets) or not _contiguous(ctx, known):
        return None
    return model.Graduated(by, known)


def _bracket(
    ctx: Context, row: ast.Row, head: tuple[ast.Heading, ...], by: model.Expr, symbol: Symbol
) -> model.Bracket | None:
    if len(row.cells) != 2:
        ctx.report.add(messages.ROW_CELLS, row.span, **cell_slots(len(row.cells), 2))
        return None
    band = cell(ctx, row.cells[0], by.type)
    value = outcome_value(ctx, row.cells[1])
    if value is None and isinstance(row.cells[1], ast.AnyCell):
        ctx.report.add(messages.OUTCOME_CELL, row.cells[1].span)
    rate = None if value is None else _rate(ctx, value, by, symbol)
    if band is None or rate is None:
        return None
    if not isinstance(band, model.RangeCell) or (
        isinstance(row.cells[0], ast.RangeCell) and row.cells[0].kind != "to"
    ):
        ctx.report.add(messages.GRADUATED_BAND, row.cells[0].span)
        return None
    rule = row_name(ctx, symbol.key, head[:1], row.cells[:1], row.span)
    return model.Bracket(rule, band.low, band.high, rate, row.span)


def _rate(ctx: Context, node: ast.Expr, by: model.Expr, symbol: Symbol) -> model.Expr | None:
    """What each unit of a bracket counts: its product with the quantity is of the value's type."""
    rate = expression(ctx, node)
    if rate is None:
        return None
    kind = result_kind("*", by.type.kind, rate.type.kind)
    found = None if kind is None else type_of_kind(kind)
    if found is not None and symbol.type is None:
        symbol.type = found
    if found is None or symbol.type is None or not accepts(symbol.type, found):
        ctx.report.add(messages.GRADUATED_TYPE, node.span, **slots(found=rate.type))
        return None
    return rate


def _contiguous(ctx: Context, brackets: tuple[model.Bracket, ...]) -> bool:
    """From nothing to without end, each bracket beginning where the one above it ends."""
    first, last = brackets[0], brackets[-1]
    if first.low is not None and not _is_nothing(first.low):
        ctx.report.add(messages.GRADUATED_START, first.span)
        return False
    for above, below in pairwise(brackets):
        if above.high is None or below.low != above.high:
            ctx.report.add(messages.GRADUATED_GAP, below.span, also=(above.span,))
            return False
    if last.high is not None:
        ctx.report.add(messages.GRADUATED_END, last.span)
        return False
    return True


def _is_nothing(end: model.Expr) -> bool:
    return isinstance(end, model.Const) and isinstance(end.value, Decimal) and end.value == 0
