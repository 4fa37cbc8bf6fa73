"""The service while its processes are killed: what it acknowledged is recorded, once, and what was published is whole.

`make faults` (`TIERWISE_LONG=1`) kills during ten thousand decisions instead of some hundred. What databases do to the service is in
`test_service_databases.py`.
"""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from policies.registry.store.connect import Store, reading
from policies.registry.store.texts import hash_of
from policies.registry.store.versions import versions
from tests.running import Service, serving, wait_for
from tests.store import published, text
from tests.stored_service import Asking, Reply, asking, assert_kept, call

Open = Callable[..., Store]
LONG = bool(os.environ.get("TIERWISE_LONG"))
DECISIONS = 10_000 if LONG else 300
# So many decisions pass between one death of the whole service and the next.
LIFE = 1000 if LONG else 150
# So many at most between one death of a worker and the next.
KILL = 250 if LONG else 90

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="workers are found through /proc"
)


@dataclass
class Publishing:
    """Two people who publish one version after the other by calls; the labels of those that were acknowledged, by number."""

    service: Service
    prefix: str
    done: dict[int, str] = field(default_factory=dict)
    wrong: list[Reply] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        rounds = 0
        while not self.over.is_set():
            rounds += 1
            with suppress(OSError, http.client.HTTPException):
                self._publish(f"{self.prefix} {rounds}")
            time.sleep(0.05)

    def _publish(self, label: str) -> None:
        """One version on its whole way, unless a process dies under it."""
        draft = self._step("/v1/policies", "ann", text=text(label=label))
        way = f"/v1/drafts/{draft['draft']}"
        draft = self._step(f"{way}/submit", "ann", revision=draft["revision"], reason="because")
        done = self._step(f"{way}/publish", "bob", revision=draft["revision"], approve=True)
        self.done[done["version"]] = label

    def _step(self, path: str, actor: str, **fields: object) -> dict[str, Any]:
        reply = call(self.service, "POST", path, fields, actor)
        if reply.status not in (200, 201):
            self.wrong.append(reply)
            raise ConnectionAbortedError(str(reply))
        return reply.body


@contextmanager
def publishing(service: Service, prefix: str) -> Iterator[Publishing]:
    found = Publishing(service, prefix)
    thread = threading.Thread(target=found.run)
    thread.start()
    try:
        yield found
    finally:
        found.over.set()
        thread.join(60)


def kill_workers(service: Service, callers: Asking, count: int) -> int:
    """Kills one worker after the other, at random moments, until so many decisions were acknowledged; how many it killed."""
    killed = 0
    while len(callers.good()) < count:
        # After some more decisions, and then at any moment of one: who is killed while it starts is soon killed all the time.
        soon = len(callers.good()) + random.randint(10, KILL)
        wait_for(lambda: len(callers.good()) >= soon and living(service))  # noqa: B023 it is waited for here
        time.sleep(random.uniform(0.0, 0.05))
        with suppress(IndexError, ProcessLookupError):  # it went meanwhile by itself
            os.kill(random.choice(living(service)), signal.SIGKILL)
            killed += 1
    assert service.process.poll() is None, service.said
    return killed


def living(service: Service) -> list[int]:
    """The workers without those that died and were not yet buried."""
    states = {}
    for worker in service.workers():
        with suppress(OSError):
            states[worker] = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[0]
    return sorted(worker for worker, state in states.items() if state != "Z")


def test_killed_at_random_moments(store_url: str, opened: Open, tmp_path: Path) -> None:
    """Workers, and in the end of each of its lives the whole service, while it decides and publishes."""
    store = opened(store_url)
    published(store)
    acknowledged: list[Reply] = []
    numbers: dict[int, str] = {}
    killed = lives = 0
    while len(acknowledged) < DECISIONS:
        lives += 1
        with (
            serving(tmp_path, database_url=store_url) as service,
            publishing(service, f"Life {lives} version") as publisher,
            asking(service, f"L{lives}-") as callers,
        ):
            killed += kill_workers(service, callers, LIFE)
            os.killpg(service.process.pid, signal.SIGKILL)
            wait_for(lambda: not service.answers())
        assert callers.refused() == []
        assert publisher.wrong == []
        acknowledged += callers.good()
        numbers |= publisher.done
        assert_kept(store, acknowledged)
    print(
        f"{len(acknowledged)} decisions, {len(numbers)} versions; {killed} workers, {lives} services killed"
    )
    assert killed >= lives
    _assert_published(store, numbers, acknowledged)


def _assert_published(store: Store, acknowledged: dict[int, str], replies: list[Reply]) -> None:
    """The versions that were acknowledged are there, and every answer is that of the version which it names."""
    with reading(store) as connection:
        found = {each.number: each for each in versions(connection, "grading")}
        hashes = {number: each.hash for number, each in found.items()}
    assert acknowledged.keys() <= found.keys()
    labels = {hash_of(text(label=label)): label for label in acknowledged.values()}
    assert all(labels[hashes[number]] == label for number, label in acknowledged.items())
    for reply in replies:
        policy, grade = reply.body["policy"], reply.body["tiers"]["grade"]
        assert policy["hash"] == hashes[policy["version"]]
        assert grade["label"] == labels.get(policy["hash"], grade["label"])
