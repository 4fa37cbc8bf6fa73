"""Copies of a store, made while it is written to, and what comes back from them (docs/operations.md)."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from policies.registry.store.connect import Store, reading
from policies.registry.store.versions import versions
from tests.postgresql import Server
from tests.store import assert_whole, published, text

Open = Callable[..., Store]


@contextmanager
def busy(store: Store) -> Iterator[None]:
    """Somebody has published, and goes on publishing meanwhile."""
    over = threading.Event()

    def publish() -> None:
        while not over.is_set():
            published(store, text("busy"))

    published(store, text("busy"))
    writer = threading.Thread(target=publish)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def assert_restored(copy: Store, original: Store) -> None:
    """Everything from before the copy is there, and the store goes on from it."""
    assert_whole(copy)
    with reading(copy) as there, reading(original) as here:
        assert versions(there, "grading") == versions(here, "grading") != ()
        assert set() < set(versions(there, "busy")) <= set(versions(here, "busy"))
    assert published(copy, text(label="after")).version.number == 2
    assert_whole(copy)


def test_sqlite_copied_by_vacuum_into(tmp_path: Path, opened: Open) -> None:
    store = opened(f"sqlite:///{tmp_path}/store.db")
    published(store)
    with busy(store), closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        connection.execute("vacuum into ?", [str(tmp_path / "copy.db")])
    assert_restored(opened(f"sqlite:///{tmp_path}/copy.db", create=False), store)


def test_sqlite_copied_by_its_backup(tmp_path: Path, opened: Open) -> None:
    store = opened(f"sqlite:///{tmp_path}/store.db")
    published(store)
    with (
        busy(store),
        closing(sqlite3.connect(tmp_path / "store.db")) as source,
        closing(sqlite3.connect(tmp_path / "copy.db")) as target,
    ):
        source.backup(target)
    assert_restored(opened(f"sqlite:///{tmp_path}/copy.db", create=False), store)


def test_sqlite_put_back_in_its_place(tmp_path: Path, opened: Open) -> None:
    """The log beside the file belongs to the file that was lost, and goes with it."""
    file = tmp_path / "store.db"
    store = opened(f"sqlite:///{file}")
    published(store)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("vacuum into ?", [str(tmp_path / "copy.db")])
    published(store, text(label="lost"))
    store.close()
    for old in tmp_path.glob("store.db*"):
        old.unlink()
    shutil.copy(tmp_path / "copy.db", file)
    again = opened(f"sqlite:///{file}", create=False)
    with reading(again) as connection:
        assert [version.number for version in versions(connection, "grading")] == [1]
    assert published(again, text(label="after")).version.number == 2
    assert_whole(again)


def test_postgresql_dumped_and_restored(postgresql_server: Server, opened: Open) -> None:
    store = opened(postgresql_server.emptied())
    published(store)
    with busy(store):
        postgresql_server.run("pg_dump", "--format=custom", "--file=store.dump", "postgres")
    url = postgresql_server.new_database()
    postgresql_server.run(
        *("pg_restore", "--no-owner", "--single-transaction", f"--dbname={url}", "store.dump"),
    )
    assert_restored(opened(url, create=False), store)
