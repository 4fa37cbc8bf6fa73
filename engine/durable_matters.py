"""What durable-rules is asked: every line, row, tier, limit, grant and advice of a policy that holds under a condition.

First match is left to whoever counts: of several lines that hold, the first decides. Only where two neighbours look at one size (the
thresholds of a ladder, bands) are they made disjoint, as each row of a table is already: then one rule fires instead of many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dsl.model import (
    Advice,
    Body,
    CheckedPolicy,
    DerivedValue,
    Expr,
    Grant,
    Ladder,
    Limit,
    Line,
    OneOf,
    Points,
    Read,
    Row,
    Score,
    Table,
    Tier,
    Today,
)
from dsl.model import Const as Constant
from dsl.records import record
from dsl.types import DATE, YES_NO
from dsl.walk import row_exprs
from engine.durable_conditions import (
    ALWAYS,
    OPPOSITE,
    Alternatives,
    Test,
    alternatives,
    at_stage,
    every,
    in_time,
    reads,
    row_alternatives,
)

# What may hold; the expression is `applies when`.
Node = Expr | Line | Row | Points | Tier | Limit | Grant | Advice


@record
class Matter:
    """One thing that holds or not: the tests that say so, and the results that they read."""

    node: Node
    tests: Alternatives
    reads: frozenset[str]


def declared(key: str, policy: CheckedPolicy) -> tuple[Matter, ...]:
    """What is asked for a value, a score, a ladder, a choice or tags."""
    if key in policy.values:
        return tuple(_value(policy.values[key], policy))
    if key in policy.scores:
        return tuple(_score(policy.scores[key], policy))
    if key in policy.ladders:
        return tuple(_ladder(policy.ladders[key], policy))
    if key in policy.choices:
        return tuple(_body(policy.choices[key].body, policy))
    return tuple(_body(policy.tags[key].body, policy, apart=False))


def others(policy: CheckedPolicy) -> Iterator[Matter]:
    """What is asked beside: whether the policy applies, which benefits are granted, which advice holds."""
    if policy.applies is not None:
        yield _matter(policy.applies, policy.applies, policy)
    for benefit in policy.benefits.values():
        for grant in benefit.grants:
            yield _grant(grant, policy)
    for advice in policy.advice:
        if advice.condition is not None:
            yield _matter(advice, advice.condition, policy)


def _matter(node: Node, condition: Expr, policy: CheckedPolicy) -> Matter:
    return Matter(node, alternatives(condition, policy), reads(condition))


def _value(value: DerivedValue, policy: CheckedPolicy) -> Iterator[Matter]:
    return _body(value.body, policy) if isinstance(value.body, tuple) else iter(())


def _score(score: Score, policy: CheckedPolicy) -> Iterator[Matter]:
    for part in score.parts:
        if isinstance(part, Points):
            yield _matter(part, part.condition, policy)
        elif isinstance(part, Table):
            yield from _rows(part, policy)


def _ladder(ladder: Ladder, policy: CheckedPolicy) -> Iterator[Matter]:
    tiers = [(tier, tier.condition) for tier in ladder.tiers if tier.condition is not None]
    yield from _apart([_matter(tier, condition, policy) for tier, condition in tiers])
    for limit in (*ladder.floors, *ladder.caps):
        yield _matter(limit, limit.condition, policy)


def _body(body: Body, policy: CheckedPolicy, *, apart: bool = True) -> Iterator[Matter]:
    lines: list[Matter] = []
    for item in body:
        if isinstance(item, Table):
            yield from _rows(item, policy)
        elif item.condition is not None:
            lines.append(_matter(item, item.condition, policy))
    yield from _apart(lines) if apart else lines


def _rows(table: Table, policy: CheckedPolicy) -> Iterator[Matter]:
    heads = _read_by(column.expr for column in table.columns)
    for row in table.rows:
        yield Matter(row, row_alternatives(table, row, policy), heads | _read_by(row_exprs(row)))


def _read_by(exprs: Iterable[Expr]) -> frozenset[str]:
    return frozenset(key for expr in exprs for key in reads(expr))


def _grant(grant: Grant, policy: CheckedPolicy) -> Matter:
    """A grant at its stage, for its tiers, in its time, under its condition."""
    about: Expr = grant.value if grant.condition is None else grant.condition
    each = [ALWAYS if grant.condition is None else alternatives(grant.condition, policy)]
    looked = reads(grant.condition) if grant.condition is not None else frozenset[str]()
    if grant.ladder is not None and grant.tiers is not None:
        read = Read("ladder", grant.ladder, policy.ladders[grant.ladder].type, grant.span)
        tiers = tuple(Constant(key, read.type) for key in grant.tiers)
        each.append(alternatives(OneOf(read, tiers, YES_NO, grant.span), policy))
        looked |= {grant.ladder}
    if grant.stage is not None:
        each.append((at_stage(*grant.stage),))
        looked |= reads(grant.stage[0])
    each.append((in_time(grant.start, grant.end, Today(DATE, grant.span)),))
    return Matter(grant, every(each, about, policy), looked)


# ---------------------------------------------------------------- disjoint


def _apart(matters: Sequence[Matter]) -> Iterator[Matter]:
    """The same, each with what the one before says turned round where both look at one size."""
    before: Test | None = None
    for matter in matters:
        only = matter.tests[0] if len(matter.tests) == 1 else ()
        if before is not None and any(test.measure == before.measure for test in only):
            turned = Test(before.measure, OPPOSITE[before.op], before.value)
            yield Matter(matter.node, ((*only, turned),), matter.reads)
        else:
            yield matter
        before = only[0] if len(only) == 1 and only[0].measure.sort == "size" else None
