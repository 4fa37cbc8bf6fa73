"""The service as it runs: real processes, real sockets, and a worker that is killed while it works."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from api.config import Config
from api.server import free_address, serve
from tests.api_client import POLICIES, question
from tests.running import PATIENCE, Service, serving, wait_for


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("policies"), max_body=200_000) as running:
        yield running


def rows(count: int) -> bytes:
    return b"".join(
        json.dumps(question(customer=f"C{number}", facts={"order_amount": number})).encode() + b"\n"
        for number in range(count)
    )


def test_it_says_where_it_is(service: Service) -> None:
    wait_for(lambda: service.said)
    assert service.said[0].startswith(f"serving 2 policies on http://127.0.0.1:{service.port} with 2 workers")


def test_every_worker_prepares_its_policies(service: Service) -> None:
    def prepared() -> set[object]:
        lines = [json.loads(line) for line in service.said[1:]]
        return {
            line["process"]
            for line in lines
            if (line["message"], line.get("policies")) == ("policies prepared", 2)
        }

    wait_for(lambda: len(prepared()) == 2)


def test_one_decision(service: Service) -> None:
    status, body = service.call("POST", "/v1/decisions", json.dumps(question()).encode())
    assert status == 200
    assert json.loads(body)["tiers"]["grade"]["possible"] == ["B"]


def test_all_workers_count_together_and_each_request_has_a_line(service: Service) -> None:
    def counted() -> float:
        _, body = service.call("GET", "/metrics")
        lines = [line for line in body.decode().splitlines() if line.startswith("tierwise_decisions_total{")]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    before, said = counted(), len(service.said)
    for _ in range(20):
        service.call("POST", "/v1/decisions", json.dumps(question(customer="Very Private Ltd")).encode())
    assert [counted() for _ in range(10)] == [before + 20] * 10  # whichever worker is asked
    wait_for(lambda: len(service.said) >= said + 20)
    lines = [json.loads(line) for line in service.said[1:]]
    decided = [line for line in lines if line.get("route") == "/v1/decisions"]
    assert len(decided) >= 20
    assert {line["policy"] for line in decided if "policy" in line} == {"grading"}
    assert "Very Private" not in "".join(service.said)


def test_a_batch_comes_back_whole(service: Service) -> None:
    status, body = service.call("POST", "/v1/decisions/batch", rows(2000), "application/x-ndjson")
    assert status == 200
    assert [json.loads(line)["customer"] for line in body.splitlines()] == [
        f"C{number}" for number in range(2000)
    ]


def exchange(service: Service, sent: bytes) -> bytes:
    """Raw bytes there and back, until the other side closes."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE) as connection:
        with suppress(OSError):  # it may well hang up before it has everything
            connection.sendall(sent)
        found = b""
        with suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                found += chunk
        return found


def chunked(path: str, *chunks: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    ).encode()
    return head + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


def test_bodies_without_a_length_are_read_and_limited(service: Service) -> None:
    data = json.dumps(question()).encode()
    assert exchange(service, chunked("/v1/decisions", data[:10], data[10:])).startswith(b"HTTP/1.1 200")
    assert exchange(service, chunked("/v1/decisions", *[b" " * 50_000] * 5)).startswith(b"HTTP/1.1 413")
    assert exchange(service, chunked("/v1/decisions")).startswith(b"HTTP/1.1 400")


def test_an_announced_body_over_the_limit_is_refused_before_it_comes(service: Service) -> None:
    head = (
        b"POST /v1/check HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nContent-Length: 999999999\r\n\r\n"
    )
    assert exchange(service, head).startswith(b"HTTP/1.1 413")


def broken_off(service: Service, path: str, body: bytes) -> bytes:
    """What comes back where a chunked body ends between two chunks, without the last."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE) as connection:
        connection.sendall(chunked(path, body).removesuffix(b"0\r\n\r\n"))
        connection.shutdown(socket.SHUT_WR)
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
        return found


def test_a_chunked_batch_that_breaks_off_is_noticed_by_its_number_of_rows(service: Service) -> None:
    path = "/v1/decisions/batch?rows=20"
    assert exchange(service, chunked(path, rows(20))).startswith(b"HTTP/1.1 200")
    reply = broken_off(service, path, rows(10))
    assert reply.startswith(b"HTTP/1.1 400")
    assert b"body-broken-off" in reply


def test_an_array_that_breaks_off_is_noticed_by_its_end(service: Service) -> None:
    array = b"[" + b",".join(rows(3).splitlines())
    assert b"broken-array" in broken_off(service, "/v1/decisions/batch", array)


def test_a_client_that_hangs_up_harms_nobody(service: Service) -> None:
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            connection.sendall(chunked("/v1/decisions/batch", rows(50))[:3000])
    assert service.call("POST", "/v1/decisions", json.dumps(question()).encode())[0] == 200


@dataclass
class Load:
    """Clients that ask without pause; what they got, by time."""

    service: Service
    stop: threading.Event = field(default_factory=threading.Event)
    good: list[float] = field(default_factory=list)
    failed: list[float] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)

    def run(self) -> None:
        body = json.dumps(question()).encode()
        while not self.stop.is_set():
            try:
                status, _ = self.service.call("POST", "/v1/decisions", body)
            except (OSError, http.client.HTTPException):
                self.failed.append(time.monotonic())
                time.sleep(0.01)  # who comes back at once may meet the worker that is dying again
            else:
                (self.good.append(time.monotonic()) if status == 200 else self.wrong.append(status))


@contextmanager
def under_load(service: Service, clients: int) -> Iterator[Load]:
    load = Load(service)
    threads = [threading.Thread(target=load.run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.stop.set()
        for thread in threads:
            thread.join()


CLIENTS = 4


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are read from /proc")
def test_a_killed_worker_is_replaced_and_the_others_go_on(service: Service) -> None:
    with under_load(service, CLIENTS) as load:
        wait_for(lambda: len(load.good) > 20)
        for _ in range(2):  # the second time within seconds, which must not end the service either
            before = service.workers()
            victim = max(before)
            killed = time.monotonic()
            os.kill(victim, signal.SIGKILL)
            wait_for(lambda: victim not in service.workers() and service.is_whole())  # noqa: B023
            wait_for(lambda: len([at for at in load.good if at > killed]) > 20)  # noqa: B023
            late = [at for at in load.failed if at > killed + 3]
            assert late == []
    assert load.wrong == []
    assert (
        len(load.failed) <= 2 * 2 * CLIENTS
    )  # what each client had under way, and once more while a worker died
    assert service.process.poll() is None


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are read from /proc")
def test_all_workers_killed_at_once_are_replaced(service: Service) -> None:
    before = service.workers()
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    wait_for(lambda: not before & service.workers() and service.is_whole())
    assert restarts(service) >= 2


def restarts(service: Service) -> float:
    """How many workers were replaced, by the service's own count."""
    _, body = service.call("GET", "/metrics")
    [line] = [
        line for line in body.decode().splitlines() if line.startswith("tierwise_worker_restarts_total ")
    ]
    return float(line.rpartition(" ")[2])


@pytest.mark.parametrize("ctrl_c", [False, True])
def test_a_stop_lets_requests_in_flight_finish(tmp_path: Path, ctrl_c: bool) -> None:
    body = rows(300)
    head = (
        "POST /v1/decisions/batch HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"Content-Type: application/x-ndjson\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with (
        serving(tmp_path, workers=1) as service,
        socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE) as connection,
    ):
        connection.sendall(head.encode() + body)
        found = connection.recv(65536)
        if ctrl_c:
            os.killpg(service.process.pid, signal.SIGINT)
        else:
            service.process.terminate()
        while chunk := connection.recv(65536):
            found += chunk
        assert service.process.wait(PATIENCE) == 0
        assert found.startswith(b"HTTP/1.1 200")
        assert b'"C0"' in found
        assert b'"C299"' in found
        assert found.endswith(b"0\r\n\r\n")  # the chunk that ends an answer which is whole
        assert not service.answers()
    _, *lines = service.said
    assert {json.loads(line)["message"] for line in lines} <= {
        "request",
        "policies prepared",
    }  # and no word of trouble


def test_workers_go_when_nobody_watches_over_them(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.process.kill()
        service.process.wait()
        wait_for(lambda: not service.answers())


def test_a_taken_port_is_refused(service: Service, tmp_path: Path) -> None:
    (tmp_path / "a.tier").write_text(POLICIES[0], "utf-8")
    config = Config(policies=tmp_path, port=service.port)
    with pytest.raises(OSError, match=f"in use.*127.0.0.1:{service.port}"):
        serve(config)


@pytest.mark.parametrize("host", ["é" * 100, "192.0.2.1"])
def test_an_address_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(OSError, match=f"{host}:8080"):
        free_address(host, 8080)


def test_an_address_may_be_a_name_and_its_port_any_that_is_free() -> None:
    address, port = free_address("localhost", 0)
    assert address in ("127.0.0.1", "::1")
    assert port > 0


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_large_batch_takes_little_memory(service: Service) -> None:
    def most() -> int:
        """The most kilobytes that a worker ever had."""
        texts = (Path(f"/proc/{worker}/status").read_text() for worker in service.workers())
        return max(int(text.partition("VmHWM:")[2].split()[0]) for text in texts)

    before = most()
    body = (b"x" * 300_000 + b"\n") * 100
    status, answers = service.call("POST", "/v1/decisions/batch", body, "application/x-ndjson")
    assert status == 200
    assert [json.loads(line)["error"]["errors"][0]["code"] for line in answers.splitlines()] == [
        "row_too_long"
    ] * 100
    assert most() - before < 12_000
