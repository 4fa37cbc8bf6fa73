"""Surface tree -> checked model: resolve names, find types, desugar; collects every problem of a file in one
run.

    parse -> used texts -> head lines -> every name with its type -> every statement -> rings -> the policy ->
    what only the whole can show

Each step goes on after a problem, so that one run reports them all; the model is built only when there was no
error. What the whole can show (gaps in tables, doubtful rules, numbers too wide) is looked for in the model,
hence only then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dsl import ast
from dsl.checker.context import Context, Load
from dsl.checker.coverage import check_tables
from dsl.checker.finish import applies_condition, assemble, check_currency, check_dependencies, report_clashes
from dsl.checker.headers import lower_headers
from dsl.checker.lints import lint
from dsl.checker.lowering import lower_statements
from dsl.checker.names import collect
from dsl.checker.unread import Unread
from dsl.checker.uses import Used, bring_in, shown_here
from dsl.checker.widths import check_widths
from dsl.diagnostics import Diagnostic, PolicyError, diagnose
from dsl.messages import syntax
from dsl.model import CheckedPolicy
from dsl.parser import parse
from dsl.source import Source

# More problems than anybody reads at once.
MOST_PROBLEMS = 500

# What is looked for in the finished model.
AFTERWARDS: tuple[Callable[[CheckedPolicy, ast.Policy], Iterable[Diagnostic]], ...] = (
    lambda policy, _: check_tables(policy),
    lint,
    lambda policy, _: check_widths(policy),
)


def check(source: Source, load: Load | None = None) -> tuple[CheckedPolicy | None, tuple[Diagnostic, ...]]:
    """The checked policy, and every problem in the order of its place; None for the policy when one of them
    is an error.

    `load` brings in the texts that the policy uses, by the name that stands behind `use`.
    """
    tree, problems = parse(source)
    used = bring_in(source, tree, load)
    if used.declarations:
        # Chinese runs words together: with the names that came in known, more of them can be read.
        tree, problems = parse(source, known=used.names())
    unread = Unread(source, problems)
    ctx = Context(source, tree, unread_words=unread.words(), unread_keywords=unread.keywords())
    policy = _lowered(ctx, used, failed=_any_error([*problems, *used.problems]))
    found = [*problems, *used.problems, *(item for item in ctx.report.items if not unread.explains(item))]
    if policy is not None:
        for later in AFTERWARDS:
            found += later(policy, tree)
    shown = _in_order(shown_here(used, item) for item in found)
    return (None if _any_error(shown) else policy), shown


def compile_policy(source: Source, load: Load | None = None) -> CheckedPolicy:
    """The checked policy; raises PolicyError with every problem when one of them is an error."""
    policy, problems = check(source, load)
    if policy is None:
        raise PolicyError(source, problems)
    return policy


def _lowered(ctx: Context, used: Used, *, failed: bool) -> CheckedPolicy | None:
    """The policy as far as its own statements show; None when one of them, or a text that it uses, has
    `failed`.
    """
    ctx.uses = list(used.sources)
    ctx.names_missing = used.missing
    headers = lower_headers(ctx)
    collect(ctx, used.declarations)
    parts = lower_statements(ctx, used.declarations)
    applies = applies_condition(ctx, headers.applies)
    check_dependencies(ctx)
    check_currency(ctx)
    report_clashes(ctx)
    return None if failed or ctx.report.failed else assemble(ctx, headers, parts, applies)


def _any_error(items: Iterable[Diagnostic]) -> bool:
    return any(item.severity == "error" for item in items)


def _in_order(items: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each problem once, by its place; of very many the first, and a word that there are more."""
    unique = dict.fromkeys(items)
    ordered = sorted(unique, key=lambda item: (item.span.start, item.span.end, item.code.code))
    if len(ordered) <= MOST_PROBLEMS:
        return tuple(ordered)
    errors_first = sorted(ordered, key=lambda item: item.severity == "warning")[:MOST_PROBLEMS]
    more = diagnose(syntax.TOO_MANY, errors_first[-1].span, limit=MOST_PROBLEMS)
    return (*sorted(errors_first, key=lambda item: item.span.start), more)
