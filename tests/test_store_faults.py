"""Databases that cannot: locked, full, read-only, gone. Every call says so and when to try again; nothing stays broken."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from sqlalchemy import event, text

from policies.registry.store import connect, keys, workflow
from policies.registry.store.connect import Store, open_store, reading, writing
from policies.registry.store.problems import StoreError, StoreUnavailable
from tests.postgresql import Server
from tests.running import PATIENCE, wait_for
from tests.store import POLICY, address, assert_whole, published

Open = Callable[..., Store]
Kept = TypeVar("Kept")
NOBODY = 65534


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for locks end after a second instead of five."""
    monkeypatch.setattr(connect, "PATIENCE", 1)


def refuses(store: Store, code: str) -> None:
    """A write is refused as unavailable, in both languages, with advice when to try again."""
    with pytest.raises(StoreUnavailable) as caught:
        workflow.create(store, POLICY, "ann")
    assert caught.value.code == code
    assert caught.value.retry_after >= 1
    assert caught.value.message("en").startswith("the store at `")
    assert caught.value.message("zh").startswith("存储库 `")


def works(store: Store) -> None:
    """It takes a publication, and is whole."""
    published(store)
    assert_whole(store)


# ---------------------------------------------------------------- locked


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody holds the database for themselves."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("begin immediate")
        try:
            yield
        finally:
            connection.close()
    else:
        with psycopg.connect(url) as held:
            held.execute("lock table chain_heads in exclusive mode")
            yield


def test_locked_and_free_again(store: Store) -> None:
    with locked(address(store)):
        refuses(store, "store-busy")
        with reading(store) as connection:
            assert connection.scalar(text("select count(*) from versions")) == 0
    works(store)


def test_somebody_never_gives_their_turn_back(tmp_path: Path, opened: Open) -> None:
    store = opened(f"sqlite:///{tmp_path}/store.db")
    with open(f"{store.file}.lock", "a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        refuses(store, "store-busy")
    works(store)


def test_no_connection_is_free(store: Store) -> None:
    with ExitStack() as stack:
        for _ in range(connect.KEPT + connect.MORE):
            stack.enter_context(reading(store))
        refuses(store, "store-busy")
    works(store)


# ---------------------------------------------------------------- read-only


@contextmanager
def read_only(store: Store, url: str) -> Iterator[None]:
    """Nobody may write any more, as after a disk was mounted anew."""
    store.close()
    if store.file is None:
        database = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"alter database {database} set default_transaction_read_only = on")
            try:
                yield
            finally:
                connection.execute("set default_transaction_read_only = off")
                connection.execute(f"alter database {database} reset default_transaction_read_only")
        store.close()
        return
    folder = Path(store.file).parent
    files = [folder, *folder.iterdir()]
    for file in files:
        file.chmod(0o555 if file.is_dir() else 0o444)
    try:
        with unprivileged():
            yield
    finally:
        for file in files:
            if file.exists():
                file.chmod(0o755 if file.is_dir() else 0o644)
    store.close()


@contextmanager
def unprivileged() -> Iterator[None]:
    """Root may write anywhere, so that root is somebody else meanwhile."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can reach; pytest's own are for their owner."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_read_only_and_writable_again(store_url: str, opened: Open, open_folder: Path) -> None:
    if store_url.startswith("sqlite"):
        store_url = f"sqlite:///{open_folder}/store.db"
    store = opened(store_url)
    published(store)
    with read_only(store, store_url), pytest.raises(StoreUnavailable) as caught:
        workflow.create(store, POLICY, "ann")
    assert caught.value.code in ("store-read-only", "store-not-opened")
    assert caught.value.retry_after >= 1
    works(store)


# ---------------------------------------------------------------- full


def fill_up(store: Store) -> StoreUnavailable:
    """Makes drafts until there is no room for another; what the store said then."""
    for _ in range(1000):
        try:
            workflow.create(store, POLICY + "# " + os.urandom(20_000).hex(), "ann")
        except StoreUnavailable as error:
            return error
    raise AssertionError("it never was full")


def test_full_by_a_limit(tmp_path: Path, opened: Open) -> None:
    store = opened(f"sqlite:///{tmp_path}/store.db")
    store.close()
    limit = {"pages": "100"}
    event.listen(
        store.engine, "connect", lambda raw, _: raw.execute(f"pragma max_page_count = {limit['pages']}")
    )
    assert fill_up(store).code == "store-full"
    assert_whole(store)
    limit["pages"] = "100000"
    store.close()
    works(store)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 24 MB. Only root can have one, and not in every container."""
    folder = Path(tempfile.mkdtemp())
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "tmpfs", str(folder)], capture_output=True
    )
    if done.returncode != 0:
        folder.rmdir()
        pytest.skip("no disk can be mounted here; a full one is tested by a limit and by its error")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """The disk has no room left."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
    yield
    filler.unlink()


def test_a_full_disk_under_sqlite(small_disk: Path, opened: Open) -> None:
    store = opened(f"sqlite:///{small_disk}/store.db")
    published(store)
    with filled(small_disk):
        refuses(store, "store-full")
        assert_whole(store)
    works(store)


def test_a_full_disk_under_postgresql(small_disk: Path, postgresql_server: Server, opened: Open) -> None:
    admin = postgresql_server.url("postgres")
    if postgresql_server.user is not None:
        shutil.chown(small_disk, postgresql_server.user)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"create tablespace small location '{small_disk}'")
        connection.execute("create database small tablespace small")
    try:
        store = opened(postgresql_server.url("small"))
        published(store)
        with filled(small_disk):
            assert fill_up(store).code == "store-full"
        works(store)
        store.close()
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("drop database small with (force)")
            connection.execute("drop tablespace small")


def test_full_as_postgresql_says_it(postgresql_server: Server, opened: Open) -> None:
    url = postgresql_server.emptied()
    store = opened(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create function full_disk() returns trigger language plpgsql as"
            " $$ begin raise exception 'no space left' using errcode = 'disk_full'; end $$"
        )
        connection.execute("create trigger full_disk before insert on events execute function full_disk()")
        refuses(store, "store-full")
        connection.execute("drop trigger full_disk on events")
    works(store)


# ---------------------------------------------------------------- gone


def test_postgresql_is_stopped_and_started(postgresql_server: Server, opened: Open) -> None:
    store = opened(postgresql_server.emptied())
    published(store)
    postgresql_server.stop()
    try:
        refuses(store, "store-away")
        with pytest.raises(StoreUnavailable):
            opened(postgresql_server.url("postgres"))
    finally:
        postgresql_server.start()
    works(store)


def test_postgresql_dies_under_load(postgresql_server: Server, opened: Open) -> None:
    store = opened(postgresql_server.emptied())
    kept, failed = through_a_crash(postgresql_server, lambda: workflow.create(store, POLICY, "ann").id)
    assert {error.code for error in failed} <= {"store-away", "store-busy"}
    assert set(kept) <= {draft.id for draft in workflow.listing(store)}
    works(store)


def through_a_crash(server: Server, write: Callable[[], Kept]) -> tuple[list[Kept], list[StoreUnavailable]]:
    """Four writers while PostgreSQL goes as if the power had, and comes again: what was acknowledged, and what was not.

    Every call ends well or as unavailable, and afterwards they end well again.
    """
    kept: list[Kept] = []
    failed: list[StoreUnavailable] = []
    over = threading.Event()

    def write_on() -> None:
        while not over.is_set():
            try:
                kept.append(write())
            except StoreUnavailable as error:
                failed.append(error)
                time.sleep(0.02)

    writers = [threading.Thread(target=write_on) for _ in range(4)]
    for each in writers:
        each.start()
    try:
        wait_for(lambda: kept)
        server.stop("immediate")
        before = len(kept)
        try:
            wait_for(lambda: failed)
        finally:
            server.start()
        wait_for(lambda: len(kept) >= before + 20)
    finally:
        over.set()
        for each in writers:
            each.join(PATIENCE)
    assert not any(each.is_alive() for each in writers)
    return kept, failed


def test_no_database_at_all(tmp_path: Path, opened: Open) -> None:
    file = tmp_path / "store.db"
    file.write_bytes(os.urandom(8192))
    with pytest.raises(StoreUnavailable, match="is damaged or is no database; restore a backup"):
        opened(f"sqlite:///{file}")
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        opened("postgresql://nobody@127.0.0.1:1/nothing")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann@127.0.0.1:abc/tierwise",
        "postgresql://ann@127.0.0.1/tierwise?nosuch=1",
        "sqlite:////tmp/\udcff.db",
        "mysql://ann@127.0.0.1/tierwise",
    ],
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(
        StoreError, match=r"cannot be used; write `sqlite:///FILE` or `postgresql://USER@HOST"
    ):
        open_store(address)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that is not the disk's")
def test_where_no_folder_can_be_made(opened: Open) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be opened; see that its file and folder may be read"):
        opened("sqlite:////proc/tierwise/store.db")


def test_tables_that_are_not_there(store: Store) -> None:
    """As in a database that was emptied under the service; see tests/test_store_moved.py for files."""
    with writing(store) as connection:
        connection.execute(text("alter table api_keys rename to elsewhere"))
    try:
        with pytest.raises(StoreUnavailable) as caught:
            keys.listing(store)
        assert caught.value.code == "store-moved"
    finally:
        with writing(store) as connection:
            connection.execute(text("alter table elsewhere rename to api_keys"))
    assert keys.listing(store) == ()
    works(store)


def test_a_fault_of_ours_is_no_fault_of_the_database(store: Store) -> None:
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError), writing(store) as connection:
        connection.execute(text("select nonsense"))
    works(store)
