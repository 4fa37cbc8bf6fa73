"""The service of a store: versions, drafts, decisions by version and time, records, and what changes while it runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.config import Config
from policies.registry.store.connect import Store
from policies.registry.store.problems import StoreUnavailable
from tests.api_client import lines_of, post, problem_of
from tests.store import POLICY, Clock, assert_whole, published, text

DECISIONS = "/v1/decisions"


@pytest.fixture
def app(store: Store) -> Iterator[Flask]:
    """A service with two versions: one of June, and one that was published in July to hold from August on."""
    clock = store.clock
    assert isinstance(clock, Clock)
    published(store)
    clock.on(date(2026, 7, 10))
    published(store, text(label="Best"), start=date(2026, 8, 1))
    app = create_app(Config(must_record=0), store=store)
    yield app
    app.extensions["recorder"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def decided(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    reply = post(client, DECISIONS, {"policy": "grading", "facts": {"orders": 500}, **fields})
    assert reply.status_code == 200, reply.get_data(as_text=True)
    found: dict[str, Any] = reply.get_json()
    return found


def codes(reply: TestResponse, status: int = 422) -> dict[str, str]:
    errors = problem_of(reply, status)["errors"]
    return {item.get("pointer", item.get("parameter")): item["code"] for item in errors}


# ---------------------------------------------------------------- which version decides


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        ({}, 1),
        ({"as_of": "2026-08-01"}, 2),
        ({"as_of": "2026-07-31"}, 1),
        ({"as_of": "2026-08-01", "known_at": "2026-07-09"}, 1),
        ({"as_of": "2026-08-01", "known_at": "2026-07-10"}, 2),
        ({"as_of": "2026-08-01", "known_at": "2026-07-10T07:00:00Z"}, 1),
        ({"as_of": "2026-08-01", "known_at": "2026-07-10T16:00:00+08:00"}, 2),
        ({"as_of": "2026-08-01", "known_at": "2026-07-10T08:00:00Z"}, 2),
        ({"as_of": "2026-08-01", "known_at": "2026-07-10T08:00Z"}, 2),
        ({"as_of": "2026-08-01", "known_at": "2026-07-10T07:59:59.999999Z"}, 1),
        ({"version": 2}, 2),
        ({"version": 2, "known_at": "2026-07-10T08:00:00Z"}, 2),
        ({"policy": "grading@2"}, 2),
        ({"version": 1, "as_of": "2026-12-01"}, 1),
    ],
)
def test_version_day_and_knowledge(client: FlaskClient, fields: dict[str, Any], version: int) -> None:
    found = decided(client, **fields)
    assert found["policy"]["version"] == version
    assert found["tiers"]["grade"]["label"] == {1: "Key", 2: "Best"}[version]


def test_a_version_by_its_hash(client: FlaskClient) -> None:
    listed = client.get("/v1/policies/grading/versions").get_json()["versions"]
    hash = listed[1]["hash"]
    assert decided(client, policy=f"grading@{hash}")["policy"]["version"] == 1
    assert decided(client, policy=f"grading@{hash[:15]}")["policy"]["version"] == 1
    assert decided(client)["as_of"] == "2026-07-10", "today is the store's"


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"policy": "gradin"}, {"/policy": "unknown_policy"}),
        ({"policy": "grading@9"}, {"/policy": "no_such_version"}),
        ({"policy": "grading@sha256:ab"}, {"/policy": "no_such_version"}),
        ({"version": 9}, {"/version": "no_such_version"}),
        ({"version": 0}, {"/version": "wrong_type"}),
        ({"version": "1"}, {"/version": "wrong_type"}),
        ({"version": True}, {"/version": "wrong_type"}),
        ({"policy": "grading@1", "version": 1}, {"/version": "two_versions"}),
        ({"as_of": "2026-05-31"}, {"/as_of": "not_in_force"}),
        ({"known_at": "2026-05-31"}, {"/as_of": "not_in_force"}),
        ({"version": 2, "known_at": "2026-07-09"}, {"/known_at": "not_known_then"}),
        ({"known_at": "2026-07-09T10:00:00"}, {"/known_at": "no_such_time"}),
        ({"known_at": "yesterday"}, {"/known_at": "no_such_time"}),
        ({"known_at": "20260709T100000Z"}, {"/known_at": "no_such_time"}),
        ({"known_at": "2026-W28-4T10:00:00Z"}, {"/known_at": "no_such_time"}),
        ({"known_at": "2026-07-09 10:00:00Z"}, {"/known_at": "no_such_time"}),
        ({"known_at": "2026-07-32T10:00:00Z"}, {"/known_at": "no_such_time"}),
        ({"known_at": "1899-12-31T10:00:00Z"}, {"/known_at": "date_out_of_range"}),
        ({"known_at": 5}, {"/known_at": "wrong_type"}),
        ({"record": "no"}, {"/record": "wrong_type"}),
        ({"state": {"grade": {}}}, {"/state/grade": "no_movement"}),
        ({"override": {}}, {"/override": "no_movement"}),
    ],
)
def test_what_no_version_answers(client: FlaskClient, fields: dict[str, Any], errors: dict[str, str]) -> None:
    body = {"policy": "grading", "facts": {"orders": 500}, **fields}
    assert codes(post(client, DECISIONS, body)) == errors


# ---------------------------------------------------------------- records


def test_a_decision_is_recorded_found_and_made_again(client: FlaskClient, store: Store) -> None:
    made = decided(client, customer="C1", as_of="2026-08-01", explain="full")
    decided(client, customer="C2")
    found = client.get(f"{DECISIONS}/{made['decision_id']}").get_json()
    assert found["answer"] == made
    assert found["facts"] == {"orders": 500}
    assert (found["customer"], found["tier"], found["caller"], found["erased"]) == ("C1", "A", "local", False)
    again = client.post(f"{DECISIONS}/{made['decision_id']}/replay").get_json()
    assert (again["identical"], again["differences"]) == (True, [])
    by_customer = client.get(f"{DECISIONS}?customer=C1").get_json()["decisions"]
    assert [each["decision_id"] for each in by_customer] == [made["decision_id"]]
    first = client.get(f"{DECISIONS}?policy=grading&tier=A&limit=1").get_json()
    second = client.get(f"{DECISIONS}?policy=grading&tier=A&limit=1&cursor={first['next']}").get_json()
    assert [each["decisions"][0]["customer"] for each in (first, second)] == ["C2", "C1"]
    assert second["next"] is None
    assert client.get(f"{DECISIONS}?since=2026-07-11").get_json()["decisions"] == []
    assert_whole(store)


def test_a_batch_and_the_form_are_recorded(client: FlaskClient) -> None:
    rows = [{"customer": f"C{number}", "facts": {"orders": number}} for number in range(250)]
    rows[3]["facts"] = {"orders": -1}
    reply = post(client, f"{DECISIONS}/batch?policy=grading", rows)
    lines = lines_of(reply)
    assert [line.get("customer") for line in lines] == [row["customer"] for row in rows]
    assert [number for number, line in enumerate(lines) if "error" in line] == [3]
    assert client.post("/policies/grading", data={"f.orders": "5"}).status_code == 200
    found, cursor = [], ""
    while True:
        page = client.get(f"{DECISIONS}?limit=100{cursor}").get_json()
        found += page["decisions"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(found) == 250


def test_what_is_not_recorded_is_not_answered(app: Flask, client: FlaskClient) -> None:
    away = StoreUnavailable("store-full", "the store at `secret` has no room", "存储库 `secret` 已满", 30)
    pending = type("Pending", (), {"wait": lambda _: (_ for _ in ()).throw(away)})()
    with patch.object(app.extensions["recorder"], "begin", return_value=pending):
        reply = post(client, DECISIONS, {"policy": "grading", "facts": {"orders": 5}})
        assert codes(reply, 503) == {"": "store-full"}
        assert reply.headers["Retry-After"] == "30"
        assert b"secret" not in reply.data
        [line] = lines_of(post(client, f"{DECISIONS}/batch", [{"policy": "grading", "facts": {"orders": 5}}]))
        assert line["error"]["status"] == 503
        assert (
            post(
                client, DECISIONS, {"policy": "grading", "facts": {"orders": 5}, "record": False}
            ).status_code
            == 200
        )


def test_a_record_that_fails_costs_no_other_row_its_answer(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """What the writer could not write for a reason of ours is told to whoever waits for that record."""
    recorder = app.extensions["recorder"]
    real = recorder.begin

    def begin(*given: Any) -> Any:
        pending = real(*given)
        if given[1].question.customer == "C2":
            pending.wait()
            pending.settle(ArithmeticError("a fault of ours"))
        return pending

    rows = [
        {"policy": "grading", "facts": {"orders": number}, "customer": f"C{number}"} for number in (1, 2, 3)
    ]
    with patch.object(recorder, "begin", begin):
        first, failed, last = lines_of(post(client, f"{DECISIONS}/batch", rows))
    assert [line["status"] for line in (first, last)] == ["decided", "decided"]
    assert (failed["error"]["status"], failed["index"], failed["customer"]) == (500, 1, "C2")
    assert "ours" not in json.dumps(failed)
    assert [each.fields["row"] for each in caplog.records if each.message == "unexpected error"] == [1]  # type: ignore[attr-defined]


def test_recording_may_be_left_out_only_where_the_service_allows_it(store: Store) -> None:
    published(store)
    app = create_app(Config(), store=store)
    reply = post(app.test_client(), DECISIONS, {"policy": "grading", "facts": {"orders": 5}, "record": False})
    assert codes(reply) == {"/record": "must_record"}
    app.extensions["recorder"].close()


def test_records_that_are_not_there(client: FlaskClient) -> None:
    assert codes(client.get(f"{DECISIONS}/nonsense"), 404) == {"": "no-record"}
    assert codes(client.post(f"{DECISIONS}/nonsense/replay"), 404) == {"": "no-record"}
    assert codes(client.get(f"{DECISIONS}?cursor=nonsense")) == {"": "cursor"}
    assert codes(client.get(f"{DECISIONS}?colour=red")) == {"colour": "unknown_field"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{DECISIONS}?customer=%00", 422),
        ("GET", f"{DECISIONS}?limit=0", 422),
        ("GET", f"{DECISIONS}/%00", 404),
        ("POST", f"{DECISIONS}/%00/replay", 404),
        ("GET", "/v1/audit?policy=%00", 422),
        ("GET", "/v1/audit?after=99999999999999999", 200),
        ("GET", "/v1/audit?after=999999999999999999999999", 422),
        ("GET", "/v1/drafts?policy=%00", 422),
        ("GET", "/v1/drafts/99999999999999999999", 404),
        ("GET", "/v1/policies/%00/versions", 404),
        ("GET", "/v1/policies/grading/versions/99999999999999999999", 404),
        ("GET", "/policies/grading?version=99999999999999999999", 404),
        ("GET", "/policies/grading?version=%00", 404),
    ],
)
def test_what_no_database_can_be_asked(client: FlaskClient, method: str, path: str, status: int) -> None:
    reply = client.open(path, method=method)
    assert reply.status_code == status, reply.get_data(as_text=True)


def test_rolling_back_what_was_never_published(client: FlaskClient) -> None:
    reply = post(client, "/v1/policies/%00/rollback", {"version": 1, "reason": "x"})
    assert codes(reply, 404) == {"": "unknown_policy"}
    assert post(client, "/v1/policies", {"text": POLICY}, **{"X-Actor": "%00"}).status_code == 422


# ---------------------------------------------------------------- versions and drafts


def test_versions_and_what_differs(client: FlaskClient) -> None:
    listed = client.get("/v1/policies/grading/versions").get_json()
    assert (listed["in_force"], [each["version"] for each in listed["versions"]]) == (1, [2, 1])
    newest = listed["versions"][0]
    assert (newest["author"], newest["approvers"], newest["from"]) == ("ann", ["bob"], "2026-08-01")
    one = client.get("/v1/policies/grading/versions/1").get_json()
    assert one["text"] == POLICY
    plain = client.get("/v1/policies/grading/versions/1", headers={"Accept": "text/plain"})
    assert plain.get_data(as_text=True) == POLICY
    differing = client.get("/v1/policies/grading/versions/1/diff/2?lang=zh").get_json()
    assert [(each["rule"], each["what"]) for each in differing["differences"]] == [("grade.A", "label")]
    assert "Best" in differing["text"]
    assert re.search(r"[\u4e00-\u9fff]", differing["summary"])
    assert codes(client.get("/v1/policies/grading/versions/9"), 404) == {"": "no_such_version"}
    assert codes(client.get("/v1/policies/gradin/versions"), 404) == {"": "unknown_policy"}


def test_the_start_page_counts_versions(client: FlaskClient, app: Flask, store: Store) -> None:
    published(store, text("other"))
    app.extensions["watch"].look()
    english, chinese = (client.get(f"/?lang={lang}").get_data(as_text=True) for lang in ("en", "zh"))
    assert re.findall(r">(\d+ versions?)<", english) == ["2 versions", "1 version"]
    assert re.findall(r">(\d+ 个版本)<", chinese) == ["2 个版本", "1 个版本"]


def step(client: FlaskClient, draft: dict[str, Any], name: str, actor: str, **fields: Any) -> TestResponse:
    body = {"revision": draft["revision"], **fields}
    return post(client, f"/v1/drafts/{draft['draft']}/{name}", body, **{"X-Actor": actor})


def test_the_whole_way_by_calls(app: Flask, client: FlaskClient) -> None:
    draft = post(client, "/v1/policies", {"text": text(label="New")}, **{"X-Actor": "ann"}).get_json()
    checked = step(client, draft, "check", "ann").get_json()
    assert (checked["state"], checked["check"]["ok"], checked["check"]["tests"]) == ("checked", True, 1)
    submitted = step(client, checked, "submit", "ann", reason="because").get_json()
    assert codes(step(client, submitted, "approve", "ann")) == {"": "own-draft"}
    approved = step(client, submitted, "approve", "bob", comment="fine").get_json()
    late = step(client, submitted, "reject", "cai", comment="no")
    assert "`bob` approved it at 2026-07-10 08:00:00 UTC" in problem_of(late, 409)["detail"]
    assert (
        "`bob` 于"
        in problem_of(
            client.post(late.request.path, json={"revision": 1, "comment": "x", "lang": "zh"}), 409
        )["detail"]
    )
    assert codes(step(client, approved, "publish", "bob", **{"from": "2026-07-09"})) == {"": "start-past"}
    done = step(client, approved, "publish", "bob", **{"from": "2026-07-10"}).get_json()
    assert (done["version"], done["from"], done["publisher"]) == (3, "2026-07-10", "bob")
    assert [each["code"] for each in done["cautions"]] == ["starts-later"]
    app.extensions["watch"].look()
    assert decided(client)["policy"]["version"] == 3
    events = client.get("/v1/audit?policy=grading").get_json()["events"]
    assert [each["kind"] for each in events][-5:] == [
        "created",
        "checked",
        "submitted",
        "approved",
        "published",
    ]
    assert [
        each["seq"] for each in client.get(f"/v1/audit?after={events[-2]['seq']}").get_json()["events"]
    ] == [events[-1]["seq"]]


def test_edit_reject_withdraw_and_roll_back(client: FlaskClient) -> None:
    draft = post(
        client, "/v1/policies", {"text": "policy grading\nfact f: nonsense\n"}, **{"X-Actor": "ann"}
    ).get_json()
    failed = step(client, draft, "submit", "ann", reason="because")
    assert codes(failed) == {"": "not-good"}
    put = client.put(
        f"/v1/drafts/{draft['draft']}",
        json={"revision": 1, "text": text(label="E")},
        headers={"X-Actor": "ann"},
    )
    submitted = step(client, put.get_json(), "submit", "ann", reason="because").get_json()
    rejected = step(client, submitted, "reject", "bob", comment="too high").get_json()
    assert (rejected["state"], rejected["comment"]) == ("rejected", "too high")
    assert step(client, rejected, "withdraw", "ann").get_json()["state"] == "withdrawn"
    back = post(
        client, "/v1/policies/grading/rollback", {"version": 1, "reason": "oops"}, **{"X-Actor": "ann"}
    )
    assert (back.status_code, back.get_json()["state"], back.get_json()["rolled_back"]) == (
        201,
        "submitted",
        1,
    )
    whole = client.get(f"/v1/drafts/{back.get_json()['draft']}").get_json()
    assert whole["text"] == POLICY
    listed = client.get("/v1/drafts?policy=grading&state=submitted").get_json()["drafts"]
    assert [each["draft"] for each in listed] == [whole["draft"]]
    done = step(client, back.get_json(), "publish", "bob", approve=True)
    assert done.get_json()["version"] == 3


@pytest.mark.parametrize(
    ("path", "body", "errors"),
    [
        ("/v1/policies", {}, {"/text": "required"}),
        ("/v1/policies", {"text": POLICY, "uses": {"a": 1}}, {"/uses": "wrong_type"}),
        ("/v1/drafts/1/approve", {}, {"/revision": "required"}),
        ("/v1/drafts/1/reject", {"revision": 1}, {"/comment": "required"}),
        (
            "/v1/drafts/1/publish",
            {"revision": 1.5, "from": "x"},
            {"/revision": "wrong_type", "/from": "no_such_day"},
        ),
        ("/v1/policies/grading/rollback", {"version": 1}, {"/reason": "required"}),
    ],
)
def test_steps_that_say_too_little(
    client: FlaskClient, path: str, body: object, errors: dict[str, str]
) -> None:
    assert codes(post(client, path, body)) == errors
