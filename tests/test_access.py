"""Who may call what: every call with every role and without a key; keys themselves; and callers without one."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from api import access
from api.app import create_app
from api.config import Config
from policies.registry.store import keys
from policies.registry.store.connect import Store, reading
from policies.registry.store.events import list_events
from policies.registry.store.keys import LOOKS, REMEMBERED, ROLES, Keyring, Role
from policies.registry.store.problems import NotStored, Refused, StoreConflict, StoreUnavailable
from policies.registry.store.tables import api_keys
from tests.api_client import make_app, post, problem_of
from tests.store import POLICY, Clock, assert_whole, published

QUESTION = {"policy": "grading", "facts": {"orders": 500}}


@pytest.fixture
def app(store: Store, tmp_path: Path) -> Iterator[Flask]:
    """A service whose store has one policy and no key."""
    published(store)
    app = create_app(Config(signing_key=str(tmp_path / "signing.key")), store=store)
    yield app
    app.extensions["recorder"].close()


@pytest.fixture
def one_store(opened: Callable[..., Store], empty_sqlite: Path, tmp_path: Path) -> Store:
    """A store of one kind only, where the database makes no difference."""
    (tmp_path / "one.db").write_bytes(empty_sqlite.read_bytes())
    return opened(f"sqlite:///{tmp_path}/one.db", clock=Clock())


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def calls(app: Flask) -> list[tuple[str, str]]:
    """Method and rule of every call."""
    return [
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


# ---------------------------------------------------------------- every call, every role


def test_every_call_has_its_right_and_every_right_a_call(app: Flask) -> None:
    assert {f"{method} {rule}" for method, rule in calls(app)} == set(access.RIGHTS)


def test_every_call_with_every_role_and_without(app: Flask, store: Store) -> None:
    secrets: dict[Role, str] = {role: keys.create(store, role, [role], "root")[1] for role in ROLES}
    client = app.test_client()
    tried = 0
    for method, rule in calls(app):
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: "1" if found[1] != "name" else "grading", rule)
        path = path.replace("/keys/1/", "/keys/999/")  # nobody's: the keys that call must go on working
        needed = access.RIGHTS[f"{method} {rule}"]
        without = client.open(path, method=method)
        assert (without.status_code == 401) == (needed is not None), (method, rule)
        if method == "GET":
            assert client.head(path).status_code == without.status_code, ("HEAD", rule)
        if needed is not None:
            assert "Bearer" in problem_of(without, 401) or without.headers["WWW-Authenticate"]
        for role, secret in secrets.items():
            reply = client.open(path, method=method, headers=bearer(secret))
            may = needed is None or needed == "reader" or role in (needed, "admin")
            assert (reply.status_code == 403) == (not may), (method, rule, role, reply.status_code)
            assert reply.status_code != 401
            assert reply.status_code < 500, (method, rule, role, reply.get_data(as_text=True))
            tried += 1
    assert tried > 150


def test_a_call_that_nobody_was_given_the_right_to_is_not_served(one_store: Store) -> None:
    other = Flask("other")
    other.add_url_rule("/forgotten", view_func=lambda: "x")
    with pytest.raises(AssertionError, match="/forgotten"):
        access.install(other, Keyring(one_store))


def test_a_service_of_files_asks_nobody() -> None:
    client = make_app().test_client()
    for headers in ({}, {"Origin": "http://elsewhere"}, {"X-Forwarded-For": "1.2.3.4"}, bearer("nonsense")):
        reply = post(
            client,
            "/v1/decisions",
            {"policy": "grading", "facts": {"order_amount": 1}, "as_of": "2026-11-21"},
            **headers,
        )
        assert reply.status_code == 200


# ---------------------------------------------------------------- without keys


def test_without_keys_this_machine_may_do_everything_and_says_so(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").get_json()["access"] == "this machine, without keys"
    made = post(client, "/v1/policies", {"text": POLICY}, **{"X-Actor": "%E6%9D%8E%E5%A8%9C"})
    assert (made.status_code, made.get_json()["author"]) == (201, "李娜")
    assert post(client, "/v1/policies", {"text": POLICY}).get_json()["author"] == "local"


@pytest.mark.parametrize(
    ("environ", "headers"),
    [
        ({"REMOTE_ADDR": "10.0.0.7"}, {}),
        ({"REMOTE_ADDR": "::ffff:10.0.0.7"}, {}),
        ({}, {"X-Forwarded-For": "10.0.0.7"}),
        ({}, {"Forwarded": "for=10.0.0.7"}),
        ({}, {"X-Real-Ip": "10.0.0.7"}),
        ({}, {"Via": "1.1 proxy"}),
        ({}, {"Host": "tierwise.example.com"}),
    ],
)
def test_nobody_else_is_let_in(app: Flask, environ: dict[str, str], headers: dict[str, str]) -> None:
    reply = app.test_client().get("/v1/policies", environ_overrides=environ, headers=headers)
    problem_of(reply, 401)


@pytest.mark.parametrize("host", ["[:::]", "[nonsense]", "", "[::1"])
def test_a_host_that_cannot_be_read_is_not_this_machine(app: Flask, host: str) -> None:
    """Sent without the test client, which would stumble over it itself."""
    environ = {**EnvironBuilder("/v1/policies").get_environ(), "HTTP_HOST": host, "REMOTE_ADDR": "127.0.0.1"}
    _, status, _ = run_wsgi_app(app, environ, buffered=True)
    assert status.startswith("401")


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_has_many_addresses(app: Flask, remote: str) -> None:
    client = app.test_client()
    assert client.get("/v1/policies", environ_overrides={"REMOTE_ADDR": remote}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://elsewhere"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://[:::]"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({}, 200),
    ],
)
def test_pages_of_other_sites_may_not_act(app: Flask, headers: dict[str, str], status: int) -> None:
    reply = post(app.test_client(), "/v1/decisions", QUESTION, **headers)
    assert reply.status_code == status


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.7", "nonsense", ""])
def test_without_keys_no_other_address_is_served(one_store: Store, address: str) -> None:
    with pytest.raises(access.NotProtected, match="tierwise keys create"):
        access.protect(one_store, "here", address)
    assert access.protect(one_store, "here", "127.0.0.1") is False
    keys.create(one_store, "ann", ["admin"], "root")
    assert access.protect(one_store, "here", address) is True


def test_whether_the_process_lives_is_said_without_asking_the_store(app: Flask, store: Store) -> None:
    client = app.test_client()
    slow = StoreUnavailable("store-slow", "too slow", "太慢", 2)
    with patch.object(keys, "REMEMBERED", 0.0):
        with patch.object(keys, "listing", side_effect=slow) as asked:
            assert client.get("/healthz").get_json()["access"] == "this machine, without keys"
            problem_of(client.get("/v1/policies"), 503)
            assert client.get("/healthz").get_json()["access"] == "this machine, without keys"
        assert asked.call_count == 1, "only the call that lets somebody in asks"
        keys.create(store, "ann", ["admin"], "root")
        problem_of(client.get("/v1/policies"), 401)
        with patch.object(keys, "listing", side_effect=slow):
            assert client.get("/healthz").get_json()["access"] == "keys", "as it was last known"


# ---------------------------------------------------------------- keys


def test_a_key_is_shown_once_and_kept_as_a_hash(store: Store) -> None:
    key, secret = keys.create(store, " Li  Na ", ["approver", "author", "author"], "root")
    assert (key.name, key.roles, key.created_by) == ("Li Na", ("author", "approver"), "root")
    assert re.fullmatch(r"tw_[A-Za-z0-9_-]{43}", secret)
    with reading(store) as connection:
        row = connection.execute(select(api_keys)).one()
        [event] = list_events(connection)
    assert secret not in repr(row)
    assert len(row.hash) == 64
    assert (event.kind, event.payload["name"], event.payload["key"]) == ("issued", "Li Na", key.id)
    assert secret not in repr(event)
    assert_whole(store)


def test_what_is_done_with_a_key_is_done_in_its_name(app: Flask, store: Store) -> None:
    client = app.test_client()
    _, secret = keys.create(store, "李娜", ["author"], "root")
    made = post(client, "/v1/policies", {"text": POLICY}, **{**bearer(secret), "X-Actor": "bob"})
    assert made.get_json()["author"] == "李娜"
    password = b64encode(f"anybody:{secret}".encode()).decode()
    assert client.get("/v1/policies", headers={"Authorization": f"Basic {password}"}).status_code == 200


@pytest.mark.parametrize(
    "sent", ["Bearer tw_wrong", "Bearer", "Basic !!", "Basic ", "Bearer \u00e9", "Digest x"]
)
def test_a_wrong_key_is_no_key(app: Flask, store: Store, sent: str) -> None:
    keys.create(store, "ann", ["admin"], "root")
    problem_of(app.test_client().get("/v1/policies", headers={"Authorization": sent}), 401)


def test_keys_end(one_store: Store) -> None:
    clock, seconds = Clock(), [0.0]
    store = Store(one_store.engine, one_store.url, clock)
    ring = Keyring(store, lambda: seconds[0])
    assert ring.empty()
    seconds[0] += REMEMBERED
    key, secret = keys.create(store, "ann", ["author"], "root", expires_at=clock.at + timedelta(hours=1))
    found = ring.find(secret)
    assert found == key
    assert found.may("reader")
    assert not found.may("approver")
    clock.later(hours=1)
    assert ring.find(secret) is None
    _, lasting = keys.create(store, "ann", ["author"], "root")
    seconds[0] += REMEMBERED
    assert ring.find(lasting) is not None
    keys.revoke(store, 2, "root")
    assert ring.find(lasting) is not None, "remembered for a second"
    seconds[0] += REMEMBERED
    assert ring.find(lasting) is None
    assert not ring.empty(), "a service that had keys never opens again"
    with pytest.raises(StoreConflict, match="key 2 was revoked by `root` at"):
        keys.revoke(store, 2, "bob")
    with pytest.raises(NotStored, match="there is no key 9"):
        keys.revoke(store, 9, "bob")


def test_a_new_key_works_at_once(one_store: Store) -> None:
    seconds = [0.0]
    ring = Keyring(one_store, lambda: seconds[0])
    assert ring.empty()
    for _ in range(LOOKS):
        _, secret = keys.create(one_store, "ann", ["author"], "root")
        assert ring.find(secret) is not None


def test_guessing_keys_does_not_ask_the_database_each_time(one_store: Store) -> None:
    seconds = [0.0]
    ring = Keyring(one_store, lambda: seconds[0])
    with patch.object(keys, "listing", wraps=keys.listing) as asked:
        for second in range(3):
            seconds[0] = float(second)
            for guess in range(100):
                assert ring.find(f"tw_{guess}") is None
    assert 3 * LOOKS <= asked.call_count <= 3 * (LOOKS + 1)
    _, secret = keys.create(one_store, "ann", ["author"], "root")
    assert ring.find(secret) is None, "in this second it has looked often enough"
    seconds[0] += REMEMBERED
    assert ring.find(secret) is not None


def test_keys_that_would_not_work_are_refused(one_store: Store) -> None:
    for roles in ([], ["boss"]):
        with pytest.raises(Refused, match="give it one or more of `reader`"):
            keys.create(one_store, "ann", roles, "root")
    with pytest.raises(Refused, match="would never work"):
        keys.create(one_store, "ann", ["author"], "root", expires_at=one_store.clock())
    assert keys.listing(one_store) == ()
