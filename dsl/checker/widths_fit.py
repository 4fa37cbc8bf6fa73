"""Literals that do not fit what they are compared with or stored in.

A fact is refused beyond its width, so nothing that it can be equals or separates a literal that is finer or longer: whoever wrote
it meant another type. The same holds for a literal that is itself the result of a declared value, score or benefit. Calculated results are
exact, however long they come, and are not asked about here. Whole numbers may be compared with fractions: `orders > 2.5` is clear.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from dsl.checker.coverage_numbers import number_words
from dsl.diagnostics import Diagnostic, Report
from dsl.messages import lints as messages
from dsl.model import CheckedPolicy, Compare, Const, Expr, OneOf, RangeCell, Read, SetCell, Table
from dsl.types import Kind, Type, width_of
from dsl.walk import Place, parts, places, result_exprs


def check_literals(policy: CheckedPolicy) -> list[Diagnostic]:
    """Reports each literal that does not fit."""
    report = Report()
    for place in places(policy):
        for read, const in _compared(place):
            if read.of == "fact" and (fact := policy.facts.get(read.key)):
                _check(const, fact.type, fact.name, report)
        type_ = _stored(place, policy)
        for result in _results(place):
            if type_ is not None and isinstance(result, Const):
                _check(result, type_, place.name, report)
    return report.items


def _check(const: Const, type_: Type, name: str, report: Report) -> None:
    room = (type_.item or type_).width
    if room is None or not isinstance(const.value, Decimal):
        return
    needed = width_of(const.value)
    if needed.whole > room.whole or (needed.places > room.places and type_.kind is not Kind.WHOLE):
        value = number_words(Fraction(const.value), type_.kind)[0]
        # A percentage is kept as a fraction, and written a hundred times as large.
        shift = 2 if type_.kind is Kind.PERCENT else 0
        whole, decimals = room.whole + shift, room.places - shift
        report.add(messages.DOES_NOT_FIT, const.span, value=value, name=name, whole=whole, places=decimals)


def _compared(place: Place) -> Iterator[tuple[Read, Const]]:
    """Every reading with a literal that it is compared with, in conditions and in cells."""
    for expr in (*place.conditions, *place.results):
        for part in parts(expr):
            match part:
                case Compare(left=Read() as read, right=Const() as const):
                    yield read, const
                case Compare(left=Const() as const, right=Read() as read):
                    yield read, const
                case OneOf(inner=Read() as read, items=items):
                    yield from ((read, item) for item in items if isinstance(item, Const))
                case _:
                    pass
    for table in place.tables:
        yield from _in_cells(table)


def _in_cells(table: Table) -> Iterator[tuple[Read, Const]]:
    for at, column in enumerate(table.columns):
        if not isinstance(column.expr, Read):
            continue
        for row in table.rows:
            cell = row.cells[at]
            ends: tuple[Expr | None, ...] = ()
            if isinstance(cell, SetCell):
                ends = cell.values
            elif isinstance(cell, RangeCell):
                ends = (cell.low, cell.high)
            yield from ((column.expr, end) for end in ends if isinstance(end, Const))


def _stored(place: Place, policy: CheckedPolicy) -> Type | None:
    """The type that a place's results are stored as; None where they are no such results."""
    if place.of == "value":
        return policy.values[place.key].type
    if place.of == "score":
        return policy.scores[place.key].type
    return policy.benefits[place.key].type if place.of == "benefit" else None


def _results(place: Place) -> Iterator[Expr]:
    yield from place.results
    for table in place.tables:
        for row in table.rows:
            yield from result_exprs(row.result)
