"""Which rules of a policy its tests have seen act: a rule that no test reaches may say anything.

A row of no points, and a bracket of no rate, leave no trace in a decision: what adds nothing is no reason. Nobody
could see them act, so they are not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dsl.model import Body, CheckedPolicy, Const, Graduated, Result, Table, Term
from dsl.source import Span
from engine.decision import Decision
from policies.registry.movement_coverage import acted, rules_of_movement


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by its stable name, and the line it stands on."""

    name: str
    line: int


def rules_of(policy: CheckedPolicy) -> tuple[Rule, ...]:
    """Every rule that can act, in the order of the text.

    They are lines and rows, points, tiers, floors and caps, benefits, advice, and the lines of movements. A sum of
    scores always acts, so it is not counted; nor is what adds nothing.
    """
    found = (Rule(name, policy.line(span)) for name, span in _spans(policy))
    return tuple(sorted(dict.fromkeys(found), key=lambda rule: rule.line))


def _spans(policy: CheckedPolicy) -> Iterator[tuple[str, Span]]:
    for value in policy.values.values():
        match value.body:
            case Graduated(brackets=brackets):
                yield from ((each.rule, each.span) for each in brackets if not _nothing(each.rate))
            case tuple() as body:
                yield from _of_body(body)
            case _:
                continue
    for score in policy.scores.values():
        for part in score.parts:
            if isinstance(part, Table):
                yield from ((row.rule, row.span) for row in part.rows if not _nothing(row.result))
            elif not isinstance(part, Term):
                yield part.rule, part.span
    for ladder in policy.ladders.values():
        yield from ((each.rule, each.span) for each in ladder.tiers)
        yield from ((each.rule, each.span) for each in (*ladder.floors, *ladder.caps))
    for choice in policy.choices.values():
        yield from _of_body(choice.body)
    for tags in policy.tags.values():
        yield from _of_body(tags.body)
    for benefit in policy.benefits.values():
        yield from ((each.rule, each.span) for each in benefit.grants)
    yield from ((each.rule, each.span) for each in policy.advice)
    for movement in policy.movements.values():
        yield from rules_of_movement(movement)


def _nothing(result: Result) -> bool:
    """Whether it is the figure nought, whatever is known."""
    return isinstance(result, Const) and result.type.kind.numeric and result.value == 0


def _of_body(body: Body) -> Iterator[tuple[str, Span]]:
    for part in body:
        if isinstance(part, Table):
            yield from ((row.rule, row.span) for row in part.rows)
        else:
            yield part.rule, part.span


def unseen(policy: CheckedPolicy, decisions: Iterable[Decision]) -> tuple[Rule, ...]:
    """The rules that acted in none of the decisions."""
    seen: set[str] = set()
    # The reason for a tier held names a rule of movement that may be at work only later.
    movements = {rule for each in policy.movements.values() for rule, _ in rules_of_movement(each)}
    for decision in decisions:
        seen.update({each.rule for each in decision.reasons if not each.possible} - movements)
        seen.update(each.rule for each in decision.benefits if not each.possible)
        seen.update(each.rule for each in decision.advice if not each.possible)
        seen.update(acted(policy, decision))
    return tuple(rule for rule in rules_of(policy) if rule.name not in seen)
