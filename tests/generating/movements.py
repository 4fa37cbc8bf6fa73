"""Random movements, outcomes and histories of a customer on a ladder, on days where calendars go wrong."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal, NamedTuple, get_args

from hypothesis import strategies as st

from dsl.model import Const
from dsl.model.movement import (
    Grace,
    KeepAtLeast,
    KeepUntil,
    Lapse,
    Move,
    Movement,
    Notice,
    Review,
)
from dsl.types import DATE
from engine.movement.states import Outcome, Override, OverrideKind

# Leap days, month ends, and the turn of years of 53 weeks.
TURNS = (
    date(2024, 2, 29),
    date(2025, 1, 31),
    date(2026, 12, 28),
    date(2027, 1, 3),
    date(2028, 2, 28),
    date(2028, 8, 31),
)
FIRST_DAYS = st.sampled_from(TURNS) | st.dates(date(2024, 1, 1), date(2029, 12, 31))
GAPS = st.sampled_from((1, 28, 29, 30, 31, 90, 181, 365, 366)) | st.integers(1, 420)


class History(NamedTuple):
    """A customer's days: what the facts said on some of them, what was given by hand on some of those, and the last day."""

    outcomes: dict[date, Outcome]
    overrides: dict[date, Override]
    last: date


def lapses(months: int = 13) -> st.SearchStrategy[Lapse]:
    """Months, days or both."""
    days = st.sampled_from((1, 7, 30, 31, 45))
    some = st.integers(1, months)
    return st.builds(Lapse, some) | st.builds(Lapse, st.just(0), days) | st.builds(Lapse, some, days)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """It or, twice as often, nothing: rules that all stand together leave hardly anybody to move."""
    return st.none() | st.none() | strategy


@st.composite
def ladders(draw: st.DrawFn) -> tuple[Movement, str]:
    """A movement and the tiers of its ladder, best first."""
    tiers = "ABCDE"[: draw(st.integers(2, 5))]
    review = draw(st.none() | reviews())
    whens: tuple[Literal["once", "review"], ...] = ("once", "review") if review else ("once",)
    at = st.sampled_from(whens)
    most = st.sampled_from((None, None, 1, 1, 2, 3))
    floor = st.sampled_from((None, None, *tiers))
    drops = [
        Move(f"drop_{number}", "once", draw(most), 1, draw(floor))
        for number in range(draw(st.integers(0, 2)))
    ]
    movement = Movement(
        "grade",
        Move("up", draw(at), draw(most)),
        Move("down", draw(at), draw(most), draw(st.sampled_from((1, 1, 2, 3))) if review else 1, draw(floor)),
        tuple(drops),
        review,
        draw(maybe(st.builds(KeepAtLeast, st.just("keep"), lapses()))),
        draw(maybe(validities())),
        draw(
            maybe(
                st.builds(
                    Grace, st.just("grace"), lapses(4), st.sampled_from((None, "month", "quarter", "year"))
                )
            )
        ),
        draw(maybe(st.builds(Notice, st.just("notice"), lapses(3)))),
    )
    return movement, tiers


def reviews() -> st.SearchStrategy[Review]:
    """Every kind of calendar."""
    numbers = st.sampled_from((1, 15, 28, 29, 30, 31))
    year_days = st.sampled_from(((1, 1), (2, 28), (6, 30), (12, 31), (3, 31)))
    dates = st.lists(year_days, min_size=1, max_size=2, unique=True).map(tuple)
    return (
        st.builds(Review, st.just("review"), st.sampled_from(("month", "quarter")), numbers)
        | st.builds(lambda days: Review("review", "year", dates=days), dates)
        | st.just(Review("review", "anniversary"))
        | st.just(Review("review", "anniversary", of=Const(date(2020, 2, 29), DATE)))
    )


def validities() -> st.SearchStrategy[KeepUntil]:
    none = st.just(Lapse())
    ends = st.sampled_from(("month", "quarter", "year", "next year"))
    return st.builds(KeepUntil, st.just("valid"), ends, none | lapses(6), none | lapses(3))


@st.composite
def outcomes(
    draw: st.DrawFn, movement: Movement, tiers: str, day: date, *, overruled: bool = True
) -> Outcome:
    """What a day's facts may say; `overruled`: holds, caps and drops too."""
    kind = draw(st.sampled_from(("known",) * 14 + ("unknown", "not graded")))
    keeps = tuple(tier for tier in tiers if draw(st.integers(0, 5)) == 5)
    reached = draw(st.sampled_from(tiers))
    outcome = Outcome(reached, keeps, anniversary=draw(st.sampled_from((*TURNS[:3], None))))
    if kind == "unknown":
        possible = tuple(tier for tier in tiers if draw(st.booleans()))
        outcome = outcome._replace(reached=None, possible=possible)
    if kind == "not graded":
        outcome = Outcome(None, graded=False)
    if not overruled:
        return outcome
    if draw(st.integers(0, 9)) == 9:
        ends = draw(st.none() | (st.integers(0, 200).map(lambda days: day + timedelta(days=days))))
        outcome = outcome._replace(held_by="hold", held_until=ends)
    if draw(st.integers(0, 9)) == 9:
        outcome = outcome._replace(cap=draw(st.sampled_from(tiers)), cap_by="cap")
    drops = tuple(drop.rule for drop in movement.drops if draw(st.integers(0, 3)) == 3)
    return outcome._replace(drops=drops)


@st.composite
def histories(
    draw: st.DrawFn, movement: Movement, tiers: str, *, overrides: bool = True, overruled: bool = True
) -> History:
    """Up to nine days on which somebody says what the facts are."""
    day = draw(FIRST_DAYS)
    said: dict[date, Outcome] = {}
    given: dict[date, Override] = {}
    for _ in range(draw(st.integers(3, 9))):
        said[day] = draw(outcomes(movement, tiers, day, overruled=overruled))
        if overrides and draw(st.integers(0, 4)) == 4:
            given[day] = draw(overrides_on(day, tiers))
        day += timedelta(days=draw(GAPS))
    return History(said, given, day)


KINDS: tuple[OverrideKind, ...] = get_args(OverrideKind)


@st.composite
def crowded(draw: st.DrawFn, movement: Movement, tiers: str) -> History:
    """A history on every day of which an override is given, all of one kind or of two: they meet, wait and replace each other."""
    history = draw(histories(movement, tiers, overrides=False, overruled=False))
    kinds = tuple(draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=2)))
    return history._replace(
        overrides={day: draw(overrides_on(day, tiers, kinds)) for day in history.outcomes}
    )


@st.composite
def overrides_on(draw: st.DrawFn, day: date, tiers: str, kinds: tuple[OverrideKind, ...] = KINDS) -> Override:
    """An override that is given on a day, and begins then, later, or was to begin before."""
    kind = draw(st.sampled_from(kinds))
    start = day + timedelta(days=draw(st.sampled_from((0, 0, 1, 40, 200, -20))))
    end = start + timedelta(days=draw(st.integers(0, 300)))
    tier = draw(st.sampled_from(tiers)) if kind in ("set", "floor") else None
    return Override(kind, "agreed with the customer", "li.wei", start, end, tier)
