"""How a ladder's tiers move over time: `movement of LADDER` as checked rules.

Days are calendar days in the policy's time zone; what is counted in months is clamped to the month's end.
What each rule does, and in which order they act, stands in `engine.movement.steps`.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from dsl.model.expressions import Expr, Text
from dsl.records import record
from dsl.source import NOWHERE, Span

Part = Literal["month", "quarter", "year"]


@record
class Lapse:
    """A length of time: whole months, whole days, or (after months) both."""

    months: int = 0
    days: int = 0


@record
class Window:
    """The time that a review looks back over.

    `to`: it ends on the day before the review (`review`), at the end of the month before it (`last month`), is the whole calendar month,
    quarter or year before the one that the review is in (`calendar`), or the one that the review is in, up to and including its day
    (`so far`); of the last two `length` is that of a whole one.
    """

    length: Lapse
    to: Literal["review", "last month", "calendar", "so far"]


@record
class Review:
    """The days on which a ladder is reviewed.

    `month` and `quarter`: on day `day` of each month, or of each quarter's first month (clamped). `year`: on each of `dates` (month, day).
    `anniversary`: on the day of the year of `of`, a date of the customer's, or of the day the tier was reached where `of` is None.
    """

    rule: str
    every: Literal["month", "quarter", "year", "anniversary"]
    day: int = 1
    dates: tuple[tuple[int, int], ...] = ()
    of: Expr | None = None
    window: Window | None = None
    span: Span = field(default=NOWHERE, compare=False)


@record
class Move:
    """`move up` or `move down`: at once or at a review, by how many tiers at most (None: to the tier that is reached).

    Of moving down: `after` that many reviews in a row, never below the tier `floor`; with a `condition` it happens at once where that holds,
    whatever is kept and without notice.
    """

    rule: str
    at: Literal["once", "review"]
    most: int | None = None
    after: int = 1
    floor: str | None = None
    condition: Expr | None = None
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@record
class KeepAtLeast:
    """`keep a tier at least 6 months`: nobody moves down before so long after the tier was reached."""

    rule: str
    length: Lapse
    span: Span = field(default=NOWHERE, compare=False)


@record
class KeepUntil:
    """`keep a tier until end of next year + 1 month`: the day through which a tier is valid.

    From the day on which the customer (again) qualified: `later` goes by, then to the end of its month, quarter or year, or of the next year,
    then `plus`.
    """

    rule: str
    end_of: Literal["month", "quarter", "year", "next year"]
    later: Lapse = Lapse()
    plus: Lapse = Lapse()
    span: Span = field(default=NOWHERE, compare=False)


@record
class Grace:
    """`give 2 months grace [to end of month]`: what a tier is still kept after it was valid or kept, rounded to the end of `to`."""

    rule: str
    length: Lapse
    to: Part | None = None
    span: Span = field(default=NOWHERE, compare=False)


@record
class Notice:
    """`give 30 days notice before moving down`."""

    rule: str
    length: Lapse
    span: Span = field(default=NOWHERE, compare=False)


@record
class Hold:
    """`hold while C` (nothing moves while it holds, or may hold) or `freeze until D` (nothing moves through that day): one of the two."""

    rule: str
    condition: Expr | None = None
    until: Expr | None = None
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@record
class Movement:
    """The movement of one ladder. `up` and `down` always stand: where an author is silent, up at once, and down at the review (at once where
    there is none), to the tier that is reached. `drops` are the `move down at once when` lines.
    """

    ladder: str
    up: Move
    down: Move
    drops: tuple[Move, ...] = ()
    review: Review | None = None
    at_least: KeepAtLeast | None = None
    until: KeepUntil | None = None
    grace: Grace | None = None
    notice: Notice | None = None
    holds: tuple[Hold, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)
