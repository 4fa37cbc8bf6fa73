"""First match: which of several lines or rows decides, and the record of it (`Act`) from which reasons are told.

Where a condition is undecided, its line stays possible, and so do the lines after it, up to the first that surely holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from dsl.model import (
    AnyCell,
    Body,
    Cell,
    Column,
    Expr,
    Line,
    Outcome,
    RangeCell,
    Result,
    SetCell,
    Table,
    Text,
    UnknownCell,
)
from dsl.source import Span
from engine.expressions import (
    Situation,
    compare,
    conjunction,
    evaluate,
    negation,
    one_of,
    undecided,
)
from engine.values import (
    FALSE,
    TRUE,
    Causes,
    Domain,
    Unknown,
    either,
    joined,
    truth,
)

Part = Literal["score", "value", "ladder", "segment", "tags"]


@dataclass(frozen=True, slots=True)
class Act:
    """One rule that acted, or may have: on what, what it gave, and the expressions that it looked at (`reads`).

    `gives` is the points of a score, a derived value's value, else the key of a tier, an outcome or a tag.
    `condition` (for a row its columns and cells) is for words where no label stands.
    """

    part: Part
    key: str
    rule: str
    gives: Domain
    reads: tuple[Expr, ...]
    span: Span
    label: Text | None = None
    condition: Expr | tuple[tuple[Column, Cell], ...] | None = None
    certain: bool = True
    owner: Text | None = None


Found = tuple[Domain, tuple[Act, ...]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line or a row in the order of trial, with its condition evaluated."""

    holds: Domain
    rule: str
    result: Result
    reads: tuple[Expr, ...]
    span: Span
    label: Text | None
    condition: Expr | tuple[tuple[Column, Cell], ...] | None


def candidates(body: Body, at: Situation) -> Iterator[Candidate]:
    """The lines and rows of a body in order, evaluated as they are come to."""

    def line(each: Line) -> Domain:
        return TRUE if each.condition is None else evaluate(each.condition, at)

    return candidates_where(body, line, lambda table: _rows(table, at))


def candidates_where(
    body: Body, line: Callable[[Line], Domain], rows: Callable[[Table], Iterable[Domain]]
) -> Iterator[Candidate]:
    """The lines and rows of a body in order, where `line` says of a line, and `rows` of each row of a table, whether
    it holds. An `otherwise` has looked at all that stood above it.
    """
    above: list[Expr] = []
    for item in body:
        if isinstance(item, Table):
            heads = tuple(column.expr for column in item.columns)
            above += heads
            for row, holds in zip(item.rows, rows(item), strict=True):
                cells = tuple(zip(item.columns, row.cells, strict=True))
                yield Candidate(holds, row.rule, row.result, heads, row.span, row.label, cells)
        else:
            above += [] if item.condition is None else [item.condition]
            reads = tuple(above) if item.condition is None else (item.condition,)
            yield Candidate(line(item), item.rule, item.result, reads, item.span, item.label, item.condition)


def _rows(table: Table, at: Situation) -> Iterator[Domain]:
    """Whether each row matches."""
    heads = [evaluate(column.expr, at) for column in table.columns]
    for row in table.rows:
        cells = zip(row.cells, table.columns, heads, strict=True)
        yield conjunction(_cell(cell, column, head, at) for cell, column, head in cells)


def _cell(cell: Cell, column: Column, head: Domain, at: Situation) -> Domain:
    """Whether a cell matches. Beside an `unknown` cell, the other cells of its column do not match what is
    unknown.
    """
    if isinstance(cell, AnyCell):
        return TRUE
    if isinstance(cell, UnknownCell):
        return truth(undecided(head))
    if column.has_unknown and undecided(head):
        return FALSE
    type = column.expr.type
    match cell:
        case SetCell(values, negated):
            matches = one_of(head, [evaluate(value, at) for value in values], type)
            return negation(matches) if negated else matches
        case RangeCell(low, high):
            tests = []
            if low is not None:
                tests.append(compare(">=" if cell.low_included else ">", head, evaluate(low, at), type))
            if high is not None:
                tests.append(compare("<=" if cell.high_included else "<", head, evaluate(high, at), type))
            return conjunction(tests)
        case _:
            assert_never(cell)


def first_match(found: Iterable[Candidate], exactly_one: bool = False) -> list[Candidate]:
    """The candidates that may be the one that decides: undecided ones up to the first that holds, and that
    one.

    Under `exactly_one` a line that holds settles it alone, wherever it stands; `otherwise` never does.
    """
    open_: list[Candidate] = []
    for candidate in found:
        if candidate.holds == TRUE:
            return [candidate] if exactly_one and not _otherwise(candidate) else [*open_, candidate]
        if candidate.holds != FALSE:
            open_.append(candidate)
    return open_


def _otherwise(candidate: Candidate) -> bool:
    """Whether a candidate is what remains when nothing above it holds: it says nothing of its own."""
    if isinstance(candidate.condition, tuple):
        return all(isinstance(cell, AnyCell) for _, cell in candidate.condition)
    return candidate.condition is None


def why_open(found: Sequence[Candidate]) -> Causes:
    return joined(candidate.holds for candidate in found)


def acts_of(
    part: Part, key: str, found: Sequence[Candidate], gives: Callable[[Result], Domain]
) -> tuple[Act, ...]:
    certain = len(found) == 1 and found[0].holds == TRUE
    return tuple(
        Act(
            part,
            key,
            each.rule,
            gives(each.result),
            each.reads,
            each.span,
            each.label or (each.result.label if isinstance(each.result, Outcome) else None),
            each.condition,
            certain,
            each.result.owner if isinstance(each.result, Outcome) else None,
        )
        for each in found
    )


def settled(found: Sequence[Candidate], acts: Sequence[Act]) -> Domain:
    """What the candidates give together. Where none is left the checker has proved that there is nothing to
    give.
    """
    return either([act.gives for act in acts], why_open(found)) if acts else Unknown()


def result_of(result: Result, at: Situation) -> Domain:
    """What a line of a value gives; `-` is deliberately nothing."""
    return Unknown() if result is None or isinstance(result, (Outcome, str)) else evaluate(result, at)
