"""How far and when customers move: `move up`, `move down`, and `move down at once when`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dsl import ast
from dsl.checker.context import Context, text
from dsl.checker.expressions import condition
from dsl.checker.movement_lines import MOST_REVIEWS, Moving, Piece, count, named_rule, pieces_of
from dsl.checker.names import member_of
from dsl.messages import movement as messages
from dsl.model import Move


@dataclass(slots=True)
class _Steps:
    """What stands behind a move's commas: how far, after how many reviews, never below which tier."""

    most: int | None = None
    after: int = 1
    floor: str | None = None
    sound: bool = True


# What a part behind a comma says, for a second one that says the same.
_SAID: dict[str, tuple[str, str]] = {
    "far": ("how far customers move", "一次变动几级"),
    "AFTER": ("after how many reviews customers move", "几次复核后变动"),
    "NEVER_BELOW": ("below which tier nobody falls", "最低降至哪一级"),
}
MOST_STEPS = 1_000


def lower_up(ctx: Context, clause: ast.Clause, moving: Moving) -> Move | None:
    """`move up at once|at review [, how far]`."""
    head, *rest = pieces_of(clause)
    at: Literal["once", "review"] = "once" if "AT_ONCE" in head.ids else "review"
    steps = _steps(ctx, rest, moving)
    for piece in rest:
        if piece.ids & {"AFTER", "NEVER_BELOW"}:
            ctx.report.add(messages.ONLY_DOWN, piece.span, words=ctx.words(piece.span))
            steps.sound = False
    return Move(moving.rule("move_up"), at, steps.most, span=clause.span) if steps.sound else None


def lower_down(ctx: Context, clause: ast.Clause, moving: Moving, *, reviewed: bool) -> Move | None:
    """`move down …` without a condition; `reviewed` says whether the ladder has reviews, which a silent author means."""
    head, *rest = pieces_of(clause)
    at: Literal["once", "review"] = "review" if reviewed else "once"
    if head.ids & {"AT_ONCE", "AT_REVIEW"}:
        at = "once" if "AT_ONCE" in head.ids else "review"
    steps = _steps(ctx, rest, moving, reached="REACHED" in head.ids)
    if "AT_ONCE" in head.ids:
        _refuse_after(ctx, rest, steps)
    if not steps.sound:
        return None
    return Move(moving.rule("move_down"), at, steps.most, steps.after, steps.floor, span=clause.span)


def lower_drop(ctx: Context, clause: ast.Clause, moving: Moving) -> Move | None:
    """`move down at once when COND ["reason"] [, how far] [, never below C]`."""
    head, *rest = pieces_of(clause)
    node = head.expr("WHEN")
    label = head.label()
    rule = named_rule(ctx, moving, label, node, clause)
    when = condition(ctx, node)
    steps = _steps(ctx, rest, moving)
    _refuse_after(ctx, rest, steps)
    if when is None or not steps.sound:
        return None
    return Move(rule, "once", steps.most, 1, steps.floor, when, text(label), clause.span)


def is_drop(clause: ast.Clause) -> bool:
    """Whether a `move down` line has a condition."""
    return clause.kind == "move_down" and any(
        isinstance(item, ast.KeywordUse) and item.id == "WHEN" for item in clause.items
    )


def _refuse_after(ctx: Context, rest: list[Piece], steps: _Steps) -> None:
    for piece in rest:
        if "AFTER" in piece.ids:
            ctx.report.add(messages.AFTER_AT_ONCE, piece.span, words=ctx.words(piece.span))
            steps.sound = False


def _steps(ctx: Context, rest: list[Piece], moving: Moving, *, reached: bool = False) -> _Steps:
    """The parts behind a move's commas, each said once."""
    steps = _Steps()
    seen = {"far"} if reached else set()
    for piece in rest:
        said = next((id for id in ("AFTER", "NEVER_BELOW") if id in piece.ids), "far")
        if said in seen:
            what, what_zh = _SAID[said]
            ctx.report.add(messages.LINE_TWICE, piece.span, ladder=moving.name, what=what, what_zh=what_zh)
            steps.sound = False
            continue
        seen.add(said)
        if not _step(ctx, piece, moving, steps):
            steps.sound = False
    return steps


def _step(ctx: Context, piece: Piece, moving: Moving, steps: _Steps) -> bool:
    """One part; false after its problem has been reported."""
    number = next((item for item in piece.items if isinstance(item, ast.Number)), None)
    if "ONE_STEP" in piece.ids:
        steps.most = 1
    elif "AFTER" in piece.ids and number is not None:
        after = count(ctx, number, ("reviews", "复核次数"), MOST_REVIEWS)
        steps.after = after or 1
        if after == 1:
            ctx.report.add(messages.AFTER_ONE, piece.span, words=ctx.words(piece.span))
        return after is not None
    elif "AT_MOST" in piece.ids and number is not None:
        steps.most = count(ctx, number, ("steps", "级数"), MOST_STEPS)
        _check_most(ctx, piece, moving, steps.most)
        return steps.most is not None
    elif "NEVER_BELOW" in piece.ids:
        steps.floor = _tier(ctx, piece, moving)
        return steps.floor is not None
    return True


def _check_most(ctx: Context, piece: Piece, moving: Moving, most: int | None) -> None:
    """Warns of a limit that no ladder of so many tiers can reach."""
    tiers = 0 if moving.type is None else len(moving.type.members)
    if most is not None and tiers and most >= tiers - 1:
        words, number = ctx.words(piece.span), str(tiers)
        ctx.report.add(messages.STEPS_ALL, piece.span, ladder=moving.name, tiers=number, words=words)


def _tier(ctx: Context, piece: Piece, moving: Moving) -> str | None:
    word = piece.behind("NEVER_BELOW")
    assert isinstance(word, ast.Word)
    member = None if moving.type is None else member_of(ctx, word, moving.type)
    if member is None or moving.type is None:
        return None
    words = ctx.words(piece.span)
    if member == moving.type.members[-1]:
        ctx.report.add(messages.FLOOR_AT_LAST, piece.span, tier=member.name, words=words)
    elif member == moving.type.members[0]:
        ctx.report.add(messages.FLOOR_AT_FIRST, piece.span, tier=member.name, words=words)
    return member.key
