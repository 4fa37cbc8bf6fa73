"""What generated code calls to tell of movement, where there is something to tell: the reference's own sentences.

They need a customer as the reference has one, a `Situation`, which is made only then. What depends on the day of a review and on little else is
remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from dsl.model import CheckedPolicy, Movement
from dsl.types import Value
from engine.compiled.draft import Variant
from engine.compiled.shapes import Result, Standing, StepTaken
from engine.decision import Reason
from engine.expressions import Situation
from engine.facts import Facts
from engine.movement.answers import OverTime, Reviewed
from engine.movement.outcomes import Followed, States, held_by_ladder
from engine.movement.reviews import next_review
from engine.movement.states import Moved, Outcome, State
from engine.movement.told import movement_reasons, over_time, told
from engine.values import NO_CAUSES, Domain, Known, Unknown, exact

# From a day, and the date that anniversaries go by where they count: the next review.
ReviewOf = Callable[[date, date | None], Reviewed | None]

# Days of reviews by the day of the question, and by customers' own dates.
MOST_REVIEWS = 4096


def tell(
    policy: CheckedPolicy,
    variant: Variant,
    known: Mapping[str, Value],
    assumed: tuple[str, ...],
    day: date,
    states: States,
    steps: Sequence[StepTaken],
    results: Mapping[str, Result],
) -> tuple[OverTime, tuple[Reason, ...]]:
    """What an answer says of movement, and the reasons for tiers that are held without being reached."""
    found = {key: _domain(value) for key, value in results.items()}
    at = Situation(policy, Facts(known, assumed), day, found, held_by_ladder(states, policy, day))
    moving = [key for key in policy.ladders if key in policy.movements]
    followed = [_followed(policy, key, states, step) for key, step in zip(moving, steps, strict=True)]
    ladders = told(followed, at, variant.lang)
    moves = over_time(ladders, at, variant.lang)
    assert moves is not None, "a ladder was followed"
    return moves, movement_reasons(ladders, at, variant.lang) if variant.explained else ()


def _followed(policy: CheckedPolicy, key: str, states: States, step: StepTaken) -> Followed:
    moved, reached = step
    computed = Unknown() if reached is None else Known(reached)
    ladder, movement = policy.ladders[key], policy.movements[key]
    return Followed(ladder, movement, states.get(key), computed, moved, NO_CAUSES, reached)


def _domain(value: Result) -> Domain:
    """What was worked out, as the reference has it."""
    match value:
        case None:
            return Unknown()
        case bool() | Fraction():
            return Known(value)
        case int() | Decimal():
            return Known(Fraction(value))
        case _:
            return Known(exact(value))


def whole_step(state: State) -> Moved:
    """A step in which a state only grew older."""
    return Moved(state, state.tier, ())


# ---------------------------------------------------------------- reviews


def review_of(movement: Movement) -> ReviewOf:
    """The next review of somebody who stays where they are; remembered, since it is the same for many."""

    @lru_cache(maxsize=MOST_REVIEWS)
    def reviewed(day: date, own: date | None) -> Reviewed | None:
        # Whichever of the two dates counts, it is `own`.
        state = State(day, "", own or day, outcome=Outcome("", anniversary=own))
        found = next_review(movement, state)
        return None if found is None else Reviewed(*found)

    return reviewed


def review_by(each: Standing) -> str:
    """Python for the date that anniversaries go by; None where reviews go by none."""
    review = each.movement.review
    if review is None or review.every != "anniversary":
        return "None"
    anniversary = Outcome._fields.index("anniversary")
    return each.fields["since"] if review.of is None else f"{each.fields['outcome']}[{anniversary}]"
