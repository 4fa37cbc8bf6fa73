"""The pages as they leave the server: what is on them, in which language, and that they hold nothing but what is ours."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.library import library_of
from api.pages.words import WORDS
from dsl.checker import compile_policy
from dsl.source import Source
from tests.api_client import CONFIG, GRADING, make_app, problem_of

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PAGES = (
    "/",
    "/docs",
    "/policies/grading",
    "/policies/续约",
    "/?lang=zh",
    "/docs?lang=zh",
    "/policies/grading?lang=zh",
)
VOID = {"meta", "link", "input", "br"}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return make_app().test_client()


class Page(HTMLParser):
    """A page taken apart: its text, its elements, and whether every element that was opened is closed."""

    def __init__(self, reply: TestResponse) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(reply.get_data(as_text=True))
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


def page(reply: TestResponse, status: int = 200) -> Page:
    assert reply.status_code == status, reply.get_data(as_text=True)
    assert reply.content_type == "text/html; charset=utf-8"
    return Page(reply)


def ask(client: FlaskClient, lang: str = "en", policy: str = "grading", **facts: str) -> TestResponse:
    return client.post(
        f"/policies/{policy}?lang={lang}", data={f"fact.{key}": text for key, text in facts.items()}
    )


# ---------------------------------------------------------------- every page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_brings_everything_along_and_nothing_from_elsewhere(client: FlaskClient, path: str) -> None:
    reply = client.get(path)
    found = page(reply)
    allowed = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in allowed
    assert "unsafe" not in allowed
    for tag, attributes in found.elements:
        assert "style" not in attributes, tag
        assert not any(name.startswith("on") for name in attributes), tag
        for name in ("src", "href", "action"):
            target = attributes.get(name, "")
            assert not re.match(r"[a-z]+:|//", target), target
            if target.startswith("/static/"):
                assert client.get(target).status_code == 200
    assert all("src" in script for script in found.all("script"))
    assert len(found.ids()) == len(set(found.ids()))


@pytest.mark.parametrize("path", PAGES)
def test_whoever_cannot_see_a_page_can_use_it(client: FlaskClient, path: str) -> None:
    found = page(client.get(path))
    assert found.all("html")[0]["lang"] == ("zh-Hans" if "lang=zh" in path else "en")
    assert len(found.all("h1")) == 1
    assert len(found.all("title")) == len(found.all("main")) == 1
    labelled = {label["for"] for label in found.all("label") if "for" in label}
    for tag in ("input", "select", "textarea"):
        for control in found.all(tag):
            if control.get("type") in ("hidden", "radio"):
                continue
            assert control.get("id") in labelled or "aria-label" in control, control
    ids = set(found.ids())
    for _, attributes in found.elements:
        for name in ("aria-describedby", "aria-labelledby", "for"):
            assert attributes.get(name, next(iter(ids))) in ids
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids


@pytest.mark.parametrize("path", PAGES[:4])
def test_the_switch_leads_to_the_other_language_and_links_keep_it(client: FlaskClient, path: str) -> None:
    found = page(client.get(path, headers={"Accept-Language": "zh"}))
    [switch] = [link for link in found.all("a") if "switch" in link.get("class", "")]
    assert switch["href"] == "?lang=en"
    english = page(client.get(path + switch["href"], headers={"Accept-Language": "zh"}))
    assert english.all("html")[0]["lang"] == "en"
    assert {"href": "/?lang=en"}.items() <= english.all("a")[1].items()


def test_sentences_have_the_same_blanks_in_both_languages() -> None:
    for key, (en, zh) in WORDS.items():
        assert set(re.findall(r"\{(\w+)\}", en)) == set(re.findall(r"\{(\w+)\}", zh)), key


def test_what_is_wrong_is_a_page_for_browsers_and_a_document_for_programs(client: FlaskClient) -> None:
    found = page(client.get("/policies/gradin?lang=zh", headers=BROWSER), 404)
    assert "未找到" in found.text
    assert "是不是想写 `grading`？" in found.text
    problem_of(client.get("/policies/gradin"), 404)
    problem_of(client.get("/policies/gradin", headers={"Accept": "application/json, text/html"}), 404)
    page(client.post("/policies/grading", data=b"{}", content_type="application/json", headers=BROWSER), 415)
    page(client.post("/policies/grading", data={"a": "x" * CONFIG.max_body}, headers=BROWSER), 413)


def test_parts_of_pages_are_fetched_once(client: FlaskClient) -> None:
    for name in ("page.css", "page.js", "icon.svg"):
        first = client.get(f"/static/{name}")
        again = client.get(f"/static/{name}", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
    for name in ("page.html", "..%2fapp.py", "form.html"):
        problem_of(client.get(f"/static/{name}"), 404)


# ---------------------------------------------------------------- policies and forms


def test_the_first_page_leads_to_every_policy(client: FlaskClient) -> None:
    found = page(client.get("/?lang=zh"))
    assert "客户分级" in found.text
    links = [link["href"] for link in found.all("a") if link["href"].startswith("/policies/")]
    assert len(links) == 2
    for link in links:
        assert page(client.get(link)).all("html")[0]["lang"] == "zh-Hans"


def test_a_policy_is_shown_with_its_lines(client: FlaskClient) -> None:
    reply = client.get("/policies/grading")
    lines = re.findall(r'<li id="L(\d+)".*?<code>(.*?)</code></li>', reply.get_data(as_text=True))
    assert [int(number) for number, _ in lines] == list(range(1, len(lines) + 1))
    assert "\n".join(unescape(re.sub("<[^>]*>", "", code)) for _, code in lines) == GRADING
    assert '<span class="keyword">at least</span> <span class="name">B</span>' in lines[20][1]


def test_the_form_has_a_control_for_every_fact(client: FlaskClient) -> None:
    found = page(client.get("/policies/grading"))
    controls = {item["name"]: item for item in found.all("input") + found.all("select") if "name" in item}
    assert {f"fact.{key}" for key in ("order_amount", "referrals", "listed", "stage", "since")} < set(
        controls
    )
    assert controls["fact.order_amount"]["placeholder"] == "required"
    assert controls["fact.order_amount"]["inputmode"] == "decimal"
    assert controls["fact.referrals"]["placeholder"] == "if unknown: 0"
    assert controls["fact.since"]["type"] == "date"
    for words in ("Orders of the last 12 months", "CNY", "at least 0", "if unknown: contract"):
        assert words in found.text
    options = [option["value"] for option in found.all("option")]
    assert options[:6] == ["", "true", "false", "", "contract", "renewal"]


def test_an_answer_says_what_why_and_where(client: FlaskClient) -> None:
    found = page(ask(client, order_amount="400,000", referrals="2", since="2020-01-31"))
    for words in (
        "B Value customer",
        "score 50",
        "discount 8%",
        "Recommends us",
        "+40",
        "total >= 60",
        "short by 10",
        "if unknown",
    ):
        assert words in found.text, words
    lines = {link["href"] for link in found.all("a") if "to-line" in link.get("class", "")}
    assert {"#L14", "#L15", "#L19"} <= lines
    values = {item["name"]: item.get("value") for item in found.all("input") if "name" in item}
    assert values["fact.order_amount"] == "400,000"
    assert values["fact.since"] == "2020-01-31"


def test_an_answer_in_chinese_and_amounts_as_they_are_said_there(client: FlaskClient) -> None:
    found = page(ask(client, "zh", order_amount="60万"))
    assert "A 关键客户" in found.text
    assert "第 14 行" in found.text


def test_what_is_missing_leads_to_its_control(client: FlaskClient) -> None:
    found = page(ask(client, order_amount="100k"))
    assert "not decided yet" in found.text
    assert "Value customer or Ordinary customer" in found.text
    assert {"href": "#f-listed"} in found.all("a")
    assert "f-listed" in found.ids()


def test_what_is_wrong_stands_at_its_control(client: FlaskClient) -> None:
    for lang, words in (("en", "must be a whole number"), ("zh", "须为整数")):
        found = page(ask(client, lang, order_amount="-5", referrals="1.5", listed="maybe"), 422)
        wrong = [item["id"] for item in found.all("input") + found.all("select") if "aria-invalid" in item]
        assert sorted(wrong) == ["f-listed", "f-order_amount", "f-referrals"]
        assert words in found.text
        assert "f-order_amount" in [link["href"][1:] for link in found.all("a")]


def test_what_is_wrong_beside_the_facts_is_said_too(client: FlaskClient) -> None:
    for name, value in (("as_of", "soon"), ("at", "nowhere"), ("engine", "magic")):
        data = {"fact.order_amount": "1", name: value}
        found = page(client.post("/policies/grading", data=data), 422)
        assert value in found.text, name


def test_stage_and_date_are_asked_for(client: FlaskClient) -> None:
    data = {"fact.order_amount": "900000", "fact.stage": "renewal"}
    assert "None at this stage" in page(client.post("/policies/grading", data=data)).text
    data |= {"at": "contract", "as_of": "2026-05-01"}
    found = page(client.post("/policies/grading", data=data))
    assert "discount 15%" in found.text
    assert "as of 2026-05-01" in found.text


def test_an_example_fills_the_form() -> None:
    text = GRADING + (
        'fact share: percent "Share"\nfact wait: duration "Wait"\nfact kinds: list of text "Kinds"\n'
        'example "One" on 2026-03-01\n'
        '  given order_amount = 50k, listed = yes, share = 15%, wait = 30 days, kinds = ("a", "b")\n  expect grade = B\n'
    ).replace('kinds = ("a", "b")', "stage = renewal").replace("list of text", "text")
    policy = compile_policy(Source(text, "test.tier"))
    client = create_app(CONFIG, library_of([policy])).test_client()
    found = page(client.get("/policies/grading?example=1"))
    data = {
        item["name"]: item.get("value", "")
        for item in found.all("input")
        if item.get("name", "").startswith("fact.")
    }
    assert data["fact.order_amount"] == "50,000"
    assert data["fact.share"] == "15%"
    assert data["fact.wait"] == "30 days"
    chosen = [option["value"] for option in found.all("option") if "selected" in option]
    assert chosen == ["1", "true", "renewal"]
    answer = page(client.post("/policies/grading", data={**data, "fact.listed": "true"}))
    assert "B Value customer" in answer.text
    for number in ("0", "2", "x", "1.0", "９"):
        problem_of(client.get(f"/policies/grading?example={number}"), 404)


HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"


def test_nothing_that_is_sent_becomes_part_of_the_page(client: FlaskClient) -> None:
    replies = [
        ask(client, order_amount=HOSTILE, referrals=HOSTILE),
        client.post(
            "/policies/grading",
            data={"fact.order_amount": "1", "as_of": HOSTILE, "at": HOSTILE, HOSTILE: "1"},
        ),
        client.get("/policies/grading", query_string={"x": HOSTILE}),
        client.get(f"/policies/{HOSTILE.replace('/', '')}", headers=BROWSER),
    ]
    for reply in replies:
        assert "<script>alert" not in reply.get_data(as_text=True)
        assert "{{7*7}}" in unescape(reply.get_data(as_text=True)) or "49" not in reply.get_data(as_text=True)
        Page(reply)


def test_the_documentation_shows_every_call_with_a_body_that_works() -> None:
    text = GRADING + 'example "One"\n  given order_amount = 1m, since = 2020-01-31\n  expect grade = A\n'
    client = create_app(CONFIG, library_of([compile_policy(Source(text, "test.tier"))])).test_client()
    found = page(client.get("/docs"))
    described = client.get("/openapi.json").get_json()["paths"]
    forms = {(form["data-method"], form["data-path"]) for form in found.all("form")}
    assert {("POST", "/v1/decisions"), ("POST", "/v1/check"), ("GET", "/metrics")} <= forms
    assert {path for _, path in forms} <= set(described)
    text = unescape(client.get("/docs").get_data(as_text=True))
    for path, kind in (
        ("/v1/decisions", "application/json"),
        ("/v1/decisions/batch", "application/json"),
        ("/v1/decisions/batch", "application/x-ndjson"),
        ("/v1/check", "application/json"),
    ):
        part = text[text.index(f'data-path="{path}"') :]
        body = re.search(rf'<textarea data-kind="{kind}"[^>]*>(.*?)</textarea>', part, re.DOTALL)
        assert body
        with client.post(path, data=body[1].encode(), content_type=kind) as reply:
            assert reply.status_code == 200, (path, reply.get_data(as_text=True))
