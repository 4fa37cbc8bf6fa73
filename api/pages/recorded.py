"""A recorded decision in words, ready for the page: what was known, where the customer stood, what was decided by hand.

The answer itself is put into words as the form's is (`answer`). A fact that the policy masks stands as a sign that is
the same for the same value, and tells nothing else. Where the policy cannot be had any more, its names stand for its labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.answer import Named, Speaker
from api.pages.render import speaker
from api.wording import value
from dsl.diagnostics import Lang
from engine.movement.asked import read_new_override
from engine.movement.called import override_words
from engine.movement.outcomes import moving_ladder
from policies.registry.store.masks import mask_of
from policies.registry.store.records import DecisionRecord, Payload

# In characters: so much of a mask is shown, which is enough to tell one value from another.
SHOWN_MASK = 12


@dataclass(frozen=True, slots=True)
class Kept:
    """A fact as it was recorded: its label and its value in words, or, where that is masked, its sign."""

    name: str
    value: str
    mask: str = ""


def facts_of(payload: Payload, says: Speaker | None, lang: Lang) -> list[Kept]:
    """What was known of the customer."""
    return [_fact(key, item, says, lang) for key, item in payload.facts.items()]


def _fact(key: str, item: object, says: Speaker | None, lang: Lang) -> Kept:
    name = key if says is None else says.name(key)
    mask = mask_of(item)
    if mask is not None:
        return Kept(name, "", mask[:SHOWN_MASK])
    return Kept(name, value(item, None, lang) if says is None else says.told(key, item))


def states_of(payload: Payload, says: Speaker | None, lang: Lang) -> list[Named] | None:
    """Where the customer stood on each ladder; empty for a new one, None where nobody asked over time."""
    states: Any = payload.question.get("state")
    return None if states is None else list(_states(states, says, lang))


def _states(states: Mapping[str, Any], says: Speaker | None, lang: Lang) -> Iterator[Named]:
    say = speaker(lang)
    for ladder, state in states.items():
        name = ladder if says is None else says.name(ladder)
        if state["tier"] is None:
            yield Named(name, say("no_tier_then", day=state["as_of"]))
            continue
        tier = state["tier"] if says is None else says.tier(ladder, state["tier"])
        yield Named(name, say("tier_then", tier=tier, since=state["since"], day=state["as_of"]))


def override_of(found: DecisionRecord, payload: Payload, says: Speaker | None, lang: Lang) -> str:
    """What somebody decided by hand with the question; empty where nobody did."""
    laid: Any = payload.question.get("override")
    if laid is None:
        return ""
    ladder = None if says is None else moving_ladder(says.policy)
    if says is None or ladder is None:
        return f"{laid['kind']} {laid['tier'] or ''} · {laid['author']} · {laid['reason']}"
    return override_words(read_new_override(says.policy, laid, found.as_of), ladder, lang)


def masked_days(payload: Payload) -> bool:
    """Whether days of the state that was sent are masked, so that the state may be needed again."""
    states: Any = payload.question.get("state") or {}
    return any(mask_of(day) is not None for state in states.values() for day in state["outcome"].values())
