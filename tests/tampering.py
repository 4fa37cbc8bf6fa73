"""A store with something of everything in it, and statements as somebody would give them who wants to change it unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, text

from policies.registry.store.connect import Store, writing
from policies.registry.store.records import erase
from policies.registry.store.verify import Known, verify
from policies.registry.store.writer import Recorder
from tests.recording import begin, loaded
from tests.store import address, published
from tests.store import text as policy_text

COUNT = 12


def filled(store: Store) -> Store:
    """Twelve records of four customers, three versions of two policies, an erasure."""
    policy = loaded(store)
    published(store, policy_text())
    published(store, policy_text(label="Best"))
    with Recorder(store) as recorder:
        for _, pending in [begin(recorder, policy, customer=f"C{number % 4}") for number in range(COUNT)]:
            pending.wait()
    erase(store, "C3", "dee", "asked to")
    assert list(verify(store)) == []
    return store


@contextmanager
def tampering(store: Store) -> Iterator[Callable[[str], object]]:
    """Statements as somebody would give them who may do everything to the database, triggers and keys put aside."""
    if store.file is None:
        with psycopg.connect(address(store)) as connection:
            connection.execute("set local session_replication_role = replica")
            yield lambda statement: connection.execute(statement.encode())
        return
    with writing(store) as sqlite:
        sqlite.exec_driver_sql("pragma defer_foreign_keys = on")
        with _no_triggers(sqlite):
            yield sqlite.exec_driver_sql
        sqlite.exec_driver_sql("pragma defer_foreign_keys = off")


@contextmanager
def unchecked(store: Store) -> Iterator[Callable[[str], object]]:
    """As `tampering`, and no constraint is in the way of what no column should hold."""
    with tampering(store) as change:
        if store.file is None:
            for table in ("events", "records"):
                change(f"alter table {table} drop constraint ck_{table}_seq")
            yield change
            for table in ("events", "records"):  # back for the next test, whatever stands there now
                change(f"alter table {table} add constraint ck_{table}_seq check (seq > 0) not valid")
        else:
            change("pragma ignore_check_constraints = on")
            yield change
            change("pragma ignore_check_constraints = off")


@contextmanager
def _no_triggers(connection: Connection) -> Iterator[None]:
    found = connection.execute(text("select name, sql from sqlite_master where type = 'trigger'")).all()
    for name, _ in found:
        connection.exec_driver_sql(f"drop trigger {name}")
    yield
    for _, sql in found:
        connection.exec_driver_sql(sql)


def told(store: Store, *known: Known) -> list[tuple[str, str, int]]:
    found = list(verify(store, known))
    assert all(each.message("en") and each.message("zh") for each in found)
    return [(each.kind, each.table, each.seq) for each in found]


def mended(store: Store) -> None:
    """PostgreSQL's tables as they were before `unchecked`, for the next test in the same database."""
    if store.file is not None:
        return
    with tampering(store) as change:
        for table, column in (
            ("payloads", "record"),
            ("versions", "event"),
            ("records", "seq"),
            ("events", "seq"),
        ):
            change(f"delete from {table} where {column} < 1")
        for table in ("events", "records"):
            change(f"alter table {table} validate constraint ck_{table}_seq")
