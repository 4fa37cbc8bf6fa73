"""What one day does to somebody on a ladder, overrides apart: the rules of `movement of LADDER` in the order in which they act.

A day's outcome is `aim`ed: the tier that the facts ask for, which for who holds a tier also counts what it takes to keep it. Then

1. who is not graded leaves, who is graded and has no tier enters at once where the facts say;
2. in a hold, or where it is unknown whether less is deserved, nobody moves and a review is put off;
3. caps `at once` and `move down at once when` act, whatever is kept and without notice;
4. who deserves more moves up, at once or at a review;
5. a notice that is due is carried out; one whose customer has recovered is withdrawn;
6. who deserves less moves down, or is given notice; at a review of who does not, the count of missed reviews starts again and the tier is renewed.

A day on which somebody moved by 3 or 5 asks for nothing more at its review. A day asked about twice has its turn once, as long as the facts
say the same (`engine.movement.steps`); where they are corrected, a step that is limited in size waits for the next day after any move.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dsl.calendar import add_days
from dsl.model.movement import Move, Movement
from dsl.validity import grace_end, later, validity
from engine.movement.reviews import is_review, kept_from_moving_before
from engine.movement.states import Notice, Outcome, State, Transition, TransitionKind


def brought_to(
    movement: Movement,
    tiers: Sequence[str],
    state: State,
    outcome: Outcome,
    day: date,
    happened: list[Transition],
) -> State:
    """The state at the end of `day`; what happened on it is put into `happened`."""
    if not outcome.graded or state.tier is None:
        return _entered_or_left(movement, tiers, state, outcome, day, happened)
    review = state.postponed is not None or (
        movement.review is not None
        and day > state.as_of
        and is_review(movement.review, day, state.since, outcome.anniversary)
    )
    if _frozen(outcome, day) or aim(tiers, tiers.index(state.tier), outcome) is None:
        return _held_back(movement, tiers, state._replace(as_of=day, outcome=outcome), review, happened)
    waits = state.waits and movement.review is not None and not review
    state = State(
        day,
        state.tier,
        state.since,
        state.through,
        state.missed,
        state.notice,
        None,
        waits,
        outcome,
        state.overrides,
    )
    before = state.tier
    state = _dropped(movement, tiers, state, happened)
    state = _risen(movement, tiers, state, review and state.tier == before, happened)
    state = _noticed(movement, tiers, state, happened)
    return _settled(movement, tiers, state, review and state.tier == before, happened)


def aim(tiers: Sequence[str], held: int, outcome: Outcome) -> int | None:
    """The rank of the tier that an outcome asks for, for who holds the one of rank `held`.

    Unknown outcomes move nobody: they ask for the tier held where it is deserved whatever the facts turn out to be, otherwise for none (None).
    """
    if outcome.reached is not None:
        return _deserved(tiers, held, tiers.index(outcome.reached), outcome)
    if not outcome.possible:
        return None
    lowest = max(_deserved(tiers, held, tiers.index(each), outcome) for each in outcome.possible)
    return held if lowest <= held else None


def qualifies(tiers: Sequence[str], state: State) -> bool:
    """Whether the state's outcome surely deserves its tier, or a better one."""
    if state.tier is None or not state.outcome.graded:
        return False
    held = tiers.index(state.tier)
    aimed = aim(tiers, held, state.outcome)
    return aimed is not None and aimed <= held


def _deserved(tiers: Sequence[str], held: int, reached: int, outcome: Outcome) -> int:
    """The rank that is deserved by who reaches one: it, where it is no lower than `held`; otherwise also the best of the tiers from `held` on
    down that what it takes to keep them is still there for. Never better than a cap.
    """
    cap = _cap(tiers, outcome)
    asked = max(reached, cap)
    if asked <= held or not outcome.keeps:
        return asked
    kept = (tiers.index(each) for each in outcome.keeps)
    return min((rank for rank in kept if max(held, cap) <= rank < asked), default=asked)


def _cap(tiers: Sequence[str], outcome: Outcome) -> int:
    return 0 if outcome.cap is None else tiers.index(outcome.cap)


def _frozen(outcome: Outcome, day: date) -> bool:
    return outcome.held_by is not None and (outcome.held_until is None or day <= outcome.held_until)


def _entered_or_left(
    movement: Movement,
    tiers: Sequence[str],
    state: State,
    outcome: Outcome,
    day: date,
    happened: list[Transition],
) -> State:
    """Nobody's state before the policy grades them and once it does no more; the first tier is given at once, hold or not."""
    tier = None
    if outcome.graded and outcome.reached is not None:
        tier = tiers[max(tiers.index(outcome.reached), _cap(tiers, outcome))]
    if tier == state.tier:
        return state._replace(as_of=day, outcome=outcome)
    kind: TransitionKind = "leave" if tier is None else "enter"
    happened.append(Transition(day, kind, movement.ladder, state.tier, tier))
    through = None if tier is None else validity(movement.until, day)
    return State(day, tier, day, through, outcome=outcome, overrides=state.overrides)


def _held_back(
    movement: Movement, tiers: Sequence[str], state: State, review: bool, happened: list[Transition]
) -> State:
    """A day on which nobody may move. Who has recovered is still rid of their notice, and without reviews still valid as long."""
    if review and state.postponed is None:
        rule = state.outcome.held_by if _frozen(state.outcome, state.as_of) else None
        by = rule or (movement.review.rule if movement.review else movement.ladder)
        happened.append(Transition(state.as_of, "postpone", by, state.tier, state.tier))
        state = state._replace(postponed=state.as_of)
    if not qualifies(tiers, state):
        return state
    state = _withdrawn(movement, state, happened)
    if movement.until is None or movement.review is not None:
        return state
    return state._replace(through=validity(movement.until, state.as_of))


def _dropped(movement: Movement, tiers: Sequence[str], state: State, happened: list[Transition]) -> State:
    """Down at once by a cap or a `move down at once when`, to the lowest tier that one of them leads to; of equals by the first."""
    outcome = state.outcome
    if outcome.reached is None or state.tier is None or not (outcome.cap or outcome.drops):
        return state
    held = tiers.index(state.tier)
    cap = _cap(tiers, outcome)
    found = [(cap, outcome.cap_by or movement.down.rule)]
    reached = max(tiers.index(outcome.reached), cap)
    for drop in movement.drops:
        if drop.rule in outcome.drops and not (drop.most is not None and state.since == state.as_of):
            found.append((_lowered(tiers, drop, held, reached), drop.rule))
    rank, rule = max(found, key=lambda each: each[0])
    return state if rank <= held else _moved(movement, state, "down", rule, tiers[rank], happened)


def _risen(
    movement: Movement, tiers: Sequence[str], state: State, review: bool, happened: list[Transition]
) -> State:
    """Up to the tier deserved, at once or at a review, by no more tiers than `move up` allows."""
    held, up = tiers.index(state.tier), movement.up
    aimed = aim(tiers, held, state.outcome)
    if aimed is None or aimed >= held:
        return state
    limited = up.most is not None and up.at == "once"
    if (up.at == "review" or state.waits) and not review:
        return state
    if limited and movement.review is None and state.since == state.as_of:
        return state
    rank = aimed if up.most is None else max(aimed, held - up.most)
    moved = _moved(movement, state, "up", up.rule, tiers[rank], happened)
    return moved._replace(waits=True) if limited and movement.review is not None else moved


def _noticed(movement: Movement, tiers: Sequence[str], state: State, happened: list[Transition]) -> State:
    """A notice that is due is carried out, to the better of what was announced and what is deserved now; one that has lost its ground is
    withdrawn.
    """
    notice = state.notice
    if notice is None or state.tier is None:
        return state
    held = tiers.index(state.tier)
    aimed = aim(tiers, held, state.outcome)
    if aimed is None or aimed <= held:
        return _withdrawn(movement, state, happened)
    if notice.due > state.as_of:
        return state
    rank = min(tiers.index(notice.to), _lowered(tiers, movement.down, held, aimed))
    if rank <= held:
        return _withdrawn(movement, state, happened)
    return _moved(movement, state, "down", movement.down.rule, tiers[rank], happened, notice.given)


def _settled(
    movement: Movement, tiers: Sequence[str], state: State, review: bool, happened: list[Transition]
) -> State:
    """What is left of the day: somebody deserves less than they hold, or does not."""
    held = tiers.index(state.tier)
    aimed = aim(tiers, held, state.outcome)
    if aimed is None or aimed <= held:
        return _renewed(movement, state, review, happened)
    if review:
        state = state._replace(missed=state.missed + 1)
    down = movement.down
    if state.notice is not None or (down.at == "review" and not (review and state.missed >= down.after)):
        return state
    rank = _lowered(tiers, down, held, aimed)
    due = _due(movement, state)
    if rank == held or due is None:
        return state
    if due > state.as_of:
        happened.append(Transition(state.as_of, "notice", _announcer(movement), state.tier, tiers[rank], due))
        return state._replace(notice=Notice(tiers[rank], state.as_of, due))
    if down.at == "once" and down.most is not None and state.since == state.as_of:
        return state
    return _moved(movement, state, "down", down.rule, tiers[rank], happened)


def _renewed(movement: Movement, state: State, review: bool, happened: list[Transition]) -> State:
    """Who deserves what they hold: a review starts the count again, and validity counts from today."""
    if review and state.missed:
        state = state._replace(missed=0)
    if movement.until is None or not (review or movement.review is None):
        return state
    through = validity(movement.until, state.as_of)
    if through == state.through:
        return state
    if movement.review is not None:
        happened.append(
            Transition(state.as_of, "renew", movement.until.rule, state.tier, state.tier, through)
        )
    return state._replace(through=through)


def _withdrawn(movement: Movement, state: State, happened: list[Transition]) -> State:
    if state.notice is None:
        return state
    happened.append(Transition(state.as_of, "withdraw", _announcer(movement), state.tier, state.tier))
    return state._replace(notice=None)


def _moved(
    movement: Movement,
    state: State,
    kind: TransitionKind,
    rule: str,
    tier: str,
    happened: list[Transition],
    decided: date | None = None,
) -> State:
    """Somebody on another tier from today: counters start again, and it is valid from the day that decided it.

    Where that validity is over before the tier begins, it counts from today: nobody lands on a tier that has run out.
    """
    day = state.as_of
    happened.append(Transition(day, kind, rule, state.tier, tier))
    through = validity(movement.until, decided or day)
    if through is not None and through < day:
        through = validity(movement.until, day)
    return State(day, tier, day, through, 0, None, None, state.waits, state.outcome, state.overrides)


def _lowered(tiers: Sequence[str], move: Move, held: int, aimed: int) -> int:
    """How far a rule leads down from `held` to `aimed`: by its step at most, and not below its floor. `held` where it leads nowhere."""
    rank = aimed if move.most is None else min(aimed, held + move.most)
    return max(held, rank if move.floor is None else min(rank, tiers.index(move.floor)))


def _due(movement: Movement, state: State) -> date | None:
    """The day of a move down that is decided today; None where a review may not decide it yet."""
    due = state.as_of
    if movement.until is not None and state.through is not None:
        due = max(due, add_days(grace_end(movement.grace, state.through), 1))
    if movement.notice is not None:
        due = max(due, later(state.as_of, movement.notice.length))
    first = kept_from_moving_before(movement, state.since)
    if due >= first:
        return due
    return None if movement.down.at == "review" else first


def _announcer(movement: Movement) -> str:
    """The rule that a notice goes by: `give notice`, or what keeps a tier until the day it is due."""
    rules = (movement.notice, movement.until, movement.at_least)
    return next((each.rule for each in rules if each is not None), movement.down.rule)
