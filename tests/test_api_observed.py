"""What is logged and counted of each request, and what never is."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from api import server
from api.app import create_app
from api.library import library_of
from api.logs import JsonLines
from dsl.checker import compile_policy
from dsl.source import Source
from engine.durable_cage import Cage
from engine.durable_process import installed
from tests.api_client import CONFIG, lines_of, make_app, post, question
from tests.durable_workers import entry, never_starts

SECRET = "Very Private Ltd"
# Long enough not to turn up in a random id by chance.
UNLIKELY = 918273645918273


@pytest.fixture
def client() -> FlaskClient:
    return make_app().test_client()


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Any:
    """The lines that were logged so far, as the service writes them."""
    caplog.set_level(logging.INFO, "tierwise")
    return lambda: [
        json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "tierwise"
    ]


def numbers(client: FlaskClient) -> dict[str, float]:
    """The metrics by name and labels."""
    reply = client.get("/metrics")
    assert reply.content_type.startswith("text/plain; version=0.0.4")
    rows = (
        line.rpartition(" ") for line in reply.get_data(as_text=True).splitlines() if not line.startswith("#")
    )
    return {name: float(value) for name, _, value in rows}


def test_a_decision_is_one_line_with_what_an_operator_asks(client: FlaskClient, logged: Any) -> None:
    post(client, "/v1/decisions", question(customer=SECRET), **{"X-Request-Id": "abc"})
    [line] = logged()
    assert line["message"] == "request"
    assert line["request_id"] == "abc"
    assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/decisions", 200)
    assert line["ms"] > 0
    assert line["policy"] == "grading"
    assert line["engine"]
    assert line["outcomes"] == {"decided": 1}
    assert isinstance(line["decision_ids"], list)


def test_nothing_that_a_caller_sent_is_logged(client: FlaskClient, logged: Any) -> None:
    facts = {"order_amount": 918273645918273, "referrals": UNLIKELY}
    post(client, f"/v1/decisions?x={SECRET}", question(customer=SECRET, facts=facts))
    post(client, "/v1/decisions", question(customer=SECRET, facts={"order_amount": SECRET}, policy=SECRET))
    client.get(f"/v1/policies/{SECRET}")
    client.get(f"/{SECRET}")
    client.open("/healthz", method=SECRET.replace(" ", "-"))
    client.post("/policies/grading", data={"fact.order_amount": "918273645918273", "customer": SECRET})
    rows = [question(customer=SECRET, facts=facts), {"policy": SECRET}]
    lines_of(client.post("/v1/decisions/batch", data=json.dumps(rows), content_type="application/json"))
    text = json.dumps(logged())
    assert len(logged()) >= 6
    for word in ("Private", "918273645918273", str(UNLIKELY), "order_amount"):
        assert word not in text, word


def test_a_batch_is_one_line_when_its_last_row_is_out(client: FlaskClient, logged: Any) -> None:
    rows = [
        question(facts={"order_amount": 100000}),
        {"policy": "grading"},
        question(policy="续约", facts={"amount": 2000000}),
    ]
    with client.post("/v1/decisions/batch", data=json.dumps(rows), content_type="application/json") as reply:
        assert logged() == []
        assert len(reply.data.splitlines()) == 3
    [line] = logged()
    assert line["policy"] == "grading, 续约"
    assert line["outcomes"] == {"undetermined": 1, "decided": 1, "refused": 1}


def test_refusals_and_strangers_are_counted_under_routes_of_ours(client: FlaskClient) -> None:
    post(client, "/v1/decisions", {})
    for path in ("/a", "/b", "/wp-admin.php"):
        client.get(path)
    found = numbers(client)
    assert found['tierwise_requests_total{method="POST",route="/v1/decisions",status="422"}'] == 1
    assert found['tierwise_requests_total{method="GET",route="none",status="404"}'] == 3
    assert not any("wp-admin" in name for name in found)
    assert found['tierwise_request_seconds_count{route="/v1/decisions"}'] == 1


def test_decisions_are_counted_by_outcome_and_rows_by_result(client: FlaskClient) -> None:
    post(client, "/v1/decisions", question(facts={"order_amount": 900000}))
    post(client, "/v1/decisions", question(facts={"order_amount": 100000}))
    rows = [question(facts={"order_amount": 900000}), {}]
    lines_of(client.post("/v1/decisions/batch", data=json.dumps(rows), content_type="application/json"))
    found = numbers(client)
    decided = {
        re.sub(r'engine="\w+",', "", name): value
        for name, value in found.items()
        if name.startswith("tierwise_decisions_total")
    }
    assert decided == {
        'tierwise_decisions_total{policy="grading",status="decided",tier="A"}': 2,
        'tierwise_decisions_total{policy="grading",status="undetermined",tier=""}': 1,
    }
    assert found['tierwise_batch_rows_total{result="decided"}'] == 1
    assert found['tierwise_batch_rows_total{result="refused"}'] == 1


def test_a_trace_tells_where_and_never_what() -> None:
    def fails(word: str) -> None:
        raise KeyError(word)

    try:
        try:
            fails(SECRET)
        except KeyError as error:
            raise ValueError(SECRET) from error
    except ValueError as error:
        record = logging.LogRecord(
            "tierwise", logging.ERROR, "", 0, "unexpected error", None, (ValueError, error, None)
        )
    line = JsonLines().format(record)
    assert SECRET not in line
    trace = json.loads(line)["trace"]
    assert trace.count("ValueError") == trace.count("KeyError") == 1
    assert any("fails" in place for place in trace)


ROUTES = """policy routes
fact shops: whole number
choose team
  hq "HQ" when shops > 9
  city "City" otherwise
"""


def test_a_policy_without_a_ladder_is_counted_by_its_status() -> None:
    client = create_app(CONFIG, library_of([compile_policy(Source(ROUTES, "test.tier"))])).test_client()
    for facts in ({"shops": 10}, {"shops": 1}, {}):
        post(client, "/v1/decisions", {"policy": "routes", "facts": facts})
    counted = {name: value for name, value in numbers(client).items() if "decisions_total{" in name}
    told = {
        (re.findall('status="(.*?)"', name)[0], re.findall('tier="(.*?)"', name)[0]): value
        for name, value in counted.items()
    }
    assert told == {("decided", ""): 2, ("undetermined", ""): 1}


# ---------------------------------------------------------------- durable-rules


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, Any]]]:
    """What the service and the engine write, line by line, as it is written."""
    found: list[dict[str, Any]] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(self.format(record)))

    handler = Keeping()
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("tierwise")
    logger.addHandler(handler)
    caplog.set_level(logging.INFO, "tierwise")
    yield found
    logger.removeHandler(handler)


@pytest.fixture
def hopeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A durable-rules whose every worker dies at once."""
    cage = Cage(entry=entry(never_starts))
    monkeypatch.setattr("engine.durable.cage", lambda: cage)
    monkeypatch.setattr("api.metrics.cage", lambda: cage)
    monkeypatch.setattr("engine.durable_cage.installed", lambda: True)


KNOWN = {"order_amount": 450000, "listed": False, "since": "2024-05-01"}


@pytest.mark.usefixtures("hopeless")
def test_an_incident_is_laid_to_its_request_and_counted_by_kind(lines: list[dict[str, Any]]) -> None:
    client = make_app().test_client()
    asked = question(facts=KNOWN, engine="durable")
    reply = post(client, "/v1/decisions", asked, **{"X-Request-Id": "abc"})
    assert reply.json is not None
    assert reply.json["engine"] == "reference"
    lost, again, incident, request = lines
    assert [lost["request_id"], again["request_id"], incident["request_id"]] == ["abc"] * 3
    assert (incident["level"], incident["policy"], incident["why"]) == ("error", "grading", "died")
    assert (request["message"], request["engine"]) == ("request", "reference")
    found = numbers(client)
    assert found['tierwise_durable_questions_total{outcome="given_up"}'] == 1
    assert found['tierwise_durable_incidents_total{why="died"}'] == 1
    assert found['tierwise_durable_workers_lost_total{why="died"}'] == 2
    assert found["tierwise_durable_workers_started_total"] == 2


@pytest.mark.usefixtures("hopeless")
def test_an_incident_in_a_batch_is_laid_to_its_request_wherever_the_server_goes_on(
    lines: list[dict[str, Any]],
) -> None:
    client = make_app().test_client()
    rows = [question(facts=KNOWN, engine="durable")] * 2
    with client.post("/v1/decisions/batch", json=rows, headers={"X-Request-Id": "abc"}) as reply:
        answers: list[Any] = []
        elsewhere = threading.Thread(target=lambda: answers.extend(reply.iter_encoded()))
        elsewhere.start()
        elsewhere.join()
        assert len(answers) == 2
        assert [line["request_id"] for line in lines if line["level"] == "error"] == ["abc", "abc"]
    logging.getLogger("tierwise").error("of nobody")
    assert "request_id" not in lines[-1]


@pytest.mark.skipif(not installed(), reason="durable-rules is not installed here")
def test_questions_to_durable_rules_are_counted_by_outcome() -> None:
    client = make_app().test_client()
    post(client, "/v1/decisions", question(facts=KNOWN, engine="durable"))
    post(client, "/v1/decisions", question(facts={"order_amount": 1}, engine="durable"))
    post(client, "/v1/decisions", question(facts=KNOWN))
    found = numbers(client)
    assert found['tierwise_durable_questions_total{outcome="decided"}'] == 1
    assert found['tierwise_durable_questions_total{outcome="refused"}'] == 1
    assert not any("durable_incidents_total{" in name for name in found)


@pytest.mark.parametrize("there", [True, False])
def test_the_service_says_at_its_start_where_durable_rules_is_missing(
    there: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(server, "installed", lambda: there)
    for lang in ("en", "zh"):
        server._say(CONFIG, 8080, 2, lang)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == (2 if there else 4)
    assert [line for line in said if "durable-rules" in line] == (
        []
        if there
        else [
            "durable-rules is not installed here: the engine `durable` refuses every question, all others serve",
            "此处未安装 durable-rules：引擎 `durable` 拒绝所有请求，其他引擎正常服务",
        ]
    )
