"""Scores: what adds up, and what it is held between.

The lines of a score add up in any order, so that one that moved changes no more than the order of reasons.
Each of its tables is read from the top by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import assert_never

from dsl.model import Const, Points, PointsPer, Score, Table, Term, Text
from dsl.source import Span
from dsl.types import NUMBER
from policies.registry.diff import words
from policies.registry.diff.changes import About, Rules, option
from policies.registry.diff.difference import Difference, Said
from policies.registry.diff.matching import Aspect, Item
from policies.registry.diff.names import Side
from policies.registry.diff.rules import (
    called,
    condition_aspect,
    is_written,
    joined,
    rest_of,
    table_items,
    when,
)
from policies.registry.diff.shapes import Shape, reads, shape


def score_differences(
    about: About, old: Score, new: Score, before: Side, after: Side
) -> Iterator[Difference]:
    """What differs in a score that both versions have."""
    for what, one, other in (("least", old.low, new.low), ("most", old.high, new.high)):
        yield from option(about, what, one, other, _bound)
    sides = ((old, before), (new, after))
    lines = [
        [_line(part, score.key, side) for part in score.parts if not isinstance(part, Table)]
        for score, side in sides
    ]
    yield from Rules("score", lines, within=about.subject, ordered=False).differences()
    for tables in _tables(old, new, before, after):
        rows = [
            [] if table is None else table_items(table, score.key, score.type, side, "points")
            for table, (score, side) in zip(tables, sides, strict=True)
        ]
        yield from Rules("score", rows, within=about.subject).differences()


def _bound(bound: object) -> Said | None:
    return words.value(bound, NUMBER) if isinstance(bound, Decimal) else None


# ---------------------------------------------------------------- tables


def _tables(old: Score, new: Score, before: Side, after: Side) -> Iterator[tuple[Table | None, Table | None]]:
    """Each table with its counterpart: the first over the same columns, else the next that is left."""
    waiting = [part for part in new.parts if isinstance(part, Table)]
    alone = []
    for table in (part for part in old.parts if isinstance(part, Table)):
        head = _head(table, before)
        other = next((each for each in waiting if _head(each, after) == head), None)
        if other is None:
            alone.append(table)
        else:
            waiting.remove(other)
            yield table, other
    for at in range(max(len(alone), len(waiting))):
        yield alone[at] if at < len(alone) else None, waiting[at] if at < len(waiting) else None


def _head(table: Table, side: Side) -> Shape:
    return shape(tuple(column.expr for column in table.columns), side.names)


# ---------------------------------------------------------------- lines


def _line(part: Term | Points | PointsPer, parent: str, side: Side) -> Item:
    match part:
        case Term():
            return _term(part, parent, side)
        case Points():
            return _points(part, parent, side)
        case PointsPer():
            return _points_per(part, parent, side)
        case _:
            assert_never(part)


def _term(part: Term, parent: str, side: Side) -> Item:
    """A summand: its sign is part of what it says."""

    def said() -> Said:
        inner = words.expression(part.expr, side)
        return inner if part.sign > 0 else Said(f"-({inner.en})", f"-({inner.zh})")

    aspect = Aspect("expression", (part.sign, shape(part.expr, side.names)), said)
    read = partial(reads, side.names, part.expr)
    return _item(part.rule, part.label, part.span, parent, side, (aspect,), said, said, read)


def _points(part: Points, parent: str, side: Side) -> Item:
    def points() -> Said:
        said = words.expression(part.points, side)
        gains = (
            isinstance(part.points, Const)
            and isinstance(part.points.value, Decimal)
            and part.points.value > 0
        )
        return _signed(said) if gains else said

    condition = partial(words.expression, part.condition, side)
    aspects = (
        Aspect("points", shape(part.points, side.names), points),
        condition_aspect(part.condition, side),
    )

    def content() -> Said:
        return joined(points(), when(part.condition, side))

    read = partial(reads, side.names, part.condition)
    return _item(part.rule, part.label, part.span, parent, side, aspects, content, condition, read)


def _points_per(part: PointsPer, parent: str, side: Side) -> Item:
    def points() -> Said:
        said = words.expression(part.points, side)
        return _signed(said) if part.sign > 0 else Said(f"-{said.en}", f"-{said.zh}")

    def counted() -> Said:
        of, step = words.expression(part.of, side), words.expression(part.step, side)
        return Said(f"per {step.en} of {of.en}", f"每 {step.zh} 的 {of.zh}")

    def content() -> Said:
        whole, cap = joined(points(), counted()), words.maybe(part.cap, side)
        return whole if cap is None else Said(f"{whole.en} up to {cap.en}", f"{whole.zh} 上限 {cap.zh}")

    aspects = (
        Aspect("points", (part.sign, shape(part.points, side.names)), points),
        Aspect("step", shape((part.of, part.step), side.names), counted),
        Aspect("cap", shape(part.cap, side.names), lambda: words.maybe(part.cap, side)),
    )
    read = partial(reads, side.names, part.of)
    return _item(part.rule, part.label, part.span, parent, side, aspects, content, counted, read)


def _signed(said: Said) -> Said:
    return Said(f"+{said.en}", f"+{said.zh}")


def _item(
    rule: str,
    label: Text | None,
    span: Span,
    parent: str,
    side: Side,
    aspects: tuple[Aspect, ...],
    content: Callable[[], Said],
    otherwise: Callable[[], Said],
    read: Callable[[], frozenset[str]],
) -> Item:
    """A line of a score; `otherwise` is what it is called where it has neither name nor label."""
    return Item(
        name=rest_of(rule, parent),
        rule=rule,
        aspects=aspects,
        called=partial(called, side, rule, span, label, otherwise),
        content=content,
        label=label,
        reads=read,
        written=partial(is_written, side, rule, span),
        span=span,
    )
