"""Movement ruling by ruling, each with a customer and dates that somebody can follow with a finger on a calendar."""

from __future__ import annotations

from dataclasses import replace

from dsl.model import Const
from dsl.model.movement import (
    KeepAtLeast,
    KeepUntil,
    Lapse,
    Move,
    Movement,
    Notice,
    Review,
)
from dsl.types import YES_NO
from engine.movement import Notice as Given
from engine.movement import Outcome, State, next_move
from tests.movements import (
    AT_REVIEW,
    DIRECT,
    HELD,
    PLAIN,
    QUARTERS,
    TIERS,
    UP,
    WORKED,
    run,
    told,
)
from tests.moving import day

# ---------------------------------------------------------------- entering and leaving


def test_the_first_tier_is_given_at_once() -> None:
    moved = run(replace(WORKED, until=QUARTERS), ("01-10", "C"))
    assert moved.held == "C"
    assert (moved.state.since, moved.state.through) == (day("01-10"), day("03-31"))
    assert [(each.kind, each.rule, each.before, each.after) for each in moved.transitions] == [
        ("enter", "grade", None, "C")
    ]


def test_a_review_on_the_day_of_entering_is_not_held() -> None:
    assert run(PLAIN, ("02-01", "B"), ("02-01", "D")).held == "B"
    assert run(PLAIN, ("02-01", "B"), ("02-02", "D"), ("03-01", "D")).held == "D"


def test_who_is_unknown_waits_for_a_tier() -> None:
    unknown = Outcome(None, possible=("A", "B"))
    assert run(PLAIN, ("01-10", unknown)).held is None
    moved = run(PLAIN, ("01-10", unknown), ("02-10", "B"))
    assert (moved.held, moved.state.since) == ("B", day("02-10"))


def test_who_is_not_graded_leaves_and_enters_anew() -> None:
    gone = Outcome(None, graded=False)
    moved = run(WORKED, ("01-10", "A"), ("07-20", "E"), ("09-05", gone))
    assert moved.held is None
    assert (moved.state.notice, moved.state.missed) == (None, 0)
    assert told(moved) == ["2026-09-01 notice A-B 2026-10-01", "2026-09-05 leave A-None"]
    again = run(WORKED, ("09-05", gone), ("10-07", "E"), start=moved.state)
    assert (again.held, again.state.since) == ("E", day("10-07"))


def test_who_is_not_graded_leaves_in_a_hold_too() -> None:
    held = Outcome("B", held_by=HELD)
    assert run(PLAIN, ("01-10", held), ("01-20", Outcome(None, graded=False, held_by=HELD))).held is None


# ---------------------------------------------------------------- up


def test_up_at_once() -> None:
    moved = run(WORKED, ("01-10", "D"), ("01-15", "A"))
    assert (moved.held, moved.state.since) == ("A", day("01-15"))


def test_up_by_a_step_and_the_next_at_the_review() -> None:
    movement = replace(PLAIN, up=Move("move_up", "once", most=1))
    moved = run(movement, ("01-10", "E"), ("01-15", "A"))
    assert (moved.held, moved.state.waits) == ("D", True)
    assert run(movement, ("01-31", "A"), start=moved.state).held == "D"
    later = run(movement, ("04-15", "A"), start=moved.state)
    assert told(later) == ["2026-02-01 up D-C", "2026-03-01 up C-B", "2026-04-01 up B-A"]


def test_who_was_dropped_still_waits_for_the_review() -> None:
    drop = Move("refund", "once", condition=Const(True, YES_NO))
    movement = replace(PLAIN, up=Move("move_up", "once", most=1), drops=(drop,))
    refunded = Outcome("E", drops=("refund",))
    moved = run(movement, ("01-10", "E"), ("01-15", "A"), ("01-16", refunded), ("01-17", "A"))
    assert (moved.held, moved.state.waits) == ("E", True)
    assert run(movement, ("02-01", "A"), start=moved.state).held == "D"


def test_without_reviews_nobody_waits_for_one() -> None:
    """A state from the time when the policy still had reviews."""
    state = State(day("01-15"), "D", day("01-15"), waits=True, outcome=Outcome("A"))
    assert run(DIRECT, ("01-20", "A"), start=state).held == "A"


def test_a_day_asked_twice_has_its_turn_once() -> None:
    movement = replace(
        PLAIN,
        down=Move("move_down", "once", most=1),
        at_least=KeepAtLeast("keep", Lapse(0, 1)),
    )
    moved = run(movement, ("02-27", "A"), ("03-01", "A"), ("03-02", "C"))
    assert run(movement, ("03-02", "C"), start=moved.state) == moved._replace(transitions=())


def test_a_step_up_that_was_enough_waits_as_well() -> None:
    movement = replace(PLAIN, up=Move("move_up", "once", most=1))
    moved = run(movement, ("01-10", "D"), ("01-15", "C"), ("01-20", "B"))
    assert moved.held == "C"
    assert run(movement, ("02-01", "B"), start=moved.state).held == "B"


def test_a_quiet_day_does_not_end_the_wait() -> None:
    movement = replace(PLAIN, up=Move("move_up", "once", most=1))
    moved = run(movement, ("01-10", "D"), ("01-15", "C"), ("01-16", "C"), ("01-20", "B"))
    assert moved.held == "C"


def test_the_review_ends_the_wait() -> None:
    movement = replace(PLAIN, up=Move("move_up", "once", most=1))
    moved = run(movement, ("01-10", "D"), ("01-15", "C"), ("02-05", "B"))
    assert (moved.held, moved.state.since) == ("B", day("02-05"))


def test_up_at_the_review() -> None:
    movement = replace(PLAIN, up=Move("move_up", "review", most=2))
    moved = run(movement, ("01-10", "E"), ("01-15", "A"), ("03-31", "A"))
    assert told(moved) == ["2026-02-01 up E-C", "2026-03-01 up C-A"]


def test_going_up_ends_a_notice_without_a_word() -> None:
    moved = run(WORKED, ("01-10", "C"), ("07-05", "D"), ("09-10", "D"), ("09-15", "B"))
    assert told(moved) == ["2026-09-01 notice C-D 2026-10-01", "2026-09-15 up C-B"]
    assert (moved.state.notice, moved.state.missed) == (None, 0)


# ---------------------------------------------------------------- down


def test_the_worked_example() -> None:
    """Down at a review, a step at a time, after two reviews, not before six months, with thirty days' notice."""
    moved = run(WORKED, ("01-10", "B"), ("01-20", "E"), ("12-31", "E"))
    # Reviewed low since February; on 1 July a notice of thirty days leads beyond 10 July, the six months.
    assert told(moved)[:2] == ["2026-07-01 notice B-C 2026-07-31", "2026-07-31 down B-C"]
    assert (moved.held, moved.state.missed) == ("C", 5)


def test_reviews_count_in_a_row() -> None:
    movement = replace(PLAIN, down=Move("move_down", "review", after=2))
    moved = run(movement, ("01-10", "B"), ("01-20", "C"), ("02-10", "B"), ("03-10", "C"))
    assert (moved.held, moved.state.missed) == ("B", 0)
    assert run(movement, ("04-01", "C"), start=moved.state).state.missed == 1
    assert run(movement, ("05-01", "C"), start=moved.state).held == "C"


def test_reviews_see_nothing_of_the_days_between() -> None:
    movement = replace(PLAIN, down=Move("move_down", "review", after=2))
    moved = run(movement, ("01-10", "B"), ("02-01", "C"), ("02-10", "B"), ("02-11", "B"), ("03-01", "C"))
    assert told(moved) == ["2026-03-01 down B-C"]


def test_missed_counts_again_after_a_step() -> None:
    movement = replace(PLAIN, down=Move("move_down", "review", most=1, after=2))
    moved = run(movement, ("01-10", "A"), ("01-20", "E"), ("07-02", "E"))
    assert told(moved) == ["2026-03-01 down A-B", "2026-05-01 down B-C", "2026-07-01 down C-D"]


def test_down_at_once_to_the_tier_reached() -> None:
    assert run(DIRECT, ("01-10", "A"), ("01-11", "D")).held == "D"
    assert run(DIRECT, ("01-10", "A"), ("01-10", "D")).held == "D"


def test_down_at_once_by_steps_is_a_step_a_day() -> None:
    movement = replace(DIRECT, down=Move("move_down", "once", most=1))
    moved = run(movement, ("01-10", "A"), ("01-11", "D"), ("01-20", "D"))
    assert told(moved) == ["2026-01-11 down A-B", "2026-01-12 down B-C", "2026-01-13 down C-D"]


def test_never_below_the_floor() -> None:
    movement = replace(DIRECT, down=Move("move_down", "once", floor="C"))
    assert run(movement, ("01-10", "A"), ("02-01", "E")).held == "C"
    assert run(movement, ("01-10", "D"), ("02-01", "E")).held == "D"


def test_keeping_takes_less_than_reaching() -> None:
    moved = run(DIRECT, ("01-10", "B"), ("01-11", Outcome("D", keeps=("A", "B"))))
    assert moved.held == "B"
    assert run(DIRECT, ("01-12", Outcome("D", keeps=("C",))), start=moved.state).held == "C"
    assert run(DIRECT, ("01-12", Outcome("D", keeps=("A",))), start=moved.state).held == "D"


def test_keeping_counts_for_nobody_who_enters() -> None:
    assert run(DIRECT, ("01-10", Outcome("D", keeps=("A", "B", "C")))).held == "D"


# ---------------------------------------------------------------- notice


def test_a_notice_is_withdrawn_on_recovery() -> None:
    movement = replace(DIRECT, notice=Notice("notice", Lapse(0, 30)))
    moved = run(movement, ("01-10", "B"), ("02-01", "D"))
    assert moved.state.notice == Given("D", day("02-01"), day("03-03"))
    assert moved.held == "B"
    back = run(movement, ("03-02", "B"), start=moved.state)
    assert told(back) == ["2026-03-02 withdraw B-B"]
    assert run(movement, ("12-31", "B"), start=back.state).held == "B"


def test_a_notice_becomes_due_on_a_day_nobody_asks() -> None:
    movement = replace(DIRECT, notice=Notice("notice", Lapse(0, 30)))
    moved = run(movement, ("01-10", "B"), ("02-01", "D"), ("05-01", "B"))
    assert told(moved) == [
        "2026-02-01 notice B-D 2026-03-03",
        "2026-03-03 down B-D",
        "2026-05-01 up D-B",
    ]


def test_a_notice_leads_to_the_better_of_then_and_now() -> None:
    movement = replace(DIRECT, notice=Notice("notice", Lapse(0, 30)))
    announced = run(movement, ("01-10", "A"), ("02-01", "C"))
    assert run(movement, ("02-20", "B"), ("03-03", "B"), start=announced.state).held == "B"
    deeper = run(movement, ("02-20", "E"), ("03-03", "E"), start=announced.state)
    assert deeper.held == "C"
    assert deeper.state.notice == Given("E", day("03-03"), day("04-02"))


def test_a_drop_after_notice_is_valid_from_the_day_of_the_notice() -> None:
    movement = replace(PLAIN, until=QUARTERS, notice=Notice("notice", Lapse(0, 60)))
    moved = run(movement, ("01-10", "B"), ("02-15", "D"), ("05-10", "D"))
    assert told(moved) == [
        "2026-03-01 notice B-D 2026-04-30",
        "2026-04-30 down B-D",
    ]
    year = replace(movement, until=KeepUntil("valid", "year"))
    dropped = run(year, ("2025-01-10", "B"), ("2025-11-15", "D"), ("2026-02-20", "D"))
    assert told(dropped)[:2] == ["2025-12-01 notice B-D 2026-01-30", "2026-01-30 down B-D"]


def test_nobody_lands_on_a_tier_that_has_run_out() -> None:
    movement = replace(PLAIN, until=QUARTERS, notice=Notice("notice", Lapse(0, 60)))
    dropped = run(movement, ("01-10", "B"), ("02-15", "D"), ("04-30", "D"))
    assert (dropped.state.since, dropped.state.through) == (day("04-30"), day("06-30"))
    # Decided in a review of the same period, it is valid from there, and no longer.
    landed = run(
        replace(movement, notice=Notice("n", Lapse(0, 20))), ("01-10", "B"), ("01-15", "D"), ("04-01", "D")
    )
    assert (landed.state.since, landed.state.through) == (day("04-01"), day("06-30"))


# ---------------------------------------------------------------- caps and drops


def test_a_cap_at_once_takes_no_notice_of_what_is_kept() -> None:
    movement = replace(WORKED, until=QUARTERS)
    said = Outcome("C", keeps=("A", "B"), cap="C", cap_by="grade.overdue")
    moved = run(movement, ("01-10", "A"), ("01-20", said))
    assert (moved.held, moved.transitions[-1].rule) == ("C", "grade.overdue")
    assert (moved.state.since, moved.state.missed) == (day("01-20"), 0)


def test_a_cap_that_is_above_says_nothing() -> None:
    assert run(WORKED, ("01-10", "C"), ("01-20", Outcome("C", cap="B"))).held == "C"
    assert run(WORKED, ("01-10", "C"), ("01-20", Outcome("A", cap="B"))).held == "B"


def test_a_cap_is_lower_than_what_is_reached() -> None:
    assert run(WORKED, ("01-10", "C"), ("01-20", Outcome("C", cap="D"))).held == "D"
    assert run(WORKED, ("01-10", Outcome("C", cap="D"))).held == "D"


def test_moving_down_at_once_on_a_condition() -> None:
    drop = Move("refund", "once", most=2, floor="D")
    movement = replace(WORKED, drops=(drop,))
    said = Outcome("E", keeps=("A",), drops=("refund",))
    moved = run(movement, ("01-10", "A"), ("01-20", said))
    assert (moved.held, moved.transitions[-1].rule) == ("C", "refund")
    assert run(movement, ("01-20", said), start=moved.state).held == "C"
    assert run(movement, ("01-30", said), start=moved.state).held == "D"


def test_of_two_conditions_the_one_that_leads_lower_acts() -> None:
    drops = (Move("refund", "once", floor="C"), Move("fraud", "once"))
    movement = replace(WORKED, drops=drops)
    both = Outcome("E", drops=("refund", "fraud"))
    moved = run(movement, ("01-10", "A"), ("01-20", both))
    assert (moved.held, moved.transitions[-1].rule) == ("E", "fraud")
    assert run(movement, ("01-10", "A"), ("01-20", both._replace(drops=("refund",)))).held == "C"


def test_a_condition_leads_nowhere_for_who_deserves_the_tier() -> None:
    movement = replace(WORKED, drops=(Move("refund", "once"),))
    assert run(movement, ("01-10", "B"), ("01-20", Outcome("B", drops=("refund",)))).held == "B"


# ---------------------------------------------------------------- calendar


def test_leap_day_anniversaries() -> None:
    movement = Movement("grade", UP, AT_REVIEW, review=Review("review", "anniversary"))
    moved = run(movement, ("2024-02-29", "B"), ("2024-03-01", "D"), ("2025-02-27", "D"))
    assert moved.held == "B"
    assert run(movement, ("2025-02-28", "D"), start=moved.state).held == "D"


def test_a_year_of_53_weeks() -> None:
    """ISO week 53 of 2026 ends on 3 January 2027: a year's review on its last day is the calendar's, not the week's."""
    movement = Movement("grade", UP, AT_REVIEW, review=Review("review", "year", dates=((12, 31),)))
    moved = run(movement, ("2026-12-28", "B"), ("2026-12-30", "D"), ("2027-01-03", "D"))
    assert told(moved) == ["2026-12-31 down B-D"]


# ---------------------------------------------------------------- what comes


def test_what_comes_if_nothing_changes() -> None:
    moved = run(WORKED, ("01-10", "B"), ("01-20", "E"))
    coming = next_move(WORKED, TIERS, moved)
    assert coming is not None
    assert (coming.on, coming.kind, coming.before, coming.after) == (day("07-31"), "down", "B", "C")
    assert next_move(WORKED, TIERS, run(WORKED, ("01-10", "B"))) is None
    assert next_move(WORKED, TIERS, run(WORKED, ("01-10", "B"), ("01-20", Outcome(None)))) is None


def test_nothing_comes_to_who_is_kept_from_falling() -> None:
    movement = replace(PLAIN, down=Move("move_down", "review", floor="B"))
    assert next_move(movement, TIERS, run(movement, ("01-10", "B"), ("01-20", "E"))) is None


def test_six_years_are_as_far_as_anybody_looks() -> None:
    movement = replace(DIRECT, at_least=KeepAtLeast("keep", Lapse(72)))
    moved = run(movement, ("01-10", "B"), ("01-10", "D"))
    assert next_move(movement, TIERS, moved) is not None
    longer = replace(DIRECT, at_least=KeepAtLeast("keep", Lapse(72, 1)))
    assert next_move(longer, TIERS, run(longer, ("01-10", "B"), ("01-10", "D"))) is None
