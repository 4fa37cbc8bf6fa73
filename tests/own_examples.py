"""Running a policy's own examples as `tierwise test` runs them."""

from __future__ import annotations

from datetime import date

from dsl.model import CheckedPolicy
from engine.engines import DEFAULT_ENGINE
from policies.registry.tests import Result, cases_in, run_case


def run_examples(policy: CheckedPolicy, *, today: date) -> tuple[Result, ...]:
    """How each example went, in order."""
    return tuple(run_case(policy, case, today=today, engine=DEFAULT_ENGINE) for case in cases_in(policy))
