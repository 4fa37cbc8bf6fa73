"""The versions of one policy in time, and which of them decides: the one place that knows, for commands and service alike.

A version holds from a day on, and that is a day of its own calendar: what it names as its `timezone`. So a version that is
published for a later day says nothing of today, wherever it lives.

* What is in force **on a day** is, of the versions with start <= that day, the one with the latest start; of several with one
  start the latest published.
* What is in force **at a moment** is the same of the versions with start <= that moment's day where each of them lives.
* **Today** is the moment's day where the version lives that is in force then; where none is yet, where the first lives that
  will be.
* **Known by the end of a day** means the end of that day where the version lives that was in force on it, as was known by then;
  where none was, where the first version lives. What is published later never changes what such a day means.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from policies.registry.store.days import end_of

if TYPE_CHECKING:
    from policies.registry.store.versions import Version

# Nowhere on Earth is the day further from UTC's: so whatever starts a day later, or did earlier, is settled without a calendar.
_APART = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class History:
    """The versions of one policy, one at least: `versions` by number, `by_start` by the day from which each holds.

    Of those that could not be loaded when they were to be taken up, `by_start` knows nothing: none of them is ever in force.
    """

    versions: tuple[Version, ...]
    by_start: tuple[Version, ...]

    def number(self, number: int) -> Version | None:
        """A version by its number; they have no gaps."""
        return self.versions[number - 1] if 0 < number <= len(self.versions) else None

    def meant(self, which: str) -> tuple[Version, ...] | None:
        """What `3` or `sha256:…` behind an @ may mean; None for what is no way to name a version.

        The hash has eight digits or more. Of versions alike in all their texts it means the latest; where several have
        the text but differ in what they use, it does not say which of these is meant, and they are all here, by number.
        """
        if which.startswith("sha256:") and len(which) >= len("sha256:") + 8:
            alike = {each.content: each for each in self.versions if each.hash.startswith(which)}
            return tuple(sorted(alike.values(), key=lambda each: each.number))
        if which.isascii() and which.isdecimal() and len(which) < 10:
            found = self.number(int(which))
            return () if found is None else (found,)
        return None

    def in_force(self, as_of: date, known_at: datetime | None = None) -> Version | None:
        """The version that holds on a day, of those known at a time (all that there are, where none is given)."""
        return next((each for each in self._latest_first(as_of) if was_known(each, known_at)), None)

    def at(self, moment: datetime, known_at: datetime | None = None) -> Version | None:
        """The version that holds at a moment, each by its own calendar, of those known at a time."""
        near = self._latest_first(moment.astimezone(UTC).date() + _APART)
        known = (each for each in near if was_known(each, known_at))
        return next((each for each in known if each.start <= each.day(moment)), None)

    def today(self, moment: datetime, known_at: datetime | None = None) -> date:
        """What day it is for the policy at a moment."""
        return (self.at(moment, known_at) or self._first).day(moment)

    def end_of(self, day: date) -> datetime:
        """The last moment of a day: what was published by then is known on it."""
        ends = ((each, end_of(day, each.timezone)) for each in self._latest_first(day))
        known = (end for each, end in ends if was_known(each, end))
        return next(known, None) or end_of(day, self.versions[0].timezone)

    def shown(self, now: datetime) -> Version:
        """The version that holds today; where none does yet, the first that will."""
        return self.at(now) or self._first

    def current(self, now: datetime) -> tuple[Version, ...]:
        """The version that is shown, and those that take over from it later."""
        shown = self.shown(now)
        begun = len(self._started(now.astimezone(UTC).date() - _APART))
        later = (each for each in self.by_start[begun:] if each.start > each.day(now) and each is not shown)
        return (shown, *later)

    def without(self, version: Version) -> History:
        """The history as if a version had never taken over."""
        return History(self.versions, tuple(each for each in self.by_start if each is not version))

    @property
    def _first(self) -> Version:
        """The version that will hold first, or did."""
        start = self.by_start[0].start
        return next(self._latest_first(start))

    def _latest_first(self, day: date) -> Iterator[Version]:
        """The versions that start by a day, in the order in which they take precedence."""
        return reversed(self._started(day))

    def _started(self, day: date) -> tuple[Version, ...]:
        """The versions that start by a day."""
        return self.by_start[: bisect_right(self.by_start, day, key=lambda each: each.start)]


def history(versions: Iterable[Version]) -> History:
    """The history of a policy from all its versions."""
    found = tuple(sorted(versions, key=lambda each: each.number))
    return History(found, tuple(sorted(found, key=lambda each: (each.start, each.number))))


def was_known(version: Version, known_at: datetime | None) -> bool:
    """Whether a version was published by a time; by now it was."""
    return known_at is None or version.published_at <= known_at
