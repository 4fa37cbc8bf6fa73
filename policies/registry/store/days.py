"""What a day is: from midnight to midnight where the policy says it lives (`timezone`), else in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

_SMALLEST = timedelta(microseconds=1)


def zone(timezone: str | None) -> tzinfo:
    """The zone that a policy names; UTC where it names none, so that every machine has the same day."""
    return ZoneInfo(timezone) if timezone else UTC


def day_of(moment: datetime, timezone: str | None) -> date:
    """The day that a moment falls on."""
    return moment.astimezone(zone(timezone)).date()


def end_of(day: date, timezone: str | None) -> datetime:
    """The last moment of a day: what is known `as known on 3 March` was published by then."""
    if day == date.max:  # the calendar has no day after it
        return datetime.max.replace(tzinfo=UTC)
    following = datetime.combine(day + timedelta(days=1), time(), zone(timezone))
    return following.astimezone(UTC) - _SMALLEST
