"""`POST /v1/decisions`: good questions, and every sort of bad one."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app

from tests.api_client import CONFIG, lines_of, make_app, post, problem_of, question

DECISIONS = "/v1/decisions"
CLIENT = make_app().test_client()

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return CLIENT


def decide(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    reply = post(client, DECISIONS, question(**fields))
    assert reply.status_code == 200, reply.get_data(as_text=True)
    decision: dict[str, Any] = json.loads(reply.data, parse_float=Decimal)
    # Each answer has an id of its own; all else is the same for the same question.
    assert UUID(decision.pop("decision_id"))
    return decision


def test_each_answer_has_an_id_of_its_own(client: FlaskClient) -> None:
    ids = {json.loads(post(client, DECISIONS, question()).data)["decision_id"] for _ in range(2)}
    rows = "".join(json.dumps(question()) + "\n" for _ in range(2))
    batch = client.post(f"{DECISIONS}/batch", data=rows, content_type="application/x-ndjson")
    ids |= {line["decision_id"] for line in lines_of(batch)}
    assert len(ids) == 4
    assert all(UUID(each) for each in ids)


def test_a_decision(client: FlaskClient) -> None:
    found = decide(client, customer="C001", facts={"order_amount": "500000.00", "referrals": 2})
    assert found["tiers"]["grade"]["tier"] == "A"
    assert found["scores"]["total"] == 60
    assert [item["benefit"] for item in found["benefits"]] == ["discount"]
    assert found["benefits"][0]["value"] == Decimal("0.15")
    assert found["customer"] == "C001"
    assert found["as_of"] == "2026-11-21"
    assert found["policy"]["name"] == "grading"
    assert sum(reason["points"] for reason in found["reasons"] if "points" in reason) == 60
    assert set(found["assumed"]) == {"stage"}


def test_an_unknown_fact_leaves_open_what_depends_on_it(client: FlaskClient) -> None:
    found = decide(client, facts={"order_amount": 100000})
    assert found["status"] == "undetermined"
    assert found["tiers"]["grade"]["tier"] is None
    assert found["tiers"]["grade"]["possible"] == ["B", "C"]
    assert found["missing"] == ["listed"]


def test_decimals_come_back_with_all_their_digits(client: FlaskClient) -> None:
    amount = "12345678901234.5678"
    body = json.dumps(question()).replace("500000", amount).encode()
    reply = client.post(DECISIONS, data=body, content_type="application/json")
    assert amount in reply.get_data(as_text=True)


def test_the_language_is_the_bodys_then_the_headers(client: FlaskClient) -> None:
    for fields, headers, label in [
        ({"lang": "zh"}, {}, "关键客户"),
        ({}, {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.1"}, "关键客户"),
        ({"lang": "en"}, {"Accept-Language": "zh"}, "Key customer"),
        ({}, {"Accept-Language": "fr"}, "Key customer"),
    ]:
        reply = post(client, DECISIONS, question(facts={"order_amount": 900000}, **fields), **headers)
        assert json.loads(reply.data)["tiers"]["grade"]["label"] == label


def test_null_optional_fields_count_as_left_out(client: FlaskClient) -> None:
    later = dict.fromkeys(
        ["customer", "lang", "at", "explain", "engine", "version", "known_at", "state", "record"]
    )
    assert decide(client, **later) == decide(client)
    assert decide(client, record=False) == decide(client)


def test_today_is_a_day_in_the_policys_timezone(client: FlaskClient) -> None:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    before = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    found = decide(client, as_of=...)["as_of"]
    after = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    assert before <= found <= after


def test_a_stage_can_be_asked_for(client: FlaskClient) -> None:
    rich = {"order_amount": 900000, "stage": "renewal"}
    assert decide(client, facts=rich)["benefits"] == []
    assert len(decide(client, facts=rich, at="contract")["benefits"]) == 1
    assert len(decide(client, facts=rich, at="all")["benefits"]) == 1


def test_explanations_on_request(client: FlaskClient) -> None:
    assert decide(client, explain="none")["reasons"] == []
    assert decide(client, explain="full")["why_not"]


def bad(client: FlaskClient, status: int = 422, **fields: Any) -> dict[str, str]:
    """What is wrong with a question, code by pointer."""
    document = problem_of(post(client, DECISIONS, question(**fields)), status)
    return {item["pointer"]: item["code"] for item in document["errors"]}


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"policy": ...}, {"/policy": "required"}),
        ({"policy": None}, {"/policy": "required"}),
        ({"policy": 3}, {"/policy": "wrong_type"}),
        ({"policy": ""}, {"/policy": "wrong_type"}),
        ({"policy": "x" * 201}, {"/policy": "too_long"}),
        ({"policy": "gradings"}, {"/policy": "unknown_policy"}),
        ({"policy": "grading@3"}, {"/policy": "no_versions"}),
        ({"policy": "grading@sha256:0a1b"}, {"/policy": "no_versions"}),
        ({"policy": "gradings@3"}, {"/policy": "unknown_policy"}),
        ({"facts": ...}, {"/facts": "required"}),
        ({"facts": []}, {"/facts": "wrong_type"}),
        ({"facts": "order_amount"}, {"/facts": "wrong_type"}),
        ({"facts": {}}, {"/facts/order_amount": "required"}),
        ({"customer": 5}, {"/customer": "wrong_type"}),
        ({"customer": "x" * 201}, {"/customer": "too_long"}),
        ({"as_of": 20261121}, {"/as_of": "wrong_type"}),
        ({"as_of": "2026-02-30"}, {"/as_of": "no_such_day"}),
        ({"as_of": "20261121"}, {"/as_of": "no_such_day"}),
        ({"as_of": "2026-11-21T00:00"}, {"/as_of": "no_such_day"}),
        ({"as_of": "0001-01-01"}, {"/as_of": "date_out_of_range"}),
        ({"as_of": "9999-12-31"}, {"/as_of": "date_out_of_range"}),
        ({"lang": "fr"}, {"/lang": "no_such_value"}),
        ({"lang": ["en"]}, {"/lang": "wrong_type"}),
        ({"explain": "everything"}, {"/explain": "no_such_value"}),
        ({"engine": "magic"}, {"/engine": "no_such_value"}),
        ({"at": "nowhere"}, {"/at": "no_such_stage"}),
        ({"at": 1}, {"/at": "wrong_type"}),
        ({"version": 2}, {"/version": "not_available"}),
        ({"known_at": "2026-01-01"}, {"/known_at": "not_available"}),
        ({"state": []}, {"/state": "wrong_type"}),
        ({"state": {"grade": {}}}, {"/state/grade": "no_movement"}),
        ({"override": {"kind": "set"}}, {"/override": "no_movement"}),
        ({"record": True}, {"/record": "not_available"}),
        ({"record": "no"}, {"/record": "wrong_type"}),
        ({"a/b~c": 1}, {"/a~1b~0c": "unknown_field"}),
    ],
)
def test_each_bad_field_is_refused(
    client: FlaskClient, fields: dict[str, Any], errors: dict[str, str]
) -> None:
    assert bad(client, **fields) == errors


def test_all_bad_fields_are_reported_at_once(client: FlaskClient) -> None:
    found = bad(
        client,
        as_of="soon",
        explain=3,
        facts={"order_amount": -1, "referrals": 1.5, "reffered": 1, "listed": "x"},
    )
    assert set(found) == {
        "/as_of",
        "/explain",
        "/facts/order_amount",
        "/facts/referrals",
        "/facts/reffered",
        "/facts/listed",
    }


def test_a_misspelt_name_is_answered_with_what_was_meant(client: FlaskClient) -> None:
    document = problem_of(post(client, DECISIONS, question(polcy="grading", policy="gradng")), 422)
    helps = {item["pointer"]: item["help"] for item in document["errors"]}
    assert "did you mean `policy`?" in helps["/polcy"]
    assert "did you mean `grading`?" in helps["/policy"]


def test_got_says_what_came_if_anything_did(client: FlaskClient) -> None:
    asked = question(policy="grading@3", facts={"reffered": 7, "order": None})
    found = {item["pointer"]: item for item in problem_of(post(client, DECISIONS, asked), 422)["errors"]}
    assert found["/policy"]["got"] == '"grading@3"'
    assert "keeps no versions of a policy" in found["/policy"]["detail"]
    asked["policy"] = "grading"
    found = {item["pointer"]: item for item in problem_of(post(client, DECISIONS, asked), 422)["errors"]}
    assert (found["/facts/reffered"]["got"], found["/facts/order"]["got"]) == ("7", "null")
    assert "got" not in found["/facts/order_amount"]
    broken = problem_of(client.post(DECISIONS, data=b"{", content_type="application/json"), 400)
    assert all("got" not in item for item in broken["errors"])


def test_problems_speak_chinese(client: FlaskClient) -> None:
    document = problem_of(
        post(client, DECISIONS, question(policy="?", xplain=1), **{"Accept-Language": "zh"}), 422
    )
    texts = [document["title"], document["detail"], *(item["detail"] for item in document["errors"])]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in texts)
    in_body = problem_of(post(client, DECISIONS, question(policy="?", lang="zh")), 422)
    assert in_body["title"] == document["title"]


BROKEN = [
    b"",
    b" ",
    b"{",
    b"nonsense",
    b'{"policy": "grading", "policy": "grading"}',
    b'{"facts": {"order_amount": NaN}}',
    b'{"facts": {"order_amount": 1e999}}',
    b'{"facts": {"order_amount": ' + b"9" * 5000 + b"}}",
    b"[" * 5000,
    b'{"a":' * 5000,
    b'{"customer": "\\ud800"}',
    b'\xff\xfe{\x00"\x00',
    b"\x80abc",
    '{"policy": "客户"}'.encode("gb18030"),
]


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_what_is_not_json_is_refused(client: FlaskClient, data: bytes) -> None:
    document = problem_of(client.post(DECISIONS, data=data, content_type="application/json"), 400)
    assert document["type"].endswith(":invalid-json")


@pytest.mark.parametrize("body", [None, 1, "text", [], [{"policy": "grading"}], True])
def test_a_body_that_is_no_object_is_refused(client: FlaskClient, body: object) -> None:
    document = problem_of(post(client, DECISIONS, body), 422)
    assert [(item["pointer"], item["code"]) for item in document["errors"]] == [("", "wrong_type")]


def test_thousands_of_unknown_fields_take_no_time(client: FlaskClient) -> None:
    document = problem_of(post(client, DECISIONS, {f"polic{n}": n for n in range(3000)}), 422)
    codes = [item["code"] for item in document["errors"]]
    assert codes.count("unknown_field") == 20
    assert codes[-1] == "too_many_unknown"
    assert "2,980" in document["errors"][-1]["detail"]


@pytest.mark.parametrize(
    "content", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_other_media_types_are_refused(client: FlaskClient, content: str) -> None:
    problem_of(client.post(DECISIONS, data=b"{}", content_type=content), 415)


def test_a_body_over_the_limit_is_refused_unread(client: FlaskClient) -> None:
    problem_of(
        client.post(DECISIONS, data=b" " * (CONFIG.max_body + 1), content_type="application/json"), 413
    )
    endless = {"wsgi.input": _Endless(), "wsgi.input_terminated": True}
    announced = {"wsgi.input": _Untouched(), "CONTENT_LENGTH": "99999999999"}
    for body in (endless, announced):
        environ = create_environ(DECISIONS, method="POST", content_type="application/json") | body
        parts, status, headers = run_wsgi_app(client.application, environ)
        assert status.startswith("413")
        assert headers["Content-Type"] == "application/problem+json"
        assert json.loads(b"".join(parts))["status"] == 413


def test_a_body_of_exactly_the_limit_is_read(client: FlaskClient) -> None:
    data = json.dumps(question()).encode().ljust(CONFIG.max_body)
    assert client.post(DECISIONS, data=data, content_type="application/json").status_code == 200


class _Untouched:
    """A body of which nothing may be read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError(f"{size} bytes were read")


class _Endless:
    """A chunked body that never ends; gives up when more of it is read than any limit allows."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        assert 0 < size <= 1 << 20
        self.given += size
        assert self.given < 1 << 20
        return b" " * size


@given(JSON)
@settings(max_examples=60, deadline=None)
def test_any_json_is_answered_or_refused(body: object) -> None:
    reply = post(CLIENT, DECISIONS, body)
    problem_of(reply, reply.status_code)
    assert reply.status_code in (400, 422)


FIELDS = ("policy", "facts", "customer", "as_of", "lang", "at", "explain", "engine", "version", "record")


@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3),
    st.dictionaries(st.sampled_from(("order_amount", "referrals", "listed", "stage", "since")), JSON),
)
@settings(max_examples=120, deadline=None)
def test_any_values_in_any_fields_are_answered_or_refused(
    fields: dict[str, Any], facts: dict[str, Any]
) -> None:
    body = question(facts={"order_amount": 1, **facts}) | fields
    reply = post(CLIENT, DECISIONS, body)
    if reply.status_code != 200:
        problem_of(reply, reply.status_code)
    assert reply.status_code in (200, 400, 422)


@given(st.binary(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_refused(data: bytes) -> None:
    reply = CLIENT.post(DECISIONS, data=data, content_type="application/json")
    assert reply.status_code in (400, 422)
    problem_of(reply, reply.status_code)


@given(st.binary(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_bytes_make_a_batch_or_are_refused(data: bytes) -> None:
    reply = CLIENT.post(f"{DECISIONS}/batch", data=data, content_type="application/json")
    if reply.status_code == 200:
        assert all("error" in line for line in lines_of(reply))
    else:
        problem_of(reply, 400)


# ---------------------------------------------------------------- all that is wrong, whatever its kind


def all_wrong(client: FlaskClient, text: str) -> list[tuple[str, str]]:
    reply = client.post(DECISIONS, data=text.encode(), content_type="application/json")
    document = problem_of(reply, 400)
    assert document["type"].endswith(":invalid-json")
    return [(item["pointer"], item["code"]) for item in document["errors"]]


def test_what_cannot_be_read_is_reported_with_all_other_bad_fields(client: FlaskClient) -> None:
    text = (
        '{"policy": "grading", "at": "nowhere", "as_of": 1e999, "facts": {"order_amount": NaN, "listed": 5,'
        ' "referrals": -Infinity, "stage": "\\udc00", "since": 1, "since": 2, "else": Infinity}, "more": 1}'
    )
    assert all_wrong(client, text) == [
        ("/as_of", "number_too_long"),
        ("/facts/order_amount", "not_a_number"),
        ("/facts/referrals", "not_a_number"),
        ("/facts/stage", "half_a_character"),
        ("/facts/since", "key_twice"),
        ("/facts/else", "not_a_number"),
        ("/more", "unknown_field"),
        ("/facts/else", "unknown_fact"),
        ("/facts/listed", "wrong_type"),
        ("/at", "no_such_stage"),
    ]


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ('{"policy": "grading", "facts": {}, "facts": {}}', [("/facts", "key_twice")]),
        (
            '{"policy": NaN, "facts": {"order_amount": 1}, "x": 1}',
            [("/policy", "not_a_number"), ("/x", "unknown_field")],
        ),
        ("NaN", [("", "not_a_number")]),
        ("[1e999]", [("/0", "number_too_long"), ("", "wrong_type")]),
    ],
)
def test_a_mark_is_never_reported_twice(
    client: FlaskClient, text: str, errors: list[tuple[str, str]]
) -> None:
    assert all_wrong(client, text) == errors


def test_a_stage_that_nobody_knows_is_reported_with_the_other_fields(client: FlaskClient) -> None:
    asked = question(at="nowhere", facts={"order_amount": "x"}, lang="fr")
    document = problem_of(post(client, DECISIONS, asked), 422)
    assert {item["pointer"]: item["code"] for item in document["errors"]} == {
        "/lang": "no_such_value",
        "/facts/order_amount": "wrong_type",
        "/at": "no_such_stage",
    }


@pytest.mark.parametrize("coding", ["gzip", "deflate, br", "identity, gzip", "x" * 500])
def test_a_packed_body_is_refused(client: FlaskClient, coding: str) -> None:
    for path in (DECISIONS, DECISIONS + "/batch", "/v1/check"):
        reply = post(client, path, question(), **{"Content-Encoding": coding})
        document = problem_of(reply, 415)
        assert "Content-Encoding" in document["detail"]
        assert reply.headers["Accept-Encoding"] == "identity"
    assert post(client, DECISIONS, question(), **{"Content-Encoding": "Identity"}).status_code == 200


@pytest.mark.parametrize(
    "content", ["json", ";", "; charset=utf-8", "application/", "/json", "application/json/x", "=", "a b/c"]
)
def test_a_content_type_that_is_none_is_refused(client: FlaskClient, content: str) -> None:
    for path in (DECISIONS, DECISIONS + "/batch"):
        reply = client.post(path, data=json.dumps(question()), headers={"Content-Type": content})
        problem_of(reply, 415)


def test_a_content_type_may_have_parameters(client: FlaskClient) -> None:
    for content in ("application/json; charset=utf-8", "Application/JSON ;x=y", ""):
        reply = client.post(DECISIONS, data=json.dumps(question()), headers={"Content-Type": content})
        assert reply.status_code == 200, content


def test_a_stage_is_refused_where_no_benefit_has_one(client: FlaskClient) -> None:
    for at in ("Contract", "金额数"):
        asked = question(policy="续约", facts={"amount": 1}, at=at)
        (wrong,) = problem_of(post(client, DECISIONS, asked), 422)["errors"]
        assert (wrong["pointer"], wrong["code"], wrong["help"]) == ("/at", "no_stages", "leave `at` out")
    assert decide(client, policy="续约", facts={"amount": 1}, at="all")["status"] == "decided"


def test_what_is_expected_begins_with_no_space(client: FlaskClient) -> None:
    reply = client.post(f"{DECISIONS}?lang=zh", data=b"[]", content_type="application/json")
    (wrong,) = problem_of(reply, 422)["errors"]
    assert (wrong["expected"], "应为 JSON 对象，" in wrong["detail"]) == ("JSON 对象", True)
    asked = question(facts={"order_amount": 1, "listed": "maybe"}, lang="zh")
    (wrong,) = problem_of(post(client, DECISIONS, asked), 422)["errors"]
    assert (wrong["expected"], "须为 `true` 或" in wrong["detail"]) == ("`true` 或 `false`", True)
