"""Versions with one text that differ in what they use: never taken for each other, and what differs is shown where it stands."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.config import Config
from policies.registry.store.connect import Store, reading
from policies.registry.store.problems import Refused
from policies.registry.store.publications import approve_and_publish
from policies.registry.store.texts import Use
from policies.registry.store.versions import Version, find
from policies.registry.store.workflow import create, rollback, submit
from tests.api_client import problem_of
from tests.cli import Command, tierwise
from tests.store import START, Clock, address
from tests.test_pages import page
from tests.test_store_calls import codes, decided

__all__ = ["tierwise"]

Open = Callable[..., Store]

# The main text is the same whatever the bar is.
MAIN = """\
policy grading "Grading"
effective from 2026-01-01
currency CNY
use "pack.tier"
fact orders: money "Orders", at least 0
tiers grade by orders
  A "Key" from bar
  B "Other" otherwise
"""
PACK = """\
policy pack "Pack"
effective from 2026-01-01
currency CNY
set bar: money = {bar}
"""


def with_bar(store: Store, bar: int) -> Version:
    """A version of the one text, with a bar of its own."""
    uses = (Use("pack.tier", PACK.format(bar=bar)),)
    draft = create(store, MAIN, "ann", uses=uses)
    draft = submit(store, draft.id, draft.revision, "ann", "because")
    return approve_and_publish(store, draft.id, draft.revision, "bob").version


def tier(client: FlaskClient, orders: int, **fields: object) -> tuple[int, str]:
    """The version that answers, and the tier."""
    found = decided(client, facts={"orders": orders}, **fields)
    return found["policy"]["version"], found["tiers"]["grade"]["tier"]


@pytest.fixture
def app(store: Store) -> Iterator[Flask]:
    """A service with two versions of the one text: a bar of 100, then of 200."""
    assert with_bar(store, 100).hash == with_bar(store, 200).hash
    app = create_app(Config(), store=store)
    yield app
    app.extensions["recorder"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


# ---------------------------------------------------------------- a backup with another pack


def copied(store: Store, to: Path) -> Path:
    with closing(sqlite3.connect(str(store.file))) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
    return to


def restore(copy: Path, store: Store) -> None:
    """Puts a copy in the place of a store's file, as docs/operations.md says."""
    file = Path(str(store.file))
    for old in file.parent.glob(f"{file.name}-*"):
        old.unlink()
    os.replace(copy, file)


@pytest.mark.parametrize("superseded", [False, True])
def test_after_a_restore_the_restored_pack_decides(
    tmp_path: Path, empty_sqlite: Path, opened: Open, superseded: bool
) -> None:
    """Also of a version that holds no more, which was loaded when somebody asked for it."""
    shutil.copy(empty_sqlite, tmp_path / "store.db")
    store = opened(f"sqlite:///{tmp_path}/store.db", clock=Clock())
    with_bar(store, 50)
    copy = copied(store, tmp_path / "copy.db")
    with_bar(store, 20)
    other = opened(f"sqlite:///{copy}", clock=Clock())
    with_bar(other, 90)
    if superseded:
        for each in (store, other):
            with_bar(each, 70)
    other.close()
    app = create_app(Config(), store=store)
    client, watch = app.test_client(), app.extensions["watch"]
    assert tier(client, 30, version=2) == (2, "A")
    restore(copied(other, tmp_path / "moved.db"), store)
    for _ in range(2):  # the first look finds that its file is gone
        watch.look()
    assert tier(client, 30, version=2) == (2, "B")
    assert tier(client, 95, version=2) == (2, "A")
    app.extensions["recorder"].close()


# ---------------------------------------------------------------- asked for by the hash


def test_a_hash_that_two_versions_share_names_neither(store: Store) -> None:
    first = with_bar(store, 100)
    assert with_bar(store, 200).hash == first.hash
    with reading(store) as connection:
        for hash in (first.hash, first.hash[:20]):
            with pytest.raises(Refused, match="may be `grading@1`, `grading@2`") as caught:
                find(connection, f"grading@{hash}", START)
    assert "版本号，如 `grading@2`" in caught.value.message("zh")


def test_versions_alike_in_all_texts_are_told_by_the_latest(store: Store) -> None:
    """A rollback has the text, and what it uses, of the version that it brings back."""
    first = with_bar(store, 100)
    draft = rollback(store, "grading", 1, "ann", "oops")
    again = approve_and_publish(store, draft.id, draft.revision, "bob").version
    assert again.content == first.content
    with reading(store) as connection:
        assert find(connection, f"grading@{first.hash}", START).number == 2
    app = create_app(Config(), store=store)
    assert tier(app.test_client(), 150, policy=f"grading@{first.hash}") == (2, "A")
    app.extensions["recorder"].close()
    with_bar(store, 200)
    with reading(store) as connection, pytest.raises(Refused, match="`grading@2`, `grading@3`"):
        find(connection, f"grading@{first.hash}", START)


def test_over_http_the_numbers_are_listed(client: FlaskClient) -> None:
    hash = client.get("/v1/policies/grading/versions/1").get_json()["hash"]
    question = {"policy": f"grading@{hash}", "facts": {"orders": 150}}
    reply = client.post("/v1/decisions", json=question)
    assert codes(reply) == {"/policy": "several_versions"}
    assert "(1, 2)" in problem_of(reply, 422)["errors"][0]["detail"]
    chinese = client.post("/v1/decisions", json={**question, "lang": "zh"})
    assert "请用版本号指定" in json.dumps(chinese.get_json(), ensure_ascii=False)
    assert [tier(client, 150, version=number) for number in (1, 2)] == [(1, "A"), (2, "B")]
    shown = client.get(f"/policies/grading?version={hash}")
    assert shown.status_code == 404
    assert "(1, 2)" in shown.get_data(as_text=True)


def test_the_command_refuses_it_too(
    store: Store, tierwise: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = with_bar(store, 100)
    with_bar(store, 200)
    monkeypatch.setenv("TIERWISE_DATABASE_URL", address(store))
    monkeypatch.chdir(tmp_path)
    done = tierwise("decide", f"grading@{first.hash}", "--facts", "-", stdin='{"orders": 150}')
    assert (done.code, done.out, "name the number, as in `grading@2`" in done.err) == (2, "", True)


# ---------------------------------------------------------------- what differs


def test_a_pack_that_differs_is_shown_under_its_name(client: FlaskClient) -> None:
    found = client.get("/v1/policies/grading/versions/1/diff/2").get_json()
    assert found["text"].splitlines() == [
        "--- pack.tier",
        "+++ pack.tier",
        "@@ -1,4 +1,4 @@",
        ' policy pack "Pack"',
        " effective from 2026-01-01",
        " currency CNY",
        "-set bar: money = 100",
        "+set bar: money = 200",
    ]
    (item,) = [each for each in found["differences"] if each["rule"] == "bar"]
    assert (item["line_from"], item["file_from"], item["line_to"], item["file_to"]) == (
        4, "pack.tier", 4, "pack.tier",
    )  # fmt: skip
    english, chinese = (
        page(client.get(f"/policies/grading/versions/1/diff/2?lang={lang}")).text for lang in ("en", "zh")
    )
    assert "line 4 of pack.tier" in english
    assert "pack.tier 第 4 行" in chinese
    assert "The texts are the same." not in english
    same = page(client.get("/policies/grading/versions/1/diff/1")).text
    assert "The texts are the same." in same


def test_files_are_compared_by_what_the_policies_call_them(tmp_path: Path, tierwise: Command) -> None:
    for folder, pack in (("old", PACK.format(bar=100)), ("new", "# raised\n" + PACK.format(bar=200))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.tier").write_text(MAIN, "utf-8")
        (tmp_path / folder / "pack.tier").write_text(pack, "utf-8")
    old, new = tmp_path / "old" / "main.tier", tmp_path / "new" / "main.tier"
    done = tierwise("diff", old, new, "--text")
    assert "(line 5 of pack.tier, was 4)" in done.out
    assert f"--- {tmp_path}/old/pack.tier\n+++ {tmp_path}/new/pack.tier\n" in done.out
    assert "main.tier" not in done.out
    assert "（pack.tier 第 5 行，原 pack.tier 第 4 行）" in tierwise("diff", old, new, "--lang", "zh").out


def test_a_pack_that_comes_or_goes_is_shown_whole(tmp_path: Path, tierwise: Command) -> None:
    (tmp_path / "pack.tier").write_text(PACK.format(bar=100), "utf-8")
    (tmp_path / "with.tier").write_text(MAIN, "utf-8")
    alone = MAIN.replace('use "pack.tier"', "set bar: money = 100")
    (tmp_path / "without.tier").write_text(alone, "utf-8")
    gone = tierwise("diff", tmp_path / "with.tier", tmp_path / "without.tier", "--text").out
    assert f"--- {tmp_path}/pack.tier\n+++ /dev/null\n" in gone
    assert "-set bar: money = 100" in gone
    came = tierwise("diff", tmp_path / "without.tier", tmp_path / "with.tier", "--text").out
    assert f"--- /dev/null\n+++ {tmp_path}/pack.tier\n" in came
