"""Which rule of the new version is which of the old one.

By its stable name first: that is what names are for. Many names are made from what a line says, though, and
change with it, so what is left over is matched by what it says:

1. the same name below the same statement;
2. the same content under another name;
3. the same but for one thing, reading the same names: a band whose upper end moved, a line that gives another
   outcome under the condition it had;
4. rows of a table in the same gap between matched ones, as many in both versions, one by one.

What is still left was added or removed. Of the matched, the fewest are said to have moved that explain the
new order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from dsl.model import Text
from dsl.records import record
from dsl.source import NOWHERE, Span
from policies.registry.diff.difference import Said
from policies.registry.diff.shapes import Shape


@record
class Aspect:
    """One thing that a rule says: its threshold, its points, its condition.

    `said` gives it in words, None for what is not there; it is called only where there is a difference. `text` is
    there where it is a text that nothing but people reads: with one of its two spellings kept, it is the same
    text in another translation.
    """

    what: str
    shape: Hashable
    said: Callable[[], Said | None]
    decides: bool = True
    text: Text | None = None


@record(kw_only=True)
class Item:
    """A rule as it is compared: a line, a row, a tier, a piece of advice.

    `name` is what it goes by among its neighbours, with the names of the new version; `rule` the whole stable
    name as its own version has it. `written` says that its author wrote the name, which is then worth a word
    where it changes. `row` is the header of the table that it is a row of, None for a line. `content` are its
    words where it is added or removed, `called` what sentences call it. What is needed for few rules only is
    a function: most rules are what they were.
    """

    name: str
    rule: str
    aspects: tuple[Aspect, ...]
    called: Callable[[], Said]
    content: Callable[[], Said | None]
    label: Text | None = None
    reads: Callable[[], frozenset[str]] = frozenset
    row: Shape | None = None
    written: Callable[[], bool] = bool
    span: Span = NOWHERE

    @property
    def shapes(self) -> tuple[tuple[str, Hashable], ...]:
        """What decides in it."""
        return tuple((each.what, each.shape) for each in self.aspects if each.decides)


Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Matched:
    """Pairs of places, old and new, in the old order; and what has no partner."""

    pairs: tuple[Pair, ...]
    removed: tuple[int, ...]
    added: tuple[int, ...]


@dataclass(slots=True)
class _Matching:
    old: Sequence[Item]
    new: Sequence[Item]
    partner: dict[int, int] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)

    def pair(self, at: int, other: int) -> None:
        """Makes two places partners: neither is left any more."""
        self.partner[at] = other
        self.taken.add(other)

    def left(self) -> tuple[list[int], list[int]]:
        """The places without a partner, old and new."""
        old = [at for at in range(len(self.old)) if at not in self.partner]
        return old, [at for at in range(len(self.new)) if at not in self.taken]

    def by(self, keys: Callable[[Item], Iterator[Hashable]]) -> None:
        """Pairs what is left and shares a key, the first with the first."""
        old, new = self.left()
        if not old or not new:
            return
        waiting: dict[Hashable, list[int]] = {}
        for at in new:
            for key in keys(self.new[at]):
                waiting.setdefault(key, []).append(at)
        for at in old:
            found = (other for key in keys(self.old[at]) for other in waiting.get(key, ()))
            other = next((each for each in found if each not in self.taken), None)
            if other is not None:
                self.pair(at, other)

    def rows_in_gaps(self) -> None:
        """Pairs rows of one table that stand between the same neighbours, where they are as many as before."""
        for old, new in self._gaps():
            rows = [self.old[at].row for at in old], [self.new[at].row for at in new]
            if None not in rows[0] and rows[0] == rows[1]:
                for at, other in zip(old, new, strict=True):
                    self.pair(at, other)

    def _gaps(self) -> Iterator[tuple[list[int], list[int]]]:
        """What is left, old and new, behind each matched pair; before the first one too."""
        back = {other: at for at, other in self.partner.items()}
        old = _behind(len(self.old), self.partner)
        new = _behind(len(self.new), back)
        for at, places in old.items():
            yield places, new.get(-1 if at < 0 else self.partner[at], [])


def _behind(count: int, partner: dict[int, int]) -> dict[int, list[int]]:
    """The places without a partner, by the last place before them that has one; -1 for none."""
    found: dict[int, list[int]] = {}
    last = -1
    for at in range(count):
        if at in partner:
            last = at
        else:
            found.setdefault(last, []).append(at)
    return found


def match(old: Sequence[Item], new: Sequence[Item]) -> Matched:
    """Finds each rule's partner in the other version."""
    matching = _Matching(old, new)
    matching.by(lambda item: iter((item.name,)))
    matching.by(lambda item: iter((item.shapes,)))
    matching.by(_all_but_one)
    matching.rows_in_gaps()
    removed, added = matching.left()
    return Matched(tuple(sorted(matching.partner.items())), tuple(removed), tuple(added))


def _all_but_one(item: Item) -> Iterator[Hashable]:
    """What an item shares with one that is another in a single thing. Of what says one thing only nothing
    would be left.
    """
    shapes = item.shapes
    for at in range(len(shapes)) if len(shapes) > 1 else ():
        yield at, shapes[:at] + shapes[at + 1 :], item.reads(), item.row


def moved(pairs: Sequence[Pair]) -> frozenset[Pair]:
    """The fewest pairs that have to move for the old order to become the new one; of two that changed places,
    the one that came up.
    """
    # The longest rising run of new places stays where it is. It is looked for from the end: `tops[n]` is minus
    # the highest new place that a run of n + 1 can begin at, `starts[n]` the place in `pairs` of that pair, and
    # `next_` what follows each pair in its run.
    tops: list[int] = []
    starts: list[int] = []
    next_: dict[int, int] = {}
    for at in range(len(pairs) - 1, -1, -1):
        place = -pairs[at][1]
        length = bisect_left(tops, place)
        if length:
            next_[at] = starts[length - 1]
        tops[length : length + 1] = [place]
        starts[length : length + 1] = [at]
    staying: set[Pair] = set()
    here = starts[-1] if starts else None
    while here is not None:
        staying.add(pairs[here])
        here = next_.get(here)
    return frozenset(pair for pair in pairs if pair not in staying)
