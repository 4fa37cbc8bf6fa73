"""Records of decisions over time: the state and the override are kept, hidden where they tell what is masked, and replayed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.config import Config
from dsl.checker import compile_policy
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine.engines import answer
from engine.facts import read_facts
from engine.movement.asked import read_states
from engine.movement.states import Override
from engine.reference import Question
from policies.registry.store.connect import Store, reading
from policies.registry.store.problems import Refused
from policies.registry.store.records import Payload, erase
from policies.registry.store.replay import Replayed, recorded_policy, replay, replay_against
from policies.registry.store.search import Wanted
from policies.registry.store.verify import verify
from policies.registry.store.versions import find, load
from policies.registry.store.writer import Recorder
from tests.api_client import post, problem_of
from tests.cli import Command, tierwise
from tests.recording import found, loaded, recorded
from tests.store import published

__all__ = ["tierwise"]

MOVING = """policy moving "Moving"
effective from 2026-01-01
currency CNY
fact orders: whole number "Orders", at least 0
fact joined: date "Customer since"
fact appeal_until: date "Appeal runs until"
tiers grade by orders
  A "Best"  from 80
  B "Good"  from 50
  C "Plain" otherwise
movement of grade
  review every year on each anniversary of joined
  move down at review
  give 30 days notice before moving down
  freeze until appeal_until "Appeal"
benefits of grade
| benefit  | A   | B  | C |
| discount | 10% | 5% | - |
"""
SECRET = MOVING.replace('since"', 'since", masked').replace('until"', 'until", masked')
HIGH = {"orders": 90, "joined": "2020-03-05", "appeal_until": "2026-02-15"}
LOW = {**HIGH, "orders": 10}
FIRST, LATER, LAST = date(2026, 1, 10), date(2026, 3, 5), date(2026, 4, 5)
OVERRIDE = Override("floor", "Tender", "Li Na", LATER, date(2026, 12, 31), "B")


@pytest.fixture
def recorder(store: Store) -> Iterator[Recorder]:
    with Recorder(store) as recorder:
        yield recorder


def payload(store: Store, id: str) -> Payload:
    kept = found(store, id)[1]
    assert kept is not None
    return kept


def sent(store: Store, id: str) -> Any:
    """The states in an answer, as the record has them."""
    return payload(store, id).answer["state"]


def asked(policy: CheckedPolicy, state: object, override: Override | None = None) -> Question:
    return Question(customer="C1", states=read_states(policy, state), override=override)


def again(store: Store, id: str, given: dict[str, object] | None = None, state: object = None) -> Replayed:
    record, kept = found(store, id)
    with reading(store) as connection:
        policy = recorded_policy(connection, record)
    states = None if state is None else read_states(policy, state)
    return replay(store, record, kept, policy, given, states)


def through(store: Store, recorder: Recorder, policy: CheckedPolicy) -> list[str]:
    """Three decisions on a customer whose orders fall away, each with the state of the one before."""
    first = recorded(recorder, policy, HIGH, question=asked(policy, {}), as_of=FIRST)
    second = recorded(
        recorder, policy, LOW, question=asked(policy, sent(store, first), OVERRIDE), as_of=LATER
    )
    third = recorded(recorder, policy, LOW, question=asked(policy, sent(store, second)), as_of=LAST)
    return [first, second, third]


def test_state_and_override_are_kept_and_replayed(store: Store, recorder: Recorder) -> None:
    ids = through(store, recorder, loaded(store, MOVING))
    questions = [payload(store, id).question for id in ids]
    assert [each["state"] for each in questions] == [{}, sent(store, ids[0]), sent(store, ids[1])]
    assert [each["override"] is None for each in questions] == [True, False, True]
    answers = [payload(store, id).answer for id in ids]
    assert [(each["held"], each["computed"]) for each in answers] == [("A", "A"), ("A", "C"), ("B", "C")]
    assert [found(store, id)[0].tier for id in ids] == ["A", "A", "B"], "the tier held is searched for"
    assert {again(store, id).kind for id in ids} == {"same"}
    assert list(verify(store)) == []


def test_a_question_without_a_state_has_none(store: Store, recorder: Recorder) -> None:
    id = recorded(recorder, loaded(store, MOVING), HIGH)
    assert set(payload(store, id).question) == {"explain", "at"}
    assert "held" not in payload(store, id).answer
    assert again(store, id).kind == "same"


def test_another_state_shows(store: Store, recorder: Recorder) -> None:
    policy = loaded(store, MOVING)
    id = through(store, recorder, policy)[2]
    record, kept = found(store, id)
    assert kept is not None
    forged = Payload({**kept.question, "state": {}}, kept.facts, kept.answer)
    assert replay(store, record, forged, policy).kind == "changed"


def test_what_is_erased_takes_the_state_along(store: Store, recorder: Recorder) -> None:
    id = through(store, recorder, loaded(store, MOVING))[1]
    erase(store, "C1", "dee", "asked to")
    assert again(store, id).kind == "erased"
    assert list(verify(store)) == []


# ---------------------------------------------------------------- masked days


def history(recorder: Recorder, policy: CheckedPolicy) -> tuple[str, str, Any]:
    """Two decisions by a policy with masked days, and the state that the caller got by the first."""
    first = recorded(recorder, policy, HIGH, question=asked(policy, {}), as_of=FIRST)
    state = plain_state()
    second = recorded(recorder, policy, LOW, question=asked(policy, state), as_of=LATER)
    return first, second, state


def plain_state() -> Any:
    """The state that a caller gets by the first decision: nothing in it is hidden from whoever gave it."""
    policy = compile_policy(Source(SECRET))
    body, _ = answer(policy, read_facts(policy, HIGH), as_of=FIRST, states={})
    return json.loads(body)["state"]


def test_days_that_are_a_masked_fact_are_hidden(store: Store, recorder: Recorder) -> None:
    first, second, state = history(recorder, loaded(store, SECRET))
    assert state["grade"]["outcome"] == {
        "reached": "A",
        "held_by": "movement.grade.appeal",
        "anniversary": "2020-03-05",
        "held_until": "2026-02-15",
    }
    kept = payload(store, second)
    states: list[Any] = [sent(store, first), kept.question["state"]]
    for hidden in states:
        outcome = hidden["grade"]["outcome"]
        assert outcome["anniversary"] == kept.facts["joined"], "which an auditor sees to be the same"
        assert outcome["held_until"] == payload(store, first).facts["appeal_until"]
    for id in (first, second):
        whole = payload(store, id)
        assert "2020-03-05" not in repr(whole)
    assert "2026-02-15" not in repr(payload(store, second).question)


def test_they_are_known_again_by_the_facts(store: Store, recorder: Recorder) -> None:
    _, second, state = history(recorder, loaded(store, SECRET))
    nothing = again(store, second)
    assert (nothing.kind, nothing.needed) == ("masked", ("joined", "appeal_until"))
    given: dict[str, object] = {"joined": "2020-03-05", "appeal_until": "2026-02-15"}
    assert again(store, second, given).kind == "same"
    assert again(store, second, given, state).kind == "same"
    state["grade"]["missed"] = 3
    with pytest.raises(Refused) as caught:
        again(store, second, given, state)
    assert caught.value.code == "other-value"


def test_else_the_state_is_needed(store: Store, recorder: Recorder) -> None:
    policy = loaded(store, SECRET)
    state = plain_state()
    later = {**LOW, "appeal_until": "2026-06-30"}
    id = recorded(recorder, policy, later, question=asked(policy, state), as_of=LATER)
    given: dict[str, object] = {"joined": "2020-03-05", "appeal_until": "2026-06-30"}
    needed = again(store, id, given)
    assert (needed.kind, needed.needed, needed.state_needed) == ("masked", (), True)
    assert again(store, id, given, state).kind == "same"


# ---------------------------------------------------------------- against another text


def against(store: Store, *edits: tuple[str, str]) -> list[str]:
    """How the records of `through` fare with the policy written otherwise."""
    text = MOVING
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    draft = compile_policy(Source(text))
    return [each.kind for each in replay_against(store, draft, Wanted())]


def test_against_another_policy(store: Store, recorder: Recorder) -> None:
    through(store, recorder, loaded(store, MOVING))
    assert against(store, ("30 days notice", "3 months notice")) == ["same"] * 3, "it was given before"
    at_once = ("move down at review\n  give 30 days notice before moving down", "move down at once")
    assert against(store, at_once) == ["same", "changed", "same"]
    movement = MOVING[MOVING.index("movement of") : MOVING.index("benefits of")]
    assert against(store, (movement, "")) == ["same", "unfit", "unfit"], "it takes no state"
    without_b = (('  B "Good"  from 50\n', ""), ("A   | B  |", "A   |"), ("10% | 5% |", "10% |"))
    assert against(store, *without_b) == ["same", "unfit", "unfit"]


# ---------------------------------------------------------------- by calls and commands


@pytest.fixture
def client(store: Store) -> Iterator[FlaskClient]:
    published(store, SECRET, start=None)
    app = create_app(Config(), store=store)
    yield app.test_client()
    app.extensions["recorder"].close()


def decided(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    reply = post(client, "/v1/decisions", {"policy": "moving@1", "customer": "C1", **fields})
    assert reply.status_code == 200, reply.get_data(as_text=True)
    answer: dict[str, Any] = reply.get_json()
    return answer


def test_by_calls(client: FlaskClient) -> None:
    first = decided(client, facts=HIGH, as_of="2026-06-10", state={})
    assert first["state"]["grade"]["outcome"]["anniversary"] == "2020-03-05"
    override = {"kind": "retain", "reason": "Tender", "author": "Li Na", "until": "2026-12-31"}
    made = decided(
        client, facts=LOW, as_of="2026-07-10", state=first["state"], override=override, known_at="2026-12-31"
    )
    assert made["state"]["grade"]["overrides"][0]["from"] == "2026-07-10"
    place = f"/v1/decisions/{made['decision_id']}"
    shown = client.get(place).get_json()
    assert shown["question"]["override"]["from"] == "2026-07-10"
    assert set(shown["question"]["state"]["grade"]["outcome"]["anniversary"]) == {"masked"}
    needed = client.post(f"{place}/replay").get_json()
    assert (needed["result"], needed["state_needed"]) == ("masked", False)
    facts = {name: LOW[name] for name in needed["needed"]}
    for body in ({"facts": facts}, {"facts": facts, "state": first["state"]}):
        assert post(client, f"{place}/replay", body).get_json()["identical"] is True
    wrong = post(client, f"{place}/replay", {"facts": facts, "state": {"grade": {"tier": "X"}}})
    assert "/state/grade/tier" in {item["pointer"] for item in problem_of(wrong, 422)["errors"]}


def test_by_commands(
    store: Store, tierwise: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if store.file is None:
        pytest.skip("once is enough")
    published(store, SECRET)
    monkeypatch.setenv("TIERWISE_DATABASE_URL", f"sqlite:///{store.file}")
    facts, state, override = (tmp_path / name for name in ("facts.json", "state.json", "override.json"))
    facts.write_text(json.dumps(HIGH))
    state.write_text("{}")
    override.write_text(
        json.dumps({"kind": "set", "tier": "B", "reason": "r", "author": "a", "until": "2027-01-01"})
    )
    done = tierwise(
        "decide", "moving", "--facts", str(facts), "--state", str(state), "--override", str(override),
        "--as-of", "2026-07-01", "--known-at", "2026-12-31",
    )  # fmt: skip
    answer = json.loads(done.out)
    assert (answer["policy"]["version"], answer["held"], answer["computed"]) == (1, "B", "A")
    past = tmp_path / "history.json"
    past.write_text(json.dumps([{"on": "2026-06-10", "facts": HIGH}, {"on": "2026-07-01"}]))
    lines = tierwise("decide", "moving@1", "--history", str(past)).out.splitlines()
    assert [json.loads(line)["policy"]["version"] for line in lines] == [1, 1]
    with Recorder(store) as recorder:
        with reading(store) as connection:
            policy = load(connection, find(connection, "moving@1", FIRST))
        later = {**LOW, "appeal_until": "2026-06-30"}
        id = recorded(recorder, policy, later, question=asked(policy, plain_state()), as_of=LATER)
    facts.write_text(json.dumps({"joined": "2020-03-05", "appeal_until": "2026-06-30"}))
    refused = tierwise("replay", id, "--facts", str(facts))
    assert json.loads(refused.out)["state_needed"] is True
    state.write_text(json.dumps(plain_state()))
    made = tierwise("replay", id, "--facts", str(facts), "--state", str(state))
    assert (made.code, json.loads(made.out)["identical"]) == (0, True)
