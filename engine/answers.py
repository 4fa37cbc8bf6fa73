"""Parts of an answer in the words of its language: benefits with their reason, advice with its addressee."""

from __future__ import annotations

from dsl.diagnostics import Lang
from dsl.keywords import spelling
from dsl.model import Advice, Benefit, CheckedPolicy, Compare, Const, Expr, Grant, OneOf, Read, Text
from dsl.types import YES_NO
from engine.benefits import Granted
from engine.decision import AdviceGiven, BenefitGrant, Possible, Shown
from engine.expressions import Situation, evaluate
from engine.masking import is_masked, masked_word
from engine.shown import shown, type_name
from engine.values import Known, possible
from engine.wording import in_lang, texts_of
from engine.words import and_all, declaration, label, member_label, words


def benefit_grant(each: Granted, at: Situation, lang: Lang, doubtful: bool = False) -> BenefitGrant:
    """A benefit as the answer shows it. `doubtful`: it is not known whether the policy applies."""
    benefit = each.benefit
    because = dict.fromkeys(_because(grant, benefit, at, lang) for grant in each.grants)
    return BenefitGrant(
        benefit.key,
        label(benefit, lang),
        _stage(each, at, lang),
        type_name(benefit.type),
        _value(each, at, lang),
        each.grants[0].rule,
        ("; " if lang == "en" else "；").join(because),
        possible=doubtful or not each.certain,
        quota=benefit.quota,
    )


def _stage(each: Granted, at: Situation, lang: Lang) -> str | None:
    """The stage that a benefit belongs to; not told where that would tell the value of a masked fact."""
    if each.stage is None:
        return None
    own = next(grant.stage[0] for grant in each.grants if grant.stage is not None)
    return masked_word(lang) if _kept_secret(own, at) else each.stage[1]


def _kept_secret(stage: Read, at: Situation) -> bool:
    """Whether the customer's stage is a masked fact that is known. Then no stage is told, whichever it is."""
    return is_masked(stage, at.policy) and isinstance(evaluate(stage, at), Known)


def _value(each: Granted, at: Situation, lang: Lang) -> Shown:
    """What is granted; not told where a rule grants just what a masked fact says."""
    if any(is_masked(grant.value, at.policy) for grant in each.grants):
        return masked_word(lang)
    benefit = each.benefit
    return in_lang(shown(each.value, benefit.type), texts_of(benefit, at.policy), lang)


def _because(grant: Grant, benefit: Benefit, at: Situation, lang: Lang) -> str:
    """Why a rule grants: the tier and the condition; without either, the stage; else its own label, or that it
    always does, or does where no line above it has.
    """
    told = []
    if grant.ladder is not None and grant.tiers is not None:
        ladder = at.policy.ladders[grant.ladder]
        own = possible(at.results[grant.ladder]) or ()
        tiers = tuple(key for key in grant.tiers if key in own)
        told.append(_is_one_of(Read("ladder", ladder.key, ladder.type), tiers, at.policy, lang))
    if grant.condition is not None:
        told.append(words(grant.condition, at.policy, lang))
    if not told and grant.stage is not None:
        told.append(_at_stage(grant.stage, at, lang))
    if not told:
        told.append(_always(grant, benefit, lang) if grant.label is None else grant.label.in_lang(lang))
    return and_all(told, lang)


def _always(grant: Grant, benefit: Benefit, lang: Lang) -> str:
    """What is said of a rule that asks for nothing."""
    if benefit.combine == "first" and grant is not benefit.grants[0]:
        return spelling("OTHERWISE", lang)
    return "for everyone" if lang == "en" else "人人可享"


def _at_stage(stage: tuple[Read, str], at: Situation, lang: Lang) -> str:
    read, key = stage
    if _kept_secret(read, at):
        return f"{label(declaration(at.policy, read), lang)}: {masked_word(lang)}"
    return _is_one_of(read, (key,), at.policy, lang)


def _is_one_of(read: Read, keys: tuple[str, ...], policy: CheckedPolicy, lang: Lang) -> str:
    """`grade is D`, `grade in D, E`."""
    values = tuple(Const(key, read.type) for key in keys)
    is_one: Expr = Compare("=", read, values[0], YES_NO) if len(values) == 1 else OneOf(read, values, YES_NO)
    return words(is_one, policy, lang)


def advice_given(each: Advice, at: Situation, lang: Lang, doubtful: bool) -> AdviceGiven:
    """An advice as the answer shows it. `doubtful`: it is not known whether it holds, or whether the policy
    applies.
    """
    return AdviceGiven(
        each.action.in_lang(lang), _role(each.role, at, lang), each.priority, each.rule, doubtful
    )


def _role(role: Text | Read | None, at: Situation, lang: Lang) -> str | Possible | None:
    """Who takes an advice: a text, or the outcome of a choice in the language of the answer."""
    if role is None:
        return None
    if isinstance(role, Text):
        return role.in_lang(lang)
    values = possible(evaluate(role, at))
    if values is None:
        return None
    names = tuple(member_label(role.type, str(value), lang) for value in values)
    return names[0] if len(names) == 1 else Possible(names)
