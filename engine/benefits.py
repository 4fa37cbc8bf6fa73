"""Which benefits a customer has: every rule that grants one, weighed at the customer's stage and tier.

A benefit may be granted by several rules, at several stages. Where the ladder is undecided, each of its
possible tiers is asked for itself and the answers are put together, so that what all of them grant is
granted. Where the stage is unknown, or all stages are asked for, the answer lists what each stage would
bring.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from dsl.model import Benefit, CheckedPolicy, Grant, Read
from dsl.types import Kind
from engine import ranges
from engine.expressions import Situation, conjunction, evaluate
from engine.facts_problems import FactsError, problem
from engine.values import (
    FALSE,
    NO_CAUSES,
    TRUE,
    ZERO,
    Causes,
    Domain,
    Known,
    Unknown,
    either,
    joined,
    known_number,
    numeric,
    possible,
    truth,
)

# A stage: the key of the fact (or choice) that says where the account stands, and the key of its value.
Stage = tuple[str, str]
# The stages that hold, at most one for each such fact.
Stages = frozenset[Stage]


@dataclass(frozen=True, slots=True)
class Granted:
    """A benefit as it was granted: whether surely, its value, the stage it belongs to, and the rules that
    granted it.
    """

    benefit: Benefit
    holds: Domain
    value: Domain
    stage: Stage | None
    grants: tuple[Grant, ...]

    @property
    def certain(self) -> bool:
        """Whether nothing about it is undecided."""
        return self.holds == TRUE and isinstance(self.value, Known)

    @property
    def causes(self) -> Causes:
        """Why it is undecided."""
        return self.holds.causes | self.value.causes


def granted(at: Situation, stage: str | None = None) -> tuple[Granted, ...]:
    """The benefits that are granted or may be, in the order declared and then by stage.

    `stage` asks for another stage than the customer's (a value's name or key), or for `all`. Raises
    `FactsError` where there is no such stage.
    """
    stages = stages_of(at.policy)
    if stage == "all":
        listed = [frozenset[Stage](), *(frozenset({one}) for one in stages)]
        return _in_order(at.policy, _first_of([_at_stages(each, at) for each in listed]))
    reads = stage_reads(at.policy)
    moved = asked_stages(reads, stage) if stage is not None else frozenset()
    situations, causes = _situations(reads, moved, at)
    runs = [_at_stages(each, at) for each in situations]
    if len(runs) == 1:
        return _in_order(at.policy, runs[0])
    return _in_order(at.policy, [_doubtful(each, runs, causes) for each in _first_of(runs)])


def stages_of(policy: CheckedPolicy) -> tuple[Stage, ...]:
    """Every stage that some benefit belongs to, in the order of the stage's own values."""
    used = {(read.key, key) for read, key in _stage_pairs(policy)}
    return tuple(
        (read.key, member.key)
        for read in stage_reads(policy).values()
        for member in read.type.members
        if (read.key, member.key) in used
    )


def stage_reads(policy: CheckedPolicy) -> dict[str, Read]:
    """The facts (or choices) that benefits' stages are values of, by key."""
    return {read.key: read for read, _ in _stage_pairs(policy)}


def _stage_pairs(policy: CheckedPolicy) -> Iterator[tuple[Read, str]]:
    for benefit in policy.benefits.values():
        for grant in benefit.grants:
            if grant.stage is not None:
                yield grant.stage


def asked_stages(reads: Mapping[str, Read], word: str) -> Stages:
    """The stages that a caller's word names, by key or name. Raises `FactsError` where there is
    none."""
    members = [(key, member) for key, read in reads.items() for member in read.type.members]
    found = frozenset((key, member.key) for key, member in members if word in (member.key, member.name))
    if not reads:
        raise FactsError([problem("no_stages", "/at", got=word)])
    if not found:
        keys = ", ".join(f"`{member.key}`" for _, member in members)
        names = "、".join(f"`{member.name}`" for _, member in members)
        raise FactsError([problem("no_such_stage", "/at", expected=(keys, names), got=word)])
    return found


def _situations(reads: Mapping[str, Read], moved: Stages, at: Situation) -> tuple[list[Stages], Causes]:
    """The sets of stages that may hold; one, unless a stage is unknown. With it, why it is unknown."""
    options: list[list[Stages]] = []
    causes: Causes = NO_CAUSES
    for key, read in reads.items():
        asked = frozenset(stage for stage in moved if stage[0] == key)
        if asked:
            options.append([asked])
            continue
        own = evaluate(read, at)
        causes |= own.causes
        values = possible(own) or tuple(member.key for member in read.type.members)
        options.append([frozenset({(key, str(value))}) for value in values])
    return [frozenset[Stage]().union(*choice) for choice in product(*options)], causes


def _at_stages(stages: Stages, at: Situation) -> list[Granted]:
    """What is granted where exactly these stages hold, benefits that give way already gone."""
    every = {key: _weighed(benefit, stages, at) for key, benefit in at.policy.benefits.items()}
    for key in givers_first(at.policy):
        own = every[key]
        if own is None:
            continue
        for other in own.benefit.not_with:
            there = every.get(other)
            if there is not None:
                every[other] = _give_way(there, own)
    return [each for each in every.values() if each is not None]


def _give_way(own: Granted, other: Granted) -> Granted | None:
    """What is left of a benefit beside another that it gives way to."""
    if other.holds == TRUE:
        return None
    return replace(own, holds=conjunction([own.holds, Unknown(other.holds.causes)]))


def givers_first(policy: CheckedPolicy) -> tuple[str, ...]:
    """Benefits in such an order that each comes after those that it gives way to."""
    names = {
        key: [other for other, each in policy.benefits.items() if key in each.not_with]
        for key in policy.benefits
    }
    order: dict[str, None] = {}

    def visit(key: str, path: tuple[str, ...]) -> None:
        for other in names[key]:
            if other not in path and other not in order:
                visit(other, (*path, other))
        order.setdefault(key)

    for key in policy.benefits:
        visit(key, (key,))
    return tuple(order)


# ---------------------------------------------------------------- one benefit


def _weighed(benefit: Benefit, stages: Stages, at: Situation) -> Granted | None:
    """One benefit, asked for every tier that is possible, and the answers put together; None where it is
    surely not granted.
    """
    ladders = list(dict.fromkeys(grant.ladder for grant in benefit.grants if grant.ladder))
    tiers = [possible(at.results[ladder]) or () for ladder in ladders]
    answers = [
        _combined(benefit, stages, dict(zip(ladders, map(str, choice), strict=True)), at)
        for choice in product(*tiers)
    ]
    given = [answer for answer in answers if answer is not None]
    if not given:
        return None
    causes = joined(at.results[ladder] for ladder in ladders)
    everywhere = len(given) == len(answers) and all(each.holds == TRUE for each in given)
    holds: Domain = TRUE if everywhere else Unknown(causes | joined(each.holds for each in given))
    value = either([each.value for each in given], causes)
    # By identity: the cells of one matrix row are one rule, and a grant is large to hash.
    grants = tuple({id(grant): grant for each in given for grant in each.grants}.values())
    return Granted(benefit, holds, value, given[0].stage, grants)


def _combined(benefit: Benefit, stages: Stages, tiers: Mapping[str, str], at: Situation) -> Granted | None:
    """One benefit at known stages and tiers: its rules that hold, or may, combined as it says."""
    held = [(grant, _holds(grant, stages, tiers, at)) for grant in benefit.grants]
    held = [(grant, holds) for grant, holds in held if holds != FALSE]
    if benefit.combine == "first":
        held = _up_to_first(held)
    if not held:
        return None
    sure = any(holds == TRUE for _, holds in held)
    values = [(evaluate(grant.value, at), holds) for grant, holds in held]
    match benefit.combine:
        case "first":
            value = either([value for value, _ in values], joined(holds for _, holds in values))
        case "sum":
            value = _sum(values)
        case "best":
            value = _best(values, benefit.less_is_better)
            held = _givers_of(value, held, values)
    if benefit.type.kind is Kind.YES_NO and value == FALSE:
        return None
    holds = TRUE if sure else Unknown(joined(holds for _, holds in held))
    stage = next((_stage(grant) for grant, _ in held if grant.stage), None)
    return Granted(benefit, holds, value, stage, tuple(grant for grant, _ in held))


Weighed = tuple[Grant, Domain]


def _up_to_first(held: Sequence[Weighed]) -> list[Weighed]:
    kept: list[Weighed] = []
    for grant, holds in held:
        kept.append((grant, holds))
        if holds == TRUE:
            break
    return kept


def _stage(grant: Grant) -> Stage | None:
    return None if grant.stage is None else (grant.stage[0].key, grant.stage[1])


def _holds(grant: Grant, stages: Stages, tiers: Mapping[str, str], at: Situation) -> Domain:
    if grant.stage is not None and _stage(grant) not in stages:
        return FALSE
    if grant.tiers is not None and grant.ladder is not None and tiers[grant.ladder] not in grant.tiers:
        return FALSE
    in_time = (grant.start is None or grant.start <= at.day) and (grant.end is None or at.day <= grant.end)
    return truth(in_time) if grant.condition is None or not in_time else evaluate(grant.condition, at)


def _sum(values: Sequence[tuple[Domain, Domain]]) -> Domain:
    """What holds is added; what may hold adds from nothing to its value."""
    return ranges.add(
        [value if holds == TRUE else either([ZERO, value], holds.causes) for value, holds in values]
    )


def _best(values: Sequence[tuple[Domain, Domain]], less_is_better: bool) -> Domain:
    """The best of what holds, and anything better that may hold. Without a size to compare, the first counts."""
    if not all(numeric(value) for value, _ in values):
        truths = [value for value, holds in values if holds == TRUE and value == TRUE]
        return (
            truths[0]
            if truths
            else either([value for value, _ in values], joined(holds for _, holds in values))
        )
    pick = min if less_is_better else max
    sure = [value for value, holds in values if holds == TRUE]
    open_ = [(value, holds) for value, holds in values if holds != TRUE]
    if not sure:
        return either([value for value, _ in open_], joined(holds for _, holds in open_))
    best = ranges.extreme(sure, pick)
    for value, holds in open_:
        best = either([best, ranges.extreme([best, value], pick)], holds.causes)
    return best


def _givers_of(best: Domain, held: list[Weighed], values: Sequence[tuple[Domain, Domain]]) -> list[Weighed]:
    """The first rule whose value is the best, where that is decided; all of them where it is not."""
    if known_number(best) is None:
        return held
    for own, (value, holds) in zip(held, values, strict=True):
        if holds == TRUE and value == best:
            return [own]
    return held


# ---------------------------------------------------------------- several situations


def _key(each: Granted) -> tuple[str, Stage | None]:
    return each.benefit.key, each.stage


def _first_of(runs: Iterable[Sequence[Granted]]) -> list[Granted]:
    """Each benefit at each stage once, as the first situation has it."""
    found: dict[tuple[str, Stage | None], Granted] = {}
    for run in runs:
        for each in run:
            found.setdefault(_key(each), each)
    return list(found.values())


def _doubtful(own: Granted, runs: Sequence[Sequence[Granted]], causes: Causes) -> Granted:
    """A benefit when it is not known which situation is the customer's: sure only if it is the same in all of
    them.
    """
    same = [each for run in runs for each in run if _key(each) == _key(own)]
    if len(same) == len(runs) and all(each.holds == TRUE and each.value == own.value for each in same):
        return own
    holds = Unknown(causes | joined(each.holds for each in same))
    return replace(own, holds=holds, value=either([each.value for each in same], causes))


def _in_order(policy: CheckedPolicy, found: Iterable[Granted]) -> tuple[Granted, ...]:
    place = {key: number for number, key in enumerate(policy.benefits)}
    stages = {stage: number for number, stage in enumerate(stages_of(policy), start=1)}
    return tuple(
        sorted(
            found, key=lambda each: (place[each.benefit.key], stages.get(each.stage, 0) if each.stage else 0)
        )
    )


def improvements(better: Iterable[Granted], now: Iterable[Granted]) -> Iterator[Granted]:
    """What another tier would bring: benefits that are not granted now, or are granted better."""
    current = {_key(each): each for each in now if each.holds == TRUE}
    for each in better:
        own = current.get(_key(each))
        if each.holds == TRUE and (own is None or _is_better(each, own)):
            yield each


def _is_better(other: Granted, own: Granted) -> bool:
    one, two = known_number(other.value), known_number(own.value)
    if one is None or two is None:
        return other.value != own.value
    return one < two if other.benefit.less_is_better else one > two
