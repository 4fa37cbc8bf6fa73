"""What expressions mean: their types, what a bare number becomes, what is refused, and how it is said."""

from decimal import Decimal
from itertools import product

import pytest

from dsl import operators
from dsl.checker import check
from dsl.model import (
    Arith,
    Compare,
    Const,
    Contains,
    DateMath,
    DerivedValue,
    Logic,
    OneOf,
    Param,
    Read,
    Round,
)
from dsl.source import Source
from dsl.types import Kind
from tests.checked import compiled, problems, sentences


def value(text: str, type: str = "yes/no", before: str = "") -> DerivedValue:
    """The value `v` of an expression."""
    return compiled(f"{before}\nvalue v: {type} = {text}\n").values["v"]


def compare(text: str, before: str = "") -> Compare:
    """A comparison as it stands in the model."""
    body = value(text, before=before).body
    assert isinstance(body, Compare)
    return body


@pytest.mark.parametrize(
    ("spelling", "op"),
    [
        ("amount >= 5", ">="),
        ("amount at least 5", ">="),
        ("amount is at least 5", ">="),
        ("amount 5 or more", None),
        ("amount over 5", ">"),
        ("amount below 5", "<"),
        ("amount at most 5", "<="),
        ("amount ≤ 5", "<="),
        ("amount is 5", "="),
        ("amount is not 5", "<>"),
    ],
)
def test_comparisons_have_one_form(spelling: str, op: str | None) -> None:
    body = compare(spelling)
    assert body.op == (op or ">=")
    assert isinstance(body.right, Const)
    assert (body.right.value, body.right.type.kind) == (Decimal(5), Kind.MONEY)


@pytest.mark.parametrize(
    ("text", "type", "kind"),
    [
        ("amount + 500", "money", Kind.MONEY),
        ("500 + amount", "money", Kind.MONEY),
        ("amount * 12", "money", Kind.MONEY),
        ("12 * amount", "money", Kind.MONEY),
        ("amount * 5%", "money", Kind.MONEY),
        ("5% * orders", "number", Kind.NUMBER),
        ("orders + 1", "whole number", Kind.WHOLE),
        ("orders + 0.5", "number", Kind.NUMBER),
        ("(amount / amount) rounded to 2 places", "number", Kind.NUMBER),
        ("orders * 1.5 rounded to 0 places", "whole number", Kind.WHOLE),
        ("(amount / orders) rounded to 2 places", "money", Kind.MONEY),
        ("overdue * 2 + 1 day", "duration", Kind.DURATION),
        ("today - since", "duration", Kind.DURATION),
        ("since + 30 days", "date", Kind.DATE),
        ("since + 1 year", "date", Kind.DATE),
        ("end of quarter of since", "date", Kind.DATE),
        ("months since since", "whole number", Kind.WHOLE),
        ("min of (amount, 500k)", "money", Kind.MONEY),
        ("max of (today, since)", "date", Kind.DATE),
        ("orders ^ 2", "whole number", Kind.WHOLE),
    ],
)
def test_calculations_have_the_type_that_is_expected(text: str, type: str, kind: Kind) -> None:
    body = value(text, type).body
    assert isinstance(body, Arith | DateMath | Round)
    assert body.type.kind is kind


def test_a_bare_number_beside_a_sum_is_money_and_beside_a_product_is_not() -> None:
    total = value("amount + 2 * 500", "money").body
    assert isinstance(total, Arith)
    product_ = total.args[1]
    assert isinstance(product_, Arith)
    assert [arg.type.kind for arg in product_.args] == [Kind.WHOLE, Kind.MONEY]
    assert product_.type.kind is Kind.MONEY


@pytest.mark.parametrize("text", ["amount / amount >= 15%", "amount / amount > 3", "3 < amount / amount"])
def test_a_comparison_with_one_division_needs_no_rounding(text: str) -> None:
    assert compare(text).type.kind is Kind.YES_NO


def test_a_ratio_may_be_a_percentage() -> None:
    body = value("amount / (amount + 1) rounded to 4 places", "percent").body
    assert isinstance(body, Round)
    assert body.type.kind is Kind.PERCENT
    assert compare("amount / amount > 5%").left.type.kind is Kind.PERCENT


def test_time_since_is_compared_in_its_own_unit() -> None:
    days, months = compare("days since since >= 90 days"), compare("months since since >= 1 year")
    assert isinstance(days.right, Const)
    assert isinstance(months.right, Const)
    assert (days.right.value, months.right.value) == (Decimal(90), Decimal(12))
    assert days.right.type.kind is Kind.WHOLE


def test_words_are_first_values_of_the_left_side() -> None:
    """`delivery` belongs to two enumerations, and `phase` is a fact besides."""
    left = compare("phase is delivery")
    assert isinstance(left.right, Const)
    assert (left.right.value, left.right.type.owner) == ("delivery", "phase")
    assert isinstance(value("stage in contract, delivery").body, OneOf)


def test_lists_contain() -> None:
    before = "fact needs: list of one of prepay, credit\nfact need: one of prepay, credit\n"
    assert isinstance(value("needs contains prepay", before=before).body, Contains)
    assert problems(before + "value v: yes/no = needs contains prepaid\n", warnings=False) == [
        ("E205", "prepaid")
    ]


def test_between_is_two_comparisons() -> None:
    body = value("amount between 1k and 2k").body
    assert isinstance(body, Logic)
    assert [part.op for part in body.args if isinstance(part, Compare)] == [">=", "<="]


def test_tiers_have_an_order_and_enumerations_have_none() -> None:
    ladder = "tiers grade by total\n  A from 80\n  B otherwise\n"
    assert compare("grade is at least B", ladder).op == ">="
    assert problems("value v: yes/no = stage > contract\n", warnings=False) == [("E303", "stage > contract")]


def test_shared_ladders_can_be_compared_and_others_cannot() -> None:
    ladders = (
        "score other = orders\n"
        "tiers grade by total\n  A from 80\n  B otherwise\n"
        "tiers base_grade by other like grade\n"
        "tiers size by total\n  big from 10\n  small otherwise\n"
    )
    assert compare("grade is base_grade", ladders).op == "="
    assert ("E317", "size") in problems(f"{ladders}value v: yes/no = grade is size\n")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("overdue > 5m", "E308", "5m"),
        ("overdue > 30", "E309", "30"),
        ("overdue > 6 months", "E310", "6 months"),
        ("since + 30 <= today", "E309", "30"),
        ("amount / orders / orders > 3", "E311", "amount / orders"),
        ("amount / amount > amount / amount", "E311", "amount / amount"),
        ("orders + amount / amount > 3", "E311", "amount / amount"),
        ("orders ^ 65 > 3", "E312", "65"),
        ("orders ^ orders > 3", "E312", "orders"),
        ("USD 500 < amount", "E314", "USD 500"),
        ("stage is phase", "E317", "phase"),
        ("stage is contract or delivery", "E307", "delivery"),
        ("listed and strategic or orders > 3", "E306", "listed and strategic or orders > 3"),
        ("orders", "E305", "orders"),
        ("listed = 1", "E302", "1"),
        ("amount + 5% > 3", "E301", "amount + 5%"),
        ("amount * amount > 3", "E301", "amount * amount"),
        ("stge is contract", "E201", "stge"),
        ("grade is A", "E201", "grade"),
    ],
)
def test_what_is_refused_is_refused_once(text: str, code: str, place: str) -> None:
    assert problems(f"value v: yes/no = {text}\n", warnings=False) == [(code, place)]


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("overdue > 5m", "write `5 months` or `5 minutes`", "`5个月` 或 `5分钟`"),
        (
            "stage is contract or delivery",
            "write `stage in contract, delivery`",
            "`stage 属于 contract、delivery`",
        ),
        (
            "stage is not contract or delivery",
            "write `stage not in contract, delivery`",
            "`stage 不属于 contract、delivery`",
        ),
        (
            "listed and strategic or orders > 3",
            "either `(listed and strategic) or orders > 3`, or `listed and (strategic or orders > 3)`",
            "`(listed and strategic) or orders > 3`",
        ),
        ("stage is contrct", "did you mean `contract`?", "是不是想写 `contract`？"),
        ("Stage is contract", "did you mean `stage`?", "是不是想写 `stage`？"),
        ("prospect", "write `stage is prospect`", "请写 `stage 为 prospect`"),
    ],
)
def test_help_says_what_to_write(text: str, english: str, chinese: str) -> None:
    body = f"value v: yes/no = {text}\n"
    assert any(english in sentence for sentence in sentences(body))
    assert any(chinese in sentence for sentence in sentences(body, "zh"))


def test_a_parameter_without_a_type_says_where_to_write_it() -> None:
    said = sentences("set limit = 500k\nvalue v: yes/no = amount > limit\n")
    assert any("`set limit: money = …`" in sentence for sentence in said)


def test_parameters_take_the_type_of_all_their_values() -> None:
    policy = compiled("set a = 5\n  from 2026-02-01: 5.5\nset b = 5\nset c = 15%\nset d = 30 days\n")
    kinds = {key: param.type.kind for key, param in policy.params.items()}
    assert kinds == {"a": Kind.NUMBER, "b": Kind.WHOLE, "c": Kind.PERCENT, "d": Kind.DURATION}
    assert isinstance(policy.params["a"], Param)


def test_values_without_a_type_find_it_whatever_their_order() -> None:
    policy = compiled("value c = b + 1\nvalue b = a * 2\nvalue a = amount\n")
    assert {value.type.kind for value in policy.values.values()} == {Kind.MONEY}
    assert [key for key in policy.order if len(key) == 1] == ["a", "b", "c"]
    assert list(policy.values) == ["c", "b", "a"]


# ---------------------------------------------------------------- the table of operators


def test_sums_and_products_are_the_same_either_way_round() -> None:
    kinds = [Kind.WHOLE, Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.DURATION]
    for left, right in product(kinds, kinds):
        for sign in ("+", "*", "min", "max"):
            one, other = operators.result_kind(sign, left, right), operators.result_kind(sign, right, left)
            assert one == other, (sign, left, right)


def test_dividing_undoes_multiplying() -> None:
    """Where `a * b` is a kind and can be divided by b again, it gives a's kind, or a plain number."""
    for row in operators.ARITHMETIC:
        if row.sign != "*":
            continue
        for left, right, result in row.kinds:
            back = operators.result_kind("/", result, right)
            plain = {Kind.WHOLE, Kind.NUMBER, Kind.PERCENT}
            assert back is left or {back, left} <= plain, (left, right, result, back)


def test_every_operator_says_what_it_means_and_what_unknown_does() -> None:
    for row in operators.OPERATORS:
        assert all((row.en, row.zh, row.meaning_en, row.meaning_zh, row.unknown_en, row.unknown_zh))
    signs = [row.sign for row in operators.OPERATORS]
    assert len(set(signs)) == len(signs)


def test_reads_say_what_they_read() -> None:
    body = compare("total > 3")
    assert isinstance(body.left, Read)
    assert (body.left.of, body.left.key) == ("score", "total")


@pytest.mark.parametrize("digits", [29, 60])
@pytest.mark.parametrize("behind", ["", ".5"])
def test_a_number_of_any_length_is_read_exactly(digits: int, behind: str) -> None:
    long = "1" * (digits - len(behind)) + behind
    policy, problems = check(
        Source(
            f"policy p\nfact n: number\nvalue v = n * {long}\ntiers g\n  A when v > {long}\n  B otherwise\n"
        )
    )
    assert all(item.severity == "warning" or item.code.code.startswith("E90") for item in problems), [
        item.message() for item in problems
    ]
    assert policy is None or "v" in policy.values
