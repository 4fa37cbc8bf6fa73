"""Segments, choices and tags: outcomes with their conditions.

A segment or a choice gives every customer exactly one outcome: the first of its lines that holds. So it ends
with `otherwise`, or its lines visibly leave nobody out (every value of one enumeration, both sides of one
threshold). A table that stands alone is proved complete by `dsl.checker.coverage` instead.

`exactly one` adds that no two of its lines may hold together; `otherwise` is then simply the rest. Lines that
can be shown to meet are an error, with a customer for whom they do. Where it cannot be told (the lines
compare figures that are worked out), nothing is reported, and the first that holds decides, as everywhere.

Tags are every outcome that holds, so they have no order, no `otherwise`, and need not be complete.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial

from dsl import ast
from dsl.checker import bounds
from dsl.checker.cases import always_one, meetings
from dsl.checker.context import Context, key_of, rule_name, text, translated
from dsl.checker.describe import Slots
from dsl.checker.expressions import condition
from dsl.checker.names import member_named
from dsl.checker.slugs import expression_slug
from dsl.checker.tables import table
from dsl.messages import benefits as messages
from dsl.messages.types import OUTCOME_CELL
from dsl.model import Body, Choice, Line, Outcome, Table, Tags, Text
from dsl.source import Span
from dsl.types import Type


@dataclass(frozen=True, slots=True)
class _Outcomes:
    """A statement whose lines give outcomes."""

    name: str
    key: str
    type: Type
    node: ast.ChoiceDecl


def lower_choice(ctx: Context, node: ast.ChoiceDecl) -> Choice | None:
    """One `segment` or `choose` statement; None after its problems have been reported."""
    symbol = ctx.symbols.get(node.name.word.text)
    if symbol is None or symbol.node is not node or symbol.type is None:
        return None
    choice = _Outcomes(symbol.name, symbol.key, symbol.type, node)
    body = _body(ctx, choice)
    if body is None or not _complete(ctx, choice, body) or not _exclusive(ctx, choice, body):
        return None
    return Choice(
        name=choice.name,
        key=choice.key,
        label=text(node.label),
        span=node.span,
        kind="segment" if node.kind == "SEGMENT" else "choose",
        type=choice.type,
        body=body,
        exactly_one=node.exactly_one,
    )


def lower_tags(ctx: Context, node: ast.ChoiceDecl) -> Tags | None:
    """One `tags` statement; None after its problems have been reported."""
    symbol = ctx.symbols.get(node.name.word.text)
    if symbol is None or symbol.node is not node or symbol.type is None:
        return None
    # Tags read as a list; their outcomes are its items.
    outcomes = symbol.type.item or symbol.type
    tags = _Outcomes(symbol.name, symbol.key, outcomes, node)
    sound = True
    for line in node.body:
        if isinstance(line, ast.OutcomeLine) and line.otherwise:
            ctx.report.add(messages.TAGS_OTHERWISE, line.span, name=tags.name)
            sound = False
    body = _body(ctx, tags) if sound else None
    if body is None:
        return None
    return Tags(
        name=tags.name, key=tags.key, label=text(node.label), span=node.span, type=symbol.type, body=body
    )


# ---------------------------------------------------------------- lines and tables


def _body(ctx: Context, of: _Outcomes) -> Body | None:
    """Every line and table in the order written; None when one of them is wrong."""
    if not of.node.body:
        ctx.report.add(messages.NO_OUTCOMES, of.node.name.span, name=of.name)
        return None
    found: list[Line | Table | None] = []
    lines = [line for line in of.node.body if isinstance(line, ast.OutcomeLine)]
    times = Counter(_said(line) for line in lines)
    for line in of.node.body:
        match line:
            case ast.OutcomeLine():
                found.append(_line(ctx, of, line, alone=times[_said(line)] == 1))
            case ast.Table():
                cells = partial(_outcome_of_cell, ctx, of)
                headings = ("OUTCOME",)
                found.append(table(ctx, line, of.key, cells, headings=headings, own=of.node.name))
    kept = tuple(line for line in found if line is not None)
    if len(kept) < len(found):
        return None
    _check_texts(ctx, of, kept)
    return kept


def _said(line: ast.OutcomeLine) -> str:
    """The word by which a line's outcome goes: its code, else its text."""
    if line.code is not None:
        return key_of(line.code)
    return "" if line.text is None else line.text.text


def _line(ctx: Context, of: _Outcomes, line: ast.OutcomeLine, *, alone: bool) -> Line | None:
    """One line; `alone` says that no other line has its outcome."""
    when = None if line.condition is None else condition(ctx, line.condition)
    member = member_named(ctx, _said(line), of.type)
    rule = _rule(ctx, of, line, alone=alone)
    owner = _owner(ctx, of, line)
    if member is None or (when is None and not line.otherwise):
        return None
    label = text(line.text) if line.code is not None else translated(line.text)
    return Line(rule, when, Outcome(member.key, label, owner), text(line.label), line.span)


def _rule(ctx: Context, of: _Outcomes, line: ast.OutcomeLine, *, alone: bool) -> str:
    """A line goes by its outcome; where several lines share one, by its outcome and its condition."""
    if line.name is not None:
        return rule_name(ctx, of.key, line.name, None, None, line.span)
    said = _said(line)
    if not alone:
        said += " " + ("otherwise" if line.condition is None else expression_slug(line.condition))
    elif line.code is not None:
        return rule_name(ctx, of.key, line.code, None, None, line.span)
    return rule_name(ctx, of.key, None, ast.Label(said), line.condition, line.span)


def _owner(ctx: Context, of: _Outcomes, line: ast.OutcomeLine) -> Text | None:
    """Who answers for the outcome of a segment."""
    for option in line.options:
        if option.kind != "OWNER":
            continue
        if of.node.kind != "SEGMENT":
            ctx.report.add(messages.OWNER_ELSEWHERE, option.span, name=of.name)
        elif option.args and isinstance(option.args[0], ast.Label):
            return text(option.args[0])
    return None


def _outcome_of_cell(ctx: Context, of: _Outcomes, cell: ast.Cell) -> Outcome | None:
    """An outcome cell: a text, a code, or a code with its text."""
    match cell:
        case ast.AnyCell():
            if of.node.kind != "TAGS":
                ctx.report.add(messages.CHOICE_NONE, cell.span, name=of.name)
            return None
        case ast.ListCell(items=(ast.TextValue(label=label),), negated=False, label=None):
            member, shown = member_named(ctx, label.text, of.type), translated(label)
        case ast.ListCell(items=(ast.Ref(word=word),), negated=False, label=label, alias=alias):
            member, shown = member_named(ctx, alias.text if alias else word.text, of.type), text(label)
        case _:
            member, shown = None, None
    if member is None:
        ctx.report.add(OUTCOME_CELL, cell.span)
        return None
    return Outcome(member.key, shown)


def _check_texts(ctx: Context, of: _Outcomes, body: Body) -> None:
    """One outcome under several conditions is usual; two texts for it are a slip."""
    first: dict[str, tuple[Text, Span]] = {}
    for line in body:
        for rule in line.rows if isinstance(line, Table) else (line,):
            if not isinstance(rule.result, Outcome) or rule.result.label is None:
                continue
            shown, key = rule.result.label, rule.result.key
            said, span = first.setdefault(key, (shown, rule.span))
            if said != shown:
                words: Slots = {"first": said.text, "second": shown.text}
                ctx.report.add(
                    messages.OUTCOME_LABELS_DIFFER,
                    rule.span,
                    also=(span,),
                    name=of.name,
                    outcome=key,
                    **words,
                )


# ---------------------------------------------------------------- exactly one outcome


def _complete(ctx: Context, of: _Outcomes, body: Body) -> bool:
    """Nobody is left out, and nothing stands after `otherwise`."""
    ends = [at for at, line in enumerate(body) if isinstance(line, Line) and line.condition is None]
    if ends and ends[0] < len(body) - 1:
        late, end = body[ends[0] + 1], body[ends[0]]
        ctx.report.add(messages.LINE_AFTER_OTHERWISE, late.span, also=(end.span,), name=of.name)
        return False
    if ends or any(isinstance(line, Table) for line in body):
        # A table without `otherwise` after it has to be complete by itself, which coverage proves or reports.
        return True
    conditions = [line.condition for line in body if isinstance(line, Line) and line.condition is not None]
    if always_one(conditions, lambda read: bounds.of(ctx, read)):
        return True
    ctx.report.add(messages.NO_CHOICE_OTHERWISE, body[-1].span, name=of.name)
    return False


def _exclusive(ctx: Context, of: _Outcomes, body: Body) -> bool:
    """Under `exactly one`, no two lines with different outcomes that can be shown to hold together."""
    if not of.node.exactly_one:
        return True
    exclusive = True
    lines = [line for line in body if isinstance(line, Line)]
    conditions = [line.condition for line in lines if line.condition is not None]
    for at, other, case in meetings(conditions, lambda read: bounds.of(ctx, read)):
        first, second = lines[at], lines[other]
        if not _same_outcome(first, second):
            words: Slots = {"name": of.name, "case": case.words()}
            ctx.report.add(messages.BOTH_HOLD, second.span, also=(first.span,), **words)
            exclusive = False
    return exclusive


def _same_outcome(first: Line, second: Line) -> bool:
    mine, other = first.result, second.result
    return isinstance(mine, Outcome) and isinstance(other, Outcome) and mine.key == other.key
