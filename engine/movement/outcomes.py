"""From a day's facts to what movement goes by, ladder after ladder.

Movement itself knows no facts: it is told the tier that they give, which tiers are still kept, and what holds
or drops. Here that is worked out of the policy's conditions, by one rule throughout: nobody is moved by what is
not known. A hold that may hold does; while a tier may still be kept nothing is decided; a drop, and a cap at once,
must be sure.

The tier that movement leaves a customer on then stands for the ladder in everything that comes after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from dsl.model import CheckedPolicy, DateMath, Expr, Hold, Ladder, Movement, Read, Today
from dsl.walk import parts, places
from engine.expressions import Situation, evaluate
from engine.facts_problems import FactsError, pointer
from engine.movement.states import Moved, Outcome, Override, State
from engine.movement.steps import held_before, move
from engine.values import FALSE, NO_CAUSES, TRUE, Causes, Domain, Known, Unknown, joined, possible, truth

States = Mapping[str, State]


@dataclass(frozen=True, slots=True)
class Followed:
    """What a day did to a customer on one ladder: `before` is the state that came in, `computed` what the facts
    alone give (`reached`: where that is one tier, surely), `doubts` why anything is undecided that could have moved them.
    """

    ladder: Ladder
    movement: Movement
    before: State | None
    computed: Domain
    moved: Moved
    doubts: Causes
    reached: str | None

    @property
    def outcome(self) -> Outcome:
        """What the day's facts say."""
        return self.moved.state.outcome

    @property
    def result(self) -> Domain:
        """What stands for the ladder in all that reads it: the tier held, else what the facts give."""
        return self.computed if self.moved.held is None else Known(self.moved.held)


@dataclass(slots=True)
class Following:
    """One customer's ladders followed through a day, one after the other as they are worked out.

    `override` is a new one, for the first ladder that moves. `applies` says whether the policy does: nobody is
    moved while that is not known, and who is not graded leaves his tier.
    """

    states: States
    override: Override | None
    applies: Domain = TRUE
    found: list[Followed] = field(default_factory=list)

    def tier(self, ladder: Ladder, computed: Domain, at: Situation) -> Domain:
        """The tier that stands for a ladder from here on. Raises `FactsError` for the state of a later day, or a very old one."""
        movement = at.policy.movements.get(ladder.key)
        if movement is None:
            return computed
        before = self.states.get(ladder.key)
        outcome, doubts = self._outcome(movement, ladder, computed, at)
        override = self.override if ladder is moving_ladder(at.policy) else None
        tiers = tuple(each.key for each in ladder.tiers)
        try:
            moved = move(movement, tiers, before, outcome, at.day, override)
        except FactsError as error:
            raise _of_state(ladder.key, error) from error
        surely = self.applies == TRUE and isinstance(computed, Known)
        reached = str(computed.value) if isinstance(computed, Known) and surely else None
        self.found.append(Followed(ladder, movement, before, computed, moved, doubts, reached))
        return self.found[-1].result

    def _outcome(
        self, movement: Movement, ladder: Ladder, computed: Domain, at: Situation
    ) -> tuple[Outcome, Causes]:
        if self.applies == FALSE:
            return Outcome(None, graded=False), frozenset()
        if self.applies != TRUE:
            # All may still come out, so whatever is held may be too good: no review is held on such a day.
            everything = tuple(tier.key for tier in ladder.tiers)
            return Outcome(None, possible=everything), self.applies.causes
        return outcome_of(movement, ladder, computed, at)


def moving_ladder(policy: CheckedPolicy) -> Ladder | None:
    """The main one of the ladders that move: the first; an override is for this one."""
    return next((each for key, each in policy.ladders.items() if key in policy.movements), None)


def held_by_ladder(states: States, policy: CheckedPolicy, day: date) -> dict[str, Domain]:
    """What `held grade` reads of each ladder on a day: the tier held on the evening before, as `held_before` has it."""
    found: dict[str, Domain] = {}
    for key, state in states.items():
        movement = policy.movements.get(key)
        if movement is None:
            continue
        tiers = tuple(tier.key for tier in policy.ladders[key].tiers)
        held = held_before(movement, tiers, state, day)
        found[key] = Unknown() if held is None else Known(held)
    return found


def _of_state(ladder: str, error: FactsError) -> FactsError:
    """The refusal of a state that the day does not go with, at its place in the question."""
    return FactsError(
        replace(each, pointer=pointer("state", ladder) + each.pointer) for each in error.problems
    )


# ---------------------------------------------------------------- one day's facts


def outcome_of(movement: Movement, ladder: Ladder, computed: Domain, at: Situation) -> tuple[Outcome, Causes]:
    """What the facts say of a ladder, and why anything of it is undecided that could move the customer.

    Where the tier that they give is known, but not whether a better one is still kept, it is not decided what the
    customer deserves; what drops at once asks for no such thing.
    """
    rank = {tier.key: place for place, tier in enumerate(ladder.tiers)}
    own = _on_entering(ladder, computed, at)
    held = _held_by(movement.holds, own)
    drops = [(line.rule, evaluate(line.condition, own)) for line in movement.drops if line.condition]
    caps = [(cap, evaluate(cap.condition, at)) for cap in ladder.caps if cap.at_once]
    keeps = [(tier.key, evaluate(tier.keep.condition, at)) for tier in ladder.tiers if tier.keep]
    anniversary = _anniversary(movement, at)
    kept = [(key, holds) for key, holds in keeps if _matters(key, computed, at.held.get(ladder.key), rank)]
    matters = [holds for _, holds in kept]
    if ladder.key in at.held:
        matters += [holds for _, holds in drops] + [holds for _, holds in caps]
    lowest = max((cap for cap, holds in caps if holds == TRUE), key=lambda cap: rank[cap.tier], default=None)
    dropped = tuple(rule for rule, holds in drops if holds == TRUE)
    open_ = [] if dropped or lowest else [key for key, holds in kept if holds not in (TRUE, FALSE)]
    sure = isinstance(computed, Known) and not open_
    outcome = Outcome(
        reached=str(computed.value) if isinstance(computed, Known) and sure else None,
        keeps=tuple(key for key, holds in keeps if holds == TRUE),
        possible=() if sure else (*open_, *map(str, possible(computed) or rank)),
        held_by=held.rule,
        drops=dropped,
        cap=None if lowest is None else lowest.tier,
        anniversary=_date(anniversary),
        held_until=held.until,
        cap_by=None if lowest is None else lowest.rule,
    )
    return outcome, joined((computed, anniversary, *matters)) | held.doubts


def _on_entering(ladder: Ladder, computed: Domain, at: Situation) -> Situation:
    """The situation in which a movement's own holds and drops are asked: who holds no tier yet is asked by the one that they enter.

    A hold that may hold is remembered, and would put off the next review of somebody whom it does not concern.
    """
    if isinstance(at.held.get(ladder.key), Known) or not isinstance(computed, Known):
        return at
    return replace(at, held={**at.held, ladder.key: computed})


class _HeldBy(NamedTuple):
    """What holds a customer where he is, until when where that is sure, and why it is not."""

    rule: str | None
    until: date | None = None
    doubts: Causes = NO_CAUSES


def _held_by(holds: Sequence[Hold], at: Situation) -> _HeldBy:
    """The first condition that surely holds, else the first that may, else the freeze that ends last."""
    weighed = [(hold, _holds(hold, at)) for hold in holds]
    open_ended = [(hold, each) for hold, each in weighed if each != FALSE and _end(hold, at) is None]
    for hold, each in sorted(open_ended, key=lambda pair: pair[1] != TRUE):
        return _HeldBy(hold.rule, None, each.causes)
    ends = [(end, hold) for hold, each in weighed if each != FALSE and (end := _end(hold, at)) is not None]
    if not ends:
        return _HeldBy(None)
    last, freeze = max(ends, key=lambda pair: pair[0])
    return _HeldBy(freeze.rule, last)


def _holds(hold: Hold, at: Situation) -> Domain:
    if hold.condition is not None:
        return evaluate(hold.condition, at)
    assert hold.until is not None, "a hold has one of the two"
    end = evaluate(hold.until, at)
    last = _date(end)
    return Unknown(end.causes) if last is None else truth(at.day <= last)


def _end(hold: Hold, at: Situation) -> date | None:
    """The last day of `freeze until D`, where it is known."""
    return None if hold.until is None else _date(evaluate(hold.until, at))


def _anniversary(movement: Movement, at: Situation) -> Domain:
    """The date that reviews on an anniversary go by, where it is one of the customer's."""
    if movement.review is None or movement.review.of is None:
        return FALSE
    return evaluate(movement.review.of, at)


def _date(domain: Domain) -> date | None:
    return domain.value if isinstance(domain, Known) and isinstance(domain.value, date) else None


def _matters(key: str, computed: Domain, held: Domain | None, rank: Mapping[str, int]) -> bool:
    """Whether it matters that a tier may be kept: only between the tier held and the one that is reached."""
    if not isinstance(held, Known) or not isinstance(computed, Known):
        return False
    return rank[str(held.value)] <= rank[key] < rank[str(computed.value)]


def day_dependent(policy: CheckedPolicy) -> bool:
    """Whether the same facts may say something else on another day: the policy asks for today, for a parameter
    that changes, or for the tier held.
    """
    apart = ("benefit", "advice")
    exprs = (expr for place in places(policy) if place.of not in apart for expr in place.exprs())
    return any(_of_the_day(part, policy) for expr in exprs for part in parts(expr))


def _of_the_day(part: Expr, policy: CheckedPolicy) -> bool:
    match part:
        case Today() | DateMath(op="since") | Read(of="held"):
            return True
        case Read(of="param", key=key):
            return bool(policy.params[key].dated)
        case _:
            return False
