"""Why not better: for each tier above the customer's, what failed, by how much, and what the tier would
bring.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

from dsl.diagnostics import Lang
from dsl.model import Compare, Const, Expr, Ladder, Logic, Not, Tier
from dsl.types import DURATION, YES_NO, Type
from engine.answers import benefit_grant
from engine.benefits import Granted, granted, improvements
from engine.calendar import days_between
from engine.decision import BenefitGrant, FailedCondition, Shown, WhyNot
from engine.expressions import Situation, evaluate
from engine.masking import reads_masked
from engine.shown import shown
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
    match condition:
        case Not(inner):
            yield from _needed(inner, not wanted)
        case Logic(op, args) if (op == "and") is wanted:
            for arg in args:
                yield from _needed(arg, wanted)
        case _:
            yield condition, wanted


def _failure(rule: str, part: Expr, needed: bool, at: Situation, lang: Lang) -> FailedCondition:
    told = words(part if needed else Not(part, YES_NO), at.policy, lang)
    if not isinstance(part, Compare):
        return FailedCondition(rule, told)
    actual, threshold, type = part.left, part.right, part.left.type
    if isinstance(actual, Const):
        actual, threshold = threshold, actual
    one, other = evaluate(actual, at), evaluate(threshold, at)
    texts = tuple(texts_in(type, (actual, threshold), at.policy))
    hidden = [reads_masked(each, at.policy) for each in (threshold, actual)]
    wanted, found = (
        None if hide else in_lang(shown(each, type), texts, lang)
        for each, hide in zip((other, one), hidden, strict=True)
    )
    distance = None if any(hidden) else _distance(one, other, type)
    beyond = (part.op if needed else OPPOSITE[part.op]) in ("<", ">", "<>")
    return FailedCondition(rule, told, wanted, found, distance, strict=beyond and distance is not None)


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
