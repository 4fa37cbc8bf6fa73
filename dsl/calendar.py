"""Days and months, as the language counts them.

A month after a day is the same day of the next month, or that month's last (31 January + 1 month = 28
February). The calendar ends where Python's does, at the end of the year 9999; sums that would leave it stop
at its last (or first) day.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import Literal

Unit = Literal["", "day", "month", "quarter", "year"]
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}

# Of days there are few beside customers: what is worked out of one is worked out again and again.
MOST_DAYS = 8192


def add_days(day: date, days: int) -> date:
    """The day so many days later (or earlier), within the calendar."""
    number = day.toordinal() + days
    return date.fromordinal(min(max(number, date.min.toordinal()), date.max.toordinal()))


@lru_cache(maxsize=MOST_DAYS)
def add_months(day: date, months: int) -> date:
    """The same day `months` later, clamped to the month's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def in_month(year: int, month: int, number: int) -> date:
    """The `number`th of a month, or its last day."""
    try:
        return date(year, month, number)
    except ValueError:
        return date(year, month, monthrange(year, month)[1])


def start_of(day: date, unit: Unit) -> date:
    """The first day of the month, quarter or year that holds `day`."""
    length = MONTHS_IN[unit]
    return date(day.year, (day.month - 1) // length * length + 1, 1)


@lru_cache(maxsize=MOST_DAYS)
def end_of(day: date, unit: Unit) -> date:
    """The last day of the month, quarter or year that holds `day`."""
    last = add_months(start_of(day, unit), MONTHS_IN[unit] - 1)
    return date(last.year, last.month, monthrange(last.year, last.month)[1])
