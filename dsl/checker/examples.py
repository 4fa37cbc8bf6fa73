"""Examples: tests that stand beside the rules that they test.

What is given are facts, each a fixed value that the fact itself would accept (`example_days`). What is
expected is anything that the policy works out (`example_expected`). Whether an example comes true is not asked
here; that is what running it is for.

An example with `on` lines is a story: each begins a day, later than the one before it, and the lines below are
of that day. What stands above the first of them is there from the start, and is a day of its own where the
example's first line names one.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from dsl import ast
from dsl.checker.context import Context
from dsl.checker.example_days import Day, given, is_required
from dsl.checker.example_expected import expected
from dsl.checker.expressions import constant
from dsl.messages import examples as messages
from dsl.model import Example, Step
from dsl.types import DATE


def lower_example(ctx: Context, node: ast.ExampleDecl) -> Example | None:
    """One `example` statement; None after its problems have been reported."""
    sound = _has_own_name(ctx, node)
    days = _days(ctx, node)
    for day in days:
        for line in day.lines:
            for binding in line.bindings:
                read = given if line.kind == "given" else expected
                if not read(ctx, day, binding):
                    sound = False
    if not _whole_is_sound(ctx, node, days) or not sound or any(day.broken for day in days):
        return None
    head, *steps = days
    return Example(
        node.name.text,
        head.on,
        tuple(head.given.items()),
        tuple(head.expect),
        tuple(
            Step(step.on, tuple(step.given.items()), tuple(step.expect), step.span)
            for step in steps
            if step.on is not None
        ),
        node.span,
    )


def _has_own_name(ctx: Context, node: ast.ExampleDecl) -> bool:
    # Examples share the table of rule names; the blank keeps them apart from every rule.
    first = ctx.rules.setdefault(f"example {node.name.text}", node.name.span)
    if first is not node.name.span:
        ctx.report.add(messages.EXAMPLE_TWICE, node.name.span, also=(first,), example=node.name.text)
    return first is node.name.span


def _days(ctx: Context, node: ast.ExampleDecl) -> list[Day]:
    """What stands above the first `on` line, then each day with its lines."""
    story = any(isinstance(line, ast.StepLine) for line in node.lines)
    days = [_day(ctx, node, node.on, node, story=story)]
    for line in node.lines:
        if isinstance(line, ast.StepLine):
            days.append(_day(ctx, node, line.on, line, story=story))
        else:
            days[-1].lines.append(line)
    return days


def _day(ctx: Context, node: ast.ExampleDecl, on: ast.Expr | None, at: ast.Node, *, story: bool) -> Day:
    value = None if on is None else constant(ctx, on, DATE)
    day = value if isinstance(value, date) else None
    return Day(node.name.text, day, at.span, story, broken=on is not None and day is None)


def _whole_is_sound(ctx: Context, node: ast.ExampleDecl, days: list[Day]) -> bool:
    """Something is expected, no more than can be, every required fact is given, and days follow each other."""
    if not any(line.kind == "expect" for day in days for line in day.lines):
        ctx.report.add(messages.NOTHING_EXPECTED, node.name.span, example=node.name.text)
    sound = _in_order(ctx, days)
    head = days[0]
    if len(days) > 1 and head.expect and node.on is None:
        ctx.report.add(messages.EXPECT_BEFORE_DAYS, head.expect[0].span, example=head.example)
        sound = False
    for day in days:
        refused = [each for each in day.expect if each.op == "NOT_GRADED"]
        if refused and len(day.expect) > len(refused):
            ctx.report.add(messages.NOT_GRADED_WITH, refused[0].span, example=day.example)
            sound = False
    _check_required(ctx, node, days)
    return sound


def _in_order(ctx: Context, days: list[Day]) -> bool:
    """Whether each day of a story is later than the one before it."""
    dated = [(day, day.on) for day in days if day.on is not None]
    wrong = [(day, before) for (before, earlier), (day, later) in pairwise(dated) if later <= earlier]
    for day, before in wrong:
        ctx.report.add(
            messages.DAYS_OUT_OF_ORDER,
            day.span,
            also=(before.span,),
            day=str(day.on),
            before=str(before.on),
        )
    return not wrong


def _check_required(ctx: Context, node: ast.ExampleDecl, days: list[Day]) -> None:
    """Warns of required facts that are not there on the first day that is decided."""
    first = days if node.on is None else days[:1]
    known = {key for day in first[:2] for key in day.named}
    for name, symbol in ctx.symbols.items():
        required = isinstance(symbol.node, ast.FactDecl) and is_required(symbol.node)
        if required and name == symbol.name and symbol.key not in known:
            ctx.report.add(messages.GIVEN_MISSING, node.name.span, example=node.name.text, name=name)
