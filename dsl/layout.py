"""Text becomes statements: which lines belong together, before any of them is read.

Layout is free, lines are not: indentation means nothing, a line break ends a rule unless the line is plainly unfinished (`joins`), and a
statement begins at a line whose first word is a statement's keyword. So an error stays in its own line, and every other line
is still read. Comments are set aside here, each with the line that it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dsl.ast import NO_NOTES, Notes
from dsl.characters import quoted
from dsl.vocabulary import statement_words

_UNFINISHED = re.compile(r"(?:[,、(+\-*/^=<>≥≤]|(?<!\w)(?:and|or)|且|或|并且|或者)$")
_GOES_ON = re.compile(r"(?:and|or)\b|并且|或者|且|或")
_FIRST = re.compile(r"[^\W\d]\w*")
# Chinese statements whose keyword may run into what follows: none of them declares a name there.
_RUN_ON = ("适用于", "权益表", "升降级", "生效", "币种")


@dataclass(frozen=True, slots=True)
class Physical:
    """One line as it stands: its content without comment and outer blanks, and its comment."""

    start: int
    end: int
    content: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One rule: the stretches of text that it runs over, whether it is a table's row, its comments, and whether a blank line came before.

    `keyword` is the id of the statement that begins here, or empty.
    """

    segments: tuple[tuple[int, int], ...]
    text: str
    row: bool
    keyword: str = ""
    notes: Notes = NO_NOTES

    @property
    def start(self) -> int:
        return self.segments[0][0]

    @property
    def end(self) -> int:
        return self.segments[-1][1]


@dataclass(slots=True)
class Block:
    """A statement: its keyword's id (empty for lines before the first statement), its first line, the lines below."""

    keyword: str
    head: Line
    lines: list[Line] = field(default_factory=list)


def blocks(text: str, plain: str) -> tuple[list[Block], tuple[str, ...]]:
    """The statements of a text in order, and the comments after the last of them. `plain` is the text with full-width characters read as ASCII."""
    found: list[Block] = []
    lines, tail = _lines(text, plain)
    for line in lines:
        if line.keyword or not found:
            found.append(Block(line.keyword, line))
        else:
            found[-1].lines.append(line)
    return found, tail


def _physical(text: str, plain: str) -> Iterator[Physical]:
    start = 0
    for raw in plain.split("\n"):
        end = start + len(raw)
        cut, comment = len(raw), None
        if "#" in raw:
            at = _comment(raw)
            if at >= 0:
                cut, comment = at, text[start + at + 1 : end].strip()
        content = raw[:cut].strip()
        left = start + len(raw[:cut]) - len(raw[:cut].lstrip())
        yield Physical(left, left + len(content), content, comment)
        start = end + 1


def comment_places(plain: str) -> Iterator[tuple[int, int]]:
    """Where comments stand, from their `#` to the end of their line."""
    start = 0
    for raw in plain.split("\n"):
        at = _comment(raw) if "#" in raw else -1
        if at >= 0:
            yield start + at, start + len(raw)
        start += len(raw) + 1


def _comment(line: str) -> int:
    """Where a line's comment begins: at the first `#` outside quotes; -1 where it has none."""
    after = 0
    for start, end in quoted(line):
        if (at := line.find("#", after, start)) >= 0:
            return at
        after = end
    return line.find("#", after)


@dataclass(slots=True)
class _Open:
    """The line being put together."""

    parts: list[Physical]
    before: list[str]
    blank: bool
    keyword: str
    after: str | None = None

    def close(self) -> Line:
        notes = Notes(tuple(self.before), self.after, self.blank)
        segments = tuple((part.start, part.end) for part in self.parts)
        text = " ".join(part.content for part in self.parts)
        return Line(segments, text, self.parts[0].content.startswith("|"), self.keyword, notes)


def _lines(text: str, plain: str) -> tuple[list[Line], tuple[str, ...]]:
    found: list[Line] = []
    comments: list[str] = []
    blank = False
    current: _Open | None = None
    for part in _physical(text, plain):
        if not part.content:
            if part.comment is not None:
                comments.append(part.comment)
            else:
                blank = blank or not comments
                if current is not None:
                    found.append(current.close())
                    current = None
            continue
        keyword = statement_at(part.content)
        if current is not None and _continues(current, part, keyword):
            current.before.extend(comments + ([current.after] if current.after is not None else []))
            current.parts.append(part)
            current.after = part.comment
        else:
            if current is not None:
                found.append(current.close())
            current = _Open([part], comments, blank, keyword, part.comment)
        comments, blank = [], False
    if current is not None:
        found.append(current.close())
    return found, tuple(comments)


def _continues(current: _Open, part: Physical, keyword: str) -> bool:
    """Whether a line goes on with the one before it; a statement's keyword always begins anew (`owner` is an option of a segment's line, too)."""
    last = current.parts[-1].content
    if last.startswith("|") or part.content.startswith("|"):
        return False
    if keyword and not (keyword == "OWNER" and last.endswith(",")):
        return False
    return _UNFINISHED.search(last) is not None or _GOES_ON.match(part.content) is not None


def statement_at(content: str) -> str:
    """The id of the statement whose keyword a line begins with, or nothing."""
    match = _FIRST.match(content)
    if match is None:
        return ""
    english, chinese = statement_words()
    word = match[0]
    if word in english:
        return english[word]
    if word in chinese:
        return chinese[word]
    second = _FIRST.match(content[match.end() :].lstrip())
    if second is not None and f"{word} {second[0]}" in english:
        return english[f"{word} {second[0]}"]
    for start in _RUN_ON:
        if word.startswith(start):
            return chinese[start]
    return ""
