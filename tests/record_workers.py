"""A process that records, for tests that kill one: `python -m tests.record_workers URL THREADS COUNT`.

Each of its threads decides and records that many times, and prints each decision's id when the store has said that it
is durable; a record that the store could not take is tried again.
"""

from __future__ import annotations

import os
import sys
import threading
import time

from policies.registry.store.connect import open_store
from policies.registry.store.problems import StoreUnavailable
from policies.registry.store.writer import Recorder
from tests.recording import newest, recorded


def main(url: str, threads: str, count: str) -> None:
    store = open_store(url, create=False)
    policy = newest(store)
    recorder = Recorder(store)

    def decide() -> None:
        for _ in range(int(count)):
            while True:
                try:
                    id = recorded(recorder, policy)
                    break
                except StoreUnavailable:
                    time.sleep(0.02)
            os.write(1, f"{id}\n".encode())  # one call a line: lines of several threads never mix

    running = [threading.Thread(target=decide) for _ in range(int(threads))]
    for each in running:
        each.start()
    for each in running:
        each.join()
    recorder.close()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
