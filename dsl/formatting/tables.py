"""Pipe tables as text: each cell as it is written, the columns under each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from dsl import ast
from dsl.formatting.expressions import between, bound, expression
from dsl.formatting.layout import align_table
from dsl.formatting.words import Style, comments, noted, spaced, word


def table(node: ast.Table, style: Style) -> Iterator[str]:
    """The lines of a table, the comments above its header and its rows included."""
    head = replace(style, statement="head")
    rows = [tuple(heading(cell, head) for cell in node.head)]
    rows.extend(tuple(table_cell(cell, style) for cell in row.cells) for row in node.rows)
    all_notes = [node.notes, *(row.notes for row in node.rows)]
    for text, notes in zip(align_table(rows), all_notes, strict=True):
        yield from comments(notes.before)
        yield noted(text, notes)


def heading(node: ast.Heading, style: Style) -> str:
    """A cell of the header row."""
    return spaced(
        style.keyword(node.keyword) if node.keyword else None,
        expression(node.expr, style) if node.expr else None,
        style.keyword(node.bound) if node.bound else None,
    )


def table_cell(node: ast.Cell, style: Style) -> str:
    """A cell of a row."""
    match node:
        case ast.AnyCell():
            return "-"
        case ast.UnknownCell():
            return style.keyword("UNKNOWN")
        case ast.ListCell():
            return spaced(
                style.keyword("NOT") if node.negated else None,
                style.items(expression(item, style) for item in node.items),
                f"({word(node.alias)})" if node.alias else None,
                style.label(node.label),
            )
        case ast.BoundCell():
            return bound(node.op, expression(node.value, style), style)
        case ast.RangeCell():
            return _range(node, style)
        case ast.HeadingCell():
            return heading(node.heading, style)
        case _:
            assert_never(node)


def _range(node: ast.RangeCell, style: Style) -> str:
    low, high = expression(node.low, style), expression(node.high, style)
    match node.kind:
        case "to":
            return f"{low} {style.keyword('TO')} {high}"
        case "between":
            return between(low, high, style)
        case "from":
            return f"{style.keyword('FROM')} {low} {style.keyword('UNTIL')} {high}"
        case _:
            assert_never(node.kind)
