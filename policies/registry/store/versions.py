"""Published versions, and which of them is in force.

A version has two times. It holds from a day on (`start`, the publication's `from`), and it is known from the moment of
its publication. So three questions about 3 March have three answers:

    what did we say then                          as_of 3 March, known_at 3 March
    what should we have said, as we know today    as_of 3 March
    what would the policy of then say today       as_of today, known_at 3 March

In force is, of the versions that hold on the day and were known at the time, the one with the latest start; of several
with one start the latest published. Dated parameters follow `as_of` as well, inside the text.

A version is never changed. Its row is repeated in its publication's event (`covered`), so that the chain of
events covers the versions, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from dsl.model import CheckedPolicy
from dsl.records import record
from dsl.source import Source
from policies.registry.store import texts
from policies.registry.store.chain import canonical
from policies.registry.store.days import day_of
from policies.registry.store.problems import NotStored, Refused
from policies.registry.store.tables import versions as table
from policies.registry.store.texts import Use


@record
class Version:
    """One published version of a policy. Its texts are kept apart, under their hashes (`sources`).

    `uses` are the texts that it brings in: the name behind `use`, and the hash. `reason` is the author's,
    `comment` the publisher's. `start` is the first day for which it holds, in the policy's own `timezone`.
    `rolled_back` is the number of the version whose text it has again. `draft` is what it was, `event` the number
    of its publication in the chain.
    """

    policy: str
    number: int
    hash: str
    uses: tuple[tuple[str, str], ...]
    language_version: int
    title: str | None
    timezone: str | None
    author: str
    approvers: tuple[str, ...]
    publisher: str
    reason: str
    comment: str | None
    submitted_at: datetime
    published_at: datetime
    start: date
    rolled_back: int | None
    draft: int
    event: int

    @property
    def name(self) -> str:
        """How it is asked for: `b2b_grading@3`."""
        return f"{self.policy}@{self.number}"


def covered(version: Version) -> dict[str, Any]:
    """A version as its publication's event repeats it: every field, in JSON's own types."""
    plain: dict[str, Any] = json.loads(canonical(_fields(version)))
    return plain


def _fields(version: Version) -> dict[str, Any]:
    return {item.name: getattr(version, item.name) for item in fields_of(version)}


# ---------------------------------------------------------------- finding


def policies(connection: Connection) -> tuple[str, ...]:
    """The names of all policies of which something was published."""
    return tuple(connection.execute(select(table.c.policy).distinct().order_by(table.c.policy)).scalars())


def versions(connection: Connection, policy: str) -> tuple[Version, ...]:
    """All versions of a policy, the newest first; none where nothing was published."""
    query = select(table).where(table.c.policy == policy).order_by(table.c.number.desc())
    return tuple(map(_version, connection.execute(query)))


def version(connection: Connection, policy: str, number: int) -> Version:
    """One version by its number. Raises `NotStored`."""
    query = select(table).where(table.c.policy == policy, table.c.number == number)
    row = connection.execute(query).first()
    if row is None:
        raise NotStored(
            "no-version",
            f"there is no version {number} of `{policy}`",
            f"政策 `{policy}` 没有版本 {number}",
        )
    return _version(row)


def latest(connection: Connection, policy: str) -> Version | None:
    """The version that was published last, whether it holds already or not."""
    query = select(table).where(table.c.policy == policy).order_by(table.c.number.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _version(row)


def in_force(
    connection: Connection, policy: str, as_of: date, known_at: datetime | None = None
) -> Version | None:
    """The version that holds on a day, of those known at a time (all that there are, where none is given)."""
    query = select(table).where(table.c.policy == policy, table.c.start <= as_of)
    if known_at is not None:
        query = query.where(table.c.published_at <= known_at)
    row = connection.execute(query.order_by(table.c.start.desc(), table.c.number.desc()).limit(1)).first()
    return None if row is None else _version(row)


def today(connection: Connection, policy: str, now: datetime) -> date:
    """What day it is for a policy: in the timezone that its latest version names."""
    newest = latest(connection, policy)
    return day_of(now, None if newest is None else newest.timezone)


def find(connection: Connection, reference: str, as_of: date, known_at: datetime | None = None) -> Version:
    """The version that `name`, `name@3` or `name@sha256:…` means; `name` alone is the one in force.

    A hash may be shortened to eight digits or more; several versions with one text are told by the latest. Raises
    `NotStored`.
    """
    policy, sign, which = reference.partition("@")
    if not sign:
        found = in_force(connection, policy, as_of, known_at)
    elif which.startswith("sha256:") and len(which) >= len("sha256:") + 8:
        found = _by_hash(connection, policy, which)
    elif which.isascii() and which.isdecimal() and len(which) < 10:
        return version(connection, policy, int(which))
    else:
        raise NotStored(
            "reference",
            f"`{reference}` names no version; write `{policy}@3` or `{policy}@sha256:…`",
            f"`{reference}` 不是版本的写法；请写成 `{policy}@3` 或 `{policy}@sha256:…`",
        )
    if found is None:
        raise _not_found(connection, reference, policy, as_of)
    return found


def _by_hash(connection: Connection, policy: str, hash: str) -> Version | None:
    """The latest version of a policy with a hash that begins like this."""
    query = select(table).where(table.c.policy == policy, table.c.hash.startswith(hash, autoescape=True))
    row = connection.execute(query.order_by(table.c.number.desc()).limit(1)).first()
    return None if row is None else _version(row)


def _not_found(connection: Connection, reference: str, policy: str, as_of: date) -> NotStored:
    if latest(connection, policy) is None:
        return NotStored("no-policy", f"no policy `{policy}` was published", f"尚未发布政策 `{policy}`")
    if "@" in reference:
        return NotStored("no-version", f"there is no version `{reference}`", f"没有版本 `{reference}`")
    return NotStored(
        "not-in-force",
        f"no version of `{policy}` that was known then holds on {as_of}",
        f"{as_of} 没有当时已知且有效的 `{policy}` 版本",
    )


def _version(row: Row[Any]) -> Version:
    fields = dict(row._mapping)
    fields["uses"] = tuple((name, hash) for name, hash in json.loads(fields["uses"]))
    fields["approvers"] = tuple(json.loads(fields["approvers"]))
    return Version(**fields)


# ---------------------------------------------------------------- texts


@record
class Sources:
    """The texts of a version: its own, and those that it brings in."""

    text: Source
    uses: tuple[Use, ...]


def sources(connection: Connection, version: Version) -> Sources:
    """The exact texts of a version. Raises `NotStored` where one has been lost, `Refused` where one was changed."""
    kept = texts.read(connection, (version.hash, *(hash for _, hash in version.uses)))
    return Sources(
        Source(_kept(kept, version, version.hash), version.name),
        tuple(Use(name, _kept(kept, version, hash)) for name, hash in version.uses),
    )


def _kept(kept: Mapping[str, str], version: Version, hash: str) -> str:
    if hash not in kept:
        raise NotStored(
            "text-lost",
            f"a text of `{version.name}` is missing from the store ({hash}); restore a backup",
            f"存储库中缺少 `{version.name}` 的文本（{hash}）；请从备份恢复",
        )
    if texts.hash_of(kept[hash]) != hash:
        raise Refused(
            "text-changed",
            f"a text of `{version.name}` is not what was published ({hash}); restore a backup",
            f"`{version.name}` 的文本与发布时不符（{hash}）；请从备份恢复",
        )
    return kept[hash]


def load(connection: Connection, version: Version) -> CheckedPolicy:
    """A version, ready to decide with under its number, with what it uses as it was pinned.

    Raises `dsl.diagnostics.PolicyError` where the language has moved on so far that its text is in error now.
    """
    from dsl.checker import compile_policy

    found = sources(connection, version)
    return replace(compile_policy(found.text, texts.load_from(found.uses)), version=version.number)


def outdated(version: Version) -> Refused:
    """What is said of a version that cannot be loaded, to whoever wants to decide with it."""
    return Refused(
        "version-not-loaded",
        f"`{version.name}` was written for an earlier form of the language and has errors now; roll it back to mend it",
        f"`{version.name}` 按较早的语言版本书写，现已有错误；请通过回滚建立草案并改正",
    )


# ---------------------------------------------------------------- publishing


def next_number(connection: Connection, policy: str) -> int:
    """The number of the next version; gapless, because writers queue for the chain of events first."""
    newest = latest(connection, policy)
    return 1 if newest is None else newest.number + 1


def insert_version(connection: Connection, version: Version) -> None:
    """Writes the row of a version whose texts are kept, and whose event stands, already."""
    listed = {"uses": canonical(version.uses), "approvers": canonical(version.approvers)}
    connection.execute(insert(table).values(_fields(version) | listed))


def taking_over(connection: Connection, policy: str, start: date) -> Version | None:
    """The version that takes over from one that holds from `start` on; None where that one has no end."""
    query = select(table).where(table.c.policy == policy, table.c.start > start)
    row = connection.execute(query.order_by(table.c.start, table.c.number.desc()).limit(1)).first()
    return None if row is None else _version(row)
