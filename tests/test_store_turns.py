"""Turns at a file, and one at a time: whoever waits gets it, gives it back, or leaves nothing behind; so does whoever fails."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pytest

from policies.registry.store.alone import alone
from policies.registry.store.connect import Store
from policies.registry.store.problems import StoreConflict
from policies.registry.store.turns import MOST, WAITS, turn
from tests.running import PATIENCE


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "lock")


def handles(path: str) -> int:
    """How many handles of the file this process has open."""
    found = 0
    for handle in os.listdir("/proc/self/fd"):
        try:
            found += os.path.realpath(f"/proc/self/fd/{handle}") == path
        except OSError:
            continue  # it was the one that listed them
    return found


def none_left(path: str) -> bool:
    """Whether every handle is closed, by a thread that still waited, too."""
    end = time.monotonic() + PATIENCE
    while handles(path) and time.monotonic() < end:
        time.sleep(0.01)
    return not handles(path)


def free(path: str) -> bool:
    """Whether the lock can be had."""
    with turn(path, 1):
        return True


def test_it_is_handed_on(path: str) -> None:
    order: list[str] = []

    def wait() -> None:
        with turn(path, PATIENCE):
            order.append("waited")

    with turn(path, 1):
        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.1)
        order.append("held")
    waiting.join(PATIENCE)
    assert order == ["held", "waited"]
    assert none_left(path)


def test_who_has_waited_too_long_gives_it_back_when_it_comes(path: str) -> None:
    with turn(path, 1):
        with pytest.raises(TimeoutError), turn(path, 0.05):
            raise AssertionError("nobody gave it back")
        assert handles(path) == 2, "ours, and that of the thread in the queue"
    assert none_left(path)
    assert free(path)


def refusing(nonblocking: bool) -> Callable[[int, int], None]:
    """A lock that the disk refuses: at once, or only to those who wait for it."""
    flock = fcntl.flock

    def refuse(handle: int, how: int) -> None:
        if bool(how & fcntl.LOCK_NB) == nonblocking:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
        flock(handle, how)

    return refuse


def test_a_lock_that_cannot_be_had_leaves_nothing_open(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", refusing(nonblocking=True))
    with pytest.raises(OSError, match="No locks available"), turn(path, 1):
        raise AssertionError("it was not held")
    assert handles(path) == 0


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_refuses_the_one_who_waits_is_told_at_once(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with turn(path, 1):
        monkeypatch.setattr(fcntl, "flock", refusing(nonblocking=False))
        with pytest.raises(OSError, match="No locks available"), turn(path, PATIENCE):
            raise AssertionError("it was not held")
        monkeypatch.undo()
    assert none_left(path)


def test_no_thread_is_to_be_had(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then one looks again and again."""

    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    released: list[TextIO] = []

    def release(_: float) -> None:
        fcntl.flock(released.pop(), fcntl.LOCK_UN)

    with open(path, "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        monkeypatch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(TimeoutError), turn(path, 0.05):
            raise AssertionError("it was not held")
        assert handles(path) == 1
        released.append(held)
        monkeypatch.setattr(time, "sleep", release)
        with turn(path, PATIENCE):
            assert handles(path) == 2
    monkeypatch.undo()
    assert free(path)


def test_no_crowd_is_left_behind(path: str) -> None:
    """However many give up while somebody holds it for long."""
    with turn(path, 1):
        for _ in range(MOST + 10):
            with pytest.raises(TimeoutError), turn(path, 0.01):
                raise AssertionError("nobody gave it back")
        assert [thread.name for thread in threading.enumerate()].count(WAITS) == MOST
        assert handles(path) == 1 + MOST
    assert none_left(path)
    assert free(path)


def test_ctrl_c_while_waiting_does_not_keep_the_lock(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = threading.Event.wait

    def interrupted(event: threading.Event, timeout: float | None = None) -> bool:
        if timeout == PATIENCE:
            raise KeyboardInterrupt
        return waits(event, timeout)

    with turn(path, 1):
        monkeypatch.setattr(threading.Event, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt), turn(path, PATIENCE):
            raise AssertionError("it was not held")
        monkeypatch.undo()
    assert none_left(path)
    assert free(path)


# ---------------------------------------------------------------- one at a time


def test_one_at_a_time(store: Store) -> None:
    for _ in range(2):
        with (
            alone(store, "count", "a count", "计数"),
            pytest.raises(StoreConflict, match="a count is under way already"),
            alone(store, "count", "a count", "计数"),
        ):
            raise AssertionError("two were in it")


def test_what_goes_wrong_in_the_block_is_not_the_databases(store: Store) -> None:
    """A full disk on which the caller writes is not the store's."""
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(OSError, match="No space left") as caught, alone(store, "count", "a count", "计数"):
        raise full
    assert caught.value is full
    with alone(store, "count", "a count", "计数"):
        assert full.errno == errno.ENOSPC
