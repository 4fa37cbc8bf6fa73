"""Widths: how many digits an expression may need, held against what its facts can hold."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.checker import check, compile_policy
from dsl.checker.widths import WIDEST, Widths, width
from dsl.model import Arith, Const, Expr, Read, Round
from dsl.source import Source
from dsl.types import DEFAULT_WIDTHS, MONEY, NUMBER, PERCENT, WHOLE, Kind, Type, Width, width_of

AMOUNT = Read("fact", "amount", MONEY)
ORDERS = Read("fact", "orders", WHOLE)
SHARE = Read("fact", "share", PERCENT)


def const(text: str) -> Const:
    return Const(Decimal(text), NUMBER)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (const("123.45"), Width(3, 2)),
        (const("100"), Width(3, 0)),
        (AMOUNT, Width(14, 4)),
        (Arith("+", (AMOUNT, AMOUNT), MONEY), Width(15, 4)),
        (Arith("+", (AMOUNT,) * 11, MONEY), Width(16, 4)),
        (Arith("*", (AMOUNT, SHARE), MONEY), Width(17, 10)),
        (Arith("^", (AMOUNT, const("3")), NUMBER), Width(42, 12)),
        (Arith("^", (AMOUNT, const("0")), NUMBER), Width(1, 0)),
        (Arith("min", (AMOUNT, const("0.123456")), MONEY), Width(14, 6)),
        (Arith("neg", (AMOUNT,), MONEY), Width(14, 4)),
        (Round(Arith("*", (AMOUNT, SHARE), MONEY), 2, MONEY), Width(18, 2)),
        # Over the least denominator, 0.0001, a quotient has four digits more.
        (Arith("/", (AMOUNT, AMOUNT), NUMBER), Width(18, 18)),
        (Round(Arith("/", (ORDERS, ORDERS), NUMBER), 3, NUMBER), Width(19, 3)),
    ],
)
def test_each_operation(expr: Expr, expected: Width) -> None:
    assert width(expr) == expected


def _leaves() -> st.SearchStrategy[tuple[Expr, Fraction]]:
    """A number of 3 + 2 digits that is read, and a value that it could have; or a literal."""
    narrow = Read("fact", "n", Type(Kind.NUMBER, width=Width(3, 2)))
    values = st.integers(-99999, 99999)
    reads = values.map(lambda each: (narrow, Fraction(each, 100)))
    constants = values.map(lambda each: (Const(Decimal(each) / 10, NUMBER), Fraction(each, 10)))
    return st.one_of(reads, constants)


def _inner(leaf: st.SearchStrategy[tuple[Expr, Fraction]]) -> st.SearchStrategy[tuple[Expr, Fraction]]:
    def made(op: str, sides: list[tuple[Expr, Fraction]]) -> tuple[Expr, Fraction]:
        exprs, values = tuple(side[0] for side in sides), [side[1] for side in sides]
        result = {
            "+": sum(values, Fraction(0)),
            "-": values[0] - sum(values[1:]),
            "min": min(values),
            "max": max(values),
        }.get(op)
        if result is None:
            result = Fraction(1)
            for value in values:
                result *= value
        return Arith(op, exprs, NUMBER), result  # type: ignore[arg-type]

    return st.builds(
        made, st.sampled_from(["+", "-", "*", "min", "max"]), st.lists(leaf, min_size=2, max_size=4)
    )


@settings(max_examples=200, deadline=None)
@given(st.recursive(_leaves(), _inner, max_leaves=12))
def test_no_value_is_wider_than_its_expression(pair: tuple[Expr, Fraction]) -> None:
    expr, value = pair
    needed = width(expr)
    assert abs(value) < 10**needed.whole
    assert (value * 10**needed.places).denominator == 1


FACTS = """\
policy p
currency CNY
fact amount: money
fact wide: money with 6 decimals
fact share: percent
fact orders: whole number
set rate: percent = 12.5%
"""


def test_values_and_scores_are_as_narrow_as_they_are() -> None:
    text = FACTS + (
        "value paid: money = amount * rate\n"
        "value fine: money = wide + amount\n"
        "score s between -5 and 100\n  a: +10 when orders > 1\n  b: +0.5 per orders\n"
        "score t\n  a: +10 when orders > 1\n  b: +0.5 per 10 of orders up to 20\n"
    )
    policy = compile_policy(Source(text))
    widths = Widths(policy)

    def of(kind: str, key: str, type_: Type) -> Width:
        return widths.of(Read(kind, key, type_))  # type: ignore[arg-type]

    assert of("param", "rate", PERCENT) == width_of(Decimal("0.125"))
    assert of("value", "paid", MONEY) == Width(14 + 1, 4 + 3)
    assert of("value", "fine", MONEY) == Width(15, 6)
    assert of("score", "s", NUMBER) == Width(3, 1)
    # Two parts, the wider of two digits before the point: 10 + 20 = 30 could carry.
    assert of("score", "t", NUMBER) == Width(3, 1)
    assert of("fact", "orders", WHOLE) == DEFAULT_WIDTHS[Kind.WHOLE]


def test_a_power_of_powers_is_too_wide_and_told_once() -> None:
    text = (
        FACTS + 'value huge: number = (orders ^ 20) ^ 20 + 1 "Huge"\nvalue more: number = huge + 1 "More"\n'
    )
    _, problems = check(Source(text))
    wide = [each for each in problems if each.code.code == "E902"]
    assert [Source(text).place(each.span.start)[0] for each in wide] == [8]
    assert "7,200 digits" in wide[0].message()
    assert f"{WIDEST:,}" in wide[0].message()


def test_values_of_values_cannot_grow_without_end() -> None:
    chain = "".join(f'value v{n}: number = v{n - 1} * v{n - 1} "V"\n' for n in range(1, 200))
    policy, problems = check(Source(FACTS + 'value v0: number = orders + 1 "V"\n' + chain))
    assert policy is None
    assert any(each.code.code == "E902" for each in problems)


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ("score s\n  x: +1 when amount > 0.0001\n", True),
        ("score s\n  x: +1 when amount > 0.00001\n", False),
        ("score s\n  x: +1 when wide > 0.00001\n", True),
        ("score s\n  x: +1 when share in 5%, 12.3456%\n", True),
        ("score s\n  x: +1 when share in 5%, 12.34567%\n", False),
        ("score s\n  x: +1 when orders > 2.5\n", True),
        ("score s\n| amount | points |\n| below 0.00001 | 1 |\n| - | 2 |\n", False),
        ("score s\n  x: +0.123456789 when orders > 2\n", False),
        ('benefit b: percent = 12.34567% "B"\n', False),
        ('value v: money = 0.00001 "V"\n', False),
        ('value v: money with 6 decimals = 0.00001 "V"\n', True),
        ('value v: money = amount * 0.000012345 "V"\n', True),
    ],
)
def test_a_literal_fits_what_it_stands_beside(line: str, fits: bool) -> None:
    _, problems = check(Source(FACTS + line))
    codes = [each.code.code for each in problems if each.code.code[0] == "E"]
    assert codes == ([] if fits else ["E903"])
