"""What a verification finds, and how it reads rows that somebody may have made unreadable.

    changed     a row does not fit its own hash, or a payload or a text its: a byte is not what it was; SQLite finds a table damaged
    broken      a row was not linked to the one that stands before it now: something was put in, taken out or moved
    removed     numbers are missing, a payload is gone without an erasure, a version, a text, a draft, a trigger, an index is not there
    added       something stands there that no event tells of, or outside its chain, or again after its erasure; a trigger or an
                index that nobody here makes
    unapproved  a version was published that is not what its author handed in and others approved
    end         the chain does not end as its head says, or has no head

SQLite keeps whatever is written into a column, PostgreSQL any text: nothing about a row is sure before it was looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, Table
from sqlalchemy.exc import NoResultFound, OperationalError

from dsl.diagnostics import Lang
from dsl.records import record

Kind = Literal["changed", "broken", "removed", "added", "unapproved", "end"]


@record
class Finding:
    """Something that is not as it was written. `table` and `seq` say where.

    `versions` have their event's number, `drafts` and `api_keys` their own, `texts` that are changed, `secrets`, whole tables and
    what belongs to them (`triggers`, `rules`, `indexes`) 0.
    """

    kind: Kind
    table: str
    seq: int
    en: str
    zh: str

    def message(self, lang: Lang = "en") -> str:
        """The sentence in one language."""
        return self.en if lang == "en" else self.zh


def found(kind: Kind, table: str, seq: int, en: str, zh: str) -> Finding:
    """A finding about the row with a number: `records` 5 …"""
    return Finding(kind, table, seq, f"`{table}` {seq} {en}", f"`{table}` {seq} {zh}")


class Unreadable(Exception):
    """A row holds what nobody has written there: no date, no number, no text, no such payload."""


@contextmanager
def reading_rows(connection: Connection) -> Iterator[None]:
    """Raises `Unreadable` where a value cannot be read; what the database cannot do passes."""
    try:
        yield
    except (ValueError, TypeError, AttributeError, NoResultFound) as error:
        raise Unreadable from error  # not found again by its key, either: an index that leads astray
    except OperationalError as error:
        # SQLite's driver gives a text that is no UTF-8 any more, without SQLite's word for an error.
        if connection.dialect.name != "sqlite" or getattr(error.orig, "sqlite_errorname", None) is not None:
            raise
        raise Unreadable from error


def plain(row: RowMapping, table: Table) -> dict[str, Any]:
    """The row by its columns' names, if each holds what it is for; a column that is not the table's own is a text, or nothing.

    Raises `Unreadable`; SQLite gives bytes, a fraction, a number for a text, where somebody has put them.
    """
    fields = {str(name): value for name, value in row.items()}
    for name, value in fields.items():
        column = table.c.get(name)
        kind, may_lack = (str, True) if column is None else (column.type.python_type, column.nullable)
        if type(value) is not kind and not (value is None and may_lack):
            raise Unreadable
    return fields


def payload_of(text: object) -> Mapping[str, Any]:
    """The payload of an event. Raises `Unreadable` for what is no object of JSON."""
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    if not isinstance(value, dict):
        raise Unreadable
    return value
