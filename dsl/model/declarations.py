"""Everything that a policy declares, and the checked policy itself."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import Literal

from dsl import ast
from dsl.model.expressions import Expr, Read, Text
from dsl.model.movement import Movement
from dsl.model.rules import Body, Table
from dsl.records import record
from dsl.source import NOWHERE, Source, Span
from dsl.types import Member, Type, Value


@record(kw_only=True)
class Declaration:
    """What every named thing has."""

    name: str
    key: str
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@record(kw_only=True)
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


@record(kw_only=True)
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


@record
class Bracket:
    """One bracket of a graduated value: from `low` (None: from nothing) up to `high` (None: without end), each unit at `rate`."""

    rule: str
    low: Expr | None
    high: Expr | None
    rate: Expr
    span: Span = field(default=NOWHERE, compare=False)


@record
class Graduated:
    """The sum over brackets of (the part of `by` inside the bracket) x rate; nothing below zero."""

    by: Expr
    brackets: tuple[Bracket, ...]


@record(kw_only=True)
class DerivedValue(Declaration):
    """`value`: an expression, lines and tables (each result an expression), or a graduated sum."""

    type: Type
    body: Expr | Body | Graduated


@record
class Term:
    """One summand of `score NAME = a + b`: its rule name, its sign and its expression. A score that is no sum is one term."""

    rule: str
    sign: Literal[1, -1]
    expr: Expr
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@record
class Points:
    """`+points when condition`: undecided, it adds the range between 0 and its points. `points` carries its sign already."""

    rule: str
    points: Expr
    condition: Expr
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@record
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


@record(kw_only=True)
class Score(Declaration):
    """The sum of its parts, then held between `low` and `high` where they stand; what that takes away or adds is the reason `NAME.bounds`."""

    type: Type
    parts: tuple[Term | Points | PointsPer | Table, ...]
    low: Decimal | None = None
    high: Decimal | None = None


@record
class Keep:
    """`keep from X and C` (`over`: `keep over X`): enough to keep a tier that is held. `condition` is the whole of it.

    Without a state it says nothing.
    """

    threshold: Expr
    condition: Expr
    over: bool = False


@record
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


@record
class Limit:
    """A floor or a cap: `tier` by key, the condition, the reason.

    A cap that is `at_once` moves a customer who holds a better tier down at once; others wait for the ladder's movement.
    """

    rule: str
    floor: bool
    tier: str
    condition: Expr
    label: Text | None = None
    at_once: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@record(kw_only=True)
class Ladder(Declaration):
    """Tiers, best first: the first whose condition holds; then the highest floor that applies, then the lowest cap.

    `by` is what thresholds are compared with. `type` is of kind TIER and names the tiers as its members.
    """

    type: Type
    tiers: tuple[Tier, ...]
    floors: tuple[Limit, ...] = ()
    caps: tuple[Limit, ...] = ()
    by: Expr | None = None


@record(kw_only=True)
class Choice(Declaration):
    """`segment` and `choose`: exactly one outcome. `type` is an enumeration of the outcomes.

    Under `exactly_one` a line that holds settles it, whatever is undecided beside it.
    """

    kind: Literal["segment", "choose"]
    type: Type
    body: Body
    exactly_one: bool = False


@record(kw_only=True)
class Tags(Declaration):
    """Every outcome whose condition holds, in the order written."""

    type: Type
    body: Body


@record
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


@record(kw_only=True)
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


@record
class Advice:
    """`advise`: the action, who takes it (a text, or a choice whose outcome names them), its priority (1 first; None last)."""

    rule: str
    action: Text
    role: Text | Read | None = None
    priority: int | None = None
    condition: Expr | None = None
    span: Span = field(default=NOWHERE, compare=False)


@record
class Expectation:
    """One `expect`. `of` says what is expected; `op` compares the decision with `values` (constants, already typed).

    In a story `ladder` is the tier held, `computed` the tier that the facts alone give, and `transition` a move on that day: `values` are its
    kind (`enter`, `up`, `down`, `leave`, `notice`, `withdraw`, `renew`; `stay` for none of `enter`, `up`, `down`, `leave`) and, where it was
    written, the tier that it leads to.
    """

    of: Literal["score", "value", "ladder", "computed", "transition", "choice", "tags", "benefit", "status"]
    key: str
    op: Literal["=", "IN", "BETWEEN", "CONTAINS", "UNKNOWN", "NONE", "NOT_GRADED"]
    values: tuple[Value, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@record
class Step:
    """One date of a story: the facts that change on it, and what is expected then."""

    on: date
    given: tuple[tuple[str, Value | None], ...]
    expect: tuple[Expectation, ...]
    span: Span = field(default=NOWHERE, compare=False)


@record
class Example:
    """An executable test inside the policy. `given` maps fact keys to values; None is unknown.

    A story has `steps`, in order of their dates; it then runs from `given` through each of them with the state that movement keeps. What is
    known stays known from step to step.
    """

    name: str
    on: date | None
    given: tuple[tuple[str, Value | None], ...]
    expect: tuple[Expectation, ...]
    steps: tuple[Step, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@record
class CheckedPolicy:
    """A policy that may be decided with.

    `order` lists the keys of values, scores, ladders, choices and tags so that each comes after what it reads. `source` is the text,
    `uses` the texts brought in. `movements` are by their ladder's key. `over_time` keeps what is not evaluated yet as the author wrote it.
    `version` is the number under which the text was published; None for one that was not.
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
    movements: dict[str, Movement] = field(default_factory=dict)
    version: int | None = None

    @property
    def main(self) -> Ladder | None:
        """The main ladder: the first."""
        return next(iter(self.ladders.values()), None)

    @property
    def headline(self) -> Ladder | Choice | None:
        """What an answer is headed by, and what its status is of: the main ladder, else the first choice."""
        return self.main or next(iter(self.choices.values()), None)

    @property
    def hash(self) -> str:
        """The SHA-256 of the exact text, as `sha256:…`."""
        return self.source.hash

    def line(self, span: Span) -> int:
        """The line of a span in the text that it belongs to, counted from 1."""
        source = self.source if span.file == 0 else self.uses[span.file - 1]
        return source.place(span.start)[0]
