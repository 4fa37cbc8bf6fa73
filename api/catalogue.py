"""Published policies as a worker knows them: every version by its number, and which of them holds when (`timeline`).

What is known of the versions is in memory, so that a decision asks no database which one decides. Those that hold today and
those to come are loaded when they are published; older ones when somebody asks for them, and kept for a while. A version
never changes, so what was loaded stays right.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from dsl.diagnostics import PolicyError
from dsl.model import CheckedPolicy
from policies.registry.store.connect import Store, reading
from policies.registry.store.timeline import History
from policies.registry.store.versions import Content, Version, load, outdated

# Versions that are kept loaded beside those that hold.
MOST_LOADED = 128


class Loaded:
    """Versions ready to decide with, loaded when they are asked for. Safe in threads."""

    def __init__(self, store: Store, most: int = MOST_LOADED) -> None:
        self._store = store
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, Content], CheckedPolicy] = OrderedDict()

    def policy(self, version: Version) -> CheckedPolicy:
        """A version's policy.

        Raises `Refused` where its text is in error by now, `NotStored` where it was lost, `StoreUnavailable`.
        """
        key = version.name, version.content  # a backup that was restored may give the number to other texts
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

    def loaded(self, version: Version) -> CheckedPolicy | None:
        """A version that is loaded here already; none that only has its number, as after a backup was restored."""
        history = self.histories.get(version.policy)
        known = None if history is None else history.number(version.number)
        if known is None or known.content != version.content:
            return None
        return self.current.get(version.name)
