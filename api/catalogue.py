"""Published policies as a worker knows them: every version by its number, and which of them holds when.

What is known of the versions is in memory, so that a decision asks no database which one decides. Those that hold today and
those to come are loaded when they are published; older ones when somebody asks for them, and kept for a while. A version
never changes, so what was loaded stays right.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from dsl.diagnostics import PolicyError
from dsl.model import CheckedPolicy
from policies.registry.store.connect import Store, reading
from policies.registry.store.days import day_of
from policies.registry.store.versions import Version, load, outdated

# Versions that are kept loaded beside those that hold.
MOST_LOADED = 128


@dataclass(frozen=True, slots=True)
class History:
    """The versions of one policy: `versions` by number, `by_start` by the day from which each holds.

    Of those that could not be loaded when they were to be taken up, `by_start` knows nothing: none of them is ever in force.
    """

    versions: tuple[Version, ...]
    by_start: tuple[Version, ...]

    def number(self, number: int) -> Version | None:
        """A version by its number; they have no gaps."""
        return self.versions[number - 1] if 0 < number <= len(self.versions) else None

    def of_hash(self, hash: str) -> Version | None:
        """The latest version with a hash that begins like this."""
        return next((each for each in reversed(self.versions) if each.hash.startswith(hash)), None)

    def in_force(self, as_of: date, known_at: datetime | None = None) -> Version | None:
        """The version that holds on a day, of those known at a time (`policies.registry.store.versions`)."""
        held = self.by_start[: bisect_right(self.by_start, as_of, key=lambda each: each.start)]
        known = (each for each in reversed(held) if known_at is None or each.published_at <= known_at)
        return next(known, None)

    def today(self, now: datetime) -> date:
        """What day it is for the policy."""
        return day_of(now, self.versions[-1].timezone)

    def shown(self, now: datetime) -> Version:
        """The version that holds today; where none does yet, the first that will."""
        return self.in_force(self.today(now)) or self.by_start[0]

    def current(self, now: datetime) -> tuple[Version, ...]:
        """The version that is shown, and those that take over from it later."""
        shown, today = self.shown(now), self.today(now)
        return (shown, *(each for each in self.by_start if each.start > today and each is not shown))

    def without(self, version: Version) -> History:
        """The history as if a version had never taken over."""
        return History(self.versions, tuple(each for each in self.by_start if each is not version))


def history(versions: tuple[Version, ...]) -> History:
    """The history of a policy from all its versions."""
    return History(
        tuple(sorted(versions, key=lambda each: each.number)),
        tuple(sorted(versions, key=lambda each: (each.start, each.number))),
    )


class Loaded:
    """Versions ready to decide with, loaded when they are asked for. Safe in threads."""

    def __init__(self, store: Store, most: int = MOST_LOADED) -> None:
        self._store = store
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, str], CheckedPolicy] = OrderedDict()

    def policy(self, version: Version) -> CheckedPolicy:
        """A version's policy.

        Raises `Refused` where its text is in error by now, `NotStored` where it was lost, `StoreUnavailable`.
        """
        key = version.name, version.hash  # a backup that was restored may give the number to another text
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        found = loaded(self._store, version)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found


def loaded(store: Store, version: Version) -> CheckedPolicy:
    """A version's policy, from the store. Raises as `Loaded.policy` does."""
    with reading(store) as connection:
        try:
            return load(connection, version)
        except PolicyError as error:
            raise outdated(version) from error


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All published policies by name. `current` are those versions that hold today or later, by name and number;
    `older` loads the others; `clock` is the store's.
    """

    histories: Mapping[str, History]
    current: Mapping[str, CheckedPolicy]
    older: Callable[[Version], CheckedPolicy]
    clock: Callable[[], datetime]

    def policy(self, version: Version) -> CheckedPolicy:
        """A version ready to decide with. Raises as `Loaded.policy` does."""
        return self.current.get(version.name) or self.older(version)
