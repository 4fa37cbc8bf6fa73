"""What holds for every route; checks, policies and health; the description of it all; and setting up."""

from __future__ import annotations

import json
import logging
import pickle
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from api.config import Config, ConfigError
from api.library import Library, LibraryError, library_of, load_folder
from api.logs import JsonLines
from dsl.checker import compile_policy
from dsl.source import Source
from tests.api_client import CONFIG, GRADING, make_app, post, problem_of, question

APP = make_app()
CLIENT = APP.test_client()


@pytest.fixture
def app() -> Flask:
    return APP


@pytest.fixture
def client() -> FlaskClient:
    return CLIENT


# ---------------------------------------------------------------- every route


@pytest.mark.parametrize(
    "path",
    [
        "/v2",
        "/policies",
        "/v1",
        "/v1/decision",
        "/v1/decisions/",
        "//v1/check",
        "/v1/policies/",
        "/%ff",
        "/a\u00e9",
    ],
)
def test_other_addresses_are_not_found(client: FlaskClient, path: str) -> None:
    problem_of(client.get(path), 404)


def test_other_methods_are_refused(app: Flask, client: FlaskClient) -> None:
    tried = 0
    methods: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        methods.setdefault(rule.rule, set()).update(rule.methods or ())
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<name>", "page.css" if rule.rule.startswith("/static") else "grading")
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - methods[rule.rule]:
            reply = client.open(path, method=method)
            problem_of(reply, 405)
            assert set(reply.headers["Allow"].split(", ")) >= {"OPTIONS"}
            tried += 1
    assert tried > 20


def test_head_and_options(client: FlaskClient) -> None:
    assert client.head("/healthz").status_code == 200
    assert client.head("/v1/decisions").status_code == 405
    reply = client.options("/v1/decisions")
    assert reply.status_code == 204
    assert reply.data == b""
    assert "Content-Type" not in reply.headers
    assert "POST" in reply.headers["Allow"]


def test_a_decent_request_id_comes_back(client: FlaskClient) -> None:
    assert (
        client.get("/healthz", headers={"X-Request-Id": "abc-1.2:3"}).headers["X-Request-Id"] == "abc-1.2:3"
    )
    for given_id in ("", "a b", "x" * 200, "é", "<b>"):
        found = client.get("/healthz", headers={"X-Request-Id": given_id}).headers["X-Request-Id"]
        assert found != given_id
        assert len(found) == 32


def test_a_fault_of_ours_is_a_500_without_its_insides(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with patch("api.decisions.engines.answer", side_effect=RuntimeError("a secret of ours")):
        reply = post(client, "/v1/decisions", question(customer="C-very-private"), **{"X-Request-Id": "me"})
    problem_of(reply, 500)
    assert b"secret" not in reply.data
    [record] = [item for item in caplog.records if item.levelno == logging.ERROR]
    line = json.loads(JsonLines().format(record))
    assert line["request_id"] == "me"
    assert line["path"] == "/v1/decisions"
    assert line["trace"][-1] == "RuntimeError"
    assert any(place.startswith("api.decisions.answer:") for place in line["trace"])
    assert "a secret of ours" not in json.dumps(line)
    assert "C-very-private" not in json.dumps(line)


@pytest.mark.parametrize("value", ["zh-Hans-CN", "en;q=banana", "*", ",,,;", "zh" * 500, "\u00e9"])
def test_any_accept_language_is_survived(client: FlaskClient, value: str) -> None:
    reply = client.get("/v1/policies", headers={"Accept-Language": value, "Accept": value})
    assert reply.status_code == 200
    assert reply.headers["Content-Language"] in ("en", "zh")


# ---------------------------------------------------------------- checks


def test_a_good_text_is_good(client: FlaskClient) -> None:
    found = json.loads(post(client, "/v1/check", {"text": GRADING}).data)
    assert found["ok"] is True
    assert found["policy"] == "grading"
    assert found["errors"] == 0


def test_a_bad_text_has_diagnostics_at_their_places(client: FlaskClient) -> None:
    text = GRADING.replace("per referrals", "per refferals")
    for lang, word in (("en", "did you mean"), ("zh", "是不是")):
        found = json.loads(post(client, "/v1/check", {"text": text, "lang": lang}).data)
        assert found["ok"] is False
        [item] = [each for each in found["diagnostics"] if "refferals" in each["message"]]
        span = item["span"]
        assert text[span["start"] : span["end"]] == "refferals"
        lines = text.split("\n")
        assert lines[item["start"]["line"] - 1][item["start"]["column"] - 1 :].startswith("refferals")
        assert word in item["help"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"/text": "required"}),
        ({"text": 1}, {"/text": "wrong_type"}),
        ({"text": "政" * 10_000}, {"/text": "too_many_bytes"}),
        ({"text": "policy a", "language": "zh"}, {"/language": "unknown_field"}),
        ({"text": "policy a", "lang": "de"}, {"/lang": "no_such_value"}),
    ],
)
def test_bad_checks_are_refused(client: FlaskClient, body: object, errors: dict[str, str]) -> None:
    document = problem_of(post(client, "/v1/check", body), 422)
    assert {item["pointer"]: item["code"] for item in document["errors"]} == errors


HOSTILE = [
    'policy a\nuse "../../../etc/passwd"',
    "policy a\n" + "(" * 5000,
    "policy a\nvalue v: number = " + "(" * 3000 + "1" + ")" * 3000,
    "policy a\nvalue v: number = " + "-" * 8000 + "1",
    "policy a\nvalue v: number = " + "not " * 3000 + "yes",
    "policy a\nvalue v: number = 9^9^9^9^9",
    "policy a\nvalue v: number = 99999999^99999999",
    'policy a\nfact f: number "' + "x" * 12000,
    "policy a\n" + "|" * 12000,
    "policy a\n| " + "a | " * 3000 + "\n| 1 |",
    "政策" * 2500,
    "\0\x1b[2J\u202e\ufeff",
    "policy a\n" + "fact f: number\n" * 1000,
    "\n" * 16000,
    "{name} %s {0} \\",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_checked_like_any_other(client: FlaskClient, text: str) -> None:
    reply = post(client, "/v1/check", {"text": text})
    assert reply.status_code == 200, reply.get_data(as_text=True)
    assert json.loads(reply.data)["ok"] is False


@given(st.text(alphabet=st.sampled_from('policyfact\n :=|(),."0123%政策指标当 至'), max_size=120))
@settings(max_examples=50, deadline=None)
def test_any_text_is_checked(text: str) -> None:
    reply = post(CLIENT, "/v1/check", {"text": "policy a\n" + text})
    assert reply.status_code == 200, reply.get_data(as_text=True)


# ---------------------------------------------------------------- policies


def test_policies_are_listed(client: FlaskClient) -> None:
    found = json.loads(client.get("/v1/policies", headers={"Accept-Language": "zh"}).data)["policies"]
    assert [item["name"] for item in found] == ["grading", "续约"]
    assert found[0]["label"] == "客户分级"
    assert [tier["tier"] for tier in found[0]["ladders"][0]["tiers"]] == ["A", "B", "C"]
    assert found[0]["hash"].startswith("sha256:")
    for item in found:
        for link in item["links"].values():
            assert client.get(link).status_code == 200


def test_one_policy_as_json_and_as_its_exact_text(client: FlaskClient) -> None:
    assert json.loads(client.get("/v1/policies/grading").data)["text"] == GRADING
    plain = client.get("/v1/policies/grading", headers={"Accept": "text/plain"})
    assert plain.content_type == "text/plain; charset=utf-8"
    assert plain.data == client.get("/v1/policies/grading/text").data == GRADING.encode()
    again = client.get("/v1/policies/grading/text", headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304


def test_the_schema_of_facts(client: FlaskClient) -> None:
    reply = client.get("/v1/policies/grading/schema")
    assert reply.content_type == "application/schema+json"
    schema = json.loads(reply.data)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) >= {"order_amount", "referrals", "listed", "stage", "since"}


@pytest.mark.parametrize(
    "path", ["/v1/policies/gradin", "/v1/policies/gradin/text", "/v1/policies/gradin/schema"]
)
def test_an_unknown_policy_is_not_found(client: FlaskClient, path: str) -> None:
    document = problem_of(client.get(path), 404)
    assert "did you mean `grading`?" in document["errors"][0]["help"]


# ---------------------------------------------------------------- health and description


def test_health(client: FlaskClient) -> None:
    assert json.loads(client.get("/healthz").data) == {"status": "ok"}
    assert json.loads(client.get("/readyz").data) == {"status": "ok", "policies": 2}


def test_without_policies_the_service_is_not_ready() -> None:
    from api.app import create_app

    problem_of(create_app(CONFIG, Library({})).test_client().get("/readyz"), 503)


def test_the_description_is_valid_and_complete(app: Flask, client: FlaskClient) -> None:
    document = json.loads(client.get("/openapi.json").data)
    validate(document)
    described = {
        (path, method.upper()) for path, operations in document["paths"].items() for method in operations
    }
    routes = {
        (rule.rule.replace("<", "{").replace(">", "}"), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == routes
    request = document["components"]["schemas"]["DecisionRequest"]
    assert list(request["discriminator"]["mapping"]) == ["grading", "续约"]
    assert len(request["oneOf"]) == 2
    assert document["x-fact-schemas"] == {
        "grading": "/v1/policies/grading/schema",
        "续约": "/v1/policies/%E7%BB%AD%E7%BA%A6/schema",
    }


def test_each_policy_has_its_own_request_in_the_description(client: FlaskClient) -> None:
    from openapi_schema_validator import OAS31Validator

    document = json.loads(client.get("/openapi.json").data)
    schema = {"$ref": "#/components/schemas/DecisionRequest", "components": document["components"]}
    valid = OAS31Validator(schema).is_valid
    assert valid(question())
    assert valid(question(facts={"order_amount": "1.50", "listed": None, "stage": "renewal"}))
    assert valid({"policy": "续约", "facts": {"amount": 5}})
    assert valid({"policy": "续约", "facts": {"金额数": 5}})
    assert not valid({"policy": "续约", "facts": {"金额数": 5, "amount": 5}})
    assert not valid({"policy": "续约", "facts": {"order_amount": 5}})
    assert not valid(question(facts={"listed": True}))  # a required fact is missing
    assert not valid(question(facts={"order_amount": -1}))
    assert not valid(question(facts={"order_amount": 1, "referrals": 1.5}))
    assert not valid(question(at="nowhere"))
    assert not valid(question(policy="no_such"))


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.2, zh-TW;q=0.9", "zh"),
        ("fr, zh;q=0.5", "zh"),
        ("fr, en;q=0.1, zh;q=0.5", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=0.1, en-GB;q=0.8", "en"),
        ("fr", "en"),
    ],
)
def test_the_language_that_is_read_best_is_answered(client: FlaskClient, accepted: str, lang: str) -> None:
    for path in ("/v1/policies", "/v1/policies/grading/schema", "/"):
        reply = client.get(path, headers={"Accept-Language": accepted})
        assert reply.headers["Content-Language"] == lang, path
        assert "Accept-Language" in reply.headers["Vary"]
        asked = client.get(f"{path}?lang=zh", headers={"Accept-Language": accepted})
        assert asked.headers["Content-Language"] == "zh"


def test_the_address_may_say_the_language_and_the_body_goes_before_it(client: FlaskClient) -> None:
    def label(path: str, **fields: Any) -> str:
        reply = post(client, path, question(facts={"order_amount": 900000}, **fields))
        return str(json.loads(reply.data)["tiers"]["grade"]["label"])

    assert label("/v1/decisions?lang=zh") == "关键客户"
    assert label("/v1/decisions?lang=zh", lang="en") == "Key customer"
    for path in ("/v1/policies?lang=fr", "/?lang=fr", "/v1/policies?lang=en&lang=zh"):
        [item] = problem_of(client.get(path), 422)["errors"]
        assert item["parameter"] == "lang"


def test_answers_are_as_described(client: FlaskClient) -> None:
    from openapi_schema_validator import OAS31Validator

    document = json.loads(client.get("/openapi.json").data)
    full = question(explain="full", facts={"order_amount": 100000}, customer="C1")
    for name, reply in {
        "Decision": post(client, "/v1/decisions", full),
        "Problem": post(client, "/v1/decisions", {"policy": "?", "facts": {}, "x": 1}),
        "Checked": post(client, "/v1/check", {"text": "policy a\nfact b"}),
        "PolicyList": client.get("/v1/policies"),
        "Policy": client.get("/v1/policies/grading"),
        "Health": client.get("/readyz"),
    }.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        OAS31Validator(schema).validate(json.loads(reply.data))
    schema = {"$ref": "#/components/schemas/DecisionRequest", "components": document["components"]}
    OAS31Validator(schema).validate(full)
    assert not OAS31Validator(schema).is_valid({"policy": "grading"})
    assert not OAS31Validator(schema).is_valid({**full, "engine": "magic"})
    assert not OAS31Validator(schema).is_valid({**full, "other": 1})


# ---------------------------------------------------------------- setting up


def test_settings_come_from_the_environment_and_flags_go_before() -> None:
    environ = {"TIERWISE_PORT": "9000", "TIERWISE_MAX_ROWS": "7", "TIERWISE_HOST": "", "PORT": "1"}
    found = Config.from_environment(environ, port=9100, workers=None, policies="somewhere")
    assert (found.port, found.max_rows, found.host, found.policies) == (
        9100,
        7,
        "127.0.0.1",
        Path("somewhere"),
    )


@pytest.mark.parametrize(
    "environ",
    [
        {"TIERWISE_PORT": "x"},
        {"TIERWISE_PORT": "70000"},
        {"TIERWISE_WORKERS": "0"},
        {"TIERWISE_MAX_BODY": "-1"},
        {"TIERWISE_MAX_BODY": "1e6"},
        {"TIERWISE_THREADS": "9" * 30},
    ],
)
def test_impossible_settings_are_refused_by_name(environ: dict[str, str]) -> None:
    [name] = environ
    with pytest.raises(ConfigError, match=f"(?i){name.removeprefix('TIERWISE_')}"):
        Config.from_environment(environ)


def test_a_folder_is_loaded_and_its_errors_are_shown(tmp_path: Path) -> None:
    (tmp_path / "a.tier").write_text(GRADING, "utf-8")
    assert list(load_folder(tmp_path).policies) == ["grading"]
    (tmp_path / "b.tier").write_text("policy b\nfact f: nonsense\n", "utf-8")
    with pytest.raises(LibraryError, match=r"b\.tier:2"):
        load_folder(tmp_path)
    (tmp_path / "b.tier").write_text(GRADING, "utf-8")
    with pytest.raises(LibraryError, match="both called `grading`"):
        load_folder(tmp_path)
    with pytest.raises(LibraryError, match="does not exist"):
        load_folder(tmp_path / "nowhere")


def test_a_library_reaches_workers_that_are_not_forked() -> None:
    policy = compile_policy(Source(GRADING))
    library = library_of([policy])
    copy: Any = pickle.loads(pickle.dumps(library))
    assert copy.get("grading") == policy
