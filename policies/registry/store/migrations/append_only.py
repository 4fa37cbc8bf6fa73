"""Tables that only grow: triggers that refuse every other change, for both databases.

SQLite has one more way to lose a row: `INSERT OR REPLACE` deletes what is in its way without asking the DELETE
trigger. So a row that is there also refuses another with the same key. For that `keys` names everything by
which SQLite tells rows apart.
"""

from __future__ import annotations

from alembic import op

# What PostgreSQL's triggers do; a verification looks whether they still do (`guards`).
REFUSAL = """
begin
  raise exception '% keeps what it has: % is refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end
"""

_FUNCTION = f"""
create function refuse_change() returns trigger language plpgsql as $${REFUSAL}$$
"""


def define_refusal() -> None:
    """Makes what PostgreSQL's triggers call; once, before the first of them."""
    if _postgresql():
        op.execute(_FUNCTION)


def forbid(table: str, keys: tuple[str, ...], *, changes: tuple[str, ...] = ("update", "delete")) -> None:
    """Refuses `changes` of a table's rows. Each of `keys` identifies a row: a column, or several with commas.

    What amounts to a change is refused with it: REPLACE, and TRUNCATE, which takes all rows at once and asks nobody.
    """
    if _postgresql():
        kinds = (*changes, "truncate")
        op.execute(
            f"create trigger {table}_keeps before {' or '.join(kinds)} on {table}"
            " for each statement execute function refuse_change()"
        )
        return
    for change in changes:
        op.execute(
            f"create trigger {table}_no_{change} before {change} on {table}"
            f" begin select raise(abort, '{table} keeps what it has: {change.upper()} is refused'); end"
        )
    taken = " or ".join(f"exists (select 1 from {table} where {_same(key)})" for key in keys)
    op.execute(
        f"create trigger {table}_no_replace before insert on {table} when {taken}"
        f" begin select raise(abort, '{table} keeps what it has: the row is there already'); end"
    )


def _same(key: str) -> str:
    return " and ".join(f"{column} = new.{column}" for column in map(str.strip, key.split(",")))


def _postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"
