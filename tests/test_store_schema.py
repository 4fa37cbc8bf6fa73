"""The store's schema: made once, moved forward with the data in it, and append-only where it says so."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from policies.registry.store import schema, tables
from policies.registry.store.connect import Store, open_store, reading, writing
from policies.registry.store.problems import StoreError
from policies.registry.store.versions import load, versions
from tests.running import PATIENCE, spawned
from tests.store import ROOT, assert_whole, published

Open = Callable[..., Store]
SCHEMAS = Path(__file__).parent / "store_schemas"
APPEND_ONLY = ("texts", "versions", "events", "records")


def plain(store: Store, sql: str) -> None:
    """What somebody with a database client would do: a connection of their own, one statement."""
    engine = create_engine(store.engine.url)
    try:
        with engine.begin() as connection:
            connection.execute(text(sql))
    finally:
        engine.dispose()


# ---------------------------------------------------------------- making it


def test_the_steps_make_what_the_code_sees(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with reading(store) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        assert schema.schema_of(connection) == tables.SCHEMA == schema.steps()[-1]
        checks = {
            check["name"]: check["sqltext"]
            for table in ("drafts", "versions")
            for check in inspect(connection).get_check_constraints(table)
        }
    assert set(checks) == {"ck_drafts_state", "ck_versions_number"}
    assert all(f"'{state}'" in checks["ck_drafts_state"] for state in tables.STATES)


def test_opening_again_changes_nothing(store_url: str, opened: Open) -> None:
    first = published(opened(store_url)).version
    again = opened(store_url, create=False)
    with reading(again) as connection:
        assert versions(connection, "grading") == (first,)


def test_many_open_a_new_store_at_once(store_url: str, opened: Open) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: opened(store_url), range(8)))
    published(stores[0])
    assert_whole(stores[-1])


def test_processes_open_a_new_store_at_once(store_url: str, opened: Open) -> None:
    program = "import sys; from policies.registry.store.connect import *; open_store(sys.argv[1]).close()"
    with ExitStack() as stack:
        opening = (sys.executable, "-c", program, store_url)
        running = [stack.enter_context(spawned(*opening, stderr=subprocess.PIPE)) for _ in range(3)]
        assert [process.communicate(timeout=PATIENCE)[1] for process in running] == ["", "", ""]
    assert_whole(opened(store_url, create=False))


def test_no_store_is_made_unasked(store_url: str) -> None:
    with pytest.raises(StoreError, match="there is no store at") as caught:
        open_store(store_url, create=False)
    assert "还没有存储库" in caught.value.message("zh")


def test_a_newer_store_is_refused(store_url: str, opened: Open) -> None:
    store = opened(store_url)
    with writing(store) as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(StoreError, match="newer Tierwise"):
        open_store(store_url)


@pytest.mark.parametrize(
    "url", ["mysql://host/db", "nonsense", "sqlite://", "sqlite:///:memory:", "postgres:x"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(StoreError, match="write `sqlite:///FILE` or `postgresql://"):
        open_store(url)


def test_no_message_holds_a_password() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://ann:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in caught.value.message("en") + caught.value.message("zh")
    assert "ann:***@" in caught.value.message()


def test_what_a_commit_waits_for(store: Store) -> None:
    with reading(store) as connection:
        if connection.dialect.name == "sqlite":
            found = {
                name: connection.scalar(text(f"pragma {name}")) for name in ("journal_mode", "synchronous")
            }
            assert found == {"journal_mode": "wal", "synchronous": 2}  # FULL
        else:
            assert connection.scalar(text("show synchronous_commit")) == "on"


FILES_ONLY = """
import sys
from api.cli import main
sys.argv[1:] = ["decide", "policies/b2b_grading.tier", "--facts", "policies/samples/customers.csv", "--json"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(*(name for name in ("sqlalchemy", "alembic", "psycopg", "cryptography") if name in sys.modules), file=sys.stderr)
"""


def test_files_need_no_database() -> None:
    """Whoever checks and decides on files does not wait for a database's libraries."""
    done = subprocess.run(
        [sys.executable, "-c", FILES_ONLY], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.count("\n") >= 1000
    assert not {"sqlalchemy", "alembic", "psycopg", "cryptography"} & set(done.stderr.split())


# ---------------------------------------------------------------- append-only


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with a row in every table that only grows, and a payload."""
    published(store)
    link = "'0', '0', '0'"
    with writing(store) as connection:
        connection.execute(
            text(
                "insert into records (seq, id, at, as_of, policy, policy_hash, status, engine, lang, caller,"
                " payload_hash, prev, hash) values (1, 'r1', '2026-06-01 00:00:00', '2026-06-01', 'grading', 'h',"
                f" 'decided', 'compiled', 'en', 'ann', {link})"
            )
        )
        connection.execute(text("insert into payloads (record, body) values (1, '{}')"))
    return store


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_only_grows_is_never_changed(filled: Store, table: str) -> None:
    column = tables.metadata.tables[table].columns.keys()[-1]
    for sql in (f"update {table} set {column} = {column}", f"delete from {table}"):
        with pytest.raises(DBAPIError, match=f"{table} keeps what it has"):
            plain(filled, sql)
    if filled.file is None:
        with pytest.raises(DBAPIError, match="keeps what it has: TRUNCATE"):
            plain(filled, f"truncate {table} cascade")
    with reading(filled) as connection:
        assert connection.scalar(select(func.count()).select_from(tables.metadata.tables[table])) == 1 or (
            table == "events"
        )


REPLACED = {
    "texts": "insert or replace into texts select hash, 'other' from texts",
    "versions": "insert or replace into versions select * from versions",
    "events": "insert or replace into events select * from events",
    "records": "insert or replace into records select * from records",
    "payloads": "insert or replace into payloads values (1, 'other')",
}
UPSERTED = {
    "texts": "insert into texts select * from texts on conflict (hash) do update set text = 'other'",
    "versions": "insert into versions select * from versions on conflict (policy, number) do update set author = 'x'",
    "events": "insert into events select * from events on conflict (seq) do update set actor = 'x'",
    "records": "insert into records select * from records on conflict (id) do update set tier = 'A'",
    "payloads": "insert into payloads values (1, 'x') on conflict (record) do update set body = 'x'",
}


@pytest.mark.parametrize("table", REPLACED)
def test_nor_by_putting_another_row_in_its_place(filled: Store, table: str) -> None:
    wanted = [UPSERTED[table]] if filled.file is None else [REPLACED[table]]
    if filled.file is not None and table == "records":  # by its other key
        columns = [column.name for column in tables.records.columns if column.name != "seq"]
        listed = ", ".join(columns)
        wanted.append(f"insert or replace into records (seq, {listed}) select 99, {listed} from records")
    for sql in wanted:
        with pytest.raises(DBAPIError, match=f"{table} keeps? what it has"):
            plain(filled, sql)


def test_a_payload_may_be_erased_but_not_changed(filled: Store) -> None:
    with pytest.raises(DBAPIError, match="payloads keeps what it has"):
        plain(filled, "update payloads set body = 'other'")
    plain(filled, "delete from payloads")
    with reading(filled) as connection:
        assert connection.scalar(select(func.count()).select_from(tables.payloads)) == 0


# ---------------------------------------------------------------- moving forward


def data_of(step: str) -> list[str]:
    """What a store of a step held, as statements that both databases take; `store_schemas/` has one for each."""
    statements = (SCHEMAS / f"{step}.sql").read_text(encoding="utf-8")
    return [part for part in re.split(r";\n", statements) if part.strip()]


def make_old(url: str, step: str) -> None:
    """A database as the Tierwise of a step left it, data included."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.begin() as connection:
            schema.migrate(connection, to=step)
            for statement in data_of(step):
                connection.execute(text(statement.replace(":", r"\:")))
            if connection.dialect.name == "postgresql":  # rows that bring their numbers along use up none
                last = "(select max(id) from drafts)"
                connection.execute(text(f"select setval(pg_get_serial_sequence('drafts', 'id'), {last})"))
    finally:
        engine.dispose()


@pytest.mark.parametrize("step", schema.steps())
def test_a_store_of_every_step_comes_through(store_url: str, opened: Open, step: str) -> None:
    make_old(store_url, step)
    store = opened(store_url)
    assert_whole(store)
    with reading(store) as connection:
        assert schema.schema_of(connection) == tables.SCHEMA
        found = versions(connection, "grading")
        assert [version.number for version in found] == [3, 2, 1]
        assert found[0].rolled_back == 1
        assert load(connection, found[0]).hash == load(connection, found[2]).hash
        assert [version.number for version in versions(connection, "using")] == [1]
    published(store)
    assert_whole(store)
    with pytest.raises(DBAPIError, match="versions keeps what it has"):
        plain(store, "delete from versions")
