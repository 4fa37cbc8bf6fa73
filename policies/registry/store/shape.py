"""The tables themselves: that they have their columns, that their indexes are ours, and on SQLite that they agree with the rows.

A search reads an index and then only the rows that it leads to. So an index that leaves rows out, or another one that the
database prefers, hides them from every search and export, though each row is as it was written. SQLite's own check
(`integrity_check`) goes through every index against its table. PostgreSQL has the like only beside it (`pg_amcheck`): there
the definitions alone are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, bindparam, text

from policies.registry.store.connect import Store, reading
from policies.registry.store.findings import Finding
from policies.registry.store.made import folded, made, parts
from policies.registry.store.tables import metadata

_COLUMNS_OF_SQLITE = "select name from pragma_table_info(:table)"
_COLUMNS_OF_POSTGRESQL = "select column_name from information_schema.columns where table_schema = current_schema() and table_name = :table"
_INDEXES_OF_POSTGRESQL = """
select indexname, indexdef, current_schema() from pg_indexes
 where schemaname = current_schema() and tablename in :tables
"""


def columns_missing(store: Store) -> Iterator[Finding]:
    """The tables that have lost a column, or have it by another name: nothing can be read from them.

    One that is not there at all is for whoever reads it to say (`faults.MOVED`).
    """
    query = text(_COLUMNS_OF_SQLITE if store.file is not None else _COLUMNS_OF_POSTGRESQL)
    with reading(store) as connection:
        for name, table in metadata.tables.items():
            there = set(connection.execute(query, {"table": name}).scalars())
            if missing := [f"`{column.name}`" for column in table.c if there and column.name not in there]:
                listed, zh = ", ".join(missing), "、".join(missing)
                yield Finding(
                    "changed", name, 0, f"`{name}` lacks columns: {listed}", f"`{name}` 缺少列：{zh}"
                )


# ---------------------------------------------------------------- indexes


def indexes_as_made(store: Store) -> Iterator[Finding]:
    """The indexes that are missing, others than were made, or that nobody here makes."""
    with reading(store) as connection:
        wanted, there = _on_postgresql(connection) if store.file is None else _on_sqlite(connection)
    for name in sorted(wanted.keys() | there.keys()):
        match wanted.get(name), there.get(name):
            case one, other if one == other:
                continue
            case _, None:
                yield Finding(
                    "removed", "indexes", 0, f"the index `{name}` is not there", f"索引 `{name}` 缺失"
                )
            case None, _:
                yield Finding(
                    "added",
                    "indexes",
                    0,
                    f"the index `{name}` is none that anybody here makes",
                    f"索引 `{name}` 并非本系统建立",
                )
            case _:
                yield Finding(
                    "changed", "indexes", 0, f"the index `{name}` is another", f"索引 `{name}` 被改动"
                )


def _on_sqlite(connection: Connection) -> tuple[Mapping[str, str], Mapping[str, str]]:
    return made("index"), parts(connection, "index")


def _on_postgresql(connection: Connection) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What should be there and what is, as PostgreSQL prints it, without the quotes that some names need in some versions."""
    tables = bindparam("tables", list(metadata.tables), Text, expanding=True)
    found = connection.execute(text(_INDEXES_OF_POSTGRESQL).bindparams(tables)).all()
    there = {name: folded(definition.replace('"', "")) for name, definition, _ in found}
    schema = next((schema for _, _, schema in found), "")
    wanted: dict[str, str] = {}
    for table in metadata.tables.values():
        wanted |= _printed(table, schema)
    return wanted, there


def _printed(table: Table, schema: str) -> Mapping[str, str]:
    indexes: list[tuple[object, bool, Iterable[Column[Any]]]] = [
        (each.name, each.unique, each.columns) for each in table.indexes
    ]
    indexes.append((table.primary_key.name, True, table.primary_key.columns))
    return {
        str(name): f"CREATE {'UNIQUE ' if unique else ''}INDEX {name} ON {schema}.{table.name} USING btree"
        f" ({', '.join(column.name for column in columns)})"
        for name, unique, columns in indexes
    }


# ---------------------------------------------------------------- SQLite's own check


def tables_sound(store: Store) -> Iterator[Finding | None]:
    """What SQLite finds wrong with its tables and their indexes, in its own words; None after each table."""
    if store.file is None:
        return
    for table in metadata.tables:
        with reading(store) as connection:
            told = connection.exec_driver_sql(f"pragma integrity_check({table})").scalars().all()
        for sentence in told:
            if sentence != "ok":
                yield Finding(
                    "changed",
                    table,
                    0,
                    f"`{table}` is damaged, SQLite says: {sentence}",
                    f"`{table}` 已损坏，SQLite 报告：{sentence}",
                )
        yield None
