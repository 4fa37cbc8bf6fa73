"""The parts of an answer as generated code builds them: records for a `Decision`, or JSON values at once.

Both say the same. A caller that wants JSON in the end is spared the records in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dsl.model import Expr, Read
from dsl.types import Kind, Type
from engine.compiled.draft import Draft, Fragment
from engine.compiled.expressions import lifted
from engine.decision import GIVES, Reason, Shown
from engine.expressions import parts
from engine.matching import Act
from engine.reasons import reasons
from engine.shown import shown_value
from engine.values import exact


def constant_shown(draft: Draft, value: Shown) -> str:
    """A value that is the same in every answer."""
    if draft.variant.shape == "json" and isinstance(value, tuple):
        return f"list({draft.constant(value)})"
    return draft.constant(value)


def shown(draft: Draft, fragment: Fragment, type: Type) -> str:
    """A value as answers show it."""
    if fragment.value is not None:
        return constant_shown(draft, shown_value(exact(fragment.value), type))
    match type.kind:
        case Kind.DURATION | Kind.PERIOD:
            text = "duration_text" if type.kind is Kind.DURATION else "period_text"
            return lifted(draft, [_plain(draft, fragment)], lambda texts: f"{text}({texts[0]})").text
        case Kind.DATE:
            return lifted(draft, [fragment], lambda texts: f"{texts[0]}.isoformat()").text
        case Kind.LIST:
            return _shown_list(draft, fragment, type)
        case _:
            return _plain(draft, fragment).text if fragment.sort != "other" else fragment.text


def _plain(draft: Draft, fragment: Fragment) -> Fragment:
    if fragment.plain or fragment.whole:
        return fragment
    function = "shown_number" if fragment.sort == "fraction" else "plain"
    return lifted(draft, [fragment], lambda texts: f"{function}({texts[0]})", "number", plain=True)


def _shown_list(draft: Draft, fragment: Fragment, type: Type) -> str:
    as_they_are = type.item is None or type.item.kind in (Kind.TEXT, Kind.ENUM, Kind.YES_NO)
    name = "" if as_they_are else draft.constant(type)
    make = "list" if draft.variant.shape == "json" else "" if as_they_are else "tuple"
    items = "{}" if as_they_are else f"shown_value(exact({{}}), {name})"
    text = f"{make}({items})" if make else items
    return lifted(draft, [fragment], lambda texts: text.format(texts[0])).text


# ---------------------------------------------------------------- records and objects


def record(kind: str, values: Sequence[str]) -> str:
    """A named tuple, made the shortest way."""
    return f"new({kind}, ({', '.join(values)}))"


def mapping(draft: Draft, pairs: Iterable[tuple[str, str]]) -> str:
    """A dictionary by keys of the policy."""
    return "{" + ", ".join(f"{draft.constant(key)}: {text}" for key, text in pairs) + "}"


def facts_read(draft: Draft, exprs: Iterable[Expr]) -> str:
    """What expressions read of the customer, with the values found."""
    inside = (part for expr in exprs for part in parts(expr))
    reads = {part.key: part for part in inside if isinstance(part, Read) and part.of != "param"}
    return mapping(draft, ((key, shown(draft, draft.read(read), read.type)) for key, read in reads.items()))


def template(draft: Draft, act: Act) -> Reason:
    """What the oracle says of a rule that acted, apart from what depends on the customer."""
    return reasons((act,), (), draft.situation(), draft.variant.lang)[0]


def reason(draft: Draft, told: Reason, gives: str, facts: str) -> str:
    """A reason whose words are known beforehand."""
    owner = () if told.owner is None else (("owner", draft.constant(told.owner)),)
    words = draft.constant(told.rule), draft.constant(told.label), draft.constant(told.line)
    return reason_of(draft, told, words, gives, facts, owner)


def reason_of(
    draft: Draft,
    told: Reason,
    words: tuple[str, str, str],
    gives: str,
    facts: str,
    owner: Sequence[tuple[str, str]] = (),
) -> str:
    """A reason from the texts of its rule, its label and its line; of `told` only what it is about."""
    rule, label, line = words
    key = draft.constant(told.key)
    if draft.variant.shape == "decision":
        last = owner[0][1] if owner else "None"
        values = (rule, repr(told.about), key, gives, label, facts, line, "False", last)
        return record("Reason", values)
    about = [(told.about, key), (GIVES[told.about], gives)] if told.about in GIVES else []
    pairs = [("rule", rule), *about, ("label", label), ("facts", facts), ("line", line), *owner]
    return "{" + ", ".join(f"{word!r}: {text}" for word, text in pairs) + "}"
