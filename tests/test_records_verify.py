"""One byte changed, one row removed, put in or moved: `verify` finds it, says where, and finds nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from policies.registry.store import chain, keys
from policies.registry.store.chain import Head
from policies.registry.store.connect import Store, reading, writing
from policies.registry.store.findings import Finding
from policies.registry.store.guards import KEPT
from policies.registry.store.masks import open_masks
from policies.registry.store.problems import StoreError
from policies.registry.store.records import erase
from policies.registry.store.tables import events, records
from policies.registry.store.verify import Known, heads, verify
from policies.registry.store.workflow import create, withdraw
from policies.registry.store.writer import Recorder
from tests.recording import begin, loaded, recorded
from tests.store import address, published
from tests.store import text as policy_text

COUNT = 12


@pytest.fixture
def full(store: Store) -> Store:
    """Twelve records of four customers, three versions of two policies, an erasure."""
    policy = loaded(store)
    published(store, policy_text())
    published(store, policy_text(label="Best"))
    with Recorder(store) as recorder:
        for _, pending in [begin(recorder, policy, customer=f"C{number % 4}") for number in range(COUNT)]:
            pending.wait()
    erase(store, "C3", "dee", "asked to")
    assert list(verify(store)) == []
    return store


@contextmanager
def tampering(store: Store) -> Iterator[Callable[[str], object]]:
    """Statements as somebody would give them who may do everything to the database, triggers and keys put aside."""
    if store.file is None:
        with psycopg.connect(address(store)) as connection:
            connection.execute("set local session_replication_role = replica")
            yield lambda statement: connection.execute(statement.encode())
        return
    with writing(store) as sqlite:
        sqlite.exec_driver_sql("pragma defer_foreign_keys = on")
        with _no_triggers(sqlite):
            yield sqlite.exec_driver_sql
        sqlite.exec_driver_sql("pragma defer_foreign_keys = off")


@contextmanager
def unchecked(store: Store) -> Iterator[Callable[[str], object]]:
    """As `tampering`, and no constraint is in the way of what no column should hold."""
    with tampering(store) as change:
        if store.file is None:
            for table in ("events", "records"):
                change(f"alter table {table} drop constraint ck_{table}_seq")
            yield change
            for table in ("events", "records"):  # back for the next test, whatever stands there now
                change(f"alter table {table} add constraint ck_{table}_seq check (seq > 0) not valid")
        else:
            change("pragma ignore_check_constraints = on")
            yield change
            change("pragma ignore_check_constraints = off")


@contextmanager
def _no_triggers(connection: Connection) -> Iterator[None]:
    found = connection.execute(text("select name, sql from sqlite_master where type = 'trigger'")).all()
    for name, _ in found:
        connection.exec_driver_sql(f"drop trigger {name}")
    yield
    for _, sql in found:
        connection.exec_driver_sql(sql)


def told(store: Store, *known: Known) -> list[tuple[str, str, int]]:
    found = list(verify(store, known))
    assert all(each.message("en") and each.message("zh") for each in found)
    return [(each.kind, each.table, each.seq) for each in found]


ONE_THING: list[tuple[str, list[tuple[str, str, int]]]] = [
    ("update records set tier = 'B' where seq = 5", [("changed", "records", 5)]),
    ("update records set customer = null where seq = 5", [("changed", "records", 5)]),
    ("update records set version = 2 where seq = 1", [("changed", "records", 1)]),
    (
        "update records set hash = 'f' || substr(hash, 2, 62) || '0' where seq = 5",
        [("changed", "records", 5)],
    ),
    ("update records set prev = '0' where seq = 5", [("broken", "records", 5), ("changed", "records", 5)]),
    ("update payloads set body = replace(body, '500', '600') where record = 5", [("changed", "records", 5)]),
    ("delete from payloads where record = 5", [("removed", "records", 5)]),
    ("delete from records where seq = 5", [("removed", "records", 5)]),
    ("delete from records where seq in (5, 6)", [("removed", "records", 5)]),
    ("delete from records where seq = 1", [("removed", "records", 1)]),
    (f"delete from records where seq = {COUNT}", [("removed", "records", COUNT)]),
    ("update events set actor = 'eve' where seq = 2", [("changed", "events", 2)]),
    ("update events set payload = '{}' where seq = 2", [("changed", "events", 2)]),
    ("delete from events where seq = 2", [("removed", "events", 2)]),
    ("update versions set publisher = 'eve' where policy = 'recorded'", [("changed", "versions", 5)]),
    (
        "update versions set number = 3 where number = 2",
        [("removed", "versions", 15), ("added", "versions", 15)],
    ),
    ("delete from versions where policy = 'recorded'", [("removed", "versions", 5)]),
    (
        "insert into versions select policy, 9, hash, uses, language_version, title, timezone, author,"
        " approvers, publisher, reason, comment, submitted_at, published_at, start, rolled_back, draft,"
        " event from versions where policy = 'recorded'",
        [("added", "versions", 5)],
    ),
    (f"update chain_heads set hash = '{'1' * 64}' where name = 'records'", [("end", "records", COUNT)]),
]


@pytest.mark.parametrize(("statement", "expected"), ONE_THING)
def test_one_thing(full: Store, statement: str, expected: list[tuple[str, str, int]]) -> None:
    with tampering(full) as change:
        change(statement)
    assert told(full) == expected


def test_a_text_that_was_changed(full: Store) -> None:
    with tampering(full) as change:
        change("update texts set text = replace(text, '+60', '+61')")
    assert told(full) == [("changed", "texts", 0)]
    with tampering(full) as change:
        change("delete from texts where text like '%+61%'")
    assert told(full) == [("removed", "texts", 5)]


def test_two_that_changed_places(full: Store) -> None:
    with tampering(full) as change:
        for before, after in ((5, 99), (6, 5), (99, 6)):
            change(f"update records set seq = {after} where seq = {before}")
            change(f"update payloads set record = {after} where record = {before}")
    assert {each for each in told(full) if each[0] == "changed"} == {
        ("changed", "records", 5),
        ("changed", "records", 6),
    }


def test_one_put_in_behind_the_end(full: Store) -> None:
    with tampering(full) as change:
        change(
            "insert into records select seq + 1, id || 'x', at, as_of, known_at, policy, version, policy_hash,"
            " customer, status, tier, engine, lang, caller, payload_hash, hash, hash from records"
            f" where seq = {COUNT}"
        )
    assert told(full) == [("added", "records", COUNT + 1)]


def test_one_forged_with_its_own_hash(full: Store) -> None:
    """Whoever makes the hash of a row anew has broken it from the next."""
    with reading(full) as connection:
        row = connection.execute(records.select().where(records.c.seq == 5)).mappings().one()
    forged = chain.link(row["prev"], {**row, "tier": "B"})
    with tampering(full) as change:
        change(f"update records set tier = 'B', hash = '{forged}' where seq = 5")
    assert told(full) == [("broken", "records", 6)]


def test_a_chain_made_anew_shows_against_a_note(full: Store) -> None:
    """With all hashes and the head made to fit nothing shows inside, but what was noted elsewhere is not there."""
    noted = heads(full)
    with reading(full) as connection:
        rows = connection.execute(records.select().order_by(records.c.seq)).mappings().all()
    remade, head = chain.linked(Head(0, chain.NOTHING), [{**row, "caller": "eve"} for row in rows])
    with tampering(full) as change:
        for row in remade:
            change(
                f"update records set caller = 'eve', prev = '{row['prev']}', hash = '{row['hash']}'"
                f" where seq = {row['seq']}"
            )
        change(f"update chain_heads set hash = '{head.hash}' where name = 'records'")
    assert told(full) == []
    assert told(full, *noted) == [("changed", "records", COUNT)]
    assert told(full, Known("records", Head(COUNT + 5, "0" * 64))) == [("removed", "records", COUNT + 5)]


def test_a_note_that_is_right_passes(full: Store) -> None:
    noted = heads(full)
    policy = loaded(full)
    with Recorder(full) as recorder:
        recorded(recorder, policy)
    assert told(full, *noted) == []


def test_an_erasure_covers_no_later_payload(full: Store) -> None:
    policy = loaded(full)
    with Recorder(full) as recorder:
        recorded(recorder, policy, customer="C3")
    assert told(full) == []
    with tampering(full) as change:
        change(f"delete from payloads where record = {COUNT + 1}")
    assert told(full) == [("removed", "records", COUNT + 1)]


def test_any_letter_of_any_row(full: Store) -> None:
    """In SQLite, which takes whatever is written: one letter anywhere becomes another, or no letter at all."""
    if full.file is None:
        return
    chance = random.Random(11)
    for table, key in (("records", "seq"), ("events", "seq"), ("payloads", "record"), ("versions", "event")):
        with reading(full) as connection:
            rows = connection.execute(text(f"select * from {table}")).mappings().all()
        for _ in range(12):
            row = chance.choice(rows)
            column = chance.choice([name for name, value in row.items() if value is not None and name != key])
            raw = bytearray(str(row[column]).encode())
            raw[chance.randrange(len(raw))] ^= chance.choice((1, 2, 128))
            with tampering(full) as change:
                change(f"update {table} set {column} = cast(x'{raw.hex()}' as text) where {key} = {row[key]}")
            assert told(full), (table, column, row[key], bytes(raw))
            with tampering(full) as change:
                value = row[column]
                plain = str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
                change(f"update {table} set {column} = {plain} where {key} = {row[key]}")
            assert told(full) == []


# ---------------------------------------------------------------- outside the chains

EVENT = "at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash"
RECORD = (
    "at, as_of, known_at, policy, version, policy_hash, customer, status, tier, engine, lang, caller,"
    " payload_hash, prev, hash"
)


@pytest.mark.parametrize("seq", [0, -1, -7])
def test_rows_in_front_of_the_beginning(full: Store, seq: int) -> None:
    """A whole version and a decision, forged where no walk from number 1 would come by."""
    with unchecked(full) as change:
        change(
            f"insert into events select {seq}, at, kind, actor, policy, draft, 9, reason, payload, payload_hash,"
            " prev, hash from events where seq = 5"
        )
        change(
            "insert into versions select policy, 9, hash, uses, language_version, title, timezone, author,"
            " approvers, publisher, reason, comment, submitted_at, published_at, start, rolled_back, draft,"
            f" {seq} from versions where event = 5"
        )
        change(f"insert into records select {seq}, 'forged', {RECORD} from records where seq = 1")
        change(f"insert into payloads select {seq}, body from payloads where record = 1")
    assert told(full) == [("added", "events", seq), ("added", "versions", seq), ("added", "records", seq)]


@pytest.mark.parametrize(
    "statement",
    [
        f"insert into events select 0, {EVENT} from events where seq = 1",
        f"insert into records select -1, 'x', {RECORD} from records where seq = 1",
    ],
)
def test_the_tables_refuse_rows_in_front_of_the_beginning(full: Store, statement: str) -> None:
    with pytest.raises(IntegrityError, match="seq"), writing(full) as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("seq", [-1, 99])
def test_a_payload_without_a_record(full: Store, seq: int) -> None:
    with tampering(full) as change:
        change(f"insert into payloads values ({seq}, '{{}}')")
    assert told(full) == [("added", "payloads", seq)]


HEADS: list[tuple[str, list[tuple[str, str, int]]]] = [
    ("delete from chain_heads where name = 'records'", [("end", "records", 0)]),
    ("update chain_heads set name = 'other' where name = 'events'", [("end", "events", 0)]),
    ("update chain_heads set seq = -4 where name = 'records'", [("end", "records", 0)]),
    (
        "update chain_heads set seq = 9223372036854775807 where name = 'records'",
        [("removed", "records", COUNT + 1)],
    ),
]


@pytest.fixture
def heads_back(full: Store) -> Iterator[None]:
    """Both heads are rows again after the test: the next one in the same database only sets them."""
    yield
    with tampering(full) as change:
        change("delete from chain_heads")
        for name in ("events", "records"):
            change(f"insert into chain_heads values ('{name}', 0, '{chain.NOTHING}')")


@pytest.mark.usefixtures("heads_back")
@pytest.mark.parametrize(("statement", "expected"), HEADS)
def test_a_head_that_was_lost(full: Store, statement: str, expected: list[tuple[str, str, int]]) -> None:
    with tampering(full) as change:
        change(statement)
    assert told(full) == expected
    kept = {"events", "records"} - ({expected[0][1]} if expected[0][0] == "end" else set())
    assert {each.table for each in heads(full)} == kept


@pytest.mark.usefixtures("heads_back")
def test_nothing_is_recorded_behind_a_lost_head(full: Store) -> None:
    with tampering(full) as change:
        change("delete from chain_heads where name = 'events'")
    with pytest.raises(StoreError, match="the head of the chain of `events` is missing"):
        erase(full, "C1", "dee", "asked to")


# ---------------------------------------------------------------- rows that cannot be read

ODD: list[tuple[str, str, list[tuple[str, str, int]]]] = [
    ("events", "payload = x'ff00'", [("changed", "events", 2)]),
    ("events", "actor = cast(actor as blob)", [("changed", "events", 2)]),
    ("events", "at = 'soon'", [("changed", "events", 2)]),
    ("records", "caller = cast(caller as blob)", [("changed", "records", 2)]),
    ("records", "customer = x'c3'", [("changed", "records", 2)]),
    ("records", "version = 1.5", [("changed", "records", 2)]),
    ("records", "as_of = 'never'", [("changed", "records", 2)]),
]


@pytest.mark.parametrize(("table", "change_to", "expected"), ODD)
def test_what_no_column_should_hold(
    full: Store, table: str, change_to: str, expected: list[tuple[str, str, int]]
) -> None:
    """SQLite takes it; the walk goes on behind it."""
    if full.file is None:
        pytest.skip("PostgreSQL's columns hold what they are for")
    with tampering(full) as change:
        change(f"update {table} set {change_to} where seq = 2")
        change(f"update payloads set body = 'other' where record = {COUNT - 2}")
    assert told(full) == sorted([*expected, ("changed", "records", COUNT - 2)], key=lambda each: each[1:])


@pytest.mark.parametrize("kind", ["erased", "published", "issued", "created", "nothing that is done"])
@pytest.mark.parametrize(
    "payload", ["[]", "{}", "5", "[", '{"version":{"policy":1}}', '{"customer":3,"through":"x"}']
)
def test_events_that_are_none(full: Store, kind: str, payload: str) -> None:
    """With a hash of their own that fits: what they say is believed of nobody, and the walk goes on."""
    with reading(full) as connection:
        row = connection.execute(events.select().where(events.c.seq == 2)).mappings().one()
    body = {"kind": kind, "payload": payload, "payload_hash": chain.digest(payload)}
    hash = chain.link(row["prev"], {**row, **body})
    with tampering(full) as change:
        sets = ", ".join(f"{name} = '{value}'" for name, value in {**body, "hash": hash}.items())
        change(f"update events set {sets} where seq = 2")
        change(f"update payloads set body = 'other' where record = {COUNT - 2}")
    found = told(full)
    assert ("broken", "events", 3) in found
    assert ("changed", "records", COUNT - 2) in found


# ---------------------------------------------------------------- beside the chains

BESIDE: list[tuple[str, tuple[str, str, int]]] = [
    ("update drafts set text = 'policy x' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set approvers = '[\"eve\"]', state = 'approved' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set author = 'eve' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set state = 'submitted' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set approvers = 'x' where id = 4", ("changed", "drafts", 4)),
    ("delete from drafts where id = 4", ("removed", "drafts", 4)),
    ("update drafts set id = 77 where id = 4", ("removed", "drafts", 4)),
    ("update api_keys set roles = '[\"admin\"]'", ("changed", "api_keys", 1)),
    ("update api_keys set name = 'eve'", ("changed", "api_keys", 1)),
    ("update api_keys set hash = 'x'", ("changed", "api_keys", 1)),
    ("update api_keys set revoked_at = null, revoked_by = null", ("changed", "api_keys", 1)),
    ("update api_keys set expires_at = null", ("changed", "api_keys", 1)),
    ("delete from api_keys", ("removed", "api_keys", 1)),
    ("update api_keys set id = 7000", ("added", "api_keys", 7000)),
    ("update secrets set value = replace(value, substr(value, 1, 1), '-')", ("changed", "secrets", 0)),
    ("update secrets set name = 'other'", ("changed", "secrets", 0)),
    ("insert into secrets (name, value) values ('other', 'x')", ("changed", "secrets", 0)),
    ("delete from secrets", ("removed", "secrets", 0)),
]


@pytest.mark.parametrize(("statement", "expected"), BESIDE)
def test_what_stands_beside_the_chains(full: Store, statement: str, expected: tuple[str, str, int]) -> None:
    clock = full.clock()
    assert create(full, policy_text(label="Third"), "ann").id == 4
    key, _ = keys.create(full, "cai", ["reader"], "dee", expires_at=clock + timedelta(days=9))
    keys.revoke(full, key.id, "dee")
    assert told(full) == []
    with tampering(full) as change:
        change(statement)
    kind, table, number = expected
    # PostgreSQL numbers the keys of one test after another on.
    assert (kind, table, key.id if (table, number) == ("api_keys", 1) else number) in told(full)


def test_a_secret_that_was_made_anew(full: Store) -> None:
    """What was masked before looks like nothing that is masked now."""
    before = open_masks(full)
    with tampering(full) as change:
        change("delete from secrets")
    assert open_masks(full) != before
    assert told(full) == [("removed", "secrets", 0)]
    with tampering(full) as change:
        change("update secrets set value = 'no secret'")
    with pytest.raises(StoreError, match="the secret of masked facts is damaged; restore a backup"):
        open_masks(full)


def test_a_withdrawn_draft_may_go(full: Store) -> None:
    draft = create(full, policy_text(label="Third"), "ann")
    withdraw(full, draft.id, draft.revision, "ann")
    with tampering(full) as change:
        change(f"delete from drafts where id = {draft.id}")
    assert told(full) == []


@pytest.mark.parametrize("table", list(KEPT))
def test_triggers_that_are_missing(full: Store, table: str) -> None:
    """Switched off, taken away, or put back so that they do nothing."""
    if full.file is None:
        with writing(full) as connection:
            connection.exec_driver_sql(f"alter table {table} disable trigger {table}_keeps")
        found = told(full)
        with writing(full) as connection:  # for the next test
            connection.exec_driver_sql(f"alter table {table} enable trigger {table}_keeps")
        assert found == [("removed", "triggers", 0)]
        assert told(full) == []
        return
    with writing(full) as connection:
        connection.exec_driver_sql(f"drop trigger {table}_no_update")
    assert told(full) == [("removed", "triggers", 0)]
    with writing(full) as connection:
        connection.exec_driver_sql(
            f"create trigger {table}_no_update before update on {table} when 1 = 2"
            f" begin select raise(abort, '{table} keeps what it has: UPDATE is refused'); end"
        )
    assert told(full) == [("removed", "triggers", 0)]


def test_a_version_that_nobody_approved(full: Store) -> None:
    """A chain made anew from the approval on: everything fits, but the author's own approval is no approval."""
    with reading(full) as connection:
        rows = connection.execute(events.select().order_by(events.c.seq)).mappings().all()
        head = chain.read_head(connection, "events")
    approval = next(row["seq"] for row in rows if row["kind"] == "approved")
    remade, head = chain.linked(
        Head(0, chain.NOTHING),
        [{**row, "actor": "ann"} if row["seq"] == approval else dict(row) for row in rows],
    )
    with tampering(full) as change:
        for row in remade:
            change(
                f"update events set actor = '{row['actor']}', prev = '{row['prev']}', hash = '{row['hash']}'"
                f" where seq = {row['seq']}"
            )
        change(f"update chain_heads set hash = '{head.hash}' where name = 'events'")
    assert ("unapproved", "versions", approval + 1) in told(full)


def test_while_others_record(full: Store) -> None:
    """Whatever is recorded meanwhile does not look like tampering."""
    policy = loaded(full)
    findings: list[Finding] = []
    with Recorder(full) as recorder:
        check = verify(full)
        recorded(recorder, policy)
        findings += check
        for _ in range(5):
            check = verify(full)
            recorded(recorder, policy)
            findings += check
    assert findings == []
