"""The form that decides a record again: what it asks for, how that is read, and what is said of the outcome.

A record has everything that a decision depends on, but for what its policy masks: those values have to be given again, and
are compared with what stands for them. What was given stays on the page only while something is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from api.errors import BadField, of_facts
from api.pages.answer import Speaker
from api.pages.form import FACTS, Control, as_digits, controls, given_in
from api.pages.replayed import in_words
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from engine.facts import FactsError, parse_json, read_row
from engine.facts_problems import pointer
from engine.movement.asked import read_states
from engine.movement.outcomes import States
from policies.registry.store.connect import Store
from policies.registry.store.masks import mask_of, spelled
from policies.registry.store.problems import Refused
from policies.registry.store.records import DecisionRecord, Payload
from policies.registry.store.replay import Replayed, replay

# The field of the form beside the facts.
STATE = "state"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record with all that there is of it. Without a payload it was erased; without a `policy` it cannot be decided again,
    and `why` says so.
    """

    found: DecisionRecord
    payload: Payload | None
    policy: CheckedPolicy | None
    why: str = ""

    @property
    def lost(self) -> bool:
        """Whether it can never be decided again: what was asked, or the text that decided, is not there."""
        return self.payload is None or self.policy is None

    def masked(self) -> list[str]:
        """The facts whose values it does not tell."""
        facts = {} if self.payload is None else self.payload.facts
        return [key for key, kept in facts.items() if mask_of(kept) is not None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the form: the replay, or what was wrong with what was `given`; `refused` where it was not the same."""

    done: Replayed | None = None
    given: Mapping[str, str] | None = None
    wrong: tuple[BadField, ...] = ()
    refused: str = ""


def asked_for(recorded: Recorded, outcome: Outcome | None, lang: Lang) -> list[Control]:
    """A control for each masked fact, with what was given if something was wrong with it."""
    if recorded.policy is None:
        return []
    keys = recorded.masked()
    given, wrong = ({}, ()) if outcome is None else (outcome.given or {}, outcome.wrong)
    return [each for each in controls(recorded.policy, lang, given, wrong) if each.key in keys]


def decided_again(store: Store, recorded: Recorded, form: Mapping[str, Sequence[str]], lang: Lang) -> Outcome:
    """Decides a record again with what the form gave. Raises `StoreUnavailable`."""
    policy = recorded.policy
    if policy is None:
        return Outcome(refused=recorded.why)
    texts, wrong = given_in(policy, form)
    given = {key: texts[key] for key in recorded.masked() if key in texts}
    try:
        values = _values(policy, given)
    except FactsError as error:
        wrong += of_facts(error, FACTS)
    try:
        states = _states(policy, form.get(STATE, [""])[0])
    except FactsError as error:
        wrong += of_facts(error, pointer(STATE))
    if wrong:
        return Outcome(given=given, wrong=tuple(wrong))
    try:
        return Outcome(replay(store, recorded.found, recorded.payload, policy, values, states))
    except Refused as error:
        return Outcome(given=given, refused=error.message(lang))


def _values(policy: CheckedPolicy, given: Mapping[str, str]) -> dict[str, object]:
    """The values of masked facts, as calls write them. Raises `FactsError`."""
    # The other facts are in the record: none is missing here, and no default stands in.
    facts = {key: replace(policy.facts[key], required=False, default=None) for key in given}
    alone = replace(policy, facts=facts)
    read = read_row(alone, as_digits(alone, given))
    return {key: spelled(value, facts[key].type) for key, value in read.known.items()}


def _states(policy: CheckedPolicy, written: str) -> States | None:
    """The state that was given, None where none was. Raises `FactsError`."""
    return read_states(policy, parse_json(written)) if written.strip() else None


def told(
    outcome: Outcome | None, recorded: Recorded, says: Speaker | None, lang: Lang
) -> Mapping[str, object] | None:
    """What the page says of it: the kind of outcome, the sentences that go with it, and what is needed."""
    if outcome is None or (outcome.wrong and not outcome.refused):
        return None
    done, payload = outcome.done, recorded.payload
    if done is None or says is None or payload is None:
        return {"kind": "refused", "why": outcome.refused, "lines": (), "needed": (), "state": False}
    return {
        "kind": done.kind,
        "why": "",
        "lines": [in_words(each, payload.answer, says, lang) for each in done.differences],
        "needed": [says.name(key) for key in done.needed],
        "state": done.state_needed,
    }
