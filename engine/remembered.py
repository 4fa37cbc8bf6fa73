"""What is made once for a policy and then used for every customer: programs, readers of facts.

A policy never changes, so what was made of it stays right. It is found by the policy's identity, which costs
next to nothing, and made once for each hash (of the policy's text and of the texts that it uses) and language
version, so that a policy that was read twice is worked on once.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from threading import Lock
from typing import Generic, TypeVar

from dsl.model import LANGUAGE_VERSION, CheckedPolicy

Made = TypeVar("Made")
MOST_POLICIES = 256


class PerPolicy(Generic[Made]):
    """What `make` makes of a policy, kept for so many policies. Threads may share it.

    For one policy too many, one that is picked by chance is given up. Were it the one that came first, policies asked
    for in turn would each be given up just before they are asked for again.
    """

    def __init__(self, make: Callable[[CheckedPolicy], Made], most: int = MOST_POLICIES) -> None:
        self._make = make
        self._most = most
        self._lock = Lock()
        # The same course every time: it decides what is quick, never what is answered.
        self._chance = Random(0)
        # An entry holds its policy: while it stands here, no other object can have the same identity.
        self._entries: dict[int, tuple[CheckedPolicy, Made]] = {}

    def of(self, policy: CheckedPolicy) -> Made:
        """What was made of this policy; made now, where it was not."""
        try:
            return self._entries[id(policy)][1]
        except KeyError:
            return self._added(policy)

    def _added(self, policy: CheckedPolicy) -> Made:
        with self._lock:
            if id(policy) in self._entries:  # by a thread that came first
                return self._entries[id(policy)][1]
            twin = self._twin(policy)
            made = self._make(policy) if twin is None else twin
            while len(self._entries) >= self._most:
                del self._entries[self._chance.choice(list(self._entries))]
            self._entries[id(policy)] = policy, made
            return made

    def _twin(self, policy: CheckedPolicy) -> Made | None:
        """What was made of an equal policy. The same hash is not enough: a test may have changed the model."""
        key = _key(policy)
        for other, made in self._entries.values():
            if _key(other) == key and other == policy:
                return made
        return None


def _key(policy: CheckedPolicy) -> tuple[object, ...]:
    return policy.hash, tuple(source.hash for source in policy.uses), LANGUAGE_VERSION
