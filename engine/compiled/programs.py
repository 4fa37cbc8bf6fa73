"""Compiled policies, and deciding with them.

A policy is compiled when it first decides, in the language and shape that are asked for, and kept. Programs
are shared by threads: two that ask for the same function at the same time make the same one.
"""

from __future__ import annotations

from datetime import date
from decimal import DecimalException
from typing import Any

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from engine import reference
from engine.compiled.draft import NAME, Answers, Variant
from engine.compiled.function import Function, function
from engine.compiled.runtime import Undecided
from engine.decision import Decision, Written, written
from engine.facts import Facts, plain_facts
from engine.reference import Explain, Question
from engine.remembered import PerPolicy

# The language, how much is explained, the shape, and whether every fact that is read is known.
Asked = tuple[Lang, Explain, Answers, bool]


class Program(dict[Asked, Function]):
    """The functions of one policy, each made when it is first asked for."""

    def __init__(self, policy: CheckedPolicy) -> None:
        super().__init__()
        self._policy = policy

    def __missing__(self, asked: Asked) -> Function:
        lang, explain, shape, complete = asked
        found = self[asked] = function(self._policy, Variant(lang, explain != "none", shape, complete))
        return found


PROGRAMS = PerPolicy(Program)


def decide(policy: CheckedPolicy, facts: Facts, as_of: date, question: Question) -> Decision:
    """The decision on one customer on one day. Raises `FactsError` where `question.at` names no stage."""
    found = _straight(policy, facts, as_of, question, "decision", None)
    if found is not None:
        made: Decision = found
        return made
    return reference.decide(policy, facts, as_of, question)._replace(engine=NAME)


def answer(
    policy: CheckedPolicy, facts: Facts, as_of: date, question: Question, decision_id: str | None = None
) -> Written:
    """The decision as it is sent, under an id. Raises as `decide` does."""
    found = _straight(policy, facts, as_of, question, "text", decision_id)
    if found is not None:
        made: Written = found
        return made
    decision = reference.decide(policy, facts, as_of, question)
    return written(decision._replace(engine=NAME, decision_id=decision_id))


def _straight(
    policy: CheckedPolicy,
    facts: Facts,
    day: date,
    question: Question,
    shape: Answers,
    decision_id: str | None,
) -> Any:
    """What straight-line code answers; None where it cannot."""
    lang, explain, at, customer, states, _ = question
    if at is not None or explain == "full" or states is not None:
        return None
    if not facts.plain:
        if any(facts.get(key) != policy.facts[key].default for key in facts.assumed):
            return None
        facts = plain_facts(facts)
    program, known, assumed = PROGRAMS.of(policy), facts.known, facts.assumed
    try:
        found = program[lang, explain, shape, True](known, assumed, day, customer, decision_id)
        if found is not None:
            return found
        return program[lang, explain, shape, False](known, assumed, day, customer, decision_id)
    except (Undecided, DecimalException):
        return None
