"""What a verification knows of erasures: whose payloads must be gone, and whose may be.

Records are read a good while after the end of the events was noted, and erasures go on meanwhile. So there are two answers.
What intact events up to the noted end tell of was gone before the first record was read: a payload that stands there all the
same was put back. A payload that is missing may also have been erased since, which the newest events tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.registry.store.against import intact
from policies.registry.store.chain import link
from policies.registry.store.connect import Store, reading
from policies.registry.store.findings import Unreadable


class Erasures:
    """Up to which record the payloads of each customer were erased. `noted` is the last event that the walk comes to."""

    def __init__(self, noted: int) -> None:
        self._gone: dict[str, int] = {}
        self._perhaps: dict[str, int] = {}
        self._seen = noted

    def note(self, event: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
        """Takes in an erasure that the walk came to. One that was changed, which is said there, only excuses.

        Raises `Unreadable` where the payload is not that of an erasure.
        """
        customer, through = _told(payload)
        _raise(self._perhaps, customer, through)
        if _is_link(event):
            _raise(self._gone, customer, through)

    def undone(self, customer: str | None, seq: int) -> bool:
        """Whether what is there was erased."""
        return customer is not None and seq <= self._gone.get(customer, 0)

    def excuse(self, store: Store, customer: str | None, seq: int) -> bool:
        """Whether what is not there was erased; asked for only once that was seen, for it looks at what came since.

        Raises `StoreUnavailable`.
        """
        if customer is None:
            return False
        if seq > self._perhaps.get(customer, 0):
            self._look_on(store)
        return seq <= self._perhaps.get(customer, 0)

    def _look_on(self, store: Store) -> None:
        """Takes in the erasures since the last look."""
        with reading(store) as connection:
            later = list(intact(connection, "erased", after=self._seen))
        for event, payload in later:
            self._seen = event["seq"]
            try:
                customer, through = _told(payload)
            except Unreadable:
                continue  # the next verification comes to it
            if _is_link(event):
                _raise(self._perhaps, customer, through)


def _told(payload: Mapping[str, Any]) -> tuple[str, int]:
    """Whose payloads were erased, and up to which record. Raises `Unreadable`."""
    match payload:
        case {"customer": str(customer), "through": int(through)}:
            return customer, through
    raise Unreadable


def _is_link(event: Mapping[str, Any]) -> bool:
    return bool(link(event["prev"], event) == event["hash"])


def _raise(bounds: dict[str, int], customer: str, through: int) -> None:
    bounds[customer] = max(bounds.get(customer, 0), through)
