"""Benefits and advice, as generated code.

What a matrix grants depends on the stage and the tier and on nothing else, so it is asked of the oracle
beforehand, for every stage and tier there is, and looked up. Benefits with conditions, dates or calculated
values are written out, rule by rule.

Both read a ladder's tier where the draft has it when they are written, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from itertools import groupby, product

from dsl.model import Advice, Benefit, CheckedPolicy, Grant, Read, Text
from dsl.types import Kind
from engine.answers import benefit_grant
from engine.benefits import Granted, givers_first, granted
from engine.compiled.draft import Draft, Fragment
from engine.compiled.expressions import as_decimal, expression, joined
from engine.compiled.shapes import Looked, Named, Part, Shape, names_of
from engine.decision import AdviceGiven, BenefitGrant
from engine.expressions import Situation, parts
from engine.facts import Facts
from engine.masking import is_masked, masked_word
from engine.values import TRUE, ZERO, Domain, Known
from engine.words import member_label

# What a benefit's rules look up: a stage's fact (or choice), and a ladder; neither, one or both.
Keys = tuple[Read | None, str | None]


def grant_benefits(shape: Shape) -> Part:
    """Writes what is granted; the benefits of the answer, in the order declared."""
    draft = shape.draft
    policy = draft.policy
    apart = _apart(policy)
    names: dict[str, str] = {}
    given: list[Looked | Named] = []
    for keys, several in groupby(
        policy.benefits.values(), lambda each: None if each.key in apart else _looked_up_by(each)
    ):
        if keys is not None:
            given.append(_table(draft, list(several), keys))
            continue
        for benefit in several:
            names[benefit.key] = _written_out(shape, benefit)
            given.append(Named(names[benefit.key]))
    _give_way(shape, names)
    return shape.benefits(given)


def lists_all_stages(policy: CheckedPolicy) -> bool:
    """Whether the benefits of all stages can be listed: those of a stage are looked up, and what is written out is
    the same at every stage.
    """
    apart = _apart(policy)
    return not any(
        each.key in apart or (_looked_up_by(each) is None and any(grant.stage for grant in each.grants))
        for each in policy.benefits.values()
    )


def _apart(policy: CheckedPolicy) -> set[str]:
    """The benefits that do not go with others, on either side."""
    apart = {key for key, each in policy.benefits.items() if each.not_with}
    return apart | {other for each in policy.benefits.values() for other in each.not_with}


def _give_way(shape: Shape, names: dict[str, str]) -> None:
    """Benefits that do not go with others give way, those first that nobody gives way to."""
    draft = shape.draft
    for key in givers_first(draft.policy):
        others = [names[other] for other in draft.policy.benefits[key].not_with if other in names]
        if others:
            with draft.block(f"if {names[key]}:"):
                draft.line(f"{' = '.join(others)} = {shape.absent}")


# ---------------------------------------------------------------- looked up


def _looked_up_by(benefit: Benefit) -> Keys | None:
    """By what a benefit can be looked up; None where it depends on more than a stage and a tier."""
    stages = {grant.stage[0].key: grant.stage[0] for grant in benefit.grants if grant.stage}
    ladders = {grant.ladder for grant in benefit.grants if grant.ladder}
    fixed = all(_is_fixed(grant) for grant in benefit.grants)
    if not fixed or len(stages) > 1 or len(ladders) > 1 or benefit.type.kind is Kind.LIST:
        return None
    return next(iter(stages.values()), None), next(iter(ladders), None)


def _is_fixed(grant: Grant) -> bool:
    bare = grant.condition is None and grant.start is None and grant.end is None
    return bare and not any(isinstance(part, Read) for part in parts(grant.value))


def _table(draft: Draft, benefits: Sequence[Benefit], keys: Keys) -> Looked:
    """What these benefits come to for each stage and tier, by the oracle; for each tier, where every stage's are
    asked for.
    """
    stage, ladder = keys
    every = draft.variant.at == "all"
    stages = [None] if stage is None or every else [member.key for member in stage.type.members]
    tiers = [None] if ladder is None else [tier.key for tier in draft.policy.ladders[ladder].tiers]
    found = {
        (own, tier): _granted_to(
            draft, given, None if stage is None or own is None else (stage, own), ladder, tier
        )
        for (own, tier), given in _by_place(benefits, stages, tiers).items()
    }
    stage_text = "None" if stage is None or every else _own_stage(draft, stage)
    tier_text = "None" if ladder is None else draft.variables["", ladder].text
    return Looked(found, f"{stage_text}, {tier_text}")


def _by_place(
    benefits: Sequence[Benefit], stages: Sequence[str | None], tiers: Sequence[str | None]
) -> dict[tuple[str | None, str | None], list[Benefit]]:
    """The benefits of which some rule grants at a stage, in a tier: a large matrix has few at each."""
    found: dict[tuple[str | None, str | None], dict[str, Benefit]] = {
        place: {} for place in product(stages, tiers)
    }
    for benefit in benefits:
        for grant in benefit.grants:
            there = stages if grant.stage is None or stages == [None] else [grant.stage[1]]
            for place in product(there, tiers if grant.tiers is None else grant.tiers):
                found[place][benefit.key] = benefit
    return {place: list(several.values()) for place, several in found.items()}


def _granted_to(
    draft: Draft,
    benefits: Sequence[Benefit],
    stage: tuple[Read, str] | None,
    ladder: str | None,
    tier: str | None,
) -> tuple[BenefitGrant, ...]:
    """What the oracle grants of these benefits to somebody at a stage, in a tier."""
    policy = replace(draft.policy, benefits={each.key: each for each in benefits})
    at = replace(_somebody(draft, stage, ladder, tier), policy=policy)
    asked = "all" if draft.variant.at == "all" else None
    return tuple(benefit_grant(each, at, draft.variant.lang) for each in granted(at, asked))


def _own_stage(draft: Draft, read: Read) -> str:
    """The name of the stage that counts: the customer's, unless another is asked for."""
    own = draft.read(read)
    if draft.variant.at == "named":
        text = draft.once(f"stages.get({draft.constant(read.key)}, {own.text})")
        own = Fragment(text, optional=own.optional, simple=True)
    return draft.refuse_unless_known(own).text


def _somebody(
    draft: Draft, stage: tuple[Read, str] | None, ladder: str | None = None, tier: str | None = None
) -> Situation:
    """Somebody of whom nothing is known but the stage and the tier: for the oracle's words."""
    results: dict[str, Domain] = {} if ladder is None or tier is None else {ladder: Known(tier)}
    known: dict[str, str] = {}
    if stage is not None:
        read, own = stage
        if read.of == "fact":
            known[read.key] = own
        else:
            results[read.key] = Known(own)
    return Situation(draft.policy, Facts(known), date.min, results)


# ---------------------------------------------------------------- written out


def _written_out(shape: Shape, benefit: Benefit) -> str:
    """Writes one benefit's rules; the name of what it comes to."""
    name = shape.draft.fresh("b")
    if benefit.combine == "first":
        _first_of(shape, benefit, name)
    else:
        _all_of(shape, benefit, name)
    return name


def _first_of(shape: Shape, benefit: Benefit, name: str) -> None:
    """The first rule that holds."""
    draft = shape.draft
    draft.line(f"{name} = {shape.absent}")
    with draft.block("while True:"):
        for grant in benefit.grants:
            with draft.block(f"if {_holds(draft, grant).text}:"):
                value = draft.refuse_unless_known(expression(draft, grant.value))
                stage = shape.constant(_stage_words(draft, benefit, grant))
                because = _because(shape, benefit, grant)
                words = shape.constant(grant.rule), stage, because
                secret = is_masked(grant.value, draft.policy)
                _granted(shape, benefit, name, value, words, secret="True" if secret else "False")
                draft.line("break")
        draft.line("break")


def _all_of(shape: Shape, benefit: Benefit, name: str) -> None:
    """All rules that hold: the best of them, or their sum."""
    draft = shape.draft
    several = draft.fresh()
    draft.line(f"{name} = {shape.absent}")
    draft.line(f"{several} = []")
    for grant in benefit.grants:
        with draft.block(f"if {_holds(draft, grant).text}:"):
            draft.line(f"{several}.append(({_given(draft, benefit, grant)}))")
    between = draft.constant("; " if draft.variant.lang == "en" else "；")
    less = f"{benefit.less_is_better}, " if benefit.combine == "best" else ""
    together = "best" if benefit.combine == "best" else "summed"
    draft.exact = draft.exact or benefit.combine == "sum"
    numeric = benefit.type.kind.numeric or benefit.type.kind is Kind.PERIOD
    with draft.block(f"if {several}:"):
        value, rule, stage, because, secret = (draft.fresh() for _ in range(5))
        draft.line(f"{value}, {rule}, {stage}, {because}, {secret} = {together}({several}, {less}{between})")
        words = shape.text(rule), shape.text(stage, optional=True), shape.text(because)
        fragment = Fragment(value, "number" if numeric else "other", simple=True)
        hidden = any(is_masked(grant.value, draft.policy) for grant in benefit.grants)
        _granted(shape, benefit, name, fragment, words, secret=secret if hidden else "False")


def _holds(draft: Draft, grant: Grant) -> Fragment:
    """Whether a rule grants, under a name."""
    tests: list[Fragment] = []
    if grant.stage is not None:
        own = _own_stage(draft, grant.stage[0])
        tests.append(Fragment(f"({own} == {draft.constant(grant.stage[1])})"))
    if grant.tiers is not None and grant.ladder is not None:
        own = draft.variables["", grant.ladder].text
        tests.append(Fragment(f"({own} in {draft.constant(frozenset(grant.tiers))})"))
    if grant.start is not None:
        tests.append(Fragment(f"({draft.constant(grant.start)} <= day)"))
    if grant.end is not None:
        tests.append(Fragment(f"(day <= {draft.constant(grant.end)})"))
    if grant.condition is not None:
        tests.append(expression(draft, grant.condition))
    return draft.refuse_unless_known(joined(draft, "and", tests))


def _given(draft: Draft, benefit: Benefit, grant: Grant) -> str:
    """What one rule gives, among others: see `runtime.Given`."""
    value = draft.refuse_unless_known(expression(draft, grant.value))
    number = draft.kept(as_decimal(draft, value)) if value.sort != "other" else value
    stage = draft.constant(_stage_words(draft, benefit, grant))
    if grant.ladder is None or grant.tiers is None:
        words = draft.constant(_told(draft, benefit, grant, None).because)
    else:
        by_tier = {tier: _told(draft, benefit, grant, tier).because for tier in grant.tiers}
        words = f"{draft.constant(by_tier)}[{draft.variables['', grant.ladder].text}]"
    secret = is_masked(grant.value, draft.policy)
    return f"{number.text}, {draft.constant(grant.rule)}, {stage}, {words}, {secret}"


def _because(shape: Shape, benefit: Benefit, grant: Grant) -> Part:
    """Because of what one rule gives, which may depend on the tier."""
    draft = shape.draft
    if grant.ladder is None or grant.tiers is None:
        return shape.constant(_told(draft, benefit, grant, None).because)
    by_tier = {tier: _told(draft, benefit, grant, tier).because for tier in grant.tiers}
    return shape.looked_up(by_tier, draft.variables["", grant.ladder])


def _stage_words(draft: Draft, benefit: Benefit, grant: Grant) -> str | None:
    return _told(draft, benefit, grant, next(iter(grant.tiers or ()), None)).stage


def _told(draft: Draft, benefit: Benefit, grant: Grant, tier: str | None) -> BenefitGrant:
    """What the oracle says of a benefit that one rule grants, apart from what depends on the customer."""
    stage = None if grant.stage is None else (grant.stage[0].key, grant.stage[1])
    at = _somebody(draft, grant.stage, grant.ladder, tier)
    return benefit_grant(Granted(benefit, TRUE, ZERO, stage, (grant,)), at, draft.variant.lang)


def _granted(
    shape: Shape, benefit: Benefit, name: str, value: Fragment, words: tuple[Part, Part, Part], *, secret: str
) -> None:
    """Turns what was given into the benefit as the answer shows it. What comes out as `no` is not granted."""
    draft = shape.draft
    names = names_of(draft, benefit)
    bare = replace(benefit.grants[0], ladder=None, tiers=None, condition=None, stage=None)
    told = _told(draft, benefit, bare, None)
    with draft.block(f"if {value.text}:") if benefit.type.kind is Kind.YES_NO else nullcontext():
        if secret != "True":
            draft.line(f"{name} = {shape.benefit(told, shape.value(value, benefit.type, names), *words)}")
        if secret != "False":
            with draft.block(f"if {secret}:"):
                word = shape.constant(masked_word(draft.variant.lang))
                draft.line(f"{name} = {shape.benefit(told, word, *words)}")


# ---------------------------------------------------------------- advice


def advise(shape: Shape) -> Part:
    """Writes which advice holds; the advice of the answer, by priority."""
    draft = shape.draft
    weighed = sorted(draft.policy.advice, key=lambda each: (each.priority is None, each.priority or 0))
    return shape.benefits([_advice(shape, each) for each in weighed])


def _advice(shape: Shape, each: Advice) -> Named:
    """One advice; who takes it may be the outcome of a choice."""
    draft = shape.draft
    name = draft.fresh("a")
    if each.condition is None:
        draft.line(f"{name} = {_advised(shape, each)}")
        return Named(name)
    holds = draft.refuse_unless_known(expression(draft, each.condition))
    draft.line(f"{name} = {shape.absent}")
    with draft.block(f"if {holds.text}:"):
        draft.line(f"{name} = {_advised(shape, each)}")
    return Named(name)


def _advised(shape: Shape, each: Advice) -> str:
    lang = shape.draft.variant.lang
    role = each.role.in_lang(lang) if isinstance(each.role, Text) else None
    told = AdviceGiven(each.action.in_lang(lang), role, each.priority, each.rule)
    if not isinstance(each.role, Read):
        return shape.advice(told, None)
    type = each.role.type
    names = {member.key: member_label(type, member.key, lang) for member in type.members}
    return shape.advice(told, shape.looked_up(names, shape.draft.read(each.role)))
