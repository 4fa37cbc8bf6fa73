"""Ladders on which a customer at an edge goes to and fro: up at once today, down again tomorrow, and so on.

An edge lies between a tier and the next one below. Who moves up at once across it comes down again with the next change
of the facts, unless something stands in between. Of an edge that is a threshold to keep the upper tier that is truly
below the one to reach it; it protects that edge and no other. Of the whole ladder it is a rule that makes moving down
wait, if it makes it wait for long enough:

* `after 2 reviews in a row`, whatever the reviews;
* `keep a tier at least`, with its grace: as long as the time between two reviews, or three months. A shorter one is
  mostly over when the next review is held. Three months are enough however seldom reviews are: nobody calls that to and
  fro. Where moving down does not wait for a review, a week: a token of a day or two delays the next drop and prevents
  none;
* `keep a tier until`: longer than that, with the whole of its month, quarter or year and its grace. For who qualifies on
  the last day there is only what comes on top of it;
* notice: a week, in which a customer at the edge has every chance to recover. It need not be as long as the time between
  reviews, since it begins with one.

Lengths are compared as in `movement_gaps`: too short is what is so whatever the month.
"""

from __future__ import annotations

from dsl.checker.movement_gaps import gap, shorter
from dsl.checker.thresholds import Start, out_of_order
from dsl.model import CheckedPolicy, Lapse, Movement, Tier

_WEEK = Lapse(days=7)
_QUARTER = Lapse(months=3)
# The whole of what a validity can end with.
_MONTHS = {"month": 1, "quarter": 3, "year": 12, "next year": 24}


def open_edges(movement: Movement, policy: CheckedPolicy) -> tuple[Tier, ...]:
    """The tiers that a customer at their lower edge reaches and loses again and again, best first."""
    if movement.up.at != "once" or _moving_down_waits(movement):
        return ()
    tiers = policy.ladders[movement.ladder].tiers
    keys = [tier.key for tier in tiers]
    # Nobody comes down from the floor, nor from the last tier.
    lowest = len(tiers) - 1 if movement.down.floor is None else keys.index(movement.down.floor)
    return tuple(tier for tier in tiers[:lowest] if not _easier_to_keep(tier, policy))


def _easier_to_keep(tier: Tier, policy: CheckedPolicy) -> bool:
    """Whether it takes less to keep a tier than to reach it, on every day; where that depends on the customer it may."""
    if tier.keep is None or tier.threshold is None:
        return False
    # `keep from 80` beside `over 80` differs for one figure only: the bare figures are compared.
    keep, reach = Start(tier.keep.threshold, over=False), Start(tier.threshold, over=False)
    return out_of_order(keep, reach, policy.params) is None


def _moving_down_waits(movement: Movement) -> bool:
    """Whether a rule makes everybody's way down long enough."""
    notice, kept, until = movement.notice, movement.at_least, movement.until
    grace = Lapse() if movement.grace is None else movement.grace.length
    needed = _needed(movement)
    return (
        movement.down.after > 1
        or (notice is not None and not shorter(notice.length, _WEEK))
        or (kept is not None and not shorter(kept.length if until else _sum(kept.length, grace), needed))
        or (
            until is not None
            and shorter(needed, _sum(Lapse(_MONTHS[until.end_of]), until.later, until.plus, grace))
        )
    )


def _needed(movement: Movement) -> Lapse:
    """For how long a tier has to be kept for it to be protected."""
    if movement.down.at == "once" or movement.review is None:
        return _WEEK
    between = gap(movement.review).shortest
    return _QUARTER if shorter(_QUARTER, between) else between


def _sum(*lengths: Lapse) -> Lapse:
    return Lapse(sum(each.months for each in lengths), sum(each.days for each in lengths))
