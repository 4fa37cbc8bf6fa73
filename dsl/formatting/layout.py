"""Columns of text: what makes a policy's lines stand under each other.

A line is a tuple of cells. Lines that belong together are padded cell by cell, so that their conditions
and labels form columns; a Chinese character counts as two, as it does on a screen. Nothing here knows the
language.
"""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import combining, east_asian_width

# A cell that is wider than this runs over its column instead of pushing it away from all the others.
WIDEST = 40


def columns(text: str) -> int:
    """How many columns of a screen a text takes."""
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def pad(text: str, width: int, right: bool = False) -> str:
    """The text, filled with spaces up to `width` columns: behind it, or before it to stand at the right."""
    room = " " * (width - columns(text))
    return room + text if right else text + room


def align(lines: Sequence[tuple[str, ...]], right: frozenset[int] = frozenset()) -> list[str]:
    """Lines whose cells stand in columns; a column that is empty in every line is left out.

    Every line has the same number of cells. The columns in `right` are aligned at their right end.
    """
    kept = [at for at in range(len(lines[0])) if any(line[at] for line in lines)] if lines else []
    widths = {at: max((w for line in lines if (w := columns(line[at])) <= WIDEST), default=0) for at in kept}
    return [" ".join(pad(line[at], widths[at], at in right) for at in kept).rstrip() for line in lines]


def align_table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows of a pipe table, every cell as wide as the widest of its column; rows may differ in length."""
    widths: dict[int, int] = {}
    for row in rows:
        for at, cell in enumerate(row):
            widths[at] = max(widths.get(at, 0), columns(cell))
    return ["".join(f"| {pad(cell, widths[at])} " for at, cell in enumerate(row)) + "|" for row in rows]
