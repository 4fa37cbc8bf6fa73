"""Taking turns at one SQLite file: writers queue on a file lock, in the kernel's order.

SQLite lets one write at a time. Whoever finds it busy sleeps and tries again, in steps of up to a tenth of a
second, and may lose to a newcomer each time; under load that costs more than the writing. A lock on a file beside
the database is handed on at once, to the one who waits longest. It is a courtesy only: what keeps the file whole is
SQLite's own lock. A process that dies gives its turn back by dying.

The kernel's queue knows no time limit, so that a thread stands in it for whoever waits. When that one gives up, the thread
must go on waiting, until the lock is free. So there are no more than some of them: where somebody holds the lock for minutes,
whoever comes then looks again and again instead.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Threads of this process that stand in a queue, at most, and what they are called by.
MOST = 32
WAITS = "waits for its turn"
# In seconds, between two looks of whoever has no such thread.
BETWEEN = 0.02


@contextmanager
def turn(path: str, seconds: float) -> Iterator[None]:
    """Holds the lock file at `path`. Raises `TimeoutError` after `seconds`, `OSError` where it cannot be opened or locked."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _at_once(handle) and not _in_time(handle, seconds):
            raise TimeoutError(path)
        yield
    finally:
        os.close(handle)


def _at_once(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _in_time(handle: int, seconds: float) -> bool:
    """Whether the lock is ours, after `seconds` at most: by a thread in the queue, if there is one to be had."""
    end = time.monotonic() + seconds
    if sum(thread.name == WAITS for thread in threading.enumerate()) < MOST:
        waiting = _Waiting(handle)
        if waiting.start():
            return waiting.wait(seconds)
    while time.monotonic() < end:
        time.sleep(BETWEEN)
        if _at_once(handle):
            return True
    return False


class _Waiting:
    """One who waits, and the thread that stands in the queue for us.

    It does so with a handle of its own to the same open file. The lock is the file's, and lasts until both are closed: we hold
    it when the thread has closed its own, and where we have given up and closed ours, that gives it back.
    """

    def __init__(self, handle: int) -> None:
        self._own = os.dup(handle)
        self._over = threading.Event()
        self._error: OSError | None = None

    def start(self) -> bool:
        """Whether there is a thread to be had."""
        try:
            threading.Thread(target=self._queue, name=WAITS, daemon=True).start()
        except RuntimeError:
            os.close(self._own)
            return False
        return True

    def wait(self, seconds: float) -> bool:
        """Whether the lock is ours, after `seconds` at most. Raises `OSError` where it cannot be had."""
        if not self._over.wait(seconds):
            return False
        if self._error is not None:
            raise self._error
        return True

    def _queue(self) -> None:
        try:
            fcntl.flock(self._own, fcntl.LOCK_EX)
        except OSError as error:
            self._error = error
        finally:
            os.close(self._own)
            self._over.set()
