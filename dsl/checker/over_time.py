"""Lifecycle, events and watches: checked as far as words go, kept as written, and not evaluated yet.

An author should learn today that a stage is misspelt or that a condition makes no sense, though nothing runs
it before a later version. So names are looked up and conditions are typed; what a lifecycle calls its stages
and how long a window is, is the author's. One warning a statement says that decisions do not depend on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dsl import ast
from dsl.checker.advice import choice_for_role
from dsl.checker.context import Context, Symbol
from dsl.checker.declared_types import declared_type
from dsl.checker.expressions import condition
from dsl.checker.names import member_of, nearest
from dsl.messages import ladders as messages
from dsl.messages.names import DECLARED_TWICE
from dsl.types import Kind

# The keywords after which a condition stands, and those after which the name of an event does.
_BEFORE_CONDITION = frozenset({"WHEN", "EXCEPT_WHEN"})
_BEFORE_EVENT = frozenset({"ON", "WITHOUT", "THEN"})


def check_over_time(ctx: Context, node: ast.OverTime) -> None:
    """Looks for problems in one statement over time; nothing of it goes into the model but the statement
    itself.
    """
    # What it reads is no dependency of any score or tier.
    inner = replace(ctx, owner="")
    match node.kind:
        case "LIFECYCLE":
            _check_stages(inner, node)
        case "EVENT":
            _fields(inner, node)
        case "WATCH" | "MOVEMENT_OF":
            pass
    for clause in node.lines:
        _check_clause(inner, clause)
    what = ctx.words(replace(node.span, end=node.name.span.end))
    ctx.report.add(messages.NOT_EVALUATED, node.name.span, what=what)


# ---------------------------------------------------------------- clauses


def _check_clause(ctx: Context, clause: ast.Clause) -> None:
    """The names and conditions of one line."""
    scope = ctx
    before = ""
    for item in clause.items:
        match item:
            case ast.KeywordUse(id=id):
                before = id
                continue
            case ast.Word() if before in _BEFORE_EVENT or (clause.kind == "when" and before == "WHEN"):
                scope = _scope_of_event(ctx, item)
            case ast.Word() if clause.kind == "do":
                choice_for_role(ctx, item)
            case str() | ast.Label() | ast.TypeName() | ast.MonthDay():
                continue
            case ast.Number() | ast.Quantity() | ast.Word():
                # A count before the name of an event leaves the keyword before it in force.
                continue
            case _ if before == "WHERE":
                condition(scope, item)
            case _ if before in _BEFORE_CONDITION:
                condition(ctx, item)
            case _:
                continue
        before = ""


def _scope_of_event(ctx: Context, word: ast.Word) -> Context:
    """The names that a condition on an event may read: the event's fields, and everything else."""
    events = [each for each in _events(ctx) if each.name.text == word.text]
    if not events:
        known = [each.name.text for each in _events(ctx)]
        ctx.report.add(
            messages.EVENT_UNKNOWN, word.span, hint=nearest(ctx, word.text, known), event=word.text
        )
        # Its fields are not known either: what a condition reads is checked against those of every event.
        events = list(_events(ctx))
    fields = {name: symbol for event in events for name, symbol in _fields(_silent(ctx), event).items()}
    return replace(ctx, symbols={**ctx.symbols, **fields})


def _silent(ctx: Context) -> Context:
    """The same names, but a report of its own: what is wrong with an event is said where it is declared."""
    return replace(ctx, report=type(ctx.report)())


def _events(ctx: Context) -> Iterator[ast.OverTime]:
    for node in ctx.policy.statements:
        if isinstance(node, ast.OverTime) and node.kind == "EVENT":
            yield node


# ---------------------------------------------------------------- events and stages


def _fields(ctx: Context, node: ast.OverTime) -> dict[str, Symbol]:
    """The fields of an event, each as a name that conditions on it can read."""
    found: dict[str, Symbol] = {}
    items = node.head.items if node.head is not None else ()
    for word, written in _typed_words(items):
        declared = ast.Declared(ast.Word(f"{node.name.text}.{word.text}", span=word.span), span=word.span)
        kind = declared_type(ctx, written, declared)
        symbol = Symbol("fact", word.text, word.text, node, word.span, kind, kind is None)
        first = found.setdefault(word.text, symbol)
        if first is not symbol:
            ctx.report.add(DECLARED_TWICE, word.span, also=(first.span,), name=word.text)
    return found


def _typed_words(items: tuple[object, ...]) -> Iterator[tuple[ast.Word, ast.TypeName]]:
    """Each field of `event NAME: field TYPE, field (one of a, b)` with its type."""
    field: ast.Word | None = None
    values: list[ast.Word] = []
    in_brackets = False
    for item in items:
        match item:
            case ast.Word() if in_brackets:
                values.append(item)
            case ast.Word():
                field = item
            case ast.TypeName() if field is not None:
                yield field, item
            case "(":
                in_brackets, values = True, []
            case ")" if field is not None:
                in_brackets = False
                members = tuple(ast.EnumValue(ast.Declared(word, span=word.span)) for word in values)
                yield field, ast.TypeName("ONE_OF", members, span=field.span)
            case _:
                continue


def _check_stages(ctx: Context, node: ast.OverTime) -> None:
    """A lifecycle named like an enumeration fact moves through that fact's values; any other has words of its
    own.
    """
    symbol = ctx.symbols.get(node.name.text)
    if symbol is None or symbol.type is None or symbol.type.kind is not Kind.ENUM:
        return
    for clause in (*([node.head] if node.head is not None else []), *node.lines):
        before = "FROM"
        for item in clause.items:
            if isinstance(item, ast.KeywordUse):
                before = item.id
            elif isinstance(item, ast.Word) and before in ("FROM", "STARTS", "TO"):
                member_of(ctx, item, symbol.type)
