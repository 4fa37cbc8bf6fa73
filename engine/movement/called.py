"""What movement is told of, as its author calls it: tiers, the labels of rules, figures, facts, overrides."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Expr, Hold, Ladder, Text
from dsl.types import NUMBER
from engine.expressions import Situation, evaluate
from engine.masking import reads_masked
from engine.movement import words as say
from engine.movement.states import Override
from engine.values import Cause, Known, decimal
from engine.words import value_words, words


def tier_words(ladder: Ladder, key: str | None, lang: Lang) -> str:
    """A tier as its author calls it."""
    return say.pick(lang, "no tier", "无等级") if key is None else value_words(key, ladder.type, lang)


def rule_words(label: Text | None, condition: Expr, policy: CheckedPolicy, lang: Lang) -> str:
    """A rule's own label, else its condition."""
    return words(condition, policy, lang) if label is None else label.in_lang(lang)


def hold_words(hold: Hold, policy: CheckedPolicy, lang: Lang) -> str:
    """What holds somebody: its label, else the condition, or the day until which it does."""
    asked = hold.condition or hold.until
    assert asked is not None, "a hold has one of the two"
    return rule_words(hold.label, asked, policy, lang)


def override_words(override: Override, ladder: Ladder, lang: Lang) -> str:
    """An override with who decided it, until when, and why."""
    told = say.decided_by(override.author, override.end, override.reason, lang)
    tier = None if override.tier is None else tier_words(ladder, override.tier, lang)
    return say.overridden(override.kind, tier, told, lang)


def figure(expr: Expr, at: Situation, lang: Lang) -> str | None:
    """A number in words; None where it is masked or not known."""
    value = evaluate(expr, at)
    if reads_masked(expr, at.policy) or not isinstance(value, Known) or not isinstance(value.value, Fraction):
        return None
    return value_words(decimal(value.value), expr.type or NUMBER, lang)


def fact_names(causes: Iterable[Cause], policy: CheckedPolicy) -> list[str]:
    """The facts among the causes, as their author calls them."""
    named = frozenset(causes)
    return [fact.name for key, fact in policy.facts.items() if key in named]
