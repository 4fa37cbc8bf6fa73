"""Days, months and spans of time, as the language counts them.

A month after a day is the same day of the next month, or that month's last (31 January + 1 month = 28
February). The calendar ends where Python's does, at the end of the year 9999; sums that would leave it stop
at its last (or first) day.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import floor
from typing import Literal

DAY_SECONDS = 86400

Unit = Literal["", "day", "month", "quarter", "year"]
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}

# Of days there are few beside customers: what is worked out of one is worked out again and again.
MOST_DAYS = 8192


def add_seconds(day: date, seconds: Fraction) -> date:
    """The day that holds the moment so many seconds after the start of `day`."""
    number = day.toordinal() + floor(seconds / DAY_SECONDS)
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


def start_of(day: date, unit: Unit) -> date:
    """The first day of the month, quarter or year that holds `day`."""
    length = MONTHS_IN[unit]
    return date(day.year, (day.month - 1) // length * length + 1, 1)


@lru_cache(maxsize=MOST_DAYS)
def end_of(day: date, unit: Unit) -> date:
    """The last day of the month, quarter or year that holds `day`."""
    last = add_months(start_of(day, unit), MONTHS_IN[unit] - 1)
    return date(last.year, last.month, monthrange(last.year, last.month)[1])


def since(day: date, today: date, unit: Unit) -> int:
    """Whole days, full months or full years from `day` to `today`; negative when `day` is still to come."""
    if unit == "day":
        return (today - day).days
    if day > today:
        return -since(today, day, unit)
    months = (today.year - day.year) * 12 + today.month - day.month
    if add_months(day, months) > today:
        months -= 1
    return months // MONTHS_IN[unit]


def days_between(later: date, earlier: date) -> Fraction:
    """`later - earlier` as a duration, in seconds."""
    return Fraction((later - earlier) // timedelta(days=1) * DAY_SECONDS)


def duration_text(seconds: Decimal | int) -> str:
    """A duration in seconds by ISO 8601, in the one canonical way: `P0D`, `P30D`, `PT15M`, `P1DT12H`."""
    whole = int(seconds)
    days, left = divmod(abs(whole), DAY_SECONDS)
    if not left and whole == seconds:
        return f"{'-' if whole < 0 else ''}P{days}D"
    hours, left = divmod(left, 3600)
    minutes, left = divmod(left, 60)
    # By its digits, since what decimals calculate is rounded as the caller's context has it.
    rest = "" if whole == seconds else f"{seconds:f}".partition(".")[2].rstrip("0")
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if left or rest:
        time += f"{left}{'.' if rest else ''}{rest}S"
    return f"{'-' if seconds < 0 else ''}P{f'{days}D' if days else ''}{f'T{time}' if time else ''}"


def period_text(months: Decimal | int) -> str:
    """A period by ISO 8601, counted in months: `P6M`."""
    return f"{'-' if months < 0 else ''}P{abs(int(months))}M"
