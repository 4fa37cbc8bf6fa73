"""Trying conditions out: can two lines hold together, does one of several always hold?

A condition that only compares facts with constants changes its truth nowhere but at those constants. So it is
enough to try each constant, one value on either side of it and one between neighbours: a handful of cases
stand for all customers, and the answer is exact. A condition that does more (compares two facts, calculates)
has no such cases; then these functions say so by answering None, and the caller reports nothing that it could
not show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise, product
from math import floor, prod

from dsl.model import Compare, Const, Expr, IsUnknown, Logic, Not, OneOf, Read
from dsl.types import Kind, Type, Value

# What may be tried in all: beyond it an answer costs more than it is worth, and is left open.
MOST_TRIES = 30_000
# Every reading has two values at least, so with more of them there are too many cases anyway.
MOST_READINGS = 15

# What a reading is in a case: None for unknown. A number between two others is no decimal of theirs in
# general, hence fractions; all of these compare with each other exactly.
Known = Value | Fraction | int
Point = Known | None
# The least and the greatest value of what is read, as far as they are known.
Bounds = Callable[[Read], tuple[Value | None, Value | None]]
Reading = tuple[str, str]
# A comparison as what it reads and the constants beside it.
Leaf = tuple[Read, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """One customer that was tried: what is read, and the value it was given."""

    values: tuple[tuple[Read, Point], ...]

    def words(self) -> str:
        """The case as its author would write it: `` `region` = north, `orders` = 5 ``."""
        return ", ".join(f"`{read.key}` = {_spelt(read, point)}" for read, point in self.values)


@dataclass(frozen=True, slots=True)
class _Cases:
    """The customers that stand for all, for some conditions: every combination of their readings' values."""

    reads: tuple[Read, ...]
    points: tuple[tuple[Point, ...], ...]

    @property
    def number(self) -> int:
        return prod(len(points) for points in self.points)

    def __iter__(self) -> Iterator[dict[Reading, Point]]:
        names = [(read.of, read.key) for read in self.reads]
        for values in product(*self.points):
            yield dict(zip(names, values, strict=True))


def always_one(conditions: Sequence[Expr], bounds: Bounds) -> bool:
    """Whether it can be shown that one of the conditions holds for every customer of whom all is known."""
    cases = _cases(conditions, bounds)
    if cases is None or cases.number * len(conditions) > MOST_TRIES:
        return False
    return all(any(_holds(each, at) for each in conditions) for at in cases)


def implies(first: Expr, second: Expr, bounds: Bounds) -> bool:
    """Whether it can be shown that the second condition holds whenever the first does, known facts or not."""
    cases = _cases((first, second), bounds, unknown=True)
    if cases is None or cases.number > MOST_TRIES:
        return False
    return all(_holds(second, at) for at in cases if _holds(first, at))


def meetings(conditions: Sequence[Expr], bounds: Bounds) -> Iterator[tuple[int, int, Case]]:
    """Pairs of conditions that can hold together, by their places, each with a customer for whom they do.

    Several readings are tried together only where they are facts: two scores need not be free of each other.
    """
    tries = 0
    for (at, first), (other, second) in combinations(enumerate(conditions), 2):
        cases = _cases((first, second), bounds)
        # A pair has its price even where nothing comes of it.
        tries += 10 + (cases.number if cases is not None else 0)
        if tries > MOST_TRIES:
            return
        if cases is None or (len(cases.reads) > 1 and any(read.of != "fact" for read in cases.reads)):
            continue
        for case in cases:
            if _holds(first, case) and _holds(second, case):
                yield at, other, Case(tuple((read, case[read.of, read.key]) for read in cases.reads))
                break


def _cases(conditions: Sequence[Expr], bounds: Bounds, *, unknown: bool = False) -> _Cases | None:
    """The cases for some conditions; None where one does more than compare readings with constants.

    With `unknown`, what is read may be unknown too.
    """
    reads: dict[Reading, Read] = {}
    marks: dict[Reading, set[Value]] = {}
    for condition in conditions:
        for leaf in _leaves(condition):
            if leaf is None or len(reads) > MOST_READINGS:
                return None
            name = (leaf[0].of, leaf[0].key)
            reads.setdefault(name, leaf[0])
            marks.setdefault(name, set()).update(leaf[1])
    also: tuple[Point, ...] = (None,) if unknown else ()
    points = tuple((*_points(read, marks[name], bounds(read)), *also) for name, read in reads.items())
    return _Cases(tuple(reads.values()), points)


def _leaves(node: Expr) -> Iterator[Leaf | None]:
    """Each comparison as what it reads and the constants beside it; None for what is no such comparison."""
    match node:
        case Const():
            return
        case Read(type=Type(kind=Kind.YES_NO)):
            yield node, ()
        case Not(inner=inner):
            yield from _leaves(inner)
        case Logic(args=args):
            for arg in args:
                yield from _leaves(arg)
        case Compare(left=Read() as read, right=Const(value=value)):
            yield read, (value,)
        case Compare(left=Const(value=value), right=Read() as read):
            yield read, (value,)
        case OneOf(inner=Read() as read, items=items) if all(isinstance(item, Const) for item in items):
            yield read, tuple(item.value for item in items if isinstance(item, Const))
        case IsUnknown(inner=Read() as read):
            yield read, ()
        case _:
            yield None


def _points(read: Read, constants: set[Value], bounds: tuple[Value | None, Value | None]) -> list[Known]:
    """The values of one reading that stand for all of its values."""
    kind = read.type.kind
    if kind is Kind.YES_NO:
        return [True, False]
    if kind in (Kind.ENUM, Kind.TIER):
        return [member.key for member in read.type.members]
    low, high = bounds
    marks = constants | {value for value in bounds if value is not None}
    if kind is Kind.DATE:
        days = sorted(day for day in marks if isinstance(day, date))
        return [day for day in _around_days(days) if _inside(day, low, high)]
    if kind.numeric:
        numbers = sorted(number for number in marks if isinstance(number, Decimal))
        around = _around_whole(numbers) if kind is Kind.WHOLE else _around(numbers)
        return [number for number in around if _inside(number, low, high)]
    # Any other text than those named: the longest of them and a bit more is none of them.
    texts = sorted(text for text in marks if isinstance(text, str))
    return [*texts, max(texts, key=len, default="") + "…"]


def _around(numbers: list[Decimal]) -> list[Known]:
    """Each number, one between each two, one below and one above them all."""
    if not numbers:
        return [Decimal(0)]
    between = [(Fraction(low) + Fraction(high)) / 2 for low, high in pairwise(numbers)]
    return [Fraction(numbers[0]) - 1, *numbers, *between, Fraction(numbers[-1]) + 1]


def _around_whole(numbers: list[Decimal]) -> list[int]:
    """The whole numbers at and beside each number."""
    if not numbers:
        return [0]
    near = {floor(number) + step for number in numbers for step in (-1, 0, 1, 2)}
    return sorted(near)


def _around_days(days: list[date]) -> list[date]:
    if not days:
        return [date(2000, 1, 1)]
    near = set(days)
    near.update(day - timedelta(days=1) for day in days if day > date.min)
    near.update(day + timedelta(days=1) for day in days if day < date.max)
    return sorted(near)


def _inside(point: Known, low: Value | None, high: Value | None) -> bool:
    return (low is None or _order(point, low) >= 0) and (high is None or _order(point, high) <= 0)


def _holds(node: Expr, at: Mapping[Reading, Point]) -> bool:
    """Whether a condition is certainly true in a case."""
    return _truth(node, at) is True


def _truth(node: Expr, at: Mapping[Reading, Point]) -> bool | None:
    """What a condition is in a case; None for unknown, which goes through `not`, `and` and `or` as Kleene has
    it.
    """
    match node:
        case Const() | Read():
            value = _value(node, at)
            return None if value is None else value is True
        case Not(inner=inner):
            inside = _truth(inner, at)
            return None if inside is None else not inside
        case Logic(op=op, args=args):
            parts = [_truth(arg, at) for arg in args]
            settled = op == "or"
            return settled if settled in parts else None if None in parts else not settled
        case Compare(op=op, left=left, right=right):
            sides = _rank(left, at), _rank(right, at)
            return None if sides[0] is None or sides[1] is None else _compared(op, sides[0], sides[1])
        case OneOf(inner=inner, items=items):
            value = _value(inner, at)
            constants = [item.value for item in items if isinstance(item, Const)]
            return None if value is None else any(_order(value, item) == 0 for item in constants)
        case IsUnknown(inner=inner):
            return _value(inner, at) is None
        case _:
            raise AssertionError("only comparisons with constants are tried out")


def _value(node: Expr, at: Mapping[Reading, Point]) -> Point:
    if isinstance(node, Const):
        return node.value
    if isinstance(node, Read):
        return at[node.of, node.key]
    raise AssertionError("only comparisons with constants are tried out")


def _rank(node: Expr, at: Mapping[Reading, Point]) -> Point:
    """A side of a comparison; a tier stands by its place, the best highest, as in `model.Compare`."""
    value = _value(node, at)
    if isinstance(node, Const | Read) and node.type.kind is Kind.TIER:
        keys = [member.key for member in node.type.members]
        return Fraction(-keys.index(value)) if isinstance(value, str) and value in keys else value
    return value


def _compared(op: str, left: Known, right: Known) -> bool:
    order = _order(left, right)
    match op:
        case "=":
            return order == 0
        case "<>":
            return order != 0
        case "<":
            return order < 0
        case "<=":
            return order <= 0
        case ">":
            return order > 0
        case _:
            return order >= 0


def _order(left: Known, right: Known) -> int:
    """-1, 0 or 1: how two values of one type stand to each other; of texts only 0 says something."""
    if isinstance(left, Decimal | Fraction | int) and isinstance(right, Decimal | Fraction | int):
        return (left > right) - (left < right)
    if isinstance(left, date) and isinstance(right, date):
        return (left > right) - (left < right)
    return 0 if left == right else 1


def _spelt(read: Read, point: Point) -> str:
    if isinstance(point, bool):
        return "yes" if point else "no"
    if isinstance(point, str) and (member := read.type.member(point)) is not None:
        return member.name
    if isinstance(point, Fraction):
        return str(point.numerator) if point.denominator == 1 else f"{point.numerator}/{point.denominator}"
    return str(point)
