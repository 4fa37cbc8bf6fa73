"""The golden case: the customer of the worked example, and the same customer with any one fact taken away."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dsl.model import CheckedPolicy
from engine.decision import dumps, to_json
from engine.facts import parse_json, read_facts
from policies.registry.files import load_policy
from tests.corpus import HERE
from tests.engines import decide
from tests.own_examples import run_examples

DAY = date(2026, 11, 21)
CUSTOMER: dict[str, object] = {
    "order_amount": 500_000,
    "referrals": 2,
    "demand_types": 4,
    "listed": False,
    "valuation": "high",
    "stage": "contract",
}
ALL_KNOWN = CUSTOMER | {
    "days_overdue": "P0D",
    "hard_to_reach": False,
    "strategic": False,
    "chain_scope": "city",
}
POLICY: CheckedPolicy = load_policy(HERE / "ok" / "worked_example" / "policy.tier")


def answer(facts: dict[str, object], **asked: Any) -> dict[str, Any]:
    decision = decide(POLICY, read_facts(POLICY, facts), as_of=DAY, **asked)
    read = parse_json(dumps(to_json(decision)))
    assert isinstance(read, dict)
    return read


def test_the_golden_case() -> None:
    found = answer(CUSTOMER)
    assert found["status"] == "decided"
    assert found["scores"] == {"base": 10, "variable": 25, "total": 35}
    assert found["tiers"] == {
        "grade": {"tier": "D", "label": "Potential customer", "score": 35, "possible": ["D"]},
        "base_grade": {"tier": "E", "label": "Ordinary customer", "score": 10, "possible": ["E"]},
    }
    assert found["segments"] == {"account_owner": "City sales"}
    assert [
        (each["benefit"], each["stage"], each["type"], each["value"], each["because"])
        for each in found["benefits"]
    ] == [("order_discount", "contract", "percent", Decimal("0.05"), "grade is D")]
    assert found["advice"] == found["missing"] == []
    assert found["why"] is None
    assert found["assumed"] == {
        "days_overdue": "P0D",
        "hard_to_reach": False,
        "strategic": False,
        "chain_scope": "city",
    }


def test_it_is_explained() -> None:
    reasons = [reason for reason in answer(CUSTOMER)["reasons"] if reason.get("score") == "variable"]
    assert [(each["rule"], each["points"], each["label"], each["facts"]) for each in reasons] == [
        ("variable.referral", 10, "Recommends us", {"referrals": 2}),
        ("variable.diverse", 5, "Buys several kinds of service", {"demand_types": 4}),
        ("variable.rising_star", 10, "Unlisted, highly valued", {"listed": False, "valuation": "high"}),
    ]
    lines = POLICY.source.text.splitlines()
    assert lines[reasons[0]["line"] - 1].strip().startswith("referral:")


def test_its_own_examples_pass() -> None:
    results = run_examples(POLICY, today=DAY)
    assert results
    assert [result.problems for result in results if not result.passed] == []


WITHOUT = {
    # fact taken away: base, variable, total, possible grades, missing, assumed
    "order_amount": ((5, 50), 25, (30, 75), "BCD", ["order_amount"], []),
    "listed": (10, (15, 25), (25, 35), "D", ["listed"], []),
    "valuation": (10, (15, 25), (25, 35), "D", ["valuation"], []),
    "referrals": (10, 15, 25, "D", [], ["referrals"]),
    "demand_types": (10, 20, 30, "D", [], ["demand_types"]),
    "days_overdue": (10, 25, 35, "D", [], ["days_overdue"]),
    "hard_to_reach": (10, 25, 35, "D", [], ["hard_to_reach"]),
    "strategic": (10, 25, 35, "D", [], ["strategic"]),
    "chain_scope": (10, 25, 35, "D", [], ["chain_scope"]),
}


@pytest.mark.parametrize("lost", WITHOUT)
def test_with_one_fact_less(lost: str) -> None:
    base, variable, total, grades, missing, assumed = WITHOUT[lost]
    found = answer({key: value for key, value in ALL_KNOWN.items() if key != lost})
    assert found["scores"] == {"base": shown(base), "variable": shown(variable), "total": shown(total)}
    assert found["tiers"]["grade"]["possible"] == list(grades)
    assert found["status"] == ("decided" if len(grades) == 1 else "undetermined")
    assert found["missing"] == missing
    assert list(found["assumed"]) == assumed


def shown(score: object) -> object:
    return {"min": score[0], "max": score[1]} if isinstance(score, tuple) else score


def test_without_the_stage_nobody_knows_whether_the_policy_applies() -> None:
    found = answer({key: value for key, value in ALL_KNOWN.items() if key != "stage"})
    assert found["status"] == "undetermined"
    assert found["scores"]["total"] == 35
    assert found["tiers"]["grade"] == {
        "tier": None,
        "label": None,
        "score": 35,
        "possible": ["D", "not_applicable"],
    }
    assert found["missing"] == ["stage"]
    assert all(each["possible"] for each in found["benefits"])
    assert {each["stage"] for each in found["benefits"]} == {"contract", "maintenance"}


def test_a_prospect_is_not_graded() -> None:
    found = answer(CUSTOMER | {"stage": "prospect"})
    assert (found["status"], found["why"]) == ("not_applicable", "Not a customer yet")


def test_the_benefits_of_other_stages() -> None:
    grades = [
        (each["benefit"], each["stage"], each["value"])
        for each in answer(CUSTOMER, at="maintenance")["benefits"]
    ]
    assert grades == [("sla_response", "maintenance", "PT4H"), ("support", "maintenance", "ticket")]
    every = [(each["benefit"], each["stage"]) for each in answer(CUSTOMER, at="all")["benefits"]]
    assert every == [
        ("order_discount", "contract"),
        ("sla_response", "maintenance"),
        ("support", "maintenance"),
    ]


def test_why_not_better() -> None:
    found = answer(CUSTOMER | {"days_overdue": "P120D"}, explain="full")
    nearest = next(each for each in found["why_not"] if each["tier"] == "C")
    assert nearest["failed"] == [
        {
            "rule": "grade.C",
            "condition": "total >= 40",
            "threshold": 40,
            "actual": 25,
            "distance": 15,
            "type": "number",
        }
    ]
    assert [(each["benefit"], each["value"]) for each in nearest["benefits"]] == [
        ("order_discount", Decimal("0.08"))
    ]
    above = next(each for each in found["why_not"] if (each["ladder"], each["tier"]) == ("grade", "B"))
    held_down = above["failed"][1]
    assert held_down["condition"] == "days_overdue <= 90 days"
    assert (held_down["threshold"], held_down["actual"], held_down["distance"]) == ("P90D", "P120D", "P30D")


def test_in_chinese() -> None:
    found = answer(CUSTOMER, lang="zh")
    assert found["benefits"][0]["because"] == "grade 为 D"
    assert found["scores"]["total"] == 35
