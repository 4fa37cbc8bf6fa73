"""Workers that misbehave in every way that the cage must survive: what durable-rules dies of, and what anybody may.

Each is a program that a cage's worker may run instead of its own: `Cage(entry=entry(hangs))` starts this file with the
function's name.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from engine.durable_line import HEAD, MOST_MESSAGE
from engine.durable_process import Entry
from engine.durable_worker import SEEN, STDIN, Engine, answer, serve

Fire = Callable[[Any], object]
Worker = Callable[[socket.socket, float], None]


def entry(worker: Worker) -> Entry:
    """How a cage is told to run one of these."""
    return __name__, worker.__name__


def _serving(line: socket.socket, seconds: float, changed: Callable[[Engine], Fire]) -> None:
    """A worker that does everything as it should but fire."""
    engine = Engine()
    serve(line, {**engine.tasks, "fire": changed(engine)}, seconds)


def too_many_sessions(line: socket.socket, seconds: float) -> None:
    """Keeps every session: the 1,025th is one too many."""

    def changed(engine: Engine) -> Fire:
        def fire(sessions: Any) -> object:
            name = sessions[0][0]
            for number in range(5000):
                engine.host.assert_fact(name, {"sid": str(number), "id": 1, SEEN: 1})
            return engine.fire(sessions)

        return fire

    _serving(line, seconds, changed)


def hangs(line: socket.socket, seconds: float) -> None:
    """Never answers."""
    _serving(line, seconds, lambda _: lambda _: time.sleep(600))


def takes_nothing_in(line: socket.socket, seconds: float) -> None:  # noqa: ARG001 - a worker's signature
    """Says that it is there, and never looks at what it is sent."""
    answer(line, 0, "ready", None)
    os.kill(os.getpid(), signal.SIGSTOP)


def talks_nonsense(line: socket.socket, seconds: float) -> None:
    """Answers in bytes that are no JSON."""
    _serving(line, seconds, lambda _: lambda _: _said(line, b"\xff\x00{"))


def talks_deeply(line: socket.socket, seconds: float) -> None:
    """Answers in more brackets than can be read."""
    _serving(line, seconds, lambda _: lambda _: _said(line, b"[" * 100_000))


def breaks_off(line: socket.socket, seconds: float) -> None:
    """Sends half an answer, and then nothing more."""

    def half(_: object) -> object:
        line.sendall((1000).to_bytes(HEAD, "big") + b"[1,")
        os.kill(os.getpid(), signal.SIGSTOP)
        return None

    _serving(line, seconds, lambda _: half)


def announces_too_much(line: socket.socket, seconds: float) -> None:
    """Begins an answer that would fill the memory."""
    head = (MOST_MESSAGE + 1).to_bytes(HEAD, "big")
    _serving(line, seconds, lambda _: lambda _: line.sendall(head))


def never_comes_to_the_point(line: socket.socket, seconds: float) -> None:
    """Answers earlier questions for ever."""

    def chatter(_: object) -> object:
        while True:
            answer(line, 0, "done", [])

    _serving(line, seconds, lambda _: chatter)


def answers_another_question(line: socket.socket, seconds: float) -> None:
    """Names rules that nobody has given it."""
    _serving(line, seconds, lambda _: lambda sessions: [[SEEN, "r99"] for _ in sessions])


def answers_in_lists(line: socket.socket, seconds: float) -> None:
    """Names as rules what is no name."""
    _serving(line, seconds, lambda _: lambda sessions: [[SEEN, ["small"]] for _ in sessions])


def answers_too_little(line: socket.socket, seconds: float) -> None:
    """Loses the last answer."""
    _serving(line, seconds, lambda engine: lambda sessions: engine.fire(sessions)[:-1])


def repeats_itself(line: socket.socket, seconds: float) -> None:
    """Gives a wrong answer, under an old number, before each right one."""

    def changed(engine: Engine) -> Fire:
        def fire(sessions: Any) -> object:
            _said(line, b'[0, "done", [["seen", "small"], ["seen", "small"]]]')
            return engine.fire(sessions)

        return fire

    _serving(line, seconds, changed)


def dies_of_a_big_number(line: socket.socket, seconds: float) -> None:
    """Dies whenever a fact's number is over a hundred."""

    def changed(engine: Engine) -> Fire:
        def fire(sessions: Any) -> object:
            if any(number > 100 for _, fact in sessions for number in fact.values()):
                os.kill(os.getpid(), signal.SIGSEGV)
            return engine.fire(sessions)

        return fire

    _serving(line, seconds, changed)


def fails_in_an_action(line: socket.socket, seconds: float) -> None:
    """Notes each rule that fires, and then fails: durable-rules keeps that to itself, but for a word in the state."""
    engine = Engine()
    noting = engine.host.get_action

    def get_action(action_name: str) -> Callable[[object], None]:
        note = noting(action_name)

        def act(closure: object) -> None:
            note(closure)
            if action_name != SEEN:
                raise ValueError("a sentence that quotes a fact")

        return act

    engine.host.get_action = get_action  # type: ignore[method-assign]  # that is what is wrong with it
    serve(line, engine.tasks, seconds)


def quotes(line: socket.socket, seconds: float) -> None:
    """Fails with a sentence that quotes what it was asked."""

    def fail(sessions: Any) -> object:
        raise ValueError(f"not understood: {sessions}")

    _serving(line, seconds, lambda _: fail)


def prints(line: socket.socket, seconds: float) -> None:
    """Says what it does, on standard output."""

    def changed(engine: Engine) -> Fire:
        def fire(sessions: Any) -> object:
            print("a word that is no decision", flush=True)
            return engine.fire(sessions)

        return fire

    _serving(line, seconds, changed)


def never_starts(line: socket.socket, seconds: float) -> None:  # noqa: ARG001 - a worker's signature
    """Dies before it says a word."""
    os._exit(1)


def _said(line: socket.socket, data: bytes) -> None:
    line.sendall(len(data).to_bytes(HEAD, "big") + data)


if __name__ == "__main__":
    globals()[sys.argv[1]](socket.socket(fileno=STDIN), float(sys.argv[2]))
