"""The tables of the store, as the code of today sees them; `migrations/` makes them, step by step.

    texts        every text that was published or pinned, once, under its hash
    versions     what was published: which text, from when, by whom; append-only
    drafts       what may become a version, and how far it has come; changes with every step
    events       who did what when, chained by hashes; append-only
    records      every decision, chained by hashes, without what was asked and answered; append-only
    payloads     what was asked and answered, apart from its record so that a customer's can be erased
    chain_heads  the last link of each chain; a writer holds its row while it adds to the chain
    api_keys     who may call: only hashes of the keys
    secrets      what the store keys masked facts with

Append-only is not a habit but triggers, which refuse UPDATE and DELETE (on PostgreSQL TRUNCATE, too) to
everybody, a person with a database client included.

Points in time are UTC with microseconds; days are days in a policy's own timezone. What is a list or an object
is text in canonical JSON (`chain.canonical`), so that both databases keep the very same characters. There are no
booleans and no database defaults, for the same reason. SQLite keeps days and times as text, compares them as text, and
would read more than one spelling of each: so only the one in which they are written is read (`Misspelled`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator, TypeEngine

from policies.registry.store.problems import Misspelled

# The newest migration. Opening a store compares this with what the store says of itself, and only imports the
# machinery of migrations where the two differ; a test holds that it is the newest.
SCHEMA = "0001"

# The states of a draft, in the order in which one comes through them; the last three end it, though a rejected
# one may be edited and so begin again.
State = Literal["draft", "checked", "submitted", "approved", "published", "rejected", "withdrawn"]
STATES: tuple[State, ...] = get_args(State)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


# How SQLite keeps a day and a time, to the letter.
DAY = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{6})"


def _spelled(kind: Callable[..., TypeEngine[Any]], pattern: str) -> TypeEngine[Any]:
    """A type of SQLite's that reads text of one pattern only."""
    return kind(regexp=rf"{pattern}\Z")


def _strictly(read: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    """Reads as `read` does. Raises `Misspelled` for what it cannot."""
    if read is None:
        return None

    def process(value: Any) -> Any:
        try:
            return read(value)
        except ValueError as error:
            raise Misspelled("a day or a time is not as it was written") from error

    return process


class Day(TypeDecorator[date]):
    """A day of the calendar."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        strict = _spelled(sqlite.DATE, DAY)
        return dialect.type_descriptor(strict if dialect.name == "sqlite" else Date())

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _strictly(super().result_processor(dialect, coltype))

    @property
    def python_type(self) -> type[date]:
        return date


class Instant(TypeDecorator[datetime]):
    """A point in time. Takes any aware time, gives UTC; SQLite, which knows no time zones, keeps it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        strict = _spelled(sqlite.DATETIME, f"{DAY} {TIME}")
        return dialect.type_descriptor(strict if dialect.name == "sqlite" else DateTime(timezone=True))

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _strictly(super().result_processor(dialect, coltype))

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone names no point in time")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def _sequence(name: str, *more: Any, **options: Any) -> Column[Any]:
    """A 64-bit number; SQLite takes it for the row's own number only where it is called INTEGER."""
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), *more, **options)


texts = Table(
    "texts",
    metadata,
    Column("hash", Text, primary_key=True),  # `sha256:…` of the text
    Column("text", Text, nullable=False),
    sqlite_with_rowid=False,
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("revision", Integer, nullable=False),  # grows with every step; a step names the one that it saw
    Column("state", Text, nullable=False),
    Column("policy", Text),  # as the text names it; none while that cannot be read
    Column("text", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("uses", Text, nullable=False),  # [[name, text], …]
    Column("tests", Text),  # what a file of tests beside the policy would hold
    Column("author", Text, nullable=False),
    Column("approvers", Text, nullable=False),  # [name, …], of this text
    Column("reason", Text),  # given when it was submitted
    Column("comment", Text),  # given when it was rejected
    Column("rolled_back", Integer),  # the version whose text this is again
    Column("version", Integer),  # as which it was published
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("submitted_at", Instant),
    CheckConstraint("state in ({})".format(", ".join(f"'{state}'" for state in STATES)), name="state"),
    Index(None, "policy", "id"),
    Index(None, "state", "id"),
)

versions = Table(
    "versions",
    metadata,
    Column("policy", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("hash", Text, ForeignKey("texts.hash"), nullable=False),
    Column("uses", Text, nullable=False),  # [[name, hash], …]
    Column("language_version", Integer, nullable=False),
    Column("title", Text),
    Column("timezone", Text),
    Column("author", Text, nullable=False),
    Column("approvers", Text, nullable=False),  # [name, …]
    Column("publisher", Text, nullable=False),
    Column("reason", Text, nullable=False),  # the author's
    Column("comment", Text),  # the publisher's
    Column("submitted_at", Instant, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("start", Day, nullable=False),  # the first day for which it holds
    Column("rolled_back", Integer),
    Column("draft", Integer, ForeignKey("drafts.id"), nullable=False),
    Column("event", BigInteger, ForeignKey("events.seq"), nullable=False),
    CheckConstraint("number > 0", name="number"),
    Index(None, "policy", "start", "number"),
    Index(None, "hash"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    _sequence("seq", primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("policy", Text),
    Column("draft", Integer),
    Column("version", Integer),
    Column("reason", Text),
    Column("payload", Text, nullable=False),
    Column("payload_hash", Text, nullable=False),
    Column("prev", Text, nullable=False),
    Column("hash", Text, nullable=False),
    CheckConstraint("seq > 0", name="seq"),
    Index(None, "policy", "seq"),
    Index(None, "draft", "seq"),
)

records = Table(
    "records",
    metadata,
    _sequence("seq", primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("as_of", Day, nullable=False),
    Column("known_at", Instant),
    Column("policy", Text, nullable=False),
    Column("version", Integer),  # none where the policy came from a file
    Column("policy_hash", Text, nullable=False),
    Column("customer", Text),
    Column("status", Text, nullable=False),
    Column("tier", Text),  # of the main ladder; none where it is not decided
    Column("engine", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("payload_hash", Text, nullable=False),
    Column("prev", Text, nullable=False),
    Column("hash", Text, nullable=False),
    CheckConstraint("seq > 0", name="seq"),
    Index(None, "id", unique=True),
    Index(None, "customer", "seq"),
    Index(None, "policy", "tier", "seq"),
    Index(None, "policy", "seq"),
    Index(None, "tier", "seq"),
    Index(None, "at", "seq"),
)

payloads = Table(
    "payloads",
    metadata,
    _sequence("record", primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    ForeignKeyConstraint(["record"], ["records.seq"]),
)

chain_heads = Table(
    "chain_heads",
    metadata,
    Column("name", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", Text, nullable=False),  # SHA-256 of the key
    Column("roles", Text, nullable=False),  # [role, …]
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("revoked_by", Text),
    Index(None, "hash", unique=True),
    Index(None, "name"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
