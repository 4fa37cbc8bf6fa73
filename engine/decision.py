"""A decision: the answer to one question about one customer, in the shape that every caller gets.

The command, the service and the batch give the same object, written by `to_json` and `dumps`; every engine
makes the same one. Values are ready to be shown: decimals with all their digits, durations and dates as ISO
8601 texts, tiers and enumerated values by their key. What is not decided stands as a `Range` or as `Possible`
values, never as a guess.

What every decision holds many of are named tuples: Python makes no other record that cannot be changed as
quickly, and an engine spends most of its time on making them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from json.encoder import encode_basestring
from types import MappingProxyType
from typing import Literal, NamedTuple, assert_never

from engine.movement.answers import OverTime

Status = Literal["decided", "undetermined", "not_applicable"]
Scalar = bool | Decimal | str
Json = None | bool | int | Decimal | str | list["Json"] | dict[str, "Json"]

# A text in JSON: quotes around it, and what has to be escaped, escaped.
quoted = encode_basestring

# Stands among what is possible when it is not known whether the policy applies at all.
NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Range:
    """A value between two ends, both included; None is an open end."""

    min: Decimal | str | None
    max: Decimal | str | None


@dataclass(frozen=True, slots=True)
class Possible:
    """One of several values."""

    values: tuple[Scalar | tuple[Scalar, ...], ...]


@dataclass(frozen=True, slots=True)
class Held:
    """Tags of which some are undecided."""

    held: tuple[str, ...]
    possible: tuple[str, ...]


# A value as it is shown; None is unknown.
Shown = Scalar | tuple[Scalar, ...] | Range | Possible | Held | None

NOTHING: Mapping[str, Shown] = MappingProxyType({})


class TierOutcome(NamedTuple):
    """A ladder's answer. `tier` is None where it is not decided; `possible` then lists what it may be, best
    first.

    `score` is what the ladder's thresholds are compared with, where it has them.
    """

    tier: str | None
    label: str | None
    score: Shown
    possible: tuple[str, ...]


class Reason(NamedTuple):
    """One rule that acted, or may have (`possible`). `facts` are what the rule read, with the values it
    found.

    `about` says on what: a score (`gives` are the points), a ladder, a segment, tags or a value, whose key is
    `key`.
    """

    rule: str
    about: Literal["score", "ladder", "segment", "tags", "value", "applies", "division"]
    key: str
    gives: Shown
    label: str
    facts: Mapping[str, Shown]
    line: int
    possible: bool = False
    owner: str | None = None


class BenefitGrant(NamedTuple):
    """A benefit that is granted, or may be (`possible`). `type` is the type's name in the language, `stage`
    the stage it belongs to.
    """

    benefit: str
    label: str
    stage: str | None
    type: str
    value: Shown
    rule: str
    because: str
    possible: bool = False
    quota: tuple[Decimal, str] | None = None


class AdviceGiven(NamedTuple):
    """What the front line does next. `to` is who takes it: a name, or the names that are possible."""

    action: str
    to: str | Possible | None
    priority: int | None
    rule: str
    possible: bool = False


@dataclass(frozen=True, slots=True)
class FailedCondition:
    """A condition that keeps a better tier away: the `threshold` that it asks for, what is `actual` (None where
    it is not known), both of a `type`, and between sizes the `distance`. `strict` says that the threshold
    itself is not enough (`over 5`): there a distance of nothing is still too short. What is masked does not
    stand there.

    A condition with alternatives has each of them in `any_of`, in the order written: one is enough. An
    alternative that asks for several things at once has those that it lacks in `all_of`.
    """

    rule: str
    condition: str
    threshold: Shown = None
    actual: Shown = None
    distance: Shown = None
    strict: bool = False
    type: str | None = None
    any_of: tuple[FailedCondition, ...] = ()
    all_of: tuple[FailedCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a better tier was not given: what failed, and the benefits that it would bring."""

    ladder: str
    tier: str
    label: str
    failed: tuple[FailedCondition, ...]
    benefits: tuple[BenefitGrant, ...]


class PolicyRef(NamedTuple):
    """Which policy answered. `version` is the store's; None for a text that was not published."""

    name: str
    hash: str
    version: int | None = None


class Decision(NamedTuple):
    """The whole answer. `status` is of the main ladder, else of the first segment or choice; a policy without
    either is decided as soon as it applies.

    `decision_id` and the policy's version are the store's to give. `missing` are unknown facts that something
    undecided has read, `assumed` the defaults that stood in for facts, `why` a sentence where there is no
    plain decision. `why_not` is None unless asked for, `over_time` unless a state was given to a policy that moves.
    """

    policy: PolicyRef
    engine: str
    as_of: date
    status: Status
    customer: str | None = None
    decision_id: str | None = None
    tiers: Mapping[str, TierOutcome] = MappingProxyType({})
    scores: Mapping[str, Shown] = NOTHING
    values: Mapping[str, Shown] = NOTHING
    segments: Mapping[str, Shown] = NOTHING
    tags: Mapping[str, Shown] = NOTHING
    benefits: tuple[BenefitGrant, ...] = ()
    advice: tuple[AdviceGiven, ...] = ()
    reasons: tuple[Reason, ...] = ()
    assumed: Mapping[str, Shown] = NOTHING
    missing: tuple[str, ...] = ()
    why: str | None = None
    why_not: tuple[WhyNot, ...] | None = None
    over_time: OverTime | None = None


def to_json(decision: Decision) -> dict[str, Json]:
    """The decision as JSON values, decimals as `Decimal`; every key is always there (`why_not` and what is said of
    movement when they were asked for).
    """
    answer: dict[str, Json] = {
        "decision_id": decision.decision_id,
        "policy": {
            "name": decision.policy.name,
            "version": decision.policy.version,
            "hash": decision.policy.hash,
        },
        "engine": decision.engine,
        "as_of": decision.as_of.isoformat(),
        "customer": decision.customer,
        "status": decision.status,
        "tiers": {key: tier_json(outcome) for key, outcome in decision.tiers.items()},
        "scores": _shown_all(decision.scores),
        "values": _shown_all(decision.values),
        "segments": _shown_all(decision.segments),
        "tags": _shown_all(decision.tags),
        "benefits": [benefit_json(grant) for grant in decision.benefits],
        "advice": [advice_json(given) for given in decision.advice],
        "reasons": [reason_json(reason) for reason in decision.reasons],
        "assumed": _shown_all(decision.assumed),
        "missing": list(decision.missing),
        "why": decision.why,
    }
    if decision.over_time is not None:
        answer |= decision.over_time.to_json()
    if decision.why_not is not None:
        answer["why_not"] = [_why_not(each) for each in decision.why_not]
    return answer


class Noted(NamedTuple):
    """What is counted and logged of a decision. `tier` is the main ladder's; None where none is decided, or where
    there is no ladder.
    """

    policy: str
    engine: str
    status: Status
    tier: str | None


# A decision as it is sent, in UTF-8, and what is noted of it. A pair and not a record: an engine that writes at once
# would spend a twentieth of its time on making one.
Written = tuple[bytes, Noted]


def written(decision: Decision) -> Written:
    """A decision as it is sent. Half a character, which UTF-8 has no bytes for, becomes `?`."""
    body = json_text(to_json(decision)).encode("utf-8", "replace")
    main = next(iter(decision.tiers.values()), None)
    tier = None if main is None else main.tier
    return body, Noted(decision.policy.name, decision.engine, decision.status, tier)


# Most values are plain, and stand in an answer as they are.
_PLAIN = frozenset({Decimal, str, bool, type(None)})


def shown_json(shown: Shown) -> Json:
    """A value as JSON: plain where it is decided, else `{"min", "max"}`, `{"possible"}` or `{"held",
    "possible"}`.
    """
    if shown.__class__ in _PLAIN:
        return shown  # type: ignore[return-value]
    match shown:
        case Range(low, high):
            return {"min": low, "max": high}
        case Possible(values):
            return {"possible": [shown_json(value) for value in values]}
        case Held(held, possible):
            return {"held": list(held), "possible": list(possible)}
        case tuple():
            return list(shown)
        case None | bool() | Decimal() | str():
            return shown
        case _:
            assert_never(shown)


def _shown_all(values: Mapping[str, Shown]) -> dict[str, Json]:
    return {
        key: value if value.__class__ in _PLAIN else shown_json(value)  # type: ignore[misc]
        for key, value in values.items()
    }


def tier_json(outcome: TierOutcome) -> dict[str, Json]:
    """A ladder's answer as JSON values."""
    return {
        "tier": outcome.tier,
        "label": outcome.label,
        "score": shown_json(outcome.score),
        "possible": list(outcome.possible),
    }


# The word under which a reason says what it gave.
GIVES = {"score": "points", "ladder": "tier", "segment": "outcome", "tags": "outcome", "value": "gives"}


def reason_json(reason: Reason) -> dict[str, Json]:
    """One reason as JSON values."""
    rule, about, key, gives, label, facts, line, possible, owner = reason
    entry: dict[str, Json] = {"rule": rule}
    if about in GIVES:
        entry[about] = key
        entry[GIVES[about]] = shown_json(gives)
    entry["label"] = label
    entry["facts"] = _shown_all(facts)
    entry["line"] = line
    if owner is not None:
        entry["owner"] = owner
    if possible:
        entry["possible"] = True
    return entry


def benefit_json(grant: BenefitGrant) -> dict[str, Json]:
    """One benefit as JSON values."""
    entry: dict[str, Json] = {
        "benefit": grant.benefit,
        "label": grant.label,
        "stage": grant.stage,
        "type": grant.type,
        "value": shown_json(grant.value),
        "rule": grant.rule,
        "because": grant.because,
    }
    if grant.quota is not None:
        entry["quota"] = {"times": grant.quota[0], "per": grant.quota[1]}
    return entry | ({"possible": True} if grant.possible else {})


def advice_json(given: AdviceGiven) -> dict[str, Json]:
    """One advice as JSON values."""
    entry: dict[str, Json] = {
        "action": given.action,
        "to": shown_json(given.to),
        "priority": given.priority,
        "rule": given.rule,
    }
    return entry | ({"possible": True} if given.possible else {})


def _why_not(why_not: WhyNot) -> Json:
    return {
        "ladder": why_not.ladder,
        "tier": why_not.tier,
        "label": why_not.label,
        "failed": [_failed(failed) for failed in why_not.failed],
        "benefits": [benefit_json(grant) for grant in why_not.benefits],
    }


def _failed(failed: FailedCondition) -> Json:
    entry: dict[str, Json] = {
        "rule": failed.rule,
        "condition": failed.condition,
        "threshold": shown_json(failed.threshold),
        "actual": shown_json(failed.actual),
        "distance": shown_json(failed.distance),
    }
    if failed.type is not None:
        entry["type"] = failed.type
    if failed.strict:
        entry["strict"] = True
    for name, parts in (("any_of", failed.any_of), ("all_of", failed.all_of)):
        if parts:
            entry[name] = [_failed(each) for each in parts]
    return entry


def dumps(value: object, indent: int | None = None) -> str:
    """JSON text of such values. Decimals become numbers with all their digits and no exponent; never a float.

    Raises TypeError for what JSON answers of ours never hold, floats among them.
    """
    if indent is None:
        return _on_a_line(value, ", ", ": ")
    return "".join(_written(value, "\n", " " * indent))


def json_text(value: object) -> str:
    """The same without a space between: what the service sends. Raises as `dumps` does."""
    return _on_a_line(value, ",", ":")


def _on_a_line(value: object, comma: str, colon: str) -> str:
    """JSON on one line, quickly: most of an answer is objects, texts and short decimals."""
    kind = value.__class__
    if kind is str:
        return quoted(value)  # type: ignore[arg-type]
    if isinstance(value, Mapping):
        pairs = [f"{quoted(str(key))}{colon}{_on_a_line(each, comma, colon)}" for key, each in value.items()]
        return f"{{{comma.join(pairs)}}}"
    if kind is list or kind is tuple:
        return f"[{comma.join([_on_a_line(each, comma, colon) for each in value])}]"  # type: ignore[attr-defined]
    if kind is Decimal:
        text = str(value)
        if text.replace("-", "").replace(".", "").isdigit():
            return text
    return "".join(_written(value, "", ""))


def _written(value: object, line: str, step: str) -> Iterator[str]:
    match value:
        case None | bool() | int():
            yield json.dumps(value)
        case str():
            yield json.dumps(value, ensure_ascii=False)
        case Decimal() if value.is_finite():
            yield f"{value:f}"
        case Mapping():
            pairs = [(json.dumps(str(key), ensure_ascii=False) + ": ", each) for key, each in value.items()]
            yield from _bracketed("{}", pairs, line, step)
        case list() | tuple():
            yield from _bracketed("[]", [("", each) for each in value], line, step)
        case date():
            yield json.dumps(value.isoformat())
        case _:
            raise TypeError(f"{type(value).__name__} has no place in an answer")


def _bracketed(brackets: str, items: list[tuple[str, object]], line: str, step: str) -> Iterator[str]:
    yield brackets[0]
    inner = line + step
    for number, (head, item) in enumerate(items):
        yield ("," + (inner or " ") if number else inner) + head
        yield from _written(item, inner, step)
    yield (line if items else "") + brackets[1]
