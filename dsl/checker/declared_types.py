"""Types as written to types as meant, and the type of a parameter that is not written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from dsl import ast
from dsl.checker.context import Context, key_of
from dsl.checker.describe import slots
from dsl.messages import names as name_messages
from dsl.messages import types as messages
from dsl.types import (
    DATE,
    DEFAULT_WIDTHS,
    DURATION,
    KIND_OF_KEYWORD,
    MONEY,
    NUMBER,
    PERCENT,
    TEXT,
    WHOLE,
    YES_NO,
    Kind,
    Member,
    Type,
    Width,
)

# Decimals that a declaration may ask for. Eighteen digits before the point and these stay within what
# databases calculate exactly.
MOST_DECIMALS = 12

_PLAIN: dict[Kind, Type] = {
    each.kind: each for each in (YES_NO, NUMBER, WHOLE, MONEY, PERCENT, DURATION, DATE, TEXT)
}


def declared_type(ctx: Context, node: ast.TypeName, name: ast.Declared) -> Type | None:
    """The type that a declaration writes; its problems are reported."""
    return type_of_name(ctx, node, key_of(name), name.word.text)


def type_of_name(ctx: Context, node: ast.TypeName, owner: str, name: str) -> Type | None:
    """The type that is written, its values belonging to `owner`; `name` is how a message calls the
    declaration.
    """
    kind = KIND_OF_KEYWORD[node.kind]
    if node.decimals is not None:
        return _widened(ctx, node, kind, node.decimals)
    match kind:
        case Kind.ENUM:
            return _enumeration(ctx, node, owner, name)
        case Kind.LIST:
            return _list(ctx, node, owner, name)
        case _:
            return _PLAIN[kind]


def _list(ctx: Context, node: ast.TypeName, owner: str, name: str) -> Type | None:
    assert node.item is not None
    item = type_of_name(ctx, node.item, owner, name)
    return None if item is None else Type(Kind.LIST, item=item)


def _widened(ctx: Context, node: ast.TypeName, kind: Kind, decimals: int) -> Type | None:
    """`money with 6 decimals`"""
    type = _PLAIN.get(kind)
    if type is None or kind not in (Kind.NUMBER, Kind.MONEY, Kind.PERCENT) or decimals > MOST_DECIMALS:
        found = slots(found=type or Type(kind))
        ctx.report.add(
            messages.BAD_DECIMALS, node.span, decimals=str(decimals), limit=str(MOST_DECIMALS), **found
        )
        return None
    # A percentage's decimals are written in per cent and kept in the fraction, two places further right.
    places = decimals + 2 if kind is Kind.PERCENT else decimals
    return Type(kind, width=Width(DEFAULT_WIDTHS[kind].whole, places))


def _enumeration(ctx: Context, node: ast.TypeName, owner: str, name: str) -> Type | None:
    members: list[Member] = []
    places: dict[str, ast.Word] = {}
    sound = True
    for value in node.values:
        word = value.name.word
        taken = [each for each in (word, value.name.alias) if each and each.text in places]
        for each in taken:
            first = places[each.text].span
            ctx.report.add(name_messages.VALUE_TWICE, each.span, also=(first,), name=each.text)
            sound = False
        for known in (word, value.name.alias):
            if known is not None:
                places.setdefault(known.text, known)
        if not taken:
            label, translation = (value.label.text, value.label.translation) if value.label else (None, None)
            members.append(Member(word.text, key_of(value.name), label, translation))
    if sound and len(members) < 2:
        ctx.report.add(messages.TOO_FEW_VALUES, node.span, name=name)
        sound = False
    return Type(Kind.ENUM, members=tuple(members), owner=owner) if sound else None


def literal_type(nodes: Iterable[ast.Expr]) -> Type | None:
    """The type of a parameter from its values: whole when they all are; None where one is no literal or they
    do not go together.
    """
    found: Type | None = None
    for node in nodes:
        type = _of_literal(node)
        if type is None:
            return None
        if found is None or (found.kind is Kind.WHOLE and type.kind is Kind.NUMBER):
            found = type
    return found


def _of_literal(node: ast.Expr) -> Type | None:
    match node:
        case ast.Number(percent=True):
            return PERCENT
        case ast.Number(value=value, currency=currency):
            if currency is not None:
                return MONEY
            return WHOLE if value == value.to_integral_value() else NUMBER
        case ast.Quantity(unit=unit):
            return Type(Kind.PERIOD) if unit in ("MONTHS", "QUARTERS", "YEARS") else DURATION
        case ast.DateValue():
            return DATE
        case ast.TextValue():
            return TEXT
        case ast.Truth():
            return YES_NO
        case ast.Group(inner=inner) | ast.Negate(inner=inner):
            return _of_literal(inner)
        case (
            ast.Today() | ast.Ref() | ast.Held() | ast.Arith() | ast.Extreme() | ast.Rounded() | ast.Calendar() | ast.Not()
            | ast.Logic() | ast.Compare() | ast.Between() | ast.In() | ast.Contains() | ast.IsUnknown()
        ):  # fmt: skip
            return None
        case _:
            assert_never(node)
