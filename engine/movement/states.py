"""What a customer's place on a ladder consists of over time, and what happens to it.

A `State` goes in with an `Outcome` (what the day's facts say of the ladder) and comes out as a new one beside
the `Transition`s on the way: nothing is remembered anywhere else. The state keeps the outcome of the last day
it was brought to, since that is what is known to hold until somebody says otherwise: whoever asks on more days
than he needs, with the same facts, always ends in the same state.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

OverrideKind = Literal["set", "floor", "freeze", "retain"]
TransitionKind = Literal[
    "enter", "up", "down", "leave", "notice", "withdraw", "renew", "postpone", "override", "override_end"
]


class Outcome(NamedTuple):
    """What a day's facts say of a ladder.

    `reached` is the tier that they give on their own: None where it is undecided (`possible` then says what it
    may be) or where the policy does not apply (`graded` is then False). `keeps` are the tiers whose `keep from` holds,
    best first. `held_by` is the rule of the first `hold` or `freeze` that holds or may hold, and `held_until` the last day
    of it, where nothing but `freeze until D` holds (of several the latest; None: as long as the facts stay). `drops` are the
    rules of `move down at once when` lines that surely hold, `cap` is the lowest tier that a cap `at once` surely sets, and
    `cap_by` that cap's rule. `anniversary` is the date that reviews on an anniversary go by, where that is a date of the
    customer's.
    """

    reached: str | None
    keeps: tuple[str, ...] = ()
    graded: bool = True
    possible: tuple[str, ...] = ()
    held_by: str | None = None
    drops: tuple[str, ...] = ()
    cap: str | None = None
    anniversary: date | None = None
    held_until: date | None = None
    cap_by: str | None = None


NOT_GRADED = Outcome(None, graded=False)


class Notice(NamedTuple):
    """A move down that is decided and not yet made: to `to`, decided on `given`, made on `due` unless the customer
    recovers before.
    """

    to: str
    given: date
    due: date


class Override(NamedTuple):
    """What somebody decided by hand, for a reason, from `start` through `end`; there is one of a kind in force at a time, and those that
    begin later wait beside it.

    `set` puts the customer on `tier`; `floor` keeps them from being below it; `freeze` leaves them where they were when it
    began, `retain` keeps them at least there (`tier` is then filled in when it begins).
    """

    kind: OverrideKind
    reason: str
    author: str
    start: date
    end: date
    tier: str | None = None


class State(NamedTuple):
    """Where a customer stands on a ladder, as movement left it at the end of `as_of`; overrides apart.

    `tier` is None for who is not graded, or not yet. `since` is the day the tier was reached, `through` the last day on
    which it is valid (None: without end). `missed` counts reviews in a row that asked for a lower tier. `postponed` is the
    day of a review that could not be held, because movement was held or the outcome unknown. `waits` says that a step up was
    made at once and the next is for the review. `outcome` is what the facts said last.
    """

    as_of: date
    tier: str | None
    since: date
    through: date | None = None
    missed: int = 0
    notice: Notice | None = None
    postponed: date | None = None
    waits: bool = False
    outcome: Outcome = NOT_GRADED
    overrides: tuple[Override, ...] = ()


class Transition(NamedTuple):
    """Something that happened to a customer on a ladder on a day, by a rule: the ladder's key where somebody enters or leaves,
    `override.KIND` for an override, otherwise a rule of the policy. `until` is the day on which a notice is due, or through
    which a tier is renewed or an override holds.
    """

    on: date
    kind: TransitionKind
    rule: str
    before: str | None
    after: str | None
    until: date | None = None


class Moved(NamedTuple):
    """What a day brought: the new state, the tier held (overrides included), and what happened on the way to it."""

    state: State
    held: str | None
    transitions: tuple[Transition, ...]
