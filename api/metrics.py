"""What the service counts, for Prometheus to collect at `/metrics`.

Workers are processes, and a scrape reaches one of them: so each keeps its numbers in a file of a common folder
(`PROMETHEUS_MULTIPROC_DIR`), and whoever is asked adds up all files, those of workers that have died included.
`shared` makes that folder for as long as a service runs; without one, an application counts for itself alone,
as in tests. Labels hold only words of ours and of the policies: no fact, no customer, no address that somebody
made up.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import mkdtemp
from typing import Any

from engine.durable_cage import cage

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_METRICS = "text/plain; version=0.0.4; charset=utf-8"

# In seconds. A decision takes well under a millisecond, a large batch minutes.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


@contextmanager
def shared() -> Iterator[None]:
    """A folder for the numbers of every process that is started meanwhile; it goes at the end."""
    folder = mkdtemp(prefix="tierwise-metrics-")
    os.environ[FOLDER] = folder
    try:
        yield
    finally:
        del os.environ[FOLDER]
        shutil.rmtree(folder, ignore_errors=True)


class Labelled:
    """A metric's parts by their labels, found faster than the library finds them."""

    def __init__(self, metric: Any) -> None:
        self._metric = metric
        self._parts: dict[tuple[str, ...], Any] = {}

    def of(self, *labels: str) -> Any:
        """The part with these labels; without any, the metric itself. Two threads that make one at the same time are given the same."""
        part = self._parts.get(labels)
        if part is None:
            part = self._parts[labels] = self._metric.labels(*labels) if labels else self._metric
        return part


def _of_durable(counter: Callable[..., Any]) -> dict[str, Labelled]:
    """What is counted of durable-rules, by what the engine calls the event."""
    return {
        "question": Labelled(counter("durable_questions", "Questions to durable-rules.", "outcome")),
        "incident": Labelled(
            counter("durable_incidents", "Questions that cost durable-rules two workers.", "why")
        ),
        "started": Labelled(counter("durable_workers_started", "Workers of durable-rules.")),
        "lost": Labelled(
            counter("durable_workers_lost", "Workers of durable-rules that were lost and replaced.", "why")
        ),
    }


class Metrics:
    """The numbers of one process. Safe in threads."""

    def __init__(self) -> None:
        # Imported here, because the library decides while it is imported whether processes share their numbers.
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._registry = CollectorRegistry()

        def counter(name: str, about: str, *labels: str) -> Any:
            return Counter(f"tierwise_{name}", about, labels, registry=self._registry)

        self.requests = Labelled(counter("requests", "Requests answered.", "route", "method", "status"))
        self.decisions = Labelled(
            counter(
                "decisions",
                "Decisions by outcome; the tier is the main ladder's, else the first segment's or choice's outcome.",
                "policy",
                "engine",
                "status",
                "tier",
            )
        )
        self.rows = Labelled(counter("batch_rows", "Rows of batches, decided or refused.", "result"))
        self.alarms = Labelled(
            counter("alarms", "Times that what was published could not be taken up.", "code")
        )
        self.restarts = counter("worker_restarts", "Workers that died and were replaced.")
        self._durable = _of_durable(counter)
        self._followed = cage().counts()
        self._following = threading.Lock()
        self.seconds = Labelled(
            Histogram(
                "tierwise_request_seconds",
                "Time from a request's arrival to its whole answer.",
                ("route",),
                buckets=BUCKETS,
                registry=self._registry,
            )
        )

    def follow_durable(self) -> None:
        """Takes over what the engine `durable` has counted in this process since the last time: it knows of no metrics."""
        with self._following:
            counted = cage().counts()
            for (what, kind), number in (counted - self._followed).items():
                self._durable[what].of(*[kind] if kind else []).inc(number)
            self._followed = counted

    def text(self) -> bytes:
        """Every number in Prometheus' own format; of all processes where they share a folder."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        folder = os.environ.get(FOLDER)
        if folder is None:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody, folder)  # type: ignore[no-untyped-call]  # the library has none
        return generate_latest(everybody)
