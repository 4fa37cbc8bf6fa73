"""Taking up what is published, within a second, while decisions go on.

Each worker looks four times a second whether the chain of events has grown, which is one row. Where it has, and at midnight, a
new library is made beside the old one, and put on the shelf in one step: a decision that has begun goes on with the library
that it took, and none ever sees parts of two.

What is new is compiled before it is put there, so that nobody who asks waits for that; the first library is not, since the
worker compiles it beside the first requests.

A version that cannot be loaded leaves the policy as it was before it, also in a worker that starts only now; a store that
does not answer leaves everything as it was. Either raises an alarm: an error in the log, a count in the metrics, a line in
/readyz, until it is over. What keeps a version from being loaded may pass (no memory, no file that could still be opened), so
while its alarm stands it is tried again every half minute.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from api.catalogue import Catalogue, Loaded
from api.library import Library
from api.logs import log
from api.preparing import prepare_policy
from api.service import Alarm, Shelf
from dsl.model import CheckedPolicy
from policies.registry.store.chain import Head, read_head
from policies.registry.store.connect import Store, reading
from policies.registry.store.events import CHAIN
from policies.registry.store.problems import StoreError, StoreUnavailable
from policies.registry.store.timeline import History, history
from policies.registry.store.versions import Version, policies, versions

# In seconds. A published version is decided with after this and what it takes to load.
EVERY = 0.25
# In seconds. For so long a version that could not be loaded is left in peace: to try takes about as long as to check it.
AGAIN = 30.0
# What a version that cannot be loaded is known to raise: it is not there, has errors, or a timezone that nobody knows.
EXPECTED = (StoreError, LookupError, ValueError, OSError)

Count = Callable[[str], None]


class Watch:
    """One worker's look at the store; the only one who puts anything on its shelf. `count` is told of each alarm.

    `clock` counts seconds, and is never set.
    """

    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        count: Count | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._count = count
        self._clock = clock
        self._older = Loaded(store)
        self._seen: Head | None = None
        self._tried = clock()
        self._stop = threading.Event()

    def start(self) -> None:
        """Looks from now on, until the worker ends."""
        threading.Thread(target=self._watch, name="watches for publications", daemon=True).start()

    @property
    def library(self) -> Library:
        """What stands on the shelf now."""
        return self._shelf.library

    def stop(self) -> None:
        """Ends the watching."""
        self._stop.set()

    def _watch(self) -> None:
        while not self._stop.wait(EVERY):
            self.look()

    def look(self) -> None:
        """One look; what goes wrong is an alarm, and the next look tries again."""
        try:
            self.look_now()
        except StoreUnavailable as error:
            self._alarmed((Alarm(error.code), *self._not_loaded()))
        except Exception as error:  # a fault of ours must not end the watching
            alarm = Alarm("unexpected")
            if alarm not in self._shelf.alarms:  # it is looked several times a second, and said once
                log.error("looking for publications failed", exc_info=error)
            self._alarmed((alarm, *self._not_loaded()))

    def look_now(self) -> None:
        """One look. Raises `StoreUnavailable`."""
        with reading(self._store) as connection:
            seen = read_head(connection, CHAIN)  # its hash, too: a backup may have as many events
            if seen == self._seen and not self._day_is_over() and not self._is_to_be_tried():
                self._alarmed(self._not_loaded())
                return
            found = {name: history(versions(connection, name)) for name in policies(connection)}
        library, alarms = self._made(found)
        self._shelf.library = library
        self._seen, self._tried = seen, self._clock()
        self._alarmed(alarms)

    def _not_loaded(self) -> tuple[Alarm, ...]:
        """The alarms of versions: they stand until all versions are loaded anew, whatever else goes wrong meanwhile."""
        return tuple(each for each in self._shelf.alarms if each.version)

    def _is_to_be_tried(self) -> bool:
        """Whether there is a version that could not be loaded, and was left in peace for long enough."""
        return bool(self._not_loaded()) and self._clock() - self._tried >= AGAIN

    def _day_is_over(self) -> bool:
        """Whether another version holds by now of any policy than the one that is shown."""
        library, now = self._shelf.library, self._store.clock()
        if library.catalogue is None:
            return True
        return any(
            each.shown(now).number != library.policies[name].version
            for name, each in library.catalogue.histories.items()
        )

    def _made(self, found: Mapping[str, History]) -> tuple[Library, tuple[Alarm, ...]]:
        """The library of these histories, without the versions that cannot be loaded, and an alarm for each of those."""
        now = self._store.clock()
        histories: dict[str, History] = {}
        current: dict[str, CheckedPolicy] = {}
        alarms: list[Alarm] = []
        for name, every in found.items():
            sound, ready = self._sound(every, now, alarms)
            if sound.by_start:
                histories[name] = sound
                current |= ready
        shown = {name: current[each.shown(now).name] for name, each in sorted(histories.items())}
        return Library(shown, Catalogue(histories, current, self._older.policy, self._store.clock)), tuple(
            alarms
        )

    def _sound(
        self, history: History, now: datetime, alarms: list[Alarm]
    ) -> tuple[History, dict[str, CheckedPolicy]]:
        """A history without the versions that cannot be loaded, and those that hold now or later by their names, loaded."""
        ready: dict[str, CheckedPolicy] = {}
        while history.by_start:
            current = history.current(now)
            version = next((each for each in current if each.name not in ready), None)
            if version is None:
                return history, {each.name: ready[each.name] for each in current}
            try:
                ready[version.name] = self._ready(version)
            except StoreUnavailable:
                raise
            except Exception as error:  # whatever is wrong with one, the others are taken up
                alarm = Alarm("version-not-loaded", version.name)
                if not isinstance(error, EXPECTED) and alarm not in self._shelf.alarms:
                    log.error(
                        "unexpected error", exc_info=error, extra={"fields": {"policy": version.policy}}
                    )
                alarms.append(alarm)
                history = history.without(version)
        return history, {}

    def _ready(self, version: Version) -> CheckedPolicy:
        """A version, loaded; where another one was decided with before, it is compiled, too."""
        before = self._shelf.library.catalogue
        known = None if before is None else before.loaded(version)
        if known is not None:
            return known
        found = self._older.policy(version)
        if before is not None:
            prepare_policy(found)
        return found

    def _alarmed(self, alarms: tuple[Alarm, ...]) -> None:
        """Keeps the alarms of this look; tells the log and the metrics of those that are new."""
        for alarm in alarms:
            if alarm not in self._shelf.alarms:
                told = {"code": alarm.code} | ({"version": alarm.version} if alarm.version else {})
                log.error("what was published cannot be taken up", extra={"fields": told})
                if self._count is not None:
                    self._count(alarm.code)
        self._shelf.alarms = alarms
