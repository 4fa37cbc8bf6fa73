"""The rules that grant one benefit: its value, its lines and tables, the cells of its rows in a matrix.

Where the first rule that holds stands, a row whose outcome is `-` is a rule too: it grants nothing, on
purpose, and keeps the rules after it from granting. It becomes a condition on those, since a `Grant` always
grants something.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce

from dsl import ast
from dsl.checker.benefit_options import Restriction, Terms, both, restriction_of_line
from dsl.checker.context import Context, rule_name, text
from dsl.checker.describe import Slots
from dsl.checker.expressions import condition, expression
from dsl.checker.ladder_tables import requirement
from dsl.checker.matrices import MatrixRow
from dsl.checker.tables import table
from dsl.messages import benefits as messages
from dsl.model import Const, Expr, Grant, Not, Outcome, Read, Text
from dsl.source import Span
from dsl.types import YES_NO, Kind, Type


def cell_value(ctx: Context, node: ast.Expr | ast.Cell, type: Type | None) -> Expr | None:
    """What a value or a cell grants, of the benefit's type where that is known; `-` is not asked for."""
    match node:
        case ast.ListCell(items=(item,), negated=False, label=None, alias=None):
            return expression(ctx, item, type)
        case ast.ListCell() | ast.AnyCell() | ast.UnknownCell() | ast.BoundCell() | ast.RangeCell():
            ctx.report.add(messages.GRANT_CELL, node.span)
            return None
        case ast.HeadingCell():
            ctx.report.add(messages.GRANT_CELL, node.span)
            return None
        case _:
            return expression(ctx, node, type)


# ---------------------------------------------------------------- a row of a matrix


def row_grants(row: MatrixRow, values: list[Expr | None], rule: str, outer: Restriction) -> list[Grant]:
    """One rule for each value of a row and each of its stages, with the tiers that get it."""
    tiers: dict[Expr, list[str]] = {}
    for member, value in zip(row.tiers, values, strict=True):
        if value is not None:
            tiers.setdefault(value, []).append(member.key)
    stages: tuple[tuple[Read, str] | None, ...] = outer.stages or (None,)
    if row.fact is not None and row.stages:
        stages = tuple((row.fact, stage) for stage in row.stages)
    return [
        Grant(
            rule,
            value,
            stage,
            row.ladder,
            tuple(keys),
            outer.condition,
            outer.start,
            outer.end,
            span=row.span,
        )
        for value, keys in tiers.items()
        for stage in stages
    ]


# ---------------------------------------------------------------- a declaration


@dataclass(slots=True)
class _Rules:
    """The rules of one declaration while they are being gathered."""

    key: str
    type: Type | None
    terms: Terms
    facts: tuple[str, ...]
    grants: list[Grant] = field(default_factory=list)
    # What has been refused on purpose so far, by rows whose outcome is `-`.
    refused: list[Expr] = field(default_factory=list)
    sound: bool = True

    def add(self, rule: str, value: Expr, within: Restriction, label: Text | None, span: Span) -> None:
        """A rule, once for each of its stages."""
        when = within.condition
        for refusal in self.refused:
            when = both(when, Not(refusal, YES_NO, refusal.span))
        self.grants.extend(
            Grant(
                rule, value, stage, within.ladder, within.tiers, when, within.start, within.end, label, span
            )
            for stage in within.stages or (None,)
        )


def declared_grants(
    ctx: Context,
    node: ast.BenefitDecl,
    key: str,
    type: Type,
    terms: Terms,
    facts: tuple[str, ...],
    alone: bool,
) -> list[Grant] | None:
    """The rules of a `benefit` statement; None after problems have been reported.

    `alone` says that no matrix grants the benefit, so that there has to be a value here. `facts` are the keys
    of stage facts.
    """
    rules = _Rules(key, type, terms, facts)
    _gather(ctx, rules, node)
    if node.value is None and not node.body and alone:
        if type.kind is not Kind.YES_NO:
            ctx.report.add(messages.GRANTS_NOTHING, node.name.span, benefit=node.name.word.text)
            return None
        rules.add(f"{key}.granted", Const(True, YES_NO, node.span), terms.restriction, None, node.span)
    if not rules.sound or not _all_reachable(ctx, node, rules):
        return None
    return rules.grants


def look_for_problems(
    ctx: Context, node: ast.BenefitDecl, key: str, type: Type | None, facts: tuple[str, ...]
) -> None:
    """Reports what is wrong with the rules of a `benefit` statement whose type or options are wrong already,
    so that nothing comes of them.
    """
    _gather(ctx, _Rules(key, type, Terms(), facts), node)


def _gather(ctx: Context, rules: _Rules, node: ast.BenefitDecl) -> None:
    """The value on the first line, then every line and table."""
    if node.value is not None:
        value = expression(ctx, node.value, rules.type)
        if value is None:
            rules.sound = False
        else:
            rules.add(f"{rules.key}.granted", value, rules.terms.restriction, None, node.span)
    for line in node.body:
        match line:
            case ast.OutcomeLine():
                _line(ctx, rules, line)
            case ast.Table():
                _table(ctx, rules, node, line)


def _line(ctx: Context, rules: _Rules, line: ast.OutcomeLine) -> None:
    value = None if line.value is None else expression(ctx, line.value, rules.type)
    when = None if line.condition is None else condition(ctx, line.condition)
    within = restriction_of_line(ctx, line, rules.facts)
    named = line.condition if line.condition is not None else _option_condition(line)
    rule = rule_name(ctx, rules.key, line.name, line.label, named, line.span)
    if line.otherwise and rules.terms.combine != "first":
        ctx.report.add(messages.OTHERWISE_COMBINED, line.span)
        rules.sound = False
    if value is None or within is None or (line.condition is not None and when is None):
        rules.sound = False
        return
    whole = Restriction(condition=when).within(within.within(rules.terms.restriction))
    rules.add(rule, value, whole, text(line.label), line.span)


def _option_condition(line: ast.OutcomeLine) -> ast.Expr | None:
    """What a line without a label or a `when` goes by: the first word or the condition of its options."""
    for option in line.options:
        for arg in option.args:
            if isinstance(arg, ast.Word):
                return ast.Ref(arg, span=arg.span)
            if option.kind == "WHEN" and not isinstance(arg, ast.Label):
                return arg
    return None


def _table(ctx: Context, rules: _Rules, node: ast.BenefitDecl, written: ast.Table) -> None:
    """Rows as rules: a row's condition is that all of its cells match."""

    def outcome(cell: ast.Cell) -> Expr | None:
        return None if isinstance(cell, ast.AnyCell) else cell_value(ctx, cell, rules.type)

    lowered = table(ctx, written, rules.key, outcome, headings=("OUTCOME",), own=node.name)
    if lowered is None:
        rules.sound = False
        return
    for row in lowered.rows:
        cells = (requirement(*each) for each in zip(lowered.columns, row.cells, strict=True))
        when = reduce(both, cells, None)
        if row.result is None:
            refusal = both(rules.terms.restriction.condition, when)
            rules.refused.append(refusal or Const(True, YES_NO, row.span))
        elif not isinstance(row.result, Outcome | str):
            whole = Restriction(condition=when).within(rules.terms.restriction)
            rules.add(row.rule, row.result, whole, row.label, row.span)


def _all_reachable(ctx: Context, node: ast.BenefitDecl, rules: _Rules) -> bool:
    """Where the first rule stands, nothing comes after a rule that always holds."""
    if rules.terms.combine != "first":
        return True
    spans = list(dict.fromkeys(grant.span for grant in rules.grants))
    for grant in rules.grants:
        always = grant.condition is None and grant.tiers is None and grant.stage is None
        if always and grant.start is None and grant.end is None and grant.span != spans[-1]:
            late = spans[spans.index(grant.span) + 1]
            words: Slots = {"benefit": node.name.word.text}
            ctx.report.add(messages.BENEFIT_AFTER_OTHERWISE, late, also=(grant.span,), **words)
            return False
    return True
