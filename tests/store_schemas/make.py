"""Writes what a store of today's schema holds, as `STEP.sql` in this folder: the data for tests of later steps.

Run once when a step is added, and keep what it wrote: `python -m tests.store_schemas.make`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sqlalchemy import create_engine, text

from policies.registry.store import tables
from policies.registry.store.connect import Store, open_store
from policies.registry.store.publications import approve_and_publish, publish
from policies.registry.store.texts import Use
from policies.registry.store.workflow import approve, create, reject, rollback, submit, withdraw
from tests.store import POLICY, Clock, published
from tests.store import text as policy

PACK = 'policy pack "Pack"\nfact region: one of north, south "Region"\n'
USING = 'policy using "Uses"\nuse "pack.tier"\ntiers level\n  A when region is north\n  B otherwise\n'


def fill(store: Store, clock: Clock) -> None:
    """Versions (one scheduled, one rolled back, one that uses another text) and drafts in every state."""
    published(store)
    clock.later(days=1)
    published(store, policy(label="关键客户 100%"), start=date(2026, 9, 1))
    clock.later(days=1)
    draft = rollback(store, "grading", 1, "bob", "the new one is wrong")
    approve_and_publish(store, draft.id, draft.revision, "ann", start=date(2026, 9, 1), comment="it's urgent")
    draft = create(store, USING, "ann", uses=[Use("pack.tier", PACK)])
    draft = submit(store, draft.id, draft.revision, "ann", "uses; and more")
    draft = approve(store, draft.id, draft.revision, "bob")
    publish(store, draft.id, draft.revision, "bob")
    create(store, "not yet a policy", "cai")
    draft = create(
        store, POLICY, "cai", tests="tests:\n  - {name: a, given: {orders: 1}, expect: {grade: B}}\n"
    )
    draft = submit(store, draft.id, draft.revision, "cai", "why not")
    reject(store, draft.id, draft.revision, "bob", "not now")
    draft = create(store, POLICY, "cai")
    withdraw(store, draft.id, draft.revision, "cai")
    draft = create(store, POLICY, "cai")
    submit(store, draft.id, draft.revision, "cai", "again")


def statements(store: Store) -> Iterator[str]:
    """Every row as an INSERT; the heads of the chains, which the first step makes, as an UPDATE."""
    engine = create_engine(store.engine.url)
    with engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(text(f"select * from {table.name}")).mappings():
                if table.name == "chain_heads":
                    yield f"update chain_heads set seq = {row['seq']}, hash = {_literal(row['hash'])}" + (
                        f" where name = {_literal(row['name'])}"
                    )
                else:
                    values = ", ".join(map(_literal, row.values()))
                    yield f"insert into {table.name} ({', '.join(map(str, row))}) values ({values})"
    engine.dispose()


def _literal(value: object) -> str:
    if value is None:
        return "null"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        store = open_store(f"sqlite:///{folder}/store.db", clock=clock)
        fill(store, clock)
        written = ";\n".join(statements(store)) + ";\n"
        store.close()
    Path(__file__).with_name(f"{tables.SCHEMA}.sql").write_text(written, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
