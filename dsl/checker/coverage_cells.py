"""Cells that can never match: empty ranges, values that the column cannot have, columns that exclude each
other.
"""

from __future__ import annotations

from dataclasses import replace

from dsl.checker.coverage_layout import BadCell
from dsl.checker.coverage_numbers import Words
from dsl.checker.coverage_report import Examined
from dsl.checker.coverage_words import constant_words, domain_words
from dsl.messages import coverage as messages
from dsl.model import Cell, Expr, RangeCell, Row, SetCell, UnknownCell
from dsl.source import NOWHERE, Span
from dsl.types import Type


def check_cells(examined: Examined) -> None:
    """Reports every row that can never match, by its first cell at fault."""
    told: set[int] = set()
    for bad in examined.layout.bad:
        if id(bad.row) not in told:
            told.add(id(bad.row))
            _bad_cell(bad, examined)
    for entry in examined.layout.entries:
        # Each cell can match, yet the row has no box: two columns ask about one thing.
        if isinstance(entry.item, Row) and not entry.boxes and id(entry.item) not in told:
            examined.say(messages.COLUMNS_EXCLUDE, entry.item.span)


def _bad_cell(bad: BadCell, examined: Examined) -> None:
    column, type_ = bad.column.text, bad.domain.type
    if isinstance(bad.cell, UnknownCell):
        examined.say(messages.NEVER_UNKNOWN, bad.row.span, column=column)
        return
    span = _cell_span(bad.cell, bad.row)
    if isinstance(bad.cell, RangeCell) and _is_empty(bad.cell, bad, examined):
        low, high = (_words(end, type_, examined) for end in (bad.cell.low, bad.cell.high))
        examined.say(messages.RANGE_EMPTY, span, column=column, low=low, high=high)
        return
    domain = domain_words(bad.domain)
    cell = _cell_words(bad.cell, type_, examined)
    declared = replace(bad.domain, known=bad.domain.declared)
    if examined.domains.cell(bad.cell, declared, examined.day):
        # The declaration leaves room for it, only the rules of today do not: a policy may be written ahead of them.
        examined.say(messages.NOT_YET_MATCHING, span, column=column, domain=domain, cell=cell)
        return
    examined.say(messages.NEVER_MATCHES, span, column=column, domain=domain, cell=cell)


def _is_empty(cell: RangeCell, bad: BadCell, examined: Examined) -> bool:
    """Whether a range holds nothing, whatever the column's bounds."""
    if cell.low is None or cell.high is None:
        return False
    low, high = examined.fold(cell.low), examined.fold(cell.high)
    if low is None or high is None:
        return False
    start, end = bad.domain.cut(low, not cell.low_included), bad.domain.cut(high, cell.high_included)
    return start is None or end is None or start >= end


def _cell_words(cell: Cell, type_: Type, examined: Examined) -> Words:
    """What a cell asks for, as it is written."""
    if isinstance(cell, RangeCell):
        low, high = _words(cell.low, type_, examined), _words(cell.high, type_, examined)
        if cell.low is not None and cell.high is not None:
            return f"{low[0]} to {high[0]}", f"{low[1]} 至 {high[1]}"
        if cell.low is not None:
            return (
                (f"{low[0]} or more", f"{low[1]} 及以上")
                if cell.low_included
                else (f"over {low[0]}", f"超过 {low[1]}")
            )
        return (
            (f"up to {high[0]}", f"不超过 {high[1]}")
            if cell.high_included
            else (f"below {high[0]}", f"低于 {high[1]}")
        )
    if isinstance(cell, SetCell):
        words = [_words(value, type_, examined) for value in cell.values]
        en, zh = ", ".join(en for en, _ in words), "、".join(zh for _, zh in words)
        return (f"not {en}", f"非 {zh}") if cell.negated else (en, zh)
    return "-", "-"


def _words(expr: Expr | None, type_: Type, examined: Examined) -> Words:
    value = None if expr is None else examined.fold(expr)
    return ("-", "-") if value is None else constant_words(value, type_)


def _cell_span(cell: Cell, row: Row) -> Span:
    """Where a cell stands: from its first value to its last, the row where they have no place."""
    values: list[Expr] = []
    if isinstance(cell, RangeCell):
        values = [end for end in (cell.low, cell.high) if end is not None]
    elif isinstance(cell, SetCell):
        values = list(cell.values)
    if not values or any(value.span == NOWHERE for value in values):
        return row.span
    return values[0].span.to(values[-1].span)
