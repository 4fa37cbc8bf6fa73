"""Two versions of a policy to the differences between them.

First what is called otherwise is found, and the old version read with the new names from then on. Then each
declaration is compared with its counterpart, and at last what stands outside of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dsl.model import (
    Benefit,
    CheckedPolicy,
    Choice,
    Const,
    Declaration,
    DerivedValue,
    Fact,
    Graduated,
    Ladder,
    Param,
    Score,
    Tags,
    Text,
)
from dsl.source import Span
from dsl.types import Kind
from dsl.walk import parts, places
from policies.registry.diff import words
from policies.registry.diff.benefits import advice_differences, benefit_differences
from policies.registry.diff.changes import About, Rules, changed, flag, renamed, text
from policies.registry.diff.declared import (
    fact_differences,
    header_differences,
    member_differences,
    param_differences,
    type_difference,
)
from policies.registry.diff.difference import Difference, Group, Said, in_order, plain
from policies.registry.diff.examples import example_differences
from policies.registry.diff.ladders import ladder_differences
from policies.registry.diff.matching import Item
from policies.registry.diff.names import Side, declarations
from policies.registry.diff.over_time import kept_differences, movement_differences
from policies.registry.diff.renames import find_names
from policies.registry.diff.rules import body_items, graduated_items
from policies.registry.diff.scores import score_differences
from policies.registry.diff.shapes import shape


def differences(old: CheckedPolicy, new: CheckedPolicy) -> tuple[Difference, ...]:
    """Every difference between two versions, those that decide first; none where only the form is another."""
    before, after = Side(old, find_names(old, new)), Side(new)
    found = [*header_differences(before, after)]
    for ours, theirs in zip(declarations(old), declarations(new), strict=True):
        found += _declared(ours, theirs, before, after)
    found += advice_differences(before, after)
    found += _translations(before, after)
    found += movement_differences(before, after)
    found += kept_differences(before, after)
    found += example_differences(before, after)
    return in_order(found)


# ---------------------------------------------------------------- declarations


def _declared(
    ours: Mapping[str, Declaration], theirs: Mapping[str, Declaration], before: Side, after: Side
) -> Iterator[Difference]:
    """Declarations of one kind that came, went, or are not what they were."""
    known = {before.names.key(key): each for key, each in ours.items()}
    for key, old in known.items():
        if key not in theirs:
            yield _came_or_went(old, came=False)
    for key, new in theirs.items():
        counterpart = known.get(key)
        if counterpart is None:
            yield _came_or_went(new, came=True)
        elif counterpart != new:
            yield from _both(counterpart, new, before, after)


def _group(declared: Declaration) -> tuple[Group, str]:
    """What a declaration is, and the keyword that it begins with."""
    match declared:
        case Fact():
            return "fact", "FACT"
        case Param():
            return "param", "SET"
        case DerivedValue():
            return "value", "VALUE"
        case Score():
            return "score", "SCORE"
        case Ladder():
            return "ladder", "TIERS"
        case Choice(kind=kind):
            return "choice", kind.upper()
        case Tags():
            return "tags", "TAGS"
        case Benefit():
            return "benefit", "BENEFIT"
        case _:
            raise AssertionError("every declaration is one of these")


def _came_or_went(declared: Declaration, *, came: bool) -> Difference:
    group, keyword = _group(declared)
    word = words.keyword(keyword)
    subject = Said(f"{word.en} {declared.name}", f"{word.zh} {declared.name}")
    label = None if declared.label is None else words.label(declared.label)
    spans: dict[str, Span] = {"span_after" if came else "span_before": declared.span}
    about = About(group, declared.key, subject, None, **spans)
    told = changed(about, "statement", None if came else label, label if came else None)
    return replace(told, kind="added" if came else "removed")


def _both(old: Declaration, new: Declaration, before: Side, after: Side) -> Iterator[Difference]:
    about = About(_group(new)[0], new.key, plain(new.name), None, old.span, new.span)
    if old.key != new.key:
        # What programs send or read has another name. A parameter is the policy's own affair.
        yield renamed(about, plain(old.key), plain(new.key), decides=not isinstance(old, Param))
    elif old.name != new.name:
        yield renamed(about, plain(old.name), plain(new.name), decides=False)
    yield from _said(about, old, new, before, after)
    yield from text(about, "label", old.label, new.label)


def _said(
    about: About, old: Declaration, new: Declaration, before: Side, after: Side
) -> Iterator[Difference]:
    """What the two say."""
    match old, new:
        case Fact(), Fact():
            yield from fact_differences(about, old, new, before, after)
            yield from member_differences(about, old.type, new.type, before)
        case Param(), Param():
            yield from param_differences(about, old, new)
        case DerivedValue(), DerivedValue():
            yield from _value(about, old, new, before, after)
        case Score(), Score():
            yield from score_differences(about, old, new, before, after)
        case Ladder(), Ladder():
            yield from ladder_differences(about, old, new, before, after)
            yield from _tiers(about, old, new, before)
        case (Choice() | Tags(), Choice() | Tags()):
            yield from _choice(about, old, new, before, after)
        case Benefit(), Benefit():
            yield from benefit_differences(about, old, new, before, after)
        case _:
            raise AssertionError("both versions are declarations of one kind")


def _tiers(about: About, old: Ladder, new: Ladder, before: Side) -> Iterator[Difference]:
    """What tiers are called. Those that a ladder shares with another are that other's to tell."""
    spans = {tier.key: tier.span for tier in old.tiers}, {tier.key: tier.span for tier in new.tiers}
    if all(
        _holds(each.span, span) for each, own in zip((old, new), spans, strict=True) for span in own.values()
    ):
        yield from member_differences(about, old.type, new.type, before, rules=True, spans=spans)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.file == inner.file and outer.start <= inner.start < outer.end


def _value(
    about: About, old: DerivedValue, new: DerivedValue, before: Side, after: Side
) -> Iterator[Difference]:
    yield from type_difference(about, old.type, new.type)
    forms = [_form(each) for each in (old, new)]
    if forms[0] != forms[1]:
        # An expression that became lines has no rules in common with them.
        yield changed(about, "form", *forms)
        return
    if isinstance(old.body, Graduated) and isinstance(new.body, Graduated):
        if shape(old.body.by, before.names) != shape(new.body.by, after.names):
            yield changed(
                about, "by", words.expression(old.body.by, before), words.expression(new.body.by, after)
            )
    elif not isinstance(old.body, tuple | Graduated) and not isinstance(new.body, tuple | Graduated):
        if shape(old.body, before.names) != shape(new.body, after.names):
            said = words.expression(old.body, before), words.expression(new.body, after)
            yield changed(about, "expression", *said)
        return
    items = [_items(each, side) for each, side in ((old, before), (new, after))]
    yield from Rules("value", items, within=about.subject).differences()


def _form(value: DerivedValue) -> Said:
    match value.body:
        case Graduated():
            return Said("graduated", "阶梯计算")
        case tuple():
            return Said("lines and tables", "逐行或列表")
        case _:
            return Said("an expression", "算式")


def _items(value: DerivedValue, side: Side) -> list[Item]:
    match value.body:
        case Graduated():
            return graduated_items(value.body, value.key, side)
        case tuple():
            return body_items(value.body, value.key, value.type, side, "outcome")
        case _:
            return []


def _choice(
    about: About, old: Choice | Tags, new: Choice | Tags, before: Side, after: Side
) -> Iterator[Difference]:
    first = isinstance(old, Choice) and isinstance(new, Choice)
    if isinstance(old, Choice) and isinstance(new, Choice):
        yield from flag(about, "exactly_one", old.exactly_one, new.exactly_one)
        if old.kind != new.kind:
            yield changed(
                about, "kind", words.keyword(old.kind.upper()), words.keyword(new.kind.upper()), decides=False
            )
    items = [
        body_items(each.body, each.key, each.type, side, "outcome")
        for each, side in ((old, before), (new, after))
    ]
    # All tags that hold are given, in the order written: that order is all that one that moved changes.
    yield from Rules(about.group, items, within=about.subject, ordered=first).differences()
    yield from member_differences(about, old.type, new.type, before, rules=True)


# ---------------------------------------------------------------- texts that rules give

# Texts by the key of the declaration that they stand in and by their first spelling.
Texts = dict[tuple[str, str], tuple[Text, Group]]


def _translations(before: Side, after: Side) -> Iterator[Difference]:
    """Texts that a rule gives or compares with, whose translation alone is another."""
    unchanged = _unchanged(before, after)
    ours, theirs = _texts(before, unchanged), _texts(after, unchanged)
    for place, (old, group) in ours.items():
        new = theirs.get(place, (old, group))[0]
        if old.translation != new.translation:
            about = About(group, place[0], words.quoted(old.text), plain(place[0]))
            said = (
                None if each.translation is None else words.quoted(each.translation) for each in (old, new)
            )
            yield changed(about, "translation", *said, decides=False)


def _unchanged(before: Side, after: Side) -> frozenset[str]:
    """The keys of declarations that are what they were."""
    both = zip(declarations(before.policy), declarations(after.policy), strict=True)
    return frozenset(key for ours, theirs in both for key, old in ours.items() if theirs.get(key) == old)


def _texts(side: Side, unchanged: frozenset[str]) -> Texts:
    """The texts in everything else."""
    found: Texts = {}
    for place in places(side.policy):
        if place.key in unchanged:
            continue
        for part in (part for expr in place.exprs() for part in parts(expr)):
            if isinstance(part, Const) and part.type.kind is Kind.TEXT and isinstance(part.value, str):
                group: Group = place.of
                found[side.names.key(place.key), part.value] = part.text or Text(part.value), group
    return found
