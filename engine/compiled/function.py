"""A whole policy -> one Python function, for one language and one shape of answer.

The function fetches the facts that are read, works everything out in the policy's order, and puts the answer
together. It knows nothing of ranges or sets: it is for customers of whom enough is known. Where that is not
so it raises `Undecided`, and the reference answers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, getcontext, setcontext
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from dsl.model import CheckedPolicy, Expr, Ladder, Read
from dsl.types import Value
from engine import calendar, decision
from engine.compiled import runtime
from engine.compiled.benefits import advise, grant_benefits
from engine.compiled.draft import NAME, Draft, Fragment, Variant
from engine.compiled.expressions import expression
from engine.compiled.parts import work_out
from engine.compiled.shapes import facts_read, mapping, reason, record, shown
from engine.decision import PolicyRef, shown_json
from engine.expressions import parts
from engine.reasons import applies_reason, applies_words
from engine.shown import shown_value
from engine.values import exact, plain_value
from engine.words import member_label

# Facts by key, the keys of those that were assumed, the day, the customer's name. What comes is a `Decision`
# or its JSON values; None where a fact that is read is not there and the function needs all of them.
Function = Callable[[Mapping[str, Value], tuple[str, ...], date, str | None], Any]

# What generated code may name besides its own constants.
TOOLS: Mapping[str, object] = MappingProxyType(
    {
        "Decimal": Decimal,
        "Fraction": Fraction,
        "bisect_left": bisect_left,
        "bisect_right": bisect_right,
        "exact": exact,
        "getcontext": getcontext,
        "new": tuple.__new__,
        "setcontext": setcontext,
        "shown_value": shown_value,
        **{name: getattr(calendar, name) for name in (
            "add_months", "add_seconds", "days_between", "duration_text", "end_of", "period_text", "since",
            "start_of",
        )},
        **{name: getattr(decision, name) for name in (
            "AdviceGiven", "BenefitGrant", "Decision", "NOTHING", "Reason", "TierOutcome",
        )},
        **{name: getattr(runtime, name) for name in (
            "EXACT", "Undecided", "ZERO", "as_decimal", "best", "copied", "ended", "full_steps", "plain",
            "quotient", "round_to", "shown_number", "summed",
        )},
    }
)  # fmt: skip
# No policy has as many ways to be silent that matter for speed.
MOST_ASSUMED = 256


def function(policy: CheckedPolicy, variant: Variant) -> Function:
    """The function that decides by a policy."""
    draft = Draft(policy, variant)
    text = source(draft)
    space: dict[str, Any] = {**TOOLS, **draft.names, "assumed_of": _assumed(policy, variant)}
    exec(compile(text, "<compiled policy>", "exec"), space)
    made: Function = space["decide"]
    return made


def source(draft: Draft) -> str:
    """The text of the function; what it names is then among the draft's names."""
    _body(draft)
    return "\n".join([*_opening(draft), *draft.lines, "    finally:", "        setcontext(before)"])


def _opening(draft: Draft) -> list[str]:
    """The head, the facts and parameters that are read, and numbers that are never rounded."""
    facts = [
        f"        {each.text} = known{_fetched(draft, key, each)}"
        for (of, key), each in draft.variables.items()
        if of == "fact"
    ]
    params = [
        f"    {each.text} = {_in_force(draft, key)}"
        for (of, key), each in draft.variables.items()
        if of == "param" and each.value is None
    ]
    lacking = "return None" if draft.variant.complete else "raise Undecided from None"
    fetched = ["    try:", *facts, "    except KeyError:", f"        {lacking}"] if facts else []
    closing = ["    before = getcontext()", "    setcontext(EXACT)", "    try:"]
    return ["def decide(known, assumed, day, customer):", *fetched, *params, *closing]


def _fetched(draft: Draft, key: str, fact: Fragment) -> str:
    name = draft.constant(key)
    return f".get({name})" if fact.optional else f"[{name}]"


def _in_force(draft: Draft, key: str) -> str:
    """A parameter's value on the day, by bisection over the dates from which it is another."""
    param = draft.policy.params[key]
    dates = [start for start, _ in param.dated]
    values = [plain_value(value) for value in (param.value, *(value for _, value in param.dated))]
    return f"{draft.constant(values)}[bisect_right({draft.constant(dates)}, day)]"


def _assumed(policy: CheckedPolicy, variant: Variant) -> Callable[[tuple[str, ...]], dict[str, Any]]:
    """Defaults as the answer shows them, by the keys of the facts that they stand for; to be copied."""
    every = {
        key: shown_value(exact(fact.default), fact.type)
        for key, fact in policy.facts.items()
        if fact.default is not None
    }
    shape = {key: shown_json(each) if variant.shape == "json" else each for key, each in every.items()}

    @lru_cache(maxsize=MOST_ASSUMED)
    def together(keys: tuple[str, ...]) -> dict[str, Any]:
        return {key: shape[key] for key in keys}

    return together


# ---------------------------------------------------------------- what stands inside


def _body(draft: Draft) -> None:
    policy = draft.policy
    draft.level = 2
    for end, sign in ((policy.start, "<"), (policy.end, ">")):
        if end is not None:
            with draft.block(f"if day {sign} {draft.constant(end)}:"):
                draft.line("raise Undecided")
    if draft.variant.explained:
        draft.line("reasons = []")
        draft.line("told = reasons.append")
    early = policy.applies is not None and all(map(_is_given, parts(policy.applies)))
    if early:
        _applies(draft)
    for key in policy.order:
        work_out(draft, key)
    if not early:
        _applies(draft)
    benefits, advice = grant_benefits(draft), advise(draft)
    reasons = "reasons" if draft.variant.explained else "[]"
    tiers = mapping(draft, ((key, _tier(draft, each)) for key, each in policy.ladders.items()))
    _answer(draft, "decided", tiers, benefits, advice, reasons, "None")


def _is_given(part: Expr) -> bool:
    """Whether an expression reads nothing that has to be worked out."""
    return not isinstance(part, Read) or part.of in ("fact", "param")


def _applies(draft: Draft) -> None:
    """Whether the policy applies at all; where not, that is the answer."""
    policy, lang = draft.policy, draft.variant.lang
    if policy.applies is None:
        return
    holds = draft.refuse_unless_known(expression(draft, policy.applies))
    json = draft.variant.shape == "json"
    none = "{'tier': None, 'label': None, 'score': None, 'possible': []}"
    none = none if json else record("TierOutcome", ("None", "None", "None", "()"))
    with draft.block(f"if not {holds.text}:"):
        reasons = "[]"
        if draft.variant.explained:
            told = applies_reason(draft.situation(), lang)[0]
            reasons = f"[{reason(draft, told, 'None', facts_read(draft, (policy.applies,)))}]"
        tiers = mapping(draft, ((key, none) for key in policy.ladders))
        why = draft.constant(applies_words(policy, lang))
        nobody = "[]" if json else "()"
        _answer(draft, "not_applicable", tiers, nobody, nobody, reasons, why)


def _tier(draft: Draft, ladder: Ladder) -> str:
    own = draft.variables["", ladder.key].text
    labels = {tier.key: member_label(ladder.type, tier.key, draft.variant.lang) for tier in ladder.tiers}
    label = f"{draft.constant(labels)}[{own}]"
    score = "None" if ladder.by is None else shown(draft, expression(draft, ladder.by), ladder.by.type)
    if draft.variant.shape == "decision":
        return record("TierOutcome", (own, label, score, f"({own},)"))
    return f"{{'tier': {own}, 'label': {label}, 'score': {score}, 'possible': [{own}]}}"


def _results(draft: Draft, status: str, declared: Mapping[str, Any]) -> str:
    """What was found of declarations of one kind; nothing where the policy does not apply."""
    if status != "decided":
        return "{}" if draft.variant.shape == "json" else "NOTHING"
    return mapping(
        draft, ((key, shown(draft, draft.variables["", key], each.type)) for key, each in declared.items())
    )


def _answer(
    draft: Draft, status: str, tiers: str, benefits: str, advice: str, reasons: str, why: str
) -> None:
    policy, json = draft.policy, draft.variant.shape == "json"
    scores = _results(draft, status, policy.scores)
    values = _results(draft, status, policy.values)
    segments = _results(draft, status, policy.choices)
    tags = _results(draft, status, policy.tags)
    nested = json and any(isinstance(each.default, tuple) for each in policy.facts.values())
    assumed = "copied(assumed_of(assumed))" if nested else "assumed_of(assumed).copy()"
    name, hash = draft.constant(policy.name), draft.constant(policy.hash)
    if not json:
        ref = draft.constant(PolicyRef(policy.name, policy.hash))
        engine, all_reasons = draft.constant(NAME), f"tuple({reasons})"
        fields = (
            ref, engine, "day", repr(status), "customer", "None", tiers, scores, values, segments, tags,
            benefits, advice, all_reasons, assumed, "()", why, "None", "None",
        )  # fmt: skip
        draft.line(f"return {record('Decision', fields)}")
        return
    entries = {
        "decision_id": "None",
        "policy": f"{{'name': {name}, 'version': None, 'hash': {hash}}}",
        "engine": draft.constant(NAME),
        "as_of": "day.isoformat()",
        "customer": "customer",
        "status": repr(status),
        "tiers": tiers,
        "scores": scores,
        "values": values,
        "segments": segments,
        "tags": tags,
        "benefits": benefits,
        "advice": advice,
        "reasons": reasons,
        "assumed": assumed,
        "missing": "[]",
        "why": why,
    }
    draft.line("return {" + ", ".join(f"{word!r}: {text}" for word, text in entries.items()) + "}")
