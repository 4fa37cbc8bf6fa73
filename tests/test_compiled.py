"""The compiled engine: the same answers as the oracle, whoever asks and however, from code that is safe."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import date
from decimal import ROUND_FLOOR, Decimal, getcontext, localcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dsl.checker import compile_policy
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine import reference
from engine.benefits import stages_of
from engine.compiled import function
from engine.compiled.draft import Answers, Draft, Variant
from engine.engines import DEFAULT_ENGINE, ENGINES, answer
from engine.facts import Facts, FactsError, read_facts, read_row
from policies.registry.files import find_policies, load_policy
from policies.samples.generate import customers
from tests.corpus import Case, cases
from tests.corpus import answer as corpus_answer
from tests.engines import decide
from tests.generate import checked, complete_facts_for, facts_for

DAY = date(2026, 6, 30)
POLICIES = Path(__file__).parent.parent / "policies"
REASONS = Variant("en", True, "decision", True)
SHAPES: tuple[Answers, Answers] = ("decision", "text")
quickly = settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def policy_of(text: str) -> CheckedPolicy:
    return compile_policy(Source("policy p\n" + text))


def source_of(policy: CheckedPolicy, variant: Variant = REASONS) -> str:
    """The code that a policy is compiled to."""
    return function.source(Draft(policy, variant))


# ---------------------------------------------------------------- the same as the oracle


@pytest.mark.parametrize("engine", sorted(set(ENGINES) - {reference.NAME}))
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_every_engine_decides_the_corpus_as_the_oracle_does_or_refuses(case: Case, engine: str) -> None:
    policy = compile_policy(case.source(), case.load)
    for row, wanted in zip(case.rows(), case.expected(), strict=True):
        with nullcontext() if engine == DEFAULT_ENGINE else suppress(FactsError):
            assert corpus_answer(policy, row, engine) == wanted


@quickly
@given(st.data())
def test_generated_policies(data: st.DataObject) -> None:
    policy = data.draw(checked())
    for make in (complete_facts_for, complete_facts_for, facts_for):
        facts = read_facts(policy, data.draw(make(policy)))
        lang, explain = data.draw(st.sampled_from(["en", "zh"])), data.draw(st.sampled_from(EXPLAIN))
        stages = [key for _, key in stages_of(policy)]
        at = data.draw(st.sampled_from([None, None, *stages[:3], *(["all"] if stages else [])]))
        decide(policy, facts, as_of=DAY, lang=lang, explain=explain, customer="C1", at=at)


EXPLAIN = ("reasons", "reasons", "none", "full")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_sample_customers(lang: str) -> None:
    policy = load_policy(POLICIES / "b2b_grading.tier")
    for row in customers()[:120]:
        decide(policy, read_row(policy, row), as_of=DAY, lang=lang)


@pytest.mark.parametrize("path", find_policies([POLICIES]), ids=lambda path: Path(path).stem)
def test_the_policies_that_come_along(path: str) -> None:
    policy = load_policy(path)
    for facts in _example_facts(policy):
        for explain in ("reasons", "none"):
            decide(policy, facts, as_of=policy.start or DAY, explain=explain)


def _example_facts(policy: CheckedPolicy) -> list[Facts]:
    """What the policy's own examples know, and the same with one fact less."""
    found = [
        Facts({key: value for key, value in each.given if value is not None}) for each in policy.examples
    ]
    return found + [
        Facts({key: value for key, value in facts.known.items() if key != lost})
        for facts in found[:2]
        for lost in facts.known
    ]


WIDE = """
currency CNY
fact a: money with 6 decimals "A"
fact n: number "N"
fact w: whole number "W"
fact p: percent "P"
value product: number = n * w
value share: money with 12 decimals = a * p
value half: number = n / 7 rounded to 4 places
score total
  steps: +3 per 0.25 of n
  share: +5 when a / 3 > 33.333333
  exact: +7 when n * w + 0.00000001 > w * n
"""


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "n", ["999999999999999999.99999999", "0.00000001", "1.50", "1E+2", "999999999999999999"]
)
@pytest.mark.parametrize("w", ["999999999999999999", "0", "7"])
def test_the_widest_numbers(n: str, w: str, sign: int) -> None:
    policy = policy_of(WIDE)
    raw = {
        "a": Decimal("99999999999999.999999"),
        "n": sign * Decimal(n),
        "w": int(w),
        "p": Decimal("-0.000001"),
    }
    decide(policy, read_facts(policy, raw), as_of=DAY)


@pytest.mark.parametrize("value", ["2.50", "1E+2", "-0", "-0.0", "0.000"])
def test_facts_made_by_hand_are_shown_as_plainly(value: str) -> None:
    policy = policy_of("fact n: number\nvalue v: number = n * 2\nscore s\n  +1 when n >= 0\n")
    decide(policy, Facts({"n": Decimal(value)}), as_of=DAY)


def test_the_callers_own_rounding_changes_nothing() -> None:
    policy = policy_of(WIDE)
    facts = read_facts(policy, {"a": 1, "n": Decimal("123456789.12345678"), "w": 987654321, "p": 1})
    with localcontext() as context:
        context.prec, context.rounding = 3, ROUND_FLOOR
        found = answer(policy, facts, as_of=DAY)
        assert getcontext() is context
        assert (context.prec, context.rounding) == (3, ROUND_FLOOR)
        answer(policy, read_facts(policy, {}), as_of=DAY)  # it gives up on the way
        assert getcontext() is context
    assert found == answer(policy, facts, as_of=DAY)
    decide(policy, facts, as_of=DAY, straight=True)


COLUMNS = """
fact n: number
fact d: date
fact k: one of a, b, c
fact t: text
choose by_number
| n | outcome |
| unknown | "none" |
| -3, 7 | "some" |
| over 7 | "high" |
| - | "rest" |

choose by_all
| n | d | k | t | outcome |
| below 5 | from 2026-01-01 until 2026-03-31 | a, b | - | "one" |
| 5 to 9 | - | not a | "x" | "two" |
| up to 9 | - | c | not "x" | "three" |
| - | - | - | - | "rest" |

tags all
| n | k | outcome |
| over 3 | - | "big" |
| - | a, c | "ac" |
"""


@pytest.mark.parametrize("n", [None, -3, 4, 5, 7, 8, 9, Decimal("8.999"), 100])
@pytest.mark.parametrize("d", [None, "2025-12-31", "2026-01-01", "2026-03-31", "2026-04-01"])
def test_every_kind_of_cell(n: object, d: str | None) -> None:
    policy = policy_of(COLUMNS)
    for k in (None, "a", "b", "c"):
        for t in (None, "x", "y"):
            decide(policy, read_facts(policy, {"n": n, "d": d, "k": k, "t": t}), as_of=DAY)


# ---------------------------------------------------------------- the code that is made

# Quotes of both kinds, ends of lines and brackets that would close a text or a call, if texts were code.
SPITEFUL = (
    """'); raise SystemExit(1) #""",
    """{}\\n'\\'; 1/0""",
    "__import__('os').abort()",
)


def test_no_text_of_an_author_becomes_code() -> None:
    first, second, third = SPITEFUL
    policy = policy_of(
        f'fact `when`: text "{first}"\nvalue v: text = `when`\n'
        f'choose c\n  "{second}" when `when` is "{third}"\n  "{first}" otherwise\n'
    )
    for shape in SHAPES:
        written = source_of(policy, Variant("en", True, shape, True))
        assert not any(word in written for word in ("SystemExit", "abort", "when", "1/0"))
    for given_ in ("anything", *SPITEFUL):
        decide(policy, read_facts(policy, {"when": given_}), as_of=DAY)


def _bands(rows: int) -> str:
    bands = "".join(f"| {low} to {low + 1} | {low % 7} |\n" for low in range(1, rows))
    return f"fact n: number\nscore s\n| n | points |\n| below 1 | 0 |\n{bands}| {rows} or more | 9 |\n"


def test_code_does_not_grow_with_the_rows_of_a_table() -> None:
    few, many = (source_of(policy_of(_bands(rows))).count("\n") for rows in (5, 300))
    assert few == many


def test_a_table_of_many_rows_finds_the_right_one() -> None:
    rows = "".join(f"| {n} | {'yes' if n % 2 else 'no'} | {n % 11} |\n" for n in range(1, 400))
    policy = policy_of(f"fact n: number\nfact b: yes/no\nscore s\n| n | b | points |\n{rows}| - | - | 50 |\n")
    for n in (0, 1, 2, 64, 65, 399, 400):
        for b in (True, False, None):
            decide(policy, read_facts(policy, {"n": n, "b": b}), as_of=DAY)


def test_nothing_is_prepared_for_reasons_that_are_not_asked_for() -> None:
    policy = load_policy(POLICIES / "b2b_grading.tier")
    for shape in SHAPES:
        assert "reasons" in source_of(policy, Variant("en", True, shape, True))
        assert "reasons" not in source_of(policy, Variant("en", False, shape, True))


def test_complete_customers_are_not_looked_over_for_gaps() -> None:
    policy = policy_of("fact a: number\nvalue v: yes/no = a > 1\n")
    assert " is None" not in source_of(policy)
    assert " is None" in source_of(policy, Variant("en", True, "decision", False))


# ---------------------------------------------------------------- reading facts the short way


@quickly
@given(st.data())
def test_facts_are_read_the_same_the_short_way_and_the_long(data: st.DataObject) -> None:
    policy = data.draw(checked())
    raw = data.draw(facts_for(policy))
    short = read_facts(policy, raw)
    # A name that stands twice, as an alias and as itself, is for the long way; so is a value as a text.
    long = {key: str(value) if type(value) in (int, Decimal) else value for key, value in raw.items()}
    again = read_facts(policy, long)
    assert (short.known, short.assumed) == (again.known, again.assumed)
    assert [str(value) for value in short.known.values()] == [str(value) for value in again.known.values()]


def test_a_fact_given_under_both_its_names_is_refused_even_when_one_is_null() -> None:
    policy = policy_of("fact amount (sum_paid): number\nfact b: yes/no\nvalue v: yes/no = amount > 1 or b\n")
    with pytest.raises(FactsError):
        read_facts(policy, {"amount": None, "sum_paid": 5})


def test_rows_give_the_same_facts_as_objects() -> None:
    policy = policy_of("fact a: number\nfact b: yes/no, default no\n")
    table = csv.DictReader(io.StringIO("a,b\n2.50,\n"))
    read: Callable[[], Facts] = lambda: read_row(policy, next(table))  # noqa: E731
    assert read() == read_facts(policy, {"a": Decimal("2.5")})
