"""The service as it runs, in processes of its own: started, asked, waited for and stopped.

Whatever is waited for has a minute, which a busy machine may need; a wait ends as soon as the thing has happened.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.api_client import POLICIES

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0
READY = "/readyz"
Kept = TypeVar("Kept")
# Where the processes that somebody started are listed.
CHILDREN = Path("/proc/self/task")


@dataclass
class Service:
    """A running service: its process, its port, how many workers it is to have, and what it wrote to standard error."""

    process: subprocess.Popen[str]
    port: int
    count: int
    said: list[str] = field(default_factory=list)

    def call(
        self, method: str, path: str, body: bytes | None = None, content: str = "application/json"
    ) -> tuple[int, bytes]:
        """One request on its own connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, {"Content-Type": content} if body is not None else {})
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    def answers(self) -> bool:
        """Whether it can be reached and is ready."""
        with suppress(OSError, http.client.HTTPException):
            return self.call("GET", READY)[0] == 200
        return False

    def workers(self) -> set[int]:
        """The processes that it started."""
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(number) for number in text.split()}

    def met(self, route: str, since: int = 0) -> set[int]:
        """The workers that have answered requests for a route, by the lines that were written after so many."""
        lines = (json.loads(line) for line in self.said[since:] if line.startswith("{"))
        return {line["process"] for line in lines if line.get("route") == route}

    def from_every_worker(self, ask: Callable[[], Kept], route: str) -> list[Kept]:
        """Asks until every worker has answered, by the lines on that route, and gives all answers."""
        before, found, end = len(self.said), [], time.monotonic() + PATIENCE
        while not (len(workers := self.workers()) == self.count and workers <= self.met(route, before)):
            assert time.monotonic() < end, "one of them does not answer"
            found.append(ask())
        return found

    def is_whole(self) -> bool:
        """Whether all its workers are there, and each has answered; asks once more on the way.

        A process that was only just started is not yet a worker: it opens the store, and does not hear signals.
        """
        if not self.answers():
            return False
        if not CHILDREN.exists():
            return True
        workers = self.workers()
        return len(workers) == self.count and workers <= self.met(READY)


def wait_for(what: Callable[[], object], patience: float = PATIENCE) -> None:
    """Waits until `what()` holds."""
    end = time.monotonic() + patience
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@contextmanager
def spawned(*command: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A process of the project's, killed at the end if it still runs."""
    with subprocess.Popen(command, cwd=ROOT, text=True, **options) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def serving(folder: Path, *before: str, workers: int = 2, **settings: object) -> Iterator[Service]:
    """A whole service with its own policies on a free port; stopped at the end. `before` stands before its command."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for number, text in enumerate(POLICIES):
        (folder / f"{number}.tier").write_text(text, "utf-8")
    given = {"policies": folder, "port": port, "workers": workers, **settings}
    environ = {**os.environ, **{f"TIERWISE_{name.upper()}": str(value) for name, value in given.items()}}
    environ["TMPDIR"] = str(folder)  # a service that is killed leaves its metrics behind
    process = subprocess.Popen(
        [*before, sys.executable, "-m", "api.cli", "serve"],
        cwd=ROOT,
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that a test can press Ctrl-C, and none of it outlives the test
    )
    service = Service(process, port, workers)
    reader = threading.Thread(target=lambda: service.said.extend(process.stderr or ()))
    reader.start()
    try:
        wait_for(lambda: process.poll() is not None or service.is_whole())
        assert process.poll() is None, service.said
        yield service
    finally:
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        reader.join()
        assert process.stderr
        process.stderr.close()
