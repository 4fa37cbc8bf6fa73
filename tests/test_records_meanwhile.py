"""What a verification makes of erasures, before it and while it runs, and that it keeps nobody waiting for whoever reads what it finds."""

from __future__ import annotations

from itertools import islice

import pytest

from policies.registry.store import keys, verify
from policies.registry.store.chain import digest
from policies.registry.store.connect import Store, reading, writing
from policies.registry.store.findings import Finding
from policies.registry.store.records import erase, find_payload, find_record
from policies.registry.store.tables import events, payloads
from policies.registry.store.verify import heads, verifying
from policies.registry.store.workflow import create
from policies.registry.store.writer import Recorder
from tests.recording import loaded, recorded
from tests.store import text as policy_text
from tests.tampering import COUNT, filled, tampering, told

# Rows of each portion here: the walk stands still once in each, and customers are spread over them.
PORTION = 3


@pytest.fixture
def full(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(verify, "PORTION", PORTION)
    return filled(store)


def steps_of_the_chains(store: Store) -> int:
    """How many times a verification stands still on its way through events and records."""
    return sum(each.head.seq // PORTION for each in heads(store))


# ---------------------------------------------------------------- erased meanwhile


def test_a_customer_who_is_erased_meanwhile_was_erased(full: Store) -> None:
    """At whatever place the walk is: in front of the customer's records, among them, or behind."""
    steps = steps_of_the_chains(full)
    assert steps > 2 * COUNT // PORTION
    for step in range(1, steps + 1):
        with Recorder(full) as recorder:
            recorded(recorder, loaded(full), customer=f"D{step}")
        walk = verifying(full)
        assert list(islice(walk, step)) == [None] * step
        erase(full, f"D{step}", "dee", "asked to")
        if step == steps // 2:
            for customer in ("C0", "C1", "C2"):
                erase(full, customer, "dee", "asked to")
        assert [found for found in walk if found is not None] == []


def test_what_was_written_after_an_erasure_is_not_covered_by_it(full: Store) -> None:
    """The payload of a later record is gone, and the erasure of the earlier ones says nothing of it."""
    walk = verifying(full)
    next(walk)
    erase(full, "C1", "dee", "asked to")
    with tampering(full) as change:
        change("delete from payloads where record = 1")
    assert [(found.kind, found.table, found.seq) for found in walk if found is not None] == [
        ("removed", "records", 1)
    ]


ERASURE = '{"customer":"C1","payloads":3,"through":12}'
FORGED = [
    "kind = 'erased'",
    f"kind = 'erased', payload = '{ERASURE}'",
    f"kind = 'erased', payload = '{ERASURE}', payload_hash = '{digest(ERASURE)}'",
]


@pytest.mark.parametrize("forged", FORGED)
def test_an_erasure_that_is_not_intact_excuses_nothing(full: Store, forged: str) -> None:
    walk = verifying(full)
    next(walk)
    create(full, policy_text(label="Third"), "ann")
    with tampering(full) as change:
        change(f"update events set {forged} where seq = (select max(seq) from events)")
        change("delete from payloads where record = 2")
    assert [(found.kind, found.table, found.seq) for found in walk if found is not None] == [
        ("removed", "records", 2)
    ]


# ---------------------------------------------------------------- there again


def put_back(store: Store, seq: int, body: str) -> None:
    """Anybody with a connection may: no trigger stands against rows that come."""
    with writing(store) as connection:
        connection.execute(payloads.insert().values(record=seq, body=body))


def test_what_was_erased_and_put_back(full: Store) -> None:
    with reading(full) as connection:
        body = connection.execute(payloads.select().where(payloads.c.record == 2)).one().body
    erase(full, "C1", "dee", "asked to")
    put_back(full, 2, body)
    assert told(full) == [("added", "payloads", 2)]
    put_back(full, 6, "{}")
    assert told(full) == [("added", "payloads", 2), ("changed", "records", 6), ("added", "payloads", 6)]


def test_what_came_after_an_erasure_is_not_there_again(full: Store) -> None:
    with Recorder(full) as recorder:
        id = recorded(recorder, loaded(full), customer="C3")
    with reading(full) as connection:
        assert find_payload(connection, find_record(connection, id)) is not None
    assert told(full) == []


def test_an_erasure_whose_event_was_changed_is_one_finding(full: Store) -> None:
    """What it erased is not lost as well, one payload after the other."""
    with tampering(full) as change:
        change("update events set actor = 'eve' where kind = 'erased'")
    assert [(kind, table) for kind, table, _ in told(full)] == [("changed", "events")]


def test_an_erasure_that_was_made_anothers_says_nothing_of_them(full: Store) -> None:
    """The event is what was changed: the other customer's payloads were never erased, and are not there again."""
    with reading(full) as connection:
        row = connection.execute(events.select().where(events.c.kind == "erased")).mappings().one()
    payload = row["payload"].replace("C3", "C1")
    with tampering(full) as change:
        change(
            f"update events set payload = '{payload}', payload_hash = '{digest(payload)}'"
            f" where seq = {row['seq']}"
        )
    assert {(kind, table) for kind, table, _ in told(full)} == {("changed", "events"), ("removed", "records")}


# ---------------------------------------------------------------- slow readers

WRONG = (
    "update texts set text = replace(text, '+60', '+61')",
    "update versions set publisher = 'eve' where policy = 'recorded'",
    "update drafts set author = 'eve'",
    "update api_keys set name = 'eve'",
    "update records set tier = 'B' where seq = 5",
    "update secrets set value = 'x'",
    "delete from payloads where record = 6",
)
TABLES = {"texts", "versions", "drafts", "api_keys", "records", "secrets"}


def test_no_transaction_stands_open_while_a_finding_is_read(full: Store) -> None:
    """Whoever takes findings may be slow; the database must not hold a snapshot, nor a connection, for that."""
    keys.create(full, "cai", ["reader"], "dee")
    with tampering(full) as change:
        for statement in WRONG:
            change(statement)
    wanted = set(TABLES)
    if full.file is not None:  # in PostgreSQL the next test would miss it
        with writing(full) as connection:
            connection.exec_driver_sql("drop trigger payloads_no_update")
        wanted.add("triggers")
    found: list[Finding] = []
    for each in verifying(full):
        assert full.engine.pool.checkedout() == 0, each  # type: ignore[attr-defined]
        if each is not None:
            found.append(each)
    assert {each.table for each in found} == wanted
