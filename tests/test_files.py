"""Policies as files: what is read, what is found, and what `use` cannot reach."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dsl.diagnostics import PolicyError
from policies.registry.files import (
    LARGEST_POLICY,
    FileProblem,
    check_file,
    find_policies,
    load_policy,
    loader,
    read_bytes,
    read_source,
)

TEXT = 'policy p "P"\nfact a: number\nscore s = a\ntiers t by s\n  A from 1\n  B otherwise\n'


@pytest.mark.parametrize(
    "data",
    [
        "政策 甲 “客户”\n".encode(),
        "\ufeff政策 甲 “客户”\r\n".encode(),
        "政策 甲 “客户”\r\n".encode("gb18030"),
    ],
)
def test_any_encoding_gives_the_same_text(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "甲.tier"
    path.write_bytes(data)
    source = read_source(path)
    assert source.text == "政策 甲 “客户”\n"
    assert source.name == str(path)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    large = tmp_path / "large.tier"
    large.write_bytes(b"#" * (LARGEST_POLICY + 1))
    for path, words in (
        (tmp_path / "none.tier", "does not exist"),
        (tmp_path, "is a folder"),
        (large, "is larger than"),
        (tmp_path / "a\0b", "not a possible file name"),
    ):
        with pytest.raises(FileProblem, match=words) as caught:
            read_bytes(path)
        assert caught.value.message("zh") != caught.value.message("en")
    if os.geteuid():
        large.chmod(0)
        with pytest.raises(FileProblem, match="permission denied"):
            read_bytes(large)


def test_a_policy_is_loaded_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.tier"
    path.write_text(TEXT, "utf-8")
    assert load_policy(path).name == "p"
    path.write_text(TEXT + "score s = nothing\n", "utf-8")
    with pytest.raises(PolicyError):
        load_policy(path)
    path.write_bytes(b"\xff\xfe\x00")
    checked = check_file(path)
    assert (checked.policy, checked.errors) == (None, 1)


def test_folders_are_searched_and_sorted(tmp_path: Path) -> None:
    for name in ("b.tier", "a.tier", "sub/c.tier", ".hidden/d.tier", "e.txt", ".f.tier"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = find_policies([tmp_path, tmp_path / "a.tier"])
    assert [Path(path).relative_to(tmp_path).as_posix() for path in found] == [
        "a.tier",
        "b.tier",
        "sub/c.tier",
    ]
    (tmp_path / "empty").mkdir()
    for path, words in ((tmp_path / "empty", r"holds no \.tier file"), (tmp_path / "no", "does not exist")):
        with pytest.raises(FileProblem, match=words):
            find_policies([path])


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], object]:
    """The loader of a policy in a folder beside which a secret lies."""
    folder = tmp_path / "policies"
    (folder / "shared").mkdir(parents=True)
    (folder / "shared/facts.tier").write_text("fact a: number\n")
    (tmp_path / "secret.tier").write_text("fact password: text\n")
    (folder / "link.tier").symlink_to(tmp_path / "secret.tier")
    (folder / "up").symlink_to(tmp_path)
    (folder / "circle.tier").symlink_to(folder / "circle.tier")
    (folder / "inside.tier").symlink_to(folder / "shared/facts.tier")
    return loader(folder / "p.tier")


@pytest.mark.parametrize("name", ["shared/facts.tier", "./shared/facts.tier", "inside.tier"])
def test_use_reads_inside_the_folder(load: Callable[[str], object], name: str) -> None:
    assert load(name) is not None


@pytest.mark.parametrize(
    "name",
    [
        "../secret.tier",
        "shared/../../secret.tier",
        "link.tier",
        "up/secret.tier",
        "circle.tier",
        "shared",
        "",
        ".",
        "none.tier",
        "shared\\facts.tier",
        "C:/secret.tier",
        "a\0b",
        "/etc/passwd",
    ],
)
def test_use_reads_nothing_else(load: Callable[[str], object], name: str, tmp_path: Path) -> None:
    assert load(name) is None
    assert load(str(tmp_path / "secret.tier")) is None
