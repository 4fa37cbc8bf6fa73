"""What is left out: combinations for which no row holds, and single values between two bands of whole
numbers.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from dsl.checker.coverage_grid import Axis, Grid, bits
from dsl.checker.coverage_numbers import Words, number_words
from dsl.checker.coverage_report import Examined
from dsl.checker.coverage_words import constant_words
from dsl.checker.domains import UNKNOWN, Domains, Key, Region, join, key_of, meet
from dsl.checker.domains_conditions import Conditions
from dsl.messages import coverage as messages
from dsl.model import RangeCell, Row, Table

# Gaps of one sheet that are named one by one.
MOST_GAPS = 3

Holes = dict[int, tuple[Key, Region]]


def check_skipped(examined: Examined, grid: Grid) -> Holes:
    """Reports bands of whole numbers that leave out one value before the next; gives the boxes below, each
    with what it leaves out.
    """
    holes: Holes = {}
    for axis in grid.axes:
        domain = examined.layout.asked[axis.key].domain
        if domain.type.kind.numeric and domain.places == 0:
            for band in examined.layout.bands_of(axis.key):
                for box in bits(band):
                    if hole := _hole_after(examined, grid, axis, box, band):
                        holes[box] = (axis.key, hole)
    return holes


def _hole_after(examined: Examined, grid: Grid, axis: Axis, box: int, band: int) -> Region:
    """The one value between the end of a box's band and the start of another's; empty where there is none, or
    a row holds it.
    """
    region = grid.boxes[box].get(axis.key)
    if not region or not isinstance(value := region[-1][1][1], int) or region[-1][1][0] != 0:
        return ()
    start, end = region[-1][1], (0, value + 1, 0)
    following = axis.beginning(end) & band
    if not following or not (near := following & grid.touching(box, but=axis)):
        return ()
    holding = axis.holding(start) & ~axis.free & grid.touching(box, but=axis)
    for other in bits(near):
        if not holding & grid.touching(other, but=axis):
            _say_skipped(examined, axis, box, other, Fraction(value))
            return ((start, end),)
    return ()


def _say_skipped(examined: Examined, axis: Axis, box: int, other: int, value: Fraction) -> None:
    kind = examined.layout.asked[axis.key].domain.type.kind
    skipped, following = number_words(value, kind), number_words(value + 1, kind)
    spans = [examined.owners[at].item.span for at in (other, box)]
    hint = _mended(examined, axis, box, skipped, following)
    examined.say(messages.VALUE_SKIPPED, spans[0], also=(spans[1],), hint=hint, value=skipped, next=following)


def _mended(examined: Examined, axis: Axis, box: int, skipped: Words, following: Words) -> Words:
    """What to write instead of the band that leaves the value out."""
    for cell in _ranges_on(examined, axis.key, box):
        low = None if cell.low is None else examined.fold(cell.low)
        if low is not None and not cell.high_included:
            first, first_zh = constant_words(low, examined.layout.asked[axis.key].domain.type)
            (last, last_zh), (more, more_zh) = skipped, following
            en = f"write `{first} to {more}` or `between {first} and {last}`"
            zh = f"请写 `{first_zh} 至 {more_zh}` 或 `介于 {first_zh} 与 {last_zh}`"
            return (
                f"`{first} to {last}` leaves out {last}: {en}",
                f"`{first_zh} 至 {last_zh}` 不含 {last_zh}：{zh}",
            )
    return "let one of the two bands take it in", "请让其中一段包含它"


def _ranges_on(examined: Examined, key: Key, box: int) -> list[RangeCell]:
    owner = examined.owners[box]
    table = None if owner.table is None else examined.sheet.items[owner.table]
    if not isinstance(table, Table) or not isinstance(owner.item, Row):
        return []
    cells = zip(table.columns, owner.item.cells, strict=True)
    return [cell for column, cell in cells if isinstance(cell, RangeCell) and key_of(column.expr) == key]


def applicable(universe: dict[Key, Region], domains: Domains, day: date) -> dict[Key, Region]:
    """A universe without the customers whom `applies when` keeps out, as far as it asks about one thing at a time.

    What is unknown stays: then it is not known whether the policy applies, and an answer is given all the same.
    """
    if domains.policy.applies is None:
        return universe
    conditions = Conditions(domains, day)
    boxes = conditions.boxes(domains.policy.applies)
    if len(boxes) != 1:
        return universe
    asked = {key: join(region, UNKNOWN) for key, region in boxes[0].items()}
    return {key: meet(region, asked[key]) if key in asked else region for key, region in universe.items()}


def check_gaps(examined: Examined, holes: Holes) -> None:
    """Reports the first few combinations that no row or line holds; `holes` have been reported already."""
    layout = examined.layout
    universe = applicable(layout.universe(known=True), examined.domains, examined.day)
    boxes = layout.certain_boxes()
    for box, (key, hole) in holes.items():
        boxes[box] = {**boxes[box], key: join(boxes[box][key], hole)}
    for count in range(MOST_GAPS):
        grid = Grid(boxes, universe, examined.budget)
        if (gap := grid.gap()) is None:
            break
        left_out = {key: region for key, region in grid.widened(gap).items() if region != universe[key]}
        boxes.append(left_out)
        more = ("there may be more", "可能还有其他遗漏") if count == MOST_GAPS - 1 else None
        examined.say(messages.GAP, examined.sheet.span, hint=more, where=examined.where(left_out))
    if len(boxes) > len(layout.boxes) or not layout.opaque() or layout.open:
        return
    if Grid(layout.boxes, universe, examined.budget).gap() is not None:
        examined.say(messages.NOT_SHOWN_COMPLETE, examined.sheet.span, name=examined.sheet.name)
