"""Review days, windows, validity and grace, on days where calendars go wrong."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.calendar import add_days
from dsl.model import Const
from dsl.model.movement import Grace, KeepUntil, Lapse, Move, Movement, Review, Window
from dsl.types import DATE
from dsl.validity import grace_end, later, validity
from engine.movement import Outcome, ReviewDay, State, next_review
from engine.movement.reviews import is_review, review_after, window_of
from tests.generating.movements import FIRST_DAYS, reviews

EARLY = date(2000, 1, 1)
YEARLY = Review("review", "year", dates=((12, 31), (6, 30)))


def days(review: Review, after: str, count: int, since: date = EARLY, own: date | None = None) -> list[str]:
    """The first review days after a day."""
    found, day = [], date.fromisoformat(after)
    for _ in range(count):
        coming = review_after(review, day, since, own)
        assert coming is not None
        found.append(coming.isoformat())
        day = coming
    return found


def test_every_month_on_a_day_or_its_last() -> None:
    assert days(Review("r", "month", 31), "2027-12-31", 4) == [
        "2028-01-31",
        "2028-02-29",
        "2028-03-31",
        "2028-04-30",
    ]
    assert days(Review("r", "month", 20), "2026-12-20", 1) == ["2027-01-20"]


def test_every_quarter_in_its_first_month() -> None:
    assert days(Review("r", "quarter", 31), "2026-01-31", 3) == ["2026-04-30", "2026-07-31", "2026-10-31"]
    assert days(Review("r", "quarter"), "2026-02-14", 1) == ["2026-04-01"]


def test_every_year_on_dates() -> None:
    assert days(YEARLY, "2026-06-29", 3) == ["2026-06-30", "2026-12-31", "2027-06-30"]


def test_anniversaries_of_the_tier_and_of_a_date() -> None:
    tier = Review("r", "anniversary")
    assert days(tier, "2024-02-29", 4, since=date(2024, 2, 29)) == [
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]
    joined = Review("r", "anniversary", of=Const(date(2019, 5, 3), DATE))
    assert days(joined, "2026-05-02", 2, own=date(2019, 5, 3)) == ["2026-05-03", "2027-05-03"]
    assert review_after(joined, date(2026, 5, 2), EARLY, None) is None


def test_no_review_after_the_calendar() -> None:
    assert review_after(Review("r", "month"), date(9999, 12, 5), EARLY, None) is None
    assert review_after(YEARLY, date.max, EARLY, None) is None


@settings(max_examples=100, deadline=None)
@given(reviews(), FIRST_DAYS, st.integers(0, 800))
def test_the_next_review_is_the_first_day_that_is_one(review: Review, since: date, gap: int) -> None:
    own, day = date(2020, 2, 29), since + timedelta(days=gap)
    coming = review_after(review, day, since, own)
    assert coming is not None
    assert coming > day
    between = (add_days(day, number) for number in range(1, (coming - day).days))
    assert not any(is_review(review, each, since, own) for each in between)
    assert is_review(review, coming, since, own)


@pytest.mark.parametrize(
    ("window", "review", "first", "last"),
    [
        (Window(Lapse(12), "review"), "2026-12-31", "2025-12-31", "2026-12-30"),
        (Window(Lapse(0, 90), "review"), "2026-03-01", "2025-12-01", "2026-02-28"),
        (Window(Lapse(12), "last month"), "2026-03-20", "2025-03-01", "2026-02-28"),
        (Window(Lapse(6), "last month"), "2028-03-01", "2027-09-01", "2028-02-29"),
        (Window(Lapse(12), "calendar"), "2027-01-03", "2026-01-01", "2026-12-31"),
        (Window(Lapse(3), "calendar"), "2026-04-01", "2026-01-01", "2026-03-31"),
        (Window(Lapse(1), "calendar"), "2028-03-31", "2028-02-01", "2028-02-29"),
        (Window(Lapse(12), "so far"), "2026-12-31", "2026-01-01", "2026-12-31"),
        (Window(Lapse(3), "so far"), "2026-05-20", "2026-04-01", "2026-05-20"),
        (Window(Lapse(1), "so far"), "2028-02-29", "2028-02-01", "2028-02-29"),
    ],
)
def test_windows(window: Window, review: str, first: str, last: str) -> None:
    assert window_of(window, date.fromisoformat(review)) == (
        date.fromisoformat(first),
        date.fromisoformat(last),
    )


def test_the_next_review_with_its_window() -> None:
    up, down = Move("up", "once"), Move("down", "review")
    movement = Movement(
        "grade", up, down, review=Review("r", "month", 20, window=Window(Lapse(12), "last month"))
    )
    state = State(date(2026, 3, 20), "B", date(2026, 1, 10), outcome=Outcome("B"))
    assert next_review(movement, state) == ReviewDay(date(2026, 4, 20), date(2025, 4, 1), date(2026, 3, 31))
    assert next_review(movement, state._replace(tier=None)) is None
    assert next_review(Movement("grade", up, down), state) is None


@pytest.mark.parametrize(
    ("until", "qualified", "through"),
    [
        (KeepUntil("v", "quarter"), "2026-02-15", "2026-03-31"),
        (KeepUntil("v", "year"), "2026-12-31", "2026-12-31"),
        (KeepUntil("v", "next year"), "2026-01-01", "2027-12-31"),
        (KeepUntil("v", "next year", plus=Lapse(1)), "2026-05-01", "2028-01-31"),
        (KeepUntil("v", "month", later=Lapse(12)), "2028-02-29", "2029-02-28"),
        (KeepUntil("v", "month", later=Lapse(1)), "2027-01-31", "2027-02-28"),
        (KeepUntil("v", "quarter", plus=Lapse(1)), "2026-05-15", "2026-07-31"),
        (KeepUntil("v", "month", plus=Lapse(1)), "2028-01-15", "2028-02-29"),
        (KeepUntil("v", "quarter", plus=Lapse(0, 15)), "2026-02-15", "2026-04-15"),
    ],
)
def test_validity(until: KeepUntil, qualified: str, through: str) -> None:
    assert validity(until, date.fromisoformat(qualified)) == date.fromisoformat(through)


def test_grace_is_rounded_on_request() -> None:
    through = date(2026, 3, 15)
    assert grace_end(None, through) == through
    assert grace_end(Grace("g", Lapse(2)), through) == date(2026, 5, 15)
    assert grace_end(Grace("g", Lapse(2), "month"), through) == date(2026, 5, 31)
    assert grace_end(Grace("g", Lapse(2), "quarter"), through) == date(2026, 6, 30)


def test_sums_stop_at_the_end_of_the_calendar() -> None:
    assert later(date(9999, 12, 1), Lapse(2, 5)) == date.max
    assert add_days(date.min, -1) == date.min
    assert validity(KeepUntil("v", "next year", plus=Lapse(1)), date(9999, 5, 1)) == date.max
