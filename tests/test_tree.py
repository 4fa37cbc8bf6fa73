"""What no file of the project may hold: the paths of one machine, loose ends."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# In pieces, so that this file passes its own test.
ANYWHERE = re.compile(
    r"(?<![\w.:-])/(?:" + "|".join(["wor" + "k/", "far" + "m", "roo" + "t/"]) + r")|sub[-_ ]?" + "agent",
    re.IGNORECASE,
)
IN_PYTHON = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")


def files() -> Iterator[Path]:
    """The project's files, those not yet committed included; nothing that is ignored."""
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8").stdout
    return (path for name in names.split("\0") if name and (path := ROOT / name).is_file())


def problems(name: str, text: str) -> list[str]:
    patterns = [ANYWHERE, IN_PYTHON] if name.endswith(".py") else [ANYWHERE]
    return [
        f"{name}:{number} {match.group()!r}"
        for number, line in enumerate(text.splitlines(), 1)
        for pattern in patterns
        for match in pattern.finditer(line)
    ]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_no_machine_paths_and_no_loose_ends() -> None:
    # Latin-1 reads any encoding; what is looked for is ASCII.
    texts = {path.relative_to(ROOT).as_posix(): path.read_bytes().decode("latin-1") for path in files()}
    assert "pyproject.toml" in texts
    assert [p for name, text in texts.items() if "\0" not in text for p in problems(name, text)] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("docs/a.md", "see /wor" + "k/here"),
        ("Makefile", "X := /far" + "m/bin"),
        ("a.lock", "/roo" + "t/.pyenv"),
        ("docs/a.md", "a Sub" + "-Agent wrote it"),
        ("dsl/a.py", "pass  # TO" + "DO: more"),
        ("dsl/a.py", "# XX" + "X"),
    ],
)
def test_each_is_found(name: str, text: str) -> None:
    assert len(problems(name, text)) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("docs/a.md", "a TO" + "DO list is fine in prose; so is home/wor" + "k/ and a /far field"),
        ("dsl/a.py", "HA" + "CKATHON = 1"),
    ],
)
def test_the_rest_passes(name: str, text: str) -> None:
    assert problems(name, text) == []
