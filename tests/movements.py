"""Rules of movement that are short enough to follow with a finger on a calendar, and what they make of some days."""

from __future__ import annotations

from dsl.model.movement import (
    KeepAtLeast,
    KeepUntil,
    Lapse,
    Move,
    Movement,
    Notice,
    Review,
)
from engine.movement import Moved, Outcome, State, Transition, move
from tests.moving import day

TIERS = ("A", "B", "C", "D", "E")
UP = Move("move_up", "once")
AT_REVIEW = Move("move_down", "review")
AT_ONCE = Move("move_down", "once")
MONTHLY = Review("review", "month")
PLAIN = Movement("grade", UP, AT_REVIEW, review=MONTHLY)
DIRECT = Movement("grade", UP, AT_ONCE)
# The worked example of the language.
WORKED = Movement(
    "grade",
    UP,
    Move("move_down", "review", most=1, after=2),
    review=MONTHLY,
    at_least=KeepAtLeast("keep", Lapse(6)),
    notice=Notice("notice", Lapse(0, 30)),
)
QUARTERS = KeepUntil("valid", "quarter")
HELD = "hold_contract"


def run(movement: Movement, *steps: tuple[str, str | Outcome], start: State | None = None) -> Moved:
    """The customer after facts of so many days; `transitions` are those of them all."""
    moved = Moved(start, None, ()) if start else None
    happened: tuple[Transition, ...] = ()
    for on, said in steps:
        outcome = said if isinstance(said, Outcome) else Outcome(said)
        moved = move(movement, TIERS, moved.state if moved else None, outcome, day(on))
        happened += moved.transitions
    assert moved is not None
    return moved._replace(transitions=happened)


def told(moved: Moved) -> list[str]:
    """What happened, a line each, entering left out."""
    return [
        f"{each.on} {each.kind} {each.before}-{each.after}" + (f" {each.until}" if each.until else "")
        for each in moved.transitions
        if each.kind != "enter"
    ]
