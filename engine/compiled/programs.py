"""Compiled policies, and deciding with them.

A policy is compiled when it first decides, in the language and shape that are asked for, and kept. Programs
are shared by threads: two that ask for the same function at the same time make the same one.
"""

from __future__ import annotations

from datetime import date
from decimal import DecimalException
from itertools import chain
from typing import Any

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from engine import reference
from engine.compiled.draft import NAME, Shape, Variant
from engine.compiled.function import Function, function
from engine.compiled.runtime import Undecided
from engine.decision import Decision, Json, to_json
from engine.facts import Facts, plain_facts
from engine.reference import Explain, Question
from engine.remembered import PerPolicy
from engine.wording import texts_of

# The language, how much is explained, the shape, and whether every fact that is read is known.
Asked = tuple[Lang, Explain, Shape, bool]


class Program(dict[Asked, Function]):
    """The functions of one policy, each made when it is first asked for."""

    def __init__(self, policy: CheckedPolicy) -> None:
        super().__init__()
        self._policy = policy
        self.langs = tuple(lang for lang in _LANGS if _as_written(policy, lang))

    def __missing__(self, asked: Asked) -> Function:
        lang, explain, shape, complete = asked
        found = self[asked] = function(self._policy, Variant(lang, explain != "none", shape, complete))
        return found


_LANGS: tuple[Lang, Lang] = ("en", "zh")


def _as_written(policy: CheckedPolicy, lang: Lang) -> bool:
    """Whether an answer in a language says every text and value as it stands: none is translated, none masked."""
    if any(fact.masked for fact in policy.facts.values()):
        return False
    named = chain(
        policy.values.values(), policy.choices.values(), policy.tags.values(), policy.benefits.values()
    )
    return all(text.in_lang(lang) == text.text for each in named for text in texts_of(each, policy))


PROGRAMS = PerPolicy(Program)


def decide(policy: CheckedPolicy, facts: Facts, as_of: date, question: Question) -> Decision:
    """The decision on one customer on one day. Raises `FactsError` where `question.at` names no stage."""
    found = _straight(policy, facts, as_of, question, "decision")
    if found is not None:
        made: Decision = found
        return made
    return reference.decide(policy, facts, as_of, question)._replace(engine=NAME)


def answer(policy: CheckedPolicy, facts: Facts, as_of: date, question: Question) -> dict[str, Json]:
    """The decision as JSON values, as `to_json` gives them. Raises as `decide` does."""
    found = _straight(policy, facts, as_of, question, "json")
    if found is not None:
        made: dict[str, Json] = found
        return made
    return to_json(reference.decide(policy, facts, as_of, question)._replace(engine=NAME))


def _straight(policy: CheckedPolicy, facts: Facts, day: date, question: Question, shape: Shape) -> Any:
    """What straight-line code answers; None where it cannot."""
    lang, explain, at, customer, states, _ = question
    if at is not None or explain == "full" or states is not None:
        return None
    if not facts.plain:
        if any(facts.get(key) != policy.facts[key].default for key in facts.assumed):
            return None
        facts = plain_facts(facts)
    program, known, assumed = PROGRAMS.of(policy), facts.known, facts.assumed
    if lang not in program.langs:
        return None
    try:
        found = program[lang, explain, shape, True](known, assumed, day, customer)
        if found is not None:
            return found
        return program[lang, explain, shape, False](known, assumed, day, customer)
    except (Undecided, DecimalException):
        return None
