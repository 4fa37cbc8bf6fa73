"""What movement costs: decisions with a state beside the same without, steps of `move`, and a million states reviewed in memory.

    python bench/movement.py [--rounds 15] [--states 1000000]

The first table is whole decisions of the worked example as the service sends them, with reasons, of customers of whom every fact is known: asked
with a state and without, in turns, so that a busy machine weighs on both. `steady` customers stay where the facts have them; the `mixed` are asked
on a review day, one in three with the facts of somebody else than on the day before. The second table is the step alone, for one customer and for
a population that is asked every day of a year. The third is one review day for so many states at once, on one core: all are of the day before, one
in five deserves less than it holds, one in ten more; making the states and outcomes is left out. Times are the processor's.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from dsl.model import CheckedPolicy  # noqa: E402
from dsl.model.movement import (  # noqa: E402
    KeepAtLeast,
    KeepUntil,
    Lapse,
    Move,
    Movement,
    Notice,
    Review,
)
from engine import compiled, engines  # noqa: E402
from engine.decision import Decision  # noqa: E402
from engine.facts import Facts, read_row  # noqa: E402
from engine.movement import Outcome, State, move  # noqa: E402
from engine.movement.outcomes import States  # noqa: E402
from policies.registry.files import load_policy  # noqa: E402
from policies.samples.generate import customers  # noqa: E402

TIERS = ("A", "B", "C", "D", "E")
ENTERED = date(2026, 1, 10)
REVIEW_DAY = date(2026, 12, 1)
# A review day of the worked example on which nobody is protected any more.
DECIDED = date(2026, 9, 1)
CUSTOMERS = 300
# The worked example of the language.
WORKED = Movement(
    "grade",
    Move("movement.grade.move_up", "once"),
    Move("movement.grade.move_down", "review", most=1, after=2),
    review=Review("movement.grade.review", "month"),
    at_least=KeepAtLeast("movement.grade.keep", Lapse(6)),
    notice=Notice("movement.grade.notice", Lapse(0, 30)),
)
YEARLY = replace(WORKED, until=KeepUntil("movement.grade.valid", "next year", plus=Lapse(1)))
# A step of one customer is too short for the clock: so many are timed together.
BATCH = 2000


def main() -> None:
    parser = argparse.ArgumentParser(description="Time movement.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--states", type=int, default=1_000_000)
    asked = parser.parse_args()
    _decisions(asked.rounds)
    _steps(asked.rounds)
    _million(asked.states)


def _decisions(rounds: int) -> None:
    """Prints what a state adds to a decision."""
    policy = load_policy(ROOT / "policies" / "b2b_grading.tier")
    read = (read_row(policy, row) for row in customers())
    known = [facts for facts in read if len(facts.known) == len(policy.facts)][:CUSTOMERS]
    print(f"{'a decision, as JSON with reasons':<46}{'without':>10}{'with':>10}{'adds':>10}{'ratio':>8}")
    for name, share in (("steady: their facts stay", 0), ("mixed: a review day, one in three changed", 3)):
        asked = _asked(policy, known, share)
        without, given = _in_turns(policy, asked, rounds)
        print(f"{name:<46}{_figures(statistics.median(without), statistics.median(given))}")
        print(f"{'  the quickest round of each':<46}{_figures(min(without), min(given))}")
        print(f"  {_who_answers(policy, asked)}")
    print()


def _figures(without: float, given: float) -> str:
    return f"{without:>7.2f} us{given:>7.2f} us{given - without:>7.2f} us{given / without:>8.2f}"


def _asked(policy: CheckedPolicy, known: Sequence[Facts], share: int) -> list[tuple[Facts, States]]:
    """Customers with their states of the day before the review; of every `share` one has other facts by then."""
    asked = []
    for number, facts in enumerate(known):
        entered = engines.decide(policy, facts, as_of=ENTERED, states={})
        before = engines.decide(policy, facts, as_of=DECIDED - timedelta(days=1), states=_states(entered))
        changed = share and number % share == 0
        asked.append((known[number - 1] if changed else facts, _states(before)))
    return asked


def _states(found: Decision) -> States:
    if found.over_time is None:
        raise SystemExit("the bench is out of date: the worked example does not move")
    return found.over_time.states


def _in_turns(
    policy: CheckedPolicy, asked: Sequence[tuple[Facts, States]], rounds: int
) -> tuple[list[float], list[float]]:
    """The microseconds of a decision without a state and with one, round by round."""

    def each(with_states: bool) -> int:
        for facts, states in asked:
            engines.answer(policy, facts, as_of=DECIDED, states=states if with_states else None)
        return len(asked)

    works = [partial(each, False), partial(each, True)]
    times: list[list[float]] = [[], []]
    for _ in range(rounds + 1):
        for work, found in zip(works, times, strict=True):
            found.append(_median(work, 1) * 1e6)
    without, given = times
    return without[1:], given[1:]  # the first round compiles


def _who_answers(policy: CheckedPolicy, asked: Sequence[tuple[Facts, States]]) -> str:
    """How many were answered by which engine, and of how many there was something to tell."""
    found = [engines.decide(policy, facts, as_of=DECIDED, states=states) for facts, states in asked]
    straight = sum(each.engine == compiled.NAME for each in found)
    moves = [each.over_time for each in found if each.over_time is not None]
    told = sum(bool(each.transitions or each.ladders[each.main].why) for each in moves)
    return f"{straight} of {len(found)} answered by compiled code; something happened to, or held, {told}"


def _steps(rounds: int) -> None:
    """Prints the median time of a step."""
    print(f"{'a step of `move`':<58}{'median':>12}")
    for name, work in (
        ("steady customer, next day", _steady(WORKED, 1)),
        ("steady customer, 300 days later", _steady(WORKED, 300)),
        ("steady, valid through a day, no review between", _steady(YEARLY, 1)),
        ("steady, valid through a day, 10 reviews between", _steady(YEARLY, 300)),
        ("notice given, not yet due", _noticed()),
        ("mixed population, every day of a year", _mixed()),
    ):
        print(f"{name:<58}{_median(work, rounds) * 1e6:>9.2f} us")


def _median(work: Callable[[], int], rounds: int) -> float:
    """The median time of one of the things that `work` does, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        done = work()
        times.append((time.process_time() - start) / done)
    return statistics.median(times)


def _steady(movement: Movement, days: int) -> Callable[[], int]:
    """Somebody whose facts give the tier that they hold."""
    state = move(movement, TIERS, None, Outcome("C", ("B",)), ENTERED).state
    outcome, day = Outcome("C", ("B",)), ENTERED + timedelta(days=days)

    def work() -> int:
        for _ in range(BATCH):
            move(movement, TIERS, state, outcome, day)
        return BATCH

    return work


def _noticed() -> Callable[[], int]:
    state = move(WORKED, TIERS, None, Outcome("B"), ENTERED).state
    outcome = Outcome("D")
    state = move(WORKED, TIERS, state, outcome, ENTERED + timedelta(days=1)).state
    state = move(WORKED, TIERS, state, outcome, date(2026, 7, 1)).state
    if state.notice is None:
        raise SystemExit("the bench is out of date: nobody was given notice")

    def work() -> int:
        for _ in range(BATCH):
            move(WORKED, TIERS, state, outcome, date(2026, 7, 2))
        return BATCH

    return work


def _mixed() -> Callable[[], int]:
    """Thirty customers whose facts change every two months or so, one in thirty days unknown."""
    chance = random.Random(4)
    histories = [_history(chance) for _ in range(30)]

    def work() -> int:
        for history in histories:
            state = None
            for day, outcome in history:
                state = move(WORKED, TIERS, state, outcome, day).state
        return sum(map(len, histories))

    return work


def _history(chance: random.Random) -> list[tuple[date, Outcome]]:
    found, outcome = [], _outcome(chance)
    for number in range(365):
        if chance.random() < 1 / 60:
            outcome = _outcome(chance)
        unknown = chance.random() < 1 / 30
        said = Outcome(None, possible=TIERS) if unknown else outcome
        found.append((ENTERED + timedelta(days=number), said))
    return found


def _outcome(chance: random.Random) -> Outcome:
    reached = chance.choice(TIERS)
    held = "movement.grade.hold" if chance.random() < 0.1 else None
    return Outcome(reached, TIERS[max(TIERS.index(reached) - 1, 0) :], held_by=held)


def _million(count: int) -> None:
    """Prints how long one review day takes for so many states."""
    chance = random.Random(4)
    evening = REVIEW_DAY - timedelta(days=1)
    states, outcomes = _before_review(chance, evening, count)
    gc.collect()
    start = time.process_time()
    moved = _reviewed(states, outcomes)
    took = time.process_time() - start
    changed = sum(1 for old, new in zip(states, moved, strict=True) if old.tier != new.tier)
    print(f"\n{count:,} states on a review day: {took:.1f} s on one core, {took / count * 1e6:.2f} us each")
    print(f"{changed:,} of them moved, {sum(1 for each in moved if each.notice):,} have been given notice")


def _reviewed(states: Sequence[State], outcomes: Sequence[Outcome]) -> list[State]:
    pairs = zip(states, outcomes, strict=True)
    return [move(YEARLY, TIERS, state, outcome, REVIEW_DAY).state for state, outcome in pairs]


def _before_review(chance: random.Random, evening: date, count: int) -> tuple[list[State], list[Outcome]]:
    """States of the evening before a review, and what the facts say on its day."""
    states, outcomes = [], []
    for _ in range(count):
        rank = chance.randrange(len(TIERS))
        fate = chance.random()
        now = min(rank + 2, 4) if fate < 0.2 else max(rank - 1, 0) if fate < 0.3 else rank
        since = ENTERED + timedelta(days=chance.randrange(320))
        outcome = Outcome(TIERS[now])
        states.append(
            State(evening, TIERS[rank], since, date(2027, 1, 31), chance.randrange(2), outcome=outcome)
        )
        outcomes.append(outcome)
    return states, outcomes


if __name__ == "__main__":
    main()
