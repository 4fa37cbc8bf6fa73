"""A policy's text in colours: which stretch of it is a keyword, a name, a number, a text or a comment.

For pages and editors. The words are cut by the reader of the language itself (`dsl.layout`, `dsl.lexer`), so that
what is shown as a keyword is one: `priority` is where advice is given, and nowhere else; 且 is between two
names that run together. A line that cannot be read is shown all the same, without colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from dsl.declared_words import declared_words
from dsl.diagnostics import Report
from dsl.keywords import by_id
from dsl.layout import Block, blocks, comment_places
from dsl.lexer import LineLexer, Token
from dsl.parser import headings
from dsl.records import record
from dsl.runs import Words

Kind = Literal["plain", "keyword", "name", "number", "text", "comment", "sign"]

_NUMBERS = frozenset({"NUMBER", "DATE", "MONTH_DAY"})


@record
class Piece:
    """A stretch of one line, and what it is."""

    text: str
    kind: Kind


Line = tuple[Piece, ...]


def highlight(text: str, known: Iterable[str] = ()) -> tuple[Line, ...]:
    """The lines of a text, each whole when its pieces are put together. `known` are names declared elsewhere."""
    lexer = LineLexer(text, Words.of(()), Report())
    found, _ = blocks(text, lexer.plain)
    lexer.words = Words.of(declared_words(found) | set(known))
    marks = [mark for block in found for mark in _marks(block, lexer)]
    marks += [(start, end, "comment") for start, end in comment_places(lexer.plain)]
    return tuple(_lines(text, sorted(marks)))


Mark = tuple[int, int, Kind]


def _marks(block: Block, lexer: LineLexer) -> Iterator[Mark]:
    statement = block.keyword.lower()
    table = False  # whether the line before was a table's row
    for line in (block.head, *block.lines):
        head = line.row and (not table or line.notes.blank)
        table = line.row
        tokens = lexer.tokens(line.segments, "head" if head else statement) or []
        for token in headings(tokens) if head else tokens:
            yield token.start, token.end, _kind(token)


def _kind(token: Token) -> Kind:
    if token.type == "TEXT":
        return "text"
    if token.type == "NAME":
        return "name"
    if token.type in _NUMBERS:
        return "number"
    return "keyword" if token.type in by_id() and token.text[:1].isalpha() else "sign"


def _lines(text: str, marks: list[Mark]) -> Iterator[Line]:
    """The text line by line, what is marked and what lies between. No mark runs over a line's end."""
    start = at = 0
    for raw in text.split("\n"):
        end, place = start + len(raw), start
        pieces: list[Piece] = []
        while at < len(marks) and marks[at][0] < end:
            left, right, kind = marks[at]
            if left > place:
                pieces.append(Piece(text[place:left], "plain"))
            pieces.append(Piece(text[left:right], kind))
            place, at = right, at + 1
        if place < end:
            pieces.append(Piece(text[place:end], "plain"))
        yield tuple(pieces)
        start = end + 1
