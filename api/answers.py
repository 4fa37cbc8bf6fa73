"""A decision as it leaves the house: with an id of its own, by which it can be found and replayed.

The engines give the same answer to the same question, always; an id is what makes one answer differ from the
next, so it is given here, at the edge, for the command and for the service alike.
"""

from __future__ import annotations

from uuid import uuid4

from engine.decision import Decision, Json, to_json


def answer(decision: Decision) -> dict[str, Json]:
    """The decision in the shape of the contract, now with an id; decimals are still decimals."""
    return to_json(decision._replace(decision_id=new_id()))


def new_id() -> str:
    """An id that no other decision has."""
    return str(uuid4())
