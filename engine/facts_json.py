"""JSON text -> values, exactly, or a problem with its place.

Python's own parser does the work, with decimals kept as decimals; what JSON forbids but it allows (NaN, a key
twice) and what no fact can hold (very long numbers, very deep nests) is refused. Only when something is wrong
is the text walked again, to say where.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal

from engine.facts_problems import FactsError, problem, shorten

DEEPEST = 50
LONGEST_NUMBER = 100
# No width that can be declared reaches further from the point than this.
FURTHEST_EXPONENT = 60

# A whole string (or one that never ends), a bracket, or a bare run such as a number or a word.
TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)|[\[\]{}:,]|[^\s"\[\]{}:,]+', re.DOTALL)
# A whole string, which is a key where a colon follows, or a bracket.
KEY_OR_BRACKET = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[\[\]{}]', re.DOTALL)
MANY_DIGITS = re.compile(f"[0-9]{{{LONGEST_NUMBER}}}")
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

# What the parser complains of, in the words of people.
COMPLAINTS: tuple[tuple[str, str, str], ...] = (
    ("Expecting value", "a value was expected here", "此处应有一个值"),
    ("Expecting ',' delimiter", "a comma or a closing bracket was expected here", "此处应有逗号或右括号"),
    ("Expecting ':' delimiter", "a colon was expected after the name", "名称之后应有冒号"),
    ("Expecting property name", "a name in double quotes was expected here", "此处应有双引号括起的名称"),
    ("Unterminated string", "a text begins here and never ends", "从此处开始的文本没有结束引号"),
    (
        "Invalid control character",
        "a text may not run over the end of a line",
        "文本不能跨行，也不能含控制字符",
    ),
    ("Invalid \\", "a backslash is followed by what JSON does not know", "反斜杠后面的内容不合 JSON 规则"),
    ("Extra data", "the value has ended, but more text follows", "值已结束，后面还有多余内容"),
    ("Illegal trailing comma", "a comma with nothing behind it", "逗号后面没有内容"),
)


CONTAINERS = (dict, list)


class _Refused(Exception):
    """A number, a word or a key that the parser met and we do not take."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = text


def parse_json(text: bytes | str) -> object:
    """The value of a JSON text: whole numbers as int, other numbers as Decimal with all their digits.

    Raises `FactsError` for what is not JSON in UTF-8, for NaN and Infinity, for a key that stands twice in
    one object, for numbers of more than 100 digits or far from the point (1e999), and for nests deeper than
    50.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise FactsError([problem("encoding", "")]) from None
    try:
        value: object = json.loads(
            text,
            # A call for every number is dear: only where some run of digits is very long.
            parse_int=_whole if MANY_DIGITS.search(text) else None,
            parse_float=_decimal,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from None
    except _Refused as refused:
        raise _at(text, refused) from None
    except RecursionError:
        raise _too_deep(text) from None
    if _deeper(value, DEEPEST):
        raise _too_deep(text)
    if SURROGATE.search(text):
        _refuse_halves(value)
    return value


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise _Refused("number_too_long", text)
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise _Refused("number_too_long", text)
    exponent = re.search(r"[eE]([+-]?\d+)", text)
    if exponent and abs(int(exponent[1])) > FURTHEST_EXPONENT:
        raise _Refused("number_too_long", text)
    return Decimal(text)


def _constant(text: str) -> object:
    raise _Refused("not_a_number", text)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Refused("key_twice", key)
            seen.add(key)
    return found


def _deeper(value: object, limit: int) -> bool:
    """Whether lists and objects nest deeper than so many levels; level by level, which is quick for any text."""
    level = [value]
    for _ in range(limit):
        inside: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inside.extend(each.values())
            elif isinstance(each, list):
                inside.extend(each)
        level = [each for each in inside if type(each) in CONTAINERS]
        if not level:
            return False
    return True


def _too_deep(text: str) -> FactsError:
    depth, offset = 0, 0
    for found in TOKEN.finditer(text):
        depth += (found[0] in "[{") - (found[0] in "]}")
        if depth > DEEPEST:
            offset = found.start()
            break
    line, column = _place(text, offset)
    return FactsError([problem("too_deep", "", line=line, column=column, limit=DEEPEST)])


def _refuse_halves(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        raise FactsError([problem("half_a_character", "")]) from None


def _not_json(text: str, error: json.JSONDecodeError) -> FactsError:
    for start, en, zh in COMPLAINTS:
        if error.msg.startswith(start):
            detail, detail_zh = en, zh
            break
    else:
        detail, detail_zh = "this is not JSON", "此处不是合法的 JSON"
    line, column = _place(text, error.pos)
    return FactsError([problem("not_json", "", line=line, column=column, detail=detail, detail_zh=detail_zh)])


def _at(text: str, refused: _Refused) -> FactsError:
    """The error with its place: the first token that is the refused one, the second key of its name in one
    object.
    """
    if refused.code == "key_twice":
        offset = next(_second_keys(text), 0)
    else:
        offset = next((token.start() for token in TOKEN.finditer(text) if token[0] == refused.text), 0)
    line, column = _place(text, offset)
    word = shorten(refused.text)
    return FactsError([problem(refused.code, "", got=refused.text, line=line, column=column, name=word)])


def _second_keys(text: str) -> Iterator[int]:
    """Where a key stands that its object has already."""
    open_objects: list[set[object]] = []
    for token in KEY_OR_BRACKET.finditer(text):
        if token[2]:
            key = json.loads(token[1]) if "\\" in token[1] else token[1][1:-1]
            if key in open_objects[-1]:
                yield token.start()
            open_objects[-1].add(key)
        elif token[0] in "{[":
            open_objects.append(set())
        elif token[0] in "}]":
            open_objects.pop()


def _place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
