"""Histories: what happens between two dates, several ladders, and policies that ask for the day itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.checker import compile_policy
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine.decision import Decision, to_json
from engine.facts import read_facts
from engine.history import decisions
from engine.movement.outcomes import day_dependent
from engine.movement.timeline import Entry
from tests.moving import POLICY, day

HEAD = """\
policy sample
fact orders: whole number "Orders"
fact joined: date "Joined"
fact frozen_to: date "Frozen to"
score total = orders
"""
GRADE = """\
tiers grade by total
  A from 60
  B from 30
  C otherwise
"""


def policy(body: str) -> CheckedPolicy:
    return compile_policy(Source(HEAD + body))


def run(
    of: CheckedPolicy, *dated: tuple[str, Mapping[str, object]], engine: str = "reference"
) -> Sequence[Decision]:
    entries = [Entry(day(on), facts) for on, facts in dated]
    return tuple(decisions(of, entries, lambda known: read_facts(of, known), engine=engine))


def happened(decision: Decision) -> list[str]:
    assert decision.over_time is not None
    return [f"{each.on} {each.ladder} {each.kind} {each.after}" for each in decision.over_time.transitions]


def test_what_depends_on_the_day_is_asked_every_day() -> None:
    text = """\
tiers grade
  A when months since joined >= 6
  B otherwise
movement of grade
  review monthly on day 20
"""
    of = policy(text)
    assert day_dependent(of)
    assert not day_dependent(POLICY)
    _, last = run(of, ("2026-01-05", {"joined": "2025-12-10"}), ("2026-12-31", {}))
    assert happened(last) == ["2026-06-10 grade up A"]


def test_a_freeze_ends_between_two_dates() -> None:
    of = policy(GRADE + "movement of grade\n  move down at once\n  freeze until frozen_to\n")
    first, last = run(
        of, ("2026-01-05", {"orders": 60, "frozen_to": "2026-03-31"}), ("2026-02-01", {"orders": 10})
    )
    assert (happened(first), happened(last)) == (["2026-01-05 grade enter A"], [])
    assert to_json(last)["movement"]["grade"]["why"] == "frozen until 2026-03-31"  # type: ignore[index, call-overload]
    *_, after = run(
        of,
        ("2026-01-05", {"orders": 60, "frozen_to": "2026-03-31"}),
        ("2026-02-01", {"orders": 10}),
        ("2026-05-01", {}),
    )
    assert happened(after) == ["2026-04-01 grade down C"]


def test_a_ladder_that_reads_another_goes_by_the_tier_held() -> None:
    text = """\
movement of grade
  review monthly
  move down at review
tiers service
  Fast when grade is A
  Slow otherwise
movement of service
  move down at once
"""
    of = policy(GRADE + text)
    _, held, last = run(
        of, ("2026-01-05", {"orders": 60}), ("2026-01-20", {"orders": 10}), ("2026-02-20", {})
    )
    assert to_json(held)["computed"] == "C"
    assert held.tiers["service"].tier == "Fast"
    assert happened(last) == ["2026-02-01 grade down C", "2026-02-01 service down Slow"]
    assert list(to_json(last)["movement"]) == ["grade", "service"]  # type: ignore[arg-type]


def test_the_end_of_a_policy_is_seen_between_two_dates() -> None:
    of = compile_policy(
        Source(HEAD.replace("policy sample\n", "policy sample\neffective from 2026-01-01 until 2026-06-30\n") + GRADE
               + "movement of grade\n  review monthly\n")
    )  # fmt: skip
    _, last = run(of, ("2026-01-05", {"orders": 60}), ("2026-09-01", {}))
    assert happened(last) == ["2026-07-01 grade leave None"]
    assert last.status == "not_applicable"


def test_held_in_a_condition_is_the_tier_before_the_day() -> None:
    text = "movement of grade\n  move up at once\n  move down at once\n  hold while held grade is A\n"
    of = policy(GRADE + text)
    found = run(
        of, ("2026-01-05", {"orders": 60}), ("2026-01-06", {"orders": 10}), ("2026-01-07", {"orders": 40})
    )
    assert [to_json(each)["held"] for each in found] == ["A", "A", "A"]
    low = run(of, ("2026-01-05", {"orders": 40}), ("2026-01-06", {"orders": 10}))
    assert [to_json(each)["held"] for each in low] == ["B", "C"]


DATES = st.lists(st.dates(day("2026-01-11"), day("2028-12-31")), max_size=12, unique=True).map(sorted)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "orders": st.sampled_from([10, 45, 57, 65, 90, None]),
        "dispute": st.booleans(),
        "fraud": st.sampled_from([False, False, False, True]),
        "closed": st.sampled_from([False, False, False, True]),
    },
)


@settings(max_examples=40, deadline=None)
@given(DATES, DATES, st.data())
def test_dates_on_which_nothing_changes_change_nothing(
    dates: list[Any], more: list[Any], data: st.DataObject
) -> None:
    changes = {on: data.draw(FACTS) for on in dates}
    changes[day("2026-01-10")] = {"orders": 65}
    few = [Entry(on, changes[on]) for on in sorted(changes)]
    many = [Entry(on, changes.get(on, {})) for on in sorted({*changes, *more})]

    def told(entries: list[Entry[Any]], until: Any) -> tuple[list[str], Any]:
        found = decisions(POLICY, entries, lambda known: read_facts(POLICY, known), engine="reference")
        lines, state = [], None
        for decision in found:
            lines += happened(decision)
            if decision.as_of == until:
                state = to_json(decision)["state"]
        return [line for line in lines if line[:10] <= until.isoformat()], state

    last = few[-1].on
    assert told(few, last) == told(many, last)


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_the_engines_tell_the_same_history(engine: str) -> None:
    dated = (("2026-01-10", {"orders": 65}), ("2026-02-10", {"orders": 30}), ("2026-09-10", {"orders": None}))
    found = [to_json(each) | {"engine": None} for each in run(POLICY, *dated, engine=engine)]
    assert found == [to_json(each) | {"engine": None} for each in run(POLICY, *dated)]


def test_a_policy_without_movement_has_a_history_of_plain_decisions() -> None:
    of = policy(GRADE)
    first, last = run(of, ("2026-01-05", {"orders": 60}), ("2026-02-01", {"orders": 10}))
    assert (first.tiers["grade"].tier, last.tiers["grade"].tier) == ("A", "C")
    assert first.over_time is None
