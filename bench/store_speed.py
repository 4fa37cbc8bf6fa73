"""How long the store takes with a policy of many versions, on SQLite and, where an address is given, PostgreSQL.

    python bench/store_speed.py [--versions 1000] [--runs 21] [--url postgresql://…]

prints medians in milliseconds: the list of versions, which one is in force, one by its hash, one loaded ready to decide
with, and a whole publication (four commits). The list may take 100 ms.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from policies.registry.store.connect import Store, now, open_store, reading
from policies.registry.store.publications import publish
from policies.registry.store.versions import find, in_force, load, version, versions
from policies.registry.store.workflow import approve, create, submit

ROOT = Path(__file__).resolve().parent.parent
NAME = "b2b_grading"


def published(store: Store, text: str) -> None:
    """One version on its whole way."""
    draft = create(store, text, "ann")
    draft = submit(store, draft.id, draft.revision, "ann", "measured")
    draft = approve(store, draft.id, draft.revision, "bob")
    publish(store, draft.id, draft.revision, "bob", start=now().date() + timedelta(days=draft.id % 300))


def median(what: Callable[[], object], runs: int) -> float:
    """The median time of a call, in milliseconds."""
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        what()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def measure(url: str, count: int, runs: int) -> None:
    """Fills a store that must be empty, and prints what it takes."""
    text = (ROOT / "policies" / f"{NAME}.tier").read_text(encoding="utf-8")
    store = open_store(url)
    began = time.perf_counter()
    for number in range(count):
        published(store, f"{text}# {number}\n")
    print(
        f"{store.engine.dialect.name}: {count} publications, {count / (time.perf_counter() - began):.0f} a second"
    )
    with reading(store) as connection:
        newest = version(connection, NAME, count)

    def read(what: Callable[..., object], *given: object) -> Callable[[], object]:
        def call() -> object:
            with reading(store) as connection:
                return what(connection, *given)

        return call

    calls: dict[str, Callable[[], object]] = {
        "list of versions": read(versions, NAME),
        "in force on a day": read(in_force, NAME, date(2099, 1, 1)),
        "known at a time": read(in_force, NAME, date(2099, 1, 1), newest.published_at),
        "by its hash": read(find, f"{NAME}@{newest.hash}", date(2099, 1, 1)),
        "loaded and compiled": read(load, newest),
        "a publication": lambda: published(store, f"{text}# {time.time()}\n"),
    }
    for name, call in calls.items():
        print(f"  {name:<20} {median(call, runs):8.2f} ms")
    store.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--versions", type=int, default=1000)
    options.add_argument("--runs", type=int, default=21)
    options.add_argument("--url", help="an empty database of PostgreSQL's, measured after SQLite")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(f"sqlite:///{folder}/store.db", given.versions, given.runs)
    if given.url:
        measure(given.url, given.versions, given.runs)


if __name__ == "__main__":
    main()
