"""Facts as a record keeps them: by key, in JSON's own types, and without the values that the policy masks.

What stands for a masked value is an HMAC under a secret of the store's own: equal values of one fact look equal,
so that an auditor sees that two customers, or one customer twice, had the same; whoever has not the secret learns
nothing else. An event tells of the secret by its hash, so that another one in its place is found. Facts that were not given
are left out, those for which a default stood in as well: the policy puts it there again.
"""

from __future__ import annotations

import hmac
import secrets as random
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, insert, select

from dsl.model import CheckedPolicy
from dsl.records import record
from dsl.types import Kind, Type, Value
from engine.calendar import duration_text
from engine.decision import Json
from engine.facts import Facts
from engine.json_bytes import encoded
from policies.registry.store.chain import digest
from policies.registry.store.connect import Store, reading, writing
from policies.registry.store.events import append_event, next_place
from policies.registry.store.problems import StoreError
from policies.registry.store.tables import secrets

# The name of the secret, and the word that stands before what it made.
MASKS = "masks"
MASKED = "masked"

# The event that tells of the secret, and in whose name.
KEYED, SERVICE = "keyed", "tierwise"


@record
class Masks:
    """The store's secret for masked values."""

    secret: bytes

    def of(self, key: str, spelled: Json) -> str:
        """What stands for a value of the fact `key`, in hexadecimal."""
        return hmac.digest(self.secret, encoded([key, spelled]), "sha256").hex()


def open_masks(store: Store) -> Masks:
    """The secret of a store; makes one where there is none yet. Raises `StoreUnavailable`, `StoreError` for what is none."""
    with reading(store) as connection:
        found = _secret(connection)
    if found is None:
        with writing(store) as connection:
            place = next_place(connection, store.clock())  # of two who come at once, one makes it
            found = _secret(connection)
            if found is None:
                found = random.token_hex(32)
                connection.execute(insert(secrets).values(name=MASKS, value=found))
                append_event(connection, place, KEYED, SERVICE, payload={"hash": digest(found)})
    try:
        return Masks(bytes.fromhex(found))
    except ValueError as error:
        raise StoreError(
            "secret-damaged",
            f"the secret of masked facts is damaged; restore a backup of the store at `{store.url}`",
            f"屏蔽指标的密钥已损坏；请恢复存储库 `{store.url}` 的备份",
        ) from error


def _secret(connection: Connection) -> str | None:
    return connection.execute(select(secrets.c.value).where(secrets.c.name == MASKS)).scalar()


def kept_facts(policy: CheckedPolicy, facts: Facts, masks: Masks) -> dict[str, Json]:
    """The facts of one question as a record keeps them; `engine.facts.read_facts` reads them again."""
    kept: dict[str, Json] = {}
    for key, value in facts.known.items():
        if key in facts.assumed:
            continue
        fact = policy.facts[key]
        plain = spelled(value, fact.type)
        kept[key] = {MASKED: masks.of(key, plain)} if fact.masked else plain
    return kept


def spelled(value: Value, type: Type) -> Json:
    """A fact's value as a caller may write it: decimals with all their digits, dates and durations in ISO 8601."""
    if isinstance(value, tuple):
        return [spelled(each, type.item or type) for each in value]
    if isinstance(value, Decimal):
        return duration_text(value) if type.kind is Kind.DURATION else value
    return value.isoformat() if isinstance(value, date) else value


def mask_of(kept: object) -> str | None:
    """What stands for a masked value; None where a value itself is kept."""
    return kept.get(MASKED) if isinstance(kept, Mapping) else None
