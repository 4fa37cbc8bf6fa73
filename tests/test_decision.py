"""Benefits, advice, explanations and the shape of an answer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.calendar import add_months
from dsl.checker import compile_policy
from dsl.source import Source
from dsl.types import DURATION, MONEY, PERCENT, PERIOD
from engine.calendar import duration_text
from engine.decision import dumps, to_json
from engine.engines import UnknownEngine, decide
from engine.facts import FactsError, parse_json, read_facts
from engine.values import decimal, rounded
from engine.words import value_words
from tests.own_examples import run_examples

DAY = date(2026, 6, 30)
HEAD = "policy p\ncurrency CNY\nfact s: number\nfact a: yes/no\nfact b: yes/no\ntiers g by s\n A from 80\n B from 60\n C otherwise\n"


def answer(
    text: str, head: str = HEAD, asked: dict[str, Any] | None = None, on: date = DAY, **facts: Any
) -> Any:
    policy = compile_policy(Source(head + text))
    return to_json(decide(policy, read_facts(policy, facts), as_of=on, **(asked or {})))


def benefits(text: str, on: date = DAY, **facts: Any) -> list[tuple[object, ...]]:
    """What is granted: benefit, value, and whether it is only possible."""
    found = answer(text, on=on, **facts)["benefits"]
    return [(each["benefit"], each["value"], each.get("possible", False)) for each in found]


# ---------------------------------------------------------------- benefits

MATRIX = "benefits of g\n| benefit | A | B | C |\n| off | 10% | 5% | - |\n| help | yes | yes | no |\n| line | 1 hour | 1 hour | 2 days |\n"


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (90, [("off", Decimal("0.1"), False), ("help", True, False), ("line", "PT1H", False)]),
        (60, [("off", Decimal("0.05"), False), ("help", True, False), ("line", "PT1H", False)]),
        (0, [("line", "P2D", False)]),
    ],
)
def test_a_matrix_grants_by_tier(score: int, expected: list[tuple[object, ...]]) -> None:
    assert benefits(MATRIX, s=score) == expected


def test_what_every_possible_tier_grants_is_granted() -> None:
    text = MATRIX.replace("C otherwise", "C otherwise")
    floor = HEAD + " at least B when a\n" + text
    found = answer("", floor, s=90, b=True)["benefits"]
    assert [each["value"] for each in found] == [Decimal("0.1"), True, "PT1H"]
    capped = answer("", HEAD + " at most B when a\n" + text, s=90)["benefits"]
    assert [(each["benefit"], each.get("possible", False)) for each in capped] == [
        ("off", True),
        ("help", False),
        ("line", False),
    ]
    assert capped[0]["value"] == {"min": Decimal("0.05"), "max": Decimal("0.1")}
    assert capped[0]["because"] == "g is A; g is B"


def test_conditions_tiers_and_dates() -> None:
    text = "benefit x: percent = 5%, for A, B, when a, from 2026-01-01 until 2026-06-30"
    assert benefits(text, s=70, a=True) == [("x", Decimal("0.05"), False)]
    assert benefits(text, s=70) == [("x", Decimal("0.05"), True)]
    assert benefits(text, s=70, a=False) == []
    assert benefits(text, s=10, a=True) == []
    assert benefits(text, on=date(2026, 7, 1), s=70, a=True) == []
    assert benefits(text, on=date(2025, 12, 31), s=70, a=True) == []


LINES = "benefit x: money{}\n 10 when a\n 20 when b\n 5\n"


@pytest.mark.parametrize(
    ("options", "facts", "expected"),
    [
        ("", {"a": True, "b": True}, (10, False)),
        ("", {"a": False, "b": False}, (5, False)),
        ("", {"b": False}, ({"min": 5, "max": 10}, True)),
        (", best of", {"a": True, "b": True}, (20, False)),
        (", best of", {"a": True}, ({"min": 10, "max": 20}, True)),
        (", best of", {"a": False, "b": False}, (5, False)),
        (", best of, less is better", {"a": True, "b": True}, (5, False)),
        (", sum of", {"a": True, "b": True}, (35, False)),
        (", sum of", {"a": True}, ({"min": 15, "max": 35}, True)),
    ],
)
def test_several_rules_together(options: str, facts: dict[str, Any], expected: tuple[object, bool]) -> None:
    assert benefits(LINES.format(options), s=0, **facts) == [("x", *expected)]


def test_a_benefit_gives_way_to_another() -> None:
    text = "benefit x: money = 1, when a, not with y\nbenefit y: money = 2, when b, not with z\nbenefit z: money = 3\n"
    assert benefits(text, a=True, b=True) == [("x", 1, False), ("z", 3, False)]
    assert benefits(text, a=False, b=True) == [("y", 2, False)]
    assert benefits(text, b=True) == [("x", 1, True), ("y", 2, True), ("z", 3, True)]
    assert benefits(text, a=True) == [("x", 1, False), ("z", 3, False)]


STAGES = """policy p
currency CNY
fact stage: one of sale, care (aftercare), gone
benefit x: money = 1, at sale
benefit y: money = 2, at care
benefit z: money, best of
 3
 4 when stage is care
"""


def staged(**asked: Any) -> list[tuple[object, ...]]:
    facts = asked.pop("facts", {"stage": "sale"})
    found = answer("", STAGES, asked, **facts)["benefits"]
    return [(each["benefit"], each["stage"], each["value"], each.get("possible", False)) for each in found]


def test_benefits_belong_to_stages() -> None:
    assert staged() == [("x", "sale", 1, False), ("z", None, 3, False)]
    assert staged(at="care") == [("y", "aftercare", 2, False), ("z", None, 3, False)]
    assert staged(at="aftercare") == staged(at="care")
    assert staged(at="gone") == [("z", None, 3, False)]
    assert [each[:2] for each in staged(at="all")] == [("x", "sale"), ("y", "aftercare"), ("z", None)]
    with pytest.raises(FactsError) as error:
        staged(at="nowhere")
    assert [(problem.pointer, problem.code) for problem in error.value.problems] == [("/at", "no_such_stage")]


def test_where_the_stage_is_unknown_every_stage_is_possible() -> None:
    assert staged(facts={}) == [
        ("x", "sale", 1, True),
        ("y", "aftercare", 2, True),
        ("z", None, {"min": 3, "max": 4}, True),
    ]
    assert answer("", STAGES)["missing"] == ["stage"]


# ---------------------------------------------------------------- advice


def test_advice_stands_by_priority_and_names_its_role() -> None:
    text = (
        'choose seller\n hq "HQ team" ("总部") when a\n city "City team" otherwise\n'
        'advise "Last"\nadvise "Second" to seller priority 2\nadvise "First" to "Sales" priority 1 when b\nadvise "Never" when s > 99'
    )
    found = answer(text, s=0, a=True)["advice"]
    assert [(each["action"], each["to"], each.get("possible", False)) for each in found] == [
        ("First", "Sales", True),
        ("Second", "HQ team", False),
        ("Last", None, False),
    ]
    undecided = answer(text, s=0, asked={"lang": "zh"})
    assert undecided["advice"][1]["to"] == {"possible": ["总部", "City team"]}
    assert undecided["missing"] == ["a", "b"]


# ---------------------------------------------------------------- why not


def test_what_keeps_a_better_tier_away() -> None:
    head = HEAD.replace("A from 80", "A from 80 and a and not b")
    found = answer("", head + ' at most B when b or s < 50 "Held"\n', {"explain": "full"}, s=40, b=True)[
        "why_not"
    ]
    best = next(each for each in found if each["tier"] == "A")
    assert [(each["rule"], each["condition"], each["distance"]) for each in best["failed"]] == [
        ("g.A", "s >= 80", 40),
        ("g.A", "a", None),
        ("g.A", "not b", None),
        ("g.held", "not b", None),
        ("g.held", "s >= 50", 10),
    ]
    assert [each["tier"] for each in found] == ["B", "A"]


LIMITED = """policy p
fact s: number
fact b: yes/no
fact c: text
tiers g by s
 A from 10 and b
 B over 5
 C otherwise
 at least B when c is "x"
 at most C when not b
"""


def missed(head: str = LIMITED, **facts: Any) -> dict[str, list[str]]:
    """What keeps each better tier away, in words."""
    found = answer("", head, {"explain": "full"}, **facts)["why_not"]
    return {each["tier"]: [failed["condition"] for failed in each["failed"]] for each in found}


def test_where_a_floor_reaches_a_tier_only_the_cap_keeps_it_away() -> None:
    assert missed(s=3, b=False, c="x") == {"B": ["b"], "A": ["s >= 10", "b", "b"]}
    assert answer("", LIMITED, s=3, b=True, c="x")["tiers"]["g"]["tier"] == "B"


def test_a_floor_that_does_not_hold_is_no_way_up() -> None:
    assert missed(s=3, b=True, c="y") == {"B": ["s > 5"], "A": ["s >= 10"]}
    assert missed(s=3, b=True) == {"B": ["s > 5"], "A": ["s >= 10"]}


def test_where_a_better_tier_is_earned_only_the_cap_keeps_the_lesser_away() -> None:
    head = "policy p\nfact a: yes/no\nfact b: yes/no\nfact c: yes/no\ntiers g\n A when a\n B when b\n C otherwise\n at most C when c\n"
    assert missed(head, a=True, b=False, c=True) == {"B": ["not c"], "A": ["not c"]}


@pytest.mark.parametrize(
    ("condition", "told", "strict"),
    [
        ("over 5", "s > 5", True),
        ("from 6", "s >= 6", False),
        ("from 1 and s is not 5", "s <> 5", True),
    ],
)
def test_a_distance_of_nothing_says_that_the_threshold_is_not_enough(
    condition: str, told: str, strict: bool
) -> None:
    head = f"policy p\nfact s: number\ntiers g by s\n A {condition}\n B otherwise\n"
    (failed,) = answer("", head, {"explain": "full"}, s=5)["why_not"][0]["failed"]
    assert (failed["condition"], failed["distance"]) == (told, 0 if strict else 1)
    assert failed.get("strict", False) is strict


def test_a_cap_is_strict_the_other_way_round() -> None:
    head = HEAD + " at most B when s >= 90\n"
    (failed,) = answer("", head, {"explain": "full"}, s=90)["why_not"][0]["failed"]
    assert (failed["condition"], failed["distance"], failed["strict"]) == ("s < 90", 0, True)
    head = HEAD + " at most B when s > 90\n"
    (failed,) = answer("", head, {"explain": "full"}, s=91)["why_not"][0]["failed"]
    assert (failed["condition"], failed["distance"], "strict" in failed) == ("s <= 90", 1, False)


def test_a_division_that_stands_twice_is_told_once() -> None:
    head = "policy p\nfact n: number\nfact m: number\ntiers g\n A when n / m > 5\n B when n / m > 2\n C otherwise\n"
    found = answer("", head, n=1, m=0)
    assert found["why"] == "`g` is not decided: `n / m` divides by zero"
    assert answer("", head, {"lang": "zh"}, n=1, m=0)["why"].count("除数为零") == 1


def test_only_what_is_better_is_promised() -> None:
    text = MATRIX + "benefit wait: duration, less is better\n 1 hour when g is A\n 2 hours\n"
    found = answer(text, HEAD, {"explain": "full"}, s=60)["why_not"]
    assert [(each["benefit"], each["value"]) for each in found[0]["benefits"]] == [
        ("off", Decimal("0.1")),
        ("wait", "PT1H"),
    ]


# ---------------------------------------------------------------- shape


def test_every_key_is_always_there() -> None:
    keys = [
        "decision_id", "policy", "engine", "as_of", "customer", "status", "tiers", "scores", "values", "segments", "tags",
        "benefits", "advice", "reasons", "assumed", "missing", "why",
    ]  # fmt: skip
    kept_out = "policy p\napplies when a\nfact a: yes/no\n"
    for decision in (answer("", s=1), answer("", kept_out, a=False), answer("", kept_out)):
        assert list(decision) == keys
    assert "why_not" in answer("", asked={"explain": "full"}, s=1)
    assert answer("", asked={"explain": "none"}, s=1)["reasons"] == []


def test_an_engine_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UnknownEngine) as error:
        answer("", asked={"engine": "quantum"}, s=1)
    assert "`quantum`" in error.value.message()
    assert "`reference`" in error.value.message("zh")


def test_examples_say_what_differed() -> None:
    text = (
        HEAD
        + 'example "e"\n given s = 70\n expect g = A\nexample "f"\n given a = yes\n expect g in A, B, C\n'
    )
    first, second = run_examples(compile_policy(Source(text)), today=DAY)
    assert second.passed
    assert not first.passed
    assert first.problems == (("`g` was expected to be A, but is B", "`g` 应为 A，实为 B"),)


@pytest.mark.parametrize(
    ("given_", "listed", "passes"),
    [
        ("s = 70", "A, B", True),
        ("s = 70", "A, C", False),
        ("s = unknown", "A, B, C", True),
        ("s = unknown", "C, B, A", True),
        ("s = unknown", "A, B", False),
        ("s = 90", "A, B, C", True),
    ],
)
def test_one_comes_out_or_exactly_these_stay_possible(given_: str, listed: str, passes: bool) -> None:
    text = f'{HEAD}example "e"\n given {given_}\n expect g in {listed}\n'
    (found,) = run_examples(compile_policy(Source(text)), today=DAY)
    assert found.passed is passes


def test_more_expected_than_stays_possible_is_said() -> None:
    head = HEAD.replace("C otherwise", "C otherwise\n at most B when a")
    text = f'{head}example "e"\n given s = 90\n expect g in A, B, C\n'
    (found,) = run_examples(compile_policy(Source(text)), today=DAY)
    assert found.problems == (
        (
            "`g` was expected to be A or B or C (each of them possible), but is A or B",
            "`g` 应为 A 或 B 或 C（均有可能），实为 A 或 B",
        ),
    )


def test_numbers_are_written_with_all_their_digits() -> None:
    values = {
        "a": Decimal("5E+5"),
        "b": Decimal("0.000000000000000000001"),
        "c": [1, None, True, "“x”\n"],
        "d": {},
    }
    text = '{"a": 500000, "b": 0.000000000000000000001, "c": [1, null, true, "“x”\\n"], "d": {}}'
    assert dumps(values) == text
    assert parse_json(dumps(values, 2)) == parse_json(text)
    with pytest.raises(TypeError):
        dumps(1.5)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('ab/~"\\', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values, st.sampled_from((None, 2)))
def test_what_is_written_is_read_back(value: object, indent: int | None) -> None:
    assert parse_json(dumps(value, indent)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=8))
def test_decimals_come_out_as_they_went_in(number: Decimal) -> None:
    found = decimal(Fraction(number))
    assert found == number
    exponent = found.as_tuple().exponent
    assert isinstance(exponent, int)
    assert exponent <= 0
    assert not f"{found:f}".endswith("0") or exponent == 0


@given(st.fractions(), st.integers(0, 6))
def test_rounding_is_to_the_nearest_and_halves_go_outwards(number: Fraction, places: int) -> None:
    found = rounded(number, places)
    assert (found * 10**places).denominator == 1
    assert abs(found - number) <= Fraction(1, 2 * 10**places)
    assert rounded(-number, places) == -found
    assert rounded(Fraction(5, 2), 0) == 3


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-600, 600))
def test_months_keep_the_day_or_end_the_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or add_months(later, 1).day >= later.day


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "P0D"),
        (86400 * 30, "P30D"),
        (4 * 3600, "PT4H"),
        (900, "PT15M"),
        (129600, "P1DT12H"),
        (61, "PT1M1S"),
        (-86400, "-P1D"),
        (Decimal("0.5"), "PT0.5S"),
    ],
)
def test_durations_are_written_canonically(seconds: Decimal | int, text: str) -> None:
    assert duration_text(Decimal(seconds)) == text


def test_values_in_words() -> None:
    assert value_words(Decimal(500000), MONEY, "en") == "500,000"
    assert value_words(Decimal("0.155"), PERCENT, "zh") == "15.5%"
    assert value_words(Decimal(86400), DURATION, "en") == "1 day"
    assert value_words(Decimal(2592000), DURATION, "zh") == "30天"
    assert value_words(Decimal(5400), DURATION, "en") == "90 minutes"
    assert value_words(Decimal(6), PERIOD, "en") == "6 months"
