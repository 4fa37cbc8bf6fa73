"""The words that a policy declares, found before any line is read.

Chinese is written without spaces, and can only be cut into words by someone who knows the words. So a first look over the statements
collects every name in a place where names are declared: such a name always ends at a space, a punctuation mark or a quote. Taking one
word too many does no harm, because a word that nobody uses never cuts anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsl.characters import without_texts
from dsl.keywords import FACT_OPTIONS
from dsl.layout import Block, Line
from dsl.vocabulary import vocabulary

_NAME = r"(`[^`\n]+`|[^\W\d]\w*)"
_DECLARED = re.compile(rf"{_NAME}(?:\s*\(\s*{_NAME}\s*\))?")
# A cell that is a name, with the label and its translation that may follow; texts stand as bare quotes here.
_IN_CELL = re.compile(rf'"?{_DECLARED.pattern}(?:\s*"(?:\s*\(\s*"\s*\))?)?')
_ENUMERATION = re.compile(r"(?:\bone of\b|选项)(.*)")
_DECLARING = frozenset(
    [
        "FACT",
        "SET",
        "VALUE",
        "SCORE",
        "TIERS",
        "SEGMENT",
        "CHOOSE",
        "TAGS",
        "BENEFIT",
        "LIFECYCLE",
        "EVENT",
        "WATCH",
    ],
)
_LINES_DECLARE = frozenset({"TIERS", "SEGMENT", "CHOOSE", "TAGS"})
_CELLS_DECLARE = frozenset({"TIERS", "SEGMENT", "CHOOSE", "TAGS", "BENEFITS_OF"})
_OPTIONS = (*(word for keyword in FACT_OPTIONS for word in keyword.zh), "不低于", "不高于")
_LIMITS = ("不低于", "不少于", "至少", "不高于", "不多于", "至多", "at")


def declared_words(blocks: list[Block]) -> set[str]:
    """Every name, alias, enumerated value, tier and outcome that the statements declare."""
    words: set[str] = set()
    for block in blocks:
        words.update(_of_head(block))
        for line in block.lines:
            words.update(_of_line(block.keyword, line))
    return {word.strip("`") for word in words}


def _of_head(block: Block) -> Iterator[str]:
    text = without_texts(block.head.text)
    if block.keyword in _DECLARING:
        first = re.match(r"\S+\s+", text)
        if first is not None:
            yield from _both(_DECLARED.match(text, first.end()))
    listed = _ENUMERATION.search(text)
    if listed is not None:
        for part in re.split(r"[,、]", listed[1]):
            if part.strip().startswith(_OPTIONS):
                break  # behind a comma an option's word is one, even where the next word runs into it: 默认乙
            yield from _both(_DECLARED.match(part.strip()))
    if block.keyword == "LIFECYCLE":
        yield from _spaced(text)


def _of_line(keyword: str, line: Line) -> Iterator[str]:
    text = without_texts(line.text)
    if line.row:
        if keyword in _CELLS_DECLARE:
            for cell in text.strip("|").split("|"):
                match = _IN_CELL.fullmatch(cell.strip())
                if (
                    match is not None
                    and match[1] not in vocabulary("").runs
                    and not match[1].endswith(_LIMITS[:-1])
                ):
                    yield from _both(match)
        return
    named = re.match(rf"{_DECLARED.pattern}\s*:", text)
    if named is not None:
        yield from _both(named)
    elif keyword in _LINES_DECLARE and not text.startswith(_LIMITS):
        yield from _both(re.match(rf"{_DECLARED.pattern}(?=[\s\"])", text))
    elif keyword == "LIFECYCLE":
        yield from _spaced(text)


def _both(match: re.Match[str] | None) -> Iterator[str]:
    """A declared name and its alias."""
    if match is not None:
        yield from (word for word in match.groups() if word)


def _spaced(text: str) -> Iterator[str]:
    """The words between spaces of a line whose names are nowhere else declared, but for its keywords."""
    known = vocabulary("lifecycle").runs
    yield from (word for word in text.split() if _DECLARED.fullmatch(word) and word not in known)
