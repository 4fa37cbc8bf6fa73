"""What the commands share: the options that several have, and how they speak to the person at the terminal.

Answers go to standard output; remarks, counts and complaints to standard error, so that a program reading the
answer never sees them.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TextIO, TypeVar, cast

import click

from dsl.diagnostics import LANGS, Lang

if TYPE_CHECKING:
    from api.config import ConfigError
    from policies.registry.files import FileProblem
    from policies.registry.store.problems import StoreError

Command = TypeVar("Command", bound=Callable[..., Any])

LANG_VARIABLE = "TIERWISE_LANG"


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


class Speaking(click.Command):
    """A command that says in its own language which setting or file cannot be used, and what the store refuses."""

    def invoke(self, ctx: click.Context) -> object:
        """Runs it."""
        try:
            return super().invoke(ctx)
        except click.exceptions.Exit:  # how a command ends that has an exit code
            raise
        except _refusals() as error:  # called only where something else was raised
            raise Stop(error.message("en"), error.message("zh")) from error


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
