"""Published versions, and which of them is in force.

A version has two times. It holds from a day on (`start`, the publication's `from`), and it is known from the moment of
its publication. So three questions about 3 March have three answers:

    what did we say then                          as_of 3 March, known_at 3 March
    what should we have said, as we know today    as_of 3 March
    what would the policy of then say today       as_of today, known_at 3 March

In force is, of the versions that hold on the day and were known at the time, the one with the latest start; of several
with one start the latest published (`timeline`). Dated parameters follow `as_of` as well, inside the text.

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
from policies.registry.store.timeline import History, history, was_known

# What a version decides by, in hashes: of its own text, and of those that it uses, by name.
Content = tuple[str, frozenset[tuple[str, str]]]


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

    @property
    def content(self) -> Content:
        """All that it decides by, in hashes: its own text, and those that it uses. Versions alike in this decide alike."""
        return self.hash, frozenset(self.uses)

    def day(self, moment: datetime) -> date:
        """What day it is at a moment where the policy lives."""
        return day_of(moment, self.timezone)


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
        raise _no_version(policy, number)
    return _version(row)


def no_policy(policy: str) -> NotStored:
    """Nothing was published under a name."""
    return NotStored(
        "no-policy",
        f"no policy `{policy}` was published; `tierwise versions` lists those that were",
        f"尚未发布政策 `{policy}`；`tierwise versions` 列出已发布的政策",
    )


def _no_version(policy: str, which: object) -> NotStored:
    return NotStored(
        "no-version",
        f"there is no version {which} of `{policy}`; `tierwise versions {policy}` lists them",
        f"政策 `{policy}` 没有版本 {which}；`tierwise versions {policy}` 列出全部版本",
    )


def latest(connection: Connection, policy: str) -> Version | None:
    """The version that was published last, whether it holds already or not."""
    query = select(table).where(table.c.policy == policy).order_by(table.c.number.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _version(row)


def history_of(connection: Connection, policy: str) -> History | None:
    """All versions of a policy in time; None where nothing was published."""
    found = versions(connection, policy)
    return history(found) if found else None


def in_force_at(connection: Connection, policy: str, moment: datetime) -> Version | None:
    """The version that holds at a moment."""
    found = history_of(connection, policy)
    return None if found is None else found.at(moment)


def find(
    connection: Connection,
    reference: str,
    as_of: date | datetime,
    known_at: date | datetime | None = None,
) -> Version:
    """The version that `name`, `name@3` or `name@sha256:…` means; `name` alone is the one in force on a day, or at a moment.

    Known at is a moment, too, or a day, which stands for its end; a version that was not published by then is refused.
    A hash may be shortened to eight digits or more; several versions with one text are told by the latest, unless
    they differ in what they use. Raises `NotStored`, and `Refused` where a hash may mean several.
    """
    policy, sign, which = reference.partition("@")
    every = history_of(connection, policy)
    if every is None:
        raise no_policy(policy)
    known = known_at if known_at is None or isinstance(known_at, datetime) else every.end_of(known_at)
    if sign:
        return _demand_known(_named(every, reference, policy, which), known)
    found = every.at(as_of, known) if isinstance(as_of, datetime) else every.in_force(as_of, known)
    if found is None:
        day = every.today(as_of, known) if isinstance(as_of, datetime) else as_of
        raise NotStored(
            "not-in-force",
            f"no version of `{policy}` that was known then holds on {day}; give another day, or a version, as in `{policy}@1`",
            f"{day} 没有当时已知且有效的 `{policy}` 版本；请换一个日期，或写明版本，如 `{policy}@1`",
        )
    return found


def _named(every: History, reference: str, policy: str, which: str) -> Version:
    """The version that stands behind the @. Raises as `find` does."""
    match every.meant(which):
        case None:
            raise NotStored(
                "reference",
                f"`{reference}` names no version; write `{policy}@3` or `{policy}@sha256:…`",
                f"`{reference}` 不是版本的写法；请写成 `{policy}@3` 或 `{policy}@sha256:…`",
            )
        case []:
            raise _no_version(policy, which)
        case [found]:
            return found
        case several:
            names = [f"`{each.name}`" for each in several]
            raise Refused(
                "several-versions",
                f"`{reference}` may be {', '.join(names)}, which differ in their texts or in what they use;"
                f" name the number, as in {names[-1]}",
                f"`{reference}` 可指 {'、'.join(names)}，其文本或所引用的文本不同；请写明版本号，如 {names[-1]}",
            )


def _demand_known(version: Version, by: datetime | None) -> Version:
    """Raises `Refused` for a version that was not published by then."""
    if was_known(version, by):
        return version
    raise Refused(
        "not-known-then",
        f"`{version.name}` was not published yet at that time; leave the number or the time out",
        f"当时 `{version.name}` 尚未发布；请去掉版本号或时间",
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
        f"`{version.name}` was written for an earlier form of the language and has errors now;"
        f" begin a draft of your own from `tierwise show {version.name}`",
        f"`{version.name}` 按较早的语言版本书写，现已有错误；请用 `tierwise show {version.name}` 取得文本，另建草案",
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
