"""The triggers that keep rows from being changed: that they are all there, and do what they did.

Without them nothing is changed yet, but whatever has a connection could. Whoever owns the database can take them away
and put them back; what was done meanwhile shows in the rows (`verify`), not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, text

from policies.registry.store.findings import Finding

# Which rows only grow, and the changes that are refused; a payload may be erased, never changed.
KEPT: Mapping[str, tuple[str, ...]] = {
    "texts": ("update", "delete"),
    "versions": ("update", "delete"),
    "events": ("update", "delete"),
    "records": ("update", "delete"),
    "payloads": ("update",),
}

# PostgreSQL's bits for what a trigger comes before (pg_trigger.tgtype); none of ours is for each row.
BEFORE = 2
BITS = {"delete": 8, "update": 16, "truncate": 32}

_OF_POSTGRESQL = """
select c.relname, t.tgname, t.tgtype::int from pg_trigger t
  join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
 where c.relnamespace = current_schema()::regnamespace and t.tgenabled in ('O', 'A') and t.tgqual is null
   and p.proname = 'refuse_change' and p.prosrc like '%raise exception%restrict_violation%'
"""


def unguarded(connection: Connection) -> Iterator[Finding]:
    """The tables of which a trigger is missing, is switched off or refuses nothing any more."""
    working = (
        _on_postgresql(connection) if connection.dialect.name == "postgresql" else _on_sqlite(connection)
    )
    for table, changes in KEPT.items():
        for trigger in _wanted(connection, table, changes):
            if trigger not in working:
                yield Finding(
                    "removed",
                    "triggers",
                    0,
                    f"the trigger `{trigger}`, which keeps `{table}` as it is, is not there or does not work",
                    f"保护 `{table}` 不被改动的触发器 `{trigger}` 缺失或不起作用",
                )


def _wanted(connection: Connection, table: str, changes: tuple[str, ...]) -> tuple[str, ...]:
    if connection.dialect.name == "postgresql":
        return (f"{table}_keeps",)
    return tuple(f"{table}_no_{change}" for change in (*changes, "replace"))


def _on_postgresql(connection: Connection) -> set[str]:
    wanted = {
        (table, f"{table}_keeps", BEFORE + BITS["truncate"] + sum(BITS[change] for change in changes))
        for table, changes in KEPT.items()
    }
    there = {(table, name, type) for table, name, type in connection.execute(text(_OF_POSTGRESQL))}
    return {name for _, name, _ in there & wanted}


def _on_sqlite(connection: Connection) -> set[str]:
    """Those that still begin and end as they were made: before the change, and with no way round the refusal."""
    there = connection.execute(text("select name, tbl_name, sql from sqlite_master where type = 'trigger'"))
    working = set()
    for name, table, statement in there:
        for change in (*KEPT.get(table, ()), "replace"):
            event = "insert" if change == "replace" else change
            start = f"create trigger {table}_no_{change} before {event} on {table} "
            rest = str(statement).lower().removeprefix(start)
            # A condition of one's own would let changes by; only the one against REPLACE has any.
            middle = "when exists (" if change == "replace" else "begin select raise(abort, "
            if name == f"{table}_no_{change}" and rest != str(statement).lower() and rest.startswith(middle):
                working.add(name)
    return working
