"""What a command of the store answers: JSON for programs, lines and tables for people."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from api.terminal import write

Command = TypeVar("Command", bound=Callable[..., Any])

table_option = click.option(
    "--table/--json",
    "table",
    default=None,
    help="Lines for people, or JSON. [default: lines on a terminal]",
)


def show(answer: object, lines: Iterable[str], table: bool | None) -> None:
    """Shows an answer: its lines to people, else JSON."""
    from dsl.rendering import printable
    from engine.decision import dumps

    for_people = sys.stdout.isatty() if table is None else table
    if for_people:
        write("".join(f"{printable(line)}\n" for line in lines))
    else:
        write(dumps(answer, 2) + "\n")


def aligned(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Rows under their heads, column below column; a Chinese character is two wide."""
    from dsl.rendering import width

    cells = [list(head), *([("" if cell is None else str(cell)) for cell in row] for row in rows)]
    widths = [max(width(row[place]) for row in cells) for place in range(len(head))]
    return [
        "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
