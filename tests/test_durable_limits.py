"""What the engine `durable` refuses by number: at a limit it decides as the reference does, one further it refuses with the line."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from dsl.checker import compile_policy
from dsl.source import Source
from engine import durable_cage
from engine.durable_conditions import MOST_ALTERNATIVES, MOST_TESTS
from engine.durable_refusals import CannotDecide
from engine.durable_rules import MOST_SIZE, compile_rules
from tests.test_durable import of_text

pytestmark = pytest.mark.skipif(
    find_spec("durable_rules_engine") is None, reason="durable-rules is not installed here"
)

PAGE = Path(__file__).parent.parent / "docs" / "operations.md"
REST = "\ntiers g\n A when {}\n B otherwise\n"


def values(count: int) -> str:
    return ", ".join(f"v{number}" for number in range(count))


def listed(condition: str, count: int) -> str:
    """A policy that compares with so many values of an enumeration that has one more."""
    fact = f"fact x: one of {values(count + 1)}"
    return f"policy p\n{fact}{REST.format(condition.format(values(count)))}"


def joined(count: int) -> str:
    facts = "\n".join(f"fact a{number}: yes/no" for number in range(count))
    return f"policy p\n{facts}{REST.format(' and '.join(f'a{number}' for number in range(count)))}"


def above(limit: str) -> str:
    return f"policy p\nfact x: number{REST.format(f'x > {limit}')}"


@pytest.mark.parametrize(
    ("text", "raw", "tier"),
    [
        (listed("x in {}", MOST_ALTERNATIVES), {"x": "v199"}, "A"),
        (listed("x in {}", MOST_ALTERNATIVES), {"x": "v200"}, "B"),
        (listed("x not in {}", MOST_TESTS), {"x": "v39"}, "B"),
        (listed("x not in {}", MOST_TESTS), {"x": "v40"}, "A"),
        (joined(MOST_TESTS), {f"a{number}": True for number in range(40)}, "A"),
        (joined(MOST_TESTS), {f"a{number}": number != 39 for number in range(40)}, "B"),
        (above("57646075230342.3487"), {"x": "57646075230342.3488"}, "A"),
        (above("57646075230342.3487"), {"x": "57646075230342.3487"}, "B"),
        (above("57646075230342.3487"), {"x": "999999999999999999"}, "A"),
    ],
)
def test_at_a_limit_it_decides(text: str, raw: dict[str, object], tier: str) -> None:
    assert of_text(text, raw).tiers["g"].tier == tier


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (listed("x in {}", 201), "line 4 .* would become 201 rules, and 200 is the limit"),
        (listed("x not in {}", 41), "line 4 .* compares 41 times, and 40 is the limit"),
        (joined(41), "line 44 .* compares 41 times, and 40 is the limit"),
        (above("57646075230342.3489"), "line 4 .* more digits than 64 bits hold"),
    ],
)
def test_beyond_a_limit_it_refuses(text: str, words: str) -> None:
    with pytest.raises(CannotDecide, match=words):
        compile_rules(compile_policy(Source(text)))


def test_a_row_of_many_values_is_refused_by_what_it_would_become() -> None:
    names = [f"f{number}" for number in range(5)]
    facts = "\n".join(f"fact {name}: one of a, b, c, d" for name in names)
    row = " | ".join(["a, b, c"] * 5)
    text = (
        f"policy p\n{facts}\nscore s\n| {' | '.join(names)} | points |\n| {row} | 1 |\n"
        f"| {' | '.join('-' * 5)} | 0 |\ntiers g by s\n A from 1\n B otherwise\n"
    )
    with pytest.raises(CannotDecide, match="would become 243 rules, and 200 is the limit"):
        compile_rules(compile_policy(Source(text)))


def test_the_page_names_the_limits_as_they_are() -> None:
    section = PAGE.read_text("utf-8").partition("## The engine `durable`")[2].partition("\n## ")[0]
    numbers = (MOST_ALTERNATIVES, MOST_TESTS, MOST_SIZE // 2, durable_cage.MOST_RULES_HELD)
    assert [number for number in numbers if f"{number:,}" not in section] == []
    limits = durable_cage.Limits()
    assert f"{limits.start:.0f} seconds for" in section
    assert f"{limits.load:.0f} for it to take the rules in, and {limits.fire:.0f} for each step" in section
