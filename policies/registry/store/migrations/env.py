"""What Alembic runs when the store opens: the steps, on the connection and in the transaction of `connect`."""

from alembic import context

from policies.registry.store.tables import metadata

# With `transactional_ddl` Alembic leaves the transaction to `connect`, on SQLite as well, which can undo changes
# of a schema: a store is moved to the newest step in one go or not at all.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
