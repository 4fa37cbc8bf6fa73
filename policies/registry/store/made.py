"""What a new store consists of on SQLite, as the steps of the schema make it: what a verification holds a store's parts against.

SQLite keeps the very text by which a trigger or an index was made. So the same steps are taken once in memory, and the
texts compared: whatever differs was not made by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from sqlalchemy import Connection, create_engine, text

from policies.registry.store.schema import migrate
from policies.registry.store.tables import metadata

Part = Literal["trigger", "index"]


@cache
def _new() -> Mapping[Part, Mapping[str, str]]:
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            migrate(connection)
            return {"trigger": parts(connection, "trigger"), "index": parts(connection, "index")}
    finally:
        engine.dispose()


def made(part: Part) -> Mapping[str, str]:
    """The statements of all triggers or indexes that the steps make, by name."""
    return _new()[part]


def parts(connection: Connection, part: Part) -> Mapping[str, str]:
    """The statements of all triggers or indexes of our tables that a database of SQLite's has, by name.

    Indexes without a statement come with the table's own, for its keys.
    """
    query = text("select name, tbl_name, sql from sqlite_master where type = :part and sql is not null")
    return {
        name: folded(statement)
        for name, table, statement in connection.execute(query, {"part": part})
        if table.lower() in metadata.tables  # a trigger's is kept as whoever made it spelled it
    }


def folded(statement: str) -> str:
    """A statement, however it was spaced."""
    return " ".join(statement.split())
