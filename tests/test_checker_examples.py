"""Examples, and what is kept for later: lifecycles, events, watches."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dsl.model import Example, Expectation
from tests.checked import compiled, problems, sentences

TICKET = "event ticket: severity (one of low, high)\n"
ORDER = "event order\n"
BODY = """fact needs: list of one of credit, storage, advice "Needs"
tiers grade by total
  Gold from 80
  Silver otherwise
value spend: money = amount * 2
choose who
  hq "HQ team" when strategic
  "City team" otherwise
tags marks
  vip "VIP" when strategic
benefit discount: percent = 3%
"""


def example(lines: str) -> Example:
    return compiled(BODY + 'example "one"\n' + lines).examples[0]


# ---------------------------------------------------------------- the model


def test_what_is_given_is_typed_by_its_fact() -> None:
    found = example(
        "  given orders = 5, amount = 50w, stage = contract, needs = credit, advice, overdue = 2 days\n"
        "  given strategic = yes, listed is unknown\n  expect total = 5\n"
    )
    assert dict(found.given) == {
        "orders": Decimal(5),
        "amount": Decimal(500000),
        "stage": "contract",
        "needs": ("credit", "advice"),
        "overdue": Decimal(172800),
        "strategic": True,
        "listed": None,
    }


def test_everything_that_a_policy_works_out_may_be_expected() -> None:
    found = example(
        "  given orders = 5\n"
        "  expect total between 1 and 9, spend is unknown, grade in Gold, Silver, who = hq\n"
        "  expect marks contains vip, discount = 3%\n"
    )
    assert found.expect == (
        Expectation("score", "total", "BETWEEN", (Decimal(1), Decimal(9))),
        Expectation("value", "spend", "UNKNOWN"),
        Expectation("ladder", "grade", "IN", ("Gold", "Silver")),
        Expectation("choice", "who", "=", ("hq",)),
        Expectation("tags", "marks", "CONTAINS", ("vip",)),
        Expectation("benefit", "discount", "=", (Decimal("0.03"),)),
    )


def test_not_graded_and_not_granted() -> None:
    assert example("  expect not graded\n").expect == (Expectation("status", "", "NOT_GRADED"),)
    assert example("  expect discount = none\n").expect == (Expectation("benefit", "discount", "NONE"),)


def test_an_outcome_by_its_text() -> None:
    assert example('  expect who = "City team"\n').expect[0].values == ("City team",)


# ---------------------------------------------------------------- what is reported


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("  given orders = 5\n", ("W701", '"one"')),
        ("  given total = 5\n  expect grade = Gold\n", ("E207", "total")),
        ("  given ordrs = 5\n  expect grade = Gold\n", ("E201", "ordrs")),
        ("  given orders = 5, orders = 6\n  expect grade = Gold\n", ("E703", "orders = 6")),
        (
            "  given stage = contract, delivery\n  expect grade = Gold\n",
            ("E704", "stage = contract, delivery"),
        ),
        ("  given orders between 1 and 2\n  expect grade = Gold\n", ("E704", "orders between 1 and 2")),
        ("  given not graded\n  expect grade = Gold\n", ("E712", "not graded")),
        ("  given orders = -1\n  expect grade = Gold\n", ("E705", "orders = -1")),
        ("  given orders = 1001\n  expect grade = Gold\n", ("E705", "orders = 1001")),
        ("  given amount = 5 days\n  expect grade = Gold\n", ("E304", "5 days")),
        ("  given stage = contrct\n  expect grade = Gold\n", ("E205", "contrct")),
        ("  expect orders = 5\n", ("E707", "orders = 5")),
        ("  expect grade = Glod\n", ("E205", "Glod")),
        ("  expect totl = 5\n", ("E201", "totl")),
        ("  expect total in 3, 4\n", ("E708", "total in 3, 4")),
        ("  expect grade = Gold, Silver\n", ("E708", "grade = Gold, Silver")),
        ("  expect grade between Gold and Silver\n", ("E708", "grade between Gold and Silver")),
        ("  expect marks = vip\n", ("E708", "marks = vip")),
        ("  expect discount = 5 days\n", ("E304", "5 days")),
        ("  expect total = 5, total = 6\n", ("E709", "total = 6")),
        ("  expect total between 6 and 5\n", ("E710", "total between 6 and 5")),
        ("  expect not graded, grade = Gold\n", ("E711", "not graded")),
    ],
)
def test_problems(lines: str, expected: tuple[str, str]) -> None:
    assert problems(BODY + 'example "one"\n' + lines) == [expected]


def test_every_example_has_a_name_of_its_own() -> None:
    twice = 'example "one"\n  expect grade = Gold\n' * 2
    assert problems(BODY + twice) == [("E701", '"one"')]


def test_a_required_fact_is_given_and_known() -> None:
    body = BODY + 'fact size: number "Size", required\n'
    assert problems(body + 'example "one"\n  expect grade = Gold\n') == [("W702", '"one"')]
    unknown = 'example "one"\n  given size is unknown\n  expect grade = Gold\n'
    assert problems(body + unknown) == [("E706", "size is unknown")]


def test_help_says_how_to_expect_it() -> None:
    words = sentences(BODY + 'example "one"\n  expect marks = vip\n')[0]
    assert "write `marks contains`" in words


# ---------------------------------------------------------------- over time


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("event ticket: severity (one of low, high), cost money\n", ("W801", "ticket")),
        (ORDER + "lifecycle j starts a\n  a to b after 9 days without order\n", ("W801", "j")),
        (TICKET + "watch w\n  when 3 ticket where severity is high within 3 days\n", ("W801", "w")),
    ],
)  # fmt: skip
def test_kept_but_not_evaluated(body: str, expected: tuple[str, str]) -> None:
    found = problems(BODY + body)
    assert expected in found
    assert {code for code, _ in found} == {"W801"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("movement of grde\n  review monthly\n", ("E201", "grde")),
        ("movement of grade\n  hold while stage is contrct\n", ("E205", "contrct")),
        ("movement of grade\n  move down at once when strategc\n", ("E201", "strategc")),
        ("movement of grade\n  freeze until 5 days\n", ("E304", "5 days")),
        (ORDER + "lifecycle stage starts prospct\n  prospect to contract on order\n", ("E205", "prospct")),
        (ORDER + "lifecycle stage starts prospect\n  prospect to contrct on order\n", ("E205", "contrct")),
        ("event ticket: cost money, cost number\n", ("E202", "cost")),
        (TICKET + "watch w\n  when 3 ticket where severity is hgh within 3 days\n", ("E205", "hgh")),
        ("event ticket\nwatch w\n  when 3 tiket within 3 days\n", ("W803", "tiket")),
        ('event ticket\nwatch w\n  when no ticket within 3 days\n  do "Call" to whoo\n', ("E660", "whoo")),
        ("event ticket\nwatch w\n  when no ticket within 3 days\n  except when orders\n", ("E305", "orders")),
    ],
)  # fmt: skip
def test_words_are_checked_all_the_same(body: str, expected: tuple[str, str]) -> None:
    assert [item for item in problems(BODY + body) if item[0] != "W801"] == [expected]
