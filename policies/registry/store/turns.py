"""Taking turns at one SQLite file: writers queue on a file lock, in the kernel's order.

SQLite lets one write at a time. Whoever finds it busy sleeps and tries again, in steps of up to a tenth of a
second, and may lose to a newcomer each time; under load that costs more than the writing. A lock on a file beside
the database is handed on at once, to the one who waits longest. It is a courtesy only: what keeps the file whole is
SQLite's own lock. A process that dies gives its turn back by dying.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def turn(path: str, seconds: float) -> Iterator[None]:
    """Holds the lock file at `path`. Raises `TimeoutError` after `seconds`, `OSError` where it cannot be opened."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not _at_once(handle) and not _Waiting(handle).wait(seconds):
        raise TimeoutError(path)  # the one who waited in our place closes it
    try:
        yield
    finally:
        os.close(handle)


def _at_once(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _Waiting:
    """One who waits. The kernel's queue knows no time limit, so that a thread stands in it for us."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._settled = threading.Lock()
        self._given_up = False
        self._held = threading.Event()

    def wait(self, seconds: float) -> bool:
        threading.Thread(target=self._queue, name="waits for its turn", daemon=True).start()
        self._held.wait(seconds)
        with self._settled:
            self._given_up = not self._held.is_set()
        return not self._given_up

    def _queue(self) -> None:
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        with self._settled:
            self._held.set()
            if self._given_up:
                os.close(self._handle)
