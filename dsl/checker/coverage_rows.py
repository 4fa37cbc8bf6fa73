"""Rows and lines among each other: which is never reached, which hold together though they must not, which
bands cross.
"""

from __future__ import annotations

from dsl.checker.coverage_grid import Grid, bits
from dsl.checker.coverage_layout import Entry
from dsl.checker.coverage_report import Examined
from dsl.diagnostics import Code
from dsl.messages import coverage as messages
from dsl.model import Line


def check_reached(examined: Examined, grid: Grid) -> None:
    """Reports rows (errors) and lines (warnings) of which everything is taken by what stands above them."""
    reached = grid.first_somewhere()
    entries = examined.layout.entries
    for entry in entries:
        mask = ((1 << len(entry.boxes)) - 1) << entry.boxes.start
        # An `otherwise` behind rows that are complete by themselves does no harm.
        if not mask or mask & reached or (entry is entries[-1] and entry.always):
            continue
        spans = [taker.item.span for taker in _takers(entry, examined, grid)]
        code = messages.LINE_NEVER_REACHED if isinstance(entry.item, Line) else messages.NEVER_REACHED
        examined.say(code, entry.item.span, also=tuple(spans[:1]), lines=examined.lines(spans))


def _takers(entry: Entry, examined: Examined, grid: Grid) -> list[Entry]:
    """The entries above that take everything from one: a single one where there is one, else all that share
    something.
    """
    above: dict[int, Entry] = {}
    for box in entry.boxes:
        for other in bits(grid.touching(box) & ((1 << entry.boxes.start) - 1)):
            owner = examined.owners[other]
            if len(entry.boxes) == 1 and grid.inside(box, other):
                return [owner]
            if grid.meeting(box, other) is not None:
                above.setdefault(owner.boxes.start, owner)
    return list(above.values())


def check_exactly_one(examined: Examined, grid: Grid) -> None:
    """Reports two entries that can hold together and give different outcomes; `otherwise` gives way and is
    none of them.
    """
    opaque = examined.layout.opaque()
    same: dict[object, int] = {}
    always = 0
    for at, owner in enumerate(examined.owners):
        same[owner.item.result] = same.get(owner.item.result, 0) | 1 << at
        always |= int(owner.always) << at
    for entry in examined.layout.entries:
        rivals = ~(opaque | always | same.get(entry.item.result, 0))
        for box in entry.boxes:
            if entry.always or opaque >> box & 1:
                continue
            candidates = grid.touching(box) & rivals & ((1 << box) - 1)
            if _report_meeting(examined, grid, box, candidates, messages.BOTH_HOLD):
                break


def check_crossing(examined: Examined, grid: Grid) -> None:
    """Reports two bands of one column that overlap, neither inside the other, in rows that can meet."""
    for axis in grid.axes:
        for band in examined.layout.bands_of(axis.key):
            for box in bits(band):
                region = grid.boxes[box].get(axis.key)
                if region is None or len(region) != 1:
                    continue
                if later := axis.crossing(*region[0]) & band:
                    candidates = later & grid.touching(box)
                    _report_meeting(examined, grid, box, candidates, messages.BANDS_CROSS)


def _report_meeting(examined: Examined, grid: Grid, box: int, candidates: int, code: Code) -> bool:
    """Reports the first candidate that really meets a box, at the lower of the two rows."""
    for other in bits(candidates):
        if (shared := grid.meeting(box, other)) is None:
            continue
        upper, lower = (examined.owners[at].item.span for at in sorted((box, other)))
        where, lines = examined.where(shared), examined.lines([upper])
        examined.say(code, lower, also=(upper,), name=examined.sheet.name, where=where, lines=lines)
        return True
    return False
