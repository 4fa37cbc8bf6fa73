"""The checked model: what a policy means, with every name resolved and every type known.

Engines read this and nothing else. There are few kinds of expression, and few kinds of rule: a ladder, a choice, a derived value
and a table are all "the first of these conditions that holds", a score is "the sum of these". What the surface tree spells
in several ways (`is at least`, `>=`, `or more`; `like`; the two tables of requirements) stands here in one.

The one convention about unknown: a condition is true, false or unknown (Kleene); see `dsl.operators` for each operator.

Names: `name` is the author's word, `key` what programs see and what the model itself refers by: the alias where one was declared, else
the name. A rule's `rule` is its stable name, `parent.rest`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from dsl import ast
from dsl.source import NOWHERE, Source, Span
from dsl.types import Member, Type, Value

# The version of the language's meaning. A published policy is replayed under the version that it was published under.
LANGUAGE_VERSION = 1


@dataclass(frozen=True, slots=True)
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


# ---------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Const:
    """A value known when the policy is read. A member (enumeration value, tier, outcome) stands by its key; a PERIOD is whole months."""

    value: Value
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Read:
    """What a declaration gives: a fact, parameter, value, score, ladder (its tier) or choice (its outcome), by key. `tags` reads as a list."""

    of: Literal["fact", "param", "value", "score", "ladder", "choice", "tags"]
    key: str
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Today:
    """The date the question is asked for."""

    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Arith:
    """`+ - * /`, `^` (its right side a whole constant from 0 on), `min`, `max` over two or more operands; `neg` over one.

    Kinds: number, money, percent, duration in the usual ways (see `dsl.operators`). Division by zero is unknown.
    """

    op: Literal["+", "-", "*", "/", "^", "min", "max", "neg"]
    args: tuple[Expr, ...]
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Round:
    """The inner expression, an exact fraction, rounded once to `places` decimals, half away from zero."""

    inner: Expr
    places: int
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Not:
    inner: Expr
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` or `or` over two or more conditions, Kleene."""

    op: Literal["and", "or"]
    args: tuple[Expr, ...]
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """Both sides have one type. Order is by size; between tiers of one ladder a better tier is greater.

    `<>` is the negation of `=`. One `/` at the top of a side is compared exactly.
    """

    op: Literal["=", "<>", "<", "<=", ">", ">="]
    left: Expr
    right: Expr
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OneOf:
    """`x in a, b, c`: true when what `x` can be lies wholly among the items, false when it lies wholly outside."""

    inner: Expr
    items: tuple[Expr, ...]
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Contains:
    """A list (or tags) contains an item."""

    inner: Expr
    item: Expr
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class IsUnknown:
    """Whether nothing certain is known of `inner`: never itself unknown."""

    inner: Expr
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


Expr = Const | Read | Today | Arith | Round | DateMath | Not | Logic | Compare | OneOf | Contains | IsUnknown


# ---------------------------------------------------------------- cells and rows


@dataclass(frozen=True, slots=True)
class AnyCell:
    """`-`: matches everything, unknown too."""


@dataclass(frozen=True, slots=True)
class UnknownCell:
    """Matches when the column is unknown."""


@dataclass(frozen=True, slots=True)
class SetCell:
    """Matches when the column equals one of the values; `negated`, when it equals none of them."""

    values: tuple[Expr, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class RangeCell:
    """Matches from `low` to `high`; an end that is None is open; each end belongs to the range or not."""

    low: Expr | None
    high: Expr | None
    low_included: bool = True
    high_included: bool = False


Cell = AnyCell | UnknownCell | SetCell | RangeCell


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a line of a choice or of tags gives: its key (the code, else the text) and its label; `owner` answers for a segment."""

    key: str
    label: Text | None = None
    owner: Text | None = None


# What a rule of the first-match kind gives: an expression (value, benefit, points), an outcome (choice, tags), a tier's key
# (ladder by requirements); None is `-`, deliberately none.
Result = Expr | Outcome | str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its condition (None: always, which is `otherwise`) and what it gives."""

    rule: str
    condition: Expr | None
    result: Result
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Column:
    """A column's expression.

    Where `has_unknown`, a cell of it asks for `unknown`, and its other cells are false (not unknown) for what is unknown.
    """

    expr: Expr
    text: str
    has_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a cell a column, all of which must match (Kleene `and`), and what it gives."""

    rule: str
    cells: tuple[Cell, ...]
    result: Result
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows, the first match from the top. The checker has proved them complete and without crossing bands."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    span: Span = field(default=NOWHERE, compare=False)


# Lines and tables in the order written: the first that holds decides, over all of them together (tags and benefits: all that hold).
Body = tuple[Line | Table, ...]


# ---------------------------------------------------------------- declarations


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What every named thing has."""

    name: str
    key: str
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Declaration):
    """Something known of a customer. `type.width` limits its decimals; `at_least` and `at_most` refuse, never clamp."""

    type: Type
    default: Value | None = None
    at_least: Value | None = None
    at_most: Value | None = None
    required: bool = False
    source: str | None = None
    changeable: Literal["no", "any", "up", "down"] = "no"
    protected: bool = False
    masked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Param(Declaration):
    """`set`: a value, and the dates from which it is another. `dated` is in order of its dates."""

    type: Type
    value: Value
    dated: tuple[tuple[date, Value], ...] = ()

    def on(self, day: date) -> Value:
        """The value in force on a day."""
        value = self.value
        for start, dated in self.dated:
            if start <= day:
                value = dated
        return value


@dataclass(frozen=True, slots=True)
class Bracket:
    """One bracket of a graduated value: from `low` (None: from nothing) up to `high` (None: without end), each unit at `rate`."""

    rule: str
    low: Expr | None
    high: Expr | None
    rate: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Graduated:
    """The sum over brackets of (the part of `by` inside the bracket) x rate; nothing below zero."""

    by: Expr
    brackets: tuple[Bracket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedValue(Declaration):
    """`value`: an expression, lines and tables (each result an expression), or a graduated sum."""

    type: Type
    body: Expr | Body | Graduated


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of `score NAME = a + b`: its rule name, its sign and its expression. A score that is no sum is one term."""

    rule: str
    sign: Literal[1, -1]
    expr: Expr
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Points:
    """`+points when condition`: undecided, it adds the range between 0 and its points. `points` carries its sign already."""

    rule: str
    points: Expr
    condition: Expr
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class PointsPer:
    """`+points per step of X up to cap`: points for each full `step` in X, never for less than nothing; `cap` (never negative) limits the points.

    With X unknown: between 0 and the cap (without end where there is none). `points` and the cap are for one sign: `sign` is applied last.
    """

    rule: str
    sign: Literal[1, -1]
    points: Expr
    of: Expr
    step: Expr
    cap: Expr | None
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Declaration):
    """The sum of its parts, then held between `low` and `high` where they stand; what that takes away or adds is the reason `NAME.bounds`."""

    type: Type
    parts: tuple[Term | Points | PointsPer | Table, ...]
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """`keep from X and C`: enough to keep a tier that is held. Not evaluated without a state."""

    threshold: Expr
    condition: Expr


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier and the condition that gives it; None for the last, `otherwise`.

    `condition` is the whole of it, thresholds included; `threshold` and `over` are there to explain it.
    """

    member: Member
    rule: str
    condition: Expr | None
    threshold: Expr | None = None
    over: bool = False
    keep: Keep | None = None
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def key(self) -> str:
        return self.member.key


@dataclass(frozen=True, slots=True)
class Limit:
    """A floor or a cap: `tier` by key, the condition, the reason."""

    rule: str
    floor: bool
    tier: str
    condition: Expr
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder(Declaration):
    """Tiers, best first: the first whose condition holds; then the highest floor that applies, then the lowest cap.

    `by` is what thresholds are compared with. `type` is of kind TIER and names the tiers as its members.
    """

    type: Type
    tiers: tuple[Tier, ...]
    floors: tuple[Limit, ...] = ()
    caps: tuple[Limit, ...] = ()
    by: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Declaration):
    """`segment` and `choose`: exactly one outcome. `type` is an enumeration of the outcomes.

    Under `exactly_one` a line that holds settles it, whatever is undecided beside it.
    """

    kind: Literal["segment", "choose"]
    type: Type
    body: Body
    exactly_one: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags(Declaration):
    """Every outcome whose condition holds, in the order written."""

    type: Type
    body: Body


@dataclass(frozen=True, slots=True)
class Grant:
    """One rule that grants a benefit: where, to whom, when, how much.

    `stage` is (the stage's fact, its value's key) where the benefit belongs to a stage; `tiers` are keys of `ladder`'s tiers, None for all;
    `condition` None for always; `start` and `end` both included. `value` is what is granted.
    """

    rule: str
    value: Expr
    stage: tuple[Read, str] | None = None
    ladder: str | None = None
    tiers: tuple[str, ...] | None = None
    condition: Expr | None = None
    start: date | None = None
    end: date | None = None
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit(Declaration):
    """A benefit and every rule that grants it. `combine` says what several that hold give together: the best, the sum, or the first.

    `quota` is (how many, per `month`, `quarter` or `year`). `not_with` names benefits that give way: when both are granted, this one stays.
    """

    type: Type
    grants: tuple[Grant, ...]
    combine: Literal["first", "best", "sum"] = "first"
    less_is_better: bool = False
    quota: tuple[Decimal, Literal["month", "quarter", "year"]] | None = None
    not_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """`advise`: the action, who takes it (a text, or a choice whose outcome names them), its priority (1 first; None last)."""

    rule: str
    action: Text
    role: Text | Read | None = None
    priority: int | None = None
    condition: Expr | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One `expect`. `of` says what is expected; `tests` compare the decision with `values` (constants, already typed)."""

    of: Literal["score", "value", "ladder", "choice", "tags", "benefit", "status"]
    key: str
    op: Literal["=", "IN", "BETWEEN", "CONTAINS", "UNKNOWN", "NONE", "NOT_GRADED"]
    values: tuple[Value, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Example:
    """An executable test inside the policy. `given` maps fact keys to values; None is unknown."""

    name: str
    on: date | None
    given: tuple[tuple[str, Value | None], ...]
    expect: tuple[Expectation, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CheckedPolicy:
    """A policy that may be decided with.

    `order` lists the keys of values, scores, ladders, choices and tags so that each comes after what it reads. `source` is the text,
    `uses` the texts brought in. `over_time` keeps what is not evaluated yet as the author wrote it.
    """

    name: str
    title: Text | None
    source: Source
    uses: tuple[Source, ...]
    owner: str | None
    start: date | None
    end: date | None
    currency: str | None
    timezone: str | None
    scope: str | None
    about: str | None
    applies: Expr | None
    applies_reason: Text | None
    facts: dict[str, Fact]
    params: dict[str, Param]
    values: dict[str, DerivedValue]
    scores: dict[str, Score]
    ladders: dict[str, Ladder]
    choices: dict[str, Choice]
    tags: dict[str, Tags]
    benefits: dict[str, Benefit]
    advice: tuple[Advice, ...]
    examples: tuple[Example, ...]
    order: tuple[str, ...]
    over_time: tuple[ast.OverTime, ...] = ()

    @property
    def main(self) -> Ladder | None:
        """The main ladder: the first."""
        return next(iter(self.ladders.values()), None)

    @property
    def hash(self) -> str:
        """The SHA-256 of the exact text, as `sha256:…`."""
        return self.source.hash

    def line(self, span: Span) -> int:
        """The line of a span in the text that it belongs to, counted from 1."""
        source = self.source if span.file == 0 else self.uses[span.file - 1]
        return source.place(span.start)[0]
