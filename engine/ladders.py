"""Ladders: the first tier whose condition holds, then the highest floor, then the lowest cap.

Where something is undecided, every tier stays that may come out; floors and caps act on each of them, undecided ones both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dsl.model import (
    Expr,
    Ladder,
    Limit,
    Text,
    Tier,
)
from dsl.types import Member
from engine.expressions import (
    Situation,
    evaluate,
)
from engine.matching import (
    Act,
    Candidate,
    Found,
    acts_of,
    first_match,
    why_open,
)
from engine.values import (
    FALSE,
    TRUE,
    Domain,
    Known,
    among,
    joined,
)

Holds = Callable[[Tier | Limit], Domain]


def tier(ladder: Ladder, at: Situation) -> Found:
    """A ladder's tier, or the tiers that are possible."""

    def holds(each: Tier | Limit) -> Domain:
        return TRUE if each.condition is None else evaluate(each.condition, at)

    return tier_where(ladder, holds)


def tier_where(ladder: Ladder, holds: Holds) -> Found:
    """The same, where `holds` says of each tier and limit whether it does: first match, then floors and caps on each
    tier that is possible.
    """
    above: list[Expr] = [] if ladder.by is None else [ladder.by]
    found: list[Candidate] = []
    for each in ladder.tiers:
        if each.condition is not None and ladder.by is None:
            above.append(each.condition)
        reads = tuple(above) if each.condition is None else (each.condition,)
        label = member_text(each.member)
        found.append(Candidate(holds(each), each.rule, each.key, reads, each.span, label, each.condition))
    open_ = first_match(found)
    acts = acts_of("ladder", ladder.key, open_, lambda key: Known(str(key)))
    reached = among([str(each.result) for each in open_], why_open(open_))
    return _limited(ladder, reached, acts, holds)


def _limited(ladder: Ladder, reached: Domain, acts: tuple[Act, ...], holds: Holds) -> Found:
    """Floors and caps on each possible tier, undecided ones both ways. Ranks count from 0, the best."""
    rank = {each.key: place for place, each in enumerate(ladder.tiers)}

    def lifts(own: str, limit: Limit) -> bool:
        return rank[own] > rank[limit.tier]

    def lowers(own: str, limit: Limit) -> bool:
        return rank[own] < rank[limit.tier]

    tiers = _keys(reached)
    floors = _binding(sorted(ladder.floors, key=lambda floor: rank[floor.tier]), tiers, lifts, holds)
    lifted = _moved(tiers, floors, lifts)
    caps = _binding(sorted(ladder.caps, key=lambda cap: -rank[cap.tier]), lifted, lowers, holds)
    ended = _moved(lifted, caps, lowers)
    causes = joined((reached, *(held for _, held in floors + caps)))
    acted = (*_limit_acts(ladder, floors, tiers), *_limit_acts(ladder, caps, lifted))
    best_first = sorted(ended, key=rank.__getitem__)
    return among(best_first, causes), (*acts, *acted)


Binds = Callable[[str, Limit], bool]
Weighed = tuple[Limit, Domain]


def _binding(limits: Sequence[Limit], tiers: Sequence[str], binds: Binds, holds: Holds) -> list[Weighed]:
    """The limits, strongest first, that move one of these tiers: down to the first that holds, undecided ones
    before it included.
    """
    kept: list[Weighed] = []
    for limit in limits:
        held = holds(limit) if any(binds(own, limit) for own in tiers) else FALSE
        if held != FALSE:
            kept.append((limit, held))
        if held == TRUE:
            break
    return kept


def _moved(tiers: Sequence[str], limits: Sequence[Weighed], binds: Binds) -> list[str]:
    """Every tier that may come of these tiers under these limits."""
    ended: list[str] = []
    free = not any(holds == TRUE for _, holds in limits)
    for own in tiers:
        ended += [own] if free else []
        ended += [limit.tier if binds(own, limit) else own for limit, _ in limits]
    return list(dict.fromkeys(ended))


def _limit_acts(ladder: Ladder, limits: Sequence[Weighed], tiers: Sequence[str]) -> Iterator[Act]:
    for limit, holds in limits:
        certain = holds == TRUE and len(limits) == 1 and len(tiers) == 1
        yield Act(
            "ladder",
            ladder.key,
            limit.rule,
            Known(limit.tier),
            (limit.condition,),
            limit.span,
            limit.label,
            limit.condition,
            certain,
        )


def _keys(domain: Domain) -> tuple[str, ...]:
    """The keys that a ladder or a choice may come out as."""
    values = (domain.value,) if isinstance(domain, Known) else getattr(domain, "values", ())
    return tuple(str(value) for value in values)


def member_text(member: Member) -> Text:
    """How a member is shown: its label, else its name."""
    return Text(member.label or member.name, member.translation)
