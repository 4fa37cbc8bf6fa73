"""Chains of hashes: what makes a change to an old row show.

Every row of a chain holds the hash of the row before it (`prev`) and its own, which is SHA-256 over `prev` and the
canonical JSON of its fields. Whoever changes, removes, inserts or moves a row would have to make every later
hash anew, and that shows against any export or note of a later hash. What a row carries of a person stands under
its own hash (`payload_hash`) in the row: taken away, it leaves the chain as it was.

The head of each chain, its last number and hash, is a row of `chain_heads`. A writer takes it first of all and moves it
on in the same transaction, so that writers queue for it and numbers have no gaps. Whoever adds to both chains takes the
head of `events` first: two who took them crosswise would wait for each other.

The fields of a row are its columns but for `prev`, `hash` and `payload`; a column that is null is left out. So a later
schema may add columns, and old rows keep their hashes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NoReturn

from sqlalchemy import Connection, RowMapping, Select, Table, insert, select, update

from dsl.records import record
from policies.registry.store.problems import StoreError
from policies.registry.store.tables import chain_heads

# The hash before the first link.
NOTHING = "0" * 64

# What is not hashed with a row: its place in the chain, and what may go.
APART = frozenset({"prev", "hash", "payload"})


@record
class Head:
    """The end of a chain: the number and the hash of its last row; 0 and `NOTHING` where there is none."""

    seq: int
    hash: str


def canonical(value: object) -> str:
    """JSON that is the same wherever it is made: keys in order, no idle spaces, characters as they are.

    Times are UTC with microseconds. Raises `TypeError` for what JSON has no word for, and for decimals, which have
    more than one spelling: whoever stores them says which.
    """
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain
    )


def _plain(value: object) -> str:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case _:
            raise TypeError(f"a {type(value).__name__} has no canonical form")


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def link(prev: str, row: Mapping[str, Any] | RowMapping) -> str:
    """The hash of a row that follows the one with hash `prev`; `row` may hold what is not hashed, too."""
    fields = {name: value for name, value in row.items() if value is not None and name not in APART}
    return digest(prev + canonical(fields))


def take_head(connection: Connection, name: str) -> Head:
    """The head of a chain, held until the transaction ends: nobody else adds to the chain meanwhile.

    Raises `StoreError` where somebody has taken it away.
    """
    return _head(connection, _query(name).with_for_update()) or _lost(name)


def read_head(connection: Connection, name: str) -> Head:
    """The head of a chain as it stands. Raises `StoreError` where somebody has taken it away."""
    return find_head(connection, name) or _lost(name)


def find_head(connection: Connection, name: str) -> Head | None:
    """The head of a chain; None where it is not there, or is no number with a hash."""
    return _head(connection, _query(name))


def _query(name: str) -> Select[Any]:
    return select(chain_heads.c.seq, chain_heads.c.hash).where(chain_heads.c.name == name)


def _head(connection: Connection, query: Select[Any]) -> Head | None:
    match connection.execute(query).first():
        case (int(seq), str(hash)) if seq >= 0:
            return Head(seq, hash)
    return None


def _lost(name: str) -> NoReturn:
    raise StoreError(
        "head-lost",
        f"the head of the chain of `{name}` is missing from the store; restore a backup",
        f"存储库中 `{name}` 的链头缺失；请从备份恢复",
    )


def linked(head: Head, rows: Iterable[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], Head]:
    """Rows with `seq`, `prev` and `hash`, in the order given, and the head after them."""
    chained = []
    for row in rows:
        numbered = {**row, "seq": head.seq + 1}
        numbered |= {"prev": head.hash, "hash": link(head.hash, numbered)}
        head = Head(numbered["seq"], numbered["hash"])
        chained.append(numbered)
    return chained, head


def append(connection: Connection, table: Table, head: Head, rows: Sequence[Mapping[str, Any]]) -> Head:
    """Adds rows to the chain that is called like its table; `head` was taken in this transaction."""
    chained, after = linked(head, rows)
    if chained:
        connection.execute(insert(table), chained)
        move_head(connection, table, after)
    return after


def move_head(connection: Connection, table: Table, head: Head) -> None:
    """Moves the end of a table's chain on to `head`, in the transaction that took it and added the rows."""
    moved = update(chain_heads).where(chain_heads.c.name == table.name)
    connection.execute(moved.values(seq=head.seq, hash=head.hash))


def time_behind(connection: Connection, table: Table, head: Head, now: datetime) -> datetime:
    """The time of what is added behind `head`: `now`, or that of the row before, if a clock runs behind."""
    last: datetime | None = connection.execute(select(table.c.at).where(table.c.seq == head.seq)).scalar()
    return now if last is None else max(now, last)
