"""Texts with a translation, and outcomes without a code, in the language of the answer; and what is the same
in every language.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.checker import compile_policy
from dsl.diagnostics import Lang
from dsl.model import Const, Expectation, Text
from dsl.source import Source
from engine.decision import Held, Possible, to_json
from engine.engines import decide
from engine.examples import difference
from engine.facts import read_facts
from engine.wording import in_lang
from tests.own_examples import run_examples

DAY = date(2026, 6, 30)
POLICY = compile_policy(
    Source(
        """policy p
fact n: whole number
fact region: one of north, south
fact stage: one of contract, renewal, default contract
tiers grade by n
  A from 80
  B from 60
  C otherwise
choose team
  "City sales" ("城市销售部") when region is north
  "Head office" ("总部")     otherwise
choose code
  hq "Head office" ("总部") when n > 50
  local "City sales" ("城市销售部") otherwise
tags marks
  "big" ("大") when n > 50
  odd when n > 70
value word: text
  "one" ("一") when region is north
  "two" otherwise
benefits of grade at stage
| stage    | benefit | A              | B                  | C                  |
| contract | support | "1v1" ("一对一") | "hotline" ("热线") | "hotline" ("热线") |
benefit told: text = word
tiers inner
  high when team is "City sales" and word is "one" ("一")
  low otherwise
advise "Call" ("致电") to team when word is "one"
example "in English"
  given n = 90, region = north
  expect support = "1v1", team = "City sales", word = "one", told = "one", marks contains "big"
example "in Chinese"
  given n = 90, region = north
  expect support = "一对一", team = "城市销售部", word = "一", told = "一", marks contains "大", code = "总部"
example "what stays possible"
  given n = 90
  expect team in "总部", "City sales", word is unknown
"""
    )
)


def answer(lang: Lang, **facts: object) -> dict[str, Any]:
    return dict(to_json(decide(POLICY, read_facts(POLICY, facts), as_of=DAY, lang=lang, explain="full")))


@pytest.mark.parametrize(
    ("lang", "team", "mark", "word", "support"),
    [("en", "City sales", "big", "one", "1v1"), ("zh", "城市销售部", "大", "一", "一对一")],
)
def test_what_is_decided(lang: Lang, team: str, mark: str, word: str, support: str) -> None:
    found = answer(lang, n=90, region="north")
    assert found["segments"] == {"team": team, "code": "hq"}
    assert found["tags"] == {"marks": [mark, "odd"]}
    assert found["values"] == {"word": word}
    assert {each["benefit"]: each["value"] for each in found["benefits"]} == {
        "support": support,
        "told": word,
    }
    assert [each["to"] for each in found["advice"]] == [team]
    given_by = {each["rule"].partition(".")[0]: each for each in found["reasons"]}
    assert (given_by["team"]["outcome"], given_by["word"]["gives"]) == (team, word)
    assert given_by["inner"]["facts"] == {"team": team, "word": word}
    assert given_by["inner"]["tier"] == "high"


@pytest.mark.parametrize(
    ("lang", "teams", "words", "supports"),
    [
        ("en", ["City sales", "Head office"], ["one", "two"], ["1v1", "hotline"]),
        ("zh", ["城市销售部", "总部"], ["一", "two"], ["一对一", "热线"]),
    ],
)
def test_what_is_open(lang: Lang, teams: list[str], words: list[str], supports: list[str]) -> None:
    found = answer(lang)
    assert found["segments"]["team"] == {"possible": teams}
    assert found["values"]["word"] == {"possible": words}
    assert found["benefits"][0]["value"] == {"possible": supports}
    assert found["benefits"][1]["value"] == {"possible": words}
    assert found["tags"]["marks"] == {"held": [], "possible": ["big" if lang == "en" else "大", "odd"]}


@pytest.mark.parametrize(
    ("lang", "condition", "threshold", "actual"),
    [
        ("en", "team is City sales", "City sales", "Head office"),
        ("zh", "team 为 城市销售部", "城市销售部", "总部"),
    ],
)
def test_why_not_speaks_the_language(lang: Lang, condition: str, threshold: str, actual: str) -> None:
    better = next(each for each in answer(lang, n=90, region="south")["why_not"] if each["ladder"] == "inner")
    first, second = better["failed"]
    assert (first["condition"], first["threshold"], first["actual"]) == (condition, threshold, actual)
    assert second["threshold"] == ("one" if lang == "en" else "一")
    assert second["condition"] == ('word is "one"' if lang == "en" else "word 为 “一”")


@given(st.sampled_from([None, 0, 65, 75, 90]), st.sampled_from([None, "north", "south"]))
def test_no_language_decides_anything(n: int | None, region: str | None) -> None:
    english, chinese = (answer(lang, n=n, region=region) for lang in ("en", "zh"))
    for key in ("status", "scores", "missing", "assumed"):
        assert english[key] == chinese[key]
    for key in ("tiers", "segments", "values", "tags"):
        assert english[key].keys() == chinese[key].keys()
    for name, outcome in english["tiers"].items():
        assert outcome["possible"] == chinese["tiers"][name]["possible"]
    rules = [
        [(each["rule"], each.get("possible")) for each in found["reasons"]] for found in (english, chinese)
    ]
    assert rules[0] == rules[1]
    granted = [[each["rule"] for each in found["benefits"]] for found in (english, chinese)]
    assert granted[0] == granted[1]


def test_examples_may_speak_either_language() -> None:
    results = run_examples(POLICY, today=DAY)
    assert [(each.case.name, each.problems) for each in results if not each.passed] == []
    assert len(results) == 3


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("of", "key", "value", "met"),
    [
        ("benefit", "support", "一对一", True),
        ("benefit", "support", "1v1", True),
        ("benefit", "support", "热线", False),
        ("value", "word", "一", True),
        ("value", "word", "two", False),
        ("choice", "team", "City sales", True),
        ("choice", "team", "Head office", False),
    ],
)
def test_an_answer_in_either_language_is_held_against_either_text(
    lang: Lang, of: Any, key: str, value: str, met: bool
) -> None:
    decision = decide(POLICY, read_facts(POLICY, {"n": 90, "region": "north"}), as_of=DAY, lang=lang)
    assert (difference(POLICY, decision, Expectation(of, key, "=", (value,))) is None) is met


def test_all_that_is_listed_stays_possible_where_exactly_that_is_expected() -> None:
    decision = decide(POLICY, read_facts(POLICY, {"n": 90}), as_of=DAY, lang="zh")
    both, one = ("City sales", "Head office"), ("City sales",)
    assert difference(POLICY, decision, Expectation("choice", "team", "IN", both), exactly=True) is None
    assert difference(POLICY, decision, Expectation("choice", "team", "IN", one), exactly=True) is not None
    more = difference(POLICY, decision, Expectation("ladder", "grade", "IN", ("A", "B")), exactly=True)
    assert more is not None
    assert more.message() == "`grade` was expected to be A or B (each of them possible), but is A"
    assert difference(POLICY, decision, Expectation("ladder", "grade", "IN", ("A", "B"))) is None


def test_a_translation_belongs_to_the_constant_it_stands_beside() -> None:
    support = [grant.value for grant in POLICY.benefits["support"].grants]
    assert all(isinstance(each, Const) for each in support)
    assert {(each.value, each.text) for each in support if isinstance(each, Const)} == {
        ("1v1", Text("1v1", "一对一")),
        ("hotline", Text("hotline", "热线")),
    }


def test_a_swap_of_two_texts_is_no_chain() -> None:
    texts = [Text("热", "hot"), Text("hot", "烫")]
    assert in_lang("热", texts, "en") == "hot"
    assert in_lang(Possible(("热", "hot", "x")), texts, "zh") == Possible(("热", "烫", "x"))
    assert in_lang(Held(("hot",), ("热",)), texts, "zh") == Held(("烫",), ("热",))
    assert in_lang(Decimal(3), texts, "zh") == Decimal(3)
    assert in_lang(("hot", "y"), texts, "zh") == ("烫", "y")
