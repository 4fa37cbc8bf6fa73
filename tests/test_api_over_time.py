"""`POST /v1/decisions` with a state: movement over the call, in batches, and every sort of bad state."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, ValidationError  # type: ignore[import-untyped]

from api.app import create_app
from api.library import library_of
from tests.api_client import CONFIG, lines_of, post, problem_of
from tests.moving import POLICY
from tests.test_api_decisions import JSON

DECISIONS = "/v1/decisions"
CLIENT = create_app(CONFIG, library_of([POLICY])).test_client()
OVERRIDE = {"kind": "set", "tier": "A", "reason": "Tender", "author": "Li Na", "until": "2026-10-31"}


def question(**fields: Any) -> dict[str, Any]:
    good = {"policy": "loyal", "facts": {"orders": 65}, "as_of": "2026-01-10", "state": {}}
    return {name: value for name, value in (good | fields).items() if value is not ...}


def decide(**fields: Any) -> dict[str, Any]:
    reply = post(CLIENT, DECISIONS, question(**fields))
    assert reply.status_code == 200, reply.get_data(as_text=True)
    found: dict[str, Any] = json.loads(reply.data)
    return found


def bad(**fields: Any) -> dict[str, str]:
    document = problem_of(post(CLIENT, DECISIONS, question(**fields)), 422)
    return {item["pointer"]: item["code"] for item in document["errors"]}


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("state", [{}, {"grade": None}])
def test_the_state_of_an_answer_goes_into_the_next(engine: str, state: dict[str, None]) -> None:
    first = decide(engine=engine, state=state)
    assert (first["held"], first["computed"]) == ("B", "B")
    second = decide(engine=engine, state=first["state"], facts={"orders": 30}, as_of="2026-02-10", lang="zh")
    assert (second["held"], second["computed"], second["tiers"]["grade"]["tier"]) == ("B", "D", "B")
    assert (
        second["movement"]["grade"]["why"] == "B 保留至 2026-07-30：等级至少保留 6个月；降级须提前 30天 通知"
    )
    assert second["engine"] == engine


@pytest.mark.parametrize("state", [None, ...])
def test_without_a_state_nothing_moves(state: object) -> None:
    assert "held" not in decide(state=state)


def test_an_override_is_laid_over_the_state() -> None:
    found = decide(override=OVERRIDE)
    assert (found["held"], found["computed"]) == ("A", "B")
    assert found["state"]["grade"]["overrides"][0]["from"] == "2026-01-10"


def test_a_batch_takes_a_state_a_row() -> None:
    state = decide()["state"]
    rows = [
        question(state=state, as_of="2026-02-10", facts={"orders": 30}, customer="C1"),
        question(state={"grade": {"tier": "X"}}, customer="C2"),
        question(state=..., customer="C3"),
    ]
    body = "".join(json.dumps(row) + "\n" for row in rows)
    found = lines_of(CLIENT.post(f"{DECISIONS}/batch", data=body, content_type="application/x-ndjson"))
    assert (found[0]["held"], found[0]["computed"]) == ("B", "D")
    assert {item["pointer"] for item in found[1]["error"]["errors"]} >= {"/state/grade/tier"}
    assert "held" not in found[2]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"state": []}, {"/state": "wrong_type"}),
        ({"state": {"total": {}}}, {"/state/total": "no_movement"}),
        ({"state": {"grade": 3}}, {"/state/grade": "wrong_type"}),
        ({"override": OVERRIDE, "state": ...}, {"/override": "needs_state"}),
        ({"override": OVERRIDE | {"tier": "Q"}}, {"/override/tier": "no_such_value"}),
        ({"override": []}, {"/override": "wrong_type"}),
    ],
)
def test_each_bad_field_is_refused(fields: dict[str, Any], errors: dict[str, str]) -> None:
    assert bad(**fields) == errors


def test_all_bad_fields_are_named_at_once() -> None:
    state = {"grade": {"as_of": "2026-02-30", "tier": "B", "since": 1, "missed": -1, "strange": 0}}
    found = bad(state=state, override={"kind": "set"}, facts={"order": 1})
    assert {"/state/grade/as_of", "/state/grade/since", "/state/grade/missed", "/state/grade/strange"} <= set(
        found
    )
    assert {"/override/tier", "/override/reason", "/override/author", "/override/until"} <= set(found)
    assert "/facts/order" in found


def test_a_state_of_a_later_day_is_refused() -> None:
    assert bad(state=decide()["state"], as_of="2026-01-09") == {"/state/grade/as_of": "later_state"}
    assert bad(state=decide()["state"], as_of="2126-02-10") == {"/state/grade/as_of": "old_state"}
    assert bad(override={**OVERRIDE, "from": "2026-10-01"}, as_of="2026-11-01") == {
        "/override/until": "over_already"
    }


def test_durable_rules_take_no_state() -> None:
    assert bad(engine="durable") == {"/engine": "engine_cannot"}


@pytest.mark.parametrize(("lang", "told"), [("en", "(beneath an override)"), ("zh", "（在人工干预之下）")])
def test_a_move_that_an_override_hides_is_said_to_be_hidden(lang: str, told: str) -> None:
    floor = {**OVERRIDE, "kind": "floor", "tier": "B"}
    over = decide(override=floor, lang=lang)
    later = decide(state=over["state"], facts={"orders": 10}, as_of="2026-02-10", lang=lang)
    moves = [each["text"] for each in later["transitions"] if each["kind"] == "down"]
    assert moves == []
    end = decide(state=later["state"], facts={"orders": 10}, as_of="2026-10-31", lang=lang)
    moves = [each["text"] for each in end["transitions"] if each["kind"] == "down"]
    assert end["held"] == "B"
    assert moves
    assert all(each.endswith(told) for each in moves)


@settings(deadline=None, max_examples=100)
@given(JSON, JSON)
def test_no_state_is_a_fault_of_ours(state: object, override: object) -> None:
    for sent in ({"state": state}, {"state": {"grade": state}}, {"override": override}):
        assert post(CLIENT, DECISIONS, question(**sent)).status_code in (200, 400, 422)


def test_the_description_has_what_comes_back() -> None:
    document = json.loads(CLIENT.get("/openapi.json").data)
    schemas = document["components"]["schemas"]
    found = decide(override=OVERRIDE)
    decision = schemas["Decision"]
    assert {"computed", "held", "state", "transitions", "movement"} <= set(decision["properties"])
    assert not {"computed", "held", "state"} & set(decision["required"])
    assert set(found) <= set(decision["properties"])
    asked = schemas["DecisionRequest-loyal"]["properties"]
    validate({"state": found["state"], "override": OVERRIDE}, asked, schemas)
    with pytest.raises(ValidationError):
        validate({"state": {"grade": {"tier": "X"}}}, asked, schemas)
    with pytest.raises(ValidationError):
        validate({"override": {"kind": "set"}}, asked, schemas)


def validate(fields: dict[str, Any], asked: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Holds fields of a question against the description. Raises `ValidationError`."""
    properties = {name: asked[name] for name in ("state", "override")}
    Draft202012Validator({"properties": properties, "components": {"schemas": schemas}}).validate(fields)
