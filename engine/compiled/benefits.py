"""Benefits and advice, as generated code.

What a matrix grants depends on the stage and the tier and on nothing else, so it is asked of the oracle
beforehand, for every stage and tier there is, and looked up. Benefits with conditions, dates or calculated
values are written out, rule by rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby, product

from dsl.model import Advice, Benefit, Grant, Read, Text
from dsl.types import Kind
from engine.answers import benefit_grant
from engine.benefits import Granted, givers_first, granted
from engine.compiled.draft import Draft, Fragment
from engine.compiled.expressions import expression, joined
from engine.compiled.shapes import record, shown
from engine.decision import AdviceGiven, BenefitGrant, advice_json, benefit_json
from engine.expressions import Situation, parts
from engine.facts import Facts
from engine.values import TRUE, ZERO, Domain, Known
from engine.words import member_label

# What a benefit's rules look up: a stage's fact (or choice), and a ladder; neither, one or both.
Keys = tuple[Read | None, str | None]


def grant_benefits(draft: Draft) -> str:
    """Writes what is granted; Python for the benefits of the answer, in the order declared."""
    policy = draft.policy
    apart = {key for key, each in policy.benefits.items() if each.not_with}
    apart |= {other for each in policy.benefits.values() for other in each.not_with}
    names: dict[str, str] = {}
    pieces: list[str] = []
    for keys, several in groupby(
        policy.benefits.values(), lambda each: None if each.key in apart else _looked_up_by(each)
    ):
        if keys is not None:
            pieces.append(_table(draft, list(several), keys))
            continue
        for benefit in several:
            names[benefit.key] = _written_out(draft, benefit)
            pieces.append(f"*(({names[benefit.key]},) if {names[benefit.key]} else ())")
    _give_way(draft, names)
    if len(pieces) == 1 and pieces[0].startswith("*c"):
        return pieces[0].removeprefix("*")
    return _sequence(draft, pieces)


def _sequence(draft: Draft, pieces: Sequence[str]) -> str:
    inside = ", ".join(pieces)
    if draft.variant.shape == "json":
        return f"[{inside}]"
    return f"({inside},)" if pieces else "()"


def _give_way(draft: Draft, names: dict[str, str]) -> None:
    """Benefits that do not go with others give way, those first that nobody gives way to."""
    for key in givers_first(draft.policy):
        others = [names[other] for other in draft.policy.benefits[key].not_with if other in names]
        if others:
            with draft.block(f"if {names[key]}:"):
                draft.line(f"{' = '.join(others)} = None")


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


def _table(draft: Draft, benefits: Sequence[Benefit], keys: Keys) -> str:
    """What these benefits come to for each stage and tier, by the oracle."""
    stage, ladder = keys
    stages = [None] if stage is None else [member.key for member in stage.type.members]
    tiers = [None] if ladder is None else [tier.key for tier in draft.policy.ladders[ladder].tiers]
    found = {
        (own_stage, tier): _granted_at(draft, benefits, stage, own_stage, ladder, tier)
        for own_stage, tier in product(stages, tiers)
    }
    stage_text = "None" if stage is None else draft.refuse_unless_known(draft.read(stage)).text
    tier_text = "None" if ladder is None else draft.variables["", ladder].text
    if draft.variant.shape == "decision":
        return f"*{draft.constant(found)}[{stage_text}, {tier_text}]"
    table = {key: tuple(map(benefit_json, given)) for key, given in found.items()}
    nested = any(isinstance(each, dict) for given in table.values() for one in given for each in one.values())
    return f"*map({'copied' if nested else 'dict'}, {draft.constant(table)}[{stage_text}, {tier_text}])"


def _granted_at(
    draft: Draft,
    benefits: Sequence[Benefit],
    stage: Read | None,
    own: str | None,
    ladder: str | None,
    tier: str | None,
) -> tuple[BenefitGrant, ...]:
    """What the oracle grants of these benefits to somebody at a stage, in a tier."""
    policy = replace(draft.policy, benefits={each.key: each for each in benefits})
    results: dict[str, Domain] = {} if ladder is None or tier is None else {ladder: Known(tier)}
    known: dict[str, str] = {}
    if stage is not None and own is not None:
        if stage.of == "fact":
            known[stage.key] = own
        else:
            results[stage.key] = Known(own)
    at = Situation(policy, Facts(known), date.min, results)
    return tuple(benefit_grant(each, at, draft.variant.lang) for each in granted(at))


# ---------------------------------------------------------------- written out


def _written_out(draft: Draft, benefit: Benefit) -> str:
    """Writes one benefit's rules; the name of what it comes to, None where it is not granted."""
    name = draft.fresh("b")
    if benefit.combine == "first":
        draft.line(f"{name} = None")
        with draft.block("while True:"):
            for grant in benefit.grants:
                holds = _holds(draft, grant)
                with draft.block(f"if {holds.text}:"):
                    draft.line(f"{name} = ({_given(draft, benefit, grant)})")
                    draft.line("break")
            draft.line("break")
    else:
        several = draft.fresh()
        draft.line(f"{several} = []")
        for grant in benefit.grants:
            with draft.block(f"if {_holds(draft, grant).text}:"):
                draft.line(f"{several}.append(({_given(draft, benefit, grant)}))")
        between = draft.constant("; " if draft.variant.lang == "en" else "；")
        less = f"{benefit.less_is_better}, " if benefit.combine == "best" else ""
        together = "best" if benefit.combine == "best" else "summed"
        draft.line(f"{name} = {together}({several}, {less}{between}) if {several} else None")
    _shown(draft, benefit, name)
    return name


def _holds(draft: Draft, grant: Grant) -> Fragment:
    """Whether a rule grants, under a name."""
    tests: list[Fragment] = []
    if grant.stage is not None:
        own = draft.refuse_unless_known(draft.read(grant.stage[0])).text
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
    """What one rule gives: value, rule, stage, and because of what, which may depend on the tier."""
    value = draft.refuse_unless_known(expression(draft, grant.value))
    stage = None if grant.stage is None else grant.stage[1]
    words = draft.constant(grant.rule), draft.constant(stage)
    return f"{value.text}, {', '.join(words)}, {_because(draft, benefit, grant)}"


def _because(draft: Draft, benefit: Benefit, grant: Grant) -> str:
    if grant.ladder is None or grant.tiers is None:
        return draft.constant(_words(draft, benefit, grant, {}))
    told = {tier: _words(draft, benefit, grant, {grant.ladder: Known(tier)}) for tier in grant.tiers}
    return f"{draft.constant(told)}[{draft.variables['', grant.ladder].text}]"


def _words(draft: Draft, benefit: Benefit, grant: Grant, results: dict[str, Domain]) -> str:
    at = Situation(draft.policy, Facts(), date.min, results)
    return _template(draft, benefit, grant, at).because


def _template(draft: Draft, benefit: Benefit, grant: Grant, at: Situation) -> BenefitGrant:
    return benefit_grant(Granted(benefit, TRUE, ZERO, None, (grant,)), at, draft.variant.lang)


def _shown(draft: Draft, benefit: Benefit, name: str) -> None:
    """Turns what was given into the benefit as the answer shows it. What comes out as `no` is not granted."""
    bare = replace(benefit.grants[0], ladder=None, tiers=None, condition=None)
    told = _template(draft, benefit, bare, draft.situation())
    granted_ = f"{name} and {name}[0]" if benefit.type.kind is Kind.YES_NO else name
    with draft.block(f"if {granted_}:"):
        value = Fragment(f"{name}[0]", "number" if benefit.type.kind.numeric else "other")
        if benefit.type.kind.numeric:
            value = Fragment(f"as_decimal({name}[0])", "number")
        shown_ = shown(draft, value, benefit.type)
        draft.line(f"{name} = {_made(draft, told, shown_, name)}")
    if benefit.type.kind is Kind.YES_NO:
        with draft.block("else:"):
            draft.line(f"{name} = None")


def _made(draft: Draft, told: BenefitGrant, value: str, name: str) -> str:
    rule, stage, because = (f"{name}[{place}]" for place in (1, 2, 3))
    texts = [draft.constant(each) for each in (told.benefit, told.label, told.type)]
    if draft.variant.shape == "decision":
        quota = draft.constant(told.quota)
        fields = (texts[0], texts[1], stage, texts[2], value, rule, because, "False", quota)
        return record("BenefitGrant", fields)
    entries = [
        ("benefit", texts[0]), ("label", texts[1]), ("stage", stage), ("type", texts[2]),
        ("value", value), ("rule", rule), ("because", because),
    ]  # fmt: skip
    if told.quota is not None:
        times, per = map(draft.constant, told.quota)
        entries.append(("quota", f"{{'times': {times}, 'per': {per}}}"))
    return "{" + ", ".join(f"{word!r}: {text}" for word, text in entries) + "}"


# ---------------------------------------------------------------- advice


def advise(draft: Draft) -> str:
    """Writes which advice holds; Python for the advice of the answer, by priority."""
    weighed = sorted(draft.policy.advice, key=lambda each: (each.priority is None, each.priority or 0))
    pieces: list[str] = []
    for each in weighed:
        made = _advice(draft, each)
        if each.condition is None:
            pieces.append(made)
            continue
        holds = draft.refuse_unless_known(expression(draft, each.condition))
        pieces.append(f"*(({made},) if {holds.text} else ())")
    return _sequence(draft, pieces)


def _advice(draft: Draft, each: Advice) -> str:
    """One advice; who takes it may be the outcome of a choice."""
    lang = draft.variant.lang
    role: str | None = each.role.in_lang(lang) if isinstance(each.role, Text) else None
    given = AdviceGiven(each.action.in_lang(lang), role, each.priority, each.rule)
    if not isinstance(each.role, Read):
        if draft.variant.shape == "decision":
            return draft.constant(given)
        return f"{draft.constant(advice_json(given))}.copy()"
    type = each.role.type
    names = {member.key: member_label(type, member.key, lang) for member in type.members}
    to = f"{draft.constant(names)}.get({draft.read(each.role).text})"
    action, rule = draft.constant(given.action), draft.constant(given.rule)
    if draft.variant.shape == "decision":
        return record("AdviceGiven", (action, to, repr(given.priority), rule, "False"))
    return f"{{'action': {action}, 'to': {to}, 'priority': {given.priority!r}, 'rule': {rule}}}"
