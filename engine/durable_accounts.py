"""From the rules that fired to results and reasons.

durable-rules says what holds. The rest is the reference's own: the first of the lines that hold is taken, points are added and held
between their bounds, floors and caps move a tier, each rule that acted leaves its record (`Act`), and what nobody has to ask is
calculated. So the two cannot drift apart in anything but the question whether a condition holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from dsl.model import (
    Body,
    CheckedPolicy,
    DerivedValue,
    Grant,
    Ladder,
    Line,
    Points,
    PointsPer,
    Score,
    Table,
    Term,
)
from engine import ladders, rules, scores
from engine.benefits import Granted, granted
from engine.durable_matters import Node
from engine.durable_rules import Program
from engine.expressions import Situation
from engine.matching import Act, Candidate, Found, candidates_where
from engine.values import TRUE, Domain, truth

Holds = Callable[[Node], Domain]


def result(key: str, at: Situation, held: frozenset[int]) -> Found:
    """What a declaration comes out as, and the rules that acted; `held` are the identities of all that holds."""
    policy = at.policy

    def holds(node: Node) -> Domain:
        return truth(id(node) in held)

    if key in policy.values:
        return _value(policy.values[key], at, holds)
    if key in policy.scores:
        return _score(policy.scores[key], at, holds)
    if key in policy.ladders:
        return _tier(policy.ladders[key], holds)
    if key in policy.choices:
        declared = policy.choices[key]
        return rules.choice_by(declared, _candidates(declared.body, holds))
    tags = policy.tags[key]
    return rules.tags_by(tags, _candidates(tags.body, holds))


def _candidates(body: Body, holds: Holds) -> Iterator[Candidate]:
    """The lines and rows of a body in order; an `otherwise` is not asked for."""

    def line(each: Line) -> Domain:
        return TRUE if each.condition is None else holds(each)

    return candidates_where(body, line, lambda table: map(holds, table.rows))


def _value(value: DerivedValue, at: Situation, holds: Holds) -> Found:
    if not isinstance(value.body, tuple):
        return rules.derive(value, at)
    return rules.derive_by(value, _candidates(value.body, holds), at)


def _score(declared: Score, at: Situation, holds: Holds) -> Found:
    acts = [act for part in declared.parts for act in _part(declared.key, part, at, holds)]
    return scores.within_bounds(declared, acts)


def _part(key: str, part: Term | Points | PointsPer | Table, at: Situation, holds: Holds) -> Iterator[Act]:
    match part:
        case Points():
            return scores.points_acts(key, part, holds(part), at)
        case Table():
            return scores.table_acts(key, part, _candidates((part,), holds), at)
        case Term() | PointsPer():
            return scores.part_acts(key, part, at)
        case _:
            assert_never(part)


def _tier(ladder: Ladder, holds: Holds) -> Found:
    return ladders.tier_where(ladder, lambda each: TRUE if each.condition is None else holds(each))


def benefits(program: Program, at: Situation, stage: str | None, held: frozenset[int]) -> tuple[Granted, ...]:
    """What is granted, best or summed or first as the benefits say. Raises `FactsError` where there is no such
    stage.
    """
    policy, origin = program.accounts(held)
    found = granted(Situation(policy, at.facts, at.day, at.results), stage)
    return tuple(_as_written(each, at.policy, origin) for each in found)


def _as_written(each: Granted, policy: CheckedPolicy, origin: Mapping[int, Grant]) -> Granted:
    grants = tuple(origin[id(grant)] for grant in each.grants)
    return replace(each, benefit=policy.benefits[each.benefit.key], grants=grants)
