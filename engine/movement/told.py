"""What movement did to a customer, told: the transitions, why the tier held is not the one reached, what comes.

Everything that is said of a ladder goes by one look ahead, so that the parts of an answer cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, assert_never

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from engine.decision import Reason
from engine.expressions import Situation
from engine.movement import words as say
from engine.movement.answers import Happened, LadderMovement, OverTime, Reviewed
from engine.movement.called import hold_words, override_words, rule_words, tier_words
from engine.movement.coming import coming
from engine.movement.forecast import next_move
from engine.movement.outcomes import Followed
from engine.movement.overrides import held_tier
from engine.movement.reviews import next_review
from engine.movement.states import Transition
from engine.movement.why import Why, why_held
from engine.reasons import facts_read


class Told(NamedTuple):
    """A ladder with what is to be said of it: why another tier is held than the facts give, and what changes it next."""

    each: Followed
    why: Why | None
    move: Transition | None


def told(followed: Iterable[Followed], at: Situation, lang: Lang) -> tuple[Told, ...]:
    """What is to be said of each ladder that was followed, in the order of the policy."""
    keys = [key for key in at.policy.ladders if key in at.policy.movements]
    return tuple(
        _told(each, at, lang) for each in sorted(followed, key=lambda each: keys.index(each.ladder.key))
    )


def _told(each: Followed, at: Situation, lang: Lang) -> Told:
    move = next_move(each.movement, tuple(tier.key for tier in each.ladder.tiers), each.moved)
    return Told(each, why_held(each, move, at, lang), move)


def over_time(ladders: Sequence[Told], at: Situation, lang: Lang) -> OverTime | None:
    """Everything that the answer says of movement; None where no ladder was followed."""
    if not ladders:
        return None
    return OverTime(
        ladders[0].each.ladder.key,
        {one.each.ladder.key: one.each.moved.state for one in ladders},
        {one.each.ladder.key: _ladder(one, at, lang) for one in ladders},
        tuple(_happened(one.each, item, at, lang) for one in ladders for item in one.each.moved.transitions),
    )


def movement_reasons(ladders: Sequence[Told], at: Situation, lang: Lang) -> tuple[Reason, ...]:
    """A reason for each ladder on which another tier is held than the facts give, or somebody has decided by hand."""
    return tuple(
        Reason(
            why.rule,
            "ladder",
            each.ladder.key,
            each.moved.held,
            why.text,
            facts_read(why.reads, at, lang),
            at.policy.line(why.span),
        )
        for each, why, _ in ladders
        if each.moved.held is not None and why is not None
    )


def _ladder(one: Told, at: Situation, lang: Lang) -> LadderMovement:
    each, why, move = one
    state, review = each.moved.state, next_review(each.movement, each.moved.state)
    return LadderMovement(
        each.reached,
        each.moved.held,
        None if state.tier is None else state.since,
        state.through,
        None if why is None else why.text,
        None if move is None else coming(each, move, at, lang),
        None if review is None else Reviewed(*review),
    )


# ---------------------------------------------------------------- what happened


def _happened(each: Followed, item: Transition, at: Situation, lang: Lang) -> Happened:
    text = _text(each, item, at.policy, lang)
    if item.kind in ("up", "down") and _overlaid(each, item):
        text = say.beneath_an_override(text, lang)
    return Happened(each.ladder.key, item.on, item.kind, item.rule, item.before, item.after, item.until, text)


def _overlaid(each: Followed, item: Transition) -> bool:
    """Whether an override keeps a move from being seen: the tier held that day is not the one it leads to."""
    tiers = tuple(tier.key for tier in each.ladder.tiers)
    overrides = (*(() if each.before is None else each.before.overrides), *each.moved.state.overrides)
    return held_tier(tiers, item.after, overrides, item.on) != item.after


def _text(each: Followed, item: Transition, policy: CheckedPolicy, lang: Lang) -> str:
    before = tier_words(each.ladder, item.before, lang)
    after = tier_words(each.ladder, item.after, lang)
    promised = each.movement.notice is not None
    match item.kind:
        case "enter":
            return say.entered(after, lang)
        case "up":
            return say.went_up(before, after, lang)
        case "down":
            return say.went_down(before, after, _at_once(each, item.rule, policy, lang), lang)
        case "leave":
            return say.left(before, lang)
        case "notice":
            return say.announced(after, item.until, promised, lang)
        case "withdraw":
            return say.withdrawn(after if item.after != item.before else None, promised, lang)
        case "renew":
            return say.renewed(after, item.until, lang)
        case "postpone":
            hold = next((hold for hold in each.movement.holds if hold.rule == item.rule), None)
            why = say.not_known([], lang) if hold is None else hold_words(hold, policy, lang)
            return say.postponed(why, lang)
        case "override":
            return _begun(each, item, lang)
        case "override_end":
            if item.before == item.after:
                return say.override_over(None, lang)
            return say.override_over((before, after), lang)
        case _:
            assert_never(item.kind)


def _at_once(each: Followed, rule: str, policy: CheckedPolicy, lang: Lang) -> str | None:
    """What dropped a customer at once: a `move down at once when`, or a cap `at once`."""
    for drop in each.movement.drops:
        if drop.rule == rule and drop.condition is not None:
            return rule_words(drop.label, drop.condition, policy, lang)
    for cap in each.ladder.caps:
        if cap.rule == rule:
            return rule_words(cap.label, cap.condition, policy, lang)
    return None


def _begun(each: Followed, item: Transition, lang: Lang) -> str:
    """An override that begins; it may be over by now, and is then known from the state before."""
    known = (*each.moved.state.overrides, *(() if each.before is None else each.before.overrides))
    for override in known:
        if f"override.{override.kind}" == item.rule and override.start <= item.on <= override.end:
            return override_words(override, each.ladder, lang)
    return say.by_override(tier_words(each.ladder, item.after, lang), item.on, False, lang)
