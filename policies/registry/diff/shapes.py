"""What two rules are compared by: everything that decides, and nothing else.

A shape is a plain tuple, equal for two things that mean the same: without places, types, labels and rule
names, and with the names of the new version. Types are left out because they are compared where they are
declared: a fact that gains a value would otherwise make another rule of every rule that reads it.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from dsl.model import Const, Expr, Outcome, Read, Text
from dsl.types import Member, Type
from dsl.walk import parts
from policies.registry.diff.difference import Said
from policies.registry.diff.names import Names

Shape = tuple[object, ...]

# Fields of the model that say how something is called or shown, or that are compared elsewhere.
_NOT_COMPARED = frozenset({"span", "type", "rule", "label", "text", "name", "key", "has_unknown", "owner"})


def shape(node: object, names: Names) -> Shape:
    """The shape of an expression or of any part of the model that is made of expressions."""
    match node:
        case Const():
            return ("const", *value_shape(node.value, node.type, names))
        case Read():
            # One namespace holds them all, so the key says what is read; `held` reads the state instead.
            return ("held" if node.of == "held" else "read", names.key(node.key))
        case Outcome():
            return ("outcome", node.key)
        case Member():
            return ("member", node.key)
        case tuple():
            return tuple([shape(item, names) for item in node])
        case None | str() | bool() | int() | Decimal() | date():
            return _atom(node)
        case _:
            kind: Any = type(node)
            return (kind.__name__, *[shape(getattr(node, name), names) for name in _compared(kind)])


def value_shape(value: object, type: Type, names: Names) -> Shape:
    """A value: a member under its new key; `yes` is not the number one."""
    if isinstance(value, tuple):
        return tuple([value_shape(item, type.item or type, names) for item in value])
    if isinstance(value, str) and type.owner:
        return ("member", names.member(type.owner, value))
    return _atom(value)


def _atom(value: object) -> Shape:
    return ("truth", value) if isinstance(value, bool) else (value,)


@cache
def _compared(kind: Any) -> tuple[str, ...]:
    """The fields of a kind of record that its shape has."""
    return tuple(item.name for item in fields(kind) if item.compare and item.name not in _NOT_COMPARED)


def reads(names: Names, *exprs: Expr | None) -> frozenset[str]:
    """Everything that expressions read, by its new key."""
    found = (part for expr in exprs if expr is not None for part in parts(expr))
    return frozenset(names.key(part.key) for part in found if isinstance(part, Read))


def words_of(text: Text | None) -> Said | None:
    """A label as its readers see it: which of its two spellings came first is no difference to them."""
    return None if text is None else Said(text.in_lang("en"), text.in_lang("zh"))
