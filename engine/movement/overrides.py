"""Overrides: what somebody decided by hand, laid over the tier that the rules give.

An override never touches the state underneath, which moves as if there were none: once it has ended, the customer stands where the rules
would have brought them. `freeze` and `retain` remember the tier held when they began; it is filled in on that day.

Of a kind one is in force and others may be known that begin later. Each begins where it says, and the one before it ends on the evening
before that day: the ends are cut as soon as the next one is known, so that what stands in a state is what will happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from dsl.calendar import add_days
from engine.movement.states import Override, Transition


def held_tier(tiers: Sequence[str], tier: str | None, overrides: Sequence[Override], day: date) -> str | None:
    """The tier that is held on a day by who stands on `tier` underneath: `set` wins over `freeze`, then nobody is below what a `retain`
    or a `floor` gives. Of who has no tier only `set` makes something else.
    """
    active = {each.kind: each.tier for each in overrides if each.start <= day <= each.end}
    if not active:
        return tier
    held = active.get("set") or (tier and (active.get("freeze") or tier))
    if held is None:
        return None
    kept = (held, active.get("retain"), active.get("floor"))
    return min((each for each in kept if each is not None), key=tiers.index)


def with_override(
    overrides: tuple[Override, ...], new: Override, day: date, held: str | None
) -> tuple[Override, ...]:
    """The overrides with one more, given on `day` to who held `held` until then: it takes the place of the one of its kind that begins on
    the same day (whoever is past its first day begins on `day`), and ends where a later one begins.

    The same again changes nothing, and one that has ended already is none.
    """
    begins = max(new.start, day)
    others = [each for each in overrides if each.kind != new.kind or max(each.start, day) != begins]
    new = _ending(new, others)
    if new.end < day or any(_same(new, each) for each in overrides):
        return overrides
    if new.tier is None and new.start <= day:
        new = new._replace(tier=held)
    return one_after_another((*others, new))


def one_after_another(overrides: Sequence[Override]) -> tuple[Override, ...]:
    """The same overrides, each over when the next of its kind begins."""
    return tuple(_ending(each, overrides) for each in overrides)


def override_days(overrides: Sequence[Override]) -> list[date]:
    """The days on which one of them begins, or is over."""
    ends = [each.end for each in overrides if each.end < date.max]
    return [each.start for each in overrides] + [date.fromordinal(end.toordinal() + 1) for end in ends]


def begun(overrides: tuple[Override, ...], before: date, day: date, held: str | None) -> tuple[Override, ...]:
    """The overrides that are left on `day`, with the tier `held` filled in where one begins after `before`."""
    return tuple(
        each._replace(tier=held) if each.tier is None and before < each.start <= day else each
        for each in overrides
        if day <= each.end
    )


def override_transitions(
    old: Sequence[Override],
    new: Sequence[Override],
    before: date,
    day: date,
    change: tuple[str | None, str | None],
) -> list[Transition]:
    """What happened on `day` to overrides that were `old` at the end of the day `before`: some are over, some begin. That one will be over
    sooner, because another was given for a later day, is nothing that happens yet.

    `change` is the tier held before and after it.
    """
    was = {each.kind: _ending(each, new) for each in old if each.start <= before <= each.end}
    now = {each.kind: each for each in new if each.start <= day}
    ended = [kind for kind in was if kind not in now]
    started = [each for each in now.values() if was.get(each.kind) != each]
    return [
        *(Transition(day, "override_end", f"override.{kind}", *change) for kind in ended),
        *(Transition(day, "override", f"override.{each.kind}", *change, each.end) for each in started),
    ]


def _ending(override: Override, others: Iterable[Override]) -> Override:
    """An override as it is over when the next of its kind among `others` begins."""
    starts = (each.start for each in others if each.kind == override.kind and each.start > override.start)
    following = min(starts, default=None)
    return (
        override if following is None else override._replace(end=min(override.end, add_days(following, -1)))
    )


def _same(new: Override, known: Override) -> bool:
    """Whether an override says what is known already; the tier of a `freeze` or `retain` may have been filled in since."""
    return new == known or (new.tier is None and new == known._replace(tier=None))
