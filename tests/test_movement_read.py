"""States as JSON and back; states and overrides that somebody made up."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.model.movement import Movement
from engine.facts import parse_json
from engine.facts_problems import FactProblem, FactsError
from engine.movement import Notice, Outcome, Override, State, move, read_override, read_state, state_json
from tests.generating.movements import History, crowded, histories, ladders

TIERS = ("A", "B", "C")
FULL = State(
    date(2026, 3, 1),
    "B",
    date(2026, 1, 10),
    date(2026, 12, 31),
    2,
    Notice("C", date(2026, 2, 20), date(2026, 3, 22)),
    date(2026, 2, 1),
    True,
    Outcome(
        None, ("A",), True, ("A", "C"), "hold", ("refund",), "B", date(2020, 2, 29), date(2026, 4, 1), "cap"
    ),
    (
        Override("set", "合同约定", "li.wei", date(2026, 1, 1), date(2026, 6, 30), "A"),
        Override("freeze", "appeal", "li.wei", date(2026, 3, 1), date(2026, 6, 30)),
    ),
)


def problems(raw: object) -> tuple[FactProblem, ...]:
    with pytest.raises(FactsError) as raised:
        read_state(raw, TIERS)
    return raised.value.problems


def changed(**fields: Any) -> dict[str, object]:
    """A good state with some fields another way; `...` leaves one out."""
    whole = {**state_json(FULL), **fields}
    return {name: value for name, value in whole.items() if value is not ...}


@st.composite
def states(draw: st.DrawFn) -> tuple[State, str]:
    movement, tiers = draw(ladders())
    history: History = draw(histories(movement, tiers) | crowded(movement, tiers))
    state = None
    for day, outcome in history.outcomes.items():
        state = move(movement, tiers, state, outcome, day, history.overrides.get(day)).state
    assert state is not None
    return state, tiers


def test_a_state_as_json() -> None:
    assert state_json(FULL) == {
        "as_of": "2026-03-01",
        "tier": "B",
        "since": "2026-01-10",
        "through": "2026-12-31",
        "missed": 2,
        "notice": {"to": "C", "given": "2026-02-20", "due": "2026-03-22"},
        "postponed": "2026-02-01",
        "waits": True,
        "overrides": [
            {
                "kind": "set",
                "tier": "A",
                "reason": "合同约定",
                "author": "li.wei",
                "from": "2026-01-01",
                "until": "2026-06-30",
            },
            {
                "kind": "freeze",
                "tier": None,
                "reason": "appeal",
                "author": "li.wei",
                "from": "2026-03-01",
                "until": "2026-06-30",
            },
        ],
        "outcome": {
            "reached": None,
            "keeps": ["A"],
            "possible": ["A", "C"],
            "held_by": "hold",
            "drops": ["refund"],
            "cap": "B",
            "anniversary": "2020-02-29",
            "held_until": "2026-04-01",
            "cap_by": "cap",
        },
    }
    assert read_state(state_json(FULL), TIERS) == FULL


@settings(max_examples=60, deadline=None)
@given(states())
def test_a_state_comes_back_as_it_went(case: tuple[State, str]) -> None:
    state, tiers = case
    text = json.dumps(state_json(state))
    raw, wrong = parse_json(text), ()
    assert not wrong
    assert read_state(raw, tiers) == state


def test_what_says_nothing_may_be_left_out() -> None:
    state = read_state({"as_of": "2026-03-01", "tier": "B", "since": "2026-01-10"}, TIERS)
    assert state == State(date(2026, 3, 1), "B", date(2026, 1, 10), outcome=Outcome(None))


def test_every_bad_field_is_named() -> None:
    raw = changed(
        as_of=...,
        tier="Z",
        since="2026-02-30",
        through="soon",
        missed=-1,
        notice={"to": None, "given": "2026-01-02", "due": "2026-01-01"},
        waits="yes",
        outcome={"reached": 7, "keeps": ["A", "Q"], "graded": 1},
        overrides=[{"kind": "pin", "from": "2026-02-01", "until": "2026-01-31"}, 5],
        sinse=1,
    )
    found = {each.pointer: each.code for each in problems(raw)}
    assert found == {
        "/sinse": "unknown_field",
        "/as_of": "required",
        "/tier": "no_such_value",
        "/since": "no_such_day",
        "/through": "wrong_type",
        "/missed": "wrong_type",
        "/notice/to": "required",
        "/notice/due": "out_of_order",
        "/waits": "wrong_type",
        "/outcome/reached": "no_such_value",
        "/outcome/keeps/1": "no_such_value",
        "/outcome/graded": "wrong_type",
        "/overrides/0/kind": "no_such_value",
        "/overrides/0/reason": "required",
        "/overrides/0/author": "required",
        "/overrides/0/until": "out_of_order",
        "/overrides/1": "wrong_type",
    }


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"since": "2026-03-02"}, "/as_of"),
        ({"postponed": "2026-03-02"}, "/as_of"),
        ({"notice": {"to": "C", "given": "2026-03-02", "due": "2026-03-03"}}, "/as_of"),
        ({"missed": True}, "/missed"),
        ({"missed": 10**30}, "/missed"),
        ({"missed": 1.5}, "/missed"),
        ({"notice": []}, "/notice"),
        ({"outcome": "B"}, "/outcome"),
        ({"outcome": {"drops": [""]}}, "/outcome/drops/0"),
        ({"outcome": {"keeps": "A"}}, "/outcome/keeps"),
        ({"outcome": {"held_by": "x" * 1001}}, "/outcome/held_by"),
        ({"overrides": {}}, "/overrides"),
        ({"overrides": [{}] * 201}, "/overrides"),
    ],
)
def test_a_bad_field(fields: dict[str, object], pointer: str) -> None:
    assert [each.pointer for each in problems(changed(**fields))] == [pointer]


@pytest.mark.parametrize("raw", [None, [], "state", 5, [state_json(FULL)]])
def test_a_state_is_an_object(raw: object) -> None:
    assert [each.code for each in problems(raw)] == ["wrong_type"]


def overrides(*days: tuple[str, str]) -> list[dict[str, object]]:
    """Floors from and until these days."""
    one: dict[str, object] = {"kind": "floor", "tier": "B", "reason": "appeal 17", "author": "li.wei"}
    return [{**one, "from": start, "until": end} for start, end in days]


def test_two_overrides_of_a_kind_from_the_same_day() -> None:
    two = overrides(("2026-05-01", "2026-05-31"), ("2026-05-01", "2026-06-30"))
    (found,) = problems(changed(overrides=two))
    assert (found.pointer, found.code) == ("/overrides/1/from", "given_again")
    assert [lang for lang in found.sentence if "`floor`" in lang and "2026-05-01" in lang] == [
        *found.sentence
    ]


def test_overrides_of_a_kind_one_after_the_other() -> None:
    """One that reaches into the next ends where that begins: so it stands in every state that is given out."""
    three = overrides(
        ("2026-05-01", "2026-12-31"), ("2026-02-01", "2026-03-31"), ("2026-07-01", "2026-08-31")
    )
    read = read_state(changed(overrides=three), TIERS).overrides
    assert [(str(each.start), str(each.end)) for each in read] == [
        ("2026-05-01", "2026-06-30"),
        ("2026-02-01", "2026-03-31"),
        ("2026-07-01", "2026-08-31"),
    ]


def test_sentences_say_what_to_write_in_both_languages() -> None:
    raw = changed(tier="b", since=7, sinse=1, missed="2", overrides=[{"kind": "floor"}])
    for each in (*problems(raw), *problems(changed(since="2026-03-02"))):
        for words in (
            each.sentence,
            each.expected if each.got and each.code != "unknown_field" else each.advice,
        ):
            assert words[0]
            assert words[0] == words[0].strip()
            assert not words[0].endswith(".")
            assert re.search(r"[\u4e00-\u9fff`]", words[1])
    assert "did you mean `since`" in problems(raw)[0].help()


def test_an_override() -> None:
    raw = {
        "kind": "retain",
        "reason": "appeal",
        "author": "li.wei",
        "from": "2026-03-01",
        "until": "2026-06-30",
    }
    assert read_override(raw, TIERS) == FULL.overrides[1]._replace(kind="retain")
    later = {**raw, "from": None}
    assert read_override(later, TIERS, date(2026, 3, 1)) == read_override(raw, TIERS)
    with pytest.raises(FactsError) as raised:
        read_override(later, TIERS)
    assert [each.pointer for each in raised.value.problems] == ["/from"]
    with pytest.raises(FactsError) as raised:
        read_override(later, TIERS, date(2026, 7, 1))
    assert [each.code for each in raised.value.problems] == ["out_of_order"]


@pytest.mark.parametrize("kind", ["set", "floor"])
def test_set_and_floor_need_a_tier(kind: str) -> None:
    raw = {"kind": kind, "reason": "x", "author": "y", "from": "2026-03-01", "until": "2026-06-30"}
    with pytest.raises(FactsError) as raised:
        read_override(raw, TIERS)
    assert [each.pointer for each in raised.value.problems] == ["/tier"]
    assert "`A`, `B`, `C`" in raised.value.problems[0].expected[0]


def test_half_characters_are_no_text() -> None:
    raw = {"kind": "freeze", "reason": "\ud800", "author": " ", "from": "2026-03-01", "until": "2026-06-30"}
    with pytest.raises(FactsError) as raised:
        read_override(raw, TIERS)
    assert [each.pointer for each in raised.value.problems] == ["/reason", "/author"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(("A", "2026-01-31")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(ladders(), st.sampled_from(State._fields), ANY_JSON, st.data())
def test_whatever_is_read_can_be_moved_on(
    ladder: tuple[Movement, str], field: str, value: object, data: st.DataObject
) -> None:
    movement, tiers = ladder
    raw = changed(**{field: value})
    if tiers == "AB":
        raw["notice"] = None
    try:
        state = read_state(raw, tiers)
    except FactsError:
        return
    on = max(state.as_of, data.draw(st.dates(date(2026, 3, 1), date(2027, 12, 31))))
    moved = move(movement, tiers, state, Outcome(data.draw(st.sampled_from(tiers))), on)
    assert moved.state.as_of == on
    assert read_state(state_json(moved.state), tiers) == moved.state


@pytest.mark.parametrize("kind", ["freeze", "retain"])
def test_who_is_left_where_they_are_is_given_no_tier(kind: str) -> None:
    raw = {
        "kind": kind,
        "tier": "A",
        "reason": "r",
        "author": "a",
        "from": "2026-01-01",
        "until": "2026-02-01",
    }
    with pytest.raises(FactsError) as refused:
        read_override(raw, ("A", "B"))
    assert [(each.pointer, each.code) for each in refused.value.problems] == [("/tier", "tier_not_wanted")]
    assert read_override(raw | {"tier": None}, ("A", "B")).tier is None


@pytest.mark.parametrize(("tier", "sentence"), [("C", "no move down from `C`"), (None, "no tier is held")])
def test_a_notice_leads_to_a_lower_tier(tier: str | None, sentence: str) -> None:
    (found,) = problems(changed(tier=tier))
    assert (found.pointer, found.code) == ("/notice/to", "not_lower")
    assert sentence in found.sentence[0]


@pytest.mark.parametrize(
    "reason", ["two\nlines", "\x1b[31mred", "line\u2028break", "nul\x00", "paid \u202e001"]
)
def test_a_reason_is_one_line_that_steers_nothing(reason: str) -> None:
    override = {
        "kind": "freeze",
        "reason": reason,
        "author": "li.wei",
        "from": "2026-01-01",
        "until": "2026-02-01",
    }
    with pytest.raises(FactsError) as raised:
        read_override(override, TIERS)
    assert [each.pointer for each in raised.value.problems] == ["/reason"]
