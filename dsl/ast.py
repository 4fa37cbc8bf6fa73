"""The surface tree: what a policy's text says, word for word enough to write it again in either language.

Every node is frozen and carries its span; spans, and how many blank lines stood before a line, take no part in equality, so that a
text and its formatted form have equal trees. Names, numbers and texts stand as the author spelt them (full-width
characters outside quotes already read as ASCII); keywords do not stand at all, or by their id.
Nothing here is checked: `dsl.checker` turns this tree into a `CheckedPolicy`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from dsl.source import NOWHERE, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything that stands at a place in the text."""

    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Notes:
    """The comments that belong to a line: whole lines before it, and one at its end; without their `#`.

    `blank` says that an empty line stood before the first of them.
    """

    before: tuple[str, ...] = ()
    after: str | None = None
    blank: bool = field(default=False, compare=False)


NO_NOTES = Notes()


@dataclass(frozen=True, slots=True)
class Word(Node):
    """A name as used or declared. `text` is without backticks; `ticked` says that it stood in them."""

    text: str
    ticked: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Label(Node):
    """Text in quotes, and its translation: `"Key customer" ("关键客户")`."""

    text: str
    translation: str | None = None


@dataclass(frozen=True, slots=True)
class Declared(Node):
    """A name where it is declared, with the alias by which programs know it: `订单额 (order_amount)`."""

    word: Word
    alias: Word | None = None


# ---------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as written (`500,000`, `50万`, `15%`, `¥500`), and the exact decimal it stands for.

    A percentage's value is the fraction: `15%` is 0.15. `currency` is the code or sign written before it.
    """

    text: str
    value: Decimal
    percent: bool = False
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Quantity(Node):
    """A duration (`30 days`, `4 hours`) or a period (`6 months`). `unit` is the id of its keyword: DAYS, MONTHS, …"""

    number: Number
    unit: str


@dataclass(frozen=True, slots=True)
class DateValue(Node):
    """A calendar day, `2026-01-31`."""

    value: date


@dataclass(frozen=True, slots=True)
class TextValue(Node):
    """Text used as a value."""

    label: Label


@dataclass(frozen=True, slots=True)
class Truth(Node):
    """`yes` or `no`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Today(Node):
    """The date the question is asked for."""


@dataclass(frozen=True, slots=True)
class Ref(Node):
    """A name used: a fact, value, score, ladder, segment, parameter, or a value that belongs to the left side."""

    word: Word


@dataclass(frozen=True, slots=True)
class Group(Node):
    """Brackets, kept because the author wrote them."""

    inner: Expr


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """`-x`"""

    inner: Expr


@dataclass(frozen=True, slots=True)
class Arith(Node):
    """`left op right` for `+ - * / ^`; left-associative as written, `^` binds tightest."""

    op: Literal["+", "-", "*", "/", "^"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Extreme(Node):
    """`min of (a, b)` or `max of (a, b)`"""

    op: Literal["min", "max"]
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Rounded(Node):
    """`… rounded to N places`: closes the whole expression before it."""

    inner: Expr
    places: Number


@dataclass(frozen=True, slots=True)
class Calendar(Node):
    """A function of a date. `function` is the id of its keyword: START_OF_MONTH, YEAR_OF, DAYS_SINCE, …"""

    function: str
    inner: Expr


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not x`"""

    inner: Expr


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`a and b and c`, or the same with `or`. Mixing them without brackets parses (`and` first) and is `mixed`: an error later."""

    op: Literal["and", "or"]
    items: tuple[Expr, ...]
    mixed: bool = False


# How a comparison was spelt: an operator sign or the id of a keyword. `OR_MORE` and `OR_LESS` stand after their value.
Comparison = Literal[
    "=",
    ">",
    ">=",
    "<",
    "<=",
    "IS",
    "IS_NOT",
    "OVER",
    "BELOW",
    "AT_LEAST",
    "AT_MOST",
    "UP_TO",
    "OR_MORE",
    "OR_LESS",
]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`left op right`. `worded` says that `is` stood before a word operator: `grade is at least B`."""

    op: Comparison
    left: Expr
    right: Expr
    worded: bool = False


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`x between low and high`, both included."""

    inner: Expr
    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True)
class In(Node):
    """`x in a, b, c`, or `x not in a, b, c`."""

    inner: Expr
    items: tuple[Expr, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Contains(Node):
    """`list contains item`"""

    inner: Expr
    item: Expr


@dataclass(frozen=True, slots=True)
class IsUnknown(Node):
    """`x is unknown`, or `x is not unknown`."""

    inner: Expr
    negated: bool = False


Expr = (
    Number
    | Quantity
    | DateValue
    | TextValue
    | Truth
    | Today
    | Ref
    | Group
    | Negate
    | Arith
    | Extreme
    | Rounded
    | Calendar
    | Not
    | Logic
    | Compare
    | Between
    | In
    | Contains
    | IsUnknown
)


# ---------------------------------------------------------------- types


@dataclass(frozen=True, slots=True)
class EnumValue(Node):
    """One value of `one of …`, with the alias for programs and the label for people that it may have."""

    name: Declared
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """A type as written. `kind` is the id of its keyword: YES_NO, MONEY, ONE_OF, LIST_OF, …

    `values` belong to ONE_OF, `item` to LIST_OF, `decimals` to a wider `money with 6 decimals`.
    """

    kind: str
    values: tuple[EnumValue, ...] = ()
    item: TypeName | None = None
    decimals: int | None = None


# ---------------------------------------------------------------- tables


@dataclass(frozen=True, slots=True)
class Heading(Node):
    """A cell of a header row: a keyword such as POINTS, or an expression, with `at least` or `at most` behind it."""

    keyword: str | None = None
    expr: Expr | None = None
    bound: Literal["AT_LEAST", "AT_MOST"] | None = None


@dataclass(frozen=True, slots=True)
class AnyCell(Node):
    """`-`: anything, unknown too; as an outcome, deliberately none."""


@dataclass(frozen=True, slots=True)
class UnknownCell(Node):
    """`unknown`"""


@dataclass(frozen=True, slots=True)
class ListCell(Node):
    """One value, or several of which any will do; `negated` for `not a, b`.

    A value with a label behind it (`A "Strategic customer"`) is an outcome. `alias` is as in `Declared`.
    """

    items: tuple[Expr, ...]
    negated: bool = False
    label: Label | None = None
    alias: Word | None = None


@dataclass(frozen=True, slots=True)
class BoundCell(Node):
    """`below X`, `X or more`, `over X`, `up to X`, `> X`, …"""

    op: Comparison
    value: Expr


@dataclass(frozen=True, slots=True)
class RangeCell(Node):
    """`X to Y`: from X up to, not including, Y. `between A and B` and `from D until D` include both ends."""

    kind: Literal["to", "between", "from"]
    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True)
class HeadingCell(Node):
    """`net_new_users at least`: the first cell of a row in a table of requirements, where rows have headings of their own."""

    heading: Heading


Cell = AnyCell | UnknownCell | ListCell | BoundCell | RangeCell | HeadingCell


@dataclass(frozen=True, slots=True)
class Row(Node):
    """A row of a table. A row whose number of cells is not the header's is kept for the checker to report."""

    cells: tuple[Cell, ...]
    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True)
class Table(Node):
    """A pipe table; its last column is the outcome."""

    head: tuple[Heading, ...]
    rows: tuple[Row, ...]
    notes: Notes = NO_NOTES


# ---------------------------------------------------------------- lines of statements


@dataclass(frozen=True, slots=True)
class Option(Node):
    """One option behind a comma. `kind` is the id of its keyword; `args` are its values in the order written.

    A fact's: DEFAULT value · AT_LEAST value · AT_MOST value · REQUIRED · SOURCE label · CAN_CHANGE [ONLY_UP|ONLY_DOWN as `which`] ·
    PROTECTED · MASKED. A benefit's: AT words · FOR words · WHEN condition · FROM date [date] · PER_MONTH|PER_QUARTER|PER_YEAR number · BEST_OF ·
    SUM_OF · NOT_WITH words · LESS_IS_BETTER. A segment line's: OWNER label.
    """

    kind: str
    args: tuple[Expr | Label | Word, ...] = ()
    which: str | None = None


@dataclass(frozen=True, slots=True)
class OutcomeLine(Node):
    """`[name:] OUTCOME when COND ["label"] [, owner "…"]` or `OUTCOME otherwise`: a line of a value, segment, choice, tags or benefit.

    The outcome is an expression (values, benefits), or a code, a text, or both (segments, choices, tags). `condition` is None for
    `otherwise`, which `otherwise` tells from a benefit's line without a condition.
    """

    name: Declared | None
    value: Expr | None
    code: Declared | None
    text: Label | None
    condition: Expr | None
    otherwise: bool = False
    label: Label | None = None
    options: tuple[Option, ...] = ()
    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True)
class PointsLine(Node):
    """`[name:] +10 when COND "label"` or `[name:] +10 per [STEP of] X [up to CAP] "label"`."""

    name: Declared | None
    sign: Literal["+", "-"]
    points: Expr
    condition: Expr | None = None
    per: Expr | None = None
    step: Expr | None = None
    cap: Expr | None = None
    label: Label | None = None
    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True)
class DatedLine(Node):
    """`from D: V`, a parameter's value from a date on."""

    start: Expr
    value: Expr
    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True)
class Keep(Node):
    """`keep from 75 [and C2]`: what is enough to keep a tier that is held already."""

    over: bool
    threshold: Expr
    condition: Expr | None = None


@dataclass(frozen=True, slots=True)
class TierLine(Node):
    """`A "label" from 80 [and C1] [, keep …]`, `A "label" when COND` or `E "label" otherwise`.

    With a threshold, `over` tells `over X` from `from X`, and `condition` is C1.
    """

    name: Declared
    label: Label | None
    threshold: Expr | None = None
    over: bool = False
    condition: Expr | None = None
    keep: Keep | None = None
    otherwise: bool = False
    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True)
class LimitLine(Node):
    """`at least B when COND "reason"` (a floor) or `at most C when COND "reason"` (a cap)."""

    name: Declared | None
    floor: bool
    tier: Word
    condition: Expr
    reason: Label | None = None
    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True)
class Binding(Node):
    """One `name = value` of an example. In `expect`, `op` may also be IN (what stays possible), BETWEEN (a score's range),
    CONTAINS (tags), UNKNOWN (not decided), NONE (a benefit that is not granted) or NOT_GRADED (no name, no values)."""

    word: Word | None
    op: Literal["=", "IS", "IN", "BETWEEN", "CONTAINS", "UNKNOWN", "NONE", "NOT_GRADED"]
    values: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class BindingLine(Node):
    """`given a = 1, b = 2` or `expect …`."""

    kind: Literal["given", "expect"]
    bindings: tuple[Binding, ...]
    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True)
class KeywordUse(Node):
    """A keyword inside a clause, by its id."""

    id: str


@dataclass(frozen=True, slots=True)
class MonthDay(Node):
    """A day of every year: `31 Dec`, `12月31日`."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Clause(Node):
    """One line of a movement, lifecycle, event or watch: its keywords, names, values and signs in the order written.

    The grammar has already held its shape. `kind` names the production (`review`, `move_up`, `when`, …).
    A sign is its character: `,` `:` `+` `(` `)`.
    """

    kind: str
    items: tuple[KeywordUse | Expr | Label | Word | TypeName | MonthDay | str, ...]
    notes: Notes = NO_NOTES


# ---------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class Statement(Node):
    """Anything that begins with a statement's keyword."""

    notes: Notes = field(default=NO_NOTES, kw_only=True)


@dataclass(frozen=True, slots=True)
class PolicyHeader(Statement):
    """`policy NAME "label"`: the first line."""

    name: Word
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Remark(Statement):
    """`owner`, `timezone`, `scope`, `about`, `use`: a keyword and a text. `kind` is the keyword's id."""

    kind: Literal["OWNER", "TIMEZONE", "SCOPE", "ABOUT", "USE"]
    text: Label


@dataclass(frozen=True, slots=True)
class Currency(Statement):
    """`currency CNY`"""

    code: Word


@dataclass(frozen=True, slots=True)
class Effective(Statement):
    """`effective from D [until D]`"""

    start: Expr
    end: Expr | None = None


@dataclass(frozen=True, slots=True)
class Applies(Statement):
    """`applies when COND "reason"`"""

    condition: Expr
    reason: Label | None = None


@dataclass(frozen=True, slots=True)
class FactDecl(Statement):
    """`fact NAME: TYPE "label", options`"""

    name: Declared
    type: TypeName
    label: Label | None = None
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class SetDecl(Statement):
    """`set NAME: TYPE = V "label"`, and `from D: V` lines. The type may be left out: it is then the value's."""

    name: Declared
    type: TypeName | None
    value: Expr
    label: Label | None = None
    lines: tuple[DatedLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueDecl(Statement):
    """`value NAME: TYPE = EXPR "label"`, or lines and tables; `graduated` names the quantity cut into brackets."""

    name: Declared
    type: TypeName | None
    label: Label | None = None
    value: Expr | None = None
    graduated: Expr | None = None
    body: tuple[OutcomeLine | Table, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreDecl(Statement):
    """`score NAME "label" between A and B = EXPR`, or lines and tables that add up."""

    name: Declared
    label: Label | None = None
    low: Expr | None = None
    high: Expr | None = None
    value: Expr | None = None
    body: tuple[PointsLine | Table, ...] = ()


@dataclass(frozen=True, slots=True)
class TiersDecl(Statement):
    """`tiers NAME "label" [by X] [like OTHER]`, with its tiers best first, its floors and its caps."""

    name: Declared
    label: Label | None = None
    by: Expr | None = None
    like: Word | None = None
    body: tuple[TierLine | LimitLine | Table, ...] = ()


@dataclass(frozen=True, slots=True)
class ChoiceDecl(Statement):
    """`segment NAME` or `choose NAME`, and `tags NAME`: outcomes with their conditions. `kind` is the keyword's id."""

    kind: Literal["SEGMENT", "CHOOSE", "TAGS"]
    name: Declared
    label: Label | None = None
    exactly_one: bool = False
    body: tuple[OutcomeLine | Table, ...] = ()


@dataclass(frozen=True, slots=True)
class BenefitDecl(Statement):
    """`benefit NAME: TYPE [= V] "label", options`, and lines or tables that grant it."""

    name: Declared
    type: TypeName | None
    value: Expr | None = None
    label: Label | None = None
    options: tuple[Option, ...] = ()
    body: tuple[OutcomeLine | Table, ...] = ()


@dataclass(frozen=True, slots=True)
class MatrixDecl(Statement):
    """`benefits of LADDER [at FACT]`: a column a tier, one row a (stage, benefit)."""

    ladder: Word
    at: Word | None = None
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class AdviseDecl(Statement):
    """`advise "action" [to ROLE] [priority N] [when COND]`"""

    action: Label
    role: Word | Label | None = None
    priority: Number | None = None
    condition: Expr | None = None


@dataclass(frozen=True, slots=True)
class OverTime(Statement):
    """`movement of LADDER`, `lifecycle NAME starts STAGE`, `event NAME: …`, `watch NAME "label"`.

    Parsed, formatted and kept; not evaluated yet. `kind` is the keyword's id, `head` the rest of its first line.
    """

    kind: Literal["MOVEMENT_OF", "LIFECYCLE", "EVENT", "WATCH"]
    name: Word
    head: Clause | None = None
    label: Label | None = None
    lines: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class ExampleDecl(Statement):
    """`example "name" [on D]` with its `given` and `expect` lines."""

    name: Label
    on: Expr | None = None
    lines: tuple[BindingLine, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Policy(Node):
    """A whole text: its statements in order, and the comments after the last of them."""

    statements: tuple[AnyStatement, ...]
    tail: tuple[str, ...] = ()
