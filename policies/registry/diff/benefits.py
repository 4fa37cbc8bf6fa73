"""Benefits, rule by rule and cell by cell; advice.

A row of a matrix is one rule that gives each tier its own value, at one stage or at several; so is a line
that is `for A, B`. A rule is therefore compared by its cells, (stage, tier) to value, and a cell that changed
is named as people name it: the discount of tier B at the stage of the contract.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

from dsl.model import Advice, Benefit, Expr, Grant, Read, Text
from dsl.records import record
from policies.registry.diff import words
from policies.registry.diff.changes import About, Rules, changed, flag, option
from policies.registry.diff.declared import type_difference
from policies.registry.diff.difference import Difference, Said, plain
from policies.registry.diff.matching import Aspect, Item
from policies.registry.diff.names import Side
from policies.registry.diff.rules import called, condition_aspect, is_written, joined, rest_of, when
from policies.registry.diff.shapes import Shape, reads, shape, words_of


@record
class Cell:
    """Where a value is granted: at a stage (a fact's key and its value's), to a tier (a ladder's key and its
    own); None for every one. With the names of the new version.
    """

    stage: tuple[str, str] | None
    tier: tuple[str, str] | None


@record
class Granting:
    """One rule of a benefit: its grants, which differ in nothing but where they are and what they give."""

    rule: str
    grants: tuple[Grant, ...]
    side: Side

    def cells(self) -> dict[Cell, tuple[Expr, Said]]:
        """What is granted where, and how a sentence calls the place."""
        found: dict[Cell, tuple[Expr, Said]] = {}
        for grant in self.grants:
            for tier in grant.tiers or (None,):
                cell, place = _place(grant, tier, self.side)
                found.setdefault(cell, (grant.value, place))
        return found


def _place(grant: Grant, tier: str | None, side: Side) -> tuple[Cell, Said]:
    names, stage = side.names, grant.stage
    cell = Cell(
        None if stage is None else (names.key(stage[0].key), names.member(stage[0].type.owner, stage[1])),
        None
        if tier is None or grant.ladder is None
        else (names.key(grant.ladder), names.member(grant.ladder, tier)),
    )
    at = None if stage is None else stage[0].type.member(stage[1])
    to = None if tier is None or grant.ladder is None else side.policy.ladders[grant.ladder].type.member(tier)
    en = [*([f"for {to.name}"] if to else []), *([f"at {at.name}"] if at else [])]
    zh = [*([to.name] if to else []), *([f"在 {at.name}"] if at else [])]
    return cell, Said(" ".join(en), " ".join(zh))


def grantings(benefit: Benefit, side: Side) -> list[Granting]:
    """A benefit's rules in the order written."""
    found: dict[str, list[Grant]] = {}
    for grant in benefit.grants:
        found.setdefault(grant.rule, []).append(grant)
    return [Granting(rule, tuple(grants), side) for rule, grants in found.items()]


def benefit_shape(benefit: Benefit, side: Side) -> Shape:
    """Everything that a benefit grants."""
    rules = tuple(
        tuple(each.shape for each in _item(rule, benefit).aspects) for rule in grantings(benefit, side)
    )
    others = tuple(side.names.key(key) for key in benefit.not_with)
    return (benefit.type.kind, benefit.combine, benefit.less_is_better, benefit.quota, others, rules)


def benefit_differences(
    about: About, old: Benefit, new: Benefit, before: Side, after: Side
) -> Iterator[Difference]:
    """What differs in a benefit that both versions have."""
    yield from type_difference(about, old.type, new.type)
    yield from option(about, "combine", old.combine, new.combine, lambda how: _COMBINED[str(how)])
    yield from _direction(about, old, new)
    if old.quota != new.quota:
        yield changed(about, "quota", _quota(old), _quota(new))
    ours = frozenset(before.names.key(key) for key in old.not_with)
    if ours != frozenset(new.not_with):
        yield changed(about, "not_with", _others(old, before), _others(new, after))
    yield from _rules(about, old, new, before, after)


def _direction(about: About, old: Benefit, new: Benefit) -> Iterator[Difference]:
    """Whether less is better: it decides where the best of several is given. A matrix shows it by its cells,
    which are told as such.
    """
    decides = "best" in (old.combine, new.combine)
    shown = any(grant.rule.startswith("benefits.") for each in (old, new) for grant in each.grants)
    if decides or not shown:
        yield from flag(about, "less_is_better", old.less_is_better, new.less_is_better, decides=decides)


_COMBINED = {
    "first": Said("the first that holds", "取首个成立的"),
    "best": words.keyword("BEST_OF"),
    "sum": words.keyword("SUM_OF"),
}


def _quota(benefit: Benefit) -> Said | None:
    if benefit.quota is None:
        return None
    count, unit = benefit.quota
    per = words.keyword(f"PER_{unit.upper()}")
    return Said(f"{count:f} {per.en}", f"{count:f}{per.zh}")


def _others(benefit: Benefit, side: Side) -> Said | None:
    if not benefit.not_with:
        return None
    return words.listed(plain(side.policy.benefits[key].name) for key in benefit.not_with)


# ---------------------------------------------------------------- rules and their cells


def _rules(about: About, old: Benefit, new: Benefit, before: Side, after: Side) -> Iterator[Difference]:
    """The rules as wholes, then the cells of those that both versions have."""
    ours, theirs = grantings(old, before), grantings(new, after)
    items = [_item(rule, old) for rule in ours], [_item(rule, new) for rule in theirs]
    ordered = True if new.combine == "first" else None
    rules = Rules("benefit", items, within=about.subject, ordered=ordered)
    matched = rules.matched()
    for told in rules.differences(matched):
        # Which cells differ is told one by one, below.
        if told.what != "cells":
            yield told
    for at, other in matched.pairs:
        place = About(
            "benefit", theirs[other].rule, about.subject, None, items[0][at].span, items[1][other].span
        )
        yield from _cells(place, ours[at], theirs[other])


def _item(rule: Granting, benefit: Benefit) -> Item:
    side, first = rule.side, rule.grants[0]
    cells = frozenset((cell, shape(value, side.names)) for cell, (value, _) in rule.cells().items())

    def content() -> Said:
        granted = words.listed(_granted(value, place, side) for value, place in rule.cells().values())
        return granted if first.condition is None else joined(granted, when(first.condition, side))

    return Item(
        name=rest_of(rule.rule, benefit.key),
        rule=rule.rule,
        aspects=(
            Aspect("cells", cells, lambda: None),
            condition_aspect(first.condition, side),
            Aspect("from", first.start, partial(_day, first.start)),
            Aspect("until", first.end, partial(_day, first.end)),
        ),
        called=partial(called, side, rule.rule, first.span, first.label, lambda: _called(rule)),
        content=content,
        label=first.label,
        reads=partial(reads, side.names, first.condition),
        written=partial(is_written, side, rule.rule, first.span),
        span=first.span,
    )


def _day(day: date | None) -> Said | None:
    return None if day is None else words.day(day)


def _called(rule: Granting) -> Said:
    """A rule without name or label: by its condition, else by its stage, else by its last word."""
    first = rule.grants[0]
    if first.condition is not None:
        return when(first.condition, rule.side)
    if first.stage is None:
        return plain(rule.rule.rpartition(".")[2])
    fact, key = first.stage
    member = fact.type.member(key)
    name = key if member is None else member.name
    return Said(f"at {name}", f"在 {name}")


def _granted(value: Expr, place: Said, side: Side) -> Said:
    said = words.expression(value, side)
    return Said(f"{said.en} {place.en}".strip(), f"{place.zh} {said.zh}".strip())


def _cells(about: About, old: Granting, new: Granting) -> Iterator[Difference]:
    """Cell by cell, unless one value goes to all places of the rule: then it is told once, and so are the
    places.
    """
    ours, theirs = old.cells(), new.cells()
    before, after = _shapes(ours, old.side), _shapes(theirs, new.side)
    if before == after:
        return
    if len(set(before.values())) == len(set(after.values())) == 1 and (
        before.keys() == after.keys() or _same(before, after)
    ):
        yield from _as_one(about, ours, theirs, old.side, new.side)
        return
    for cell in [*before, *(each for each in after if each not in before)]:
        if before.get(cell) != after.get(cell):
            one, other = ours.get(cell), theirs.get(cell)
            _, place = theirs[cell] if cell in theirs else ours[cell]
            said = (_value(each, side) for each, side in ((one, old.side), (other, new.side)))
            yield changed(replace(about, subject=_with_place(about.subject, place)), "value", *said)


def _same(before: Mapping[Cell, Hashable], after: Mapping[Cell, Hashable]) -> bool:
    """Whether the value is the one it was, so that only its places differ."""
    return set(before.values()) == set(after.values())


def _as_one(
    about: About,
    ours: Mapping[Cell, tuple[Expr, Said]],
    theirs: Mapping[Cell, tuple[Expr, Said]],
    before: Side,
    after: Side,
) -> Iterator[Difference]:
    if ours.keys() != theirs.keys():
        yield changed(
            about,
            "places",
            *(words.listed(_or_all(place) for _, place in each.values()) for each in (ours, theirs)),
        )
    else:
        firsts = ((next(iter(ours.values())), before), (next(iter(theirs.values())), after))
        subject = about.subject if len(ours) > 1 else _with_place(about.subject, firsts[1][0][1])
        yield changed(
            replace(about, subject=subject), "value", *(_value(each, side) for each, side in firsts)
        )


def _or_all(place: Said) -> Said:
    return place if place.en else Said("everybody", "所有客户")


def _shapes(cells: Mapping[Cell, tuple[Expr, Said]], side: Side) -> dict[Cell, Shape]:
    return {cell: shape(value, side.names) for cell, (value, _) in cells.items()}


def _value(cell: tuple[Expr, Said] | None, side: Side) -> Said:
    return words.NOTHING if cell is None else words.expression(cell[0], side)


def _with_place(benefit: Said, place: Said) -> Said:
    """`order_discount for B at contract`"""
    if not place.en:
        return benefit
    return Said(f"{benefit.en} {place.en}", f"{place.zh} 的 {benefit.zh}")


# ---------------------------------------------------------------- advice


def advice_differences(before: Side, after: Side) -> Iterator[Difference]:
    """What the front line is told to do."""
    items = [[_advice(each, side) for each in side.policy.advice] for side in (before, after)]
    yield from Rules("advice", items, ordered=False).differences()


def _advice(advice: Advice, side: Side) -> Item:
    def content() -> Said:
        return when(advice.condition, side) if advice.condition is not None else Said("always", "始终")

    role, priority = advice.role, advice.priority
    return Item(
        name=rest_of(advice.rule, "advise"),
        rule=advice.rule,
        aspects=(
            Aspect("action", words_of(advice.action), lambda: words.label(advice.action), text=advice.action),
            condition_aspect(advice.condition, side),
            Aspect(
                "role",
                _role_shape(role, side),
                lambda: _role(role, side),
                text=role if isinstance(role, Text) else None,
            ),
            Aspect("priority", priority, lambda: None if priority is None else plain(str(priority))),
        ),
        called=lambda: words.label(advice.action),
        content=content,
        reads=partial(reads, side.names, advice.condition),
        span=advice.span,
    )


def _role_shape(role: Text | Read | None, side: Side) -> object:
    return words_of(role) if isinstance(role, Text) else shape(role, side.names)


def _role(role: Text | Read | None, side: Side) -> Said | None:
    match role:
        case None:
            return None
        case Text():
            return words.label(role)
        case Read():
            return words.expression(role, side)
