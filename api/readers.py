"""Customers' facts out of files: JSON, one JSON object a line (NDJSON), and CSV as spreadsheets write it.

Files may be larger than memory, so every reader yields one customer after the other and keeps none. A row
that cannot be read is yielded too, with what is wrong with it: the others are decided all the same. Only what
makes the whole file useless (it cannot be opened, it is no text, no column is a fact) raises `FileProblem`.

Which form a file has, its name says (`.json`, `.ndjson`, `.jsonl`, `.csv`, `.tsv`); else its first character
does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any, Literal, cast

from api.readers_rows import Customers
from dsl.model import CheckedPolicy
from policies.registry.files import FileProblem, unreadable

CHUNK = 64 * 1024
BOM = b"\xef\xbb\xbf"

Form = Literal["csv", "array", "object", "lines"]


def read_customers(path: str, policy: CheckedPolicy, keep: Sequence[str] = ()) -> Customers:
    """The customers in a file, or on standard input for `-`; `keep` names columns to carry over.

    Raises `FileProblem` where the file as a whole is useless.
    """
    file, size = _open(path)
    try:
        return _read(file, size, path, policy, keep)
    except BaseException:
        file.close()
        raise


def _read(
    file: BufferedReader, size: int | None, path: str, policy: CheckedPolicy, keep: Sequence[str]
) -> Customers:
    name = "standard input" if path == "-" else path
    start = file.peek(CHUNK)[:CHUNK].removeprefix(BOM).lstrip()
    if not start:
        raise FileProblem(name, "is empty", "是空的")
    form = _form(path, start)
    if form == "csv":
        from api.readers_csv import read_csv

        return read_csv(file, name, policy, keep, size)
    from api.readers_json import read_json

    return read_json(file, policy, keep, size, form)


def _open(path: str) -> tuple[BufferedReader[Any], int | None]:
    """The file, and its size where it has one."""
    if path == "-":
        return cast(BufferedReader, sys.stdin.buffer), None
    try:
        file = BufferedReader(FileIO(path), CHUNK)  # stays open: its rows are read later
        file.peek(1)
        return file, os.fstat(file.fileno()).st_size or None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def _form(path: str, start: bytes) -> Form:
    """The form of a file, by its name or by its first characters; `object` is one, or one a line."""
    suffix = "" if path == "-" else Path(path).suffix.lower()
    if suffix in (".csv", ".tsv", ".txt"):
        return "csv"
    if suffix in (".ndjson", ".jsonl"):
        return "lines"
    if start[:1] == b"[":
        return "array"
    return "object" if start[:1] == b"{" or suffix == ".json" else "csv"
