"""Engines held against the oracle: a decision is asked of both, as a record and as JSON, and must be the same.

The compiled engine is asked where decimals are rounded wrongly: it must not care.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context, localcontext
from typing import Any
from unittest.mock import patch

from dsl.model import CheckedPolicy
from engine import compiled, engines, reference
from engine.decision import Decision, dumps, to_json
from engine.facts import Facts
from engine.json_bytes import encoded

WRONG = Context(prec=1, rounding=ROUND_FLOOR, traps=[])
AN_ID = "an id"


def decide(policy: CheckedPolicy, facts: Facts, *, straight: bool | None = None, **asked: Any) -> Decision:
    """What the oracle decides, once it is seen that the compiled engine says it to the letter.

    `straight`: whether straight-line code must decide by itself, or must not; where it is not said, either may.
    """
    found = engines.decide(policy, facts, engine=reference.NAME, **asked)
    alike(found, policy, facts, straight=straight, **asked)
    return found


def alike(
    found: Decision, policy: CheckedPolicy, facts: Facts, *, straight: bool | None = None, **asked: Any
) -> None:
    """Fails where the compiled engine says anything else than was found; which of the two decided, it says itself."""
    name = _who_decides(policy, facts, **asked)
    assert straight is None or straight is (name == compiled.NAME), f"`{name}` decided"
    named = found._replace(engine=name)
    with localcontext(WRONG):
        records = engines.decide(policy, facts, engine=compiled.NAME, **asked)
        sent = engines.answer(policy, facts, engine=compiled.NAME, decision_id=AN_ID, **asked)
    assert dumps(to_json(records)) == dumps(to_json(named)), policy.source.text
    assert records == named
    assert sent[0] == encoded(to_json(named._replace(decision_id=AN_ID))), policy.source.text
    main = next(iter(named.tiers.values()), None)
    assert sent[1] == (named.policy.name, name, named.status, main.tier if main else None)


def _who_decides(policy: CheckedPolicy, facts: Facts, **asked: Any) -> str:
    """The engine that really decides where the compiled one is asked: seen, not believed."""
    with patch("engine.reference.decide", wraps=reference.decide) as oracle:
        engines.decide(policy, facts, engine=compiled.NAME, **asked)
    return reference.NAME if oracle.called else compiled.NAME
