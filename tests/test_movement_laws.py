"""What holds of every movement, whatever the facts say and on whichever days they are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.model.movement import Movement
from dsl.validity import later
from engine.facts_problems import FactsError
from engine.movement import Moved, Outcome, State, Transition, move
from tests.generating.movements import History, crowded, histories, ladders
from tests.movement_oracle import Walk

laws = settings(max_examples=60, deadline=None)


def run(
    movement: Movement, tiers: str, history: History, extra: Iterable[date] = ()
) -> tuple[list[Moved], list[Transition]]:
    """The customer on every day of a history, its last, and `extra` ones on which nobody says anything new."""
    found: list[Moved] = []
    state: State | None = None
    outcome = None
    for day in sorted({*history.outcomes, history.last, *extra}):
        outcome = history.outcomes.get(day, outcome)
        if outcome is None:
            continue
        found.append(move(movement, tiers, state, outcome, day, history.overrides.get(day)))
        state = found[-1].state
    return found, [each for moved in found for each in moved.transitions]


@st.composite
def cases(draw: st.DrawFn, *, overrides: bool = True) -> tuple[Movement, str, History]:
    movement, tiers = draw(ladders())
    return movement, tiers, draw(histories(movement, tiers, overrides=overrides))


@laws
@given(cases())
def test_it_is_what_a_walk_over_every_day_finds(case: tuple[Movement, str, History]) -> None:
    movement, tiers, history = case
    found, happened = run(movement, tiers, history)
    walk = Walk(movement, tiers)
    walk.run(history.outcomes, history.overrides, history.last)
    state = found[-1].state
    own = [
        (each.on, each.kind, each.before, each.after)
        for each in happened
        if each.kind not in ("override", "override_end")
    ]
    assert own == walk.log
    assert (state.tier, state.missed, state.notice, state.postponed, state.waits) == (
        walk.tier,
        walk.missed,
        walk.notice,
        walk.postponed,
        walk.waits,
    )
    assert found[-1].held == walk.held
    assert len(state.overrides) == len(set(state.overrides))
    assert set(state.overrides) == walk.known()
    if state.tier is not None:
        assert (state.since, state.through) == (walk.since, walk.through)


@settings(laws, max_examples=30)
@given(ladders().flatmap(lambda ladder: st.tuples(st.just(ladder), crowded(*ladder))))
def test_overrides_of_a_kind_follow_one_another(case: tuple[tuple[Movement, str], History]) -> None:
    (movement, tiers), history = case
    found, _ = run(movement, tiers, history)
    walk = Walk(movement, tiers)
    walk.run(history.outcomes, history.overrides, history.last)
    assert set(found[-1].state.overrides) == walk.known()
    for moved in found:
        assert moved.held == walk.days[moved.state.as_of]
        kept = sorted(moved.state.overrides, key=lambda each: (each.kind, each.start))
        for one, following in pairwise(kept):
            assert one.kind != following.kind or one.end < following.start


@laws
@given(cases(), st.data())
def test_days_between_change_nothing(case: tuple[Movement, str, History], data: st.DataObject) -> None:
    movement, tiers, history = case
    first = min(history.outcomes)
    length = (history.last - first).days
    extra = data.draw(
        st.sets(st.integers(0, length).map(lambda days: first + timedelta(days=days)), max_size=40)
    )
    few, said = run(movement, tiers, history)
    many, more = run(movement, tiers, history, extra)
    assert few[-1].state == many[-1].state
    assert few[-1].held == many[-1].held
    assert said == more


@laws
@given(cases())
def test_asking_twice_on_a_day_changes_nothing(case: tuple[Movement, str, History]) -> None:
    movement, tiers, history = case
    state = None
    for day, outcome in history.outcomes.items():
        given = history.overrides.get(day)
        once = move(movement, tiers, state, outcome, day, given)
        assert move(movement, tiers, once.state, outcome, day, given) == once._replace(transitions=())
        assert move(movement, tiers, once.state, outcome, day) == once._replace(transitions=())
        state = once.state


@laws
@given(cases())
def test_steps_floors_and_tiers(case: tuple[Movement, str, History]) -> None:
    movement, tiers, history = case
    found, happened = run(movement, tiers, history)
    rules = {move.rule: move for move in (movement.up, movement.down, *movement.drops)}
    moves = [each for each in happened if each.kind in ("up", "down")]
    for each in moves:
        assert each.before is not None
        assert each.after is not None
        steps = tiers.index(each.after) - tiers.index(each.before)
        assert steps > 0 if each.kind == "down" else steps < 0
        rule = rules.get(each.rule)
        if rule is not None:
            assert rule.most is None or abs(steps) <= rule.most
            assert each.kind == "up" or rule.floor is None or each.after <= rule.floor
        else:
            assert each.rule == "cap"
    for one in found:
        assert one.state.tier is None or one.state.tier in tiers
        assert one.held is None or one.held in tiers
    by_rule_and_day = [(each.rule, each.on) for each in moves]
    assert len(set(by_rule_and_day)) == len(by_rule_and_day)


@laws
@given(cases())
def test_nothing_moves_in_a_hold(case: tuple[Movement, str, History]) -> None:
    movement, tiers, history = case
    _, happened = run(movement, tiers, history)
    for each in happened:
        if each.kind not in ("up", "down", "notice", "renew"):
            continue
        outcome = history.outcomes[max(day for day in history.outcomes if day <= each.on)]
        held = outcome.held_by is not None and (outcome.held_until is None or each.on <= outcome.held_until)
        assert not held
        assert outcome.reached is not None or each.kind == "renew"


@laws
@given(cases(overrides=False))
def test_nobody_drops_without_the_notice_promised(case: tuple[Movement, str, History]) -> None:
    movement, tiers, history = case
    _, happened = run(movement, tiers, history)
    pending: Transition | None = None
    for each in happened:
        if each.kind == "notice":
            assert pending is None
            pending = each
        elif each.kind == "withdraw":
            assert pending is not None
            pending = None
        elif each.kind in ("up", "down", "leave"):
            if each.kind == "down" and each.rule == "down" and movement.notice is not None:
                assert pending is not None
                assert pending.until is not None
                assert each.on >= max(pending.until, later(pending.on, movement.notice.length))
                assert pending.after is not None
                assert each.after is not None
                assert each.after <= pending.after
            pending = None


@laws
@given(cases(overrides=False))
def test_a_tier_is_kept_as_long_as_promised(case: tuple[Movement, str, History]) -> None:
    movement, tiers, history = case
    _, happened = run(movement, tiers, history)
    since: date | None = None
    for each in happened:
        if each.kind == "down" and each.rule == "down" and movement.at_least is not None:
            assert since is not None
            assert each.on >= later(since, movement.at_least.length)
        if each.kind in ("enter", "up", "down"):
            since = each.on


@laws
@given(cases())
def test_an_override_leaves_no_trace(case: tuple[Movement, str, History]) -> None:
    movement, tiers, history = case
    with_them, happened = run(movement, tiers, history)
    without, rest = run(movement, tiers, history._replace(overrides={}))
    assert with_them[-1].state._replace(overrides=()) == without[-1].state
    assert [each for each in happened if each.kind not in ("override", "override_end")] == rest
    after = history.last + timedelta(days=600)  # when every override is over
    outcome = without[-1].state.outcome
    assert move(movement, tiers, with_them[-1].state, outcome, after).state == (
        move(movement, tiers, without[-1].state, outcome, after).state
    )


@laws
@given(cases())
def test_nobody_is_below_an_active_override(case: tuple[Movement, str, History]) -> None:
    movement, tiers, history = case
    found, _ = run(movement, tiers, history)
    for each in found:
        active = {one.kind: one for one in each.state.overrides if one.start <= each.state.as_of <= one.end}
        if each.held is None:
            assert each.state.tier is None
            assert "set" not in active
            continue
        for kind in ("floor", "retain", "set"):
            given = active.get(kind)
            if given is not None and given.tier is not None:
                assert each.held <= given.tier
        if set(active) == {"freeze"} and active["freeze"].tier is not None:
            assert each.held == active["freeze"].tier


@laws
@given(cases())
def test_movement_does_not_go_back(case: tuple[Movement, str, History]) -> None:
    movement, tiers, history = case
    found, _ = run(movement, tiers, history)
    outcome = found[-1].state.outcome
    with pytest.raises(FactsError) as raised:
        move(movement, tiers, found[-1].state, outcome, history.last - timedelta(days=1))
    assert raised.value.problems[0].pointer == "/as_of"
    assert str(history.last) in raised.value.message()
    assert str(history.last) in raised.value.message("zh")


@laws
@given(ladders())
def test_a_state_is_no_older_than_a_customer(ladder: tuple[Movement, str]) -> None:
    movement, tiers = ladder
    state = move(movement, tiers, None, Outcome("A"), date(2026, 1, 31)).state
    assert move(movement, tiers, state, Outcome("B"), date(2126, 1, 31)).state.as_of == date(2126, 1, 31)
    with pytest.raises(FactsError) as raised:
        move(movement, tiers, state, Outcome("B"), date(2126, 2, 2))
    assert raised.value.problems[0].pointer == "/as_of"
