"""Records of decisions: what was asked, what was answered, by which text, for whom, when.

A record stands in two tables. The row of `records` says what one searches by, and is a link of the chain; what was asked
and answered, a person's facts among it, is the body in `payloads`, which the chain covers by its hash only. So a
customer's payloads can be erased, when the law or a contract asks for it, and the chain still holds. An erasure
is an event: a payload that is gone without one was taken away.

A record's time is when it was written; it never goes back along the chain, whatever a machine's clock does. So a period is a
stretch of numbers, and every search by time is one by number.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from secrets import token_hex
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import Connection, Row, RowMapping, delete, func, select

from dsl.model import CheckedPolicy
from dsl.records import record
from engine.decision import Json, Noted, Status
from engine.facts import parse_json
from engine.json_bytes import encoded
from engine.reference import Question
from policies.registry.store import given
from policies.registry.store.connect import Store, empty_log, writing
from policies.registry.store.events import append_event, next_place
from policies.registry.store.problems import NotStored, Refused, StoreUnavailable
from policies.registry.store.tables import payloads
from policies.registry.store.tables import records as table

NOTHING: Mapping[str, Json] = MappingProxyType({})

# Random bytes in front of what was asked and answered.
SALT = 16


@record
class Asked:
    """A question, as far as it is not the facts.

    `policy.version` is its number in the store, None where it came from a file. `known_at` is None where the
    caller did not ask what was known at some earlier time.
    """

    policy: CheckedPolicy
    as_of: date
    question: Question = Question()
    known_at: datetime | None = None


@record
class DecisionRecord:
    """One recorded decision, without what was asked and answered (`Payload`).

    `seq` is its number in the chain, `at` when it was written, `hash` its link. `version` and `policy_hash`
    say by which text it was decided, `caller` who asked.
    """

    seq: int
    id: str
    at: datetime
    as_of: date
    known_at: datetime | None
    policy: str
    version: int | None
    policy_hash: str
    customer: str | None
    status: Status
    tier: str | None
    engine: str
    lang: str
    caller: str
    payload_hash: str
    prev: str
    hash: str


@record
class Payload:
    """What was asked and answered. `question` says what else was asked: `explain`, `at`, and where movement was
    asked for, `state` and `override`. In `facts` what the policy masks stands as `{"masked": …}`; `answer` is the
    answer as it left, but for masked days of its state.
    """

    question: Mapping[str, Json]
    facts: Mapping[str, Json]
    answer: Mapping[str, Json]


# ---------------------------------------------------------------- writing one


def row_of(id: str, asked: Asked, noted: Noted, caller: str) -> dict[str, Any]:
    """A record's row but for what the writer gives it: its number, its time, its hashes.

    Raises `Refused` for a customer that no database can keep.
    """
    customer = asked.question.customer
    if customer is not None and not given.storable(customer):
        raise Refused(
            "customer",
            "the customer's name holds a NUL or half a character and cannot be recorded; write it in whole characters",
            "客户名称中含有 NUL 或不完整的字符，无法记录；请使用完整的字符",
        )
    return {
        "id": id,
        "as_of": asked.as_of,
        "known_at": asked.known_at,
        "policy": asked.policy.name,
        "version": asked.policy.version,
        "policy_hash": asked.policy.hash,
        "customer": customer,
        "status": noted.status,
        "tier": noted.tier,
        "engine": noted.engine,
        "lang": asked.question.lang,
        "caller": given.actor(caller),
    }


def body_of(
    asked: Asked, facts: Mapping[str, Json], answer: bytes, movement: Mapping[str, Json] = NOTHING
) -> str:
    """The payload's text; the answer stands in it to the letter. `movement` is what was asked of movement.

    Random digits stand in front: the record keeps the text's hash, and once the text is erased nobody can find it again
    by trying out what it may have been.
    """
    question = encoded({"explain": asked.question.explain, "at": asked.question.at, **movement}).decode()
    return f'{{"salt":"{token_hex(SALT)}","question":{question},"facts":{encoded(facts).decode()},"answer":{answer.decode()}}}'


# ---------------------------------------------------------------- reading


def find_record(connection: Connection, id: str) -> DecisionRecord:
    """One record by the id of its decision. Raises `NotStored`."""
    row = connection.execute(select(table).where(table.c.id == id)).first()
    if row is None:
        raise NotStored(
            "no-record",
            f"no decision `{id}` is recorded; look for it by customer or time (`GET /v1/decisions`)",
            f"没有决策记录 `{id}`；请按客户或时间查找（`GET /v1/decisions`）",
        )
    return record_of(row)


def find_payload(connection: Connection, found: DecisionRecord) -> Payload | None:
    """What was asked and answered; None where it was erased."""
    body = connection.execute(select(payloads.c.body).where(payloads.c.record == found.seq)).scalar()
    return None if body is None else payload_of(body)


def record_of(row: Row[Any] | RowMapping) -> DecisionRecord:
    """A row of the table as a record; columns beside those of the table are passed over."""
    fields = row._mapping if isinstance(row, Row) else row
    return DecisionRecord(**{column.name: fields[column.name] for column in table.c})


def payload_of(body: str) -> Payload:
    """A payload from its text. Raises `engine.facts.FactsError` where that was tampered with until it is no JSON."""
    found = cast("dict[str, Any]", parse_json(body))
    return Payload(found["question"], found["facts"], found["answer"])


# ---------------------------------------------------------------- erasing


def no_customer(customer: str) -> NotStored:
    """Nothing was ever decided about a customer."""
    return NotStored(
        "no-customer",
        f"no decision about the customer `{customer}` is recorded",
        f"没有客户 `{customer}` 的决策记录",
    )


def erase(store: Store, customer: str, actor: str, reason: str) -> int:
    """Takes away what was asked and answered about a customer, up to now, and says of how many decisions.

    SQLite's log, in which it would still stand, is emptied then; while somebody reads from it for long that is left to
    the next erasure, or to the end of the last process that has the store open.

    The records stay, with the customer's name in them, and so does the chain; who erased it, and why, is an event.
    Raises `Refused` without a reason or an actor, `NotStored` where nothing is recorded, `StoreUnavailable`.
    """
    actor = given.actor(actor)
    reason = given.reason(reason, "an erasure", "删除")
    with writing(store) as connection:
        if store.file is not None:
            # What is deleted is overwritten in the file, too, not only given free.
            connection.exec_driver_sql("pragma secure_delete = on")
        place = next_place(connection, store.clock())
        own = table.c.customer == customer
        through = connection.execute(select(func.max(table.c.seq)).where(own)).scalar()
        if through is None:
            raise no_customer(customer)
        # Only up to the record that the event names: another worker may add one meanwhile.
        chosen = select(table.c.seq).where(own, table.c.seq <= through)
        count = connection.execute(delete(payloads).where(payloads.c.record.in_(chosen))).rowcount
        payload = {"customer": customer, "through": through, "payloads": count}
        append_event(connection, place, "erased", actor, reason=reason, payload=payload)
    # It is erased by now, and asked about again would be refused: what the log lacks must not say that it is not.
    with suppress(StoreUnavailable):
        empty_log(store)
    return count
