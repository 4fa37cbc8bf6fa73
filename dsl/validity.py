"""For how long a tier is valid, and what is given beyond it: lengths of time counted out from a day.

Movement goes by this, and the checker holds it against the reviews.
"""

from __future__ import annotations

from datetime import date

from dsl.calendar import add_days, add_months, end_of
from dsl.model.movement import Grace, KeepUntil, Lapse


def later(day: date, lapse: Lapse) -> date:
    """The day after a length of time: its months first, then its days."""
    moved = add_months(day, lapse.months) if lapse.months else day
    return add_days(moved, lapse.days)


def validity(until: KeepUntil | None, day: date) -> date | None:
    """The last day on which a tier is valid for who qualified on `day`; None: without end."""
    if until is None:
        return None
    qualified = later(day, until.later)
    if until.end_of == "next year":
        return _later_end(end_of(add_months(qualified, 12), "year"), until.plus)
    return _later_end(end_of(qualified, until.end_of), until.plus)


def grace_end(grace: Grace | None, through: date) -> date:
    """The last day on which a tier that was valid through a day is still kept."""
    if grace is None:
        return through
    last = _later_end(through, grace.length)
    return last if grace.to is None else end_of(last, grace.to)


def _later_end(day: date, lapse: Lapse) -> date:
    """The last day of a time that was to end on `day` and goes on for longer.

    What ends with a month still does so months later: the quarter's end on 30 June and a month is 31 July, as people mean it.
    """
    moved = add_months(day, lapse.months)
    if lapse.months and end_of(day, "month") == day:
        moved = end_of(moved, "month")
    return add_days(moved, lapse.days)
