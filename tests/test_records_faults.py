"""Recording while databases fail and workers die: what was acknowledged is there, and nothing stays broken.

`make faults` (`TIERWISE_LONG=1`) kills workers during ten thousand decisions instead of some hundred.
"""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, select, text

from dsl.model import CheckedPolicy
from policies.registry.store import connect, tables
from policies.registry.store.connect import Store, reading
from policies.registry.store.problems import StoreUnavailable
from policies.registry.store.verify import verify
from policies.registry.store.writer import Recorder
from tests.lacking import lacking
from tests.postgresql import Server, new_server
from tests.recording import loaded, recorded
from tests.running import PATIENCE, spawned
from tests.store import address, assert_whole
from tests.test_store_faults import filled, locked, open_folder, read_only, small_disk, through_a_crash

__all__ = ["open_folder", "small_disk"]

Open = Callable[..., Store]
LONG = bool(os.environ.get("TIERWISE_LONG"))
# More than would be told in time if the store were asked for each of them.
AT_ONCE = 20


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for locks end after a second instead of five."""
    monkeypatch.setattr(connect, "PATIENCE", 1)


def ids(store: Store) -> set[str]:
    """What is recorded."""
    with reading(store) as connection:
        return set(connection.execute(select(tables.records.c.id)).scalars())


def refused(recorder: Recorder, policy: CheckedPolicy) -> str:
    """Several calls at once, all of them refused as unavailable for one reason, and when to try again; its code."""

    def attempt(_: int) -> StoreUnavailable:
        with pytest.raises(StoreUnavailable) as caught:
            recorded(recorder, policy)
        return caught.value

    with ThreadPoolExecutor(AT_ONCE) as pool:
        errors = list(pool.map(attempt, range(AT_ONCE)))
    assert all(error.retry_after >= 1 and error.message("zh") for error in errors)
    [code] = {error.code for error in errors}
    return code


# ---------------------------------------------------------------- locked, read-only, full, gone


def test_locked_and_free_again(store: Store) -> None:
    policy = loaded(store)
    with Recorder(store) as recorder:
        kept = {recorded(recorder, policy)}
        with locked(address(store)):
            assert refused(recorder, policy) == "store-busy"
        kept.add(recorded(recorder, policy))
    assert ids(store) == kept
    assert_whole(store)


def test_read_only_and_writable_again(store_url: str, opened: Open, open_folder: Path) -> None:
    if store_url.startswith("sqlite"):
        store_url = f"sqlite:///{open_folder}/store.db"
    store = opened(store_url)
    policy = loaded(store)
    with Recorder(store) as recorder:
        kept = {recorded(recorder, policy)}
        with read_only(store, store_url):
            assert refused(recorder, policy) in ("store-read-only", "store-not-opened")
        kept.add(recorded(recorder, policy))
    assert ids(store) == kept
    assert_whole(store)


def fill_up(recorder: Recorder, policy: CheckedPolicy, kept: set[str]) -> StoreUnavailable:
    """Records until there is no room for another; what the store said then."""
    for _ in range(2000):
        try:
            kept.add(recorded(recorder, policy))
        except StoreUnavailable as error:
            return error
    raise AssertionError("it never was full")


def test_full_by_a_limit(tmp_path: Path, opened: Open) -> None:
    store = opened(f"sqlite:///{tmp_path}/store.db")
    policy = loaded(store)
    store.close()
    limit = {"pages": "100"}
    event.listen(
        store.engine, "connect", lambda raw, _: raw.execute(f"pragma max_page_count = {limit['pages']}")
    )
    kept: set[str] = set()
    with Recorder(store) as recorder:
        assert fill_up(recorder, policy, kept).code == "store-full"
        assert kept
        limit["pages"] = "100000"
        store.close()
        kept.add(recorded(recorder, policy))
    assert ids(store) == kept
    assert_whole(store)


def test_a_full_disk(small_disk: Path, opened: Open) -> None:
    store = opened(f"sqlite:///{small_disk}/store.db")
    policy = loaded(store)
    with Recorder(store) as recorder:
        kept = {recorded(recorder, policy)}
        with filled(small_disk):
            assert refused(recorder, policy) == "store-full"
            assert ids(store) == kept
        kept.add(recorded(recorder, policy))
    assert ids(store) == kept
    assert_whole(store)


def test_full_as_postgresql_says_it(postgresql_server: Server, opened: Open) -> None:
    url = postgresql_server.emptied()
    store = opened(url)
    policy = loaded(store)
    with Recorder(store) as recorder, psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create function full_disk() returns trigger language plpgsql as"
            " $$ begin raise exception 'no space left' using errcode = 'disk_full'; end $$"
        )
        connection.execute("create trigger full_disk before insert on payloads execute function full_disk()")
        assert refused(recorder, policy) == "store-full"
        connection.execute("drop trigger full_disk on payloads")
        kept = {recorded(recorder, policy)}
    assert ids(store) == kept
    assert_whole(store)


def test_postgresql_dies_under_load(postgresql_server: Server, opened: Open) -> None:
    store = opened(postgresql_server.emptied())
    policy = loaded(store)
    with Recorder(store) as recorder:
        kept, _ = through_a_crash(postgresql_server, lambda: recorded(recorder, policy))
    assert set(kept) <= ids(store)
    assert_whole(store)


# ---------------------------------------------------------------- kill -9


def worker(
    store: Store, threads: int, count: int, *before: str
) -> AbstractContextManager[subprocess.Popen[str]]:
    command = (sys.executable, "-m", "tests.record_workers", address(store), str(threads), str(count))
    return spawned(*before, *command, stdout=subprocess.PIPE)


@contextmanager
def surviving(store: Store) -> Iterator[list[str]]:
    """A second worker that nobody kills; the ids that it has acknowledged in the end."""
    acknowledged: list[str] = []
    with worker(store, 4, 1000 if LONG else 20) as other:
        yield acknowledged
        acknowledged += other.communicate(timeout=600)[0].split()
        assert other.returncode == 0


def test_killed_while_it_records(store: Store) -> None:
    """What was acknowledged is there, whole; the chain holds; whoever survives is not held up."""
    loaded(store)
    acknowledged: list[str] = []
    rounds = 10_000 if LONG else 2
    with surviving(store) as others:
        while rounds and len(acknowledged) < 10_000:
            rounds -= 1
            with worker(store, 8, 100_000) as process:
                assert process.stdout is not None
                acknowledged.append(process.stdout.readline().strip())
                delay = random.uniform(0.0, 3.0 if LONG else 0.3)
                threading.Timer(delay, process.send_signal, [signal.SIGKILL]).start()
                # The last line may have been cut off by the kill: then it was not acknowledged.
                acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
                assert process.wait(PATIENCE) == -signal.SIGKILL
            assert set(acknowledged) <= ids(store)
    assert set(acknowledged) | set(others) <= ids(store)
    assert len(others) == (4000 if LONG else 80)
    assert list(verify(store)) == []
    assert_whole(store)


# ---------------------------------------------------------------- on the disk


def test_commits_wait_for_the_disk(store: Store) -> None:
    """The very connection that records holds the setting by which a commit returns only when it is durable."""
    policy = loaded(store)
    settings: list[object] = []
    asked = "pragma synchronous" if store.file else "show synchronous_commit"

    def look(connection: object) -> None:
        settings.append(connection.exec_driver_sql(asked).scalar())  # type: ignore[attr-defined]

    event.listen(store.engine, "commit", look)
    with Recorder(store) as recorder:
        for _ in range(3):
            recorded(recorder, policy)
    event.remove(store.engine, "commit", look)
    assert settings
    assert set(settings) == ({2} if store.file else {"on"})
    with store.engine.connect() as connection:
        mode = connection.execute(text("pragma journal_mode" if store.file else "show fsync")).scalar()
    assert mode == ("wal" if store.file else "on")


def test_the_disk_is_asked_once_a_batch(tmp_path: Path, opened: Open) -> None:
    """At least one fdatasync for each batch, fewer than requests; with one caller, one for each request."""
    store = opened(f"sqlite:///{tmp_path}/store.db")
    loaded(store)
    synced = []
    for threads in (1, 16):
        log = tmp_path / f"{threads}"
        _record(store, threads, *_traced(log))
        synced.append(_syncs(log))
    _assert_in_batches(*synced)
    assert_whole(store)


def test_postgresql_asks_the_disk_once_a_batch(watched_server: Server, opened: Open) -> None:
    """There it is the server that writes, not the worker."""
    store = opened(watched_server.new_database())
    loaded(store)
    log = watched_server.folder / "syncs"
    before, synced = _syncs(log), []
    for threads in (1, 16):
        _record(store, threads)
        synced.append(_syncs(log) - before)
        before += synced[-1]
    _assert_in_batches(*synced)
    assert_whole(store)


@pytest.fixture
def watched_server(postgresql_server: Server) -> Iterator[Server]:
    """A server of its own, every sync of which is noted in the file `syncs` of its folder."""
    server = new_server(postgresql_server.bin)
    try:
        server.stop()
        # `-D` leaves PostgreSQL the process that was started, by whose number `pg_ctl` knows it.
        words = shlex.join(_traced(server.folder / "syncs", "-D", str(server.bin / "postgres")))
        program = server.folder / "watched"
        program.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        program.chmod(0o755)
        server.start(program.name)
        yield server
        server.stop("immediate")
    finally:
        shutil.rmtree(server.folder)


def _traced(log: Path, *more: str) -> list[str]:
    """What runs a program and notes its syncs. Nothing else may be traced: it would be slow."""
    strace = shutil.which("strace")
    if strace is None:
        lacking("strace", "strace")
    return [strace, "-f", "-o", str(log), "-e", "trace=fsync,fdatasync", "--seccomp-bpf", *more]


def _record(store: Store, threads: int, *before: str) -> None:
    """Has a worker record 64 decisions."""
    with worker(store, threads, 64 // threads, *before) as process:
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert len(said.split()) == 64


def _syncs(log: Path) -> int:
    """How often data were written to the disk so far."""
    return len(re.findall(r"\bfdatasync\(", log.read_text()))


def _assert_in_batches(alone: int, together: int) -> None:
    assert alone >= 64
    assert 4 <= together < 64, "64 requests of 16 threads are at least 4 batches"
