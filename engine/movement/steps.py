"""How a customer moves on a ladder: one pure function, `move`, from a state and a day's outcome to a new state.

There is no clock here. A step brings the state from the day it is of to the day that is asked for. On the days between, the outcome that the
state remembers still holds: reviews are held with it, notices fall due, a freeze ends. Only days on which something may happen are looked at
(`next_day` finds them); that the others change nothing is a law that the tests hold against a walk over every single day. So whoever asks
more often than needed, with the same facts, ends in the same state.

What one day does to somebody stands in `engine.movement.day`; overrides lie over it (`engine.movement.overrides`). Tiers are counted from the
best: rank 0; "lower" is a larger rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dsl.calendar import add_days
from dsl.model.movement import Movement
from dsl.validity import validity
from engine.movement.day import aim, brought_to, qualifies
from engine.movement.overrides import begun, held_tier, override_days, override_transitions, with_override
from engine.movement.problems import LONGEST, later_state, old_state
from engine.movement.reviews import review_after
from engine.movement.states import Moved, Outcome, Override, State, Transition


def move(
    movement: Movement,
    tiers: Sequence[str],
    state: State | None,
    outcome: Outcome,
    day: date,
    override: Override | None = None,
) -> Moved:
    """What a day brings somebody who stood where `state` says (None: nowhere yet).

    `tiers` are the ladder's keys, best first; `override` is one that is given on this day. Raises `FactsError` where the state is of a later
    day, or more than a hundred years old.
    """
    if state is None:
        return _step(movement, tiers, State(day, None, day), outcome, day, override)
    if day < state.as_of:
        raise later_state(state.as_of, day)
    if (day - state.as_of).days > LONGEST:
        raise old_state(state.as_of, day)
    if override is None and (older := only_older(movement, state, outcome, day)) is not None:
        return Moved(older, older.tier, ())
    happened: list[Transition] = []
    while (stop := _stop_before(movement, tiers, state, day)) is not None:
        between = _step(movement, tiers, state, state.outcome, stop, None)
        state = between.state
        happened += between.transitions
    last = _step(movement, tiers, state, outcome, day, override)
    return last._replace(transitions=(*happened, *last.transitions)) if happened else last


def held_before(movement: Movement, tiers: Sequence[str], state: State | None, day: date) -> str | None:
    """The tier held on the evening before `day`, overrides included, by who stood where `state` says: what `held LADDER` reads.

    Of a state of the day itself it is the tier that the state has, since the one held the evening before is not in it. A state that `move`
    refuses (of a later day, or too old) is left to it, and gives its own tier here.
    """
    if state is None:
        return None
    days = day.toordinal() - state.as_of.toordinal()
    if 1 < days <= LONGEST:
        return move(movement, tiers, state, state.outcome, add_days(day, -1)).held
    return held_tier(tiers, state.tier, state.overrides, state.as_of)


def next_day(movement: Movement, tiers: Sequence[str], state: State) -> date | None:
    """The first day after the state's own on which something may happen while its outcome stays; None where nothing will.

    A day too many is harmless: nothing happens on it.
    """
    days = override_days(state.overrides) if state.overrides else []
    if state.tier is not None and state.outcome.graded:
        days += _days_of_rules(movement, tiers, state, state.tier)
    return min((day for day in days if day > state.as_of), default=None)


def at_rest(tiers: Sequence[str], state: State) -> bool:
    """Whether the rules leave somebody where they are while the state's outcome stays: nothing is counted, postponed or
    announced, and the facts give the tier that is held.
    """
    return state.tier is None or (
        state.outcome.held_by is None and state.postponed is None and not _stirs(tiers, state, state.tier)
    )


def _stop_before(movement: Movement, tiers: Sequence[str], state: State, day: date) -> date | None:
    """The next day between the state's own and `day` on which something may happen."""
    if day.toordinal() - state.as_of.toordinal() < 2:  # who is asked for every day is not kept waiting
        return None
    stop = next_day(movement, tiers, state)
    return None if stop is None or stop >= day else stop


def _days_of_rules(movement: Movement, tiers: Sequence[str], state: State, tier: str) -> list[date]:
    """Days that count for the rules, those gone by among them."""
    outcome = state.outcome
    stirs = _stirs(tiers, state, tier)
    days = []
    if outcome.held_by is not None and outcome.held_until is not None:
        days.append(add_days(outcome.held_until, 1))
    if state.notice is not None:
        days.append(state.notice.due)
    if stirs and state.since == state.as_of:  # what may not follow on the same day may on the next
        days.append(add_days(state.as_of, 1))
    # A review that was postponed waits for what stands in its way, and the next ones with it.
    reviews = stirs or movement.until is not None or outcome.held_by is not None
    if movement.review is not None and reviews and state.postponed is None:
        review = review_after(movement.review, state.as_of, state.since, outcome.anniversary)
        days += [] if review is None else [review]
    return days


def _stirs(tiers: Sequence[str], state: State, tier: str) -> bool:
    """Whether something is counted or announced, or the facts ask for another tier than the one held (or may)."""
    outcome = state.outcome
    held = tiers.index(tier)
    return bool(
        state.missed
        or state.waits
        or state.notice is not None
        or (outcome.drops and outcome.reached != tier)
        or aim(tiers, held, outcome) != held
    )


def only_older(movement: Movement, state: State, outcome: Outcome, day: date) -> State | None:
    """The state on `day` where it only grows older: what `move` brings the many who stay where they are, without a transition. None for all
    others.

    The facts say the same as before, and no other tier than the one held (or, as before, none); nothing is announced or given by hand, and no
    review counts, renews or is put off.
    """
    as_of, tier, since, through, missed, notice, postponed, waits, before, overrides = state
    reached, _, graded, _, held_by, _, cap, anniversary, until, _ = outcome
    if (
        reached != tier
        or outcome != before
        or notice is not None
        or overrides
        or cap is not None
        or not 0 <= day.toordinal() - as_of.toordinal() <= LONGEST
    ):
        return None
    review, reviewed = movement.review, False
    if tier is None or not graded:
        if tier is not None or graded:
            return None
    elif held_by is None:
        if missed or waits or postponed is not None:
            return None
        reviewed = movement.until is not None
    elif until is None:  # in a hold that goes on, reviews wait once one of them does
        reviewed = postponed is None
    else:
        return None
    if review is None and tier is not None and movement.until is not None:
        # Without reviews a tier is valid anew on every day on which it is deserved.
        through = validity(movement.until, day)
    elif review is not None and reviewed:
        found = review_after(review, as_of, since, anniversary)
        if found is not None and found <= day:
            return None
    # The shortest way to make a record: there is one for each customer and day.
    return tuple.__new__(State, (day, tier, since, through, missed, None, postponed, waits, outcome, ()))


def _step(
    movement: Movement,
    tiers: Sequence[str],
    state: State,
    outcome: Outcome,
    day: date,
    override: Override | None,
) -> Moved:
    """The state brought to `day`, when nothing happens on the days before it but that a tier stays valid.

    A day that is asked about again with the same outcome has had its turn: what a limited step leaves to the next day is not for it.
    """
    was_held = held_tier(tiers, state.tier, state.overrides, state.as_of)
    happened: list[Transition] = []
    moved = state
    if day > state.as_of or outcome != state.outcome:
        moved = brought_to(movement, tiers, _carried(movement, tiers, state, day), outcome, day, happened)
    if not state.overrides and override is None:
        return Moved(moved, moved.tier, tuple(happened))
    remembered = moved.tier if was_held is None else was_held
    overrides = begun(state.overrides, state.as_of, day, remembered)
    if override is not None:
        overrides = with_override(overrides, override, day, remembered)
    held = held_tier(tiers, moved.tier, overrides, day)
    happened += override_transitions(state.overrides, overrides, state.as_of, day, (was_held, held))
    return Moved(moved._replace(overrides=overrides), held, tuple(happened))


def _carried(movement: Movement, tiers: Sequence[str], state: State, day: date) -> State:
    """The state on the evening before `day`. Without reviews a tier is valid anew on every day on which it is deserved."""
    if movement.until is None or movement.review is not None:
        return state
    evening = add_days(day, -1)
    if evening <= state.as_of or not qualifies(tiers, state):
        return state
    return state._replace(through=validity(movement.until, evening))
