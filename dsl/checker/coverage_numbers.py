"""Numbers as an author would write them, in both languages: `1,000,000`, `15%`, `30 days`."""

from __future__ import annotations

from fractions import Fraction

from dsl.types import Kind

# English and Chinese.
Words = tuple[str, str]

_UNITS: tuple[tuple[int, Words], ...] = (
    (86400, ("day", "天")),
    (3600, ("hour", "小时")),
    (60, ("minute", "分钟")),
)


def number_words(number: Fraction, kind: Kind) -> Words:
    """A number in the writing of its kind."""
    if kind is Kind.PERCENT:
        text = f"{decimal_text(number * 100)}%"
        return text, text
    if kind is Kind.DURATION:
        return _duration(number)
    text = decimal_text(number)
    return text, text


def decimal_text(number: Fraction) -> str:
    """An exact decimal with thousands commas; a fraction that has no last digit as one."""
    rest, places = number.denominator, 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    while rest % 2 == 0:
        rest, places = rest // 2, places + 1
    while rest % 5 == 0:
        rest, places = rest // 5, places + 1
    if rest != 1:
        return f"{number.numerator:,}/{number.denominator:,}"
    scaled = abs(number.numerator) * 10**places // number.denominator
    whole, tail = divmod(scaled, 10**places)
    text = f"{whole:,}" + (f".{tail:0{places}}".rstrip("0").rstrip(".") if places else "")
    return f"-{text}" if number < 0 else text


def _duration(seconds: Fraction) -> Words:
    for size, (en, zh) in _UNITS:
        if seconds % size == 0 and seconds:
            count = decimal_text(seconds / size)
            return f"{count} {en}" + ("" if count == "1" else "s"), f"{count} {zh}"
    if not seconds:
        return "0 days", "0 天"
    # There is no smaller unit to write than a minute.
    count = decimal_text(seconds / 60)
    return f"{count} minutes", f"{count} 分钟"
