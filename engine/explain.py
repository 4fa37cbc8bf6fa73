"""Why not better: for each tier above the customer's, what failed, by how much, and what the tier would
bring.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from dsl.diagnostics import Lang
from dsl.model import Compare, Const, Contains, Expr, Ladder, Logic, Not, OneOf, Read, Tier
from dsl.types import DURATION, YES_NO, Type
from engine.answers import benefit_grant
from engine.benefits import Granted, granted, improvements
from engine.calendar import days_between
from engine.decision import BenefitGrant, FailedCondition, Shown, WhyNot
from engine.expressions import Situation, evaluate
from engine.masking import reads_masked
from engine.shown import shown, shown_value, type_name
from engine.values import FALSE, TRUE, Domain, Known, possible, truth
from engine.wording import in_lang, texts_in
from engine.words import OPPOSITE, member_label, words


def why_not(at: Situation, now: tuple[Granted, ...], stage: str | None, lang: Lang) -> tuple[WhyNot, ...]:
    """For every ladder each tier that is better than the customer's (than the worst possible one), the
    nearest first.
    """
    return tuple(
        WhyNot(
            ladder.key,
            tier.key,
            member_label(ladder.type, tier.key, lang),
            tuple(_failed(ladder, tier, at, lang)),
            tuple(_would_bring(ladder, tier, now, stage, at, lang)),
        )
        for ladder in at.policy.ladders.values()
        for tier in _better(ladder, at)
    )


def _better(ladder: Ladder, at: Situation) -> Iterator[Tier]:
    own = possible(at.results[ladder.key]) or ()
    places = [place for place, tier in enumerate(ladder.tiers) if tier.key in own]
    return reversed(ladder.tiers[: max(places, default=0)])


def _would_bring(
    ladder: Ladder, tier: Tier, now: tuple[Granted, ...], stage: str | None, at: Situation, lang: Lang
) -> Iterator[BenefitGrant]:
    """The benefits that the tier alone would add, everything else staying as it is."""
    there = at.with_results({ladder.key: Known(tier.key)})
    return (benefit_grant(each, there, lang) for each in improvements(granted(there, stage), now))


# ---------------------------------------------------------------- what failed


def _failed(ladder: Ladder, tier: Tier, at: Situation, lang: Lang) -> Iterator[FailedCondition]:
    """The least that stands in the way: what does not hold of the tier's own condition, unless the customer
    is lifted to the tier all the same; then the caps that would hold it down.
    """
    place = {each.key: number for number, each in enumerate(ladder.tiers)}
    if tier.condition is not None and not _reached(ladder, place, place[tier.key], at):
        yield from _unmet(tier.rule, tier.condition, True, at, lang)
    for cap in ladder.caps:
        if place[cap.tier] > place[tier.key] and evaluate(cap.condition, at) != FALSE:
            yield from _unmet(cap.rule, cap.condition, False, at, lang)


def _reached(ladder: Ladder, place: Mapping[str, int], wanted: int, at: Situation) -> bool:
    """Whether, but for the caps, a tier at a place or a better one is sure: by its condition or by a floor."""
    gates = [(place[each.key], each.condition) for each in ladder.tiers if each.condition is not None]
    gates += [(place[floor.tier], floor.condition) for floor in ladder.floors]
    return any(tier <= wanted and evaluate(condition, at) == TRUE for tier, condition in gates)


def _unmet(rule: str, condition: Expr, wanted: bool, at: Situation, lang: Lang) -> Iterator[FailedCondition]:
    """The parts of a condition, all of which are needed to make it `wanted`, that are not."""
    for part, needed in _needed(condition, wanted):
        if evaluate(part, at) != truth(needed):
            yield _failure(rule, part, needed, at, lang)


def _needed(condition: Expr, wanted: bool) -> Iterator[tuple[Expr, bool]]:
    """The parts that are all needed to make a condition `wanted`, and what each of them has to be."""
    match condition:
        case Not(inner):
            yield from _needed(inner, not wanted)
        case Logic(op, args) if (op == "and") is wanted:
            for arg in args:
                yield from _needed(arg, wanted)
        case _:
            yield condition, wanted


def _enough(condition: Expr, wanted: bool) -> Iterator[tuple[Expr, bool]]:
    """The parts of which any one is enough, in the order written."""
    match condition:
        case Not(inner):
            yield from _enough(inner, not wanted)
        case Logic(op, args) if (op == "and") is not wanted:
            for arg in args:
                yield from _enough(arg, wanted)
        case _:
            yield condition, wanted


def _failure(rule: str, part: Expr, needed: bool, at: Situation, lang: Lang) -> FailedCondition:
    """One part that is not as it should be, with what it is held against; of alternatives each one."""
    if isinstance(part, Logic):
        ways = tuple(_way(rule, each, wanted, at, lang) for each, wanted in _enough(part, needed))
        return FailedCondition(rule, _told(part, needed, at, lang), any_of=ways)
    failed = FailedCondition(rule, _told(part, needed, at, lang))
    sides = _sides(part, needed)
    return failed if sides is None else _held_against(failed, sides, _strict(part, needed), at, lang)


def _way(rule: str, part: Expr, needed: bool, at: Situation, lang: Lang) -> FailedCondition:
    """One of several alternatives; where it asks for several things at once, with those that it lacks."""
    if sum(1 for _ in _needed(part, needed)) == 1:
        return _failure(rule, part, needed, at, lang)
    return FailedCondition(
        rule, _told(part, needed, at, lang), all_of=tuple(_unmet(rule, part, needed, at, lang))
    )


def _told(part: Expr, needed: bool, at: Situation, lang: Lang) -> str:
    return words(part if needed else Not(part, YES_NO), at.policy, lang)


@dataclass(frozen=True, slots=True)
class _Sides:
    """What a condition looks at, and what it wants to find there: one value, or one of several (`many`)."""

    actual: Expr
    thresholds: tuple[Expr, ...]
    many: bool = False


def _sides(part: Expr, needed: bool) -> _Sides | None:
    """The two sides of a condition; None for one that has no two, such as `is unknown`."""
    match part:
        case Compare(_, Const() as left, right) if not isinstance(right, Const):
            return _Sides(right, (left,))
        case Compare(_, left, right):
            return _Sides(left, (right,))
        case Read():
            return _Sides(part, (Const(needed, YES_NO),))
        case OneOf(inner, items):
            return _Sides(inner, items, many=True)
        case Contains(inner, item):
            return _Sides(inner, (item,), many=True)
        case _:
            return None


def _strict(part: Expr, needed: bool) -> bool:
    """Whether the threshold itself is not enough."""
    return isinstance(part, Compare) and (part.op if needed else OPPOSITE[part.op]) in ("<", ">", "<>")


def _held_against(
    failed: FailedCondition, sides: _Sides, strict: bool, at: Situation, lang: Lang
) -> FailedCondition:
    """The condition with its threshold, what was found, and how far the one is from the other. What could be
    worked out from a masked fact is left out.
    """
    type = sides.actual.type
    texts = tuple(texts_in(type, (sides.actual, *sides.thresholds), at.policy))
    one, others = evaluate(sides.actual, at), [evaluate(each, at) for each in sides.thresholds]
    own_hidden = reads_masked(sides.actual, at.policy)
    limit_hidden = any(reads_masked(each, at.policy) for each in sides.thresholds)
    wanted = _several(others, type) if sides.many else shown(others[0], type)
    distance = None if own_hidden or limit_hidden or sides.many else _distance(one, others[0], type)
    return replace(
        failed,
        threshold=None if limit_hidden else in_lang(wanted, texts, lang),
        actual=None if own_hidden else in_lang(shown(one, type), texts, lang),
        distance=distance,
        strict=strict and distance is not None,
        type=type_name(type),
    )


def _several(values: list[Domain], type: Type) -> Shown:
    """The values of which one is wanted; unknown where one of them is."""
    known = [shown_value(each.value, type.item or type) for each in values if isinstance(each, Known)]
    return tuple(each for each in known if not isinstance(each, tuple)) if len(known) == len(values) else None


def _distance(actual: Domain, threshold: Domain, type: Type) -> Shown:
    """How far it is from the one to the other, where both are known and have a size; between dates, a
    duration.
    """
    match actual, threshold:
        case Known(Fraction() as one), Known(Fraction() as other):
            return shown(Known(abs(one - other)), type)
        case Known(date() as day), Known(date() as limit):
            return shown(Known(abs(days_between(day, limit))), DURATION)
        case _:
            return None
