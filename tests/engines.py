"""Engines held against the oracle: a decision is asked of both, as a record and as JSON, and must be the same.

The compiled engine is asked where decimals are rounded wrongly: it must not care.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context, localcontext
from typing import Any

from dsl.model import CheckedPolicy
from engine import compiled, engines, reference
from engine.decision import Decision, dumps, to_json
from engine.facts import Facts
from engine.json_bytes import encoded

WRONG = Context(prec=1, rounding=ROUND_FLOOR, traps=[])
AN_ID = "an id"


def decide(policy: CheckedPolicy, facts: Facts, **asked: Any) -> Decision:
    """What the oracle decides, once it is seen that the compiled engine says it to the letter."""
    found = engines.decide(policy, facts, engine=reference.NAME, **asked)
    alike(found, policy, facts, **asked)
    return found


def alike(found: Decision, policy: CheckedPolicy, facts: Facts, **asked: Any) -> None:
    """Fails where the compiled engine says anything else than was found."""
    named = found._replace(engine=compiled.NAME)
    with localcontext(WRONG):
        records = engines.decide(policy, facts, engine=compiled.NAME, **asked)
        sent = engines.answer(policy, facts, engine=compiled.NAME, decision_id=AN_ID, **asked)
    assert dumps(to_json(records)) == dumps(to_json(named)), policy.source.text
    assert records == named
    assert sent[0] == encoded(to_json(named._replace(decision_id=AN_ID))), policy.source.text
    main = next(iter(named.tiers.values()), None)
    assert sent[1] == (named.policy.name, compiled.NAME, named.status, main.tier if main else None)
