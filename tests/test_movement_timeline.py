"""Dated facts run through time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from dsl.model.movement import Lapse, Move, Movement, Notice, Review
from engine.facts_problems import FactsError
from engine.movement import Entry, Moved, Outcome, Override, Point, State, laid_over, move, through_time
from engine.movement.timeline import Ladder

TIERS = ("A", "B", "C")
MONTHLY = Movement(
    "grade",
    Move("move_up", "once"),
    Move("move_down", "review"),
    review=Review("review", "month"),
    notice=Notice("notice", Lapse(0, 30)),
)
DIRECT = Movement("grade", Move("move_up", "once"), Move("move_down", "once"))
LADDERS = {"grade": Ladder(MONTHLY, TIERS), "base": Ladder(DIRECT, TIERS)}

Facts = Mapping[str, int]
Timeline = list[Point[int, str]]


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def decide(
    facts: Facts, on: date, states: Mapping[str, State], override: Override | None
) -> tuple[str, Mapping[str, Moved]]:
    """A policy of two ladders by one score, which fades by one on 15 June."""
    score = facts.get("score")
    if score is not None and on >= day("06-15"):
        score -= facts.get("fades", 0)
    outcome = Outcome(None) if score is None else Outcome(TIERS[min(max(3 - score, 0), 2)])
    moved = {
        key: move(ladder.movement, TIERS, states.get(key), outcome, on, override if key == "grade" else None)
        for key, ladder in LADDERS.items()
    }
    return f"decided on {on}", moved


def run(*entries: Entry[int], daily: bool = False) -> Timeline:
    return list(through_time(LADDERS, entries, decide, daily=daily))


def test_facts_lie_over_those_before_and_null_forgets() -> None:
    assert laid_over({"a": 1, "b": 2}, {"b": None, "c": 3}) == {"a": 1, "c": 3}
    points = run(
        Entry(day("01-10"), {"score": 3, "fades": 1}),
        Entry(day("02-10"), {"score": 2}),
        Entry(day("03-10"), {"score": None}),
    )
    assert [point.facts for point in points] == [
        {"score": 3, "fades": 1},
        {"score": 2, "fades": 1},
        {"fades": 1},
    ]


def test_what_happened_between_two_entries_stands_with_the_later() -> None:
    points = run(
        Entry(day("01-10"), {"score": 3}), Entry(day("01-20"), {"score": 1}), Entry(day("04-15"), {})
    )
    assert [point.moved["grade"].held for point in points] == ["A", "A", "C"]
    assert [(str(each.on), each.kind) for each in points[2].moved["grade"].transitions] == [
        ("2026-02-01", "notice"),
        ("2026-03-03", "down"),
    ]
    assert [(str(each.on), each.kind) for each in points[1].moved["base"].transitions] == [
        ("2026-01-20", "down")
    ]
    assert points[2].decided == "decided on 2026-04-15"


def test_what_fades_is_seen_on_days_that_count() -> None:
    """The ladder that is reviewed notices in July; the one that moves at once only where every day is looked at."""
    entries = Entry(day("01-10"), {"score": 3, "fades": 1}), Entry(day("08-15"), {})
    seen = run(*entries)[-1].moved["base"].transitions
    assert [each.on for each in seen] == [day("08-15")]
    daily = run(*entries, daily=True)[-1]
    assert [each.on for each in daily.moved["base"].transitions] == [day("06-15")]
    assert [(str(each.on), each.kind) for each in daily.moved["grade"].transitions] == [
        ("2026-07-01", "notice"),
        ("2026-07-31", "down"),
    ]


def test_an_override_is_given_once() -> None:
    given = Override("set", "appeal", "li.wei", day("02-01"), day("02-10"), "A")
    points = run(Entry(day("02-01"), {"score": 1}, given), Entry(day("02-10"), {}), Entry(day("02-11"), {}))
    assert [point.moved["grade"].held for point in points] == ["A", "A", "C"]
    assert [point.moved["base"].held for point in points] == ["C", "C", "C"]


def test_states_from_before_go_on() -> None:
    before = run(Entry(day("01-10"), {"score": 3}))[0].moved
    states = {key: each.state for key, each in before.items()}
    entries = [Entry(day("01-20"), {"score": 1})]
    after = list(through_time(LADDERS, entries, decide, states=states))
    assert {key: each.held for key, each in after[0].moved.items()} == {"grade": "A", "base": "C"}


def test_dates_have_to_ascend() -> None:
    entries = [Entry(day(text), {"score": 1}) for text in ("01-10", "01-10", "03-01", "02-01")]
    with pytest.raises(FactsError) as raised:
        list(through_time(LADDERS, entries, decide))
    assert [each.pointer for each in raised.value.problems] == ["/1/on", "/3/on"]
    assert "2026-03-01" in raised.value.message()
    assert "日期" in raised.value.message("zh")


def test_a_history_is_no_longer_than_a_life() -> None:
    entries = [Entry(day("01-10"), {"score": 1}), Entry(day("01-10") + timedelta(days=36_526), {})]
    with pytest.raises(FactsError) as raised:
        list(through_time(LADDERS, entries, decide))
    assert [each.pointer for each in raised.value.problems] == ["/1/on"]
    assert list(through_time(LADDERS, [], decide)) == []
