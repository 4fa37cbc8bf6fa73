"""Boxes laid over each other: which of them is the first to hold somewhere, and where does none hold?

Each thing that the boxes ask about is an axis, cut into atoms at every place where any box begins or ends.
Within an atom nothing changes, so an atom is no more than the set of boxes that hold in it: a whole number
used as a set of bits, the first box the lowest. The space of all combinations of atoms is searched axis by
axis, keeping only the set of boxes that still hold; combinations that leave the same set are searched once,
and a set whose first box holds everywhere on the axes that follow is not searched on. That is exact, and for
tables that people write it is close to the number of rows. The worst case has no such bound, hence the
budget.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dsl.checker.domains import Cut, Key, Region, Stretch, meet, without

# Sets of bits looked at, over all tables of a policy: about a second's worth. A set of many boxes counts for
# several.
STEPS = 1_500_000
BITS_A_STEP = 500
# Atoms times boxes on all axes of one grid: what it takes to lay it out.
MOST_BITS = 100_000_000


class OverBudgetError(Exception):
    """A table takes more work than a check may cost."""


@dataclass(slots=True)
class Budget:
    """The steps that are left."""

    left: int = STEPS

    def spend(self, steps: int) -> None:
        """Takes steps off; raises OverBudgetError where there are none left."""
        self.left -= steps
        if self.left < 0:
            raise OverBudgetError


def bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(slots=True)
class Axis:
    """One thing that is asked about: its atoms in order, and for each the boxes that hold in it.

    `free` are the boxes that do not ask about it. `began[k]` are the boxes whose region begins before the
    k-th cut, `ended[k]` those whose region ends at it or before. `turns` are, for each box, the atoms at
    which it begins or ceases to hold, and `first` gives each different set of boxes one of its atoms.
    """

    key: Key
    universe: Region
    free: int
    cuts: list[Cut]
    atoms: list[Stretch]
    masks: list[int]
    began: list[int]
    ended: list[int]
    turns: list[tuple[int, ...]]
    first: dict[int, int] = field(init=False)
    stretches: set[int] = field(init=False)

    def __post_init__(self) -> None:
        self.first = {}
        for at, mask in enumerate(self.masks):
            self.first.setdefault(mask, at)
        begins = {low for low, _ in self.universe}
        self.stretches = {at for at, (low, _) in enumerate(self.atoms) if low in begins}

    def within(self, rows: int) -> dict[int, int]:
        """The different sets that a set of boxes falls into along the axis, each with an atom.

        Of few boxes only the atoms at which one of them turns are looked at: between those nothing changes.
        """
        if 4 * rows.bit_count() > len(self.first):
            return {rows & mask: at for mask, at in self.first.items()}
        atoms = self.stretches.union(*(self.turns[box] for box in bits(rows)))
        return {rows & self.masks[at]: at for at in atoms}

    def touching(self, low: Cut, high: Cut) -> int:
        """The boxes that reach from below `high` to above `low`: all that meet the stretch, where each is of
        one stretch itself.
        """
        return self.began[bisect_left(self.cuts, high)] & ~self.ended[bisect_left(self.cuts, low)] | self.free

    def beginning(self, cut: Cut) -> int:
        """The boxes that begin at a cut."""
        at = bisect_left(self.cuts, cut)
        return self.began[at + 1] & ~self.began[at] if at < len(self.cuts) and self.cuts[at] == cut else 0

    def holding(self, cut: Cut) -> int:
        """The boxes that hold just after a cut of this axis."""
        return next((mask for (low, _), mask in zip(self.atoms, self.masks, strict=True) if low == cut), 0)

    def crossing(self, low: Cut, high: Cut) -> int:
        """The boxes that begin inside a stretch and end beyond it."""
        start, end = bisect_left(self.cuts, low), bisect_left(self.cuts, high)
        return self.began[end] & ~self.began[start + 1] & ~self.ended[end]


class Grid:
    """Boxes over a universe: for every key that any box asks about, the region of all values."""

    def __init__(
        self, boxes: Sequence[Mapping[Key, Region]], universe: Mapping[Key, Region], budget: Budget
    ) -> None:
        self.size = len(boxes)
        self.everyone = (1 << self.size) - 1
        self.budget = budget
        self.weight = 1 + self.size // BITS_A_STEP
        self.boxes = [_clipped(box, universe) for box in boxes]
        if sum(2 * sum(key in box for box in self.boxes) + 2 for key in universe) * self.size > MOST_BITS:
            raise OverBudgetError
        axes = [_axis(key, region, self.boxes) for key, region in universe.items()]
        # Few different sets first: the search forks less at its root.
        self.axes = sorted(axes, key=lambda axis: len(axis.first))
        self.always = [self.everyone]
        for axis in reversed(self.axes):
            self.always.insert(0, self.always[0] & axis.free)

    def first_somewhere(self) -> int:
        """The boxes that are the first to hold somewhere."""
        found = 0
        seen: set[tuple[int, int]] = set()
        waiting = [(0, self.everyone)]
        while waiting:
            depth, rows = waiting.pop()
            if certain := rows & self.always[depth]:
                # Below the first box that holds whatever follows, nothing is the first.
                rows &= ((certain & -certain) << 1) - 1
            lowest = rows & -rows
            if not rows & ~found or (depth, rows) in seen:
                continue
            if lowest & self.always[depth]:
                found |= lowest
                continue
            seen.add((depth, rows))
            waiting += [(depth + 1, below) for below in self._parts(depth, rows) if below & ~found]
        return found

    def gap(self) -> dict[Key, int] | None:
        """An atom on every axis such that no box holds in all of them; None where everything is covered."""
        covered: set[tuple[int, int]] = set()
        waiting: list[tuple[int, int, tuple[int, ...]]] = [(0, self.everyone, ())]
        while waiting:
            depth, rows, path = waiting.pop()
            if rows & self.always[depth] or (depth, rows) in covered:
                continue
            if not rows:
                filled = [*path, *(0 for _ in self.axes[depth:])]
                if all(axis.atoms for axis in self.axes):
                    return {axis.key: atom for axis, atom in zip(self.axes, filled, strict=True)}
                continue
            covered.add((depth, rows))
            parts = self._parts(depth, rows)
            waiting += [(depth + 1, below, (*path, atom)) for below, atom in parts.items()]
        return None

    def _parts(self, depth: int, rows: int) -> dict[int, int]:
        """What a set of boxes falls into along an axis, paid for before it is looked at."""
        axis = self.axes[depth]
        self.budget.spend(min(len(axis.first), 4 * rows.bit_count()) * self.weight)
        return axis.within(rows)

    def widened(self, gap: Mapping[Key, int]) -> dict[Key, Region]:
        """A gap made as wide as it goes: on each axis in turn, the neighbouring atoms that no box covers
        either.
        """
        chosen = {axis.key: [gap[axis.key]] for axis in self.axes}
        for axis in self.axes:
            rest = self.everyone
            for other in self.axes:
                if other is not axis:
                    rest &= _any(other.masks[atom] for atom in chosen[other.key])
            self.budget.spend(len(axis.atoms) * self.weight)
            chosen[axis.key] = [atom for atom, mask in enumerate(axis.masks) if not mask & rest]
        return {axis.key: _joined(axis, chosen[axis.key]) for axis in self.axes}

    def touching(self, box: int, but: Axis | None = None) -> int:
        """The boxes that may share something with a box: all that do, and where regions have holes some that
        do not.

        `but` leaves one axis out of account.
        """
        mask = self.everyone
        for axis in self.axes:
            region = self.boxes[box].get(axis.key)
            if region is not None and axis is not but:
                mask &= axis.touching(region[0][0], region[-1][1]) if region else 0
        self.budget.spend(len(self.axes) * self.weight)
        return mask

    def meeting(self, one: int, other: int) -> dict[Key, Region] | None:
        """What two boxes share, for every key that either asks about; None where that is nothing."""
        shared: dict[Key, Region] = {}
        self.budget.spend(1)
        for axis in self.axes:
            here = self.boxes[one].get(axis.key, axis.universe)
            there = self.boxes[other].get(axis.key, axis.universe)
            region = meet(here, there)
            if not region:
                return None
            if region != axis.universe:
                shared[axis.key] = region
        return shared

    def inside(self, one: int, other: int) -> bool:
        """Whether all of one box lies in another."""
        self.budget.spend(1)
        for key, region in self.boxes[other].items():
            own = self.boxes[one].get(key)
            if own is None or without(own, region):
                return False
        return True


def _clipped(box: Mapping[Key, Region], universe: Mapping[Key, Region]) -> dict[Key, Region]:
    """A box inside its universe; what asks for everything is left out."""
    clipped = {key: meet(region, universe[key]) for key, region in box.items()}
    return {key: region for key, region in clipped.items() if region != universe[key]}


def _axis(key: Key, universe: Region, boxes: Sequence[Mapping[Key, Region]]) -> Axis:
    """The atoms of one axis, in one sweep over the cuts: each turns on and off the boxes that begin or end
    there.
    """
    turned: dict[Cut, int] = {cut: 0 for stretch in universe for cut in stretch}
    begin: dict[Cut, int] = {}
    end: dict[Cut, int] = {}
    free = 0
    for at, box in enumerate(boxes):
        bit = 1 << at
        region = box.get(key)
        if region is None:
            free |= bit
            continue
        for low, high in region:
            turned[low] = turned.get(low, 0) ^ bit
            turned[high] = turned.get(high, 0) ^ bit
        if region:
            begin[region[0][0]] = begin.get(region[0][0], 0) | bit
            end[region[-1][1]] = end.get(region[-1][1], 0) | bit
    cuts = sorted(turned)
    atoms: list[Stretch] = []
    masks: list[int] = []
    began, ended = [0], []
    now, over = free, 0
    for at, cut in enumerate(cuts):
        now ^= turned[cut]
        over |= end.get(cut, 0)
        began.append(began[-1] | begin.get(cut, 0))
        ended.append(over)
        if any(low <= cut < high for low, high in universe):
            atoms.append((cut, cuts[at + 1]))
            masks.append(now)
    starts = {low: place for place, (low, _) in enumerate(atoms)}
    turns = [
        tuple(starts[cut] for stretch in box.get(key, ()) for cut in stretch if cut in starts)
        for box in boxes
    ]
    return Axis(key, universe, free, cuts, atoms, masks, began, ended, turns)


def _any(masks: Iterator[int]) -> int:
    total = 0
    for mask in masks:
        total |= mask
    return total


def _joined(axis: Axis, atoms: list[int]) -> Region:
    """Atoms as a region, neighbours as one stretch (but known and unknown apart, as in the universe)."""
    starts = {low for low, _ in axis.universe}
    found: list[Stretch] = []
    for atom in atoms:
        low, high = axis.atoms[atom]
        if found and found[-1][1] == low and low not in starts:
            found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return tuple(found)
