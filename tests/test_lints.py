"""Lints: protected facts, what nothing reads, conditions that say nothing, `is unknown` lines that come too
late.
"""

from __future__ import annotations

from textwrap import dedent

import pytest

from dsl.checker import check
from dsl.source import Source

HEAD = """\
policy p
currency CNY
fact amount: money, at least 0
fact orders: whole number, at least 0, at most 50
fact gender: one of female, male, protected
fact region: one of east, west, north
fact listed: yes/no
"""
# Reads every fact, so that only what a test is about is left to be said.
USED = """\
tags used
  "amount" when amount > 1
  "orders" when orders > 1
  "region" when region is east
  "listed" when listed
"""


def found(body: str, head: str = HEAD) -> list[str]:
    """What is said of a policy, with the line of its body, `used` and all that is `protected` aside."""
    text = head + USED + dedent(body)
    _, problems = check(Source(text))
    before = (head + USED).count("\n")
    lines = [(Source(text).place(each.span.start)[0] - before, each) for each in problems]
    return [f"{line} {each.code.code} {each.message()}" for line, each in lines if line > 0]


def codes(body: str, head: str = HEAD) -> list[str]:
    return [" ".join(each.split()[:2]) for each in found(body, head)]


# ---------------------------------------------------------------- protected


def test_a_protected_fact_that_decides_a_tier_is_an_error_with_its_chain() -> None:
    body = """\
    value fit: number
      1 when gender is female
      0 otherwise
    score total = fit + 1
    tiers grade by total
      A from 2
      B otherwise
    """
    assert found(body) == [
        "5 E901 the protected fact `gender` decides `grade`: "
        "`grade` reads `total`, `total` reads `fit`, `fit` reads `gender`"
    ]


def test_a_protected_fact_in_points_and_benefits_and_applies() -> None:
    score = """\
    score total
      x: +10 when gender is female
    """
    assert codes(score) == ["2 E901"]
    benefit = """\
    benefit gift: yes/no "Gift", when gender is female
    """
    assert codes(benefit) == ["1 E901"]
    assert codes("applies when gender is female\n") == ["1 E901"]


def test_a_protected_fact_elsewhere_is_a_warning() -> None:
    body = """\
    segment salutation
      "Madam" when gender is female
      "Sir"   otherwise
    """
    assert found(body) == [
        "2 W901 the protected fact `gender` takes part in `salutation`: `salutation` reads `gender`"
    ]
    assert codes('advise "Call" when gender is female\n') == ["1 W901"]


def test_benefits_of_a_tier_are_not_reported_beside_the_tier() -> None:
    body = """\
    tiers grade
      A when gender is female
      B otherwise
    benefits of grade
    | benefit | A  | B |
    | gift    | 5% | - |
    """
    assert codes(body) == ["2 E901"]


def test_a_protected_fact_in_movement_is_an_error() -> None:
    body = """\
    tiers grade
      A when amount > 5
      B otherwise
    movement of grade
      hold while gender is female
    """
    assert [each for each in codes(body) if "E9" in each] == ["5 E901"]


# ---------------------------------------------------------------- unused


def test_what_nothing_reads_is_named() -> None:
    head = HEAD + "fact spare: number\nset limit = 5\n"
    _, problems = check(Source(head + USED))
    assert [each.message() for each in problems] == [
        "nothing reads the fact `gender`",
        "nothing reads the fact `spare`",
        "nothing reads the parameter `limit`",
    ]


def test_a_value_is_used_when_it_is_meant_to_be_seen() -> None:
    assert codes("value margin: money = amount + 1\n") == ["1 W904"]
    assert codes('value margin: money = amount + 1 "Margin"\n') == []
    expected = """\
    value margin: money = amount + 1
    example "one"
      given amount = 5
      expect margin = 6
    """
    assert codes(expected) == []


def test_a_fact_that_a_movement_reads_is_used() -> None:
    body = """\
    fact frozen: yes/no
    tiers grade
      A when amount > 5
      B otherwise
    movement of grade
      hold while frozen
    """
    assert [each for each in codes(body) if "W902" in each] == []


# ---------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("amount >= 0", "W906 this always holds: `amount` is 0 or more"),
        ("orders > 100", "W907 this never holds: `orders` is between 0 and 50"),
        ("orders > 50", "W907 this never holds: `orders` is between 0 and 50"),
        ("orders < 51", "W906 this always holds: `orders` is between 0 and 50"),
        ("region in east, west, north", "W906 this always holds: `region` is `east` or `west` or `north`"),
        ("orders > 5 and orders < 3", "W908 this never holds: its parts exclude each other"),
        ("orders > 5 and orders < 6", "W908 this never holds: its parts exclude each other"),
        ("orders > 5 or orders < 7", "W909 this always holds: its parts together leave nothing out"),
        ("listed and not listed", "W908 this never holds: its parts exclude each other"),
        ("orders > 5 and region is east", None),
        ("orders >= 50", None),
        ("listed is unknown", None),
        ("amount > orders * 2 rounded to 2 places", None),
    ],
)
def test_conditions_that_say_nothing(condition: str, expected: str | None) -> None:
    body = f"score s\n  x: +10 when {condition}\n"
    if "amount > orders" in condition:
        body = "value twice: money = amount * orders\nscore s\n  x: +10 when twice > amount\n"
    assert found(body) == ([] if expected is None else [f"2 {expected}"])


def test_a_parameter_that_changes_is_no_constant() -> None:
    body = """\
    set limit: whole number = 60
      from 2026-07-01: 40
    score s
      x: +10 when orders > limit
    """
    assert codes(body) == []
    assert codes(body.replace("40", "70")) == ["4 W907"]


def test_the_reason_in_chinese() -> None:
    text = HEAD + USED + "score s\n  x: +10 when orders > 100\n"
    messages = [each.message("zh") for each in check(Source(text))[1] if each.code.code == "W907"]
    assert messages == ["这个条件永远不成立：`orders` 的取值范围是 介于 0 与 50"]


# ---------------------------------------------------------------- unknown


def test_an_unknown_line_below_what_it_leaves_open_warns() -> None:
    body = """\
    value size: number "Size"
      1 when orders > 5
      2 when orders is unknown
      3 otherwise
    """
    assert codes(body) == ["3 W905"]


@pytest.mark.parametrize(
    "body",
    [
        # At the top.
        'value size: number "Size"\n  2 when orders is unknown\n  1 when orders > 5\n  3 otherwise\n',
        # The line above is decided without it.
        'value size: number "S"\n  1 when orders is not unknown and orders > 5\n'
        "  2 when orders is unknown\n  3 otherwise\n",
        # Another fact.
        'value size: number "Size"\n  1 when amount > 5\n  2 when orders is unknown\n  3 otherwise\n',
        # A line that holds settles it, wherever it stands.
        "segment size exactly one\n  a when orders > 5\n  b when orders <= 5\n  c when orders is unknown\n  d otherwise\n",
    ],
)
def test_an_unknown_line_that_settles_something_does_not_warn(body: str) -> None:
    assert codes(body) == []
