"""The command as a whole: help, mistakes on the command line, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.cli import COMMANDS
from tests.cli import POLICY, Command, tierwise

__all__ = ["tierwise"]

SCRIPT = str(Path(sys.executable).with_name("tierwise"))


def test_help_names_every_command(tierwise: Command) -> None:
    for arguments in (("--help",), ("-h",), ()):
        done = tierwise(*arguments)
        assert done.code == 0
        assert all(f"  {name} " in done.out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(tierwise: Command, name: str) -> None:
    done = tierwise(name, "--help")
    assert done.code == 0
    assert f"tierwise {name} " in done.out.split("Examples:")[1]


def test_version(tierwise: Command) -> None:
    assert tierwise("--version").out.startswith("tierwise 0.")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("chek",), "there is no command `chek`; did you mean `check`?"),
        (("frobnicate",), "there is no command `frobnicate`; the commands are check, fmt"),
        (("--verion",), "`--version`"),
        (("check", "--formt", "json", "x"), "`--format`"),
        (("check",), "missing argument `PATH...`"),
        (("check", "--lang", "de", "x"), "`de` is not one of `en`, `zh`"),
        (("decide", "x.tier"), "give either --facts FILE, for one day, or --history FILE"),
        (("serve", "--port", "70000"), "70000 is not in the range"),
        (("check", "nowhere.tier"), "`nowhere.tier` does not exist"),
        (("decide", "nowhere.tier", "--facts", "-"), "`nowhere.tier` does not exist"),
        (("test", "nowhere"), "`nowhere` does not exist"),
        (("fmt", "nowhere"), "`nowhere` does not exist"),
        (("serve", "--policies", "nowhere"), "nowhere"),
    ],
)
def test_mistakes_are_one_sentence(tierwise: Command, arguments: tuple[str, ...], sentence: str) -> None:
    done = tierwise(*arguments)
    assert done.code == 2
    assert sentence in done.err
    assert done.err.startswith("tierwise: ")
    assert "Traceback" not in done.err
    lines = [line for line in done.err.splitlines() if not line.endswith("0 warnings")]
    assert len(lines) == 1
    assert done.out == ""


def test_complaints_in_chinese(tierwise: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "`nowhere` 不存在" in tierwise("check", "nowhere", "--lang", "zh").err
    monkeypatch.setenv("TIERWISE_LANG", "zh")
    assert "`nowhere` 不存在" in tierwise("fmt", "nowhere").err


def test_a_fault_of_ours_is_no_traceback(
    tierwise: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("inside")

    monkeypatch.setattr("policies.registry.files.check_file", broken)
    (tmp_path / "p.tier").write_text(POLICY)
    done = tierwise("check", tmp_path)
    assert done.code == 2
    assert done.err.startswith("tierwise: this is a fault in tierwise (KeyError)")
    monkeypatch.setenv("TIERWISE_DEBUG", "1")
    with pytest.raises(KeyError):
        tierwise("check", tmp_path)


def test_nobody_reads_on(tmp_path: Path) -> None:
    """`tierwise … | head -1` ends quietly."""
    (tmp_path / "p.tier").write_text(POLICY)
    (tmp_path / "c.csv").write_text("amount\n" + "5\n" * 3000)
    command = [SCRIPT, "decide", str(tmp_path / "p.tier"), "--facts", str(tmp_path / "c.csv")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        assert running.stdout.readline().startswith(b"{")
        running.stdout.close()
        said = running.stderr.read().decode()
        assert running.wait(30) == 141
    assert "Traceback" not in said
    assert "Broken" not in said


def test_control_c(tmp_path: Path) -> None:
    """Interrupted while it waits for its input, it ends quietly with 130."""
    (tmp_path / "p.tier").write_text(POLICY)
    command = [SCRIPT, "decide", str(tmp_path / "p.tier"), "--facts", "-"]
    pipes = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipes, stdout=pipes, stderr=pipes) as running:
        assert running.stdin
        assert running.stdout
        assert running.stderr
        running.stdin.write(b'{"amount": 1}\n{"amount": 2}\n')
        running.stdin.flush()
        assert running.stdout.readline().startswith(b"{")
        time.sleep(0.05)
        os.kill(running.pid, signal.SIGINT)
        assert running.wait(30) == 130
        assert running.stderr.read() == b""


def test_the_script_is_this_command(tmp_path: Path) -> None:
    (tmp_path / "p.tier").write_text(POLICY)
    done = subprocess.run([SCRIPT, "check", str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "1 policy checked: 0 errors, 0 warnings\n"
