"""What the durable-rules engine says when it does not decide: one sentence, in both languages.

It refuses rather than guesses: what is unknown, what durable-rules gets wrong, what is too large for it. A refusal is a `FactsError`,
as every question is that cannot be answered as it was put: the call makes a 4xx problem of it, the command a
sentence.
"""

from __future__ import annotations

from collections.abc import Iterable

from dsl.model import CheckedPolicy
from dsl.source import Span
from engine.facts import Facts
from engine.facts_problems import Both, FactProblem, FactsError, pointer

AT = pointer("engine")
ADVICE: Both = ("ask another engine, such as `compiled`", "请改用其他引擎，如 `compiled`")


class CannotDecide(FactsError):
    """A question that the durable-rules engine does not answer, though another engine would."""


def not_installed() -> CannotDecide:
    """There is no durable-rules in this Python."""
    return _refused(
        "engine_missing",
        "durable-rules is not installed here, so the engine `durable` cannot decide",
        "此处未安装 durable-rules，引擎 `durable` 无法使用",
    )


def beyond(policy: CheckedPolicy, span: Span, en: str, zh: str) -> CannotDecide:
    """Something in the policy that durable-rules would get wrong, with the line where it stands."""
    line = policy.line(span)
    return _refused(
        "engine_cannot",
        f"line {line} is beyond the engine `durable`: {en}",
        f"第 {line} 行超出引擎 `durable` 的能力：{zh}",
    )


def over_time(policy: CheckedPolicy) -> CannotDecide:
    """A state was given: durable-rules sees one day, and keeps nothing from one to the next."""
    named = policy.ladders[next(iter(policy.movements))].name
    return _refused(
        "engine_cannot",
        f"the engine `durable` decides for one day alone and takes no state, and `{named}` moves over time",
        f"引擎 `durable` 只按当日判定，不接受状态，而 `{named}` 会随时间升降",
    )


def without_value(en: str, zh: str) -> CannotDecide:
    """Something that rules compare has no value, although every fact is known."""
    return _refused(
        "engine_cannot",
        f"the engine `durable` compares known values only, and {en}",
        f"引擎 `durable` 只比较已知的值，而{zh}",
    )


def unknown_facts(policy: CheckedPolicy, facts: Facts) -> CannotDecide | None:
    """The refusal of a customer of whom something is not known; None where all facts are there."""
    unknown = [fact for key, fact in policy.facts.items() if facts.get(key) is None]
    if not unknown:
        return None
    return CannotDecide(
        FactProblem(
            pointer("facts", fact.key),
            "engine_needs_fact",
            (
                f"the engine `durable` decides only when every fact is known, and `{fact.name}` is not",
                f"引擎 `durable` 要求所有指标均已知，而 `{fact.name}` 未知",
            ),
            ADVICE,
        )
        for fact in unknown
    )


def _refused(code: str, en: str, zh: str) -> CannotDecide:
    problems: Iterable[FactProblem] = [FactProblem(AT, code, (en, zh), ADVICE)]
    return CannotDecide(problems)
