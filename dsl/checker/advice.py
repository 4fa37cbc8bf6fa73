"""`advise`: what the front line does next.

An action, who takes it, how urgent it is, and when. A role that is a bare word is a choice whose outcome
names who acts, so that one line of advice reaches a different team for every customer; a role in quotes is
the same for all.
"""

from __future__ import annotations

from dsl import ast
from dsl.checker.context import Context, rule_name, text
from dsl.checker.expressions import condition
from dsl.checker.names import nearest
from dsl.checker.slugs import condition_slug, slug
from dsl.messages import benefits as messages
from dsl.model import Advice, Read, Text


def lower_advice(ctx: Context, node: ast.AdviseDecl) -> Advice | None:
    """One `advise` statement; None after its problems have been reported."""
    when = None if node.condition is None else condition(ctx, node.condition)
    role: Text | Read | None = None
    if node.role is not None:
        role = text(node.role) if isinstance(node.role, ast.Label) else choice_for_role(ctx, node.role)
    priority = None if node.priority is None else _priority(ctx, node.priority)
    rule = _rule(ctx, node)
    wrong = (
        (node.condition is not None and when is None)
        or (node.role is not None and role is None)
        or (node.priority is not None and priority is None)
    )
    if wrong:
        return None
    action = Text(node.action.text, node.action.translation)
    return Advice(rule, action, role, priority, when, node.span)


def _rule(ctx: Context, node: ast.AdviseDecl) -> str:
    """`advise.` and a slug of the action; the same action a second time goes by its condition too."""
    first = ctx.rules.get(f"advise.{slug(node.action.text)}")
    if first is None or node.condition is None:
        return rule_name(ctx, "advise", None, node.action, node.condition, node.span)
    said = ast.Label(f"{node.action.text} {condition_slug(node.condition)}")
    return rule_name(ctx, "advise", None, said, node.condition, node.span)


def choice_for_role(ctx: Context, word: ast.Word) -> Read | None:
    """The choice whose outcome names who acts; anything else is reported."""
    symbol = ctx.symbols.get(word.text)
    if symbol is None or symbol.of != "choice":
        choices = [name for name, each in ctx.symbols.items() if each.of == "choice"]
        ctx.report.add(messages.ROLE, word.span, hint=nearest(ctx, word.text, choices), role=word.text)
        return None
    return None if symbol.type is None else Read("choice", symbol.key, symbol.type, word.span)


def _priority(ctx: Context, number: ast.Number) -> int | None:
    value = number.value
    if number.percent or number.currency or value < 1 or value != value.to_integral_value():
        ctx.report.add(messages.PRIORITY, number.span, value=f"`{number.text}`")
        return None
    return int(value)
