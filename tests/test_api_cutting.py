"""Batches cut into rows: every row is found, whatever its neighbours are."""

from __future__ import annotations

import io
import json
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import cutting
from api.cutting import Row, Torn, first_sign, items, lines

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def rows_of(data: bytes, limit: int = 1000) -> tuple[list[bytes | None], str]:
    """What the items of an array are, and how it was torn."""
    found: list[bytes | None] = []
    numbers: list[int] = []
    why = ""
    try:
        for row in items(io.BytesIO(data), limit):
            found.append(row.data)
            numbers.append(row.number)
    except Torn as torn:
        numbers.append(torn.number)
        why = str(torn)
    assert numbers == list(range(len(numbers)))
    return found, why


@given(st.lists(JSON, max_size=6), st.booleans(), st.integers(1, 64))
def test_an_array_gives_its_items_in_order(values: list[object], ascii_only: bool, chunk: int) -> None:
    data = json.dumps(values, ensure_ascii=ascii_only, indent=1).encode("utf-8", "surrogatepass")
    with patch.object(cutting, "CHUNK", chunk):
        found, torn = rows_of(data, 100_000)
    assert torn == ""
    assert [json.loads(item.decode("utf-8", "surrogatepass")) for item in found if item] == values
    assert len(found) == len(values)


@given(st.binary(max_size=60))
def test_any_bytes_end_in_rows_or_torn(data: bytes) -> None:
    rows_of(b"[" + data)


@pytest.mark.parametrize(
    ("data", "found", "torn"),
    [
        (b"[]", [], ""),
        (b"[ \n ]", [], ""),
        (b"[1,,2]", [b"1", b"", b"2"], ""),
        (b"[1,]", [b"1", b""], ""),
        (b'[{"a": 1]}, {"b": 2}]', [b'{"a": 1]}', b' {"b": 2}'], ""),
        (b'[{"a": "],\\"["}]', [b'{"a": "],\\"["}'], ""),
        (b"[1, 2", [b"1", b" 2"], "does not end"),
        (b"[", [], "does not end"),
        (b'["open, 1, 2]', [b'"open, 1, 2]'], "does not end"),
        (b"[1] [2]", [b"1"], "follows"),
    ],
)
def test_broken_arrays(data: bytes, found: list[bytes], torn: str) -> None:
    rows, why = rows_of(data)
    assert rows == found
    assert torn in why
    assert bool(torn) == bool(why)


def test_a_long_item_is_passed_over_and_its_neighbours_are_not() -> None:
    data = b'[1, {"a": "' + b"x" * 300_000 + b'"}, 2]'
    assert rows_of(data, 100) == ([b"1", None, b" 2"], "")


def test_lines_are_numbered_as_an_editor_does() -> None:
    data = b"\xef\xbb\xbf1\r\n\n  \n2\n" + b"y" * 200_000 + b"\n3"
    found = list(lines(io.BytesIO(data), 100))
    assert found == [
        Row(1, b"\xef\xbb\xbf1\r\n"),
        Row(4, b"2\n"),
        Row(5, None),
        Row(6, b"3"),
    ]


def test_a_line_of_exactly_the_limit_is_taken() -> None:
    assert list(lines(io.BytesIO(b"12345\n6"), 5)) == [Row(1, b"12345\n"), Row(2, b"6")]
    assert list(lines(io.BytesIO(b"123456\n7"), 5)) == [Row(1, None), Row(2, b"7")]


@pytest.mark.parametrize(
    ("data", "sign"), [(b"", b""), (b" \n", b""), (b"\xef\xbb\xbf [1]", b"["), (b" " * 200_000 + b"{", b"{")]
)
def test_the_first_sign(data: bytes, sign: bytes) -> None:
    file = io.BytesIO(data)
    assert first_sign(file) == sign
    assert file.read(1) == sign
