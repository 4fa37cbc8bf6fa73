"""Making the tables, and moving an older schema to the newest, when a store is opened.

The common case, a store that is up to date, costs one look. The steps themselves are Alembic's (`migrations/`). All
that are missing run in one transaction, under a lock: of several workers that start at once one does the work and the
others find it done.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from policies.registry.store.connect import Store, missing, writing
from policies.registry.store.faults import DAMAGED, guarded, unavailable
from policies.registry.store.problems import StoreError
from policies.registry.store.tables import SCHEMA, chain_heads

if TYPE_CHECKING:  # imported where a step is to be taken: it takes longer than the rest of opening a store
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"

# What PostgreSQL's lock for a move of the schema is known by: any number that nobody else takes.
LOCK = 7_139_460_238_471


def prepare(store: Store, *, create: bool) -> None:
    """Sees that a store has the newest schema.

    Raises `StoreError` where it has none and `create` does not allow making one, and where it has a newer one.
    """
    with guarded(store.url), store.engine.connect() as connection:
        found = schema_of(connection)
    if found == SCHEMA:
        return
    if found is None and _is_begun(store):
        raise unavailable(DAMAGED, store.url)
    if found is None and not create:
        raise missing(store.url)
    if found is not None and found not in steps():
        raise _newer(store.url)
    import alembic.command  # noqa: F401 it takes its time, during which nobody else should have to wait for the turn

    with writing(store) as connection:
        if store.file is None:
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if schema_of(connection) != SCHEMA:
            migrate(connection)


def _is_begun(store: Store) -> bool:
    """Whether there are tables of a store, though nothing says of which step."""
    with guarded(store.url), store.engine.connect() as connection:
        return inspect(connection).has_table(chain_heads.name) and schema_of(connection) is None


def schema_of(connection: Connection) -> str | None:
    """The step that a database has come to; None where it is no store yet. The table has one column, whose name may be damaged."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select * from alembic_version")).scalar()


def steps() -> tuple[str, ...]:
    """Every step there is, the first first."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_config())
    return tuple(step.revision for step in script.walk_revisions())[::-1]


def migrate(connection: Connection, to: str = SCHEMA) -> None:
    """Takes the missing steps up to `to`, in the connection's own transaction."""
    from alembic.command import upgrade

    config = _config()
    config.attributes["connection"] = connection
    upgrade(config, to)


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _newer(shown: str) -> StoreError:
    return StoreError(
        "newer-store",
        f"the store at `{shown}` was written by a newer Tierwise; use that one, or restore an older backup",
        f"存储库 `{shown}` 由更新版本的 Tierwise 写入；请使用该版本，或恢复较早的备份",
    )
