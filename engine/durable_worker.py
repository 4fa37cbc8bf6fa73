"""The inside of the cage: a process in which durable-rules runs, and nothing else that anybody would miss.

durable-rules is a C library that crashes or hangs outside narrow limits, so it never runs where decisions are made. This process knows
no policy: it is given rulesets, and facts to hold against them, and says which rules fired. Each fact is a session of its own: it is
asserted, what fires is noted, the session's state is looked at for an error and deleted. There is one thread, no timer, one live session
at a time, under an id that is always the same.

Every fact must fire the rule `SEEN`, which each ruleset has. That is how it is known that the engine took the
fact in, and it is what makes a ruleset's first state one that may be deleted: deleting a state in which no
rule ever fired crashes.

It is a program of its own (`python -m engine.durable_worker SECONDS`), whose standard input is the line to the cage
(`engine.durable_line`): so it needs nothing of the process that starts it, and ends when that closes the line.
"""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.durable_line import receive, send

STDIN = 0
SEEN = "seen"
SESSION = "1"
MESSAGE = 1

# In bytes: more than any policy needs, less than what would take the machine along.
MOST_MEMORY = 1 << 30

Rules = dict[str, Any]
# A ruleset's name, and the fact to hold against it.
Session = tuple[str, Mapping[str, Any]]


class SessionFailed(Exception):
    """durable-rules reports an error, or did not take a fact in."""


Tasks = Mapping[str, Callable[[Any], object]]


def main(seconds: float) -> None:
    """The worker: answers requests until the other end is closed. None may take longer than `seconds`."""
    line = socket.socket(fileno=STDIN)
    keep_to_itself()
    try:
        engine = Engine()
    except ImportError as error:
        answer(line, 0, "missing", str(error))
        return
    serve(line, engine.tasks, seconds)


def serve(line: socket.socket, tasks: Tasks, seconds: float) -> None:
    """Says that it is ready, then does one task after the other, until nobody is at the other end."""
    answer(line, 0, "ready", None)
    while True:
        try:
            request: list[Any] = receive(line, None)
        except (EOFError, OSError):
            return
        number, task, given = request
        _end_after(seconds)
        try:
            outcome, content = "done", tasks[task](given)
        except Exception as error:  # whatever durable-rules raises: the other end decides what to make of it
            # Only its kind: its sentence may quote a fact, and would be logged.
            outcome, content = "failed", type(error).__name__
        try:
            answer(line, number, outcome, content)
        except OSError:
            return
        _end_after(0)


def answer(line: socket.socket, number: int, outcome: str, content: object) -> None:
    """An answer: to which request, how it ended, and what came of it."""
    send(line, [number, outcome, content], None)


def keep_to_itself() -> None:
    """Takes this process out of the way of all others: memory has an end, a crash leaves no core behind, and no signal
    that the parent holds back keeps it from being ended.
    """
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _end_after(seconds: float) -> None:
    """Has the system end this process in so many seconds (0: not any more), if nobody else has: a call that hangs in
    C lets no Python run, and the parent may be gone.
    """
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


class Engine:
    """durable-rules with its rulesets, as the cage uses it. Raises `ImportError` where it is not installed."""

    def __init__(self) -> None:
        from durable import engine

        fired: list[str] = []

        class Host(engine.Host):  # type: ignore[misc]  # durable-rules ships no types
            """A host that starts no timer threads, and whose actions do no more than note that they ran."""

            def _run(self) -> None:
                """Nothing runs beside the one thread."""

            def get_action(self, action_name: str) -> Callable[[object], None]:
                """The recorder of one rule."""

                def note(_: object) -> None:
                    fired.append(action_name)

                return note

        self.fired = fired
        self.host = Host()
        self.not_handled = engine.MessageNotHandledException
        self.tasks: Tasks = {"load": self.load, "drop": self.drop, "fire": self.fire}

    def load(self, rulesets: dict[str, Rules]) -> None:
        """Takes rulesets in, and makes each ready to have states deleted. They are changed by it: they must be a
        copy, which what came through the pipe is.
        """
        self.host.set_rulesets(rulesets)
        self.fire([(name, {SEEN: 1}) for name in rulesets])

    def drop(self, names: Sequence[str]) -> None:
        """Forgets rulesets."""
        import durable_rules_engine  # type: ignore[import-not-found]  # a C module

        for name in names:
            ruleset = self.host._ruleset_directory.pop(name)
            self.host._ruleset_list.remove(ruleset)
            durable_rules_engine.delete_ruleset(ruleset._handle)

    def fire(self, sessions: Sequence[Session]) -> list[list[str]]:
        """The rules that each fact fires, each once. Raises `SessionFailed`."""
        return [self._session(name, fact) for name, fact in sessions]

    def _session(self, name: str, fact: Mapping[str, Any]) -> list[str]:
        self.fired.clear()
        try:
            self.host.assert_fact(name, {"sid": SESSION, "id": MESSAGE, **fact})
        except self.not_handled:
            self.fired.clear()
        error = self.host.get_state(name, SESSION).get("exception")
        self.host.delete_state(name, SESSION)
        found = list(dict.fromkeys(self.fired))
        if error is not None or SEEN not in found:
            raise SessionFailed(error or f"a fact was not taken in by {name}")
        return found


if __name__ == "__main__":
    main(float(sys.argv[1]))
