"""Customers out of CSV, as spreadsheets in China and elsewhere write it.

Recognised, not asked for: UTF-8 with or without a byte order mark, GB18030, UTF-16 with its mark; commas,
semicolons or tabs between the cells. A column is a fact where its heading is the fact's name or alias; other
columns are left out, and said to be. The file is read twice, once to recognise its encoding and once for its
rows, so that memory does not grow with it.
"""

from __future__ import annotations

import codecs
import csv
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from typing import BinaryIO, cast

from api.readers_rows import CUSTOMER, Customers, Row, RowProblem, row_problem
from dsl.decoding import looks_like_gb18030
from dsl.diagnostics import nearest
from dsl.model import CheckedPolicy
from dsl.types import Kind
from engine.facts import facts_by_name
from engine.facts_problems import pointer, shorten, shown
from policies.registry.files import FileProblem

CHUNK = 1024 * 1024
# In characters: one line, and so the most of a file that is ever held.
LONGEST_LINE = 1024 * 1024
# Up to here what comes through a pipe is kept in memory while its encoding is looked for, above on disk.
IN_MEMORY = 16 * 1024 * 1024
SAMPLE = 64 * 1024

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
DELIMITERS = (",", ";", "\t")


def read_csv(
    file: BufferedReader, name: str, policy: CheckedPolicy, keep: Sequence[str], size: int | None
) -> Customers:
    """The customers in a table. Raises `FileProblem` where it is no text, or no column is a fact."""
    whole: BinaryIO = file if file.seekable() else _spooled(file)
    try:
        text = TextIOWrapper(cast(BufferedReader, whole), _encoding(whole, name), newline="")
        lines, header, delimiter = _header(text, policy)
        columns = _columns(header, policy, keep, name)
    except BaseException:
        whole.close()
        raise
    rows = _rows(lines, delimiter, columns)
    return Customers(
        rows, notes=_notes(header, columns, policy), size=size, position=whole.tell, close=text.close
    )


def _spooled(file: BinaryIO) -> BinaryIO:
    spool = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - read until the last row is
    shutil.copyfileobj(file, spool, CHUNK)
    spool.seek(0)
    return cast(BinaryIO, spool)


# ---------------------------------------------------------------- bytes


def _encoding(file: BinaryIO, name: str) -> str:
    """The encoding of a file, which stands at its beginning afterwards."""
    head = file.read(SAMPLE)
    if head.startswith(WORKBOOKS):
        raise FileProblem(
            name,
            "is an Excel workbook; save it as CSV (UTF-8) and use that file",
            "是 Excel 工作簿；请另存为 CSV（UTF-8）后再使用",
        )
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and _decodes(file, "utf-16"):
        found = "utf-16"
    elif b"\0" not in head and _decodes(file, "utf-8"):
        found = "utf-8-sig"
    elif b"\0" not in head and looks_like_gb18030(_sample(file)) and _decodes(file, "gb18030"):
        found = "gb18030"
    else:
        raise FileProblem(
            name,
            "is not text in UTF-8 or GB18030; save it as CSV (UTF-8) and use that file",
            "不是 UTF-8 或 GB18030 文本；请另存为 CSV（UTF-8）后再使用",
        )
    file.seek(0)
    return found


def _decodes(file: BinaryIO, encoding: str) -> bool:
    """Whether the whole file is text in an encoding; a NUL never is."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            if "\0" in decoder.decode(chunk):
                return False
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _sample(file: BinaryIO) -> bytes:
    """Some whole lines that are not ASCII."""
    file.seek(0)
    found: list[bytes] = []
    taken = 0
    while taken < SAMPLE and (line := file.readline(LONGEST_LINE)):
        if not line.isascii():
            found.append(line)
            taken += len(line)
    return b"".join(found)


# ---------------------------------------------------------------- the header


@dataclass(frozen=True, slots=True)
class _Columns:
    """What stands where, of `count` columns: facts by their keys, who it is, and what is carried over."""

    count: int
    facts: tuple[tuple[int, str, Kind], ...]
    customer: int | None
    kept: tuple[tuple[int, str], ...]


def _header(text: TextIOWrapper, policy: CheckedPolicy) -> tuple[_Lines, list[str], str]:
    """The lines behind the header, the headings and the delimiter.

    It is the delimiter under which most headings are known; else the one that gives most columns.
    """
    known = {*facts_by_name(policy), *CUSTOMER}
    first = text.readline(LONGEST_LINE)
    best: tuple[int, int] = (-1, -1)
    delimiter = ","
    for candidate in DELIMITERS:
        cells = _headings([first], candidate)
        score = (len(known.intersection(cells)), len(cells))
        if score > best:
            best, delimiter = score, candidate
    text.seek(0)
    lines = _Lines(text)
    headings = _headings(lines, delimiter)
    lines.done()
    return lines, headings, delimiter


def _headings(lines: Sequence[str] | _Lines, delimiter: str) -> list[str]:
    try:
        return [" ".join(cell.split()) for cell in next(csv.reader(lines, delimiter=delimiter), [])]
    except (csv.Error, _TooLong):
        return []


def _columns(header: list[str], policy: CheckedPolicy, keep: Sequence[str], name: str) -> _Columns:
    names = {word: fact.key for word, fact in facts_by_name(policy).items()}
    where: dict[str, int] = {}
    for at, heading in enumerate(header):
        what = names.get(heading, "\0customer" if heading in CUSTOMER else "\0" + heading)
        if heading and what in where and (heading in names or heading in CUSTOMER or heading in keep):
            raise _twice(name, header[where[what]], heading)
        where.setdefault(what, at)
    facts = tuple((at, key, policy.facts[key].type.kind) for key, at in where.items() if key in policy.facts)
    if not facts:
        raise FileProblem(
            name,
            f"has no column that is a fact of `{policy.name}`; its first row must name them: {_some(names)}",
            f"没有任何一列是 `{policy.name}` 的指标；首行应写指标名：{_some(names)}",
        )
    for wanted in keep:
        if wanted not in header:
            hint = nearest(wanted, header) or ("", "")
            raise FileProblem(
                name,
                f"has no column `{wanted}` to keep{'; ' if hint[0] else ''}{hint[0]}",
                f"没有可保留的列 `{wanted}`{'；' if hint[1] else ''}{hint[1]}",
            )
    kept = tuple((header.index(wanted), wanted) for wanted in keep)
    return _Columns(len(header), facts, where.get("\0customer"), kept)


def _twice(name: str, first: str, second: str) -> FileProblem:
    if first == second:
        return FileProblem(name, f"has two columns `{first}`", f"有两列 `{first}`")
    return FileProblem(
        name,
        f"has two columns for one thing, `{first}` and `{second}`",
        f"有两列表示同一内容：`{first}` 与 `{second}`",
    )


def _notes(header: list[str], columns: _Columns, policy: CheckedPolicy) -> tuple[tuple[str, str], ...]:
    """What a person should know of the columns: those left out, and facts that have none."""
    used = {at for at, *_ in (*columns.facts, *columns.kept)} | {columns.customer}
    known = [*facts_by_name(policy), *CUSTOMER]
    notes = []
    strange = [heading for at, heading in enumerate(header) if at not in used and heading]
    if strange:
        pairs = [(f"`{word}`", nearest(word, known)) for word in strange]
        english = ", ".join(word + (f" ({hint[0]})" if hint else "") for word, hint in pairs)
        chinese = "、".join(word + (f"（{hint[1]}）" if hint else "") for word, hint in pairs)
        notes.append((f"columns left out: {english}", f"未使用的列：{chinese}"))
    present = {key for _, key, _ in columns.facts}
    absent = [fact.name for fact in policy.facts.values() if fact.key not in present and fact.default is None]
    if absent:
        words = ", ".join(f"`{word}`" for word in absent)
        notes.append(
            (f"unknown for everybody, having no column: {words}", f"没有对应的列、视为未知的指标：{words}")
        )
    return tuple(notes)


def _some(names: Sequence[str] | dict[str, str], most: int = 8) -> str:
    words = [f"`{word}`" for word in names]
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")


# ---------------------------------------------------------------- the rows


class _TooLong(Exception):
    """A line beyond `LONGEST_LINE`, of which the rest has been skipped, or a record beyond it."""


class _Lines:
    """The lines of a text, none longer than `LONGEST_LINE`; after a longer one it goes on with the next.

    The lines of the record that is being read are kept, so that after a record that turns out to be none,
    reading goes on behind its first line. `line` is where that one stands, from 1.
    """

    def __init__(self, text: TextIOWrapper) -> None:
        self._text = text
        self._record: list[str | None] = []  # None for a line that is too long
        self._ahead: deque[str | None] = deque()
        self._room = LONGEST_LINE
        self.line = 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else self._read()
        if line == "":
            raise StopIteration
        self._record.append(line)
        self._room -= LONGEST_LINE if line is None else len(line)
        if line is None or (self._room < 0 and len(self._record) > 1):
            raise _TooLong
        return line

    def _read(self) -> str | None:
        line = self._text.readline(LONGEST_LINE)
        if len(line) < LONGEST_LINE or line.endswith(("\n", "\r")):
            return line
        while (rest := self._text.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
            pass
        return None

    @property
    def several(self) -> bool:
        """Whether the record that was read runs over more than one line."""
        return len(self._record) > 1

    def done(self) -> None:
        """What was read is a record; the next begins behind it."""
        self.line += len(self._record)
        self._record.clear()
        self._room = LONGEST_LINE

    def back(self) -> None:
        """What was read is no record; the next begins behind its first line."""
        self._ahead.extendleft(reversed(self._record[1:]))
        del self._record[1:]
        self.done()


def _rows(lines: _Lines, delimiter: str, columns: _Columns) -> Iterator[Row]:
    """The rows behind the header.

    A quotation mark that nobody closed would make one cell of all that follows. Where a record that runs over
    several lines is none, only its first line is at fault, and the others are read again as they stand.
    """
    number = 1
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number += 1
        line = lines.line
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_TooLong, csv.Error) as error:
            long = isinstance(error, _TooLong) and not lines.several
            yield Row(number, problem=_too_long() if long else _not_closed(line))
            lines.back()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        row = _row(number, cells, columns, delimiter) if any(cell.strip() for cell in cells) else None
        if lines.several and len(cells) != columns.count:
            row = Row(number, problem=_not_closed(line))
            lines.back()
        else:
            lines.done()
        if row is not None:
            yield row


def _too_long() -> RowProblem:
    sentence = f"the row has more than {LONGEST_LINE:,} characters", f"该行超过 {LONGEST_LINE:,} 个字符"
    return row_problem("row_too_long", sentence)


def _not_closed(line: int) -> RowProblem:
    return row_problem(
        "quote_not_closed",
        (
            f"line {line}: a quotation mark is not closed, or a cell is too long",
            f"第 {line} 行：引号没有闭合，或单元格过长",
        ),
        (
            'close the mark at the end of its cell; inside a cell in quotes write `""` for a quotation mark',
            '请在单元格末尾闭合引号；带引号的单元格内，引号写作 `""`',
        ),
    )


def _row(number: int, cells: list[str], columns: _Columns, delimiter: str) -> Row:
    while len(cells) > columns.count and not cells[-1].strip():
        cells.pop()
    if len(cells) != columns.count:
        return Row(number, problem=_cells(len(cells), columns.count))
    if delimiter == ";":
        for at, key, kind in columns.facts:
            if kind.numeric and "," in cells[at]:
                return Row(number, problem=_comma(key, cells[at].strip()))
    customer = "" if columns.customer is None else cells[columns.customer].strip()
    return Row(
        number,
        customer or None,
        {key: cells[at] for at, key, _ in columns.facts},
        {name: cells[at] or None for at, name in columns.kept},
        cells=True,
    )


def _cells(count: int, wanted: int) -> RowProblem:
    cells = f"{count} cell{'' if count == 1 else 's'}"
    return row_problem(
        "wrong_number_of_cells",
        (f"it has {cells}, and the header has {wanted}", f"本行有 {count} 个单元格，而表头有 {wanted} 个"),
        (
            "give every column a cell, an empty one where nothing is known; a cell with a comma in it stands in quotes",
            "每列都要有单元格，未知的留空；含逗号的单元格须加引号",
        ),
        expected=(f"{wanted} cell{'' if wanted == 1 else 's'}", f"{wanted} 个单元格"),
        got=str(count),
    )


def _comma(key: str, cell: str) -> RowProblem:
    """With semicolons between the cells, `1,500` is one and a half to some and fifteen hundred to others."""
    word = shorten(cell)
    return row_problem(
        "comma_in_number",
        (
            f"`{word}`: with `;` between the cells a comma in a number can mean two things",
            f"`{word}`：以 `;` 分隔单元格时，数字中的逗号有两种读法",
        ),
        (
            "write `.` for the decimal point, and nothing between the thousands",
            "小数点请写 `.`，千位之间不加符号",
        ),
        at=pointer(key),
        got=shown(cell),
    )
