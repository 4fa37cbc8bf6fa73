"""How long it takes until every worker decides with what was published a moment ago.

    python bench/taking_up.py [--versions 10] [--people 4] [--url postgresql://…] [--only sqlite|postgresql]

The service of a store, with the shipped settings (2 workers), is asked for decisions without pause, each request on a connection
of its own, so that both workers are met all the time. Meanwhile one version after the other is published; what is printed is
how long after the publication was acknowledged the last request began that was still answered by the version before.
Workers look four times a second; the rest is checking and compiling, which each does beside its requests.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass, field

from stored import PATH, QUESTION, database_options, databases, publish, serving

from api.config import Config
from policies.registry.store.connect import open_store

# In seconds: how long the last old answer is waited for.
LONGEST = 2.5


@dataclass
class Asking:
    """Somebody who asks without pause; the versions that answered, and when they were asked."""

    port: int
    over: threading.Event
    answers: list[tuple[float, int]] = field(default_factory=list)

    def run(self) -> None:
        body = json.dumps(QUESTION)
        while not self.over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            asked = time.monotonic()
            connection.request("POST", PATH, body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
            connection.close()
            self.answers.append((asked, answer["policy"]["version"]))


def measure(url: str, versions: int, people: int) -> None:
    """Publishes, asks and prints."""
    store = open_store(url)
    publish(store)
    store.close()
    over, took = threading.Event(), []
    with serving(Config(database_url=url)) as port:
        asking = [Asking(port, over) for _ in range(people)]
        threads = [threading.Thread(target=each.run) for each in asking]
        for thread in threads:
            thread.start()
        try:
            for round in range(versions):
                time.sleep(0.37 + round % 7 / 14)  # at another moment between two looks each time
                number = publish(store, f"# {round}\n")
                done = time.monotonic()
                time.sleep(LONGEST)
                if not all(thread.is_alive() for thread in threads):
                    raise SystemExit("somebody who asked got no answer")
                old = [asked for each in asking for asked, version in each.answers if version < number]
                took.append(max(0.0, max(old) - done))
        finally:
            over.set()
            for thread in threads:
                thread.join()
    store.close()
    answers = sum(len(each.answers) for each in asking)
    print(
        f"{store.engine.dialect.name}, {answers} decisions meanwhile, load of the machine {os.getloadavg()[0]:.1f}"
    )
    print(
        f"  both workers follow after {statistics.median(took):.2f} s (median), {max(took):.2f} s (slowest of {versions})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Time how soon workers decide with a new version.")
    parser.add_argument("--versions", type=int, default=10, help="publications")
    parser.add_argument("--people", type=int, default=4, help="callers at a time")
    database_options(parser)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for url in databases(folder, given.url, given.only):
            measure(url, given.versions, given.people)


if __name__ == "__main__":
    main()
