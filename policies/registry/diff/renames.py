"""What has another name in the new version, where that can be told for sure.

A declaration that is gone and one that is new are one and the same where the author's word stayed and only
the alias changed; or where both say the same, nothing else does, and nothing speaks against it. Two labels
that differ speak against it, for then it is more likely another thing of the same kind. A fact and a
parameter say little, so there the rules have to speak for it: what read the one reads the other now. Values,
tiers and outcomes go by their labels, and tiers by what they ask for.

Names are found in several rounds, since a rule that reads a renamed fact says the same only once the fact's
new name is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

from dsl.model import (
    Benefit,
    CheckedPolicy,
    Choice,
    Declaration,
    DerivedValue,
    Fact,
    Ladder,
    Param,
    Read,
    Score,
    Tags,
    Text,
)
from dsl.types import Member, Type
from dsl.walk import parts, places
from policies.registry.diff.benefits import benefit_shape
from policies.registry.diff.difference import Said
from policies.registry.diff.ladders import tier_shape
from policies.registry.diff.names import Names, Side, declarations, type_of
from policies.registry.diff.shapes import Shape, shape, value_shape, words_of


def find_names(old: CheckedPolicy, new: CheckedPolicy) -> Names:
    """The new names of what the old version calls otherwise."""
    names = Names()
    while True:
        before, after = Side(old, names), Side(new)
        keys = {**names.keys, **dict(_keys(before, after))}
        found = Names(keys, {**names.members, **dict(_members(Side(old, Names(keys, names.members)), after))})
        if found == names:
            return names
        names = found


# ---------------------------------------------------------------- declarations


def _keys(before: Side, after: Side) -> Iterator[tuple[str, str]]:
    for ours, theirs in zip(declarations(before.policy), declarations(after.policy), strict=True):
        gone = [each for key, each in ours.items() if before.names.key(key) not in theirs]
        known = {before.names.key(key) for key in ours}
        come = [each for key, each in theirs.items() if key not in known]
        if not gone or not come:
            continue
        by_name = {each.name: each for each in come}
        for old in [each for each in gone if each.name in by_name]:
            new = by_name[old.name]
            gone.remove(old)
            come.remove(new)
            yield old.key, new.key
        for old, new in _alike(
            gone, come, lambda each: content(each, before), lambda each: content(each, after)
        ):
            light = isinstance(old, Fact | Param)
            if not _labels_differ(old, new) and (not light or _speak_for(old, new, before, after)):
                yield old.key, new.key


def _alike(
    old: Sequence[Declaration],
    new: Sequence[Declaration],
    ours: Callable[[Declaration], Hashable],
    theirs: Callable[[Declaration], Hashable],
) -> Iterator[tuple[Declaration, Declaration]]:
    """The pairs that say the same, where no third does."""
    before, after = [ours(each) for each in old], [theirs(each) for each in new]
    times, others = Counter(before), Counter(after)
    for at, what in enumerate(before):
        if times[what] == others[what] == 1:
            yield old[at], new[after.index(what)]


def _labels_differ(old: Declaration, new: Declaration) -> bool:
    both = old.label is not None and new.label is not None
    return both and words_of(old.label) != words_of(new.label)


def _speak_for(old: Declaration, new: Declaration, before: Side, after: Side) -> bool:
    """Whether one label says that they are the same, or all rules that read the one read the other in the other version.

    More rules than that may have come or gone, but not both: it would be another answer the other way round.
    """
    if old.label is not None and words_of(old.label) == words_of(new.label):
        return True
    names = Names({**before.names.keys, old.key: new.key}, before.names.members)
    ours = set(_reading(before.policy, old.key, names))
    theirs = set(_reading(after.policy, new.key, after.names))
    return bool(ours and theirs) and (ours <= theirs or theirs <= ours)


def _reading(policy: CheckedPolicy, key: str, names: Names) -> Iterator[Shape]:
    """The shapes of all expressions that read something."""
    for place in places(policy):
        for expr in place.exprs():
            if any(isinstance(part, Read) and part.key == key for part in parts(expr)):
                yield shape(expr, names)


def content(declared: Declaration, side: Side) -> Hashable:
    """What a declaration says, besides its name and its label."""
    match declared:
        case Fact():
            return _fact(declared, side)
        case Param():
            return (declared.type.kind, declared.value, declared.dated)
        case DerivedValue():
            return (declared.type.kind, shape(declared.body, side.names))
        case Score():
            return (declared.low, declared.high, shape(declared.parts, side.names))
        case Ladder():
            limits = shape((declared.floors, declared.caps), side.names)
            tiers = tuple((tier.key, tier_shape(tier, side)) for tier in declared.tiers)
            return (shape(declared.by, side.names), tiers, limits)
        case Choice() | Tags():
            return (type(declared), shape(declared.body, side.names))
        case Benefit():
            return benefit_shape(declared, side)
        case _:
            raise AssertionError("every declaration is one of these")


def _fact(fact: Fact, side: Side) -> Hashable:
    type = fact.type
    members = frozenset(member.key for member in (type.item or type).members)
    values = tuple(
        None if value is None else value_shape(value, type, side.names)
        for value in (fact.default, fact.at_least, fact.at_most)
    )
    flags = (fact.required, fact.changeable, fact.protected, fact.masked)
    return (type.kind, type.width, type.item and type.item.kind, members, values, flags)


# ---------------------------------------------------------------- values, tiers, outcomes


def _members(before: Side, after: Side) -> Iterator[tuple[tuple[str, str], str]]:
    for ours, theirs in zip(declarations(before.policy), declarations(after.policy), strict=True):
        for key, old in ours.items():
            new = theirs.get(before.names.key(key))
            if new is None:
                continue
            asked = _asked(old, before), _asked(new, after)
            yield from _renamed_members(type_of(old), type_of(new), *asked, before.names)


def _asked(declared: Declaration, side: Side) -> Mapping[str, Shape]:
    """What each tier of a ladder asks for; other members ask for nothing."""
    if not isinstance(declared, Ladder):
        return {}
    return {tier.key: tier_shape(tier, side) for tier in declared.tiers}


def _renamed_members(
    old: Type | None, new: Type | None, ours: Mapping[str, Shape], theirs: Mapping[str, Shape], names: Names
) -> Iterator[tuple[tuple[str, str], str]]:
    if old is None or new is None:
        return
    here = {names.member(old.owner, member.key) for member in old.members}
    there = {member.key for member in new.members}
    gone = [member for member in old.members if names.member(old.owner, member.key) not in there]
    come = [member for member in new.members if member.key not in here]
    for one in gone:
        found = [other for other in come if _same_member(one, other, ours, theirs)]
        back = [each for each in gone if found and _same_member(each, found[0], ours, theirs)]
        if len(found) == len(back) == 1:
            yield (old.owner, one.key), found[0].key


def _same_member(old: Member, new: Member, ours: Mapping[str, Shape], theirs: Mapping[str, Shape]) -> bool:
    """Whether two values may be one: by the author's word, by their labels, or by what their tiers ask for."""
    if old.is_text or new.is_text:
        return False
    if old.name == new.name:
        return True
    if old.label is not None and new.label is not None:
        return _member_words(old) == _member_words(new)
    asked = ours.get(old.key)
    return asked is not None and asked == theirs.get(new.key)


def _member_words(member: Member) -> Said | None:
    return None if member.label is None else words_of(Text(member.label, member.translation))
