"""The worked example's decision (score, tier, benefits; no reasons) for other engines, as their own users write it.

Each function loads its engine and the rules once and gives a function from one customer's facts (plain
numbers, days overdue as a number of days) to `(total, tier, {benefit: value})`. ImportError where an engine
is not installed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

Facts = dict[str, Any]
Outcome = tuple[float, str, dict[str, Any]]
Decide = Callable[[Facts], Outcome]

BANDS = ((200_000, 5), (1_000_000, 10), (3_000_000, 20), (5_000_000, 30), (10_000_000, 40), (None, 50))
TIERS = ((80, "A"), (60, "B"), (40, "C"), (20, "D"), (None, "E"))
BENEFITS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("contract", "order_discount", {"A": 0.15, "B": 0.1, "C": 0.08, "D": 0.05}),
    ("delivery", "onsite_days", {"A": "P4D", "B": "P2D", "C": "P1D"}),
    ("maintenance", "sla_response", {"A": "PT15M", "B": "PT30M", "C": "PT1H", "D": "PT4H", "E": "PT8H"}),
    ("maintenance", "support",
     {"A": "1v1", "B": "green channel", "C": "hotline", "D": "ticket", "E": "ticket"}),
    ("renewal", "renewal_rebate", {"A": 0.05, "B": 0.03, "C": 0.02}),
)  # fmt: skip


# ---------------------------------------------------------------- zen-engine: a decision graph


def zen_engine() -> Decide:
    """GoRules' engine in Rust: tables for bands, tiers and benefits, expressions for points, joined in a graph.

    Its static loader keeps the graph compiled; a decision made by `create_decision` takes eight times as long.
    """
    import zen

    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"grading": _graph()}}})

    def decide(facts: Facts) -> Outcome:
        found = engine.evaluate("grading", facts)["result"]
        given = {each["benefit"]: each["value"] for each in found["benefits"] if each.get("benefit")}
        return found["total"], found["grade"], given

    return decide


def _graph() -> dict[str, Any]:
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        _zen_bands(),
        _zen_expressions("score", [
            ("variable", "min([referrals * 5, 20]) + (demand_types >= 3 ? 5 : 0)"
             " + (not listed and valuation == 'high' ? 10 : 0) - (days_overdue > 30 ? 10 : 0)"
             " - (hard_to_reach ? 5 : 0)"),
            ("total", "max([0, min([100, base + max([-30, min([50, $.variable])])])])"),
        ]),
        _zen_table(
            "tier",
            [("total", [f">= {low}" if low else "" for low, _ in TIERS])],
            "reached",
            [f"'{tier}'" for _, tier in TIERS],
        ),
        _zen_expressions("limits", [
            ("lifted", "strategic and reached in ['C', 'D', 'E'] ? 'B' : reached"),
            ("grade", "days_overdue > 90 and $.lifted in ['A', 'B'] ? 'C' : $.lifted"),
        ]),
        _zen_benefits(),
        {"id": "out", "name": "out", "type": "outputNode"},
    ]  # fmt: skip
    path = [node["id"] for node in nodes]
    edges = [
        {"id": f"{one}-{two}", "type": "edge", "sourceId": one, "targetId": two}
        for one, two in pairwise(path)
    ]
    return {"nodes": nodes, "edges": edges}


def _zen_bands() -> dict[str, Any]:
    bands = [(f"[{low}..{high})" if low else f"< {high}", str(points))
             for low, high, points in _between()]  # fmt: skip
    bands[-1] = (f">= {BANDS[-2][0]}", "50")
    return _zen_table(
        "base", [("order_amount", [band for band, _ in bands])], "base", [pts for _, pts in bands]
    )


def _between() -> list[tuple[int | None, int | None, int]]:
    lows = (None, *(high for high, _ in BANDS[:-1]))
    return [(low, high, points) for low, (high, points) in zip(lows, BANDS, strict=True)]


def _zen_table(
    name: str, inputs: list[tuple[str, list[str]]], output: str, results: list[str]
) -> dict[str, Any]:
    columns = [{"id": f"i{at}", "name": field, "field": field} for at, (field, _) in enumerate(inputs)]
    rules = [
        {"_id": f"{name}{row}", "o": result, **{f"i{at}": cells[row] for at, (_, cells) in enumerate(inputs)}}
        for row, result in enumerate(results)
    ]
    content = {
        "hitPolicy": "first", "inputs": columns, "outputs": [{"id": "o", "name": output, "field": output}],
        "rules": rules, "passThrough": True,
    }  # fmt: skip
    return {"id": name, "name": name, "type": "decisionTableNode", "content": content}


def _zen_expressions(name: str, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    expressions = [{"id": f"{name}{at}", "key": key, "value": text} for at, (key, text) in enumerate(pairs)]
    content = {"expressions": expressions, "passThrough": True}
    return {"id": name, "name": name, "type": "expressionNode", "content": content}


def _zen_benefits() -> dict[str, Any]:
    rows = [(stage, tier, name, value) for stage, name, by in BENEFITS for tier, value in by.items()]
    rules = [
        {"_id": f"b{at}", "s": f"'{stage}'", "g": f"'{tier}'", "n": f"'{name}'", "v": json.dumps(value)}
        for at, (stage, tier, name, value) in enumerate(rows)
    ]
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": "s", "name": "s", "field": "stage"}, {"id": "g", "name": "g", "field": "grade"}],
        "outputs": [
            {"id": "n", "name": "n", "field": "benefit"}, {"id": "v", "name": "v", "field": "value"},
        ],
        "rules": rules, "passThrough": True, "outputPath": "benefits",
    }  # fmt: skip
    return {"id": "benefits", "name": "benefits", "type": "decisionTableNode", "content": content}


# ---------------------------------------------------------------- rule-engine: conditions, ordered by Python


def rule_engine() -> Decide:
    """A condition for each rule; the first that holds, the sums and the limits are the caller's business."""
    from rule_engine import Rule

    bands = [(Rule(f"order_amount < {high}" if high else "true"), points) for high, points in BANDS]
    points = [
        (Rule("demand_types >= 3"), 5),
        (Rule("not listed and valuation == 'high'"), 10),
        (Rule("days_overdue > 30"), -10),
        (Rule("hard_to_reach"), -5),
    ]
    tiers = [(Rule(f"total >= {low}" if low else "true"), tier) for low, tier in TIERS]
    floor, cap = Rule("strategic and grade > 'B'"), Rule("days_overdue > 90 and grade < 'C'")
    benefits = [(Rule(f"stage == '{stage}' and grade == '{tier}'"), name, value)
                for stage, name, by in BENEFITS for tier, value in by.items()]  # fmt: skip

    def decide(facts: Facts) -> Outcome:
        base = next(points for rule, points in bands if rule.matches(facts))
        variable = min(facts["referrals"] * 5, 20) + sum(pts for rule, pts in points if rule.matches(facts))
        total = max(0, min(100, base + max(-30, min(50, variable))))
        found = {**facts, "total": total}
        found["grade"] = next(tier for rule, tier in tiers if rule.matches(found))
        if floor.matches(found):
            found["grade"] = "B"
        if cap.matches(found):
            found["grade"] = "C"
        return total, found["grade"], {name: value for rule, name, value in benefits if rule.matches(found)}

    return decide


# ---------------------------------------------------------------- cel-python: expressions


def cel_python() -> Decide:
    """Google's Common Expression Language in Python: an expression for each step.

    By the runner that interprets: the one that compiles ends in an error of its own on these expressions.
    """
    import celpy
    from celpy import celtypes

    def program(text: str) -> Callable[[dict[str, Any]], Any]:
        environment = celpy.Environment()
        made: Callable[[dict[str, Any]], Any] = environment.program(environment.compile(text)).evaluate
        return made

    steps = [(name, program(text)) for name, text in _cel_texts()]

    def decide(facts: Facts) -> Outcome:
        known = {key: celpy.json_to_cel(value) for key, value in facts.items()}
        for name, step in steps:
            known[name] = step(known)
        total, grade = int(known["total"]), str(known["grade"])
        given = {str(key): _plain(value, celtypes) for key, value in known["benefits"].items()}
        return total, grade, given

    return decide


def _plain(value: Any, types: Any) -> Any:
    return float(value) if isinstance(value, types.DoubleType) else str(value)


def _cel_texts() -> list[tuple[str, str]]:
    def choose(field: str, pairs: list[tuple[str, str]], otherwise: str) -> str:
        return " : ".join([*(f"{field} {test} ? {result}" for test, result in pairs), otherwise])

    base = choose("order_amount", [(f"< {high}.0", str(points)) for high, points in BANDS[:-1]], "50")
    reached = choose("total", [(f">= {low}", f"'{tier}'") for low, tier in TIERS[:-1]], "'E'")
    entries = {}
    for stage, name, by in BENEFITS:
        for tier, value in by.items():
            entries.setdefault(f"{stage}/{tier}", []).append(f"'{name}': {value!r}")
    table = ", ".join(f"'{key}': {{{', '.join(given)}}}" for key, given in entries.items())
    key = "stage + '/' + grade"
    return [
        ("base", base),
        ("variable", "(referrals > 4 ? 20 : referrals * 5) + (demand_types >= 3 ? 5 : 0)"
         " + (!listed && valuation == 'high' ? 10 : 0) - (days_overdue > 30.0 ? 10 : 0)"
         " - (hard_to_reach ? 5 : 0)"),
        ("sum", "base + (variable < -30 ? -30 : variable > 50 ? 50 : variable)"),
        ("total", "sum < 0 ? 0 : sum > 100 ? 100 : sum"),
        ("reached", reached),
        ("lifted", "strategic && reached > 'B' ? 'B' : reached"),
        ("grade", "days_overdue > 90.0 && lifted < 'C' ? 'C' : lifted"),
        ("benefits", f"{key} in {{{table}}} ? {{{table}}}[{key}] : {{}}"),
    ]  # fmt: skip
