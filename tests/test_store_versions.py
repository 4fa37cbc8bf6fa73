"""Which version is in force: by the day it holds for and by what was known, and how versions are asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.engines import decide
from engine.facts import read_facts
from policies.registry.store import versions
from policies.registry.store.connect import Store, reading
from policies.registry.store.days import day_of, end_of
from policies.registry.store.problems import NotStored, Refused
from policies.registry.store.timeline import History
from tests.store import Clock, assert_whole, published, text

SHANGHAI = "Asia/Shanghai"


def clock_of(store: Store) -> Clock:
    assert isinstance(store.clock, Clock)
    return store.clock


def number(store: Store, as_of: date, known_at: datetime | None = None) -> int | None:
    found = history_of(store).in_force(as_of, known_at)
    return None if found is None else found.number


def history_of(store: Store, policy: str = "grading") -> History:
    with reading(store) as connection:
        found = versions.history_of(connection, policy)
    assert found is not None
    return found


def test_three_questions_about_the_third_of_march(store: Store) -> None:
    clock = clock_of(store)
    third = date(2026, 3, 3)
    clock.on(date(2026, 2, 1))
    published(store)
    clock.on(date(2026, 4, 1))
    published(store, text(label="mended"), start=date(2026, 3, 1), backdated=True)
    clock.on(date(2026, 5, 1))
    published(store, text(label="new"))
    then = end_of(third, SHANGHAI)
    assert number(store, third, then) == 1  # what did we say
    assert number(store, third) == 2  # what should we have said
    assert number(store, date(2026, 5, 2), then) == 1  # what the policy of then says today
    assert number(store, date(2026, 5, 2)) == 3
    assert number(store, date(2026, 1, 31)) is None
    assert number(store, third, end_of(date(2026, 1, 31), SHANGHAI)) is None


def test_published_at_the_very_moment_is_known(store: Store) -> None:
    at = published(store).version.published_at
    day = date(2026, 6, 1)
    assert number(store, day, at) == 1
    assert number(store, day, at - timedelta(microseconds=1)) is None
    every = history_of(store)
    assert every.at(at, at) == every.number(1)
    assert every.at(at, at - timedelta(microseconds=1)) is None


def test_a_scheduled_version_waits_for_its_day(store: Store) -> None:
    published(store)
    published(store, text(label="new"), start=date(2026, 9, 1))
    assert number(store, date(2026, 8, 31)) == 1
    assert number(store, date(2026, 9, 1)) == 2
    with reading(store) as connection:
        newest = versions.latest(connection, "grading")
        assert newest is not None
        assert newest.number == 2
        after = versions.taking_over(connection, "grading", date(2026, 6, 1))
        assert after == newest
        assert versions.taking_over(connection, "grading", date(2026, 9, 1)) is None


def test_a_version_may_begin_on_the_last_day_of_its_text(store: Store) -> None:
    until = text().replace("effective from 2026-01-01", "effective from 2026-01-01 until 2026-09-30")
    with pytest.raises(Refused, match="2026-10-01 is outside"):
        published(store, until, start=date(2026, 10, 1))
    done = published(store, until, start=date(2026, 9, 30)).version
    assert (done.number, done.start) == (1, date(2026, 9, 30))


def test_dated_parameters_follow_the_day_asked_for(store: Store) -> None:
    found = published(store).version
    with reading(store) as connection:
        policy = versions.load(connection, found)
    facts = read_facts(policy, {"orders": 150})
    tiers = [
        decide(policy, facts, as_of=day).tiers["grade"].tier for day in (date(2026, 6, 30), date(2026, 7, 1))
    ]
    assert tiers == ["A", "B"]  # the bar rises on 1 July


def test_a_day_is_the_policys_own(store: Store) -> None:
    published(store)
    evening = datetime(2026, 6, 1, 16, 30, tzinfo=UTC)
    assert history_of(store).today(evening) == date(2026, 6, 2)
    assert end_of(date(2026, 6, 1), SHANGHAI) == datetime(2026, 6, 1, 15, 59, 59, 999999, tzinfo=UTC)
    assert end_of(date.max, SHANGHAI) == datetime.max.replace(tzinfo=UTC)
    assert day_of(end_of(date(2026, 3, 29), "Europe/Berlin"), "Europe/Berlin") == date(2026, 3, 29)


DAYS = st.integers(0, 9)


@given(plan=st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=6), as_of=DAYS, known=DAYS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_force_as_its_rule_says(store: Store, plan: list[tuple[int, int]], as_of: int, known: int) -> None:
    """Against the rule read out loud, on a policy of its own each time."""
    clock, first = clock_of(store), date(2026, 3, 1)
    name = f"p{clock.at.toordinal()}_{abs(hash((tuple(plan), as_of, known)))}"
    rows = []
    base = max(clock.at, datetime(2026, 3, 1, tzinfo=UTC))
    for index, (start, wait) in enumerate(plan):
        base += timedelta(days=wait)
        clock.at = base
        day = first + timedelta(days=start)
        done = published(store, text(name), start=day, backdated=True)
        rows.append((day, index + 1, done.version.published_at))
    asked, knew = first + timedelta(days=as_of), rows[0][2] + timedelta(days=known)
    possible = [(day, index) for day, index, at in rows if day <= asked and at <= knew]
    found = history_of(store, name).in_force(asked, knew)
    assert (found and found.number) == (max(possible)[1] if possible else None)


# ---------------------------------------------------------------- asking


def test_references(store: Store) -> None:
    first = published(store).version
    published(store, text(label="new"))
    third = published(store).version  # the first text again
    day = date(2026, 6, 1)
    with reading(store) as connection:
        find = versions.find
        assert find(connection, "grading", day).number == 3
        assert find(connection, "grading@1", day) == first
        assert find(connection, f"grading@{first.hash}", day) == third
        assert find(connection, f"grading@{first.hash[:20]}", day) == third
        assert versions.policies(connection) == ("grading",)
        assert [each.number for each in versions.versions(connection, "grading")] == [3, 2, 1]


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("other", "no policy `other` was published"),
        ("other@1", "no policy `other` was published"),
        ("grading@7", "there is no version 7 of `grading`"),
        ("grading@latest", "write `grading@3` or"),
        ("grading@sha256:", "write `grading@3` or"),
        ("grading@sha256:%%%%%%%%", "there is no version sha256:%%%%%%%% of `grading`"),
        ("grading@99999999999999999999", "names no version"),
        ("grading", "no version of `grading` that was known then holds on 2025-01-01"),
    ],
)
def test_references_that_lead_nowhere(store: Store, reference: str, said: str) -> None:
    published(store)
    with reading(store) as connection, pytest.raises(NotStored, match=said) as caught:
        versions.find(connection, reference, date(2025, 1, 1))
    assert caught.value.message("zh") != caught.value.message("en")


def test_time_does_not_go_back(store: Store) -> None:
    """A clock that is put back does not put a publication before what others have seen already."""
    clock = clock_of(store)
    first = published(store).version
    clock.later(hours=-3)
    second = published(store, text(label="new")).version
    assert second.published_at == first.published_at
    assert_whole(store)
