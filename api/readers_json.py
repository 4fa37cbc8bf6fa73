"""Customers out of JSON: one object, an array of them, or one a line.

`api.cutting` cuts a stream into objects, `engine.facts.parse_json` reads each of them exactly; what is here
tells one object from many, and who it is from what is known of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from io import BufferedReader
from itertools import chain
from typing import Literal

from api.cutting import BOM, SPACE, Torn, items, lines
from api.cutting import Row as Piece
from api.readers_rows import CUSTOMER, Customers, Row, RowProblem, row_problem
from dsl.model import CheckedPolicy
from engine.facts import FactsError, facts_by_name, parse_json
from engine.facts_problems import FactProblem, pointer, problem, shorten

# In bytes: one object, one line. A customer's facts are some hundreds.
LARGEST_ITEM = 1024 * 1024


def read_json(
    file: BufferedReader,
    policy: CheckedPolicy,
    keep: Sequence[str],
    size: int | None,
    form: Literal["array", "object", "lines"],
) -> Customers:
    """The customers in a stream of JSON; `object` is found to be one object, or one a line."""
    pieces: Iterator[Piece]
    if form == "array":
        pieces = (Piece(piece.number + 1, piece.data, piece.place) for piece in items(file, LARGEST_ITEM))
    elif form == "lines":
        pieces = lines(file, LARGEST_ITEM)
    else:
        first, second = _first_lines(file)
        if not second.lstrip(SPACE).startswith(b"{"):
            whole = first + second + file.read(LARGEST_ITEM + 1)
            return Customers(iter([_row(Piece(1, whole), policy, keep)]), single=True, close=file.close)
        count = first.count(b"\n") + 1
        rest = (
            Piece(piece.number + count, piece.data, (piece.number + count, 1))
            for piece in lines(file, LARGEST_ITEM)
        )
        pieces = chain([Piece(1, first), Piece(count, second, (count, 1))], rest)
    return Customers(_rows(pieces, policy, keep), size=size, position=file.tell, close=file.close)


def _first_lines(file: BufferedReader) -> tuple[bytes, bytes]:
    """The lines up to the first that holds something, and the next that does.

    An object over several lines never has `{` at the beginning of its second; one object a line always does.
    """
    first = file.readline(LARGEST_ITEM)
    while not first.removeprefix(BOM).strip(SPACE) and (line := file.readline(LARGEST_ITEM)):
        first += line
    while line := file.readline(LARGEST_ITEM):
        if line.strip(SPACE):
            return first, line
        first += line
    return first, b""


def _rows(pieces: Iterator[Piece], policy: CheckedPolicy, keep: Sequence[str]) -> Iterator[Row]:
    try:
        for piece in pieces:
            yield _row(piece, policy, keep)
    except Torn as torn:
        yield Row(torn.number + 1, problem=replace(row_problem("broken_array", torn.reason), json=True))


def _row(piece: Piece, policy: CheckedPolicy, keep: Sequence[str]) -> Row:
    number, data = piece.number, piece.data
    if data is None or len(data) > LARGEST_ITEM:
        limit = LARGEST_ITEM // 1024
        sentence = f"the row is longer than {limit} KB", f"该行超过 {limit} KB"
        return Row(number, problem=row_problem("row_too_long", sentence))
    try:
        value = parse_json(data.removeprefix(BOM))
    except FactsError as error:
        found = tuple(_moved(item, piece.place) for item in error.problems)
        return Row(number, problem=RowProblem(found, json=True))
    if not isinstance(value, dict):
        return Row(number, problem=RowProblem((problem("not_an_object", "", got=value),)))
    return customer_row(number, value, policy, keep)


# How a problem of JSON begins that has a place in the text.
_PLACES = (
    (re.compile(r"line (\d+), column (\d+)"), "line {}, column {}"),
    (re.compile(r"第 (\d+) 行第 (\d+) 列"), "第 {} 行第 {} 列"),
)


def _moved(item: FactProblem, place: tuple[int, int]) -> FactProblem:
    """A problem of a row's own text, with the line and the column of the file that the row stands in."""
    texts = (_at(pattern, shape, text, place)
             for (pattern, shape), text in zip(_PLACES, item.sentence, strict=True))  # fmt: skip
    en, zh = texts
    return replace(item, sentence=(en, zh))


def _at(pattern: re.Pattern[str], shape: str, text: str, begin: tuple[int, int]) -> str:
    """The sentence with its place counted from where the row begins."""
    found = pattern.match(text)
    if found is None:
        return text
    line, column = int(found[1]), int(found[2])
    return (
        shape.format(begin[0] + line - 1, column + (begin[1] - 1 if line == 1 else 0)) + text[found.end() :]
    )


def customer_row(
    number: int, value: Mapping[str, object], policy: CheckedPolicy, keep: Sequence[str] = ()
) -> Row:
    """One JSON object as a row: the facts themselves, or `{"customer": …, "facts": {…}}`.

    A name that is neither a fact nor kept stays among the facts, where it is refused with a suggestion.
    """
    own = facts_by_name(policy)
    inner = value.get("facts")
    wrapped = isinstance(inner, dict) and "facts" not in own
    named = [name for name in CUSTOMER if name in value and (wrapped or name not in own)]
    outside = {*named, *(name for name in keep if wrapped or name not in own)}
    strange = [name for name in value if wrapped and name != "facts" and name not in outside]
    if strange:
        return Row(number, problem=_not_beside(strange[0]))
    facts = inner if isinstance(inner, dict) and wrapped else value
    customer = value[named[0]] if named else None
    return Row(
        number,
        None if customer is None else str(customer),
        facts if wrapped else {name: item for name, item in facts.items() if name not in outside},
        {name: value.get(name) for name in keep},
    )


def _not_beside(name: str) -> RowProblem:
    word = shorten(name)
    return row_problem(
        "unknown_field",
        (
            f"`{word}` stands beside `facts`, where only `customer` may",
            f"`{word}` 与 `facts` 并列，此处只能有 `customer`",
        ),
        ("a fact belongs inside `facts`", "指标应写在 `facts` 之内"),
        at=pointer(name),
    )
