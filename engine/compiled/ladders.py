"""Ladders, as generated code: the first tier that is reached, by bisection where that can be, and what moves it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from decimal import Decimal
from itertools import pairwise

from dsl.model import Compare, Expr, Ladder, Limit, Tier
from dsl.types import is_whole
from engine.compiled.draft import Draft, Fragment
from engine.compiled.expressions import expression
from engine.compiled.shapes import Part, Shape, template
from engine.decision import TierOutcome
from engine.ladders import member_text
from engine.masking import reads_masked
from engine.matching import Act
from engine.values import Known
from engine.words import member_label


def ladder(shape: Shape, ladder: Ladder) -> None:
    """The first tier whose condition holds; then the highest floor, then the lowest cap that moves it."""
    draft = shape.draft
    own = draft.fresh("g")
    if not _by_thresholds(shape, ladder, own):
        _tried(shape, ladder, own)
    rank = {each.key: place for place, each in enumerate(ladder.tiers)}
    _limited(shape, ladder, own, sorted(ladder.floors, key=lambda each: rank[each.tier]))
    _limited(shape, ladder, own, sorted(ladder.caps, key=lambda each: -rank[each.tier]))
    draft.define(ladder.key, Fragment(own, simple=True))


def outcome(shape: Shape, ladder: Ladder) -> Part:
    """A ladder's tier in the answer, and what its thresholds were compared with."""
    draft = shape.draft
    lang = draft.variant.lang
    tiers = [
        TierOutcome(tier.key, member_label(ladder.type, tier.key, lang), None, (tier.key,))
        for tier in ladder.tiers
    ]
    score = None
    if ladder.by is not None and not reads_masked(ladder.by, draft.policy):
        score = shape.value(expression(draft, ladder.by), ladder.by.type)
    return shape.tier(draft.variables["", ladder.key].text, tiers, score)


def _act(ladder: Ladder, tier: Tier) -> Act:
    label = member_text(tier.member)
    return Act("ladder", ladder.key, tier.rule, Known(tier.key), (), tier.span, label, tier.condition)


def _by_thresholds(shape: Shape, ladder: Ladder, own: str) -> bool:
    """Finds the tier by bisection, where each but the last begins at a number and nothing else is asked."""
    draft = shape.draft
    *higher, last = ladder.tiers
    bounds = [_threshold(draft, ladder, tier) for tier in higher]
    rising = [bound for bound in reversed(bounds) if bound is not None]
    by = None if ladder.by is None else draft.kept(expression(draft, ladder.by))
    sure = by is not None and by.sort in ("number", "int") and not by.optional
    if not sure or by is None or ladder.by is None or last.condition is not None or len(rising) < len(bounds):
        return False
    if any(one >= other for one, other in pairwise(rising)):
        return False
    whole = by.sort == "int" and all(map(is_whole, rising))
    points = draft.constant([int(bound) for bound in rising] if whole else rising)
    number = f"bisect_right({points}, {by.text})"
    keys = [tier.key for tier in reversed(ladder.tiers)]
    if not draft.variant.explained:
        draft.line(f"{own} = {draft.constant(keys)}[{number}]")
        return True
    told = [template(draft, _act(ladder, tier)) for tier in reversed(ladder.tiers)]
    shape.tell_row(own, keys, told, number, (ladder.by,), nullcontext())
    return True


def _threshold(draft: Draft, ladder: Ladder, tier: Tier) -> Decimal | None:
    """The number from which on a tier is given; None where that is not all of its condition."""
    match tier.condition:
        case Compare(">=", left, right) if left == ladder.by:
            value = expression(draft, right).value
            return value if isinstance(value, Decimal) else None
        case _:
            return None


def _tried(shape: Shape, ladder: Ladder, own: str) -> None:
    """Tries one tier after the other."""
    draft = shape.draft
    above: list[Expr] = [] if ladder.by is None else [ladder.by]
    with draft.block("while True:"):
        for tier in ladder.tiers:
            act = _act(ladder, tier)
            if tier.condition is None:
                _reached(shape, own, tier.key, act, above)
                break
            above += [tier.condition] if ladder.by is None else []
            holds = draft.refuse_unless_known(expression(draft, tier.condition))
            with draft.block(f"if {holds.text}:"):
                _reached(shape, own, tier.key, act, (tier.condition,))
        else:
            draft.line("raise Undecided")


def _reached(shape: Shape, own: str, key: str, act: Act, reads: Sequence[Expr]) -> None:
    draft = shape.draft
    draft.line(f"{own} = {draft.constant(key)}")
    shape.tell(template(draft, act), reads)
    draft.line("break")


def _limited(shape: Shape, ladder: Ladder, own: str, limits: Sequence[Limit]) -> None:
    """Floors or caps, strongest first: the first that would move the tier and holds. Ranks count from the best."""
    if not limits:
        return
    draft = shape.draft
    keys = [tier.key for tier in ladder.tiers]
    with draft.block("while True:"):
        for limit in limits:
            place = keys.index(limit.tier)
            moved = frozenset(keys[place + 1 :] if limit.floor else keys[:place])
            with draft.block(f"if {own} in {draft.constant(moved)}:"):
                holds = draft.refuse_unless_known(expression(draft, limit.condition))
                act = Act(
                    "ladder", ladder.key, limit.rule, Known(limit.tier), (), limit.span, limit.label,
                    limit.condition,
                )  # fmt: skip
                with draft.block(f"if {holds.text}:"):
                    _reached(shape, own, limit.tier, act, (limit.condition,))
        draft.line("break")
