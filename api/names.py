"""The author's own words for what an answer calls by key: programs read `order_amount`, people 订单额.

An answer's keys are the aliases of a policy, which never change with its language. What is shown to people
says instead what the author wrote, as every message does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.wording import value
from dsl.diagnostics import Lang
from dsl.model import Benefit, CheckedPolicy, Choice, DerivedValue, Fact, Ladder, Param, Score, Tags
from dsl.types import Type

Typed = Fact | Param | DerivedValue | Score | Ladder | Choice | Tags | Benefit


@dataclass(frozen=True, slots=True)
class Names:
    """The words of one policy: names and types by key, and by benefit and key the names of stages."""

    names: Mapping[str, str]
    types: Mapping[str, Type]
    stages: Mapping[tuple[str, str], str]

    def of(self, key: object) -> str:
        """The name of a fact, a score, a ladder, whatever is declared; a key that is not declared stays."""
        return self.names.get(str(key), str(key))

    def value(self, key: object, item: object, lang: Lang) -> str:
        """A value of what `key` names, in words."""
        type = self.types.get(str(key))
        if type is None:
            return value(item, None, lang)
        return value(_named(type, item), type.kind.value, lang)

    def outcome(self, ladder: object, outcome: Mapping[str, object]) -> Mapping[str, object]:
        """A ladder's outcome with the tiers' names."""
        type = self.types.get(str(ladder))
        if type is None:
            return outcome
        own = {key: _named(type, outcome.get(key)) for key in ("tier", "possible") if key in outcome}
        return {**outcome, **own}

    def benefit(self, item: Mapping[str, object]) -> Mapping[str, object]:
        """A benefit with its own name, where it has no label, and the name of its stage."""
        key, stage = str(item.get("benefit")), item.get("stage")
        told = {"label": item.get("label") or self.of(key)}
        return {**item, **told, "stage": self.stages.get((key, str(stage)), stage)}


def names_of(policy: CheckedPolicy) -> Names:
    """The words of a policy."""
    declared: tuple[Mapping[str, Typed], ...] = (
        policy.benefits,
        policy.params,
        policy.tags,
        policy.choices,
        policy.ladders,
        policy.scores,
        policy.values,
        policy.facts,
    )
    every = [each for group in declared for each in group.values()]
    stages: dict[tuple[str, str], str] = {}
    for benefit in policy.benefits.values():
        for grant in benefit.grants:
            if grant.stage is not None:
                read, key = grant.stage
                member = read.type.member(key)
                stages[benefit.key, key] = member.name if member else key
    return Names({each.key: each.name for each in every}, {each.key: each.type for each in every}, stages)


def _named(type: Type, item: object) -> object:
    """A value with the names of members for their keys; what is no member stays as it is."""
    match item:
        case str():
            member = type.member(item) or (type.item.member(item) if type.item else None)
            return member.name if member and not member.is_text else item
        case list():
            return [_named(type, each) for each in item]
        case dict():
            return {key: _named(type, each) for key, each in item.items()}
        case _:
            return item
