"""The lines below a statement's first, and the options behind its commas."""

from __future__ import annotations

from typing import Literal, get_args

from dsl.ast.base import NO_NOTES, Declared, Label, Node, Notes, Word
from dsl.ast.expressions import Expr
from dsl.ast.tables import TypeName
from dsl.records import record


@record
class Option(Node):
    """One option behind a comma. `kind` is the id of its keyword; `args` are its values in the order written.

    A fact's: DEFAULT value · AT_LEAST value · AT_MOST value · REQUIRED · SOURCE label · CAN_CHANGE [ONLY_UP|ONLY_DOWN as `which`] ·
    PROTECTED · MASKED. A benefit's: AT words · FOR words · WHEN condition · FROM date [date] · PER_MONTH|PER_QUARTER|PER_YEAR number · BEST_OF ·
    SUM_OF · NOT_WITH words · LESS_IS_BETTER. A segment line's: OWNER label.
    """

    kind: str
    args: tuple[Expr | Label | Word, ...] = ()
    which: str | None = None


@record
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


@record
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


@record
class DatedLine(Node):
    """`from D: V`, a parameter's value from a date on."""

    start: Expr
    value: Expr
    notes: Notes = NO_NOTES


@record
class Keep(Node):
    """`keep from 75 [and C2]`: what is enough to keep a tier that is held already."""

    over: bool
    threshold: Expr
    condition: Expr | None = None


@record
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


@record
class LimitLine(Node):
    """`at least B when COND "reason"` (a floor) or `at most C [at once] when COND "reason"` (a cap)."""

    name: Declared | None
    floor: bool
    tier: Word
    condition: Expr
    reason: Label | None = None
    notes: Notes = NO_NOTES
    at_once: bool = False


TransitionWord = Literal[
    "ENTERS", "MOVES_UP", "MOVES_DOWN", "LEAVES", "GIVES_NOTICE", "WITHDRAWS", "RENEWS", "STAYS"
]
TRANSITIONS: tuple[TransitionWord, ...] = get_args(TransitionWord)


@record
class Binding(Node):
    """One `name = value` of an example. In `expect`, `op` may also be IN (what stays possible), BETWEEN (a score's range),
    CONTAINS (tags), UNKNOWN (not decided), NONE (a benefit that is not granted) or NOT_GRADED (no name, no values).

    In a story it may be a transition, by the id of its keyword; `values` then holds the tier that it leads to, where one is named.
    `computed` asks for the tier that the facts alone give.
    """

    word: Word | None
    op: Literal["=", "IS", "IN", "BETWEEN", "CONTAINS", "UNKNOWN", "NONE", "NOT_GRADED"] | TransitionWord
    values: tuple[Expr, ...] = ()
    computed: bool = False


@record
class BindingLine(Node):
    """`given a = 1, b = 2` or `expect …`."""

    kind: Literal["given", "expect"]
    bindings: tuple[Binding, ...]
    notes: Notes = NO_NOTES


@record
class StepLine(Node):
    """`on DATE`: a day of a story; the lines below it are of that day."""

    on: Expr
    notes: Notes = NO_NOTES


@record
class KeywordUse(Node):
    """A keyword inside a clause, by its id."""

    id: str


@record
class MonthDay(Node):
    """A day of every year: `31 Dec`, `12月31日`."""

    month: int
    day: int


@record
class Clause(Node):
    """One line of a movement, lifecycle, event or watch: its keywords, names, values and signs in the order written.

    The grammar has already held its shape. `kind` names the production (`review`, `move_up`, `when`, …).
    A sign is its character: `,` `:` `+` `(` `)`.
    """

    kind: str
    items: tuple[KeywordUse | Expr | Label | Word | TypeName | MonthDay | str, ...]
    notes: Notes = NO_NOTES
