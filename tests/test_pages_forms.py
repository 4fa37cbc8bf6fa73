"""The form of a policy's page in detail: lists that are ticked, amounts as people type them, examples, languages; and
how the answer puts money, years and alternatives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.library import library_of
from dsl.checker import compile_policy
from dsl.source import Source
from tests.api_client import CONFIG
from tests.test_pages import Page, page

OFFERS = """\
policy offers "Offers" ("推荐")
effective from 2026-01-01 until 2026-06-30
currency CNY
fact uses: list of one of hosting "Hosting" ("托管"), backup, training "Services in use"
fact notes: list of text
fact `first year`: whole number "First year", at least 1900
fact spend: money "Spend"
fact share: percent "Share", at most 100%
choose next "What comes next" ("下一步")
  hosting_offer "Offer hosting" ("推荐托管") when not uses contains hosting
  backup_offer "Offer backup" ("推荐备份")   when not uses contains backup
  nothing "Nothing" ("暂无")                 otherwise
tiers 客户档 (level)
  高 (high) "Big" ("大客户") when spend >= 1000 or (`first year` < 1990 and share > 50%)
  低 (low) "Small" ("小客户") otherwise
example "Two services"
  given uses = hosting, backup, first year = 1980, spend = 20
  expect next = nothing
example "None, later" on 2026-03-01
  given spend = 5
  expect level = low
""".replace("first year = 1980", "`first year` = 1980")
CHOICES = OFFERS[: OFFERS.index("tiers")]
CHOICES = CHOICES.replace("policy offers", "policy choices")


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    policies = [compile_policy(Source(text, "test.tier")) for text in (OFFERS, CHOICES)]
    return create_app(CONFIG, library_of(policies)).test_client()


def ask(
    client: FlaskClient, facts: Mapping[str, Any], lang: str = "en", status: int = 200, policy: str = "offers"
) -> Page:
    data = {f"fact.{key}": value for key, value in facts.items()} | {"as_of": "2026-02-01"}
    return page(client.post(f"/policies/{policy}?lang={lang}", data=data), status)


def decided(found: Page) -> dict[str, Any]:
    """What the page says that programs get."""
    text = next(words for words in found.words if words.startswith("{"))
    answer: dict[str, Any] = json.loads(text)
    return answer


def ticked(found: Page) -> list[str]:
    return [box["value"] for box in found.all("input") if box.get("type") == "checkbox" and "checked" in box]


# ---------------------------------------------------------------- lists


def test_a_list_of_choices_is_ticked(client: FlaskClient) -> None:
    found = page(client.get("/policies/choices?lang=zh"))
    boxes = [box for box in found.all("input") if box.get("type") == "checkbox"]
    assert [box["value"] for box in boxes] == ["hosting", "backup", "training", ";"]
    assert {box["name"] for box in boxes} == {"fact.uses"}
    assert "托管" in found.text
    assert "以上都没有" in found.text


@pytest.mark.parametrize(
    ("sent", "outcome", "shown"),
    [
        (["hosting", "backup"], "nothing", ["hosting", "backup"]),
        (["hosting"], "backup_offer", ["hosting"]),
        (["hosting, backup"], "nothing", ["hosting", "backup"]),
        ([";"], "hosting_offer", [";"]),
        (["none"], "hosting_offer", [";"]),
        ([], {"possible": ["hosting_offer", "backup_offer", "nothing"]}, []),
    ],
)
def test_what_is_ticked_is_decided_with(
    client: FlaskClient, sent: list[str], outcome: object, shown: list[str]
) -> None:
    found = ask(client, {"uses": sent}, policy="choices")
    assert decided(found)["segments"]["next"] == outcome
    assert ticked(found) == shown


def test_none_of_these_stands_alone(client: FlaskClient) -> None:
    for lang, words in (("en", "none of these” beside them"), ("zh", "请只保留其中一种")):
        found = ask(client, {"uses": ["hosting", ";"]}, lang, 422, "choices")
        assert words in found.text
        assert {"href": "#f-uses"} in found.all("a")


def test_a_field_that_comes_twice_is_refused(client: FlaskClient) -> None:
    found = ask(client, {"spend": ["1", "1000"]}, status=422)
    assert "`spend` is given twice" in found.text
    data = {"fact.spend": "1", "as_of": ["2026-01-01", "2026-02-01"]}
    assert "`as_of` is given twice" in page(client.post("/policies/offers", data=data), 422).text


# ---------------------------------------------------------------- amounts


@pytest.mark.parametrize(
    "typed", ["１５０万", "¥150万", "￥１.５ｍ", "CNY 150万", "1,500,000", "１，５００，０００", "150万元"]
)
def test_amounts_are_read_as_they_are_typed(client: FlaskClient, typed: str) -> None:
    found = decided(ask(client, {"spend": typed}))
    assert found["reasons"][-1]["facts"]["spend"] == 1500000


@pytest.mark.parametrize("typed", ["$150万", "150万x", "万", "¥", "1万5"])
def test_what_is_no_amount_of_the_policys_money_is_refused(client: FlaskClient, typed: str) -> None:
    found = ask(client, {"spend": typed}, status=422)
    assert [item["id"] for item in found.all("input") if "aria-invalid" in item] == ["f-spend"]


def test_a_percentage_says_how_it_is_written(client: FlaskClient) -> None:
    found = ask(client, {"share": "80"}, status=422)
    assert "`share` is at most 100%" in found.text
    assert "write `80%` or `0.8`" in found.text
    assert (
        decided(ask(client, {"spend": "5", "share": "６０％", "first year": "1995"}))["status"] == "decided"
    )


def test_money_has_its_currency_and_years_have_no_comma(client: FlaskClient) -> None:
    found = ask(client, {"spend": "999", "first year": "1980", "share": "50%"})
    assert "at least 1900" in found.text
    for words in ("Spend = 999 CNY", "First year = 1980", "it is 999 CNY, short by 1 CNY", "it is 50%"):
        assert words in found.text, words
    assert "1,9" not in found.text


# ---------------------------------------------------------------- answers


def test_alternatives_stand_below_their_condition(client: FlaskClient) -> None:
    found = ask(client, {"spend": "999", "first year": "1980", "share": "50%"})
    place = 0
    for words in (
        "Any one of these is enough:",
        "spend >= 1,000 (it is 999 CNY, short by 1 CNY)",
        "For this is lacking:",
        "share > 50% (it is 50%, just that limit, which is not enough)",
    ):
        place = found.text.index(words, place)
    assert "其中尚缺" in ask(client, {"spend": "999", "first year": "1980", "share": "50%"}, "zh").text


def test_a_policy_without_a_ladder_is_headed_by_its_first_choice(client: FlaskClient) -> None:
    found = ask(client, {"uses": ["hosting"]}, "zh", policy="choices")
    assert {"class": "panel answer decided", "id": "answer", "aria-labelledby": "answer-title"} in found.all(
        "section"
    )
    assert found.text.index("推荐备份") < found.text.index("依据")
    assert "权益" not in found.text[found.text.index("结论") : found.text.index("程序得到的内容")]
    open_ = ask(client, {}, policy="choices")
    assert "not decided yet" in open_.text
    assert "Offer hosting or Offer backup or Nothing: which one depends on what is missing" in open_.text


def test_what_depends_on_nothing_missing_is_not_said_to() -> None:
    text = "policy p\nfact n: number\nfact m: number\ntiers g\n A when n / m > 5\n B when n / m > 2\n C otherwise\n"
    client = create_app(CONFIG, library_of([compile_policy(Source(text, "test.tier"))])).test_client()
    found = page(client.post("/policies/p", data={"fact.n": "1", "fact.m": "0"}))
    assert "possible: A or B or C" in found.text
    assert "divides by zero" in found.text
    assert "depends on what is missing" not in found.text


def test_tiers_go_by_the_authors_names_in_their_own_language(client: FlaskClient) -> None:
    asked = {"spend": "2000"}
    assert "高 大客户" in ask(client, asked, "zh").text
    assert "high Big" in ask(client, asked).text
    assert "高" in page(client.get("/?lang=zh")).text
    assert "高" not in page(client.get("/?lang=en")).text


def test_where_no_benefit_has_a_stage_none_is_spoken_of() -> None:
    text = OFFERS + "benefit tea: yes/no\n  yes when level is 高\n"
    client = create_app(CONFIG, library_of([compile_policy(Source(text, "test.tier"))])).test_client()
    found = ask(client, {"spend": "5", "first year": "2000"})
    assert "None." in found.text
    assert "at this stage" not in found.text


# ---------------------------------------------------------------- examples, languages, names


def chosen(found: Page) -> list[str]:
    return [option["value"] for option in found.all("option") if "selected" in option]


def day(found: Page) -> str:
    return next(item["value"] for item in found.all("input") if item.get("id") == "as_of")


def test_an_example_comes_with_the_day_on_which_it_runs(client: FlaskClient) -> None:
    first = page(client.get("/policies/offers?example=1"))
    assert (day(first), chosen(first), ticked(first)) == ("2026-01-01", ["1"], ["hosting", "backup"])
    assert "1980" in [item.get("value") for item in first.all("input")]
    second = page(client.get("/policies/offers?example=2"))
    assert (day(second), chosen(second), ticked(second)) == ("2026-03-01", ["2"], [])
    assert day(page(client.get("/policies/offers"))) == ""


def test_an_answer_keeps_the_example_and_changes_its_language(client: FlaskClient) -> None:
    filled = page(client.get("/policies/offers?example=2&lang=en"))
    (form,) = [form for form in filled.all("form") if form.get("id") == "facts"]
    assert form["action"] == "/policies/offers?example=2&lang=en"
    data = {"fact.spend": "5", "as_of": "2026-03-01", "fact.first year": "2000"}
    answered = page(client.post(form["action"], data=data))
    assert chosen(answered) == ["2"]
    (switch,) = [button for button in answered.all("button") if button.get("class") == "switch"]
    assert (switch["form"], switch["type"]) == ("facts", "submit")
    other = page(client.post("/policies/offers" + switch["formaction"], data=data))
    assert other.all("html")[0]["lang"] == "zh-Hans"
    assert "低 小客户" in other.text
    assert chosen(other) == ["2"]


def test_names_with_spaces_make_no_broken_leads(client: FlaskClient) -> None:
    for found in (page(client.get("/policies/offers")), ask(client, {})):
        assert not [each for each in found.ids() if " " in each]
        assert len(found.ids()) == len(set(found.ids()))
        described = [item for _, item in found.elements if "aria-describedby" in item]
        assert all(item["aria-describedby"] in found.ids() for item in described)
        leads = [link["href"][1:] for link in found.all("a") if link["href"].startswith("#f-")]
        assert set(leads) <= set(found.ids())
    assert {"href": "#f-first.20year"} in ask(client, {}).all("a")
