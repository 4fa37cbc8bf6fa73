"""What the commands share: the options that several have, and how they speak to the person at the terminal.

Answers go to standard output; remarks, counts and complaints to standard error, so that a program reading the
answer never sees them.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TextIO, TypeVar, cast

import click

from dsl.diagnostics import LANGS, Lang

if TYPE_CHECKING:
    from api.config import ConfigError
    from api.messages import Words
    from policies.registry.files import FileProblem
    from policies.registry.store.problems import StoreError

Command = TypeVar("Command", bound=Callable[..., Any])

LANG_VARIABLE = "TIERWISE_LANG"

# What the system refuses every day, in Chinese; in English it says it itself.
REFUSED_ZH = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.ENOSPC: "磁盘空间不足",
    errno.EROFS: "文件系统为只读",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一部分不是文件夹",
    errno.EADDRINUSE: "地址已被占用",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
}


def lang_option(help: str) -> Callable[[Command], Command]:
    """`--lang en|zh`; without it, what TIERWISE_LANG says, else English."""
    return click.option(
        "--lang",
        type=click.Choice(LANGS),
        default="en",
        envvar=LANG_VARIABLE,
        show_default=True,
        help=help,
    )


def language() -> Lang:
    """The language of the running command."""
    # Not known where the complaint is about the command line itself.
    context = click.get_current_context(silent=True)
    chosen = context.params.get("lang") if context else None
    return cast(Lang, chosen) if chosen in LANGS else default_lang()


def default_lang() -> Lang:
    """The language where the command has no `--lang`."""
    return "zh" if os.environ.get(LANG_VARIABLE) == "zh" else "en"


def tell(en: str, zh: str, lang: Lang) -> None:
    """A remark on standard error."""
    click.echo(en if lang == "en" else zh, err=True)


def write(text: str, *, at_once: bool = False) -> None:
    """Text of an answer, on standard output: UTF-8 wherever it goes to a program or a file.

    `at_once`: whoever reads it waits for it, and nothing is held back to be written with what follows.
    """
    stream = sys.stdout
    if stream.isatty():
        click.echo(text, nl=False)
        return
    stream.buffer.write(text.encode("utf-8", "replace"))
    if at_once:
        stream.buffer.flush()


def coloured(stream: TextIO) -> bool:
    """Whether colours may be used: only for a person at a terminal, and not where NO_COLOR asks for none."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


class Stop(click.ClickException):
    """Why a command cannot do what is asked, in both languages; said as it stands."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en if language() == "en" else zh)


class _FileName(click.types.StringParamType):
    """The name of a file or a folder: whatever bytes the system takes for one."""

    name = "file"


class _PolicyName(click.types.StringParamType):
    """A policy as `api.policy_argument` takes it: the name of a file, or a name in the store."""

    name = "policy"


FILE, POLICY = _FileName(), _PolicyName()


def means_file(reference: str) -> bool:
    """Whether a policy is named by its file: there is one, or it is called like one."""
    return os.path.exists(reference) or reference.endswith(".tier") or os.sep in reference


class Speaking(click.Command):
    """A command that says in its own language which word, setting or file cannot be used, and what the store and the
    system refuse.
    """

    def invoke(self, ctx: click.Context) -> object:
        """Runs it, if its words are words."""
        for name, text in self._words(ctx):
            demand_text(name, text)
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, BrokenPipeError):  # how it ends with an exit code, or without a reader
            raise
        except _refusals() as error:  # called only where something else was raised
            raise Stop(error.message("en"), error.message("zh")) from error
        except OSError as error:
            if os.environ.get("TIERWISE_DEBUG"):
                raise
            raise Stop(*refused_by_system(error)) from error

    def _words(self, ctx: click.Context) -> Iterator[tuple[str, str]]:
        """What was given as text, and under which name; what names a file is none."""
        for param in self.params:
            given = ctx.params.get(param.name or "")
            name = param.opts[-1] if isinstance(param, click.Option) else param.human_readable_name
            for text in given if isinstance(given, tuple) else (given,):
                if not isinstance(text, str) or param.type is FILE:
                    continue
                if param.type is not POLICY or not means_file(text):
                    yield name, text


def demand_text(name: str, text: str) -> None:
    """Refuses bytes that are no text: no database takes them. Raises `Stop`, without the text, which may be secret.

    Python keeps such bytes as halves of characters, which cannot be written again. (A NUL never comes this way.)
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Stop(
            f"`{name}` is not text in UTF-8; set the terminal or the script to UTF-8 and write it again",
            f"`{name}` 不是 UTF-8 文本；请将终端或脚本设为 UTF-8 后重新输入",
        ) from error


def refused_by_system(error: OSError) -> Words:
    """What the system refuses, and of which file or address."""
    about = f"`{error.filename}`" if error.filename else ""
    en = error.strerror or "the system refused"
    zh = REFUSED_ZH.get(error.errno or 0, error.strerror or "系统拒绝了操作")
    return (f"{en}: {about}", f"{zh}：{about}") if about else (en, zh)


def _refusals() -> tuple[type[ConfigError], type[FileProblem], type[StoreError]]:
    """What is refused in words of both languages; no command imports them only to start."""
    from api.config import ConfigError
    from policies.registry.files import FileProblem
    from policies.registry.store.problems import StoreError

    return ConfigError, FileProblem, StoreError


def day_option(*names: str, help: str) -> Callable[[Command], Command]:
    """An option that takes a date, `2026-01-31`."""
    return click.option(*names, metavar="DATE", callback=_day, help=help)


def _day(_: click.Context, __: click.Parameter, given: str | None) -> date | None:
    return None if given is None else day_of(given)


def day_of(given: str) -> date:
    """A date as it was typed. Raises `Stop`."""
    try:
        return datetime.strptime(given, "%Y-%m-%d").date()
    except ValueError as error:
        raise Stop(
            f"`{given}` is not a date; write it as 2026-01-31", f"`{given}` 不是日期，请写成 2026-01-31"
        ) from error


def start_of(day: date | None) -> datetime | None:
    """The first moment of a day that was typed, in UTC, for what takes points in time; None where none was."""
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


class Progress:
    """How far a long run is, on a line of standard error that goes away again; only while a person watches."""

    FIRST = 1.0
    EVERY = 0.3

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._watched = sys.stderr.isatty()
        self._next = time.monotonic() + self.FIRST
        self._shown = False

    def show(self, count: int, position: Callable[[], int]) -> None:
        """Says that `count` rows are done, and what part of the file that is."""
        if not self._watched or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self.EVERY
        self._shown = True
        part = f", {min(99, 100 * position() // self._size)}%" if self._size else ""
        click.echo(f"\r{count:,}{part} ", err=True, nl=False)

    def clear(self) -> None:
        """Takes the line away."""
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._shown = False
