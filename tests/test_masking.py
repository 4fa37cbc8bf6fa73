"""A masked fact decides like any other; its own value never stands in an answer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dsl.checker import compile_policy
from dsl.diagnostics import Lang
from dsl.source import Source
from engine.decision import dumps, to_json
from engine.engines import decide
from engine.facts import read_facts

DAY = date(2026, 6, 30)
POLICY = compile_policy(
    Source(
        """policy p
fact income: number "Income", masked
fact limit: number, default 4444, masked
fact stage: one of openly, secretly "Stage", masked
fact last: date, masked
fact n: number
score s
 +1 per 1 of n
 +10 when income > 100 "Earns well"
value half: number = income * 0.5
tiers g by s
  A from 80 and income > 9000 and n >= limit and days since last < 30 and n > 70
  B otherwise
tiers plain by income
  high from 1m
  low otherwise
tiers worked by income * 2
  top over 1m
  rest otherwise
benefit all: number = income, when income > 100
benefit some: number = 5, at secretly
benefit more: number = 6, at openly
"""
    )
)
FACTS: dict[str, Any] = {"income": 1234, "stage": "secretly", "last": "2026-01-13", "n": 70}


def answer(lang: Lang = "en", at: str | None = None, **facts: object) -> dict[str, Any]:
    read = read_facts(POLICY, facts)
    return dict(to_json(decide(POLICY, read, as_of=DAY, lang=lang, explain="full", at=at)))


@pytest.mark.parametrize(("lang", "word"), [("en", "masked"), ("zh", "已隐藏")])
def test_a_word_stands_for_the_value(lang: Lang, word: str) -> None:
    found = answer(lang, **FACTS)
    by_rule = {each["rule"]: each for each in found["reasons"]}
    assert next(each for rule, each in by_rule.items() if rule.startswith("s."))["facts"] == {"n": 70}
    assert by_rule["s.earns_well"]["facts"] == {"income": word}
    assert by_rule["plain.low"]["facts"] == {"income": word}
    assert found["assumed"] == {"limit": word}
    assert [(each["benefit"], each["value"], each["stage"]) for each in found["benefits"]] == [
        ("all", word, None),
        ("some", 5, word),
    ]
    text = dumps({key: value for key, value in found.items() if key != "values"})
    for secret in ("1234", "2468", "4444", "secretly", "2026-01-13", "168"):
        assert secret not in text, secret


def test_what_is_derived_is_shown() -> None:
    found = answer(**FACTS)
    assert found["scores"] == {"s": 80}
    assert found["values"] == {"half": 617}
    assert found["tiers"]["g"] == {"tier": "B", "label": "B", "score": 80, "possible": ["B"]}


def test_a_ladder_by_a_masked_fact_shows_no_score() -> None:
    tiers = answer(**FACTS)["tiers"]
    assert tiers["plain"] == {"tier": "low", "label": "low", "score": None, "possible": ["low"]}
    assert tiers["worked"]["score"] is None


def test_an_explanation_tells_no_number_it_could_be_worked_out_from() -> None:
    failed = {each["tier"]: each["failed"] for each in answer(**FACTS)["why_not"]}
    assert [
        (each["condition"], each["threshold"], each["actual"], each["distance"]) for each in failed["A"]
    ] == [
        ("income > 9000", 9000, None, None),
        ("n >= limit", None, 70, None),
        ("days since last < 30", 30, None, None),
        ("n > 70", 70, 70, 0),
    ]
    assert [(each["actual"], each["distance"]) for each in failed["high"]] == [(None, None)]


def test_that_it_is_unknown_is_no_secret() -> None:
    found = answer(n=70)
    by_rule = {each["rule"]: each for each in found["reasons"]}
    assert by_rule["s.earns_well"]["facts"] == {"income": None}
    assert "income" in found["missing"]
    stages = [(each["benefit"], each["stage"]) for each in found["benefits"] if each["stage"]]
    assert stages == [("some", "secretly"), ("more", "openly")]


def test_no_stage_is_told_where_the_customers_own_is_masked() -> None:
    found = answer(at="all", **FACTS)["benefits"]
    assert [each["stage"] for each in found] == [None, "masked", "masked"]
    assert {each["because"] for each in found[1:]} == {"Stage: masked"}


def test_points_add_up_though_the_facts_are_masked() -> None:
    points = [each["points"] for each in answer(**FACTS)["reasons"] if each.get("score") == "s"]
    assert sum(points, Decimal(0)) == 80
