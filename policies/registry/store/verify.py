"""Has anybody touched what the store keeps? Every row is held against its hash, and every hash against the next row.

    changed    a row does not fit its own hash, or a payload or a text its: a byte is not what it was
    broken     a row was not linked to the one that stands before it now: something was put in, taken out or moved
    removed    numbers are missing, a payload is gone without an erasure, a version or a text is not there
    added      something stands there that no event tells of, or beyond the end of its chain
    end        the chain does not end as its head says

Rows only grow, so that nobody has to wait: first the heads are noted, then everything up to them is read in portions, whose
number does not matter to memory. What was written meanwhile is left to the next time.

Whoever may write to the database's files can make a whole chain anew. Against that helps what is kept elsewhere: the
end of a chain as an export or an auditor's note has it (`known`), which has to be found again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, Select, and_, func, select
from sqlalchemy.exc import OperationalError

from dsl.diagnostics import Lang
from dsl.records import record
from policies.registry.store.chain import NOTHING, Head, digest, link, read_head
from policies.registry.store.connect import Store, reading
from policies.registry.store.problems import NotStored
from policies.registry.store.tables import events, payloads, records, texts, versions
from policies.registry.store.texts import hash_of
from policies.registry.store.versions import covered, version

# Rows read at a time.
PORTION = 500

Kind = Literal["changed", "broken", "removed", "added", "end"]


@record
class Finding:
    """Something that is not as it was written. `table` and `seq` say where (`versions` have their event's number)."""

    kind: Kind
    table: str
    seq: int
    en: str
    zh: str

    def message(self, lang: Lang = "en") -> str:
        """The sentence in one language."""
        return self.en if lang == "en" else self.zh


@record
class Known:
    """The end of a chain at some time, as somebody noted it elsewhere."""

    table: Literal["events", "records"]
    head: Head


def heads(store: Store) -> tuple[Known, Known]:
    """The ends of both chains now: what to note elsewhere. Raises `StoreUnavailable`."""
    with reading(store) as connection:
        return Known("events", read_head(connection, "events")), Known(
            "records", read_head(connection, "records")
        )


def verify(store: Store, known: Sequence[Known] = ()) -> Iterator[Finding]:
    """Everything that is wrong, in the order of the chains; nothing where all is as it was written.

    Raises `StoreUnavailable`, also where the database's file itself is damaged.
    """
    return (step for step in verifying(store, known) if step is not None)


def verifying(store: Store, known: Sequence[Known] = ()) -> Iterator[Finding | None]:
    """As `verify`; None stands for a portion gone through, for whoever has to show that it goes on.

    Raises `StoreUnavailable`, also where the database's file itself is damaged.
    """
    ends = {each.table: each.head for each in heads(store)}
    erased: dict[str, int] = {}
    yield from _events(store, ends["events"], _at_seq(known, "events"), erased)
    yield from _versions(store)
    yield from _records(store, ends["records"], _at_seq(known, "records"), erased)


def _at_seq(known: Sequence[Known], table: str) -> dict[int, str]:
    return {each.head.seq: each.head.hash for each in known if each.table == table and each.head.seq}


# ---------------------------------------------------------------- chains


class _Chain:
    """Follows one chain, a row at a time. `known` are hashes by number that have to be found."""

    def __init__(self, table: str, known: Mapping[int, str]) -> None:
        self.table = table
        self.head = Head(0, NOTHING)
        self._computed = NOTHING
        self._known = dict(known)

    def follow(self, row: RowMapping) -> Iterator[Finding]:
        """The next row, and what is wrong with it."""
        seq = row["seq"]
        gap = seq != self.head.seq + 1
        if gap:
            yield _missing(self.table, self.head.seq + 1, seq - 1)
        computed = link(row["prev"], row)
        # Where only the hash of the row before was changed, that has been said there.
        if not gap and row["prev"] not in (self.head.hash, self._computed):
            yield _found(
                "broken",
                self.table,
                seq,
                "was not linked to the row that stands before it",
                "原先并不接在现在的前一行之后",
            )
        if computed != row["hash"]:
            yield _found("changed", self.table, seq, "does not fit its hash", "与其哈希值不符")
        elif self._known.pop(seq, computed) != computed:
            yield _found(
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
        return _found("changed", self.table, seq, "cannot be read", "无法读取")

    def end(self, told: Head) -> Iterator[Finding]:
        """After the last row: does the chain end where its head says, and did it once reach further?"""
        if self.head.seq < told.seq:
            yield _missing(self.table, self.head.seq + 1, told.seq)
        elif self.head.hash and told.hash not in (self.head.hash, self._computed):
            yield _found("end", self.table, told.seq, "is not where the chain ends", "不是链的末端")
        for seq in sorted(self._known):
            if seq > told.seq:
                yield _found(
                    "removed",
                    self.table,
                    seq,
                    "was noted elsewhere and is not there",
                    "在别处有记载，但现已不在",
                )


def _missing(table: str, first: int, last: int) -> Finding:
    if first > last:  # a number that is too small: the row was moved or put in
        return _found("added", table, last + 1, "stands where no row belongs", "不应出现在此处")
    which = str(first) if first == last else f"{first}-{last}"
    return Finding("removed", table, first, f"`{table}` {which}: not there", f"`{table}` {which}：缺失")


def _found(kind: Kind, table: str, seq: int, en: str, zh: str) -> Finding:
    return Finding(kind, table, seq, f"`{table}` {seq} {en}", f"`{table}` {seq} {zh}")


def _portions(
    store: Store, query: Select[Any], seq: Any, told: Head
) -> Iterator[tuple[int, RowMapping | None]]:
    """Rows in the order of their numbers, up to `told`; None for one that cannot be read."""
    after = 0
    while after < told.seq:
        numbers = select(seq).where(seq > after, seq <= told.seq).order_by(seq).limit(PORTION)
        with reading(store) as connection:
            found = list(connection.execute(numbers).scalars())
            rows = _readable(connection, query, seq, found)
        yield from rows
        if not found:
            return
        after = found[-1]


def _readable(
    connection: Connection, query: Select[Any], seq: Any, numbers: Sequence[int]
) -> list[tuple[int, RowMapping | None]]:
    """The rows with these numbers; where they cannot be read together, by halves, until only the bad one is left out."""
    if not numbers:
        return []
    chosen = query.where(seq >= numbers[0], seq <= numbers[-1]).order_by(seq)
    try:
        with _reading_rows(connection):
            return [(row["seq"], row) for row in connection.execute(chosen).mappings().all()]
    except _Unreadable:
        pass
    if len(numbers) == 1:
        return [(numbers[0], None)]
    half = len(numbers) // 2
    return [
        *_readable(connection, query, seq, numbers[:half]),
        *_readable(connection, query, seq, numbers[half:]),
    ]


class _Unreadable(Exception):
    """A row holds what nobody has written there: no date, no number, no text."""


@contextmanager
def _reading_rows(connection: Connection) -> Iterator[None]:
    """Raises `_Unreadable` where a value cannot be read; what the database cannot do passes."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise _Unreadable from error
    except OperationalError as error:
        # SQLite's driver gives a text that is no UTF-8 any more, without SQLite's word for an error.
        if connection.dialect.name != "sqlite" or getattr(error.orig, "sqlite_errorname", None) is not None:
            raise
        raise _Unreadable from error


def _beyond(connection: Connection, table: Any, told: Head) -> Iterator[Finding]:
    """Rows behind the end of a chain, as it was in this very snapshot."""
    last = connection.execute(select(func.max(table.c.seq))).scalar() or 0
    if last > told.seq:
        yield _found(
            "added", table.name, told.seq + 1, "stands behind the end of the chain", "位于链的末端之后"
        )


# ---------------------------------------------------------------- events and records


def _events(
    store: Store, told: Head, known: Mapping[int, str], erased: dict[str, int]
) -> Iterator[Finding | None]:
    """Follows the events; notes in `erased` up to which record a customer's payloads may be gone."""
    with reading(store) as connection:
        yield from _beyond(connection, events, read_head(connection, "events"))
    chain = _Chain("events", known)
    for seq, row in _portions(store, select(events), events.c.seq, told):
        if seq % PORTION == 0:
            yield None
        if row is None:
            yield chain.unreadable(seq)
            continue
        yield from chain.follow(row)
        if digest(row["payload"]) != row["payload_hash"]:
            yield _found("changed", "events", seq, "has another payload", "的内容被改动")
            continue
        payload = json.loads(row["payload"])
        if row["kind"] == "erased":
            customer = payload["customer"]
            erased[customer] = max(erased.get(customer, 0), payload["through"])
        elif row["kind"] == "published":
            with reading(store) as connection:
                yield from _version(connection, payload["version"])
    yield from chain.end(told)


def _records(
    store: Store, told: Head, known: Mapping[int, str], erased: Mapping[str, int]
) -> Iterator[Finding | None]:
    with reading(store) as connection:
        yield from _beyond(connection, records, read_head(connection, "records"))
    chain = _Chain("records", known)
    query = select(records, payloads.c.body).outerjoin(payloads, payloads.c.record == records.c.seq)
    for seq, row in _portions(store, query, records.c.seq, told):
        if seq % PORTION == 0:
            yield None
        if row is None:
            yield chain.unreadable(seq)
            continue
        fields = {name: value for name, value in row.items() if name != "body"}
        yield from chain.follow(fields)  # type: ignore[arg-type]
        if row["body"] is not None:
            if digest(row["body"]) != row["payload_hash"]:
                yield _found("changed", "records", seq, "has another payload", "的内容被改动")
        elif seq > erased.get(row["customer"], 0):
            yield _found(
                "removed",
                "records",
                seq,
                "has lost its payload, and nobody erased it",
                "的内容缺失，且并无删除记录",
            )
    yield from chain.end(told)


# ---------------------------------------------------------------- versions


def _version(connection: Connection, told: Mapping[str, Any]) -> Iterator[Finding]:
    """Is the version there that an event tells of, as it tells, and with its texts?"""
    policy, number, event = told["policy"], told["number"], told["event"]
    name = f"{policy}@{number}"
    try:
        with _reading_rows(connection):
            same = covered(version(connection, policy, number)) == told
    except NotStored:
        yield Finding("removed", "versions", event, f"version `{name}` is not there", f"版本 `{name}` 缺失")
    except _Unreadable:
        yield _changed_version(event, name)
    else:
        if not same:
            yield _changed_version(event, name)
    for hash in (told["hash"], *(hash for _, hash in told["uses"])):
        if connection.execute(select(texts.c.hash).where(texts.c.hash == hash)).scalar() is None:
            yield Finding(
                "removed",
                "texts",
                event,
                f"a text of version `{name}` is not there: {hash}",
                f"版本 `{name}` 的文本缺失：{hash}",
            )


def _changed_version(event: int, name: str) -> Finding:
    return Finding("changed", "versions", event, f"version `{name}` was changed", f"版本 `{name}` 被改动")


def _versions(store: Store) -> Iterator[Finding]:
    """Does an event tell of every version, and is every text as its hash says?"""
    columns = (versions.c.policy, versions.c.number, versions.c.event)
    publication = and_(
        events.c.seq == versions.c.event,
        events.c.kind == "published",
        events.c.policy == versions.c.policy,
        events.c.version == versions.c.number,
    )
    untold = select(*columns).outerjoin(events, publication).where(events.c.seq.is_(None))
    with reading(store) as connection:
        added = connection.execute(untold.order_by(versions.c.event)).all()
        hashes = list(connection.execute(select(texts.c.hash).order_by(texts.c.hash)).scalars())
    for policy, number, event in added:
        name = f"{policy}@{number}"
        # One that has another name now is a version that is not there, and one that nobody published.
        yield Finding(
            "added", "versions", event, f"version `{name}` was never published", f"版本 `{name}` 从未发布"
        )
    for hash in hashes:
        with reading(store) as connection:
            yield from _text(connection, hash)


def _text(connection: Connection, hash: str) -> Iterator[Finding]:
    try:
        with _reading_rows(connection):
            text = connection.execute(select(texts.c.text).where(texts.c.hash == hash)).scalar_one()
    except _Unreadable:
        text = ""
    if hash_of(text) != hash:
        yield Finding("changed", "texts", 0, f"the text {hash} was changed", f"文本 {hash} 被改动")
