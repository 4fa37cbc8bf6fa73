"""A customer through time: dated facts in, the decision of each date out, with everything that happened on the way.

Between two dates the days are decided as well on which movement may do something, with the facts in force then;
where the policy asks for the day itself, every day is. So a history gives the same whether its dates are many or
few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TypeVar

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from engine.decision import Decision
from engine.engines import DEFAULT_ENGINE, decide
from engine.facts import Facts
from engine.movement.answers import Happened
from engine.movement.outcomes import States, day_dependent
from engine.movement.states import Moved, Override, State
from engine.movement.timeline import Entry, Ladder, through_time
from engine.reference import Explain

Value = TypeVar("Value")


def decisions(
    policy: CheckedPolicy,
    entries: Sequence[Entry[Value]],
    read: Callable[[Mapping[str, Value]], Facts],
    *,
    lang: Lang = "en",
    engine: str = DEFAULT_ENGINE,
    explain: Explain = "reasons",
    at: str | None = None,
    customer: str | None = None,
    states: States | None = None,
) -> Iterator[Decision]:
    """A decision for each date of a history, in order; its transitions are all since the date before.

    `read` makes facts of what is known on a day; `states` are those from before the first date. Raises
    `FactsError` where the dates do not ascend, and as `read` and `decide` do.
    """
    ask = partial(decide, policy, lang=lang, engine=engine, explain=explain, at=at, customer=customer)
    happened: list[Happened] = []

    def decided(
        known: Mapping[str, Value], day: date, before: Mapping[str, State], override: Override | None
    ) -> tuple[Decision, Mapping[str, Moved]]:
        found = ask(read(known), as_of=day, states=before, override=override)
        moved = found.over_time
        if moved is None:
            return found, {}
        happened.extend(moved.transitions)
        return found, {key: Moved(state, moved.ladders[key].held, ()) for key, state in moved.states.items()}

    ladders = {
        key: Ladder(movement, tuple(tier.key for tier in policy.ladders[key].tiers))
        for key, movement in policy.movements.items()
    }
    daily = day_dependent(policy) or _begins_or_ends(policy, [entry.on for entry in entries])
    for point in through_time(ladders, entries, decided, daily=daily, states=states):
        moved = point.decided.over_time
        whole = None if moved is None else moved._replace(transitions=tuple(happened))
        happened.clear()
        yield point.decided._replace(over_time=whole)


def _begins_or_ends(policy: CheckedPolicy, days: Sequence[date]) -> bool:
    """Whether the policy comes into force, or goes out of it, within a history."""
    if not days:
        return False
    ends = (policy.start, policy.end)
    return any(end is not None and days[0] <= end <= days[-1] for end in ends)
