"""One test for each ruling on what is unknown, undecided, or held between bounds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dsl.checker import compile_policy
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine.decision import Decision, Range, to_json
from engine.facts import FactsError, read_facts
from tests.engines import decide

DAY = date(2026, 6, 30)
HEAD = "policy p\n"


def compiled(text: str) -> CheckedPolicy:
    return compile_policy(Source(HEAD + text))


def answer(text: str, on: date = DAY, **facts: Any) -> Decision:
    policy = compiled(text)
    return decide(policy, read_facts(policy, facts), as_of=on)


def value(text: str, on: date = DAY, **facts: Any) -> Any:
    """The value `v` of a policy, as JSON."""
    return to_json(answer(text, on, **facts))["values"]["v"]  # type: ignore[index, call-overload]


# ---------------------------------------------------------------- conditions

LOGIC = "fact a: yes/no\nfact b: yes/no\nvalue v: yes/no = "


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        ("a and b", {"a": False}, False),
        ("a and b", {"a": True}, None),
        ("a or b", {"a": True}, True),
        ("a or b", {"a": False}, None),
        ("a or b", {"a": False, "b": False}, False),
        ("not a", {}, None),
        ("not a", {"a": False}, True),
        ("a is unknown", {}, True),
        ("a is not unknown", {"a": False}, True),
    ],
)
def test_conditions_are_kleene(condition: str, facts: dict[str, Any], expected: bool | None) -> None:
    assert value(LOGIC + condition, **facts) is expected


def test_nothing_is_tried_out_case_by_case() -> None:
    assert value("fact a: yes/no\nvalue v: yes/no = a or not a") is None


def test_a_comparison_with_the_unknown_is_unknown_whatever_its_bounds() -> None:
    text = "fact n: number, at least 0\nvalue v: yes/no = n >= 0"
    assert value(text) is None
    assert value(text, n=0) is True


def test_arithmetic_with_the_unknown_is_unknown() -> None:
    text = "fact n: number\nfact m: number\nvalue v: number = n * m"
    assert value(text, m=0) is None


def test_contains_and_in() -> None:
    text = "fact l: list of text\nfact e: one of x, y, z\nvalue v: yes/no = "
    assert value(text + 'l contains "a"', l=["a", "b"]) is True
    assert value(text + 'l contains "a"', l=[]) is False
    assert value(text + 'l contains "a"') is None
    assert value(text + "e in x, y", e="y") is True
    assert value(text + "e not in x, y", e="y") is False
    assert value(text + "e in x, y") is None


# ---------------------------------------------------------------- arithmetic


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("n / 3 rounded to 2 places", "0.83"),
        ("n / 4 rounded to 2 places", "0.63"),
        ("-n / 4 rounded to 2 places", "-0.63"),
        ("(n / 3) * 3 rounded to 8 places", "2.5"),
        ("n ^ 3", "15.625"),
        ("min of (n, 2, 3)", "2"),
        ("max of (n, -n)", "2.5"),
        ("n - 1 - 1", "0.5"),
    ],
)
def test_arithmetic_is_exact_and_rounds_once(expr: str, expected: str) -> None:
    assert value(f"fact n: number\nvalue v: number = {expr}", n="2.5") == Decimal(expected)


def test_division_by_zero_is_unknown_and_named() -> None:
    text = "fact n: number\nfact m: number\ntiers t\n A when n / m > 2\n B otherwise"
    decision = answer(text, n=1, m=0)
    assert decision.status == "undetermined"
    assert decision.missing == ()
    assert decision.why == "`t` is not decided: `n / m` divides by zero"
    assert decision.reasons[-1].label == "`n / m` divides by zero"
    assert decision.reasons[-1].line == 5


def test_a_comparison_of_a_ratio_is_exact() -> None:
    text = "fact n: number\nfact m: number\nvalue v: yes/no = n / m >= 3"
    assert value(text, n=1, m="0.33333333") is True
    assert value(text, n=1, m="0.33333334") is False


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("d + 1 month", "2024-02-29"),
        ("d - 2 months", "2023-11-30"),
        ("d + 30 days", "2024-03-01"),
        ("end of quarter of d", "2024-03-31"),
        ("start of year of d", "2024-01-01"),
    ],
)
def test_dates(expr: str, expected: str) -> None:
    assert value(f"fact d: date\nvalue v: date = {expr}", d="2024-01-31") == expected


@pytest.mark.parametrize(
    ("unit", "day", "expected"),
    [
        ("days", "2026-07-10", -10),
        ("months", "2026-01-31", 5),
        ("months", "2026-05-31", 1),
        ("months", "2026-06-01", 0),
        ("months", "2026-07-30", -1),
        ("years", "2020-02-29", 6),
    ],
)
def test_whole_days_months_and_years_since(unit: str, day: str, expected: int) -> None:
    assert value(f"fact d: date\nvalue v: whole number = {unit} since d", d=day) == expected


def test_sums_that_leave_the_calendar_stop_at_its_end() -> None:
    assert value("fact d: date\nvalue v: date = d + 1 month", d="9999-12-31") == "9999-12-31"


def test_a_parameter_has_its_value_of_the_day() -> None:
    text = "set rate: number = 1\n from 2026-07-01: 2\nvalue v: number = rate * 3"
    assert value(text) == 3
    assert value(text, date(2026, 7, 1)) == 6


def test_a_graduated_value_adds_up_its_brackets() -> None:
    text = "currency CNY\nfact n: money\nvalue v: money graduated by n\n| n | v |\n| below 100 | 1% |\n| 100 to 200 | 2% |\n| 200 or more | 10% |"
    assert [value(text, n=n) for n in (0, 50, 100, 150, 300)] == [0, Decimal("0.5"), 1, 2, 13]
    assert value(text) is None


# ---------------------------------------------------------------- scores

SCORE = "fact a: yes/no\nfact n: whole number\nscore s "


@pytest.mark.parametrize(
    ("lines", "facts", "expected"),
    [
        ("\n +10 when a", {}, {"min": 0, "max": 10}),
        ("\n -10 when a", {}, {"min": -10, "max": 0}),
        ("\n +10 when a\n -10 when n > 3", {}, {"min": -10, "max": 10}),
        ("between 0 and 5\n +10 when a", {}, {"min": 0, "max": 5}),
        ("between 20 and 30\n +10 when a", {}, 20),
        ("\n +5 per n", {"n": 3}, 15),
        ("\n +5 per n up to 12", {"n": 3}, 12),
        ("\n +5 per 2 of n", {"n": 3}, 5),
        ("\n +5 per n", {"n": -3}, 0),
        ("\n +5 per n up to 12", {}, {"min": 0, "max": 12}),
        ("\n -5 per n up to 12", {}, {"min": -12, "max": 0}),
        ("\n +5 per n", {}, {"min": 0, "max": None}),
        ("between 0 and 100 = n", {}, {"min": 0, "max": 100}),
        ("= n", {}, {"min": None, "max": None}),
    ],
)
def test_an_undecided_score_is_a_range(lines: str, facts: dict[str, Any], expected: object) -> None:
    assert to_json(answer(SCORE + lines, **facts))["scores"] == {"s": expected}


TABLE = "fact a: yes/no\nfact n: whole number\nscore s\n| a | n | points |\n| yes | below 5 | 1 |\n| no | below 5 | - |\n| - | 5 or more | 7 |"


def test_an_undecided_table_is_the_range_of_the_rows_not_ruled_out() -> None:
    assert to_json(answer(TABLE, n=3))["scores"] == {"s": {"min": 0, "max": 1}}
    assert to_json(answer(TABLE, n=5))["scores"] == {"s": 7}
    assert to_json(answer(TABLE))["scores"] == {"s": {"min": 0, "max": 7}}


def test_where_a_column_asks_for_unknown_the_other_cells_do_not_match_it() -> None:
    text = (
        "fact n: whole number\nscore s\n| n | points |\n| unknown | 3 |\n| below 5 | 1 |\n| 5 or more | 7 |"
    )
    decision = answer(text)
    assert decision.scores == {"s": 3}
    assert decision.missing == ()


def test_an_unknown_cell_at_the_end_leaves_no_other_row_possible() -> None:
    text = (
        "fact n: whole number\nscore s\n| n | points |\n| below 5 | 1 |\n| 5 or more | 2 |\n| unknown | 7 |"
    )
    assert [answer(text).scores["s"], answer(text, n=4).scores["s"], answer(text, n=5).scores["s"]] == [
        7,
        1,
        2,
    ]
    assert answer(text).missing == ()


def test_a_range_is_compared_by_its_ends() -> None:
    text = SCORE + "\n +10 when a\n 20 when yes\nvalue v: yes/no = s >= {}"
    text = SCORE + "\n +10 when a\n +20 when n > 0\nvalue v: yes/no = s {}"
    for condition, expected in (
        (">= 20", True),
        (">= 21", None),
        ("> 30", False),
        ("= 25", None),
        ("= 31", False),
        ("between 20 and 30", True),
        ("between 0 and 19", False),
        ("between 0 and 25", None),
    ):
        assert value(text.format(condition), n=1) is expected, condition


def test_clamping_is_a_reason() -> None:
    decision = answer(SCORE + "between 0 and 5\n +10 when a", a=True)
    assert [(reason.rule, reason.gives) for reason in decision.reasons] == [("s.a", 10), ("s.bounds", -5)]


BOUNDED = "score s between 0 and 10\n a: +7 when n > 1\n b: +7 when n > 2\n c: -30 when n > 3"


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("fact n: number\n" + BOUNDED, Range(Decimal(-4), Decimal(30))),
        ("fact n: number\n" + BOUNDED.replace("a: +7", "a: +3"), Range(Decimal(0), Decimal(30))),
        ("fact n: number\n" + BOUNDED.replace("c: -30", "c: -0"), Range(Decimal(-4), Decimal(0))),
        ("fact n: number\nscore s between 0 and 10 = n", Range(None, None)),
    ],
)  # fmt: skip
def test_the_range_of_a_clamping_is_all_that_it_may_add(text: str, bounds: Range) -> None:
    assert [reason.gives for reason in answer(text).reasons if reason.rule == "s.bounds"] == [bounds]


def test_a_line_that_adds_nothing_gives_no_reason() -> None:
    assert answer(SCORE + "\n +10 when a\n +5 per n", a=False, n=0).reasons == ()


# ---------------------------------------------------------------- first match

FIRST = "fact a: yes/no\nfact b: yes/no\n"
CHOICE = FIRST + 'choose c{}\n one "One" when a\n two "Two" when b\n three "Three" otherwise'


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"a": True}, "one"),
        ({"b": True}, {"possible": ["one", "two"]}),
        ({"a": False}, {"possible": ["two", "three"]}),
        ({}, {"possible": ["one", "two", "three"]}),
        ({"a": False, "b": False}, "three"),
    ],
)
def test_undecided_lines_before_the_first_true_one_stay_possible(
    facts: dict[str, Any], expected: object
) -> None:
    assert to_json(answer(CHOICE.format(""), **facts))["segments"] == {"c": expected}


def test_under_exactly_one_a_true_line_settles_it() -> None:
    text = "fact a: yes/no\nfact n: whole number\nchoose c exactly one\n x when n > 5 and a\n y when n < 3\n z otherwise"
    assert answer(text, n=1).segments == {"c": "y"}
    exact = "fact e: one of p, q\nfact f: one of p, q\nchoose c exactly one\n x when e is p and f is p\n y when e is q\n z otherwise"
    assert answer(exact, e="q").segments == {"c": "y"}


def test_results_that_agree_are_decided() -> None:
    text = FIRST + "value v: number\n 1 when a\n 1 when b\n 1 otherwise"
    assert value(text) == 1
    assert answer(text).missing == ()


def test_undecided_numbers_are_a_range_and_texts_a_set() -> None:
    assert value(FIRST + "value v: number\n 1 when a\n 5 when b\n 3 otherwise") == {"min": 1, "max": 5}
    assert value(FIRST + 'value v: text\n "x" when a\n "y" otherwise') == {"possible": ["x", "y"]}


def test_what_is_read_from_an_undecided_choice() -> None:
    for condition, expected in (
        ("c in one, two", None),
        ("c in two, three", True),
        ("c is one", False),
        ("c is two", None),
    ):
        text = CHOICE.format("") + f"\nvalue v: yes/no = {condition}"
        assert value(text, a=False) is expected, condition


def test_tags_that_hold_and_tags_that_may() -> None:
    text = FIRST + 'tags t\n "x" when a\n "y" when b\nvalue v: yes/no = t contains "{}"'
    assert answer(text.format("x"), a=True, b=False).tags == {"t": ("x",)}
    undecided = to_json(answer(text.format("x"), a=True))
    assert undecided["tags"] == {"t": {"held": ["x"], "possible": ["y"]}}
    assert undecided["missing"] == ["b"]
    assert value(text.format("x"), a=True) is True
    assert value(text.format("y"), a=True) is None


# ---------------------------------------------------------------- ladders

LADDER = FIRST + "fact s: number\ntiers g by s\n A from 80\n B from 60\n C from 40\n D otherwise\n"


def tiers(text: str, **facts: Any) -> tuple[str, ...]:
    return answer(LADDER + text, **facts).tiers["g"].possible


@pytest.mark.parametrize(
    ("limits", "facts", "expected"),
    [
        ("", {"s": 60}, "B"),
        ("", {}, "ABCD"),
        (" at least B when a", {"s": 0, "a": True}, "B"),
        (" at least B when a", {"s": 0}, "BD"),
        (" at least B when a", {"s": 90}, "A"),
        (" at most C when a", {"s": 90}, "AC"),
        (" at most C when a", {"s": 10}, "D"),
        (" at least B when a\n at most C when b", {"s": 0, "a": True, "b": True}, "C"),
        (" at least B when a\n at least C when b", {"s": 0, "a": True, "b": True}, "B"),
        (" at least B when a\n at least C when b", {"s": 0, "b": True}, "BC"),
        (" at most B when a\n at most C when b", {"s": 90, "a": True}, "BC"),
        (" at least C when a\n at most B when b", {"a": True, "b": True}, "BC"),
    ],
)
def test_floors_then_caps_on_every_possible_tier(limits: str, facts: dict[str, Any], expected: str) -> None:
    assert "".join(tiers(limits, **facts)) == expected


def test_a_tier_that_is_not_decided_is_null() -> None:
    outcome = to_json(answer(LADDER + " at least B when a", s=0))["tiers"]
    assert outcome == {"g": {"tier": None, "label": None, "score": 0, "possible": ["B", "D"]}}


def test_tiers_are_compared_by_their_order() -> None:
    text = LADDER + " at least B when a\nvalue v: yes/no = g is {}"
    assert value(text.format("at least B"), s=0) is None
    assert value(text.format("at least D"), s=0) is True
    assert value(text.format("over B"), s=0) is False


def test_limits_that_acted_are_reasons_and_others_are_not() -> None:
    text = LADDER + ' at least B when a "Signed"\n at most C when b "Late"'
    rules = [reason.label for reason in answer(text, s=70, a=True, b=True).reasons]
    assert rules == ["B", "Late"]


def test_a_limit_that_cannot_move_the_tier_leaves_nothing_missing() -> None:
    assert answer(LADDER + " at least B when a\n at most C when b", s=90, b=True).missing == ()


# ---------------------------------------------------------------- whom the policy grades

APPLIES = 'applies when a "Not ours"\nfact a: yes/no\ntiers g\n A when a\n B otherwise\nbenefit x: percent = 5%\nadvise "Call"\n'


def test_who_is_kept_out_is_not_graded() -> None:
    decision = answer(APPLIES, a=False)
    assert decision.status == "not_applicable"
    assert decision.why == "Not ours"
    assert decision.tiers["g"].tier is None
    assert decision.benefits == ()
    assert decision.advice == ()


def test_where_it_is_not_known_whether_the_policy_applies() -> None:
    decision = answer(APPLIES)
    assert decision.status == "undetermined"
    assert decision.tiers["g"].possible == ("A", "B", "not_applicable")
    assert decision.missing == ("a",)
    assert decision.benefits[0].possible
    assert decision.advice[0].possible
    assert decision.why == "it is not known whether the policy applies: `a` not known"


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2025, 12, 31), "the policy holds from 2026-01-01 on"),
        (date(2026, 1, 1), None),
        (date(2026, 12, 31), None),
        (date(2027, 1, 1), "the policy held until 2026-12-31"),
    ],
)
def test_outside_its_dates_the_policy_does_not_apply(day: date, why: str | None) -> None:
    text = "effective from 2026-01-01 until 2026-12-31\nfact a: yes/no\nvalue v: yes/no = a"
    decision = answer(text, day, a=True)
    assert decision.why == why
    assert decision.status == ("decided" if why is None else "not_applicable")


def test_a_policy_without_a_ladder_answers() -> None:
    decision = answer("fact a: yes/no\nvalue v: yes/no = a")
    assert (decision.status, decision.tiers, decision.missing) == ("decided", {}, ("a",))


def test_missing_names_only_what_something_undecided_has_read() -> None:
    text = FIRST + "fact c: yes/no\nfact d: yes/no\ntiers g\n A when (a or b) and c\n B otherwise"
    assert answer(text, c=True, a=False).missing == ("b",)
    assert answer(text, c=False).missing == ()
    assert answer(text).missing == ("a", "b", "c")


def test_a_default_is_assumed_and_a_required_fact_is_asked_for() -> None:
    text = "fact a: duration, default 1 day\nfact b: number, required\nvalue v: yes/no = a > 0 days and b > 0"
    decision = answer(text, b=1)
    assert to_json(decision)["assumed"] == {"a": "P1D"}
    assert answer(text, b=1, a="P2D").assumed == {}
    with pytest.raises(FactsError) as refused:
        answer(text, b=None)
    assert [problem.code for problem in refused.value.problems] == ["required"]
