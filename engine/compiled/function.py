"""A whole policy -> one Python function, for one language and one shape of answer.

The function fetches the facts that are read, works everything out in the policy's order, and puts the answer
together. It knows nothing of ranges or sets: it is for customers of whom enough is known. Where that is not
so it raises `Undecided`, and the reference answers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from datetime import date
from decimal import getcontext, setcontext
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from dsl import calendar as days
from dsl.model import CheckedPolicy, Read
from dsl.types import Value
from engine import calendar, decision
from engine.compiled import runtime, telling
from engine.compiled.benefits import advise, grant_benefits
from engine.compiled.draft import GIVEN, Draft, Fragment, Variant
from engine.compiled.expressions import expression
from engine.compiled.ladders import outcome
from engine.compiled.movement import asked_before, leave, tell_over_time
from engine.compiled.parts import work_out
from engine.compiled.records import Records
from engine.compiled.shapes import Answered, Part, Shape, names_of
from engine.compiled.texts import Texts
from engine.decision import Shown
from engine.expressions import parts
from engine.masking import masked_word
from engine.movement import answers, states
from engine.movement.states import State
from engine.movement.steps import held_before, move, only_older
from engine.reasons import applies_reason, applies_words
from engine.shown import shown_value
from engine.values import exact, plain_value

# Facts by key, the keys of those that were assumed, the day, the customer's name, the decision's id, the stages
# that are asked for by the key of their fact, and the states of ladders by key. What comes is a `Decision` or what is
# `Written`; None where a fact that is read is not there and the function needs all of them.
Function = Callable[
    [
        Mapping[str, Value],
        tuple[str, ...],
        date,
        str | None,
        str | None,
        Mapping[str, str],
        Mapping[str, State],
    ],
    Any,
]

# What generated code may name besides its own constants.
TOOLS: Mapping[str, object] = MappingProxyType(
    {
        "Fraction": Fraction,
        "bisect_left": bisect_left,
        "bisect_right": bisect_right,
        "getcontext": getcontext,
        "held_before": held_before,
        "move": move,
        "new": tuple.__new__,
        "only_older": only_older,
        "setcontext": setcontext,
        **{name: getattr(days, name) for name in ("add_months", "end_of", "start_of")},
        **{name: getattr(calendar, name) for name in (
            "add_seconds", "days_between", "duration_text", "period_text", "since",
        )},
        **{name: getattr(decision, name) for name in (
            "AdviceGiven", "BenefitGrant", "Decision", "Reason", "TierOutcome", "quoted",
        )},
        **{name: getattr(answers, name) for name in ("LadderMovement", "OverTime")},
        **{name: getattr(runtime, name) for name in runtime.__all__},
        "Outcome": states.Outcome,
        "whole_step": telling.whole_step,
    }
)  # fmt: skip


def function(policy: CheckedPolicy, variant: Variant) -> Function:
    """The function that decides by a policy."""
    draft = Draft(policy, variant)
    text = source(draft)
    assumed = _shape(draft).assumed(_defaults(policy, draft))
    space: dict[str, Any] = {**TOOLS, **draft.names, "assumed_of": assumed}
    exec(compile(text, "<compiled policy>", "exec"), space)
    made: Function = space["decide"]
    return made


def _shape(draft: Draft) -> Shape:
    return Texts(draft) if draft.variant.shape == "text" else Records(draft)


def source(draft: Draft) -> str:
    """The text of the function; what it names is then among the draft's names."""
    _body(_shape(draft))
    opening = _opening(draft)  # before the names are used, since it names the keys of facts
    lines = [f"    {'    ' * level}{text}" for level, text in draft.lines]
    if draft.exact:
        exactly = ["    before = getcontext()", "    setcontext(exact_context())", "    try:"]
        lines = [*exactly, *(f"    {line}" for line in lines), "    finally:", "        setcontext(before)"]
    return "\n".join([*opening, *lines])


def _opening(draft: Draft) -> list[str]:
    """The head, and the facts and parameters that are read."""
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
    held = [
        f"    {each.text} = {asked_before(draft, key)}"
        for (of, key), each in draft.variables.items()
        if of == "held"
    ]
    lacking = "return None" if draft.variant.complete else "raise Undecided from None"
    fetched = ["    try:", *facts, "    except KeyError:", f"        {lacking}"] if facts else []
    return [
        "def decide(known, assumed, day, customer, decision_id, stages, states):",
        *fetched,
        *params,
        *held,
    ]


def _fetched(draft: Draft, key: str, fact: Fragment) -> str:
    name = draft.constant(key)
    return f".get({name})" if fact.optional else f"[{name}]"


def _in_force(draft: Draft, key: str) -> str:
    """A parameter's value on the day, by bisection over the dates from which it is another."""
    param = draft.policy.params[key]
    dates = [start for start, _ in param.dated]
    values = [plain_value(value) for value in (param.value, *(value for _, value in param.dated))]
    return f"{draft.constant(values)}[bisect_right({draft.constant(dates)}, day)]"


def _defaults(policy: CheckedPolicy, draft: Draft) -> dict[str, Shown]:
    """What is told of facts whose default stands in for them."""
    return {
        key: masked_word(draft.variant.lang) if fact.masked else shown_value(exact(fact.default), fact.type)
        for key, fact in policy.facts.items()
        if fact.default is not None
    }


# ---------------------------------------------------------------- what stands inside


def _body(shape: Shape) -> None:
    draft = shape.draft
    policy = draft.policy
    for end, sign in ((policy.start, "<"), (policy.end, ">")):
        if end is not None:
            with draft.block(f"if day {sign} {draft.constant(end)}:"):
                draft.line("raise Undecided")
    shape.begin()
    asked = _known_after(policy)
    if draft.variant.moving and any(key in policy.movements for key in policy.order[:asked]):
        # Whether the policy applies goes by the tier that the facts give, and is known before anybody is moved.
        draft.line("raise Undecided")
        return
    for key in policy.order[:asked]:
        work_out(shape, key)
    _applies(shape)
    for key in policy.order[asked:]:
        work_out(shape, key)
    # What was computed is told first: benefits and advice come after whatever tier is held in the end.
    computed = {
        "tiers": shape.mapping((key, outcome(shape, each)) for key, each in policy.ladders.items()),
        "scores": _results(shape, policy.scores),
        "values": _results(shape, policy.values),
        "segments": _results(shape, policy.choices),
        "tags": _results(shape, policy.tags),
    }
    main = None if policy.main is None else draft.variables["", policy.main.key].text
    follows = {"benefits": grant_benefits(shape), "advice": advise(shape)}
    shape.answer(Answered("decided", computed | follows, tier=main, over_time=tell_over_time(shape)))


def _known_after(policy: CheckedPolicy) -> int:
    """How many of the declarations have to be worked out before it is known whether the policy applies."""
    found = () if policy.applies is None else parts(policy.applies)
    reads = {part.key for part in found if isinstance(part, Read) and part.of not in GIVEN}
    return max((number for number, key in enumerate(policy.order, 1) if key in reads), default=0)


def _applies(shape: Shape) -> None:
    """Whether the policy applies at all; where not, that is the answer."""
    draft = shape.draft
    policy, lang = draft.policy, draft.variant.lang
    if policy.applies is None:
        return
    holds = draft.refuse_unless_known(expression(draft, policy.applies))
    with draft.block(f"if not {holds.text}:"):
        shape.begin()
        shape.tell(applies_reason(draft.situation(), lang)[0], (policy.applies,))
        nothing, nobody = shape.mapping(()), shape.benefits(())
        none = {"tiers": shape.mapping((key, shape.no_tier()) for key in policy.ladders)}
        none |= dict.fromkeys(("scores", "values", "segments", "tags"), nothing)
        none |= dict.fromkeys(("benefits", "advice"), nobody)
        over_time = leave(shape)
        shape.answer(Answered("not_applicable", none, applies_words(policy, lang), over_time=over_time))


def _results(shape: Shape, declared: Mapping[str, Any]) -> Part:
    """What was found of declarations of one kind."""
    draft = shape.draft
    return shape.mapping(
        (key, shape.value(draft.variables["", key], each.type, names_of(draft, each)))
        for key, each in declared.items()
    )
