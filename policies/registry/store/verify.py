"""Has anybody touched what the store keeps? Every row is held against its hash, and every hash against the next row.

What is found, and of which kind, is in `findings`; what stands beside the chains (versions, texts, drafts, keys, a secret) is held
against the events in `against`; triggers are looked at in `guards`, tables and indexes in `shape`. Nothing that a row may hold ends
the walk: what cannot be read is a finding, and it goes on behind it.

Rows only grow, so that nobody has to wait: first the heads are noted, then everything up to them is read in portions, whose
number does not matter to memory. What was written meanwhile is left to the next time, but for what it explains: a customer's
payloads may be erased while one looks for them (`erasures`). Nothing is handed on inside a transaction, for whoever takes it
may be slow.

Whoever may write to the database's files can make a whole chain anew. Against that helps what is kept elsewhere: the
end of a chain as an export or an auditor's note has it (`known`), which has to be found again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, Select, Table, func, or_, select

from dsl.records import record
from policies.registry.store.against import (
    drafts_as_told,
    keys_as_told,
    secrets_as_told,
    told_version,
    version_as_told,
    versions_and_texts,
)
from policies.registry.store.chain import NOTHING, Head, digest, find_head, link
from policies.registry.store.connect import Store, reading
from policies.registry.store.erasures import Erasures
from policies.registry.store.findings import Finding, Unreadable, found, payload_of, plain, reading_rows
from policies.registry.store.guards import unguarded
from policies.registry.store.history import STATE_AFTER
from policies.registry.store.masks import KEYED
from policies.registry.store.shape import columns_missing, indexes_as_made, tables_sound
from policies.registry.store.tables import events, payloads, records

# Rows read at a time.
PORTION = 500

# What events there are: the steps of drafts, and what concerns customers, keys and the masks' secret.
KINDS = frozenset({*STATE_AFTER, "erased", "issued", "revoked", KEYED})


@record
class Known:
    """The end of a chain at some time, as somebody noted it elsewhere."""

    table: Literal["events", "records"]
    head: Head


def heads(store: Store) -> tuple[Known, ...]:
    """The ends of both chains now: what to note elsewhere. A chain whose head is lost is left out.

    Raises `StoreUnavailable`.
    """
    chains: tuple[Literal["events"], Literal["records"]] = ("events", "records")
    with reading(store) as connection:
        ends = [(name, find_head(connection, name)) for name in chains]
    return tuple(Known(name, head) for name, head in ends if head is not None)


def verify(store: Store, known: Sequence[Known] = ()) -> Iterator[Finding]:
    """Everything that is wrong, in the order of the chains; nothing where all is as it was written.

    Raises `StoreUnavailable`, also where the database's file itself is damaged.
    """
    return (step for step in verifying(store, known) if step is not None)


def verifying(store: Store, known: Sequence[Known] = ()) -> Iterator[Finding | None]:
    """As `verify`; None stands for a portion gone through, for whoever has to show that it goes on.

    Raises `StoreUnavailable`, also where the database's file itself is damaged.
    """
    unreadable = list(columns_missing(store))
    if unreadable:
        yield from unreadable
        return
    ends = {table.name: _end(store, table) for table in (events, records)}
    erasures = Erasures(ends["events"].head.seq)
    yield from _events(store, ends["events"], _noted(known, "events"), erasures)
    yield from versions_and_texts(store)
    yield from drafts_as_told(store)
    yield from keys_as_told(store)
    yield from secrets_as_told(store)
    yield from _records(store, ends["records"], _noted(known, "records"), erasures)
    yield from _payloads(store, ends["records"].head)
    yield from tables_sound(store)
    yield from indexes_as_made(store)
    with reading(store) as connection:
        unkept = list(unguarded(connection))
    yield from unkept


@record
class End:
    """Where a chain ends: its head, or where that is lost its last row; and what is wrong with that."""

    head: Head
    findings: tuple[Finding, ...]


def _end(store: Store, table: Table) -> End:
    """The end of a chain as it stands, and rows outside of it, in one snapshot."""
    with reading(store) as connection:
        head = find_head(connection, table.name)
        if head is not None:
            return End(head, tuple(_outside(connection, table, head)))
        last = connection.execute(select(func.max(table.c.seq))).scalar() or 0
        lost = found("end", table.name, 0, "has no head: where it ends is lost", "的链头缺失，无从得知其末端")
        head = Head(max(last, 0), "")
        return End(head, (lost, *_outside(connection, table, head)))


def _noted(known: Sequence[Known], table: str) -> dict[int, set[str]]:
    """The hashes that were noted, by number: all of them, for of two that differ one is wrong."""
    noted: dict[int, set[str]] = {}
    for each in known:
        if each.table == table and each.head.seq:
            noted.setdefault(each.head.seq, set()).add(each.head.hash)
    return noted


# ---------------------------------------------------------------- chains


class _Chain:
    """Follows one chain, a row at a time. `known` are hashes by number that have to be found."""

    def __init__(self, table: str, known: Mapping[int, set[str]]) -> None:
        self.table = table
        self.head = Head(0, NOTHING)
        self._computed = NOTHING
        self._known = dict(known)

    def follow(self, row: Mapping[str, Any]) -> Iterator[Finding]:
        """The next row, and what is wrong with it."""
        seq = row["seq"]
        gap = seq != self.head.seq + 1
        if gap:
            yield _missing(self.table, self.head.seq + 1, seq - 1)
        computed = link(row["prev"], row)
        # Where only the hash of the row before was changed, or it cannot be read, that has been said there.
        if not gap and self.head.hash and row["prev"] not in (self.head.hash, self._computed):
            yield found(
                "broken",
                self.table,
                seq,
                "was not linked to the row that stands before it",
                "原先并不接在现在的前一行之后",
            )
        if computed != row["hash"]:
            yield found("changed", self.table, seq, "does not fit its hash", "与其哈希值不符")
        elif self._known.pop(seq, {computed}) != {computed}:
            yield found(
                "changed",
                self.table,
                seq,
                "is not the one that was noted elsewhere",
                "与别处留存的哈希值不同",
            )
        self.head, self._computed = Head(seq, row["hash"]), computed

    def unreadable(self, seq: int) -> Finding:
        """A row whose columns hold what no column of the kind can."""
        self.head, self._computed = Head(seq, ""), ""
        return found("changed", self.table, seq, "cannot be read", "无法读取")

    def end(self, told: Head) -> Iterator[Finding]:
        """After the last row: does the chain end where its head says, and did it once reach further?"""
        if self.head.seq < told.seq:
            yield _missing(self.table, self.head.seq + 1, told.seq)
        elif self.head.hash and told.hash and told.hash not in (self.head.hash, self._computed):
            yield found("end", self.table, told.seq, "is not where the chain ends", "不是链的末端")
        for seq in sorted(self._known):
            if seq > told.seq:
                yield found(
                    "removed",
                    self.table,
                    seq,
                    "was noted elsewhere and is not there",
                    "在别处有记载，但现已不在",
                )


def _missing(table: str, first: int, last: int) -> Finding:
    if first > last:  # a number that is too small: the row was moved or put in
        return found("added", table, last + 1, "stands where no row belongs", "不应出现在此处")
    which = str(first) if first == last else f"{first}-{last}"
    return Finding("removed", table, first, f"`{table}` {which}: not there", f"`{table}` {which}：缺失")


def _portions(
    store: Store, query: Select[Any], table: Table, told: Head
) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """Rows in the order of their numbers, up to `told`; None for one that cannot be read.

    A damaged file may give numbers in any order, and again those that it gave before: then the walk ends.
    """
    after, seq = 0, table.c.seq
    while after < told.seq:
        numbers = select(seq).where(seq > after, seq <= told.seq).order_by(seq).limit(PORTION)
        with reading(store) as connection:
            found = sorted(connection.execute(numbers).scalars())
            rows = _readable(connection, query, table, found)
        if not found or found[-1] <= after:
            return
        yield from rows
        after = found[-1]


def _readable(
    connection: Connection, query: Select[Any], table: Table, numbers: Sequence[int]
) -> list[tuple[int, Mapping[str, Any] | None]]:
    """The rows with these numbers; where they cannot be read together, by halves, until only the bad one is left out."""
    if not numbers:
        return []
    seq = table.c.seq
    chosen = query.where(seq >= numbers[0], seq <= numbers[-1]).order_by(seq)
    try:
        with reading_rows(connection):
            return [(row["seq"], plain(row, table)) for row in connection.execute(chosen).mappings().all()]
    except Unreadable:
        pass
    if len(numbers) == 1:
        return [(numbers[0], None)]
    half = len(numbers) // 2
    return [
        *_readable(connection, query, table, numbers[:half]),
        *_readable(connection, query, table, numbers[half:]),
    ]


def _outside(connection: Connection, table: Table, told: Head) -> Iterator[Finding]:
    """Rows in front of a chain's beginning and behind its end, as that was in this very snapshot."""
    seq = table.c.seq
    first, count = connection.execute(select(func.min(seq), func.count()).where(seq < 1)).one()
    if count:
        yield found(
            "added",
            table.name,
            first,
            f"stands in front of the beginning of the chain; such rows in all: {count}",
            f"位于链的起点之前；此类行共 {count} 行",
        )
    if connection.execute(select(func.count()).where(seq > told.seq)).scalar():
        yield found(
            "added", table.name, told.seq + 1, "stands behind the end of the chain", "位于链的末端之后"
        )


# ---------------------------------------------------------------- events and records


def _events(
    store: Store, told: End, known: Mapping[int, set[str]], erasures: Erasures
) -> Iterator[Finding | None]:
    """Follows the events, and notes the erasures among them."""
    yield from told.findings
    chain = _Chain("events", known)
    for seq, row in _portions(store, select(events), events, told.head):
        if seq % PORTION == 0:
            yield None
        if row is None:
            yield chain.unreadable(seq)
            continue
        yield from chain.follow(row)
        if digest(row["payload"]) != row["payload_hash"]:
            yield found("changed", "events", seq, "has another payload", "的内容被改动")
            continue
        try:
            wrong = _told(store, row, erasures)
        except Unreadable:
            wrong = [found("changed", "events", seq, "is no event that there is", "不是任何一种事件")]
        yield from wrong
    yield from chain.end(told.head)


def _told(store: Store, row: Mapping[str, Any], erasures: Erasures) -> list[Finding]:
    """What follows from an event. Raises `Unreadable` for one of no kind, or whose payload is not its kind's."""
    payload = payload_of(row["payload"])
    match row["kind"]:
        case "erased":
            erasures.note(row, payload)
        case "published":
            version = told_version(payload)
            with reading(store) as connection:
                return list(version_as_told(connection, row, version))
        case kind if kind not in KINDS:
            raise Unreadable
    return []


def _records(
    store: Store, told: End, known: Mapping[int, set[str]], erasures: Erasures
) -> Iterator[Finding | None]:
    yield from told.findings
    chain = _Chain("records", known)
    query = select(records, payloads.c.body).outerjoin(payloads, payloads.c.record == records.c.seq)
    for seq, row in _portions(store, query, records, told.head):
        if seq % PORTION == 0:
            yield None
        if row is None:
            yield chain.unreadable(seq)
            continue
        yield from chain.follow({name: value for name, value in row.items() if name != "body"})
        yield from _payload(store, row, erasures)
    yield from chain.end(told.head)


def _payload(store: Store, row: Mapping[str, Any], erasures: Erasures) -> Iterator[Finding]:
    """Is what was asked and answered as it was written, and gone where it was erased and only there?"""
    seq, customer, body = row["seq"], row["customer"], row["body"]
    if body is None:
        if not erasures.excuse(store, customer, seq):
            lost, zh = "has lost its payload, and nobody erased it", "的内容缺失，且并无删除记录"
            yield found("removed", "records", seq, lost, zh)
        return
    if digest(body) != row["payload_hash"]:
        yield found("changed", "records", seq, "has another payload", "的内容被改动")
    if erasures.undone(customer, seq):
        yield found("added", "payloads", seq, "is there again, though it was erased", "已被删除，却又出现")


def _payloads(store: Store, told: Head) -> Iterator[Finding]:
    """What was asked and answered, of no record; inside the chain that the record is missing has been said."""
    seq = payloads.c.record
    query = select(seq).outerjoin(records, seq == records.c.seq).where(records.c.seq.is_(None))
    with reading(store) as connection:
        outside = query.where(or_(seq < 1, seq > told.seq)).order_by(seq)
        numbers = list(connection.execute(outside).scalars())
    for number in numbers:
        yield found("added", "payloads", number, "belongs to no record", "不属于任何决策记录")
