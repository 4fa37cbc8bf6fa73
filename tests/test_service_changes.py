"""What is published while the service runs, and two people at once: both workers follow, and mix nothing.

Which worker gave an answer stands in the log, which names every decision's id and its process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from policies.registry.store.connect import Store, reading
from policies.registry.store.publications import approve_and_publish
from policies.registry.store.texts import Use
from policies.registry.store.versions import versions
from policies.registry.store.workflow import create, submit
from tests.running import PATIENCE, Service, serving, wait_for
from tests.store import ROOT, address, assert_whole, published, text
from tests.stored_service import DECISIONS, Asking, Reply, alarms, asking, call, decide

Open = Callable[..., Store]

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="workers are found through /proc"
)

PACK = """\
policy limits "Limits"
effective from 2026-01-01
currency CNY
set bar: money = {bar}
"""
POLICY = """\
policy grading "Grading"
effective from 2026-01-01
currency CNY
use "limits.tier"
fact orders: money "Orders", at least 0
tiers grade by orders
  A "Key {label}" from bar
  B "Other {label}" otherwise
"""


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one version, which differ from any other's in all that an answer shows: for 500 of orders, every
    second one gives A, and each has labels of its own. The bar comes from a text of its own.
    """

    number: int

    @property
    def policy(self) -> str:
        return POLICY.format(label=self.number)

    @property
    def uses(self) -> tuple[Use, ...]:
        return (Use("limits.tier", PACK.format(bar=100 if self.number % 2 else 1000)),)

    @property
    def answer(self) -> tuple[str, str]:
        """Tier and label of a customer with 500 of orders."""
        return ("A", f"Key {self.number}") if self.number % 2 else ("B", f"Other {self.number}")


# ---------------------------------------------------------------- ways to publish


@dataclass(frozen=True, slots=True)
class Place:
    """A store, the service that serves it, and a folder for files."""

    store: Store
    service: Service
    folder: Path


def publish(store: Store, texts: Texts) -> None:
    """Ann writes it, bob publishes it."""
    draft = create(store, texts.policy, "ann", uses=texts.uses)
    draft = submit(store, draft.id, draft.revision, "ann", "because")
    approve_and_publish(store, draft.id, draft.revision, "bob")


def by_the_store(place: Place, texts: Texts) -> None:
    publish(place.store, texts)


def by_calls(place: Place, texts: Texts) -> None:
    body: object = {"text": texts.policy, "uses": {use.name: use.text for use in texts.uses}}
    draft = call(place.service, "POST", "/v1/policies", body).body
    way = f"/v1/drafts/{draft['draft']}"
    handed_in = {"revision": draft["revision"], "reason": "because"}
    draft = call(place.service, "POST", f"{way}/submit", handed_in).body
    agreed = {"revision": draft["revision"], "approve": True}
    assert call(place.service, "POST", f"{way}/publish", agreed, "bob").body["version"] == texts.number


def by_commands(place: Place, texts: Texts) -> None:
    file = place.folder / "grading.tier"
    file.write_text(texts.policy, "utf-8")
    for use in texts.uses:
        (place.folder / use.name).write_text(use.text, "utf-8")
    environ = {**os.environ, "TIERWISE_DATABASE_URL": address(place.store)}
    for words in (
        ("publish", str(file), "--reason", "because", "--author", "ann"),
        ("approve", "grading", "--as", "bob", "--publish"),
    ):
        command = [sys.executable, "-m", "api.cli", *words]
        subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True)


WAYS: tuple[Callable[[Place, Texts], None], ...] = (by_the_store, by_calls, by_commands)


# ---------------------------------------------------------------- hot change


def test_every_worker_follows(store_url: str, opened: Open, tmp_path: Path) -> None:
    """Under load, however it is published; and every answer is of one version, whole. How soon is measured in bench/."""
    store = opened(store_url)
    publish(store, Texts(1))
    took: list[float] = []
    with serving(tmp_path, database_url=store_url) as service, asking(service, people=3) as callers:
        wait_for(lambda: workers_of(service, callers, 1) == service.workers())
        for number, way in enumerate(WAYS, 2):
            way(Place(store, service, tmp_path), Texts(number))
            done = time.monotonic()
            wait_for(lambda: workers_of(service, callers, number) == service.workers())  # noqa: B023
            old = [reply.asked for reply in callers.good() if version_of(reply) < number]
            took.append(max(old) - done)
    print("\n".join(f"{way.__name__}: {each:.2f} s" for way, each in zip(WAYS, took, strict=True)))
    assert callers.refused() == []
    assert callers.broken == []
    assert_unmixed(store, callers.good(), len(WAYS) + 1)


def version_of(reply: Reply) -> int:
    number: int = reply.body["policy"]["version"]
    return number


def workers_of(service: Service, callers: Asking, number: int) -> set[int]:
    """The workers that have answered with a version, of the last answers."""
    ids = {reply.body["decision_id"] for reply in callers.good()[-100:] if version_of(reply) == number}
    lines = (json.loads(line) for line in service.said[-300:] if '"decision_ids"' in line)
    return {line["process"] for line in lines if ids.intersection(line["decision_ids"])}


def assert_unmixed(store: Store, replies: list[Reply], count: int) -> None:
    """Each answer's number, hash, tier and label are those of one version; and all of them were seen."""
    with reading(store) as connection:
        hashes = {each.number: each.hash for each in versions(connection, "grading")}
    assert set(hashes) == set(range(1, count + 1)) == {version_of(reply) for reply in replies}
    for reply in replies:
        number, grade = version_of(reply), reply.body["tiers"]["grade"]
        assert reply.body["policy"]["hash"] == hashes[number]
        assert (grade["tier"], grade["label"]) == Texts(number).answer


# ---------------------------------------------------------------- what cannot be loaded


def test_a_version_that_cannot_be_loaded_leaves_the_old_one(
    store_url: str, opened: Open, tmp_path: Path
) -> None:
    """In both workers, and in one that starts meanwhile; each raises an alarm, and the next version ends it.

    What is wrong with it is a text that it uses: it is not the one that was published.
    """
    store = opened(store_url)
    publish(store, Texts(1))
    published(store, text("other"))
    with serving(tmp_path, database_url=store_url) as service:
        with stopped(service):
            publish(store, Texts(2))
            spoil(store, Texts(2).uses[0].text)
            published(store, text("other", "Better"))
        alarm = [{"code": "version-not-loaded", "version": "grading@2"}]
        wait_for(lambda: all(each == alarm for each in alarms(service)))
        assert from_every_worker(service) == {(1, *Texts(1).answer)}
        assert from_every_worker(service, "other") == {(2, "A", "Better")}, "the others are taken up"
        assert counted(service) == 2
        victim = min(service.workers())
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: victim not in service.workers() and service.is_whole())
        assert from_every_worker(service) == {(1, *Texts(1).answer)}
        assert all(each == alarm for each in alarms(service))
        assert counted(service) == 3
        publish(store, Texts(3))
        wait_for(lambda: not any(alarms(service)))
        assert from_every_worker(service) == {(3, *Texts(3).answer)}
        assert counted(service) == 3


@contextmanager
def stopped(service: Service) -> Iterator[None]:
    """The workers stand still, so that they see what happens meanwhile as if it had happened at once."""
    workers = service.workers()
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)


def spoil(store: Store, kept: str) -> None:
    """Puts another text, in itself a good one, under the hash of a text, as nobody can who does not own the database."""
    other = kept.replace("1000", "100")
    assert other != kept
    with store.engine.connect() as connection:
        if store.file is None:
            connection.execute(sql("set local session_replication_role = replica"))
        else:
            connection.execute(sql("drop trigger texts_no_update"))
        done = connection.execute(
            sql("update texts set text = :other where text = :kept"), {"other": other, "kept": kept}
        )
        assert done.rowcount == 1
        connection.commit()


def from_every_worker(service: Service, policy: str = "grading") -> set[tuple[int, str, str]]:
    """Version, tier and label of the answers of every worker."""
    replies = service.from_every_worker(lambda: decide(service, policy=policy), DECISIONS)
    assert [reply.status for reply in replies] == [200] * len(replies), replies
    grades = [(version_of(reply), reply.body["tiers"]["grade"]) for reply in replies]
    return {(version, grade["tier"], grade["label"]) for version, grade in grades}


def counted(service: Service) -> int:
    """How many alarms were raised, by the service's own count."""
    _, body = service.call("GET", "/metrics")
    lines = [line for line in body.decode().splitlines() if line.startswith("tierwise_alarms_total{")]
    return round(sum(float(line.rpartition(" ")[2]) for line in lines))


# ---------------------------------------------------------------- two at once


PEOPLE = ("bob", "cai", "dee")
STEPS: Mapping[str, Mapping[str, object]] = {
    "approve": {},
    "publish": {"approve": True},
    "reject": {"comment": "no"},
}


@pytest.mark.parametrize("ways", [("approve",) * 3, ("publish",) * 3, ("approve", "publish", "reject")])
def test_of_several_at_once_one_wins(running: tuple[Service, Store], ways: tuple[str, ...]) -> None:
    """Whoever is late hears who was faster, what that one did and when, in the language of their call."""
    service, store = running
    for _ in range(4):
        draft = call(service, "POST", "/v1/policies", {"text": text("both", str(time.monotonic()))}).body
        way = f"/v1/drafts/{draft['draft']}"
        draft = call(
            service, "POST", f"{way}/submit", {"revision": draft["revision"], "reason": "because"}
        ).body
        gate = threading.Barrier(len(PEOPLE))

        def step(person: str, what: str) -> Reply:
            gate.wait(PATIENCE)  # noqa: B023 the round is over by then
            lang = "zh" if person == "dee" else "en"
            body = {"revision": draft["revision"], "lang": lang, **STEPS[what]}  # noqa: B023
            return call(service, "POST", f"{way}/{what}", body, person)  # noqa: B023

        with ThreadPoolExecutor(len(PEOPLE)) as pool:
            replies = dict(zip(PEOPLE, pool.map(step, PEOPLE, ways), strict=True))
        [winner] = [person for person, reply in replies.items() if reply.status == 200]
        for person in set(PEOPLE) - {winner}:
            assert_late(
                replies[person], winner, ways[PEOPLE.index(winner)], "zh" if person == "dee" else "en"
            )
    assert_whole(store)


DID = {
    "approve": ("approved it", "批准"),
    "publish": ("published it", "发布"),
    "reject": ("rejected it", "驳回"),
}


def assert_late(reply: Reply, winner: str, what: str, lang: str) -> None:
    assert reply.status == 409, reply
    assert reply.body["type"].endswith("conflict")
    told = reply.body["detail"]
    assert f"`{winner}` " in told
    assert DID[what][lang == "zh"] in told
    assert str(time.gmtime().tm_year) in told
    assert reply.retry_after is None


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Service, Store]]:
    """A service, and its store as the tests look into it."""
    from policies.registry.store.connect import open_store

    folder = tmp_path_factory.mktemp("service")
    url = f"sqlite:///{folder}/store.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_server").new_database()
    store = open_store(url)
    published(store)
    with serving(folder, database_url=url) as service:
        yield service, store
    store.close()
