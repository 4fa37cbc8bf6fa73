"""Overrides: what is laid over the state, from which day to which, and that nothing of it stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dsl.model.movement import Move, Movement
from engine.movement import Moved, Outcome, Override, move, next_day, next_move
from engine.movement.states import OverrideKind

TIERS = ("A", "B", "C", "D", "E")
DIRECT = Movement("grade", Move("move_up", "once"), Move("move_down", "once"))


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def override(kind: OverrideKind, start: str, end: str, tier: str | None = None) -> Override:
    return Override(kind, "appeal 17", "li.wei", day(start), day(end), tier)


def run(*steps: tuple[str, str | None, Override | None], movement: Movement = DIRECT) -> list[Moved]:
    """The customer on each day; None is a customer who is not graded."""
    found: list[Moved] = []
    for on, reached, given in steps:
        state = found[-1].state if found else None
        outcome = Outcome(None, graded=False) if reached is None else Outcome(reached)
        found.append(move(movement, TIERS, state, outcome, day(on), given))
    return found


def held(*steps: tuple[str, str | None, Override | None]) -> list[str | None]:
    return [each.held for each in run(*steps)]


def told(moved: Moved) -> list[tuple[str, str, str | None, str | None]]:
    return [(str(each.on)[5:], each.kind, each.before, each.after) for each in moved.transitions]


def test_set_puts_on_a_tier_from_its_first_day_through_its_last() -> None:
    given = override("set", "02-10", "02-20", "A")
    assert held(("01-10", "C", None), ("02-01", "C", given), ("02-09", "C", None), ("02-10", "C", None)) == [
        "C",
        "C",
        "C",
        "A",
    ]
    first, last, after = run(("02-10", "C", given), ("02-20", "D", None), ("02-21", "D", None))
    assert (first.held, last.held, after.held) == ("A", "A", "D")
    assert told(first) == [("02-10", "enter", None, "C"), ("02-10", "override", None, "A")]
    assert told(last) == [("02-20", "down", "C", "D")]
    assert told(after) == [("02-21", "override_end", "A", "D")]
    assert after.state.overrides == ()


def test_an_override_that_begins_and_ends_between_two_days_is_in_what_happened() -> None:
    given = override("floor", "02-10", "02-20", "B")
    _, after = run(("01-10", "C", given), ("03-01", "C", None))
    assert told(after) == [("02-10", "override", "C", "B"), ("02-21", "override_end", "B", "C")]
    assert after.transitions[0].until == day("02-20")
    assert {each.rule for each in after.transitions} == {"override.floor"}


def test_floor_lets_nobody_below_and_everybody_above() -> None:
    given = override("floor", "01-10", "06-30", "C")
    assert held(("01-10", "B", given), ("02-01", "E", None), ("03-01", "A", None), ("07-01", "E", None)) == [
        "B",
        "C",
        "A",
        "E",
    ]


def test_freeze_stays_where_it_was_on_the_day_before() -> None:
    given = override("freeze", "02-01", "03-31")
    found = run(("01-10", "B", None), ("02-01", "D", given), ("03-01", "A", None), ("04-01", "A", None))
    assert [each.held for each in found] == ["B", "B", "B", "A"]
    assert found[1].state.overrides[0].tier == "B"
    assert found[1].state.tier == "D"


def test_retain_lets_up_and_not_down() -> None:
    given = override("retain", "02-01", "03-31")
    found = held(("01-10", "B", None), ("02-01", "D", given), ("03-01", "A", None), ("03-10", "C", None))
    assert found == ["B", "B", "A", "B"]


def test_set_wins_over_freeze_and_a_floor_over_both() -> None:
    one = run(
        ("01-10", "B", override("freeze", "01-11", "06-30")),
        ("01-12", "A", override("set", "01-12", "02-28", "D")),
        ("01-13", "A", override("floor", "01-13", "01-31", "C")),
        ("02-01", "A", None),
        ("03-01", "A", None),
    )
    assert [each.held for each in one] == ["B", "D", "C", "D", "B"]


def test_an_overlay_that_begins_later_remembers_the_tier_that_was_held() -> None:
    """`retain` begins while `set` gives A: that is what is retained."""
    one = run(
        ("01-10", "C", override("set", "01-10", "02-28", "A")),
        ("01-20", "C", override("retain", "02-01", "06-30")),
        ("03-01", "D", None),
    )
    assert (one[-1].held, one[-1].state.tier) == ("A", "D")


def test_who_has_no_tier_only_gets_one_by_set() -> None:
    for kind in ("freeze", "retain", "floor"):
        tier = "B" if kind == "floor" else None
        assert held(("01-10", None, override(kind, "01-10", "02-28", tier)))[0] is None
    assert held(("01-10", None, override("set", "01-10", "02-28", "B"))) == ["B"]


def test_a_new_one_takes_the_place_of_its_kind() -> None:
    found = run(
        ("01-10", "E", override("floor", "01-10", "06-30", "B")),
        ("02-01", "E", override("floor", "02-01", "03-31", "C")),
        ("04-01", "E", None),
    )
    assert [each.held for each in found] == ["B", "C", "E"]
    assert told(found[1]) == [("02-01", "override", "B", "C")]


def test_one_that_begins_later_ends_the_one_that_it_replaces() -> None:
    found = run(
        ("01-10", "E", override("floor", "01-10", "06-30", "B")),
        ("02-01", "E", override("floor", "05-01", "05-31", "C")),
        ("05-01", "E", None),
    )
    assert [each.held for each in found] == ["B", "E", "C"]
    assert told(found[1]) == [("02-01", "override_end", "B", "E")]


def test_the_same_again_changes_nothing() -> None:
    given = override("freeze", "02-01", "03-31")
    _, two, three = run(("01-10", "B", None), ("02-01", "D", given), ("02-05", "E", given))
    assert three.state.overrides == two.state.overrides
    assert (three.held, told(three)) == ("B", [("02-05", "down", "D", "E")])


def test_one_that_begins_before_the_day_it_is_given_begins_on_that_day() -> None:
    _, two = run(("01-10", "B", None), ("02-10", "D", override("freeze", "02-01", "03-31")))
    assert two.held == "B"
    assert told(two)[-1] == ("02-10", "override", "B", "B")


def test_one_that_has_ended_is_none() -> None:
    moved = run(("01-10", "B", None), ("02-10", "B", override("set", "01-11", "02-09", "A")))[-1]
    assert (moved.held, moved.state.overrides, moved.transitions) == ("B", (), ())


def test_the_last_day_of_the_calendar_has_no_day_after() -> None:
    forever = override("set", "01-10", "01-10", "A")._replace(end=date.max)
    moved = run(("01-10", "C", forever))[0]
    assert next_day(DIRECT, TIERS, moved.state) is None
    assert move(DIRECT, TIERS, moved.state, Outcome("C"), date(2125, 12, 31)).held == "A"


def test_what_comes_is_the_end_of_an_override() -> None:
    moved = run(("01-10", "C", override("set", "01-10", "02-20", "A")))[0]
    coming = next_move(DIRECT, TIERS, moved)
    assert coming is not None
    assert (coming.on, coming.kind, coming.before, coming.after) == (day("02-21"), "override_end", "A", "C")
    hidden = run(("01-10", "A", override("floor", "01-10", "02-20", "B")))[0]
    assert next_move(DIRECT, TIERS, hidden) is None


@pytest.mark.parametrize("kind", ["set", "floor", "freeze", "retain"])
def test_an_ended_override_leaves_a_state_as_if_it_had_never_been(kind: OverrideKind) -> None:
    given = override(kind, "01-20", "02-20", "A" if kind in ("set", "floor") else None)
    movement = replace(DIRECT, up=Move("move_up", "once", most=1))
    with_it = run(("01-10", "C", given), ("02-01", "D", None), ("02-21", "B", None), movement=movement)[-1]
    without = run(("01-10", "C", None), ("02-01", "D", None), ("02-21", "B", None), movement=movement)[-1]
    assert with_it.state == without.state
    assert with_it.held == without.held
