"""What comes if the facts stay as they are, in words: the day, the tier, and which score would avert a drop."""

from __future__ import annotations

from datetime import date

from dsl.diagnostics import Lang
from dsl.model import Compare
from engine.expressions import Situation, evaluate
from engine.masking import reads_masked
from engine.movement import words as say
from engine.movement.answers import Coming
from engine.movement.called import figure, tier_words
from engine.movement.outcomes import Followed
from engine.movement.reviews import is_review
from engine.movement.states import Transition
from engine.values import FALSE
from engine.words import words


def coming(each: Followed, item: Transition, at: Situation, lang: Lang) -> Coming:
    """The next move in words. `item` is what `next_move` finds: something that changes the tier held."""
    to = tier_words(each.ladder, item.after, lang)
    reviewed = at_review(each, item.on)
    match item.kind:
        case "up" | "enter":
            text = say.to_move_up(to, item.on, reviewed, lang)
        case "down":
            text = say.to_drop(to, item.on, reviewed, _unless(each, item, at, lang), lang)
        case "override" | "override_end":
            text = say.by_override(to, item.on, item.kind == "override_end", lang)
        case _:
            raise AssertionError(f"`{item.kind}` changes no tier while the facts stay as they are")
    return Coming(item.on, item.after, item.kind, text)


def at_review(each: Followed, day: date) -> bool:
    """Whether a day to come is one of a review, for who stays on the tier until then."""
    state, review = each.moved.state, each.movement.review
    return review is not None and is_review(review, day, state.since, each.outcome.anniversary)


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
    asked = tier if tier.keep is None else tier.keep
    if asked.threshold is None or not isinstance(asked.condition, Compare):
        return None
    told = figure(asked.threshold, at, lang)
    return None if told is None else (words(by, at.policy, lang), say.reaching(told, asked.over, lang))
