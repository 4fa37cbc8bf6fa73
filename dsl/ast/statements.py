"""Whole statements, and the policy that they make."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from dsl.ast.base import NO_NOTES, Declared, Label, Node, Notes, Word
from dsl.ast.expressions import Expr, Number
from dsl.ast.lines import (
    BindingLine,
    Clause,
    DatedLine,
    LimitLine,
    Option,
    OutcomeLine,
    PointsLine,
    StepLine,
    TierLine,
)
from dsl.ast.tables import Table, TypeName
from dsl.records import record


@record
class Statement(Node):
    """Anything that begins with a statement's keyword."""

    notes: Notes = field(default=NO_NOTES, kw_only=True)


@record
class PolicyHeader(Statement):
    """`policy NAME "label"`: the first line."""

    name: Word
    label: Label | None = None


@record
class Remark(Statement):
    """`owner`, `timezone`, `scope`, `about`, `use`: a keyword and a text. `kind` is the keyword's id."""

    kind: Literal["OWNER", "TIMEZONE", "SCOPE", "ABOUT", "USE"]
    text: Label


@record
class Currency(Statement):
    """`currency CNY`"""

    code: Word


@record
class Effective(Statement):
    """`effective from D [until D]`"""

    start: Expr
    end: Expr | None = None


@record
class Applies(Statement):
    """`applies when COND "reason"`"""

    condition: Expr
    reason: Label | None = None


@record
class FactDecl(Statement):
    """`fact NAME: TYPE "label", options`"""

    name: Declared
    type: TypeName
    label: Label | None = None
    options: tuple[Option, ...] = ()


@record
class SetDecl(Statement):
    """`set NAME: TYPE = V "label"`, and `from D: V` lines. The type may be left out: it is then the value's."""

    name: Declared
    type: TypeName | None
    value: Expr
    label: Label | None = None
    lines: tuple[DatedLine, ...] = ()


@record
class ValueDecl(Statement):
    """`value NAME: TYPE = EXPR "label"`, or lines and tables; `graduated` names the quantity cut into brackets."""

    name: Declared
    type: TypeName | None
    label: Label | None = None
    value: Expr | None = None
    graduated: Expr | None = None
    body: tuple[OutcomeLine | Table, ...] = ()


@record
class ScoreDecl(Statement):
    """`score NAME "label" between A and B = EXPR`, or lines and tables that add up."""

    name: Declared
    label: Label | None = None
    low: Expr | None = None
    high: Expr | None = None
    value: Expr | None = None
    body: tuple[PointsLine | Table, ...] = ()


@record
class TiersDecl(Statement):
    """`tiers NAME "label" [by X] [like OTHER]`, with its tiers best first, its floors and its caps."""

    name: Declared
    label: Label | None = None
    by: Expr | None = None
    like: Word | None = None
    body: tuple[TierLine | LimitLine | Table, ...] = ()


@record
class ChoiceDecl(Statement):
    """`segment NAME` or `choose NAME`, and `tags NAME`: outcomes with their conditions. `kind` is the keyword's id."""

    kind: Literal["SEGMENT", "CHOOSE", "TAGS"]
    name: Declared
    label: Label | None = None
    exactly_one: bool = False
    body: tuple[OutcomeLine | Table, ...] = ()


@record
class BenefitDecl(Statement):
    """`benefit NAME: TYPE [= V] "label", options`, and lines or tables that grant it."""

    name: Declared
    type: TypeName | None
    value: Expr | None = None
    label: Label | None = None
    options: tuple[Option, ...] = ()
    body: tuple[OutcomeLine | Table, ...] = ()


@record
class MatrixDecl(Statement):
    """`benefits of LADDER [at FACT]`: a column a tier, one row a (stage, benefit)."""

    ladder: Word
    at: Word | None = None
    tables: tuple[Table, ...] = ()


@record
class AdviseDecl(Statement):
    """`advise "action" [to ROLE] [priority N] [when COND]`"""

    action: Label
    role: Word | Label | None = None
    priority: Number | None = None
    condition: Expr | None = None


@record
class OverTime(Statement):
    """`movement of LADDER`, `lifecycle NAME starts STAGE`, `event NAME: …`, `watch NAME "label"`.

    `kind` is the keyword's id, `head` the rest of its first line.
    """

    kind: Literal["MOVEMENT_OF", "LIFECYCLE", "EVENT", "WATCH"]
    name: Word
    head: Clause | None = None
    label: Label | None = None
    lines: tuple[Clause, ...] = ()


@record
class ExampleDecl(Statement):
    """`example "name" [on D]` with its `given` and `expect` lines; in a story, with the days that they are of."""

    name: Label
    on: Expr | None = None
    lines: tuple[BindingLine | StepLine, ...] = ()


AnyStatement = (
    PolicyHeader
    | Remark
    | Currency
    | Effective
    | Applies
    | FactDecl
    | SetDecl
    | ValueDecl
    | ScoreDecl
    | TiersDecl
    | ChoiceDecl
    | BenefitDecl
    | MatrixDecl
    | AdviseDecl
    | OverTime
    | ExampleDecl
)


@record
class Policy(Node):
    """A whole text: its statements in order, and the comments after the last of them."""

    statements: tuple[AnyStatement, ...]
    tail: tuple[str, ...] = ()
