"""What stands beside the chains, held against the events: versions with their texts, drafts, keys, the masks' secret.

None of it is a link of a chain, but each is told of by events: a version by its publication, a draft by its steps, a key by
its issue, the secret by its making. Drafts and keys do change, so that each is read in one snapshot with the events that tell of it.

What is found in a snapshot is handed on when it has been let go: whoever takes it may be slow, and the database must not wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, and_, select

from policies.registry.store.chain import canonical, digest
from policies.registry.store.connect import Store, reading
from policies.registry.store.drafts import draft
from policies.registry.store.findings import Finding, Kind, Unreadable, found, payload_of, plain, reading_rows
from policies.registry.store.given import storable
from policies.registry.store.history import is_as_told, told_of, was_approved
from policies.registry.store.masks import KEYED, MASKS
from policies.registry.store.problems import NotStored
from policies.registry.store.tables import api_keys, drafts, events, secrets, texts, versions
from policies.registry.store.texts import hash_of
from policies.registry.store.versions import Version, covered, version

# ---------------------------------------------------------------- versions


def told_version(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The version that a publication's event repeats. Raises `Unreadable` for what is none."""
    match payload:
        case {
            "version": {
                "policy": str(),
                "number": int(),
                "event": int(),
                "draft": int(),
                "hash": str(),
                "uses": list(uses),
            } as told
        } if all(_is_pair(use) for use in uses) and _can_be_looked_for(told):
            return dict(told)
    raise Unreadable


def _is_pair(value: object) -> bool:
    match value:
        case [str(), str()]:
            return True
    return False


def _can_be_looked_for(told: Mapping[str, Any]) -> bool:
    """Whether a database takes what a version is found by: its name and number, and the hashes of its texts."""
    words = (told["policy"], told["hash"], *(hash for _, hash in told["uses"]))
    return all(map(storable, words)) and 0 < told["number"] < 2**31


def version_as_told(
    connection: Connection, event: Mapping[str, Any], told: Mapping[str, Any]
) -> Iterator[Finding]:
    """Is the version there that an event tells of, as it tells, with its texts, and was it approved?"""
    name, seq = f"{told['policy']}@{told['number']}", event["seq"]
    same = approved = True
    try:
        with reading_rows(connection):
            there = version(connection, told["policy"], told["number"])
            same = covered(there) == told and told["event"] == seq
        approved = _approved(connection, event, there)
    except NotStored:
        yield Finding("removed", "versions", seq, f"version `{name}` is not there", f"版本 `{name}` 缺失")
    except Unreadable:
        same = False
    if not same:
        yield Finding("changed", "versions", seq, f"version `{name}` was changed", f"版本 `{name}` 被改动")
    elif not approved:
        yield Finding(
            "unapproved",
            "versions",
            seq,
            f"version `{name}` is not what its author handed in and others approved",
            f"版本 `{name}` 并非作者提交且经他人批准的内容",
        )
    yield from _texts_there(connection, seq, name, told)


def _approved(connection: Connection, event: Mapping[str, Any], there: Version) -> bool:
    """Whether a version is what was approved before it was published; true where its story cannot be read."""
    named = (event["policy"], event["version"], event["draft"], event["actor"])
    if named != (there.policy, there.number, there.draft, there.publisher):
        return False
    try:
        before = told_of(connection, there.draft, before=event["seq"])
    except Unreadable:
        return True  # an event of the draft's is damaged, which has been said there
    return before is not None and was_approved(there, before)


def _texts_there(connection: Connection, seq: int, name: str, told: Mapping[str, Any]) -> Iterator[Finding]:
    for hash in (told["hash"], *(hash for _, hash in told["uses"])):
        if connection.execute(select(texts.c.hash).where(texts.c.hash == hash)).scalar() is None:
            yield Finding(
                "removed",
                "texts",
                seq,
                f"a text of version `{name}` is not there: {hash}",
                f"版本 `{name}` 的文本缺失：{hash}",
            )


def versions_and_texts(store: Store) -> Iterator[Finding]:
    """Does an event of the chain tell of every version, and is every text as its hash says?"""
    columns = (versions.c.policy, versions.c.number, versions.c.event)
    publication = and_(
        events.c.seq == versions.c.event,
        events.c.seq > 0,
        events.c.kind == "published",
        events.c.policy == versions.c.policy,
        events.c.version == versions.c.number,
    )
    untold = select(*columns).outerjoin(events, publication).where(events.c.seq.is_(None))
    with reading(store) as connection:
        added = connection.execute(untold.order_by(versions.c.event)).all()
        hashes = list(connection.execute(select(texts.c.hash).order_by(texts.c.hash)).scalars())
    for policy, number, event in added:
        name = f"{policy}@{number}"
        # One that has another name now is a version that is not there, and one that nobody published.
        yield Finding(
            "added", "versions", event, f"version `{name}` was never published", f"版本 `{name}` 从未发布"
        )
    for hash in hashes:
        with reading(store) as connection:
            wrong = list(_text(connection, hash))
        yield from wrong


def _text(connection: Connection, hash: str) -> Iterator[Finding]:
    try:
        with reading_rows(connection):
            text = connection.execute(select(texts.c.text).where(texts.c.hash == hash)).scalar_one()
            same = hash_of(text) == hash
    except Unreadable:
        same = False
    if not same:
        yield Finding("changed", "texts", 0, f"the text {hash} was changed", f"文本 {hash} 被改动")


# ---------------------------------------------------------------- drafts


def drafts_as_told(store: Store) -> Iterator[Finding]:
    """Is every draft as its events left it, and is every one there that has not come to its end?"""
    with reading(store) as connection:
        known = set(connection.execute(select(drafts.c.id)).scalars())
        named = select(events.c.draft).where(events.c.draft.is_not(None), events.c.seq > 0).distinct()
        known |= {id for id in connection.execute(named).scalars() if isinstance(id, int)}
    for id in sorted(known):
        with reading(store) as connection:
            wrong = list(_draft(connection, id))
        yield from wrong


def _draft(connection: Connection, id: int) -> Iterator[Finding]:
    try:
        told = told_of(connection, id)
    except Unreadable:
        return  # that has been said of the event
    try:
        with reading_rows(connection):
            there = draft(connection, id)
            same = told is not None and is_as_told(there, told)
    except NotStored:
        if told is not None and told.state != "withdrawn":
            yield found("removed", "drafts", id, "is not there", "缺失")
        return
    except Unreadable:
        same = False
    if told is None:
        yield found("added", "drafts", id, "was made by nobody", "并无创建记录")
    elif not same:
        yield found("changed", "drafts", id, "is not as its last step left it", "与其最后一步之后的内容不符")


# ---------------------------------------------------------------- keys


def keys_as_told(store: Store) -> Iterator[Finding]:
    """Was every key issued, to whom and with the roles that it has, and is one that was revoked still so?"""
    with reading(store) as connection:
        wrong = list(_keys(connection))
    yield from wrong


def _keys(connection: Connection) -> Iterator[Finding]:
    issued, revoked = _issues(connection)
    ids = list(connection.execute(select(api_keys.c.id).order_by(api_keys.c.id)).scalars())
    for id in ids:
        told = issued.pop(id, None)
        if told is None:
            yield found("added", "api_keys", id, "was issued by nobody", "并无签发记录")
        elif not _is_key(connection, id, told, revoked.get(id)):
            yield found("changed", "api_keys", id, "is not as it was issued", "与签发时不符")
    for id in sorted(issued):
        yield found("removed", "api_keys", id, "is not there", "缺失")


def _issues(connection: Connection) -> tuple[dict[int, Mapping[str, Any]], dict[int, Mapping[str, Any]]]:
    """What the events say of keys: their issue and their end, by the key's number. A damaged event says nothing."""
    told: dict[str, dict[int, Mapping[str, Any]]] = {"issued": {}, "revoked": {}}
    for row, payload in intact(connection, *told):
        if isinstance(payload.get("key"), int):
            told[row["kind"]].setdefault(payload["key"], {**payload, "actor": row["actor"], "at": row["at"]})
    return told["issued"], told["revoked"]


def intact(
    connection: Connection, *kinds: str, after: int = 0
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Events of some kinds with their payloads, in their order, those behind number `after`.

    One whose payload is damaged is left out: that is said of it where the chain is followed.
    """
    query = select(events.c.seq).where(events.c.kind.in_(kinds), events.c.seq > after)
    for seq in list(connection.execute(query.order_by(events.c.seq)).scalars()):
        try:
            with reading_rows(connection):
                found = connection.execute(select(events).where(events.c.seq == seq)).mappings().one()
                row = plain(found, events)
                payload = payload_of(row["payload"])
        except Unreadable:
            continue
        if digest(row["payload"]) == row["payload_hash"]:
            yield row, payload


def _is_key(
    connection: Connection, id: int, issued: Mapping[str, Any], revoked: Mapping[str, Any] | None
) -> bool:
    """Whether a key is as its events say."""
    try:
        with reading_rows(connection):
            key = connection.execute(select(api_keys).where(api_keys.c.id == id)).mappings().one()
            row = plain(key, api_keys)
            expires = issued.get("expires_at")
            end = (None, None) if revoked is None else (revoked["at"], revoked["actor"])
            return (
                row["name"] == issued.get("name")
                and row["roles"] == canonical(issued.get("roles"))
                and row["hash"] == issued.get("hash")
                and canonical(row["expires_at"]) == canonical(expires)
                and (row["created_by"], row["created_at"]) == (issued["actor"], issued["at"])
                and (row["revoked_at"], row["revoked_by"]) == end
            )
    except Unreadable:
        return False


# ---------------------------------------------------------------- the masks' secret


def secrets_as_told(store: Store) -> Iterator[Finding]:
    """Is the secret under which masked facts are kept the one that was made, and was it never made anew?"""
    with reading(store) as connection:
        told = [payload.get("hash") for _, payload in intact(connection, KEYED)]
        kept = _secrets(connection)
    if len(told) > 1:
        yield _of_secret("removed", "was lost and made anew", "曾丢失并重新生成")
    if not told and kept:
        yield _of_secret("added", "was made by nobody", "并无生成记录")
    elif told and not kept:
        yield _of_secret("removed", "is not there", "缺失")
    elif kept != told[-1:]:
        yield _of_secret("changed", "is not the one that was made", "不是当初生成的密钥")


def _secrets(connection: Connection) -> list[str | None]:
    """The hashes of what stands in the table; None for what cannot be read, or has another name."""
    found: list[str | None] = []
    for name in list(connection.execute(select(secrets.c.name)).scalars()):
        try:
            with reading_rows(connection):
                query = select(secrets.c.value).where(secrets.c.name == name)
                value = connection.execute(query).scalar_one()
                found.append(digest(value) if name == MASKS else None)
        except Unreadable:
            found.append(None)
    return found


def _of_secret(kind: Kind, en: str, zh: str) -> Finding:
    return Finding(kind, "secrets", 0, f"the secret of masked facts {en}", f"屏蔽指标的密钥{zh}")
