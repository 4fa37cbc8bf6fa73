"""The story of a decision: every rule that acted, with what it read and what it gave, in the language of the
answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Choice, Declaration, Expr, Ladder, Read, Score, Tags
from dsl.source import Span
from dsl.types import NUMBER, TEXT, Type
from engine.decision import Reason, Shown
from engine.expressions import Situation, evaluate, parts
from engine.masking import veiled
from engine.matching import Act
from engine.shown import shown
from engine.values import Cause, DivisionByZero, Known
from engine.wording import in_lang, texts_of
from engine.words import declaration, label, member_label, row_words, words

DIVISION_RULE = "division_by_zero"


def reasons(acts: Iterable[Act], causes: Iterable[Cause], at: Situation, lang: Lang) -> tuple[Reason, ...]:
    """A reason for each rule that acted, in the order of evaluation; then one for each division by zero that
    left something unknown.
    """
    told = [_reason(act, at, lang) for act in acts]
    return (*told, *_divisions(causes, at, lang))


def applies_reason(at: Situation, lang: Lang) -> tuple[Reason, ...]:
    """Why the policy does not apply, or may not."""
    policy = at.policy
    if policy.applies is None:
        return ()
    line = policy.line(policy.applies.span)
    read = facts_read((policy.applies,), at, lang)
    return (Reason("applies", "applies", "applies", None, applies_words(policy, lang), read, line),)


def applies_words(policy: CheckedPolicy, lang: Lang) -> str:
    """The policy's own sentence for those it does not apply to; else its condition."""
    if policy.applies_reason is not None:
        return policy.applies_reason.in_lang(lang)
    assert policy.applies is not None, "only a policy with `applies when` keeps anybody out by it"
    condition = words(policy.applies, policy, lang)
    return f"applies only when {condition}" if lang == "en" else f"仅适用于 {condition}"


def _reason(act: Act, at: Situation, lang: Lang) -> Reason:
    declared, type = _declared(act, at.policy)
    owner = None if act.owner is None else act.owner.in_lang(lang)
    return Reason(
        act.rule,
        act.part,
        act.key,
        in_lang(shown(act.gives, type), texts_of(declared, at.policy), lang),
        _label(act, declared, at.policy, lang),
        facts_read(act.reads, at, lang),
        at.policy.line(act.span),
        possible=not act.certain,
        owner=owner,
    )


def _declared(act: Act, policy: CheckedPolicy) -> tuple[Declaration, Type]:
    """What the rule belongs to, and the type of what it gives."""
    match act.part:
        case "score":
            return policy.scores[act.key], NUMBER
        case "value":
            value = policy.values[act.key]
            return value, value.type
        case "ladder":
            return policy.ladders[act.key], TEXT
        case "segment":
            return policy.choices[act.key], TEXT
        case "tags":
            return policy.tags[act.key], TEXT


def _label(act: Act, declared: Declaration, policy: CheckedPolicy, lang: Lang) -> str:
    """The rule's own label; else its condition in words; else what it belongs to."""
    if act.label is not None:
        return act.label.in_lang(lang)
    if isinstance(declared, Score) and act.rule == f"{declared.key}.bounds":
        return _bounds_words(declared, lang)
    if isinstance(act.condition, tuple):
        return row_words(act.condition, policy, lang)
    if isinstance(act.condition, Read):
        return label(declaration(policy, act.condition), lang)
    if act.condition is not None:
        return words(act.condition, policy, lang)
    if isinstance(declared, Ladder | Choice | Tags) and isinstance(act.gives, Known):
        return member_label(declared.type, str(act.gives.value), lang)
    return label(declared, lang)


def _bounds_words(declared: Score, lang: Lang) -> str:
    low = "" if declared.low is None else f"{declared.low:f}"
    high = "" if declared.high is None else f"{declared.high:f}"
    return f"held between {low} and {high}" if lang == "en" else f"限定在 {low} 与 {high} 之间"


def facts_read(exprs: Iterable[Expr], at: Situation, lang: Lang) -> dict[str, Shown]:
    """What expressions read of the customer, with the values found: facts (not those that are masked), and what
    was worked out before. Parameters are the policy's.
    """
    inside = (part for expr in exprs for part in parts(expr))
    reads = {part.key: part for part in inside if isinstance(part, Read) and part.of != "param"}
    return {key: _read_value(read, at, lang) for key, read in reads.items()}


def _read_value(read: Read, at: Situation, lang: Lang) -> Shown:
    texts = texts_of(declaration(at.policy, read), at.policy)
    told = in_lang(shown(evaluate(read, at), read.type), texts, lang)
    return veiled(told, read, at.policy, lang)


def _divisions(causes: Iterable[Cause], at: Situation, lang: Lang) -> Iterator[Reason]:
    spans = {cause.span for cause in causes if isinstance(cause, DivisionByZero)}
    for span in sorted(spans, key=lambda span: (span.file, span.start)):
        text = division_words(at.policy, span, lang)
        yield Reason(DIVISION_RULE, "division", DIVISION_RULE, None, text, {}, at.policy.line(span))


def division_words(policy: CheckedPolicy, span: Span, lang: Lang) -> str:
    """A division by zero, in the author's own characters."""
    source = policy.source if span.file == 0 else policy.uses[span.file - 1]
    text = " ".join(source.slice(span).split())
    return f"`{text}` divides by zero" if lang == "en" else f"`{text}` 的除数为零"
