"""From the rules that fired to results and reasons: what the reference finds by trying, counted up.

durable-rules says what holds. Here the first of the lines that hold is taken, points are added and held between their bounds, floors and
caps move a tier, and each rule that acted leaves the same record (`Act`) as in the reference. What nobody has to ask is calculated, as
the reference does it: expressions, points for each full step, graduated rates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from dsl.model import (
    Body,
    CheckedPolicy,
    Choice,
    DerivedValue,
    Expr,
    Grant,
    Ladder,
    Limit,
    Outcome,
    Points,
    PointsPer,
    Result,
    Score,
    Table,
    Tags,
    Term,
)
from engine import ranges, rules, scores
from engine.benefits import Granted, granted
from engine.durable_matters import Node
from engine.durable_rules import Program
from engine.expressions import Situation, evaluate
from engine.ladders import member_text
from engine.matching import Act, Candidate, Found, acts_of, first_match, result_of, settled
from engine.values import TRUE, ZERO, Domain, Known, Unknown, fraction, truth

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
        return _choice(policy.choices[key], holds)
    return _tags(policy.tags[key], holds)


def _candidates(body: Body, holds: Holds) -> Iterator[Candidate]:
    """The lines and rows of a body in order. An `otherwise` has looked at all that stood above it."""
    above: list[Expr] = []
    for item in body:
        if isinstance(item, Table):
            heads = tuple(column.expr for column in item.columns)
            above += heads
            for row in item.rows:
                cells = tuple(zip(item.columns, row.cells, strict=True))
                yield Candidate(holds(row), row.rule, row.result, heads, row.span, row.label, cells)
        elif item.condition is None:
            yield Candidate(TRUE, item.rule, item.result, tuple(above), item.span, item.label, None)
        else:
            above.append(item.condition)
            looked = (item.condition,)
            yield Candidate(
                holds(item), item.rule, item.result, looked, item.span, item.label, item.condition
            )


def _value(value: DerivedValue, at: Situation, holds: Holds) -> Found:
    if not isinstance(value.body, tuple):
        return rules.derive(value, at)
    found = first_match(_candidates(value.body, holds))
    acts = acts_of("value", value.key, found, lambda given: result_of(given, at))
    return settled(found, acts), acts


def _score(declared: Score, at: Situation, holds: Holds) -> Found:
    acts = [act for part in declared.parts for act in _part(declared, part, at, holds)]
    total = ranges.add([act.gives for act in acts])
    low, high = (None if end is None else fraction(end) for end in (declared.low, declared.high))
    kept = ranges.clamp(total, low, high)
    change = ranges.add([kept, ranges.negate(total)])
    if change != ZERO:
        acts.append(Act("score", declared.key, f"{declared.key}.bounds", change, (), declared.span))
    return kept, tuple(act for act in acts if act.gives != ZERO)


def _part(
    declared: Score, part: Term | Points | PointsPer | Table, at: Situation, holds: Holds
) -> Sequence[Act]:
    match part:
        case Points():
            if holds(part) != TRUE:
                return ()
            looked = (part.condition, part.points)
            points = evaluate(part.points, at)
            return (
                Act("score", declared.key, part.rule, points, looked, part.span, part.label, part.condition),
            )
        case Table():
            found = first_match(_candidates((part,), holds))
            return acts_of("score", declared.key, found, lambda given: _points(given, at))
        case Term() | PointsPer():
            alone = replace(declared, parts=(part,), low=None, high=None)
            return scores.score(alone, at)[1]


def _points(given: Result, at: Situation) -> Domain:
    return ZERO if given is None else result_of(given, at)


def _tier(ladder: Ladder, holds: Holds) -> Found:
    above: list[Expr] = [] if ladder.by is None else [ladder.by]
    found: list[Candidate] = []
    for each in ladder.tiers:
        if each.condition is not None and ladder.by is None:
            above.append(each.condition)
        looked = tuple(above) if each.condition is None else (each.condition,)
        held = TRUE if each.condition is None else holds(each)
        label = member_text(each.member)
        found.append(Candidate(held, each.rule, each.key, looked, each.span, label, each.condition))
    reached = first_match(found)
    acts = list(acts_of("ladder", ladder.key, reached, lambda key: Known(str(key))))
    own = str(reached[0].result)
    rank = {each.key: place for place, each in enumerate(ladder.tiers)}
    floors = [limit for limit in ladder.floors if holds(limit) == TRUE]
    floor = min(floors, key=lambda limit: rank[limit.tier], default=None)
    if floor is not None and rank[floor.tier] < rank[own]:
        acts.append(_limit(ladder, floor))
        own = floor.tier
    caps = [limit for limit in ladder.caps if holds(limit) == TRUE]
    cap = max(caps, key=lambda limit: rank[limit.tier], default=None)
    if cap is not None and rank[cap.tier] > rank[own]:
        acts.append(_limit(ladder, cap))
        own = cap.tier
    return Known(own), tuple(acts)


def _limit(ladder: Ladder, limit: Limit) -> Act:
    looked = (limit.condition,)
    gives = Known(limit.tier)
    return Act("ladder", ladder.key, limit.rule, gives, looked, limit.span, limit.label, limit.condition)


def _choice(declared: Choice, holds: Holds) -> Found:
    found = first_match(_candidates(declared.body, holds), declared.exactly_one)
    acts = acts_of("segment", declared.key, found, _outcome)
    return settled(found, acts), acts


def _tags(declared: Tags, holds: Holds) -> Found:
    found = [each for each in _candidates(declared.body, holds) if each.holds == TRUE]
    acts = [
        act
        for each in found
        if isinstance(each.result, Outcome)
        for act in acts_of("tags", declared.key, [each], _outcome)
    ]
    keys = dict.fromkeys(str(act.gives.value) for act in acts if isinstance(act.gives, Known))
    return Known(tuple(keys)), tuple(acts)


def _outcome(given: Result) -> Domain:
    return Known(given.key) if isinstance(given, Outcome) else Unknown()


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
