"""What values, choices and tags give, each with the rules that brought it about."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.model import (
    Choice,
    DerivedValue,
    Graduated,
    Outcome,
    Result,
    Tags,
)
from engine import ranges
from engine.expressions import (
    Situation,
    evaluate,
)
from engine.matching import (
    Act,
    Candidate,
    Found,
    acts_of,
    candidates,
    first_match,
    result_of,
    settled,
    why_open,
)
from engine.values import (
    FALSE,
    TRUE,
    ZERO,
    Domain,
    Known,
    Tagged,
    Unknown,
)


def derive(value: DerivedValue, at: Situation) -> Found:
    """A derived value."""
    if isinstance(value.body, Graduated):
        return _graduated(value.key, value.body, at)
    if not isinstance(value.body, tuple):
        return evaluate(value.body, at), ()
    return derive_by(value, candidates(value.body, at), at)


def derive_by(value: DerivedValue, lines: Iterable[Candidate], at: Situation) -> Found:
    """A derived value by its lines."""
    found = first_match(lines)
    acts = acts_of("value", value.key, found, lambda result: result_of(result, at))
    return settled(found, acts), acts


def _graduated(key: str, body: Graduated, at: Situation) -> Found:
    quantity = evaluate(body.by, at)
    acts = []
    for bracket in body.brackets:
        low = ZERO if bracket.low is None else evaluate(bracket.low, at)
        high = None if bracket.high is None else evaluate(bracket.high, at)
        top = quantity if high is None else ranges.extreme([quantity, high], min)
        part = ranges.extreme([ranges.add([top, ranges.negate(low)]), ZERO], max)
        amount = ranges.multiply([part, evaluate(bracket.rate, at)])
        if amount != ZERO:
            certain = isinstance(amount, Known)
            acts.append(Act("value", key, bracket.rule, amount, (body.by,), bracket.span, certain=certain))
    return ranges.add([act.gives for act in acts]), tuple(acts)


def choice(declared: Choice, at: Situation) -> Found:
    """The outcome of a segment or a choice, or the outcomes that are possible."""
    return choice_by(declared, candidates(declared.body, at))


def choice_by(declared: Choice, lines: Iterable[Candidate]) -> Found:
    """The same by its lines."""
    found = first_match(lines, declared.exactly_one)
    acts = acts_of("segment", declared.key, found, _outcome)
    return settled(found, acts), acts


def _outcome(result: Result) -> Domain:
    return Known(result.key) if isinstance(result, Outcome) else Unknown()


def tags(declared: Tags, at: Situation) -> Found:
    """Every tag that holds, and every tag that may."""
    return tags_by(declared, candidates(declared.body, at))


def tags_by(declared: Tags, lines: Iterable[Candidate]) -> Found:
    """The same by its lines."""
    found = [each for each in lines if each.holds != FALSE]
    found = [each for each in found if isinstance(each.result, Outcome)]
    held = _tag_keys(each for each in found if each.holds == TRUE)
    possible = tuple(
        key for key in _tag_keys(each for each in found if each.holds != TRUE) if key not in held
    )
    open_ = [each for each in found if each.holds != TRUE and _tag_keys([each])[0] in possible]
    acts = tuple(
        act
        for each in found
        if each.holds == TRUE or each in open_
        for act in acts_of("tags", declared.key, [each], _outcome)
    )
    if not possible:
        return Known(held), acts
    return Tagged(held, possible, why_open(open_)), acts


def _tag_keys(found: Iterable[Candidate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.result.key for each in found if isinstance(each.result, Outcome)))
