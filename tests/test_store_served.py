"""The service of a store as it runs: several processes that take up what is published, and record what they answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from policies.registry.store.connect import Store, open_store, reading
from policies.registry.store.records import find_record
from policies.registry.store.verify import verify
from tests.running import PATIENCE, Service, serving, wait_for
from tests.store import ROOT, published, text

QUESTION = json.dumps({"policy": "grading", "facts": {"orders": 500}}).encode()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of one version, in a file: the service's workers open it, too."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store')}/store.db")
    published(store)
    yield store
    store.close()


@contextmanager
def served(store: Store, folder: Path) -> Iterator[Service]:
    with serving(folder, database_url=f"sqlite:///{store.file}") as service:
        yield service


@pytest.fixture(scope="module")
def service(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with served(store, tmp_path_factory.mktemp("policies")) as running:
        yield running


def decided(service: Service) -> dict[str, Any]:
    status, body = service.call("POST", "/v1/decisions", QUESTION)
    assert status == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


def answered_by(service: Service) -> set[int]:
    """The versions by which the workers decide, each asked at least once."""
    answers = service.from_every_worker(lambda: decided(service), "/v1/decisions")
    return {answer["policy"]["version"] for answer in answers}


def test_it_says_that_there_are_no_keys(service: Service) -> None:
    wait_for(lambda: len(service.said) > 1)
    assert service.said[0].startswith("serving 1 policy on http://127.0.0.1:")
    assert service.said[1].startswith("there are no keys")


def test_every_worker_prepares_what_is_published(service: Service) -> None:
    def prepared() -> set[object]:
        lines = [json.loads(line) for line in service.said if line.startswith("{")]
        return {line["process"] for line in lines if line["message"] == "policies prepared"}

    wait_for(lambda: len(prepared()) == 2)


def test_every_worker_takes_up_what_is_published(service: Service, store: Store) -> None:
    before = decided(service)["policy"]["version"]
    done = published(store, text(label=f"Version {before + 1}")).version.number
    wait_for(lambda: answered_by(service) == {done})


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are read from /proc")
def test_a_worker_that_was_replaced_goes_on(service: Service, store: Store) -> None:
    kept = [decided(service)["decision_id"] for _ in range(5)]
    victim = max(service.workers())
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: victim not in service.workers() and service.is_whole())
    done = published(store, text(label="After the kill")).version.number
    wait_for(lambda: answered_by(service) == {done})
    with reading(store) as connection:
        assert [find_record(connection, id).id for id in kept] == kept


def test_it_says_that_it_made_a_new_store(tmp_path: Path) -> None:
    """An address that was mistyped must not look like a store that lost everything."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TIERWISE_")}
    environ["TIERWISE_STOP_SECONDS"] = "1"  # it is stopped while its workers start, who do not hear it
    typo = tmp_path / "typo.db"
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--database", f"sqlite:///{typo}"]
    for new in (True, False):
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        try:
            lines = [process.stderr.readline() for _ in range(2)]
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)
        assert lines[0].startswith("serving 0 policies")
        assert lines[1].startswith("there was no store at" if new else "there are no keys")
        assert (str(typo) in lines[1]) is new


def test_what_was_answered_is_recorded_when_it_stops(store: Store, tmp_path: Path) -> None:
    with served(store, tmp_path) as service:
        kept = [decided(service)["decision_id"] for _ in range(5)]
        service.process.terminate()
        assert service.process.wait(PATIENCE) == 0
    with reading(store) as connection:
        assert [find_record(connection, id).id for id in kept] == kept
    assert list(verify(store)) == []
