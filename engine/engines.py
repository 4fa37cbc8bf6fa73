"""The engines that decide, by name. They all give the same answer; they differ in how fast, and over how many
customers.

`compiled` is the default, `reference` the oracle. A decision names the engine that made it: where another one left a
question to the reference, that is `reference`. Another engine is one file and one line in `ENGINES`; the conformance tests then
hold it against the oracle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from engine import compiled, reference
from engine.decision import Decision, Written, written
from engine.facts import Facts
from engine.movement.outcomes import States
from engine.movement.states import Override
from engine.reference import Explain, Question

Engine = Callable[[CheckedPolicy, Facts, date, Question], Decision]


def _durable(policy: CheckedPolicy, facts: Facts, as_of: date, question: Question) -> Decision:
    from engine import durable  # only where it is asked for: it brings processes along

    return durable.decide(policy, facts, as_of, question)


ENGINES: Mapping[str, Engine] = MappingProxyType(
    {compiled.NAME: compiled.decide, reference.NAME: reference.decide, "durable": _durable}
)
DEFAULT_ENGINE = compiled.NAME


class UnknownEngine(ValueError):
    """An engine was asked for by a name that none has. `name` is what was asked for."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(self.message())

    def message(self, lang: Lang = "en") -> str:
        """Which engines there are."""
        known = ", ".join(f"`{word}`" for word in ENGINES)
        if lang == "zh":
            return f"没有引擎 `{self.name}`，可用的有 {known}"
        return f"there is no engine `{self.name}`; there is {known}"


def prepare(policy: CheckedPolicy, lang: Lang) -> None:
    """Does beforehand what the default engine does when it is first asked for decisions by a policy."""
    compiled.prepare(policy, lang)


def decide(
    policy: CheckedPolicy,
    facts: Facts,
    *,
    as_of: date,
    lang: Lang = "en",
    engine: str = DEFAULT_ENGINE,
    explain: Explain = "reasons",
    at: str | None = None,
    customer: str | None = None,
    states: States | None = None,
    override: Override | None = None,
) -> Decision:
    """The decision on one customer on one day.

    `at` asks for the benefits of another stage than the customer's, or of `all`. `states` asks for movement: what the
    answer before gave of each ladder, nothing for one on which nobody has stood. `override` is a new one, for the
    main ladder that moves. Raises `UnknownEngine`, and `FactsError` where no benefit belongs to the stage asked for,
    and for the state of a later day.
    """
    if engine not in ENGINES:
        raise UnknownEngine(engine)
    return ENGINES[engine](policy, facts, as_of, Question(lang, explain, at, customer, states, override))


def answer(
    policy: CheckedPolicy,
    facts: Facts,
    *,
    as_of: date,
    lang: Lang = "en",
    engine: str = DEFAULT_ENGINE,
    explain: Explain = "reasons",
    at: str | None = None,
    customer: str | None = None,
    decision_id: str | None = None,
    states: States | None = None,
    override: Override | None = None,
) -> Written:
    """The same decision as it is sent, under an id: JSON, which the default engine writes at once. Raises as
    `decide` does.
    """
    question = Question(lang, explain, at, customer, states, override)
    if engine == compiled.NAME:
        return compiled.answer(policy, facts, as_of, question, decision_id)
    if engine not in ENGINES:
        raise UnknownEngine(engine)
    return written(ENGINES[engine](policy, facts, as_of, question)._replace(decision_id=decision_id))
