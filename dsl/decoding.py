"""Bytes become a policy's text, or a clear refusal.

Policies are UTF-8, with or without a byte order mark. Chinese Excel and old Windows editors write GB18030: that is recognised by its
byte pairs, and accepted. Anything else is refused rather than guessed. Line ends become `\\n`.
"""

from __future__ import annotations

import codecs
from typing import Any

from dsl.diagnostics import Code, PolicyError, diagnose
from dsl.messages import syntax
from dsl.source import NOWHERE, Source

# The longest policy that is read. The longest real programme on paper has some 60 KB.
MAX_POLICY_BYTES = 1_000_000


def decode(data: bytes, name: str = "<text>", limit: int = MAX_POLICY_BYTES) -> Source:
    """The source in `data`; raises PolicyError where it is too long or no text in a known encoding."""
    if len(data) > limit:
        raise _refusal(name, "", syntax.TOO_LARGE, size=len(data), limit=limit)
    return Source(_text(data, name).replace("\r\n", "\n").replace("\r", "\n"), name)


def _text(data: bytes, name: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _refusal(name, "", syntax.UTF_16)
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        if looks_like_gb18030(data):
            return data.decode("gb18030")
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(name, "", syntax.NOT_TEXT, line=line) from None


def looks_like_gb18030(data: bytes) -> bool:
    """Whether bytes that are not UTF-8 are GB18030: they decode, and nine in ten of their pairs are common characters.

    Common are the punctuation and characters of GB 2312 (both bytes from A1, the first at most F7), which is what people type.
    """
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    foreign = [letter for letter in text if letter > "\x7f"]
    common = sum(1 for letter in foreign if _common(letter.encode("gb18030")))
    return bool(foreign) and common * 10 >= len(foreign) * 9


def _common(pair: bytes) -> bool:
    return len(pair) == 2 and 0xA1 <= pair[0] <= 0xF7 and pair[1] >= 0xA1


def _refusal(name: str, text: str, code: Code, **words: Any) -> PolicyError:
    return PolicyError(Source(text, name), [diagnose(code, NOWHERE, **words)])
