"""How the service is set up: what it serves, where it listens, and how much it takes in.

Every number here is a limit that keeps one caller from taking what belongs to the others. They come from the
environment (`TIERWISE_MAX_BODY=2000000`), and a flag of `tierwise serve` goes before the environment. A value
that cannot be is refused when the service starts, with its name, and all of them at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import policies
from dsl.diagnostics import Lang

if TYPE_CHECKING:
    from api.messages import Words

PREFIX = "TIERWISE_"
KB = 1024
MB = 1024 * KB

# Where the key is that signs exports, if nothing else is said: below the working folder.
SIGNING_KEY = os.path.join("var", "signing.key")


class ConfigError(ValueError):
    """Settings that cannot be, each with its name, in both languages."""

    def __init__(self, wrong: Sequence[Words]) -> None:
        self.wrong = tuple(wrong)
        super().__init__(self.message())

    def message(self, lang: Lang = "en") -> str:
        """All of them in one sentence, in one language."""
        if lang == "en":
            return "; ".join(en for en, _ in self.wrong)
        return "；".join(zh for _, zh in self.wrong)


_NO_HOST: Words = (
    "the host must not be empty; write an address such as `127.0.0.1`",
    "监听地址不能为空；请写成 `127.0.0.1` 这样",
)


def _limit(default: int, least: int, most: int, about: str) -> int:
    """A number in a configuration, with the range that it may lie in."""
    return field(default=default, metadata={"least": least, "most": most, "about": about})


@dataclass(frozen=True, slots=True)
class Config:
    """What `create_app` and `serve` are set up with. Sizes are in bytes. Raises `ConfigError`.

    With a `database_url` the policies are those that were published there, and `policies` is not looked at.
    """

    policies: Path = Path(policies.__file__).parent
    database_url: str = ""
    signing_key: str = SIGNING_KEY
    host: str = "127.0.0.1"
    port: int = _limit(8080, 0, 65535, "port to listen on; 0 takes a free one")
    workers: int = _limit(2, 1, 256, "worker processes")
    threads: int = _limit(16, 1, 1024, "requests that one worker answers at the same time")
    stop_seconds: int = _limit(10, 1, 3600, "how long a request may still run when the service stops")
    max_body: int = _limit(MB, KB, 64 * MB, "largest body of a single call, and largest row of a batch")
    max_batch: int = _limit(256 * MB, KB, 64 * KB * MB, "largest body of a batch")
    max_rows: int = _limit(100_000, 1, 100_000_000, "most rows of a batch")
    max_policy: int = _limit(256 * KB, KB, 4 * MB, "longest policy text that is checked")
    must_record: int = _limit(
        1, 0, 1, "1: every decision is recorded; 0: unless its caller says `record` false"
    )
    approvals: int = _limit(1, 1, 10, "people beside the author who must approve a draft")

    def __post_init__(self) -> None:
        wrong = [] if self.host else [_NO_HOST]
        for item in fields(self):
            value = getattr(self, item.name)
            if item.metadata and not _fits(value, item):
                wrong.append(_misfit(value, item))
        if wrong:
            raise ConfigError(wrong)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **flags: object) -> Config:
        """The settings of the environment; `flags` go before it where they are not None.

        Raises `ConfigError`.
        """
        environ = os.environ if environ is None else environ
        given: dict[str, Any] = {}
        for item in fields(cls):
            text = environ.get(PREFIX + item.name.upper(), "")
            if text:
                given[item.name] = _number(text) if item.metadata else text
        given.update({name: value for name, value in flags.items() if value is not None})
        if "policies" in given:
            given["policies"] = Path(str(given["policies"]))
        return replace(cls(), **given)


def default_store() -> str:
    """The file of the store that is used where none is named, below the working folder."""
    return os.path.join("var", "tierwise.db")


def _number(text: str) -> int | str:
    """A setting's number; what is none stays as it is, and is refused together with numbers out of range."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else text


def _fits(value: object, item: Field[Any]) -> bool:
    """Whether a limit is a number that it may be."""
    return isinstance(value, int) and item.metadata["least"] <= value <= item.metadata["most"]


def _misfit(value: object, item: Field[Any]) -> Words:
    """Says what a limit is and what it may be."""
    name, least, most = f"{PREFIX}{item.name.upper()}", item.metadata["least"], item.metadata["most"]
    return (
        f"`{name}` must be a whole number from {least} to {most}, and is `{value}`",
        f"`{name}` 应为 {least} 至 {most} 的整数，而现在是 `{value}`",
    )
