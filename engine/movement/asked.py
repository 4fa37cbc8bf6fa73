"""What somebody asks of movement, as JSON: the states of a customer's ladders, and an override.

A state is sent as an answer gave it, `{"grade": {…}}`; a ladder left out, or null, is one on which the customer
has not stood yet. Everything that is wrong is reported at once, at its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from dsl.diagnostics import did_you_mean
from dsl.keywords import spelling
from dsl.model import CheckedPolicy, Ladder
from engine.facts_problems import (
    NOTHING,
    FactProblem,
    FactsError,
    both_helps,
    pointer,
    problem,
    shorten,
    shown,
)
from engine.movement.outcomes import moving_ladder
from engine.movement.problems import over_already
from engine.movement.read import read_override, read_state
from engine.movement.states import Override, State


def read_states(policy: CheckedPolicy, raw: object) -> dict[str, State]:
    """The states of a policy's ladders. Raises `FactsError` with every bad field."""
    if not isinstance(raw, Mapping):
        raise FactsError([_not_an_object(raw)])
    moving = {key: policy.ladders[key] for key in policy.ladders if key in policy.movements}
    states: dict[str, State] = {}
    problems: list[FactProblem] = []
    for name, item in raw.items():
        ladder = moving.get(name)
        if ladder is None:
            problems.append(_does_not_move(policy, str(name), item))
        elif item is not None:
            try:
                states[ladder.key] = read_state(item, _tiers(ladder))
            except FactsError as error:
                problems += [replace(each, pointer=pointer(name) + each.pointer) for each in error.problems]
    if problems:
        raise FactsError(problems)
    return states


def read_new_override(policy: CheckedPolicy, raw: object, day: date) -> Override:
    """A new override of the main ladder that moves; where it does not say from when, it begins on `day`.

    Raises `FactsError` with every bad field.
    """
    main = moving_ladder(policy)
    if main is None:
        raise FactsError([nothing_moves(policy, "")])
    override = read_override(raw, _tiers(main), day)
    if override.end < day:
        raise FactsError([over_already(override.end, day)])
    return override


def nothing_moves(policy: CheckedPolicy, at: str) -> FactProblem:
    """The policy has no movement, and what stands at a place asks for it."""
    ladder = policy.main.name if policy.main else "NAME"
    en, zh = (f"{spelling('MOVEMENT_OF', lang)} {ladder}" for lang in ("en", "zh"))
    return FactProblem(
        at,
        "no_movement",
        (
            f"nothing of `{policy.name}` moves over time: it has no `{en}`",
            f"`{policy.name}` 没有随时间升降的等级：未写 `{zh}`",
        ),
        (f"add `{en}` with its rules to the policy", f"请在政策中写上 `{zh}` 及其规则"),
    )


def _tiers(ladder: Ladder) -> tuple[str, ...]:
    return tuple(tier.key for tier in ladder.tiers)


def _not_an_object(raw: object) -> FactProblem:
    expected = ("an object of ladders and states, such as `{}`", "由等级和状态组成的对象，如 `{}`")
    return problem("wrong_type", "", expected=expected, got=raw, name="state")


def _does_not_move(policy: CheckedPolicy, name: str, item: object) -> FactProblem:
    """A state of something that is no ladder of the policy, or has no movement."""
    if not policy.movements:
        return nothing_moves(policy, pointer(name))
    moving = list(policy.movements)
    word, listed = shorten(name), ", ".join(f"`{key}`" for key in moving)
    advice = (f"the ladders that move are {listed}", f"会升降的等级：{listed}")
    return FactProblem(
        pointer(name),
        "no_movement",
        (f"`{word}` is no ladder of this policy that moves", f"`{word}` 不是本政策中会升降的等级"),
        both_helps(did_you_mean(name, moving) or NOTHING, advice),
        NOTHING,
        shown(item),
    )
