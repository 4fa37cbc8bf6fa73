"""What an answer says of movement: the state to hand back next time, what happened, why, and what comes.

These are the parts of a decision that are there only where a state was given. Texts stand in the language of
the answer; tiers by their key; `to_json` writes them in the shape of the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from engine.movement.state_json import state_json
from engine.movement.states import State, TransitionKind


class Happened(NamedTuple):
    """A transition in words. `before` and `after` are tiers, `until` a day that it names (a notice's, a new end)."""

    ladder: str
    on: date
    kind: TransitionKind
    rule: str
    before: str | None
    after: str | None
    until: date | None
    text: str


class Coming(NamedTuple):
    """What happens next where the facts stay as they are."""

    on: date
    to: str | None
    kind: TransitionKind
    text: str


class Reviewed(NamedTuple):
    """The next review, and the first and last day of the time that it looks back over, where it says one."""

    on: date
    first: date | None
    last: date | None


class LadderMovement(NamedTuple):
    """Where a customer stands on a ladder: `computed` by the facts alone (None: undecided, or not graded), `held`
    by movement. `why` says in words why the two differ, or who decided by hand; None where there is nothing to say.
    """

    computed: str | None
    held: str | None
    since: date | None
    through: date | None
    why: str | None
    next: Coming | None
    review: Reviewed | None


class OverTime(NamedTuple):
    """Everything that an answer says of movement, by ladder; `main` is the main ladder of those that move."""

    main: str
    states: Mapping[str, State]
    ladders: Mapping[str, LadderMovement]
    transitions: tuple[Happened, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The keys that it adds to an answer."""
        main = self.ladders.get(self.main)
        return {
            "computed": None if main is None else main.computed,
            "held": None if main is None else main.held,
            "state": {key: state_json(state) for key, state in self.states.items()},
            "transitions": [_happened(each) for each in self.transitions],
            "movement": {key: ladder_json(each) for key, each in self.ladders.items()},
        }


def _happened(each: Happened) -> dict[str, str | None]:
    told = {
        "ladder": each.ladder,
        "on": each.on.isoformat(),
        "kind": each.kind,
        "rule": each.rule,
        "from": each.before,
        "to": each.after,
    }
    until = {} if each.until is None else {"until": each.until.isoformat()}
    return {**told, **until, "text": each.text}


def ladder_json(each: LadderMovement) -> dict[str, Any]:
    """Where a customer stands on a ladder, as JSON values."""
    coming, review = each.next, each.review
    return {
        "computed": each.computed,
        "held": each.held,
        "since": _day(each.since),
        "through": _day(each.through),
        "why": each.why,
        "next": None
        if coming is None
        else {"on": _day(coming.on), "to": coming.to, "kind": coming.kind, "text": coming.text},
        "review": None if review is None else review_json(review),
    }


def review_json(review: Reviewed) -> dict[str, str | None]:
    """A review as JSON values."""
    return {"on": _day(review.on), "from": _day(review.first), "until": _day(review.last)}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
