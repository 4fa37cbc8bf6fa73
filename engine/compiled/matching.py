"""First match, as generated code: a loop that runs once and is left at the first line or row that holds.

Where the reference would keep several results possible the function gives up (`Undecided`). So what comes
out is surely known, or deliberately nothing (`-`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from decimal import Decimal

from dsl.model import Body, Expr, Line, Outcome, Result, Row, Table
from dsl.types import Kind, Type, Value
from engine.compiled import tables
from engine.compiled.draft import Draft, Fragment
from engine.compiled.expressions import as_int, expression, of_one_sort
from engine.compiled.shapes import NO_NAMES, Names, Shape, template
from engine.compiled.shapes import Part as ShownPart
from engine.matching import Act, Part
from engine.values import Domain, Known, Unknown, exact

# What `-` gives.
NOTHING = Fragment("None", optional=True, simple=True)
# How what a line or a row gives is written.
Gives = Callable[[Draft, Result], Fragment]


def first_match(
    shape: Shape,
    part: Part,
    key: str,
    body: Body,
    gives: Gives,
    type: Type,
    names: Names = NO_NAMES,
) -> Fragment:
    """The name of what the first line that holds gives; its reason is told on the way.

    Of a score, nothing that holds gives zero; of all else some line holds, as the checker has proved.
    """
    draft = shape.draft
    results = _results(draft, body, gives, whole=part == "score")
    match = Match(shape, part, key, type, names, results, draft.fresh("v"))
    if part == "score":
        draft.line(f"{match.target} = 0")
    with draft.block("while True:"):
        match.body(body)
    return match.found()


def _results(draft: Draft, body: Body, gives: Gives, *, whole: bool) -> dict[int, Fragment]:
    """What each line and row gives, by its identity; all of one sort of number. `whole`: Python's whole
    numbers where they can be.
    """
    rules = [rule for item in body for rule in (item.rows if isinstance(item, Table) else (item,))]
    found = {id(rule): gives(draft, rule.result) for rule in rules}
    given = {key: each for key, each in found.items() if each is not NOTHING}
    if whole and all(each.whole for each in given.values()):
        return found | {key: as_int(draft, each) for key, each in given.items()}
    return found | dict(zip(given, of_one_sort(draft, list(given.values())), strict=True))


def _condition(draft: Draft, line: Line) -> Fragment | None:
    if line.condition is None:
        return None
    return draft.refuse_unless_known(expression(draft, line.condition))


@dataclass(frozen=True, slots=True)
class Match:
    """One first match in the making: what it is of, what its rules give, and the variable that is filled."""

    shape: Shape
    part: Part
    key: str
    type: Type
    names: Names
    results: dict[int, Fragment]
    target: str

    def found(self) -> Fragment:
        """The variable, and what is known of it."""
        given = [each for each in self.results.values() if each is not NOTHING]
        return Fragment(
            self.target,
            given[0].sort if given else "other",
            optional=self.part != "score" and len(given) < len(self.results),
            whole=all(each.whole for each in given),
            plain=all(each.plain for each in given),
            simple=True,
        )

    def body(self, body: Body) -> None:
        """One line or table after the other, until one settles the matter."""
        draft = self.shape.draft
        above: list[Expr] = []
        for item in body:
            if isinstance(item, Table):
                above += [column.expr for column in item.columns]
                self.table(item)
                continue
            self.tried(item, _condition(draft, item), above)
            if item.condition is None:
                return
            above.append(item.condition)
        draft.line("break" if self.part == "score" else "raise Undecided")

    def tried(self, line: Line, condition: Fragment | None, above: Sequence[Expr]) -> None:
        """A line: where its condition holds it settles the matter, and `otherwise` where none of those above does."""
        draft = self.shape.draft
        if condition is None or line.condition is None:
            self._settled(line, tuple(above), None)
            draft.line("break")
            return
        with draft.block(f"if {condition.text}:"):
            self._settled(line, (line.condition,), line.condition)
            draft.line("break")

    def table(self, table: Table) -> None:
        """A table: the row is looked up, or where that cannot be, tried."""
        draft = self.shape.draft
        heads = tables.heads_of(draft, table)
        number = tables.row_number(draft, table, heads)
        if number is None:
            for row in table.rows:
                holds = draft.refuse_unless_known(tables.row_condition(draft, table, row, heads))
                with draft.block(f"if {holds.text}:"):
                    self._row(table, row)
                    draft.line("break")
            return
        name = draft.fresh("r")
        draft.line(f"{name} = {number}")
        with draft.block(f"if {name} >= 0:"):
            self._looked_up(table, name)
            draft.line("break")

    def _looked_up(self, table: Table, number: str) -> None:
        draft = self.shape.draft
        results = [self.results[id(row)] for row in table.rows]
        constant = all(each is NOTHING or each.value is not None for each in results)
        if self.type.kind is Kind.LIST or not constant:
            for at, row in enumerate(table.rows):
                with draft.block(f"if {number} == {at}:"):
                    self._row(table, row)
            return
        values = [_constant(each) for each in results]
        if not draft.variant.explained:
            draft.line(f"{self.target} = {draft.constant(values)}[{number}]")
            return
        told = [
            template(draft, self._act(row, _cells(table, row), each))
            for row, each in zip(table.rows, results, strict=True)
        ]
        reads = [column.expr for column in table.columns]
        self.shape.tell_row(self.target, values, told, number, reads, self._where_it_counts())

    def _row(self, table: Table, row: Row) -> None:
        self._settled(row, tuple(column.expr for column in table.columns), _cells(table, row))

    def _settled(self, rule: Line | Row, reads: tuple[Expr, ...], condition: object) -> None:
        """The rule gives what it gives, and its reason is told."""
        draft, gives = self.shape.draft, self.results[id(rule)]
        draft.line(f"{self.target} = {gives.text}")
        if gives.optional and gives is not NOTHING:
            with draft.block(f"if {self.target} is None:"):
                draft.line("raise Undecided")
        if not draft.variant.explained:
            return
        told = template(draft, self._act(rule, condition, gives))
        with self._where_it_counts():
            self.shape.tell(told, reads, self._shown(gives))

    def _where_it_counts(self) -> AbstractContextManager[None]:
        """A rule that gives no points is no reason."""
        return self.shape.draft.block(f"if {self.target}:") if self.part == "score" else nullcontext()

    def _shown(self, gives: Fragment) -> ShownPart | None:
        """What the rule gave, where that depends on the customer."""
        if gives is NOTHING or gives.value is not None:
            return None
        now = replace(gives, text=self.target, optional=False, simple=True)
        return self.shape.value(now, self.type, self.names)

    def _act(self, rule: Line | Row, condition: object, gives: Fragment) -> Act:
        given = Unknown() if gives.value is None else Known(exact(gives.value))
        return act_of(self.part, self.key, rule, condition, given)


def _constant(gives: Fragment) -> Value | int | None:
    """The value that a variable is given; None for `-`."""
    return int(gives.value) if gives.sort == "int" and isinstance(gives.value, Decimal) else gives.value


def _cells(table: Table, row: Row) -> object:
    return tuple(zip(table.columns, row.cells, strict=True))


def act_of(part: Part, key: str, rule: Line | Row, condition: object, gives: Domain) -> Act:
    """A rule of a body as the oracle would have it act, without what depends on the customer."""
    outcome = rule.result if isinstance(rule.result, Outcome) else None
    return Act(
        part,
        key,
        rule.rule,
        gives,
        (),
        rule.span,
        rule.label or (outcome.label if outcome else None),
        condition,  # type: ignore[arg-type]
        owner=outcome.owner if outcome else None,
    )
