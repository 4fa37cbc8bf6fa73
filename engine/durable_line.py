"""The line between the cage and its worker: messages in JSON over a socket, each with its length before it.

The cage never waits on it without end. Sending and receiving have a deadline over the whole message: a process that is stopped takes
nothing in, and one that has gone mad may send half a message. Only the worker waits as long as it may take, for its next request. What
comes is read, never unpickled, and only up to a limit.
"""

from __future__ import annotations

import json
import socket
import time
from typing import Any

# The bytes of a message's length.
HEAD = 4
# In bytes: the rulesets of the longest policy that can be are about a tenth of it.
MOST_MESSAGE = 1 << 28
PIECE = 1 << 16


def deadline(seconds: float) -> float:
    """The moment so many seconds from now, on the clock that `send` and `receive` go by."""
    return time.monotonic() + seconds


def send(line: socket.socket, content: object, until: float | None) -> None:
    """Sends a message; `until` is a deadline, None waits for ever.

    Raises `TimeoutError`, and `OSError` where nobody is at the other end.
    """
    data = json.dumps(content).encode()
    line.settimeout(_left(until))
    line.sendall(len(data).to_bytes(HEAD, "big") + data)


def receive(line: socket.socket, until: float | None) -> Any:
    """The next message. Raises `TimeoutError`, `EOFError` at the end, `OSError`, and `ValueError` for what is no message."""
    size = int.from_bytes(_read(line, HEAD, until), "big")
    if size > MOST_MESSAGE:
        raise ValueError("a message that is too long")
    try:
        return json.loads(_read(line, size, until))
    except RecursionError as error:
        raise ValueError("a message that is nested too deeply") from error


def _read(line: socket.socket, count: int, until: float | None) -> bytearray:
    data = bytearray()
    while len(data) < count:
        line.settimeout(_left(until))
        piece = line.recv(min(count - len(data), PIECE))
        if not piece:
            raise EOFError("the other end is closed")
        data += piece
    return data


def _left(until: float | None) -> float | None:
    """The seconds that are left; never 0, which would mean not to wait at all."""
    if until is None:
        return None
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time is over")
    return left
