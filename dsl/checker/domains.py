"""What a column can hold, and which part of that a cell or a comparison asks for.

Every domain, whatever its type, is laid out on one line, so that one kind of set serves them all: a `Region`
is a sorted tuple of disjoint stretches of that line. A stretch runs from one cut up to another; a cut lies
just before or just after a point.

* Numbers and dates lie in their own order. A number that can have p decimals lies on a grid of steps of 10^-p
  (facts are refused beyond their width, so this is exact); after a division there is no grid and the line is
  dense. A date is its day number.
* The values of an enumeration, yes and no, tiers and outcomes lie in the order in which they are declared
  (tiers worst first, as a better tier is greater), on a grid of whole numbers.
* Texts lie in alphabetical order, dense: what lies between two named texts is "any other".
* Beyond the greatest of all lies one more stretch: unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import assert_never

from dsl.checker.domains_fold import Constant, Ranges, constant, fold
from dsl.checker.widths import Widths
from dsl.model import (
    AnyCell,
    Arith,
    Cell,
    CheckedPolicy,
    Const,
    DateMath,
    Expr,
    Fact,
    RangeCell,
    Read,
    SetCell,
    Today,
    UnknownCell,
)
from dsl.types import Kind, Type
from dsl.walk import children, parts

Point = int | Fraction | str
# (-1, 0, 0) is before everything, (0, point, side) just before (0) or just after (1) a point, (1, 0, 0) after
# every known value.
Cut = tuple[int, Point, int]
Stretch = tuple[Cut, Cut]
Region = tuple[Stretch, ...]

BEFORE_ALL: Cut = (-1, 0, 0)
AFTER_ALL: Cut = (1, 0, 0)
UNKNOWN: Region = ((AFTER_ALL, (2, 0, 0)),)
EVERYTHING_KNOWN: Region = ((BEFORE_ALL, AFTER_ALL),)
NOWHERE_AT_ALL: Region = ()

_FINITE = frozenset({Kind.YES_NO, Kind.ENUM, Kind.TIER})


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that an expression can have.

    `known` is one stretch; `declared` the stretch that its declaration says, of which what can really come about may be less
    (a score between 0 and 100 whose points add up to 60). `places` says how fine the grid is (10^-places); None for a dense
    line. `members` are the points of a finite domain, in their order. `unknown` says whether it can be unknown at all.
    """

    type: Type
    known: Region
    places: int | None = None
    members: tuple[Constant, ...] = ()
    unknown: bool = True
    declared: Region = EVERYTHING_KNOWN

    @property
    def all(self) -> Region:
        """Every value, unknown included where it can be."""
        return join(self.known, UNKNOWN) if self.unknown else self.known

    def point(self, value: Constant) -> Point | None:
        """Where a constant lies on the line; None for a member that there is not."""
        if self.members:
            return self.members.index(value) if value in self.members else None
        if isinstance(value, date):
            return value.toordinal()
        return value

    def cut(self, value: Constant, after: bool) -> Cut | None:
        """The cut just before or just after a constant, on the grid where there is one."""
        point = self.point(value)
        if point is None:
            return None
        if self.places is None or isinstance(point, str):
            return (0, point, int(after))
        # On the grid, after a point is before the next step; beside it, both sides are.
        step, beside = divmod(point.numerator * 10**self.places, point.denominator)
        return (0, step + 1 if after or beside else step, 0)

    def single(self, value: Constant) -> Region:
        """The region of one value; empty where it cannot be had."""
        low, high = self.cut(value, False), self.cut(value, True)
        return () if low is None or high is None else meet(((low, high),), self.known) if low < high else ()

    def between(
        self,
        low: Constant | None,
        high: Constant | None,
        low_included: bool = True,
        high_included: bool = True,
    ) -> Region:
        """The region from a constant to another, each included or not; None is an open end."""
        start = BEFORE_ALL if low is None else self.cut(low, not low_included)
        end = AFTER_ALL if high is None else self.cut(high, high_included)
        if start is None or end is None or start >= end:
            return ()
        return meet(((start, end),), self.known)


# ---------------------------------------------------------------- regions


def meet(one: Region, other: Region) -> Region:
    """What lies in both."""
    found: list[Stretch] = []
    a = b = 0
    while a < len(one) and b < len(other):
        start, end = max(one[a][0], other[b][0]), min(one[a][1], other[b][1])
        if start < end:
            found.append((start, end))
        if one[a][1] < other[b][1]:
            a += 1
        else:
            b += 1
    return tuple(found)


def join(one: Region, other: Region) -> Region:
    """What lies in either."""
    found: list[Stretch] = []
    for start, end in sorted((*one, *other)):
        # Known and unknown touch on the line, but are never one stretch.
        if found and start <= found[-1][1] and start != AFTER_ALL:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def join_all(regions: Iterable[Region]) -> Region:
    """What lies in any of them."""
    total: list[Stretch] = [stretch for region in regions for stretch in region]
    return join(tuple(total), ())


def without(one: Region, other: Region) -> Region:
    """What lies in the first and not in the second."""
    found: list[Stretch] = []
    for begin, end in one:
        start = begin
        for low, high in other:
            if high <= start or low >= end:
                continue
            if start < low:
                found.append((start, low))
            start = max(start, high)
        if start < end:
            found.append((start, end))
    return tuple(found)


# ---------------------------------------------------------------- domains of expressions

# What tells one thing that is asked about from another.
Key = tuple[str, str] | Expr


def key_of(expr: Expr) -> Key:
    """The key of an expression. What is read goes by its name: its type may be long to compare."""
    return (expr.of, expr.key) if isinstance(expr, Read) else expr


class Domains:
    """The domains of a policy's expressions."""

    def __init__(self, policy: CheckedPolicy) -> None:
        self.policy = policy
        self.widths = Widths(policy)
        self.ranges = Ranges(policy)
        self._found: dict[Key, Domain | None] = {}

    def of(self, expr: Expr) -> Domain | None:
        """The domain of an expression; None where it has none that can be laid out (lists, periods)."""
        key = key_of(expr)
        if key not in self._found:
            self._found[key] = self._domain(expr)
        return self._found[key]

    def _domain(self, expr: Expr) -> Domain | None:
        kind, unknown = expr.type.kind, self.can_be_unknown(expr)
        if kind in _FINITE:
            members: tuple[Constant, ...] = tuple(member.key for member in expr.type.members)
            if kind is Kind.YES_NO:
                members = (True, False)
            elif kind is Kind.TIER:
                members = tuple(reversed(members))
            known: Region = (((0, 0, 0), (0, len(members), 0)),)
            return Domain(expr.type, known if members else (), 0, members, unknown, known)
        if kind is Kind.TEXT:
            return Domain(expr.type, EVERYTHING_KNOWN, None, (), unknown)
        if kind is Kind.DATE:
            return self._bounded(Domain(expr.type, EVERYTHING_KNOWN, 0, (), unknown), expr)
        if kind.numeric:
            ratio = self.widths.ratio(expr)
            places = None if ratio.divided else 0 if kind is Kind.WHOLE else ratio.top.places
            return self._bounded(Domain(expr.type, EVERYTHING_KNOWN, places, (), unknown), expr)
        return None

    def _bounded(self, domain: Domain, expr: Expr) -> Domain:
        """The domain inside the bounds of its expression."""
        if expr.type.kind is Kind.DATE:
            fact = self._fact(expr)
            days = [] if fact is None else [fact.at_least, fact.at_most]
            first, last = (day if isinstance(day, date) else None for day in days or [None, None])
            known = domain.between(first or date.min, last or date.max)
            return replace(domain, known=known, declared=known)
        bounds = self.ranges.of(expr)
        declared: Region = EVERYTHING_KNOWN
        if isinstance(expr, Read) and expr.of == "score" and (score := self.policy.scores.get(expr.key)):
            declared = domain.between(constant(score.low), constant(score.high))
        known = domain.between(bounds.low, bounds.high)
        return replace(domain, known=known, declared=declared if self._fact(expr) is None else known)

    def can_be_unknown(self, expr: Expr) -> bool:
        """Whether an expression can be unknown: not where every fact in it has a default or is required."""
        match expr:
            case Const() | Today() | Read(of="param"):
                return False
            case Read():
                fact = self._fact(expr)
                return fact is None or (fact.default is None and not fact.required)
            case Arith(op="/"):
                return True
            case DateMath() | Arith():
                return any(self.can_be_unknown(child) for child in children(expr))
            case _:
                return any(self.can_be_unknown(part) for part in parts(expr) if isinstance(part, Read))

    def _fact(self, expr: Expr) -> Fact | None:
        return self.policy.facts.get(expr.key) if isinstance(expr, Read) and expr.of == "fact" else None

    # ------------------------------------------------------------ cells

    def cell(self, cell: Cell, domain: Domain, day: date) -> Region | None:
        """What a cell of a column with that domain asks for on a day; None where its ends are no constants.

        `-` asks for everything that the column can be.
        """
        match cell:
            case AnyCell():
                return domain.all
            case UnknownCell():
                return UNKNOWN if domain.unknown else ()
            case SetCell(values=values, negated=negated):
                constants = [fold(value, self.policy, day) for value in values]
                found = [domain.single(each) for each in constants if each is not None]
                if len(found) < len(values):
                    return None
                region = found[0] if len(found) == 1 else join_all(found)
                return without(domain.known, region) if negated else region
            case RangeCell():
                return self._range(cell, domain, day)
            case _:
                assert_never(cell)

    def _range(self, cell: RangeCell, domain: Domain, day: date) -> Region | None:
        low = None if cell.low is None else fold(cell.low, self.policy, day)
        high = None if cell.high is None else fold(cell.high, self.policy, day)
        if (low is None and cell.low is not None) or (high is None and cell.high is not None):
            return None
        return domain.between(low, high, cell.low_included, cell.high_included)
