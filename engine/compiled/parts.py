"""What a policy works out, in its order: values, scores, choices, tags (for ladders see `ladders.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import assert_never

from dsl.model import (
    Choice,
    DerivedValue,
    Expr,
    Graduated,
    Line,
    Outcome,
    Points,
    PointsPer,
    Result,
    Row,
    Score,
    Table,
    Tags,
    Term,
)
from dsl.types import NUMBER, TEXT, is_whole
from engine.compiled import tables
from engine.compiled.draft import Draft, Fragment
from engine.compiled.expressions import arithmetic, as_decimal, as_int, expression, lifted
from engine.compiled.ladders import ladder
from engine.compiled.matching import NOTHING, act_of, first_match
from engine.compiled.movement import follow
from engine.compiled.shapes import Shape, names_of, template
from engine.matching import Act
from engine.values import Known, Unknown, exact

ZERO = Fragment("ZERO", "number", whole=True, plain=True, simple=True, value=Decimal(0))


def work_out(shape: Shape, key: str) -> None:
    """One of the declarations in a policy's order."""
    policy = shape.draft.policy
    if key in policy.values:
        _value(shape, policy.values[key])
    elif key in policy.scores:
        _score(shape, policy.scores[key])
    elif key in policy.ladders:
        ladder(shape, policy.ladders[key])
        follow(shape, policy.ladders[key])
    elif key in policy.choices:
        _choice(shape, policy.choices[key])
    else:
        _tags(shape, policy.tags[key])


# ---------------------------------------------------------------- values, choices, tags


def _value(shape: Shape, value: DerivedValue) -> None:
    draft = shape.draft
    if isinstance(value.body, Graduated):
        draft.define(value.key, _graduated(shape, value, value.body))
    elif isinstance(value.body, tuple):
        names = names_of(draft, value)
        draft.define(
            value.key, first_match(shape, "value", value.key, value.body, _result, value.type, names)
        )
    else:
        draft.define(value.key, draft.refuse_unless_known(expression(draft, value.body)))


def _result(draft: Draft, result: Result) -> Fragment:
    return NOTHING if result is None or isinstance(result, Outcome | str) else expression(draft, result)


def _graduated(shape: Shape, value: DerivedValue, body: Graduated) -> Fragment:
    """The part of the quantity in each bracket, at the bracket's rate."""
    draft, total = shape.draft, ZERO
    quantity = draft.refuse_unless_known(expression(draft, body.by))
    for bracket in body.brackets:
        low = ZERO if bracket.low is None else expression(draft, bracket.low)
        top = quantity
        if bracket.high is not None:
            top = arithmetic(draft, "min", [quantity, expression(draft, bracket.high)])
        inside = arithmetic(draft, "max", [arithmetic(draft, "-", [top, low]), ZERO])
        amount = arithmetic(draft, "*", [inside, expression(draft, bracket.rate)])
        amount = draft.refuse_unless_known(amount)
        if draft.variant.explained:
            with draft.block(f"if {amount.text}:"):
                act = Act("value", value.key, bracket.rule, Unknown(), (), bracket.span)
                shape.tell(template(draft, act), (body.by,), shape.value(amount, value.type))
        total = draft.kept(arithmetic(draft, "+", [total, amount]))
    return total


def _choice(shape: Shape, choice: Choice) -> None:
    found = first_match(shape, "segment", choice.key, choice.body, _outcome, TEXT)
    shape.draft.define(choice.key, found)


def _outcome(draft: Draft, result: Result) -> Fragment:
    return draft.literal(result.key) if isinstance(result, Outcome) else NOTHING


def _tags(shape: Shape, tags: Tags) -> None:
    """All that hold, in the order written, each once."""
    draft = shape.draft
    held = draft.fresh("h")
    draft.line(f"{held} = {{}}")
    for item in tags.body:
        if not isinstance(item, Table):
            holds = "True"
            if item.condition is not None:
                holds = draft.refuse_unless_known(expression(draft, item.condition)).text
            reads = () if item.condition is None else (item.condition,)
            _held(shape, held, holds, item.result, _tag(tags, item, item.condition), reads)
            continue
        heads = tables.heads_of(draft, item)
        bits = tables.row_bits(draft, item, heads)
        for number, row in enumerate(item.rows):
            holds = f"{bits} & {draft.constant(1 << number)}"
            if bits is None:
                holds = draft.refuse_unless_known(tables.row_condition(draft, item, row, heads)).text
            act = _tag(tags, row, tuple(zip(item.columns, row.cells, strict=True)))
            _held(shape, held, holds, row.result, act, [column.expr for column in item.columns])
    draft.define(tags.key, Fragment(f"tuple({held})"))


def _tag(tags: Tags, rule: Line | Row, condition: object) -> Act:
    gives = Known(rule.result.key) if isinstance(rule.result, Outcome) else Unknown()
    return act_of("tags", tags.key, rule, condition, gives)


def _held(shape: Shape, held: str, holds: str, result: Result, act: Act, reads: Sequence[Expr]) -> None:
    draft = shape.draft
    if isinstance(result, Outcome):
        with draft.block(f"if {holds}:"):
            draft.line(f"{held}[{draft.constant(result.key)}] = None")
            shape.tell(template(draft, act), reads)


# ---------------------------------------------------------------- scores


def _score(shape: Shape, score: Score) -> None:
    """The sum of its parts, in Python's whole numbers where all of them are whole."""
    draft = shape.draft
    total = draft.fresh("s")
    if not score.parts or isinstance(score.parts[0], Points):
        draft.line(f"{total} = 0")
    whole = True
    for number, part in enumerate(score.parts):
        adds = "=" if number == 0 else "+="
        whole = _part(shape, score, part, f"{total} {adds}") and whole
    whole = whole and all(end is None or is_whole(end) for end in (score.low, score.high))
    if not whole:
        draft.exact = True
        draft.line(f"{total} = plain({total})")
    sum_ = Fragment(total, "int" if whole else "number", whole=whole, plain=True, simple=True)
    _bounds(shape, score, sum_)
    draft.define(score.key, sum_)


def _bounds(shape: Shape, score: Score, total: Fragment) -> None:
    """Held between the ends; what that changes is a reason too. The upper end has the last word."""
    draft = shape.draft
    for end, sign in ((score.low, "<"), (score.high, ">")):
        if end is None:
            continue
        bound = draft.literal(end)
        bound = as_int(draft, bound) if total.sort == "int" else bound
        with draft.block(f"if {total.text} {sign} {bound.text}:"):
            act = Act("score", score.key, f"{score.key}.bounds", Unknown(), (), score.span)
            change = arithmetic(draft, "-", [bound, total])
            shape.tell(template(draft, act), (), shape.value(change, NUMBER))
            draft.line(f"{total.text} = {bound.text}")


def _part(shape: Shape, score: Score, part: Term | Points | PointsPer | Table, adds: str) -> bool:
    """Adds a part to the total (`adds` is the beginning of that statement); whether that keeps a whole total
    whole.
    """
    draft = shape.draft
    match part:
        case Term():
            points = _signed(draft, part.sign, expression(draft, part.expr))
            return _added(shape, score, part, points, adds, (part.expr,), part.expr)
        case Points():
            holds = draft.refuse_unless_known(expression(draft, part.condition))
            reads = (part.condition, part.points)
            with draft.block(f"if {holds.text}:"):
                points = expression(draft, part.points)
                return _added(shape, score, part, points, adds, reads, part.condition)
        case PointsPer():
            looked = (part.of, part.points, part.step, *([part.cap] if part.cap else []))
            return _added(shape, score, part, _per(draft, part), adds, looked, part.of)
        case Table():
            points = first_match(shape, "score", score.key, (part,), _points, NUMBER)
            draft.line(f"{adds} {points.text}")
            return points.whole
        case _:
            assert_never(part)


def _points(draft: Draft, result: Result) -> Fragment:
    return ZERO if result is None else as_points(draft, _result(draft, result))


def as_points(draft: Draft, number: Fragment) -> Fragment:
    """A number as it can be added up: a fraction that never ends has no place in a score."""
    return as_int(draft, number) if number.whole else as_decimal(draft, number)


def _signed(draft: Draft, sign: int, number: Fragment) -> Fragment:
    return number if sign > 0 else arithmetic(draft, "neg", [number])


def _added(
    shape: Shape,
    score: Score,
    part: Term | Points | PointsPer,
    points: Fragment,
    adds: str,
    reads: Sequence[Expr],
    condition: Expr,
) -> bool:
    draft = shape.draft
    points = draft.refuse_unless_known(as_points(draft, points))
    gives = Unknown() if points.value is None else Known(exact(points.value))
    act = Act("score", score.key, part.rule, gives, (), part.span, part.label, condition)
    draft.line(f"{adds} {points.text}")
    if points.value is not None and points.value != 0:
        shape.tell(template(draft, act), reads)
    elif points.value is None and draft.variant.explained:
        with draft.block(f"if {points.text}:"):
            shape.tell(template(draft, act), reads, shape.value(points, NUMBER))
    return points.whole


def _per(draft: Draft, part: PointsPer) -> Fragment:
    """Points for each full step, at most the cap."""
    points = arithmetic(draft, "*", [_steps(draft, part), expression(draft, part.points)])
    if part.cap is not None:
        points = arithmetic(draft, "min", [points, expression(draft, part.cap)])
    return _signed(draft, part.sign, points)


def _steps(draft: Draft, part: PointsPer) -> Fragment:
    of, step = expression(draft, part.of), expression(draft, part.step)
    sure = isinstance(step.value, Decimal) and step.value > 0 and of.sort != "fraction"
    if not sure:
        return lifted(draft, [of, step], lambda texts: f"full_steps({', '.join(texts)})", "int")
    of = draft.kept(of)
    whole = of.whole and step.whole
    draft.exact = draft.exact or not whole
    none = "0" if of.sort == "int" else "ZERO"

    def steps(texts: Sequence[str]) -> str:
        own = f"int({texts[0]})" if whole and of.sort != "int" else texts[0]
        full = own
        if step.value != 1 or not whole:
            full = f"{own} // {as_int(draft, step).text}" if whole else f"int({own} // {step.text})"
        return f"({full} if {texts[0]} > {none} else 0)"

    return lifted(draft, [of], steps, "int")
