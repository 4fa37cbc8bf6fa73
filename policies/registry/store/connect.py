"""Opening the store, and the two ways into it: `reading` and `writing`.

A store is a database: SQLite in a file, which needs nothing, or PostgreSQL for a service on several machines. What
differs between the two is settled here and in the migrations, nowhere else:

* SQLite keeps a write-ahead log, and a commit returns when the log is on the disk (`synchronous=FULL`). Writers
  take turns (`turns`), then `BEGIN IMMEDIATE`; readers see a snapshot and never wait. A file that is removed or
  replaced is still written to by whoever has it open, and nobody would find that again: so every transaction sees
  that the file at the path is the one that its connection has open, and a writer does so again before it says that
  it is done. The file is made only when a store is opened, readable for its owner alone, and never by a connection.
* PostgreSQL commits with `synchronous_commit=on`; whoever adds to a chain holds the row of its head, so that
  writers queue there. Readers see a snapshot, too (REPEATABLE READ).

What the database says becomes a `StoreUnavailable` where trying again may help (`faults`).
"""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from policies.registry.store.faults import MOVED, NO_FILE, guarded, unavailable
from policies.registry.store.given import storable
from policies.registry.store.problems import StoreError
from policies.registry.store.turns import turn

DEFAULT_URL = "sqlite:///var/tierwise.db"

# In seconds: how long a writer waits for its turn, and then for whoever else holds the database; how long any one
# statement may take, and how long a transaction may stand open with nobody at work in it.
PATIENCE = 5
LONGEST_STATEMENT = 60
LONGEST_PAUSE = 60

# Connections kept, and how many more there may be at a time: together what the threads of a worker need.
KEPT = 5
MORE = 27

# SQLite's files are their owner's alone: SQLite gives the log the mode of the database.
OWNERS = 0o600

# What a connection keeps the file's identity under.
OPENED = "file"

# How often emptying the log is tried while somebody reads from it, and how long (in seconds) one waits in between.
TRIES = 20
BETWEEN = 0.05


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Store:
    """A store that is open: hand it on, use it from any thread. A process that is forked opens its own.

    `url` is for messages and holds no password. `clock` is the only clock of the store; `approvals` is how many
    people beside the author must approve a draft.
    """

    engine: Engine
    url: str
    clock: Callable[[], datetime] = now
    approvals: int = 1

    @property
    def file(self) -> str | None:
        """The database's file; None for PostgreSQL."""
        return self.engine.url.database if self.engine.dialect.name == "sqlite" else None

    def close(self) -> None:
        """Closes the connections that nobody uses."""
        self.engine.dispose()


def open_store(
    url: str | None = None,
    *,
    create: bool = True,
    clock: Callable[[], datetime] = now,
    approvals: int = 1,
) -> Store:
    """Opens the store at an address: `sqlite:///FILE` or `postgresql://…`; an old schema is moved to the newest.

    `create` makes the tables where there are none, and SQLite's file with its folder. Raises `StoreError` for an
    address that is none, for a store that is not there, and for one that a newer Tierwise has written;
    `StoreUnavailable` where the database does not answer.
    """
    from policies.registry.store.schema import prepare

    if approvals < 1:
        raise StoreError(
            "approvals",
            "at least one person beside the author must approve; `approvals` is a whole number from 1",
            "除作者外至少须有一人批准；`approvals` 应为不小于 1 的整数",
        )
    address = _address(url or DEFAULT_URL)
    shown = address.render_as_string(hide_password=True)
    if address.get_backend_name() == "sqlite":
        _make_room(address, shown, create)
    store = Store(_engine(address), shown, clock, approvals)
    try:
        prepare(store, create=create)
    except BaseException:
        store.close()
        raise
    return store


@contextmanager
def reading(store: Store) -> Iterator[Connection]:
    """A snapshot of the store: everything read inside stands as of one moment. Raises `StoreUnavailable`.

    The block is for the database alone: what goes wrong with another file or socket in it would pass for the store's fault.
    """
    with guarded(store.url), _connected(store) as connection:
        if store.file is None:
            # Not declared read-only: the driver would leave the connection declared to write, against the database's own word.
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def writing(store: Store) -> Iterator[Connection]:
    """A transaction that may write: all of it is durable when the block has been left, or none of it happened.

    As with `reading`, the block is for the database alone. Raises `StoreUnavailable`.
    """
    file = store.file
    queue = nullcontext() if file is None else turn(f"{file}.lock", PATIENCE)
    with guarded(store.url), queue, _connected(store) as connection:
        connection.execution_options(begin="begin immediate")
        with connection.begin():
            yield connection
        _see_its_file(store, connection)


def empty_log(store: Store) -> bool:
    """Takes SQLite's log into the database and leaves it empty, so that nothing stays in it of what was deleted.

    False where that cannot be done now, since somebody reads from the log; PostgreSQL keeps its own log itself.
    Raises `StoreUnavailable`.
    """
    if store.file is None:
        return True
    for _ in range(TRIES):
        with guarded(store.url), turn(f"{store.file}.lock", PATIENCE), _connected(store) as connection:
            if _emptied(connection):
                return True
        time.sleep(BETWEEN)
    return False


def _emptied(connection: Connection) -> bool:
    """Whether SQLite's log could be emptied at once: were it to wait, all writers would wait for it."""
    connection.execution_options(begin="")
    connection.exec_driver_sql("pragma busy_timeout = 0")
    try:
        busy: int = connection.exec_driver_sql("pragma wal_checkpoint(truncate)").scalar_one()
    finally:
        connection.exec_driver_sql(f"pragma busy_timeout = {PATIENCE * 1000}")
    return busy == 0


# ---------------------------------------------------------------- the file that was opened


@contextmanager
def _connected(store: Store) -> Iterator[Connection]:
    """A connection to what the store's address leads to now. Raises `StoreUnavailable`."""
    with store.engine.connect() as connection:
        _see_its_file(store, connection)
        yield connection


def _see_its_file(store: Store, connection: Connection) -> None:
    """Raises `StoreUnavailable` where the file at the path is not the one that the connection has open.

    All connections are dropped then, so that the next ones open what is there: a backup that was put in its place.
    """
    if store.file is None or _identity(store.file) == connection.info[OPENED]:
        return
    connection.invalidate()
    store.engine.dispose()
    raise unavailable(MOVED, store.url)


def _identity(file: str) -> tuple[int, int] | None:
    """Which file it is, by whatever name; None where there is none."""
    try:
        found = os.stat(file)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


# ---------------------------------------------------------------- addresses


def _address(url: str) -> URL:
    """A database's address with the driver that we use. Raises `StoreError`."""
    try:
        address = make_url(url) if storable(url) else None
        backend = "" if address is None else address.get_backend_name()
    except (ArgumentError, ValueError):  # a port that is no number
        address, backend = None, ""
    if address is not None and backend in ("postgresql", "postgres") and _is_known(address):
        return address.set(drivername="postgresql+psycopg")
    if address is not None and backend == "sqlite" and address.database not in (None, "", ":memory:"):
        return address.set(drivername="sqlite", database=os.path.abspath(address.database or ""))
    raise StoreError(  # without the address, which may hold a password
        "address",
        "the address of the store cannot be used; write `sqlite:///FILE` or `postgresql://USER@HOST/DATABASE`",
        "存储库的地址无法使用；请写成 `sqlite:///文件` 或 `postgresql://用户@主机/数据库`",
    )


def _is_known(address: URL) -> bool:
    """Whether PostgreSQL knows what stands behind the question mark."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import make_conninfo

    options = {
        name: each if isinstance(each, str) else ",".join(each) for name, each in address.query.items()
    }
    try:
        make_conninfo("", **options)
    except ProgrammingError:
        return False
    return True


def _make_room(address: URL, shown: str, create: bool) -> None:
    """SQLite's file, and its folder. Raises `StoreError` where there is no file and none is to be made."""
    file = str(address.database)
    if not create and not os.path.exists(file):
        raise missing(shown)
    with guarded(shown):
        try:
            os.makedirs(os.path.dirname(file), exist_ok=True)
        except FileNotFoundError as error:  # as in folders that are not the disk's
            raise unavailable(NO_FILE, shown) from error
        if not os.path.exists(file):
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNERS))


def missing(shown: str) -> StoreError:
    """There is a place for a store, but no store."""
    return StoreError(
        "no-store",
        f"there is no store at `{shown}` yet; it is made when something is published",
        f"`{shown}` 处还没有存储库；首次发布时会创建",
    )


# ---------------------------------------------------------------- connections


def _engine(address: URL) -> Engine:
    shared: dict[str, Any] = {
        "pool_size": KEPT,
        "max_overflow": MORE,
        "pool_timeout": PATIENCE,
        "hide_parameters": True,  # what is stored belongs in no error message
    }
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, **shared)
        event.listen(engine, "do_connect", _open_sqlite)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(
            address, connect_args={"connect_timeout": PATIENCE}, pool_pre_ping=True, **shared
        )
        event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _open_sqlite(_: object, entry: Any, where: Any, options: Any) -> sqlite3.Connection:
    """Opens a file that is there; what it is, is kept beside the connection.

    That is looked up first: should the file be replaced in between, the two differ, and the connection is dropped.
    """
    file = str(where[0])
    entry.info[OPENED] = _identity(file)
    if entry.info[OPENED] is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file)
    opened: sqlite3.Connection = sqlite3.connect(
        f"file:{quote(file)}?mode=rw", **{**options, "timeout": PATIENCE, "uri": True}
    )
    return opened


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # Python's driver begins no transaction by itself; `_begin_sqlite` does
    for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "recursive_triggers=on"):
        connection.execute(f"pragma {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get("begin", "begin")
    if begin:
        connection.exec_driver_sql(begin)


def _set_up_postgresql(connection: Any, _: object) -> None:
    settings = {
        "synchronous_commit": "on",
        "lock_timeout": f"{PATIENCE}s",
        "statement_timeout": f"{LONGEST_STATEMENT}s",
        "idle_in_transaction_session_timeout": f"{LONGEST_PAUSE}s",
        "timezone": "UTC",
    }
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"set {name} = '{value}'" for name, value in settings.items()))
    connection.commit()
