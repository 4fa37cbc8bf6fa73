"""Compiled policies, and deciding with them.

A policy is compiled when it first decides, in the language and shape that are asked for, and kept. Threads
share its programs: one of them compiles, the others wait for it. `prepare` compiles beforehand what is asked
for most.

Where straight-line code cannot answer, the reference does, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import DecimalException
from threading import Lock
from types import MappingProxyType
from typing import Any

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from engine import reference
from engine.benefits import asked_stages, stage_reads
from engine.compiled.benefits import lists_all_stages
from engine.compiled.draft import Answers, StageAsked, Variant
from engine.compiled.function import Function, function
from engine.compiled.runtime import Undecided
from engine.decision import Decision, Written, written
from engine.facts import Facts, FactsError, plain_facts
from engine.masking import is_masked
from engine.movement.outcomes import States
from engine.reference import Explain, Question
from engine.remembered import PerPolicy

# The language, how much is explained, the benefits of which stage, the shape, and whether every fact that is read
# is known; last whether ladders are moved from a state.
Asked = tuple[Lang, Explain, StageAsked, Answers, bool, bool]
# A stage by the key of the fact (or choice) whose value it is.
StageOf = Mapping[str, str]
OWN_STAGE: StageOf = MappingProxyType({})
NO_STATES: States = MappingProxyType({})


class Program(dict[Asked, Function]):
    """The functions of one policy, each made once, when it is first asked for.

    `stages` are the words that may be asked for as `at`, each with the stages that it means.
    """

    def __init__(self, policy: CheckedPolicy) -> None:
        super().__init__()
        self.stages = _stages(policy)
        self._policy = policy
        self._lock = Lock()

    def __missing__(self, asked: Asked) -> Function:
        lang, explain, at, shape, complete, moving = asked
        with self._lock:
            found = self.get(asked)  # by a thread that came first
            if found is None:
                variant = Variant(lang, explain != "none", shape, complete, at, moving)
                found = self[asked] = function(self._policy, variant)
            return found


def _stages(policy: CheckedPolicy) -> dict[str, StageOf]:
    """What may be asked for as `at`, as far as straight-line code answers.

    Masked stages are the reference's: how those are told depends on whether the customer's own is known.
    """
    reads = stage_reads(policy)
    if any(is_masked(read, policy) for read in reads.values()):
        return {}
    members = [member for read in reads.values() for member in read.type.members]
    words = {word for member in members for word in (member.key, member.name)} - {"all"}
    found: dict[str, StageOf] = {word: dict(asked_stages(reads, word)) for word in words}
    return found | {"all": OWN_STAGE} if lists_all_stages(policy) else found


PROGRAMS = PerPolicy(Program)


def prepare(policy: CheckedPolicy, lang: Lang) -> None:
    """Compiles what a service is asked for most: answers as they are sent, with reasons, whoever the customer."""
    program = PROGRAMS.of(policy)
    for complete in (True, False):
        program[lang, "reasons", "own", "text", complete, False]
        if policy.movements:
            program[lang, "reasons", "own", "text", complete, True]


def decide(policy: CheckedPolicy, facts: Facts, as_of: date, question: Question) -> Decision:
    """The decision on one customer on one day. Raises `FactsError` where `question.at` names no stage."""
    found = _straight(policy, facts, as_of, question, "decision", None)
    if found is not None:
        made: Decision = found
        return made
    return reference.decide(policy, facts, as_of, question)


def answer(
    policy: CheckedPolicy, facts: Facts, as_of: date, question: Question, decision_id: str | None = None
) -> Written:
    """The decision as it is sent, under an id. Raises as `decide` does."""
    found = _straight(policy, facts, as_of, question, "text", decision_id)
    if found is not None:
        made: Written = found
        return made
    decision = reference.decide(policy, facts, as_of, question)
    return written(decision._replace(decision_id=decision_id))


def _straight(
    policy: CheckedPolicy,
    facts: Facts,
    day: date,
    question: Question,
    shape: Answers,
    decision_id: str | None,
) -> Any:
    """What straight-line code answers; None where it cannot."""
    lang, explain, at, customer, states, override = question
    moving = states is not None and bool(policy.movements)
    if explain == "full" or (moving and override is not None):
        return None
    if not moving or states is None:
        states = NO_STATES
    if not facts.plain:
        if any(facts.get(key) != policy.facts[key].default for key in facts.assumed):
            return None
        facts = plain_facts(facts)
    program, known, assumed = PROGRAMS.of(policy), facts.known, facts.assumed
    whose, stages = _whose(program, at)
    if stages is None:
        return None
    try:
        decided = program[lang, explain, whose, shape, True, moving]
        found = decided(known, assumed, day, customer, decision_id, stages, states)
        if found is not None:
            return found
        decided = program[lang, explain, whose, shape, False, moving]
        return decided(known, assumed, day, customer, decision_id, stages, states)
    except (Undecided, DecimalException, FactsError):
        # Where a state is refused, the reference says at which place of the question.
        return None


def _whose(program: Program, at: str | None) -> tuple[StageAsked, StageOf | None]:
    """Of which stage the benefits are asked for; no stages where the reference has to tell."""
    if at is None:
        return "own", OWN_STAGE
    return "all" if at == "all" else "named", program.stages.get(at)
