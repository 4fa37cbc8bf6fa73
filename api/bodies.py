"""Reading what a caller sends, never more of it than the limit.

A body whose length is announced is refused before a byte of it is read; one without a length (chunked) as
soon as it has grown too long. What cannot be read whole is refused as well: half a batch is not a smaller
batch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import parse_qsl

from flask import Request

from api import messages
from api.errors import BadField, Problem, of_facts, problem, unreadable
from engine.facts import FactsError, parse_around
from engine.facts_problems import UNREADABLE, shorten

CONTENT_FORM = "application/x-www-form-urlencoded"

CHUNK = 64 * 1024
MOST_FORM_FIELDS = 2000
# As much of a batch as is kept in memory; more goes to an unnamed temporary file.
IN_MEMORY = 1024 * 1024
# What readers say of the mark of a value that could not be read: nothing that was not said already.
MARK_REFUSED = ("wrong_type", UNREADABLE.value)
_MEDIA_TYPE = re.compile(r"\s*[\w!#$&^.+-]+/[\w!#$&^.+*-]+\s*(;.*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Body:
    """A body in JSON, and what of it could not be read: those values hold a mark in place of themselves."""

    value: object
    unread: tuple[BadField, ...] = ()

    def refusal(self, wrong: list[BadField]) -> Problem | None:
        """The refusal of everything that is wrong, with `wrong` what its reader found; None where all is well."""
        found = [item for item in wrong if (item.code, item.got) != MARK_REFUSED]
        if self.unread:
            return Problem(messages.INVALID_JSON, self.unread[0].detail, (*self.unread, *found))
        return problem(messages.INVALID, *found) if found else None


def read_json(request: Request, limit: int) -> Body:
    """The body as JSON with exact numbers. Raises `Problem` where it cannot be read at all."""
    wants(request, "application/json")
    return parse(b"".join(_chunks(request, limit)))


def parse(data: bytes) -> Body:
    """JSON with exact numbers. Raises `Problem` where it cannot be read at all."""
    try:
        value, problems = parse_around(data)
    except FactsError as error:
        raise unreadable(error) from error
    return Body(value, of_facts(FactsError(problems)) if problems else ())


def read_form(request: Request, limit: int) -> dict[str, list[str]]:
    """The fields of a page's form, each with everything that came for it. Raises `Problem`."""
    wants(request, CONTENT_FORM)
    text = b"".join(_chunks(request, limit)).decode("utf-8", "replace")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FORM_FIELDS)
    except ValueError as error:
        raise problem(messages.BAD_REQUEST) from error
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


class Spool(SpooledTemporaryFile[bytes]):
    """A batch that came in. Its reader closes it; where nobody reads it, because the caller hung up, it goes in silence."""

    def __del__(self) -> None:
        self.close()


def spool(request: Request, limit: int) -> IO[bytes]:
    """The whole body as a file that can be read from its start; the caller closes it.

    A batch is taken in before the first answer goes out: most clients send everything before they read
    anything, and two sides that both wait for the other to read would wait for ever.
    """
    file = Spool(max_size=IN_MEMORY)
    try:
        for chunk in _chunks(request, limit):
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def wants(request: Request, *types: str) -> None:
    """Refuses a body of another media type, and one that is packed; no type at all counts as the first.

    Raises `Problem`.
    """
    packed = request.headers.get("Content-Encoding", "").strip()
    if packed and packed.lower() != "identity":
        en, zh = messages.PACKED
        word = shorten(packed)
        detail = en.format(given=word), zh.format(given=word)
        raise Problem(messages.UNSUPPORTED, detail, headers={"Accept-Encoding": "identity"})
    if request.content_type == types[0]:  # as nearly all are, and spares taking it apart
        return
    given = request.headers.get("Content-Type", "").strip()
    if given and (request.mimetype not in types or not _MEDIA_TYPE.fullmatch(given)):
        raise problem(messages.UNSUPPORTED, wanted=" / ".join(types), given=given)


def too_large(limit: int) -> Problem:
    return problem(messages.TOO_LARGE, limit=f"{limit:,}")


def _chunks(request: Request, limit: int) -> Iterator[bytes]:
    announced = request.content_length
    if announced is not None and announced > limit:
        raise too_large(limit)
    read = 0
    # Where the length is known, nothing is asked for beyond it; else a byte beyond the limit tells of too many.
    size = limit + 1 if announced is None else announced
    while size > 0 and (chunk := request.stream.read(min(size, CHUNK))):
        size -= len(chunk)
        read += len(chunk)
        if read > limit:
            raise too_large(limit)
        yield chunk
    if announced is not None and read < announced:
        raise problem(messages.BROKEN_OFF)
