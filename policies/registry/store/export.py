"""An export: what was published and decided in a period, signed, to be verified without the database.

It is a zip file:

    manifest.json      the period, the ends of the chains, and how many lines and which SHA-256 each other file has
    manifest.sig       an Ed25519 signature of the manifest's bytes, in hexadecimal
    events.ndjson      the events of the period, each with its payload
    versions.ndjson    the versions that were published in it, and those that decided something in it
    texts.ndjson       their texts, each under its hash
    records.ndjson     the decisions of the period, each with its payload, `null` where that was erased

A line is a row of the table of that name, in canonical JSON. The signature says who made it and that nothing was changed
since; the hashes say that it is a stretch of the chain without a gap; the end of the chain in the manifest can be held
against the store (`verify.Known`), now or in years. Whoever verifies needs the file and the public key, which they
must have from somebody they trust, not from the file.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields as fields_of
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import select

from dsl.records import record
from policies.registry.store import texts
from policies.registry.store.chain import Head, canonical, digest, link
from policies.registry.store.connect import Store, reading
from policies.registry.store.faults import DAMAGED, unavailable
from policies.registry.store.new_file import new_file
from policies.registry.store.problems import StoreError
from policies.registry.store.search import Wanted, walk
from policies.registry.store.signing import SigningKey, signed_by
from policies.registry.store.tables import events as event_table
from policies.registry.store.verify import heads
from policies.registry.store.versions import Version, covered, policies, versions

FORMAT = 1
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
MEMBERS = ("events", "versions", "texts", "records")

# In bytes: no manifest is longer, and no signature.
LONGEST_MANIFEST = 65_536

# Rows that are read at a time, and bytes (packed) that are handed on at a time.
PORTION = 500
PIECE = 65_536

# What reading a damaged zip file ends with, and what rows that are none: another packing, another spelling, a key that is
# missing. A RuntimeError is any of three: encrypted, packed in a way that is not read here, nested too deep.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
)


class NotGenuine(StoreError):
    """An export that is not what somebody signed; the sentence says in what."""


@record
class Exported:
    """What an export holds: its manifest, in JSON's own types."""

    since: str | None
    until: str | None
    made_at: str
    counts: Mapping[str, int]
    erased: int
    heads: Mapping[str, Head]
    public_key: str


# ---------------------------------------------------------------- writing


def export(
    store: Store,
    path: str,
    key: SigningKey,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Exported:
    """Writes the export of a period (from `since` on, up to and without `until`) into a new file; one that breaks off leaves none.

    Raises `FileExistsError`, other `OSError` of the file, `StoreUnavailable`.
    """
    with new_file(path) as file:
        parts = exporting(store, key, since=since, until=until)
        while True:
            try:
                file.write(next(parts))
            except StopIteration as end:
                found: Exported = end.value
                return found


def exporting(
    store: Store, key: SigningKey, *, since: datetime | None = None, until: datetime | None = None
) -> Generator[bytes, None, Exported]:
    """The export of a period, piece by piece as it is made, of which none is kept: for whoever sends it on.

    One that breaks off has no manifest yet, and is no export. Raises `StoreUnavailable`.
    """
    ends = heads(store)  # before the rest: what comes later is behind them
    versions_used: set[tuple[str, int]] = set()
    erased = 0
    sums: dict[str, dict[str, Any]] = {}
    pieces = _Pieces()

    def decided() -> Iterator[Mapping[str, Any]]:
        nonlocal erased
        for found, body in walk(store, Wanted(since=since, until=until)):
            erased += body is None
            if found.version is not None:
                versions_used.add((found.policy, found.version))
            yield {item.name: getattr(found, item.name) for item in fields_of(found)} | {"payload": body}

    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_DEFLATED) as archive:
        sums["records"] = yield from _write(archive, pieces, "records", decided())
        sums["events"] = yield from _write(archive, pieces, "events", _events(store, since, until))
        chosen = _versions(store, since, until, versions_used)
        sums["versions"] = yield from _write(archive, pieces, "versions", map(covered, chosen))
        sums["texts"] = yield from _write(archive, pieces, "texts", _texts(store, chosen))
        manifest = {
            "format": FORMAT,
            "since": since,
            "until": until,
            "made_at": store.clock(),
            "members": sums,
            "erased": erased,
            "heads": {each.table: {"seq": each.head.seq, "hash": each.head.hash} for each in ends},
            "public_key": key.public,
        }
        text = canonical(manifest)
        archive.writestr(MANIFEST, text)
        archive.writestr(SIGNATURE, key.sign(text.encode()))
    yield pieces.taken()
    return _exported(json.loads(text))


class _Pieces(io.RawIOBase):
    """A file that is only written, from beginning to end; what came is taken away piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._came = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._came += data
        return len(data)

    def __len__(self) -> int:
        return len(self._came)

    def taken(self) -> bytes:
        """What came since the last time."""
        piece = bytes(self._came)
        self._came.clear()
        return piece


def _write(
    archive: zipfile.ZipFile, pieces: _Pieces, name: str, rows: Iterable[Mapping[str, Any]]
) -> Generator[bytes, None, dict[str, Any]]:
    """Writes one member, a line a row; the number of its lines and their SHA-256."""
    sum, lines = hashlib.sha256(), 0
    with archive.open(f"{name}.ndjson", "w", force_zip64=True) as member:
        for row in rows:
            line = canonical(row).encode() + b"\n"
            sum.update(line)
            lines += 1
            member.write(line)
            if len(pieces) >= PIECE:
                yield pieces.taken()
    return {"lines": lines, "sha256": sum.hexdigest()}


def _events(store: Store, since: datetime | None, until: datetime | None) -> Iterator[Mapping[str, Any]]:
    after = 0
    while True:
        query = select(event_table).where(event_table.c.seq > after).order_by(event_table.c.seq)
        if since is not None:
            query = query.where(event_table.c.at >= since)
        if until is not None:
            query = query.where(event_table.c.at < until)
        with reading(store) as connection:
            rows = connection.execute(query.limit(PORTION)).mappings().all()
        if not rows:
            return
        if rows[-1]["seq"] <= after:
            raise unavailable(DAMAGED, store.url)
        yield from map(dict, rows)
        after = rows[-1]["seq"]


def _versions(
    store: Store, since: datetime | None, until: datetime | None, used: set[tuple[str, int]]
) -> list[Version]:
    """The versions that were published in a period, and those that were used, by name and number."""
    found = []
    with reading(store) as connection:
        for policy in policies(connection):
            for each in reversed(versions(connection, policy)):
                published = (since is None or each.published_at >= since) and (
                    until is None or each.published_at < until
                )
                if published or (policy, each.number) in used:
                    found.append(each)
    return found


def _texts(store: Store, chosen: Iterable[Version]) -> Iterator[Mapping[str, Any]]:
    hashes = {hash for each in chosen for hash in (each.hash, *(hash for _, hash in each.uses))}
    for hash in sorted(hashes):
        with reading(store) as connection:
            kept = texts.read(connection, [hash])
        # One that was lost is empty here, which does not fit its hash: whoever verifies the export is told so.
        yield {"hash": hash, "text": kept.get(hash, "")}


# ---------------------------------------------------------------- verifying


def verify_export(path: str, public_key: str) -> Exported:
    """Sees that an export is what the owner of a key signed, and whole; says what it holds.

    Raises `NotGenuine` with the first thing that is wrong, `StoreError` for what is no public key, `OSError`.
    """
    with open(path, "rb") as file, _taken_as_it_comes():
        return _verified(file, public_key)


@contextmanager
def _taken_as_it_comes() -> Iterator[None]:
    """Raises `NotGenuine` for whatever Python's readers of zip files and of JSON make of bytes that somebody changed."""
    try:
        yield
    except OSError as error:
        # Nowhere in the file, or no stream of its kind: the file says so, not the disk.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise _no_export() from error
    except BROKEN as error:
        raise _no_export() from error


def _no_export() -> NotGenuine:
    return _not("is no export, or lacks a part of it", "不是导出文件，或内容不全")


def _verified(file: BinaryIO, public_key: str) -> Exported:
    with zipfile.ZipFile(file) as archive:
        manifest = _manifest(archive, public_key)
        _demand_parts(archive)
        for name in MEMBERS:
            _demand_sum(archive, name, manifest["members"][name])
        _demand_chain(archive, "events")
        told = _demand_versions(archive)
        erased = _demand_chain(archive, "records", told)
    if erased != manifest["erased"]:
        raise _not("has lost payloads of decisions", "缺少部分决策的内容")
    return _exported(manifest)


def _manifest(archive: zipfile.ZipFile, public_key: str) -> dict[str, Any]:
    """The manifest, once its signature is seen to be right: before that nothing in the file is believed."""
    parts = []
    for name in (MANIFEST, SIGNATURE):
        with archive.open(name) as member:
            parts.append(member.read(LONGEST_MANIFEST))
    text, signature = parts
    if not signed_by(public_key, signature.decode("ascii", "replace"), text):
        raise _not("was not signed with that key, or was changed since", "并非用该密钥签名，或签名后被改动")
    found: dict[str, Any] = json.loads(text)
    if found["format"] != FORMAT:
        raise _not(
            "was made by a newer Tierwise; verify it with that one",
            "由更新版本的 Tierwise 生成；请用该版本验证",
        )
    return found


def _demand_parts(archive: zipfile.ZipFile) -> None:
    """Sees that there is nothing beside what the signature covers, and nothing twice."""
    wanted, there = {MANIFEST, SIGNATURE, *(f"{name}.ndjson" for name in MEMBERS)}, archive.namelist()
    if not wanted.issuperset(there) or len(set(there)) < len(there):
        raise _not("holds a part that was not signed", "含有未经签名的部分")


def _demand_sum(archive: zipfile.ZipFile, name: str, told: Mapping[str, Any]) -> None:
    sum = hashlib.sha256()
    with archive.open(f"{name}.ndjson") as member:
        while part := member.read(1 << 20):
            sum.update(part)
    if sum.hexdigest() != told["sha256"]:
        raise _not(f"has other {name} than were signed", f"中的 {name} 与签名时不同")


def _rows(archive: zipfile.ZipFile, name: str) -> Iterator[dict[str, Any]]:
    with archive.open(f"{name}.ndjson") as member:
        for line in io.TextIOWrapper(member, "utf-8", newline="\n"):
            yield json.loads(line)


def _demand_chain(
    archive: zipfile.ZipFile, name: str, told: Mapping[tuple[str, int], str] | None = None
) -> int:
    """Sees that rows follow each other without a gap, and fit their hashes; how many have no payload any more.

    `told` are the hashes of the versions that the rows may name.
    """
    before: dict[str, Any] | None = None
    erased = 0
    for row in _rows(archive, name):
        follows = before is None or (row["seq"] == before["seq"] + 1 and row["prev"] == before["hash"])
        if not follows or link(row["prev"], row) != row["hash"]:
            raise _not(f"breaks the chain of {name} at {row['seq']}", f"中 {name} 的链在 {row['seq']} 处断裂")
        if row["payload"] is None:
            erased += 1
        elif digest(row["payload"]) != row["payload_hash"]:
            raise _not(
                f"has another payload at {row['seq']} of {name}", f"中 {name} 的第 {row['seq']} 条内容被改动"
            )
        if told is not None and row.get("version") is not None:
            named = (row["policy"], row["version"])
            if told.get(named) != row["policy_hash"]:
                raise _not(f"lacks the version that decided {row['id']}", f"缺少作出决策 {row['id']} 的版本")
        before = row
    return erased


def _demand_versions(archive: zipfile.ZipFile) -> dict[tuple[str, int], str]:
    """Sees that versions have their texts, and are as their events tell; their hashes by name and number."""
    kept = set()
    for row in _rows(archive, "texts"):
        if texts.hash_of(row["text"]) != row["hash"]:
            raise _not(f"has another text than {row['hash']}", f"中的文本与 {row['hash']} 不符")
        kept.add(row["hash"])
    found = {}
    for row in _rows(archive, "versions"):
        name = f"{row['policy']}@{row['number']}"
        if not kept.issuperset((row["hash"], *(hash for _, hash in row["uses"]))):
            raise _not(f"lacks a text of `{name}`", f"缺少 `{name}` 的文本")
        found[row["policy"], row["number"]] = row
    for event in _rows(archive, "events"):
        if event["kind"] == "published":
            told = json.loads(event["payload"])["version"]
            if found.get((told["policy"], told["number"])) != told:
                name = f"{told['policy']}@{told['number']}"
                raise _not(
                    f"has another version `{name}` than was published", f"中的版本 `{name}` 与发布时不同"
                )
    return {key: row["hash"] for key, row in found.items()}


def _exported(manifest: Mapping[str, Any]) -> Exported:
    return Exported(
        since=manifest["since"],
        until=manifest["until"],
        made_at=manifest["made_at"],
        counts={name: member["lines"] for name, member in manifest["members"].items()},
        erased=manifest["erased"],
        heads={name: Head(head["seq"], head["hash"]) for name, head in manifest["heads"].items()},
        public_key=manifest["public_key"],
    )


def _not(en: str, zh: str) -> NotGenuine:
    return NotGenuine("not-genuine", f"the export {en}", f"该导出{zh}")
