"""`held LADDER` in a movement's conditions: the tier held on the evening before the day, whenever the state was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.checker import compile_policy
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine import engines
from engine.decision import Decision
from engine.facts import FactsError, read_facts
from engine.history import decisions
from engine.movement import Override, State
from engine.movement.timeline import Entry, laid_over
from tests.engines import decide
from tests.moving import day

OPENING = """\
policy dispute_hold
applies when not closed
fact spend: whole number "Spend"
fact dispute: yes/no "Dispute", default no
fact fraud: yes/no "Fraud", default no
fact closed: yes/no "Closed", default no
tiers club by spend
  Gold from 1000
  Silver from 500, keep from 400
  Basic otherwise
movement of club
  review monthly
"""
ENDING = """\
  move up at review
  move down at review, one step at a time
  hold while held club is Silver and dispute "Silver in dispute"
"""
HIGH, LOW = {"spend": 1200}, {"spend": 100, "dispute": True}
Dated = tuple[str, Mapping[str, object]]


def policy(ending: str = ENDING) -> CheckedPolicy:
    return compile_policy(Source(OPENING + ending))


def asked(of: CheckedPolicy, *dated: Dated, override: Override | None = None) -> list[Decision]:
    """The decisions of these dates, each with the state of the one before; every engine says the same."""
    found: list[Decision] = []
    states: Mapping[str, State] = {}
    for on, raw in dated:
        given_now = override if override is not None and override.start == day(on) else None
        found.append(decide(of, read_facts(of, raw), as_of=day(on), states=states, override=given_now))
        states = states_of(found[-1])
    return found


def history(of: CheckedPolicy, entries: Sequence[Entry[Any]], engine: str = "reference") -> list[Decision]:
    return list(decisions(of, entries, lambda known: read_facts(of, known), engine=engine))


def states_of(found: Decision) -> dict[str, State]:
    assert found.over_time is not None
    return dict(found.over_time.states)


def tier(found: Decision) -> str | None:
    assert found.over_time is not None
    return found.over_time.ladders["club"].held


def happened(found: Decision) -> list[str]:
    assert found.over_time is not None
    return [f"{each.on} {each.kind} {each.after}" for each in found.over_time.transitions]


# ---------------------------------------------------------------- the evening before


def test_a_review_between_two_questions_has_moved_whom_a_condition_asks_about() -> None:
    """On 1 February Gold became Silver, and Silver in dispute is held: on 10 February, and in the review that follows."""
    dated: tuple[Dated, ...] = (
        ("2024-01-15", HIGH), ("2024-01-20", LOW), ("2024-02-10", LOW), ("2024-06-15", LOW),
    )  # fmt: skip
    found = asked(policy(), *dated)
    assert [tier(each) for each in found] == ["Gold", "Gold", "Silver", "Silver"]
    club = states_of(found[2])["club"]
    assert club.outcome.held_by == "movement.club.silver_in_dispute"
    assert happened(found[3]) == ["2024-03-01 postpone Silver"]
    by_day = history(policy(), [Entry(day(on), raw) for on, raw in dated])
    assert [tier(each) for each in by_day] == [tier(each) for each in found]


def test_on_the_day_of_a_review_the_condition_reads_the_tier_before_it() -> None:
    """Held is whoever was Silver the evening before: not on 1 February, on which Gold becomes Silver, but on 1 March."""
    found = asked(policy(), ("2024-01-15", HIGH), ("2024-01-20", LOW), ("2024-02-01", LOW))
    assert happened(found[-1]) == ["2024-02-01 down Silver"]
    of_march = asked(policy(), ("2024-01-15", HIGH), ("2024-01-20", LOW), ("2024-03-01", LOW))
    assert happened(of_march[-1]) == ["2024-02-01 down Silver", "2024-03-01 postpone Silver"]
    assert tier(of_march[-1]) == "Silver"


def test_a_state_of_the_day_itself_says_what_is_held() -> None:
    """What was held the evening before is not in it."""
    dated: tuple[Dated, ...] = (("2024-01-15", HIGH), ("2024-01-20", LOW), ("2024-02-01", LOW))
    *_, first, again = asked(policy(), *dated, dated[-1])
    assert states_of(first)["club"].outcome.held_by is None
    assert states_of(again)["club"].outcome.held_by == "movement.club.silver_in_dispute"
    assert tier(first) == tier(again) == "Silver"


@pytest.mark.parametrize(
    ("last", "held"), [("2024-02-15", True), ("2024-02-16", True), ("2024-02-17", False)]
)
def test_what_is_decided_by_hand_counts_on_the_evening_before(last: str, held: bool) -> None:
    """Gold, but set to Silver through 15 February: that is what was held on the evenings of 14 and 15 February."""
    until = day("2024-02-15")
    override = Override("set", "agreed", "li.wei", day("2024-01-20"), until, "Silver")
    dispute = HIGH | {"dispute": True}
    found = asked(policy(), ("2024-01-15", HIGH), ("2024-01-20", HIGH), (last, dispute), override=override)
    rule = states_of(found[-1])["club"].outcome.held_by
    assert rule == ("movement.club.silver_in_dispute" if held else None)


@pytest.mark.parametrize("on", ["2024-01-14", "2124-06-30"])
def test_states_that_are_refused_are_refused_as_before(on: str) -> None:
    of = policy()
    states = states_of(asked(of, ("2024-01-15", HIGH))[0])
    for engine in ("reference", "compiled"):
        with pytest.raises(FactsError) as error:
            engines.answer(of, read_facts(of, HIGH), as_of=day(on), states=states, engine=engine)
        assert [each.pointer.rpartition("/")[2] for each in error.value.problems] == ["as_of"]
        assert on in error.value.message()


def test_the_tier_held_decides_between_which_tiers_keeping_one_matters() -> None:
    """Whether Silver may be kept is not known, and does not matter to who came down to Basic in between."""
    text = (
        OPENING.replace("keep from 400", "keep from 400 and certified")
        + "  move down at review\n  move up at review\n"
    )
    of = compile_policy(Source(text.replace("fact fraud", 'fact certified: yes/no "Certified"\nfact fraud')))
    low, lost = {"spend": 100, "certified": False}, {"spend": 450}
    for dates in (("2024-01-20", "2024-02-10"), ("2024-01-20", "2024-02-01", "2024-02-10")):
        *_, last = asked(of, ("2024-01-15", HIGH), *((on, low) for on in dates[:-1]), (dates[-1], lost))
        assert (tier(last), last.missing) == ("Basic", ())


# ---------------------------------------------------------------- the day of entry


@pytest.mark.parametrize(
    ("condition", "held"),
    [("held club is Gold", True), ("held club is Silver", False), ("held club in Silver, Basic", False)],
)
def test_on_the_day_of_entry_conditions_ask_about_the_tier_that_is_entered(
    condition: str, held: bool
) -> None:
    """So a review before the next question is put off for whom the hold concerns, and for nobody else."""
    of = policy(f'  hold while {condition} "Kept"\n')
    entered, later = asked(of, ("2024-01-15", HIGH), ("2024-02-10", HIGH))
    assert tier(entered) == tier(later) == "Gold"
    assert states_of(entered)["club"].outcome.held_by == ("movement.club.kept" if held else None)
    assert happened(later) == (["2024-02-01 postpone Gold"] if held else [])


def test_whoever_comes_back_enters_as_if_for_the_first_time() -> None:
    closed = HIGH | {"closed": True}
    of = policy('  hold while held club is Silver "Kept"\n')
    found = asked(
        of, ("2024-01-15", HIGH), ("2024-01-20", closed), ("2024-03-10", HIGH), ("2024-04-10", HIGH)
    )
    assert [tier(each) for each in found] == ["Gold", None, "Gold", "Gold"]
    assert happened(found[-1]) == []


def test_which_tier_is_entered_may_not_be_known() -> None:
    """Then it is unknown what is held, and the hold may hold."""
    found = asked(policy('  hold while held club is Silver "Kept"\n'), ("2024-01-15", {}))
    assert states_of(found[0])["club"].outcome.held_by == "movement.club.kept"


def test_a_drop_asks_about_the_tier_that_is_entered_as_well() -> None:
    of = policy('  move down at once when held club is Gold and fraud "Fraud"\n')
    (high,) = asked(of, ("2024-01-15", HIGH | {"fraud": True}))
    (low,) = asked(of, ("2024-01-15", {"spend": 500, "fraud": True}))
    assert states_of(high)["club"].outcome.drops == ("movement.club.fraud",)
    assert states_of(low)["club"].outcome.drops == ()


# ---------------------------------------------------------------- every day, or every day that counts

FIRST = date(2024, 1, 15)
LAST = date(2024, 6, 20)
HELD = st.sampled_from(["is Gold", "is Silver", "is Basic", "in Gold, Silver", "in Silver, Basic"])
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "spend": st.sampled_from([100, 450, 600, 1200, None]),
        "dispute": st.sampled_from([True, True, False, None]),
        "fraud": st.sampled_from([True, False, False]),
        "closed": st.sampled_from([True, False, False]),
    },
)
ENTRIES = st.dictionaries(st.dates(FIRST + timedelta(days=1), LAST), CHANGES, max_size=5)


@st.composite
def policies(draw: st.DrawFn) -> CheckedPolicy:
    """Movements whose holds and drops ask for the tier held. Whatever moves does so on a review day, or where facts change."""
    some = [
        f"  move up {draw(st.sampled_from(['at review', 'at once']))}",
        f"  move down at review{draw(st.sampled_from(['', ', one step at a time', ', after 2 reviews in a row']))}",
        f"  hold while held club {draw(HELD)} and dispute",
        *draw(st.sampled_from([[], ["  keep a tier until end of month"]])),
        *(
            [f'  move down at once when fraud and held club {draw(HELD)} "Dropped"']
            if draw(st.booleans())
            else []
        ),
        *([f'  hold while fraud and held club {draw(HELD)} "Kept"'] if draw(st.booleans()) else []),
    ]
    return policy("\n".join([*some, ""]))


def days_that_count(changes: Mapping[date, object]) -> Iterator[date]:
    """Those on which facts change or a review is held, and the days after, on which the tier held is another."""
    reviews = [date(2024, month, 1) for month in range(2, 7)]
    days = {*changes, *reviews, LAST}
    return iter(sorted(days | {each + timedelta(days=1) for each in days if FIRST < each < LAST}))


@settings(max_examples=25, deadline=None)
@given(policies(), CHANGES, ENTRIES)
def test_asked_on_the_days_that_count_it_is_what_asking_every_day_gives(
    of: CheckedPolicy, opening: dict[str, object], later: dict[date, dict[str, object]]
) -> None:
    changes = {FIRST: HIGH | opening, **later}
    days = list(days_that_count(changes))
    by_day = {
        engine: history(of, [Entry(on, changes.get(on, {})) for on in days], engine)
        for engine in ("reference", "compiled")
    }
    states: dict[str, State] = {}
    facts: dict[str, Any] = {}
    for place, on in enumerate(days):
        facts = laid_over(facts, changes.get(on, {}))
        found = decide(of, read_facts(of, facts), as_of=on, states=states)
        states = states_of(found)
        for daily in by_day.values():
            assert states == states_of(daily[place])
            assert (tier(found), happened(found)) == (tier(daily[place]), happened(daily[place]))


# ---------------------------------------------------------------- a day now and then

GAPS = st.sampled_from([1, 2, 16, 17, 18, 30, 31, 60]) | st.integers(1, 90)
KNOWN = st.fixed_dictionaries(
    {"spend": st.sampled_from([100, 450, 600, 1200]), "closed": st.sampled_from([True, *[False] * 5])}
)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["Gold", "Silver", "Basic"]), st.lists(st.tuples(GAPS, KNOWN), min_size=2, max_size=6))
def test_a_condition_reads_what_the_answer_tells_of_the_evening_before(
    asks: str, course: list[tuple[int, dict[str, object]]]
) -> None:
    """Told are the moves since the day of the state; of who enters today, it is the tier entered."""
    of = policy(
        f'  move up at review\n  move down at review, one step at a time\n  hold while held club is {asks} "Kept"\n'
    )
    states: dict[str, State] = {}
    on, evening = FIRST, None
    for gap, raw in course:
        on += timedelta(days=gap)
        found = decide(of, read_facts(of, raw), as_of=on, states=states)
        assert found.over_time is not None
        for each in found.over_time.transitions:
            evening = each.after if each.on < on or each.kind == "enter" else evening
        states = states_of(found)
        if not raw["closed"]:
            held_by = states["club"].outcome.held_by
            assert held_by == ("movement.club.kept" if evening == asks else None)
        evening = tier(found)
