"""Pipe tables: header and cells to the model's columns and rows.

A column is an expression, a cell what it is matched against. In a cell a bare word is first a value of its
column's type, a bare number takes that type, and a range says plainly which of its ends belong to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from dsl import ast, model
from dsl.checker.comparisons import ORDER_OF, has_order, report_no_order, rising
from dsl.checker.context import Context, row_name
from dsl.checker.describe import cell_slots, slots
from dsl.checker.expressions import expression
from dsl.checker.fitting import warn_of_half_range
from dsl.keywords import HEADINGS, by_id
from dsl.messages import types as messages
from dsl.types import YES_NO, Kind, Type


def table(
    ctx: Context,
    node: ast.Table,
    parent: str,
    result: Callable[[ast.Cell], model.Result],
    *,
    headings: tuple[str, ...],
    own: ast.Declared | None = None,
) -> model.Table | None:
    """A table of conditions with its outcome in the last column.

    `parent` names the rules of its rows. The last header must be one of the keywords `headings`
    (`("POINTS",)`), or the name `own` of the statement. `result` lowers an outcome cell and reports what is
    wrong with it (its answer is then of no account).
    """
    if not node.rows:
        ctx.report.add(messages.TABLE_EMPTY, node.span)
        return None
    if len(node.head) < 2:
        ctx.report.add(messages.TABLE_NARROW, node.span)
        return None
    sound = _outcome_heading(ctx, node.head[-1], headings, own)
    columns = [
        column(ctx, heading, has_unknown=_asks_unknown(node.rows, at))
        for at, heading in enumerate(node.head[:-1])
    ]
    written = _own_rows(ctx, node, headings)
    rows = [_row(ctx, node.head, columns, row, parent, result) for row in written]
    sound = sound and len(written) == len(node.rows)
    known = tuple(each for each in columns if each is not None)
    whole = tuple(row for row in rows if row is not None)
    if not sound or len(known) < len(columns) or len(whole) < len(rows):
        return None
    return model.Table(known, whole, node.span)


def _own_rows(ctx: Context, node: ast.Table, headings: tuple[str, ...]) -> tuple[ast.Row, ...]:
    """The rows above one that reads like the header of another table, which is reported: what stands below
    it belongs to that other table.
    """
    words = {word for keyword in headings for word in (*by_id()[keyword].en, *by_id()[keyword].zh)}
    for at, row in enumerate(node.rows):
        match row.cells[-1] if row.cells else None:
            case ast.ListCell(items=(ast.Ref(word=word),)) if word.text in words - ctx.symbols.keys():
                ctx.report.add(messages.SECOND_HEADER, row.span)
                return node.rows[:at]
            case _:
                continue
    return node.rows


def _asks_unknown(rows: Sequence[ast.Row], at: int) -> bool:
    return any(at < len(row.cells) and isinstance(row.cells[at], ast.UnknownCell) for row in rows)


def _row(
    ctx: Context,
    head: tuple[ast.Heading, ...],
    columns: Sequence[model.Column | None],
    node: ast.Row,
    parent: str,
    result: Callable[[ast.Cell], model.Result],
) -> model.Row | None:
    if len(node.cells) != len(head):
        ctx.report.add(messages.ROW_CELLS, node.span, **cell_slots(len(node.cells), len(head)))
        return None
    cells = [
        None if of is None else cell(ctx, each, of.expr.type, heading.bound)
        for each, of, heading in zip(node.cells[:-1], columns, head[:-1], strict=True)
    ]
    outcome = result(node.cells[-1])
    known = tuple(each for each in cells if each is not None)
    if len(known) < len(cells):
        return None
    rule = row_name(ctx, parent, head[:-1], node.cells[:-1], node.span)
    return model.Row(rule, known, outcome, span=node.span)


# ---------------------------------------------------------------- headers


def _outcome_heading(
    ctx: Context, heading: ast.Heading, keywords: tuple[str, ...], own: ast.Declared | None
) -> bool:
    if heading.keyword in keywords or (own is not None and _names(ctx, heading, own)):
        return True
    names = [by_id()[keyword] for keyword in keywords]
    wanted = " or ".join(f"`{name.en[0]}`" for name in names)
    wanted_zh = "或".join(f"`{name.zh[0]}`" for name in names)
    ctx.report.add(messages.NO_OUTCOME_HEADING, heading.span, wanted=wanted, wanted_zh=wanted_zh)
    return False


def _names(ctx: Context, heading: ast.Heading, own: ast.Declared) -> bool:
    if heading.bound is not None:
        return False
    written = heading.expr.word.text if isinstance(heading.expr, ast.Ref) else ctx.words(heading.span)
    return written in (own.word.text, own.alias.text if own.alias else None)


def column(ctx: Context, heading: ast.Heading, *, has_unknown: bool = False) -> model.Column | None:
    """A header cell as the expression that its cells are matched against. `heading.bound` is the caller's to
    pass on to `cell`.
    """
    node = heading.expr
    if heading.keyword is not None:
        node = _name_like_keyword(ctx, heading)
    if node is None:
        words = ctx.words(heading.span)
        ctx.report.add(messages.HEADING_NOT_READABLE, heading.span, heading=words)
        return None
    expr = expression(ctx, node)
    if expr is None:
        return None
    words = ctx.words(node.span)
    if expr.type.kind is Kind.LIST:
        ctx.report.add(messages.HEADING_LIST, heading.span, heading=words)
        return None
    return model.Column(expr, words, has_unknown)


def _name_like_keyword(ctx: Context, heading: ast.Heading) -> ast.Expr | None:
    """A fact may be called `points` or `tier`: as the header of a condition it is meant by its name."""
    for keyword in HEADINGS:
        if keyword.id == heading.keyword:
            for word in (*keyword.en, *keyword.zh):
                if word in ctx.symbols and ctx.words(heading.span) in ("", word):
                    return ast.Ref(ast.Word(word, span=heading.span), span=heading.span)
    return None


# ---------------------------------------------------------------- cells


def cell(ctx: Context, node: ast.Cell, type: Type, bound: str | None = None) -> model.Cell | None:
    """A cell of a column of `type`. `bound` is the header's suffix (`AT_LEAST`, `AT_MOST`): what a bare value
    then means.
    """
    match node:
        case ast.AnyCell():
            return model.AnyCell()
        case ast.UnknownCell():
            return model.UnknownCell()
        case ast.ListCell(items=(item,), negated=False) if bound is not None and not _is_truth(item):
            op: ast.Comparison = "AT_LEAST" if bound == "AT_LEAST" else "AT_MOST"
            return _bound(ctx, ast.BoundCell(op, item, span=node.span), type)
        case ast.ListCell(items=items, negated=negated):
            values = [_item(ctx, item, type) for item in items]
            known = tuple(value for value in values if value is not None)
            return model.SetCell(known, negated) if len(known) == len(values) else None
        case ast.BoundCell():
            return _bound(ctx, node, type)
        case ast.RangeCell():
            return _range(ctx, node, type)
        case ast.HeadingCell():
            ctx.report.add(messages.HEADING_IN_ROW, node.span, words=ctx.words(node.span))
            return None
        case _:
            assert_never(node)


def _item(ctx: Context, node: ast.Expr, type: Type) -> model.Expr | None:
    """One value of a cell. Two literals with a minus between them are hardly ever meant as their difference."""
    match node:
        case ast.Arith(op="-", left=left, right=right) if (
            has_order(type) and _is_literal(left) and _is_literal(right)
        ):
            _report_minus(ctx, node, type)
            return None
        case _:
            return expression(ctx, node, type)


def _report_minus(ctx: Context, node: ast.Arith, type: Type) -> None:
    """Reports a range that was written as a subtraction: `200k - 1m`."""
    low, high = ctx.words(node.left.span), ctx.words(node.right.span)
    if type.kind is Kind.DATE:
        words = f"`from {low} until {high}`, which includes both days", f"`自 {low} 至 {high}`（包含两端）"
    else:
        words = (
            f"`{low} to {high}`, which leaves out {high}, or `between {low} and {high}`",
            f"`{low} 至 {high}`（不含 {high}），或 `介于 {low} 与 {high}`",
        )
    shown = ctx.words(node.span)
    ctx.report.add(messages.RANGE_BY_MINUS, node.span, words=shown, range=words[0], range_zh=words[1])


def _is_literal(node: ast.Expr) -> bool:
    return isinstance(node, ast.Number | ast.Quantity | ast.DateValue)


def _is_truth(node: ast.Expr) -> bool:
    return isinstance(node, ast.Truth)


def _bound(ctx: Context, node: ast.BoundCell, type: Type) -> model.Cell | None:
    """One end: `below X`, `X or more`, `over X`, `up to X`."""
    op = ORDER_OF[node.op]
    if op in ("=", "<>"):
        value = expression(ctx, node.value, type)
        return None if value is None else model.SetCell((value,), negated=op == "<>")
    if not has_order(type):
        report_no_order(ctx, node, node.op, type)
        return None
    value = expression(ctx, node.value, type)
    if value is None:
        return None
    if op in ("<", "<="):
        return model.RangeCell(None, value, high_included=op == "<=")
    return model.RangeCell(value, None, low_included=op == ">=")


def _range(ctx: Context, node: ast.RangeCell, type: Type) -> model.Cell | None:
    """Both ends: `X to Y` leaves out Y; `between A and B` and `from D until D` include both."""
    if not has_order(type):
        report_no_order(ctx, node, "BETWEEN" if node.kind == "between" else "UP_TO", type)
        return None
    low, high = expression(ctx, node.low, type), expression(ctx, node.high, type)
    if low is None or high is None or not _range_fits(ctx, node, type):
        return None
    closed = node.kind != "to"
    if not rising(ctx, node, low, high, equal=closed):
        return None
    warn_of_half_range(ctx, node, node.low, node.high)
    return model.RangeCell(low, high, high_included=closed)


def _range_fits(ctx: Context, node: ast.RangeCell, type: Type) -> bool:
    """`to` for figures, `from … until` for dates; for tiers neither says which of them belong to it."""
    low, high = ctx.words(node.low.span), ctx.words(node.high.span)
    if node.kind == "to" and type.kind is Kind.DATE:
        ctx.report.add(messages.TO_IN_DATES, node.span, low=low, high=high)
    elif node.kind == "to" and type.kind is Kind.TIER:
        ctx.report.add(messages.TIER_RANGE, node.span, low=low)
    elif node.kind == "from" and type.kind is not Kind.DATE:
        ctx.report.add(messages.UNTIL_NOT_DATES, node.span, low=low, high=high, **slots(found=type))
    else:
        return True
    return False


def cell_condition(column: model.Column, cell: model.Cell) -> model.Expr | None:
    """The condition that a cell puts on its column; None for `-`, which puts none."""
    expr = column.expr
    match cell:
        case model.AnyCell():
            return None
        case model.UnknownCell():
            return model.IsUnknown(expr, YES_NO, expr.span)
        case model.SetCell(values=values, negated=negated):
            found: model.Expr = _equals(expr, values)
            return model.Not(found, YES_NO, found.span) if negated else found
        case model.RangeCell(low=low, high=high):
            ends: list[model.Expr] = []
            if low is not None:
                ends.append(model.Compare(">=" if cell.low_included else ">", expr, low, YES_NO, low.span))
            if high is not None:
                ends.append(model.Compare("<=" if cell.high_included else "<", expr, high, YES_NO, high.span))
            return ends[0] if len(ends) == 1 else model.Logic("and", tuple(ends), YES_NO, ends[0].span)
        case _:
            assert_never(cell)


def _equals(expr: model.Expr, values: tuple[model.Expr, ...]) -> model.Expr:
    """A yes/no column's `yes` is the condition itself; one value is an equality, several are `in`."""
    if len(values) > 1:
        return model.OneOf(expr, values, YES_NO, values[0].span)
    value = values[0]
    if isinstance(value, model.Const) and value.value is True:
        return expr
    if isinstance(value, model.Const) and value.value is False:
        return model.Not(expr, YES_NO, value.span)
    return model.Compare("=", expr, value, YES_NO, value.span)
