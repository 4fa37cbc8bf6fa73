"""SQLite's file is removed, replaced or emptied while it is in use: nothing is acknowledged that is lost, and what is put in
its place is taken up by itself. And the file itself: whose it is, and what stays in its log."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from api.app import create_app
from api.config import Config
from api.server import opened as opened_by_worker
from policies.registry.store import connect, workflow
from policies.registry.store.connect import Store, empty_log, reading, writing
from policies.registry.store.problems import StoreError, StoreUnavailable
from tests import store as samples
from tests.api_client import post, problem_of
from tests.store import POLICY, Clock, assert_whole, published

Open = Callable[..., Store]
QUESTION = {"policy": "grading", "facts": {"orders": 500}}


@pytest.fixture
def store(tmp_path: Path, empty_sqlite: Path, opened: Open) -> Store:
    """A store in a file, with one version."""
    (tmp_path / "var").mkdir()
    shutil.copy(empty_sqlite, tmp_path / "var/store.db")
    store = opened(f"sqlite:///{tmp_path}/var/store.db", clock=Clock())
    published(store)
    return store


@pytest.fixture
def app(store: Store) -> Iterator[Flask]:
    """The service of that store."""
    app = create_app(Config(), store=store)
    yield app
    app.extensions["recorder"].close()


@pytest.fixture
def backup(store: Store, tmp_path: Path) -> Path:
    """A copy of the store as it was first."""
    with closing(sqlite3.connect(file_of(store))) as connection:
        connection.execute("vacuum into ?", [str(tmp_path / "backup.db")])
    return tmp_path / "backup.db"


def file_of(store: Store) -> str:
    assert store.file is not None
    return store.file


def remove(store: Store) -> None:
    """Takes the file away, as `rm` does: whoever has it open goes on with it."""
    for each in Path(file_of(store)).parent.iterdir():
        each.unlink()


def restore(store: Store, backup: Path) -> None:
    """Puts a copy in the file's place, as `mv` does."""
    remove(store)
    shutil.copy(backup, f"{store.file}.new")
    os.replace(f"{store.file}.new", file_of(store))


def refuses(act: Callable[[], object]) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        act()
    assert caught.value.code == "store-moved"
    assert caught.value.retry_after >= 1
    assert "moved, replaced or emptied" in caught.value.message("en")
    assert "移走、替换或清空" in caught.value.message("zh")


def listed(store: Store) -> int:
    return len(workflow.listing(store))


# ---------------------------------------------------------------- removed, replaced, emptied


def test_removed(store: Store, backup: Path) -> None:
    remove(store)
    for _ in range(3):
        refuses(lambda: workflow.create(store, POLICY, "ann"))
        refuses(lambda: listed(store))
    assert not os.path.exists(file_of(store)), "nobody makes an empty one"
    restore(store, backup)
    workflow.create(store, POLICY, "ann")
    assert_whole(store)


def test_removed_before_the_commit(store: Store) -> None:
    """What is committed to a file that is gone by then is not acknowledged."""

    def write() -> None:
        with writing(store) as connection:
            connection.execute(text("insert into migrated values (1)"))
            remove(store)

    with writing(store) as connection:
        connection.execute(text("create table migrated (one integer)"))
    refuses(write)


def test_replaced_before_the_commit(store: Store, backup: Path) -> None:
    def write() -> None:
        with writing(store):
            restore(store, backup)

    refuses(write)
    published(store)
    assert_whole(store)


def test_a_backup_in_its_place_is_taken_up(store: Store, backup: Path) -> None:
    published(store)
    assert listed(store) == 2
    restore(store, backup)
    refuses(lambda: listed(store))
    assert listed(store) == 1
    published(store)
    with closing(sqlite3.connect(file_of(store))) as connection:
        assert connection.execute("select count(*) from versions").fetchone() == (2,)
    assert_whole(store)


def test_moved_away_and_back(store: Store) -> None:
    """With its log, in which what was written last may stand alone: no closing connection empties or removes that."""
    published(store)
    os.rename(file_of(store), f"{store.file}.away")
    refuses(lambda: listed(store))
    refuses(lambda: workflow.create(store, POLICY, "ann"))
    os.rename(f"{store.file}.away", file_of(store))
    assert listed(store) == 2
    published(store)
    assert_whole(store)


def test_an_empty_file_in_its_place(store: Store, tmp_path: Path, backup: Path) -> None:
    (tmp_path / "empty.db").touch()
    restore(store, tmp_path / "empty.db")
    for _ in range(2):
        refuses(lambda: listed(store))
        refuses(lambda: workflow.create(store, POLICY, "ann"))
    restore(store, backup)
    refuses(lambda: listed(store))
    assert listed(store) == 1


def test_the_service_says_so_and_goes_on(app: Flask, store: Store, backup: Path) -> None:
    client, watch = app.test_client(), app.extensions["watch"]
    assert post(client, "/v1/decisions", QUESTION).status_code == 200
    remove(store)
    for _ in range(3):
        reply = post(client, "/v1/decisions", QUESTION)
        assert problem_of(reply, 503)["errors"][0]["code"] == "store-moved"
        assert int(reply.headers["Retry-After"]) >= 1
    watch.look()
    assert client.get("/readyz").get_json()["alarms"] == [{"code": "store-moved"}]
    restore(store, backup)
    watch.look()
    assert "alarms" not in client.get("/readyz").get_json()
    kept = post(client, "/v1/decisions", QUESTION).get_json()["decision_id"]
    with closing(sqlite3.connect(file_of(store))) as connection:
        assert connection.execute("select id from records").fetchall() == [(kept,)]


def test_numbers_given_again_after_a_restore_mean_the_new_texts(
    app: Flask, store: Store, backup: Path
) -> None:
    """As many events and the same number, but another text."""
    client, watch = app.test_client(), app.extensions["watch"]

    def label() -> str:
        watch.look()
        watch.look()
        reply = post(client, "/v1/decisions", {**QUESTION, "explain": "reasons"})
        version = client.get("/v1/policies/grading/versions/2").get_json()
        assert reply.get_json()["policy"]["hash"] == version["hash"]
        return "Lost" if "Lost" in version["text"] else "Kept" if "Kept" in version["text"] else ""

    published(store, samples.text(label="Lost"))
    assert label() == "Lost"
    restore(store, backup)
    refuses(lambda: listed(store))
    published(store, samples.text(label="Kept"))
    assert label() == "Kept"


def test_a_worker_never_begins_an_empty_store(store: Store) -> None:
    config = Config(database_url=f"sqlite:///{store.file}")
    remove(store)
    with pytest.raises(StoreError, match="there is no store"):
        opened_by_worker(config, create=False)
    assert not os.path.exists(file_of(store))


# ---------------------------------------------------------------- whose the files are, and what stays in the log


def test_the_files_are_their_owners(tmp_path: Path, opened: Open) -> None:
    before = os.umask(0)
    try:
        store = opened(f"sqlite:///{tmp_path}/own/store.db")
        published(store)
        files = {each.name: each.stat().st_mode & 0o777 for each in (tmp_path / "own").iterdir()}
    finally:
        os.umask(before)
    assert files == {f"store.db{end}": 0o600 for end in ("", "-wal", "-shm", ".lock")}


def test_the_log_is_emptied(store: Store) -> None:
    log = Path(f"{store.file}-wal")
    assert log.stat().st_size > 0
    assert empty_log(store) is True
    assert log.stat().st_size == 0


def test_a_log_that_is_read_from_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "TRIES", 2)
    with reading(store) as connection:
        connection.execute(text("select count(*) from versions")).scalar()
        published(store)
        assert empty_log(store) is False
        published(store)
    assert empty_log(store) is True
    assert_whole(store)
