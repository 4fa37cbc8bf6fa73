"""Walking over a checked policy: the parts of an expression, and every place where the policy says something.

The passes that prove things about a finished policy (coverage, lints, widths) and the engines all need the
same two walks. Expressions are at most as deep as the parser lets a line be long, so plain recursion is enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, assert_never

from dsl.model import (
    Arith,
    Benefit,
    Body,
    CheckedPolicy,
    Choice,
    Compare,
    Const,
    Contains,
    DateMath,
    DerivedValue,
    Expr,
    Graduated,
    IsUnknown,
    Ladder,
    Line,
    Logic,
    Movement,
    Not,
    OneOf,
    Outcome,
    Points,
    PointsPer,
    RangeCell,
    Read,
    Result,
    Round,
    Row,
    Score,
    SetCell,
    Table,
    Tags,
    Term,
    Today,
)
from dsl.source import Span

PlaceKind = Literal["applies", "value", "score", "ladder", "choice", "tags", "benefit", "advice", "movement"]


@dataclass(frozen=True, slots=True)
class Place:
    """A declaration (or `applies when`, one `advise`, or one movement) and everything that it says.

    `conditions` are those of its lines; `tables` hold conditions too, in their cells; `results` is every
    other expression: what is given, thresholds, steps, caps.
    """

    of: PlaceKind
    key: str
    name: str
    span: Span
    conditions: tuple[Expr, ...] = ()
    results: tuple[Expr, ...] = ()
    tables: tuple[Table, ...] = ()

    def exprs(self) -> Iterator[Expr]:
        """Every whole expression of the place."""
        yield from self.conditions
        yield from self.results
        for table in self.tables:
            for column in table.columns:
                yield column.expr
            for row in table.rows:
                yield from row_exprs(row)

    def reads(self) -> Iterator[Read]:
        """Everything that the place reads, as often as it does."""
        for expr in self.exprs():
            for part in parts(expr):
                if isinstance(part, Read):
                    yield part


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside an expression."""
    match expr:
        case Const() | Read() | Today():
            return ()
        case Arith(args=args) | DateMath(args=args) | Logic(args=args):
            return args
        case Round(inner=inner) | Not(inner=inner) | IsUnknown(inner=inner):
            return (inner,)
        case Compare(left=left, right=right):
            return (left, right)
        case OneOf(inner=inner, items=items):
            return (inner, *items)
        case Contains(inner=inner, item=item):
            return (inner, item)
        case _:
            assert_never(expr)


def parts(expr: Expr) -> Iterator[Expr]:
    """An expression and everything inside it."""
    waiting = [expr]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(children(part))


def row_exprs(row: Row) -> Iterator[Expr]:
    """What a row's cells compare with, and what it gives."""
    for cell in row.cells:
        if isinstance(cell, SetCell):
            yield from cell.values
        elif isinstance(cell, RangeCell):
            yield from (end for end in (cell.low, cell.high) if end is not None)
    yield from result_exprs(row.result)


def result_exprs(result: Result) -> Iterator[Expr]:
    """A result where it is an expression: not an outcome, a tier or deliberately nothing."""
    if result is not None and not isinstance(result, (Outcome, str)):
        yield result


def places(policy: CheckedPolicy) -> Iterator[Place]:
    """Every place of a policy, in no particular order."""
    if policy.applies is not None:
        yield Place("applies", "applies", "applies", policy.applies.span, (policy.applies,))
    for value in policy.values.values():
        yield _value_place(value)
    for score in policy.scores.values():
        yield _score_place(score)
    for ladder in policy.ladders.values():
        yield _ladder_place(ladder)
    for choice in policy.choices.values():
        yield _body_place("choice", choice, choice.body)
    for tags in policy.tags.values():
        yield _body_place("tags", tags, tags.body)
    for benefit in policy.benefits.values():
        yield _benefit_place(benefit)
    for advice in policy.advice:
        conditions = () if advice.condition is None else (advice.condition,)
        role = (advice.role,) if isinstance(advice.role, Read) else ()
        yield Place("advice", advice.rule, advice.action.text, advice.span, conditions, role)
    for movement in policy.movements.values():
        yield _movement_place(movement, policy.ladders[movement.ladder].name)


def _body_place(of: PlaceKind, declared: DerivedValue | Choice | Tags, body: Body) -> Place:
    lines = [item for item in body if isinstance(item, Line)]
    conditions = tuple(line.condition for line in lines if line.condition is not None)
    results = tuple(expr for line in lines for expr in result_exprs(line.result))
    tables = tuple(item for item in body if isinstance(item, Table))
    return Place(of, declared.key, declared.name, declared.span, conditions, results, tables)


def _value_place(value: DerivedValue) -> Place:
    body = value.body
    if isinstance(body, Graduated):
        edges = [edge for b in body.brackets for edge in (b.low, b.high, b.rate) if edge is not None]
        return Place("value", value.key, value.name, value.span, (), (body.by, *edges))
    if isinstance(body, tuple):
        return _body_place("value", value, body)
    return Place("value", value.key, value.name, value.span, (), (body,))


def _score_place(score: Score) -> Place:
    conditions: list[Expr] = []
    results: list[Expr] = []
    tables: list[Table] = []
    for part in score.parts:
        match part:
            case Term(expr=expr):
                results.append(expr)
            case Points(points=points, condition=condition):
                conditions.append(condition)
                results.append(points)
            case PointsPer():
                results += [part.points, part.of, part.step, *(() if part.cap is None else (part.cap,))]
            case Table():
                tables.append(part)
            case _:
                assert_never(part)
    return Place("score", score.key, score.name, score.span, tuple(conditions), tuple(results), tuple(tables))


def _ladder_place(ladder: Ladder) -> Place:
    conditions = [tier.condition for tier in ladder.tiers if tier.condition is not None]
    conditions += [limit.condition for limit in (*ladder.floors, *ladder.caps)]
    results = [] if ladder.by is None else [ladder.by]
    results += [
        part for tier in ladder.tiers if tier.keep for part in (tier.keep.threshold, tier.keep.condition)
    ]
    return Place("ladder", ladder.key, ladder.name, ladder.span, tuple(conditions), tuple(results))


def _benefit_place(benefit: Benefit) -> Place:
    conditions = [grant.condition for grant in benefit.grants if grant.condition is not None]
    results = [grant.value for grant in benefit.grants]
    results += [grant.stage[0] for grant in benefit.grants if grant.stage is not None]
    return Place("benefit", benefit.key, benefit.name, benefit.span, tuple(conditions), tuple(results))


def _movement_place(movement: Movement, name: str) -> Place:
    """A movement's place; its key is its rules' parent, for its ladder has a place of its own."""
    conditions = [drop.condition for drop in movement.drops if drop.condition is not None]
    conditions += [hold.condition for hold in movement.holds if hold.condition is not None]
    days = [hold.until for hold in movement.holds if hold.until is not None]
    if movement.review is not None and movement.review.of is not None:
        days.append(movement.review.of)
    key = f"movement.{movement.ladder}"
    return Place("movement", key, name, movement.span, tuple(conditions), tuple(days))
