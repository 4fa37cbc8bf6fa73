"""When a ladder is reviewed, and over which time a review looks back: `review every year on 31 Dec for the 12
months before`.
"""

from __future__ import annotations

from calendar import monthrange
from typing import Literal

from dsl import ast
from dsl.checker.context import Context
from dsl.checker.expressions import expression
from dsl.checker.movement_gaps import COMMON_YEAR
from dsl.checker.movement_lines import Moving, Piece, count, lapse, pieces_of
from dsl.messages import ladders as ladder_messages
from dsl.messages import movement as messages
from dsl.model import Expr, Lapse, Review, Window
from dsl.types import DATE

Every = Literal["month", "quarter", "year"]

_EVERY: dict[str, Every] = {"MONTHLY": "month", "QUARTERLY": "quarter", "YEARLY": "year"}
_CALENDAR = {
    "CALENDAR_MONTH": Window(Lapse(months=1), "calendar"),
    "CALENDAR_QUARTER": Window(Lapse(months=3), "calendar"),
    "CALENDAR_YEAR": Window(Lapse(months=12), "calendar"),
    "MONTH_SO_FAR": Window(Lapse(months=1), "so far"),
    "QUARTER_SO_FAR": Window(Lapse(months=3), "so far"),
    "YEAR_SO_FAR": Window(Lapse(months=12), "so far"),
}
_ANNIVERSARY = frozenset({"ANNIVERSARY_OF", "ANNIVERSARY_OF_TIER"})
_DAYS_OF_A_MONTH = 31
# A yearly review whose day nobody named.
_NEW_YEAR = (1, 1)


def lower_review(ctx: Context, clause: ast.Clause, moving: Moving) -> Review | None:
    """`review …`; None after its problems have been reported."""
    # Its commas stand between dates: the line is one piece.
    whole = Piece(tuple(item for piece in pieces_of(clause) for item in piece.items))
    every = next(_EVERY[id] for id in _EVERY if id in whole.ids)
    rule = moving.rule("review")
    window = _window(ctx, whole)
    if not _fits(ctx, clause, whole, every) or (window is None and "FOR_THE" in whole.ids):
        return None
    if whole.ids & _ANNIVERSARY:
        of: Expr | None = None
        if (
            "ANNIVERSARY_OF" in whole.ids
            and (of := expression(ctx, whole.expr("ANNIVERSARY_OF"), DATE)) is None
        ):
            return None
        return Review(rule, "anniversary", of=of, window=window, span=clause.span)
    if every == "year":
        dates = _dates(ctx, whole, moving)
        return None if dates is None else Review(rule, "year", 1, dates, None, window, clause.span)
    number = whole.behind("ON_DAY")
    day: int | None = 1
    if isinstance(number, ast.Number):
        day = count(ctx, number, ("days of a month", "每月的日子"), _DAYS_OF_A_MONTH)
    return None if day is None else Review(rule, every, day, window=window, span=clause.span)


def _fits(ctx: Context, clause: ast.Clause, whole: Piece, every: Every) -> bool:
    """Whether the days named are days of such a calendar: dates of a year for a year, else a day of the month."""
    yearly = every == "year"
    wrong = {"ON_DAY"} if yearly else {"ON", *_ANNIVERSARY}
    if not whole.ids & wrong:
        return True
    first = next(item for item in whole.items if isinstance(item, ast.KeywordUse) and item.id in wrong)
    words = ctx.words(first.span.to(clause.span))
    named = {
        "month": ("monthly", "每月"),
        "quarter": ("quarterly", "每季"),
        "year": ("yearly", "每年"),
    }[every]
    helps = (
        ("write `on 31 Dec`", "请写 `于 12月31日`") if yearly else ("write `on day 20`", "请写 `每期第 20`")
    )
    ctx.report.add(
        messages.REVIEW_DAYS,
        first.span.to(clause.span),
        words=words,
        every=named[0],
        every_zh=named[1],
        help=helps[0],
        help_zh=helps[1],
    )
    return False


def _dates(ctx: Context, whole: Piece, moving: Moving) -> tuple[tuple[int, int], ...] | None:
    """The days of the year in the order of the calendar; each is one that every year has, named once."""
    found: dict[tuple[int, int], ast.MonthDay] = {}
    sound = True
    for item in whole.items:
        if not isinstance(item, ast.MonthDay):
            continue
        if not 1 <= item.month <= 12 or not 1 <= item.day <= monthrange(COMMON_YEAR, item.month)[1]:
            ctx.report.add(ladder_messages.NO_SUCH_DAY, item.span, month=item.month, day=item.day)
            sound = False
            continue
        first = found.setdefault((item.month, item.day), item)
        if first is not item:
            what, what_zh = (
                f"that a review is held on {ctx.words(item.span)}",
                f"于 {ctx.words(item.span)} 复核",
            )
            ctx.report.add(
                messages.LINE_TWICE,
                item.span,
                also=(first.span,),
                ladder=moving.name,
                what=what,
                what_zh=what_zh,
            )
            sound = False
    return (tuple(sorted(found)) or (_NEW_YEAR,)) if sound else None


def _window(ctx: Context, whole: Piece) -> Window | None:
    """The time that a review looks back over; None where none is named, or one that has been reported."""
    for id, window in _CALENDAR.items():
        if id in whole.ids:
            return window
    for node in whole.lengths():
        back = lapse(ctx, node)
        if back is not None:
            return Window(back, "last month" if "END_OF_LAST_MONTH" in whole.ids else "review")
    return None
