"""Keys: who may call the service, and what each may do.

A key is 256 random bits behind `tw_`. It is shown once, when it is made; the store keeps its SHA-256, which is of no use
to whoever reads the database. A key is somebody's: its `name` is who took a step, in events and records. It has roles, may
expire, and may be revoked; rows stay, so that it can be said who could do what when.

Where no key was ever made the service is open to its own machine, and to no other (`api.access`). That ends with the first
key and does not come back when the last one is revoked.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, cast, get_args

from sqlalchemy import Row, insert, select, update

from dsl.records import record
from policies.registry.store import given
from policies.registry.store.chain import canonical
from policies.registry.store.connect import Store, reading, writing
from policies.registry.store.events import append_event, next_place
from policies.registry.store.problems import NotStored, Refused, StoreConflict, StoreUnavailable
from policies.registry.store.steps import shown_time
from policies.registry.store.tables import api_keys as table

Role = Literal["reader", "evaluator", "author", "approver", "auditor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

PREFIX = "tw_"
RANDOM_BYTES = 32

# In seconds: for so long a worker may let in a key that was revoked a moment ago.
REMEMBERED = 1.0

# After which part of that time one of its threads looks again, so that the others need not wait for it.
AHEAD = 0.5

# How often in a second a worker looks again for a key that it does not know: a new key works at once, and whoever
# guesses keys keeps the database from nothing.
LOOKS = 10


@record
class Key:
    """A key, without its secret. `name` is whose it is; `hash` is SHA-256 of the secret, in hexadecimal."""

    id: int
    name: str
    hash: str
    roles: tuple[Role, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None

    def works(self, now: datetime) -> bool:
        """Whether it lets anybody in."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def may(self, role: Role) -> bool:
        """Whether it may do what a role may: `reader` comes with every role, and `admin` may do everything."""
        return role == "reader" or role in self.roles or "admin" in self.roles


def create(
    store: Store, name: str, roles: Iterable[str], actor: str, *, expires_at: datetime | None = None
) -> tuple[Key, str]:
    """A new key and its secret, which nobody can be told again. Raises `Refused`, `StoreUnavailable`."""
    name, actor = given.actor(name), given.actor(actor)
    chosen = _roles(roles)
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    with writing(store) as connection:
        place = next_place(connection, store.clock())
        if expires_at is not None and expires_at <= place.at:
            raise Refused(
                "expired",
                f"a key that expires at {shown_time(expires_at)} would never work; choose a later time",
                f"密钥若于 {shown_time(expires_at)} 失效则永远不可用；请选择更晚的时间",
            )
        row: dict[str, Any] = {
            "name": name,
            "hash": _hash(secret),
            "roles": canonical(chosen),
            "created_by": actor,
            "created_at": place.at,
            "expires_at": expires_at,
        }
        id = connection.execute(insert(table).values(row).returning(table.c.id)).scalar_one()
        told = {"key": id, "name": name, "hash": row["hash"], "roles": chosen, "expires_at": expires_at}
        append_event(connection, place, "issued", actor, payload=told)
        key = _key(connection.execute(select(table).where(table.c.id == id)).one())
    return key, secret


def revoke(store: Store, id: int, actor: str) -> Key:
    """Ends a key. Raises `NotStored`, `StoreConflict` where it was revoked before, `StoreUnavailable`."""
    actor = given.actor(actor)
    with writing(store) as connection:
        place = next_place(connection, store.clock())
        row = connection.execute(select(table).where(table.c.id == id)).first()
        if row is None:
            raise NotStored(
                "no-key",
                f"there is no key {id}; `tierwise keys list` shows them all",
                f"没有密钥 {id}；`tierwise keys list` 列出全部密钥",
            )
        key = _key(row)
        if key.revoked_at is not None:
            when = shown_time(key.revoked_at)
            raise StoreConflict(
                "revoked-before",
                f"key {id} was revoked by `{key.revoked_by}` at {when} already",
                f"密钥 {id} 已由 `{key.revoked_by}` 于 {when} 撤销",
            )
        ended = {"revoked_at": place.at, "revoked_by": actor}
        connection.execute(update(table).where(table.c.id == id).values(ended))
        append_event(connection, place, "revoked", actor, payload={"key": id, "name": key.name})
        return _key(connection.execute(select(table).where(table.c.id == id)).one())


def listing(store: Store) -> tuple[Key, ...]:
    """Every key that was ever made, the newest first."""
    with reading(store) as connection:
        return tuple(map(_key, connection.execute(select(table).order_by(table.c.id.desc()))))


@record
class _Known:
    """The keys by their hashes, as of a look at the database that began at `at`, by the keyring's clock."""

    keys: Mapping[str, Key]
    at: float


class Keyring:
    """The keys as one worker knows them: read anew before they are a second old, and for one it does not know.

    Safe in threads. One of them looks at a time, and the others go on with what is known meanwhile, as long as that may count;
    then they wait for the one that looks, and hear what it has heard.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._known = _Known({}, float("-inf"))
        self._looking = threading.Lock()
        self._failed: tuple[float, StoreUnavailable] | None = None
        self._counting = threading.Lock()
        self._looks = 0
        self._looks_until = float("-inf")

    def empty(self) -> bool:
        """Whether no key was ever made. Raises `StoreUnavailable`."""
        return not self._keys()

    @property
    def last_known_empty(self) -> bool | None:
        """Whether no key was ever made when the keys were last read, without reading them now; None where they never were."""
        known = self._known
        return None if known.at == float("-inf") else not known.keys

    def find(self, secret: str) -> Key | None:
        """The key with this secret, if it works. Raises `StoreUnavailable`."""
        wanted = _hash(secret)
        found = self._keys().get(wanted) or self._keys(anew=True).get(wanted)
        # Found by its hash, which says nothing of the secret by how long it takes; compared whole all the same.
        if found is None or not hmac.compare_digest(found.hash, wanted):
            return None
        return found if found.works(self._store.clock()) else None

    def _keys(self, *, anew: bool = False) -> Mapping[str, Key]:
        """The keys as of a moment that is less than `REMEMBERED` ago; `anew`: as of now, if there is a look left."""
        came, known = self._clock(), self._known
        anew = anew and self._may_look()
        if not anew and came - known.at < AHEAD * REMEMBERED:
            return known.keys
        must = anew or came - known.at >= REMEMBERED
        if not self._looking.acquire(blocking=must):
            return known.keys
        try:
            oldest = came if anew else came - REMEMBERED
            if self._known is not known and self._known.at > oldest:
                return self._known.keys  # somebody has looked while we waited
            return self._looked(came)
        except StoreUnavailable:
            if must or self._clock() - known.at >= REMEMBERED:
                raise
            return known.keys  # it was looked ahead of time
        finally:
            self._looking.release()

    def _looked(self, came: float) -> Mapping[str, Key]:
        """Looks at the database; for one who came while somebody looked in vain, that is the answer."""
        if self._failed is not None and self._failed[0] > came:
            raise self._failed[1].again()
        began = self._clock()
        try:
            keys = {key.hash: key for key in listing(self._store)}
        except StoreUnavailable as error:
            self._failed = self._clock(), error
            raise
        self._known = _Known(keys, began)
        return keys

    def _may_look(self) -> bool:
        """Whether this second has a look left."""
        with self._counting:
            if self._clock() >= self._looks_until:
                self._looks, self._looks_until = 0, self._clock() + 1.0
            self._looks += 1
            return self._looks <= LOOKS


def _roles(given_roles: Iterable[str]) -> tuple[Role, ...]:
    """Roles in the order of their table, each once. Raises `Refused`."""
    wanted = set(given_roles)
    unknown = sorted(wanted - set(ROLES))
    if unknown or not wanted:
        known = ", ".join(f"`{role}`" for role in ROLES)
        en, zh = "a key without a role may do nothing", "没有角色的密钥什么也不能做"
        if unknown:
            en, zh = f"`{unknown[0]}` is no role", f"没有角色 `{unknown[0]}`"
        raise Refused(
            "no-role", f"{en}; give it one or more of {known}", f"{zh}；请给出以下一种或多种：{known}"
        )
    return tuple(role for role in ROLES if role in wanted)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _key(row: Row[Any]) -> Key:
    fields = dict(row._mapping)
    fields["roles"] = tuple(cast(Role, role) for role in json.loads(fields["roles"]))
    return Key(**fields)
