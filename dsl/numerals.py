"""Numbers, dates and money as people write them: `500,000` `50万` `1.5m` `15%` `¥500` `2026-01-31`.

Reading is exact: a literal becomes a `Decimal` by moving its point, never through a float.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from dsl.diagnostics import Code
from dsl.messages import syntax

MAX_DIGITS = 60
SIGNS = "¥$€£"

_CURRENCY_OF_SIGN = {"¥": "¥", "$": "USD", "€": "EUR", "£": "GBP"}
_POWERS = {"k": 3, "m": 6, "w": 4, "万": 4, "亿": 8}

_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)
_OTHER_DATE = re.compile(
    r"(\d{4})(?:([/.])(\d{1,2})\2(\d{1,2})(?!\d)|年(\d{1,2})月(\d{1,2})[日号])", re.ASCII
)
_SHORT_UNITS = {
    "d": "days",
    "h": "hours",
    "hr": "hours",
    "hrs": "hours",
    "mins": "minutes",
    "mo": "months",
    "y": "years",
    "yr": "years",
}
_NUMBER = re.compile(
    r"(?P<sign>[¥$€£]?)(?P<digits>\d+(?:,\d{3,})*(?:\.\d+)?)(?P<power>(?:[kKmMwW](?![A-Za-z0-9_]))|万亿|万|亿)?(?P<yuan>元)?(?P<percent> ?%)?",
    re.ASCII,
)
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_PLAIN = re.compile(r"\d+(\.\d+)?", re.ASCII)
_CODE = re.compile(r"(?P<code>[A-Z]{3}) ?(?=\d)", re.ASCII)
_LETTERS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_IN_RUN = re.compile(r"\d+(?:[kKmMwW](?![A-Za-z0-9_])|万|亿)?元?", re.ASCII)


@dataclass(frozen=True, slots=True)
class NumberValue:
    """What a number's text stands for; a percentage as its fraction."""

    value: Decimal
    percent: bool = False
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Literal:
    """A number or a date that was read, where it ends, and what is wrong with it."""

    type: str
    end: int
    value: NumberValue | date | None = None
    problem: tuple[Code, dict[str, Any]] | None = field(default=None)


def read(text: str, start: int, end: int) -> Literal:
    """The number or date that begins at `start`."""
    match = _DATE.match(text, start, end)
    if match is not None:
        return _date(match)
    other = _OTHER_DATE.match(text, start, end)
    if other is not None:
        return _other_date(other)
    number = _NUMBER.match(text, start, end)
    if number is None:  # a currency sign without a number, or digits of another script
        stop = start + 1
        return _bad(text, start, stop)
    return _number(text, number, end)


def read_code(text: str, start: int, end: int) -> Literal | None:
    """`CNY 500`: a number that begins with a currency's code; None where no code stands."""
    code = _CODE.match(text, start, end)
    if code is None:
        return None
    number = _NUMBER.match(text, code.end(), end)
    if number is None or number["sign"]:
        return None
    literal = _number(text, number, end)
    if not isinstance(literal.value, NumberValue):
        return literal
    value = NumberValue(literal.value.value, literal.value.percent, code["code"])
    return Literal("NUMBER", literal.end, value)


def in_run(run: str, at: int) -> str:
    """The number at a place of a Chinese run, as long as letters alone can tell."""
    match = _IN_RUN.match(run, at)
    return match[0] if match else run[at]


def _date(match: re.Match[str]) -> Literal:
    try:
        return Literal("DATE", match.end(), date(int(match[1]), int(match[2]), int(match[3])))
    except ValueError:
        return Literal("DATE", match.end(), None, (syntax.NO_SUCH_DATE, {"text": match[0]}))


def _other_date(match: re.Match[str]) -> Literal:
    """`2026/01/31`, `2026年1月31日`"""
    month, day = (match[3], match[4]) if match[3] else (match[5], match[6])
    instead = f"{match[1]}-{int(month):02}-{int(day):02}"
    return Literal("DATE", match.end(), None, (syntax.OTHER_DATE, {"text": match[0], "instead": instead}))


def _number(text: str, match: re.Match[str], end: int) -> Literal:
    digits, stop = match["digits"], match.end()
    if not (_PLAIN.fullmatch(digits) or _GROUPED.fullmatch(digits)):
        return _bad(text, match.start(), match.end())
    if text.startswith("折", stop):
        percent = f"{_discount(digits):f}%"
        return Literal(
            "NUMBER", stop + 1, None, (syntax.CHINESE_DISCOUNT, {"text": digits + "折", "percent": percent})
        )
    count = sum(letter.isdigit() for letter in digits)
    if count > MAX_DIGITS:
        return Literal("NUMBER", stop, None, (syntax.LONG_NUMBER, {"digits": count, "limit": MAX_DIGITS}))
    tail = _LETTERS.match(text, stop, end)
    if tail is not None and tail[0] in _SHORT_UNITS:
        instead = f"{match[0]} {_SHORT_UNITS[tail[0]]}"
        words = {"text": text[match.start() : tail.end()], "instead": instead}
        return Literal("NUMBER", tail.end(), None, (syntax.SHORT_UNIT, words))
    if tail is not None and not _unit(tail[0]):
        return _bad(text, match.start(), tail.end())
    percent_sign = bool(match["percent"])
    shift = sum(_POWERS[letter] for letter in (match["power"] or "").lower()) - (2 if percent_sign else 0)
    value = _shifted(Decimal(digits.replace(",", "")), shift)
    return Literal("NUMBER", stop, NumberValue(value, percent_sign, _CURRENCY_OF_SIGN.get(match["sign"])))


def _shifted(value: Decimal, places: int) -> Decimal:
    """A decimal with its point moved; exact at any length, unlike arithmetic in a context."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    power = exponent + places
    return Decimal((0, digits + (0,) * max(power, 0), min(power, 0)))


def _discount(digits: str) -> Decimal:
    """`9折` and `95折` leave nine tenths and 95 hundredths of the price."""
    value = Decimal(digits.replace(",", ""))
    while value > 10:
        value /= 10
    return (Decimal(100) - value * 10).normalize()


_UNIT_WORDS = frozenset(
    [
        "minutes",
        "minute",
        "min",
        "hours",
        "hour",
        "days",
        "day",
        "weeks",
        "week",
        "months",
        "month",
        "quarters",
        "quarter",
        "years",
        "year",
        "places",
        "place",
    ]
)


def _unit(word: str) -> bool:
    return word in _UNIT_WORDS


def _bad(text: str, start: int, stop: int) -> Literal:
    return Literal("NUMBER", stop, None, (syntax.BAD_NUMBER, {"text": text[start:stop]}))
