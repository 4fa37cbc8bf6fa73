"""Recording decisions: durable before the answer leaves, and many to a commit.

A commit waits for the disk, and the disk takes as long for one record as for fifty. So the threads of a worker that
answer calls do not write. Each puts its record into a queue and waits; one thread, the writer, takes all that is there,
writes it in one transaction, and then lets them go. While it waits for the disk, or for its turn, the next records gather:
the more calls, the more records a commit, without anybody waiting for company. Between workers the store's own turns settle
who writes (`connect.writing`), and the head of the chain is read inside the transaction, so that the records of all
workers form one chain.

(Segment files of each worker's own, merged into the store later, measure somewhat better still. But then a record that
was acknowledged cannot be found yet, there are two places to verify, to back up and to repair after a crash, and the
chain is made after the fact. One transaction says it all, and is fast enough.)

Where the database cannot, every call that waits by then gets the error, and the next records are tried anew: nothing has
to be restarted. A call that has waited too long gets an error as well; its record may still be written, which is no harm:
what was not acknowledged may be stored, what was acknowledged is.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import Any

from sqlalchemy import Connection, Table, insert, text

from dsl.records import record
from engine.decision import Noted
from engine.facts import Facts
from policies.registry.store.chain import Head, canonical, digest, linked, move_head, take_head, time_behind
from policies.registry.store.connect import Store, writing
from policies.registry.store.faults import LATE, STOPPING, unavailable
from policies.registry.store.masks import kept_facts, open_masks
from policies.registry.store.moving import kept_answer, kept_movement
from policies.registry.store.problems import StoreUnavailable
from policies.registry.store.records import Asked, body_of, row_of
from policies.registry.store.tables import payloads, records

# In seconds: how long a call waits for its record. Longer than a writer waits for its turn and then for the
# database, so that callers rather hear what is the matter.
LONGEST_WAIT = 15.0

# Records to a commit, at most: what many rows of a batch gather is written in portions, so that other workers have
# their turn in between.
MOST = 500


class Pending:
    """A record on its way. `wait` returns when it is durable."""

    def __init__(self, row: dict[str, Any], body: str, url: str, patience: float) -> None:
        self.row = row
        self.body = body
        self.given_up = False
        self._url = url
        self._patience = patience
        self._done = Event()
        self._error: Exception | None = None

    def settle(self, error: Exception | None = None) -> None:
        """Lets the waiting call go: its record is durable, or was not written."""
        self._error = error
        self._done.set()

    def wait(self) -> None:
        """Returns when the record is durable. Raises `StoreUnavailable` where it is not known to be."""
        if not self._done.wait(self._patience):
            self.given_up = True
            raise unavailable(LATE, self._url)
        if isinstance(self._error, StoreUnavailable):
            raise self._error.again() from self._error
        if self._error is not None:
            raise RuntimeError("the decision was not recorded") from self._error


class Recorder:
    """Records the decisions of one process: made in the worker itself, after it was forked; closed when it stops.

        with Recorder(store) as recorder:
            recorder.record(id, asked, facts, answer, noted, caller)

    Use it from any thread. `patience` is how long (in seconds) a call waits for its record.
    """

    def __init__(self, store: Store, *, patience: float = LONGEST_WAIT) -> None:
        """Starts the writer. Raises `StoreUnavailable`."""
        self._store = store
        self._patience = patience
        self._masks = open_masks(store)
        self._tail: Tail | None = None
        self._queue: SimpleQueue[Pending | None] = SimpleQueue()
        self._door = Lock()
        self._closed = False
        self._writer = Thread(target=self._write_on, name="records decisions", daemon=True)
        self._writer.start()

    def record(self, id: str, asked: Asked, facts: Facts, answer: bytes, noted: Noted, caller: str) -> None:
        """Records a decision; returns when it is durable.

        `id` is the caller's choice, an id that no other decision has (`uuid4().hex`), and stands in the answer as
        `decision_id`. `answer` are the bytes that will leave, JSON in UTF-8, `noted` what the engine noted of them. Raises
        `StoreUnavailable` where it is not known to be stored (the caller then answers nothing but that), `Refused` for what
        cannot be kept.
        """
        self.begin(id, asked, facts, answer, noted, caller).wait()

    def begin(self, id: str, asked: Asked, facts: Facts, answer: bytes, noted: Noted, caller: str) -> Pending:
        """As `record`, but returns at once: for many rows, of which each is waited for before its answer leaves."""
        row = row_of(id, asked, noted, caller)
        policy, question, masks = asked.policy, asked.question, self._masks
        movement = kept_movement(policy, question.states, question.override, masks)
        answer = kept_answer(policy, question.states, answer, masks)
        body = body_of(asked, kept_facts(policy, facts, masks), answer, movement)
        row["payload_hash"] = digest(body)
        pending = Pending(row, body, self._store.url, self._patience)
        with self._door:
            if self._closed:
                raise unavailable(STOPPING, self._store.url)
            self._queue.put(pending)
        return pending

    def close(self) -> None:
        """Writes what is waiting, then stops. A record that comes later is refused as unavailable."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._writer.join()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---------------------------------------------------------------- the writer's thread

    def _write_on(self) -> None:
        last = False
        while not last and (first := self._queue.get()) is not None:
            portion = [first]
            try:
                with writing(self._store) as connection:
                    head = take_head(connection, records.name)
                    # Only now, when it is our turn: whatever came while we waited for it goes along.
                    last = self._gather(portion, MOST)
                    self._tail = write(connection, head, _wanted(portion), self._store.clock(), self._tail)
            except Exception as error:
                if isinstance(error, StoreUnavailable) and not last:
                    # Who waits behind them would hear the same, only later, one after the other.
                    last = self._gather(portion, sys.maxsize)
                self._failed(portion, error)
            else:
                for each in portion:
                    each.settle()

    def _gather(self, portion: list[Pending], most: int) -> bool:
        """Adds all that is waiting, up to `most`; whether it is the last."""
        while len(portion) < most:
            try:
                following = self._queue.get_nowait()
            except Empty:
                return False
            if following is None:
                return True
            portion.append(following)
        return False

    def _failed(self, portion: Sequence[Pending], error: Exception) -> None:
        """Lets callers go with what went wrong. A fault of ours is one record's, and must not cost the others."""
        if isinstance(error, StoreUnavailable) or len(portion) == 1:
            for each in portion:
                each.settle(error)
            return
        for each in portion:
            try:
                with writing(self._store) as connection:
                    head = take_head(connection, records.name)
                    self._tail = write(connection, head, _wanted([each]), self._store.clock(), self._tail)
            except Exception as alone:
                each.settle(alone)
            else:
                each.settle()


def _wanted(portion: Sequence[Pending]) -> list[tuple[dict[str, Any], str]]:
    """Rows and bodies of those for whom somebody still waits."""
    return [(each.row, each.body) for each in portion if not each.given_up]


@record
class Tail:
    """The end of the chain as this process last left it, and the time of its last record."""

    head: Head
    at: datetime


def write(
    connection: Connection,
    head: Head,
    portion: Sequence[tuple[dict[str, Any], str]],
    now: datetime,
    tail: Tail | None = None,
) -> Tail | None:
    """Writes records with their payloads behind `head`, which was taken in the same transaction; the chain's new end.

    Their time is `now`, or that of the record before, if a clock runs behind. `tail` is what an earlier call gave: it
    spares a look where nobody else has written meanwhile.
    """
    if not portion:
        return tail
    last = tail.at if tail is not None and tail.head == head else None
    at = time_behind(connection, records, head, now) if last is None else max(now, last)
    rows, after = linked(head, ({**row, "at": at} for row, _ in portion))
    _insert(connection, records, rows)
    _insert(
        connection,
        payloads,
        [{"record": row["seq"], "body": body} for row, (_, body) in zip(rows, portion, strict=True)],
    )
    move_head(connection, records, after)
    return Tail(after, at)


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Puts in rows. On PostgreSQL all of them by one statement: one for each row would be most of what it does."""
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), rows)
        return
    name = table.name
    connection.execute(
        text(f"insert into {name} select * from json_populate_recordset(null::{name}, cast(:rows as json))"),
        {"rows": canonical(rows)},
    )
