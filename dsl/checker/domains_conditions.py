"""Conditions as boxes: where a condition holds, on the domains of what it reads.

A box asks for a region of each of several things at once ("amount from 5 up to 10, and region east"); a
condition holds in one of its boxes or nowhere. That is exact for everything that compares with constants,
joined by `and`, `or` and `not`. What compares two things of the customer with each other becomes one thing
with three values (less, equal, greater), and what cannot be taken apart one thing that holds or does not;
such parts are `opaque`: two of them may in truth depend on each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Literal

from dsl.checker.domains import UNKNOWN, Domain, Domains, Key, Region, join, join_all, key_of, meet, without
from dsl.checker.domains_fold import Constant, fold
from dsl.model import Compare, Const, Expr, IsUnknown, Logic, Not, OneOf, Read
from dsl.types import YES_NO, Kind

# A condition in more pieces than this is taken whole, as something that holds or does not.
MOST_BOXES = 16

Box = dict[Key, Region]
CompareOp = Literal["=", "<>", "<", "<=", ">", ">="]

_MIRRORED: dict[CompareOp, CompareOp] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
# Something that cannot be taken apart: it holds or it does not.
HOLDS = Domain(YES_NO, (((0, 0, 0), (0, 2, 0)),), 0, (True, False), True)
_ORDERS = Domain(YES_NO, (((0, 0, 0), (0, 3, 0)),), 0, ("<", "=", ">"), True)


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that boxes ask about. `opaque` where its parts are not known to be free of other things."""

    expr: Expr
    domain: Domain
    opaque: bool = False


class Conditions:
    """Boxes of conditions on one day; `asked` gathers what they ask about."""

    def __init__(self, domains: Domains, day: date) -> None:
        self.domains = domains
        self.day = day
        self.asked: dict[Key, Asked] = {}

    def boxes(self, condition: Expr, holds: bool = True) -> list[Box]:
        """The boxes in which a condition is true (or, not `holds`, false); unknown is neither."""
        match condition:
            case Const(value=bool() as value):
                return [{}] if value is holds else []
            case Not(inner=inner):
                return self.boxes(inner, not holds)
            case Logic(op=op, args=args):
                pieces = [self.boxes(arg, holds) for arg in args]
                found = _all_of(pieces) if (op == "and") is holds else _any_of(pieces)
                return self._opaque(condition, holds) if found is None else found
            case Compare():
                return self._compare(condition, holds)
            case OneOf(inner=inner, items=items):
                constants = [fold(item, self.domains.policy, self.day) for item in items]
                domain = self.domains.of(inner)
                if domain is None or any(each is None for each in constants):
                    return self._opaque(condition, holds)
                found_in = join_all(domain.single(each) for each in constants if each is not None)
                return self._region(inner, domain, found_in, holds)
            case IsUnknown(inner=inner):
                domain = self.domains.of(inner)
                if domain is None:
                    return self._opaque(condition, holds)
                return self.ask(
                    inner, domain, domain.known if not holds else UNKNOWN if domain.unknown else ()
                )
            case Read(type=type_) if type_.kind is Kind.YES_NO and (domain := self.domains.of(condition)):
                return self._region(condition, domain, domain.single(True), holds)
            case _:
                return self._opaque(condition, holds)

    def ask(self, expr: Expr, domain: Domain, region: Region, *, opaque: bool = False) -> list[Box]:
        """The box that asks for one region of one thing; none where nothing lies in it."""
        key = key_of(expr)
        self.asked.setdefault(key, Asked(expr, domain, opaque))
        return [{key: region}] if region else []

    def _region(self, expr: Expr, domain: Domain, region: Region, holds: bool) -> list[Box]:
        return self.ask(expr, domain, region if holds else without(domain.known, region))

    def _compare(self, condition: Compare, holds: bool) -> list[Box]:
        sides = (
            (condition.left, condition.op, condition.right),
            (condition.right, _MIRRORED[condition.op], condition.left),
        )
        for read, op, other in sides:
            constant = fold(other, self.domains.policy, self.day)
            domain = self.domains.of(read)
            if constant is not None and domain is not None:
                return self._region(read, domain, compared(domain, op, constant), holds)
        if self.domains.of(condition.left) is None or self.domains.of(condition.right) is None:
            return self._opaque(condition, holds)
        region = _order_region(condition.op)
        pair = Compare("=", condition.left, condition.right, YES_NO, condition.span)
        return self.ask(pair, _ORDERS, region if holds else without(_ORDERS.known, region), opaque=True)

    def _opaque(self, condition: Expr, holds: bool) -> list[Box]:
        return self.ask(condition, HOLDS, HOLDS.single(holds), opaque=True)


def compared(domain: Domain, op: CompareOp, constant: Constant) -> Region:
    """Where something with a domain stands to a constant as a comparison says."""
    match op:
        case "=":
            return domain.single(constant)
        case "<>":
            return without(domain.known, domain.single(constant))
        case "<" | "<=":
            return domain.between(None, constant, True, op == "<=")
        case ">" | ">=":
            return domain.between(constant, None, op == ">=", True)


def _order_region(op: CompareOp) -> Region:
    """A comparison's sign is made of the orders that it allows: `<=` of less and equal."""
    return join_all(_ORDERS.single(sign) for sign in op)


def _any_of(pieces: list[list[Box]]) -> list[Box] | None:
    """The boxes of `or`; those that ask about one and the same thing become one."""
    found: list[Box] = []
    alone: dict[Key, Region] = {}
    for box in (box for piece in pieces for box in piece):
        if not box:
            return [{}]
        if len(box) > 1:
            found.append(box)
        else:
            key, region = next(iter(box.items()))
            alone[key] = join(alone.get(key, ()), region)
    found += [{key: region} for key, region in alone.items()]
    return found if len(found) <= MOST_BOXES else None


def _all_of(pieces: list[list[Box]]) -> list[Box] | None:
    """The boxes of `and`: those that are in one box of each piece."""
    found: list[Box] = [{}]
    for piece in pieces:
        pairs = (both(one, other) for one, other in product(found, piece))
        found = [box for box in pairs if box is not None]
        if len(found) > MOST_BOXES:
            return None
    return found


def both(one: Box, other: Box) -> Box | None:
    """What lies in both boxes; None where that is nothing."""
    if len(one) < len(other):
        one, other = other, one
    box = dict(one)
    for key, region in other.items():
        own = box.get(key)
        shared = region if own is None else meet(own, region)
        if not shared:
            return None
        box[key] = shared
    return box
