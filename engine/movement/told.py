"""What movement did to a customer, told: the transitions, why the tier held is not the one reached, what comes.

There may be several reasons at once why somebody keeps a tier; the one that is told is the strongest: what
somebody decided by hand, then what is not known, a hold, a threshold to keep, a notice that runs, the least
time, reviews that are to be missed, validity, a floor, and last that the next review has not come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import NamedTuple, assert_never

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Compare, Expr, Hold, Ladder, Movement, Text, Tier
from dsl.source import Span
from dsl.types import NUMBER
from engine.decision import Reason
from engine.expressions import Situation, evaluate
from engine.masking import reads_masked
from engine.movement import words as say
from engine.movement.answers import Coming, Happened, LadderMovement, OverTime, Reviewed
from engine.movement.forecast import next_move
from engine.movement.outcomes import Followed
from engine.movement.reviews import add_days, grace_end, is_review, kept_from_moving_before, next_review
from engine.movement.states import Override, State, Transition
from engine.reasons import facts_read
from engine.values import FALSE, TRUE, Cause, Known, decimal
from engine.words import value_words, words


class Why(NamedTuple):
    """A sentence, the rule behind it, where it stands, and what it read."""

    text: str
    rule: str
    span: Span
    reads: tuple[Expr, ...] = ()


def over_time(followed: tuple[Followed, ...], at: Situation, lang: Lang) -> OverTime | None:
    """Everything that the answer says of movement; None where no ladder was followed."""
    if not followed:
        return None
    keys = [key for key in at.policy.ladders if key in at.policy.movements]
    in_place = sorted(followed, key=lambda each: keys.index(each.ladder.key))
    return OverTime(
        keys[0],
        {each.ladder.key: each.moved.state for each in in_place},
        {each.ladder.key: _ladder(each, at, lang) for each in in_place},
        tuple(_happened(each, item, at, lang) for each in in_place for item in each.moved.transitions),
    )


def movement_reasons(followed: Iterable[Followed], at: Situation, lang: Lang) -> tuple[Reason, ...]:
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
        for each in followed
        if each.moved.held is not None and (why := why_held(each, at, lang)) is not None
    )


def _ladder(each: Followed, at: Situation, lang: Lang) -> LadderMovement:
    state, why = each.moved.state, why_held(each, at, lang)
    review = next_review(each.movement, state)
    return LadderMovement(
        each.reached,
        each.moved.held,
        None if state.tier is None else state.since,
        state.through,
        None if why is None else why.text,
        _coming(each, at, lang),
        None if review is None else Reviewed(*review),
    )


def tier_words(ladder: Ladder, key: str | None, lang: Lang) -> str:
    """A tier as its author calls it."""
    return say.pick(lang, "no tier", "无等级") if key is None else value_words(key, ladder.type, lang)


# ---------------------------------------------------------------- what happened


def _happened(each: Followed, item: Transition, at: Situation, lang: Lang) -> Happened:
    text = _text(each, item, at.policy, lang)
    return Happened(each.ladder.key, item.on, item.kind, item.rule, item.before, item.after, item.until, text)


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
            hold = _hold(each.movement, item.rule)
            why = say.not_known([], lang) if hold is None else _label(hold, policy, lang)
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
            return _said(drop.label, drop.condition, policy, lang)
    for cap in each.ladder.caps:
        if cap.rule == rule:
            return _said(cap.label, cap.condition, policy, lang)
    return None


def _said(label: Text | None, condition: Expr, policy: CheckedPolicy, lang: Lang) -> str:
    """A rule's own label, else its condition."""
    return words(condition, policy, lang) if label is None else label.in_lang(lang)


def _hold(movement: Movement, rule: str) -> Hold | None:
    return next((hold for hold in movement.holds if hold.rule == rule), None)


def _label(hold: Hold, policy: CheckedPolicy, lang: Lang) -> str:
    if hold.condition is not None:
        return _said(hold.label, hold.condition, policy, lang)
    assert hold.until is not None, "a hold has one of the two"
    return _said(hold.label, hold.until, policy, lang)


def _begun(each: Followed, item: Transition, lang: Lang) -> str:
    """An override that begins; it may be over by now, and is then known from the state before."""
    known = (*each.moved.state.overrides, *(() if each.before is None else each.before.overrides))
    for override in known:
        if f"override.{override.kind}" == item.rule and override.start <= item.on <= override.end:
            return _by_hand(override, each.ladder, lang)
    return say.by_override(tier_words(each.ladder, item.after, lang), item.on, False, lang)


def _by_hand(override: Override, ladder: Ladder, lang: Lang) -> str:
    told = say.decided_by(override.author, override.end, override.reason, lang)
    tier = None if override.tier is None else tier_words(ladder, override.tier, lang)
    return say.overridden(override.kind, tier, told, lang)


# ---------------------------------------------------------------- why


def why_held(each: Followed, at: Situation, lang: Lang) -> Why | None:
    """Why the tier held is not the one that the facts give, and what somebody decided; None where it is."""
    state = each.moved.state
    active = [override for override in state.overrides if override.start <= at.day <= override.end]
    if not active:
        return _underneath(each, state, at, lang)
    told = [_by_hand(override, each.ladder, lang) for override in active]
    below = _underneath(each, state, at, lang) if each.moved.held == state.tier else None
    told += [] if below is None else [below.text]
    return Why(say.joined(told, lang), f"override.{active[0].kind}", each.movement.span)


def _underneath(each: Followed, state: State, at: Situation, lang: Lang) -> Why | None:
    """Why the rules, overrides apart, give another tier than the facts."""
    outcome, movement = each.outcome, each.movement
    if not outcome.graded or (state.tier is not None and state.tier == each.reached):
        return None
    if outcome.reached is None:
        names, tier = _names(each.doubts, at.policy), tier_words(each.ladder, state.tier, lang)
        text = say.not_known(names, lang) if state.tier is None else say.keeps_unknown(tier, names, lang)
        return Why(text, f"movement.{each.ladder.key}", movement.span)
    hold = None if outcome.held_by is None else _hold(movement, outcome.held_by)
    if hold is not None:
        return _held(each, hold, at, lang)
    rank = {tier.key: place for place, tier in enumerate(each.ladder.tiers)}
    if state.tier is None or rank[state.tier] > rank[outcome.reached]:
        return _waits(each, at, lang)
    return next(_kept(each, state, state.tier, at, lang), None)


def _held(each: Followed, hold: Hold, at: Situation, lang: Lang) -> Why:
    if hold.until is not None:
        label = None if hold.label is None else hold.label.in_lang(lang)
        text = say.frozen_until(each.outcome.held_until, label, lang)
        return Why(text, hold.rule, hold.span, (hold.until,))
    assert hold.condition is not None, "a hold has one of the two"
    text = say.held_while(_label(hold, at.policy, lang), lang)
    holds = evaluate(hold.condition, at)
    if holds != TRUE:
        text = say.joined([text, say.not_known(_names(holds.causes, at.policy), lang)], lang)
    return Why(text, hold.rule, hold.span, (hold.condition,))


def _waits(each: Followed, at: Situation, lang: Lang) -> Why | None:
    """Why somebody who reaches a better tier is not on it yet."""
    coming, up = _coming(each, at, lang), each.movement.up
    if coming is not None and coming.kind == "up":
        return Why(coming.text, up.rule, up.span)
    if up.most is not None:
        return Why(say.at_most(up.most, lang), up.rule, up.span)
    return None


def _kept(each: Followed, state: State, tier: str, at: Situation, lang: Lang) -> Iterator[Why]:
    """Why somebody keeps a tier that is better than the one reached, the strongest reason first."""
    movement, called = each.movement, tier_words(each.ladder, tier, lang)
    if tier in each.outcome.keeps:
        yield _enough(each.ladder, tier, at, lang)
    if state.notice is not None:
        to, until = tier_words(each.ladder, state.notice.to, lang), add_days(state.notice.due, -1)
        tell = say.decided_on if movement.notice is None else say.notice_given
        rule = movement.down if movement.notice is None else movement.notice
        text = say.keeps(called, tell(to, state.notice.given, lang), lang, until)
        yield Why(text, rule.rule, rule.span)
    first = kept_from_moving_before(movement, state.since)
    if movement.at_least is not None and at.day < first:
        told = say.at_least(movement.at_least.length, lang)
        text = say.keeps(called, told, lang, add_days(first, -1))
        yield Why(text, movement.at_least.rule, movement.at_least.span)
    if state.missed and state.missed < movement.down.after:
        text = say.keeps(called, say.missed_of(state.missed, movement.down.after, lang), lang)
        yield Why(text, movement.down.rule, movement.down.span)
    yield from _still_valid(movement, state, called, at.day, lang)
    if movement.down.floor == tier:
        text = say.keeps(called, say.never_below(called, lang), lang)
        yield Why(text, movement.down.rule, movement.down.span)
    review = next_review(movement, state)
    if review is not None and movement.review is not None:
        yield Why(say.keeps_to_review(called, review.on, lang), movement.review.rule, movement.review.span)
    if movement.down.most is not None:
        text = say.keeps(called, say.at_most(movement.down.most, lang), lang)
        yield Why(text, movement.down.rule, movement.down.span)


def _still_valid(movement: Movement, state: State, called: str, day: date, lang: Lang) -> Iterator[Why]:
    if state.through is None or movement.until is None:
        return
    if day <= state.through:
        text = say.renewed(called, state.through, lang)
        yield Why(text, movement.until.rule, movement.until.span)
    elif movement.grace is not None and day <= (end := grace_end(movement.grace, state.through)):
        told = say.in_grace(state.through, movement.grace.length, lang)
        yield Why(say.keeps(called, told, lang, end), movement.grace.rule, movement.grace.span)


def _enough(ladder: Ladder, key: str, at: Situation, lang: Lang) -> Why:
    """A customer below the threshold to enter a tier, and above the one to keep it."""
    tier = next(each for each in ladder.tiers if each.key == key)
    assert tier.keep is not None, "only a tier with `keep from` is kept by it"
    score = None if ladder.by is None else _figure(ladder.by, at, lang)
    threshold = _figure(tier.keep.threshold, at, lang)
    text = say.enough_to_keep(score, tier_words(ladder, key, lang), threshold, lang)
    return Why(text, tier.rule, tier.span, () if ladder.by is None else (ladder.by,))


def _figure(expr: Expr, at: Situation, lang: Lang) -> str | None:
    """A number in words; None where it is masked or not known."""
    value = evaluate(expr, at)
    if reads_masked(expr, at.policy) or not isinstance(value, Known) or not isinstance(value.value, Fraction):
        return None
    return value_words(decimal(value.value), expr.type or NUMBER, lang)


def _names(causes: Iterable[Cause], policy: CheckedPolicy) -> list[str]:
    """The facts among the causes, as their author calls them."""
    named = frozenset(causes)
    return [fact.name for key, fact in policy.facts.items() if key in named]


# ---------------------------------------------------------------- what comes


def _coming(each: Followed, at: Situation, lang: Lang) -> Coming | None:
    tiers = tuple(tier.key for tier in each.ladder.tiers)
    item = next_move(each.movement, tiers, each.moved)
    if item is None:
        return None
    state, review = each.moved.state, each.movement.review
    to = tier_words(each.ladder, item.after, lang)
    reviewed = review is not None and is_review(review, item.on, state.since, each.outcome.anniversary)
    match item.kind:
        case "up" | "enter":
            text = say.to_move_up(to, item.on, reviewed, lang)
        case "down":
            text = say.to_drop(to, item.on, reviewed, _unless(each, item, at, lang), lang)
        case "leave":
            text = say.to_leave(tier_words(each.ladder, item.before, lang), item.on, lang)
        case "override" | "override_end":
            text = say.by_override(to, item.on, item.kind == "override_end", lang)
        case _:
            text = _text(each, item, at.policy, lang)
    return Coming(item.on, item.after, item.kind, text)


def _unless(each: Followed, item: Transition, at: Situation, lang: Lang) -> tuple[str, str] | None:
    """The score that would avert a drop, and the threshold that it would have to reach: where that alone would do."""
    by, held = each.ladder.by, item.before
    if by is None or reads_masked(by, at.policy) or each.outcome.drops or each.outcome.cap is not None:
        return None
    rank = {tier.key: place for place, tier in enumerate(each.ladder.tiers)}
    tier = next((tier for tier in each.ladder.tiers if tier.key == held), None)
    if tier is None or any(
        rank[cap.tier] > rank[tier.key] and evaluate(cap.condition, at) != FALSE for cap in each.ladder.caps
    ):
        return None
    condition, threshold, over = _asked(tier)
    if threshold is None or not isinstance(condition, Compare):
        return None
    figure = _figure(threshold, at, lang)
    return None if figure is None else (words(by, at.policy, lang), say.reaching(figure, over, lang))


def _asked(tier: Tier) -> tuple[Expr | None, Expr | None, bool]:
    """What is asked of somebody to stay on a tier: the condition, its threshold, and whether to go above it."""
    if tier.keep is not None:
        return tier.keep.condition, tier.keep.threshold, False
    return tier.condition, tier.threshold, tier.over
