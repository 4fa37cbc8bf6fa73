"""Movement ruling by ruling, each with a customer and dates that somebody can follow with a finger on a calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dsl.model import Const
from dsl.model.movement import (
    Grace,
    KeepAtLeast,
    KeepUntil,
    Lapse,
    Move,
    Movement,
    Notice,
    Review,
)
from dsl.types import YES_NO
from engine.movement import Moved, Outcome, State, Transition, move, next_move
from engine.movement import Notice as Given

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


def day(text: str) -> date:
    """`03-15` in 2026, or a whole date."""
    return date.fromisoformat(text if len(text) == 10 else f"2026-{text}")


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
