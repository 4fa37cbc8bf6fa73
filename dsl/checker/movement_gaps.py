"""How long it is between two reviews, compared with other lengths of time.

Months differ, so a length is a span of days: the fewest and the most that it can be. Something is longer or
shorter only where it is so whatever the month; where both are counted in months, they are compared as such.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from itertools import pairwise
from typing import assert_never

from dsl.model import Lapse, Review, Window
from dsl.records import record

_COMMON_YEAR = 2027
_DAYS_OF_A_MONTH = 31


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
            days = [date(_COMMON_YEAR, month, day).toordinal() for month, day in review.dates]
            between = [later - earlier for earlier, later in pairwise([*days, days[0] + 365])]
            return Gap(Lapse(days=min(between)), Lapse(days=max(between)))
        case _:
            assert_never(review.every)


def reaches_the_end(review: Review, window: Window) -> bool:
    """Whether a window that ends on the day of its review (`the year so far`) sees every month, quarter or year to its last day.

    It does where a review falls on each of these last days. Those of an anniversary differ from customer to customer.
    """
    ends = {
        (month, monthrange(_COMMON_YEAR, month)[1])
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
