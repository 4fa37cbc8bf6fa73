"""What a policy works out, in its order: values, scores, ladders, choices, tags."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import assert_never

from dsl.model import (
    Choice,
    Compare,
    DerivedValue,
    Expr,
    Graduated,
    Ladder,
    Limit,
    Outcome,
    Points,
    PointsPer,
    Result,
    Score,
    Table,
    Tags,
    Term,
    Tier,
)
from dsl.types import NUMBER, TEXT
from engine.compiled import tables
from engine.compiled.draft import Draft, Fragment
from engine.compiled.expressions import arithmetic, expression, lifted
from engine.compiled.matching import NOTHING, act_of, first_match
from engine.compiled.shapes import facts_read, reason, reason_of, shown, template
from engine.ladders import member_text
from engine.matching import Act
from engine.values import Known, Unknown

ZERO = Fragment("ZERO", "number", whole=True, plain=True, simple=True, value=Decimal(0))


def work_out(draft: Draft, key: str) -> None:
    """One of the declarations in a policy's order."""
    policy = draft.policy
    if key in policy.values:
        _value(draft, policy.values[key])
    elif key in policy.scores:
        _score(draft, policy.scores[key])
    elif key in policy.ladders:
        _ladder(draft, policy.ladders[key])
    elif key in policy.choices:
        _choice(draft, policy.choices[key])
    else:
        _tags(draft, policy.tags[key])


def tell(draft: Draft, act: Act, gives: str, reads: Sequence[Expr]) -> None:
    """A reason, where reasons are asked for."""
    if draft.variant.explained:
        draft.line(f"told({reason(draft, template(draft, act), gives, facts_read(draft, reads))})")


# ---------------------------------------------------------------- values, choices, tags


def _value(draft: Draft, value: DerivedValue) -> None:
    if isinstance(value.body, Graduated):
        draft.define(value.key, _graduated(draft, value, value.body))
    elif isinstance(value.body, tuple):
        draft.define(value.key, first_match(draft, "value", value.key, value.body, _result, value.type))
    else:
        draft.define(value.key, draft.refuse_unless_known(expression(draft, value.body)))


def _result(draft: Draft, result: Result) -> Fragment:
    return NOTHING if result is None or isinstance(result, Outcome | str) else expression(draft, result)


def _graduated(draft: Draft, value: DerivedValue, body: Graduated) -> Fragment:
    """The part of the quantity in each bracket, at the bracket's rate."""
    total = ZERO
    quantity = draft.refuse_unless_known(expression(draft, body.by))
    for bracket in body.brackets:
        low = ZERO if bracket.low is None else expression(draft, bracket.low)
        top = quantity
        if bracket.high is not None:
            top = arithmetic(draft, "min", [quantity, expression(draft, bracket.high)])
        inside = arithmetic(draft, "max", [arithmetic(draft, "-", [top, low]), ZERO])
        amount = arithmetic(draft, "*", [inside, expression(draft, bracket.rate)])
        amount = draft.refuse_unless_known(amount)
        with draft.block(f"if {amount.text}:"):
            act = Act("value", value.key, bracket.rule, Unknown(), (), bracket.span)
            tell(draft, act, shown(draft, amount, value.type), (body.by,))
            draft.line("pass")
        total = draft.kept(arithmetic(draft, "+", [total, amount]))
    return total


def _choice(draft: Draft, choice: Choice) -> None:
    draft.define(choice.key, first_match(draft, "segment", choice.key, choice.body, _outcome, TEXT))


def _outcome(draft: Draft, result: Result) -> Fragment:
    return draft.literal(result.key) if isinstance(result, Outcome) else NOTHING


def _tags(draft: Draft, tags: Tags) -> None:
    """All that hold, in the order written, each once."""
    held = draft.fresh("h")
    draft.line(f"{held} = {{}}")
    for item in tags.body:
        if not isinstance(item, Table):
            holds = "True"
            if item.condition is not None:
                holds = draft.refuse_unless_known(expression(draft, item.condition)).text
            reads = () if item.condition is None else (item.condition,)
            act = act_of("tags", tags.key, item, item.condition)
            _held(draft, held, holds, item.result, act, reads)
            continue
        heads = tables.heads_of(draft, item)
        bits = tables.row_bits(draft, item, heads)
        for number, row in enumerate(item.rows):
            holds = f"{bits} & {draft.constant(1 << number)}"
            if bits is None:
                holds = draft.refuse_unless_known(tables.row_condition(draft, item, row, heads)).text
            act = act_of("tags", tags.key, row, tuple(zip(item.columns, row.cells, strict=True)))
            _held(draft, held, holds, row.result, act, [column.expr for column in item.columns])
    draft.define(tags.key, Fragment(f"tuple({held})"))


def _held(draft: Draft, held: str, holds: str, result: Result, act: Act, reads: Sequence[Expr]) -> None:
    if isinstance(result, Outcome):
        with draft.block(f"if {holds}:"):
            key = draft.constant(result.key)
            draft.line(f"{held}[{key}] = None")
            tell(draft, act, key, reads)


# ---------------------------------------------------------------- scores


def _score(draft: Draft, score: Score) -> None:
    total = draft.fresh("s")
    draft.line(f"{total} = ZERO")
    whole = True
    for number, part in enumerate(score.parts):
        adds = "=" if number == 0 else "+="
        whole = _part(draft, score, part, f"{total} {adds}") and whole
    sum_ = Fragment(total, "number", whole=whole, plain=whole, simple=True)
    if not whole:
        draft.line(f"{total} = {shown(draft, sum_, NUMBER)}")
        sum_ = Fragment(total, "number", plain=True, simple=True)
    ends = [each for each in (score.low, score.high) if each is not None]
    _bounds(draft, score, sum_)
    if any(end != int(end) for end in ends):
        sum_ = Fragment(total, "number", plain=True, simple=True)
    draft.define(score.key, sum_)


def _bounds(draft: Draft, score: Score, total: Fragment) -> None:
    """Held between the ends; what that changes is a reason too. The upper end has the last word."""
    for end, sign in ((score.low, "<"), (score.high, ">")):
        if end is not None:
            bound = draft.literal(end)
            with draft.block(f"if {total.text} {sign} {bound.text}:"):
                change = arithmetic(draft, "-", [bound, total])
                act = Act("score", score.key, f"{score.key}.bounds", Unknown(), (), score.span)
                tell(draft, act, shown(draft, change, NUMBER), ())
                draft.line(f"{total.text} = {bound.text}")


def _part(draft: Draft, score: Score, part: Term | Points | PointsPer | Table, adds: str) -> bool:
    """Adds a part to the total (`adds` is the beginning of that statement); whether that keeps a whole total
    whole.
    """
    match part:
        case Term():
            points = _signed(draft, part.sign, expression(draft, part.expr))
            return _added(draft, score, part, points, adds, (part.expr,), part.expr)
        case Points():
            holds = draft.refuse_unless_known(expression(draft, part.condition))
            reads = (part.condition, part.points)
            with draft.block(f"if {holds.text}:"):
                points = expression(draft, part.points)
                return _added(draft, score, part, points, adds, reads, part.condition)
        case PointsPer():
            looked = (part.of, part.points, part.step, *([part.cap] if part.cap else []))
            return _added(draft, score, part, _per(draft, part), adds, looked, part.of)
        case Table():
            points = first_match(draft, "score", score.key, (part,), _points, NUMBER, always=False)
            draft.line(f"{adds} {_decimal(draft, points).text}")
            return points.whole
        case _:
            assert_never(part)


def _points(draft: Draft, result: Result) -> Fragment:
    return ZERO if result is None else _decimal(draft, _result(draft, result))


def _decimal(draft: Draft, number: Fragment) -> Fragment:
    """A number as a decimal; a fraction that never ends has no place in a score."""
    if number.sort != "fraction":
        return number
    return lifted(draft, [number], lambda texts: f"ended({texts[0]})", "number", plain=True)


def _signed(draft: Draft, sign: int, number: Fragment) -> Fragment:
    return number if sign > 0 else arithmetic(draft, "neg", [number])


def _added(
    draft: Draft,
    score: Score,
    part: Term | Points | PointsPer,
    points: Fragment,
    adds: str,
    reads: Sequence[Expr],
    condition: Expr,
) -> bool:
    points = draft.refuse_unless_known(_decimal(draft, points))
    act = Act("score", score.key, part.rule, Unknown(), (), part.span, part.label, condition)
    draft.line(f"{adds} {points.text}")
    if draft.variant.explained and points.value != 0:
        with draft.block("if True:" if points.value else f"if {points.text}:"):
            tell(draft, act, shown(draft, points, NUMBER), reads)
    return points.whole


def _per(draft: Draft, part: PointsPer) -> Fragment:
    """Points for each full step, at most the cap."""
    points = arithmetic(draft, "*", [_steps(draft, part), expression(draft, part.points)])
    if part.cap is not None:
        points = arithmetic(draft, "min", [points, expression(draft, part.cap)])
    return _signed(draft, part.sign, points)


def _steps(draft: Draft, part: PointsPer) -> Fragment:
    of, step = expression(draft, part.of), expression(draft, part.step)
    sure = isinstance(step.value, Decimal) and step.value > 0 and of.sort == "number"
    if not sure:
        return draft.kept(
            lifted(draft, [of, step], lambda texts: f"full_steps({', '.join(texts)})", "number", whole=True)
        )
    steps = of
    if step.value != 1 or not of.whole:
        steps = lifted(draft, [of], lambda texts: f"({texts[0]} // {step.text})", "number", whole=True)
    return arithmetic(draft, "max", [steps, ZERO])


# ---------------------------------------------------------------- ladders


def _ladder(draft: Draft, ladder: Ladder) -> None:
    """The first tier whose condition holds; then the highest floor, then the lowest cap that moves it."""
    own = draft.fresh("g")
    if not _by_thresholds(draft, ladder, own):
        _tried(draft, ladder, own)
    rank = {each.key: place for place, each in enumerate(ladder.tiers)}
    _limited(draft, ladder, own, sorted(ladder.floors, key=lambda each: rank[each.tier]))
    _limited(draft, ladder, own, sorted(ladder.caps, key=lambda each: -rank[each.tier]))
    draft.define(ladder.key, Fragment(own, simple=True))


def _act(ladder: Ladder, tier: Tier) -> Act:
    label = member_text(tier.member)
    return Act("ladder", ladder.key, tier.rule, Known(tier.key), (), tier.span, label, tier.condition)


def _by_thresholds(draft: Draft, ladder: Ladder, own: str) -> bool:
    """Finds the tier by bisection, where each but the last begins at a number and nothing else is asked."""
    *higher, last = ladder.tiers
    bounds = [_threshold(draft, ladder, tier) for tier in higher]
    rising = [bound for bound in reversed(bounds) if bound is not None]
    by = None if ladder.by is None else draft.kept(expression(draft, ladder.by))
    sure = by is not None and by.sort == "number" and not by.optional
    if not sure or by is None or ladder.by is None or last.condition is not None or len(rising) < len(bounds):
        return False
    if any(one >= other for one, other in pairwise(rising)):
        return False
    told = [(tier.key, template(draft, _act(ladder, tier))) for tier in reversed(ladder.tiers)]
    found = f"[bisect_right({draft.constant(rising)}, {by.text})]"
    if not draft.variant.explained:
        draft.line(f"{own} = {draft.constant([key for key, _ in told])}{found}")
        return True
    rule, label, line = draft.fresh(), draft.fresh(), draft.fresh()
    rows = [(key, each.rule, each.label, each.line) for key, each in told]
    draft.line(f"{own}, {rule}, {label}, {line} = {draft.constant(rows)}{found}")
    facts = facts_read(draft, (ladder.by,))
    draft.line(f"told({reason_of(draft, told[0][1], (rule, label, line), own, facts)})")
    return True


def _threshold(draft: Draft, ladder: Ladder, tier: Tier) -> Decimal | None:
    """The number from which on a tier is given; None where that is not all of its condition."""
    match tier.condition:
        case Compare(">=", left, right) if left == ladder.by:
            value = expression(draft, right).value
            return value if isinstance(value, Decimal) else None
        case _:
            return None


def _tried(draft: Draft, ladder: Ladder, own: str) -> None:
    """Tries one tier after the other."""
    above: list[Expr] = [] if ladder.by is None else [ladder.by]
    with draft.block("while True:"):
        for tier in ladder.tiers:
            act = _act(ladder, tier)
            if tier.condition is None:
                _reached(draft, own, tier.key, act, above)
                break
            above += [tier.condition] if ladder.by is None else []
            holds = draft.refuse_unless_known(expression(draft, tier.condition))
            with draft.block(f"if {holds.text}:"):
                _reached(draft, own, tier.key, act, (tier.condition,))
        else:
            draft.line("raise Undecided")


def _reached(draft: Draft, own: str, key: str, act: Act, reads: Sequence[Expr]) -> None:
    draft.line(f"{own} = {draft.constant(key)}")
    tell(draft, act, draft.constant(key), reads)
    draft.line("break")


def _limited(draft: Draft, ladder: Ladder, own: str, limits: Sequence[Limit]) -> None:
    """Floors or caps, strongest first: the first that would move the tier and holds. Ranks count from the best."""
    if not limits:
        return
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
                    _reached(draft, own, limit.tier, act, (limit.condition,))
        draft.line("break")
