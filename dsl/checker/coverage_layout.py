"""A body of lines and tables laid out as boxes, ready to be put on a grid.

Tables and lines of one statement share one order, so they share one layout: a row is one box, a line as many
as its condition has pieces. What a cell compares with must be fixed; a cell whose ends are not is an opaque
question of its own, which holds or does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from dsl.checker.domains import UNKNOWN, Domain, Domains, Key, Region, key_of, meet
from dsl.checker.domains_conditions import HOLDS, Asked, Box, Conditions
from dsl.model import (
    AnyCell,
    Cell,
    CheckedPolicy,
    Choice,
    Column,
    DerivedValue,
    Expr,
    Line,
    RangeCell,
    Row,
    Table,
)
from dsl.source import Span
from dsl.types import Kind
from dsl.walk import row_exprs


@dataclass(frozen=True, slots=True)
class Sheet:
    """Lines and tables that are read together, in their order.

    `complete` where something must hold for every customer; `together` where several may hold at once (tags).
    """

    name: str
    items: tuple[Line | Table, ...]
    complete: bool = True
    together: bool = False
    exactly_one: bool = False
    ladder: bool = False

    @property
    def span(self) -> Span:
        """Where a gap is reported: the last table, else the last line."""
        tables = [item for item in self.items if isinstance(item, Table)]
        return (tables or self.items)[-1].span

    def exprs(self) -> Iterator[Expr]:
        """What the sheet compares, for the parameters in it."""
        for item in self.items:
            if isinstance(item, Line):
                yield from (item.condition,) if item.condition is not None else ()
                continue
            for column in item.columns:
                yield column.expr
            for row in item.rows:
                yield from row_exprs(row)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row or a line, and the places of its boxes. `table` counts the tables of its sheet; a line is in
    none.
    """

    item: Row | Line
    table: int | None
    boxes: range
    always: bool


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that can never match, with its column and its row."""

    column: Column
    domain: Domain
    row: Row
    cell: Cell


@dataclass(slots=True)
class Layout:
    """The boxes of a sheet on one day, and what they ask about.

    `bands[key]` are, for each table, the boxes that have a range on that axis; `open` the columns with cells
    that are not fixed.
    """

    entries: list[Entry] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    asked: dict[Key, Asked] = field(default_factory=dict)
    names: dict[Key, str] = field(default_factory=dict)
    bands: dict[tuple[int, Key], int] = field(default_factory=dict)
    open: list[tuple[Column, Span]] = field(default_factory=list)
    bad: list[BadCell] = field(default_factory=list)
    unknown_columns: set[Key] = field(default_factory=set)

    def universe(self, *, known: bool) -> dict[Key, Region]:
        """Everything that can be asked for; if only what is `known` counts, unknown just where it is asked
        for.
        """
        if not known:
            return {key: asked.domain.all for key, asked in self.asked.items()}
        asking = {key for box in self.boxes for key, region in box.items() if region[-1] == UNKNOWN[0]}
        asking |= self.unknown_columns
        return {
            key: asked.domain.all if key in asking else asked.domain.known
            for key, asked in self.asked.items()
        }

    def certain_boxes(self) -> list[Box]:
        """The boxes with every opaque question answered in their favour."""
        opaque = {key for key, asked in self.asked.items() if asked.opaque}
        return [{key: region for key, region in box.items() if key not in opaque} for box in self.boxes]

    def opaque(self) -> int:
        """The boxes that ask an opaque question."""
        opaque = {key for key, asked in self.asked.items() if asked.opaque}
        return sum(1 << at for at, box in enumerate(self.boxes) if not opaque.isdisjoint(box))

    def bands_of(self, key: Key) -> list[int]:
        """The boxes that have a range on an axis, table by table."""
        return [band for (_, axis), band in self.bands.items() if axis == key]

    def owners(self) -> list[Entry]:
        """The entry that each box belongs to."""
        return [entry for entry in self.entries for _ in entry.boxes]


def sheets(policy: CheckedPolicy) -> Iterator[Sheet]:
    """Every body of a policy of which the first that holds decides, and every table of tags."""
    for value in policy.values.values():
        if isinstance(value.body, tuple):
            yield _sheet(value)
    for score in policy.scores.values():
        for part in score.parts:
            if isinstance(part, Table):
                yield Sheet(score.name, (part,))
    for choice in policy.choices.values():
        yield _sheet(choice, exactly_one=choice.exactly_one)
    for ladder in policy.ladders.values():
        if ladder.by is None:
            lines = [Line(tier.rule, tier.condition, tier.key, None, tier.span) for tier in ladder.tiers]
            yield Sheet(ladder.name, tuple(lines), complete=False, ladder=True)
    for tags in policy.tags.values():
        if any(isinstance(item, Table) for item in tags.body):
            yield Sheet(tags.name, tags.body, complete=False, together=True)


def _sheet(declared: DerivedValue | Choice, exactly_one: bool = False) -> Sheet:
    assert isinstance(declared.body, tuple)
    # That lines alone end with `otherwise` is held where they are read.
    complete = any(isinstance(item, Table) for item in declared.body)
    return Sheet(declared.name, declared.body, complete, exactly_one=exactly_one)


class _Layer:
    """Lays out one sheet on one day."""

    def __init__(self, domains: Domains, day: date) -> None:
        self.domains = domains
        self.conditions = Conditions(domains, day)
        self.day = day
        self.layout = Layout(asked=self.conditions.asked)
        self.opaque: dict[tuple[Key, object], Key] = {}

    def line(self, line: Line) -> None:
        boxes = [{}] if line.condition is None else self.conditions.boxes(line.condition)
        self._entry(line, None, boxes, line.condition is None)

    def table(self, table: Table, at: int) -> None:
        columns = [(column, key_of(column.expr), self.domains.of(column.expr)) for column in table.columns]
        for column, key, domain in columns:
            if domain is not None:
                self.layout.asked.setdefault(key, Asked(column.expr, domain))
                self.layout.names.setdefault(key, column.text)
                if column.has_unknown:
                    self.layout.unknown_columns.add(key)
        opened: set[Key] = set()
        for row in table.rows:
            box: Box = {}
            place = len(self.layout.boxes)
            for position, (column, key, domain) in enumerate(columns):
                cell = row.cells[position]
                if isinstance(cell, AnyCell):
                    continue
                region = None if domain is None else self.domains.cell(cell, domain, self.day)
                if region is None or domain is None:
                    self._open(column, key, row, cell, box, opened)
                    continue
                box[key] = region if key not in box else meet(box[key], region)
                if not region:
                    self.layout.bad.append(BadCell(column, domain, row, cell))
                if isinstance(cell, RangeCell) and (
                    domain.type.kind.numeric or domain.type.kind is Kind.DATE
                ):
                    self.layout.bands[at, key] = self.layout.bands.get((at, key), 0) | 1 << place
            boxes = [box] if all(box.values()) else []
            self._entry(row, at, boxes, not box)
            if not boxes:
                for band in self.layout.bands:
                    self.layout.bands[band] &= ~(1 << place)

    def _open(self, column: Column, key: Key, row: Row, cell: object, box: Box, opened: set[Key]) -> None:
        """A cell that is not fixed: the same cell of one column is the same question wherever it stands."""
        if key not in opened:
            opened.add(key)
            self.layout.open.append((column, row.span))
        own = self.opaque.setdefault((key, cell), ("cell", str(len(self.opaque))))
        self.layout.asked.setdefault(own, Asked(column.expr, HOLDS, opaque=True))
        box[own] = HOLDS.single(True)

    def _entry(self, item: Row | Line, table: int | None, boxes: list[Box], always: bool) -> None:
        start = len(self.layout.boxes)
        self.layout.boxes += boxes
        self.layout.entries.append(Entry(item, table, range(start, start + len(boxes)), always))


def lay_out(sheet: Sheet, domains: Domains, day: date) -> Layout:
    """The layout of a sheet on a day."""
    layer = _Layer(domains, day)
    for at, item in enumerate(sheet.items):
        if isinstance(item, Line):
            layer.line(item)
        else:
            layer.table(item, at)
    return layer.layout
