"""What recording costs a call: every decision durable before its answer leaves.

    python bench/recording.py [--seconds 3] [--rounds 5] [--connections 32]
                              [--url postgresql://…] [--only sqlite|postgresql]

The service of a store runs as it does in earnest, with the shipped settings (2 workers, 16 threads each) but for one, by
which a caller may say `"record": false`. `POST /v1/decisions` is asked the same question in three ways:

    unrecorded               with `"record": false`
    recorded                 as it comes: one writer a worker, many records to a commit
    one commit a request     of a second service of the same store, whose writer takes one record at a time

`wrk` sends where it is installed (else `sending.py` does). Rounds alternate, so that whatever else the machine does meets
all three alike; medians are printed, and how many records a commit took. The store is SQLite in a temporary folder (TMPDIR says
where; its disk is what is measured), then PostgreSQL: the empty database at `--url`, else an instance of its own where its
programs are installed, its files in the same place.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from sending import Load
from stored import PATH, QUESTION, database_options, databases, publish, serving

from api.config import Config
from policies.registry.store import writer
from policies.registry.store.chain import read_head
from policies.registry.store.connect import Store, open_store, reading
from policies.registry.store.verify import verify

# ---------------------------------------------------------------- the workers


def one_by_one() -> None:
    """This worker's writer takes one record to a commit."""
    writer.MOST = 1


def note_commits(file: Path) -> None:
    """This worker notes its commits: a byte each in a file."""
    noted, write = os.open(file, os.O_WRONLY | os.O_APPEND), writer.write

    def counted(*given: object) -> object:
        os.write(noted, b".")
        return write(*given)  # type: ignore[arg-type]

    writer.write = counted  # type: ignore[assignment]


def records(store: Store) -> int:
    with reading(store) as connection:
        return read_head(connection, "records").seq


# ---------------------------------------------------------------- the measure


def measure(url: str, folder: Path, seconds: float, rounds: int, connections: int) -> None:
    """Measures and prints, then sees that what was recorded is whole."""
    store = open_store(url)
    publish(store)
    store.close()
    kind = store.engine.dialect.name
    commits = folder / f"{kind}-commits"
    commits.touch()
    config = Config(database_url=url, must_record=0)
    with serving(config, partial(note_commits, commits)) as port, serving(config, one_by_one) as other:
        recorded, plain = (
            Load(json.dumps(body).encode(), connections) for body in (QUESTION, {**QUESTION, "record": False})
        )
        ways = {
            "unrecorded": partial(plain.send, port, PATH, seconds),
            "recorded": partial(recorded.send, port, PATH, seconds),
            "one commit a request": partial(recorded.send, other, PATH, seconds),
        }
        for send in ways.values():
            send()  # warm
        before, written = commits.stat().st_size, 0
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, send in ways.items():
                had = records(store)
                rates[name].append(send())
                written += records(store) - had if name == "recorded" else 0
    told(kind, rates, written / max(1, commits.stat().st_size - before))
    began = time.perf_counter()
    wrong = list(verify(store))
    took = time.perf_counter() - began
    print(f"  {records(store):,} records verified in {took:.1f} s, {len(wrong)} findings")
    store.close()


def told(kind: str, rates: dict[str, list[float]], gathered: float) -> None:
    """Prints medians, and how the rounds went, one by one."""
    plain, recorded, single = map(statistics.median, rates.values())
    print(f"{kind}, load of the machine {os.getloadavg()[0]:.1f}")
    for name, rate in zip(rates, (plain, recorded, single), strict=True):
        print(f"  {name:<22} {rate:>7.0f} a second, {100 * rate / plain:>4.0f}% of unrecorded")
    print(f"  recorded / one commit a request: {recorded / single:.1f}")
    print(f"  records to a commit: {gathered:.1f}")
    spread = [f"{100 * b / a:.0f}%" for a, b in zip(rates["unrecorded"], rates["recorded"], strict=True)]
    print(f"  recorded of unrecorded, round by round: {', '.join(spread)}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time decisions with and without recording.")
    parser.add_argument("--seconds", type=float, default=3, help="length of one round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each; the median counts")
    parser.add_argument("--connections", type=int, default=32, help="callers at a time")
    database_options(parser)
    given = parser.parse_args()
    print(f"load by {Load(b'', 1).name}, {given.connections} connections, 2 workers of 16 threads")
    with tempfile.TemporaryDirectory() as folder:
        for url in databases(folder, given.url, given.only):
            measure(url, Path(folder), given.seconds, given.rounds, given.connections)


if __name__ == "__main__":
    main()
