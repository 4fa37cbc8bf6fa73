"""What a command line can hold and no database takes, and what the system refuses: said in words, before anything is done."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.fields import LARGEST
from api.terminal import REFUSED_ZH, refused_by_system
from tests.cli import POLICY, Command, tierwise

__all__ = ["tierwise"]

# How Python keeps a byte of the command line that is not UTF-8.
BAD = "a\udcff"
BY_ANN = ("--as", "ann")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tierwise: Command) -> Path:
    """A working folder with a policy, and a store in which it waits for approval."""
    for name in ("TIERWISE_DATABASE_URL", "TIERWISE_POLICIES", "TIERWISE_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.tier").write_text(POLICY, "utf-8")
    assert tierwise("publish", "small.tier", "--reason", "first", *BY_ANN).code == 0
    return tmp_path


# ---------------------------------------------------------------- bytes that are no text


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("DECISION", ("replay", BAD)),
        ("--customer", ("replay", "--customer", BAD)),
        ("--policy", ("replay", "--policy", BAD)),
        ("--against", ("replay", "--against", BAD)),
        ("CUSTOMER", ("erase", BAD, "--reason", "asked", *BY_ANN)),
        ("VERSION", ("show", BAD)),
        ("VERSION", ("show", f"{BAD}@1")),
        ("VERSION", ("rollback", f"{BAD}@1", "--reason", "old", *BY_ANN)),
        ("NAME", ("versions", BAD)),
        ("NAME", ("keys", "create", BAD, "--role", "reader", *BY_ANN)),
        ("DRAFT", ("approve", f"{BAD}@draft-1", *BY_ANN)),
        ("--as", ("approve", "small", "--as", BAD)),
        ("OLD", ("diff", BAD, "small.tier")),
        ("NEW", ("diff", "small.tier", f"{BAD}@1")),
        ("POLICY", ("decide", BAD, "--facts", "-")),
        ("POLICY", ("publish", BAD, *BY_ANN)),
        ("--public-key", ("verify", "small.tier", "--public-key", BAD)),
        ("--head", ("verify", "--head", "events:1:0", "--head", BAD)),
        ("--keep", ("decide", "small.tier", "--facts", "-", "--keep", BAD)),
        ("--database", ("serve", "--database", f"sqlite:///{BAD}")),
    ],
)
@pytest.mark.usefixtures("folder")
def test_bytes_that_are_no_text_are_refused_by_the_name_of_what_they_stand_for(
    tierwise: Command, monkeypatch: pytest.MonkeyPatch, name: str, arguments: tuple[str, ...]
) -> None:
    done = tierwise(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"tierwise: `{name}` is not text in UTF-8; set the terminal")
    monkeypatch.setenv("TIERWISE_LANG", "zh")
    assert tierwise(*arguments).err.startswith(f"tierwise: `{name}` 不是 UTF-8 文本；请将终端")


@pytest.mark.parametrize("arguments", [("versions",), ("serve",), ("diff", "small", "small@1")])
@pytest.mark.usefixtures("folder")
def test_the_address_of_the_store_is_text(
    tierwise: Command, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """What is wrong with it is said without it: it may hold a password."""
    monkeypatch.setenv("TIERWISE_DATABASE_URL", f"postgresql://ann:secret{BAD}@localhost/db")
    done = tierwise(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("tierwise: `TIERWISE_DATABASE_URL` is not text in UTF-8")
    assert "secret" not in done.err


@pytest.mark.usefixtures("folder")
def test_a_file_may_be_called_by_any_bytes(tierwise: Command) -> None:
    policy, facts, written = f"{BAD}.tier", f"{BAD}.json", f"{BAD}.zip"
    Path(policy).write_text(POLICY, "utf-8")
    Path(facts).write_text('{"amount": 200, "listed": false}', "utf-8")
    assert tierwise("check", policy).code == 0
    assert tierwise("fmt", policy).code == 0
    assert tierwise("test", policy).code == 0
    assert tierwise("diff", policy, "small.tier").code == 0
    assert tierwise("decide", policy, "--facts", facts).code == 0
    exported = tierwise("export", written, "--key", f"{BAD}.key")
    assert exported.code == 0
    key = json.loads(exported.out)["public_key"]
    assert tierwise("verify", written, "--public-key", key).code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("decide", f"{BAD}.tier", "--facts", "-"),
        ("decide", "small.tier", "--facts", BAD),
        ("publish", f"./{BAD}", "--reason", "x"),
        ("test", BAD),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_file_of_such_a_name_that_is_not_there_is_said_not_to_be(arguments: tuple[str, ...]) -> None:
    """In a process of its own: what is written there of such a name, pytest's standard error does not take."""
    command: list[str | bytes] = [sys.executable, "-m", "api.cli", *map(os.fsencode, arguments)]
    done = subprocess.run(command, capture_output=True, input=b"", timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"does not exist" in done.stderr


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize("number", [LARGEST, LARGEST + 1, 2**63, 10**20])
@pytest.mark.usefixtures("folder")
def test_no_key_has_a_number_that_is_too_large_for_the_store(tierwise: Command, number: int) -> None:
    done = tierwise("keys", "revoke", number, *BY_ANN)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"tierwise: there is no key {number}; `tierwise keys list` shows them all\n"
    told = tierwise("keys", "revoke", number, *BY_ANN, "--lang", "zh")
    assert told.err == f"tierwise: 没有密钥 {number}；`tierwise keys list` 列出全部密钥\n"


@pytest.mark.usefixtures("folder")
def test_no_chain_ends_at_a_number_of_very_many_digits(tierwise: Command) -> None:
    done = tierwise("verify", "--head", f"events:{'9' * 5000}:{'0' * 64}")
    assert (done.code, done.out) == (2, "")
    assert "is no end of a chain" in done.err


# ---------------------------------------------------------------- what the system refuses


@pytest.mark.usefixtures("folder")
def test_what_the_system_refuses_is_said_in_the_language_of_the_command(tierwise: Command) -> None:
    done = tierwise("export", "nowhere/x.zip", "--lang", "zh")
    assert (done.code, done.out) == (2, "")
    assert done.err == "tierwise: 没有这个文件或文件夹：`nowhere/x.zip`\n"
    assert tierwise("export", "nowhere/x.zip").err == (
        "tierwise: No such file or directory: `nowhere/x.zip`\n"
    )


@pytest.mark.usefixtures("folder")
def test_where_it_was_refused_still_shows(tierwise: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERWISE_DEBUG", "1")
    with pytest.raises(FileNotFoundError):
        tierwise("export", "nowhere/x.zip")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is always full is Linux's")
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "small.tier", "--format", "json"),
        ("versions",),
        ("--help",),
        ("show", "small@draft"),
        ("fmt", "long.tier", "--stdout"),
    ],
)
def test_a_full_disk_is_one_sentence(folder: Path, arguments: tuple[str, ...]) -> None:
    """Whether it is met while a command writes, as with much to write, or behind it."""
    (folder / "long.tier").write_text(f"{POLICY}\n# {'much ' * 20_000}\n", "utf-8")
    settings = {**os.environ, "TIERWISE_LANG": "zh"}
    settings.pop("PYTHONUNBUFFERED", None)
    command = [sys.executable, "-m", "api.cli", *arguments]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=settings, timeout=60, check=False
        )
    assert done.returncode == 2
    said = [
        line for line in done.stderr.decode().splitlines() if line.startswith("tierwise") or "Err" in line
    ]
    assert said == ["tierwise: 磁盘空间不足"]
    assert b"Exception" not in done.stderr


@pytest.mark.parametrize("number", REFUSED_ZH)
def test_common_refusals_have_words_of_both_languages(number: int) -> None:
    error = OSError(number, os.strerror(number), "here")
    assert refused_by_system(error) == (f"{os.strerror(number)}: `here`", f"{REFUSED_ZH[number]}：`here`")


def test_other_refusals_are_said_as_they_come() -> None:
    """Such as that of a host's name, which the service words itself."""
    named = OSError(errno.EINVAL, "Not the name of a host", "x y:80")
    assert refused_by_system(named) == (
        "Not the name of a host: `x y:80`",
        "Not the name of a host：`x y:80`",
    )
    assert refused_by_system(OSError(errno.EPERM, "No")) == ("No", "No")
    assert refused_by_system(OSError()) == ("the system refused", "系统拒绝了操作")
