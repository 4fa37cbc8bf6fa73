"""How long searches for recorded decisions take among many, and what the database does for them.

    python bench/search.py [--records 5000000] [--runs 30] [--url postgresql://…] [--only sqlite|postgresql] [--plans]

A store is filled with made-up records (their hashes and payloads are stand-ins: searches read neither) of ten policies, five
tiers, 200,000 customers and one customer who asks all the time, a minute apart. Then it prints, for each kind of search,
the median and the slowest of some dozens with different values, for the first page and for one from the middle, in
milliseconds; a search may take 50. With `--plans` also how the database goes about it.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from stored import database_options, databases

from policies.registry.store.chain import Head
from policies.registry.store.connect import Store, open_store, reading, writing
from policies.registry.store.search import Wanted, cursor_of, query, search, stretch
from policies.registry.store.tables import chain_heads, records

FIRST = datetime(2010, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=1)
POLICIES, TIERS, CUSTOMERS = 10, "ABCDE", 200_000
PORTION = 20_000


def rows(first: int, behind: int) -> Iterator[dict[str, Any]]:
    """Made-up records. One in fifty is the busy customer's; few are of tier E, and none of it by policy 9."""
    chance = random.Random(first)
    for seq in range(first, behind):
        policy = chance.randrange(POLICIES)
        tier = chance.choices(TIERS, (30, 30, 25, 14.9, 0.1))[0]
        busy = chance.random() < 0.02
        yield {
            "seq": seq,
            "id": f"{seq:032x}",
            "at": FIRST + seq * STEP,
            "as_of": date(2026, 11, 21),
            "policy": f"policy_{policy}",
            "version": 1,
            "policy_hash": "sha256:" + "0" * 64,
            "customer": "busy" if busy else f"C{chance.randrange(CUSTOMERS)}",
            "status": "decided",
            "tier": "A" if policy == 9 and tier == "E" else tier,
            "engine": "compiled",
            "lang": "en",
            "caller": "bench",
            "payload_hash": "0" * 64,
            "prev": "0" * 64,
            "hash": "0" * 64,
        }


def fill(store: Store, count: int) -> None:
    """Puts in the records; the indexes that are searched are made afterwards, which is several times as quick."""
    began = time.perf_counter()
    searched = [index for index in records.indexes if not index.unique]
    with writing(store) as connection:
        for index in searched:
            index.drop(connection)
    for first in range(1, count + 1, PORTION):
        behind = min(first + PORTION, count + 1)
        with writing(store) as connection:
            connection.execute(insert(records), list(rows(first, behind)))
    with writing(store) as connection:
        end = Head(count, "0" * 64)
        chosen = chain_heads.update().where(chain_heads.c.name == records.name)
        connection.execute(chosen.values(seq=end.seq, hash=end.hash))
    for index in searched:
        with writing(store) as connection:
            index.create(connection)
    if store.file is None:  # as PostgreSQL does by itself, a minute later
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze records"))
    print(f"{store.engine.dialect.name}: {count:,} records put in, {time.perf_counter() - began:,.0f} s")


def searches(count: int) -> dict[str, Callable[[random.Random], Wanted]]:
    """Every kind of search, with values by chance."""

    def policy(chance: random.Random) -> str:
        return f"policy_{chance.randrange(POLICIES)}"

    def customer(chance: random.Random) -> str:
        return f"C{chance.randrange(CUSTOMERS)}"

    def period(chance: random.Random, days: float) -> dict[str, datetime]:
        since = FIRST + chance.randrange(count) * STEP
        return {"since": since, "until": since + timedelta(days=days)}

    return {
        "everything": lambda _: Wanted(),
        "customer": lambda chance: Wanted(customer=customer(chance)),
        "busy customer": lambda _: Wanted(customer="busy"),
        "customer, policy, tier": lambda chance: Wanted(customer(chance), policy(chance), "A"),
        "busy customer, rare tier": lambda chance: Wanted("busy", None, "E", **period(chance, 90)),
        "nobody": lambda _: Wanted(customer="nobody"),
        "policy": lambda chance: Wanted(policy=policy(chance)),
        "policy and tier": lambda chance: Wanted(policy=policy(chance), tier=chance.choice(TIERS)),
        "policy without the tier": lambda _: Wanted(policy="policy_9", tier="E"),
        "tier": lambda chance: Wanted(tier=chance.choice(TIERS)),
        "rare tier": lambda _: Wanted(tier="E"),
        "an hour": lambda chance: Wanted(**period(chance, 1 / 24)),
        "a year": lambda chance: Wanted(**period(chance, 365)),
        "policy, an hour": lambda chance: Wanted(policy=policy(chance), **period(chance, 1 / 24)),
        "policy and tier, a day": lambda chance: Wanted(
            policy=policy(chance), tier=chance.choice(TIERS), **period(chance, 1)
        ),
        "tier, a month": lambda chance: Wanted(tier=chance.choice(TIERS), **period(chance, 30)),
        "customer, a year": lambda chance: Wanted(customer=customer(chance), **period(chance, 365)),
    }


def measure(store: Store, count: int, runs: int, plans: bool) -> None:
    """Times every kind of search, and says how it is done."""
    print(f"  {'search':<26} {'first page':>18} {'later page':>18}   median and slowest, ms")
    for name, wanted in searches(count).items():
        chance = random.Random(name)
        first, later = [], []
        for _ in range(runs):
            chosen = wanted(chance)
            first.append(timed(store, chosen, None))
            later.append(timed(store, chosen, chance.randrange(1, count + 1)))
        said = [f"{statistics.median(each):>8.2f} {max(each):>8.2f}" for each in (first, later)]
        print(f"  {name:<26} {said[0]:>18} {said[1]:>18}")
        if plans:
            for line in plan(store, wanted(chance)):
                print(f"      {line}")


def timed(store: Store, wanted: Wanted, before: int | None) -> float:
    """One search, from a place in the middle where one is given; milliseconds."""
    cursor = None if before is None else cursor_of(before)
    began = time.perf_counter()
    with reading(store) as connection:
        search(connection, wanted, cursor=cursor)
    return 1000 * (time.perf_counter() - began)


def plan(store: Store, wanted: Wanted) -> list[str]:
    """How the database goes about a search."""
    with reading(store) as connection:
        chosen = query(connection, wanted, *stretch(connection, wanted), 51)
        words = str(chosen.compile(store.engine, compile_kwargs={"literal_binds": True}))
        if store.file is not None:
            found = connection.exec_driver_sql(f"explain query plan {words}")
            return [row[3] for row in found]
        return [row[0] for row in connection.exec_driver_sql(f"explain (costs off) {words}")]


def main() -> None:
    parser = argparse.ArgumentParser(description="Time searches among many recorded decisions.")
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=30, help="searches of each kind")
    parser.add_argument("--plans", action="store_true", help="also print the query plans")
    database_options(parser)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for url in databases(folder, given.url, given.only):
            store = open_store(url)
            fill(store, given.records)
            measure(store, given.records, given.runs, given.plans)
            store.close()


if __name__ == "__main__":
    main()
