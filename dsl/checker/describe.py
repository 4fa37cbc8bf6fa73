"""Types in the words of messages: `an amount of money`, `金额`, and a sample of how one is written."""

from __future__ import annotations

from typing import Any

from dsl.types import Kind, Type

MOST_LISTED = 6

# Words for a message's slots; `Any`, so that they go with the other keyword arguments of `Report.add`.
Slots = dict[str, Any]

# A kind as it stands in a sentence, in both languages, and a sample in both.
_KINDS: dict[Kind, tuple[str, str, str, str]] = {
    Kind.YES_NO: ("a yes or no", "是否值", "`yes`", "`是`"),
    Kind.NUMBER: ("a number", "数值", "`2.5`", "`2.5`"),
    Kind.WHOLE: ("a whole number", "整数", "`3`", "`3`"),
    Kind.MONEY: ("an amount of money", "金额", "`500k`", "`50万`"),
    Kind.PERCENT: ("a percentage", "百分比", "`15%`", "`15%`"),
    Kind.DURATION: ("a duration", "时长", "`30 days`", "`30天`"),
    Kind.PERIOD: ("a period of months", "月数期间", "`6 months`", "`6个月`"),
    Kind.DATE: ("a date", "日期", "`2026-01-31`", "`2026-01-31`"),
    Kind.TEXT: ("a text", "文本", '`"text"`', "`“文本”`"),
    Kind.ENUM: ("a value of a list of choices", "选项的取值", "`high`", "`高`"),
    Kind.LIST: ("a list", "列表", "`a, b`", "`甲、乙`"),
    Kind.TIER: ("a tier", "等级", "`A`", "`A`"),
}


def kind_words(kind: Kind) -> tuple[str, str]:
    """A kind of value as it stands in a sentence, in English and in Chinese."""
    return _KINDS[kind][:2]


def type_words(type: Type) -> tuple[str, str]:
    """A type as it stands in a sentence; an enumeration and a ladder by their owner."""
    if type.kind is Kind.ENUM and type.owner:
        return f"a value of `{type.owner}`", f"`{type.owner}` 的取值"
    if type.kind is Kind.TIER and type.owner:
        return f"a tier of `{type.owner}`", f"`{type.owner}` 的等级"
    if type.item is not None:
        item, item_zh = type_words(type.item)
        return f"a list, each item {item}", f"{item_zh}的列表"
    return kind_words(type.kind)


def slots(**types: Type) -> Slots:
    """Words for a message's slots: `slots(found=type)` fills `{found}` and `{found_zh}`."""
    words: Slots = {}
    for name, type in types.items():
        words[name], words[f"{name}_zh"] = type_words(type)
    return words


def sample_slots(type: Type) -> Slots:
    """`{expected}`, `{sample}` and their Chinese, for a message that asks for a value of a type."""
    _, _, sample, sample_zh = _KINDS[type.kind]
    if type.members:
        sample = sample_zh = f"`{type.members[0].name}`"
    return {**slots(expected=type), "sample": sample, "sample_zh": sample_zh}


def cell_slots(found: int, wanted: int) -> Slots:
    """How many cells a row has, and how many its header: `{cells}` with its noun, and `{wanted}`."""
    cells = "1 cell" if found == 1 else f"{found} cells"
    return {"cells": cells, "cells_zh": f"{found} 格", "wanted": wanted}


def list_slots(**lists: list[str]) -> Slots:
    """The author's words in backticks, the first few of many: `list_slots(values=words)` fills `{values}` and
    `{values_zh}`.
    """
    words: Slots = {}
    for name, listed in lists.items():
        shown = [
            *(f"`{word}`" for word in listed[:MOST_LISTED]),
            *(["…"] if len(listed) > MOST_LISTED else []),
        ]
        words[name], words[f"{name}_zh"] = ", ".join(shown), "、".join(shown)
    return words
