"""Expressions as text, with the brackets of the tree and those that it needs.

A tree from the parser has a `Group` wherever brackets stood. A tree that somebody built by hand may lack
them; each operand is therefore compared with the place where it stands, and gets brackets where it would
otherwise be read as something else.
"""

from __future__ import annotations

from enum import IntEnum
from typing import assert_never

from dsl import ast
from dsl.formatting.words import Style, number, word


class Binding(IntEnum):
    """How tightly an expression holds together: an operand binds at least as tightly as its place asks."""

    OR = 1
    AND = 2
    NOT = 3
    COMPARISON = 4
    OPERAND = 5
    SUM = 6
    PRODUCT = 7
    SIGN = 8
    POWER = 9
    ATOM = 10


_ARITHMETIC = {
    "+": Binding.SUM,
    "-": Binding.SUM,
    "*": Binding.PRODUCT,
    "/": Binding.PRODUCT,
    "^": Binding.POWER,
}
_LOGIC = {"and": Binding.AND, "or": Binding.OR}


def binding(node: ast.Expr) -> Binding:
    """How tightly a node holds together."""
    match node:
        case ast.Rounded():
            return Binding.OPERAND
        case ast.Logic():
            return _LOGIC[node.op]
        case ast.Not():
            return Binding.NOT
        case ast.Compare() | ast.Between() | ast.In() | ast.Contains() | ast.IsUnknown():
            return Binding.COMPARISON
        case ast.Arith():
            return _ARITHMETIC[node.op]
        case ast.Negate():
            return Binding.SIGN
        case (
            ast.Number()
            | ast.Quantity()
            | ast.DateValue()
            | ast.TextValue()
            | ast.Truth()
            | ast.Today()
            | ast.Ref()
            | ast.Held()
            | ast.Group()
            | ast.Extreme()
            | ast.Calendar()
        ):
            return Binding.ATOM
        case _:
            assert_never(node)


def expression(node: ast.Expr, style: Style) -> str:
    """An expression in the style's language."""
    match node:
        case ast.Number():
            return number(node)
        case ast.Quantity():
            return style.counted(number(node.number), node.unit, node.number.value == 1)
        case ast.DateValue():
            return node.value.isoformat()
        case ast.TextValue():
            return style.label(node.label)
        case ast.Truth():
            return style.keyword("YES" if node.value else "NO")
        case ast.Today():
            return style.keyword("TODAY")
        case ast.Ref():
            return word(node.word)
        case ast.Held():
            return f"{style.keyword('HELD')} {word(node.ladder)}"
        case ast.Group():
            return f"({expression(node.inner, style)})"
        case ast.Negate() | ast.Arith() | ast.Extreme() | ast.Rounded() | ast.Calendar():
            return _computed(node, style)
        case (
            ast.Not()
            | ast.Logic()
            | ast.Compare()
            | ast.Between()
            | ast.In()
            | ast.Contains()
            | ast.IsUnknown()
        ):
            return _condition(node, style)
        case _:
            assert_never(node)


_Computed = ast.Negate | ast.Arith | ast.Extreme | ast.Rounded | ast.Calendar


def _computed(node: _Computed, style: Style) -> str:
    match node:
        case ast.Negate():
            return f"-{operand(node.inner, Binding.SIGN, style)}"
        case ast.Arith():
            own = _ARITHMETIC[node.op]
            left = operand(node.left, Binding.ATOM if node.op == "^" else own, style)
            right = operand(node.right, Binding(own + 1), style)
            return f"{left}^{right}" if node.op == "^" else f"{left} {node.op} {right}"
        case ast.Extreme():
            items = style.items(expression(item, style) for item in node.items)
            return f"{style.keyword('MIN_OF' if node.op == 'min' else 'MAX_OF')} ({items})"
        case ast.Rounded():
            places = style.counted(number(node.places), "PLACES", node.places.value == 1)
            return f"{operand(node.inner, Binding.SUM, style)} {style.keyword('ROUNDED_TO')} {places}"
        case ast.Calendar():
            return f"{style.keyword(node.function)} {operand(node.inner, Binding.ATOM, style)}"
        case _:
            assert_never(node)


_Condition = ast.Not | ast.Logic | ast.Compare | ast.Between | ast.In | ast.Contains | ast.IsUnknown


def _condition(node: _Condition, style: Style) -> str:
    match node:
        case ast.Not():
            return f"{style.keyword('NOT')} {operand(node.inner, Binding.NOT, style)}"
        case ast.Logic():
            # `mixed` says that the author wrote no brackets, so none may be added.
            place = Binding(_LOGIC[node.op] + 1) if node.mixed else Binding.NOT
            joint = f" {style.keyword(node.op.upper())} "
            return joint.join(operand(item, place, style) for item in node.items)
        case ast.Compare():
            return _compare(node, style)
        case ast.Between():
            low, high = _side(node.low, style), _side(node.high, style)
            return f"{_side(node.inner, style)} {between(low, high, style)}"
        case ast.In():
            items = style.items(_side(item, style) for item in node.items)
            return f"{_side(node.inner, style)} {style.keyword('NOT_IN' if node.negated else 'IN')} {items}"
        case ast.Contains():
            return f"{_side(node.inner, style)} {style.keyword('CONTAINS')} {_side(node.item, style)}"
        case ast.IsUnknown():
            verb = style.keyword("IS_NOT" if node.negated else "IS")
            return f"{_side(node.inner, style)} {verb} {style.keyword('UNKNOWN')}"
        case _:
            assert_never(node)


def _compare(node: ast.Compare, style: Style) -> str:
    left, right = _side(node.left, style), _side(node.right, style)
    verb = f"{style.keyword('IS')} " if node.worded else ""
    return f"{left} {verb}{bound(node.op, right, style)}"


def bound(op: ast.Comparison, value: str, style: Style) -> str:
    """A comparison and its right side; `or more` stands behind it."""
    if op in ("=", ">", ">=", "<", "<="):
        return f"{op} {value}"
    return f"{value} {style.keyword(op)}" if op in ("OR_MORE", "OR_LESS") else f"{style.keyword(op)} {value}"


def between(low: str, high: str, style: Style) -> str:
    """`between A and B`"""
    return f"{style.keyword('BETWEEN')} {low} {style.keyword('BETWEEN_AND')} {high}"


def _side(node: ast.Expr, style: Style) -> str:
    return operand(node, Binding.OPERAND, style)


def operand(node: ast.Expr, place: Binding, style: Style) -> str:
    """An expression where one stands that must bind at least as tightly as `place`."""
    text = expression(node, style)
    return text if binding(node) >= place else f"({text})"
