"""What recording costs a call: every decision durable before its answer leaves.

    python bench/recording.py [--seconds 3] [--rounds 5] [--connections 32] [--url postgresql://…]

The service runs as it does in earnest (granian, its log and its metrics), with the shipped settings: 2 workers, 16
threads each. Beside its own routes there are three that decide the same question and differ in one thing only:

    /plain      answers at once
    /recorded   records first, by the worker's `Recorder`: one writer, many records to a commit
    /single     records first, each in a transaction of its own

`wrk` sends where it is installed (else `sending.py` does). Rounds alternate, so that whatever else the machine does meets all
three alike; medians are printed, and how many records a commit took. The store is SQLite in a temporary folder (TMPDIR
says where; its disk is what is measured), or an empty database of PostgreSQL's.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import uuid4

from flask import Flask, Response, request
from sending import Load

from api.bodies import parse
from api.config import Config
from api.library import Library, load_folder
from api.metrics import shared
from api.replies import CONTENT_JSON
from api.requests import DecisionRequest, read_decision
from api.server import application, free_address, make_server
from engine.engines import answer
from engine.reference import Question
from policies.registry.store.chain import digest, read_head, take_head
from policies.registry.store.connect import Store, open_store, reading, writing
from policies.registry.store.masks import kept_facts, open_masks
from policies.registry.store.records import Asked, body_of, row_of
from policies.registry.store.verify import verify
from policies.registry.store.writer import Recorder, write

ROOT = Path(__file__).resolve().parent.parent
QUESTION = {
    "policy": "b2b_grading",
    "customer": "C001",
    "as_of": "2026-11-21",
    "facts": {
        "order_amount": 500000,
        "referrals": 2,
        "demand_types": 4,
        "listed": False,
        "valuation": "high",
        "stage": "contract",
    },
}
BODY = json.dumps(QUESTION).encode()
PATHS = ("/plain", "/recorded", "/single")


# ---------------------------------------------------------------- the service


def worker(config: Config, library: Library, url: str, parent: int) -> Flask:
    """A worker's application with the routes that are compared."""
    app = application(config, library, parent)
    store = open_store(url, create=False)
    recorder = Recorder(store)
    masks = open_masks(store)

    def record_alone(id: str, asked: DecisionRequest, body: bytes, noted: object) -> None:
        question = asking(asked)
        row = row_of(id, question, noted, "bench")  # type: ignore[arg-type]
        text = body_of(question, kept_facts(asked.policy, asked.facts, masks), body)
        with writing(store) as connection:
            head = take_head(connection, "records")
            write(connection, head, [(row | {"payload_hash": digest(text)}, text)], store.clock())

    def decide(path: str) -> Response:
        asked = read_decision(parse(request.get_data()), library, "en")
        id = uuid4().hex
        body, noted = answer(
            asked.policy, asked.facts, as_of=asked.as_of, customer=asked.customer, decision_id=id
        )
        if path == "/recorded":
            recorder.record(id, asking(asked), asked.facts, body, noted, "bench")
        elif path == "/single":
            record_alone(id, asked, body, noted)
        return Response(body, content_type=CONTENT_JSON)

    for path in PATHS:
        app.add_url_rule(path, path, partial(decide, path), methods=["POST"])
    return app


def asking(asked: DecisionRequest) -> Asked:
    """What a record keeps of a request."""
    question = Question(asked.lang, asked.explain, asked.at, asked.customer)
    return Asked(asked.policy, asked.as_of, question)


def run(config: Config, library: Library, url: str) -> None:
    """Serves until it is told to stop; its log goes nowhere, but is written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    server = make_server(config, config.host, config.port)
    with shared():
        server.serve(target_loader=partial(worker, config, library, url, os.getpid()), wrap_loader=False)


@contextmanager
def serving(library: Library, url: str) -> Iterator[int]:
    """The service, with its shipped settings; its port."""
    address, port = free_address("127.0.0.1", 0)
    config = replace(Config(), host=address, port=port)
    process = multiprocessing.get_context("fork").Process(target=run, args=(config, library, url))
    process.start()
    try:
        wait_until_ready(port)
        yield port
    finally:
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join()


def wait_until_ready(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(2)  # for the other worker
            return
    raise SystemExit("the service did not start")


# ---------------------------------------------------------------- the load


def records(store: Store) -> int:
    with reading(store) as connection:
        return read_head(connection, "records").seq


def measure(url: str, send: Callable[[int, str], float], rounds: int) -> None:
    """Measures and prints, then sees that what was recorded is whole."""
    store = open_store(url)
    with serving(load_folder(ROOT / "policies"), url) as port:
        for path in PATHS:
            send(port, path)  # warm
        rates: dict[str, list[float]] = {path: [] for path in PATHS}
        for _ in range(rounds):
            for path in PATHS:
                rates[path].append(send(port, path))
    plain, recorded, single = (statistics.median(rates[path]) for path in PATHS)
    print(store.engine.dialect.name)
    for name, rate in (("unrecorded", plain), ("recorded", recorded), ("one commit a request", single)):
        print(f"  {name:<22} {rate:>7.0f} a second, {100 * rate / plain:>4.0f}% of unrecorded")
    print(f"  recorded / one commit a request: {recorded / single:.1f}")
    spread = [f"{100 * b / a:.0f}%" for a, b in zip(rates["/plain"], rates["/recorded"], strict=True)]
    print(f"  recorded of unrecorded, round by round: {', '.join(spread)}")
    began = time.perf_counter()
    wrong = list(verify(store))
    took = time.perf_counter() - began
    print(f"  {records(store):,} records verified in {took:.1f} s, {len(wrong)} findings")
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Time decisions with and without recording.")
    parser.add_argument("--seconds", type=float, default=3, help="length of one round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each; the median counts")
    parser.add_argument("--connections", type=int, default=32, help="callers at a time")
    parser.add_argument("--url", help="an empty database of PostgreSQL's, measured after SQLite")
    given = parser.parse_args()
    load = Load(BODY, given.connections)

    def send(port: int, path: str) -> float:
        return load.send(port, path, given.seconds)

    print(f"load by {load.name}, {given.connections} connections, 2 workers of 16 threads")
    with tempfile.TemporaryDirectory() as folder:
        measure(f"sqlite:///{folder}/store.db", send, given.rounds)
    if given.url:
        measure(given.url, send, given.rounds)


if __name__ == "__main__":
    main()
