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


def test_one_that_begins_later_leaves_the_one_in_force_until_the_evening_before() -> None:
    now, later = override("floor", "01-10", "06-30", "B"), override("floor", "05-01", "05-31", "C")
    found = run(
        ("01-10", "E", now),
        ("02-01", "E", later),
        ("04-30", "E", None),
        ("05-01", "E", None),
        ("06-01", "E", None),
    )
    assert [each.held for each in found] == ["B", "B", "B", "C", "E"]
    assert found[1].state.overrides == (now._replace(end=day("04-30")), later)
    assert [told(each) for each in found[1:]] == [
        [],
        [],
        [("05-01", "override", "B", "C")],
        [("06-01", "override_end", "C", "E")],
    ]


def test_one_that_is_over_before_the_next_keeps_its_end() -> None:
    now, later = override("set", "01-10", "01-31", "B"), override("set", "05-01", "05-31", "C")
    found = run(("01-10", "E", now), ("01-20", "E", later), ("02-01", "E", None), ("05-01", "E", None))
    assert found[1].state.overrides == (now, later)
    assert [each.held for each in found] == ["B", "B", "E", "C"]


def test_one_given_now_ends_where_one_known_before_it_begins() -> None:
    later, now = override("set", "05-01", "05-31", "A"), override("set", "02-01", "12-31", "D")
    found = run(("01-10", "C", later), ("02-01", "C", now), ("05-01", "C", None), ("06-01", "C", None))
    assert found[1].state.overrides == (later, now._replace(end=day("04-30")))
    assert [each.held for each in found] == ["C", "D", "A", "C"]
    again = run(("01-10", "C", later), ("02-01", "C", now), ("02-01", "C", now), ("03-01", "C", now))
    assert [told(each) for each in again[2:]] == [[], []]
    assert again[3].state.overrides == found[1].state.overrides


def test_the_same_again_is_the_same_where_a_later_one_ends_it() -> None:
    """It retains what was held when it began, however high the customer has risen since."""
    later, now = override("retain", "05-01", "05-31"), override("retain", "02-01", "12-31")
    found = run(
        ("01-10", "B", None),
        ("01-20", "B", later),
        ("02-01", "B", now),
        ("03-01", "A", now),
        ("04-01", "D", now),
    )
    assert found[3].state.overrides == (later, now._replace(tier="B", end=day("04-30")))
    assert [each.held for each in found] == ["B", "B", "B", "A", "B"]


def test_several_to_come_begin_one_after_the_other() -> None:
    june, april, may = (override("floor", f"{month}-01", "12-31", tier) for month, tier in (
        ("06", "A"), ("04", "C"), ("05", "B"),
    ))  # fmt: skip
    found = run(("01-10", "E", june), ("01-11", "E", april), ("01-12", "E", may), ("06-15", "E", None))
    assert {each.tier: each.end for each in found[2].state.overrides} == {
        "A": day("12-31"),
        "B": day("05-31"),
        "C": day("04-30"),
    }
    assert told(found[3]) == [
        ("04-01", "override", "E", "C"),
        ("05-01", "override", "C", "B"),
        ("06-01", "override", "B", "A"),
    ]


def test_a_second_one_for_the_same_day_takes_the_place_of_the_first() -> None:
    wrong, right = override("set", "05-01", "05-31", "A"), override("set", "05-01", "06-30", "B")
    now = override("set", "02-01", "12-31", "D")
    found = run(("01-10", "C", now), ("02-02", "C", wrong), ("02-03", "C", right), ("05-01", "C", None))
    assert found[2].state.overrides == (now._replace(end=day("04-30")), right)
    assert [each.held for each in found] == ["C", "D", "D", "B"]


def test_one_given_late_ends_the_one_in_force_and_no_later_one() -> None:
    """It was to begin before the one in force did; it begins on the day it is given all the same."""
    now, later = override("set", "02-05", "12-31", "D"), override("set", "05-01", "05-31", "A")
    late = override("set", "02-01", "12-31", "B")
    found = run(("02-05", "C", now), ("02-06", "C", later), ("02-10", "C", late), ("05-01", "C", None))
    assert found[2].state.overrides == (later, late._replace(end=day("04-30")))
    assert [each.held for each in found] == ["D", "D", "B", "A"]
    assert told(found[2]) == [("02-10", "override", "D", "B")]


def test_a_freeze_that_follows_another_remembers_what_that_one_held() -> None:
    found = run(
        ("01-10", "B", None),
        ("02-01", "D", override("freeze", "02-01", "12-31")),
        ("02-02", "D", override("freeze", "05-01", "12-31")),
        ("05-01", "E", None),
    )
    assert [each.tier for each in found[2].state.overrides] == ["B", None]
    assert [(each.tier, each.start) for each in found[3].state.overrides] == [("B", day("05-01"))]
    assert found[3].held == "B"


def test_a_corrected_end_is_told() -> None:
    now = override("floor", "01-10", "06-30", "B")
    found = run(("01-10", "E", now), ("02-01", "E", now._replace(end=day("03-31"))))
    assert told(found[1]) == [("02-01", "override", "B", "B")]
    assert found[1].transitions[0].until == day("03-31")


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
