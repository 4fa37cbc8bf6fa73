"""A policy's text and places in it.

Every node and every diagnostic carries a `Span`: two offsets into one text. Lines and columns are derived
when somebody wants to read them, never stored, so that nothing can disagree with the text.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from dsl.records import record


@record
class Span:
    """The characters from `start` up to, not including, `end` of one text.

    `file` is 0 for the policy itself and n for the n-th text that it brings in with `use`.
    """

    start: int
    end: int
    file: int = 0

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`."""
        return Span(self.start, max(self.end, other.end), self.file)


NOWHERE = Span(0, 0)


@dataclass(frozen=True)
class Source:
    """One policy text and the name by which people know it (a path, or `<text>`).

    The text is what the author wrote, with line ends as `\\n` and without a byte order mark;
    see `dsl.decoding` for how bytes become text.
    """

    text: str
    name: str = "<text>"
    hash: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.hash:
            digest = hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
            object.__setattr__(self, "hash", f"sha256:{digest}")

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, both counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of one line, counted from 1, without its line end."""
        start = self._starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def slice(self, span: Span) -> str:
        """The author's own characters in a span."""
        return self.text[span.start : span.end]
