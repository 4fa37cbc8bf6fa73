"""The load of a service under measurement: one body, sent again and again over so many connections.

`wrk` sends where it is installed, else a small generator made here; both keep one request under way on each connection.
"""

from __future__ import annotations

import multiprocessing
import re
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass

SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [==[{body}]==]
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent, and over how many connections at a time."""

    body: bytes
    connections: int

    @property
    def name(self) -> str:
        """Who sends."""
        return "wrk" if shutil.which("wrk") else "a generator of our own (wrk is not installed)"

    def send(self, port: int, path: str, seconds: float) -> float:
        """Sends for so long to an address of this machine; the requests a second that were answered."""
        return (self._by_wrk if shutil.which("wrk") else self._by_ourselves)(port, path, seconds)

    def _by_wrk(self, port: int, path: str, seconds: float) -> float:
        """One thread of it."""
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(SCRIPT.format(body=self.body.decode()))
            script.flush()
            address = f"http://127.0.0.1:{port}{path}"
            options = ["-t1", f"-c{self.connections}", f"-d{max(1, round(seconds))}s", "-s", script.name]
            told = subprocess.run(
                ["wrk", *options, address], check=True, capture_output=True, text=True
            ).stdout
        found = re.search(r"Requests/sec:\s+([\d.]+)", told)
        if found is None or "Non-2xx" in told:
            raise SystemExit(told)
        return float(found[1])

    def _by_ourselves(self, port: int, path: str, seconds: float) -> float:
        """Two processes of ours, each with half of the connections."""
        with multiprocessing.get_context("fork").Pool(2) as pool:
            counts = pool.starmap(_send, [(port, path, self.body, seconds, self.connections // 2)] * 2)
        return sum(counts) / seconds


def _send(port: int, path: str, body: bytes, seconds: float, count: int) -> int:
    """Keeps `count` connections busy, one request under way on each; how many were answered."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    message = head.encode() + body
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    for connection in connections:
        connection.sendall(message)
    done, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        for connection in connections:
            _read_answer(connection)
            connection.sendall(message)
            done += 1
    for connection in connections:
        connection.close()
    return done


def _read_answer(connection: socket.socket) -> None:
    found = b""
    while not found.endswith(b"\r\n0\r\n\r\n"):
        came = connection.recv(65536)
        if not came:
            raise ConnectionResetError("the service hung up")
        found += came
        head, end, rest = found.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if end and length and len(rest) >= int(length[1]):
            if b" 200 " not in head[:16]:
                raise ValueError(found.decode())  # `SystemExit` would end this process, and nobody hear of it
            return
