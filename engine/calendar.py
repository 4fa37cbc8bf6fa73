"""Days, months and spans of time, as the language counts them.

What goes by whole days stands in `dsl.calendar`, since the checker needs it too; here is what a day's seconds
and texts come to besides.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

from dsl.calendar import MONTHS_IN, Unit, add_days, add_months

DAY_SECONDS = 86400


def add_seconds(day: date, seconds: Fraction) -> date:
    """The day that holds the moment so many seconds after the start of `day`."""
    return add_days(day, floor(seconds / DAY_SECONDS))


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
