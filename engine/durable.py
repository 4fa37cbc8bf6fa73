"""The durable-rules engine: the same decision, found by forward chaining in durable-rules.

A policy becomes rulesets once (`engine.durable_rules`). A decision asserts the customer's facts, then in turn the scores, the tiers and
whatever else they lead to, each step as a fact of its own, and counts up what fires (`engine.durable_accounts`). durable-rules itself
runs in a cage (`engine.durable_cage`), since it crashes and hangs where one would not expect it: a lost worker is replaced and its
question asked again. If the same decision costs two workers, the reference decides, the answer names it, and the incident is counted.

It decides what is known. A customer of whom a fact is unknown is refused, as is a policy that durable-rules
would get wrong (`engine.durable_refusals`); the other engines decide those.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from dsl.model import Advice, CheckedPolicy, Expr, Read
from engine import reference
from engine.benefits import stage_reads, stages_of
from engine.decision import Decision
from engine.durable_accounts import benefits, result
from engine.durable_cage import Cage, Incident, NotInstalled, cage
from engine.durable_conditions import place, seconds
from engine.durable_refusals import CannotDecide, not_installed, over_time, unknown_facts, without_value
from engine.durable_rules import Field, Program, Step, compile_rules
from engine.durable_worker import SEEN, Session
from engine.expressions import Situation, evaluate
from engine.facts import Facts, FactsError
from engine.facts_problems import FactProblem
from engine.matching import Act
from engine.reasons import applies_words, division_words
from engine.reference import Found, Question
from engine.remembered import PerPolicy
from engine.values import TRUE, DivisionByZero, Domain, Known
from engine.words import words

NAME = "durable"

log = logging.getLogger("tierwise.durable")

Problems = tuple[FactProblem, ...]
# The stage that benefits are asked for, by the fact that says where the customer is.
Stages = Mapping[str, str]


def decide(policy: CheckedPolicy, facts: Facts, as_of: date, question: Question) -> Decision:
    """The decision on one customer on one day.

    Raises `CannotDecide` for what this engine refuses, and `FactsError` where `question.at` names no stage.
    """
    return decide_in(cage(), policy, facts, as_of, question)


def decide_in(where: Cage, policy: CheckedPolicy, facts: Facts, as_of: date, question: Question) -> Decision:
    """The same, in a cage of the caller's, which counts the question by how it came out."""
    try:
        decided = _decided(where, policy, facts, as_of, question)
    except FactsError:
        where.count(("question", "refused"))
        raise
    except Incident as incident:
        where.count(("question", "given_up"))
        told = {"policy": policy.name, "why": incident.why}
        log.error("durable-rules was given up on; the reference decided", extra={"fields": told})
        return reference.decide(policy, facts, as_of, question)
    where.count(("question", "decided"))
    return decided._replace(engine=NAME)


def _decided(where: Cage, policy: CheckedPolicy, facts: Facts, as_of: date, question: Question) -> Decision:
    if question.states is not None and policy.movements:
        raise over_time(policy)
    outside = reference.out_of_force(policy, as_of, question.lang)
    if outside is not None:
        at = Situation(policy, facts, as_of)
        return reference.not_applicable(at, question, outside)
    program = PROGRAMS.of(policy)
    if not isinstance(program, Program):
        raise CannotDecide(program)
    refusal = unknown_facts(policy, facts)
    if refusal is not None:
        raise refusal
    try:
        return _Asking(program, Situation(program.policy, facts, as_of), question, where).decision()
    except NotInstalled:
        raise not_installed() from None


def _program(policy: CheckedPolicy) -> Program | Problems:
    """The program of a policy, or why there is none, so that neither has to be found out for every customer."""
    try:
        return compile_rules(policy)
    except CannotDecide as refusal:
        return refusal.problems


PROGRAMS = PerPolicy(_program)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One decision on its way through the steps of a program."""

    program: Program
    at: Situation
    question: Question
    cage: Cage

    def decision(self) -> Decision:
        """Asserts step after step, then puts the answer together."""
        policy, at, question = self.program.policy, self.at, self.question
        held: frozenset[int] = frozenset()
        acts: list[Act] = []
        for number, step in enumerate(self.program.steps):
            acts += self._found(step.results, held)
            held |= self._held(step)
            if number == self.program.applies_at and id(policy.applies) not in held:
                why = applies_words(policy, question.lang)
                return reference.not_applicable(at, question, why, by_condition=True)
        acts += self._found(self.program.last, held)
        # In the order of the policy, which the steps have mixed.
        place = {key: number for number, key in enumerate(policy.order)}
        acts.sort(key=lambda act: place[act.key])
        given = benefits(self.program, at, question.at, held)
        advised = tuple((each, TRUE) for each in _advice(policy, held))
        return reference.answer(Found(at, TRUE, tuple(acts), given, advised), question)

    def _found(self, keys: tuple[str, ...], held: frozenset[int]) -> Iterator[Act]:
        """Fills in results that are ready, and gives the rules that acted."""
        for key in keys:
            self.at.results[key], acts = result(key, self.at, held)
            yield from acts

    def _held(self, step: Step) -> frozenset[int]:
        """Everything that holds at a step, by identity."""
        sessions: list[Session] = []
        for stages in _stages(self.at.policy, self.question.at):
            codes = {field.name: self._code(field, stages) for field in step.fields}
            for each in step.rulesets:
                fact = {field.name: codes[field.name] for field in each.fields}
                sessions.append((each.name, {SEEN: 1, **fact}))
        fired = {rule for rules in self.cage.fire(self.program.book, sessions) for rule in rules}
        return frozenset(id(step.of_rule[rule]) for rule in fired - {SEEN})

    def _code(self, field: Field, stages: Stages) -> int:
        """What stands in a field for this customer."""
        expr = field.measure.expr
        if field.measure.sort == "stage" and isinstance(expr, Read) and expr.key in stages:
            return place(stages[expr.key], expr.type)
        match evaluate(expr, self.at):
            case Known(bool() as truth):
                return field.code(Fraction(truth))
            case Known(date() as day):
                return field.code(seconds(day))
            case Known(str() as key) if expr.type.members:
                return place(key, expr.type)
            case Known(value):
                return field.code(value)
            case unknown:
                raise _no_value(expr, unknown, self.at.policy)


def _advice(policy: CheckedPolicy, held: frozenset[int]) -> list[Advice]:
    """Advice that holds, by priority; advice without one comes last."""
    found = [each for each in policy.advice if each.condition is None or id(each) in held]
    return sorted(found, key=lambda each: (each.priority is None, each.priority or 0))


def _stages(policy: CheckedPolicy, asked: str | None) -> list[Stages]:
    """The stages to ask for, one after the other: the customer's own, or what the question names, or all."""
    if asked is None:
        return [{}]
    if asked == "all":
        return [{}, *({key: member} for key, member in stages_of(policy))]
    named: list[Stages] = [
        {key: member.key}
        for key, read in stage_reads(policy).items()
        for member in read.type.members
        if asked in (member.key, member.name)
    ]
    return named or [{}]


def _no_value(expr: Expr, unknown: Domain, policy: CheckedPolicy) -> CannotDecide:
    """The refusal of a comparison with nothing: after a division by zero, or where there is deliberately no value."""
    for cause in unknown.causes:
        if isinstance(cause, DivisionByZero):
            return without_value(
                division_words(policy, cause.span, "en"), division_words(policy, cause.span, "zh")
            )
    return without_value(
        f"`{words(expr, policy, 'en')}` has none here", f"`{words(expr, policy, 'zh')}` 此处没有值"
    )
