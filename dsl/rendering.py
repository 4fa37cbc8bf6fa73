"""Diagnostics as people and programs read them.

For a terminal: the sentence, the author's own line, and a caret under every character that is meant. Chinese
characters are two columns wide there, so the caret is placed by width, not by count. For programs: plain
dictionaries, ready to be written as JSON. A policy's text may come from anybody, so nothing that steers a
terminal is ever passed on to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from unicodedata import category, combining, east_asian_width

from dsl.diagnostics import Diagnostic, Lang
from dsl.records import record
from dsl.source import Source, Span

# How many columns of a line are shown; a longer line is cut to what stands around the span.
LINE_WIDTH = 120
# The same in characters: some, such as combining marks, take no column at all.
LINE_LETTERS = 300
# How many lines are shown of what a diagnostic is about, such as a table with a gap.
MOST_LINES = 8
TAB = "    "

_WORDS: dict[str, tuple[str, str]] = {
    "error": ("error", "错误"),
    "warning": ("warning", "警告"),
    "help": ("help", "建议"),
    "also": ("see also", "参见"),
}

Style = Literal["error", "warning", "help", "dim", "bold"]
_STYLES: dict[Style, str] = {"error": "1;31", "warning": "1;33", "help": "36", "dim": "2", "bold": "1"}


def width(text: str) -> int:
    """How many columns a text takes on a terminal."""
    return sum(_width(letter) for letter in text)


def _width(letter: str) -> int:
    if combining(letter) or category(letter) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1


def printable(text: str) -> str:
    """The text with tabs widened, and a replacement character for whatever would steer a terminal or hide."""
    if text.isprintable():
        return text
    return "".join(TAB if letter == "\t" else _shown(letter) for letter in text)


def _shown(letter: str) -> str:
    return "\N{REPLACEMENT CHARACTER}" if category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") else letter


def count_text(errors: int, warnings: int, lang: Lang = "en") -> str:
    """`2 errors, 1 warning`, in words."""
    if lang == "zh":
        return f"{errors} 个错误，{warnings} 个警告"
    return f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}"


# ---------------------------------------------------------------- for programs


def diagnostic_json(
    diagnostic: Diagnostic, source: Source, lang: Lang = "en", uses: Sequence[Source] = ()
) -> dict[str, object]:
    """One diagnostic as a plain dictionary.

    `span` counts characters from 0, `start` and `end` are the same places as line and column from 1. `uses`
    are the texts that the policy brings in, in the order of their numbers; `also` lists further places.
    """
    return {
        "code": diagnostic.code.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message(lang),
        "help": diagnostic.help(lang) or None,
        **_place_json(diagnostic.span, source, uses),
        "also": [_place_json(span, source, uses) for span in diagnostic.also],
    }


def _place_json(span: Span, source: Source, uses: Sequence[Source]) -> dict[str, object]:
    text = text_of(span, source, uses)
    start, end = text.place(span.start), text.place(max(span.start, span.end))
    return {
        "file": text.name,
        "span": {"start": span.start, "end": span.end},
        "start": {"line": start[0], "column": start[1]},
        "end": {"line": end[0], "column": end[1]},
    }


def text_of(span: Span, source: Source, uses: Sequence[Source] = ()) -> Source:
    """The text that a span belongs to; the policy's own where the brought-in text is not at hand."""
    return uses[span.file - 1] if 0 < span.file <= len(uses) else source


# ---------------------------------------------------------------- for people


def render(
    diagnostics: Sequence[Diagnostic],
    source: Source,
    lang: Lang = "en",
    *,
    uses: Sequence[Source] = (),
    colour: bool = False,
) -> str:
    """All diagnostics of one policy as text, an empty line after each; nothing when there are none."""
    paint = Paint(colour)
    return "".join(_render_one(item, source, lang, uses, paint) + "\n\n" for item in diagnostics)


@record
class Paint:
    """Puts colour around words, or leaves them alone."""

    on: bool

    def __call__(self, text: str, style: Style) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.on else text


def _render_one(item: Diagnostic, source: Source, lang: Lang, uses: Sequence[Source], paint: Paint) -> str:
    severity = paint(_word(item.severity, lang), item.severity)
    text = text_of(item.span, source, uses)
    line, column = text.place(item.span.start)
    place = paint(f"{printable(text.name)}:{line}:{column}", "bold")
    lines = [f"{place}: {severity} {item.code.code}: {printable(item.message(lang))}"]
    lines += _excerpt(item.span, text, paint, item.severity)
    lines += _following(item.span, text, paint)
    for span in item.also:
        other = text_of(span, source, uses)
        row, col = other.place(span.start)
        lines.append(f"  {_word('also', lang)} {printable(other.name)}:{row}:{col}")
        lines += _excerpt(span, other, paint, "dim")
    if help_text := item.help(lang):
        lines.append(f"  {paint(_word('help', lang), 'help')}: {printable(help_text)}")
    return "\n".join(lines)


def _excerpt(span: Span, text: Source, paint: Paint, style: Style) -> list[str]:
    """The line on which a span begins, and carets under as much of the span as stands on it."""
    number, column = text.place(span.start)
    line = text.line(number)
    begin = min(column - 1, len(line))
    end = max(begin, min(len(line), begin + span.end - span.start))
    # Of a line without end only what can be shown is looked at.
    far_before, far_after = line[max(0, begin - LINE_LETTERS) : begin], line[end : end + LINE_LETTERS]
    before, marked, after = _cut(
        printable(far_before), printable(line[begin : min(end, begin + LINE_LETTERS)]), printable(far_after)
    )
    carets = "^" * max(1, width(marked))
    gutter = " " * len(str(number))
    shown = f"  {paint(f'{number} |', 'dim')} {before}{marked}{after}".rstrip()
    return [shown, f"  {paint(f'{gutter} |', 'dim')} {' ' * width(before)}{paint(carets, style)}"]


def _following(span: Span, text: Source, paint: Paint) -> list[str]:
    """The further lines of a span, as many as help to see what is meant."""
    first = text.place(span.start)[0]
    last = text.place(max(span.start, span.end - 1))[0]
    numbers = range(first + 1, min(last, first + MOST_LINES - 1) + 1)
    lines = []
    for number in numbers:
        shown = _head(printable(text.line(number)[:LINE_LETTERS]), LINE_WIDTH, LINE_WIDTH)
        lines.append(f"  {paint(f'{number} |', 'dim')} {shown}".rstrip())
    return [*lines, f"  {paint('…', 'dim')}"] if last > first + MOST_LINES - 1 else lines


def _cut(before: str, marked: str, after: str) -> tuple[str, str, str]:
    """The three parts of a long line, shortened so that the marked one stays in sight."""
    whole = before + marked + after
    if width(whole) <= LINE_WIDTH and len(whole) < LINE_LETTERS:
        return before, marked, after
    marked = _head(marked, LINE_WIDTH // 2, LINE_LETTERS // 2)
    before = _head(before[::-1], LINE_WIDTH // 4, LINE_LETTERS // 4)[::-1]
    return before, marked, _head(after, LINE_WIDTH - width(before) - width(marked), LINE_LETTERS // 4)


def _head(text: str, columns: int, letters: int) -> str:
    """As much of the beginning of a text as fits, with `…` where something is left out."""
    if len(text) <= letters and width(text) <= columns:
        return text
    taken, room = 0, columns - 1
    for letter in text[: letters - 1]:
        room -= _width(letter)
        if room < 0:
            break
        taken += 1
    return text[:taken] + "…"


def _word(key: str, lang: Lang) -> str:
    return _WORDS[key][0 if lang == "en" else 1]
