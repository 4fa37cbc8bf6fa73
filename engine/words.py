"""Conditions and values of a checked policy in words, in the language of the answer.

This is for reading, in reasons and explanations: the author's own names, the keywords of the language asked
for. It is close to how the author would have written it, and no more: the policy's text, and the line that
every reason names, are the authority.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import assert_never

from dsl.diagnostics import Lang
from dsl.keywords import spelling
from dsl.model import (
    AnyCell,
    Arith,
    Cell,
    CheckedPolicy,
    Column,
    Compare,
    Const,
    Contains,
    DateMath,
    Declaration,
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
    UnknownCell,
)
from dsl.types import Kind, Type, Value
from engine.values import decimal, fraction

OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
UNITS = ((86400, "DAYS", "day"), (3600, "HOURS", "hour"), (60, "MINUTES", "minute"))


def declaration(policy: CheckedPolicy, read: Read) -> Declaration:
    """What a reading reads."""
    match read.of:
        case "fact":
            return policy.facts[read.key]
        case "param":
            return policy.params[read.key]
        case "value":
            return policy.values[read.key]
        case "score":
            return policy.scores[read.key]
        case "ladder" | "held":
            return policy.ladders[read.key]
        case "choice":
            return policy.choices[read.key]
        case "tags":
            return policy.tags[read.key]
        case _:
            assert_never(read.of)


def label(declared: Declaration, lang: Lang) -> str:
    """A declaration's label, else its name."""
    return declared.name if declared.label is None else declared.label.in_lang(lang)


def member_label(type: Type, key: str, lang: Lang) -> str:
    """The label of a tier or an enumerated value, else its name."""
    member = type.member(key)
    if member is None:
        return key
    return Text(member.label or member.name, member.translation).in_lang(lang)


# ---------------------------------------------------------------- expressions


def words(expr: Expr, policy: CheckedPolicy, lang: Lang) -> str:
    """An expression in words."""

    def say(part: Expr) -> str:
        return words(part, policy, lang)

    match expr:
        case Const():
            return value_words(expr.value if expr.text is None else expr.text.in_lang(lang), expr.type, lang)
        case Read():
            return declaration(policy, expr).name
        case Today():
            return spelling("TODAY", lang)
        case Compare():
            return _relate(say(expr.left), f"{operator(expr.op, expr.left.type, lang)} {say(expr.right)}")
        case Logic():
            return _join(expr, policy, lang)
        case Not():
            return _negated(expr.inner, policy, lang)
        case OneOf():
            return _relate(say(expr.inner), f"{spelling('IN', lang)} {_listed(expr.items, policy, lang)}")
        case Contains():
            return _relate(say(expr.inner), f"{spelling('CONTAINS', lang)} {say(expr.item)}")
        case IsUnknown():
            return _relate(say(expr.inner), f"{spelling('IS', lang)} {spelling('UNKNOWN', lang)}")
        case Arith():
            return _arith(expr, policy, lang)
        case Round():
            places = f"{expr.places} {spelling('PLACES', lang)}"
            return f"{say(expr.inner)} {spelling('ROUNDED_TO', lang)} {places}"
        case DateMath():
            return _date_math(expr, policy, lang)
        case _:
            assert_never(expr)


def operator(op: str, type: Type, lang: Lang) -> str:
    """A comparison's sign; between names the word for it, as the language has it."""
    if type.kind.numeric or type.kind is Kind.DATE or op not in ("=", "<>"):
        return op
    return spelling("IS" if op == "=" else "IS_NOT", lang)


def and_all(conditions: Sequence[str], lang: Lang) -> str:
    """Several conditions in words, joined by `and`."""
    return f" {spelling('AND', lang)} ".join(conditions)


def _relate(left: str, rest: str) -> str:
    """A name and what is said of it; Chinese beside Chinese stands without a space (`客户等级为 D`)."""
    return left + rest if left and not left[-1].isascii() and not rest[0].isascii() else f"{left} {rest}"


def _join(expr: Logic, policy: CheckedPolicy, lang: Lang) -> str:
    parts = [
        f"({words(arg, policy, lang)})" if isinstance(arg, Logic) else words(arg, policy, lang)
        for arg in expr.args
    ]
    return f" {spelling('AND' if expr.op == 'and' else 'OR', lang)} ".join(parts)


def _negated(inner: Expr, policy: CheckedPolicy, lang: Lang) -> str:
    """The opposite of a condition, said straight where there is a word for it."""
    match inner:
        case Compare():
            opposite = OPPOSITE[inner.op]
            left, right = words(inner.left, policy, lang), words(inner.right, policy, lang)
            return _relate(left, f"{operator(opposite, inner.left.type, lang)} {right}")
        case OneOf():
            items = _listed(inner.items, policy, lang)
            return _relate(words(inner.inner, policy, lang), f"{spelling('NOT_IN', lang)} {items}")
        case IsUnknown():
            left = words(inner.inner, policy, lang)
            return _relate(left, f"{spelling('IS_NOT', lang)} {spelling('UNKNOWN', lang)}")
        case Not():
            return words(inner.inner, policy, lang)
        case Read():
            return _relate(spelling("NOT", lang), words(inner, policy, lang))
        case _:
            return f"{spelling('NOT', lang)} ({words(inner, policy, lang)})"


def _listed(items: Sequence[Expr], policy: CheckedPolicy, lang: Lang) -> str:
    return ("、" if lang == "zh" else ", ").join(words(item, policy, lang) for item in items)


def _arith(expr: Arith, policy: CheckedPolicy, lang: Lang) -> str:
    parts = [
        f"({words(arg, policy, lang)})"
        if isinstance(arg, Arith) and arg.op not in ("min", "max")
        else words(arg, policy, lang)
        for arg in expr.args
    ]
    if expr.op in ("min", "max"):
        return f"{spelling(expr.op.upper() + '_OF', lang)} ({', '.join(parts)})"
    return f"-{parts[0]}" if expr.op == "neg" else f" {expr.op} ".join(parts)


def _date_math(expr: DateMath, policy: CheckedPolicy, lang: Lang) -> str:
    parts = [words(arg, policy, lang) for arg in expr.args]
    match expr.op:
        case "add_days" | "add_months":
            return f"{parts[0]} {'+' if expr.sign > 0 else '-'} {parts[1]}"
        case "between":
            return f"{parts[0]} - {parts[1]}"
        case "year":
            return f"{spelling('YEAR_OF', lang)} {parts[0]}"
        case "since":
            return f"{spelling(f'{expr.unit.upper()}S_SINCE', lang)} {parts[0]}"
        case "start" | "end":
            return f"{spelling(f'{expr.op}_OF_{expr.unit}'.upper(), lang)} {parts[0]}"
        case _:
            assert_never(expr.op)


# ---------------------------------------------------------------- values


def value_words(value: Value, type: Type, lang: Lang) -> str:
    """A value in words: `500,000`, `15%`, `30 days`, `contract`."""
    if isinstance(value, tuple):
        item = type.item or type
        return ("、" if lang == "zh" else ", ").join(value_words(each, item, lang) for each in value)
    if isinstance(value, bool):
        return spelling("YES" if value else "NO", lang)
    if isinstance(value, Decimal):
        return _number_words(value, type, lang)
    if isinstance(value, date):
        return value.isoformat()
    if type.kind is Kind.TEXT:
        return f"“{value}”" if lang == "zh" else f'"{value}"'
    member = type.member(value)
    if member is None:
        return value
    return member_label(type, member.key, lang) if member.is_text else member.name


def _number_words(value: Decimal, type: Type, lang: Lang) -> str:
    number = fraction(value)
    match type.kind:
        case Kind.PERCENT:
            return f"{_plain(number * 100)}%"
        case Kind.DURATION:
            size, unit, one = next((row for row in UNITS if number % row[0] == 0), UNITS[-1])
            return _counted(number / size, unit, one, lang)
        case Kind.PERIOD:
            return _counted(number, "MONTHS", "month", lang)
        case Kind.WHOLE | Kind.NUMBER if abs(value) < 10_000:
            return f"{decimal(number):f}"  # years too are numbers: `1980`, not `1,980`
        case _:
            return _plain(number)


def _plain(number: Fraction) -> str:
    return f"{decimal(number):,f}"


def _counted(count: Fraction, unit: str, one: str, lang: Lang) -> str:
    if lang == "zh":
        return f"{_plain(count)}{spelling(unit, lang)}"
    return f"{_plain(count)} {one if count == 1 else spelling(unit, lang)}"


# ---------------------------------------------------------------- rows of tables


def row_words(cells: Sequence[tuple[Column, Cell]], policy: CheckedPolicy, lang: Lang) -> str:
    """A table row's conditions: `order_amount 200,000 to 1,000,000`; where every cell is `-`, the word for
    `otherwise`.
    """
    parts = [text for column, cell in cells for text in _cell_words(column, cell, policy, lang)]
    return and_all(parts, lang) if parts else spelling("OTHERWISE", lang)


def _cell_words(column: Column, cell: Cell, policy: CheckedPolicy, lang: Lang) -> Iterator[str]:
    left = words(column.expr, policy, lang)
    match cell:
        case AnyCell():
            return
        case UnknownCell():
            yield _relate(left, f"{spelling('IS', lang)} {spelling('UNKNOWN', lang)}")
        case SetCell(values, negated):
            equal = operator("<>" if negated else "=", column.expr.type, lang)
            word = equal if len(values) == 1 else spelling("NOT_IN" if negated else "IN", lang)
            yield _relate(left, f"{word} {_listed(values, policy, lang)}")
        case RangeCell():
            yield _relate(left, _range_words(cell, policy, lang))
        case _:
            assert_never(cell)


def _range_words(cell: RangeCell, policy: CheckedPolicy, lang: Lang) -> str:
    low = "" if cell.low is None else words(cell.low, policy, lang)
    high = "" if cell.high is None else words(cell.high, policy, lang)
    if not low:
        return f"{'<=' if cell.high_included else '<'} {high}"
    if not high:
        return f"{'>=' if cell.low_included else '>'} {low}"
    if cell.low_included and cell.high_included:
        return f"{spelling('BETWEEN', lang)} {low} {spelling('AND', lang) if lang == 'en' else '与'} {high}"
    if cell.low_included:
        return f"{low} {spelling('TO', lang)} {high}"
    return f"> {low} {spelling('AND', lang)} {'<=' if cell.high_included else '<'} {high}"
