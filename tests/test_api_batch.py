"""`POST /v1/decisions/batch`: a line for each row, in order, whatever the rows hold."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterable
from typing import Any
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api_client import CONFIG, lines_of, make_app, problem_of, question

BATCH = "/v1/decisions/batch"
NDJSON = "application/x-ndjson"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return make_app().test_client()


def send(client: FlaskClient, data: bytes, content: str = NDJSON, query: str = "") -> TestResponse:
    return client.post(BATCH + query, data=data, content_type=content)


def ndjson(rows: Iterable[object]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def shape(line: dict[str, Any]) -> object:
    """A decision's customer, or a refusal's place and codes."""
    if "error" not in line:
        return line["customer"]
    place = line.get("line", line.get("index"))
    return place, tuple(item["code"] for item in line["error"]["errors"]), line.get("customer")


def alike(decision: dict[str, Any]) -> dict[str, Any]:
    """A decision without the id that it alone has."""
    assert decision["decision_id"]
    return decision | {"decision_id": None}


def test_lines_and_an_array_are_answered_alike(client: FlaskClient) -> None:
    rows = [question(customer=f"C{n}", facts={"order_amount": n * 50000}) for n in range(20)]
    by_line = lines_of(send(client, ndjson(rows)))
    by_item = lines_of(send(client, json.dumps(rows, indent=2).encode(), "application/json"))
    sniffed = lines_of(send(client, ndjson(rows), "application/json"))
    assert [*map(alike, by_line)] == [*map(alike, by_item)] == [*map(alike, sniffed)]
    assert [line["customer"] for line in by_line] == [f"C{n}" for n in range(20)]
    single = client.post("/v1/decisions", data=json.dumps(rows[7]), content_type="application/json")
    assert alike(by_line[7]) == alike(json.loads(single.data))


def test_what_rows_share_may_stand_in_the_address(client: FlaskClient) -> None:
    rows = [
        {"facts": {"order_amount": 1}},
        {"facts": {"amount": 2000000}, "policy": "续约", "as_of": "2026-01-02"},
    ]
    found = lines_of(send(client, ndjson(rows), query="?policy=grading&as_of=2026-11-20&explain=none"))
    assert [(line["policy"]["name"], line["as_of"]) for line in found] == [
        ("grading", "2026-11-20"),
        ("续约", "2026-01-02"),
    ]
    assert found[1]["tiers"]["续约等级"]["tier"] == "高"
    assert found[0]["reasons"] == []


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("?polcy=grading", [("polcy", "unknown_field")]),
        ("?as_of=soon&lang=fr", [("as_of", "no_such_day"), ("lang", "no_such_value")]),
        ("?lang=en&lang=zh", [("lang", "given_twice")]),
        ("?facts=1", [("facts", "unknown_field")]),
    ],
)
def test_a_bad_address_is_refused(client: FlaskClient, query: str, errors: list[tuple[str, str]]) -> None:
    document = problem_of(send(client, b"{}", query=query), 422)
    assert [(item["parameter"], item["code"]) for item in document["errors"]] == errors


def test_errors_stand_in_their_place_and_no_row_is_lost(client: FlaskClient) -> None:
    good = json.dumps(question(customer="good")).encode()
    data = b"\n".join(
        [
            good,
            b"not json",
            b"",
            json.dumps(question(customer="bad", facts={"order_amount": "x"})).encode(),
            b'{"policy": "grading", "customer": "long", "facts": "' + b"x" * 100_000 + b'"}',
            b"[1]",
            b'{"policy": "grading", "policy": "grading"}',
            b"\xff\xfe",
            good,
        ]
    )
    assert [shape(line) for line in lines_of(send(client, data))] == [
        "good",
        (2, ("not_json",), None),
        (4, ("wrong_type",), "bad"),
        (5, ("row_too_long",), None),
        (6, ("wrong_type",), None),
        (7, ("key_twice", "required"), None),
        (8, ("encoding",), None),
        "good",
    ]


def test_errors_in_an_array_stand_in_their_place(client: FlaskClient) -> None:
    good = json.dumps(question(customer="good")).encode()
    data = b"[" + b",".join([good, b"oops", b"", b'"' + b"y" * 100_000 + b'"', b"[[1]]", good]) + b"]"
    assert [shape(line) for line in lines_of(send(client, data, "application/json"))] == [
        "good",
        (1, ("not_json",), None),
        (2, ("not_json",), None),
        (3, ("row_too_long",), None),
        (4, ("wrong_type",), None),
        "good",
    ]


def test_a_broken_off_array_says_so_last(client: FlaskClient) -> None:
    good = json.dumps(question(customer="good")).encode()
    *answers, last = lines_of(send(client, b"[" + good + b"," + good, "application/json"))
    assert [shape(line) for line in answers] == ["good", "good"]
    assert last["error"]["type"].endswith(":broken-array")
    assert last["index"] == 2


def test_too_many_rows_are_answered_up_to_the_limit(client: FlaskClient) -> None:
    rows = [question(customer=str(n)) for n in range(CONFIG.max_rows + 5)]
    *answers, last = lines_of(send(client, ndjson(rows)))
    assert len(answers) == CONFIG.max_rows
    assert last["error"]["type"].endswith(":too-many-rows")
    assert last["line"] == CONFIG.max_rows + 1
    assert len(lines_of(send(client, ndjson(rows[: CONFIG.max_rows])))) == CONFIG.max_rows


def test_a_batch_over_the_limit_is_refused_as_a_whole(client: FlaskClient) -> None:
    problem_of(send(client, b" " * (CONFIG.max_batch + 1)), 413)


@pytest.mark.parametrize("content", [NDJSON, "application/json"])
@pytest.mark.parametrize("data", [b"", b" \n\n ", b"\xef\xbb\xbf"])
def test_an_empty_batch_is_refused(client: FlaskClient, data: bytes, content: str) -> None:
    assert problem_of(send(client, data, content), 400)["type"].endswith(":empty-batch")


@pytest.mark.parametrize("data", [b"[]", b" [ ] ", b"\xef\xbb\xbf\n[" + b" " * 70_000 + b"]"])
def test_an_empty_array_is_an_empty_batch(client: FlaskClient, data: bytes) -> None:
    assert problem_of(send(client, data, "application/json"), 400)["type"].endswith(":empty-batch")


def test_a_batch_may_say_how_many_rows_it_has(client: FlaskClient) -> None:
    rows = [question(customer=f"C{n}") for n in range(3)]
    lines, array = ndjson(rows).replace(b"\n", b"\n \n\n"), json.dumps(rows).encode()
    for data, content in ((lines, NDJSON), (array, "application/json")):
        assert len(lines_of(send(client, data, content, "?rows=3"))) == 3
        for said in ("2", "4"):
            document = problem_of(send(client, data, content, f"?rows={said}"), 400)
            assert document["type"].endswith(":body-broken-off")
            assert f"says {said}, and 3 came" in document["detail"]
    problem_of(send(client, array[:-1], "application/json", "?rows=4"), 400)


@pytest.mark.parametrize("said", ["", "-1", "x", "1.0", "9" * 13, "²"])
def test_a_number_of_rows_that_is_none_is_refused(client: FlaskClient, said: str) -> None:
    [error] = problem_of(send(client, b"{}", query=f"?rows={said}"), 422)["errors"]
    assert (error["parameter"], error["code"]) == ("rows", "wrong_type")


def test_a_row_that_cannot_be_read_whole_is_still_held_against_the_schema(client: FlaskClient) -> None:
    good = json.dumps(question(customer="good")).encode()
    bad = b'{"policy": "grading", "customer": "bad", "facts": {"order_amount": NaN, "listed": 5}}'
    assert [shape(line) for line in lines_of(send(client, bad + b"\n" + good))] == [
        (1, ("not_a_number", "wrong_type"), "bad"),
        "good",
    ]


def test_other_media_types_are_refused(client: FlaskClient) -> None:
    problem_of(send(client, b"{}", "text/csv"), 415)


def test_problems_of_rows_speak_the_language_asked_for(client: FlaskClient) -> None:
    rows = [{"policy": "?", "lang": "zh"}, {"policy": "?"}]
    chinese, english = lines_of(send(client, ndjson(rows)))
    assert chinese["error"]["title"] == "请求内容有误"
    assert english["error"]["title"] == "Request not valid"
    assert lines_of(send(client, ndjson(rows), query="?lang=zh"))[1]["error"]["title"] == "请求内容有误"


def test_a_fault_of_ours_costs_one_row_only(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    from engine.engines import answer

    def faulty(*args: Any, **named: Any) -> Any:
        if named["customer"] == "bad":
            raise RuntimeError("a secret of ours")
        return answer(*args, **named)

    rows = [question(customer=name) for name in ("one", "bad", "two")]
    with patch("api.decisions.engines.answer", faulty):
        reply = send(client, ndjson(rows))
        found = lines_of(reply)
    assert [line.get("customer") for line in found] == ["one", "bad", "two"]
    assert found[1]["error"]["status"] == 500
    assert not any("error" in line for line in (found[0], found[2]))
    assert b"secret" not in reply.data
    assert "a secret of ours" in caplog.text


def test_an_answer_that_nobody_reads_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda found: left.append(found.exc_value))
    path = "/v1/decisions/batch?policy=b2b_grading"
    reply = make_app().test_client().post(path, data=b'{"facts":{}}\n', content_type="application/x-ndjson")
    assert reply.status_code == 200
    del reply
    gc.collect()
    assert left == []
