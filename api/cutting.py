"""A batch cut into its rows, without reading the rows.

A batch is lines (NDJSON) or one JSON array. Either way this module only finds where a row ends, so that a row
that is not JSON, or far too long, costs nothing but itself: its neighbours are found all the same. Memory
holds one row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from api.messages import Words

CHUNK = 64 * 1024
SPACE = b" \t\r\n"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line (from 1) or its index (from 0), and its bytes, None where there are too many.

    `place` is the line and the column, from 1, at which the bytes begin in the stream.
    """

    number: int
    data: bytes | None
    place: tuple[int, int] = field(default=(1, 1), compare=False)


class Torn(Exception):
    """An array whose rest cannot be cut into rows; `number` is the index of the row that would be next."""

    def __init__(self, number: int, reason: Words) -> None:
        self.number = number
        self.reason = reason
        super().__init__(reason[0])


def first_sign(file: IO[bytes]) -> bytes:
    """The first byte that means something, empty where there is none; the file then stands before it."""
    start = file.tell()
    if file.read(len(BOM)) != BOM:
        file.seek(start)
    while chunk := file.read(CHUNK):
        rest = chunk.lstrip(SPACE)
        if rest:
            file.seek(-len(rest), 1)
            return rest[:1]
    return b""


def lines(file: IO[bytes], limit: int) -> Iterator[Row]:
    """The lines that hold anything. A line longer than `limit` bytes is passed over."""
    number = 0
    while line := file.readline(limit + 1):
        number += 1
        if len(line) > limit and not line.endswith(b"\n"):
            while (rest := file.readline(CHUNK)) and not rest.endswith(b"\n"):
                pass
            yield Row(number, None, (number, 1))
        elif line.strip(SPACE):
            yield Row(number, line, (number, 1))


def items(file: IO[bytes], limit: int) -> Iterator[Row]:
    """The items of the array that begins here.

    Raises `Torn` where the rest of it cannot be cut into items.
    """
    pieces = _pieces(file)
    # The opening bracket, by which the caller knew that it is an array.
    here = begin = _behind((1, 1), b"".join(next(pieces)).removeprefix(BOM))
    number, depth, row = 0, 1, bytearray()
    for text, sign in pieces:
        here = _behind(here, text + sign)
        if depth == 0:
            if (text + sign).strip(SPACE):
                raise Torn(number, ("something follows the end of the array", "数组结束后还有内容"))
        elif depth == 1 and sign in (b",", b"]"):
            row += text
            if sign == b"," or number or row.strip(SPACE):  # `[]` holds nothing, `[{},]` an empty item
                yield Row(number, bytes(row) if len(row) <= limit else None, begin)
                number += 1
            row.clear()
            begin = here
            depth = 1 if sign == b"," else 0
        else:
            if len(row) <= limit:
                row += text + sign
            depth = max(1, depth + _STEPS.get(sign, 0))
    if depth == 0:
        return
    if row.strip(SPACE):
        yield Row(number, bytes(row) if len(row) <= limit else None, begin)
        number += 1
    raise Torn(number, ("the array does not end: its `]` is missing", "数组没有结束：缺少 `]`"))


# In UTF-8 every byte but these begins a character.
_CONTINUED = bytes(range(0x80, 0xC0))


def _behind(place: tuple[int, int], text: bytes) -> tuple[int, int]:
    """The line and the column behind a text that begins at a place."""
    feeds = text.count(b"\n")
    letters = len(text[text.rfind(b"\n") + 1 :].translate(None, _CONTINUED))
    return (place[0] + feeds, letters + 1) if feeds else (place[0], place[1] + letters)


_STEPS = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
_OUTSIDE = re.compile(rb'["\[\]{},]')
_INSIDE = re.compile(rb'["\\]')


def _pieces(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The text cut behind each bracket and comma outside strings: what stands before the sign, and the sign.

    The end of a chunk cuts as well, with an empty sign.
    """
    inside = escaped = False
    while chunk := file.read(CHUNK):
        start, at = 0, int(escaped)
        escaped = False
        while found := (_INSIDE if inside else _OUTSIDE).search(chunk, at):
            at, sign = found.end(), found[0]
            if sign == b"\\":
                escaped = at == len(chunk)
                at += 1
            elif sign == b'"':
                inside = not inside
            else:
                yield chunk[start : at - 1], sign
                start = at
        yield chunk[start:], b""
