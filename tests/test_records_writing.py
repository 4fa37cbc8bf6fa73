"""Decisions are recorded: durable before the call returns, many to a commit, without what the policy masks."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, text

from dsl.model import CheckedPolicy
from engine.decision import Json, Noted
from engine.facts import Facts, FactsError, parse_json, read_facts
from engine.json_bytes import encoded
from engine.reference import Question
from policies.registry.store import chain, tables, writer
from policies.registry.store.connect import Store, reading
from policies.registry.store.masks import Masks, kept_facts, open_masks
from policies.registry.store.problems import NotStored, Refused, StoreUnavailable
from policies.registry.store.records import Asked, erase, find_record
from policies.registry.store.verify import verify
from policies.registry.store.writer import Recorder
from tests.generate import checked, facts_for
from tests.recording import DAY, FACTS, begin, counted, found, loaded, recorded
from tests.running import PATIENCE
from tests.store import Clock, assert_whole


@pytest.fixture
def policy(store: Store) -> CheckedPolicy:
    return loaded(store)


@pytest.fixture
def recorder(store: Store) -> Iterator[Recorder]:
    with Recorder(store) as recorder:
        yield recorder


def test_what_is_recorded(store: Store, policy: CheckedPolicy, recorder: Recorder) -> None:
    id = recorded(recorder, policy)
    record, payload = found(store, id)
    assert (record.seq, record.id, record.at, record.as_of) == (1, id, store.clock(), DAY)
    assert (record.policy, record.version, record.policy_hash) == ("recorded", 1, policy.hash)
    assert (record.customer, record.status, record.tier) == ("C1", "decided", "A")
    assert (record.engine, record.lang, record.caller, record.known_at) == ("compiled", "en", "tests", None)
    assert payload is not None
    assert payload.question == {"explain": "reasons", "at": None}
    assert payload.answer["decision_id"] == id
    assert payload.answer["scores"] == {"points": 80}
    assert payload.facts["orders"] == 500
    assert payload.facts["since"] == "2020-02-29"
    assert "overdue" not in payload.facts, "a default stood in for it"
    assert_whole(store)


def test_masked_facts_are_not_there(store: Store, policy: CheckedPolicy, recorder: Recorder) -> None:
    """Equal values look equal; nothing tells which they are, not even which two facts have the same."""
    payloads = [
        found(store, recorded(recorder, policy, dict(FACTS) | {"age": age, "share": 1}))[1]
        for age in (1, 1, 2)
    ]
    masks = [payload.facts["age"] for payload in payloads if payload is not None]
    assert masks[0] == masks[1] != masks[2]
    assert payloads[0] is not None
    assert payloads[0].facts["share"] != masks[0]
    marked = found(store, recorded(recorder, policy, dict(FACTS) | {"age": 77123}))
    assert "77123" not in str(marked)
    with reading(store) as connection:
        assert open_masks(store) == open_masks(store)
        assert len(connection.execute(select(tables.secrets)).all()) == 1


def test_another_store_has_other_masks(policy: CheckedPolicy) -> None:
    facts = read_facts(policy, FACTS)
    one, other = (kept_facts(policy, facts, Masks(secret))["age"] for secret in (b"1" * 32, b"2" * 32))
    assert one != other


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_kept_facts_are_read_again(data: st.DataObject) -> None:
    """Whatever was asked can be asked again from the record, to the last digit."""
    policy = data.draw(checked())
    try:
        facts = read_facts(policy, data.draw(facts_for(policy)))
    except FactsError:
        return
    kept = kept_facts(policy, facts, Masks(b"?"))
    given: dict[str, Any] = {key: each for key, each in _parsed(kept).items() if not isinstance(each, dict)}
    masked = {key for key in kept if key not in given}
    assert all(policy.facts[key].masked for key in masked)
    if masked:
        return
    assert read_facts(policy, given) == facts


def _parsed(kept: dict[str, Json]) -> dict[str, Any]:
    again = parse_json(encoded(kept))
    assert isinstance(again, dict)
    return again


# ---------------------------------------------------------------- many at once


def test_many_to_a_commit(store: Store, policy: CheckedPolicy, recorder: Recorder) -> None:
    def decide(thread: int) -> list[str]:
        return [recorded(recorder, policy, customer=f"C{thread}") for _ in range(20)]

    ids: list[str] = []

    def decide_all() -> None:
        with ThreadPoolExecutor(16) as pool:
            ids.extend(id for each in pool.map(decide, range(16)) for id in each)

    commits = counted(store, decide_all)
    assert len(set(ids)) == 320
    assert 20 <= commits < 320
    with reading(store) as connection:
        assert {find_record(connection, id).id for id in ids} == set(ids)
    assert_whole(store)
    assert list(verify(store)) == []


def test_two_recorders_make_one_chain(store: Store, policy: CheckedPolicy) -> None:
    with Recorder(store) as one, Recorder(store) as other, ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda turn: recorded(one if turn % 2 else other, policy), range(100)))
    with reading(store) as connection:
        assert sorted(find_record(connection, id).seq for id in ids) == list(range(1, 101))
    assert_whole(store)


def test_rows_of_a_batch_wait_together(store: Store, policy: CheckedPolicy, recorder: Recorder) -> None:
    """What comes while one is written is written with the next."""

    def batch() -> None:
        with held() as (entered, free):
            rows = [begin(recorder, policy)]
            assert entered.wait(PATIENCE)
            rows += [begin(recorder, policy) for _ in range(200)]
            free.set()
            for _, pending in rows:
                pending.wait()

    assert counted(store, batch) == 2
    assert_whole(store)


@contextmanager
def held() -> Iterator[tuple[threading.Event, threading.Event]]:
    """The writer waits when it has a record in hand: whether it has one, and what lets it go on."""
    entered, free, real = threading.Event(), threading.Event(), writer.write

    def write(*given: Any) -> None:
        entered.set()
        free.wait(PATIENCE)
        real(*given)

    with patch.object(writer, "write", write):
        try:
            yield entered, free
        finally:
            free.set()


def test_the_time_never_goes_back(store: Store, policy: CheckedPolicy, recorder: Recorder) -> None:
    clock = store.clock
    assert isinstance(clock, Clock)
    first, _ = found(store, recorded(recorder, policy))
    clock.later(hours=-1)
    second, _ = found(store, recorded(recorder, policy))
    clock.later(hours=2)
    third, _ = found(store, recorded(recorder, policy))
    assert first.at == second.at < third.at


# ---------------------------------------------------------------- the end


def test_closing_writes_what_waits(store: Store, policy: CheckedPolicy) -> None:
    recorder = Recorder(store)
    ids = [begin(recorder, policy) for _ in range(50)]
    recorder.close()
    recorder.close()
    for _, pending in ids:
        pending.wait()
    with pytest.raises(StoreUnavailable) as caught:
        recorded(recorder, policy)
    assert caught.value.code == "recorder-closed"
    assert "停止" in caught.value.message("zh")
    with reading(store) as connection:
        assert chain.read_head(connection, "records").seq == 50


def test_a_call_does_not_wait_for_ever(
    store: Store, policy: CheckedPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that is given up before the writer comes to it is not written any more."""
    from policies.registry.store import writer

    free, entered, real = threading.Event(), threading.Event(), writer.write

    def slow(*given: Any) -> None:
        entered.set()
        free.wait(20)
        real(*given)

    monkeypatch.setattr(writer, "write", slow)
    with Recorder(store, patience=0.2) as recorder:
        _, first = begin(recorder, policy)
        entered.wait(20)
        late, second = begin(recorder, policy)
        for each in (first, second):
            with pytest.raises(StoreUnavailable) as caught:
                each.wait()
            assert caught.value.code == "record-late"
        free.set()
    with reading(store) as connection:
        with pytest.raises(NotStored, match="no decision `"):
            find_record(connection, late)
        assert chain.read_head(connection, "records").seq == 1
    assert_whole(store)


@pytest.mark.parametrize("customer", ["a\0b", "half \ud800"])
def test_a_customer_that_cannot_be_kept(
    store: Store, policy: CheckedPolicy, recorder: Recorder, customer: str
) -> None:
    with pytest.raises(Refused) as caught:
        begin(recorder, policy, question=Question(customer=customer))
    assert caught.value.code == "customer"
    recorded(recorder, policy)
    assert_whole(store)


def test_a_fault_of_one_record_costs_no_other(
    store: Store, policy: CheckedPolicy, recorder: Recorder
) -> None:
    """An id that is given twice is refused, in whatever company it comes."""
    taken = recorded(recorder, policy)
    with held() as (entered, _):
        _, first = begin(recorder, policy)
        assert entered.wait(PATIENCE)
        others = [begin(recorder, policy)[1] for _ in range(3)]
        asked = Asked(policy, date(2026, 6, 1))
        twice = recorder.begin(taken, asked, Facts(), b"{}", Noted("recorded", "x", "decided", None), "tests")
    for pending in (first, *others):
        pending.wait()
    with pytest.raises(RuntimeError, match="not recorded"):
        twice.wait()
    assert_whole(store)


# ---------------------------------------------------------------- erasing


def test_a_customer_is_erased(store: Store, policy: CheckedPolicy, recorder: Recorder) -> None:
    own, other = recorded(recorder, policy, customer="C1"), recorded(recorder, policy, customer="C2")
    recorded(recorder, policy, customer="C1")
    assert erase(store, "C1", "dee", "asked to") == 2
    assert found(store, own)[1] is None
    assert found(store, other)[1] is not None
    again = recorded(recorder, policy, customer="C1")
    assert found(store, again)[1] is not None
    assert list(verify(store)) == []
    assert_whole(store)


def test_what_is_recorded_during_an_erasure_is_kept(
    store: Store, policy: CheckedPolicy, recorder: Recorder
) -> None:
    """On PostgreSQL others record meanwhile: the erasure ends at the record that its event names."""
    if store.file is not None:
        pytest.skip("nobody else writes meanwhile")
    recorded(recorder, policy, customer="C1")
    meanwhile: list[str] = []

    def record_another(*given: Any) -> None:
        if str(given[2]).lower().startswith("delete from payloads"):
            meanwhile.append(recorded(recorder, policy, customer="C1"))

    event.listen(store.engine, "before_cursor_execute", record_another)
    try:
        assert erase(store, "C1", "dee", "asked to") == 1
    finally:
        event.remove(store.engine, "before_cursor_execute", record_another)
    assert len(meanwhile) == 1
    assert found(store, meanwhile[0])[1] is not None
    assert list(verify(store)) == []


def test_erasing_needs_a_reason_and_a_customer(
    store: Store, policy: CheckedPolicy, recorder: Recorder
) -> None:
    recorded(recorder, policy)
    with pytest.raises(Refused):
        erase(store, "C1", "dee", " ")
    with pytest.raises(NotStored) as caught:
        erase(store, "C9", "dee", "asked to")
    assert "`C9`" in caught.value.message("en")
    assert "`C9`" in caught.value.message("zh")


def test_what_is_erased_cannot_be_found_by_trying(
    store: Store, policy: CheckedPolicy, recorder: Recorder
) -> None:
    """The record keeps a hash of it: over random digits as well, or few values would soon be tried out."""
    recorded(recorder, policy), recorded(recorder, policy)
    with reading(store) as connection:
        bodies = connection.execute(select(tables.payloads.c.body)).scalars().all()
    salts = {json.loads(body)["salt"] for body in bodies}
    assert len(salts) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", salt) for salt in salts)


def test_what_is_erased_is_gone_from_the_file(
    store: Store, policy: CheckedPolicy, recorder: Recorder
) -> None:
    if store.file is None:
        pytest.skip("PostgreSQL's own matter: VACUUM")
    recorded(recorder, policy, dict(FACTS) | {"needs": ["rosebud" * 40]})
    erase(store, "C1", "dee", "asked to")
    recorder.close()
    store.close()
    with closing(sqlite3.connect(store.file)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    with open(store.file, "rb") as file:
        assert b"rosebud" not in file.read()


def test_what_is_erased_is_gone_while_the_service_runs(
    store: Store, policy: CheckedPolicy, recorder: Recorder
) -> None:
    """From the log as well, in which every record stands before it is in the file."""
    if store.file is None:
        pytest.skip("about SQLite's log")
    recorded(recorder, policy, dict(FACTS) | {"needs": ["rosebud" * 40]})
    files = [Path(f"{store.file}{end}") for end in ("", "-wal", "-shm")]
    assert any(b"rosebud" in each.read_bytes() for each in files)
    erase(store, "C1", "dee", "asked to")
    assert not any(b"rosebud" in each.read_bytes() for each in files)


def test_an_erasure_holds_where_the_log_cannot_be_emptied(
    store: Store, policy: CheckedPolicy, recorder: Recorder
) -> None:
    id = recorded(recorder, policy)
    away = StoreUnavailable("store-disk", "the disk refuses", "磁盘出错", 2)
    with patch("policies.registry.store.records.empty_log", side_effect=away):
        assert erase(store, "C1", "dee", "asked to") == 1
    assert found(store, id)[1] is None


@pytest.mark.parametrize("change", ["update records set tier = 'B'", "delete from records"])
def test_records_only_grow(store: Store, policy: CheckedPolicy, recorder: Recorder, change: str) -> None:
    recorded(recorder, policy)
    with store.engine.connect() as connection, pytest.raises(Exception, match="keeps what it has"):
        connection.execute(text(change))
    assert_whole(store)
