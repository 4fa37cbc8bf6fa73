"""The least and the greatest value that a fact or a score can have, as its declaration says.

Asked for before everything has been lowered, so the answer comes from the declarations themselves, and only
from what stands in them as a plain literal.
"""

from __future__ import annotations

from decimal import Decimal

from dsl import ast
from dsl.checker.context import Context
from dsl.model import Read
from dsl.types import Kind, Type, Value

# Seconds in the units of a duration.
SECONDS = {"MINUTES": 60, "HOURS": 3600, "DAYS": 86400, "WEEKS": 604800}

Bounds = tuple[Value | None, Value | None]


def of(ctx: Context, read: Read) -> Bounds:
    """The bounds of what is read; None for an end that is open, or that is not known yet."""
    symbol = ctx.symbols.get(read.key)
    if read.of not in ("fact", "score") or symbol is None or symbol.broken:
        return None, None
    match symbol.node:
        case ast.FactDecl(options=options):
            return _option(options, "AT_LEAST", read.type), _option(options, "AT_MOST", read.type)
        case ast.ScoreDecl(low=low, high=high):
            return literal(low, read.type), literal(high, read.type)
        case _:
            return None, None


def _option(options: tuple[ast.Option, ...], kind: str, type: Type) -> Value | None:
    for option in options:
        if option.kind == kind and option.args and not isinstance(option.args[0], ast.Label | ast.Word):
            return literal(option.args[0], type)
    return None


def literal(node: ast.Expr | None, type: Type) -> Value | None:
    """What a number, a duration or a date comes to; None for anything else."""
    match node:
        case ast.Number(value=value):
            return value
        case ast.Negate(inner=inner):
            positive = literal(inner, type)
            return -positive if isinstance(positive, Decimal) else None
        case ast.Quantity(number=number, unit=unit) if type.kind is Kind.DURATION and unit in SECONDS:
            return number.value * SECONDS[unit]
        case ast.DateValue(value=day):
            return day
        case _:
            return None
