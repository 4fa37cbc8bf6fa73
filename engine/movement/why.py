"""Why the tier held is not the one that the facts give, in words.

There may be several reasons at once. What somebody decided by hand comes first; of the rest the strongest is told: what is not known, a hold,
a threshold to keep, a move down that is decided already, a floor. Otherwise it is the rules that put the move off: all that are at work now, or
the one that ends on the very day before the move.

How long a tier is kept is never worked out here: it is the day of the next move as `engine.movement.forecast` finds it, so that the reason and
what the answer says next cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from dsl.calendar import add_days
from dsl.diagnostics import Lang
from dsl.model import Expr, Hold, Ladder, Move, Movement, Notice
from dsl.source import Span
from dsl.validity import grace_end
from engine.expressions import Situation, evaluate
from engine.masking import reads_masked
from engine.movement import words as say
from engine.movement.called import fact_names, figure, hold_words, override_words, tier_words
from engine.movement.coming import at_review, coming
from engine.movement.outcomes import Followed
from engine.movement.reviews import kept_from_moving_before
from engine.movement.states import Transition
from engine.values import TRUE


class Why(NamedTuple):
    """A sentence, the rule behind it, where it stands, and what it read."""

    text: str
    rule: str
    span: Span
    reads: tuple[Expr, ...] = ()


class _Delay(NamedTuple):
    """A rule that puts a move down off: in words, and the last day on which it does, where that is certain."""

    words: str
    rule: str
    span: Span
    last: date | None = None


def why_held(each: Followed, move: Transition | None, at: Situation, lang: Lang) -> Why | None:
    """Why another tier is held than the facts give, and what somebody decided; None where there is nothing to say.

    `move` is what changes the tier held next, where anything does.
    """
    state = each.moved.state
    active = [override for override in state.overrides if override.start <= at.day <= override.end]
    if not active:
        return _by_rules(each, move, at, lang)
    told = [override_words(override, each.ladder, lang) for override in active]
    below = _by_rules(each, move, at, lang) if each.moved.held == state.tier else None
    told += [] if below is None else [below.text]
    return Why(say.joined(told, lang), f"override.{active[0].kind}", each.movement.span)


def _by_rules(each: Followed, move: Transition | None, at: Situation, lang: Lang) -> Why | None:
    """Why the rules, overrides apart, give another tier than the facts."""
    outcome, movement, state = each.outcome, each.movement, each.moved.state
    if not outcome.graded or (state.tier is not None and state.tier == each.reached):
        return None
    if outcome.reached is None:
        return _not_known(each, at, lang)
    hold = next((hold for hold in movement.holds if hold.rule == outcome.held_by), None)
    if hold is not None:
        return _held(each, hold, at, lang)
    assert state.tier is not None, "who reaches a tier enters at once"
    rank = {tier.key: place for place, tier in enumerate(each.ladder.tiers)}
    if rank[state.tier] > rank[outcome.reached]:
        return _waits(each, move, at, lang)
    return _kept(each, state.tier, move, at, lang)


def _kept(each: Followed, tier: str, move: Transition | None, at: Situation, lang: Lang) -> Why:
    """Why somebody keeps a tier that is better than the one the facts give."""
    called, down = tier_words(each.ladder, tier, lang), each.movement.down
    tomorrow = move is not None and move.kind == "down" and add_days(move.on, -1) == at.day
    if tomorrow and (drop := _step_today(each, at.day)) is not None and drop.most is not None:
        text = say.keeps(called, say.at_most(drop.most, lang), lang, at.day)
        return Why(text, drop.rule, drop.span)
    if tier in each.outcome.keeps:
        return _enough(each.ladder, tier, at, lang)
    rank = {tier.key: place for place, tier in enumerate(each.ladder.tiers)}
    if down.floor is not None and rank[down.floor] <= rank[tier]:
        lowest = tier_words(each.ladder, down.floor, lang)
        return Why(say.keeps(called, say.never_below(lowest, lang), lang), down.rule, down.span)
    return _put_off(each, tier, move, at, lang)


def _not_known(each: Followed, at: Situation, lang: Lang) -> Why:
    names, tier = fact_names(each.doubts, at.policy), each.moved.state.tier
    called = tier_words(each.ladder, tier, lang)
    text = say.not_known(names, lang) if tier is None else say.keeps_unknown(called, names, lang)
    return Why(text, f"movement.{each.ladder.key}", each.movement.span)


def _held(each: Followed, hold: Hold, at: Situation, lang: Lang) -> Why:
    if hold.until is not None:
        label = None if hold.label is None else hold.label.in_lang(lang)
        masked = reads_masked(hold.until, at.policy)
        text = say.frozen_until(each.outcome.held_until, label, lang, masked=masked)
        return Why(text, hold.rule, hold.span, (hold.until,))
    assert hold.condition is not None, "a hold has one of the two"
    text = say.held_while(hold_words(hold, at.policy, lang), lang)
    holds = evaluate(hold.condition, at)
    if holds != TRUE:
        text = say.joined([text, say.not_known(fact_names(holds.causes, at.policy), lang)], lang)
    return Why(text, hold.rule, hold.span, (hold.condition,))


def _step_today(each: Followed, day: date) -> Move | None:
    """What drops somebody at once, whatever is kept, and waits for tomorrow with its next step since they moved today."""
    drops = (drop for drop in each.movement.drops if drop.rule in each.outcome.drops)
    return next((drop for drop in drops if drop.most and each.moved.state.since == day), None)


def _waits(each: Followed, move: Transition | None, at: Situation, lang: Lang) -> Why:
    """Why somebody who reaches a better tier is not on it yet."""
    up = each.movement.up
    if move is not None and move.kind == "up":
        return Why(coming(each, move, at, lang).text, up.rule, up.span)
    if move is None and _review_unknown(each):
        return _not_known(each, at, lang)
    text = say.only_at_review(lang) if up.most is None else say.at_most(up.most, lang)
    return Why(text, up.rule, up.span)


def _review_unknown(each: Followed) -> bool:
    """Whether it is not known when reviews are: they go by a date of the customer's that nobody knows."""
    review = each.movement.review
    return review is not None and review.of is not None and each.outcome.anniversary is None


def _enough(ladder: Ladder, key: str, at: Situation, lang: Lang) -> Why:
    """A customer below the threshold to enter a tier, and above the one to keep it."""
    tier = next(each for each in ladder.tiers if each.key == key)
    assert tier.keep is not None, "only a tier with `keep from` is kept by it"
    score = None if ladder.by is None else figure(ladder.by, at, lang)
    threshold = figure(tier.keep.threshold, at, lang)
    text = say.enough_to_keep(score, tier_words(ladder, key, lang), threshold, tier.keep.over, lang)
    return Why(text, tier.rule, tier.span, () if ladder.by is None else (ladder.by,))


def _put_off(each: Followed, tier: str, move: Transition | None, at: Situation, lang: Lang) -> Why:
    """Why somebody is not yet on the worse tier that the facts give, and until when."""
    called, delays = tier_words(each.ladder, tier, lang), _delays(each, at.day, lang)
    if move is None and not delays and _review_unknown(each):
        return _not_known(each, at, lang)
    if move is None or move.kind != "down":
        # Nothing comes in the time that is looked at, or an override does first: there is no day to tell.
        words = [delay.words for delay in delays] or [say.only_at_review(lang)]
        return _because(each.movement, delays, say.keeps(called, say.joined(words, lang), lang))
    last = add_days(move.on, -1)
    sure = [delay for delay in delays if delay.last == last][:1]
    words = [delay.words for delay in sure or delays]
    told = say.joined(words, lang)
    if not sure and at_review(each, move.on):
        return _because(each.movement, delays, say.keeps_to_review(called, move.on, told, lang))
    return _because(each.movement, sure or delays, say.keeps(called, told, lang, last))


def _because(movement: Movement, delays: Sequence[_Delay], text: str) -> Why:
    """A reason to keep a tier, by the first of the rules that put the move off, else by the review that it waits for."""
    rule = delays[0] if delays else movement.review or movement.down
    return Why(text, rule.rule, rule.span)


def _delays(each: Followed, day: date, lang: Lang) -> list[_Delay]:
    """The rules that put a move down off, the strongest first: one that is decided and waits for its day, else all at work."""
    movement, state, down = each.movement, each.moved.state, each.movement.down
    if state.notice is not None:
        to, rule = tier_words(each.ladder, state.notice.to, lang), movement.notice or down
        told = say.decided_on if movement.notice is None else say.notice_given
        words = told(to, state.notice.given, lang)
        return [_Delay(words, rule.rule, rule.span, add_days(state.notice.due, -1))]
    missed = _Delay(say.missed_of(state.missed, down.after, lang), down.rule, down.span)
    found = [
        *_least_time(movement, state.since, day, lang),
        *([missed] if 0 < state.missed < down.after else []),
        *_validity(movement, state.through, day, lang),
        *_notice(movement.notice, lang),
        *_steps(down, state.since, day, lang),
    ]
    # Reviews of which none was missed yet tell something only where nothing else does.
    return found or ([missed] if state.missed < down.after and down.after > 1 else [])


def _least_time(movement: Movement, since: date, day: date, lang: Lang) -> Iterator[_Delay]:
    kept, first = movement.at_least, kept_from_moving_before(movement, since)
    if kept is not None and day < first:
        yield _Delay(say.at_least(kept.length, lang), kept.rule, kept.span, add_days(first, -1))


def _validity(movement: Movement, through: date | None, day: date, lang: Lang) -> Iterator[_Delay]:
    """A tier that is still valid, or in its grace."""
    until, grace = movement.until, movement.grace
    if until is None or through is None or day > (end := grace_end(grace, through)):
        return
    if grace is None:
        yield _Delay(say.still_valid(lang), until.rule, until.span, end)
    else:
        yield _Delay(say.in_grace(through, grace.length, lang), grace.rule, grace.span, end)


def _notice(notice: Notice | None, lang: Lang) -> Iterator[_Delay]:
    """A notice that is still to be given."""
    if notice is not None:
        yield _Delay(say.notice_to_come(notice.length, lang), notice.rule, notice.span)


def _steps(down: Move, since: date, day: date, lang: Lang) -> Iterator[_Delay]:
    """Who moved down by a step today takes the next one tomorrow."""
    if down.at == "once" and down.most is not None and since == day:
        yield _Delay(say.at_most(down.most, lang), down.rule, down.span)
