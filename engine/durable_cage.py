"""The cage from outside: it asks the worker, and replaces it when it dies, hangs or talks nonsense.

A request has a number, and only the answer with that number counts; an answer that comes after its request
was given up belongs to nobody. Asking twice gives the same answer, since a session leaves nothing behind: so
what was lost is simply asked again, of a new worker. What costs two workers in a row is not asked a third
time (`Incident`).

A worker belongs to the process that started it. A process that is forked lets go of it at once, and starts its own when it has a
question: else the worker would outlive its parent, waiting for a child that never asks.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

from dsl.records import record
from engine.durable_process import WORKER, Entry, Lost, Process, Why, installed
from engine.durable_worker import SEEN, Rules, Session

log = logging.getLogger("tierwise.durable")

ATTEMPTS = 2
# How many rules a worker holds at once (they take some 12 KB each, and it has 1 GB): hundreds of policies.
# Where more are asked for, the policy that was not asked for longest makes room.
MOST_RULES_HELD = 20_000
# In seconds: how long a process that ends waits for a question that is under way in another thread.
AT_EXIT = 0.5

# What is counted, and of which kind.
Event = tuple[Literal["question", "started", "lost", "incident"], str]


class NotInstalled(Exception):
    """durable-rules cannot be imported."""


class Incident(Exception):
    """The same question cost two workers. `why` says how the second one was lost."""

    def __init__(self, why: Why) -> None:
        self.why = why
        super().__init__("the same question cost two workers")


@record
class Limits:
    """How long a worker may take to start, to take rulesets in, and to answer, in seconds.

    Each takes milliseconds, unless the machine is very busy.
    """

    start: float = 30.0
    load: float = 10.0
    fire: float = 5.0


@record
class Rulebook:
    """All rulesets of a policy. `name` follows from what they say, so rulebooks of one name are the same."""

    name: str
    rulesets: Mapping[str, Rules]

    @property
    def size(self) -> int:
        """How many rules there are in it."""
        return sum(len(rules) for rules in self.rulesets.values())


class Cage:
    """One worker at a time, and what has happened to those before it.

    `entry` is the program that a worker runs. Safe in threads: they take turns.
    """

    def __init__(self, limits: Limits | None = None, entry: Entry = WORKER) -> None:
        self._limits = limits or Limits()
        self._entry = entry
        self._worker: _Worker | None = None
        self._events: Counter[Event] = Counter()
        self._lock = threading.Lock()
        self._counting = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process that works at present."""
        worker = self._worker
        return None if worker is None else worker.process.pid

    def count(self, event: Event) -> None:
        """Notes that something happened."""
        with self._counting:
            self._events[event] += 1

    def counts(self) -> Counter[Event]:
        """What has happened in this process so far."""
        with self._counting:
            return self._events.copy()

    def fire(self, book: Rulebook, sessions: Sequence[Session]) -> list[list[str]]:
        """The rules of a policy's rulesets that each fact fires. Raises `Incident`, and `NotInstalled`."""
        with self._lock:
            lost: Why = "died"
            for _ in range(ATTEMPTS):
                try:
                    return self._fired(book, sessions)
                except Lost as error:
                    self._end()
                    lost = error.why
                    self.count(("lost", lost))
                    told = {"why": lost, "detail": str(error)}
                    log.warning("the durable-rules worker was lost and is replaced", extra={"fields": told})
                except BaseException:
                    self._end()  # what was half asked is never to be answered
                    raise
            self.count(("incident", lost))
            raise Incident(lost)

    def close(self, patience: float = -1) -> None:
        """Ends the worker; the next question starts another.

        A question that is under way in another thread comes first, for `patience` seconds (-1: however long).
        """
        if self._lock.acquire(timeout=patience):
            try:
                self._end()
            finally:
                self._lock.release()

    def let_go(self) -> None:
        """Forgets the worker, which goes on working: for a process that was forked from the one that it belongs to."""
        self._lock, self._counting = threading.Lock(), threading.Lock()  # whoever held them was left behind
        self._events = Counter()
        if self._worker is not None:
            self._worker.process.let_go()
            self._worker = None

    def _fired(self, book: Rulebook, sessions: Sequence[Session]) -> list[list[str]]:
        if self._worker is None:
            if not installed():
                raise NotInstalled("durable-rules is not installed")
            self.count(("started", ""))
            self._worker = _Worker(self._limits, self._entry)
            self._worker.greet()
        self._worker.hold(book)
        answer = self._worker.process.ask("fire", sessions, self._limits.fire)
        if not _answers(answer, sessions, book):
            raise Lost("unreadable", "it gave an answer to another question")
        fired: list[list[str]] = answer
        return fired

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.process.end()
            self._worker = None


class _Worker:
    """A process, and the rulebooks that it holds, with the size of each."""

    def __init__(self, limits: Limits, entry: Entry) -> None:
        self.limits = limits
        # It ends itself somewhat later than it would be ended from here.
        self.process = Process(entry, 2 * max(limits.load, limits.fire))
        self.held: OrderedDict[str, Rulebook] = OrderedDict()
        self.rules = 0

    def greet(self) -> None:
        """Waits until it is there."""
        outcome, content = self.process.reply(0, self.limits.start)
        if outcome == "missing":
            raise NotInstalled(content)

    def hold(self, book: Rulebook) -> None:
        """Gives it a rulebook that it does not hold yet; takes the oldest away where it holds too many rules."""
        if book.name not in self.held:
            self.process.ask("load", book.rulesets, self.limits.load)
            self.held[book.name] = book
            self.rules += book.size
            while self.rules > MOST_RULES_HELD and len(self.held) > 1:
                _, oldest = self.held.popitem(last=False)
                self.process.ask("drop", tuple(oldest.rulesets), self.limits.load)
                self.rules -= oldest.size
        self.held.move_to_end(book.name)


def _answers(answer: object, sessions: Sequence[Session], book: Rulebook) -> bool:
    """Whether an answer can be one to these sessions: for each of them the names of rules, `SEEN` included."""
    return (
        isinstance(answer, list)
        and len(answer) == len(sessions)
        and all(
            isinstance(found, list)
            and SEEN in found
            and all(isinstance(rule, str) and rule in book.rulesets[name] for rule in found)
            for found, (name, _) in zip(answer, sessions, strict=True)
        )
    )


@cache
def cage() -> Cage:
    """This process's own cage."""
    made = Cage()
    atexit.register(made.close, AT_EXIT)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=made.let_go)
    return made
