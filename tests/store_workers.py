"""A process that publishes, for tests that run several or kill one: `python -m tests.store_workers URL NAME COUNT`.

It prints the number of each version when the store has said that it is published.
"""

from __future__ import annotations

import sys

from policies.registry.store.connect import open_store
from tests.store import published, text


def main(url: str, name: str, count: str) -> None:
    store = open_store(url, create=False)
    for round in range(int(count)):
        print(published(store, text(name, f"round {round}")).version.number, flush=True)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
