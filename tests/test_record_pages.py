"""Records for people: the list and its filters, one record as it was made, and the same one decided again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.config import Config
from api.pages.answer import Speaker
from api.pages.replayed import in_words
from dsl.diagnostics import Lang, PolicyError
from dsl.source import Source
from policies.registry.store import keys
from policies.registry.store.connect import Store
from policies.registry.store.records import erase
from policies.registry.store.replay import Difference
from policies.registry.store.search import PAGE
from tests.api_client import lines_of, make_app, post
from tests.recording import FACTS, RECORDED, found, newest
from tests.store import Clock, published, text
from tests.test_pages import BROWSER, Page, page
from tests.test_records_moving import HIGH, LOW, SECRET

DECISIONS = "/v1/decisions"
# The first question about a customer over time.
FIRST = {"policy": "moving", "version": 1, "facts": HIGH, "state": {}, "as_of": "2026-01-10"}


@pytest.fixture
def app(store: Store) -> Iterator[Flask]:
    """A service with three policies: the small one, one that masks facts, one whose movement depends on masked days."""
    for policy in (text(), text(label="Best"), RECORDED, SECRET):
        published(store, policy)
    app = create_app(Config(), store=store)
    yield app
    app.extensions["recorder"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def decided(client: FlaskClient, policy: str = "grading", **fields: Any) -> str:
    """Decides by a call; the id of the decision."""
    facts = {"recorded": FACTS, "moving": HIGH}.get(policy, {"orders": 500})
    reply = post(client, DECISIONS, {"policy": policy, "facts": facts, **fields})
    assert reply.status_code == 200, reply.get_data(as_text=True)
    id: str = reply.get_json()["decision_id"]
    return id


def listed(client: FlaskClient, query: str = "") -> list[str]:
    """The ids of the records on a page of the list."""
    links = page(client.get(f"/decisions{query}")).all("a")
    paths = [urlsplit(link["href"]).path for link in links]
    return [path.removeprefix("/decisions/") for path in paths if path.startswith("/decisions/")]


def links(found: Page) -> dict[str, str]:
    """Where the links of a page lead, by path."""
    return {urlsplit(link["href"]).path: link["href"] for link in found.all("a")}


# ---------------------------------------------------------------- the list


def test_the_newest_come_first_and_filters_choose(client: FlaskClient, store: Store) -> None:
    clock = store.clock
    assert isinstance(clock, Clock)
    first = decided(client, customer="C1")
    second = decided(client, customer="C2", facts={"orders": 5})
    clock.later(days=1)
    third = decided(client, "recorded", customer="C1")
    assert listed(client) == [third, second, first]
    yesterday, today = date(2026, 6, 1), date(2026, 6, 2)
    for query, ids in (
        ("customer=C1", [third, first]),
        ("customer=+C1+&policy=grading", [first]),
        ("policy=grading&tier=B", [second]),
        (f"from={today}", [third]),
        (f"until={yesterday}", [second, first]),
        (f"from={yesterday}&until={today}&tier=A&customer=&policy=", [third, first]),
        ("policy=elsewhere", []),
    ):
        assert listed(client, f"?{query}") == ids, query


def test_a_row_says_what_was_decided(client: FlaskClient) -> None:
    decided(client, customer="C1", as_of="2026-06-20", version=1)
    decided(client, "recorded", facts={"age": 30})
    shown = page(client.get("/decisions?lang=zh")).text
    for word in ("C1", "A Best", "Grading", "版本 1", "2026-06-20", "2026-06-01 08:00:00 UTC", "local"):
        assert word in shown, word
    assert "未给出名称" in shown
    assert "尚不能判定" in shown


def test_older_ones_are_on_the_next_page(client: FlaskClient) -> None:
    rows = [{"facts": {"orders": number}, "customer": "C1"} for number in range(PAGE + 7)]
    assert len(lines_of(post(client, f"{DECISIONS}/batch?policy=grading", rows))) == PAGE + 7
    first = page(client.get("/decisions?lang=zh&customer=C1"))
    [older] = [link["href"] for link in first.all("a") if link.get("rel") == "next"]
    assert parse_qs(older[1:]).keys() == {"lang", "customer", "cursor"}
    ids = listed(client, "?customer=C1")
    rest = listed(client, older)
    assert (len(ids), len(rest), len({*ids, *rest})) == (PAGE, 7, PAGE + 7)
    last = page(client.get(f"/decisions{older}"))
    assert not [link for link in last.all("a") if link.get("rel") == "next"]
    assert "最新的记录" in last.text


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("from=soon", "no calendar"),
        ("until=1850-01-01", "until"),
        ("customer=%00", "NUL"),
        ("tier=" + "x" * 300, "200"),
    ],
)
def test_what_is_wrong_with_a_filter_stands_at_it(client: FlaskClient, query: str, word: str) -> None:
    found = page(client.get(f"/decisions?{query}"), 422)
    name = query.partition("=")[0]
    [control] = [each for each in found.all("input") if each.get("id") == name]
    assert control["aria-invalid"] == "true"
    assert word.split()[-1] in found.text


def test_a_cursor_of_nobody_and_a_record_that_is_not_there(client: FlaskClient) -> None:
    assert "游标" in page(client.get("/decisions?cursor=nonsense&lang=zh", headers=BROWSER), 422).text
    for path in ("/decisions/nonsense", "/decisions/%00"):
        page(client.get(path, headers=BROWSER), 404)
        page(client.post(path, headers=BROWSER), 404)


# ---------------------------------------------------------------- one record


def test_a_record_shows_all_that_was_asked_and_answered(client: FlaskClient, store: Store) -> None:
    id = decided(client, customer="C/1", as_of="2026-06-20", known_at="2026-06-02", explain="full")
    found_, _ = found(store, id)
    shown = page(client.get(f"/decisions/{id}"))
    for word in ("Decision on C/1", "local", "2026-06-20", "2026-06-02 15:59:59 UTC", "500 CNY", "A Best"):
        assert word in shown.text, word
    for word in (found_.hash, found_.policy_hash, id):
        assert word in shown.text
    places = links(shown)
    assert places["/policies/grading"].startswith("/policies/grading?version=2")
    assert [link["href"] for link in shown.all("a") if "to-line" in link.get("class", "")] == [
        "/policies/grading?version=2#L9"
    ]
    assert listed(client, "?" + urlsplit(places["/decisions"]).query) == [id]
    assert "local" in page(client.get(f"/decisions/{id}?lang=zh")).text


def test_masked_facts_stay_masked_and_equal_ones_look_equal(client: FlaskClient) -> None:
    one, other = (page(client.get(f"/decisions/{decided(client, 'recorded')}")) for _ in range(2))
    third = page(client.get(f"/decisions/{decided(client, 'recorded', facts={**FACTS, 'age': 31})}"))

    def signs(shown: Page) -> list[str]:
        known = shown.text.partition("What was known")[2].partition("Decide it again")[0]
        return [word for word in known.split() if len(word) == 12 and set(word) <= set("0123456789abcdef")]

    assert len(signs(one)) == 2
    assert signs(one) == signs(other)
    assert [a == b for a, b in zip(signs(one), signs(third), strict=True)] == [False, True]
    assert "500 CNY" in one.text
    assert "x, y" in one.text


def test_a_state_and_an_override_are_shown(client: FlaskClient) -> None:
    first = post(client, DECISIONS, FIRST)
    override = {"kind": "floor", "tier": "B", "reason": "Tender", "author": "Li Na", "until": "2026-12-31"}
    later = {"version": 1, "state": first.get_json()["state"], "override": override, "as_of": "2026-03-05"}
    second = decided(client, "moving", facts=LOW, **later)
    assert "had no tier yet" in page(client.get(f"/decisions/{first.get_json()['decision_id']}")).text
    shown = page(client.get(f"/decisions/{second}")).text
    for word in ("A Best since 2026-01-10, as of 2026-01-10", "not below B", "Tender", "Over time"):
        assert word in shown, word


def test_what_was_erased_is_gone_from_the_page(client: FlaskClient, store: Store) -> None:
    id = decided(client, customer="C1")
    erase(store, "C1", "dee", "asked to")
    shown = page(client.get(f"/decisions/{id}"))
    assert "was erased" in shown.text
    assert not shown.all("button")
    assert "500" not in shown.text
    again = page(client.post(f"/decisions/{id}", data={}))
    assert "Not decided again" in again.text


def test_a_version_that_cannot_be_loaded_any_more_leaves_the_answer(client: FlaskClient) -> None:
    id = decided(client, customer="C1")
    unreadable = PolicyError(Source("policy grading"), [])
    with patch("policies.registry.store.replay.load", side_effect=unreadable):
        shown = page(client.get(f"/decisions/{id}"))
        assert "was written for an earlier form of the language" in shown.text
        assert '"decision_id"' in shown.text
        refused = page(client.post(f"/decisions/{id}", data={}), 422)
        assert "Not decided again" in refused.text
        reply = client.post(f"{DECISIONS}/{id}/replay")
        assert (reply.status_code, reply.get_json()["errors"][0]["code"]) == (422, "version-not-loaded")


# ---------------------------------------------------------------- the same again


@pytest.mark.parametrize(("lang", "word"), [("en", "Identical"), ("zh", "完全一致")])
def test_a_replay_says_that_it_is_identical(client: FlaskClient, lang: str, word: str) -> None:
    id = decided(client, customer="C1", lang="zh", explain="full")
    shown = page(client.get(f"/decisions/{id}?lang={lang}"))
    [form] = [each for each in shown.all("form") if each.get("id") == "replay"]
    assert (form["method"], form["action"]) == ("post", f"/decisions/{id}?lang={lang}")
    again = page(client.post(form["action"], data={}))
    assert word in again.text
    assert [each["form"] for each in again.all("button") if each.get("class") == "switch"] == ["replay"]


def test_a_replay_that_differs_says_where(client: FlaskClient) -> None:
    id = decided(client, customer="C1")
    real = json.loads(client.get(f"{DECISIONS}/{id}").get_data(as_text=True))["answer"]
    other = {**real, "status": "undetermined", "tiers": {"grade": {**real["tiers"]["grade"], "tier": "B"}}}
    with patch("policies.registry.store.replay._decided", return_value=other):
        english = page(client.post(f"/decisions/{id}", data={})).text
        chinese = page(client.post(f"/decisions/{id}?lang=zh", data={})).text
    assert "Tier › grade › tier: A Best then, B Other now" in english
    assert "Status: decided then, undetermined now" in english
    assert "等级 › grade › 等级：当时为 A Best，现在为 B Other" in chinese


def test_masked_facts_are_asked_for_and_compared(client: FlaskClient) -> None:
    id = decided(client, "recorded")
    shown = page(client.get(f"/decisions/{id}"))
    assert {each["name"] for each in shown.all("input")} == {"fact.age", "fact.share"}
    assert (
        "These masked values are needed: Age, Share of wallet."
        in page(client.post(f"/decisions/{id}", data={"fact.age": "", "fact.share": ""})).text
    )
    same = page(client.post(f"/decisions/{id}", data={"fact.age": "３０", "fact.share": "20%"}))
    assert "Identical" in same.text
    assert {each["value"] for each in same.all("input")} == {""}, "what was given is not shown again"
    other = page(client.post(f"/decisions/{id}", data={"fact.age": "31", "fact.share": "20%"}), 422)
    assert "`age` is masked in the record, and was not what is given now" in other.text
    wrong = page(client.post(f"/decisions/{id}", data={"fact.age": "1.5", "fact.share": "x"}), 422)
    assert [each["id"] for each in wrong.all("input") if "aria-invalid" in each] == ["f-age", "f-share"]
    # What is not masked is in the record, whatever the form says.
    assert (
        "Identical"
        in page(
            client.post(f"/decisions/{id}", data={"fact.age": "30", "fact.share": "20%", "fact.orders": "1"})
        ).text
    )


def test_a_state_with_masked_days_is_asked_for(client: FlaskClient) -> None:
    first = post(client, DECISIONS, FIRST)
    state = first.get_json()["state"]
    other = {**LOW, "joined": "2021-07-07", "appeal_until": "2026-03-01"}
    id = decided(client, "moving", version=1, facts=other, state=state, as_of="2026-03-05")
    shown = page(client.get(f"/decisions/{id}"))
    assert [each["name"] for each in shown.all("textarea")] == ["state"]
    days = {"fact.joined": other["joined"], "fact.appeal_until": other["appeal_until"]}
    assert "The state that was sent is needed" in page(client.post(f"/decisions/{id}", data=days)).text
    whole = page(client.post(f"/decisions/{id}", data={**days, "state": json.dumps(state)}))
    assert "Identical" in whole.text
    for written, word in (("{", "JSON"), ('{"nothing": {}}', "nothing")):
        wrong = page(client.post(f"/decisions/{id}", data={**days, "state": written}), 422)
        assert word in wrong.text
    changed = {"grade": {**state["grade"], "since": "2026-01-09"}}
    refused = page(client.post(f"/decisions/{id}", data={**days, "state": json.dumps(changed)}), 422)
    assert "the state is not the one" in refused.text


DIFFERENCES: list[tuple[Difference, str, str]] = [
    (
        Difference("/scores/points", "changed", 60, 70),
        "Score › points: 60 then, 70 now",
        "评分 › points：当时为 60，现在为 70",
    ),
    (
        Difference("/benefits/0/value", "changed", 0, 1),
        "Benefit › discount › value: 0% then, 100% now",
        "权益 › discount › 值：当时为 0%，现在为 100%",
    ),
    (
        Difference("/benefits/0", "removed", {"benefit": "discount"}, None),
        'Benefit › discount: {"benefit": "discount"} then, and not there now',
        '权益 › discount：当时为 {"benefit": "discount"}，现在没有',
    ),
    (
        Difference("/reasons/9", "added", None, {"rule": "points.much", "label": "Orders much"}),
        'Reason › Orders much: {"rule": "points.much", "label": "Orders much"} now, and not there then',
        '依据 › Orders much：现在为 {"rule": "points.much", "label": "Orders much"}，当时没有',
    ),
    (
        Difference("/missing/0", "added", None, "age"),
        "Missing › age: age now, and not there then",
        "缺少 › age：现在为 age，当时没有",
    ),
    (Difference("/why", "changed", None, "x"), "why: – then, x now", "原因：当时为 –，现在为 x"),
    (
        Difference("/strange~1thing", "added", None, True),
        "strange/thing: yes now, and not there then",
        "strange/thing：现在为 是，当时没有",
    ),
    (Difference("", "changed", 1, 2), "The answer: 1 then, 2 now", "回答：当时为 1，现在为 2"),
]


@pytest.mark.parametrize(("difference", "english", "chinese"), DIFFERENCES)
def test_differences_in_words(
    app: Flask, store: Store, difference: Difference, english: str, chinese: str
) -> None:
    client = app.test_client()
    answer = found(store, decided(client, "recorded"))[1]
    assert answer is not None
    policy = newest(store)
    for lang, words in (("en", english), ("zh", chinese)):
        spoken: Lang = "en" if lang == "en" else "zh"
        assert in_words(difference, answer.answer, Speaker(policy, spoken), spoken) == words


# ---------------------------------------------------------------- the ways there


def test_pages_lead_to_records(client: FlaskClient) -> None:
    assert links(page(client.get("/?lang=zh")))["/decisions"] == "/decisions?lang=zh"
    assert links(page(client.get("/policies/grading")))["/decisions"] == "/decisions?policy=grading"
    versions = page(client.get("/policies/grading/versions?lang=zh"))
    assert links(versions)["/decisions"] == "/decisions?lang=zh&policy=grading&from=2026-06-01"
    answered = page(client.post("/policies/grading", data={"fact.orders": "500"}))
    [id] = listed(client)
    assert links(answered)[f"/decisions/{id}"] == f"/decisions/{id}"
    assert "500" in page(client.get(f"/decisions/{id}")).text


def test_whoever_may_not_see_records_is_not_led_there(client: FlaskClient, store: Store) -> None:
    _, secret = keys.create(store, "eve", ["evaluator"], "root")
    own = {"Authorization": f"Bearer {secret}"}
    with patch.object(keys, "REMEMBERED", 0):
        replies = [
            client.get("/", headers=own),
            client.get("/policies/grading/versions", headers=own),
            client.post("/policies/grading", data={"fact.orders": "500"}, headers=own),
        ]
        for reply in replies:
            assert not [path for path in links(page(reply)) if path.startswith("/decisions")]
        page(client.get("/decisions", headers={**own, **BROWSER}), 403)


def test_a_service_of_files_has_no_records() -> None:
    client = make_app().test_client()
    assert "/decisions" not in links(page(client.get("/")))
    assert client.get("/decisions").status_code == 404
    answered = page(client.post("/policies/grading", data={"fact.order_amount": "500"}))
    assert "Recorded as" not in answered.text


@pytest.mark.parametrize(
    "path", ["/decisions", "/decisions?lang=zh", "/decisions/{id}", "/decisions/{id}?lang=zh"]
)
def test_pages_can_be_used_by_everybody(client: FlaskClient, path: str) -> None:
    """Every control has a label, every id is there once, nothing comes from elsewhere."""
    path = path.format(id=decided(client, "recorded", customer="<script>alert(1)</script>"))
    reply = client.get(path)
    shown = page(reply)
    assert "<script>alert" not in reply.get_data(as_text=True)
    assert len(shown.all("h1")) == 1
    ids = shown.ids()
    assert len(ids) == len(set(ids))
    labelled = {label["for"] for label in shown.all("label") if "for" in label}
    for tag in ("input", "select", "textarea"):
        for control in shown.all(tag):
            assert control.get("type") == "hidden" or control["id"] in labelled
    for _, attributes in shown.elements:
        assert "style" not in attributes
        for name in ("aria-describedby", "aria-labelledby", "for"):
            assert attributes.get(name, ids[0]) in ids
        assert not attributes.get("href", "/").startswith("http")
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids


def test_the_pages_ask_for_the_right(app: Flask) -> None:
    described = app.test_client().get("/openapi.json").get_json()["paths"]
    for path, method in (("/decisions", "get"), ("/decisions/{id}", "get"), ("/decisions/{id}", "post")):
        assert "Needs the role `auditor`" in described[path][method]["description"]
