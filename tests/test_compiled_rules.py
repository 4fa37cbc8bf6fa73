"""Straight-line code rule by rule: bounds of bands, order, signs, steps, and benefits of another stage.

Each of these is decided without the reference's help and compared with it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dsl.checker import compile_policy
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine import engines
from engine.facts import FactsError, read_facts
from tests.engines import decide

DAY = date(2026, 6, 30)
BOTH = ("en", "zh")


def policy_of(text: str) -> CheckedPolicy:
    return compile_policy(Source("policy p\n" + text))


def straight(text: str, **raw: object) -> None:
    """What straight-line code says, in every way it is asked."""
    policy = policy_of(text)
    facts = read_facts(policy, raw)
    for lang in BOTH:
        for explain in ("reasons", "none"):
            decide(policy, facts, as_of=DAY, lang=lang, explain=explain, straight=True)


# ---------------------------------------------------------------- tables


@pytest.mark.parametrize("n", ["-1", "0.99", "1", "1.01", "5", "5.01", "9", "9.5"])
@pytest.mark.parametrize("second", ["up to 5", "1.01 to 5", "below 5", "not 5", "1, 5, 9"])
@pytest.mark.parametrize("third", ["up to 9", "below 9", "not 9"])
def test_bounds_of_bands_belong_where_they_are_said_to(second: str, third: str, n: str) -> None:
    for column in ("n", "square"):
        straight(
            "fact n: number\nvalue square: number = n ^ 2\nchoose c\n"
            f'| {column} | outcome |\n| up to 1 | "a" |\n| {second} | "b" |\n| {third} | "c" |\n| - | "d" |\n',
            n=n,
        )


@pytest.mark.parametrize("n", ["0.5", "1.5", "1.4", "2.2", "-1.5", "1.58"])
def test_bands_over_a_fraction_keep_what_stands_behind_the_point(n: str) -> None:
    bands = "| below 2.25 | 1 |\n| 2.25 to 2.5 | 2 |\n| 2.5 or more | 3 |\n"
    straight(f"fact n: number\nvalue square: number = n ^ 2\nscore s\n| square | points |\n{bands}", n=n)


@pytest.mark.parametrize("k", ["a", "b", "c", "d"])
@pytest.mark.parametrize("n", [0, 3, 5, 7])
def test_rows_with_not_and_rows_without_beside_each_other(k: str, n: int) -> None:
    straight(
        "fact k: one of a, b, c, d\nfact n: number\ntags t\n| k | n | outcome |\n"
        '| not a | not 3, 5 | "one" |\n| a, b | 3 | "two" |\n| not b, c | - | "three" |\n| c | not 7 | "four" |\n',
        k=k, n=n,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["{} or more", "up to {}", "over {}", "below {}"])
def test_rows_that_are_open_at_one_end(kind: str) -> None:
    limits = range(40, 0, -1) if kind.startswith(("{}", "over")) else range(1, 41)
    rows = "".join(f"| {kind.format(limit)} | {limit % 9} |\n" for limit in limits)
    for n in (0, 1, 2, 20, "20.5", 39, 40, 41):
        straight(f"fact n: number\nscore s\n| n | points |\n{rows}| - | 99 |\n", n=n)


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize("value", ["n * m", "0 - n * m", "min of (n * m, 0.5)", "n * m + 0"])
def test_nothing_is_ever_minus_zero(value: str) -> None:
    text = (
        f"fact n: number\nfact m: number\nvalue v: number = {value}\nscore s = v\nbenefit b: number = n * m\n"
        "benefit most: number, best of\n  n * m\n  other: m when n > 1\n"
    )
    straight(text, n="-2.5", m=0)
    policy = policy_of(text)
    sent, _ = engines.answer(policy, read_facts(policy, {"n": "-2.5", "m": 0}), as_of=DAY)
    assert b"-0" not in sent.replace(b"2026-06-30", b"")


def test_no_time_is_minus_none() -> None:
    straight("fact d: duration\nfact n: number\nvalue v: duration = d * n\n", d="P0D", n=-2)


@pytest.mark.parametrize("n", ["-3", "0", "1.9", "2", "2.5", "3.99"])
def test_only_full_steps_count(n: str) -> None:
    straight(
        "fact n: number\nvalue square: number = n ^ 2\nset step: number = 2\n  from 2026-01-01: 1.5\n"
        "score s\n  one: +1 per 2 of square\n  two: +1 per step of n\n  three: +1 per 0.75 of n\n",
        n=n,
    )


# ---------------------------------------------------------------- benefits and advice


def test_who_gives_way_is_gone_before_it_pushes_others_out() -> None:
    for first, second, third in (("a", "b", "c"), ("c", "b", "a"), ("b", "a", "c"), ("b", "c", "a")):
        declared = {
            first: f'benefit {first}: text = "1", when n > 1, not with {second}',
            second: f'benefit {second}: text = "2", when n > 0, not with {third}',
            third: f'benefit {third}: text = "3"',
        }
        text = "fact n: number\n" + "\n".join(declared[name] for name in sorted(declared)) + "\n"
        for n in (0, 1, 2):
            straight(text, n=n)
        policy = policy_of(text)
        found = engines.decide(policy, read_facts(policy, {"n": 2}), as_of=DAY)
        assert {each.benefit for each in found.benefits} == {first, third}


def test_advice_without_a_priority_comes_last() -> None:
    text = (
        'fact n: number\nadvise "last"\nadvise "second" priority 2 when n > 0\nadvise "later" when n > 0\n'
        'advise "first" priority 1\n'
    )
    straight(text, n=1)
    policy = policy_of(text)
    found = engines.decide(policy, read_facts(policy, {"n": 1}), as_of=DAY)
    assert [each.action for each in found.advice] == ["first", "second", "last", "later"]


# ---------------------------------------------------------------- benefits of another stage

STAGES = """
fact stage: one of demand (needs), contract, `{odd}`, unused
fact place: one of shop, web, contract
fact n: number
score s
  +10 per 1 of n up to 90
tiers g by s
  A from 50
  B otherwise
benefit always: text = "for all" ("人人")
benefit early: number = n, at demand
benefit months: duration, at contract
  2 days when n > 5
  other: 1 day when n > 1
benefit both: number, sum of, at web
  1 when n > 1
  rest: n + 0.5 when n > 2
benefits of g at stage
| stage | benefit | A | B |
| demand | call "Call" ("电话") | "soon" ("尽快") | - |
| contract | back | 5% | 2.5% |
| `{odd}` | back | 7% | 1% |
"""
MATRIX = "fact stage" + STAGES.split("fact stage")[1].split("fact place")[0] + "fact n: number\n" + (
    "score s\n" + STAGES.split("score s\n")[1].split("benefit early")[0] + "benefits of g" + STAGES.split("benefits of g")[1]
)  # fmt: skip
RAW = {"stage": "contract", "place": "web", "n": 3}


@pytest.mark.parametrize("at", ["demand", "needs", "contract", "{odd}", "unused", "web", "shop"])
@pytest.mark.parametrize("n", [3, 7])
def test_benefits_of_a_stage_that_is_named(at: str, n: int) -> None:
    policy = policy_of(STAGES)
    for own in ("needs", "contract", "unused"):
        facts = read_facts(policy, RAW | {"stage": own, "n": n})
        for lang in BOTH:
            decide(policy, facts, as_of=DAY, at=at, lang=lang, straight=True)
            decide(policy, facts, as_of=DAY, at=at, lang=lang, explain="none", straight=True)


@pytest.mark.parametrize("lost", ["stage", "place", "n"])
@pytest.mark.parametrize("at", ["demand", "contract", "web", "all", None])
def test_benefits_of_a_stage_where_something_is_unknown(at: str | None, lost: str) -> None:
    policy = policy_of(STAGES)
    decide(policy, read_facts(policy, {key: RAW[key] for key in RAW if key != lost}), as_of=DAY, at=at)


def test_the_own_stage_need_not_be_known_where_another_is_asked_for() -> None:
    policy = policy_of(MATRIX)
    facts = read_facts(policy, {"n": 6})
    decide(policy, facts, as_of=DAY, at="contract", straight=True)
    decide(policy, facts, as_of=DAY, at="all", straight=True)
    decide(policy, facts, as_of=DAY, straight=False)


@pytest.mark.parametrize("n", [3, 7])
def test_benefits_of_all_stages(n: int) -> None:
    matrix, mixed = policy_of(MATRIX), policy_of(STAGES)
    for lang in BOTH:
        for explain in ("reasons", "none"):
            facts = read_facts(matrix, {"stage": "contract", "n": n})
            decide(matrix, facts, as_of=DAY, at="all", lang=lang, explain=explain, straight=True)
            # What is written out for a stage is the reference's to list.
            facts = read_facts(mixed, RAW | {"n": n})
            decide(mixed, facts, as_of=DAY, at="all", lang=lang, explain=explain, straight=False)


@pytest.mark.parametrize("combine", ["sum of", "best of"])
@pytest.mark.parametrize("at", [None, "demand", "contract", "unused", "all"])
def test_rules_of_a_stage_beside_rules_for_all_stages(at: str | None, combine: str) -> None:
    policy = policy_of(
        MATRIX.replace("benefits of g", f"benefit back: percent, {combine}\n  3%\nbenefits of g")
    )
    for stage in ("demand", "contract", "{odd}"):
        for n in (3, 7):
            facts = read_facts(policy, {"stage": stage, "n": n})
            decide(policy, facts, as_of=DAY, at=at, straight=True)


def test_benefits_of_all_stages_where_some_give_way() -> None:
    policy = policy_of(MATRIX + 'benefit other: text = "x", not with always\n')
    decide(policy, read_facts(policy, {"stage": "contract", "n": 3}), as_of=DAY, at="all", straight=False)


def test_a_masked_stage_is_told_no_more_where_another_is_asked_for() -> None:
    policy = policy_of(MATRIX.replace("unused\n", "unused, masked\n", 1))
    for raw in ({"stage": "contract", "n": 3}, {"n": 3}):
        for at in ("demand", "all", None):
            decide(policy, read_facts(policy, raw), as_of=DAY, at=at)


@pytest.mark.parametrize("at", ["nowhere", "", "All"])
def test_a_stage_that_there_is_not_is_refused_as_by_the_reference(at: str) -> None:
    policy = policy_of(MATRIX)
    for engine in ("compiled", "reference"):
        with pytest.raises(FactsError):
            engines.decide(policy, read_facts(policy, {"n": 3}), as_of=DAY, at=at, engine=engine)


def test_a_large_matrix_grants_what_it_says() -> None:
    tiers = [f"t{number}" for number in range(12)]
    stages = [f"s{number}" for number in range(9)]
    ladder = "".join(f"  {tier} from {100 - 5 * at}\n" for at, tier in enumerate(tiers[:-1]))
    rows = "".join(
        f"| {stage} | b{at} | {' | '.join(str(at * 100 + place) if (at + place) % 3 else '-' for place in range(12))} |\n"
        for at, stage in enumerate(stages)
    )
    policy = policy_of(
        f"fact stage: one of {', '.join(stages)}\nfact n: number\nscore s = n\ntiers g by s\n{ladder}  t11 otherwise\n"
        f'benefit always: text = "x"\nbenefits of g at stage\n| stage | benefit | {" | ".join(tiers)} |\n{rows}'
    )
    for stage in stages[::2]:
        for n in (0, 60, Decimal("77.5"), 100):
            for at in (None, "s1", "all"):
                facts = read_facts(policy, {"stage": stage, "n": n})
                decide(policy, facts, as_of=DAY, at=at, straight=True)
