"""What is not told: the own values of facts that the policy masks.

A masked fact counts like any other, and what is derived from it (points, scores, tiers, values) is shown: that
is what the policy is there for. But wherever its own value would stand, among the facts behind a rule, among
what was assumed, or as the value or the stage of a benefit, a word stands instead; and an explanation tells no
number from which it could be worked out. That a masked fact is not known is no secret: it is shown as unknown.
"""

from __future__ import annotations

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Expr, Read
from engine.decision import Shown
from engine.expressions import parts


def masked_word(lang: Lang) -> str:
    """What stands in the place of a value that is not told."""
    return "masked" if lang == "en" else "已隐藏"


def veiled(shown: Shown, read: Expr, policy: CheckedPolicy, lang: Lang) -> Shown:
    """What is shown of an expression's value: a word, where the expression is a masked fact that is known."""
    return masked_word(lang) if shown is not None and is_masked(read, policy) else shown


def is_masked(expr: Expr, policy: CheckedPolicy) -> bool:
    """Whether an expression is a masked fact, and nothing more."""
    return isinstance(expr, Read) and expr.of == "fact" and policy.facts[expr.key].masked


def reads_masked(expr: Expr, policy: CheckedPolicy) -> bool:
    """Whether a masked fact stands anywhere in an expression itself: its value might be worked out from it."""
    return any(is_masked(part, policy) for part in parts(expr))
