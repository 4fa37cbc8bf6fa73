"""A small policy, people, and a clock for the tests of the store; and what must hold of any store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import Connection, Table, select

from policies.registry.store import chain, drafts, tables, texts
from policies.registry.store.connect import Store, reading
from policies.registry.store.events import Event, list_events
from policies.registry.store.publications import Publication, publish
from policies.registry.store.texts import hash_of
from policies.registry.store.versions import covered, load, policies, versions
from policies.registry.store.workflow import approve, create, submit

ROOT = Path(__file__).parent.parent
START = datetime(2026, 6, 1, 8, tzinfo=UTC)

POLICY = """\
policy grading "Grading"
effective from 2026-01-01
currency CNY
timezone "Asia/Shanghai"
fact orders: money "Orders", at least 0
set bar: money = 100
  from 2026-07-01: 200
tiers grade by orders
  A "Key" from bar
  B "Other" otherwise
example "much"
  given orders = 500
  expect grade = A
"""


# The events that may have brought a draft into each state.
LAST = {
    "draft": {"created", "edited", "checked"},
    "submitted": {"submitted", "approved"},
    **{state: {state} for state in ("checked", "approved", "published", "rejected", "withdrawn")},
}


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def on(self, day: date, hour: int = 8) -> None:
        """Goes to an hour (UTC) of a day."""
        self.at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)


def text(name: str = "grading", label: str = "Key") -> str:
    """The policy under a name, with a label that tells one text from the next."""
    return POLICY.replace("policy grading", f"policy {name}").replace('"Key"', f'"{label}"')


def submitted(store: Store, author: str = "ann", policy: str = POLICY) -> drafts.Draft:
    """A draft that was handed in."""
    draft = create(store, policy, author)
    return submit(store, draft.id, draft.revision, author, "because")


def ready(store: Store, policy: str = POLICY, author: str = "ann", approver: str = "bob") -> drafts.Draft:
    """A draft that was approved."""
    draft = submitted(store, author, policy)
    return approve(store, draft.id, draft.revision, approver)


def published(
    store: Store,
    policy: str = POLICY,
    *,
    start: date | None = None,
    author: str = "ann",
    backdated: bool = False,
) -> Publication:
    """A version that two people published."""
    draft = ready(store, policy, author)
    comment = "to mend it" if backdated else None
    return publish(store, draft.id, draft.revision, "bob", start=start, backdated=backdated, comment=comment)


def address(store: Store) -> str:
    """Where a store is, password and all, as other programs take it."""
    url = store.engine.url.set(drivername=store.engine.dialect.name)
    return url.render_as_string(hide_password=False)


def wipe(url: str) -> None:
    """Empties a PostgreSQL store without its triggers, as only the server's owner may."""
    with psycopg.connect(url) as connection:
        connection.execute("set local session_replication_role = replica")
        for table in tables.metadata.tables:
            if table != "chain_heads":
                connection.execute(f"delete from {table}".encode())
        connection.execute("update chain_heads set seq = 0, hash = %s", [chain.NOTHING])
        connection.execute("select setval(pg_get_serial_sequence('drafts', 'id'), 1, false)")


def assert_whole(store: Store) -> None:
    """Chains unbroken, numbers without gaps, each version as its event says, no draft half way."""
    with reading(store) as connection:
        for table in (tables.events, tables.records):
            _assert_chained(connection, table)
        events = list(list_events(connection))
        _assert_versions_as_told(connection, events)
        last = {event.draft: event for event in events}
        for draft in drafts.drafts(connection):
            event = last[draft.id]
            assert event.payload["revision"] == draft.revision
            assert event.kind in LAST[draft.state]
            assert (draft.version is not None) == (draft.state == "published")


def _assert_chained(connection: Connection, table: Table) -> None:
    head = chain.Head(0, chain.NOTHING)
    for row in connection.execute(select(table).order_by(table.c.seq)).mappings():
        assert (row["seq"], row["prev"]) == (head.seq + 1, head.hash)
        assert row["hash"] == chain.link(row["prev"], row)
        head = chain.Head(row["seq"], row["hash"])
    assert head == chain.read_head(connection, table.name)


def _assert_versions_as_told(connection: Connection, events: list[Event]) -> None:
    assert all(chain.digest(chain.canonical(event.payload)) == event.payload_hash for event in events)
    assert [event.at for event in events] == sorted(event.at for event in events)
    told = {event.seq: event.payload["version"] for event in events if event.kind == "published"}
    found = [each for policy in policies(connection) for each in versions(connection, policy)]
    assert {version.event: covered(version) for version in found} == told
    for policy in policies(connection):
        numbers = [version.number for version in found if version.policy == policy]
        assert numbers == list(range(len(numbers), 0, -1))
    for version in found:
        assert load(connection, version).hash == version.hash
    for hash, kept in texts.read(connection, [version.hash for version in found]).items():
        assert hash_of(kept) == hash
