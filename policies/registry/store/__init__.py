"""The store: published versions, the way to them, and every decision, in a database.

    connect     opening a store; reading and writing it           `open_store`, `reading`, `writing`
    schema      moving it to the newest schema                    tables, migrations/
    problems    what it refuses, and faults of the database       faults
    chain       hashes that hold events and records together
    events      who did what when
    versions    what was published, and what was in force
    drafts      what may become a version                         workflow, publications: its steps

Nothing is imported here: a command that only reads files does not pay for a database.
"""
