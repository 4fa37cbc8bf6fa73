"""One byte changed, one row removed, put in or moved: `verify` finds it, says where, and finds nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Connection, text

from policies.registry.store import chain
from policies.registry.store.chain import Head
from policies.registry.store.connect import Store, reading, writing
from policies.registry.store.records import erase
from policies.registry.store.tables import records
from policies.registry.store.verify import Finding, Known, heads, verify
from policies.registry.store.writer import Recorder
from tests.recording import begin, loaded, recorded
from tests.store import address, published
from tests.store import text as policy_text

COUNT = 12


@pytest.fixture
def full(store: Store) -> Store:
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


ONE_THING: list[tuple[str, list[tuple[str, str, int]]]] = [
    ("update records set tier = 'B' where seq = 5", [("changed", "records", 5)]),
    ("update records set customer = null where seq = 5", [("changed", "records", 5)]),
    ("update records set version = 2 where seq = 1", [("changed", "records", 1)]),
    (
        "update records set hash = 'f' || substr(hash, 2, 62) || '0' where seq = 5",
        [("changed", "records", 5)],
    ),
    ("update records set prev = '0' where seq = 5", [("broken", "records", 5), ("changed", "records", 5)]),
    ("update payloads set body = replace(body, '500', '600') where record = 5", [("changed", "records", 5)]),
    ("delete from payloads where record = 5", [("removed", "records", 5)]),
    ("delete from records where seq = 5", [("removed", "records", 5)]),
    ("delete from records where seq in (5, 6)", [("removed", "records", 5)]),
    ("delete from records where seq = 1", [("removed", "records", 1)]),
    (f"delete from records where seq = {COUNT}", [("removed", "records", COUNT)]),
    ("update events set actor = 'eve' where seq = 2", [("changed", "events", 2)]),
    ("update events set payload = '{}' where seq = 2", [("changed", "events", 2)]),
    ("delete from events where seq = 2", [("removed", "events", 2)]),
    ("update versions set publisher = 'eve' where policy = 'recorded'", [("changed", "versions", 5)]),
    (
        "update versions set number = 3 where number = 2",
        [("removed", "versions", 15), ("added", "versions", 15)],
    ),
    ("delete from versions where policy = 'recorded'", [("removed", "versions", 5)]),
    (
        "insert into versions select policy, 9, hash, uses, language_version, title, timezone, author,"
        " approvers, publisher, reason, comment, submitted_at, published_at, start, rolled_back, draft,"
        " event from versions where policy = 'recorded'",
        [("added", "versions", 5)],
    ),
    (f"update chain_heads set hash = '{'1' * 64}' where name = 'records'", [("end", "records", COUNT)]),
]


@pytest.mark.parametrize(("statement", "expected"), ONE_THING)
def test_one_thing(full: Store, statement: str, expected: list[tuple[str, str, int]]) -> None:
    with tampering(full) as change:
        change(statement)
    assert told(full) == expected


def test_a_text_that_was_changed(full: Store) -> None:
    with tampering(full) as change:
        change("update texts set text = replace(text, '+60', '+61')")
    assert told(full) == [("changed", "texts", 0)]
    with tampering(full) as change:
        change("delete from texts where text like '%+61%'")
    assert told(full) == [("removed", "texts", 5)]


def test_two_that_changed_places(full: Store) -> None:
    with tampering(full) as change:
        for before, after in ((5, 99), (6, 5), (99, 6)):
            change(f"update records set seq = {after} where seq = {before}")
            change(f"update payloads set record = {after} where record = {before}")
    assert {each for each in told(full) if each[0] == "changed"} == {
        ("changed", "records", 5),
        ("changed", "records", 6),
    }


def test_one_put_in_behind_the_end(full: Store) -> None:
    with tampering(full) as change:
        change(
            "insert into records select seq + 1, id || 'x', at, as_of, known_at, policy, version, policy_hash,"
            " customer, status, tier, engine, lang, caller, payload_hash, hash, hash from records"
            f" where seq = {COUNT}"
        )
    assert told(full) == [("added", "records", COUNT + 1)]


def test_one_forged_with_its_own_hash(full: Store) -> None:
    """Whoever makes the hash of a row anew has broken it from the next."""
    with reading(full) as connection:
        row = connection.execute(records.select().where(records.c.seq == 5)).mappings().one()
    forged = chain.link(row["prev"], {**row, "tier": "B"})
    with tampering(full) as change:
        change(f"update records set tier = 'B', hash = '{forged}' where seq = 5")
    assert told(full) == [("broken", "records", 6)]


def test_a_chain_made_anew_shows_against_a_note(full: Store) -> None:
    """With all hashes and the head made to fit nothing shows inside, but what was noted elsewhere is not there."""
    noted = heads(full)
    with reading(full) as connection:
        rows = connection.execute(records.select().order_by(records.c.seq)).mappings().all()
    remade, head = chain.linked(Head(0, chain.NOTHING), [{**row, "caller": "eve"} for row in rows])
    with tampering(full) as change:
        for row in remade:
            change(
                f"update records set caller = 'eve', prev = '{row['prev']}', hash = '{row['hash']}'"
                f" where seq = {row['seq']}"
            )
        change(f"update chain_heads set hash = '{head.hash}' where name = 'records'")
    assert told(full) == []
    assert told(full, *noted) == [("changed", "records", COUNT)]
    assert told(full, Known("records", Head(COUNT + 5, "0" * 64))) == [("removed", "records", COUNT + 5)]


def test_a_note_that_is_right_passes(full: Store) -> None:
    noted = heads(full)
    policy = loaded(full)
    with Recorder(full) as recorder:
        recorded(recorder, policy)
    assert told(full, *noted) == []


def test_an_erasure_covers_no_later_payload(full: Store) -> None:
    policy = loaded(full)
    with Recorder(full) as recorder:
        recorded(recorder, policy, customer="C3")
    assert told(full) == []
    with tampering(full) as change:
        change(f"delete from payloads where record = {COUNT + 1}")
    assert told(full) == [("removed", "records", COUNT + 1)]


def test_any_letter_of_any_row(full: Store) -> None:
    """In SQLite, which takes whatever is written: one letter anywhere becomes another, or no letter at all."""
    if full.file is None:
        return
    chance = random.Random(11)
    for table, key in (("records", "seq"), ("events", "seq"), ("payloads", "record"), ("versions", "event")):
        with reading(full) as connection:
            rows = connection.execute(text(f"select * from {table}")).mappings().all()
        for _ in range(12):
            row = chance.choice(rows)
            column = chance.choice([name for name, value in row.items() if value is not None and name != key])
            raw = bytearray(str(row[column]).encode())
            raw[chance.randrange(len(raw))] ^= chance.choice((1, 2, 128))
            with tampering(full) as change:
                change(f"update {table} set {column} = cast(x'{raw.hex()}' as text) where {key} = {row[key]}")
            assert told(full), (table, column, row[key], bytes(raw))
            with tampering(full) as change:
                value = row[column]
                plain = str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
                change(f"update {table} set {column} = {plain} where {key} = {row[key]}")
            assert told(full) == []


def test_while_others_record(full: Store) -> None:
    """Whatever is recorded meanwhile does not look like tampering."""
    policy = loaded(full)
    findings: list[Finding] = []
    with Recorder(full) as recorder:
        check = verify(full)
        recorded(recorder, policy)
        findings += check
        for _ in range(5):
            check = verify(full)
            recorded(recorder, policy)
            findings += check
    assert findings == []
