"""The last steps: nothing depends on itself, everything has a type, and the parts become one policy."""

from __future__ import annotations

from bisect import bisect_left

from dsl import ast, model
from dsl.checker.context import Context, text
from dsl.checker.dependencies import report_rings, topological
from dsl.checker.expressions import condition
from dsl.checker.headers import Headers
from dsl.checker.lowering import Parts
from dsl.messages import names as messages
from dsl.source import NOWHERE, Span
from dsl.types import Kind, Type

COMPUTED = ("value", "score", "ladder", "choice", "tags")


def computed_keys(ctx: Context) -> list[str]:
    """The keys of everything that is computed, in the order of the file."""
    symbols = {symbol.key: symbol for symbol in ctx.symbols.values() if symbol.of in COMPUTED}
    return sorted(symbols, key=lambda key: symbols[key].span.start)


def check_dependencies(ctx: Context) -> None:
    """Reports rings, and values read in what looked like a ring, whose type must be written."""
    in_rings = report_rings(ctx, computed_keys(ctx))
    for key in ctx.untyped:
        symbol = ctx.symbols[key]
        if key not in in_rings and not symbol.broken:
            ctx.report.add(messages.NEEDS_TYPE, symbol.span, name=symbol.name)


def report_clashes(ctx: Context) -> None:
    """Reports rules of one name that nobody wrote down, unless one of the two lines has an error already:
    mended, it may well have another name.
    """
    wrong = sorted((item.span.file, item.span.start) for item in ctx.report.items if item.severity == "error")

    def is_wrong(line: Span) -> bool:
        at = bisect_left(wrong, (line.file, line.start))
        return at < len(wrong) and wrong[at] < (line.file, line.end)

    ctx.report.items += [
        clash for clash in ctx.clashes if not any(is_wrong(line) for line in (clash.span, *clash.also))
    ]


def check_currency(ctx: Context) -> None:
    """Reports, once, an amount of money in a policy that names no currency."""
    if ctx.currency is not None or ctx.currency_broken or "CURRENCY" in ctx.unread_keywords:
        return
    first = next((symbol for symbol in ctx.symbols.values() if _is_money(symbol.type)), None)
    if first is None:
        return
    # What comes from a text that is used is no fault of that text: the policy itself names the currency.
    head = next((node.span for node in ctx.policy.statements), NOWHERE)
    ctx.report.add(messages.MONEY_WITHOUT_CURRENCY, head if first.span.file else first.span, name=first.name)


def _is_money(type: Type | None) -> bool:
    return type is not None and (type.kind is Kind.MONEY or _is_money(type.item))


def applies_condition(ctx: Context, node: ast.Applies | None) -> model.Expr | None:
    """The condition of `applies when`."""
    return None if node is None else condition(ctx, node.condition)


def assemble(ctx: Context, headers: Headers, parts: Parts, applies: model.Expr | None) -> model.CheckedPolicy:
    """The policy, once nothing is wrong with its parts."""
    keys = computed_keys(ctx)
    return model.CheckedPolicy(
        name=headers.name or "",
        title=headers.title,
        source=ctx.source,
        uses=tuple(ctx.uses),
        owner=headers.owner,
        start=headers.start,
        end=headers.end,
        currency=ctx.currency,
        timezone=headers.timezone,
        scope=headers.scope,
        about=headers.about,
        applies=applies,
        applies_reason=text(headers.applies.reason) if headers.applies else None,
        facts=parts.facts,
        params=parts.params,
        values=parts.values,
        scores=parts.scores,
        ladders=parts.ladders,
        choices=parts.choices,
        tags=parts.tags,
        benefits=parts.benefits,
        advice=tuple(parts.advice),
        examples=tuple(parts.examples),
        order=tuple(topological({key: list(ctx.reads.get(key, ())) for key in keys})),
        over_time=tuple(parts.over_time),
        movements=parts.movements,
    )
