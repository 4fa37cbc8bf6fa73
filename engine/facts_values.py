"""One raw value -> one value of a fact's type, or a problem.

What may come is written here once: JSON values as `engine.facts.parse_json` gives them, and the texts of
table rows (`rows`), where yes/no has more spellings and a list is one cell. Nothing is rounded, nothing is
guessed; a value that does not fit is a problem.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import assert_never

from dsl.diagnostics import nearest
from dsl.keywords import UNITS
from dsl.types import Kind, Scalar, Type, Value, Width
from engine.facts_problems import NOTHING, Both, FactProblem, after_chinese, pointer, problem

NUMBER = re.compile(
    r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,4})?", re.ASCII
)
AMOUNT = re.compile(
    r"(?:([A-Za-z]{3})\s*|([¥￥$€£])\s*)?([+-]?[0-9.,eE+-]+)(?:\s*(?:([A-Za-z]{3})|元))?", re.ASCII
)
DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
ISO_DURATION = re.compile(
    r"([+-])?P(?:([0-9]+)W|(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?)",
    re.ASCII,
)
ISO_PERIOD = re.compile(r"[+-]?P(?=.*[0-9])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+[WD])?(?:T.*)?", re.ASCII)
QUANTITY = re.compile(r"([+-]?[0-9][0-9.,]*)\s*([^\W\d_]+)")
LIST_ITEMS = re.compile(r"\s*[;；、|]\s*")
COMMAS = re.compile(r"\s*[,，]\s*")
NO_ITEMS = frozenset({"none", "无"})

LONGEST_NUMBER = 100
LONGEST_TEXT = 10_000
SIGNS = {"¥": ("CNY", "JPY"), "￥": ("CNY", "JPY"), "$": ("USD",), "€": ("EUR",), "£": ("GBP",)}
SECONDS = {"MINUTES": 60, "HOURS": 3600, "DAYS": 86400, "WEEKS": 604800}
PERIODS = ("MONTHS", "QUARTERS", "YEARS")
TRUTHS = {
    "yes": True,
    "true": True,
    "是": True,
    "1": True,
    "no": False,
    "false": False,
    "否": False,
    "0": False,
}


class _Refused(Exception):
    """A value that was not taken."""

    def __init__(self, problem: FactProblem) -> None:
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the values of one fact; collects its problems. `name` is the author's word, `place` the JSON
    pointer.
    """

    name: str
    place: str
    currency: str | None
    rows: bool = False
    problems: list[FactProblem] = field(default_factory=list)

    def read(self, raw: object, type: Type) -> Value | None:
        """The value, or None after a problem was noted."""
        try:
            return self._list(raw, type) if type.kind is Kind.LIST else self._scalar(raw, type)
        except _Refused as refused:
            self.problems.append(refused.problem)
            return None

    def _scalar(self, raw: object, type: Type) -> Scalar:
        if isinstance(raw, str) and type.kind is not Kind.TEXT:
            raw = raw.strip()
        match type.kind:
            case Kind.YES_NO:
                return self._truth(raw, type)
            case Kind.NUMBER | Kind.WHOLE | Kind.PERCENT | Kind.MONEY:
                return self._number(raw, type)
            case Kind.DURATION:
                return self._duration(raw, type)
            case Kind.DATE:
                return self._date(raw, type)
            case Kind.TEXT:
                return self._text(raw, type)
            case Kind.ENUM | Kind.TIER:
                return self._member(raw, type)
            case Kind.PERIOD | Kind.LIST:
                raise ValueError(f"no fact holds a {type.kind.value}")
            case _:
                assert_never(type.kind)

    def _fail(
        self, code: str, raw: object, expected: Both = NOTHING, hint: Both | None = None, **words: object
    ) -> _Refused:
        return _Refused(
            problem(code, self.place, expected=expected, got=raw, hint=hint, name=self.name, **words)
        )

    def _wrong(self, raw: object, type: Type) -> _Refused:
        return self._fail("wrong_type", raw, expected_words(type, self.currency))

    def _truth(self, raw: object, type: Type) -> bool:
        if isinstance(raw, bool):
            return raw
        if self.rows and isinstance(raw, str) and raw.lower() in TRUTHS:
            return TRUTHS[raw.lower()]
        raise self._wrong(raw, type)

    def _number(self, raw: object, type: Type) -> Decimal:
        value: Decimal | None = None
        if isinstance(raw, str):
            plain = self._amount(raw, type.kind)
            value = number_of(plain)
            if value is None and type.kind is Kind.PERCENT and plain.endswith("%"):
                whole = number_of(plain[:-1].rstrip())
                value = None if whole is None else times_power_of_ten(whole, -2)
        elif isinstance(raw, int) and not isinstance(raw, bool):
            value = Decimal(raw) if raw.bit_length() < 400 else Decimal("1E+400")
        elif isinstance(raw, Decimal):
            value = raw
        if value is None or not value.is_finite():
            raise self._wrong(raw, type)
        return self._fitting(value, raw, type)

    def _fitting(self, value: Decimal, raw: object, type: Type) -> Decimal:
        width = type.width
        if width is None or width.holds(value):
            return value
        if type.kind is Kind.WHOLE and Width(width.whole, 400).holds(value):
            raise self._wrong(raw, type)
        raise self._fail(
            "too_wide", raw, expected_words(type, self.currency), whole=width.whole, places=width.places
        )

    def _amount(self, raw: str, kind: Kind) -> str:
        """The digits of an amount of money, once its currency is seen to be the policy's; any other text as
        it is.
        """
        found = AMOUNT.fullmatch(raw) if kind is Kind.MONEY else None
        if not found:
            return raw
        code, sign, digits, after = found.groups()
        named = [word.upper() for word in (code, after) if word]
        named += [sign] if sign else []
        for word in named:
            if self.currency not in SIGNS.get(word, (word,)):
                raise self._fail("other_currency", raw, other=word, currency=self.currency or "-")
        return digits

    def _duration(self, raw: object, type: Type) -> Decimal:
        if not isinstance(raw, str):
            raise self._wrong(raw, type)
        found = ISO_DURATION.fullmatch(raw)
        if found and any(found.groups()[1:]):
            sign, *parts = found.groups()
            seconds = sum(
                (
                    Decimal(part) * unit
                    for part, unit in zip(parts, (604800, 86400, 3600, 60, 1), strict=True)
                    if part
                ),
                Decimal(0),
            )
            return self._fitting(-seconds if sign == "-" else seconds, raw, type)
        if ISO_PERIOD.fullmatch(raw):
            raise self._fail("no_fixed_length", raw)
        return self._quantity(raw, type)

    def _quantity(self, raw: str, type: Type) -> Decimal:
        """`30 days`, `30天`: the policy's own words."""
        found = QUANTITY.fullmatch(raw)
        unit = unit_of(found[2]) if found else None
        count = number_of(found[1]) if found else None
        if unit in PERIODS:
            raise self._fail("no_fixed_length", raw)
        if unit not in SECONDS or count is None or len(raw) > LONGEST_NUMBER:
            raise self._wrong(raw, type)
        return self._fitting(count * SECONDS[unit], raw, type)

    def _date(self, raw: object, type: Type) -> date:
        found = DAY.fullmatch(raw) if isinstance(raw, str) else None
        if not found:
            raise self._wrong(raw, type)
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            raise self._fail("no_such_day", raw) from None

    def _text(self, raw: object, type: Type) -> str:
        if not isinstance(raw, str) or len(raw) > LONGEST_TEXT:
            raise self._wrong(raw, type)
        try:
            raw.encode("utf-8")
        except UnicodeEncodeError:
            raise self._fail("half_a_character", raw) from None
        return raw

    def _member(self, raw: object, type: Type) -> str:
        if not isinstance(raw, str):
            raise self._wrong(raw, type)
        member = type.member(raw)
        if member:
            return member.key
        known = [word for member in type.members for word in (member.name, member.key)]
        raise self._fail("no_such_value", raw, member_words(type), hint=nearest(raw, known))

    def _list(self, raw: object, type: Type) -> tuple[Scalar, ...]:
        assert type.item is not None, "a list type names its items"
        if self.rows and isinstance(raw, str):
            raw = list_items(raw, type.item)
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            raise self._wrong(raw, type)
        found: list[Scalar] = []
        for number, item in enumerate(raw):
            one = Reader(self.name, self.place + pointer(number), self.currency, self.rows, self.problems)
            value = one.read(item, type.item)
            if value is not None and not isinstance(value, tuple):
                found.append(value)
        return tuple(found)


def list_items(cell: str, item: Type) -> list[str]:
    """The items in one cell of a table. Values of an enumeration may also stand with commas between, or be
    `none`; texts and numbers may have commas of their own.
    """
    words = [word for word in LIST_ITEMS.split(cell.strip()) if word]
    if item.kind is not Kind.ENUM:
        return words
    if len(words) == 1 and words[0].lower() in NO_ITEMS and item.member(words[0]) is None:
        return []
    pieces = [[word] if item.member(word) else COMMAS.split(word) for word in words]
    return [piece for each in pieces for piece in each if piece]


def number_of(text: str) -> Decimal | None:
    """The decimal that a text spells (`1200.5`, `1,200.50`, `1.2e6`), or None."""
    if len(text) > LONGEST_NUMBER or not NUMBER.fullmatch(text):
        return None
    return Decimal(text.replace(",", ""))


def times_power_of_ten(value: Decimal, power: int) -> Decimal:
    """`value` x 10^power, exactly, whatever the number of its digits."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int), "finite"
    return Decimal((sign, digits, exponent + power))


def unit_of(word: str) -> str | None:
    """The id of the unit that a word names in either language."""
    for keyword in UNITS:
        if word.lower() in keyword.en or word in keyword.zh:
            return keyword.id
    return None


def expected_words(type: Type, currency: str | None) -> Both:
    """What a type takes, in words."""
    match type.kind:
        case Kind.YES_NO:
            return "`true` or `false`", "`true` 或 `false`"
        case Kind.NUMBER:
            return "a number", "数值"
        case Kind.WHOLE:
            return "a whole number", "整数"
        case Kind.MONEY:
            return f"an amount of {currency or 'money'}", f"金额（{currency}）" if currency else "金额"
        case Kind.PERCENT:
            return "a percentage as a fraction, such as 0.15 for 15%", "以小数表示的百分比（15% 写作 0.15）"
        case Kind.DURATION:
            return 'a duration such as "P30D" or "30 days"', '时长，如 "P30D" 或 "30天"'
        case Kind.DATE:
            return 'a date such as "2026-01-31"', '日期，如 "2026-01-31"'
        case Kind.TEXT:
            return f"a text of at most {LONGEST_TEXT} characters", f"不超过 {LONGEST_TEXT} 个字符的文本"
        case Kind.ENUM | Kind.TIER:
            one = member_words(type)
            return f"one of {one[0]}", f"以下之一：{one[1]}"
        case Kind.LIST:
            item = expected_words(type.item, currency) if type.item else ("", "")
            return f"a list, each item {item[0]}", f"列表，每项为{after_chinese(item[1])}"
        case Kind.PERIOD:
            return 'a period such as "P6M"', '期间，如 "P6M"'
        case _:
            assert_never(type.kind)


def member_words(type: Type) -> Both:
    """The values of an enumeration in words: names in Chinese, what programs write in English."""
    most = 20
    more = ", …" if len(type.members) > most else ""
    keys = ", ".join(f"`{member.key}`" for member in type.members[:most])
    names = "、".join(f"`{member.name}`" for member in type.members[:most])
    return keys + more, names + ("、…" if more else "")
