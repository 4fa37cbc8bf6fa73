"""Types and tables of the surface tree."""

from __future__ import annotations

from typing import Literal

from dsl.ast.base import NO_NOTES, Declared, Label, Node, Notes, Word
from dsl.ast.expressions import Comparison, Expr
from dsl.records import record


@record
class EnumValue(Node):
    """One value of `one of …`, with the alias for programs and the label for people that it may have."""

    name: Declared
    label: Label | None = None


@record
class TypeName(Node):
    """A type as written. `kind` is the id of its keyword: YES_NO, MONEY, ONE_OF, LIST_OF, …

    `values` belong to ONE_OF, `item` to LIST_OF, `decimals` to a wider `money with 6 decimals`.
    """

    kind: str
    values: tuple[EnumValue, ...] = ()
    item: TypeName | None = None
    decimals: int | None = None


@record
class Heading(Node):
    """A cell of a header row: a keyword such as POINTS, or an expression, with `at least` or `at most` behind it."""

    keyword: str | None = None
    expr: Expr | None = None
    bound: Literal["AT_LEAST", "AT_MOST"] | None = None


@record
class AnyCell(Node):
    """`-`: anything, unknown too; as an outcome, deliberately none."""


@record
class UnknownCell(Node):
    """`unknown`"""


@record
class ListCell(Node):
    """One value, or several of which any will do; `negated` for `not a, b`.

    A value with a label behind it (`A "Strategic customer"`) is an outcome. `alias` is as in `Declared`.
    """

    items: tuple[Expr, ...]
    negated: bool = False
    label: Label | None = None
    alias: Word | None = None


@record
class BoundCell(Node):
    """`below X`, `X or more`, `over X`, `up to X`, `> X`, …"""

    op: Comparison
    value: Expr


@record
class RangeCell(Node):
    """`X to Y`: from X up to, not including, Y. `between A and B` and `from D until D` include both ends."""

    kind: Literal["to", "between", "from"]
    low: Expr
    high: Expr


@record
class HeadingCell(Node):
    """`net_new_users at least`: the first cell of a row in a table of requirements, where rows have headings of their own."""

    heading: Heading


Cell = AnyCell | UnknownCell | ListCell | BoundCell | RangeCell | HeadingCell


@record
class Row(Node):
    """A row of a table. A row whose number of cells is not the header's is kept for the checker to report."""

    cells: tuple[Cell, ...]
    notes: Notes = NO_NOTES


@record
class Table(Node):
    """A pipe table; its last column is the outcome."""

    head: tuple[Heading, ...]
    rows: tuple[Row, ...]
    notes: Notes = NO_NOTES
