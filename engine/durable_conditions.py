"""A condition -> the few simple tests that durable-rules is trusted with.

A test compares one measured thing with one whole number. A condition becomes alternatives, each a row of tests that must all hold: `or`
is several rules, `not` turns each test round, and a list of values is an alternative a value. What is measured, and how it becomes a
whole number, stands in `Measure`:

- `size`: an amount, a score, a date (in seconds). Two sides that both vary are measured by their difference. The number is counted in
  the smallest unit that any of the constants it meets needs, doubled, and one more where something is left over between two units: so
  every comparison is exact whatever the digits, and a division is as good as any other number.
- `place`: an enumerated value, an outcome, a tier, by its place among its kind, counted down, so that a better tier is greater.
- `word`: a text by its number among the texts that it is compared with; all others are nothing.
- `truth`: what durable-rules has no right notion of (is it unknown, is it in the list, are two texts the same), as 1 or 0.
- `stage`: like a place; but a question may be asked for another stage than the customer's.

So no word of an author's or a caller's reaches durable-rules: it compares numbered fields with whole numbers.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import chain, product
from typing import Literal, assert_never

from dsl.model import (
    AnyCell,
    Arith,
    Cell,
    CheckedPolicy,
    Column,
    Compare,
    Const,
    Contains,
    DateMath,
    Expr,
    IsUnknown,
    Logic,
    Not,
    OneOf,
    RangeCell,
    Read,
    Row,
    SetCell,
    Table,
    Today,
    UnknownCell,
)
from dsl.records import record
from dsl.types import DURATION, NUMBER, YES_NO, Kind, Type
from dsl.walk import parts
from engine.calendar import DAY_SECONDS
from engine.durable_refusals import beyond
from engine.values import exact

Order = Literal["=", "<>", "<", "<=", ">", ">="]
Sort = Literal["size", "place", "word", "truth", "stage"]

# How many rules one condition may become, and how many tests one rule may hold.
MOST_ALTERNATIVES = 200
MOST_TESTS = 40

OPPOSITE: dict[Order, Order] = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED: dict[Order, Order] = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


@record
class Measure:
    """One thing that rules look at: an expression, and how it becomes a whole number."""

    sort: Sort
    expr: Expr


@record
class Test:
    """One comparison with a constant: a size (dates in seconds), a place, a text, or 1 and 0."""

    measure: Measure
    op: Order
    value: Fraction | str


# All of the tests must hold; none at all always does.
Together = tuple[Test, ...]
# One of these must hold; none at all never does.
Alternatives = tuple[Together, ...]

ALWAYS: Alternatives = ((),)
NEVER: Alternatives = ()


def alternatives(expr: Expr, policy: CheckedPolicy, wanted: bool = True) -> Alternatives:
    """The tests under which a condition comes out as `wanted`. Raises `CannotDecide` where there are too many."""
    match expr:
        case Const(value):
            return ALWAYS if bool(value) is wanted else NEVER
        case Not(inner):
            return alternatives(inner, policy, not wanted)
        case Logic(op, args):
            each = [alternatives(arg, policy, wanted) for arg in args]
            return every(each, expr, policy) if (op == "and") is wanted else some(each, expr, policy)
        case Compare(op, left, right):
            return ((_compared(op if wanted else OPPOSITE[op], left, right),),)
        case OneOf(inner, items):
            each = [((_compared("=" if wanted else "<>", inner, item),),) for item in items]
            return some(each, expr, policy) if wanted else every(each, expr, policy)
        case Read() | IsUnknown() | Contains():
            return (_true(expr, wanted),)
        case _:
            raise AssertionError("the checker lets only conditions come here")


def every(each: list[Alternatives], expr: Expr, policy: CheckedPolicy) -> Alternatives:
    """All of several conditions: each way of picking an alternative from each of them."""
    count = 1
    for one in each:
        count *= len(one)
    _limited(count, expr, policy)
    return tuple(tuple(dict.fromkeys(chain.from_iterable(ways))) for ways in product(*each))


def some(each: list[Alternatives], expr: Expr, policy: CheckedPolicy) -> Alternatives:
    """One of several conditions: all their alternatives."""
    found = tuple(dict.fromkeys(chain.from_iterable(each)))
    _limited(len(found), expr, policy)
    return found


def _limited(count: int, expr: Expr, policy: CheckedPolicy) -> None:
    if count > MOST_ALTERNATIVES:
        raise beyond(
            policy,
            expr.span,
            f"the condition would become {count} rules, and {MOST_ALTERNATIVES} is the limit",
            f"该条件需拆成 {count} 条规则，上限为 {MOST_ALTERNATIVES} 条",
        )


def row_alternatives(table: Table, row: Row, policy: CheckedPolicy) -> Alternatives:
    """The tests under which a row matches."""
    each = [_cell(column, cell, policy) for column, cell in zip(table.columns, row.cells, strict=True)]
    about = table.columns[0].expr if table.columns else Const(True, YES_NO, row.span)
    return every(each, about, policy)


def _cell(column: Column, cell: Cell, policy: CheckedPolicy) -> Alternatives:
    head = column.expr
    match cell:
        case AnyCell():
            return ALWAYS
        case UnknownCell():
            return (_true(IsUnknown(head, YES_NO), True),)
        case SetCell(values, negated):
            return alternatives(OneOf(head, values, YES_NO, head.span), policy, not negated)
        case RangeCell(low, high):
            tests = []
            if low is not None:
                tests.append(_compared(">=" if cell.low_included else ">", head, low))
            if high is not None:
                tests.append(_compared("<=" if cell.high_included else "<", head, high))
            return (tuple(tests),)
        case _:
            assert_never(cell)


# ---------------------------------------------------------------- one test


def _true(expr: Expr, wanted: bool) -> Together:
    return (Test(Measure("truth", expr), "=", Fraction(wanted)),)


def _compared(op: Order, left: Expr, right: Expr) -> Test:
    """One comparison; a constant stands right of it."""
    if isinstance(left, Const) and not isinstance(right, Const):
        op, left, right = MIRRORED[op], right, left
    if isinstance(right, Const):
        return Test(Measure(_sort(left.type), left), op, constant(right, left.type))
    if left.type.kind is Kind.DATE:
        gap: Expr = DateMath("between", (left, right), DURATION, span=left.span)
    elif left.type.kind.numeric:
        gap = Arith("-", (left, right), NUMBER, left.span)
    else:
        return Test(Measure("truth", Compare(op, left, right, YES_NO, left.span)), "=", Fraction(1))
    return Test(Measure("size", gap), op, Fraction(0))


def _sort(type: Type) -> Sort:
    match type.kind:
        case Kind.YES_NO:
            return "truth"
        case Kind.ENUM | Kind.TIER:
            return "place"
        case Kind.TEXT:
            return "word"
        case _:
            return "size"


def constant(const: Const, type: Type) -> Fraction | str:
    """A constant as a test holds it; `type` is that of what it is compared with."""
    value = exact(const.value)
    match value:
        case bool():
            return Fraction(value)
        case Fraction():
            return value
        case date():
            return seconds(value)
        case str():
            return Fraction(place(value, type)) if type.members else value
        case _:
            raise AssertionError("the checker compares no lists")


def seconds(day: date) -> Fraction:
    """A day as the seconds before it."""
    return Fraction(day.toordinal() * DAY_SECONDS)


def place(key: str, type: Type) -> int:
    """The place of a value among its kind, counted down from 0."""
    return -[member.key for member in type.members].index(key)


# ---------------------------------------------------------------- what a grant asks for


def at_stage(read: Read, key: str) -> Together:
    """The test that benefits are asked for at a stage."""
    return (Test(Measure("stage", read), "=", Fraction(place(key, read.type))),)


def in_time(start: date | None, end: date | None, today: Today) -> Together:
    """The tests that the day lies between two days, both included."""
    day = Measure("size", today)
    found = [] if start is None else [Test(day, ">=", seconds(start))]
    return (*found, *([] if end is None else [Test(day, "<=", seconds(end))]))


def reads(expr: Expr) -> frozenset[str]:
    """The keys of the results that an expression reads; facts and parameters are there from the start."""
    inside = (part for part in parts(expr) if isinstance(part, Read))
    return frozenset(read.key for read in inside if read.of not in ("fact", "param"))
