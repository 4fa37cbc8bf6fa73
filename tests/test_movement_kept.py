"""Tiers that are kept for a time, in holds, and while nothing is known: ruling by ruling, with dates to follow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dsl.model.movement import (
    Grace,
    KeepAtLeast,
    KeepUntil,
    Lapse,
    Move,
    Notice,
    Review,
)
from engine.movement import Notice as Given
from engine.movement import Outcome
from tests.movements import (
    DIRECT,
    HELD,
    PLAIN,
    QUARTERS,
    run,
    told,
)
from tests.moving import day

# ---------------------------------------------------------------- kept for a time


def test_at_least_lets_the_next_review_ask_again() -> None:
    movement = replace(PLAIN, at_least=KeepAtLeast("keep", Lapse(3)))
    moved = run(movement, ("01-10", "B"), ("01-20", "D"), ("12-01", "D"))
    assert told(moved) == ["2026-05-01 down B-D"]


def test_at_least_puts_off_a_move_at_once() -> None:
    movement = replace(DIRECT, at_least=KeepAtLeast("keep", Lapse(3)))
    moved = run(movement, ("01-31", "B"), ("02-20", "D"), ("12-01", "D"))
    assert told(moved) == ["2026-02-20 notice B-D 2026-04-30", "2026-04-30 down B-D"]
    assert moved.transitions[1].rule == "keep"


def test_grace_after_the_least_time() -> None:
    grace = Grace("grace", Lapse(1), "month")
    movement = replace(DIRECT, at_least=KeepAtLeast("keep", Lapse(3)), grace=grace)
    assert told(run(movement, ("01-01", "B"), ("01-02", "D"), ("12-01", "D")))[1] == "2026-05-01 down B-D"
    assert told(run(movement, ("01-10", "B"), ("01-12", "D"), ("12-01", "D")))[1] == "2026-06-01 down B-D"


def test_valid_through_and_grace() -> None:
    movement = replace(DIRECT, until=QUARTERS, grace=Grace("grace", Lapse(1), "month"))
    moved = run(movement, ("01-10", "B"), ("04-02", "B"), ("05-01", "D"), ("12-01", "D"))
    assert told(moved) == ["2026-05-01 notice B-D 2026-08-01", "2026-08-01 down B-D"]


def test_a_review_renews_who_qualifies() -> None:
    movement = replace(PLAIN, until=KeepUntil("valid", "next year", plus=Lapse(1)))
    movement = replace(movement, review=Review("review", "year", dates=((12, 31),)))
    moved = run(movement, ("03-05", "B"), ("2027-06-01", "D"), ("2029-03-01", "D"))
    # Through January 2028 since entering in 2026; renewed at the end of 2026, and so kept through January 2028.
    assert told(moved) == [
        "2027-12-31 notice B-D 2028-02-01",
        "2028-02-01 down B-D",
        "2028-12-31 renew D-D 2030-01-31",
    ]
    renewed = run(movement, ("03-05", "B"), ("2028-01-01", "B"))
    assert told(renewed) == ["2027-12-31 renew B-B 2029-01-31"]


def test_without_reviews_a_tier_is_valid_anew_every_day() -> None:
    movement = replace(DIRECT, until=QUARTERS)
    moved = run(movement, ("01-10", "B"), ("08-15", "D"))
    assert moved.state.notice == Given("D", day("08-15"), day("10-01"))
    assert moved.state.through == day("09-30")


def test_without_reviews_it_is_valid_from_the_last_day_on_which_it_was_deserved() -> None:
    movement = replace(DIRECT, until=KeepUntil("valid", "month"))
    # Whoever is asked for on 2 February only was still on B the day before, which is another month's.
    assert told(run(movement, ("01-20", "B"), ("02-02", "D"))) == ["2026-02-02 notice B-D 2026-03-01"]
    assert told(run(movement, ("01-20", "B"), ("02-01", "D"))) == ["2026-02-01 down B-D"]


def test_who_qualified_today_stays_valid_whatever_is_said_later_that_day() -> None:
    movement = replace(DIRECT, until=QUARTERS)
    moved = run(movement, ("01-10", "B"), ("04-01", "B"), ("04-01", "D"))
    assert (moved.held, moved.state.through) == ("B", day("06-30"))


# ---------------------------------------------------------------- holds and the unknown


def test_a_hold_is_a_hold() -> None:
    drop = Move("refund", "once")
    movement = replace(DIRECT, drops=(drop,))
    for said in (
        Outcome("D", held_by=HELD),
        Outcome("A", held_by=HELD),
        Outcome("D", held_by=HELD, cap="D"),
        Outcome("D", held_by=HELD, drops=("refund",)),
    ):
        moved = run(movement, ("01-10", "B"), ("01-20", said), ("12-31", said))
        assert (moved.held, told(moved)) == ("B", [])
        assert run(movement, ("12-31", said._replace(held_by=None)), start=moved.state).held == said.reached


def test_a_hold_that_goes_on_puts_a_review_off_though_the_facts_say_the_same_as_the_day_before() -> None:
    held = Outcome("B", held_by=HELD)
    moved = run(PLAIN, ("01-10", held), ("01-11", held), ("01-31", held), ("02-01", held), ("03-02", held))
    assert told(moved)[-1] == "2026-02-01 postpone B-B"
    assert moved.state.postponed == day("02-01")
    without = run(replace(PLAIN, review=None), ("01-10", held), ("01-11", held), ("02-02", held))
    assert (without.state.postponed, without.state.as_of) == (None, day("02-02"))


def test_a_review_in_a_hold_is_held_when_it_ends() -> None:
    held = Outcome("D", held_by=HELD)
    moved = run(PLAIN, ("01-10", "B"), ("01-20", held), ("03-15", held))
    assert told(moved) == ["2026-02-01 postpone B-B"]
    assert (moved.transitions[1].rule, moved.state.postponed) == (HELD, day("02-01"))
    after = run(PLAIN, ("03-20", "D"), start=moved.state)
    assert (told(after), after.state.postponed) == (["2026-03-20 down B-D"], None)


def test_a_freeze_ends_by_itself() -> None:
    frozen = Outcome("D", held_by="freeze", held_until=day("03-15"))
    moved = run(PLAIN, ("01-10", "B"), ("01-20", frozen), ("06-01", frozen))
    assert told(moved) == ["2026-02-01 postpone B-B", "2026-03-16 down B-D"]


def test_a_freeze_holds_through_its_last_day() -> None:
    frozen = Outcome("D", held_by="freeze", held_until=day("03-15"))
    assert run(DIRECT, ("01-10", "B"), ("03-15", frozen)).held == "B"
    assert run(DIRECT, ("01-10", "B"), ("03-16", frozen)).held == "D"


def test_a_notice_runs_in_a_hold_and_its_drop_waits() -> None:
    movement = replace(DIRECT, notice=Notice("notice", Lapse(0, 30)))
    held = Outcome("D", held_by=HELD)
    moved = run(movement, ("01-10", "B"), ("02-01", "D"), ("02-10", held), ("04-01", held))
    assert moved.held == "B"
    assert told(run(movement, ("04-02", "D"), start=moved.state)) == ["2026-04-02 down B-D"]
    back = run(movement, ("04-01", Outcome("B", held_by=HELD)), start=moved.state)
    assert told(back) == ["2026-04-01 withdraw B-B"]


def test_the_unknown_moves_nobody() -> None:
    unknown = Outcome(None, possible=("C", "D"), cap=None)
    moved = run(DIRECT, ("01-10", "B"), ("01-20", unknown), ("12-31", unknown))
    assert (moved.held, told(moved)) == ("B", [])


def test_a_review_of_the_unknown_is_held_when_it_is_known() -> None:
    unknown = Outcome(None, possible=("B", "D"))
    moved = run(PLAIN, ("01-10", "B"), ("01-20", unknown), ("02-20", unknown))
    assert told(moved) == ["2026-02-01 postpone B-B"]
    assert moved.transitions[1].rule == "review"
    assert run(PLAIN, ("02-21", "D"), start=moved.state).held == "D"
    assert run(PLAIN, ("02-21", "B"), ("02-22", "D"), start=moved.state).held == "B"


@pytest.mark.parametrize(
    "unknown",
    [Outcome(None, possible=("A", "B")), Outcome(None, possible=("A", "D"), keeps=("B",))],
)
def test_who_keeps_their_tier_either_way_has_met_the_review(unknown: Outcome) -> None:
    movement = replace(PLAIN, down=Move("move_down", "review", after=3))
    moved = run(movement, ("01-10", "B"), ("01-20", "D"), ("02-20", unknown), ("03-02", unknown))
    assert (moved.held, moved.state.missed, moved.state.postponed) == ("B", 0, None)
