"""Rules of a checked policy in words, both languages at once: the author's names, and numbers as written there.

Conditions are said by `engine.words`, as reasons say them, except that a number keeps its author's spelling:
who wrote `50w` looks for `50w`, not for `500,000`. Texts stand as the policy has them and are not translated,
since which text is compared or granted is what a difference is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import assert_never

from dsl import numerals
from dsl.characters import PLAIN
from dsl.diagnostics import Lang
from dsl.keywords import spelling
from dsl.model import (
    Arith,
    Cell,
    Column,
    Compare,
    Const,
    Contains,
    DateMath,
    Expr,
    IsUnknown,
    Logic,
    Not,
    OneOf,
    RangeCell,
    Read,
    Round,
    SetCell,
    Text,
    Today,
)
from dsl.types import DEFAULT_WIDTHS, KIND_OF_KEYWORD, Kind, Type, Value
from engine.words import row_words, value_words, words
from policies.registry.diff.difference import Said, plain
from policies.registry.diff.names import Side

NONE = Said("none", "无")
OTHERWISE = Said(spelling("OTHERWISE", "en"), spelling("OTHERWISE", "zh"))
# What a row of a table or of a matrix says where it deliberately gives nothing.
NOTHING = plain("-")

_AS_WRITTEN = frozenset({Kind.NUMBER, Kind.WHOLE, Kind.MONEY, Kind.PERCENT})
# `value_words` says a text of this type as it stands.
_WORD = Type(Kind.ENUM)
_KEYWORD_OF = {kind: keyword for keyword, kind in KIND_OF_KEYWORD.items()}


def both(say: Callable[[Lang], str]) -> Said:
    """What a function says, in both languages."""
    return Said(say("en"), say("zh"))


def keyword(id: str, statement: str = "") -> Said:
    """A keyword in both languages."""
    return both(lambda lang: spelling(id, lang, statement))


def listed(items: Iterable[Said]) -> Said:
    """Several words, with the comma that lists have in each language."""
    said = list(items)
    return Said(", ".join(each.en for each in said), "、".join(each.zh for each in said))


def quoted(text: str) -> Said:
    """A text in the quotes of each language."""
    return Said(f'"{text}"', f"“{text}”")


def label(text: Text) -> Said:
    """A label in the language of the reader."""
    return both(lambda lang: quoted(text.in_lang(lang)).in_lang(lang))


def label_in_full(text: Text) -> Said:
    """A label with its translation behind it, as authors write it."""
    if text.translation is None:
        return quoted(text.text)
    first, second = quoted(text.text), quoted(text.translation)
    return Said(f"{first.en} ({second.en})", f"{first.zh}（{second.zh}）")


def value(given: Value, type: Type) -> Said:
    """A value in words: `500,000`, `15%`, `30 days`."""
    return both(lambda lang: value_words(given, type, lang))


def day(given: date) -> Said:
    """A date."""
    return plain(given.isoformat())


def type_words(type: Type) -> Said:
    """A type as a declaration says it, without the values of an enumeration."""
    if type.item is not None:
        return _after(keyword("LIST_OF"), type_words(type.item))
    name = keyword(_KEYWORD_OF[type.kind]) if type.kind in _KEYWORD_OF else plain(type.kind.value)
    width = type.width
    if width is None or width == DEFAULT_WIDTHS.get(type.kind):
        return name
    places = Said(f"with {width.places} decimals", f"保留 {width.places}位小数")
    return _after(name, places)


def _after(first: Said, second: Said) -> Said:
    return Said(f"{first.en} {second.en}", f"{first.zh} {second.zh}")


# ---------------------------------------------------------------- expressions


def expression(expr: Expr, side: Side) -> Said:
    """A condition, or what a rule gives, in words."""
    return both(lambda lang: words(_spelled(expr, side, lang), side.policy, lang))


def maybe(expr: Expr | None, side: Side) -> Said | None:
    """The same where there may be none."""
    return None if expr is None else expression(expr, side)


def cells(given: Iterable[tuple[Column, Cell]], side: Side) -> Said:
    """What a row asks of its columns."""
    pairs = list(given)

    def say(lang: Lang) -> str:
        spelled = [
            (_spelled_column(column, side, lang), _spelled_cell(cell, side, lang)) for column, cell in pairs
        ]
        return row_words(spelled, side.policy, lang)

    return both(say)


def _spelled_column(column: Column, side: Side, lang: Lang) -> Column:
    return replace(column, expr=_spelled(column.expr, side, lang))


def _spelled_cell(cell: Cell, side: Side, lang: Lang) -> Cell:
    match cell:
        case SetCell(values=values):
            return replace(cell, values=tuple(_spelled(each, side, lang) for each in values))
        case RangeCell(low=low, high=high):
            ends = [None if end is None else _spelled(end, side, lang) for end in (low, high)]
            return replace(cell, low=ends[0], high=ends[1])
        case _:
            return cell


def _spelled(expr: Expr, side: Side, lang: Lang) -> Expr:
    """The expression with its numbers as words, spelled as their author did; texts by their first spelling."""

    def all_of(items: tuple[Expr, ...]) -> tuple[Expr, ...]:
        return tuple(_spelled(item, side, lang) for item in items)

    match expr:
        case Const():
            return _spelled_constant(expr, side, lang)
        case Read(of="held"):
            return Const(f"{spelling('HELD', lang)} {side.policy.ladders[expr.key].name}", _WORD)
        case Read() | Today():
            return expr
        case Arith() | DateMath() | Logic():
            return replace(expr, args=all_of(expr.args))
        case Round() | Not() | IsUnknown():
            return replace(expr, inner=_spelled(expr.inner, side, lang))
        case Compare():
            return replace(expr, left=_spelled(expr.left, side, lang), right=_spelled(expr.right, side, lang))
        case OneOf():
            return replace(expr, inner=_spelled(expr.inner, side, lang), items=all_of(expr.items))
        case Contains():
            return replace(expr, inner=_spelled(expr.inner, side, lang), item=_spelled(expr.item, side, lang))
        case _:
            assert_never(expr)


def _spelled_constant(const: Const, side: Side, lang: Lang) -> Const:
    if isinstance(const.value, Decimal) and const.type.kind in _AS_WRITTEN:
        written = _as_written(const.value, side.slice(const.span))
        return const if written is None else Const(written, _WORD)
    if isinstance(const.value, str):
        member = const.type.member(const.value)
        if member is not None and member.is_text:
            return Const(quoted(member.name).in_lang(lang), _WORD)
    return replace(const, text=None)


def _as_written(value: Decimal, text: str) -> str | None:
    """The author's spelling of a number, where what stands there is one and has this value; else None.

    A folded constant or one that stands for nothing written (`per referrals` counts by one) has none.
    """
    spelled = text.translate(PLAIN).strip()
    digits = spelled.removeprefix("-").lstrip()
    literal = numerals.read_code(digits, 0, len(digits)) or numerals.read(digits, 0, len(digits))
    number = literal.value
    if (
        not isinstance(number, numerals.NumberValue)
        or literal.end != len(digits)
        or number.value != value.copy_abs()
    ):
        return None
    return f"-{digits}" if value < 0 else digits
