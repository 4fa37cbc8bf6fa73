"""Stories: tests that run through time, a date after the other, with the state that movement keeps.

Facts given on a date are laid over those before; null (or `= unknown`) forgets. A story stands in a policy as an
example with `on` lines, or in a file of tests as `steps`:

    - name: Keeps B for half a year
      given: {stage: contract}
      steps:
        - {on: 2026-01-10, given: {orders: 65}, expect: {grade: B}}
        - {on: 2026-02-10, given: {orders: 30}, expect: {grade: B, computed: {grade: D}, moves: {grade: stay}}}
        - {on: 2026-08-10, expect: {grade: C}}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Example, Expectation
from engine.decision import Decision
from engine.facts import Facts, facts_by_name, facts_of, read_facts
from engine.history import decisions
from engine.movement.timeline import Entry
from policies.registry.expectations import Check


@dataclass(frozen=True, slots=True)
class Dated:
    """One date of a story: the facts that change on it, and what is expected then."""

    on: date
    given: Mapping[str, Any]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A customer's dates in order. `read` makes facts of what is given: of typed values, or of what YAML has."""

    dates: tuple[Dated, ...]
    read: Callable[[Mapping[str, Any]], Facts]

    def decisions(self, policy: CheckedPolicy, *, engine: str, lang: Lang = "en") -> tuple[Decision, ...]:
        """The decision of each date. Raises `FactsError` for facts that the policy refuses."""
        entries = [Entry(each.on, each.given) for each in self.dates]
        return tuple(decisions(policy, entries, self.read, engine=engine, lang=lang))


def story_of(policy: CheckedPolicy, example: Example) -> Story:
    """The story of an example that has steps."""
    head = dict(example.given)
    dates = [Dated(step.on, dict(step.given), _checks(step.expect)) for step in example.steps]
    if example.on is not None:
        dates.insert(0, Dated(example.on, {}, _checks(example.expect)))
    return Story(_begun(head, dates), lambda known: facts_of(policy, known.items()))


def story_from(policy: CheckedPolicy, head: Mapping[str, object], dates: Sequence[Dated]) -> Story:
    """A story out of a file of tests; `head` is what is given from the start."""
    by_name = facts_by_name(policy)

    def by_key(given: Mapping[str, object]) -> dict[str, object]:
        return {by_name[name].key if name in by_name else name: value for name, value in given.items()}

    keyed = [Dated(each.on, by_key(each.given), each.checks) for each in dates]
    return Story(_begun(by_key(head), keyed), lambda known: read_facts(policy, known))


def _begun(head: Mapping[str, Any], dates: Sequence[Dated]) -> tuple[Dated, ...]:
    """The dates, with what is given from the start on the first of them."""
    first, *rest = dates
    return (Dated(first.on, {**head, **first.given}, first.checks), *rest)


def _checks(expected: Sequence[Expectation]) -> tuple[Check, ...]:
    return tuple(Check(expectation=each) for each in expected)
