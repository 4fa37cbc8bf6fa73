"""Compiled policies as they are kept: compiled once whoever asks, and named in the answer only where they decide."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pytest

from api.library import library_of
from api.logs import log
from api.preparing import prepare as prepare_all
from dsl.checker import compile_policy
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine import engines
from engine.compiled.draft import Variant
from engine.compiled.function import Function, function
from engine.engines import answer, prepare
from engine.facts import read_facts
from engine.remembered import PerPolicy
from policies.registry.files import find_policies, load_policy
from tests.engines import decide

DAY = date(2026, 6, 30)
POLICIES = Path(__file__).parent.parent / "policies"
GRADED = {
    "order_amount": 500000,
    "referrals": 2,
    "demand_types": 4,
    "listed": False,
    "valuation": "high",
    "stage": "contract",
}


def policy_of(text: str) -> CheckedPolicy:
    return compile_policy(Source("policy p\n" + text))


def a_new_policy(name: str) -> CheckedPolicy:
    """A policy that nobody has compiled yet."""
    return policy_of(
        f"fact {name}: whole number\nscore s\n  +2 per {name} up to 50\ntiers g by s\n  A from 30\n  B otherwise\n"
    )


@contextmanager
def compiling(seconds: float = 0) -> Iterator[list[Variant]]:
    """What is compiled meanwhile, which takes so long."""
    made: list[Variant] = []

    def noted(policy: CheckedPolicy, variant: Variant) -> Function:
        made.append(variant)
        time.sleep(seconds)
        return function(policy, variant)

    with patch("engine.compiled.programs.function", side_effect=noted):
        yield made


# ---------------------------------------------------------------- who decided


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("explain", ["reasons", "none"])
def test_the_worked_example_is_decided_by_straight_line_code(lang: str, explain: str) -> None:
    policy = load_policy(POLICIES / "b2b_grading.tier")
    for stage in ("contract", "maintenance", "prospect"):
        facts = read_facts(policy, GRADED | {"stage": stage})
        found = engines.decide(policy, facts, as_of=policy.start or DAY, explain="none")
        assert found.engine == "compiled"
        decide(policy, facts, as_of=policy.start or DAY, lang=lang, explain=explain, straight=True)


def test_what_is_unknown_and_does_not_matter_leaves_it_to_straight_line_code() -> None:
    policy = policy_of("fact a: number\nfact b: number\nvalue v: yes/no = a > 1 or b > 1\n")
    decide(policy, read_facts(policy, {"a": 2}), as_of=DAY, straight=True)
    decide(policy, read_facts(policy, {"a": 0}), as_of=DAY, straight=False)


@pytest.mark.parametrize(
    ("asked", "day", "facts"),
    [
        ({"explain": "full"}, DAY, GRADED),
        ({}, date(2020, 1, 1), GRADED),  # before the policy holds
        ({}, DAY, {"stage": "contract"}),
    ],
)
def test_an_answer_names_the_reference_where_that_decided(
    asked: dict[str, str], day: date, facts: dict[str, object]
) -> None:
    policy = load_policy(POLICIES / "b2b_grading.tier")
    known = read_facts(policy, facts)
    decide(policy, known, as_of=day, straight=False, **asked)
    sent, noted = answer(policy, known, as_of=day, **asked)  # type: ignore[arg-type]
    assert json.loads(sent)["engine"] == noted.engine == "reference"


# ---------------------------------------------------------------- compiled once


def test_a_policy_is_compiled_once_for_all_its_customers() -> None:
    policy = a_new_policy("kept")
    with compiling() as made:
        for n in range(5):
            answer(policy, read_facts(policy, {"kept": n}), as_of=DAY)
            answer(policy, read_facts(policy, {}), as_of=DAY)
    assert [each.complete for each in made] == [True, False]


def test_threads_that_ask_together_compile_once_and_agree() -> None:
    policy = a_new_policy("together")
    start = threading.Barrier(8)

    def grade(n: int) -> list[object]:
        start.wait(10)
        asked = [read_facts(policy, {"together": own}) for own in range(n, n + 30)]
        return [json.loads(answer(policy, facts, as_of=DAY)[0])["scores"] for facts in asked]

    with compiling(0.05) as made, ThreadPoolExecutor(8) as threads:
        found = list(threads.map(grade, range(8)))
    assert found == [[{"s": min(2 * own, 50)} for own in range(n, n + 30)] for n in range(8)]
    assert len(made) == 1


def test_a_prepared_policy_answers_without_compiling() -> None:
    policy = a_new_policy("prepared")
    for lang in ("en", "zh"):
        prepare(policy, lang)
    with compiling() as made:
        for lang in ("en", "zh"):
            answer(policy, read_facts(policy, {"prepared": 3}), as_of=DAY, lang=lang)  # type: ignore[arg-type]
            answer(policy, read_facts(policy, {}), as_of=DAY, lang=lang)  # type: ignore[arg-type]
    assert not made


def test_a_service_prepares_all_it_has_and_a_fault_in_one_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = (
        a_new_policy("broken"),
        compile_policy(Source(a_new_policy("whole").source.text.replace("p\n", "q\n", 1))),
    )

    def faulty(policy: CheckedPolicy, variant: Variant) -> Function:
        if policy.name == "p":
            raise RuntimeError
        return function(policy, variant)

    with (
        patch("engine.compiled.programs.function", side_effect=faulty),
        patch.object(log, "propagate", True),
        caplog.at_level("INFO", "tierwise"),
    ):
        prepare_all(library_of([broken, whole]))
    assert [line.levelname for line in caplog.records] == ["ERROR", "ERROR", "INFO"]  # in both languages
    with compiling() as made:
        answer(whole, read_facts(whole, {"whole": 3}), as_of=DAY)
    assert not made


@pytest.mark.parametrize("path", find_policies([POLICIES]), ids=lambda path: Path(path).stem)
def test_every_policy_that_comes_along_can_be_prepared(path: str) -> None:
    for lang in ("en", "zh"):
        prepare(load_policy(path), lang)


# ---------------------------------------------------------------- kept


def test_an_equal_policy_finds_what_was_made() -> None:
    made: list[str] = []

    def make(policy: CheckedPolicy) -> str:
        made.append(policy.name)
        return policy.hash

    kept = PerPolicy(make, most=2)
    one, two, three = (policy_of(f"fact {name}: number\nvalue v: number = {name}\n") for name in "abc")
    same = policy_of("fact a: number\nvalue v: number = a\n")
    assert kept.of(one) == kept.of(one) == kept.of(same) == one.hash
    assert len(made) == 1
    kept.of(replace(one, timezone="Asia/Tokyo"))  # the same text, and yet another policy
    assert len(made) == 2
    assert [kept.of(each) for each in (two, three, one)] == [two.hash, three.hash, one.hash]


def test_policies_in_turn_are_not_made_again_every_time() -> None:
    made: list[str] = []
    kept = PerPolicy(lambda policy: made.append(policy.hash), most=8)
    policies = [policy_of(f"fact n{n}: number\nvalue v: number = n{n}\n") for n in range(9)]
    for _ in range(20):
        for each in policies:
            kept.of(each)
    assert len(made) < 20 * 9 / 2


def test_answers_share_nothing_that_can_be_changed() -> None:
    policy = load_policy(POLICIES / "b2b_grading.tier")
    facts = read_facts(policy, GRADED)
    first = engines.decide(policy, facts, as_of=DAY)
    for values in (first.scores, first.segments, first.assumed, *(each.facts for each in first.reasons)):
        assert isinstance(values, dict)
        values.clear()
    decide(policy, facts, as_of=DAY, straight=True)
