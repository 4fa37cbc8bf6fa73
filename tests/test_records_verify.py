"""One byte changed, one row removed, put in or moved: `verify` finds it, says where, and finds nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from policies.registry.store import chain, keys
from policies.registry.store.chain import Head
from policies.registry.store.connect import Store, reading, writing
from policies.registry.store.drafts import Draft
from policies.registry.store.findings import Finding
from policies.registry.store.masks import open_masks
from policies.registry.store.problems import StoreError
from policies.registry.store.publications import approve_and_publish, publish
from policies.registry.store.records import erase
from policies.registry.store.tables import events, records
from policies.registry.store.verify import Known, heads, verify
from policies.registry.store.workflow import (
    approve,
    check,
    create,
    edit,
    get,
    reject,
    rollback,
    submit,
    withdraw,
)
from policies.registry.store.writer import Recorder
from tests.recording import loaded, recorded
from tests.store import Clock
from tests.store import text as policy_text
from tests.tampering import COUNT, filled, mended, tampering, told, unchecked


@pytest.fixture
def full(store: Store) -> Store:
    return filled(store)


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


def test_of_two_notes_that_differ_one_is_wrong(full: Store) -> None:
    """Two who noted the same number, in whatever order they are given."""
    [right] = [each for each in heads(full) if each.table == "records"]
    wrong = Known("records", Head(right.head.seq, "0" * 64))
    for noted in ((right, wrong), (wrong, right), (wrong,)):
        assert told(full, *noted) == [("changed", "records", COUNT)]
    assert told(full, right, right) == []


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
        pytest.skip("PostgreSQL takes no letter that does not fit")
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
    # SQLite also says by itself that such a number breaks the tables' own rule.
    broken = [] if full.file is None else [("changed", "events", 0), ("changed", "records", 0)]
    added = [("added", table, seq) for table in ("events", "versions", "records")]
    assert told(full) == [*added, *broken]
    mended(full)


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


def rejected(store: Store, policy: str) -> Draft:
    """A draft that was handed in, and an hour later sent back."""
    clock = store.clock
    assert isinstance(clock, Clock)
    draft = create(store, policy, "ann")
    clock.later(hours=1)
    draft = submit(store, draft.id, draft.revision, "ann", "because")
    clock.later(hours=1)
    return reject(store, draft.id, draft.revision, "bob", "too generous")


BESIDE: list[tuple[str, tuple[str, str, int]]] = [
    ("update drafts set text = 'policy x' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set approvers = '[\"eve\"]', state = 'approved' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set author = 'eve' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set state = 'submitted' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set approvers = 'x' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set policy = 'other' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set policy = null where id = 4", ("changed", "drafts", 4)),
    ("update drafts set comment = 'looks good' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set created_at = changed_at, changed_at = created_at", ("changed", "drafts", 5)),
    ("update drafts set created_at = '2026-05-01 08:00:00.000000' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set changed_at = '2026-05-01 08:00:00.000000' where id = 4", ("changed", "drafts", 4)),
    ("update drafts set comment = 'looks good' where state = 'rejected'", ("changed", "drafts", 5)),
    ("update drafts set comment = null where state = 'rejected'", ("changed", "drafts", 5)),
    ("update drafts set reason = 'no reason' where state = 'rejected'", ("changed", "drafts", 5)),
    ("update drafts set submitted_at = null where state = 'rejected'", ("changed", "drafts", 5)),
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
    clock = full.clock
    assert isinstance(clock, Clock)
    assert create(full, policy_text(label="Third"), "ann").id == 4
    rejected(full, policy_text(label="Fourth"))
    key, _ = keys.create(full, "cai", ["reader"], "dee", expires_at=clock() + timedelta(days=9))
    keys.revoke(full, key.id, "dee")
    assert told(full) == []
    with tampering(full) as change:
        change(statement)
    kind, table, number = expected
    # PostgreSQL numbers the keys of one test after another on.
    assert (kind, table, key.id if (table, number) == ("api_keys", 1) else number) in told(full)


def test_every_way_of_a_draft_is_told(full: Store) -> None:
    """Whatever step a draft takes, at whatever time, its row and its events say the same."""
    clock = full.clock
    assert isinstance(clock, Clock)
    wrong = policy_text(label="Fifth").replace("expect grade = A", "expect grade = B")
    draft = create(full, "no policy yet", "ann")
    steps: list[Callable[[Draft], object]] = [
        lambda it: edit(full, it.id, it.revision, "ann", text=wrong, tests="tests: []"),
        lambda it: check(full, it.id, it.revision, "cai"),
        lambda it: edit(full, it.id, it.revision, "ann", text=policy_text(label="Fifth")),
        lambda it: submit(full, it.id, it.revision, "ann", "because"),
        lambda it: reject(full, it.id, it.revision, "bob", "too generous"),
        lambda it: edit(full, it.id, it.revision, "ann", text=policy_text(label="Sixth")),
        lambda it: check(full, it.id, it.revision, "ann"),
        lambda it: submit(full, it.id, it.revision, "ann", "better"),
        lambda it: approve(full, it.id, it.revision, "bob"),
        lambda it: publish(full, it.id, it.revision, "bob"),
    ]
    for step in steps:
        clock.later(hours=1)
        step(get(full, draft.id))
        assert told(full) == []
    back = rollback(full, "grading", 1, "ann", "as it was")
    assert told(full) == []
    clock.later(hours=1)
    approve_and_publish(full, back.id, back.revision, "bob")
    assert told(full) == []
    sent_back = rejected(full, policy_text(label="Seventh"))
    assert told(full) == []
    clock.later(hours=1)
    withdraw(full, sent_back.id, sent_back.revision, "ann", "no more of it")
    assert told(full) == []


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
