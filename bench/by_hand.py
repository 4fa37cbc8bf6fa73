"""The worked example as somebody would write it in Python by hand: one customer's facts in, the same answer out.

It is the yardstick for the compiled engine, so it gives the same JSON values to the letter (reasons with their
facts, labels and lines), for customers of whom every fact is known; `engines.py` has them written by the
encoder that the service uses, and checks the bytes before it measures. It is written for speed within reason: a
chain of comparisons, dictionaries for the benefits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.calendar import duration_text

Json = dict[str, Any]
D = Decimal

BASE = (  # below, points, rule, line, label
    (D(200_000), D(5), "base.order_amount_below_200k", 21, "order_amount < 200,000"),
    (D(1_000_000), D(10), "base.order_amount_200k_to_1m", 22, "order_amount 200,000 to 1,000,000"),
    (D(3_000_000), D(20), "base.order_amount_1m_to_3m", 23, "order_amount 1,000,000 to 3,000,000"),
    (D(5_000_000), D(30), "base.order_amount_3m_to_5m", 24, "order_amount 3,000,000 to 5,000,000"),
    (D(10_000_000), D(40), "base.order_amount_5m_to_10m", 25, "order_amount 5,000,000 to 10,000,000"),
)
MOST = (D(50), "base.order_amount_at_least_10m", 26, "order_amount >= 10,000,000")
TIERS = (  # from, tier, label, line
    (D(80), "A", "Strategic customer", 38),
    (D(60), "B", "Key customer", 39),
    (D(40), "C", "Value customer", 40),
    (D(20), "D", "Potential customer", 41),
)
LAST = ("E", "Ordinary customer", 42)
LABELS = {tier: label for _, tier, label, _ in TIERS} | {"E": "Ordinary customer"}
DEFAULTS: Json = {
    "referrals": D(0),
    "demand_types": D(1),
    "days_overdue": "P0D",
    "hard_to_reach": False,
    "strategic": False,
    "chain_scope": "city",
}
ZERO, THREE, FIVE, TEN, TWENTY, HUNDRED = map(D, (0, 3, 5, 10, 20, 100))
DAYS_30, DAYS_90 = D(30 * 86400), D(90 * 86400)

BENEFITS = {  # by stage: benefit, type, value by tier
    "contract": (
        ("order_discount", "percent", {"A": D("0.15"), "B": D("0.1"), "C": D("0.08"), "D": D("0.05")}),
    ),
    "delivery": (("onsite_days", "duration", {"A": "P4D", "B": "P2D", "C": "P1D"}),),
    "maintenance": (
        ("sla_response", "duration", {"A": "PT15M", "B": "PT30M", "C": "PT1H", "D": "PT4H", "E": "PT8H"}),
        ("support", "text", {"A": "1v1", "B": "green channel", "C": "hotline", "D": "ticket", "E": "ticket"}),
    ),
    "renewal": (("renewal_rebate", "percent", {"A": D("0.05"), "B": D("0.03"), "C": D("0.02")}),),
}


def decide(known: Mapping[str, Any], assumed: tuple[str, ...], day: date, customer: str, hash: str) -> Json:
    """The decision on one customer of whom every fact is known."""
    reasons: list[Json] = []
    stage = known["stage"]
    if stage == "prospect":
        nobody = {"tier": None, "label": None, "score": None, "possible": []}
        reason = {"rule": "applies", "label": "Not a customer yet", "facts": {"stage": stage}, "line": 6}
        tiers = {"grade": nobody, "base_grade": dict(nobody)}
        return _answer("not_applicable", tiers, {}, {}, [], [], [reason], assumed, day, customer, hash)
    base = _base(known["order_amount"], reasons)
    variable = _variable(known, reasons)
    total = _total(base, variable, reasons)
    grade = _limited(_tier("grade", "total", total, reasons), known, reasons)
    base_grade = _tier("base_grade", "base", base, reasons)
    owner = _owner(known["chain_scope"], reasons)
    tiers = {"grade": _outcome(grade, total), "base_grade": _outcome(base_grade, base)}
    scores = {"base": base, "variable": variable, "total": total}
    benefits = _benefits(stage, grade)
    advice = _advice(grade, stage, known["days_overdue"], owner)
    segments = {"account_owner": owner}
    return _answer(
        "decided", tiers, scores, segments, benefits, advice, reasons, assumed, day, customer, hash
    )


def _total(base: Decimal, variable: Decimal, reasons: list[Json]) -> Decimal:
    total = base + variable
    if base:
        reasons.append(_points("total.base", "total", base, "Quantitative indicators", {"base": base}, 35))
    if variable:
        reasons.append(
            _points("total.variable", "total", variable, "Variable indicators", {"variable": variable}, 35)
        )
    if total < ZERO or total > HUNDRED:
        held = ZERO if total < ZERO else HUNDRED
        reasons.append(_points("total.bounds", "total", held - total, "held between 0 and 100", {}, 35))
        total = held
    return total


def _outcome(tier: str, score: Decimal) -> Json:
    return {"tier": tier, "label": LABELS[tier], "score": score, "possible": [tier]}


def _benefits(stage: str, grade: str) -> list[Json]:
    return [
        {
            "benefit": name,
            "label": name,
            "stage": stage,
            "type": kind,
            "value": values[grade],
            "rule": f"benefits.grade.{name}",
            "because": f"grade is {grade}",
        }
        for name, kind, values in BENEFITS.get(stage, ())
        if grade in values
    ]


def _points(rule: str, score: str, points: Decimal, label: str, facts: Json, line: int) -> Json:
    return {"rule": rule, "score": score, "points": points, "label": label, "facts": facts, "line": line}


def _base(amount: Decimal, reasons: list[Json]) -> Decimal:
    for below, *row in BASE:
        if amount < below:
            points, rule, line, label = row
            break
    else:
        points, rule, line, label = MOST
    reasons.append(_points(rule, "base", points, label, {"order_amount": amount}, line))
    return points


def _variable(known: Mapping[str, Any], reasons: list[Json]) -> Decimal:
    total = ZERO
    referrals = known["referrals"]
    if referrals > ZERO:
        points = min(referrals * FIVE, TWENTY)
        total += points
        facts = {"referrals": referrals}
        reasons.append(_points("variable.referral", "variable", points, "Recommends us", facts, 29))
    kinds = known["demand_types"]
    if kinds >= THREE:
        total += FIVE
        label = "Buys several kinds of service"
        reasons.append(_points("variable.diverse", "variable", FIVE, label, {"demand_types": kinds}, 30))
    listed, valuation = known["listed"], known["valuation"]
    if not listed and valuation == "high":
        total += TEN
        facts = {"listed": listed, "valuation": valuation}
        label = "Unlisted, highly valued"
        reasons.append(_points("variable.rising_star", "variable", TEN, label, facts, 31))
    overdue = known["days_overdue"]
    if overdue > DAYS_30:
        total -= TEN
        facts = {"days_overdue": duration_text(overdue)}
        reasons.append(_points("variable.late_payer", "variable", -TEN, "Pays late", facts, 32))
    if known["hard_to_reach"]:
        total -= FIVE
        label = "Costs us effort to reach"
        reasons.append(_points("variable.hard_work", "variable", -FIVE, label, {"hard_to_reach": True}, 33))
    return total  # between -15 and 35, so that its bounds never matter


def _tier(ladder: str, by: str, score: Decimal, reasons: list[Json]) -> str:
    for low, *row in TIERS:
        if score >= low:
            tier, label, line = row
            break
    else:
        tier, label, line = LAST
    rule = f"{ladder}.{tier}"
    facts = {by: score}
    reasons.append(
        {"rule": rule, "ladder": ladder, "tier": tier, "label": label, "facts": facts, "line": line}
    )
    return tier


def _limited(grade: str, known: Mapping[str, Any], reasons: list[Json]) -> str:
    if known["strategic"] and grade > "B":
        grade = "B"
        reasons.append(
            {"rule": "grade.strategic_agreement", "ladder": "grade", "tier": "B", "label": "Strategic agreement",
             "facts": {"strategic": True}, "line": 43}
        )  # fmt: skip
    overdue = known["days_overdue"]
    if overdue > DAYS_90 and grade < "C":
        grade = "C"
        reasons.append(
            {"rule": "grade.seriously_overdue", "ladder": "grade", "tier": "C", "label": "Seriously overdue",
             "facts": {"days_overdue": duration_text(overdue)}, "line": 44}
        )  # fmt: skip
    return grade


OWNERS = {
    "national": ("HQ key-account sales", "account_owner.hq_key_account_sales", 49),
    "regional": ("Regional sales", "account_owner.regional_sales", 50),
    "city": ("City sales", "account_owner.city_sales", 51),
}


def _owner(scope: str, reasons: list[Json]) -> str:
    owner, rule, line = OWNERS[scope]
    reasons.append(
        {"rule": rule, "segment": "account_owner", "outcome": owner, "label": owner,
         "facts": {"chain_scope": scope}, "line": line}
    )  # fmt: skip
    return owner


def _advice(grade: str, stage: str, overdue: Decimal, owner: str) -> list[Json]:
    found: list[Json] = []
    if grade in ("A", "B") and stage == "renewal":
        action = "Offer the cash-flow product range"
        rule = "advise.offer_the_cash_flow_product_range"
        found.append({"action": action, "to": owner, "priority": 1, "rule": rule})
    if overdue > DAYS_30:
        action = "Agree a payment plan before the next order"
        rule = "advise.agree_a_payment_plan_before_the_next_order"
        found.append({"action": action, "to": owner, "priority": 2, "rule": rule})
    return found


def _answer(
    status: str, tiers: Json, scores: Json, segments: Json, benefits: list[Json], advice: list[Json],
    reasons: list[Json], assumed: tuple[str, ...], day: date, customer: str, hash: str,
) -> Json:  # fmt: skip
    return {
        "decision_id": None,
        "policy": {"name": "b2b_grading", "version": None, "hash": hash},
        "engine": "by hand",
        "as_of": day.isoformat(),
        "customer": customer,
        "status": status,
        "tiers": tiers,
        "scores": scores,
        "values": {},
        "segments": segments,
        "tags": {},
        "benefits": benefits,
        "advice": advice,
        "reasons": reasons,
        "assumed": {key: DEFAULTS[key] for key in assumed},
        "missing": [],
        "why": None if status == "decided" else "Not a customer yet",
    }
