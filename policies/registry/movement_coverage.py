"""Which rules of a movement the dates of stories show at work.

A rule that moves somebody, gives notice or renews is named by what happened. Others keep somebody where he is: they act where the facts give
another tier than the one held and the rule stands in the way on that day. A review acts where something was decided at it, or a missed one counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.model import CheckedPolicy, Movement
from dsl.source import Span
from dsl.validity import grace_end
from engine.decision import Decision
from engine.movement.answers import Happened
from engine.movement.day import qualifies
from engine.movement.reviews import is_review, kept_from_moving_before
from engine.movement.states import State


def rules_of_movement(movement: Movement) -> Iterator[tuple[str, Span]]:
    """The rules of a movement that an author wrote: what is taken where he was silent is none."""
    moves = (each for each in (movement.up, movement.down) if each.span != movement.span)
    yield from ((each.rule, each.span) for each in (*moves, *movement.drops))
    yield from ((each.rule, each.span) for each in movement.holds)
    lines = (movement.review, movement.at_least, movement.until, movement.grace, movement.notice)
    for line in lines:
        if line is not None:
            yield line.rule, line.span


def acted(policy: CheckedPolicy, decision: Decision) -> Iterator[str]:
    """The rules of movements at work on the date of a decision, or since the date before."""
    moved = decision.over_time
    if moved is None:
        return
    for each in moved.transitions:
        yield each.rule
    for key, state in moved.states.items():
        movement = policy.movements[key]
        happened = [each for each in moved.transitions if each.ladder == key]
        if movement.review is not None and _reviewed(movement, state, happened):
            yield movement.review.rule
        tiers = tuple(tier.key for tier in policy.ladders[key].tiers)
        yield from _in_the_way(movement, tiers, state)


def _reviewed(movement: Movement, state: State, happened: list[Happened]) -> bool:
    """Whether a review decided something, was put off, or counted as missed."""
    return state.missed > 0 or any(_at_review(movement, state, each) for each in happened)


def _at_review(movement: Movement, state: State, each: Happened) -> bool:
    up, down, review = movement.up, movement.down, movement.review
    match each.kind:
        case "renew" | "postpone":
            return True
        case "notice":
            return down.at == "review"
        case "down":
            return each.rule == down.rule and down.at == "review"
        case "up" if up.at == "review":
            return True
        case "up":  # at once by steps: the next one waits for the review
            assert review is not None, "only asked where there are reviews"
            return up.most is not None and is_review(review, each.on, state.since, state.outcome.anniversary)
        case _:
            return False


def _in_the_way(movement: Movement, tiers: tuple[str, ...], state: State) -> Iterator[str]:
    """What keeps somebody on a tier who deserves another."""
    outcome, day = state.outcome, state.as_of
    if state.tier is None or outcome.reached in (None, state.tier):
        return
    if outcome.held_by is not None:
        yield outcome.held_by
        return
    if qualifies(tiers, state):
        return
    if movement.at_least is not None and day < kept_from_moving_before(movement, state.since):
        yield movement.at_least.rule
    if movement.until is not None and state.through is not None:
        if day <= state.through:
            yield movement.until.rule
        elif movement.grace is not None and day <= grace_end(movement.grace, state.through):
            yield movement.grace.rule
