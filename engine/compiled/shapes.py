"""What an answer is made of, as generated code makes it; in one of two shapes.

A rule's words, a table's rows, a tier's label are the same in every answer. `Shape` is what the rest of the
compiler asks for them: `records.py` writes code that makes a `Decision` of them, `texts.py` code that writes
its JSON at once. Both take what the answer says from the oracle's own functions, which are asked beforehand.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any, ClassVar

from dsl.model import Declaration, Expr, Ladder, Movement, Read
from dsl.records import record
from dsl.types import TEXT, Type, Value
from engine.compiled.draft import Draft, Fragment
from engine.decision import AdviceGiven, BenefitGrant, Reason, Shown, Status, TierOutcome
from engine.expressions import parts
from engine.masking import is_masked, masked_word
from engine.matching import Act
from engine.movement.outcomes import States
from engine.movement.states import Moved
from engine.reasons import reasons
from engine.shown import shown_value
from engine.values import exact
from engine.wording import renamed, texts_of
from engine.words import declaration

# No policy has as many ways to be silent that matter for speed.
MOST_ASSUMED = 256


@dataclass(frozen=True, slots=True)
class Code:
    """Python for something that is not known before there is a customer."""

    text: str


# A part of an answer: JSON text in pieces, of which only some depend on the customer; or, where a `Decision` is
# made, one piece, the Python for its value.
Part = tuple[str | Code, ...]
# Texts under the names that they have in the language of the answer, where those are others.
Names = Mapping[str, str]
NO_NAMES: Names = MappingProxyType({})

# What was worked out, as generated code has it.
Result = Value | int | Fraction | None
# A step, and the tier that the facts give.
StepTaken = tuple[Moved, str | None]
# From facts, the keys of those that were assumed, the day, states, a step for each ladder that moves, in the policy's order, and results by
# key: what an answer says of movement, and its reasons, both as the answer's shape has them.
Teller = Callable[
    [Mapping[str, Value], tuple[str, ...], date, States, Sequence[StepTaken], Mapping[str, Result]],
    tuple[Any, Sequence[Any]],
]

NO_TIER = TierOutcome(None, None, None, ())


@record
class Looked:
    """Benefits that are looked up: all that there are, and Python for the place of the customer's."""

    found: dict[tuple[str | None, str | None], tuple[BenefitGrant, ...]]
    place: str


@record
class Named:
    """A benefit or an advice under a name, which stands for nothing (`Shape.absent`) where it is not given."""

    name: str


@record
class Answered:
    """All that was worked out: `parts` by the decision's fields, in its order, from the tiers to the advice.

    `tier` is the name under which the main ladder's is, `over_time` the one under which stands what is said of movement.
    """

    status: Status
    parts: dict[str, Part]
    why: str | None = None
    tier: str | None = None
    over_time: str | None = None


@record
class Standing:
    """Somebody whom movement leaves where the facts have them on a ladder, with nothing to be told but that.

    `state` is the name of their `State`, `tier` of the tier that is reached and held (None: they are not graded), `usual` Python
    for whether the facts say nothing but it; `fields` are names of what else the state consists of.
    """

    ladder: Ladder
    movement: Movement
    state: str
    tier: str | None
    usual: str
    fields: Mapping[str, str]


class Shape(ABC):
    """The answer, while the function that gives it is written."""

    # Python for what stands in the place of a benefit or an advice that is not given.
    absent: ClassVar[str]

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    # ---------------------------------------------------------------- values

    @abstractmethod
    def constant(self, value: Shown) -> Part:
        """A value that is the same in every answer."""

    @abstractmethod
    def worked_out(self, fragment: Fragment, type: Type, names: Names) -> Part:
        """A value that depends on the customer."""

    @abstractmethod
    def unless_unknown(self, fragment: Fragment, value: Shown) -> Part:
        """A constant, where something is known."""

    @abstractmethod
    def looked_up(self, table: Mapping[str, Shown], own: Fragment) -> Part:
        """The constant at a text; nothing, where there is no text."""

    @abstractmethod
    def mapping(self, pairs: Iterable[tuple[str, Part]]) -> Part:
        """Values by keys of the policy."""

    def value(self, fragment: Fragment, type: Type, names: Names = NO_NAMES) -> Part:
        """A value as answers show it."""
        if fragment.value is not None:
            return self.constant(shown_constant(fragment.value, type, names))
        return self.worked_out(fragment, type, names)

    def text(self, name: str, *, optional: bool = False) -> Part:
        """A text under a name."""
        return self.worked_out(Fragment(name, optional=optional, simple=True), TEXT, NO_NAMES)

    # ---------------------------------------------------------------- reasons

    def begin(self) -> None:
        """No reasons yet."""
        if self.draft.variant.explained:
            self.draft.line("reasons = []")

    def tell(self, told: Reason, reads: Sequence[Expr], gives: Part | None = None) -> None:
        """A reason, where they are asked for. `gives` where that depends on the customer."""
        if self.draft.variant.explained:
            gives = self.constant(told.gives) if gives is None else gives
            self.draft.line(f"reasons.append({self._reason(told, gives, facts_read(self, reads))})")

    @abstractmethod
    def _reason(self, told: Reason, gives: Part, facts: Part) -> str:
        """Python for a reason."""

    @abstractmethod
    def tell_row(
        self,
        target: str,
        values: Sequence[Value | int | None],
        told: Sequence[Reason],
        number: str,
        reads: Sequence[Expr],
        counts: AbstractContextManager[None],
    ) -> None:
        """Fetches what a row gives, and tells its reason where that `counts`. `number` is Python for which row."""

    # ---------------------------------------------------------------- tiers, benefits, advice

    @abstractmethod
    def tier(self, own: str, tiers: Sequence[TierOutcome], score: Part | None) -> Part:
        """A ladder's outcome, whose tier is `own`. `score` where there is one to be shown."""

    @abstractmethod
    def no_tier(self) -> Part:
        """A ladder's outcome where the policy does not apply."""

    @abstractmethod
    def benefit(self, told: BenefitGrant, value: Part, rule: Part, stage: Part, because: Part) -> str:
        """Python for a benefit."""

    @abstractmethod
    def advice(self, told: AdviceGiven, to: Part | None) -> str:
        """Python for an advice. `to` where that depends on the customer."""

    @abstractmethod
    def benefits(self, given: Sequence[Looked | Named]) -> Part:
        """The benefits, or the advice, that is given."""

    # ---------------------------------------------------------------- movement

    @abstractmethod
    def steady(self, ladders: Sequence[Standing]) -> str:
        """Python for what is said of movement where nothing has happened and nothing comes, on no ladder."""

    @abstractmethod
    def teller(self) -> Teller:
        """What says it of everybody else."""

    # ---------------------------------------------------------------- the whole

    @abstractmethod
    def assumed(self, values: Mapping[str, Shown]) -> object:
        """What generated code calls `assumed_of`: a function from the keys of facts that were assumed."""

    @abstractmethod
    def answer(self, found: Answered) -> None:
        """Gives the answer."""


# ---------------------------------------------------------------- what both say


def shown_constant(value: Value, type: Type, names: Names) -> Shown:
    """A constant as answers show it."""
    return renamed(shown_value(exact(value), type), dict(names))


def names_of(draft: Draft, declared: Declaration) -> Names:
    """What texts and outcomes of a declaration are called in the language of the answer, where that differs."""
    names = {each.text: each.in_lang(draft.variant.lang) for each in texts_of(declared, draft.policy)}
    return {text: name for text, name in names.items() if text != name}


def facts_read(shape: Shape, exprs: Iterable[Expr]) -> Part:
    """What expressions read of the customer, with the values found."""
    inside = (part for expr in exprs for part in parts(expr))
    reads = {part.key: part for part in inside if isinstance(part, Read) and part.of != "param"}
    return shape.mapping((key, _read(shape, read)) for key, read in reads.items())


def _read(shape: Shape, read: Read) -> Part:
    draft = shape.draft
    fragment = draft.read(read)
    if is_masked(read, draft.policy):
        return shape.unless_unknown(fragment, masked_word(draft.variant.lang))
    return shape.value(fragment, read.type, names_of(draft, declaration(draft.policy, read)))


def template(draft: Draft, act: Act) -> Reason:
    """What the oracle says of a rule that acted, apart from what depends on the customer."""
    return reasons((act,), (), draft.situation(), draft.variant.lang)[0]
