"""Checked model -> rulesets for durable-rules: what is asked, in which order, and how it is put.

A decision goes forward in steps. The first step asks all that depends on facts alone; its answers give scores and values; they are new
facts for the second step, which gives tiers; these are facts for the third, which gives benefits and advice. Each step is one fact of
numbered fields, and rulesets of at most `MOST_RULES` rules to hold it against.

Rules are dictionaries of literals joined by `$and` over one fact, and nothing else: joins across facts, `$or`
and patterns are what durable-rules gets wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import sha256
from math import lcm

from dsl.model import Benefit, CheckedPolicy, Const, Grant
from dsl.records import record
from dsl.types import YES_NO
from dsl.walk import places
from engine.durable_cage import Rulebook
from engine.durable_conditions import MOST_TESTS, Measure, Order, Test, Together
from engine.durable_matters import Matter, Node, declared, others
from engine.durable_refusals import beyond
from engine.durable_worker import SEEN, Rules

# durable-rules slows down, and then breaks, beyond some dozens of rules in a ruleset and fields in a fact.
MOST_RULES = 60
MOST_FIELDS = 40

# Whole numbers are compared right within 64 bits. Constants stay well within; what is measured is held at `FURTHEST`, which is beyond
# every constant, so that it compares as it would from further out.
MOST_SIZE = 1 << 60
FURTHEST = 1 << 61

OPERATORS: Mapping[Order, str] = {"<>": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


@record
class Field:
    """One numbered field of a step's fact. `unit` is how many steps there are in 1 (sizes), `texts` are those
    that have a number, from 1 on (words).
    """

    name: str
    measure: Measure
    unit: int = 1
    texts: tuple[str, ...] = ()

    def code(self, value: object) -> int:
        """The whole number that stands for a size, a place, a text or a truth."""
        if isinstance(value, str):
            return self.texts.index(value) + 1 if value in self.texts else 0
        assert isinstance(value, Fraction), "measures give texts and exact numbers"
        if self.measure.sort != "size":
            return int(value)
        whole, rest = divmod(value * self.unit, 1)
        return max(-FURTHEST, min(2 * int(whole) + (rest > 0), FURTHEST))


@record
class Ruleset:
    """Rules to hold a step's fact against, and the fields of it that they look at."""

    name: str
    rules: Rules
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked at once. `results` are ready before it; `of_rule` says what a rule that fires is about."""

    results: tuple[str, ...]
    rulesets: tuple[Ruleset, ...]
    of_rule: Mapping[str, Node]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A policy as it is put to durable-rules.

    Nodes of the policy are known by identity, so it is the program's own `policy` that is decided with. `last`
    are the results that are ready after all steps, `applies_at` is the step that asks whether the policy
    applies (None: always). `book` holds the rulesets of all steps. `granted` and `withheld` are the benefits' grants, by identity, as mere accounts:
    what was granted without a condition, and what was not.
    """

    policy: CheckedPolicy
    book: Rulebook
    steps: tuple[Step, ...]
    last: tuple[str, ...]
    applies_at: int | None
    granted: Mapping[int, Grant]
    withheld: Mapping[int, Grant]

    def accounts(self, held: frozenset[int]) -> tuple[CheckedPolicy, Mapping[int, Grant]]:
        """The policy with what was granted for its only grants, and the grant that each of them stands for."""
        origin: dict[int, Grant] = {}
        benefits: dict[str, Benefit] = {}
        for key, benefit in self.policy.benefits.items():
            chosen = [(self.granted if id(own) in held else self.withheld)[id(own)] for own in benefit.grants]
            origin |= {id(one): own for one, own in zip(chosen, benefit.grants, strict=True)}
            benefits[key] = replace(benefit, grants=tuple(chosen))
        return replace(self.policy, benefits=benefits), origin


def compile_rules(policy: CheckedPolicy) -> Program:
    """The program of a policy. Raises `CannotDecide`."""
    ready: dict[str, int] = {}
    asked: dict[int, list[Matter]] = {}
    everything = {place.key: place for place in places(policy)}
    for key in policy.order:
        matters = declared(key, policy)
        if matters:
            step = _after((read for matter in matters for read in matter.reads), ready)
            asked.setdefault(step, []).extend(matters)
        read = _after((read.key for read in everything[key].reads()), ready)
        ready[key] = max(read, step + 1) if matters else read
    applies_at = None
    for matter in others(policy):
        step = _after(matter.reads, ready)
        applies_at = step if matter.node is policy.applies else applies_at
        asked.setdefault(step, []).append(matter)
    count = max(asked, default=-1) + 1
    results = [tuple(key for key in policy.order if ready[key] == step) for step in range(count + 1)]
    steps = [_step(str(step), asked.get(step, []), results[step], policy) for step in range(count)]
    book, steps = _bound(steps)
    grants = [grant for benefit in policy.benefits.values() for grant in benefit.grants]
    plain = {
        id(grant): replace(grant, condition=None, ladder=None, tiers=None, start=None, end=None)
        for grant in grants
    }
    never = {key: replace(grant, condition=Const(False, YES_NO)) for key, grant in plain.items()}
    return Program(policy, book, tuple(steps), results[count], applies_at, plain, never)


def _bound(steps: Sequence[Step]) -> tuple[Rulebook, list[Step]]:
    """The rulebook of these steps, and the steps with their rulesets' names in it.

    The names come from what the rulesets say: a worker must not take one policy's for another's, whatever the
    two policies have in common.
    """
    said = json.dumps({each.name: each.rules for step in steps for each in step.rulesets})
    name = sha256(said.encode()).hexdigest()
    named = [
        replace(step, rulesets=tuple(replace(each, name=f"{name}_{each.name}") for each in step.rulesets))
        for step in steps
    ]
    return Rulebook(name, {each.name: each.rules for step in named for each in step.rulesets}), named


def _after(keys: Iterable[str], ready: Mapping[str, int]) -> int:
    """The step before which all these results are there; facts and parameters always are."""
    return max((ready.get(key, 0) for key in keys), default=0)


# ---------------------------------------------------------------- one step


def _step(name: str, matters: Sequence[Matter], results: tuple[str, ...], policy: CheckedPolicy) -> Step:
    fields = _fields([test for matter in matters for way in matter.tests for test in way], policy)
    of_rule: dict[str, Node] = {}
    rules: dict[str, Together] = {}
    for matter in matters:
        for way in matter.tests:
            if len(way) > MOST_TESTS:
                raise beyond(
                    policy,
                    way[0].measure.expr.span,
                    f"the condition compares {len(way)} times, and {MOST_TESTS} is the limit",
                    f"该条件含 {len(way)} 次比较，上限为 {MOST_TESTS} 次",
                )
            rule = f"r{len(rules)}"
            of_rule[rule] = matter.node
            rules[rule] = way
    rulesets = tuple(
        _ruleset(f"{name}_{number}", chunk, fields) for number, chunk in enumerate(_chunks(rules))
    )
    return Step(results, rulesets, of_rule, tuple(fields.values()))


def _fields(tests: Sequence[Test], policy: CheckedPolicy) -> dict[Measure, Field]:
    """A field for each measure, with the unit that all its constants are whole in, and a number for each of
    its texts.
    """
    constants: dict[Measure, list[Fraction | str]] = {}
    for test in tests:
        constants.setdefault(test.measure, []).append(test.value)
    found = {}
    for number, (measure, values) in enumerate(constants.items()):
        sizes = [value for value in values if isinstance(value, Fraction)]
        unit = lcm(*(value.denominator for value in sizes)) if measure.sort == "size" else 1
        if any(abs(2 * unit * value) >= MOST_SIZE for value in sizes):
            raise beyond(
                policy,
                measure.expr.span,
                "a number in the comparison has more digits than 64 bits hold",
                "比较中的数字位数超过 64 位整数",
            )
        texts = tuple(dict.fromkeys(value for value in values if isinstance(value, str)))
        found[measure] = Field(f"q{number}", measure, unit, texts)
    return found


def _chunks(rules: Mapping[str, Together]) -> Iterator[dict[str, Together]]:
    """The rules in parts that are small enough for one ruleset, one place being kept for `SEEN`."""
    chunk: dict[str, Together] = {}
    looked: set[Measure] = set()
    for name, way in rules.items():
        measures = {test.measure for test in way}
        if chunk and (len(chunk) == MOST_RULES - 1 or len(looked | measures) > MOST_FIELDS):
            yield chunk
            chunk, looked = {}, set()
        chunk[name] = way
        looked |= measures
    yield chunk


def _ruleset(name: str, chunk: Mapping[str, Together], fields: Mapping[Measure, Field]) -> Ruleset:
    rules = {rule: _rule(rule, [_literal(test, fields) for test in way]) for rule, way in chunk.items()}
    looked = dict.fromkeys(fields[test.measure] for way in chunk.values() for test in way)
    return Ruleset(name, {SEEN: _rule(SEEN, []), **rules}, tuple(looked))


def _rule(name: str, literals: list[Mapping[str, object]]) -> dict[str, object]:
    """A rule over one fact; its action is known by the rule's own name."""
    every: list[Mapping[str, object]] = [{SEEN: 1}, *literals]
    return {"all": [{"m": every[0] if len(every) == 1 else {"$and": every}}], "run": name}


def _literal(test: Test, fields: Mapping[Measure, Field]) -> Mapping[str, object]:
    field = fields[test.measure]
    number = field.code(test.value)
    return {field.name: number} if test.op == "=" else {OPERATORS[test.op]: {field.name: number}}
