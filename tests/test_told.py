"""What is said of movement agrees with itself: why a tier is held, until when, and what comes next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.checker import compile_policy
from dsl.model import CheckedPolicy, Const, Hold, Movement
from dsl.source import Source
from dsl.types import DATE, YES_NO
from engine import engines
from engine.expressions import Situation
from engine.facts import read_facts
from engine.movement import State, move
from engine.movement.answers import LadderMovement
from engine.movement.outcomes import Followed
from engine.movement.told import over_time, told
from engine.values import Known, Unknown
from policies.registry.files import check_file
from tests.generating.movements import History, histories, ladders

DAY = r"\d{4}-\d\d-\d\d"
KEPT = re.compile(rf"keeps \w until (the review of )?({DAY})")
FROZEN = re.compile(rf"frozen until ({DAY})")
RISES = re.compile(rf"moves up to \w .*?({DAY})")
HOLDS = (
    Hold("hold", condition=Const(True, YES_NO)),
    Hold("freeze", until=Const(date(2030, 1, 1), DATE)),
)


def policy_of(count: int) -> CheckedPolicy:
    """A ladder of so many tiers, each of which but the last may be kept with less than it takes to reach it."""
    lines = [
        f"  {tier} from {90 - 10 * rank}, keep from {85 - 10 * rank}"
        for rank, tier in enumerate("ABCDE"[: count - 1])
    ]
    text = "policy told\nfact points: whole number\ntiers grade by points\n"
    return compile_policy(
        Source(
            text
            + "\n".join(lines)
            + f"\n  {'ABCDE'[count - 1]} otherwise\nmovement of grade\n  move up at once\n"
        )
    )


POLICIES = {count: policy_of(count) for count in (2, 3, 4, 5)}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Movement, str, History]:
    movement, tiers = draw(ladders())
    return replace(movement, holds=HOLDS), tiers, draw(histories(movement, tiers))


def days_of(movement: Movement, tiers: str, history: History) -> Iterator[tuple[Followed, Situation]]:
    """Every day of a history as a decision has it before it says anything."""
    policy, state = POLICIES[len(tiers)], None
    facts = read_facts(policy, {"points": 50})
    for day, said in history.outcomes.items():
        outcome = said._replace(held_by="freeze") if said.held_until else said
        moved = move(movement, tiers, state, outcome, day, history.overrides.get(day))
        computed = Unknown() if outcome.reached is None else Known(outcome.reached)
        yield (
            Followed(policy.ladders["grade"], movement, state, computed, moved, frozenset(), outcome.reached),
            Situation(replace(policy, movements={"grade": movement}), facts, day),
        )
        state = moved.state


def agree(one: LadderMovement) -> None:
    """The day that a reason names is the one of the next move, or the last before it."""
    why, comes = one.why or "", one.next
    if kept := KEPT.search(why):
        assert comes is not None, why
        assert comes.kind == "down"
        assert comes.on - timedelta(days=0 if kept[1] else 1) == date.fromisoformat(kept[2])
    if rises := RISES.search(why):
        assert comes is not None, why
        assert comes.kind == "up"
        assert comes.on == date.fromisoformat(rises[1])
    if (frozen := FROZEN.search(why)) and "by li.wei" not in why:
        assert comes is None or comes.kind.startswith("override") or comes.on > date.fromisoformat(frozen[1])


@settings(max_examples=150, deadline=None)
@given(cases())
def test_the_day_that_a_reason_names_is_that_of_the_next_move(case: tuple[Movement, str, History]) -> None:
    for followed, at in days_of(*case):
        en = over_time(told((followed,), at, "en"), at, "en")
        zh = over_time(told((followed,), at, "zh"), at, "zh")
        assert en is not None
        assert zh is not None
        one, other = en.ladders["grade"], zh.ladders["grade"]
        agree(one)
        assert sorted(re.findall(DAY, one.why or "")) == sorted(re.findall(DAY, other.why or ""))
        assert (one.why is None) == (other.why is None)
        outcome, held = followed.outcome, one.held
        if held is not None and outcome.graded and held != outcome.reached:
            assert one.why, (held, outcome)
        if one.next is not None and one.next.kind == "down" and held == followed.moved.state.tier:
            assert KEPT.search(one.why or "") or outcome.held_by, one


def test_the_review_that_decides_is_named_and_not_the_first() -> None:
    policy = check_file("policies/bank_rating.tier").policy
    assert policy is not None
    states: dict[str, State] = {}
    said = []
    for on, deposits in (
        (date(2026, 1, 12), 120_000_000),
        (date(2026, 5, 8), 60_000_000),
        (date(2026, 7, 1), 60_000_000),
    ):
        facts = read_facts(policy, {"日均存款": deposits})
        moved = engines.decide(policy, facts, as_of=on, states=states, lang="zh").over_time
        assert moved is not None
        states, comes = dict(moved.states), moved.ladders["stars"].next
        said.append((moved.ladders["stars"].why, comes and comes.text))
    text = "若 星点 未达到 1000，将在 2026-12-31 复核时降为 四星"
    assert said == [
        (None, None),
        ("五星 保留至 2026-12-31 的复核：须连续 2 次复核未达标，目前 0 次", text),
        ("五星 保留至 2026-12-31 的复核：须连续 2 次复核未达标，目前 1 次", text),
    ]


ASKED = "policy asked\nfact points: whole number\nfact joined: date\ntiers grade by points\n"


@pytest.mark.parametrize(
    ("ladder", "lines", "points", "why"),
    [
        ("  A over 60, keep over 50\n  B otherwise\n", "", 55, "55 is enough to keep A (over 50)"),
        (
            "  A from 60\n  B otherwise\n",
            "  review every year on each anniversary of joined\n",
            10,
            "keeps A while not known: `joined`",
        ),
        (
            "  A from 60\n  B otherwise\n",
            "  review every year on 31 Mar\n  keep a tier at least 11 months\n",
            10,
            "keeps A until the review of 2028-03-31: tier kept at least 11 months",
        ),
        (
            "  A from 60\n  B otherwise\n",
            "  review monthly\n  keep a tier at least 6 months\n",
            10,
            "keeps A until 2027-01-31: tier kept at least 6 months",
        ),
        (
            "  A from 60\n  B from 30\n  C otherwise\n",
            "  move down at once, one step at a time\n",
            10,
            "keeps B until 2026-08-02: moves at most 1 tier at a time",
        ),
    ],
)  # fmt: skip
def test_other_reasons(ladder: str, lines: str, points: int, why: str) -> None:
    policy = compile_policy(Source(f"{ASKED}{ladder}movement of grade\n  move up at once\n{lines}"))
    states: dict[str, State] = {}
    for on, known in ((date(2026, 8, 1), 70), (date(2026, 8, 2), points)):
        facts = read_facts(policy, {"points": known})
        moved = engines.decide(policy, facts, as_of=on, states=states).over_time
        assert moved is not None
        states = dict(moved.states)
        told_of = moved.ladders["grade"]
    assert told_of.why == why
    agree(told_of)
