"""Events: who did what when. Every step of the workflow is one, in the transaction of the step itself.

Events are append-only and form a chain (`chain`). Their times never go back, even where the clock of a machine
does: what is asked as known at some moment is then always the beginning of the same story.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from dsl.records import record
from policies.registry.store.chain import Head, append, canonical, digest, take_head, time_behind
from policies.registry.store.tables import events

CHAIN = events.name


@record
class Event:
    """One thing that was done.

    `kind` is a past participle (`submitted`, `published`, `erased`); `draft` and `version` say what it was done to.
    `payload` holds what else there is to know, by kind. `hash` is its link in the chain.
    """

    seq: int
    at: datetime
    kind: str
    actor: str
    policy: str | None
    draft: int | None
    version: int | None
    reason: str | None
    payload: Mapping[str, Any]
    payload_hash: str
    prev: str
    hash: str


@record
class Place:
    """Where the next event will stand: behind `head`, as number `seq`, with the time `at`."""

    head: Head
    at: datetime

    @property
    def seq(self) -> int:
        """The number that the next event will have."""
        return self.head.seq + 1


def next_place(connection: Connection, now: datetime) -> Place:
    """The place of the next event; holds the chain until the transaction ends, so that writers queue here.

    Its time is `now`, or that of the event before, if a clock runs behind.
    """
    head = take_head(connection, CHAIN)
    return Place(head, time_behind(connection, events, head, now))


def append_event(
    connection: Connection,
    place: Place,
    kind: str,
    actor: str,
    *,
    policy: str | None = None,
    draft: int | None = None,
    version: int | None = None,
    reason: str | None = None,
    payload: Mapping[str, Any] | None = None,
) -> Place:
    """Adds an event at the place that `next_place` gave in this transaction; the answer is the place behind it."""
    body = canonical(payload or {})
    row = {
        "at": place.at,
        "kind": kind,
        "actor": actor,
        "policy": policy,
        "draft": draft,
        "version": version,
        "reason": reason,
        "payload": body,
        "payload_hash": digest(body),
    }
    return Place(append(connection, events, place.head, [row]), place.at)


def list_events(
    connection: Connection,
    *,
    policy: str | None = None,
    draft: int | None = None,
    after: int = 0,
    limit: int | None = None,
) -> Iterator[Event]:
    """Events in their order: of a policy, of a draft, or all; those behind number `after`."""
    query = select(events).where(events.c.seq > after).order_by(events.c.seq)
    if policy is not None:
        query = query.where(events.c.policy == policy)
    if draft is not None:
        query = query.where(events.c.draft == draft)
    for row in connection.execute(query.limit(limit)):
        yield event_of(row)


def last_event(connection: Connection, draft: int) -> Event | None:
    """The last thing that was done to a draft."""
    query = select(events).where(events.c.draft == draft).order_by(events.c.seq.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else event_of(row)


def event_of(row: Row[Any]) -> Event:
    """A row of the table as an event."""
    fields = dict(row._mapping)
    return Event(**(fields | {"payload": json.loads(fields["payload"])}))
