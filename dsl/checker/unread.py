"""What stands in lines that could not be read.

A line that does not parse is reported once and left out of the tree. The names that it would have declared
are still looked for, so that nobody is told that they are not declared; and a statement that has lost a line
is not told that the line is missing. A name that could not be read because it is a word of the language is
said once, where that went wrong.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from dsl.characters import PLAIN
from dsl.declared_words import declared_words
from dsl.diagnostics import Diagnostic
from dsl.layout import Block, blocks
from dsl.messages import benefits, examples, ladders, movement, names, syntax, types
from dsl.source import Source

# Problems that a missing line or row may be the cause of.
_OF_MISSING_LINES: frozenset[str] = frozenset(
    code.code
    for code in (
        types.EMPTY_STATEMENT,
        types.NO_OTHERWISE,
        types.TABLE_EMPTY,
        types.GRADUATED_SHAPE,
        types.GRADUATED_START,
        types.GRADUATED_GAP,
        types.GRADUATED_END,
        ladders.NO_TIERS,
        ladders.NO_OTHERWISE,
        ladders.BY_UNUSED,
        ladders.LIKE_WITHOUT_THRESHOLDS,
        movement.REVIEW_MISSING,
        movement.STEPS_WITHOUT_REVIEW,
        movement.GRACE_WITHOUT_PERIOD,
        benefits.NO_OUTCOMES,
        benefits.NO_CHOICE_OTHERWISE,
        benefits.GRANTS_NOTHING,
        benefits.MATRIX_TIER_MISSING,
        examples.NOTHING_EXPECTED,
    )
)


class Unread:
    """The statements of a text that have a line which could not be read."""

    def __init__(self, source: Source, problems: Sequence[Diagnostic]) -> None:
        self._text = source.text
        self._refused = {
            self._words(item) for item in problems if item.code.code == syntax.KEYWORD_AS_NAME.code
        }
        places = sorted(
            item.span.start for item in problems if item.severity == "error" and item.span.file == 0
        )
        found, _ = blocks(source.text, source.text.translate(PLAIN)) if places else ([], ())
        starts = [block.head.start for block in found]
        hit = {bisect_right(starts, place) - 1 for place in places}
        self._blocks: list[Block] = [found[at] for at in sorted(hit) if at >= 0]
        self._spans = [(block.head.start, (block.lines or [block.head])[-1].end) for block in self._blocks]

    def words(self) -> set[str]:
        """Every name that these statements may declare."""
        return declared_words(self._blocks)

    def keywords(self) -> set[str]:
        """The ids of the keywords that these statements begin with."""
        return {block.keyword for block in self._blocks}

    def explains(self, item: Diagnostic) -> bool:
        """Whether a problem comes of a line that could not be read, which has been reported already."""
        if item.code.code == names.KEYWORD_NAME.code:
            return item.span.file == 0 and self._words(item) in self._refused
        if item.code.code not in _OF_MISSING_LINES:
            return False
        at = item.span.start
        return any(start <= at <= end for start, end in self._spans)

    def _words(self, item: Diagnostic) -> str:
        return self._text[item.span.start : item.span.end]
