"""Decisions for the tests of records: a policy with every kind of fact, and what a worker does with one question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from uuid import uuid4

from sqlalchemy import event

from dsl.model import CheckedPolicy
from engine.engines import answer
from engine.facts import read_facts
from engine.reference import Question
from policies.registry.store.connect import Store, reading
from policies.registry.store.records import Asked, DecisionRecord, Payload, find_payload, find_record
from policies.registry.store.versions import load, versions
from policies.registry.store.writer import Pending, Recorder
from tests.store import published

DAY = date(2026, 6, 1)

RECORDED = """\
policy recorded "Recorded"
effective from 2026-01-01
currency CNY
fact orders: money "Orders", at least 0
fact age: whole number "Age", masked
fact since: date "Customer since"
fact overdue: duration "Longest overdue", default 0 days
fact needs: list of text "Needs"
fact share: percent "Share of wallet", masked
score points between 0 and 100
  much:  +60 when orders at least 100   "Orders much"
  young: +20 when age below 40          "Young"
  true:  +10 when share at least 50%    "True to us"
  late:  -30 when overdue over 30 days  "Pays late"
tiers grade by points
  A "Key" from 60
  B "Other" otherwise
benefits of grade
| benefit  | A   | B |
| discount | 10% | - |
"""

FACTS: Mapping[str, object] = {
    "orders": 500,
    "age": 30,
    "share": "20%",
    "since": "2020-02-29",
    "needs": ["x", "y"],
}


def loaded(store: Store, text: str = RECORDED) -> CheckedPolicy:
    """The policy, published and loaded, as a worker has it."""
    version = published(store, text).version
    with reading(store) as connection:
        return load(connection, version)


def newest(store: Store, policy: str = "recorded") -> CheckedPolicy:
    """The latest version of a policy."""
    with reading(store) as connection:
        return load(connection, versions(connection, policy)[0])


def begin(
    recorder: Recorder,
    policy: CheckedPolicy,
    facts: Mapping[str, object] = FACTS,
    customer: str | None = "C1",
    question: Question | None = None,
    as_of: date = DAY,
) -> tuple[str, Pending]:
    """Decides, and begins to record; the id of the decision, and the record on its way."""
    id = uuid4().hex
    question = question or Question(customer=customer)
    read = read_facts(policy, facts)
    body, noted = answer(
        policy,
        read,
        as_of=as_of,
        lang=question.lang,
        explain=question.explain,
        at=question.at,
        customer=question.customer,
        decision_id=id,
        states=question.states,
        override=question.override,
    )
    return id, recorder.begin(id, Asked(policy, as_of, question), read, body, noted, "tests")


def recorded(
    recorder: Recorder,
    policy: CheckedPolicy,
    facts: Mapping[str, object] = FACTS,
    customer: str | None = "C1",
    question: Question | None = None,
    as_of: date = DAY,
) -> str:
    """Decides and records; the id of the decision."""
    id, pending = begin(recorder, policy, facts, customer, question, as_of)
    pending.wait()
    return id


def found(store: Store, id: str) -> tuple[DecisionRecord, Payload | None]:
    """A record and its payload."""
    with reading(store) as connection:
        record = find_record(connection, id)
        return record, find_payload(connection, record)


def counted(store: Store, what: Callable[[], object]) -> int:
    """How many transactions a call commits in this process."""
    commits: list[object] = []
    note = commits.append  # one and the same object, by which it is found again to be removed
    event.listen(store.engine, "commit", note)
    try:
        what()
    finally:
        event.remove(store.engine, "commit", note)
    return len(commits)
