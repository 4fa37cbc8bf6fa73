"""The first schema: drafts, versions, events, records, and who may call."""

import sqlalchemy as sa
from alembic import op

from policies.registry.store.migrations.append_only import define_refusal, forbid

revision = "0001"
down_revision = None

# Where a chain begins: the hash before its first link.
NOTHING = "0" * 64

STATES = "'draft', 'checked', 'submitted', 'approved', 'published', 'rejected', 'withdrawn'"


def upgrade() -> None:
    """Makes the tables with their indexes, and the triggers that let the rows of some of them only grow."""
    _policies()
    _chains()
    _decisions()
    _callers()
    define_refusal()
    forbid("texts", ("hash",))
    forbid("versions", ("policy, number",))
    forbid("events", ("seq",))
    forbid("records", ("seq", "id"))
    # A payload may be erased, never changed.
    forbid("payloads", ("record",), changes=("update",))


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null)


def _time(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _sequence(name: str) -> sa.Column[int]:
    type = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return sa.Column(name, type, autoincrement=False, nullable=False)


def _index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), unique=unique)


def _policies() -> None:
    op.create_table(
        "texts",
        _text("hash"),
        _text("text"),
        sa.PrimaryKeyConstraint("hash", name="pk_texts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "drafts",
        _number("id"),
        _number("revision"),
        _text("state"),
        _text("policy", null=True),
        _text("text"),
        _text("hash"),
        _text("uses"),
        _text("tests", null=True),
        _text("author"),
        _text("approvers"),
        _text("reason", null=True),
        _text("comment", null=True),
        _number("rolled_back", null=True),
        _number("version", null=True),
        _time("created_at"),
        _time("changed_at"),
        _time("submitted_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
        sa.CheckConstraint(f"state in ({STATES})", name=op.f("ck_drafts_state")),
    )
    _index("drafts", "policy", "id")
    _index("drafts", "state", "id")


def _chains() -> None:
    op.create_table(
        "events",
        _sequence("seq"),
        _time("at"),
        _text("kind"),
        _text("actor"),
        _text("policy", null=True),
        _number("draft", null=True),
        _number("version", null=True),
        _text("reason", null=True),
        _text("payload"),
        _text("payload_hash"),
        _text("prev"),
        _text("hash"),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
        sa.CheckConstraint("seq > 0", name=op.f("ck_events_seq")),
    )
    _index("events", "policy", "seq")
    _index("events", "draft", "seq")
    _versions()
    heads = op.create_table(
        "chain_heads",
        _text("name"),
        sa.Column("seq", sa.BigInteger, nullable=False),
        _text("hash"),
        sa.PrimaryKeyConstraint("name", name="pk_chain_heads"),
    )
    assert heads is not None, "only made by text alone, which this is not"
    op.bulk_insert(heads, [{"name": name, "seq": 0, "hash": NOTHING} for name in ("events", "records")])


def _versions() -> None:
    op.create_table(
        "versions",
        _text("policy"),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        _text("hash"),
        _text("uses"),
        _number("language_version"),
        _text("title", null=True),
        _text("timezone", null=True),
        _text("author"),
        _text("approvers"),
        _text("publisher"),
        _text("reason"),
        _text("comment", null=True),
        _time("submitted_at"),
        _time("published_at"),
        sa.Column("start", sa.Date, nullable=False),
        _number("rolled_back", null=True),
        _number("draft"),
        sa.Column("event", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("policy", "number", name="pk_versions"),
        sa.ForeignKeyConstraint(["hash"], ["texts.hash"], name="fk_versions_hash"),
        sa.ForeignKeyConstraint(["draft"], ["drafts.id"], name="fk_versions_draft"),
        sa.ForeignKeyConstraint(["event"], ["events.seq"], name="fk_versions_event"),
        sa.CheckConstraint("number > 0", name=op.f("ck_versions_number")),
        sqlite_with_rowid=False,
    )
    _index("versions", "policy", "start", "number")
    _index("versions", "hash")


def _decisions() -> None:
    op.create_table(
        "records",
        _sequence("seq"),
        _text("id"),
        _time("at"),
        sa.Column("as_of", sa.Date, nullable=False),
        _time("known_at", null=True),
        _text("policy"),
        _number("version", null=True),
        _text("policy_hash"),
        _text("customer", null=True),
        _text("status"),
        _text("tier", null=True),
        _text("engine"),
        _text("lang"),
        _text("caller"),
        _text("payload_hash"),
        _text("prev"),
        _text("hash"),
        sa.PrimaryKeyConstraint("seq", name="pk_records"),
        sa.CheckConstraint("seq > 0", name=op.f("ck_records_seq")),
    )
    _index("records", "id", unique=True)
    _index("records", "customer", "seq")
    _index("records", "policy", "tier", "seq")
    _index("records", "policy", "seq")
    _index("records", "tier", "seq")
    _index("records", "at", "seq")
    op.create_table(
        "payloads",
        _sequence("record"),
        _text("body"),
        sa.PrimaryKeyConstraint("record", name="pk_payloads"),
        sa.ForeignKeyConstraint(["record"], ["records.seq"], name="fk_payloads_record"),
    )


def _callers() -> None:
    op.create_table(
        "api_keys",
        _number("id"),
        _text("name"),
        _text("hash"),
        _text("roles"),
        _text("created_by"),
        _time("created_at"),
        _time("expires_at", null=True),
        _time("revoked_at", null=True),
        _text("revoked_by", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )
    _index("api_keys", "hash", unique=True)
    _index("api_keys", "name")
    op.create_table(
        "secrets", _text("name"), _text("value"), sa.PrimaryKeyConstraint("name", name="pk_secrets")
    )
