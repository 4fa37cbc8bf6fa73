"""The service while its database cannot: locked, full, read-only, gone. Whoever calls is told so and when to come again.

Afterwards the same processes answer as before, and nothing was done by half. One service for each database goes through all of
it; what processes that die do to it is in `test_service_faults.py`.
"""

from __future__ import annotations

import os
import resource
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from policies.registry.store import workflow
from policies.registry.store.connect import Store, open_store
from tests.postgresql import Server
from tests.running import Service, serving, wait_for
from tests.store import POLICY, address, published
from tests.stored_service import (
    alarms,
    asking,
    assert_kept,
    assert_unavailable,
    call,
    decide,
    recorded_answers,
)
from tests.test_store_faults import filled, locked, small_disk

__all__ = ["small_disk"]

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="workers are found through /proc"
)
# Root may write where nobody may; without this right it is like everybody else.
LIKE_EVERYBODY = ("setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override")


@dataclass(frozen=True, slots=True)
class Running:
    """A service, and its store as the test looks into it."""

    service: Service
    store: Store

    def refuses(self, *codes: str) -> None:
        """Several decisions and a step of the workflow at once: all are refused, and nothing of them is there."""
        decisions, drafts = recorded_answers(self.store).keys(), workflow.listing(self.store)
        with ThreadPoolExecutor(7) as pool:
            asked = [pool.submit(decide, self.service) for _ in range(6)]
            step = pool.submit(call, self.service, "POST", "/v1/policies", {"text": POLICY})
            replies = [each.result() for each in (*asked, step)]
        for reply in replies:
            assert_unavailable(reply, *codes)
        assert (recorded_answers(self.store).keys(), workflow.listing(self.store)) == (decisions, drafts)

    def works(self) -> None:
        """It decides, records and takes a draft again."""
        replies = [decide(self.service) for _ in range(8)]
        assert [reply.status for reply in replies] == [200] * 8, replies
        assert call(self.service, "POST", "/v1/policies", {"text": POLICY}).status == 201
        assert_kept(self.store, replies)


@contextmanager
def running(url: str, folder: Path) -> Iterator[Running]:
    """A service of a store with one policy."""
    before = LIKE_EVERYBODY if os.geteuid() == 0 else ()
    store = open_store(url)
    try:
        published(store)
        with serving(folder, *before, database_url=url) as service:
            yield Running(service, store)
    finally:
        store.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept_running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The service that goes through all of it."""
    folder = tmp_path_factory.mktemp("service")
    url = f"sqlite:///{folder}/store/store.db"
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql_server")
        url = server.new_database()
    with running(url, folder) as found:
        yield found


@pytest.fixture
def same(kept_running: Running) -> Iterator[Running]:
    """The service, of which every process must be the same after the test as before, and work."""
    workers = kept_running.service.workers()
    yield kept_running
    kept_running.works()
    assert kept_running.service.workers() == workers


# ---------------------------------------------------------------- locked, read-only, full


def test_locked_by_another_process(same: Running) -> None:
    """Who writes is refused; who only reads is not even held up."""
    with locked(address(same.store)), ThreadPoolExecutor(1) as pool:
        refused = pool.submit(same.refuses, "store-busy")
        time.sleep(0.2)
        for path in ("/readyz", "/v1/policies/grading/versions", "/v1/decisions"):
            assert call(same.service, "GET", path).status == 200
        refused.result()


def test_read_only(same: Running) -> None:
    """Who only reads goes on reading."""
    with read_only(same.store):
        same.refuses("store-read-only", "store-not-opened")
        assert call(same.service, "GET", "/v1/policies/grading/versions").status == 200


@contextmanager
def read_only(store: Store) -> Iterator[None]:
    """Nobody may write to the database any more."""
    if store.file is None:
        url = address(store)
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        _set(url, f"alter database {name} set default_transaction_read_only = on")
        try:
            yield
        finally:
            _set(url, f"alter database {name} reset default_transaction_read_only")
        return
    folder = Path(store.file).parent
    files = [folder, *folder.iterdir()]
    for file in files:
        file.chmod(0o555 if file.is_dir() else 0o444)
    try:
        yield
    finally:
        for file in files:
            if file.exists():
                file.chmod(0o755 if file.is_dir() else 0o644)


def _set(url: str, command: str) -> None:
    """Sets something of a database, and ends every connection from before, since only later ones hear of it.

    Until none has been there for a while: one that was just being made is not seen at once.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = off")
        connection.execute(command.encode())
        [at] = connection.execute("select clock_timestamp()").fetchone() or ()
        quiet = 0
        while quiet < 3:
            ended = connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid() and backend_start <= %s",
                [at],
            ).fetchall()
            quiet = 0 if ended else quiet + 1
            time.sleep(0.1)


@contextmanager
def full(running: Running) -> Iterator[None]:
    """No room is left, as everybody can make it so: by a quota on what the workers write, by PostgreSQL's own word."""
    if running.store.file is not None:
        with quota(running.service, 4096):
            yield
        return
    with psycopg.connect(address(running.store), autocommit=True) as connection:
        connection.execute(
            "create function full_disk() returns trigger language plpgsql as"
            " $$ begin raise exception 'no space left' using errcode = 'disk_full'; end $$"
        )
        for table in ("payloads", "events"):
            connection.execute(
                f"create trigger full_disk before insert on {table} execute function full_disk()".encode()
            )
        try:
            yield
        finally:
            connection.execute("drop function full_disk cascade")


@contextmanager
def quota(service: Service, size: int) -> Iterator[None]:
    """No worker may write beyond so many bytes of any file."""
    before = {worker: resource.prlimit(worker, resource.RLIMIT_FSIZE) for worker in service.workers()}
    for worker, (_, hard) in before.items():
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        for worker, limits in before.items():
            resource.prlimit(worker, resource.RLIMIT_FSIZE, limits)


def test_full(same: Running) -> None:
    """Who only reads goes on reading."""
    with full(same):
        same.refuses("store-full", "store-disk")
        assert call(same.service, "GET", "/v1/policies/grading/versions").status == 200


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_full_disk(kind: str, small_disk: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A disk that really is full; only root can have one."""
    with database_on(small_disk, kind, request) as url, running(url, tmp_path) as found:
        workers, kept = found.service.workers(), [decide(found.service)]
        with filled(small_disk):
            refused = None
            for _ in range(2000):  # what there was of room is used up first
                reply = decide(found.service)
                if reply.status != 200:
                    refused = reply
                    break
                kept.append(reply)
            assert refused is not None
            assert_unavailable(refused, "store-full")
            assert_kept(found.store, kept)
        found.works()
        assert_kept(found.store, kept)
        assert found.service.workers() == workers


@contextmanager
def database_on(disk: Path, kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database that keeps its tables there."""
    if kind == "sqlite":
        yield f"sqlite:///{disk}/store.db"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    if server.user is not None:
        shutil.chown(disk, server.user)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"create tablespace small location '{disk}'".encode())
        connection.execute("create database small tablespace small")
    try:
        yield server.url("small")
    finally:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("drop database small with (force)")
            connection.execute("drop tablespace small")


# ---------------------------------------------------------------- gone


@pytest.mark.parametrize("kept_running", ["postgresql"], indirect=True)
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgresql_is_restarted_under_load(same: Running, postgresql_server: Server, mode: str) -> None:
    """In good order, and as if the power had gone: 503 meanwhile, and within seconds all is well by itself."""
    with asking(same.service, f"{mode}-") as callers:
        wait_for(lambda: len(callers.good()) > 50)
        postgresql_server.stop(mode)
        stopped = time.monotonic()
        try:
            wait_for(lambda: len(callers.refused()) > 10)
            away = call(same.service, "GET", "/v1/drafts")
            wait_for(lambda: all(each == [{"code": "store-away"}] for each in alarms(same.service)))
        finally:
            postgresql_server.start()
        started = time.monotonic()
        wait_for(lambda: len(callers.good(started)) > 50)
    took = callers.good(started)[0].came - started
    print(f"{mode}: away for {started - stopped:.1f} s, decided {took:.2f} s after it was there again")
    for reply in (*callers.refused(), away):
        assert_unavailable(reply, "store-away", "store-busy")
    assert callers.broken == []
    assert_kept(same.store, callers.good())
    wait_for(lambda: not any(alarms(same.service)))
