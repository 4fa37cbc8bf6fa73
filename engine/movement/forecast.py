"""What comes if nothing changes: the next move of somebody whose facts stay as they are.

There is no second set of rules: `move` is asked for the days that count, until the tier held changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from dsl.calendar import add_months
from dsl.model.movement import Movement
from engine.movement.states import Moved, Transition
from engine.movement.steps import at_rest, move, next_day

# How far ahead anybody plans: so many days that count, or so many months, whichever is nearer.
MOST_DAYS = 36
MOST_MONTHS = 72


def next_move(movement: Movement, tiers: Sequence[str], moved: Moved) -> Transition | None:
    """What will next change the tier held, if the outcome stays what it is; None where nothing will in the time that is looked at.

    An override that begins or ends counts where it changes the tier held.
    """
    state, held = moved.state, moved.held
    last = add_months(state.as_of, MOST_MONTHS)
    for _ in range(MOST_DAYS):
        if at_rest(tiers, state) and not state.overrides:
            return None
        day = next_day(movement, tiers, state)
        if day is None or day > last:
            return None
        coming = move(movement, tiers, state, state.outcome, day)
        if coming.held != held:
            return _cause(coming, held)
        state = coming.state
    return None


def _cause(coming: Moved, held: str | None) -> Transition:
    """Of what happens on a day, the last that led to another tier, said of the tier held. A notice leads to none yet."""
    moves = [each for each in coming.transitions if each.before != each.after and each.kind != "notice"]
    last = moves[-1]
    return last._replace(before=held, after=coming.held)
