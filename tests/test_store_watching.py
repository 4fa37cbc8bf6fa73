"""What is published while the service of a store runs: taken up whole, in time, and never by half."""

from __future__ import annotations

import errno
import json
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api import catalogue
from api.app import create_app
from api.config import Config
from api.library import Library
from api.service import Shelf
from api.watching import AGAIN, Watch
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from engine.engines import prepare
from policies.registry.store import versions, workflow
from policies.registry.store.connect import Store
from policies.registry.store.problems import Refused, StoreUnavailable
from policies.registry.store.versions import Version
from tests.api_client import post, problem_of
from tests.store import Clock, published, text
from tests.test_store_calls import DECISIONS, app, client, codes, decided

__all__ = ["app", "client"]


def test_a_publication_is_taken_up_and_a_begun_batch_is_not_mixed(
    app: Flask, client: FlaskClient, store: Store
) -> None:
    rows = [{"policy": "grading", "facts": {"orders": 500}}] * 150
    batch = client.post(f"{DECISIONS}/batch", json=rows, buffered=False)
    lines = (json.loads(line) for chunk in batch.response for line in chunk.splitlines())
    first = next(lines)["policy"]["version"]
    published(store, text(label="Newer"))
    app.extensions["watch"].look()
    assert decided(client)["policy"]["version"] == 3
    assert {first, *(line["policy"]["version"] for line in lines)} == {1}
    assert client.get("/v1/policies/grading").get_json()["version"] == 3
    assert "Newer" in client.get("/policies/grading").get_data(as_text=True)
    assert "Facts-grading" in client.get("/openapi.json").get_json()["components"]["schemas"]


def test_what_is_published_is_compiled_before_it_is_taken_up(
    app: Flask, client: FlaskClient, store: Store
) -> None:
    watch = app.extensions["watch"]
    published(store, text(label="Newer"))
    meanwhile: list[tuple[int | None, int | None]] = []

    def compiled(policy: CheckedPolicy, lang: Lang) -> None:
        meanwhile.append((policy.version, watch.library.policies["grading"].version))
        prepare(policy, lang)

    with patch("api.preparing.engines.prepare", compiled):
        watch.look()
    assert meanwhile == [(3, 1), (3, 1)], "in both languages; the scheduled one was known before"
    with patch("engine.compiled.programs.function", side_effect=AssertionError("compiled too late")):
        assert decided(client, lang="zh")["policy"]["version"] == 3


def test_a_version_that_cannot_be_compiled_leaves_the_old_one(
    app: Flask, client: FlaskClient, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    published(store, text(label="Odd"))
    watch = app.extensions["watch"]
    with patch("api.preparing.engines.prepare", side_effect=ArithmeticError("a fault of ours")):
        watch.look()
    assert decided(client)["policy"]["version"] == 1
    assert client.get("/readyz").get_json()["alarms"] == [
        {"code": "version-not-loaded", "version": "grading@3"}
    ]
    assert [each.exc_info is not None for each in caplog.records if each.message == "unexpected error"] == [
        True
    ]


def test_a_scheduled_version_takes_over_on_its_day(app: Flask, client: FlaskClient, store: Store) -> None:
    clock = store.clock
    assert isinstance(clock, Clock)
    clock.on(date(2026, 7, 31), hour=15)
    app.extensions["watch"].look()
    assert client.get("/v1/policies/grading").get_json()["version"] == 1
    clock.on(date(2026, 7, 31), hour=16)  # midnight in Shanghai
    app.extensions["watch"].look()
    assert client.get("/v1/policies/grading").get_json()["version"] == 2
    assert decided(client)["as_of"] == "2026-08-01"


def test_a_version_that_cannot_be_loaded_leaves_the_old_one(
    app: Flask, client: FlaskClient, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    published(store, text(label="Broken"))
    published(store, text("other"))
    real = versions.load

    def load(connection: Any, version: Any) -> Any:
        if version.name == "grading@3":
            raise Refused("version-not-loaded", "it has errors now", "现有错误")
        return real(connection, version)

    watch = app.extensions["watch"]
    with patch("api.catalogue.load", load):
        for _ in range(3):
            watch.look()
        assert decided(client)["policy"]["version"] == 1
        assert decided(client, policy="other")["policy"]["version"] == 1, "the others are taken up"
        ready = client.get("/readyz")
        assert (ready.status_code, ready.get_json()["alarms"]) == (
            200,
            [{"code": "version-not-loaded", "version": "grading@3"}],
        )
    assert len([each for each in caplog.records if "cannot be taken up" in each.message]) == 1
    metrics = client.get("/metrics").get_data(as_text=True)
    assert 'tierwise_alarms_total{code="version-not-loaded"} 1.0' in metrics
    published(store, text(label="Mended"))
    watch.look()
    assert decided(client)["policy"]["version"] == 4
    assert "alarms" not in client.get("/readyz").get_json()


def test_a_store_that_is_away_leaves_everything_as_it_was(app: Flask, client: FlaskClient) -> None:
    away = StoreUnavailable("store-away", "the store is away", "存储库不可用", 2)
    watch = app.extensions["watch"]
    with patch("api.watching.reading", side_effect=away):
        watch.look()
    assert client.get("/readyz").get_json()["alarms"] == [{"code": "store-away"}]
    assert decided(client)["policy"]["version"] == 1
    watch.look()
    assert "alarms" not in client.get("/readyz").get_json()


def test_a_look_that_broke_off_is_made_again(app: Flask, client: FlaskClient, store: Store) -> None:
    """A store that goes away between the events and the texts: what was published is taken up when it is back."""
    published(store, text(label="Newer"))
    watch = app.extensions["watch"]
    away = StoreUnavailable("store-away", "the store is away", "存储库不可用", 2)
    with patch("api.catalogue.reading", side_effect=away):
        watch.look()
    assert client.get("/readyz").get_json()["alarms"] == [{"code": "store-away"}]
    assert decided(client)["policy"]["version"] == 1
    watch.look()
    assert decided(client)["policy"]["version"] == 3
    assert "alarms" not in client.get("/readyz").get_json()


def test_alarms_of_versions_stay_while_the_store_is_away(
    app: Flask, client: FlaskClient, store: Store
) -> None:
    published(store, text(label="Broken"))
    watch = app.extensions["watch"]
    broken = {"code": "version-not-loaded", "version": "grading@3"}
    with patch("api.catalogue.load", side_effect=Refused("version-not-loaded", "it has errors", "有错误")):
        watch.look()
    assert client.get("/readyz").get_json()["alarms"] == [broken]
    away = StoreUnavailable("store-away", "the store is away", "存储库不可用", 2)
    with patch("api.watching.reading", side_effect=away):
        watch.look()
    assert client.get("/readyz").get_json()["alarms"] == [{"code": "store-away"}, broken]
    watch.look()
    assert client.get("/readyz").get_json()["alarms"] == [broken]


def test_alarms_of_versions_stay_where_something_unexpected_goes_wrong(
    app: Flask, client: FlaskClient, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """And the log tells of it once, not at every look."""
    published(store, text(label="Broken"))
    watch = app.extensions["watch"]
    broken = {"code": "version-not-loaded", "version": "grading@3"}
    with patch("api.catalogue.load", side_effect=Refused("version-not-loaded", "it has errors", "有错误")):
        watch.look()
    with patch("api.watching.read_head", side_effect=ArithmeticError("a fault of ours")):
        watch.look()
        watch.look()
    assert [each.message for each in caplog.records].count("looking for publications failed") == 1
    assert client.get("/readyz").get_json()["alarms"] == [{"code": "unexpected"}, broken]
    watch.look()
    assert client.get("/readyz").get_json()["alarms"] == [broken]


@pytest.mark.parametrize("passing", [OSError(errno.EMFILE, "too many open files"), MemoryError()])
def test_what_kept_a_version_from_being_loaded_may_pass(
    store: Store, passing: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    published(store)
    published(store, text(label="Newer"))
    seconds = [0.0]
    told: list[str] = []
    shelf = Shelf(Library({}))
    watch = Watch(store, shelf, told.append, lambda: seconds[0])

    def version() -> int | None:
        return shelf.library.policies["grading"].version

    real = catalogue.loaded

    def loaded(store: Store, version: Version) -> CheckedPolicy:
        if version.number == 2:
            raise passing
        return real(store, version)

    with patch.object(catalogue, "loaded", side_effect=loaded) as tried:
        watch.look()
        known = tried.call_count
        for seconds[0] in (1.0, AGAIN - 1):
            watch.look()
        assert (version(), tried.call_count) == (1, known), "left in peace"
        seconds[0] = AGAIN
        watch.look()
        assert (version(), tried.call_count) == (1, known + 1), "tried again, it alone"
        watch.look()
    assert (version(), tried.call_count, told) == (1, known + 1, ["version-not-loaded"])
    assert len([each for each in caplog.records if each.message == "unexpected error"]) == isinstance(
        passing, MemoryError
    ), "what nobody expects is told once"
    seconds[0] = 2 * AGAIN
    watch.look()
    assert (version(), shelf.alarms) == (2, ())


def test_a_rollback_does_not_wait_for_a_publication_to_be_taken_up(client: FlaskClient, store: Store) -> None:
    published(store, text("other"))
    reply = post(client, "/v1/policies/other/rollback", {"version": 1, "reason": "oops"})
    assert (reply.status_code, reply.get_json()["rolled_back"]) == (201, 1)
    reply = post(client, "/v1/policies/othe/rollback", {"version": 1, "reason": "oops"})
    assert codes(reply, 404) == {"": "unknown_policy"}


def test_calls_of_a_store_that_is_away(client: FlaskClient) -> None:
    away = StoreUnavailable("store-away", "the store at `here` cannot be reached", "无法连接", 2)
    with patch.object(workflow, "listing", side_effect=away):
        reply = client.get("/v1/drafts")
    assert problem_of(reply, 503)["type"].endswith("store-unavailable")
    assert (reply.headers["Retry-After"], b"here" in reply.data) == ("2", False)


def test_without_a_publication_it_is_not_ready(store: Store) -> None:
    app = create_app(Config(), store=store)
    client = app.test_client()
    problem_of(client.get("/readyz"), 503)
    assert client.get("/").status_code == 200
    assert codes(post(client, DECISIONS, {"policy": "grading", "facts": {}})) == {"/policy": "unknown_policy"}
    app.extensions["recorder"].close()
