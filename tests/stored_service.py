"""The service of a store as it runs, and people who ask it without pause: for tests in which something happens meanwhile.

Whoever asks is a thread with a connection for each request, so that requests spread over the workers. What came back is kept
with the moment at which it was asked for; a connection that broke, because a process was killed, is only counted.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import select

from policies.registry.store import tables
from policies.registry.store.connect import Store, reading
from policies.registry.store.verify import verify
from tests.running import PATIENCE, READY, Service
from tests.store import assert_whole

DECISIONS = "/v1/decisions"
UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, its JSON, after how many seconds to come again, and when it was asked for and came."""

    status: int
    body: dict[str, Any]
    retry_after: str | None
    asked: float
    came: float


def call(
    service: Service,
    method: str,
    path: str,
    body: object = None,
    actor: str = "ann",
    patience: float = PATIENCE,
) -> Reply:
    """One request on its own connection. Raises `OSError` and `HTTPException` where that breaks."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=patience)
    headers = {"X-Actor": actor} | ({} if body is None else {"Content-Type": "application/json"})
    asked = time.monotonic()
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        reply = connection.getresponse()
        told = json.loads(reply.read())
        return Reply(reply.status, told, reply.headers["Retry-After"], asked, time.monotonic())
    finally:
        connection.close()


def decide(service: Service, customer: str | None = None, policy: str = "grading") -> Reply:
    """Asks for one decision."""
    asked: dict[str, object] = {"policy": policy, "facts": {"orders": 500}}
    return call(service, "POST", DECISIONS, asked if customer is None else {**asked, "customer": customer})


def alarms(service: Service) -> list[object]:
    """What the workers say of alarms, each at least once."""
    return service.from_every_worker(lambda: call(service, "GET", READY).body.get("alarms"), READY)


def assert_unavailable(reply: Reply, *codes: str) -> None:
    """A problem document that says what the store cannot (one of `codes`), and when to come again."""
    assert reply.status == UNAVAILABLE, reply
    assert reply.body["type"].endswith("store-unavailable")
    assert reply.body["errors"][0]["code"] in codes, reply.body
    assert reply.retry_after is not None
    assert int(reply.retry_after) >= 1


@dataclass
class Asking:
    """People who ask for decisions without pause, each time about another customer."""

    service: Service
    prefix: str
    replies: list[Reply] = field(default_factory=list)
    broken: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    customers: Iterator[int] = field(default_factory=count)

    def run(self) -> None:
        while not self.over.is_set():
            try:
                reply = decide(self.service, f"{self.prefix}{next(self.customers)}")
            except (OSError, http.client.HTTPException):
                self.broken.append(time.monotonic())
                time.sleep(0.01)
            else:
                self.replies.append(reply)
                if reply.status == UNAVAILABLE:
                    time.sleep(0.02)

    def good(self, since: float = 0.0) -> list[Reply]:
        """The decisions that were acknowledged, of those asked for from a moment on."""
        return [reply for reply in self.replies if reply.status == 200 and reply.asked >= since]

    def refused(self) -> list[Reply]:
        """Every other answer."""
        return [reply for reply in self.replies if reply.status != 200]


@contextmanager
def asking(service: Service, prefix: str = "C", people: int = 6) -> Iterator[Asking]:
    """Keeps so many people asking; when it is left they have stopped."""
    found = Asking(service, prefix)
    threads = [threading.Thread(target=found.run) for _ in range(people)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        found.over.set()
        for thread in threads:
            thread.join(3 * PATIENCE)


# ---------------------------------------------------------------- what must be there afterwards


def recorded_answers(store: Store) -> dict[str, dict[str, Any]]:
    """What was answered, by the decision's id. Every customer was asked about once, so that none may be there twice."""
    records, payloads = tables.records, tables.payloads
    query = select(records.c.id, records.c.customer, payloads.c.body).join(
        payloads, payloads.c.record == records.c.seq
    )
    with reading(store) as connection:
        rows = connection.execute(query).all()
    assert len({row.id for row in rows}) == len(rows)
    customers = [row.customer for row in rows if row.customer is not None]
    assert len(set(customers)) == len(customers), "a decision that was asked for once is recorded twice"
    return {row.id: json.loads(row.body)["answer"] for row in rows}


def assert_kept(store: Store, acknowledged: list[Reply]) -> None:
    """Every decision that was acknowledged is recorded as it was answered, none twice; and the store is whole."""
    found = recorded_answers(store)
    ids = [reply.body["decision_id"] for reply in acknowledged]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= found.keys()
    assert all(found[reply.body["decision_id"]] == reply.body for reply in acknowledged)
    assert list(verify(store)) == []
    assert_whole(store)
