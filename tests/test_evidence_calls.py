"""The calls that prove what the store keeps, and those that say who may call: verify, export, erase, keys."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from threading import Thread
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from sqlalchemy import text as sql
from werkzeug.test import TestResponse

from api.app import create_app
from api.config import Config
from policies.registry.store import keys
from policies.registry.store import verify as verifying
from policies.registry.store.alone import alone
from policies.registry.store.connect import Store, reading, writing
from policies.registry.store.events import list_events
from policies.registry.store.export import verify_export
from policies.registry.store.problems import StoreConflict, StoreUnavailable
from policies.registry.store.signing import own_key
from policies.registry.store.verify import verify
from tests.api_client import lines_of, post, problem_of
from tests.store import Clock, assert_whole, published

DECISIONS = "/v1/decisions"
AWAY = StoreUnavailable("store-away", "the store at `secret` cannot be reached", "无法连接 `secret`", 2)


@pytest.fixture
def app(store: Store, tmp_path: Path) -> Iterator[Flask]:
    """A service with one policy and a signing key of its own."""
    published(store)
    app = create_app(Config(signing_key=str(tmp_path / "keys" / "signing.key")), store=store)
    yield app
    app.extensions["recorder"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def decide(client: FlaskClient, customer: str, count: int = 1) -> None:
    for _ in range(count):
        body = {"policy": "grading", "facts": {"orders": 500}, "customer": customer}
        assert post(client, DECISIONS, body).status_code == 200


def codes(reply: TestResponse, status: int = 422) -> dict[str, str]:
    errors = problem_of(reply, status)["errors"]
    return {item.get("pointer", item.get("parameter")): item["code"] for item in errors}


# ---------------------------------------------------------------- verify


def test_a_whole_store_is_found_whole(client: FlaskClient) -> None:
    decide(client, "C1", 3)
    with patch.object(verifying, "PORTION", 2):  # several portions, each of which sends a sign of life
        reply = client.post("/v1/verify")
        first, last = lines_of(reply)
    assert reply.data.splitlines()[1].startswith(b"   ")
    assert last == {"whole": True, "findings": 0}
    assert first["heads"]["records"]["seq"] == 3
    again = lines_of(post(client, "/v1/verify", {"heads": first["heads"]}))
    assert again[-1]["whole"] is True


def test_what_was_changed_is_a_line(client: FlaskClient, store: Store) -> None:
    decide(client, "C1", 3)
    with writing(store) as connection:
        body = connection.execute(sql("select body from payloads where record = 2")).scalar_one()
        connection.execute(sql("delete from payloads where record > 1"))
        other = {"body": body.replace("500", "501")}
        connection.execute(sql("insert into payloads (record, body) values (2, :body)"), other)
    _, changed, gone, last = lines_of(client.post("/v1/verify?lang=zh"))
    assert (changed["kind"], changed["table"], changed["seq"]) == ("changed", "records", 2)
    assert (gone["kind"], gone["seq"]) == ("removed", 3)
    assert "改动" in changed["detail"]
    assert last == {"whole": False, "findings": 2}


def test_an_end_that_was_noted_has_to_be_found(client: FlaskClient) -> None:
    decide(client, "C1")
    noted = {"events": {"seq": 2, "hash": "0" * 64}, "records": {"seq": 7, "hash": "0" * 64}}
    found = lines_of(post(client, "/v1/verify", {"heads": noted, "lang": "en"}))
    assert [(each["table"], each["kind"], each["seq"]) for each in found[1:-1]] == [
        ("events", "changed", 2),
        ("records", "removed", 7),
    ]


@pytest.mark.parametrize(
    ("heads", "errors"),
    [
        ({"payloads": {"seq": 1, "hash": "x"}}, {"/heads/payloads": "unknown_field"}),
        ({"events": {"seq": "1"}}, {"/heads/events/seq": "wrong_type", "/heads/events/hash": "required"}),
        ({"events": 5}, {"/heads/events": "wrong_type"}),
        ([], {"/heads": "wrong_type"}),
        ({"events": {"seq": 1, "hash": "x" * 64}}, {"/heads/events/hash": "wrong_type"}),
        ({"events": None, "records": {"seq": 0, "hash": "0" * 64}}, None),
    ],
)
def test_ends_are_read(client: FlaskClient, heads: object, errors: dict[str, str] | None) -> None:
    reply = post(client, "/v1/verify", {"heads": heads})
    if errors is None:
        assert lines_of(reply)[-1]["whole"] is True
    else:
        assert codes(reply) == errors


def test_one_verification_at_a_time(client: FlaskClient) -> None:
    first = client.post("/v1/verify", buffered=False)
    begun = next(iter(first.response))
    assert b"heads" in begun
    refused = client.post("/v1/verify?lang=zh")
    assert codes(refused, 409) == {"": "verify-under-way"}
    assert "正在进行" in problem_of(refused, 409)["detail"]
    first.close()  # its caller hung up
    del first
    assert lines_of(client.post("/v1/verify"))[-1]["whole"] is True


def test_only_one_is_alone(store: Store) -> None:
    """In another thread, and in one after the other; of another name nobody is kept waiting."""
    refused = []

    def second() -> None:
        with pytest.raises(StoreConflict) as caught, alone(store, "x", "x", "x"):
            raise AssertionError("two at once")
        refused.append(caught.value.code)

    for _ in range(2):
        with alone(store, "x", "it", "此事"), alone(store, "y", "that", "彼事"):
            thread = Thread(target=second)
            thread.start()
            thread.join()
    assert refused == ["x-under-way"] * 2


def test_a_store_that_fails_on_the_way_is_the_last_line(client: FlaskClient) -> None:
    with patch.object(verifying, "_records", side_effect=AWAY):
        first, last = lines_of(client.post("/v1/verify"))
    assert "heads" in first
    assert (last["error"]["status"], last["error"]["errors"][0]["code"]) == (503, "store-away")
    assert "secret" not in json.dumps(last)
    with patch("api.routes.evidence.heads", side_effect=AWAY):
        assert codes(client.post("/v1/verify"), 503) == {"": "store-away"}
    assert lines_of(client.post("/v1/verify"))[-1]["whole"] is True, "nobody is kept out by one that failed"


# ---------------------------------------------------------------- export


def test_an_export_is_verified_without_the_store(client: FlaskClient, store: Store, tmp_path: Path) -> None:
    clock = store.clock
    assert isinstance(clock, Clock)
    decide(client, "C1", 2)
    clock.later(days=2)
    decide(client, "C2")
    reply = client.get("/v1/export")
    assert (reply.status_code, reply.content_type) == (200, "application/zip")
    assert "attachment" in reply.headers["Content-Disposition"]
    public = reply.headers["X-Public-Key"]
    file = tmp_path / "all.zip"
    file.write_bytes(reply.data)
    assert verify_export(str(file), public).counts["records"] == 3
    day = f"{clock.at:%Y-%m-%d}"
    later = client.get(f"/v1/export?since={day}")
    assert later.headers["X-Public-Key"] == public, "one key for all"
    file.write_bytes(later.data)
    found = verify_export(str(file), public)
    assert (found.counts["records"], found.counts["versions"], found.until) == (1, 1, None)
    file.write_bytes(client.get(f"/v1/export?until={day}T00:00:00Z").data)
    assert verify_export(str(file), public).counts["records"] == 2
    assert codes(client.get("/v1/export?since=soon")) == {"since": "no_such_time"}
    assert codes(client.get("/v1/export?from=2026-01-01")) == {"from": "unknown_field"}


def test_an_export_leaves_piece_by_piece(client: FlaskClient, tmp_path: Path) -> None:
    rows = [{"policy": "grading", "facts": {"orders": number}} for number in range(400)]
    assert len(lines_of(post(client, f"{DECISIONS}/batch", rows))) == 400
    with patch("policies.registry.store.export.PIECE", 1000):
        reply = client.get("/v1/export", buffered=False)
        pieces = list(reply.iter_encoded())
    assert len(pieces) > 4
    assert max(map(len, pieces)) < sum(map(len, pieces)) / 2
    (tmp_path / "x.zip").write_bytes(b"".join(pieces))
    assert verify_export(str(tmp_path / "x.zip"), reply.headers["X-Public-Key"]).counts["records"] == 400


def test_an_export_that_breaks_off_is_no_file(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with patch("api.routes.evidence.exporting", side_effect=AWAY):
        assert codes(client.get("/v1/export"), 503) == {"": "store-away"}
    decide(client, "C1")
    got: list[bytes] = []
    with (
        patch("policies.registry.store.export.PIECE", 1000),
        patch("policies.registry.store.export._texts", side_effect=AWAY),
    ):
        reply = client.get("/v1/export", buffered=False)
        with pytest.raises(StoreUnavailable):
            got.extend(reply.iter_encoded())
    assert reply.status_code == 200
    assert not zipfile.is_zipfile(BytesIO(b"".join(got)))
    told = [(each.message, each.fields["code"]) for each in caplog.records if each.levelname == "ERROR"]  # type: ignore[attr-defined]
    assert told == [("the store does not answer", "store-away")] * 2, "it is no fault of the service's"


@pytest.mark.parametrize("path", ["/v1/export", "/v1/verify"])
def test_a_caller_who_hangs_up_at_once_leaves_nothing_running(client: FlaskClient, path: str) -> None:
    begun = []

    def pieces() -> Iterator[bytes]:
        yield b" "
        yield b" "

    def begin(*_: object, **__: object) -> Iterator[bytes]:
        begun.append(pieces())
        return begun[0]

    with patch("api.routes.evidence.exporting", begin), patch("api.routes.evidence._verified", begin):
        reply = client.open(path, method="GET" if path == "/v1/export" else "POST", buffered=False)
        reply.close()
    assert list(begun[0]) == [], "it was closed, whoever else may hold it"


def test_a_key_that_cannot_be_used_is_the_operators_matter(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "open.key"
    own_key(str(path))
    path.chmod(0o644)
    app = create_app(Config(signing_key=str(path)), store=store)
    try:
        refused = app.test_client().get("/v1/export")
        assert problem_of(refused, 503)["type"].endswith("not-signed")
        assert "open.key" not in refused.get_data(as_text=True)
        assert any("open.key" in str(getattr(each, "fields", "")) for each in caplog.records)
    finally:
        app.extensions["recorder"].close()


def test_of_several_who_need_a_key_all_get_the_same(tmp_path: Path) -> None:
    path, found = str(tmp_path / "new" / "key"), []
    threads = [Thread(target=lambda: found.append(own_key(path).public)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found))) == (8, 1)
    assert os.listdir(tmp_path / "new") == ["key"]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


# ---------------------------------------------------------------- erase


def test_a_customer_is_erased_and_the_chain_holds(client: FlaskClient, store: Store) -> None:
    decide(client, "C/1", 2)
    decide(client, "C2")
    body = {"customer": "C/1", "reason": "asked for it"}
    reply = post(client, "/v1/erasures", body, **{"X-Actor": "dee"})
    assert (reply.status_code, reply.get_json()) == (200, {"customer": "C/1", "erased": 2})
    assert post(client, "/v1/erasures", body).get_json()["erased"] == 0
    listed = client.get(f"{DECISIONS}?customer=C/1").get_json()["decisions"]
    shown = client.get(f"{DECISIONS}/{listed[0]['decision_id']}").get_json()
    assert (shown["erased"], shown["facts"], shown["answer"]) == (True, None, None)
    with reading(store) as connection:
        erased = [each for each in list_events(connection) if each.kind == "erased"]
    assert [(each.actor, each.reason) for each in erased] == [
        ("dee", "asked for it"),
        ("local", "asked for it"),
    ]
    assert list(verify(store)) == []
    assert_whole(store)
    assert codes(post(client, "/v1/erasures", {"customer": "C9", "reason": "x"}), 404) == {"": "no-customer"}
    assert codes(post(client, "/v1/erasures", {})) == {"/customer": "required", "/reason": "required"}
    assert codes(post(client, "/v1/erasures", {"customer": "C2", "reason": " "})) == {"": "no-reason"}


def test_a_customer_that_no_database_can_keep_was_never_recorded(client: FlaskClient) -> None:
    refused = post(client, "/v1/erasures", {"customer": "a\0b", "reason": "x"})
    assert codes(refused) == {"/customer": "unstorable"}


# ---------------------------------------------------------------- keys


def test_keys_are_made_listed_and_revoked(client: FlaskClient, store: Store) -> None:
    with patch.object(keys, "REMEMBERED", 0):
        made = post(client, "/v1/keys", {"name": "root", "roles": ["admin"]}, **{"X-Actor": "ann"})
        assert made.status_code == 201
        assert made.headers["Cache-Control"] == "no-store"
        root = {"Authorization": f"Bearer {made.get_json()['secret']}"}
        problem_of(client.get("/v1/keys"), 401)
        body = {"name": "Li Na", "roles": ["auditor", "author"], "expires": "2099-12-31"}
        other = post(client, "/v1/keys", body, **root).get_json()
        assert (other["created_by"], other["roles"]) == ("root", ["author", "auditor"])
        assert other["expires_at"] == "2099-12-31T23:59:59.999999Z"
        listed = client.get("/v1/keys", headers=root)
        assert [(key["name"], key["works"]) for key in listed.get_json()["keys"]] == [
            ("Li Na", True),
            ("root", True),
        ]
        assert "secret" not in listed.get_data(as_text=True)
        own = {"Authorization": f"Bearer {other['secret']}"}
        assert client.get("/v1/audit", headers=own).status_code == 200
        problem_of(client.get("/v1/keys", headers=own), 403)
        ended = client.post(f"/v1/keys/{other['key']}/revoke", headers=root).get_json()
        assert (ended["works"], ended["revoked_by"]) == (False, "root")
        problem_of(client.get("/v1/audit", headers=own), 401)
        again = client.post(f"/v1/keys/{other['key']}/revoke?lang=zh", headers=root)
        assert codes(again, 409) == {"": "revoked-before"}
        assert codes(client.post("/v1/keys/99/revoke", headers=root), 404) == {"": "no-key"}
        problem_of(client.post(f"/v1/keys/{10**30}/revoke", headers=root), 404)
    with reading(store) as connection:
        kinds = [each.kind for each in list_events(connection)]
    assert kinds[-3:] == ["issued", "issued", "revoked"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"/name": "required", "/roles": "required"}),
        ({"name": "x", "roles": []}, {"/roles": "wrong_type"}),
        ({"name": "x", "roles": "admin"}, {"/roles": "wrong_type"}),
        ({"name": "x", "roles": ["boss"]}, {"/roles": "no_such_value"}),
        ({"name": "x", "roles": ["admin", "admin"]}, {"/roles": "no_such_value"}),
        ({"name": "x", "roles": ["admin"], "expires": "soon"}, {"/expires": "no_such_time"}),
        ({"name": "x", "roles": ["admin"], "expires": "2020-01-01"}, {"": "expired"}),
        ({"name": " ", "roles": ["admin"]}, {"": "actor"}),
    ],
)
def test_keys_that_are_not_made(
    client: FlaskClient, store: Store, body: object, errors: dict[str, str]
) -> None:
    assert codes(post(client, "/v1/keys", body)) == errors
    assert keys.listing(store) == ()


def test_answers_are_as_described(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    decide(client, "C1")
    verified = lines_of(client.post("/v1/verify"))
    answers = {
        "Erased": post(client, "/v1/erasures", {"customer": "C1", "reason": "x"}).get_json(),
        "Key": post(client, "/v1/keys", {"name": "x", "roles": ["admin"]}).get_json(),
    }
    for name, answer in [*answers.items(), *(("VerificationLine", line) for line in verified)]:
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        OAS31Validator(schema).validate(answer)
