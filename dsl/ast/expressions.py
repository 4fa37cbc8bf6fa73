"""Expressions of the surface tree, as written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from dsl.ast.base import Label, Node, Word
from dsl.records import record


@record
class Number(Node):
    """A number as written (`500,000`, `50万`, `15%`, `¥500`), and the exact decimal it stands for.

    A percentage's value is the fraction: `15%` is 0.15. `currency` is the code or sign written before it.
    """

    text: str
    value: Decimal
    percent: bool = False
    currency: str | None = None


@record
class Quantity(Node):
    """A duration (`30 days`, `4 hours`) or a period (`6 months`). `unit` is the id of its keyword: DAYS, MONTHS, …"""

    number: Number
    unit: str


@record
class DateValue(Node):
    """A calendar day, `2026-01-31`."""

    value: date


@record
class TextValue(Node):
    """Text used as a value."""

    label: Label


@record
class Truth(Node):
    """`yes` or `no`."""

    value: bool


@record
class Today(Node):
    """The date the question is asked for."""


@record
class Ref(Node):
    """A name used: a fact, value, score, ladder, segment, parameter, or a value that belongs to the left side."""

    word: Word


@record
class Held(Node):
    """`held grade`: the tier of a ladder that the customer holds already, of the state that movement keeps."""

    ladder: Word


@record
class Group(Node):
    """Brackets, kept because the author wrote them."""

    inner: Expr


@record
class Negate(Node):
    """`-x`"""

    inner: Expr


@record
class Arith(Node):
    """`left op right` for `+ - * / ^`; left-associative as written, `^` binds tightest."""

    op: Literal["+", "-", "*", "/", "^"]
    left: Expr
    right: Expr


@record
class Extreme(Node):
    """`min of (a, b)` or `max of (a, b)`"""

    op: Literal["min", "max"]
    items: tuple[Expr, ...]


@record
class Rounded(Node):
    """`… rounded to N places`: closes the whole expression before it."""

    inner: Expr
    places: Number


@record
class Calendar(Node):
    """A function of a date. `function` is the id of its keyword: START_OF_MONTH, YEAR_OF, DAYS_SINCE, …"""

    function: str
    inner: Expr


@record
class Not(Node):
    """`not x`"""

    inner: Expr


@record
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


@record
class Compare(Node):
    """`left op right`. `worded` says that `is` stood before a word operator: `grade is at least B`."""

    op: Comparison
    left: Expr
    right: Expr
    worded: bool = False


@record
class Between(Node):
    """`x between low and high`, both included."""

    inner: Expr
    low: Expr
    high: Expr


@record
class In(Node):
    """`x in a, b, c`, or `x not in a, b, c`."""

    inner: Expr
    items: tuple[Expr, ...]
    negated: bool = False


@record
class Contains(Node):
    """`list contains item`"""

    inner: Expr
    item: Expr


@record
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
    | Held
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
