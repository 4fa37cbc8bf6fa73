"""Lines and rows, of values, choices, tags and tables, as they are compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import assert_never

from dsl.model import (
    AnyCell,
    Body,
    Bracket,
    Cell,
    Column,
    Expr,
    Graduated,
    Line,
    Outcome,
    RangeCell,
    Result,
    Row,
    SetCell,
    Table,
    Text,
    UnknownCell,
)
from dsl.source import Span
from dsl.types import Type
from policies.registry.diff import words
from policies.registry.diff.difference import Said, plain
from policies.registry.diff.matching import Aspect, Item
from policies.registry.diff.names import Side
from policies.registry.diff.shapes import Shape, reads, shape

_NAME = re.compile(
    r"\s*`?(?P<name>[^`()（）|｜]+?)`?\s*(?:[(（]\s*`?(?P<alias>[^`()（）]+?)`?\s*[)）])?\s*[:：]"
)


# ---------------------------------------------------------------- what every rule has


def rest_of(rule: str, parent: str) -> str:
    """The name of a rule below its statement."""
    return rule.removeprefix(f"{parent}.")


def written_name(side: Side, rule: str, span: Span) -> str | None:
    """The name before a line's colon, where that is where the rule has its name from."""
    match = _NAME.match(side.slice(span))
    if match is None:
        return None
    return match["name"] if rule.endswith(f".{match['alias'] or match['name']}") else None


def is_written(side: Side, rule: str, span: Span) -> bool:
    """Whether the author gave a line its name."""
    return written_name(side, rule, span) is not None


def called(side: Side, rule: str, span: Span, label: Text | None, otherwise: Callable[[], Said]) -> Said:
    """How a sentence calls a rule: by the name that its author gave it, else by its label, else by what it says."""
    name = written_name(side, rule, span)
    if name is not None:
        return plain(name)
    return otherwise() if label is None else words.label(label)


def condition_aspect(condition: Expr | None, side: Side) -> Aspect:
    """When a rule holds; None is always."""
    return Aspect("condition", shape(condition, side.names), lambda: words.maybe(condition, side))


def when(condition: Expr | None, side: Side) -> Said:
    """`when C`, or `otherwise`."""
    if condition is None:
        return words.OTHERWISE
    said, word = words.expression(condition, side), words.keyword("WHEN")
    return Said(f"{word.en} {said.en}", f"{word.zh} {said.zh}")


def joined(first: Said, second: Said) -> Said:
    """One behind the other."""
    return Said(f"{first.en} {second.en}", f"{first.zh} {second.zh}")


# ---------------------------------------------------------------- results


def result_shape(result: Result, type: Type, side: Side) -> Shape:
    """What a line or a row gives. A code is compared, its label is not."""
    owner = (type.item or type).owner
    match result:
        case Outcome(key=key):
            return ("outcome", side.names.member(owner, key))
        case _:
            return shape(result, side.names)


def result_words(result: Result, type: Type, side: Side) -> Said:
    """What a line or a row gives, in words."""
    match result:
        case None:
            return words.NOTHING
        case Outcome(key=key):
            member = (type.item or type).member(key)
            return (
                words.quoted(key)
                if member is not None and member.is_text
                else plain(member.name if member else key)
            )
        case str():
            return plain(result)
        case _:
            return words.expression(result, side)


# ---------------------------------------------------------------- bodies


def body_items(body: Body, parent: str, type: Type, side: Side, what: str) -> list[Item]:
    """The rules of lines and tables in the order written: the first that holds decides, over all of them."""
    found = []
    for part in body:
        match part:
            case Line():
                found.append(_line(part, parent, type, side, what))
            case Table():
                found += table_items(part, parent, type, side, what)
            case _:
                assert_never(part)
    return found


def _line(line: Line, parent: str, type: Type, side: Side, what: str) -> Item:
    result = partial(result_words, line.result, type, side)
    outcome = line.result if isinstance(line.result, Outcome) else None
    aspects = [
        Aspect(what, result_shape(line.result, type, side), result),
        condition_aspect(line.condition, side),
    ]
    if outcome is not None and outcome.owner is not None:
        owner = words.label(outcome.owner)
        aspects.append(Aspect("owner", owner, lambda: owner, decides=False))
    # An outcome is what such a line is known by; a value's line is known by its label or its condition.
    name = result if outcome is not None else partial(when, line.condition, side)
    content = partial(when, line.condition, side)
    return Item(
        name=rest_of(line.rule, parent),
        rule=line.rule,
        aspects=tuple(aspects),
        called=partial(called, side, line.rule, line.span, line.label, name),
        content=content if outcome is not None else lambda: joined(result(), content()),
        label=line.label,
        reads=partial(reads, side.names, line.condition),
        written=partial(is_written, side, line.rule, line.span),
        span=line.span,
    )


def table_items(table: Table, parent: str, type: Type, side: Side, what: str) -> list[Item]:
    """The rows of a table."""
    head = shape(tuple(column.expr for column in table.columns), side.names)
    read = partial(reads, side.names, *(column.expr for column in table.columns))
    return [_row(row, table, head, read, parent, type, side, what) for row in table.rows]


def _row(
    row: Row,
    table: Table,
    head: Shape,
    read: Callable[[], frozenset[str]],
    parent: str,
    type: Type,
    side: Side,
    what: str,
) -> Item:
    cells = partial(words.cells, tuple(zip(table.columns, row.cells, strict=True)), side)
    result = partial(result_words, row.result, type, side)
    asked = tuple(
        (column, cell_shape(cell, side))
        for column, cell in zip(head, row.cells, strict=True)
        if not isinstance(cell, AnyCell)
    )
    return Item(
        name=rest_of(row.rule, parent),
        rule=row.rule,
        aspects=(
            Aspect(what, result_shape(row.result, type, side), result),
            Aspect("condition", asked, cells),
        ),
        called=cells,
        content=result,
        label=row.label,
        reads=read,
        row=head,
        span=row.span,
    )


def cell_shape(cell: Cell, side: Side) -> Shape:
    """What a cell asks for; the order of several values says nothing."""
    match cell:
        case AnyCell():
            return ("any",)
        case UnknownCell():
            return ("unknown",)
        case SetCell(values=values, negated=negated):
            return ("set", negated, frozenset(shape(value, side.names) for value in values))
        case RangeCell():
            return shape(cell, side.names)
        case _:
            assert_never(cell)


def graduated_items(graduated: Graduated, parent: str, side: Side) -> list[Item]:
    """The brackets of a graduated value."""
    head = shape(graduated.by, side.names)
    return [_bracket(each, graduated.by, head, parent, side) for each in graduated.brackets]


def _bracket(bracket: Bracket, by: Expr, head: Shape, parent: str, side: Side) -> Item:
    column = Column(by, "")
    band = partial(words.cells, ((column, RangeCell(bracket.low, bracket.high)),), side)
    rate = partial(words.expression, bracket.rate, side)
    return Item(
        name=rest_of(bracket.rule, parent),
        rule=bracket.rule,
        aspects=(
            Aspect("rate", shape(bracket.rate, side.names), rate),
            Aspect("condition", shape((bracket.low, bracket.high), side.names), band),
        ),
        called=band,
        content=rate,
        row=head,
        span=bracket.span,
    )
