"""What a record keeps of movement over time: the states and the override that came with a question, and the states of its
answer.

A state is kept as it is sent, but for days that are the value of a masked fact (an anniversary, the end of a freeze): they
are hidden as the fact is, under its own key, so that an auditor sees that both are the same. The caller still gets
them: without them, there is no next state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from dsl.model import CheckedPolicy, Expr, Movement, Read
from engine.decision import Json
from engine.facts import parse_json
from engine.json_bytes import encoded
from engine.masking import reads_masked
from engine.movement.outcomes import States
from engine.movement.state_json import override_json, state_json
from engine.movement.states import Override
from policies.registry.store.masks import MASKED, Masks, mask_of

StatesJson = Mapping[str, Mapping[str, Any]]


def kept_movement(
    policy: CheckedPolicy, states: States | None, override: Override | None, masks: Masks
) -> dict[str, Json]:
    """What a record's question says of movement; nothing where nobody asked for it."""
    if states is None:
        return {}
    plain = {key: state_json(state) for key, state in states.items()}
    laid = None if override is None else override_json(override)
    return cast("dict[str, Json]", {"state": hidden(policy, plain, masks), "override": laid})


def kept_answer(policy: CheckedPolicy, states: States | None, answer: bytes, masks: Masks) -> bytes:
    """An answer as a record keeps it: to the letter, but for days of its states that are masked."""
    if states is None or not any(True for _ in _secret_days(policy)):
        return answer
    return encoded(hidden_answer(policy, cast("dict[str, Json]", parse_json(answer)), masks))


def hidden_answer(policy: CheckedPolicy, answer: Mapping[str, Json], masks: Masks) -> dict[str, Json]:
    """An answer without the days of its states that are masked."""
    states = answer.get("state")
    if not isinstance(states, dict):
        return dict(answer)
    return {**answer, "state": hidden(policy, cast(StatesJson, states), masks)}


def hidden(policy: CheckedPolicy, states: StatesJson, masks: Masks) -> dict[str, Json]:
    """States as a record keeps them."""
    kept: dict[str, Any] = dict(states)
    for ladder, field, key in _secret_days(policy):
        outcome = states.get(ladder, {}).get("outcome") or {}
        day = outcome.get(field)
        if day is not None and mask_of(day) is None:
            shown = {**kept[ladder]["outcome"], field: {MASKED: masks.of(key, day)}}
            kept[ladder] = {**kept[ladder], "outcome": shown}
    return kept


def uncovered(states: StatesJson, known: Mapping[str, Json]) -> dict[str, Json] | None:
    """Kept states with their days again, which are `known` by what stands for them; None where one is not known."""
    told: dict[str, Any] = dict(states)
    for ladder, state in states.items():
        outcome = state["outcome"]
        for field, day in outcome.items():
            mask = mask_of(day)
            if mask is not None and mask not in known:
                return None
            if mask is not None:
                shown = {**told[ladder]["outcome"], field: known[mask]}
                told[ladder] = {**told[ladder], "outcome": shown}
    return told


def _secret_days(policy: CheckedPolicy) -> Iterator[tuple[str, str, str]]:
    """The days of an outcome that a masked fact tells: the ladder, the field, and the key that it is hidden under."""
    for ladder, movement in policy.movements.items():
        for field, exprs in _days(movement).items():
            secret = [expr for expr in exprs if reads_masked(expr, policy)]
            if secret:
                expr = secret[0]
                yield ladder, field, expr.key if isinstance(expr, Read) else f"{ladder}.{field}"


def _days(movement: Movement) -> dict[str, list[Expr]]:
    """The expressions that give an outcome's days, by its fields."""
    review = movement.review
    return {
        "anniversary": [] if review is None or review.of is None else [review.of],
        "held_until": [hold.until for hold in movement.holds if hold.until is not None],
    }
