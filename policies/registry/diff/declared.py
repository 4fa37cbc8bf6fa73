"""What a policy says of itself and what it declares: its header, facts, parameters, and the values of a type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from dsl.model import CheckedPolicy, Fact, Param, Text
from dsl.source import NOWHERE, Span
from dsl.types import Member, Type, Value
from policies.registry.diff import words
from policies.registry.diff.changes import About, changed, flag, option, renamed, text
from policies.registry.diff.difference import Difference, Said, plain
from policies.registry.diff.names import Side
from policies.registry.diff.shapes import shape, value_shape

_POLICY = Said("the policy", "政策")


# ---------------------------------------------------------------- header


def header_differences(before: Side, after: Side) -> Iterator[Difference]:
    """What a policy says of itself, and whom it applies to."""
    old, new = before.policy, after.policy
    about = About("applies", "policy", _POLICY)
    if old.name != new.name:
        yield renamed(about, plain(old.name), plain(new.name), decides=False)
    yield from text(about, "title", old.title, new.title)
    yield from option(about, "owner", old.owner, new.owner, _quoted, decides=False)
    yield from option(about, "scope", old.scope, new.scope, _quoted, decides=False)
    yield from option(about, "about", old.about, new.about, _quoted, decides=False)
    yield from option(about, "from", old.start, new.start, _day)
    yield from option(about, "until", old.end, new.end, _day)
    yield from option(about, "currency", old.currency, new.currency, _plain)
    yield from option(about, "timezone", old.timezone, new.timezone, _plain)
    yield from _applies(before, after)
    yield from _main(about, before, after)


def _quoted(given: object) -> Said | None:
    return words.quoted(given) if isinstance(given, str) else None


def _plain(given: object) -> Said | None:
    return plain(given) if isinstance(given, str) else None


def _day(given: object) -> Said | None:
    return words.day(given) if isinstance(given, date) else None


def _applies(before: Side, after: Side) -> Iterator[Difference]:
    old, new = before.policy.applies, after.policy.applies
    about = About("applies", "applies", _APPLIES, None, _span(before.policy), _span(after.policy))
    if shape(old, before.names) != shape(new, after.names):
        told = changed(about, "condition", words.maybe(old, before), words.maybe(new, after))
        yield replace(told, kind="added" if old is None else "removed" if new is None else "changed")
    yield from text(about, "reason", before.policy.applies_reason, after.policy.applies_reason)


_APPLIES = Said("`applies when`", "`适用于`")


def _span(policy: CheckedPolicy) -> Span:
    return NOWHERE if policy.applies is None else policy.applies.span


def _main(about: About, before: Side, after: Side) -> Iterator[Difference]:
    """The main ladder is the first: an answer's status is about it."""
    old, new = before.policy.main, after.policy.main
    if old is not None and new is not None and before.names.key(old.key) != new.key:
        at = replace(about, span_before=old.span, span_after=new.span)
        yield changed(at, "main", plain(old.name), plain(new.name))


# ---------------------------------------------------------------- facts and parameters


def fact_differences(about: About, old: Fact, new: Fact, before: Side, after: Side) -> Iterator[Difference]:
    """What differs in a fact that both versions have."""
    yield from type_difference(about, old.type, new.type)
    for what, one, other in (
        ("default", old.default, new.default),
        ("least", old.at_least, new.at_least),
        ("most", old.at_most, new.at_most),
    ):
        if _value_shape(one, old.type, before) != _value_shape(other, new.type, after):
            yield changed(about, what, _said(one, old.type), _said(other, new.type))
    yield from flag(about, "required", old.required, new.required)
    yield from flag(about, "protected", old.protected, new.protected, decides=False)
    yield from flag(about, "masked", old.masked, new.masked, decides=False)
    if old.changeable != new.changeable:
        said = (_CHANGEABLE[each.changeable] for each in (old, new))
        yield changed(about, "changeable", *said, decides=False)
    yield from option(about, "source", old.source, new.source, _quoted, decides=False)


_CHANGEABLE = {
    "no": Said("no", "否"),
    "any": Said("yes", "是"),
    "up": Said("only up", "仅上升"),
    "down": Said("only down", "仅下降"),
}


def _value_shape(value: Value | None, type: Type, side: Side) -> object:
    return None if value is None else value_shape(value, type, side.names)


def _said(value: Value | None, type: Type) -> Said | None:
    return None if value is None else words.value(value, type)


def param_differences(about: About, old: Param, new: Param) -> Iterator[Difference]:
    """A parameter's value, and its values from later dates on."""
    yield from type_difference(about, old.type, new.type)
    if old.value != new.value:
        yield changed(about, "value", words.value(old.value, old.type), words.value(new.value, new.type))
    before, after = dict(old.dated), dict(new.dated)
    for start in sorted(before.keys() | after.keys()):
        one, other = before.get(start), after.get(start)
        if one != other:
            name = about.subject
            since = Said(f"{name.en} (from {start})", f"{name.zh}（自 {start} 起）")
            told = changed(
                replace(about, subject=since), "value", _said(one, old.type), _said(other, new.type)
            )
            yield replace(told, kind="added" if one is None else "removed" if other is None else "changed")


# ---------------------------------------------------------------- types and their values


def type_difference(about: About, old: Type, new: Type) -> Iterator[Difference]:
    """Another kind of value, or another width. The values of an enumeration are compared one by one."""
    if _plain_type(old) != _plain_type(new):
        yield changed(about, "type", words.type_words(old), words.type_words(new))


def _plain_type(type: Type) -> tuple[object, ...]:
    return type.kind, type.width, None if type.item is None else _plain_type(type.item)


Spans = tuple[Mapping[str, Span], Mapping[str, Span]]
NO_SPANS: Spans = ({}, {})


def member_differences(
    about: About, old: Type, new: Type, before: Side, *, rules: bool = False, spans: Spans = NO_SPANS
) -> Iterator[Difference]:
    """The values of an enumeration, the tiers of a ladder, the outcomes of a choice.

    `rules` says that each stands in a rule of its own, which tells where one was added or removed; what they
    are called and what their labels say is told here. `spans` are their places in both versions, by their
    keys there, where they have other ones than the declaration.
    """
    old, new = old.item or old, new.item or new
    ours = {before.names.member(old.owner, each.key): each for each in old.members}
    theirs = {each.key: each for each in new.members}
    for key, member in ours.items():
        if key not in theirs:
            if not rules:
                yield _came_or_went(about, member, came=False)
        else:
            places = spans[0].get(member.key, about.span_before), spans[1].get(key, about.span_after)
            at = replace(about, span_before=places[0], span_after=places[1])
            yield from _member(at, member, theirs[key])
    for key, member in theirs.items():
        if key not in ours and not rules:
            yield _came_or_went(about, member, came=True)


def _came_or_went(about: About, member: Member, *, came: bool) -> Difference:
    subject = Said(f"value {member.name}", f"取值 {member.name}")
    at = replace(about, subject=subject, within=about.subject)
    label = None if member.label is None else words.label(Text(member.label, member.translation))
    told = changed(at, "member", None if came else label, label if came else None)
    return replace(told, kind="added" if came else "removed")


def _member(about: About, old: Member, new: Member) -> Iterator[Difference]:
    at = replace(about, rule=f"{about.rule}.{new.key}", subject=_called(new), within=about.subject)
    if old.key != new.key:
        # Programs that send or read it have to follow.
        yield renamed(at, plain(old.key), plain(new.key), decides=True)
    elif old.name != new.name:
        yield renamed(at, plain(old.name), plain(new.name), decides=False)
    yield from text(at, "label", _label(old), _label(new))


def _called(member: Member) -> Said:
    return words.quoted(member.name) if member.is_text else plain(member.name)


def _label(member: Member) -> Text | None:
    return None if member.label is None else Text(member.label, member.translation)
