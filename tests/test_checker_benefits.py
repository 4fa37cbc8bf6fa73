"""Benefits and advice: matrices, declarations, what several rules come to, and who is to act."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.checker.matrices import direction
from dsl.model import Benefit, Const, Expr, Logic, Not, Read, Text
from dsl.types import NUMBER, Kind
from tests.checked import compiled, problems, sentences

LADDER = "tiers grade by total\n  A from 80\n  B from 60\n  C otherwise\n"
HEAD = "benefits of grade at stage\n| stage | benefit | A | B | C |\n"


def benefit(body: str, key: str = "x") -> Benefit:
    return compiled(LADDER + body).benefits[key]


def granted(found: Benefit) -> list[tuple[str, tuple[str, ...] | None, str | None]]:
    """Each rule as its value, its tiers and its stage."""
    values = [str(grant.value.value) if isinstance(grant.value, Const) else "" for grant in found.grants]
    stages = [grant.stage[1] if grant.stage else None for grant in found.grants]
    return list(zip(values, (grant.tiers for grant in found.grants), stages, strict=True))


# ---------------------------------------------------------------- matrices


def test_a_row_is_a_rule_for_each_of_its_values() -> None:
    x = benefit(HEAD + "| contract | x | 15% | 5% | 5% |\n")
    assert granted(x) == [("0.15", ("A",), "contract"), ("0.05", ("B", "C"), "contract")]
    assert {grant.rule for grant in x.grants} == {"benefits.grade.x"}
    assert x.type.kind is Kind.PERCENT


def test_a_benefit_at_several_stages_is_named_after_each() -> None:
    x = benefit(HEAD + "| contract | x | 2 | 1 | - |\n| delivery, renewal | x | 3 | 1 | - |\n")
    assert [grant.rule for grant in x.grants] == [
        "benefits.grade.contract.x",
        "benefits.grade.contract.x",
        *["benefits.grade.delivery_renewal.x"] * 4,
    ]
    assert {grant.stage[1] for grant in x.grants if grant.stage} == {"contract", "delivery", "renewal"}


def test_any_stage_and_no_stage() -> None:
    assert granted(benefit(HEAD + '| - | x | "a" | "b" | - |\n'))[0] == ("a", ("A",), None)
    plain = benefit('benefits of grade\n| benefit | A | B | C |\n| x "An x" | 3 | 2 | 1 |\n')
    assert granted(plain)[0] == ("3", ("A",), None)
    assert plain.label == Text("An x")


def test_columns_may_stand_in_any_order() -> None:
    x = benefit("benefits of grade at stage\n| C | benefit | A | stage | B |\n| - | x | 3 | contract | 2 |\n")
    assert granted(x) == [("3", ("A",), "contract"), ("2", ("B",), "contract")]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ("15% | 10% | -", Kind.PERCENT),
        ("4 days | 2 days | 1 hour", Kind.DURATION),
        ("6 months | 1 quarter | -", Kind.PERIOD),
        ("¥500 | 300 | 0", Kind.MONEY),
        ("3 | 2.5 | 2", Kind.NUMBER),
        ("yes | yes | no", Kind.YES_NO),
        ('"1v1" | "hotline" | -', Kind.TEXT),
    ],
)
def test_the_type_is_that_of_the_cells(cells: str, kind: Kind) -> None:
    found = benefit(HEAD + f"| contract | x | {cells} |\n")
    assert found.type.kind is kind


def test_less_is_better_where_most_of_a_row_says_so() -> None:
    assert benefit(HEAD + "| - | x | 1 hour | 4 hours | 8 hours |\n").less_is_better
    assert not benefit(HEAD + "| - | x | 15% | 10% | - |\n").less_is_better


def test_a_declaration_restricts_the_rows() -> None:
    x = benefit('benefit x: percent "X", when strategic, 2 per year\n' + HEAD + "| - | x | 15% | 5% | - |\n")
    assert x.label == Text("X")
    assert x.quota == (Decimal(2), "year")
    assert all(isinstance(grant.condition, Read) for grant in x.grants)


# ---------------------------------------------------------------- declarations


def test_options_of_a_declaration() -> None:
    body = "benefit x: money = 500, for A, B, at contract, from 2026-01-01 until 2026-12-31, not with y\n"
    x = benefit(body + 'benefit y "A gift"\n')
    grant = x.grants[0]
    assert granted(x) == [("500", ("A", "B"), "contract")]
    assert (grant.ladder, grant.start, grant.end) == ("grade", date(2026, 1, 1), date(2026, 12, 31))
    assert x.not_with == ("y",)


def test_a_benefit_that_is_only_named_is_granted() -> None:
    x = benefit('benefit x "A gift", for A\n')
    assert x.type.kind is Kind.YES_NO
    assert granted(x) == [("True", ("A",), None)]


def test_lines_are_read_from_the_top() -> None:
    x = benefit('benefit x: percent\n  20% when strategic "Signed"\n  15%, for A\n  10% otherwise\n')
    assert [grant.rule for grant in x.grants] == ["x.signed", "x.a", "x.otherwise"]
    assert x.grants[-1].condition is None
    assert x.combine == "first"


def test_a_row_that_grants_nothing_keeps_later_rows_from_granting() -> None:
    head = "benefit x: percent\n| orders | stage | x |\n"
    body = head + "| below 10 | - | - |\n| - | contract | 5% |\n| - | - | 2% |\n"
    grants = benefit(body).grants
    assert len(grants) == 2
    assert isinstance(grants[0].condition, Logic)
    assert [type(part) for part in grants[0].condition.args][1] is Not
    assert isinstance(grants[1].condition, Not)


def test_a_stage_is_first_one_of_the_matrix() -> None:
    """`delivery` is a value of two facts; the matrix says which of them has the stages."""
    x = benefit("benefit x: percent = 3%, at delivery\n" + HEAD + "| contract | y | 2 | 1 | - |\n")
    assert x.grants[0].stage is not None
    assert x.grants[0].stage[0].key == "stage"


# ---------------------------------------------------------------- what is reported

ROW = "| - | x | 15% | 10% | - |\n"
STAGED = "| contract | x | 15% | 10% | - |\n"
DATES = "from 2026-05-01 until 2026-01-01"
OTHER = "tiers u by orders\n  P from 5\n  Q otherwise\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("benefits of grade\n| what | A | B | C |\n| x | 3 | 2 | 1 |\n", ("E620", "what | A | B | C")),
        (HEAD.replace("| C |", "| D |") + "| - | x | 3 | 2 | 1 |\n", ("E621", "D")),
        (HEAD.replace("| C |", "| C | A |") + "| - | x | 3 | 2 | 1 | 3 |\n", ("E622", "A")),
        (HEAD.replace("| C |", "|") + "| - | x | 3 | 2 |\n", ("E623", "stage | benefit | A | B")),
        (HEAD.replace("| stage ", "") + "| x | 3 | 2 | 1 |\n", ("E624", "benefit | A | B | C")),
        ("benefits of grade at orders\n| benefit | A | B | C |\n| x | 3 | 2 | 1 |\n", ("E625", "orders")),
        ("benefits of grde\n| benefit | A | B | C |\n| x | 3 | 2 | 1 |\n", ("E201", "grde")),
        (HEAD + "| contrct | x | 3 | 2 | 1 |\n", ("E205", "contrct")),
        (HEAD + "| below 5 | x | 3 | 2 | 1 |\n", ("E626", "below 5")),
        (HEAD + '| - | "x" | 3 | 2 | 1 |\n', ("E627", '"x"')),
        (HEAD + "| - | x | 3 | 2 | 1 |\n| - | x | 3 | 2 | 1 |\n", ("E628", "| - | x | 3 | 2 | 1 |")),
        (HEAD + "| - | x | 3, 4 | 2 | 1 |\n", ("E629", "3, 4")),
        (HEAD + "| - | x | 15% | 2 | 1% |\n", ("E630", "2")),
        ("benefit x: duration\n" + HEAD + "| - | x | 15% | 2 days | - |\n", ("E304", "15%")),
        (HEAD + "| - | x | 3 | 2 |\n", ("E371", "| - | x | 3 | 2 |")),
        ("benefit x: percent, when strategic\n", ("E632", "x")),
        ("benefit x: percent\n" + HEAD + "| - | x | - | - | - |\n", ("W602", "| - | x | - | - | - |")),
        (HEAD + "| - | x | 15% | 20% | 5% |\n", ("W603", "15%")),
        (HEAD + '| - | x | - | "a" | "b" |\n', ("W603", "-")),
        ("benefit x: percent = 3%, when listed\n" + HEAD + ROW, ("W604", ROW.strip())),
        ("benefit x: percent\n  3% when strategic\n  2% when listed\n", ("W604", "2% when listed")),
        ("benefit x: percent = 3%, when strategic, when listed\n", ("E330", "when listed")),
        ("benefit x: percent = 3%, 2 per year, 3 per month\n", ("E330", "3 per month")),
        ("benefit x: percent = 3%, best of, sum of\n", ("E634", "sum of")),
        ('benefit x: text = "a", best of\n', ("E635", "best of")),
        ('benefit x: text = "a", less is better\n', ("E648", "less is better")),
        ("benefit x: percent = 3%, for Z\n", ("E636", "Z")),
        (OTHER + "benefit x: percent = 3%, for A, P\n", ("E637", "for A, P")),
        ("benefit x: percent = 3%, at contrac\n", ("E638", "contrac")),
        ("benefit x: percent = 3%, at delivery\n", ("E639", "delivery")),
        ("benefit x: percent, at delivery\n" + HEAD + STAGED, ("E640", STAGED.strip())),
        (f"benefit x: percent = 3%, {DATES}\n", ("E641", DATES)),
        ("benefit x: percent = 3%, 0 per year\n", ("E642", "0 per year")),
        ("benefit x: percent = 3%, not with y\n", ("E201", "y")),
        ("benefit x: percent = 3%, not with x\n", ("E644", "x")),
        ("benefit x: percent = 3%, not with y\nbenefit y: percent = 3%, not with x\n", ("E645", "x")),
        ("benefit x: percent, best of\n  3% when strategic\n  2% otherwise\n", ("E646", "2% otherwise")),
        ("benefit x: percent\n  3% otherwise\n  2% when strategic\n", ("E647", "2% when strategic")),
        ("benefit x: percent, for A\n" + HEAD + ROW, ("E649", "benefit x: percent, for A")),
        ("benefit x: percent\n  3% when strategic, 2 per year\n", ("E650", "2 per year")),
        ('advise "Call" to whom\n', ("E660", "whom")),
        ('advise "Call" priority 0\n', ("E661", "0")),
    ],
)  # fmt: skip
def test_problems(body: str, expected: tuple[str, str]) -> None:
    assert problems(LADDER + body) == [expected]


@pytest.mark.parametrize(
    "body",
    [
        "benefit x: percent = 3%, when listed, best of\n" + HEAD + "| - | x | 15% | 10% | - |\n",
        "benefit x: percent\n  3% when strategic\n  2% otherwise\n",
        "benefit x: percent\n  3% when strategic\n  2% when not strategic\n",
        "benefit x: percent\n  many: 3% when orders > 80\n  some: 2% when orders > 60\n",
        "benefit x: percent, best of\n  3% when strategic\n  2% when listed\n",
        HEAD + "| contract | x | 15% | 10% | - |\n| delivery | x | 15% | 10% | - |\n",
    ],
)
def test_no_problem(body: str) -> None:
    found = [code for code, _ in problems(LADDER + body)]
    assert found == []


def test_a_misspelt_tier_is_guessed() -> None:
    club = "tiers club by orders\n  Gold from 5\n  Silver otherwise\n"
    body = club + "benefits of club\n| benefit | Gold | Sliver |\n| x | 2 | 1 |\n"
    assert "did you mean `Silver`?" in sentences(body)[0]
    assert "是不是想写 `Silver`？" in sentences(body, "zh")[0]


# ---------------------------------------------------------------- advice


def test_advice() -> None:
    body = 'choose who\n  "HQ" when strategic\n  "City" otherwise\n'
    calls = 'advise "Call them" to who priority 2 when listed\nadvise "Write" to "Sales"\n'
    advice = compiled(body + calls).advice
    assert [each.rule for each in advice] == ["advise.call_them", "advise.write"]
    assert isinstance(advice[0].role, Read)
    assert (advice[0].role.key, advice[0].priority) == ("who", 2)
    assert (advice[1].role, advice[1].condition) == (Text("Sales"), None)


def test_the_same_advice_twice_goes_by_its_condition_too() -> None:
    advice = compiled('advise "Call" when listed\nadvise "Call" when strategic\n').advice
    assert [each.rule for each in advice] == ["advise.call", "advise.call_strategic"]


# ---------------------------------------------------------------- laws

CELLS = st.lists(st.none() | st.integers(-5, 5).map(lambda n: Const(Decimal(n), NUMBER)), max_size=6)


@given(CELLS)
def test_a_row_read_from_the_other_end_goes_the_other_way(cells: list[Expr | None]) -> None:
    assert direction(cells) == -direction(cells[::-1])


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=6, unique=True))
def test_a_row_in_order_never_turns(numbers: list[int]) -> None:
    cells = " | ".join(str(number) for number in sorted(numbers))
    tiers = [f"T{at}" for at in range(len(numbers))]
    lines = "".join(f"  {tier} from {90 - at}\n" for at, tier in enumerate(tiers[:-1]))
    ladder = f"tiers t by total\n{lines}  {tiers[-1]} otherwise\n"
    body = f"{ladder}benefits of t\n| benefit | {' | '.join(tiers)} |\n| x | {cells} |\n"
    assert problems(body) == []
    assert compiled(body).benefits["x"].less_is_better
