"""Searches find exactly the records that are wanted, the newest first, a page at a time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select, text

from engine.decision import Noted
from engine.reference import Question
from policies.registry.store import tables
from policies.registry.store.chain import digest, take_head
from policies.registry.store.connect import Store, reading, writing
from policies.registry.store.problems import Refused
from policies.registry.store.records import Asked, DecisionRecord, record_of, row_of
from policies.registry.store.search import Wanted, query, search, walk
from policies.registry.store.writer import write
from tests.recording import DAY, RECORDED, loaded
from tests.store import START, Clock

POLICIES, TIERS, CUSTOMERS = ("recorded", "another"), ("A", "B", None), ("C1", "C2", "C3")
COUNT = 120


@pytest.fixture
def kept(store: Store) -> list[DecisionRecord]:
    """Records of all sorts, six every other hour, as the table has them."""
    clock = store.clock
    assert isinstance(clock, Clock)
    chance = random.Random(7)
    loads = [loaded(store, RECORDED.replace("policy recorded", f"policy {name}")) for name in POLICIES]
    for first in range(0, COUNT, 6):
        rows = []
        for number in range(first, first + 6):
            policy = chance.choice(loads)
            asked = Asked(policy, DAY, Question(customer=chance.choice(CUSTOMERS)))
            noted = Noted(policy.name, "compiled", "decided", chance.choice(TIERS))
            row = row_of(f"id{number}", asked, noted, "tests") | {"payload_hash": digest("{}")}
            rows.append((row, "{}"))
        with writing(store) as connection:
            write(connection, take_head(connection, "records"), rows, clock())
        clock.later(hours=2)
    with reading(store) as connection:
        return [
            record_of(row)
            for row in connection.execute(select(tables.records).order_by(tables.records.c.seq))
        ]


HOURS = (None, START + timedelta(hours=8), START + timedelta(hours=21), START + timedelta(days=9))


def wanted_all() -> Iterator[Wanted]:
    for customer, policy, tier in product((None, "C2"), (None, "another"), (None, "A")):
        for since, until in product(HOURS, HOURS):
            yield Wanted(customer, policy, tier, since, until)


def fits(record: DecisionRecord, wanted: Wanted) -> bool:
    return (
        wanted.customer in (None, record.customer)
        and wanted.policy in (None, record.policy)
        and wanted.tier in (None, record.tier)
        and (wanted.since is None or record.at >= wanted.since)
        and (wanted.until is None or record.at < wanted.until)
    )


def test_every_combination(store: Store, kept: list[DecisionRecord]) -> None:
    for wanted in wanted_all():
        expected = [record for record in reversed(kept) if fits(record, wanted)]
        with reading(store) as connection:
            page = search(connection, wanted, limit=500)
            assert list(page.records) == expected, wanted
            assert page.following is None
            page = search(connection, wanted, limit=17)
            pages = [*page.records]
            while page.following is not None:
                page = search(connection, wanted, limit=17, cursor=page.following)
                pages += page.records
            assert pages == expected, wanted
        assert [record for record, _ in walk(store, wanted)] == expected[::-1], wanted


@pytest.mark.usefixtures("kept")
def test_new_records_do_not_move_pages(store: Store) -> None:
    with reading(store) as connection:
        first = search(connection, Wanted(), limit=10)
    policy = loaded(store)
    row = row_of("new", Asked(policy, DAY), Noted("recorded", "compiled", "decided", "A"), "tests")
    with writing(store) as connection:
        head = take_head(connection, "records")
        write(connection, head, [(row | {"payload_hash": digest("{}")}, "{}")], store.clock())
    with reading(store) as connection:
        second = search(connection, Wanted(), limit=10, cursor=first.following)
    assert [each.seq for each in (*first.records, *second.records)] == list(range(COUNT, COUNT - 20, -1))


@pytest.mark.parametrize("cursor", ["", "x", "!!!", "YmVmb3JlIC0x", "YmVmb3JlIDA", "é"])
def test_a_cursor_that_no_page_gave(store: Store, cursor: str) -> None:
    with reading(store) as connection, pytest.raises(Refused) as caught:
        search(connection, Wanted(), cursor=cursor)
    assert caught.value.code == "cursor"


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_page_that_cannot_be(store: Store, limit: int) -> None:
    with reading(store) as connection, pytest.raises(Refused) as caught:
        search(connection, Wanted(), limit=limit)
    assert "500" in caught.value.message("zh")


@pytest.mark.usefixtures("kept")
def test_each_search_walks_one_index(store: Store) -> None:
    """No search sorts or reads the whole table; a customer's records come by the customer."""
    if store.file is None:
        return  # PostgreSQL plans by the number of rows: bench/search.py shows its plans at scale
    for wanted in wanted_all():
        with reading(store) as connection:
            chosen = query(connection, wanted, 1, 10**6, 50)
            words = chosen.compile(store.engine, compile_kwargs={"literal_binds": True})
            plan = [row[3] for row in connection.execute(text(f"explain query plan {words}"))]
        assert len(plan) == 1, plan
        assert plan[0].startswith("SEARCH records USING ")
        assert plan[0].endswith("seq>? AND seq<?)") or "rowid>? AND rowid<?" in plan[0], plan
        if wanted.customer is not None:
            assert "ix_records_customer_seq" in plan[0]


@pytest.mark.usefixtures("kept")
def test_a_period_walked_has_payloads(store: Store) -> None:
    assert {body for _, body in walk(store, Wanted())} == {"{}"}
