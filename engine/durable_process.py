"""The process that a worker runs in: how it is started, asked, and ended.

It is a fresh Python with a program of its own, not a copy of the process that asks: so it does not matter what that one is (a script, a
pool's worker, a server with threads), and nothing of it is run twice. All that it is told is where this package stands. Its standard
input is the line (`engine.durable_line`), its standard output nowhere.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from engine.durable_line import deadline, receive, send

# The module that a worker runs, and what it is given before the seconds that a request may take.
Entry = tuple[str, ...]
WORKER: Entry = ("engine.durable_worker",)

ROOT = Path(__file__).parent.parent
# In seconds: how long the system may take to end a process that was killed.
TO_DIE = 5.0

Why = Literal["died", "slow", "unreadable", "failed"]


class Lost(Exception):
    """A worker died, took too long, gave an answer that is none, or could not do what it was asked."""

    def __init__(self, why: Why, detail: str) -> None:
        self.why = why
        super().__init__(detail)


def installed() -> bool:
    """Whether durable-rules can be used here. A worker needs a socket for its standard input, which Windows has not."""
    if sys.platform == "win32":
        return False
    return find_spec("durable") is not None and find_spec("durable_rules_engine") is not None


class Process:
    """One worker and the line to it. Raises `Lost` where it cannot be started."""

    def __init__(self, entry: Entry, seconds: float) -> None:
        self.line, inner = socket.socketpair()
        self._number = 0
        with inner:  # closed here, so that the line ends when the worker does
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", *entry, str(seconds)],
                    stdin=inner.fileno(),
                    stdout=subprocess.DEVNULL,
                    env=_environment(),
                    process_group=0,  # Ctrl-C reaches the whole group of a terminal, and is the parent's affair
                )
            except OSError as error:
                self.line.close()
                raise Lost("died", f"it could not be started: {error.strerror}") from error

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def ask(self, task: str, given: object, seconds: float) -> Any:
        """What it answers to one request. Raises `Lost`."""
        self._number += 1
        until = deadline(seconds)
        try:
            send(self.line, [self._number, task, given], until)
        except TimeoutError as error:
            raise Lost("slow", f"it took nothing in for {seconds} seconds") from error
        except OSError as error:
            raise Lost("died", "it was dead when it was asked") from error
        outcome, content = self._reply(self._number, until, seconds)
        if outcome != "done":
            raise Lost("failed", f"it failed: {content}")
        return content

    def reply(self, number: int, seconds: float) -> tuple[str, Any]:
        """The outcome and content of the answer with a number. Raises `Lost`."""
        return self._reply(number, deadline(seconds), seconds)

    def _reply(self, number: int, until: float, seconds: float) -> tuple[str, Any]:
        """The same until a moment; answers to earlier requests are passed over."""
        while True:
            try:
                own, outcome, content = receive(self.line, until)
            except TimeoutError as error:
                raise Lost("slow", f"it took longer than {seconds} seconds") from error
            except (EOFError, OSError) as error:
                raise Lost("died", "it died") from error
            except (ValueError, TypeError) as error:
                raise Lost("unreadable", "it gave an answer that cannot be read") from error
            if own == number:
                return outcome, content

    def end(self) -> None:
        """Kills it, whatever it does."""
        self._process.kill()
        self.line.close()
        with suppress(subprocess.TimeoutExpired):  # dying takes it long: the system sees to it without us
            self._process.wait(TO_DIE)

    def let_go(self) -> None:
        """Leaves it to the process that started it, of which this one is a fork."""
        self.line.close()
        self._process.returncode = (
            0  # it is not this process's child, which would be warned that it still runs
        )


def _environment() -> dict[str, str]:
    """This process's own, but that Python finds this package first, wherever the process was started."""
    places = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
