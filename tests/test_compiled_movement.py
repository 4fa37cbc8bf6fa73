"""Questions with a state, asked of the compiled engine: the same answers as the oracle's, step after step, by straight-line code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from dsl.checker import compile_policy
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Example
from dsl.source import Source
from engine import engines
from engine.decision import Decision
from engine.facts import Facts, FactsError, read_facts, read_row
from engine.movement import Override, State
from policies.registry.files import find_policies, load_policy
from policies.samples.generate import customers
from tests.engines import decide
from tests.generate import checked, complete_facts_for, facts_for
from tests.generating.movements import GAPS, overrides_on
from tests.moving import LOYAL, POLICY, day

POLICIES = Path(__file__).parent.parent / "policies"
LANGS: tuple[Lang, Lang] = ("en", "zh")
FIRST = date(2026, 1, 31)
quickly = settings(
    max_examples=30,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def states_of(found: Decision) -> dict[str, State]:
    return {} if found.over_time is None else dict(found.over_time.states)


def through(policy: CheckedPolicy, *dated: tuple[str, Mapping[str, object]], **asked: Any) -> Decision:
    """The decision of the last date, each with the state of the one before."""
    states: dict[str, State] = {}
    for on, raw in dated:
        found = decide(policy, read_facts(policy, raw), as_of=day(on), states=states, **asked)
        states = states_of(found)
    return found


# ---------------------------------------------------------------- many policies


@quickly
@given(st.data())
def test_generated_policies_that_move(data: st.DataObject) -> None:
    policy = data.draw(checked())
    assume(policy.movements)
    makes = (complete_facts_for(policy), complete_facts_for(policy), facts_for(policy))
    known = [read_facts(policy, data.draw(each)) for each in makes]
    when = FIRST
    states: dict[str, State] = {}
    for _ in range(7):
        asked: dict[str, Any] = {
            "lang": data.draw(st.sampled_from(LANGS)),
            "explain": data.draw(st.sampled_from(["reasons", "none"])),
            "override": _override(data, policy, when),
        }
        facts = data.draw(st.sampled_from([*known[:2], *known]))
        states = states_of(decide(policy, facts, as_of=when, states=states, **asked))
        when += timedelta(days=data.draw(st.just(0) | GAPS))


def _override(data: st.DataObject, policy: CheckedPolicy, when: date) -> Override | None:
    """Now and then somebody decides by hand."""
    if data.draw(st.integers(0, 7)) < 7:
        return None
    tiers = policy.ladders[next(key for key in policy.ladders if key in policy.movements)].tiers
    found = data.draw(overrides_on(when, "AB"))
    return found if found.tier is None else found._replace(tier=data.draw(st.sampled_from(tiers)).key)


MOVING = [path for path in find_policies([POLICIES]) if load_policy(path).movements]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("path", MOVING, ids=lambda path: Path(path).stem)
def test_the_stories_of_the_policies_that_come_along(path: str, lang: Lang) -> None:
    policy = load_policy(path)
    stories = [example for example in policy.examples if example.steps]
    assert stories
    for story in stories:
        states: dict[str, State] = {}
        for on, facts in _days(policy, story):
            for next_day in (on, on + timedelta(days=1)):
                found = decide(policy, facts, as_of=next_day, states=states, lang=lang)
                states = states_of(found)


def _days(policy: CheckedPolicy, story: Example) -> Iterator[tuple[date, Facts]]:
    """The dates of a story with all that is known on them, defaults included."""
    given = dict(story.given)
    defaults = {key: fact.default for key, fact in policy.facts.items() if fact.default is not None}
    for on, changes in ((story.on, ()), *((step.on, step.given) for step in story.steps)):
        given |= dict(changes)
        known = {key: value for key, value in given.items() if value is not None}
        if on is not None:
            yield on, Facts(defaults | known, tuple(key for key in defaults if key not in known))


def test_sample_customers_from_month_to_month_stay_in_straight_line_code() -> None:
    """Each takes over the facts of the next customer now and then, so that many move, and most do not."""
    policy = load_policy(POLICIES / "b2b_grading.tier")
    known = [read_row(policy, row) for row in customers()[:100]]
    known = [facts for facts in known if len(facts.known) == len(policy.facts)]
    states: list[dict[str, State]] = [{} for _ in known]
    for month in range(1, 10):
        for number, before in enumerate(states):
            facts = known[(number + month // 3 * (number % 3)) % len(known)]
            found = decide(policy, facts, as_of=date(2026, month, 1), states=before, straight=True)
            states[number] = states_of(found)
    assert {state["grade"].tier for state in states} >= {"B", "C", "D", "E"}


# ---------------------------------------------------------------- one policy, everything that happens

HIGH, LOW = {"orders": 65}, {"orders": 30}
COURSE: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("2026-01-10", HIGH),  # enters
    ("2026-01-11", HIGH),  # stays
    ("2026-02-01", {"orders": 57}),  # kept by `keep from`
    ("2026-02-10", LOW),  # protected
    ("2026-07-02", LOW),  # notice
    ("2026-07-05", HIGH),  # withdrawn
    ("2026-09-01", {"orders": 90}),  # moves up
    ("2026-09-02", {"orders": 90, "dispute": True}),  # held
    ("2026-10-02", {"orders": 90, "dispute": True}),  # the review is postponed
    ("2026-10-03", {"orders": 90, "dispute": True}),
    ("2026-10-04", {"orders": 20, "fraud": True}),  # down at once
    ("2026-10-05", {"orders": 20, "closed": True}),  # leaves
    ("2026-10-06", {"orders": 20, "closed": True}),
    ("2026-10-07", {"orders": 70}),  # enters anew
)


@pytest.mark.parametrize("explain", ["reasons", "none"])
@pytest.mark.parametrize("lang", LANGS)
def test_whatever_happens_is_told_by_straight_line_code(lang: Lang, explain: str) -> None:
    for length in range(1, len(COURSE) + 1):
        found = through(POLICY, *COURSE[:length], lang=lang, explain=explain, straight=True)
        assert found.over_time is not None


def test_an_override_is_given_by_the_reference_and_lasts_in_straight_line_code() -> None:
    when = day("2026-01-10")
    override = Override("floor", "agreed", "li.wei", when, day("2026-06-30"), "A")
    facts = read_facts(POLICY, HIGH)
    given = decide(POLICY, facts, as_of=when, states={}, override=override, straight=False)
    for later in ("2026-01-11", "2026-06-30", "2026-07-01", "2026-07-02"):
        found = decide(POLICY, facts, as_of=day(later), states=states_of(given), straight=True)
        assert found.tiers["grade"].tier == ("A" if day(later) <= override.end else "B")


def test_a_tier_set_by_hand_for_somebody_who_is_not_graded_is_the_references() -> None:
    when, facts = day("2026-01-10"), read_facts(POLICY, {"orders": 20, "closed": True})
    override = Override("set", "agreed", "li.wei", when, day("2026-06-30"), "A")
    given = decide(POLICY, facts, as_of=when, states={}, override=override)
    found = decide(POLICY, facts, as_of=day("2026-01-11"), states=states_of(given), straight=False)
    assert found.tiers["grade"].tier == "A"


@pytest.mark.parametrize("on", ["2026-01-09", "2126-06-30"])
def test_states_that_are_refused_are_refused_at_the_same_place(on: str) -> None:
    facts = read_facts(POLICY, HIGH)
    states = states_of(decide(POLICY, facts, as_of=day("2026-01-10"), states={}))
    refused = []
    for engine in ("reference", "compiled"):
        with pytest.raises(FactsError) as error:
            engines.answer(POLICY, facts, as_of=day(on), states=states, engine=engine)
        refused.append(list(error.value.problems))
    assert refused[0] == refused[1] != []


# ---------------------------------------------------------------- several ladders, and all that a movement may ask for

TWO = """
applies when total >= 0
fact orders: whole number, default 0
fact visits: whole number, default 0
fact joined: date
fact calm: date
fact late: yes/no, default no
fact lost: yes/no, default no
score total = orders - visits
tiers sales by total
  A from 80, keep from 60
  B from 40, keep from 30 and not late
  C otherwise
  at most B at once when late
  at most C at once when lost
tiers service by visits
  甲 from 10
  乙 otherwise
value both: number
  2 when sales is A and service is 甲
  1 otherwise
movement of service
  review monthly on day 31 for the month so far
  move up at review
  move down at review, one step at a time
  keep a tier until end of quarter + 1 month
  hold while held service is 甲 and late
movement of sales
  review yearly on each anniversary of joined
  move down at once when lost and held sales in A, B "Lost", one step at a time
  freeze until 2026-03-15
  freeze until calm "Frozen"
"""


@pytest.mark.parametrize("lang", LANGS)
def test_two_ladders_that_move_with_all_that_their_movements_ask_for(lang: Lang) -> None:
    policy = compile_policy(Source("policy two\n" + TWO))
    always = {"joined": "2024-02-29", "calm": "2026-02-20"}
    changes: tuple[dict[str, object], ...] = (
        {"orders": 90, "visits": 12},
        {"orders": 90, "visits": 12},
        {"orders": 70, "visits": 2},
        {"orders": 70, "visits": 2, "late": True},
        {"orders": 70, "visits": 2, "late": True, "lost": True},
        {"orders": 5, "visits": 9},
        {"orders": 100, "visits": 10},
    )
    states: dict[str, State] = {}
    when = date(2026, 1, 30)
    for change in (*changes, *changes[::-1]):
        for gap in (1, 20):
            when += timedelta(days=gap)
            facts = read_facts(policy, always | change)
            # What a hold asks of the tier held before is unknown of who held none: that is the reference's.
            straight = True if states and all(state.tier for state in states.values()) else None
            states = states_of(decide(policy, facts, as_of=when, states=states, lang=lang, straight=straight))
    decide(policy, read_facts(policy, changes[0]), as_of=when, states=states, straight=False)


@pytest.mark.parametrize("calm", ["2026-02-20", "2026-03-15", "2026-04-10"])
@pytest.mark.parametrize("lines", [("2026-03-15", "calm"), ("calm", "2026-03-15")])
def test_of_several_freezes_the_one_that_ends_last_counts(lines: tuple[str, str], calm: str) -> None:
    freezes = "".join(f"  freeze until {end}\n" for end in lines)
    text = "policy freezes\nfact n: number\nfact calm: date\ntiers g by n\n  A from 5\n  B otherwise\nmovement of g\n  move down at once\n"
    policy = compile_policy(Source(text + freezes))
    facts = {"n": 1, "calm": calm}
    entered: tuple[str, Mapping[str, object]] = ("2026-01-10", facts | {"n": 9})
    last = max(day(calm), day("2026-03-15"))
    found = through(policy, entered, ("2026-01-11", facts), straight=True)
    assert states_of(found)["g"].outcome.held_until == last
    for later, tier in ((last, "A"), (last + timedelta(days=1), "B")):
        found = through(policy, entered, (later.isoformat(), facts), straight=True)
        assert found.tiers["g"].tier == tier


def test_whether_a_policy_applies_may_hang_on_what_is_worked_out_but_not_on_a_tier_that_moves() -> None:
    text = "policy p\nfact n: number\nscore s = n\ntiers g by s\n  A from 5\n  B otherwise\nmovement of g\n  move down at once\n"
    by_score = compile_policy(Source(text.replace("fact", "applies when s > 1\nfact", 1)))
    by_tier = compile_policy(Source(text.replace("fact", "applies when g is A\nfact", 1)))
    for policy in (by_score, by_tier):
        for first in (0, 3, 7):
            for n in (0, 3, 7):
                dated = (("2026-01-10", {"n": first}), ("2026-01-11", {"n": n}))
                through(policy, *dated, straight=policy is by_score)


def test_a_service_is_prepared_for_questions_with_a_state() -> None:
    policy = compile_policy(Source(LOYAL + "# prepared\n"))
    engines.prepare(policy, "en")
    with patch("engine.compiled.programs.function") as compiling:
        engines.answer(policy, read_facts(policy, HIGH), as_of=day("2026-01-10"), states={})
    assert not compiling.called
