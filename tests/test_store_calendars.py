"""Versions that live in different timezones: each begins on a day of its own calendar, and none moves another's days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.app import create_app
from api.config import Config
from policies.registry.store.connect import Store, reading
from policies.registry.store.days import day_of, end_of
from policies.registry.store.problems import NotStored
from policies.registry.store.timeline import history
from policies.registry.store.versions import Version, find, in_force_at
from tests.cli import Command, tierwise
from tests.store import START, Clock, address, published, text
from tests.test_store_calls import decided

__all__ = ["tierwise"]

# Where a day begins first, and where nearly last: 25 hours apart.
EARLY, LATE = "Pacific/Kiritimati", "Pacific/Pago_Pago"
DECISION = {"policy": "grading", "facts": {"orders": 500}}


def living(zone: str, label: str = "Key") -> str:
    """The small policy in a timezone."""
    return text(label=label).replace("Asia/Shanghai", zone)


def clock_of(store: Store) -> Clock:
    assert isinstance(store.clock, Clock)
    return store.clock


def found(store: Store, known_at: date | None = None, reference: str = "grading") -> int:
    """The number of the version that a command would decide by now."""
    with reading(store) as connection:
        return find(connection, reference, store.clock(), known_at).number


def answered(store: Store, **fields: object) -> tuple[int, str]:
    """The version that the service decides by now, and the day for which it does."""
    app = create_app(Config(), store=store)
    try:
        answer = decided(app.test_client(), **fields)
    finally:
        app.extensions["recorder"].close()
    return answer["policy"]["version"], answer["as_of"]


# ---------------------------------------------------------------- one story after the other


def test_a_version_for_later_does_not_move_today(store: Store) -> None:
    """It is 1 June where the version of today lives, and still 31 May where the one of 2030 does."""
    published(store, living(EARLY), start=date(2026, 6, 1))
    before = found(store), answered(store)
    assert before == (1, (1, "2026-06-01"))
    published(store, living(LATE, "Later"), start=date(2030, 1, 1))
    assert (found(store), answered(store)) == before
    with reading(store) as connection:
        holds = in_force_at(connection, "grading", store.clock())
    assert holds is not None
    assert holds.number == 1
    app = create_app(Config(), store=store)
    assert app.test_client().get("/v1/policies/grading/versions").get_json()["in_force"] == 1
    app.extensions["recorder"].close()


def test_a_version_for_later_does_not_move_what_was_known(store: Store) -> None:
    clock, first = clock_of(store), date(2026, 6, 1)
    published(store, living(EARLY))
    clock.at = datetime(2026, 6, 1, 10, 30, tzinfo=UTC)  # 2 June by then, half past midnight
    published(store, living(EARLY, "Mended"))
    knew = found(store, first), answered(store, known_at=first.isoformat())
    assert knew == (1, (1, "2026-06-02"))
    published(store, living(LATE, "Later"), start=date(2030, 1, 1))
    assert (found(store, first), answered(store, known_at=first.isoformat())) == knew
    assert found(store) == 2


def test_the_day_on_which_another_calendar_takes_over(store: Store) -> None:
    clock = clock_of(store)
    published(store, living(EARLY))
    published(store, living(LATE, "Later"), start=date(2026, 7, 1))
    clock.at = datetime(2026, 7, 1, 10, 59, tzinfo=UTC)
    assert (found(store), answered(store)) == (1, (1, "2026-07-02"))
    clock.at = datetime(2026, 7, 1, 11, 0, tzinfo=UTC)  # midnight where the new one lives
    assert (found(store), answered(store)) == (2, (2, "2026-07-01"))


def test_a_running_service_takes_it_over_at_that_midnight(store: Store) -> None:
    clock = clock_of(store)
    published(store, living(LATE))
    published(store, living(EARLY, "Later"), start=date(2026, 7, 1))
    app = create_app(Config(), store=store)
    client, watch = app.test_client(), app.extensions["watch"]
    for at, version, day in (
        (datetime(2026, 6, 30, 9, 59, tzinfo=UTC), 1, "2026-06-29"),
        (datetime(2026, 6, 30, 10, 0, tzinfo=UTC), 2, "2026-07-01"),
    ):
        clock.at = at
        watch.look()
        assert client.get("/v1/policies/grading").get_json()["version"] == version
        answer = decided(client)
        assert (answer["policy"]["version"], answer["as_of"]) == (version, day)
    app.extensions["recorder"].close()


def test_a_version_that_is_named_is_asked_for_its_own_today(store: Store) -> None:
    published(store, living(EARLY))
    published(store, living(LATE, "Later"), start=date(2030, 1, 1))
    assert answered(store, version=1) == (1, "2026-06-01")
    assert answered(store, version=2) == (2, "2026-05-31")


def test_where_none_holds_yet_the_first_that_will_says_what_day_it_is(store: Store) -> None:
    published(store, living(LATE), start=date(2026, 8, 1))
    published(store, living(EARLY, "Later"), start=date(2026, 9, 1))
    with pytest.raises(NotStored, match="holds on 2026-05-31"):
        found(store)
    app = create_app(Config(), store=store)
    client = app.test_client()
    assert "holds on 2026-05-31" in client.post("/v1/decisions", json=DECISION).get_data(as_text=True)
    assert client.get("/v1/policies/grading").get_json()["version"] == 1
    app.extensions["recorder"].close()
    published(store, living(EARLY, "Instead"), start=date(2026, 8, 1))
    with pytest.raises(NotStored, match="holds on 2026-06-01"):
        found(store)


# ---------------------------------------------------------------- the rule, read out loud


DAYS = st.integers(0, 4)
FIRST = date(2026, 6, 1)
PLANS = st.lists(st.tuples(DAYS, DAYS, st.sampled_from([EARLY, LATE, None])), min_size=1, max_size=5)


def planned(plan: list[tuple[int, int, str | None]]) -> list[Version]:
    """Versions that start, and are published, so many days after the first day."""
    made, at = [], START
    for number, (start, wait, zone) in enumerate(plan, 1):
        at += timedelta(hours=9 * wait)
        made.append(
            Version(
                policy="p",
                number=number,
                hash="sha256:0",
                uses=(),
                language_version=1,
                title=None,
                timezone=zone,
                author="ann",
                approvers=("bob",),
                publisher="bob",
                reason="because",
                comment=None,
                submitted_at=at,
                published_at=at,
                start=FIRST + timedelta(days=start),
                rolled_back=None,
                draft=number,
                event=number,
            )
        )
    return made


@given(plan=PLANS, hours=st.integers(-30, 150), later=st.integers(0, 60))
def test_in_force_at_a_moment(plan: list[tuple[int, int, str | None]], hours: int, later: int) -> None:
    made = planned(plan)
    moment, knew = START + timedelta(hours=hours), START + timedelta(hours=later)
    holding = [each for each in made if each.start <= day_of(moment, each.timezone)]
    known = [each for each in holding if each.published_at <= knew]
    every = history(made)
    expected = max(known, key=lambda each: (each.start, each.number), default=None)
    assert every.at(moment, knew) == expected
    shown = every.shown(moment)
    if holding:
        assert shown == max(holding, key=lambda each: (each.start, each.number))
    else:
        assert shown == min(made, key=lambda each: (each.start, -each.number))
    assert every.today(moment) == day_of(moment, shown.timezone)
    to_come = {each.number for each in made if each not in holding}
    assert {each.number for each in every.current(moment)} == {shown.number, *to_come}


@given(plan=PLANS, day=st.integers(-1, 6))
def test_the_end_of_a_day_is_never_moved_by_what_comes_after_it(
    plan: list[tuple[int, int, str | None]], day: int
) -> None:
    made, asked = planned(plan), FIRST + timedelta(days=day)
    end = history(made).end_of(asked)
    told = [
        each for each in made if each.start <= asked and each.published_at <= end_of(asked, each.timezone)
    ]
    version = max(told, key=lambda each: (each.start, each.number)) if told else made[0]
    assert end == end_of(asked, version.timezone)
    over_everywhere = end_of(asked, LATE)
    earlier = [each for each in made if each.published_at <= over_everywhere]
    if earlier:
        assert history(earlier).end_of(asked) == end


# ---------------------------------------------------------------- what was not known then


def test_a_version_that_was_not_published_then_is_refused_by_its_name_too(
    store: Store, tierwise: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = published(store).version
    monkeypatch.setenv("TIERWISE_DATABASE_URL", address(store))
    for reference in ("grading@1", f"grading@{version.hash}"):
        asked = ("decide", reference, "--facts", "-", "--as-of", "2026-07-01", "--known-at")
        early = tierwise(*asked, "2026-05-31", stdin='{"orders": 500}')
        assert (early.code, early.out) == (2, "")
        assert "`grading@1` was not published yet at that time" in early.err
        assert tierwise(*asked, "2026-06-01", stdin='{"orders": 500}').code == 0
    chinese = tierwise(*asked, "2026-05-31", "--lang", "zh", stdin='{"orders": 500}')
    assert "当时 `grading@1` 尚未发布" in chinese.err
