"""Labels and expressions of the checked model."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from dsl.records import record
from dsl.source import NOWHERE, Span
from dsl.types import Type, Value

# The version of the language's meaning. A published policy is replayed under the version that it was published under.
LANGUAGE_VERSION = 1


@record
class Text:
    """A label and its translation. Which language the first is in, nobody says; `in_lang` takes the one that looks right."""

    text: str
    translation: str | None = None

    def in_lang(self, lang: Literal["en", "zh"]) -> str:
        """The label in a language: the one of the two that holds Chinese characters for `zh`, the other for `en`; else the first."""
        if self.translation is None:
            return self.text
        return self.text if _chinese(self.text) == (lang == "zh") else self.translation


def _chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@record
class Const:
    """A value known when the policy is read. A member (enumeration value, tier, outcome) stands by its key; a PERIOD is whole months.

    `text` is there for a text that has a translation: everything is compared by `value`, its first spelling; answers say it in their language.
    """

    value: Value
    type: Type
    span: Span = field(default=NOWHERE, compare=False)
    text: Text | None = None


@record
class Read:
    """What a declaration gives: a fact, parameter, value, score, ladder (its tier) or choice (its outcome), by key. `tags` reads as a list.

    `held` is the tier of a ladder that the customer held before this day, of the state that movement keeps; unknown without one.
    """

    of: Literal["fact", "param", "value", "score", "ladder", "choice", "tags", "held"]
    key: str
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@record
class Today:
    """The date the question is asked for."""

    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@record
class Arith:
    """`+ - * /`, `^` (its right side a whole constant from 0 on), `min`, `max` over two or more operands; `neg` over one.

    Kinds: number, money, percent, duration in the usual ways (see `dsl.operators`). Division by zero is unknown.
    """

    op: Literal["+", "-", "*", "/", "^", "min", "max", "neg"]
    args: tuple[Expr, ...]
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@record
class Round:
    """The inner expression, an exact fraction, rounded once to `places` decimals, half away from zero."""

    inner: Expr
    places: int
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@record
class DateMath:
    """A function of dates.

    `add_days` (date, duration; sign +1 or -1 in `sign`), `add_months` (date, period; clamped to the month's end), `start`/`end` of `unit`
    (date -> date), `year` (date -> whole number), `since` (whole days, months or years from a date to today; negative
    when the date is to come; months and years count full ones), `between` (date - date -> duration).
    """

    op: Literal["add_days", "add_months", "start", "end", "year", "since", "between"]
    args: tuple[Expr, ...]
    type: Type
    unit: Literal["", "day", "month", "quarter", "year"] = ""
    sign: Literal[1, -1] = 1
    span: Span = field(default=NOWHERE, compare=False)


@record
class Not:
    inner: Expr
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@record
class Logic:
    """`and` or `or` over two or more conditions, Kleene."""

    op: Literal["and", "or"]
    args: tuple[Expr, ...]
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@record
class Compare:
    """Both sides have one type. Order is by size; between tiers of one ladder a better tier is greater.

    `<>` is the negation of `=`. One `/` at the top of a side is compared exactly.
    """

    op: Literal["=", "<>", "<", "<=", ">", ">="]
    left: Expr
    right: Expr
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@record
class OneOf:
    """`x in a, b, c`: true when what `x` can be lies wholly among the items, false when it lies wholly outside."""

    inner: Expr
    items: tuple[Expr, ...]
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@record
class Contains:
    """A list (or tags) contains an item."""

    inner: Expr
    item: Expr
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@record
class IsUnknown:
    """Whether nothing certain is known of `inner`: never itself unknown."""

    inner: Expr
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


Expr = Const | Read | Today | Arith | Round | DateMath | Not | Logic | Compare | OneOf | Contains | IsUnknown
