"""Characters that stand for others, and characters that deceive.

Full-width forms mean the same as ASCII outside quotes; the table is one character to one, so that offsets stay true. Characters that
cannot be seen, that turn the direction of text, or that only look like a Latin letter are reported by name: they are how two policies
that read alike come to decide differently.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_SINGLE = {
    "\u3000": " ",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "\u2212": "-",
    "\u2013": "-",
    "×": "*",
    "÷": "/",
    "￥": "¥",
    "﹥": ">",
    "﹤": "<",
    "﹦": "=",
    "〜": "~",
    "∶": ":",
    "『": "「",
    "』": "」",
    "〝": "“",
    "〞": "”",
    "„": "“",
    "‟": "“",
}

PLAIN: dict[int, str] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **{ord(letter): plain for letter, plain in _SINGLE.items()},
}

_OPENING = re.compile(r"[\"“「`#]")
_CLOSERS = {'"': '"”', "“": '”"', "「": "」", "`": "`"}
_CLOSING = {'"': '"', "“": "”", "”": "”", "「": "」"}

# Letters of other alphabets that look like a Latin one (Unicode's confusables, the part that a keyboard can type).
_LIKE_LATIN = dict(
    zip(
        "аеорсухіјѕԁһӏАВЕКМНОРСТХУЅІЈαορνιτκχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcyxijsdhlABEKMHOPCTXYSIJaopvitkxABEZHIKMNOPTYX",
        strict=True,
    )
)


def closing_quote(quote: str) -> str:
    """The quote that ends a text begun with `quote`."""
    return _CLOSING[quote]


def quoted(line: str) -> Iterator[tuple[int, int]]:
    """The stretches of one line that stand in quotes or backticks, quotes included; linear however many quotes are never closed.

    Keyboards mix their quotes, so “ may be closed by " and the other way round. `#` outside quotes ends the search: the rest is a comment.
    """
    missing: set[str] = set()
    at = 0
    while (opening := _OPENING.search(line, at)) is not None and opening[0] != "#":
        close = -1
        for closing in _CLOSERS[opening[0]]:
            if close < 0 and closing not in missing:
                close = line.find(closing, opening.end())
                if close < 0:
                    missing.add(closing)
        if close >= 0:
            yield opening.start(), close + 1
        at = opening.end() if close < 0 else close + 1


def without_texts(line: str) -> str:
    """The line with each text in quotes made a bare `"`."""
    parts, at = [], 0
    for start, end in quoted(line):
        if line[start] != "`":
            parts += [line[at:start], '"']
            at = end
    return "".join([*parts, line[at:]])


def suspicious(letter: str) -> bool:
    """Whether a character cannot be seen or turns the direction of the text: controls, zero-width and bidirectional marks."""
    return letter != "\t" and unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")


def lookalike(word: str) -> tuple[str, str, str] | None:
    """The first letter of a word that only looks Latin, the Latin one, and the word as it was meant.

    A word wholly in Greek or Cyrillic is somebody's language; one that mixes them with Latin is a mistake or a trick.
    """
    if not any(letter.isascii() and letter.isalpha() for letter in word):
        return None
    for letter in word:
        if letter in _LIKE_LATIN:
            return letter, _LIKE_LATIN[letter], "".join(_LIKE_LATIN.get(other, other) for other in word)
    return None
