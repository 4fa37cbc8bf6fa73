"""A service of a store under measurement: the store, with the worked example published, and a PostgreSQL for a run."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from flask import Flask

from api.config import Config
from api.metrics import shared
from api.server import application, free_address, make_server
from policies.registry.store.connect import Store
from policies.registry.store.publications import approve_and_publish
from policies.registry.store.workflow import create, submit
from tests.postgresql import new_server, programs

ROOT = Path(__file__).resolve().parent.parent
PATH = "/v1/decisions"
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


def publish(store: Store, more: str = "") -> int:
    """The worked example with something behind it, to hold on the day that is asked for; its number."""
    text = (ROOT / "policies" / "b2b_grading.tier").read_text(encoding="utf-8") + more
    draft = create(store, text, "ann")
    draft = submit(store, draft.id, draft.revision, "ann", "to be measured")
    day = date.fromisoformat(str(QUESTION["as_of"]))
    done = approve_and_publish(
        store, draft.id, draft.revision, "bob", start=day, backdated=True, comment="the day that is asked for"
    )
    return done.version.number


@contextmanager
def serving(config: Config, prepare: Callable[[], None] = lambda: None) -> Iterator[int]:
    """A service with a configuration, on a free port, which this gives; each worker calls `prepare` first."""
    address, port = free_address("127.0.0.1", 0)
    config = replace(config, host=address, port=port)
    process = multiprocessing.get_context("fork").Process(target=_run, args=(config, prepare))
    process.start()
    try:
        wait_until_ready(port, pause=2)
        yield port
    finally:
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join()


def _run(config: Config, prepare: Callable[[], None]) -> None:
    """Serves until it is told to stop; its log goes nowhere, but is written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    server = make_server(config, config.host, config.port)
    with shared():
        server.serve(target_loader=partial(_worker, config, prepare, os.getpid()), wrap_loader=False)


def _worker(config: Config, prepare: Callable[[], None], parent: int) -> Flask:
    prepare()
    return application(config, None, parent)


def wait_until_ready(port: int, pause: float = 0.5) -> None:
    """Waits until a service takes calls, and so many seconds more for its other workers."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(pause)
            return
    raise SystemExit("the service did not start")


def databases(folder: str, url: str | None, only: str | None) -> Iterator[str]:
    """The addresses of empty databases, one after the other: SQLite in a folder, PostgreSQL at `url`, else an instance of
    its own, which goes when the next one is asked for. What cannot be had is left out with a line that says so.
    """
    if only != "postgresql":
        yield f"sqlite:///{folder}/store.db"
    if only == "sqlite":
        return
    bin = programs() if url is None else None
    if url is not None:
        yield url
    elif bin is None:
        print("PostgreSQL is not installed here, and no --url was given: left out")
    else:
        server = new_server(bin)
        try:
            yield server.new_database()
        finally:
            server.stop("immediate")
            shutil.rmtree(server.folder)


def database_options(parser: argparse.ArgumentParser) -> None:
    """`--url` and `--only`."""
    parser.add_argument(
        "--url", help="an empty database of PostgreSQL's, instead of an instance for this run"
    )
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="one database only")
