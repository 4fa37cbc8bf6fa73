"""The lines at the head of a policy: its name, who answers for it, when and where it holds."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import date

from dsl import ast, model
from dsl.checker.context import Context, text
from dsl.checker.expressions import constant
from dsl.keywords import by_id
from dsl.messages import names as messages
from dsl.source import NOWHERE
from dsl.types import DATE

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@dataclass(slots=True)
class Headers:
    """What the head says; None where nothing stands, or what stands is wrong."""

    name: str | None = None
    title: model.Text | None = None
    owner: str | None = None
    start: date | None = None
    end: date | None = None
    timezone: str | None = None
    scope: str | None = None
    about: str | None = None
    applies: ast.Applies | None = None


def lower_headers(ctx: Context) -> Headers:
    """Reads the head lines, each of which may stand once; `ctx.currency` is known afterwards."""
    headers = Headers()
    first: dict[str, ast.Statement] = {}
    for at, node in enumerate(ctx.policy.statements):
        kind = _kind(node)
        if kind is None:
            continue
        earlier = first.setdefault(kind, node)
        if earlier is not node:
            word = by_id()[kind]
            places = {"keyword_en": word.en[0], "keyword_zh": word.zh[0]}
            ctx.report.add(messages.HEADER_TWICE, node.span, also=(earlier.span,), hint=None, **places)
            continue
        _lower(ctx, headers, node, at)
    if "POLICY" not in first and "POLICY" not in ctx.unread_keywords:
        ctx.report.add(messages.NO_POLICY_LINE, NOWHERE)
    return headers


def _kind(node: ast.AnyStatement) -> str | None:
    """The keyword of a head line; None for other statements, and for `use`, which may stand several times."""
    match node:
        case ast.PolicyHeader():
            return "POLICY"
        case ast.Remark(kind="USE"):
            return None
        case ast.Remark(kind=kind):
            return kind
        case ast.Currency():
            return "CURRENCY"
        case ast.Effective():
            return "EFFECTIVE"
        case ast.Applies():
            return "APPLIES"
        case _:
            return None


def _lower(ctx: Context, headers: Headers, node: ast.AnyStatement, at: int) -> None:
    match node:
        case ast.PolicyHeader(name=name, label=label):
            headers.name, headers.title = name.text, text(label)
            if at > 0:
                ctx.report.add(messages.POLICY_NOT_FIRST, node.span)
        case ast.Remark(kind="OWNER", text=said):
            headers.owner = said.text
        case ast.Remark(kind="SCOPE", text=said):
            headers.scope = said.text
        case ast.Remark(kind="ABOUT", text=said):
            headers.about = said.text
        case ast.Remark(kind="TIMEZONE", text=said):
            headers.timezone = _timezone(ctx, said)
        case ast.Currency(code=code):
            _currency(ctx, code)
        case ast.Effective():
            _effective(ctx, headers, node)
        case ast.Applies():
            headers.applies = node
        case _:
            return


def _timezone(ctx: Context, said: ast.Label) -> str | None:
    try:
        zoneinfo.ZoneInfo(said.text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        # OSError: the name of a folder of the database, or one too long to be a file.
        ctx.report.add(messages.UNKNOWN_TIMEZONE, said.span, name=said.text)
        return None
    return said.text


def _currency(ctx: Context, code: ast.Word) -> None:
    if _CURRENCY.fullmatch(code.text):
        ctx.currency = code.text
    else:
        ctx.currency_broken = True
        ctx.report.add(messages.UNKNOWN_CURRENCY, code.span, name=code.text)


def _effective(ctx: Context, headers: Headers, node: ast.Effective) -> None:
    start = constant(ctx, node.start, DATE)
    end = None if node.end is None else constant(ctx, node.end, DATE)
    if isinstance(start, date):
        headers.start = start
    if isinstance(end, date):
        headers.end = end
    if headers.start and headers.end and headers.end < headers.start:
        words = {"start": headers.start.isoformat(), "end": headers.end.isoformat()}
        ctx.report.add(messages.ENDS_BEFORE_START, node.span, also=(), hint=None, **words)
