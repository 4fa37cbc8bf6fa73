"""What the new version calls what the old one called otherwise.

A name that changed stands in every rule that reads it, and all of those rules say what they said before.
So the old version is compared as if its renamed things had their new names already: `Names` is that
translation, empty for the new version itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from dsl.model import CheckedPolicy, Choice, Declaration, Fact, Ladder, Tags
from dsl.records import record
from dsl.source import Span
from dsl.types import Type

Keys = Mapping[str, str]
Members = Mapping[tuple[str, str], str]


@record
class Names:
    """New keys of declarations by their old ones, and of values, tiers and outcomes by (owner's old key, old key)."""

    keys: Keys = field(default_factory=dict)
    members: Members = field(default_factory=dict)

    def key(self, key: str) -> str:
        """The key that a declaration has in the new version."""
        return self.keys.get(key, key)

    def member(self, owner: str, key: str) -> str:
        """The key that a value, a tier or an outcome has in the new version."""
        return self.members.get((owner, key), key)


@record
class Side:
    """One of the two versions, with how its names are to be read."""

    policy: CheckedPolicy
    names: Names = field(default_factory=Names)

    def slice(self, span: Span) -> str:
        """The author's own characters at a place."""
        policy = self.policy
        source = policy.source if span.file == 0 else policy.uses[span.file - 1]
        return source.slice(span)


def declarations(policy: CheckedPolicy) -> tuple[Mapping[str, Declaration], ...]:
    """Everything that has a name of its own, by kind."""
    return (
        policy.facts,
        policy.params,
        policy.values,
        policy.scores,
        policy.ladders,
        policy.choices,
        policy.tags,
        policy.benefits,
    )


def type_of(declared: Declaration) -> Type | None:
    """The type whose members a declaration owns: an enumeration's, a ladder's tiers, outcomes."""
    match declared:
        case Fact(type=type) | Ladder(type=type) | Choice(type=type) | Tags(type=type):
            return type.item or type
        case _:
            return None
