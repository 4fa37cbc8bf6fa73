"""How long it is between two reviews, compared with other lengths of time.

Months differ, so a length is a span of days: the fewest and the most that it can be. Something is longer or
shorter only where it is so whatever the month; where both are counted in months, they are compared as such.

What a day more or less decides (notice in days beside monthly reviews, a tier that runs out before it is reviewed) is
held against reviews as they fall in some years, a leap year among them.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from itertools import pairwise
from typing import assert_never

from dsl.calendar import add_days, add_months, in_month
from dsl.model import Lapse, Movement, Review, Window
from dsl.records import record
from dsl.validity import grace_end, validity

COMMON_YEAR = 2027
_DAYS_OF_A_MONTH = 31
# As people mean it: notice of 30 days is a month's.
_DAYS_OF_ANY_MONTH = 30
# Of any four years one is a leap year (or the one year in a century that is none).
_YEARS = 4


@record
class Gap:
    """The time between two reviews: the shortest and the longest there is in a review's calendar."""

    shortest: Lapse
    longest: Lapse


def gap(review: Review) -> Gap:
    """The gaps of a review's calendar."""
    match review.every:
        case "month":
            return Gap(Lapse(months=1), Lapse(months=1))
        case "quarter":
            return Gap(Lapse(months=3), Lapse(months=3))
        case "anniversary":
            return Gap(Lapse(months=12), Lapse(months=12))
        case "year":
            if len(review.dates) == 1:
                return Gap(Lapse(months=12), Lapse(months=12))
            days = [date(COMMON_YEAR, month, day).toordinal() for month, day in review.dates]
            between = [later - earlier for earlier, later in pairwise([*days, days[0] + 365])]
            return Gap(Lapse(days=min(between)), Lapse(days=max(between)))
        case _:
            assert_never(review.every)


def outlasts(length: Lapse, review: Review) -> bool:
    """Whether a length of time is longer than the shortest time between two reviews. Thirty days are not longer than a
    month, though February is shorter.
    """
    between = gap(review).shortest
    if length.days and between.months:
        return length.days > max(fewest_days(review), between.months * _DAYS_OF_ANY_MONTH)
    return shorter(between, length)


def fewest_days(review: Review) -> int:
    """The fewest days that there are between two reviews."""
    return min((following - one).days for one, following in _in_a_row(review, COMMON_YEAR))


def runs_out(movement: Movement, year: int) -> tuple[date, date, date] | None:
    """A review from `year` on, the last day of a tier that is renewed at it (with its grace), and the next review, where
    that comes later than the day after; None where every tier lasts until it is reviewed again.
    """
    if movement.review is None or movement.until is None:
        return None
    for one, following in _in_a_row(movement.review, year):
        through = validity(movement.until, one)
        last = None if through is None else grace_end(movement.grace, through)
        if last is not None and add_days(last, 1) < following:
            return one, last, following
    return None


def _in_a_row(review: Review, year: int) -> list[tuple[date, date]]:
    """Each review of a few years with the next one; an anniversary may be any day of the year."""
    years = range(year, min(year + _YEARS, date.max.year) + 1)
    if review.every == "anniversary":
        first = date(years[0], 1, 1)
        days = [add_days(first, number) for number in range((date(years[0], 12, 31) - first).days + 1)]
        return [(day, add_months(day, 12)) for day in days]
    months = {"month": range(1, 13), "quarter": (1, 4, 7, 10), "year": ()}[review.every]
    dates = review.dates or [(month, review.day) for month in months]
    return list(pairwise(in_month(each, month, day) for each in years for month, day in dates))


def reaches_the_end(review: Review, window: Window) -> bool:
    """Whether a window that ends on the day of its review (`the year so far`) sees every month, quarter or year to its last day.

    It does where a review falls on each of these last days. Those of an anniversary differ from customer to customer.
    """
    ends = {
        (month, monthrange(COMMON_YEAR, month)[1])
        for month in range(1, 13)
        if month % window.length.months == 0
    }
    match review.every:
        case "month":
            return review.day == _DAYS_OF_A_MONTH
        case "year":
            return ends <= set(review.dates)
        case "quarter" | "anniversary":  # a quarter's review is in its first month
            return False
        case _:
            assert_never(review.every)


def shorter(one: Lapse, other: Lapse) -> bool:
    """Whether a length is shorter than another, whatever the months."""
    if not one.days and not other.days:
        return one.months < other.months
    return _days(one)[1] < _days(other)[0]


def _days(lapse: Lapse) -> tuple[int, int]:
    """The fewest and the most days of a length: a month has 28 to 31, many in a row come closer to each other."""
    months = lapse.months
    return (
        lapse.days + max(months * 304 // 10 - 2, 0),
        lapse.days + (months * 305 // 10 + 2 if months else 0),
    )
