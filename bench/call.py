"""What a decision costs as a call, beside the least that a call on the same server can cost.

    python bench/call.py [--seconds 3] [--rounds 5] [--policies 50]

The service runs as it does in earnest (granian, its log and its metrics), with one worker and one blocking thread, and
one route more: `POST /constant` reads the same body and answers with the same bytes, which were made beforehand. What
the two differ by is the decision. `wrk` sends where it is installed, else a small generator made here; both keep
their connections open. Rounds alternate, so that whatever else the machine does meets both alike; medians are
printed, and beside requests a second the processor time that a worker spent on each, which other programs disturb less.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import re
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from flask import Flask, Response, request
from sending import Load
from stored import QUESTION, wait_until_ready

from api.answers import new_id
from api.bodies import parse
from api.config import Config
from api.decisions import answer
from api.library import Library, library_of, load_folder
from api.metrics import shared
from api.replies import CONTENT_JSON
from api.requests import read_decision
from api.server import application, free_address, make_server
from dsl.checker import compile_policy
from dsl.source import Source

ROOT = Path(__file__).resolve().parent.parent
POLICIES = ROOT / "policies"
BODY = json.dumps(QUESTION).encode()
CONNECTIONS = 8
DECIDED, CONSTANT = "/v1/decisions", "/constant"


# ---------------------------------------------------------------- the service


def worker(config: Config, library: Library, answer: bytes, parent: int) -> Flask:
    """A worker's application with the route that is compared with."""
    app = application(config, library, parent)

    @app.post(CONSTANT)
    def constant() -> Response:
        request.get_data()
        return Response(answer, content_type=CONTENT_JSON)

    return app


def run(config: Config, library: Library, answer: bytes) -> None:
    """Serves until it is told to stop; its log goes nowhere, but is written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    server = make_server(config, config.host, config.port)
    with shared():
        server.serve(target_loader=partial(worker, config, library, answer, os.getpid()), wrap_loader=False)


@dataclass(frozen=True, slots=True)
class Running:
    """A service under way: its process and its port."""

    pid: int
    port: int

    def workers(self) -> list[int]:
        """The processes that answer."""
        text = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [
            pid for pid in map(int, text.split()) if b"spawn" not in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]

    def processor(self) -> float:
        """Seconds of processor time that the workers have used."""
        ticks = 0
        for pid in self.workers():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def ask(self, body: bytes, path: str = DECIDED) -> bytes:
        """One call."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", path, body, {"Content-Type": CONTENT_JSON})
        reply = connection.getresponse()
        found = reply.read()
        connection.close()
        if reply.status != 200:
            raise SystemExit(f"{path} answered {reply.status}: {found[:300]!r}")
        return found


@contextmanager
def serving(library: Library, workers: int) -> Iterator[Running]:
    """A service with so many workers of one blocking thread each."""
    address, port = free_address("127.0.0.1", 0)
    config = Config(host=address, port=port, workers=workers, threads=1)
    asked = read_decision(parse(BODY), library, "en")
    process = multiprocessing.get_context("fork").Process(
        target=run, args=(config, library, answer(asked, new_id())[0])
    )
    process.start()
    running = Running(process.pid or 0, port)
    try:
        wait_until_ready(port)
        yield running
    finally:
        os.kill(running.pid, signal.SIGTERM)
        process.join()


# ---------------------------------------------------------------- what is measured


@dataclass(frozen=True, slots=True)
class Speed:
    """Requests a second, and microseconds of the workers' processor time for each."""

    rate: float
    cost: float


Send = Callable[[int, str, float], float]


def measured(running: Running, path: str, seconds: float, send: Send) -> Speed:
    """One round."""
    before, start = running.processor(), time.perf_counter()
    rate = send(running.port, path, seconds)
    took = time.perf_counter() - start
    return Speed(rate, (running.processor() - before) / (rate * min(took, seconds)) * 1e6)


def median(speeds: list[Speed]) -> Speed:
    return Speed(
        statistics.median(each.rate for each in speeds), statistics.median(each.cost for each in speeds)
    )


def compare_routes(library: Library, seconds: float, rounds: int, send: Send) -> None:
    """One worker, one blocking thread: the decision against the constant answer."""
    found: dict[str, list[Speed]] = {DECIDED: [], CONSTANT: []}
    with serving(library, 1) as running:
        sizes = [len(running.ask(BODY, path)) for path in found]
        for path in found:
            send(running.port, path, min(1, seconds))  # warm
        for _ in range(rounds):
            for path, speeds in found.items():
                speeds.append(measured(running, path, seconds, send))
    decided, constant = (median(speeds) for speeds in found.values())
    shares = [a.rate / b.rate for a, b in zip(found[DECIDED], found[CONSTANT], strict=True)]
    print(f"one worker, one blocking thread, answers of {sizes[0]:,} and {sizes[1]:,} bytes")
    for name, speed in (("decision", decided), ("constant answer", constant)):
        print(f"  {name:<18} {speed.rate:>8,.0f} requests/s   {speed.cost:>6,.0f} µs of processor time each")
    print(
        f"  decision / constant: {statistics.median(shares):.0%} of the requests (each round {', '.join(f'{one:.0%}' for one in shares)})"
    )
    print(f"                       {constant.cost / decided.cost:.0%} by processor time\n")


def compare_workers(library: Library, seconds: float, rounds: int, send: Send) -> None:
    """Two workers against one."""
    rates = {}
    for count in (1, 2):
        with serving(library, count) as running:
            send(running.port, DECIDED, min(1, seconds))
            rates[count] = median([measured(running, DECIDED, seconds, send) for _ in range(rounds)])
    print(f"two workers, {os.cpu_count()} processors that the generator shares")
    for count, speed in rates.items():
        print(
            f"  {count} worker{'s' if count > 1 else ' '}          {speed.rate:>8,.0f} requests/s   {speed.cost:>6,.0f} µs of processor time each"
        )
    print(f"  two / one: {rates[2].rate / rates[1].rate:.2f}\n")


def measure_memory(count: int) -> None:
    """The resident memory of a worker with so many policies, each of which has decided."""
    library = many_policies(count)
    with serving(library, 1) as running:
        for name, policy in library.policies.items():
            for example in policy.examples[:1]:
                facts = {key: value for key, value in example.given if isinstance(value, bool | str)}
                asked = {"policy": name, "facts": facts, "explain": "full"}
                if all(fact.key in facts for fact in policy.facts.values() if fact.required):
                    running.ask(json.dumps(asked).encode())
        for _ in range(200):
            running.ask(BODY)
        [pid] = running.workers()
        status = Path(f"/proc/{pid}/status").read_text()
        resident = int(status.partition("VmRSS:")[2].split()[0]) / 1024
        own = Path(f"/proc/{pid}/smaps_rollup").read_text()
        private = sum(int(size) for size in re.findall(r"Private_\w+:\s+(\d+)", own)) / 1024
    print(f"memory of a worker with {len(library.policies)} policies")
    print(f"  resident {resident:,.0f} MB, of which its own {private:,.0f} MB (of 150 MB)\n")


def many_policies(count: int) -> Library:
    """The policy that is asked, and so many others: those that come along, over and over under other names."""
    texts = [path.read_text("utf-8") for path in sorted(POLICIES.glob("*.tier"))]
    texts = [text for text in texts if re.search(r"^(?:use|引用)\b", text, re.MULTILINE) is None]
    named = [
        re.sub(r"^(policy|政策)(\s+)(\w+)", rf"\g<1>\g<2>\g<3>_{number}", text, count=1, flags=re.MULTILINE)
        for number, text in enumerate(islice(cycle(texts), count))
    ]
    others = [compile_policy(Source(text, f"{number}.tier")) for number, text in enumerate(named)]
    return library_of([*others, load_folder(POLICIES).policies[str(QUESTION["policy"])]])


def measure_parts(library: Library) -> None:
    """Where the time of a decision goes inside the call, in this process."""
    raw = parse(BODY)
    asked = read_decision(raw, library, "en")
    parts: dict[str, Callable[[], object]] = {
        "read the JSON": lambda: parse(BODY),
        "read request and facts": lambda: read_decision(raw, library, "en"),
        f"decide, write ({asked.engine})": lambda: answer(asked, new_id()),
    }
    print("what the decision adds to a call, µs")
    total = 0.0
    for name, part in parts.items():
        took = min(_timed(part) for _ in range(7))
        total += took
        print(f"  {name:<24} {took:>6.1f}")
    print(f"  {'together':<24} {total:>6.1f}")


def _timed(part: Callable[[], object], times: int = 500) -> float:
    start = time.perf_counter()
    for _ in range(times):
        part()
    return (time.perf_counter() - start) / times * 1e6


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="Time the decision call against a constant answer.")
    parser.add_argument("--seconds", type=float, default=3, help="length of one round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each; the median counts")
    parser.add_argument("--policies", type=int, default=50, help="policies for the measure of memory")
    given = parser.parse_args()
    load = Load(BODY, CONNECTIONS)
    send = load.send
    print(f"load by {load.name}, {CONNECTIONS} connections\n")
    library = load_folder(POLICIES)
    compare_routes(library, given.seconds, given.rounds, send)
    compare_workers(library, given.seconds, given.rounds, send)
    measure_memory(given.policies)
    measure_parts(library)


if __name__ == "__main__":
    main()
