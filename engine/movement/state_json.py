"""A state as JSON, to be kept by the caller and given back with the next question; `read_state` reads it again."""

from __future__ import annotations

from datetime import date

from engine.movement.states import Outcome, Override, State

JsonObject = dict[str, object]
UNKNOWN = Outcome(None)


def state_json(state: State) -> JsonObject:
    """The state as JSON values; dates by ISO 8601."""
    notice = state.notice
    return {
        "as_of": state.as_of.isoformat(),
        "tier": state.tier,
        "since": state.since.isoformat(),
        "through": _day(state.through),
        "missed": state.missed,
        "notice": notice
        and {"to": notice.to, "given": notice.given.isoformat(), "due": notice.due.isoformat()},
        "postponed": _day(state.postponed),
        "waits": state.waits,
        "overrides": [override_json(each) for each in state.overrides],
        "outcome": outcome_json(state.outcome),
    }


def override_json(override: Override) -> JsonObject:
    """An override as JSON values."""
    return {
        "kind": override.kind,
        "tier": override.tier,
        "reason": override.reason,
        "author": override.author,
        "from": override.start.isoformat(),
        "until": override.end.isoformat(),
    }


def outcome_json(outcome: Outcome) -> JsonObject:
    """An outcome as JSON values: the tier reached, and of the rest what there is to say."""
    return {
        name: _value(value)
        for name, value, usual in zip(Outcome._fields, outcome, UNKNOWN, strict=True)
        if name == "reached" or value != usual
    }


def _value(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
