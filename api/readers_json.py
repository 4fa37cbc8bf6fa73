"""Customers out of JSON: one object, an array of them, or one a line.

`api.cutting` cuts a stream into objects, `engine.facts.parse_json` reads each of them exactly; what is here
tells one object from many, and who it is from what is known of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BufferedReader
from itertools import chain
from typing import Literal

from api.cutting import BOM, SPACE, Torn, items, lines
from api.cutting import Row as Piece
from api.readers_rows import CUSTOMER, Customers, Row, RowProblem
from dsl.model import CheckedPolicy
from engine.facts import FactsError, facts_by_name, parse_json

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
        pieces = (Piece(piece.number + 1, piece.data) for piece in items(file, LARGEST_ITEM))
    elif form == "lines":
        pieces = lines(file, LARGEST_ITEM)
    else:
        first, second = _first_lines(file)
        if not second.lstrip(SPACE).startswith(b"{"):
            whole = first + second + file.read(LARGEST_ITEM + 1)
            return Customers(iter([_row(Piece(1, whole), policy, keep)]), single=True, close=file.close)
        count = first.count(b"\n") + 1
        rest = (Piece(piece.number + count, piece.data) for piece in lines(file, LARGEST_ITEM))
        pieces = chain([Piece(1, first), Piece(count, second)], rest)
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
        yield Row(torn.number + 1, problem=RowProblem(*torn.reason))


def _row(piece: Piece, policy: CheckedPolicy, keep: Sequence[str]) -> Row:
    number, data = piece.number, piece.data
    if data is None or len(data) > LARGEST_ITEM:
        limit = LARGEST_ITEM // 1024
        return Row(number, problem=RowProblem(f"it is longer than {limit} KB", f"超过 {limit} KB"))
    try:
        value = parse_json(data.removeprefix(BOM))
    except FactsError as error:
        return Row(number, problem=RowProblem(error.message("en"), error.message("zh")))
    if not isinstance(value, dict):
        return Row(number, problem=RowProblem("a JSON object is expected", "此处应为 JSON 对象"))
    return customer_row(number, value, policy, keep)


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
    return RowProblem(
        f"`{name}` stands beside `facts`, where only `customer` may; a fact belongs inside `facts`",
        f"`{name}` 与 `facts` 并列，此处只能有 `customer`；指标应写在 `facts` 之内",
    )
