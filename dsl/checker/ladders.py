"""Ladders: lines, tables and `like` to one list of tiers, best first, each with the whole condition that
gives it.

Three ways of writing one end in the same model: a threshold becomes a comparison with what the ladder goes
by, a row or a column of a requirement table becomes the conditions of its cells joined by `and`. What must be
true of every ladder is held here: every customer finds a tier (the last is `otherwise`), nothing stands after
it, thresholds go down, and floors and caps name tiers of this ladder.

`like` shares the lines of another ladder: the same tiers, the same thresholds and what is asked beside them,
compared with another figure. Floors and caps are not shared, for they are about a ladder's result and not
about its figure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from dsl import ast
from dsl.checker import bounds, thresholds
from dsl.checker.context import Context, rule_name, text
from dsl.checker.describe import MOST_LISTED, Slots, slots
from dsl.checker.expressions import condition, expression
from dsl.checker.ladder_tables import tiers_of_table
from dsl.checker.names import ladder_of, member_named, member_of
from dsl.messages import ladders as messages
from dsl.model import Compare, Expr, Keep, Ladder, Limit, Logic, Read, Tier
from dsl.source import Span
from dsl.types import YES_NO, Kind, Type


@dataclass(slots=True)
class _Ladder:
    """A ladder while it is being lowered: what its lines are compared with, and the tiers found so far."""

    name: str
    key: str
    type: Type
    by: Expr | None
    span: Span
    tiers: list[Tier] = field(default_factory=list)
    sound: bool = True


def lower_tiers(ctx: Context, node: ast.TiersDecl) -> Ladder | None:
    """One `tiers` statement; None after its problems have been reported."""
    symbol = ctx.symbols.get(node.name.word.text)
    if symbol is None or symbol.node is not node:
        return None
    # A ladder whose tiers could not be gathered is lowered all the same, to say what is wrong with it.
    type = symbol.type or Type(Kind.TIER, owner=symbol.key)
    by = None if node.by is None else _basis(ctx, node.by)
    ladder = _Ladder(symbol.name, symbol.key, type, by, node.name.span)
    ladder.sound = node.by is None or by is not None
    lines = _shared_lines(ctx, node, ladder) if node.like else node.body
    if lines is None:
        return None
    _lower_body(ctx, ladder, lines)
    _check_ending(ctx, ladder)
    if node.like is None:
        _check_use(ctx, node, ladder)
        _check_keep(ctx, node, ladder)
    limits = [_limit(ctx, ladder, line) for line in node.body if isinstance(line, ast.LimitLine)]
    kept = [limit for limit in limits if limit is not None]
    if not ladder.sound or len(kept) < len(limits) or not ladder.tiers:
        return None
    return Ladder(
        name=ladder.name,
        key=ladder.key,
        label=text(node.label),
        span=node.span,
        type=ladder.type,
        tiers=tuple(ladder.tiers),
        floors=tuple(limit for limit in kept if limit.floor),
        caps=tuple(limit for limit in kept if not limit.floor),
        by=by,
    )


def _basis(ctx: Context, node: ast.Expr) -> Expr | None:
    """What a ladder goes by: something that has a size."""
    by = expression(ctx, node)
    if by is not None and not (by.type.kind.numeric or by.type.kind is Kind.DATE):
        ctx.report.add(messages.NOT_A_LADDER_BASIS, node.span, **slots(kind=by.type))
        return None
    return by


# ---------------------------------------------------------------- like


def _shared_lines(
    ctx: Context, node: ast.TiersDecl, ladder: _Ladder
) -> tuple[ast.TierLine | ast.LimitLine | ast.Table, ...] | None:
    """The tier lines of the ladder that `like` names, through as many ladders as it takes."""
    assert node.like is not None
    own = [line for line in node.body if not isinstance(line, ast.LimitLine)]
    if own:
        ctx.report.add(
            messages.LIKE_WITH_TIERS,
            own[0].span,
            also=(node.like.span,),
            ladder=ladder.name,
            other=node.like.text,
        )
        return None
    origin = _origin(ctx, node)
    if origin is None:
        return None
    if node.by is None:
        ctx.report.add(messages.LIKE_WITHOUT_BY, node.like.span, ladder=ladder.name, other=node.like.text)
        return None
    lines = tuple(line for line in origin.body if isinstance(line, ast.TierLine))
    if not any(line.threshold is not None for line in lines):
        ctx.report.add(messages.LIKE_WITHOUT_THRESHOLDS, node.like.span, other=node.like.text)
        return None
    return lines


def _origin(ctx: Context, node: ast.TiersDecl) -> ast.TiersDecl | None:
    """The ladder at the end of a chain of `like`; a chain that comes back is reported once, at the first of
    its ladders.

    Every ladder on the way ends where this one does: noted in `ctx.origins`, so that a long chain is walked
    once and not once for each of its ladders.
    """
    if node.like is not None and ladder_of(ctx, node.like) is None:
        return None
    way: dict[str, ast.TiersDecl] = {}
    at: ast.TiersDecl | None = node
    while at is not None and (like := at.like) is not None:
        name = at.name.word.text
        if name in ctx.origins:
            at = ctx.origins[name]
            break
        if name in way:
            _report_ring(ctx, list(way.values())[list(way).index(name) :])
            at = None
            break
        way[name] = at
        symbol = ctx.symbols.get(like.text)
        at = symbol.node if symbol is not None and isinstance(symbol.node, ast.TiersDecl) else None
    ctx.origins.update(dict.fromkeys(way, at))
    return at


def _report_ring(ctx: Context, ring: list[ast.TiersDecl]) -> None:
    first = min(range(len(ring)), key=lambda at: ring[at].span.start)
    ring = [*ring[first:], *ring[:first]]
    names = [each.name.word.text for each in ring]
    words = " → ".join(f"`{name}`" for name in [*names, names[0]])
    also = tuple(each.name.span for each in ring[1 : MOST_LISTED + 1])
    ctx.report.add(messages.LIKE_RING, ring[0].name.span, also=also, ring=words)


# ---------------------------------------------------------------- tiers


def _lower_body(
    ctx: Context, ladder: _Ladder, body: tuple[ast.TierLine | ast.LimitLine | ast.Table, ...]
) -> None:
    """Every tier in the order written; those whose problems have been reported are left out."""
    seen: dict[str, Span] = {}
    has_table = any(isinstance(line, ast.Table) for line in body)
    previous: tuple[str, thresholds.Start, Span, bool] | None = None
    for line in body:
        match line:
            case ast.LimitLine():
                continue
            case ast.Table():
                if (tiers := tiers_of_table(ctx, line, ladder.key, ladder.name, ladder.type, seen)) is None:
                    ladder.sound = False
                else:
                    ladder.tiers.extend(tiers)
            case ast.TierLine():
                if has_table and not line.otherwise:
                    ctx.report.add(messages.TABLE_MIXED, line.span, ladder=ladder.name)
                    ladder.sound = False
                    continue
                tier = _tier(ctx, ladder, line, seen)
                if tier is None:
                    ladder.sound = False
                    continue
                ladder.tiers.append(tier)
                if tier.threshold is not None:
                    start = thresholds.Start(tier.threshold, tier.over)
                    _check_order(ctx, ladder, line, start, previous)
                    previous = (tier.member.name, start, line.span, line.condition is not None)


def _tier(ctx: Context, ladder: _Ladder, line: ast.TierLine, seen: dict[str, Span]) -> Tier | None:
    """One tier line; None when something in it is wrong."""
    name = line.name.word.text
    member = member_named(ctx, name, ladder.type)
    if member is None:
        # Its declaration was refused when names were gathered, and reported there.
        return None
    if member.key in seen:
        ctx.report.add(
            messages.TIER_TWICE, line.name.span, also=(seen[member.key],), tier=name, ladder=ladder.name
        )
        return None
    seen[member.key] = line.name.span
    if line.otherwise:
        return Tier(member, f"{ladder.key}.{member.key}", None, span=line.span)
    threshold = None
    if line.threshold is not None and (threshold := _threshold(ctx, ladder, name, line.threshold)) is None:
        return None
    whole = _joined(ctx, ladder, threshold, line.over, line.condition, line.span)
    keep = None if line.keep is None else _keep(ctx, ladder, line, threshold)
    if whole is None or (line.keep is not None and keep is None):
        return None
    return Tier(member, f"{ladder.key}.{member.key}", whole, threshold, line.over, keep, line.span)


def _threshold(ctx: Context, ladder: _Ladder, tier: str, node: ast.Expr) -> Expr | None:
    """A threshold of the kind of what the ladder goes by."""
    if ladder.by is None:
        # With a `by` that is wrong itself, that has been said.
        if ladder.sound:
            ctx.report.add(messages.THRESHOLD_WITHOUT_BY, node.span, tier=tier, ladder=ladder.name)
            ladder.sound = False
        return None
    return expression(ctx, node, ladder.by.type)


def _joined(
    ctx: Context, ladder: _Ladder, threshold: Expr | None, over: bool, extra: ast.Expr | None, span: Span
) -> Expr | None:
    """A threshold and what is asked beside it, as one condition."""
    also = None if extra is None else condition(ctx, extra)
    if extra is not None and also is None:
        return None
    if threshold is None or ladder.by is None:
        return also
    reached = Compare(">" if over else ">=", ladder.by, threshold, YES_NO, span)
    return reached if also is None else Logic("and", (reached, also), YES_NO, span)


def _keep(ctx: Context, ladder: _Ladder, line: ast.TierLine, own: Expr | None) -> Keep | None:
    """`keep from X and C`: never more than it takes to reach the tier."""
    assert line.keep is not None
    # The grammar takes `keep` behind a threshold only.
    assert own is not None
    assert line.threshold is not None
    keep, name = line.keep, line.name.word.text
    threshold = _threshold(ctx, ladder, name, keep.threshold)
    whole = (
        None if threshold is None else _joined(ctx, ladder, threshold, keep.over, keep.condition, keep.span)
    )
    if threshold is None or whole is None:
        return None
    starts = thresholds.Start(threshold, keep.over), thresholds.Start(own, line.over)
    if (day := thresholds.out_of_order(*starts, ctx.params, or_equal=not keep.over or line.over)) is not None:
        words: Slots = {
            "keep": ctx.words(keep.threshold.span),
            "threshold": ctx.words(line.threshold.span),
        }
        ctx.report.add(
            messages.KEEP_ABOVE, keep.span, also=(line.threshold.span,), tier=name, **words, hint=_since(day)
        )
        return None
    return Keep(threshold, whole, keep.over)


# ---------------------------------------------------------------- what holds of the whole


def _check_order(
    ctx: Context,
    ladder: _Ladder,
    line: ast.TierLine,
    start: thresholds.Start,
    previous: tuple[str, thresholds.Start, Span, bool] | None,
) -> None:
    """A tier starts below the one before it, or at the same figure where that one asks for something more."""
    assert line.threshold is not None
    name = line.name.word.text
    if thresholds.depends_on_customer(start.at, ctx.params):
        ctx.report.add(messages.THRESHOLD_OPEN, line.threshold.span, tier=name)
        return
    if previous is None:
        return
    other, before, span, asks_more = previous
    if (day := thresholds.out_of_order(start, before, ctx.params, or_equal=asks_more)) is None:
        return
    ladder.sound = False
    ctx.report.add(
        messages.NOT_DESCENDING,
        line.span,
        also=(span,),
        tier=name,
        threshold=ctx.words(line.threshold.span),
        other=other,
        other_threshold=ctx.words(before.at.span),
        hint=_since(day),
    )


def _check_ending(ctx: Context, ladder: _Ladder) -> None:
    """The last tier is `otherwise`, and the only one."""
    tiers = ladder.tiers
    if not tiers:
        if ladder.sound:
            ctx.report.add(messages.NO_TIERS, ladder.span, ladder=ladder.name)
        ladder.sound = False
        return
    ends = [at for at, tier in enumerate(tiers) if tier.condition is None]
    if not ends and ladder.sound:
        # Where a line is already wrong, it may be the very one that should have ended the ladder.
        ctx.report.add(messages.NO_OTHERWISE, tiers[-1].span, ladder=ladder.name, tier=tiers[-1].member.name)
        ladder.sound = False
    if ends and ends[0] < len(tiers) - 1:
        late, end = tiers[ends[0] + 1], tiers[ends[0]]
        ctx.report.add(messages.AFTER_OTHERWISE, late.span, also=(end.span,), tier=late.member.name)
        ladder.sound = False


def _check_use(ctx: Context, node: ast.TiersDecl, ladder: _Ladder) -> None:
    """Warnings: a `by` that nothing is compared with, tiers that the bounds of the figure rule out."""
    if node.by is None or not ladder.sound:
        return
    if not any(tier.threshold for tier in ladder.tiers):
        ctx.report.add(messages.BY_UNUSED, node.by.span, ladder=ladder.name)
    if not isinstance(ladder.by, Read):
        return
    low, high = (thresholds.exact(value) for value in bounds.of(ctx, ladder.by))
    for tier in ladder.tiers:
        if tier.threshold is None or thresholds.depends_on_customer(tier.threshold, ctx.params):
            continue
        figures = [each for each in thresholds.figures(tier.threshold, ctx.params) if each is not None]
        words: Slots = {"tier": tier.member.name, "score": ladder.by.key}
        if high is not None and all(thresholds.above(each, high, tier.over) for each in figures):
            ctx.report.add(messages.NEVER_REACHED, tier.span, **words, bound=high)
        plain = isinstance(tier.condition, Compare)
        if low is not None and plain and all(thresholds.above(low, each, not tier.over) for each in figures):
            ctx.report.add(messages.ALWAYS_REACHED, tier.span, **words, bound=low)
            return


def _check_keep(ctx: Context, node: ast.TiersDecl, ladder: _Ladder) -> None:
    """Warns, once, of `keep from` in a ladder whose tiers nobody holds."""
    keeps = [line.keep for line in node.body if isinstance(line, ast.TierLine) and line.keep is not None]
    if keeps and _nobody_holds(ctx, ladder):
        ctx.report.add(messages.KEEP_WITHOUT_MOVEMENT, keeps[0].span, ladder=ladder.name)


def _nobody_holds(ctx: Context, ladder: _Ladder) -> bool:
    """Whether a ladder has no movement; one whose first line could not be read may be its own."""
    return ladder.key not in ctx.moving and "MOVEMENT_OF" not in ctx.unread_keywords


def _since(day: date) -> tuple[str, str] | None:
    """From when on something is wrong, where it is not from the beginning."""
    return None if day == date.min else (f"this is so from {day} on", f"自 {day} 起如此")


# ---------------------------------------------------------------- floors and caps


def _limit(ctx: Context, ladder: _Ladder, line: ast.LimitLine) -> Limit | None:
    """`at least B when …` or `at most C when …`."""
    when = condition(ctx, line.condition)
    member = member_of(ctx, line.tier, ladder.type)
    if member is None:
        return None
    members = ladder.type.members
    if line.floor and member == members[-1]:
        ctx.report.add(messages.FLOOR_AT_WORST, line.span, tier=member.name)
    if not line.floor and member == members[0]:
        ctx.report.add(messages.CAP_AT_BEST, line.span, tier=member.name)
    rule = rule_name(ctx, ladder.key, line.name, line.reason, line.condition, line.span)
    if line.at_once and line.floor:
        ctx.report.add(messages.FLOOR_AT_ONCE, line.span, tier=member.name)
        return None
    if line.at_once and _nobody_holds(ctx, ladder):
        ctx.report.add(messages.AT_ONCE_WITHOUT_MOVEMENT, line.span, ladder=ladder.name)
    if when is None:
        return None
    return Limit(rule, line.floor, member.key, when, text(line.reason), line.at_once, line.span)
