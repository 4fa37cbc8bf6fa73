"""What every pass of the checker shares, and the plain functions that they are written with.

A `Context` lives for one check of one policy. It knows every declared name and its type before anything is
lowered, so that the order of a file does not matter, and it collects diagnostics. Passes are plain functions
`(ctx, node) -> part of the model | None`; `None` means that something was wrong and has been reported, so a
caller reports nothing more and simply goes on with the next node.

Where to find what:

* `context`: `Context`, `Symbol`, `text`, `rule_name`, `row_name`
* `names`: `ladder_of`, `choice_of`, `fact_of`, `symbol_of`, `member_of`, `unknown_name`
* `expressions`: `expression`, `condition`, `constant`
* `tables`: `table`, and for tables of another shape `column`, `cell`, `cell_condition`
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from dsl import ast, model
from dsl.checker.slugs import cells_slug, condition_slug, slug
from dsl.diagnostics import Code, Diagnostic, Report, diagnose
from dsl.messages import names as messages
from dsl.source import Source, Span
from dsl.types import Member, Type

# Brings in the text that `use "…"` names; None where there is none.
Load = Callable[[str], Source | None]

SymbolKind = Literal["fact", "param", "value", "score", "ladder", "choice", "tags", "benefit"]


@dataclass(slots=True)
class Symbol:
    """One declared name of the policy's one namespace.

    `type` is what reading it gives (a ladder: its TIER type, a choice: the ENUM of its outcomes, tags: the
    LIST of theirs). It is None for a benefit, for a declaration that is `broken` (a problem in it has been
    reported: whoever reads it stays silent), and for a value whose type was left out until that value has
    been lowered.
    """

    of: SymbolKind
    name: str
    key: str
    node: ast.AnyStatement
    span: Span
    type: Type | None = None
    broken: bool = False


@dataclass(slots=True)
class Context:
    """One check: the texts, the declared names, and what has been found so far."""

    source: Source
    policy: ast.Policy
    report: Report = field(default_factory=Report)
    # Names that stand in lines which could not be read, and the statements that have such lines: of those
    # nothing is said twice.
    unread_words: set[str] = field(default_factory=set)
    unread_keywords: set[str] = field(default_factory=set)
    # Whether a text that is used could not be brought in: what it declares cannot be known then.
    names_missing: bool = False
    # Every symbol by its name and, where it has one, by its alias.
    symbols: dict[str, Symbol] = field(default_factory=dict)
    # Who owns a value, a tier or an outcome, by the member's name or key: for hints.
    owners: dict[str, Symbol] = field(default_factory=dict)
    # Members by name and key, for each owner that was asked for (see `names.member_named`).
    members: dict[str, dict[str, Member]] = field(default_factory=dict)
    # Where the `like` of each ladder leads in the end, by the ladder's name; None for nowhere (see `ladders`).
    origins: dict[str, ast.TiersDecl | None] = field(default_factory=dict)
    # The texts brought in with `use`, in the order of their numbers (`Span.file` is the place here plus one).
    uses: list[Source] = field(default_factory=list)
    currency: str | None = None
    # Whether a `currency` line stands there that is wrong.
    currency_broken: bool = False
    # Parameters that could be lowered, by key: constants known when the policy is read.
    params: dict[str, model.Param] = field(default_factory=dict)
    # Whether the tier held before the day may be read: in movement, which keeps it.
    stateful: bool = False
    # The keys of the ladders that have a movement.
    moving: set[str] = field(default_factory=set)
    # The key of the statement being lowered, and what each has read so far: the dependency graph.
    owner: str = ""
    reads: dict[str, dict[str, Span]] = field(default_factory=dict)
    # Values read before their type was known: in a ring, or in need of a written type.
    untyped: dict[str, Span] = field(default_factory=dict)
    # Rule names given so far, with their places.
    rules: dict[str, Span] = field(default_factory=dict)
    # Lines whose derived names are the same: reported last, for one of the two may have to change anyway.
    clashes: list[Diagnostic] = field(default_factory=list)
    # Hints still to be looked for: nearest words are worth their time for a hundred typing errors, not for
    # ten thousand.
    hints: int = 100

    def words(self, span: Span) -> str:
        """The author's own characters at a place."""
        source = self.source if span.file == 0 else self.uses[span.file - 1]
        return source.slice(span)


def text(label: ast.Label | None) -> model.Text | None:
    """A label as the model keeps it."""
    return None if label is None else model.Text(label.text, label.translation)


def translated(label: ast.Label | None) -> model.Text | None:
    """A text that stands for itself, where it has a translation that answers need."""
    return text(label) if label is not None and label.translation is not None else None


def key_of(name: ast.Declared) -> str:
    """What programs and the model call a declared name: its alias where it has one."""
    return name.word.text if name.alias is None else name.alias.text


def rule_name(
    ctx: Context,
    parent: str,
    declared: ast.Declared | None,
    label: ast.Label | None,
    condition: ast.Expr | None,
    span: Span,
    twice: Code = messages.RULE_TWICE,
) -> str:
    """The stable name of a line: `parent.` and its declared name, else a slug of its label, else of its
    condition without the numbers.

    With none of the three it is `parent.otherwise`. A name that the parent has already is an error at `span`
    that asks for one: `twice`, which says how lines of that sort are named.
    """
    if declared is not None:
        rest = key_of(declared)
    else:
        rest = (
            (slug(label.text) if label else "")
            or (condition_slug(condition) if condition else "")
            or "otherwise"
        )
    name = f"{parent}.{rest}"
    first = ctx.rules.setdefault(name, span)
    if first is not span and first != span:
        clash = diagnose(twice, span, also=(first,), name=name)
        (ctx.report.items if declared is not None else ctx.clashes).append(clash)
    return name


def row_name(
    ctx: Context, parent: str, head: tuple[ast.Heading, ...], cells: tuple[ast.Cell, ...], span: Span
) -> str:
    """The stable name of a table's row: `parent.` and a slug of what it asks of its columns, whatever stands
    in other rows.
    """
    return unclashing(ctx, f"{parent}.{cells_slug(head, cells)}", span)


def unclashing(ctx: Context, wanted: str, span: Span) -> str:
    """A rule name that the author cannot write down: where it is taken, it is counted among its equals."""
    name, times = wanted, 1
    while name in ctx.rules:
        times += 1
        name = f"{wanted}_again_{times}"
    ctx.rules[name] = span
    return name
