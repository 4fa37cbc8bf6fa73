"""Facts files of every form, the hostile ones included."""

import io
import json
import os
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import pytest

from api import readers_csv
from api.readers import read_customers
from api.readers_csv import LONGEST_LINE
from api.readers_json import LARGEST_ITEM
from api.readers_rows import Customers, Row
from dsl.checker import compile_policy
from dsl.source import Source
from engine.facts import read_row
from policies.registry.files import FileProblem

POLICY = compile_policy(
    Source(
        """policy p
currency CNY
fact 订单额 (order_amount): money
fact listed: yes/no
fact discount: percent, default 0%
fact demands: list of text, default "none"
score s
  +1 when 订单额 > 5 and listed and discount > 1% and demands contains "x"
tiers t by s
  A from 1
  B otherwise
""".replace(', default "none"', "")
    )
)


def read(tmp_path: Path, name: str, data: bytes | str, *keep: str) -> Customers:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_customers(str(path), POLICY, keep)


def rows(tmp_path: Path, name: str, data: bytes | str, *keep: str) -> list[Row]:
    with read(tmp_path, name, data, *keep) as customers:
        return list(customers.rows)


def problems(found: list[Row]) -> list[tuple[int, str]]:
    return [(row.number, row.problem.messages("en")[0]) for row in found if row.problem]


# ---------------------------------------------------------------- JSON


@pytest.mark.parametrize(
    "text",
    [
        '{"order_amount": 1.10, "customer": "C1"}',
        '\ufeff\n {\n "order_amount":\n 1.10,\n "customer": "C1"}\n\n',
        '{"customer": "C1", "facts": {"order_amount": 1.10}}',
        '{"客户": "C1", "facts": {"order_amount": 1.10}}\n',
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a"])
def test_one_object(tmp_path: Path, name: str, text: str) -> None:
    with read(tmp_path, name, text) as customers:
        assert customers.single
        assert list(customers.rows) == [Row(1, "C1", {"order_amount": Decimal("1.10")})]


LINES = '{"order_amount": 1, "customer": 7}\n\n{"order_amount": 2}\r\n'


@pytest.mark.parametrize("name", ["a.ndjson", "a.jsonl", "a.json", "a"])
def test_one_object_a_line(tmp_path: Path, name: str) -> None:
    with read(tmp_path, name, LINES) as customers:
        assert not customers.single
        found = list(customers.rows)
    assert [(row.number, row.customer, dict(row.facts)) for row in found] == [
        (1, "7", {"order_amount": 1}),
        (3, None, {"order_amount": 2}),
    ]


def test_a_single_line_by_name_is_still_lines(tmp_path: Path) -> None:
    with read(tmp_path, "a.ndjson", '{"order_amount": 1}') as customers:
        assert not customers.single


def test_an_array(tmp_path: Path) -> None:
    text = json.dumps([{"order_amount": 1, "customer": 'a"],}{\\'}, {"demands": ["[", "x"]}, {}])
    found = rows(tmp_path, "a.json", text)
    assert [(row.number, row.customer, dict(row.facts)) for row in found] == [
        (1, 'a"],}{\\', {"order_amount": 1}),
        (2, None, {"demands": ["[", "x"]}),
        (3, None, {}),
    ]
    assert rows(tmp_path, "a.json", " [ ] ") == []


def test_bad_items_cost_only_themselves(tmp_path: Path) -> None:
    text = '[{"order_amount": 1}, {"order_amount": NaN}, {"a": 1, "a": 2}, 5, {"order_amount": 2}]'
    found = rows(tmp_path, "a.json", text)
    assert [number for number, _ in problems(found)] == [2, 3, 4]
    assert found[4].facts == {"order_amount": 2}
    found = rows(tmp_path, "a.ndjson", '{"order_amount": 1}\n{broken\n[]\n{"order_amount": 2}\n')
    assert [number for number, _ in problems(found)] == [2, 3]
    assert found[3].facts == {"order_amount": 2}


@pytest.mark.parametrize("text", ['[{"a": 1}', '[{"a": 1}] x', '[{"a": "', "[", '[{"a": 1},]'])
def test_an_array_that_breaks_off_is_reported(tmp_path: Path, text: str) -> None:
    assert rows(tmp_path, "a.json", text)[-1].problem


def test_endless_items_are_refused_and_the_next_read(tmp_path: Path) -> None:
    long = '{"order_amount": "' + "9" * LARGEST_ITEM + '"}'
    found = rows(tmp_path, "a.ndjson", long + '\n{"order_amount": 2}\n')
    assert [row.problem is None for row in found] == [False, True]
    found = rows(tmp_path, "a.json", f'[{long}, {{"order_amount": 2}}]')
    assert [row.problem is None for row in found] == [False, True]
    (only,) = rows(tmp_path, "a.json", long)
    assert only.problem


def test_json_nested_without_end_is_refused(tmp_path: Path) -> None:
    assert rows(tmp_path, "a.json", "[" * 100_000)[0].problem
    assert rows(tmp_path, "a.json", '{"a":' * 100_000)[0].problem


def test_names_that_are_no_facts_stay_to_be_refused_or_are_kept(tmp_path: Path) -> None:
    text = '{"order_amount": 1, "region": "east"}'
    assert rows(tmp_path, "a.json", text)[0].facts == {"order_amount": 1, "region": "east"}
    (kept,) = rows(tmp_path, "a.json", text, "region", "city")
    assert (kept.facts, kept.kept) == ({"order_amount": 1}, {"region": "east", "city": None})
    (beside,) = rows(tmp_path, "a.json", '{"facts": {}, "order_amount": 1}')
    assert beside.problem
    assert "`order_amount`" in beside.problem.messages("en")[0]


# ---------------------------------------------------------------- CSV

TABLE = '客户,订单额,listed,demands\nC1,"1,200.5",是,x;y\nC2,,0,\n'
EXPECTED = [("C1", {"order_amount": "1,200.5", "listed": "是", "demands": "x;y"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["a.csv", "a"])
def test_a_table_in_any_encoding(tmp_path: Path, encoding: str, ending: str, name: str) -> None:
    if name == "a" and encoding == "utf-16":
        name = "a.txt"
    found = rows(tmp_path, name, TABLE.replace("\n", ending).encode(encoding))
    assert [(row.number, row.customer) for row in found] == [(2, "C1"), (3, "C2")]
    first = read_row(POLICY, {key: str(cell) for key, cell in found[0].facts.items()})
    assert dict(first.known) == {
        "order_amount": Decimal("1200.5"),
        "listed": True,
        "demands": ("x", "y"),
        "discount": 0,
    }
    second = read_row(POLICY, {key: str(cell) for key, cell in found[1].facts.items()})
    assert dict(second.known) == {"listed": False, "discount": 0}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_recognised(tmp_path: Path, delimiter: str) -> None:
    text = delimiter.join(["name, and more", "customer", "order_amount"])
    text += "\n" + delimiter.join(['"x"', "C1", "5%"]) + "\n"
    if delimiter == ",":
        text = text.replace("name, and more", '"name, and more"')
    (row,) = rows(tmp_path, "a.csv", text, "name, and more")
    assert (row.customer, dict(row.facts), dict(row.kept)) == (
        "C1",
        {"order_amount": "5%"},
        {"name, and more": "x"},
    )


def test_a_comma_between_semicolons_is_asked_about(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "a.csv", "customer;order_amount\nC1;1,500\n")
    assert row.problem
    assert "can mean two things" in row.problem.messages("en")[0]


def test_columns_left_out_are_named_once(tmp_path: Path) -> None:
    with read(tmp_path, "a.csv", "order_amuont,Listed,order_amount,note\n1,yes,2,x\n") as customers:
        left_out, absent = customers.notes
        found = list(customers.rows)
    assert left_out[0] == (
        "columns left out: `order_amuont` (did you mean `order_amount`?), "
        "`Listed` (did you mean `listed`?), `note`"
    )
    assert "`demands`" in absent[0]
    assert "`discount`" not in absent[0]
    assert [dict(row.facts) for row in found] == [{"order_amount": "2"}]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\xef\xbb\xbf\r\n", "is empty"),
        ("a.csv", b"name,city\nx,y\n", "no column that is a fact"),
        (
            "a.csv",
            "order_amount,订单额\n1,2\n".encode(),
            "two columns for one thing, `order_amount` and `订单额`",
        ),
        ("a.csv", b"listed,listed\nyes,no\n", "two columns `listed`"),
        ("a.csv", b"customer,listed,customer\n1,no,2\n", "two columns `customer`"),
        ("a.csv", b"PK\x03\x04\x14\x00", "Excel workbook"),
        ("a.csv", bytes(range(256)) * 40, "not text"),
        ("a.csv", b"listed\nyes\0\n", "not text"),
        ("a.csv", "listed,name\nyes,Müller\n".encode("latin-1"), "not text"),
        ("a", b"\x7fELF\x02\x01\x01\x00\x00", "not text"),
        ("a.json", b"", "is empty"),
        ("a.ndjson", b" \n\n", "is empty"),
    ],
)
def test_useless_files_are_refused_whole(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    with pytest.raises(FileProblem, match=words):
        rows(tmp_path, name, data)


def test_a_column_to_keep_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="did you mean `region`"):
        read(tmp_path, "a.csv", "listed,region\nyes,east\n", "regoin")
    with pytest.raises(FileProblem, match="does not exist"):
        read_customers(str(tmp_path / "none.csv"), POLICY)
    with pytest.raises(FileProblem, match="is a folder"):
        read_customers(str(tmp_path), POLICY)


def test_bad_rows_cost_only_themselves(tmp_path: Path) -> None:
    long = "x" * (LONGEST_LINE * 10)
    text = f'customer,listed\nC1,yes\nC2\nC3,yes,no\n\nC5,yes,,\n,\nC7,{long}\nC8,no\n"C9"x,no\nC10,no\n'
    found = rows(tmp_path, "a.csv", text)
    assert [number for number, _ in problems(found)] == [3, 4, 8, 10]
    assert [row.customer for row in found if not row.problem] == ["C1", "C5", "C8", "C10"]
    assert "1 cell, and the header has 2" in problems(found)[0][1]


def test_a_quote_that_never_closes_does_not_swallow_memory(tmp_path: Path) -> None:
    found = rows(tmp_path, "a.csv", 'customer,listed\n"C1,yes\n' + "C2,no\n" * 100_000)
    assert found[0].problem
    assert found[-1].problem or found[-1].customer == "C2"


def test_rows_come_one_by_one(tmp_path: Path) -> None:
    """Memory stays where it is: the first row is there although the last is broken."""
    with read(tmp_path, "a.csv", "listed\n" + "yes\n" * 200_000) as customers:
        assert isinstance(customers.rows, Iterator)
        assert next(customers.rows).number == 2
        assert customers.size
        assert 0 < customers.position() < customers.size


class _Pipe(io.BytesIO):
    """Bytes that come once."""

    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("data", "count"), [(TABLE.encode("gb18030"), 2), (LINES.encode(), 2), (b'[{"listed": true}]', 1)]
)
def test_standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes, count: int) -> None:
    class Stdin:
        buffer = io.BufferedReader(_Pipe(data))

    monkeypatch.setattr(sys, "stdin", Stdin())
    with read_customers("-", POLICY) as customers:
        assert len(list(customers.rows)) == count


def test_endless_nothing_is_refused() -> None:
    """A device that never ends is no reason to read for ever."""
    with pytest.raises(FileProblem, match="not text"):
        read_customers("/dev/zero", POLICY)


def test_a_quote_that_is_not_closed_costs_one_row(tmp_path: Path) -> None:
    good = "".join(f"C{number},yes\n" for number in range(1, 1001))
    found = rows(tmp_path, "a.csv", 'customer,listed\n"C0,no\n' + good)
    assert [(number, text.split(":")[0]) for number, text in problems(found)] == [(2, "line 2")]
    assert [row.customer for row in found[1:]] == [f"C{number}" for number in range(1, 1001)]


@pytest.mark.parametrize(
    "later", ['"C3, Inc",no', 'C3,"no"', 'C3,""', '"a ""b""",no', '"two\nlines",no'], ids=str
)
def test_a_quote_that_closes_by_chance_costs_one_row(tmp_path: Path, later: str) -> None:
    found = rows(tmp_path, "a.csv", f'customer,listed\nC1,yes\n"C2,no\nC2b,no\n{later}\nC4,no\n')
    assert [number for number, _ in problems(found)] == [3]
    assert [row.customer for row in found if not row.problem][-1] == "C4"
    assert len(found) == 5


def test_a_cell_over_several_lines_is_one_cell(tmp_path: Path) -> None:
    found = rows(tmp_path, "a.csv", 'customer,listed\n"C\n1",yes\n"C,""\n\n2",no\n"C3,no\nC4,no\n')
    assert [(row.number, row.customer) for row in found if not row.problem] == [
        (2, "C\n1"),
        (3, 'C,""\n\n2'.replace('""', '"')),
        (5, "C4"),
    ]
    assert problems(found)[0][1].startswith("line 7: ")


def test_places_are_those_of_the_file(tmp_path: Path) -> None:
    lines = '{"order_amount": 1}\n\n {"order_amount": NaN}\n{"listed": 1,\n'
    array = '\ufeff \n[ {"客户": "甲"}, {"客户": "乙", "listed": NaN},\n  {"listed" 1},\n 1 2]'
    for name, text, places in (
        ("a.ndjson", lines, ["line 3, column 19", "line 5, column 1"]),
        ("a", lines, ["line 3, column 19", "line 5, column 1"]),
        ("a.json", array, ["line 2, column 38", "line 3, column 13", "line 4, column 4"]),
    ):
        found = [row.problem for row in rows(tmp_path, name, text) if row.problem]
        assert [each.messages("en")[0].split(":")[0] for each in found] == places
        assert all(each.json and each.messages("zh")[0].startswith("第 ") for each in found)


def test_what_came_through_a_pipe_is_closed_where_it_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    spooled: list[BinaryIO] = []
    keep = readers_csv._spooled

    def watched(file: BinaryIO) -> BinaryIO:
        spooled.append(keep(file))
        return spooled[-1]

    monkeypatch.setattr(readers_csv, "_spooled", watched)
    pipe, end = os.pipe()
    with os.fdopen(end, "wb") as writer:
        writer.write(b"PK\x03\x04 an Excel workbook")
    with os.fdopen(pipe, "rb") as reader, pytest.raises(FileProblem):
        readers_csv.read_csv(reader, "standard input", POLICY, (), None)
    assert [file.closed for file in spooled] == [True]
