"""Ladders that move and go by each other.

Between two decisions movement goes by what the facts said last: that is what a state remembers. A ladder that is worked
out from the tier held on another one that moves would have to be worked out anew whenever that one does, and for this
the facts are needed, which no state holds. So it follows one decision late, and its author is told.
"""

from __future__ import annotations

from collections.abc import Mapping

from dsl.model import CheckedPolicy, Ladder, Movement
from dsl.walk import places

Node = tuple[str, str]
_READ_AS = {"held": "ladder"}


def goes_by(policy: CheckedPolicy, movement: Movement) -> tuple[Ladder, ...]:
    """The other ladders that move and that a moving ladder goes by."""
    if len(policy.movements) < 2:
        return ()
    found = _reached(_reads(policy), movement.ladder)
    others = [key for key in policy.movements if key != movement.ladder]
    return tuple(policy.ladders[key] for key in others if ("ladder", key) in found)


def _reads(policy: CheckedPolicy) -> Mapping[Node, frozenset[Node]]:
    """What each declaration reads. A movement's conditions count as the ladder's own."""
    graph: dict[Node, frozenset[Node]] = {}
    for place in places(policy):
        node: Node = (place.of, place.key)
        if place.of == "movement":
            node = "ladder", place.key.removeprefix("movement.")
        read = frozenset((_READ_AS.get(each.of, each.of), each.key) for each in place.reads())
        graph[node] = graph.get(node, frozenset()) | read
    return graph


def _reached(reads: Mapping[Node, frozenset[Node]], ladder: str) -> set[Node]:
    """Everything that a ladder goes by, directly or through what it reads."""
    start: Node = ("ladder", ladder)
    found: set[Node] = set()
    waiting = [start]
    while waiting:
        for each in reads.get(waiting.pop(), frozenset()) - found:
            found.add(each)
            waiting.append(each)
    return found
