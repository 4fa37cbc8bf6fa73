"""One at a time: what keeps a database busy for long is not begun again while it runs, by whichever worker.

On SQLite it is a lock on a file beside the database, on PostgreSQL an advisory lock of a connection. Both go with whoever
holds them, so that a process that dies stands in nobody's way.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from zlib import crc32

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from policies.registry.store.connect import Store
from policies.registry.store.faults import guarded
from policies.registry.store.problems import StoreConflict


@contextmanager
def alone(store: Store, name: str, en: str, zh: str) -> Iterator[None]:
    """Nobody else is in a block of this `name` meanwhile; `en` and `zh` say what is done there.

    Raises `StoreConflict` at once where somebody is, `StoreUnavailable`; what goes wrong in the block passes as it is.
    """
    file = store.file
    with _held_in_database(store, name) if file is None else _held_file(store, f"{file}.{name}.lock") as mine:
        if not mine:
            raise StoreConflict(
                f"{name}-under-way",
                f"{en} is under way already; wait until it is done, then try again",
                f"{zh}正在进行；请待其结束后重试",
            )
        yield


@contextmanager
def _held_file(store: Store, path: str) -> Iterator[bool]:
    with guarded(store.url):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


@contextmanager
def _held_in_database(store: Store, name: str) -> Iterator[bool]:
    lock = {"lock": crc32(f"tierwise {name}".encode())}
    with ExitStack() as opened:
        with guarded(store.url):
            connection = opened.enter_context(store.engine.connect())
            # Without a transaction, which the database would not let stand open for so long; and never used again by others.
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()
            mine = bool(connection.execute(text("select pg_try_advisory_lock(:lock)"), lock).scalar())
        try:
            yield mine
        finally:
            with suppress(DBAPIError):  # a connection that was lost has let go of it
                connection.execute(text("select pg_advisory_unlock_all()"))
