"""The cage from outside: it starts the worker, asks it, and replaces it when it dies, hangs or talks nonsense.

A request has a number, and only the answer with that number counts; an answer that comes after its request
was given up belongs to nobody. Asking twice gives the same answer, since a session leaves nothing behind: so
what was lost is simply asked again, of a new worker. What costs two workers in a row is not asked a third
time (`Incident`).
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from multiprocessing.connection import Connection
from typing import Any

from dsl.records import record
from engine import durable_worker
from engine.durable_worker import SEEN, Rules, Session

log = logging.getLogger("tierwise.durable")

# In seconds: how long the system may take to end a process that was killed.
TO_DIE = 5.0

ATTEMPTS = 2
# How many policies a worker holds at once; the one that was not asked for longest makes room.
MOST_LOADED = 50

# What a worker runs: it is given its end of the pipe, and how long it may take.
Entry = Callable[[Connection, float], None]


class NotInstalled(Exception):
    """durable-rules cannot be imported."""


class Lost(Exception):
    """A worker died, took too long, or gave an answer that is none."""


class Incident(Exception):
    """The same question cost two workers."""


@record
class Limits:
    """How long a worker may take to start, to take rulesets in, and to answer, in seconds.

    Each takes milliseconds, unless the machine is very busy.
    """

    start: float = 30.0
    load: float = 30.0
    fire: float = 5.0


class Cage:
    """One worker at a time, and what has happened to those before it.

    `counts` has `started`, `lost` (workers), and `incidents` (questions that were given up). `entry` is what a
    worker runs. Safe in threads: they take turns.
    """

    def __init__(self, limits: Limits | None = None, entry: Entry = durable_worker.main) -> None:
        self.counts: Counter[str] = Counter()
        self._limits = limits or Limits()
        self._entry = entry
        self._lock = threading.Lock()
        self._worker: _Worker | None = None

    @property
    def pid(self) -> int | None:
        """The process that works at present."""
        worker = self._worker
        return None if worker is None else worker.process.pid

    def fire(self, rulesets: Mapping[str, Rules], sessions: Sequence[Session]) -> list[list[str]]:
        """The rules of these rulesets that each fact fires.

        Rulesets of one name are the same for as long as the cage lives. Raises `Incident`, and `NotInstalled`.
        """
        with self._lock:
            for _ in range(ATTEMPTS):
                try:
                    return self._fired(rulesets, sessions)
                except Lost as error:
                    self._end()
                    self.counts["lost"] += 1
                    told = {"why": str(error)}
                    log.warning("the durable-rules worker was lost and is replaced", extra={"fields": told})
                except BaseException:
                    self._end()  # what was half asked is never to be answered
                    raise
            self.counts["incidents"] += 1
            raise Incident("the same question cost two workers")

    def close(self) -> None:
        """Ends the worker; the next question starts another."""
        with self._lock:
            self._end()

    def _fired(self, rulesets: Mapping[str, Rules], sessions: Sequence[Session]) -> list[list[str]]:
        if self._worker is None:
            if find_spec("durable") is None or find_spec("durable_rules_engine") is None:
                raise NotInstalled("durable-rules is not installed")
            self.counts["started"] += 1
            self._worker = _Worker(self._limits, self._entry)
            self._worker.greet()
        self._worker.hold(rulesets)
        answer = self._worker.ask("fire", sessions, self._limits.fire)
        if not _answers(answer, sessions, rulesets):
            raise Lost("it gave an answer to another question")
        fired: list[list[str]] = answer
        return fired

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.end()
            self._worker = None


class _Worker:
    """One process, its pipe, and the rulesets that it holds."""

    def __init__(self, limits: Limits, entry: Entry) -> None:
        spawning = multiprocessing.get_context("spawn")
        self.limits = limits
        self.pipe, inner = spawning.Pipe()
        # It ends itself somewhat later than it would be ended from here.
        seconds = 2 * max(limits.load, limits.fire)
        self.process = spawning.Process(target=entry, args=(inner, seconds), daemon=True)
        self.process.start()
        inner.close()  # so that the pipe ends when the worker does
        self.number = 0
        self.held: OrderedDict[tuple[str, ...], None] = OrderedDict()

    def greet(self) -> None:
        """Waits until it is there."""
        outcome, content = _reply(self.pipe, 0, self.limits.start)
        if outcome == "missing":
            raise NotInstalled(content)

    def hold(self, rulesets: Mapping[str, Rules]) -> None:
        """Gives it rulesets that it does not hold yet; takes the oldest away where it holds too many."""
        names = tuple(rulesets)
        if names not in self.held:
            self.ask("load", rulesets, self.limits.load)
            self.held[names] = None
            if len(self.held) > MOST_LOADED:
                self.ask("drop", self.held.popitem(last=False)[0], self.limits.load)
        self.held.move_to_end(names)

    def ask(self, task: str, given: object, seconds: float) -> Any:
        """What it answers to one request. Raises `Lost`."""
        self.number += 1
        try:
            self.pipe.send_bytes(json.dumps([self.number, task, given]).encode())
        except OSError as error:
            raise Lost("it was dead when it was asked") from error
        outcome, content = _reply(self.pipe, self.number, seconds)
        if outcome != "done":
            raise Lost(f"it failed: {content}")
        return content

    def end(self) -> None:
        """Kills it, whatever it does."""
        self.process.kill()
        self.process.join(TO_DIE)
        self.pipe.close()


def _reply(pipe: Connection, number: int, seconds: float) -> tuple[str, Any]:
    """The outcome and content of the answer with a number; answers to earlier requests are passed over."""
    while True:
        try:
            if not pipe.poll(seconds):
                raise Lost(f"it took longer than {seconds} seconds")
            own, outcome, content = json.loads(pipe.recv_bytes())
        except (EOFError, OSError) as error:
            raise Lost("it died") from error
        except (ValueError, TypeError) as error:
            raise Lost("it gave an answer that cannot be read") from error
        if own == number:
            return outcome, content


def _answers(answer: object, sessions: Sequence[Session], rulesets: Mapping[str, Rules]) -> bool:
    """Whether an answer can be one to these sessions: for each of them the names of rules, `SEEN` included."""
    return (
        isinstance(answer, list)
        and len(answer) == len(sessions)
        and all(
            isinstance(found, list) and SEEN in found and all(rule in rulesets[name] for rule in found)
            for found, (name, _) in zip(answer, sessions, strict=True)
        )
    )


def cage() -> Cage:
    """This process's own cage. A process that was forked does not share its parent's worker."""
    return _cage_of(os.getpid())


@cache
def _cage_of(pid: int) -> Cage:  # noqa: ARG001 - the key
    return Cage()
