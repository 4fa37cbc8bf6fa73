"""Which lines of a movement the coverage of tests counts as seen at work, in stories of a policy and of a file of tests."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dsl.model import CheckedPolicy
from policies.registry.files import check_file
from policies.registry.rule_coverage import rules_of, unseen
from policies.registry.tests import cases_in, cases_of, run_case

POLICY = """\
policy loyal
effective from 2026-01-01
fact orders: whole number
fact dispute: yes/no, default no
fact fraud: yes/no, default no
fact unpaid: yes/no, default no
fact pause: date, default 2020-01-01
tiers grade by orders
  A from 80
  B from 60
  C otherwise
  at most C at once when unpaid "Unpaid"
movement of grade
  review monthly
  move up at review
  move down at review, one step at a time
  move down at once when fraud "Fraud"
  keep a tier at least 2 months
  keep a tier until end of quarter
  give 1 month grace
  give 5 days notice before moving down
  hold while dispute "Dispute"
  freeze until pause
"""

# What each story shows, beside that the customer enters.
STORIES = {
    "a day": ("", set()),
    "waits to move up": ("on 2026-02-02 given orders = 85", set()),
    "up": ("on 2026-02-02 given orders = 85; on 2026-03-01", {"review", "move_up"}),
    "kept by the least time": ("on 2026-02-02 given orders = 10", {"keep", "valid"}),
    "kept while it is valid": ("on 2026-03-20 given orders = 10", {"valid"}),
    "told": ("on 2026-03-20 given orders = 10; on 2026-04-01", {"valid", "grace", "review", "notice"}),
    "told and down": (
        "on 2026-03-20 given orders = 10; on 2026-05-01",
        {"valid", "review", "notice", "move_down"},
    ),
    "fraud": ("on 2026-02-02 given orders = 10, fraud = yes", {"fraud"}),
    "unpaid": ("on 2026-02-02 given unpaid = yes", {"grade.unpaid"}),
    "dispute": ("on 2026-01-20 given orders = 90, dispute = yes", {"dispute"}),
    "frozen": ("on 2026-01-20 given orders = 90, pause = 2026-03-01", {"freeze_until_pause"}),
    "held, and nothing to hold": ("on 2026-01-20 given dispute = yes", set()),
}  # fmt: skip


def seen(policy: CheckedPolicy, files: list[str]) -> set[str]:
    """The lines of the movement, and the cap, that some test shows at work."""
    cases = [*cases_in(policy), *(case for file in files for case in cases_of(policy, file))]
    results = [run_case(policy, case, today=date(2026, 6, 1), engine="reference") for case in cases]
    assert all(result.passed for result in results)
    not_seen = unseen(policy, [each for result in results for each in result.decisions])
    found = {rule.name for rule in rules_of(policy)} - {rule.name for rule in not_seen}
    return {name.removeprefix("movement.grade.") for name in found} - {"grade.A", "grade.B", "grade.C"}


def checked(path: Path, text: str) -> CheckedPolicy:
    path.write_text(text)
    found = check_file(str(path)).policy
    assert found is not None
    return found


@pytest.mark.parametrize("name", STORIES)
def test_what_a_story_shows(name: str, tmp_path: Path) -> None:
    story, expected = STORIES[name]
    steps = "".join(
        f"\n  {step.strip().replace(' given', chr(10) + '    given')}" for step in story.split(";")
    )
    head = 'example "x" on 2026-01-10\n  given orders = 65\n  expect grade = B'
    assert seen(checked(tmp_path / "loyal.tier", POLICY + head + steps + "\n"), []) == expected


def test_steps_in_a_file_of_tests_count_too(tmp_path: Path) -> None:
    policy = checked(tmp_path / "loyal.tier", POLICY)
    beside = tmp_path / "loyal.tests.yaml"
    beside.write_text(
        "tests:\n  - name: up\n    steps:\n      - {on: 2026-01-10, given: {orders: 65}, expect: {grade: B}}\n"
        "      - {on: 2026-02-02, given: {orders: 85}}\n      - {on: 2026-03-02, expect: {grade: A}}\n"
    )
    assert seen(policy, [str(beside)]) == {"review", "move_up"}


def test_lines_that_nobody_wrote_are_not_counted(tmp_path: Path) -> None:
    text = POLICY.replace("  move up at review\n", "").replace(
        "  move down at review, one step at a time\n", ""
    )
    names = {rule.name for rule in rules_of(checked(tmp_path / "loyal.tier", text))}
    assert "movement.grade.review" in names
    assert not {"movement.grade.move_up", "movement.grade.move_down"} & names
