"""The oracle: a policy's meaning in the plainest code there is, and the yardstick of every other engine.

A decision is made in the order in which the checker has put the declarations, so that each finds ready what
it reads. Then the answer is put together: what was found, what is granted and advised by it, why, and which
unknown facts stand behind whatever is undecided.

Where a state is given, a ladder that moves is followed as soon as it is worked out, and the tier held takes its
place in everything after it: values, other ladders, benefits, advice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from dsl.diagnostics import Lang
from dsl.model import Advice, CheckedPolicy, Ladder
from dsl.types import TEXT, Type
from engine import ladders, rules, scores
from engine.answers import advice_given, benefit_grant
from engine.benefits import Granted, granted
from engine.decision import (
    NOT_APPLICABLE,
    Decision,
    Held,
    PolicyRef,
    Possible,
    Shown,
    Status,
    TierOutcome,
)
from engine.explain import why_not
from engine.expressions import Situation, evaluate
from engine.facts import Facts
from engine.masking import masked_word, reads_masked
from engine.matching import Act
from engine.movement.outcomes import Followed, Following, States, held_by_ladder, moving_ladder
from engine.movement.states import Override
from engine.movement.told import movement_reasons, over_time, told
from engine.reasons import applies_reason, applies_words, division_words, reasons
from engine.shown import shown, shown_value
from engine.values import (
    FALSE,
    TRUE,
    Cause,
    Causes,
    DivisionByZero,
    Domain,
    Known,
    Tagged,
    exact,
    joined,
    possible,
)
from engine.wording import in_lang, texts_of
from engine.words import member_label

NAME = "reference"
Explain = Literal["none", "reasons", "full"]


class Question(NamedTuple):
    """How the answer is to be given: its language, how much is explained, and for which stage (`at`) benefits
    are asked.

    `states` asks for movement: where the customer stands on each ladder, nothing for one on which he has not
    stood yet; None does not ask. `override` is a new one, for the main ladder that moves.
    """

    lang: Lang = "en"
    explain: Explain = "reasons"
    at: str | None = None
    customer: str | None = None
    states: States | None = None
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that was found: results by key in the situation, whether the policy applies, the rules that
    acted, and what movement did to each ladder that moves.
    """

    at: Situation
    applies: Domain
    acts: tuple[Act, ...]
    granted: tuple[Granted, ...] = ()
    advice: tuple[tuple[Advice, Domain], ...] = field(default=())
    followed: tuple[Followed, ...] = ()

    @property
    def causes(self) -> Causes:
        """Why anything that the answer shows is undecided."""
        return (
            self.applies.causes
            | joined(self.at.results.values())
            | frozenset(cause for each in self.granted for cause in each.causes)
            | joined(holds for _, holds in self.advice)
            | frozenset(cause for each in self.followed for cause in each.doubts)
        )


def decide(policy: CheckedPolicy, facts: Facts, as_of: date, question: Question) -> Decision:
    """The decision on one customer on one day.

    Raises `FactsError` where `question.at` names no stage, and for the state of a later day.
    """
    at = Situation(policy, facts, as_of)
    outside = out_of_force(policy, as_of, question.lang)
    if outside is not None:
        return not_applicable(at, question, outside, followed=_moved(at, (), question, FALSE)[2])
    acts = tuple(worked_out(at))
    applies = TRUE if policy.applies is None else evaluate(policy.applies, at)
    at, acts, followed = _moved(at, acts, question, applies)
    if _holds_a_tier(followed, policy):
        applies = TRUE  # whoever holds a tier, by movement or by hand, is graded
    if applies == FALSE:
        why = applies_words(policy, question.lang)
        return not_applicable(at, question, why, by_condition=True, followed=followed)
    found = Found(at, applies, acts, granted(at, question.at), tuple(_advice(at)), followed)
    return answer(found, question)


def _moved(
    at: Situation, acts: tuple[Act, ...], question: Question, applies: Domain
) -> tuple[Situation, tuple[Act, ...], tuple[Followed, ...]]:
    """The same once more, with the ladders that move followed from the states that the question gives."""
    if question.states is None or not at.policy.movements:
        return at, acts, ()
    following = Following(question.states, question.override, applies)
    held = held_by_ladder(question.states, at.policy, at.day)
    there = Situation(at.policy, at.facts, at.day, held=held)
    return there, tuple(worked_out(there, following)), tuple(following.found)


def _holds_a_tier(followed: Iterable[Followed], policy: CheckedPolicy) -> bool:
    """Whether the customer holds a tier of the main ladder that moves."""
    main = moving_ladder(policy)
    return any(each.ladder is main and each.moved.held is not None for each in followed)


def worked_out(at: Situation, following: Following | None = None) -> Iterator[Act]:
    """Fills in the situation's results in their order, and gives the rules that acted; what moves is followed."""
    policy = at.policy
    for key in policy.order:
        if key in policy.values:
            result, acts = rules.derive(policy.values[key], at)
        elif key in policy.scores:
            result, acts = scores.score(policy.scores[key], at)
        elif key in policy.ladders:
            result, acts = ladders.tier(policy.ladders[key], at)
            if following is not None:
                result = following.tier(policy.ladders[key], result, at)
        elif key in policy.choices:
            result, acts = rules.choice(policy.choices[key], at)
        else:
            result, acts = rules.tags(policy.tags[key], at)
        at.results[key] = result
        yield from acts


def _advice(at: Situation) -> Iterator[tuple[Advice, Domain]]:
    """Advice that holds or may hold, by priority; advice without one comes last."""
    weighed = [
        (each, TRUE if each.condition is None else evaluate(each.condition, at)) for each in at.policy.advice
    ]
    weighed.sort(key=lambda each: (each[0].priority is None, each[0].priority or 0))
    return ((each, holds) for each, holds in weighed if holds != FALSE)


# ---------------------------------------------------------------- the answer


def answer(found: Found, question: Question) -> Decision:
    at, lang = found.at, question.lang
    policy, results = at.policy, at.results
    status = _status(found)
    explained = question.explain != "none"
    first = applies_reason(at, lang) if explained and found.applies != TRUE else ()
    moved = told(found.followed, at, lang)
    last = movement_reasons(moved, at, lang) if explained else ()
    return Decision(
        policy=PolicyRef(policy.name, policy.hash, policy.version),
        engine=NAME,
        as_of=at.day,
        status=status,
        customer=question.customer,
        tiers={key: _tier(ladder, found, lang) for key, ladder in policy.ladders.items()},
        scores={key: shown(results[key], each.type) for key, each in policy.scores.items()},
        values={
            key: in_lang(shown(results[key], each.type), texts_of(each, policy), lang)
            for key, each in policy.values.items()
        },
        segments={
            key: in_lang(_segment(results[key], each.type, found), texts_of(each, policy), lang)
            for key, each in policy.choices.items()
        },
        tags={
            key: in_lang(_tags(results[key], found), texts_of(each, policy), lang)
            for key, each in policy.tags.items()
        },
        benefits=tuple(benefit_grant(each, at, lang, found.applies != TRUE) for each in found.granted),
        advice=tuple(
            advice_given(each, at, lang, doubtful=not holds == found.applies == TRUE)
            for each, holds in found.advice
        ),
        reasons=(*first, *reasons(found.acts, found.causes, at, lang), *last) if explained else (),
        assumed=_assumed(at, lang),
        missing=tuple(_facts_in(found.causes, policy)),
        why=None if status == "decided" else _why_undetermined(found, lang),
        why_not=why_not(at, found.granted, question.at, lang) if question.explain == "full" else None,
        over_time=over_time(moved, at, lang),
    )


def not_applicable(
    at: Situation,
    question: Question,
    why: str,
    *,
    by_condition: bool = False,
    followed: tuple[Followed, ...] = (),
) -> Decision:
    """The answer for those whom the policy does not grade. That is not the lowest tier: there is none."""
    explained = by_condition and question.explain != "none"
    return Decision(
        policy=PolicyRef(at.policy.name, at.policy.hash, at.policy.version),
        engine=NAME,
        as_of=at.day,
        status="not_applicable",
        customer=question.customer,
        tiers={key: TierOutcome(None, None, None, ()) for key in at.policy.ladders},
        reasons=applies_reason(at, question.lang) if explained else (),
        assumed=_assumed(at, question.lang),
        why=why,
        why_not=() if question.explain == "full" else None,
        over_time=over_time(told(followed, at, question.lang), at, question.lang),
    )


def out_of_force(policy: CheckedPolicy, day: date, lang: Lang) -> str | None:
    """The sentence for a day on which the policy does not hold."""
    if policy.start is not None and day < policy.start:
        return (
            f"the policy holds from {policy.start} on" if lang == "en" else f"本政策自 {policy.start} 起生效"
        )
    if policy.end is not None and day > policy.end:
        return f"the policy held until {policy.end}" if lang == "en" else f"本政策已于 {policy.end} 失效"
    return None


def _status(found: Found) -> Status:
    headline = found.at.policy.headline
    undecided = found.applies != TRUE or (
        headline is not None and not isinstance(found.at.results[headline.key], Known)
    )
    return "undetermined" if undecided else "decided"


def _why_undetermined(found: Found, lang: Lang) -> str:
    """What the status waits for."""
    policy, headline = found.at.policy, found.at.policy.headline
    causes = found.applies.causes
    start = ("it is not known whether the policy applies: ", "尚不能确定本政策是否适用：")
    if found.applies == TRUE and headline is not None:
        causes = found.at.results[headline.key].causes
        start = (f"`{headline.name}` is not decided: ", f"`{headline.name}` 尚不能确定：")
    facts = [f"`{policy.facts[key].name}`" for key in _facts_in(causes, policy)]
    lacking = {"en": f"{', '.join(facts)} not known", "zh": f"{'、'.join(facts)} 未知"}[lang]
    told = [lacking] if facts else []
    spans = {cause.span for cause in causes if isinstance(cause, DivisionByZero)}
    in_place = sorted(spans, key=lambda span: (span.file, span.start))
    # The same division may stand in several places: said once, it is said.
    told += dict.fromkeys(division_words(policy, span, lang) for span in in_place)
    return start[lang == "zh"] + ("; " if lang == "en" else "；").join(told)


def _facts_in(causes: Iterable[Cause], policy: CheckedPolicy) -> Iterator[str]:
    """The facts among the causes, in declaration order."""
    named = frozenset(causes)
    return (key for key in policy.facts if key in named)


def _assumed(at: Situation, lang: Lang) -> dict[str, Shown]:
    facts = at.policy.facts
    return {
        key: masked_word(lang)
        if facts[key].masked
        else shown_value(exact(at.facts.known[key]), facts[key].type)
        for key in at.facts.assumed
    }


# ---------------------------------------------------------------- its parts


def _tier(ladder: Ladder, found: Found, lang: Lang) -> TierOutcome:
    keys = tuple(map(str, possible(found.at.results[ladder.key]) or ()))
    told = ladder.by is not None and not reads_masked(ladder.by, found.at.policy)
    score = shown(evaluate(ladder.by, found.at), ladder.by.type) if ladder.by is not None and told else None
    if found.applies != TRUE:
        return TierOutcome(None, None, score, (*keys, NOT_APPLICABLE))
    if len(keys) != 1:
        return TierOutcome(None, None, score, keys)
    return TierOutcome(keys[0], member_label(ladder.type, keys[0], lang), score, keys)


def _segment(result: Domain, type: Type, found: Found) -> Shown:
    values = possible(result)
    if found.applies == TRUE or values is None:
        return shown(result, type)
    return Possible((*(shown_value(value, type) for value in values), NOT_APPLICABLE))


def _tags(result: Domain, found: Found) -> Shown:
    if found.applies == TRUE:
        return shown(result, TEXT)
    held = result.value if isinstance(result, Known) and isinstance(result.value, tuple) else ()
    if isinstance(result, Tagged):
        held = (*result.held, *result.possible)
    return Held((), tuple(map(str, held)))
