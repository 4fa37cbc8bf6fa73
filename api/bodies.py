"""Reading what a caller sends, never more of it than the limit.

A body whose length is announced is refused before a byte of it is read; one without a length (chunked) as
soon as it has grown too long. What cannot be read whole is refused as well: half a batch is not a smaller
batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import parse_qsl

from flask import Request

from api import messages
from api.errors import Problem, problem, unreadable
from engine.facts import FactsError, parse_json

CONTENT_FORM = "application/x-www-form-urlencoded"

CHUNK = 64 * 1024
MOST_FORM_FIELDS = 2000
# As much of a batch as is kept in memory; more goes to an unnamed temporary file.
IN_MEMORY = 1024 * 1024


def read_json(request: Request, limit: int) -> object:
    """The body as JSON with exact numbers. Raises `Problem`."""
    wants(request, "application/json")
    return parse(b"".join(_chunks(request, limit)))


def parse(data: bytes) -> object:
    """JSON with exact numbers. Raises `Problem`."""
    try:
        return parse_json(data)
    except FactsError as error:
        raise unreadable(error) from error


def read_form(request: Request, limit: int) -> dict[str, str]:
    """The fields of a page's form; of a field that comes twice, the last. Raises `Problem`."""
    wants(request, CONTENT_FORM)
    text = b"".join(_chunks(request, limit)).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FORM_FIELDS))
    except ValueError as error:
        raise problem(messages.BAD_REQUEST) from error


def spool(request: Request, limit: int) -> IO[bytes]:
    """The whole body as a file that can be read from its start; the caller closes it.

    A batch is taken in before the first answer goes out: most clients send everything before they read
    anything, and two sides that both wait for the other to read would wait for ever.
    """
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - it outlives this function
    try:
        for chunk in _chunks(request, limit):
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def wants(request: Request, *types: str) -> None:
    """Refuses a body of another media type; none at all counts as the first. Raises `Problem`."""
    if request.content_type == types[0]:  # as nearly all are, and spares taking it apart
        return
    given = request.mimetype
    if given and given not in types:
        raise problem(messages.UNSUPPORTED, wanted=" / ".join(types), given=given)


def too_large(limit: int) -> Problem:
    return problem(messages.TOO_LARGE, limit=f"{limit:,}")


def _chunks(request: Request, limit: int) -> Iterator[bytes]:
    announced = request.content_length
    if announced is not None and announced > limit:
        raise too_large(limit)
    read = 0
    while read != announced and (chunk := request.stream.read(min(CHUNK, limit + 1 - read))):
        read += len(chunk)
        if read > limit:
            raise too_large(limit)
        yield chunk
    if announced is not None and read < announced:
        raise problem(messages.BROKEN_OFF)
