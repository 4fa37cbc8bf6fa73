"""The triggers that keep rows from being changed: that they are all there, do what they did, and that there is nothing beside them.

Without them nothing is changed yet, but whatever has a connection could; and a trigger or a rule of somebody's own changes
what is written while it is. Whoever owns the database can take them away and put them back; what was done meanwhile shows in
the rows (`verify`), not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, Text, TextClause, bindparam, text

from policies.registry.store.findings import Finding
from policies.registry.store.made import folded, made, parts
from policies.registry.store.tables import metadata

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

# What a foreign key needs is made with it, and is the server's own.
_TRIGGERS = """
select c.relname, t.tgname, t.tgtype::int, p.prosrc,
       t.tgenabled in ('O', 'A') and t.tgqual is null and t.tgattr::text = '' and t.tgnargs = 0
       and p.proname = 'refuse_change' and p.pronamespace = c.relnamespace and l.lanname = 'plpgsql'
  from pg_trigger t
  join pg_class c on c.oid = t.tgrelid
  join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
  join pg_proc p on p.oid = t.tgfoid
  join pg_namespace pn on pn.oid = p.pronamespace
  join pg_language l on l.oid = p.prolang
 where c.relname in :tables and not (pn.nspname = 'pg_catalog' and starts_with(p.proname, 'RI_FKey_'))
 order by c.relname, t.tgname
"""
# What makes of a statement another, or leaves rows out of its answer.
_RULES = """
select c.relname, r.name
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
  join (select ev_class as oid, rulename as name from pg_rewrite
        union all select polrelid, polname from pg_policy
        union all select oid, 'row level security' from pg_class where relrowsecurity) r on r.oid = c.oid
 where c.relname in :tables
 order by c.relname, r.name
"""


def unguarded(connection: Connection) -> Iterator[Finding]:
    """The triggers that are missing, switched off or refuse nothing any more, and those that nobody here makes."""
    if connection.dialect.name == "postgresql":
        yield from _on_postgresql(connection)
        yield from _rules(connection)
    else:
        yield from _on_sqlite(connection)


def _on_sqlite(connection: Connection) -> Iterator[Finding]:
    there = dict(parts(connection, "trigger"))
    for name, statement in made("trigger").items():
        if there.pop(name, None) != statement:
            yield _missing(name)
    yield from map(_added, there)


def _on_postgresql(connection: Connection) -> Iterator[Finding]:
    from policies.registry.store.migrations.append_only import REFUSAL

    wanted = {
        (table, f"{table}_keeps"): BEFORE + BITS["truncate"] + sum(BITS[change] for change in changes)
        for table, changes in KEPT.items()
    }
    working, others = set(), []
    for table, name, type, source, in_force in connection.execute(_of_ours(_TRIGGERS)):
        if (table, name) not in wanted:
            others.append(name)
        elif in_force and type == wanted[table, name] and folded(source) == folded(REFUSAL):
            working.add((table, name))
    yield from (_missing(name) for table, name in wanted if (table, name) not in working)
    yield from map(_added, others)


def _rules(connection: Connection) -> Iterator[Finding]:
    for table, name in connection.execute(_of_ours(_RULES)):
        yield Finding(
            "added",
            "rules",
            0,
            f"`{table}` has a rule that nobody here makes: `{name}`",
            f"`{table}` 带有并非本系统建立的规则 `{name}`",
        )


def _of_ours(query: str) -> TextClause:
    tables = list(metadata.tables)
    return text(query).bindparams(bindparam("tables", tables, Text, expanding=True))


def _missing(trigger: str) -> Finding:
    table = trigger.partition("_")[0]
    return Finding(
        "removed",
        "triggers",
        0,
        f"the trigger `{trigger}`, which keeps `{table}` as it is, is not there or does not work",
        f"保护 `{table}` 不被改动的触发器 `{trigger}` 缺失或不起作用",
    )


def _added(trigger: str) -> Finding:
    return Finding(
        "added",
        "triggers",
        0,
        f"the trigger `{trigger}` is none that anybody here makes",
        f"触发器 `{trigger}` 并非本系统建立",
    )
