"""The function that is being written: its lines, its names, and what it can read.

Generated code is text, but no part of that text is an author's. Every identifier is a letter and a number
given out here, and every value (a fact's key, a label, a threshold) is put into the namespace under such a
name. So whatever stands in a policy, it can never become code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Read
from dsl.types import Kind, Value
from engine.expressions import Situation
from engine.facts import Facts
from engine.values import Unknown, plain_value

NAME = "compiled"

# What comes out: a `Decision`, or the JSON text of one (`Written`).
Answers = Literal["decision", "text"]
# Of which stage benefits are asked for: the customer's own, one that is named, or every one.
StageAsked = Literal["own", "named", "all"]

# What is read of the question, the rest being worked out.
GIVEN = ("fact", "param", "held")

# Whole numbers of more bits (the rows of large tables) are no literals: Python reads long ones slowly, or not.
SHORT = 64
# Decimals with more places may be so small that Python writes them with an exponent.
MOST_PLACES = 6


Sort = Literal["number", "int", "fraction", "other"]


class Variant(NamedTuple):
    """One of the functions that a policy is compiled to.

    `complete` is for customers of whom every fact that is read is known; the other one looks before it
    compares, and gives up where something unknown matters. `at` is for benefits of another stage than the customer's.
    `moving` is for questions with a state: ladders that move are followed from it.
    """

    lang: Lang
    explained: bool
    shape: Answers
    complete: bool
    at: StageAsked = "own"
    moving: bool = False


@dataclass(frozen=True, slots=True)
class Fragment:
    """Python source of one expression, and what is known of its value.

    Numbers are decimals (`number`), Python's whole numbers (`int`: quicker, and no context rounds them) or, from
    a division until it is rounded, fractions (`fraction`). `optional`: it may be None, which is unknown. Of a
    number: `whole` has nothing behind its point, `plain` is ready to be shown, `short` as well and never so small
    that Python writes it with an exponent. `simple` is a name or a literal; `value` the constant, where it is one.
    """

    text: str
    sort: Sort = "other"
    optional: bool = False
    whole: bool = False
    plain: bool = False
    short: bool = False
    simple: bool = False
    value: Value | None = None
    depth: int = 0


class Step(NamedTuple):
    """A step of movement on one ladder: the names of what stands for it.

    `reached` is the tier that the facts give (None: they are not graded), `usual` Python for whether they say nothing else. `before` is the
    `State` that came in, `state` the new one, `moved` all that movement brought (`Moved`; nothing where the state only grew older), `steady`
    whether there is nothing to be told but the tier.
    """

    reached: str | None
    usual: str
    before: str
    state: str
    moved: str
    steady: str


@dataclass
class Draft:
    """A function in the making.

    `lines` are its statements, each with how deep it stands. `exact`: decimals are calculated with, so that it
    has to run where they are not rounded. `variables` are what declarations give, by kind (`fact`, `param`, `held`, or
    nothing for all others) and key: who reads one reads it there. `followed` are the ladders that movement has been
    asked about, by key.
    """

    policy: CheckedPolicy
    variant: Variant
    names: dict[str, object] = field(default_factory=dict)
    lines: list[tuple[int, str]] = field(default_factory=list)
    variables: dict[tuple[str, str], Fragment] = field(default_factory=dict)
    exact: bool = False
    followed: dict[str, Step] = field(default_factory=dict)
    _level: int = 0
    _pooled: dict[tuple[type, str], str] = field(default_factory=dict)
    _done: list[dict[str, str]] = field(default_factory=lambda: [{}])

    # ---------------------------------------------------------------- names and lines

    def fresh(self, letter: str = "t") -> str:
        """An identifier that nothing has yet."""
        name = f"{letter}{len(self.names)}"
        self.names[name] = None
        return name

    def constant(self, value: object) -> str:
        """The name, or the literal, under which generated code finds a value."""
        small = type(value) is int and value.bit_length() < SHORT
        if value is None or isinstance(value, bool) or small:
            return repr(value)
        pooled = (type(value), str(value)) if isinstance(value, str | Decimal | date) else None
        if pooled and pooled in self._pooled:
            return self._pooled[pooled]
        name = self.fresh("c")
        self.names[name] = value
        if pooled:
            self._pooled[pooled] = name
        return name

    def line(self, text: str) -> None:
        """A statement."""
        self.lines.append((self._level, text))

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """A statement with others below it."""
        self.line(head)
        self._level += 1
        self._done.append({})
        yield
        self._done.pop()
        self._level -= 1

    def once(self, text: str) -> str:
        """The name of what some Python gives, which is worked out the first time only. It must read nothing
        that is assigned to again.
        """
        for done in self._done:  # of this block and of those around it, which have surely been gone through
            if text in done:
                return done[text]
        name = self._done[-1][text] = self.fresh()
        self.line(f"{name} = {text}")
        return name

    def kept(self, fragment: Fragment) -> Fragment:
        """The same under a name, so that it is worked out once."""
        if fragment.simple:
            return fragment
        name = self.fresh("v")
        self.line(f"{name} = {fragment.text}")
        return replace(fragment, text=name, simple=True, depth=0)

    def refuse_unless_known(self, fragment: Fragment) -> Fragment:
        """The same, surely known: where it is not, the function gives up."""
        kept = self.kept(fragment)
        if not kept.optional:
            return kept
        with self.block(f"if {kept.text} is None:"):
            self.line("raise Undecided")
        return replace(kept, optional=False)

    # ---------------------------------------------------------------- what it reads

    def read(self, read: Read) -> Fragment:
        """What a declaration gives. What is given with the question is fetched at the function's start, once."""
        place = (read.of if read.of in GIVEN else "", read.key)
        if place not in self.variables:
            self.variables[place] = self._given(read)
        return self.variables[place]

    def define(self, key: str, fragment: Fragment) -> Fragment:
        """Keeps what a declaration gives, for all that read it."""
        kept = self.variables["", key] = self.kept(fragment)
        return kept

    def _given(self, read: Read) -> Fragment:
        match read.of:
            case "fact":
                return self._fact(read)
            case "held":  # nobody has held a tier before their first day
                return Fragment(self.fresh("h"), optional=True, simple=True)
            case _:
                return self._parameter(read)

    def _fact(self, read: Read) -> Fragment:
        fact = self.policy.facts[read.key]
        width = fact.type.width
        number = fact.type.kind.numeric
        return Fragment(
            self.fresh("f"),
            "number" if number else "other",
            optional=not self.variant.complete and not fact.required and fact.default is None,
            whole=fact.type.kind is Kind.WHOLE,
            plain=number,
            short=number and width is not None and width.places <= MOST_PLACES,
            simple=True,
        )

    def _parameter(self, read: Read) -> Fragment:
        param = self.policy.params[read.key]
        if not param.dated:
            return self.literal(param.value)
        number = isinstance(param.value, Decimal)
        whole = param.type.kind is Kind.WHOLE
        return Fragment(
            self.fresh("p"), "number" if number else "other", whole=whole, plain=number, simple=True
        )

    def literal(self, value: Value) -> Fragment:
        """A value of the language as a constant."""
        value = plain_value(value)
        number = isinstance(value, Decimal)
        return Fragment(
            self.constant(value),
            "number" if number else "other",
            whole=number and value == int(value),  # type: ignore[arg-type]
            plain=number,
            simple=True,
            value=value,
        )

    def situation(self) -> Situation:
        """A customer of whom nothing is known: for the oracle's words, which do not depend on customers."""
        return Situation(self.policy, Facts(), date.min, dict.fromkeys(self.policy.order, Unknown()))
