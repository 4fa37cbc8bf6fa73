"""Why not better, where a condition can be met in several ways, or is no comparison of sizes; and what an answer's
status is of.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.checker import compile_policy
from dsl.source import Source
from engine.decision import to_json
from engine.engines import decide
from engine.facts import read_facts

DAY = date(2026, 6, 30)
STATUS = """policy p
currency USD
fact nights: whole number
fact spend: money
fact member: yes/no
fact region: one of north, south, west
fact uses: list of one of a, b
fact secret: yes/no, masked
tiers g
"""


def answer(
    text: str, *, head: str = STATUS, explain: str = "full", engine: str = "compiled", **facts: Any
) -> Any:
    policy = compile_policy(Source(head + text))
    asked: Any = {"as_of": DAY, "explain": explain, "engine": engine}
    return to_json(decide(policy, read_facts(policy, facts), **asked))


def failed(condition: str, **facts: Any) -> list[dict[str, Any]]:
    """What keeps the one better tier away."""
    (better,) = answer(f" A when {condition}\n B otherwise\n", **facts)["why_not"]
    found: list[dict[str, Any]] = better["failed"]
    return found


def sides(item: dict[str, Any]) -> tuple[object, ...]:
    return item["condition"], item["threshold"], item["actual"], item["distance"]


def test_every_alternative_has_its_own_distance() -> None:
    (lack,) = failed("nights >= 25 or spend >= 6,000", nights=24, spend="5999.99")
    assert sides(lack) == ("nights >= 25 or spend >= 6,000", None, None, None)
    assert [sides(each) for each in lack["any_of"]] == [
        ("nights >= 25", 25, 24, 1),
        ("spend >= 6,000", 6000, Decimal("5999.99"), Decimal("0.01")),
    ]
    assert [each["type"] for each in lack["any_of"]] == ["whole number", "money"]
    assert "all_of" not in lack


def test_an_alternative_says_what_of_it_is_lacking() -> None:
    (lack,) = failed("(nights >= 5 and member) or spend >= 6,000", nights=7, member=False, spend=1)
    both, alone = lack["any_of"]
    assert both["condition"] == "nights >= 5 and member"
    assert [sides(each) for each in both["all_of"]] == [("member", True, False, None)]
    assert sides(alone) == ("spend >= 6,000", 6000, 1, 5999)


def test_of_several_demands_only_those_with_alternatives_have_them() -> None:
    first, second = failed("(nights >= 80 or member) and spend > 100", nights=3, member=False, spend=100)
    assert [sides(each) for each in first["any_of"]] == [
        ("nights >= 80", 80, 3, 77),
        ("member", True, False, None),
    ]
    assert sides(second) == ("spend > 100", 100, 100, 0)
    assert second["strict"] is True


def test_what_must_not_all_hold_has_alternatives_too() -> None:
    found = answer(
        " A when nights > 1\n B otherwise\n at most B when member and spend < 5\n",
        nights=2,
        member=True,
        spend=4,
    )
    (lack,) = found["why_not"][0]["failed"]
    assert [sides(each) for each in lack["any_of"]] == [
        ("not member", False, True, None),
        ("spend >= 5", 5, 4, 1),
    ]


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        ("member", {"member": False}, ("member", True, False, None)),
        ("member", {}, ("member", True, None, None)),
        ("not member", {"member": True}, ("not member", False, True, None)),
        (
            "region in north, south",
            {"region": "west"},
            ("region in north, south", ["north", "south"], "west", None),
        ),
        ("uses contains a", {"uses": ["b"]}, ("uses contains a", ["a"], ["b"], None)),
        ("secret", {"secret": False}, ("secret", True, None, None)),
        ("member is unknown", {"member": True}, ("member is unknown", None, None, None)),
    ],
)
def test_what_is_no_size_says_what_was_wanted_and_found(
    condition: str, facts: dict[str, Any], expected: tuple[object, ...]
) -> None:
    (lack,) = failed(condition, **facts)
    assert sides(lack) == expected


def _holds(lack: dict[str, Any]) -> bool:
    """Whether a comparison that is reported with both sides holds after all."""
    return lack["distance"] is not None and lack["distance"] == 0 and not lack.get("strict")


@given(st.integers(0, 30), st.integers(0, 30), st.booleans())
def test_no_way_that_is_reported_holds(nights: int, spend: int, member: bool) -> None:
    condition = "(nights >= 20 and member) or spend >= 15 or (nights >= 10 and spend >= 5)"
    found = answer(f" A when {condition}\n B otherwise\n", nights=nights, spend=spend, member=member)
    reached = (nights >= 20 and member) or spend >= 15 or (nights >= 10 and spend >= 5)
    assert (found["why_not"] == []) is reached
    for lack in (each for better in found["why_not"] for each in better["failed"]):
        assert len(lack["any_of"]) == 3
        for way in lack["any_of"]:
            assert not any(map(_holds, way.get("all_of", [way])))
            assert "all_of" not in way or way["all_of"]


# ---------------------------------------------------------------- the status

ROUTES = """policy p
fact shops: whole number
fact big: yes/no
segment reach
 local "Local" when shops below 2
 wide "Wide" otherwise
choose team
 hq "HQ" when big
 city "City" otherwise
"""


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_without_a_ladder_the_status_is_of_the_first_choice(engine: str) -> None:
    nothing = answer("", head=ROUTES, engine=engine, explain="reasons")
    assert nothing["status"] == "undetermined"
    assert nothing["why"] == "`reach` is not decided: `shops` not known"
    known = answer("", head=ROUTES, engine=engine, explain="reasons", shops=1)
    assert (known["status"], known["why"], known["missing"]) == ("decided", None, ["big"])
    whole = answer("", head=ROUTES, engine=engine, explain="reasons", shops=1, big=True)
    assert (whole["status"], whole["segments"]) == ("decided", {"reach": "local", "team": "hq"})


def test_without_ladder_and_choice_a_policy_is_decided_as_soon_as_it_applies() -> None:
    assert answer("", head="policy p\nfact n: number\nscore s = n\n")["status"] == "decided"


# ---------------------------------------------------------------- benefits


def test_a_line_for_the_rest_says_so() -> None:
    text = " A when nights > 9\n B otherwise\nbenefit pay: money\n 5 when g is A\n 3 otherwise\nbenefit tea: yes/no\n yes\n"
    for lang, rest, everybody in (("en", "otherwise", "for everyone"), ("zh", "其余", "人人可享")):
        policy = compile_policy(Source(STATUS + text))
        for engine in ("compiled", "reference"):
            facts = read_facts(policy, {"nights": 1})
            found = decide(policy, facts, as_of=DAY, lang="zh" if lang == "zh" else "en", engine=engine)
            assert [each.because for each in found.benefits] == [rest, everybody]
