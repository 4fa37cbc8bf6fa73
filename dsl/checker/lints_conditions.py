"""Conditions that say nothing (they always or never hold), and `is unknown` lines that come too late.

A comparison is held against the domain of what it reads: `order_amount >= 0` says nothing where the fact is
declared `at least 0`. Conditions of several parts are taken as boxes, so that `orders > 5 and orders < 3` is
found too. "Always" means for every customer of whom it is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import ast
from dsl.checker.coverage_words import MOST_NAMED, declared_name, domain_words, lines_words
from dsl.checker.domains import Domains, key_of
from dsl.checker.domains_conditions import Conditions
from dsl.checker.domains_fold import days_of_change
from dsl.diagnostics import Diagnostic, Report
from dsl.messages import lints as messages
from dsl.model import (
    AnyCell,
    CheckedPolicy,
    Compare,
    Expr,
    IsUnknown,
    Line,
    Logic,
    Not,
    OneOf,
    Read,
    Table,
)
from dsl.source import Span
from dsl.walk import parts, places

# What a condition can come to: True, False, or None for unknown.
Truths = frozenset[bool | None]
# What is read: its sort and its key.
Node = tuple[str, str]


def conditions(policy: CheckedPolicy, tree: ast.Policy) -> list[Diagnostic]:
    """Warns of conditions that always or never hold on every day."""
    report = Report()
    domains = Domains(policy)
    for condition in _conditions(policy, tree):
        days = days_of_change([condition], policy)
        readers = [Conditions(domains, day) for day in days]
        if not _report_parts(condition, readers, report):
            _report_whole(condition, readers, report)
    return report.items


def _conditions(policy: CheckedPolicy, tree: ast.Policy) -> Iterator[Expr]:
    """Conditions that somebody wrote as such. Thresholds, and requirements of 0 in a table, are shown with
    their ladder.
    """
    tabled = {
        statement.name.word.text
        for statement in tree.statements
        if isinstance(statement, ast.TiersDecl)
        and any(isinstance(line, ast.Table) for line in statement.body)
    }
    for place in places(policy):
        if place.of != "ladder":
            yield from place.conditions
            continue
        ladder = policy.ladders[place.key]
        yield from (limit.condition for limit in (*ladder.floors, *ladder.caps))
        if ladder.name not in tabled and ladder.by is None:
            yield from (tier.condition for tier in ladder.tiers if tier.condition is not None)


def _report_parts(condition: Expr, readers: list[Conditions], report: Report) -> bool:
    """Reports the comparisons in a condition that say nothing by themselves; whether there was one."""
    found = False
    for part in parts(condition):
        if not isinstance(part, Compare | OneOf):
            continue
        verdict = _verdict(part, readers)
        if verdict is None:
            continue
        found = True
        code = messages.ALWAYS if verdict else messages.NEVER
        en, zh = _domain_words(part, readers[0])
        report.add(code, part.span, domain=en, domain_zh=zh)
    return found


def _report_whole(condition: Expr, readers: list[Conditions], report: Report) -> None:
    """Reports a condition whose parts exclude each other, or leave nothing out: they must read one thing
    twice.
    """
    if not isinstance(condition, Logic):
        return
    reads = [(part.of, part.key) for part in parts(condition) if isinstance(part, Read)]
    if len(reads) > len(set(reads)) and (verdict := _verdict(condition, readers)) is not None:
        report.add(messages.EVERYTHING if verdict else messages.CONTRADICTION, condition.span)


def _verdict(condition: Expr, readers: list[Conditions]) -> bool | None:
    """Whether a condition always or never holds on any of the days; None where it depends."""
    if all(not reader.boxes(condition, holds=True) for reader in readers):
        return False
    # Never false is always true only where it can be decided at all: `x is unknown` has no customers of its
    # own.
    if all(not reader.boxes(condition, holds=False) for reader in readers):
        return True
    return None


def _domain_words(part: Compare | OneOf, reader: Conditions) -> tuple[str, str]:
    """Why: what the thing compared can be."""
    sides = (part.left, part.right) if isinstance(part, Compare) else (part.inner,)
    for side in sides:
        asked = reader.asked.get(key_of(side))
        if asked is not None and isinstance(side, Read):
            name = declared_name(side, reader.domains.policy)
            en, zh = domain_words(asked.domain)
            return f"`{name}` is {en}", f"`{name}` 的取值范围是 {zh}"
    return "its two sides leave no choice", "两边的取值已经确定"


# ---------------------------------------------------------------- unknown


def unknown_below(policy: CheckedPolicy) -> list[Diagnostic]:
    """Warns of `is unknown` lines below others that the same missing fact leaves undecided."""
    report = Report()
    for items in _ordered(policy):
        asked = {at: _asked_unknown(item) for at, item in enumerate(items)}
        wanted = {key for reads in asked.values() for key in reads}
        above: dict[Node, list[Span]] = {}
        for at, item in enumerate(items if wanted else ()):
            for key, read in asked[at].items():
                if waiting := above.get(key):
                    en, zh = lines_words(waiting, policy)
                    name = declared_name(read, policy)
                    also = waiting[:1]
                    report.add(messages.UNKNOWN_BELOW, item.span, also=also, fact=name, lines=en, lines_zh=zh)
            for key in wanted:
                # As many as are named; the rest is "…".
                if len(above.setdefault(key, [])) <= MOST_NAMED and _left_open(item, key):
                    above[key].append(item.span)
    return report.items


def _ordered(policy: CheckedPolicy) -> Iterator[list[Line | Table]]:
    """Bodies of which the first that holds decides.

    Under `exactly one` a line that holds settles it, wherever it stands.
    """
    for value in policy.values.values():
        if isinstance(value.body, tuple):
            yield list(value.body)
    for choice in policy.choices.values():
        if not choice.exactly_one:
            yield list(choice.body)
    for ladder in policy.ladders.values():
        yield [Line(tier.rule, tier.condition, tier.key, None, tier.span) for tier in ladder.tiers]


def _asked_unknown(item: Line | Table) -> dict[Node, Read]:
    """What a line asks to be unknown for it to hold."""
    if isinstance(item, Table) or item.condition is None:
        return {}
    asked = [part for part in parts(item.condition) if isinstance(part, IsUnknown | Not)]
    negated = {id(part.inner) for part in asked if isinstance(part, Not)}
    reads = [part.inner for part in asked if isinstance(part, IsUnknown) and id(part) not in negated]
    return {(read.of, read.key): read for read in reads if isinstance(read, Read)}


def _left_open(item: Line | Table, missing: Node) -> bool:
    """Whether an item cannot be decided where one thing is unknown."""
    if isinstance(item, Line):
        return item.condition is not None and None in truths(item.condition, missing)
    for at, column in enumerate(item.columns):
        read = column.expr
        if isinstance(read, Read) and (read.of, read.key) == missing and not column.has_unknown:
            return any(not isinstance(row.cells[at], AnyCell) for row in item.rows)
    return False


def truths(condition: Expr, missing: Node) -> Truths:
    """All that a condition can come to for customers of whom one thing is unknown, all else known."""
    match condition:
        case Not(inner=inner):
            return frozenset(None if each is None else not each for each in truths(inner, missing))
        case Logic(op=op, args=args):
            total: Truths = frozenset({op == "and"})
            for arg in args:
                others = truths(arg, missing)
                total = frozenset(_kleene(op, one, other) for one in total for other in others)
            return total
        case IsUnknown(inner=Read() as read):
            return frozenset({(read.of, read.key) == missing})
        case _:
            reads = any(
                isinstance(part, Read) and (part.of, part.key) == missing for part in parts(condition)
            )
            return frozenset({None}) if reads else frozenset({True, False})


def _kleene(op: str, one: bool | None, other: bool | None) -> bool | None:
    decisive = op == "or"
    if one is decisive or other is decisive:
        return decisive
    return None if one is None or other is None else not decisive
