"""The days that movement counts in: reviews, their windows, how long a tier is valid and what is given beyond it.

Everything is counted in calendar days. What is counted in months ends on the month's last day where the day is missing there (31 January and
a month: 28 or 29 February), and sums that would leave the calendar stop at its last day.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple, assert_never

from dsl.calendar import MOST_DAYS, add_days, add_months, end_of, in_month, start_of
from dsl.model.movement import Movement, Part, Review, Window
from dsl.validity import later
from engine.movement.states import State

PARTS: dict[int, Part] = {1: "month", 3: "quarter", 12: "year"}


class ReviewDay(NamedTuple):
    """A review that is to come, and the first and last day that it looks back over (None: the policy names no window)."""

    on: date
    first: date | None = None
    last: date | None = None


def review_after(review: Review, day: date, since: date, anniversary: date | None) -> date | None:
    """The first review day after `day`, for whoever reached their tier on `since`, that day or before.

    `anniversary` is the customer's own date, where reviews go by one: while that is not known there is no review.
    """
    match review.every:
        case "month":
            return _monthly(review.day, 1, day)
        case "quarter":
            return _monthly(review.day, 3, day)
        case "year":
            return _first_of(review.dates, day)
        case "anniversary":
            kept = anniversary if review.of is not None else since
            return None if kept is None else _first_of(((kept.month, kept.day),), day)
        case _:
            assert_never(review.every)


def is_review(review: Review, day: date, since: date, anniversary: date | None) -> bool:
    """Whether a review falls on a day: what `review_after` finds, told without a search."""
    match review.every:
        case "month":
            return _falls_on(day, day.month, review.day)
        case "quarter":
            return day.month % 3 == 1 and _falls_on(day, day.month, review.day)
        case "year":
            return any(_falls_on(day, month, number) for month, number in review.dates)
        case "anniversary":
            kept = anniversary if review.of is not None else since
            return kept is not None and _falls_on(day, kept.month, kept.day)
        case _:
            assert_never(review.every)


def next_review(movement: Movement, state: State) -> ReviewDay | None:
    """The next review of somebody who holds a tier, with its window; None where there is none to come."""
    review = movement.review
    if review is None or state.tier is None:
        return None
    on = review_after(review, state.as_of, state.since, state.outcome.anniversary)
    if on is None:
        return None
    return ReviewDay(on) if review.window is None else ReviewDay(on, *window_of(review.window, on))


def window_of(window: Window, review: date) -> tuple[date, date]:
    """The first and last day that a review on a day looks back over."""
    match window.to:
        case "review":
            end = review
        case "last month":
            end = start_of(review, "month")
        case "calendar":
            part = PARTS[window.length.months]
            last = add_days(start_of(review, part), -1)
            return start_of(last, part), last
        case "so far":
            return start_of(review, PARTS[window.length.months]), review
        case _:
            assert_never(window.to)
    return add_days(add_months(end, -window.length.months), -window.length.days), add_days(end, -1)


def kept_from_moving_before(movement: Movement, since: date) -> date:
    """The first day on which `keep a tier at least` lets somebody move down.

    Grace goes by the end of validity where a tier has one; otherwise it is given after the least time.
    """
    if movement.at_least is None:
        return since
    first = later(since, movement.at_least.length)
    if movement.grace is None or movement.until is not None:
        return first
    first = later(first, movement.grace.length)
    if movement.grace.to is None:
        return first
    return add_days(end_of(add_days(first, -1), movement.grace.to), 1)


@lru_cache(maxsize=MOST_DAYS)
def _monthly(number: int, months: int, day: date) -> date | None:
    """The first day after `day` that is the `number`th of a month, counted from January in steps of `months`."""
    year, month = day.year, day.month - (day.month - 1) % months
    found = in_month(year, month, number)
    if found > day:
        return found
    if month + months <= 12:
        return in_month(year, month + months, number)
    return None if year == date.max.year else in_month(year + 1, 1, number)


@lru_cache(maxsize=MOST_DAYS)
def _first_of(dates: tuple[tuple[int, int], ...], day: date) -> date | None:
    """The first day after `day` that is one of these days of the year."""
    years = (day.year, min(day.year + 1, date.max.year))
    days = (in_month(year, month, number) for year in years for month, number in dates)
    return min((found for found in days if found > day), default=None)


def _falls_on(day: date, month: int, number: int) -> bool:
    """Whether a day is the `number`th of a month, or that month's last where it has fewer days."""
    if day.month != month or day.day > number:
        return False
    return day.day == number or in_month(day.year, month, number) == day
