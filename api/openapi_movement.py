"""The state and the override that a policy takes, inside the OpenAPI document: its own ladders, its own tiers.

What depends on the day (that a state is not of a later one, that dates ascend) no schema can say.
"""

from __future__ import annotations

from collections.abc import Mapping

from api.openapi_schemas import DAY, NULL, TRUTH, Object, array, maybe
from dsl.model import CheckedPolicy, Ladder
from engine.movement.outcomes import moving_ladder
from engine.movement.read import KINDS, LONGEST_TEXT, MOST_MISSED

TEXT: Object = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}

_OVERRIDES = "Those in force and to come; of a kind each has a first day of its own, and is over when the next one begins."


def states_schema(policy: CheckedPolicy) -> Object:
    """A state by ladder; of a policy that does not move, nothing but an empty object."""
    moving = [each for key, each in policy.ladders.items() if key in policy.movements]
    return maybe(_object({each.key: maybe(_state(each)) for each in moving}))


def override_schema(policy: CheckedPolicy) -> Object:
    """An override of the main ladder that moves; where none does, null."""
    main = moving_ladder(policy)
    return NULL if main is None else maybe(_override(main, begins=False))


def _state(ladder: Ladder) -> Object:
    tier = _tier(ladder)
    notice = _object({"to": tier, "given": DAY, "due": DAY}, ("to", "given", "due"))
    properties: Object = {
        "as_of": {**DAY, "description": "The day that the state is of."},
        "tier": maybe(tier),
        "since": {**DAY, "description": "The day on which the tier was reached."},
        "through": maybe(DAY),
        "missed": {"type": "integer", "minimum": 0, "maximum": MOST_MISSED},
        "notice": maybe(notice),
        "postponed": maybe(DAY),
        "waits": TRUTH,
        "overrides": {**array(_override(ladder, begins=True)), "description": _OVERRIDES},
        "outcome": {"type": "object", "description": "What the facts said last; as an answer gave it."},
    }
    return _object(properties, ("as_of", "since"))


def _override(ladder: Ladder, *, begins: bool) -> Object:
    """`begins`: it has to say from when."""
    properties: Object = {
        "kind": {"enum": list(KINDS)},
        "tier": {**maybe(_tier(ladder)), "description": "Needed where `kind` is set or floor."},
        "reason": TEXT,
        "author": TEXT,
        "from": DAY if begins else maybe(DAY),
        "until": DAY,
    }
    needed = ("kind", "reason", "author", "until", *(("from",) if begins else ()))
    return _object(properties, needed)


def _tier(ladder: Ladder) -> Object:
    return {"enum": [tier.key for tier in ladder.tiers]}


def _object(properties: Mapping[str, object], required: tuple[str, ...] = ()) -> Object:
    found: Object = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**found, "required": list(required)} if required else found
