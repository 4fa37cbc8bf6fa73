"""Finding records: by customer, policy, tier and time, in any combination, the newest first, a page at a time.

Every search is one walk down one index, from the newest number to older ones, and stops when the page is full: it
takes as long among five million records as among five hundred. What makes that so:

* Numbers grow with time (`records`), so that a period is first turned into two numbers, and is then a stretch of
  whichever index is walked.
* A page ends at a number, which is what its cursor holds: nothing is counted or skipped.
* A customer has few records, whatever their number altogether. So where one is asked for, the customer's own index is
  walked, and policy and tier are only compared: for a customer with very many records, that is what may take long.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Select,
    Text,
    literal,
    select,
    tuple_,
)

from dsl.records import record
from policies.registry.store.connect import Store, reading
from policies.registry.store.faults import DAMAGED, unavailable
from policies.registry.store.problems import Refused
from policies.registry.store.records import DecisionRecord, record_of
from policies.registry.store.tables import payloads
from policies.registry.store.tables import records as table

# Records on a page: as asked, as usual, at most.
PAGE = 50
LARGEST_PAGE = 500

# Records read at a time by whoever goes through a whole period.
PORTION = 500

# No record has a number as great.
END = 2**62

_CURSOR = re.compile(r"before ([1-9][0-9]{0,17})")


@record
class Wanted:
    """Which records: each that is given must be so. `since` is included, `until` is not."""

    customer: str | None = None
    policy: str | None = None
    tier: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@record
class Page:
    """Some records, the newest first. `following` is the cursor of the next page, None on the last."""

    records: tuple[DecisionRecord, ...]
    following: str | None


def search(connection: Connection, wanted: Wanted, *, limit: int = PAGE, cursor: str | None = None) -> Page:
    """A page of the records that are wanted; `cursor` is `following` of the page before.

    Raises `Refused` for a cursor that no page gave, and for a limit that no page has.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise Refused(
            "limit",
            f"a page holds 1 to {LARGEST_PAGE} records, not {limit}",
            f"每页可有 1 至 {LARGEST_PAGE} 条记录，不能是 {limit}",
        )
    first, behind = stretch(connection, wanted)
    if cursor is not None:
        before = _place(cursor)
        behind = before if behind is None else min(behind, before)
    rows = connection.execute(query(connection, wanted, first, behind, limit + 1)).all()
    found = tuple(map(record_of, rows[:limit]))
    return Page(found, cursor_of(found[-1].seq) if len(rows) > limit else None)


def stretch(connection: Connection, wanted: Wanted) -> tuple[int | None, int | None]:
    """The numbers that a period spans: from the first on, up to and without the second; None is no bound."""
    first = None if wanted.since is None else _from(connection, wanted.since)
    behind = None if wanted.until is None else _from(connection, wanted.until)
    if wanted.since is not None and first is None:
        return None, 0  # the period begins after the last record
    return first, behind


def _from(connection: Connection, moment: datetime) -> int | None:
    """The number of the first record at a moment or later; None where there is none."""
    chosen = select(table.c.seq).where(table.c.at >= moment).order_by(table.c.at, table.c.seq).limit(1)
    return connection.execute(chosen).scalar()


def query(
    connection: Connection,
    wanted: Wanted,
    first: int | None,
    behind: int | None,
    limit: int,
    *,
    oldest: bool = False,
) -> Select[Any]:
    """The search itself, for numbers from `first` up to and without `behind`: the newest first, or the oldest."""
    span = (first or 0, END if behind is None else behind)
    given = {table.c.customer: wanted.customer, table.c.policy: wanted.policy, table.c.tier: wanted.tier}
    asked = {column: value for column, value in given.items() if value is not None}
    led = {table.c.customer: wanted.customer} if wanted.customer is not None else asked
    # An expression is in no index: SQLite, which counts columns and not rows, would prefer that of policy and tier.
    compared = [column.concat("") == value for column, value in asked.items() if column not in led]
    if led and not compared and connection.dialect.name == "postgresql":
        return _in_order(led, span, limit, oldest)
    equal = [column == value for column, value in led.items()]
    within = (table.c.seq >= span[0], table.c.seq < span[1])
    chosen = select(table).where(*equal, *compared, *within)
    return chosen.order_by(*_ordered((*led, table.c.seq), oldest)).limit(limit)


def _in_order(
    led: Mapping[Column[Any], str | None], span: tuple[int, int], limit: int, oldest: bool
) -> Select[Any]:
    """What stands behind (A, 90) in the order of (tier, seq), which only the index of these columns has; and of that, what is
    of tier A and not before 17.

    Told `tier = A`, PostgreSQL may take the tier for common and walk all records by number to find some, and where the
    policy has no such tier that is all there are. Told of both ends in this order, it goes on behind (A, 17) as long as
    the first column is the same. So it is told of the one only where it begins, and of how many it is to take.
    (SQLite always takes the index, but would not find 90 in it, if it were told like this.)
    """
    columns = (*led, table.c.seq)
    place = tuple_(*columns)
    ends = [
        tuple_(*(literal(value, Text()) for value in led.values()), literal(seq, BigInteger()))
        for seq in span
    ]
    begins = place >= ends[0] if oldest else place < ends[1]
    near = select(table).where(begins).order_by(*_ordered(columns, oldest)).limit(limit).subquery("near")
    equal = [near.c[column.name] == value for column, value in led.items()]
    chosen = select(near).where(*equal, near.c.seq >= span[0], near.c.seq < span[1])
    return chosen.order_by(*_ordered((near.c.seq,), oldest))


def _ordered(columns: Iterable[ColumnElement[Any]], oldest: bool) -> list[ColumnElement[Any]]:
    return [column.asc() if oldest else column.desc() for column in columns]


def cursor_of(seq: int) -> str:
    """The cursor of a page that begins before a number."""
    return base64.urlsafe_b64encode(f"before {seq}".encode()).decode().rstrip("=")


def _place(cursor: str) -> int:
    """The number before which a page begins. Raises `Refused`."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise Refused(
            "cursor",
            "the cursor is none that a page gave; leave it out to begin with the newest record",
            "游标并非由某一页给出；省略游标即从最新的记录开始",
        )
    return int(found[1])


# ---------------------------------------------------------------- a whole period


def walk(store: Store, wanted: Wanted) -> Iterator[tuple[DecisionRecord, str | None]]:
    """Records with the texts of their payloads (None: erased), the oldest first, those there are when it begins.

    They are read in portions, none of which keeps the database from its work. Raises `StoreUnavailable`, also where the
    database is damaged and would lead round in circles.
    """
    with reading(store) as connection:
        first, behind = stretch(connection, wanted)
        newest = connection.execute(query(connection, wanted, first, behind, 1)).first()
    after = 0 if first is None else first - 1
    while newest is not None and after < newest.seq:
        with reading(store) as connection:
            portion = query(connection, wanted, after + 1, newest.seq + 1, PORTION, oldest=True).subquery()
            chosen = (
                select(portion, payloads.c.body)
                .outerjoin(payloads, payloads.c.record == portion.c.seq)
                .order_by(portion.c.seq)
            )
            rows = connection.execute(chosen).mappings().all()
        if not rows:
            return  # somebody took away what was there: `verify` says so
        if rows[-1]["seq"] <= after:
            raise unavailable(DAMAGED, store.url)
        for row in rows:
            yield record_of(row), row["body"]
        after = rows[-1]["seq"]
