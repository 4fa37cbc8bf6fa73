"""Rule names that nobody wrote: what disappears when a label or a condition is reworded.

Explanations, diffs and records call rules by their names. A line without a name of its own is called by its label or
its condition, so that a new wording makes another rule of it. That may be meant; whoever publishes should know.
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import ast
from dsl.model import CheckedPolicy, Fact, Param
from dsl.parser import parse
from dsl.source import Span
from policies.registry.rule_coverage import rules_of


def vanished(old: CheckedPolicy, new: CheckedPolicy) -> tuple[str, ...]:
    """The derived names of rules in an old version that no rule of the new one has."""
    present = {rule.name for rule in rules_of(new)}
    tree, _ = parse(old.source, known=_words(old))
    lines = {old.source.place(span.start)[0] for span in _unnamed(tree)}
    return tuple(rule.name for rule in rules_of(old) if rule.line in lines and rule.name not in present)


def _words(policy: CheckedPolicy) -> Iterator[str]:
    """The names that came in with `use`, which Chinese may run together."""
    declared: list[Fact | Param] = [*policy.facts.values(), *policy.params.values()]
    for each in declared:
        yield each.name
        yield each.key
        for member in (each.type.item or each.type).members:
            yield member.key
            yield member.name


def _unnamed(tree: ast.Policy) -> Iterator[Span]:
    """The places of the lines and rows that have no name of their own."""
    for statement in tree.statements:
        match statement:
            case ast.AdviseDecl():
                yield statement.span
            case ast.ValueDecl() | ast.ScoreDecl() | ast.TiersDecl() | ast.ChoiceDecl() | ast.BenefitDecl():
                for part in statement.body:
                    yield from _of_part(part)


def _of_part(
    part: ast.PointsLine | ast.OutcomeLine | ast.LimitLine | ast.TierLine | ast.Table,
) -> Iterator[Span]:
    match part:
        case ast.Table(rows=rows):
            yield from (row.span for row in rows)
        case ast.OutcomeLine(name=None, code=None) | ast.PointsLine(name=None) | ast.LimitLine(name=None):
            yield part.span
        case _:
            return
