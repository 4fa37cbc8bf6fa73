"""JSON text -> values, exactly, or a problem with its place.

Python's own parser does the work, with decimals kept as decimals; what JSON forbids but it allows (NaN, a key
twice) and what no fact can hold (very long numbers, half characters) leaves a mark in the place of the value,
so that the rest can still be held against a schema. Only when something is wrong is the text walked again, to
say where. Broken syntax and very deep nests have no rest: there is one problem then, and no value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from engine.facts_problems import UNREADABLE, FactProblem, FactsError, pointer, problem, shorten

DEEPEST = 50
LONGEST_NUMBER = 100
# No width that can be declared reaches further from the point than this.
FURTHEST_EXPONENT = 60
# So many problems are told, and pointers of so many characters: an answer is never much longer than its question.
MOST_PROBLEMS = 50
LONGEST_POINTERS = 20_000

# A whole string (or one that never ends), a bracket, or a bare run such as a number or a word.
TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)|[\[\]{}:,]|[^\s"\[\]{}:,]+', re.DOTALL)
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


@dataclass(slots=True)
class _Hooks:
    """What Python's parser calls for numbers, odd words and objects; notes whether it left a mark anywhere."""

    marked: bool = False

    def whole(self, text: str) -> object:
        """An integer."""
        return self._mark() if len(text) > LONGEST_NUMBER else int(text)

    def decimal(self, text: str) -> object:
        """A number with a point or an exponent."""
        return self._mark() if _too_long(text) else Decimal(text)

    def constant(self, _: str) -> object:
        """NaN or Infinity."""
        return self._mark()

    def pairs(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        """An object; of a key that stands twice, no value is the right one."""
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    found[key] = self._mark()
                seen.add(key)
        return found

    def _mark(self) -> object:
        self.marked = True
        return UNREADABLE


def parse_json(text: bytes | str) -> object:
    """The value of a JSON text: whole numbers as int, other numbers as Decimal with all their digits.

    Raises `FactsError` for what is not JSON in UTF-8, for NaN and Infinity, for a key that stands twice in
    one object, for numbers of more than 100 digits or far from the point (1e999), for half characters, and for
    nests deeper than 50.
    """
    value, problems = parse_around(text)
    if problems:
        raise FactsError(problems)
    return value


def parse_around(text: bytes | str) -> tuple[object, tuple[FactProblem, ...]]:
    """The value as `parse_json` has it, but with `UNREADABLE` in the place of what it refuses, and why.

    Raises `FactsError` where there is no value at all: not UTF-8, not JSON, or nested too deep.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise FactsError([problem("encoding", "")]) from None
    hooks = _Hooks()
    try:
        value: object = json.loads(
            text,
            # A call for every number is dear: only where some run of digits is very long.
            parse_int=hooks.whole if MANY_DIGITS.search(text) else None,
            parse_float=hooks.decimal,
            parse_constant=hooks.constant,
            object_pairs_hook=hooks.pairs,
        )
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from None
    except RecursionError:
        raise _too_deep(text) from None
    if _deeper(value, DEEPEST):
        raise _too_deep(text)
    halves = bool(SURROGATE.search(text)) and _has_halves(value)
    if halves:
        value = _without_halves(value)
    return value, _problems(text) if hooks.marked or halves else ()


def _too_long(text: str) -> bool:
    """Whether a number has more digits, or lies further from the point, than any fact can hold."""
    exponent = re.search(r"[eE]([+-]?\d+)", text)
    return len(text) > LONGEST_NUMBER or bool(exponent and abs(int(exponent[1])) > FURTHEST_EXPONENT)


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


def _has_halves(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _without_halves(value: object) -> object:
    """The value with marks for texts that hold half a character, and without keys that do."""
    match value:
        case str():
            return UNREADABLE if _half(value) else value
        case list():
            return [_without_halves(item) for item in value]
        case dict():
            return {key: _without_halves(item) for key, item in value.items() if not _half(key)}
        case _:
            return value


def _half(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _not_json(text: str, error: json.JSONDecodeError) -> FactsError:
    for start, en, zh in COMPLAINTS:
        if error.msg.startswith(start):
            detail, detail_zh = en, zh
            break
    else:
        detail, detail_zh = "this is not JSON", "此处不是合法的 JSON"
    line, column = _place(text, error.pos)
    return FactsError([problem("not_json", "", line=line, column=column, detail=detail, detail_zh=detail_zh)])


@dataclass(slots=True)
class _Level:
    """An object or a list that is open where the text is being walked; `at` is the key or the index there."""

    keyed: bool
    at: str | int | None
    seen: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)

    def go_on(self) -> None:
        """Past a comma."""
        self.at = self.at + 1 if isinstance(self.at, int) else None

    def enter(self, token: str) -> str | None:
        """Takes a key; the code of what is wrong with it."""
        key = str(json.loads(token)) if "\\" in token else token[1:-1]
        self.at = key
        if _half(key):
            return "half_a_character"
        again = key in self.seen and key not in self.told
        self.seen.add(key)
        if again:
            self.told.add(key)
        return "key_twice" if again else None


def _problems(text: str) -> tuple[FactProblem, ...]:
    """Every value and key of a JSON text that is refused, in the order of the text, up to a limit."""
    found: list[FactProblem] = []
    room = LONGEST_POINTERS
    for code, place, offset, token in _faults(text):
        room -= len(place)
        if len(found) == MOST_PROBLEMS or room < 0:
            found.append(problem("more_unreadable", ""))
            break
        line, column = _place(text, offset)
        got = token if code == "not_a_number" else ...
        word = shorten(token if code == "not_a_number" else token.strip('"'))
        found.append(problem(code, place, got=got, line=line, column=column, name=word))
    return tuple(found)


def _faults(text: str) -> Iterator[tuple[str, str, int, str]]:
    """Code, pointer, offset and token of everything that is refused in a text that follows JSON's syntax."""
    levels: list[_Level] = []
    for found in TOKEN.finditer(text):
        token = found[0]
        code: str | None = None
        if token in "{[":
            levels.append(_Level(token == "{", None if token == "{" else 0))
        elif token in "}]":
            levels.pop()
        elif token == ",":
            levels[-1].go_on()
        elif token == ":":
            continue
        elif levels and levels[-1].keyed and levels[-1].at is None:
            code = levels[-1].enter(token)
        else:
            code = _refused(token)
        if code:
            yield code, pointer(*(level.at for level in levels if level.at is not None)), found.start(), token


def _refused(token: str) -> str | None:
    """The code under which a value is refused, None for one that is taken."""
    if token.startswith('"'):
        return "half_a_character" if SURROGATE.search(token) and _half(json.loads(token)) else None
    if token in ("NaN", "Infinity", "-Infinity"):
        return "not_a_number"
    return "number_too_long" if token[-1].isdigit() and _too_long(token) else None


def _place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
