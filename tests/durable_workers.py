"""Workers that misbehave in every way that the cage must survive: what durable-rules dies of, and what anybody may.

Each is what a cage's worker runs (`Cage(entry=…)`); the functions must be importable by the process that is
started.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from engine.durable_worker import SEEN, Engine, serve

Fire = Callable[[Any], object]


def _serving(pipe: Connection, seconds: float, changed: Callable[[Engine], Fire]) -> None:
    """A worker that does everything as it should but fire."""
    engine = Engine()
    serve(pipe, {**engine.tasks, "fire": changed(engine)}, seconds)


def too_many_sessions(pipe: Connection, seconds: float) -> None:
    """Keeps every session: the 1,025th is one too many."""

    def changed(engine: Engine) -> Fire:
        def fire(sessions: Any) -> object:
            name = sessions[0][0]
            for number in range(5000):
                engine.host.assert_fact(name, {"sid": str(number), "id": 1, SEEN: 1})
            return engine.fire(sessions)

        return fire

    _serving(pipe, seconds, changed)


def hangs(pipe: Connection, seconds: float) -> None:
    """Never answers."""
    _serving(pipe, seconds, lambda _: lambda _: time.sleep(600))


def talks_nonsense(pipe: Connection, seconds: float) -> None:
    """Answers in bytes that are no JSON."""

    def changed(_: Engine) -> Fire:
        return lambda _: pipe.send_bytes(b"\xff\x00{")

    _serving(pipe, seconds, changed)


def answers_another_question(pipe: Connection, seconds: float) -> None:
    """Names rules that nobody has given it."""
    _serving(pipe, seconds, lambda _: lambda sessions: [[SEEN, "r99"] for _ in sessions])


def answers_too_little(pipe: Connection, seconds: float) -> None:
    """Loses the last answer."""
    _serving(pipe, seconds, lambda engine: lambda sessions: engine.fire(sessions)[:-1])


def repeats_itself(pipe: Connection, seconds: float) -> None:
    """Gives a wrong answer, under an old number, before each right one."""

    def changed(engine: Engine) -> Fire:
        def fire(sessions: Any) -> object:
            pipe.send_bytes(b'[0, "done", [["seen", "small"], ["seen", "small"]]]')
            return engine.fire(sessions)

        return fire

    _serving(pipe, seconds, changed)


def dies_of_a_big_number(pipe: Connection, seconds: float) -> None:
    """Dies whenever a fact's number is over a hundred."""

    def changed(engine: Engine) -> Fire:
        def fire(sessions: Any) -> object:
            if any(number > 100 for _, fact in sessions for number in fact.values()):
                os.kill(os.getpid(), signal.SIGSEGV)
            return engine.fire(sessions)

        return fire

    _serving(pipe, seconds, changed)


def never_starts(pipe: Connection, seconds: float) -> None:  # noqa: ARG001 - a worker's signature
    """Dies before it says a word."""
    os._exit(1)
