"""What the service writes to standard error: one JSON object a line, for the programs that collect logs.

Nothing that a caller sent is written down. That goes for the trace of a fault, too: Python puts values into
the sentences of its errors (`KeyError: '…'`), and a value may be a customer's fact. So a trace says which kind
of error it was and where in the code it arose; a decision is the same every time, so it can be made to happen again.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

log = logging.getLogger("tierwise")

# The request that is being answered: so that a line from below, where nobody knows of requests, can be laid to one.
_answering: ContextVar[str | None] = ContextVar("answering", default=None)


def answering(request_id: str | None) -> None:
    """From here on every line has this request's id; None: no more, the request is answered."""
    _answering.set(request_id)


class JsonLines(logging.Formatter):
    """A log record as one line of JSON, with the `fields` it was given and the trace of its exception."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "process": record.process,
        }
        request_id = _answering.get()
        if request_id is not None:
            line["request_id"] = request_id
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["trace"] = list(_trace(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)


def _trace(error: BaseException | None) -> Iterator[str]:
    """Where an error arose, outermost call first, and its kind; then the same of the error that it came from."""
    if error is None:
        return
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}:{line}"
    yield type(error).__name__
    yield from _trace(error.__cause__ or (None if error.__suppress_context__ else error.__context__))


# How a process of the service logs, its HTTP server included; in the form of `logging.config.dictConfig`.
LOGGING: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
    },
    "loggers": {
        "tierwise": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "_granian": {"handlers": ["stderr"], "propagate": False},
        "granian.access": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
