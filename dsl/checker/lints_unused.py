"""What nothing reads: facts, parameters, and values that are not shown to be meant for the answer alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from dsl import ast
from dsl.diagnostics import Diagnostic, Report
from dsl.messages import lints as messages
from dsl.model import CheckedPolicy, Declaration, Example, Expectation
from dsl.walk import places


def unused(policy: CheckedPolicy, tree: ast.Policy) -> list[Diagnostic]:
    """Warns of each. What is shared with other policies (`use`) may well be read there, and stays
    unmentioned.
    """
    report = Report()
    read = {(each.of, each.key) for place in places(policy) for each in place.reads()}
    mentioned = {word.text for _, word in words_over_time(tree)}

    def spare(of: str, declared: Declaration) -> bool:
        here = declared.span.file == 0
        return here and (of, declared.key) not in read and mentioned.isdisjoint((declared.name, declared.key))

    for fact in policy.facts.values():
        if spare("fact", fact):
            report.add(messages.FACT_UNUSED, fact.span, name=fact.name)
    if params := [param for param in policy.params.values() if spare("param", param)]:
        # A parameter may have gone into a place where the model keeps only its value.
        written = {word.text for word in _words(tree.statements)}
        for param in params:
            if written.isdisjoint((param.name, param.key)):
                report.add(messages.PARAM_UNUSED, param.span, name=param.name)
    expected = {each.key for example in policy.examples for each in _expected(example) if each.of == "value"}
    for value in policy.values.values():
        # A label, or an example that expects it, says that a value is there to be seen.
        if value.label is None and value.key not in expected and spare("value", value):
            report.add(messages.VALUE_UNUSED, value.span, name=value.name)
    return report.items


def _expected(example: Example) -> Iterator[Expectation]:
    """Everything that an example expects, on whichever day."""
    yield from example.expect
    for step in example.steps:
        yield from step.expect


def words_over_time(tree: ast.Policy) -> Iterator[tuple[ast.OverTime, ast.Word]]:
    """Every name in lifecycles and watches; an event's are its own fields."""
    for statement in tree.statements:
        if isinstance(statement, ast.OverTime) and statement.kind in ("LIFECYCLE", "WATCH"):
            for clause in statement.lines:
                for word in _words(clause):
                    yield statement, word


def _words(node: object) -> Iterator[ast.Word]:
    """Every name that is used in a node: a reference, not a declaration."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Ref):
            yield part.word
        elif isinstance(part, tuple):
            waiting.extend(part)
        elif isinstance(part, ast.Node) and is_dataclass(part):
            waiting.extend(getattr(part, each.name) for each in fields(part))
