"""A signed export is verified by the file and the public key alone; whatever is changed in it shows."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import random
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from policies.registry.store import chain
from policies.registry.store.chain import Head
from policies.registry.store.connect import Store
from policies.registry.store.export import MANIFEST, SIGNATURE, NotGenuine, export, verify_export
from policies.registry.store.problems import StoreError, StoreUnavailable
from policies.registry.store.records import erase
from policies.registry.store.signing import SigningKey, new_key, open_key, own_key, signed_by
from policies.registry.store.verify import Known, verify
from policies.registry.store.writer import Recorder
from tests.recording import loaded, recorded
from tests.store import START, Clock, published
from tests.store import text as policy_text


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return new_key(str(tmp_path / "key.pem"))


@pytest.fixture
def full(store: Store) -> Store:
    """A version on the first day, two decisions on each of three days, another version on the second."""
    clock = store.clock
    assert isinstance(clock, Clock)
    policy = loaded(store)
    with Recorder(store) as recorder:
        for day in range(3):
            recorded(recorder, policy, customer="C1")
            recorded(recorder, policy, customer=f"D{day}")
            if day == 1:
                published(store, policy_text())
            clock.later(days=1)
    return store


def test_everything(full: Store, key: SigningKey, tmp_path: Path) -> None:
    path = str(tmp_path / "all.zip")
    made = export(full, path, key)
    assert made.counts == {"events": 11, "versions": 2, "texts": 2, "records": 6}
    assert verify_export(path, key.public) == made
    assert made.public_key == key.public
    known = [Known("events", made.heads["events"]), Known("records", made.heads["records"])]
    assert list(verify(full, known)) == []
    with pytest.raises(FileExistsError):
        export(full, path, key)


def test_a_period(full: Store, key: SigningKey, tmp_path: Path) -> None:
    """The version that decided in it comes along, though it was published before."""
    path = str(tmp_path / "day.zip")
    made = export(
        full, path, key, since=START + timedelta(hours=12), until=START + timedelta(days=1, hours=12)
    )
    assert made.counts == {"events": 5, "versions": 2, "texts": 2, "records": 2}
    assert verify_export(path, key.public) == made
    empty = export(full, str(tmp_path / "none.zip"), key, since=START + timedelta(days=9))
    assert set(empty.counts.values()) == {0}
    assert verify_export(str(tmp_path / "none.zip"), key.public) == empty


def test_what_was_erased_is_told(full: Store, key: SigningKey, tmp_path: Path) -> None:
    erase(full, "C1", "dee", "asked to")
    path = str(tmp_path / "all.zip")
    assert export(full, path, key).erased == 3
    assert verify_export(path, key.public).erased == 3


@pytest.mark.parametrize(
    "why",
    [
        OSError(errno.ENOSPC, "no space"),
        KeyboardInterrupt(),
        StoreUnavailable("store-away", "away", "无法连接"),
    ],
    ids=lambda why: type(why).__name__,
)
def test_one_that_breaks_off_is_no_file(
    full: Store, key: SigningKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: BaseException
) -> None:
    """So that it can be tried again under the same name."""
    path = tmp_path / "all.zip"

    def broken(*_: object) -> None:
        raise why

    monkeypatch.setattr(SigningKey, "sign", broken)
    with pytest.raises(type(why)):
        export(full, str(path), key)
    assert not path.exists()
    monkeypatch.undo()
    assert export(full, str(path), key) == verify_export(str(path), key.public)


def test_what_somebody_else_wrote_stays(full: Store, key: SigningKey, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_text("somebody else's")
    with pytest.raises(FileExistsError):
        export(full, str(path), key)
    assert path.read_text() == "somebody else's"


# ---------------------------------------------------------------- tampering

Change = Callable[[dict[str, bytes]], object]


def rewritten(path: Path, change: Change, key: SigningKey | None = None) -> str:
    """The export with other parts; signed again, where a key is given, with sums that fit."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    if key is not None:
        manifest = json.loads(parts[MANIFEST])
        for name, member in manifest["members"].items():
            member["sha256"] = hashlib.sha256(parts[f"{name}.ndjson"]).hexdigest()
        parts[MANIFEST] = json.dumps(manifest).encode()
        parts[SIGNATURE] = key.sign(parts[MANIFEST]).encode()
    other = path.with_suffix(".other.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return str(other)


def replaced(name: str, old: bytes, new: bytes) -> Change:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new, 1)

    return change


def without_line(name: str, number: int) -> Change:
    def change(parts: dict[str, bytes]) -> None:
        lines = parts[name].splitlines(keepends=True)
        del lines[number]
        parts[name] = b"".join(lines)

    return change


CHANGES: list[tuple[Change, str]] = [
    (replaced(MANIFEST, b'"lines":6', b'"lines":5'), "signed"),
    (replaced("records.ndjson", b'"tier":"A"', b'"tier":"B"'), "other records"),
    (without_line("records.ndjson", 2), "other records"),
    (replaced("texts.ndjson", b"+60", b"+61"), "other texts"),
    (lambda parts: parts.pop("events.ndjson"), "lacks a part"),
    (lambda parts: parts.pop(SIGNATURE), "lacks a part"),
    (lambda parts: parts.update({"notes.txt": b"all is well"}), "holds a part that was not signed"),
]
# What shows even where somebody who holds the key has signed it.
SIGNED_AGAIN: list[tuple[Change, str]] = [
    (replaced("records.ndjson", b'"tier":"A"', b'"tier":"B"'), "chain of records at 1"),
    (without_line("records.ndjson", 2), "chain of records at 4"),
    (without_line("events.ndjson", 3), "chain of events at 5"),
    (replaced("records.ndjson", b'orders\\":500', b'orders\\":600'), "another payload at 1"),
    (replaced("texts.ndjson", b"+60", b"+61"), "another text"),
    (without_line("texts.ndjson", 0), "lacks a text"),
    (replaced("versions.ndjson", b'"publisher":"bob"', b'"publisher":"eve"'), "another version"),
    (without_line("versions.ndjson", 1), "another version"),
    (replaced(MANIFEST, b'"erased":0', b'"erased":1'), "has lost payloads"),
    (replaced(MANIFEST, b'"heads":', b'"tails":'), "lacks a part"),
    (replaced(MANIFEST, b'"format":1', b'"format":2'), "newer Tierwise"),
    # Rows that are none, and rows that lack or hold what no row does.
    (lambda parts: parts.update({"records.ndjson": b"[1]\n"}), "lacks a part"),
    (lambda parts: parts.update({"records.ndjson": b"\xff\n"}), "lacks a part"),
    (lambda parts: parts.update({"records.ndjson": b"[" * 5000}), "lacks a part"),
    (lambda parts: parts.update({"events.ndjson": b"{}\n"}), "lacks a part"),
    (replaced("records.ndjson", b'"prev":"', b'"prev":5,"before":"'), "lacks a part"),
    (replaced("texts.ndjson", b'"text":"', b'"text":5,"before":"'), "lacks a part"),
    (replaced("versions.ndjson", b'"uses":[]', b'"uses":[5]'), "lacks a part"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_a_change_shows(full: Store, key: SigningKey, tmp_path: Path, change: Change, said: str) -> None:
    path = tmp_path / "all.zip"
    export(full, str(path), key)
    with pytest.raises(NotGenuine, match=said) as caught:
        verify_export(rewritten(path, change), key.public)
    assert caught.value.message("zh").startswith("该导出")


@pytest.mark.parametrize(("change", "said"), SIGNED_AGAIN)
def test_a_change_that_was_signed_shows(
    full: Store, key: SigningKey, tmp_path: Path, change: Change, said: str
) -> None:
    path = tmp_path / "all.zip"
    export(full, str(path), key)
    assert verify_export(rewritten(path, lambda _: None, key), key.public)
    with pytest.raises(NotGenuine, match=said):
        verify_export(rewritten(path, change, key), key.public)


def test_a_decision_by_another_text_than_its_version_shows(
    full: Store, key: SigningKey, tmp_path: Path
) -> None:
    """With a chain made anew around it: each record names the text that its version has."""
    path = tmp_path / "all.zip"
    export(full, str(path), key)

    def other_text(parts: dict[str, bytes]) -> None:
        rows = [json.loads(line) for line in parts["records.ndjson"].splitlines()]
        rows[2]["policy_hash"] = "sha256:" + "0" * 64
        remade, _ = chain.linked(Head(0, chain.NOTHING), rows)
        parts["records.ndjson"] = b"".join(chain.canonical(row).encode() + b"\n" for row in remade)

    with pytest.raises(NotGenuine, match="lacks the version that decided"):
        verify_export(rewritten(path, other_text, key), key.public)


def test_any_bit_of_it(full: Store, key: SigningKey, tmp_path: Path) -> None:
    """Wherever one is flipped: it is refused, or what it holds has not changed (an idle field of the zip file)."""
    path, other = tmp_path / "all.zip", tmp_path / "other.zip"
    made = export(full, str(path), key)
    whole, chance = path.read_bytes(), random.Random(5)
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
        directory = archive.start_dir
    places = [chance.randrange(len(whole)) for _ in range(400)]
    places += [
        chance.randrange(directory, len(whole)) for _ in range(400)
    ]  # where every byte steers the reader
    refused = 0
    for place in places:
        data = bytearray(whole)
        data[place] ^= 1 << chance.randrange(8)
        other.write_bytes(data)
        try:
            assert verify_export(str(other), key.public) == made
        except NotGenuine:
            refused += 1
        else:
            with zipfile.ZipFile(other) as archive:
                assert {name: archive.read(name) for name in archive.namelist()} == contents
    assert refused > 400


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_part_that_is_packed_as_it_says_it_is_not(
    full: Store, key: SigningKey, tmp_path: Path, method: int
) -> None:
    path = tmp_path / "all.zip"
    export(full, str(path), key)
    data = bytearray(path.read_bytes())
    for entry in re.finditer(rb"PK\x01\x02", bytes(data)):  # what the directory says of each part's packing
        data[entry.start() + 10] = method
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert method in {each.compress_type for each in archive.infolist()}
    path.write_bytes(data)
    with pytest.raises(NotGenuine, match="lacks a part"):
        verify_export(str(path), key.public)


def test_another_key_and_no_export(full: Store, key: SigningKey, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    export(full, str(path), key)
    other = new_key(str(tmp_path / "other.pem"))
    with pytest.raises(NotGenuine):
        verify_export(str(path), other.public)
    (tmp_path / "text.zip").write_text("no zip")
    with pytest.raises(NotGenuine):
        verify_export(str(tmp_path / "text.zip"), key.public)
    with pytest.raises(FileNotFoundError):
        verify_export(str(tmp_path / "none.zip"), key.public)


# ---------------------------------------------------------------- keys


def test_a_key_is_its_owners(key: SigningKey, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_key(str(path)).public == key.public
    with pytest.raises(FileExistsError):
        new_key(str(path))
    os.chmod(path, 0o640)
    with pytest.raises(StoreError, match="chmod 600"):
        open_key(str(path))
    no_key = tmp_path / "none.pem"
    no_key.touch(0o600)
    with pytest.raises(StoreError) as caught:
        open_key(str(no_key))
    assert caught.value.code == "key"


def test_a_key_that_cannot_be_written_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key.pem"

    def broken(*_: object) -> bytes:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr("policies.registry.store.signing.NoEncryption", broken)
        with pytest.raises(MemoryError):
            new_key(str(path))
        with pytest.raises(MemoryError):
            own_key(str(path))
    assert list(tmp_path.iterdir()) == []
    assert own_key(str(path)).public == open_key(str(path)).public


@pytest.mark.parametrize("public", ["", "ed25519:", "ed25519:zz", "rsa:00", "ed25519:" + "0" * 62])
def test_what_is_no_public_key(public: str) -> None:
    with pytest.raises(StoreError) as caught:
        signed_by(public, "00", b"")
    assert caught.value.code == "public-key"


def test_signatures(key: SigningKey) -> None:
    assert signed_by(key.public, key.sign(b"data"), b"data")
    assert not signed_by(key.public, key.sign(b"data"), b"other")
    assert not signed_by(key.public, "no hex", b"data")
