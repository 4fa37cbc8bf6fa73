"""Engines held against the oracle: a decision is asked of both, as records and as JSON, and must be the same."""

from __future__ import annotations

from typing import Any

from dsl.model import CheckedPolicy
from engine import compiled, engines, reference
from engine.decision import Decision, dumps, to_json
from engine.facts import Facts


def decide(policy: CheckedPolicy, facts: Facts, **asked: Any) -> Decision:
    """What the oracle decides, once it is seen that the compiled engine says it to the letter."""
    found = engines.decide(policy, facts, engine=reference.NAME, **asked)
    alike(found, policy, facts, **asked)
    return found


def alike(found: Decision, policy: CheckedPolicy, facts: Facts, **asked: Any) -> None:
    """Fails where the compiled engine says anything else than was found."""
    named = found._replace(engine=compiled.NAME)
    wanted = dumps(to_json(named))
    records = engines.decide(policy, facts, engine=compiled.NAME, **asked)
    values = engines.answer(policy, facts, engine=compiled.NAME, **asked)
    assert dumps(to_json(records)) == wanted, policy.source.text
    assert dumps(values) == wanted, policy.source.text
    assert records == named
    assert values == to_json(named)
