"""Any old decision again: by its own text it comes out the same; by another it is seen for whom it would not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from dsl.checker import compile_policy
from dsl.source import Source
from engine.decision import Json
from engine.facts import FactsError
from engine.reference import Question
from policies.registry.store.connect import Store, reading
from policies.registry.store.problems import NotStored, Refused, StoreConflict
from policies.registry.store.records import Payload, erase
from policies.registry.store.replay import (
    Difference,
    Replayed,
    compare,
    recorded_policy,
    replay,
    replay_against,
)
from policies.registry.store.search import Wanted
from policies.registry.store.writer import Recorder
from tests.recording import FACTS, RECORDED, found, loaded, recorded
from tests.store import published

MASKED = {"age": 30, "share": "20%"}
PLAIN = {key: value for key, value in FACTS.items() if key not in MASKED}
# The same without anything masked, for replays that need nobody's help.
OPEN = RECORDED.replace(", masked", "")


@pytest.fixture
def recorder(store: Store) -> Iterator[Recorder]:
    with Recorder(store) as recorder:
        yield recorder


def again(store: Store, id: str, given: dict[str, object] | None = None) -> Replayed:
    record, payload = found(store, id)
    with reading(store) as connection:
        policy = recorded_policy(connection, record)
    return replay(store, record, payload, policy, given)


@pytest.mark.parametrize(
    "question",
    [
        Question(customer="C1"),
        Question("zh", "full", None, "C1"),
        Question("en", "none", None, None),
    ],
)
def test_it_is_the_same(store: Store, recorder: Recorder, question: Question) -> None:
    policy = loaded(store, OPEN)
    for facts in (FACTS, PLAIN, {}, {"orders": "0.01", "overdue": "P31DT1M", "share": "0.5"}):
        id = recorded(recorder, policy, facts, question=question)
        assert again(store, id) == Replayed(found(store, id)[0], "same")


def test_it_is_the_same_after_the_next_version(store: Store, recorder: Recorder) -> None:
    id = recorded(recorder, loaded(store, OPEN))
    published(store, OPEN.replace("+60", "+50"))
    assert again(store, id).kind == "same"


def test_another_answer_is_shown(store: Store, recorder: Recorder) -> None:
    """An answer that its policy does not give: as if somebody had forged it, or an engine had changed."""
    id = recorded(recorder, loaded(store, OPEN))
    record, payload = found(store, id)
    assert payload is not None
    forged = dict(payload.answer) | {"scores": {"points": 99}, "extra": None}
    with reading(store) as connection:
        policy = recorded_policy(connection, record)
    result = replay(store, record, Payload(payload.question, payload.facts, forged), policy)
    assert result.kind == "changed"
    assert result.differences == (
        Difference("/scores/points", "changed", 99, 80),
        Difference("/extra", "removed", None, None),
    )


def test_compared_value_by_value() -> None:
    before: Json = {"a": [1, 2], "b": {"~/": True}, "c": Decimal("1.0")}
    after: Json = {"a": [1], "b": {"~/": 1}, "c": 1, "d": []}
    assert list(compare(before, after)) == [
        Difference("/a/1", "removed", 2, None),
        Difference("/b/~0~1", "changed", True, 1),
        Difference("/d", "added", None, []),
    ]


# ---------------------------------------------------------------- masked, erased, from a file


def test_masked_facts_have_to_be_given_again(store: Store, recorder: Recorder) -> None:
    id = recorded(recorder, loaded(store))
    asked = again(store, id, {"age": 30})
    assert (asked.kind, asked.needed) == ("masked", ("share",))
    assert again(store, id, {"age": 30, "share": "0.20"}).kind == "same"
    with pytest.raises(Refused) as caught:
        again(store, id, {"age": 31, "share": "20%"})
    assert caught.value.code == "other-value"
    with pytest.raises(FactsError):
        again(store, id, {"age": "old", "share": "20%"})


def test_an_unknown_masked_fact_needs_nobody(store: Store, recorder: Recorder) -> None:
    assert again(store, recorded(recorder, loaded(store), PLAIN)).kind == "same"


def test_what_was_erased_cannot_be_replayed(store: Store, recorder: Recorder) -> None:
    id = recorded(recorder, loaded(store, OPEN))
    erase(store, "C1", "dee", "asked to")
    assert again(store, id).kind == "erased"


def test_a_policy_from_a_file_is_brought_along(store: Store, recorder: Recorder) -> None:
    policy = compile_policy(Source(OPEN))
    id = recorded(recorder, policy)
    with pytest.raises(NotStored) as caught:
        again(store, id)
    assert caught.value.code == "not-published"
    record, payload = found(store, id)
    assert replay(store, record, payload, policy).kind == "same"
    other = compile_policy(Source(OPEN.replace("+60", "+50")))
    with pytest.raises(StoreConflict):
        replay(store, record, payload, other)


# ---------------------------------------------------------------- against another text


@pytest.fixture
def period(store: Store, recorder: Recorder) -> None:
    """Customers with orders of 50 to 250."""
    policy = loaded(store, OPEN)
    for number in range(50, 250, 50):
        recorded(recorder, policy, {"orders": number, "age": 50, "share": 0}, f"C{number}")


def against(store: Store, change: tuple[str, str], wanted: Wanted | None = None) -> list[Replayed]:
    draft = compile_policy(Source(OPEN.replace(*change)))
    return list(replay_against(store, draft, wanted or Wanted()))


@pytest.mark.usefixtures("period")
def test_whose_answer_changes(store: Store) -> None:
    results = against(store, ("at least 100 ", "at least 150 "))
    assert Counter(each.kind for each in results) == {"same": 3, "changed": 1}
    [changed] = (each for each in results if each.kind == "changed")
    assert changed.record.customer == "C100"
    assert [(each.path, each.before, each.after) for each in changed.differences] == [
        ("/tiers/grade/tier", "A", "B"),
        ("/tiers/grade/possible/0", "A", "B"),
        ("/scores/points", 60, 0),
        ("/benefits/discount", {"value": Decimal("0.1")}, None),
    ]


ROUTED = """\
policy routed "R"
fact orders: whole number "Orders", at least 0
value share: number "Share"
  2 when orders >= 100
  1 otherwise
segment size "Size"
  large when orders >= 100
  small otherwise
choose team "Team"
  hq "HQ" when size is large
  local "Local" otherwise
tags signals
  big when orders >= 100
advise "Pay a visit" to team priority 1 when orders >= 100
benefit visits: yes/no "Visits", 2 per year
  yes when orders >= 100
"""


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (("large when orders >= 100", "large when orders >= 150"), "/segments/size"),
        (("when size is large", "when orders >= 150"), "/segments/team"),
        (("2 when orders", "3 when orders"), "/values/share"),
        (("big when orders >= 100", "big when orders >= 150"), "/tags/signals/0"),
        (("2 per year", "3 per year"), "/benefits/visits/quota/times"),
        (("fact orders", "applies when orders >= 150\nfact orders"), "/status"),
        (("priority 1", "priority 2"), "/advice/advise.pay_a_visit/priority"),
        (("priority 1 when orders >= 100", "priority 1 when orders >= 150"), "/advice/advise.pay_a_visit"),
    ],
)
def test_whose_answer_changes_without_any_tier(
    store: Store, recorder: Recorder, change: tuple[str, str], path: str
) -> None:
    recorded(recorder, loaded(store, ROUTED), {"orders": 120})
    [same] = replay_against(store, compile_policy(Source(ROUTED)), Wanted())
    assert same.kind == "same"
    [changed] = replay_against(store, compile_policy(Source(ROUTED.replace(*change))), Wanted())
    assert path in [each.path for each in changed.differences]


@pytest.mark.usefixtures("period")
def test_other_words_change_nothing(store: Store) -> None:
    for change in (('"Key"', '"Best"'), ("  much:", "  a_lot:"), ('"Orders"', '"Sales"')):
        assert {each.kind for each in against(store, change)} == {"same"}


@pytest.mark.usefixtures("period")
def test_facts_that_the_other_does_not_take(store: Store) -> None:
    results = against(store, ('money "Orders", at least 0', 'money "Orders", at least 100'))
    assert Counter(each.kind for each in results) == {"same": 3, "unfit": 1}
    assert results[0].problem is not None
    assert "orders" in results[0].problem.problems[0].pointer
    results = against(store, ('fact needs: list of text "Needs"\n', ""))
    assert {each.kind for each in results} == {"same"}


@pytest.mark.usefixtures("period")
def test_a_period_and_what_is_missing_in_it(store: Store, recorder: Recorder) -> None:
    recorded(recorder, loaded(store, RECORDED.replace("policy recorded", "policy other")))
    erase(store, "C50", "dee", "asked to")
    results = against(store, ("+60", "+70"))
    assert Counter(each.kind for each in results) == {"erased": 1, "changed": 3, "masked": 1}
    assert {each.kind for each in against(store, ("+60", "+70"), Wanted(policy="other"))} == {"masked"}
    assert against(store, ("+60", "+70"), Wanted(until=datetime(2026, 1, 1, tzinfo=UTC))) == []


def test_the_day_is_the_recorded_one(store: Store, recorder: Recorder) -> None:
    dated = OPEN.replace("+60 when orders at least 100", "+60 when orders at least bar").replace(
        "score points", "set bar: money = 100\n  from 2026-07-01: 1000\nscore points"
    )
    id = recorded(recorder, loaded(store, dated))
    assert found(store, id)[0].as_of < date(2026, 7, 1)
    assert again(store, id).kind == "same"


def test_a_record_of_another_text_is_noticed(store: Store, recorder: Recorder) -> None:
    id = recorded(recorder, loaded(store, OPEN))
    forged = replace(found(store, id)[0], policy_hash="sha256:0")
    with reading(store) as connection, pytest.raises(StoreConflict) as caught:
        recorded_policy(connection, forged)
    assert "sha256:0" in caught.value.message("zh")
