"""`movement of LADDER`: its lines to one `Movement`.

Each line says one thing; most may be said once, conditions that drop or hold as often as somebody likes. What
an author leaves out has a meaning that stands here and nowhere else: customers move up at once, and down at
the review (at once where there is none), to the tier that they reach.

What the conditions of a movement read is worked out before its ladder, so that in everything after it the
tier held can stand for the ladder: reading notes dependencies of the ladder itself. The tier held before the
day (`held grade`) comes with the state and is no such dependency.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from dsl import ast
from dsl.checker.context import Context, text
from dsl.checker.expressions import condition, expression
from dsl.checker.movement_lines import Moving, lapse, named_rule, pieces_of
from dsl.checker.movement_moves import is_drop, lower_down, lower_drop, lower_up
from dsl.checker.movement_review import lower_review
from dsl.checker.names import ladder_of
from dsl.checker.slugs import condition_slug
from dsl.diagnostics import Code
from dsl.messages import movement as messages
from dsl.model import Grace, Hold, KeepAtLeast, KeepUntil, Lapse, Move, Movement, Notice, Review
from dsl.source import Span
from dsl.types import DATE

_PARTS: dict[str, Literal["month", "quarter", "year"]] = {
    "END_OF_THIS_MONTH": "month",
    "END_OF_THIS_QUARTER": "quarter",
    "END_OF_THIS_YEAR": "year",
}

# What a line says that may stand once only, for a second one.
_SAID: dict[str, tuple[str, str]] = {
    "review": ("when a review is held", "何时复核"),
    "move_up": ("how customers move up", "如何升级"),
    "move_down": ("how customers move down", "如何降级"),
    "at_least": ("for how long a tier is kept at least", "至少保级多久"),
    "until": ("until when a tier is kept", "保级到何时"),
    "grace": ("what grace is given", "宽限期多长"),
    "notice": ("what notice is given", "提前多久通知"),
}


def moving_ladders(ctx: Context) -> set[str]:
    """The keys of the ladders that have a movement."""
    words = [node.name.text for node in _movements(ctx)]
    symbols = [ctx.symbols[word] for word in words if word in ctx.symbols]
    return {symbol.key for symbol in symbols if symbol.of == "ladder"}


def lower_movements(ctx: Context) -> dict[str, Movement]:
    """Every movement that is sound, by its ladder's key; the problems of all have been reported."""
    found: dict[str, Movement] = {}
    places: dict[str, Span] = {}
    for node in _movements(ctx):
        symbol = ladder_of(ctx, node.name)
        if symbol is None:
            continue
        first = places.setdefault(symbol.key, node.name.span)
        if first is not node.name.span:
            ctx.report.add(messages.MOVEMENT_TWICE, node.name.span, also=(first,), ladder=symbol.name)
            continue
        moving = Moving(symbol.name, symbol.key, symbol.type)
        inner = replace(ctx, owner=symbol.key, stateful=True)
        movement = _Reading(inner, node, moving).movement()
        if movement is not None:
            found[symbol.key] = movement
    return found


def _movements(ctx: Context) -> list[ast.OverTime]:
    return [
        node
        for node in ctx.policy.statements
        if isinstance(node, ast.OverTime) and node.kind == "MOVEMENT_OF"
    ]


@dataclass(slots=True)
class _Reading:
    """A movement while its lines are being read."""

    ctx: Context
    node: ast.OverTime
    moving: Moving
    sound: bool = True
    up: Move | None = None
    down: Move | None = None
    review: Review | None = None
    at_least: KeepAtLeast | None = None
    until: KeepUntil | None = None
    grace: Grace | None = None
    notice: Notice | None = None
    drops: list[Move] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    # Where each thing that may be said once has been said.
    places: dict[str, Span] = field(default_factory=dict)

    def movement(self) -> Movement | None:
        """The whole of it; None after its problems have been reported."""
        for clause in self.node.lines:
            if not self._is_again(clause) and not self._line(clause):
                self.sound = False
        self._check_whole()
        if not self.sound:
            return None
        rule, span = self.moving.rule, self.node.span
        at: Literal["once", "review"] = "once" if self.review is None else "review"
        return Movement(
            self.moving.key,
            self.up or Move(rule("move_up"), "once", span=span),
            self.down or Move(rule("move_down"), at, span=span),
            tuple(self.drops),
            self.review,
            self.at_least,
            self.until,
            self.grace,
            self.notice,
            tuple(self.holds),
            span,
        )

    # ------------------------------------------------------------ lines

    def _is_again(self, clause: ast.Clause) -> bool:
        """Whether a line says what another has said; that is reported."""
        said = _said(clause)
        if said not in _SAID:
            return False
        first = self.places.setdefault(said, clause.span)
        if first is clause.span:
            # Rules are named once in a movement; a label that would give the same name is a clash.
            self.ctx.rules.setdefault(self.moving.rule(_RULES[said]), clause.span)
            return False
        what, what_zh = _SAID[said]
        self.ctx.report.add(
            messages.LINE_TWICE,
            clause.span,
            also=(first,),
            ladder=self.moving.name,
            what=what,
            what_zh=what_zh,
        )
        self.sound = False
        return True

    def _line(self, clause: ast.Clause) -> bool:
        """One line; false after its problem has been reported."""
        read: dict[str, Callable[[ast.Clause], object | None]] = {
            "review": self._review,
            "move_up": self._up,
            "move_down": self._down,
            "keep_a_tier": self._keep,
            "grace": self._grace,
            "notice": self._notice,
            "hold": self._hold,
            "freeze": self._freeze,
        }
        return read[clause.kind](clause) is not None

    def _review(self, clause: ast.Clause) -> Review | None:
        self.review = lower_review(self.ctx, clause, self.moving)
        return self.review

    def _up(self, clause: ast.Clause) -> Move | None:
        self.up = lower_up(self.ctx, clause, self.moving)
        return self.up

    def _down(self, clause: ast.Clause) -> Move | None:
        if is_drop(clause):
            drop = lower_drop(self.ctx, clause, self.moving)
            self.drops += [drop] if drop is not None else []
            return drop
        reviewed = any(line.kind == "review" for line in self.node.lines)
        self.down = lower_down(self.ctx, clause, self.moving, reviewed=reviewed)
        return self.down

    def _keep(self, clause: ast.Clause) -> KeepAtLeast | KeepUntil | None:
        first, *rest = pieces_of(clause)
        lengths = [[lapse(self.ctx, node) for node in piece.lengths()] for piece in (first, *rest)]
        own, later = ((found or [Lapse()])[0] for found in (lengths[0], lengths[1] if rest else []))
        if own is None or later is None:
            return None
        if "AT_LEAST" in first.ids:
            self.at_least = KeepAtLeast(self.moving.rule("keep"), own, clause.span)
            return self.at_least
        part = next((part for id, part in _PARTS.items() if id in first.ids), None)
        self.until = KeepUntil(self.moving.rule("valid"), part or "next year", later, own, clause.span)
        return self.until

    def _grace(self, clause: ast.Clause) -> Grace | None:
        piece = pieces_of(clause)[0]
        length = lapse(self.ctx, piece.lengths()[0])
        to = next((part for id, part in _PARTS.items() if id in piece.ids), None)
        if length is not None:
            self.grace = Grace(self.moving.rule("grace"), length, to, clause.span)
        return self.grace

    def _notice(self, clause: ast.Clause) -> Notice | None:
        length = lapse(self.ctx, pieces_of(clause)[0].lengths()[0])
        if length is not None:
            self.notice = Notice(self.moving.rule("notice"), length, clause.span)
        return self.notice

    def _hold(self, clause: ast.Clause) -> Hold | None:
        piece = pieces_of(clause)[0]
        node, label = piece.expr("HOLD_WHILE"), piece.label()
        rule = named_rule(self.ctx, self.moving, label, node, clause)
        when = condition(self.ctx, node)
        return None if when is None else self._held(Hold(rule, when, None, text(label), clause.span))

    def _freeze(self, clause: ast.Clause) -> Hold | None:
        piece = pieces_of(clause)[0]
        node, label = piece.expr("UNTIL"), piece.label()
        # A date alone makes no name.
        said = label or ast.Label(f"freeze until {condition_slug(node)}")
        rule = named_rule(self.ctx, self.moving, said, None, clause)
        until = expression(self.ctx, node, DATE)
        return None if until is None else self._held(Hold(rule, None, until, text(label), clause.span))

    def _held(self, hold: Hold) -> Hold:
        self.holds.append(hold)
        return hold

    # ------------------------------------------------------------ what lines say together

    def _check_whole(self) -> None:
        """What waits for a review has one, and grace has something to come after."""
        reviewed = "review" in self.places
        for move in (self.up, self.down):
            if move is None or reviewed:
                continue
            words = self.ctx.words(move.span)
            if move.at == "review" or move.after > 1:
                self._say(messages.REVIEW_MISSING, move.span, words)
            elif move is self.up and move.most is not None:
                self._say(messages.STEPS_WITHOUT_REVIEW, move.span, words)
        if "grace" in self.places and not {"at_least", "until"} & set(self.places):
            self._say(messages.GRACE_WITHOUT_PERIOD, self.places["grace"])

    def _say(self, code: Code, span: Span, words: str = "") -> None:
        self.ctx.report.add(code, span, words=words)
        self.sound = False


def _said(clause: ast.Clause) -> str:
    """What a line says, as `_SAID` calls it; a sort of line that may stand several times is not among them."""
    if clause.kind == "keep_a_tier":
        return "at_least" if "AT_LEAST" in pieces_of(clause)[0].ids else "until"
    return "" if is_drop(clause) else clause.kind


# The rule names of what is said once, each behind `movement.LADDER.`.
_RULES = {said: {"at_least": "keep", "until": "valid"}.get(said, said) for said in _SAID}
