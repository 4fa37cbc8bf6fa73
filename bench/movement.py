"""What movement costs: a step of `move` for one customer, and a million states reviewed in memory.

    python bench/movement.py [--rounds 15] [--states 1000000]

The first table is what movement adds to a decision: the median time of a step, for customers who stay where they are and for a mixed
population that is asked once a day over a year, beside the median time of a compiled decision of the worked example (`ratio`). The second is
one review day for so many states at once, on one core: all are of the day before a review, one in five deserves less than it holds, one in ten
more. What nobody pays for is left out: making the states and outcomes. Times are the processor's, so that a busy machine counts less.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

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
from engine.facts import read_row  # noqa: E402
from engine.movement import Outcome, State, move  # noqa: E402
from policies.registry.files import load_policy  # noqa: E402
from policies.samples.generate import customers  # noqa: E402

TIERS = ("A", "B", "C", "D", "E")
ENTERED = date(2026, 1, 10)
REVIEW_DAY = date(2026, 12, 1)
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
    _steps(asked.rounds)
    _million(asked.states)


def _steps(rounds: int) -> None:
    """Prints the median time of a step, and of a decision to hold it against."""
    decision = _median(_decisions(), rounds)
    print(f"{'what':<58}{'median':>12}{'ratio':>9}")
    print(f"{'a compiled decision of the worked example, no movement':<58}{decision * 1e6:>9.2f} us{1:>9.2f}")
    for name, work in (
        ("a step: steady customer, next day", _steady(WORKED, 1)),
        ("a step: steady customer, 300 days later", _steady(WORKED, 300)),
        ("a step: steady, valid through a day, no review between", _steady(YEARLY, 1)),
        ("a step: steady, valid through a day, 10 reviews between", _steady(YEARLY, 300)),
        ("a step: notice given, not yet due", _noticed()),
        ("a step: mixed population, every day of a year", _mixed()),
    ):
        each = _median(work, rounds)
        print(f"{name:<58}{each * 1e6:>9.2f} us{each / decision:>9.2f}")


def _median(work: Callable[[], int], rounds: int) -> float:
    """The median time of one of the things that `work` does, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        done = work()
        times.append((time.process_time() - start) / done)
    return statistics.median(times)


def _decisions() -> Callable[[], int]:
    policy = load_policy(ROOT / "policies" / "b2b_grading.tier")
    known = [read_row(policy, row) for row in list(customers())[:50]]

    def work() -> int:
        for facts in known:
            engines.answer(policy, facts, engine=compiled.NAME, as_of=REVIEW_DAY)
        return len(known)

    work()
    return work


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
