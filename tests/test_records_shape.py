"""Doctored triggers, rules and indexes, days in another spelling, damaged files: `verify` finds them and never falls over."""

from __future__ import annotations

import os
import random
import sqlite3
from collections import Counter
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from policies.registry.store import guards, keys, tables
from policies.registry.store.connect import Store, open_store, reading, writing
from policies.registry.store.export import _events
from policies.registry.store.guards import KEPT
from policies.registry.store.problems import StoreError, StoreUnavailable
from policies.registry.store.records import find_record
from policies.registry.store.search import Wanted, walk
from policies.registry.store.verify import verify, verifying
from policies.registry.store.versions import versions
from tests.tampering import filled, tampering, told


@pytest.fixture
def full(store: Store) -> Store:
    return filled(store)


@pytest.fixture
def file(full: Store) -> str:
    """The file of a store on SQLite."""
    if full.file is None:
        pytest.skip("about SQLite's file")
    return full.file


@pytest.fixture
def on_postgresql(full: Store) -> None:
    if full.file is not None:
        pytest.skip("about PostgreSQL")


# ---------------------------------------------------------------- triggers


@pytest.mark.parametrize("table", list(KEPT))
def test_triggers_that_are_missing(full: Store, table: str) -> None:
    if full.file is None:
        with writing(full) as connection:
            connection.exec_driver_sql(f"alter table {table} disable trigger {table}_keeps")
        try:
            assert told(full) == [("removed", "triggers", 0)]
        finally:
            with writing(full) as connection:  # for the next test
                connection.exec_driver_sql(f"alter table {table} enable trigger {table}_keeps")
        assert told(full) == []
        return
    for change in (*KEPT[table], "replace"):
        with writing(full) as connection:
            made = connection.scalar(
                text(f"select sql from sqlite_master where name = '{table}_no_{change}'")
            )
            connection.exec_driver_sql(f"drop trigger {table}_no_{change}")
        assert told(full) == [("removed", "triggers", 0)]
        with writing(full) as connection:
            connection.exec_driver_sql(made.replace(" begin ", "\n  begin "))
        assert told(full) == []  # however it is spaced


NEUTERED = (
    "create trigger events_no_update before update on events when 1 = 2"
    " begin select raise(abort, 'events keeps what it has: UPDATE is refused'); end",
    "create trigger events_no_update before update on events"
    " begin select raise(abort, 'events keeps what it has: UPDATE is refused') where 1 = 0; end",
    "create trigger events_no_update before update of draft on events"
    " begin select raise(abort, 'events keeps what it has: UPDATE is refused'); end",
    "create trigger events_no_update after update on events"
    " begin select raise(abort, 'events keeps what it has: UPDATE is refused'); end",
    "create trigger events_no_update before update on events"
    " begin select raise(ignore); select raise(abort, 'events keeps what it has: UPDATE is refused'); end",
    "create trigger events_no_update before update on records"
    " begin select raise(abort, 'events keeps what it has: UPDATE is refused'); end",
    "create trigger events_no_replace before insert on events when exists (select 1 where 0)"
    " begin select raise(abort, 'events keeps what it has: the row is there already'); end",
)
OF_SOMEBODY = (
    "create trigger sneaky after insert on RECORDS begin delete from payloads where record = new.seq - 1; end",
    "create trigger sneaky before insert on api_keys begin select raise(ignore); end",
    "create trigger sneaky after update on Drafts begin update drafts set author = 'eve'; end",
)


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("statement", NEUTERED)
def test_triggers_that_do_nothing_on_sqlite(full: Store, statement: str) -> None:
    with writing(full) as connection:
        connection.exec_driver_sql(f"drop trigger {statement.split()[2]}")
        connection.exec_driver_sql(statement)
    assert told(full) == [("removed", "triggers", 0)]


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("statement", OF_SOMEBODY)
def test_triggers_of_somebody_on_sqlite(full: Store, statement: str) -> None:
    with writing(full) as connection:
        connection.exec_driver_sql(statement)
    assert told(full) == [("added", "triggers", 0)]


AGAIN = "drop trigger events_keeps on events; create trigger events_keeps"
SOMEBODY = (
    "create function sneak() returns trigger language plpgsql as $$ begin return null; end $$;"
    " create trigger sneaky"
)
ON_POSTGRESQL = [
    (f"{AGAIN} before update of draft or delete or truncate on events execute function refuse_change()", 1),
    (f"{AGAIN} before update or delete on events execute function refuse_change()", 1),
    (f"{AGAIN} before update or delete on events for each row execute function refuse_change()", 1),
    (f"{AGAIN} after update or delete or truncate on events execute function refuse_change()", 1),
    (
        f"{AGAIN} before update or delete or truncate on events for each statement when (1 = 2)"
        " execute function refuse_change()",
        1,
    ),
    ("alter table events enable replica trigger events_keeps", 1),
    (
        "create or replace function refuse_change() returns trigger language plpgsql as $$ begin"
        " if false then raise exception '% keeps what it has: % is refused', tg_table_name, tg_op"
        " using errcode = 'restrict_violation'; end if; return null; end $$",
        len(KEPT),
    ),
    (
        "create schema other; create function other.refuse_change() returns trigger language plpgsql as"
        " $$ begin return null; end $$; "
        f"{AGAIN} before update or delete or truncate on events execute function other.refuse_change()",
        1,
    ),
]
BESIDE_ON_POSTGRESQL = [
    (f"{SOMEBODY} before insert on api_keys for each row execute function sneak()", "triggers"),
    (f"{SOMEBODY} after insert on records for each row execute function sneak()", "triggers"),
    ("create rule sneaky as on delete to events do instead nothing", "rules"),
    ("create rule sneaky as on insert to api_keys do also delete from payloads", "rules"),
    ("alter table records enable row level security", "rules"),
    ("create policy sneaky on records using (false)", "rules"),
]


@pytest.mark.usefixtures("on_postgresql")
@pytest.mark.parametrize(("statements", "count"), ON_POSTGRESQL)
def test_triggers_that_do_nothing_on_postgresql(full: Store, statements: str, count: int) -> None:
    assert found_inside(full, statements) == [("removed", "triggers")] * count


@pytest.mark.usefixtures("on_postgresql")
@pytest.mark.parametrize(("statements", "what"), BESIDE_ON_POSTGRESQL)
def test_what_stands_beside_the_triggers_on_postgresql(full: Store, statements: str, what: str) -> None:
    assert found_inside(full, statements) == [("added", what)]


def found_inside(store: Store, statements: str) -> list[tuple[str, str]]:
    """What is found after some statements in a transaction, which is undone: the next test has the same database."""
    with store.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        raw.execute(statements.encode())
        found: list[tuple[str, str]] = [(each.kind, each.table) for each in guards.unguarded(connection)]
        raw.rollback()
    assert told(store) == []
    return found


# ---------------------------------------------------------------- indexes

INDEXES = [
    ("drop index ix_records_customer_seq", [("removed", "indexes", 0)]),
    ("create index sneaky on records (customer) where customer <> 'C1'", [("added", "indexes", 0)]),
    (
        "drop index ix_records_id; create index ix_records_id on records (id)",
        [("changed", "indexes", 0)],
    ),
    (
        "drop index ix_records_customer_seq;"
        " create index ix_records_customer_seq on records (customer, seq) where customer <> 'C1'",
        [("changed", "indexes", 0)],
    ),
]


@pytest.mark.parametrize(("statements", "expected"), INDEXES)
def test_indexes_that_are_others(full: Store, statements: str, expected: list[tuple[str, str, int]]) -> None:
    with tampering(full) as change:
        for statement in statements.split("; ") if "; " in statements else statements.split(";"):
            change(statement)
    try:
        assert told(full) == expected
    finally:
        with tampering(full) as change:  # for the next test
            change("drop index if exists sneaky")
            for name in ("id", "customer_seq"):
                change(f"drop index if exists ix_records_{name}")
            change("create unique index ix_records_id on records (id)")
            change("create index ix_records_customer_seq on records (customer, seq)")


def hide(file: str, customer: str) -> None:
    """Takes a customer out of the index by which one searches, as somebody would who knows SQLite."""
    definition = "CREATE INDEX ix_records_customer_seq ON records (customer, seq)"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("drop index ix_records_customer_seq")
        connection.execute(f"{definition} where customer <> '{customer}'")
        connection.execute("pragma writable_schema = on")
        connection.execute(
            "update sqlite_master set sql = ? where name = 'ix_records_customer_seq'", [definition]
        )


def test_an_index_that_hides_rows(full: Store, file: str) -> None:
    before = len(list(walk(full, Wanted(customer="C1"))))
    full.close()
    hide(file, "C1")
    assert len(list(walk(full, Wanted(customer="C1")))) < before
    findings = list(verify(full))
    assert {(each.kind, each.table, each.seq) for each in findings} == {("changed", "records", 0)}
    assert any("missing from index ix_records_customer_seq" in each.en for each in findings)
    assert all("SQLite 报告" in each.zh for each in findings)


def test_it_shows_that_it_goes_on(full: Store) -> None:
    if full.file is None:
        pytest.skip("SQLite looks into its whole file first, which takes long")
    steps = [step for step in verifying(full) if step is None]
    assert len(steps) >= len(tables.metadata.tables)


def test_a_table_that_lost_a_column(full: Store) -> None:
    with tampering(full) as change:
        change("alter table api_keys rename column roles to rights")
    try:
        assert [each.message("en") for each in verify(full)] == ["`api_keys` lacks columns: `roles`"]
    finally:
        with tampering(full) as change:
            change("alter table api_keys rename column rights to roles")
    assert told(full) == []


# ---------------------------------------------------------------- days and times in another spelling

KEYS = {
    "events": "seq",
    "records": "seq",
    "versions": "number",
    "drafts": "id",
    "texts": "hash",
    "api_keys": "id",
}
SPELLED = [
    ("records", "at", "'2026-W47-7' || substr(at, 11)"),
    ("records", "at", "replace(at, ' ', 'T')"),
    ("records", "at", "at || '+05:00'"),
    ("records", "at", "at || '\n'"),
    ("records", "at", "substr(at, 1, 19)"),
    ("records", "at", "replace(at, '.000000', '.000')"),
    ("records", "at", "replace(at, '0', '٠')"),
    ("records", "as_of", "'2026-W23-1'"),
    ("records", "as_of", "replace(as_of, '-', '')"),
    ("records", "as_of", "as_of || ' '"),
    ("events", "at", "replace(at, ' ', 'T')"),
    ("versions", "start", "'2026-W47-7'"),
    ("versions", "start", "replace(start, '-', '')"),
    ("versions", "published_at", "published_at || 'Z'"),
    ("drafts", "created_at", "created_at || '+00:00'"),
]


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize(("table", "column", "value"), SPELLED)
def test_a_time_spelled_otherwise(full: Store, table: str, column: str, value: str) -> None:
    """They would be read as the same, or another, and be found by no search for it."""
    key = KEYS[table]
    with reading(full) as connection:
        number = connection.scalar(text(f"select max({key}) from {table}"))
        seq = number if table != "versions" else connection.scalar(text("select max(event) from versions"))
    with tampering(full) as change:
        change(f"update {table} set {column} = {value} where {key} = {number}")
    assert ("changed", table, seq) in told(full)


@pytest.mark.usefixtures("file")
def test_what_else_is_done_with_a_time_that_cannot_be_read(full: Store) -> None:
    with reading(full) as connection:
        id = connection.scalar(text("select id from records where seq = 5"))
    with tampering(full) as change:
        change("update records set at = replace(at, ' ', 'T') where seq = 5")
        change("update versions set start = '2026-W47-7'")
    with pytest.raises(StoreUnavailable, match="is damaged or is no database; restore a backup"):
        list(walk(full, Wanted()))
    with pytest.raises(StoreUnavailable) as caught, reading(full) as connection:
        find_record(connection, id)
    assert caught.value.code == "store-damaged"
    with pytest.raises(StoreUnavailable), reading(full) as connection:
        versions(connection, "grading")


# ---------------------------------------------------------------- damaged rows and files


@pytest.mark.parametrize(
    ("table", "change_to", "end"),
    [
        ("records", "prev = 7", "found"),
        ("records", "policy = null", "found"),
        ("events", "prev = null", "found"),
        ("events", "prev = 7", "found"),
        ("events", "hash = x'00'", "found"),
        ("api_keys", "name = 7", "found"),
        ("versions", "policy = x'ff'", "found"),
        ("versions", "event = 'none'", "found"),
        ("texts", "hash = cast(x'ff' as text)", "unavailable"),
    ],
)
def test_what_a_page_may_hold_that_no_column_takes(
    full: Store, file: str, table: str, change_to: str, end: str
) -> None:
    """As a flipped bit leaves it: SQLite gives a row's values by what stands in the row, not by its columns' types."""
    keys.create(full, "cai", ["reader"], "dee")
    full.close()
    column, value = change_to.split(" = ")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("pragma foreign_keys = off")
        connection.execute("pragma writable_schema = on")
        for (name,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            connection.execute(f"drop trigger {name}")
        whole = connection.execute("select sql from sqlite_master where name = ?", [table]).fetchone()[0]
        loose = whole.replace(f"{column} TEXT NOT NULL", f"{column} BLOB").replace(
            f"{column} BIGINT NOT NULL", f"{column} BLOB"
        )
        assert loose != whole
        connection.execute("update sqlite_master set sql = ? where name = ?", [loose, table])
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        key = KEYS[table]
        connection.execute(
            f"update {table} set {column} = {value} where {key} = (select max({key}) from {table})"
        )
        connection.execute("pragma writable_schema = on")
        connection.execute("update sqlite_master set sql = ? where name = ?", [whole, table])
    assert verified(Path(file)) == end


FLIPS = 1000 if os.environ.get("TIERWISE_LONG") else 40


def test_any_bit_of_the_file(full: Store, file: str, tmp_path: Path) -> None:
    """A file that is damaged anywhere: something is found, or said, or nothing that can be read has changed."""
    full.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    whole, chance, ends = Path(file).read_bytes(), random.Random(17), Counter[str]()
    rows = rows_of(file)
    for number in range(FLIPS):
        data = bytearray(whole)
        # Half of them in the first pages, with the schema and the small tables; of the others none in idle space.
        data[place(whole, chance, 40 if number % 2 else None)] ^= 1 << chance.randrange(8)
        flipped = tmp_path / f"flipped{number}.db"
        flipped.write_bytes(data)
        ends[end := verified(flipped)] += 1
        if end == "whole":
            assert rows_of(str(flipped)) == rows, number
        for each in tmp_path.glob("flipped*"):
            each.unlink()
    assert min(ends["found"], ends["unavailable"]) > 3, ends


@pytest.mark.parametrize("table", ["events", "records"])
def test_a_table_that_leads_round_in_circles(full: Store, file: str, table: str) -> None:
    """The last row's place leads to the first one's: whoever goes on behind the last number would begin again."""
    full.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        (page,) = connection.execute("select rootpage from sqlite_master where name = ?", (table,)).fetchone()
    data = bytearray(Path(file).read_bytes())
    while data[(page - 1) * 4096] == 5:  # a page of pages: on to its last
        page = int.from_bytes(data[(page - 1) * 4096 + 8 : (page - 1) * 4096 + 12], "big")
    begin = (page - 1) * 4096
    count = int.from_bytes(data[begin + 3 : begin + 5], "big")
    assert count > 1
    last = begin + 8 + 2 * (count - 1)
    data[last : last + 2] = data[begin + 8 : begin + 10]
    Path(file).write_bytes(data)
    findings = [each for each in islice(verifying(full), 1000) if each is not None]
    assert 0 < len(findings) < 900
    assert ("removed", table) in [(each.kind, each.table) for each in findings]
    with suppress(StoreUnavailable):
        assert len(list(islice(walk(full, Wanted()), 1000))) < 1000
    with suppress(StoreUnavailable):
        assert len(list(islice(_events(full, None, None), 1000))) < 1000


def place(whole: bytes, chance: random.Random, pages: int | None) -> int:
    end = len(whole) if pages is None else min(len(whole), pages * 4096)
    while not whole[found := chance.randrange(end)]:
        pass
    return found


def verified(file: Path) -> str:
    """How a verification of a file ends, from its opening on."""
    try:
        store = open_store(f"sqlite:///{file}", create=False)
    except StoreError:  # damaged, or of no step that there is
        return "unavailable"
    try:
        findings = list(verify(store))
        assert all(each.message("en") and each.message("zh") for each in findings)
        return "found" if findings else "whole"
    except StoreUnavailable:
        return "unavailable"
    finally:
        store.close()


def rows_of(file: str) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(file)) as connection:
        return {
            table: connection.execute(f"select * from {table}").fetchall() for table in tables.metadata.tables
        }


def test_a_store_that_forgot_its_step(full: Store, file: str) -> None:
    """Its tables are there: they are not made a second time."""
    full.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("drop table alembic_version")
    with pytest.raises(StoreUnavailable, match="is damaged"):
        open_store(f"sqlite:///{file}")
