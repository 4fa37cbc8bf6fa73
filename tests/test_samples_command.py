"""The first hour's commands: where `make run` publishes to, with how many approvals, and what it says where it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import pytest

from api.config import Config
from policies.registry.files import FileProblem
from policies.registry.store.alone import alone
from policies.registry.store.connect import open_store, reading
from policies.registry.store.versions import latest
from policies.samples import publish
from tests.cli import POLICY
from tests.lacking import lacking
from tests.store import ROOT

OURS = "sqlite:///var/tierwise.db"
THEIRS = "postgresql://tierwise@localhost/production"
STEP = '#!/bin/sh\necho "$(basename "$0") $1 $2 into $TIERWISE_DATABASE_URL"\n'


# ---------------------------------------------------------------- make run


def run(tmp_path: Path, *settings: str, **environ: str) -> list[str]:
    """What `make run` does, step by step, in an environment whose commands only say what they are asked."""
    made = tmp_path / "venv"
    bin = made / "bin"
    bin.mkdir(parents=True)
    for name in ("tierwise", "python"):
        (bin / name).write_text(STEP, "utf-8")
        (bin / name).chmod(0o755)
    later = time.time() + 3600  # newer than everything that it is made from
    for order, name in enumerate(("made", "ready")):
        (made / name).touch()
        os.utime(made / name, (later + order, later + order))
    if shutil.which("make") is None:
        lacking("make", "make")
    places = (f"VENV={made}", f"MADE={made}/made", f"PYTHON={sys.executable}")
    done = subprocess.run(
        ["make", "--no-print-directory", "run", *places, *settings],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.splitlines()


def steps(database: str) -> list[str]:
    names = ("tierwise check policies", "python -m policies.samples.publish")
    graded = ("tierwise decide policies/b2b_grading.tier", "tierwise serve --port")
    return [f"{name} into {database}" for name in (*names, *graded)]


def test_make_run_is_of_this_folder_whatever_the_environment_says(tmp_path: Path) -> None:
    assert run(tmp_path, TIERWISE_DATABASE_URL=THEIRS, DATABASE=THEIRS) == steps(OURS)


def test_make_run_goes_elsewhere_where_make_is_told(tmp_path: Path) -> None:
    assert run(tmp_path, f"DATABASE={THEIRS}") == steps(THEIRS)


# ---------------------------------------------------------------- publishing the samples


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one policy, which is what comes along."""
    for name in ("TIERWISE_APPROVALS", "TIERWISE_LANG", "TIERWISE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.tier").write_text(POLICY, "utf-8")
    fill = publish.fill
    monkeypatch.setattr(publish, "fill", lambda store: fill(store, tmp_path))
    return tmp_path


def approvers(folder: Path) -> tuple[str, ...]:
    store = open_store(f"sqlite:///{folder}/var/tierwise.db", create=False)
    with reading(store) as connection:
        version = latest(connection, "small")
    store.close()
    assert version is not None
    return version.approvers


@pytest.mark.parametrize("count", [1, 2, 10])
def test_as_many_approve_as_the_setting_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    monkeypatch.setenv("TIERWISE_APPROVALS", str(count))
    assert publish.main([]) == 0
    assert approvers(folder) == publish.APPROVERS[:count]
    names = ", ".join(("Li Na", *publish.APPROVERS[:count]))
    assert f"published by {names}: 1 version, in sqlite:///" in capsys.readouterr().err


def test_there_are_as_many_approvers_as_can_be_asked_for() -> None:
    [setting] = (item for item in fields(Config) if item.name == "approvals")
    assert len(set(publish.APPROVERS)) == len(publish.APPROVERS) == setting.metadata["most"]


def test_one_fills_a_store_at_a_time(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Or each would find nothing there, and publish it."""
    store = open_store(f"sqlite:///{folder}/var/tierwise.db")
    with alone(store, "samples", "filling it with samples", "填充示例"):
        assert publish.main([]) == 2
    assert "filling it with samples is under way already" in capsys.readouterr().err
    with reading(store) as connection:
        assert latest(connection, "small") is None
    store.close()
    assert publish.main([]) == 0


@pytest.mark.parametrize("given", ["0", "11", "abc", "02"])
@pytest.mark.usefixtures("folder")
def test_a_setting_that_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    monkeypatch.setenv("TIERWISE_APPROVALS", given)
    assert publish.main([]) == 2
    said = f"tierwise: `TIERWISE_APPROVALS` must be a whole number from 1 to 10, and is `{given}`\n"
    assert capsys.readouterr().err == said
    monkeypatch.setenv("TIERWISE_LANG", "zh")
    assert publish.main([]) == 2
    assert "应为 1 至 10 的整数" in capsys.readouterr().err


def test_what_cannot_be_published_is_said_as_commands_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "small.tier").write_text(POLICY.replace("when listed", "when lsted"), "utf-8")
    assert publish.main([]) == 2
    said = capsys.readouterr().err
    assert "did you mean `listed`?" in said
    assert said.endswith("tierwise: `small.tier` has errors, so it is not published\n")

    def gone(_: object) -> None:
        raise FileProblem("small.tier", "does not exist", "不存在")

    monkeypatch.setattr(publish, "fill", gone)
    monkeypatch.setenv("TIERWISE_LANG", "zh")
    assert publish.main([]) == 2
    assert capsys.readouterr().err == "tierwise: `small.tier` 不存在\n"
