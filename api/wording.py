"""Values of a decision as a person reads them: `0.05` of type percent is 5%, `P2D` is 2 days.

A decision is written for programs; a terminal shows the same facts to people, in their language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from dsl.diagnostics import Lang

_DURATION = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_UNITS = (
    ("year", "年"),
    ("month", "个月"),
    ("week", "周"),
    ("day", "天"),
    ("hour", "小时"),
    ("minute", "分钟"),
    ("second", "秒"),
)


def pick(lang: Lang, en: str, zh: str) -> str:
    """The one of two words that belongs to a language."""
    return en if lang == "en" else zh


def number(value: object) -> str:
    """An amount or a count as people write it: `1,200.5`; no exponent, no idle zeros."""
    text = (
        f"{value:,f}"
        if isinstance(value, Decimal)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Decimal) -> str:
    """A fraction as a percentage, exactly."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int), "finite"
    return number(Decimal((sign, digits, exponent + 2))) + "%"


def duration(text: str, lang: Lang) -> str:
    """An ISO 8601 duration or period in words; any other text as it is."""
    found = _DURATION.fullmatch(text)
    if not found or not any(found.groups()[1:]):
        return text
    parts = []
    for count, (en, zh) in zip(found.groups()[1:], _UNITS, strict=True):
        if count:
            parts.append(f"{count} {en}{'' if count == '1' else 's'}" if lang == "en" else f"{count} {zh}")
    return found[1] + " ".join(parts)


def value(item: object, type: str | None, lang: Lang, currency: str | None = None) -> str:
    """A value of a decision in words; `type` is its type's name where it is known, `currency` stands behind money."""

    def say(part: object) -> str:
        return value(part, type, lang, currency)

    match item:
        case None:
            return pick(lang, "unknown", "未知")
        case bool():
            return pick(lang, "yes", "是") if item else pick(lang, "no", "否")
        case {"min": low, "max": high}:
            ends = ["…" if end is None else say(end) for end in (low, high)]
            return pick(lang, f"{ends[0]} to {ends[1]}", f"{ends[0]} 至 {ends[1]}")
        case {"held": list(held), "possible": list(items)}:
            open_ones = [say(each) + " ?" for each in items]
            return pick(lang, ", ", "、").join([*map(say, held), *open_ones])
        case {"possible": list(items)}:
            return pick(lang, " or ", " 或 ").join(map(say, items))
        case list() | tuple():
            return pick(lang, ", ", "、").join(value(each, _item(type), lang, currency) for each in item)
        case int() | Decimal():
            return _amount(item, type, currency)
        case "not_applicable":
            return pick(lang, "not graded", "不分级")
        case str():
            return duration(item, lang) if item.startswith(("P", "-P")) else item
        case _:
            return str(item)


def _item(type: str | None) -> str | None:
    """The name of a list's items' type."""
    return type.removeprefix("list of ") if type else None


def _amount(item: int | Decimal, type: str | None, currency: str | None) -> str:
    """Years too are numbers: what is no money has commas from five digits on only (`1980`, not `1,980`)."""
    match type:
        case "percent":
            return percent(Decimal(item))
        case "money":
            return f"{number(item)} {currency}" if currency else number(item)
        case _:
            return number(item) if abs(Decimal(item)) >= 10_000 else number(item).replace(",", "")


def benefit(item: Mapping[str, object], lang: Lang, *, place: bool = False) -> str:
    """One benefit: its label or name, and what is granted; `?` where it is only possible."""
    kind = item.get("type")
    name = str(item.get("label") or item.get("benefit"))
    granted = item.get("value")
    words = "" if granted is True else " " + value(granted, kind if isinstance(kind, str) else None, lang)
    stage = f" ({item['stage']})" if place and item.get("stage") else ""
    return f"{name}{words}{stage}{' ?' if item.get('possible') else ''}"


def tier(outcome: Mapping[str, object], lang: Lang) -> str:
    """A ladder's outcome: the tier and its label, or what is possible."""
    key, label = outcome.get("tier"), outcome.get("label")
    if key is not None:
        return f"{key} {label}" if label else str(key)
    possible = outcome.get("possible")
    if isinstance(possible, list) and possible:
        return value({"possible": possible}, None, lang) + " ?"
    return "-"
