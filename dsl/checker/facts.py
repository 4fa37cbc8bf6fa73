"""Facts and parameters: what is known of a customer, and what the policy itself sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from dsl import ast, model
from dsl.checker.comparisons import has_order
from dsl.checker.context import Context, Symbol, text
from dsl.checker.describe import slots
from dsl.checker.expressions import constant
from dsl.keywords import FACT_OPTIONS, by_id
from dsl.messages import types as messages
from dsl.source import Span
from dsl.types import DATE, Kind, Type, Value


@dataclass(slots=True)
class _Limits:
    """The values that a fact's options set; None where they are not set, or broken."""

    default: Value | None = None
    at_least: Value | None = None
    at_most: Value | None = None


def lower_fact(ctx: Context, node: ast.FactDecl, symbol: Symbol) -> model.Fact | None:
    """One `fact` statement; None after its problems have been reported."""
    options = _single_options(ctx, node)
    if symbol.type is None:
        return None
    limits = _Limits(
        _option_value(ctx, options.get("DEFAULT"), symbol.type),
        _bound(ctx, options.get("AT_LEAST"), symbol.type),
        _bound(ctx, options.get("AT_MOST"), symbol.type),
    )
    _check_limits(ctx, node, symbol, options, limits)
    source = options.get("SOURCE")
    return model.Fact(
        name=symbol.name,
        key=symbol.key,
        label=text(node.label),
        span=node.span,
        type=symbol.type,
        default=limits.default,
        at_least=limits.at_least,
        at_most=limits.at_most,
        required="REQUIRED" in options,
        source=source.args[0].text if source and isinstance(source.args[0], ast.Label) else None,
        changeable=_changeable(ctx, options.get("CAN_CHANGE"), symbol.type),
        protected="PROTECTED" in options,
        masked="MASKED" in options,
    )


def _single_options(ctx: Context, node: ast.FactDecl) -> dict[str, ast.Option]:
    """A fact's options by their keyword; one that stands twice is reported."""
    options: dict[str, ast.Option] = {}
    for option in node.options:
        first = options.setdefault(option.kind, option)
        if first is not option:
            keyword = next(each for each in (*FACT_OPTIONS, *by_id().values()) if each.id == option.kind)
            words = {"option_en": keyword.en[0], "option_zh": keyword.zh[0]}
            ctx.report.add(messages.OPTION_TWICE, option.span, also=(first.span,), hint=None, **words)
    return options


def _option_value(ctx: Context, option: ast.Option | None, type: Type) -> Value | None:
    if option is None:
        return None
    values = [constant(ctx, arg, type) for arg in option.args if not isinstance(arg, ast.Label | ast.Word)]
    if type.item is None:
        return values[0] if values else None
    # A list's default may name several items.
    return tuple(item for value in values if isinstance(value, tuple) for item in value)


def _bound(ctx: Context, option: ast.Option | None, type: Type) -> Value | None:
    if option is not None and (not has_order(type) or type.kind is Kind.TIER):
        ctx.report.add(messages.BOUND_WITHOUT_ORDER, option.span, **slots(found=type))
        return None
    return _option_value(ctx, option, type)


def _check_limits(
    ctx: Context, node: ast.FactDecl, symbol: Symbol, options: dict[str, ast.Option], limits: _Limits
) -> None:
    """Options that contradict each other."""
    if "REQUIRED" in options and "DEFAULT" in options:
        ctx.report.add(messages.REQUIRED_DEFAULT, options["REQUIRED"].span, name=symbol.name)
    if _above(limits.at_least, limits.at_most):
        low, high = (ctx.words(options[kind].args[0].span) for kind in ("AT_LEAST", "AT_MOST"))
        ctx.report.add(messages.BOUNDS_CROSSED, options["AT_MOST"].span, low=low, high=high)
    elif _above(limits.at_least, limits.default) or _above(limits.default, limits.at_most):
        ctx.report.add(messages.DEFAULT_OUTSIDE, options["DEFAULT"].span, name=node.name.word.text)


def _above(one: Value | None, other: Value | None) -> bool:
    """Whether one value lies above another; two of a fact's limits always have one type."""
    if one is None or other is None or isinstance(one, tuple) or isinstance(other, tuple):
        return False
    return one > other  # type: ignore[operator]


def _changeable(ctx: Context, option: ast.Option | None, type: Type) -> Literal["no", "any", "up", "down"]:
    if option is None:
        return "no"
    if option.which is None:
        return "any"
    if not has_order(type) and type.kind is not Kind.YES_NO:
        ctx.report.add(messages.NO_DIRECTION, option.span, **slots(found=type))
        return "any"
    return "up" if option.which == "ONLY_UP" else "down"


# ---------------------------------------------------------------- parameters


def lower_param(ctx: Context, node: ast.SetDecl, symbol: Symbol) -> model.Param | None:
    """One `set` statement with its dated values; None after its problems have been reported."""
    # A value that is no literal has broken the type; it is reported here, where it stands.
    type = symbol.type or (Type(Kind.NUMBER) if node.type is None else None)
    if type is None:
        return None
    value = constant(ctx, node.value, type)
    dated: list[tuple[date, Value]] = []
    places: dict[date, Span] = {}
    for line in node.lines:
        start = constant(ctx, line.start, DATE)
        new = constant(ctx, line.value, type)
        if not isinstance(start, date) or new is None:
            continue
        if _in_order(ctx, symbol, line, start, places):
            dated.append((start, new))
        places.setdefault(start, line.span)
    if value is None:
        return None
    param = model.Param(
        name=symbol.name,
        key=symbol.key,
        label=text(node.label),
        span=node.span,
        type=type,
        value=value,
        dated=tuple(dated),
    )
    ctx.params[symbol.key] = param
    return param


def _in_order(
    ctx: Context, symbol: Symbol, line: ast.DatedLine, start: date, places: dict[date, Span]
) -> bool:
    if start in places:
        ctx.report.add(
            messages.DATE_TWICE,
            line.span,
            also=(places[start],),
            name=symbol.name,
            date=start.isoformat(),
        )
        return False
    # Lines before this one were in order, so the last of them is the latest.
    if places and start < next(reversed(places)):
        ctx.report.add(messages.DATES_OUT_OF_ORDER, line.span, date=start.isoformat())
        return False
    return True
