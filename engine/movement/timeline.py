"""Dated facts run through time: what a history of facts makes of a customer, day by day where it matters.

Facts stay as they are until somebody says otherwise, so each entry is laid over those before. Between two entries the days are looked at on
which movement may do something (or every day, where what is decided depends on the date itself), each with a decision of its own: what the
facts say is asked anew, since `today` has moved on.

Decisions are the caller's: `decide` takes the facts in force, a day, the states of the ladders and an override that is given on this day, and
gives whatever it makes of them beside what each ladder's movement brought.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

from dsl.calendar import add_days
from dsl.model.movement import Movement
from engine.facts_problems import FactProblem, FactsError, pointer
from engine.movement.problems import LONGEST, not_ascending, too_long
from engine.movement.states import Moved, Override, State, Transition
from engine.movement.steps import next_day

Value = TypeVar("Value")
Decided = TypeVar("Decided")


class Ladder(NamedTuple):
    """A ladder that moves: its movement and its tiers' keys, best first."""

    movement: Movement
    tiers: Sequence[str]


class Entry(NamedTuple, Generic[Value]):
    """One date of a history: the facts that change on it (None: unknown from now on), and an override given on it."""

    on: date
    facts: Mapping[str, Value | None]
    override: Override | None = None


class Point(NamedTuple, Generic[Value, Decided]):
    """One date of a timeline: the facts in force, what was decided on them, and by ladder what movement brought since the entry before."""

    on: date
    facts: Mapping[str, Value]
    decided: Decided
    moved: Mapping[str, Moved]


Decide = Callable[
    [Mapping[str, Value], date, Mapping[str, State], Override | None], tuple[Decided, Mapping[str, Moved]]
]


def laid_over(before: Mapping[str, Value], changes: Mapping[str, Value | None]) -> dict[str, Value]:
    """The facts known once these changes are in; None forgets."""
    after = {**before, **changes}
    return {name: value for name, value in after.items() if value is not None}


def next_stop(
    ladders: Mapping[str, Ladder], states: Mapping[str, State], day: date, *, daily: bool = False
) -> date | None:
    """The first day after `day`, of which the states are, that has to be looked at while the facts stay the same; None where there is none.

    `daily`: what is decided depends on the date itself, so that every day has to.
    """
    if daily:
        return None if day == date.max else add_days(day, 1)
    found = (
        next_day(ladder.movement, ladder.tiers, states[key])
        for key, ladder in ladders.items()
        if key in states
    )
    return min((stop for stop in found if stop is not None), default=None)


def through_time(
    ladders: Mapping[str, Ladder],
    entries: Sequence[Entry[Value]],
    decide: Decide[Value, Decided],
    *,
    daily: bool = False,
    states: Mapping[str, State] | None = None,
) -> Iterator[Point[Value, Decided]]:
    """A point for each entry, in order; `states` are those from before the first. Raises `FactsError` where the entries' dates do not ascend,
    or lie more than a hundred years apart.
    """
    in_order(entry.on for entry in entries)
    known: Mapping[str, State] = states or {}
    facts: dict[str, Value] = {}
    last: date | None = None
    for entry in entries:
        gathered: dict[str, list[Transition]] = {key: [] for key in ladders}
        while last is not None and (stop := next_stop(ladders, known, last, daily=daily)) and stop < entry.on:
            _, between = decide(facts, stop, known, None)
            known, last = _gathered(between, gathered), stop
        facts, last = laid_over(facts, entry.facts), entry.on
        decided, moved = decide(facts, entry.on, known, entry.override)
        known = _gathered(moved, gathered)
        whole = {key: each._replace(transitions=tuple(gathered[key])) for key, each in moved.items()}
        yield Point(entry.on, facts, decided, whole)


def in_order(days: Iterable[date]) -> None:
    """Sees to it that dates ascend, and within a lifetime. Raises `FactsError` that names every one that does not, by its number in the list."""
    all_days = list(days)
    wrong: list[FactProblem] = [
        not_ascending(pointer(number, "on"), before, after)
        for number, (before, after) in enumerate(pairwise(all_days), 1)
        if after <= before
    ]
    if not wrong and all_days and (all_days[-1] - all_days[0]).days > LONGEST:
        wrong = [too_long(pointer(len(all_days) - 1, "on"), all_days[0], all_days[-1])]
    if wrong:
        raise FactsError(wrong)


def _gathered(moved: Mapping[str, Moved], gathered: dict[str, list[Transition]]) -> dict[str, State]:
    """The states that a day left; what happened on it is put with the rest."""
    for key, each in moved.items():
        gathered[key] += each.transitions
    return {key: each.state for key, each in moved.items()}
