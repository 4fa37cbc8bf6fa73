"""Settings that cannot be: refused in both languages, all at once, and by every command that reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.config import Config, ConfigError
from tests.cli import Command, tierwise

__all__ = ["tierwise"]

PORT = {
    "en": "`TIERWISE_PORT` must be a whole number from 0 to 65535, and is `abc`",
    "zh": "`TIERWISE_PORT` 应为 0 至 65535 的整数，而现在是 `abc`",
}


def test_all_are_said_at_once_in_both_languages() -> None:
    environ = {"TIERWISE_PORT": "abc", "TIERWISE_WORKERS": "0", "TIERWISE_THREADS": "3"}
    with pytest.raises(ConfigError) as caught:
        Config.from_environment(environ, host="")
    host, port, workers = caught.value.wrong
    assert port == (PORT["en"], PORT["zh"])
    assert "`TIERWISE_WORKERS` must be a whole number from 1 to 256, and is `0`" in workers
    assert caught.value.message("en") == str(caught.value) == "; ".join((host[0], port[0], workers[0]))
    assert caught.value.message("zh") == "；".join((host[1], port[1], workers[1]))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("arguments", [("versions",), ("decide", "small", "--facts", "-"), ("serve",)])
def test_commands_refuse_them_in_a_sentence(
    tierwise: Command,
    arguments: tuple[str, ...],
    lang: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERWISE_PORT", "abc")
    monkeypatch.setenv("TIERWISE_LANG", lang)
    done = tierwise(*arguments)
    assert (done.code, done.out, done.err) == (2, "", f"tierwise: {PORT[lang]}\n")


@pytest.mark.parametrize("option", ["--database", "--policies"])
def test_what_to_serve_from_is_not_empty(
    tierwise: Command, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from a variable that is not set. The service would be one of files, which asks for no keys and records nothing."""

    def serve(*_: object) -> None:
        raise AssertionError("it serves")

    monkeypatch.setattr("api.server.serve", serve)
    done = tierwise("serve", option, "", "--host", "0.0.0.0")
    assert done.code == 2
    assert done.err.startswith(f"tierwise: {option} is empty; write ")
    assert len(done.err.splitlines()) == 1
    monkeypatch.setenv("TIERWISE_LANG", "zh")
    assert f"{option} 为空；请写" in tierwise("serve", option, "").err


def test_an_empty_variable_is_as_one_that_is_not_set() -> None:
    assert Config.from_environment({"TIERWISE_DATABASE_URL": "", "TIERWISE_PORT": ""}) == Config()
