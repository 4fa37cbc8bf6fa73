"""What a day's facts say of a ladder: which hold counts, and what of the unknown matters."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.checker import compile_policy
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine import engines
from engine.facts import read_facts
from engine.movement import Outcome, State
from tests.engines import alike
from tests.moving import day

OPENING = """\
policy outcomes
fact points: whole number "Points"
fact appeal: yes/no "Appeal", default no
fact audited: yes/no "Audited"
fact certified: yes/no "Certified"
fact first_end: date "First end"
fact second_end: date "Second end"
tiers grade by points
  A from 80, keep from 70
  B from 60, keep from 50 and certified
  C from 40, keep from 30
  D otherwise
movement of grade
  move up at once
  move down at once
"""


def policy(lines: str = "") -> CheckedPolicy:
    return compile_policy(Source(OPENING + lines))


def outcome(of: CheckedPolicy, tier: str | None, **facts: object) -> tuple[Outcome, str | None]:
    """What 10 March says of who held a tier the day before, and the tier held then; every engine says the same."""
    first = day("2026-01-01")
    states: dict[str, State] = {}
    if tier is not None:
        states["grade"] = State(day("2026-03-09"), tier, first, outcome=Outcome(tier))
    read = read_facts(of, {"audited": False, "certified": True, **facts})
    asked: dict[str, Any] = {"as_of": day("2026-03-10"), "states": states}
    found = engines.decide(of, read, engine="reference", **asked)
    alike(found, of, read, **asked)
    assert found.over_time is not None
    state = found.over_time.states["grade"]
    return state.outcome, state.tier


# ---------------------------------------------------------------- what holds


FREEZES = "  freeze until first_end\n  freeze until second_end\n"


@pytest.mark.parametrize(
    ("first", "second", "rule", "until"),
    [
        ("2026-04-01", "2026-05-01", "freeze_until_second_end", "2026-05-01"),
        ("2026-05-01", "2026-04-01", "freeze_until_first_end", "2026-05-01"),
        ("2026-03-09", "2026-03-10", "freeze_until_second_end", "2026-03-10"),
        ("2026-03-10", "2026-03-09", "freeze_until_first_end", "2026-03-10"),
        ("2026-05-01", "2026-05-01", "freeze_until_first_end", "2026-05-01"),
        ("2026-03-09", "2026-03-09", None, None),
    ],
)
def test_of_several_freezes_the_one_that_ends_last_counts(
    first: str, second: str, rule: str | None, until: str | None
) -> None:
    found, tier = outcome(policy(FREEZES), "A", points=10, first_end=first, second_end=second)
    assert found.held_by == (None if rule is None else f"movement.grade.{rule}")
    assert found.held_until == (None if until is None else day(until))
    assert tier == ("D" if rule is None else "A")


def test_a_hold_without_end_counts_before_every_freeze() -> None:
    of = policy(FREEZES + '  hold while audited "Audit"\n  hold while appeal "Appeal"\n')
    ends = {"first_end": "2026-04-01", "second_end": "2026-05-01"}
    found, _ = outcome(of, "A", points=10, appeal=True, **ends)
    assert (found.held_by, found.held_until) == ("movement.grade.appeal", None)
    # One that surely holds tells more than one that may, wherever it stands.
    found, _ = outcome(of, "A", points=10, appeal=True, audited=None, **ends)
    assert (found.held_by, found.held_until) == ("movement.grade.appeal", None)
    found, _ = outcome(of, "A", points=10, audited=None, **ends)
    assert (found.held_by, found.held_until) == ("movement.grade.audit", None)


def test_a_freeze_until_a_day_that_is_not_known_has_no_end() -> None:
    found, tier = outcome(policy(FREEZES), "A", points=10, first_end="2026-05-01")
    assert (found.held_by, found.held_until) == ("movement.grade.freeze_until_second_end", None)
    assert tier == "A"


# ---------------------------------------------------------------- what of the unknown matters


@pytest.mark.parametrize(
    ("held", "points", "tier"),
    [
        # Whether B may be kept is unknown. It decides between the tier held and the one reached: from B down to C or D,
        # and on the way down from A;
        ("B", 55, None),
        ("A", 55, None),
        # not where B is reached anyhow, nor where the tier held is below it.
        ("A", 65, "B"),
        ("B", 65, "B"),
        ("C", 55, "C"),
        ("D", 55, "C"),
        (None, 55, "C"),
    ],
)
def test_whether_a_tier_may_be_kept_matters_between_the_tier_held_and_the_one_reached(
    held: str | None, points: int, tier: str | None
) -> None:
    found, moved = outcome(policy(), held, points=points, certified=None)
    assert found.reached == tier
    assert moved == (held if tier is None else tier)
    if tier is None:
        assert set(found.possible) == {"B", "C"}
