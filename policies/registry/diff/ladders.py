"""Ladders: thresholds, conditions and what keeps a tier, one tier after the other; floors and caps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from dsl.model import Compare, Expr, Keep, Ladder, Limit, Logic, Tier
from policies.registry.diff import words
from policies.registry.diff.changes import About, Rules, changed
from policies.registry.diff.difference import Difference, Said, plain
from policies.registry.diff.matching import Aspect, Item
from policies.registry.diff.names import Side
from policies.registry.diff.rules import called, condition_aspect, is_written, joined, rest_of, when
from policies.registry.diff.shapes import Shape, reads, shape


def ladder_differences(
    about: About, old: Ladder, new: Ladder, before: Side, after: Side
) -> Iterator[Difference]:
    """What differs in a ladder that both versions have; labels of tiers are compared with its type."""
    if shape(old.by, before.names) != shape(new.by, after.names):
        yield changed(about, "by", words.maybe(old.by, before), words.maybe(new.by, after))
    sides = ((old, before), (new, after))
    tiers = [[_tier(tier, ladder, side) for tier in ladder.tiers] for ladder, side in sides]
    yield from Rules("ladder", tiers, within=about.subject).differences()
    limits = [
        [_limit(limit, ladder, side) for limit in (*ladder.floors, *ladder.caps)] for ladder, side in sides
    ]
    # The highest floor and the lowest cap apply, wherever they stand.
    yield from Rules("ladder", limits, within=about.subject, ordered=None).differences()


# ---------------------------------------------------------------- tiers


def beside(condition: Expr | None, threshold: Expr | None) -> Expr | None:
    """What is asked beside a threshold: the checker puts the threshold first, and joins the rest to it."""
    if threshold is None:
        return condition
    return condition.args[1] if isinstance(condition, Logic) else None


def tier_shape(tier: Tier, side: Side) -> Shape:
    """What a tier asks for."""
    return tuple(aspect.shape for aspect in _aspects(tier, side))


def _tier(tier: Tier, ladder: Ladder, side: Side) -> Item:
    aspects = _aspects(tier, side)

    def content() -> Said:
        start = _start(tier, side)
        rest = beside(tier.condition, tier.threshold)
        if start is None:
            return when(rest, side)
        return start if rest is None else _with(start, rest, side)

    return Item(
        name=side.names.member(ladder.key, tier.key),
        rule=tier.rule,
        aspects=aspects,
        called=lambda: plain(tier.member.name),
        content=content,
        reads=partial(reads, side.names, tier.condition),
        span=tier.span,
    )


def _start(tier: Tier, side: Side) -> Said | None:
    """`from 80`, `over 80`"""
    if tier.threshold is None or tier.over:
        return _threshold(tier.threshold, tier.over, side)
    return joined(words.keyword("FROM"), words.expression(tier.threshold, side))


def _with(start: Said, rest: Expr, side: Side) -> Said:
    """A threshold, and what is asked beside it."""
    return joined(joined(start, words.keyword("AND")), words.expression(rest, side))


def _aspects(tier: Tier, side: Side) -> tuple[Aspect, ...]:
    threshold = (tier.over, shape(tier.threshold, side.names))
    keep = tier.keep
    kept = None if keep is None else _keep_shape(keep, side)
    return (
        Aspect("threshold", threshold, partial(_threshold, tier.threshold, tier.over, side)),
        condition_aspect(beside(tier.condition, tier.threshold), side),
        Aspect("keep", kept, lambda: None if keep is None else _kept(keep, side)),
    )


def _keep_shape(keep: Keep, side: Side) -> Shape:
    """Without what the ladder goes by, which is compared once."""
    rest = beside(keep.condition, keep.threshold)
    return (_is_over(keep), shape(keep.threshold, side.names), shape(rest, side.names))


def _is_over(keep: Keep) -> bool:
    first = keep.condition.args[0] if isinstance(keep.condition, Logic) else keep.condition
    return isinstance(first, Compare) and first.op == ">"


def _threshold(threshold: Expr | None, over: bool, side: Side) -> Said | None:
    if threshold is None or not over:
        return words.maybe(threshold, side)
    return joined(words.keyword("OVER"), words.expression(threshold, side))


def _kept(keep: Keep, side: Side) -> Said:
    start = words.expression(keep.threshold, side)
    start = joined(words.keyword("OVER"), start) if _is_over(keep) else start
    rest = beside(keep.condition, keep.threshold)
    return start if rest is None else _with(start, rest, side)


# ---------------------------------------------------------------- floors and caps


def _limit(limit: Limit, ladder: Ladder, side: Side) -> Item:
    tier = ladder.type.member(limit.tier)
    bound = words.keyword("AT_LEAST" if limit.floor else "AT_MOST")
    name = joined(bound, plain(limit.tier if tier is None else tier.name))

    def content() -> Said:
        return joined(name, when(limit.condition, side))

    at_once = words.keyword("YES" if limit.at_once else "NO")
    key = side.names.member(ladder.key, limit.tier)
    return Item(
        name=rest_of(limit.rule, ladder.key),
        rule=limit.rule,
        aspects=(
            Aspect("limit", (limit.floor, key), lambda: name),
            condition_aspect(limit.condition, side),
            Aspect("at_once", limit.at_once, lambda: at_once),
        ),
        called=partial(called, side, limit.rule, limit.span, limit.label, content),
        content=content,
        label=limit.label,
        reads=partial(reads, side.names, limit.condition),
        written=partial(is_written, side, limit.rule, limit.span),
        span=limit.span,
    )
