"""How long the store and the service take with a policy of many versions, on SQLite and on PostgreSQL.

    python bench/store_speed.py [--versions 1000] [--runs 21] [--url postgresql://…] [--only sqlite|postgresql]

prints medians and the slowest in milliseconds: what the store answers (the list of versions, the one in force, one by its hash, one
loaded ready to decide with, a whole publication in four commits), and what the service's calls take without the network: the list of
versions and two versions compared, as JSON and as pages. List and comparison may take 100 ms. Two versions that nobody
has asked for before must be read and checked first; `again` has them at hand.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count

from flask.testing import FlaskClient
from sqlalchemy import Connection
from stored import ROOT, database_options, databases

from api.app import create_app
from api.config import Config
from policies.registry.store.connect import Store, now, open_store, reading
from policies.registry.store.publications import approve_and_publish
from policies.registry.store.versions import Version, find, history_of, load, version, versions
from policies.registry.store.workflow import create, submit

NAME = "b2b_grading"
LABEL = 'tiers grade "Grade"'

Calls = dict[str, Callable[[], object]]


def text_of(number: int) -> str:
    """The worked example with another label, and so a hash of its own."""
    text = (ROOT / "policies" / f"{NAME}.tier").read_text(encoding="utf-8")
    assert LABEL in text, "the worked example has changed: say here what is to differ"
    return text.replace(LABEL, f'{LABEL[:-1]} {number}"')


def published(store: Store, number: int) -> None:
    """One version on its whole way. Four begin on each day, the thousandth today."""
    draft = create(store, text_of(number), "ann")
    draft = submit(store, draft.id, draft.revision, "ann", "measured")
    start = now().date() - timedelta(days=max(0, 999 - number) // 4)
    approve_and_publish(
        store, draft.id, draft.revision, "bob", start=start, backdated=True, comment="measured"
    )


def timed(what: Callable[[], object], runs: int) -> tuple[float, float]:
    """The median and the slowest of some calls, in milliseconds."""
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        what()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken), max(taken)


def of_the_store(store: Store, most: int) -> Calls:
    """What the store is asked for."""
    with reading(store) as connection:
        newest = version(connection, NAME, most)

    def read(what: Callable[..., object], *given: object) -> Callable[[], object]:
        def call() -> object:
            with reading(store) as connection:
                return what(connection, *given)

        return call

    def in_force(connection: Connection, day: date, known_at: datetime | None = None) -> Version | None:
        found = history_of(connection, NAME)
        return None if found is None else found.in_force(day, known_at)

    later, numbers = date(2099, 1, 1), count(most)
    return {
        "list of versions": read(versions, NAME),
        "in force on a day": read(in_force, later),
        "known at a time": read(in_force, later, newest.published_at),
        "by its hash": read(find, f"{NAME}@{newest.hash}", later),
        "loaded and compiled": read(load, newest),
        "a publication": lambda: published(store, next(numbers)),
    }


def of_the_service(client: FlaskClient, most: int) -> Calls:
    """What the service is asked for, by programs and by people."""
    api, pages = f"/v1/policies/{NAME}/versions", f"/policies/{NAME}/versions"

    def get(*paths: str) -> Callable[[], object]:
        asked = iter(paths * 1000 if len(paths) == 1 else paths)

        def call() -> object:
            reply = client.get(next(asked))
            assert reply.status_code == 200, reply.data
            return reply.data

        return call

    pairs = [f"{number}/diff/{most - number}" for number in range(1, most // 2 + 1)]
    return {
        "GET versions": get(api),
        "page of versions": get(pages),
        "GET diff, never asked": get(*(f"{api}/{pair}" for pair in pairs)),
        "GET diff, again": get(f"{api}/1/diff/{most - 1}"),
        "page of a diff, again": get(f"{pages}/1/diff/{most - 1}"),
    }


def measure(url: str, most: int, runs: int) -> None:
    """Fills a store that must be empty, and prints what it takes."""
    store = open_store(url)
    began = time.perf_counter()
    for number in range(most):
        published(store, number)
        if number % 100 == 99:
            print(f"{number + 1} versions", flush=True)
    rate = most / (time.perf_counter() - began)
    print(f"{store.engine.dialect.name}: {most} publications, {rate:.0f} a second; medians and slowest, ms:")
    app = create_app(Config(), store=store)
    calls = of_the_service(app.test_client(), most) | of_the_store(store, most)
    for name, call in calls.items():
        median, slowest = timed(call, runs)
        print(f"  {name:<22} {median:8.2f} {slowest:8.2f}", flush=True)
    app.extensions["recorder"].close()
    store.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--versions", type=int, default=1000)
    options.add_argument("--runs", type=int, default=21)
    database_options(options)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for url in databases(folder, given.url, given.only):
            measure(url, given.versions, given.runs)


if __name__ == "__main__":
    main()
