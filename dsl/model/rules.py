"""What conditions and tables give: lines, rows and cells."""

from __future__ import annotations

from dataclasses import field

from dsl.model.expressions import Expr, Text
from dsl.records import record
from dsl.source import NOWHERE, Span


@record
class AnyCell:
    """`-`: matches everything, unknown too."""


@record
class UnknownCell:
    """Matches when the column is unknown."""


@record
class SetCell:
    """Matches when the column equals one of the values; `negated`, when it equals none of them."""

    values: tuple[Expr, ...]
    negated: bool = False


@record
class RangeCell:
    """Matches from `low` to `high`; an end that is None is open; each end belongs to the range or not."""

    low: Expr | None
    high: Expr | None
    low_included: bool = True
    high_included: bool = False


Cell = AnyCell | UnknownCell | SetCell | RangeCell


@record
class Outcome:
    """What a line of a choice or of tags gives: its key (the code, else the text) and its label; `owner` answers for a segment."""

    key: str
    label: Text | None = None
    owner: Text | None = None


# What a rule of the first-match kind gives: an expression (value, benefit, points), an outcome (choice, tags), a tier's key
# (ladder by requirements); None is `-`, deliberately none.
Result = Expr | Outcome | str | None


@record
class Line:
    """One line: its condition (None: always, which is `otherwise`) and what it gives."""

    rule: str
    condition: Expr | None
    result: Result
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@record
class Column:
    """A column's expression.

    Where `has_unknown`, a cell of it asks for `unknown`, and its other cells are false (not unknown) for what is unknown.
    """

    expr: Expr
    text: str
    has_unknown: bool = False


@record
class Row:
    """A row: a cell a column, all of which must match (Kleene `and`), and what it gives."""

    rule: str
    cells: tuple[Cell, ...]
    result: Result
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@record
class Table:
    """Rows, the first match from the top. The checker has proved them complete and without crossing bands."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    span: Span = field(default=NOWHERE, compare=False)


# Lines and tables in the order written: the first that holds decides, over all of them together (tags and benefits: all that hold).
Body = tuple[Line | Table, ...]
