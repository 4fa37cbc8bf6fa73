"""First match, as generated code: a loop that runs once and is left at the first line or row that holds.

Where the reference would keep several results possible the function gives up (`Undecided`). So what comes
out is surely known, or deliberately nothing (`-`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dsl.model import Body, Expr, Line, Outcome, Result, Row, Table
from dsl.types import Kind, Type
from engine.compiled import tables
from engine.compiled.draft import Draft, Fragment
from engine.compiled.expressions import as_fraction, expression
from engine.compiled.shapes import facts_read, reason, reason_of, shown, template
from engine.decision import Reason
from engine.matching import Act, Part
from engine.shown import shown_value
from engine.values import Known, Unknown, exact

# What `-` gives.
NOTHING = Fragment("None", optional=True, simple=True)
# How a line's result is written; it may be told to be left out of the reasons where it is zero.
Gives = Callable[[Draft, Result], Fragment]


def first_match(
    draft: Draft, part: Part, key: str, body: Body, gives: Gives, type: Type, *, always: bool = True
) -> Fragment:
    """The name of what the first line that holds gives; its reason is told on the way.

    `always`: some line holds, as the checker has proved; else nothing that holds gives zero.
    """
    results = _results(draft, body, gives)
    match = Match(draft, part, key, type, results, draft.fresh("v"))
    if not always:
        draft.line(f"{match.target} = ZERO")
    with draft.block("while True:"):
        above: list[Expr] = []
        for item in body:
            if isinstance(item, Table):
                above += [column.expr for column in item.columns]
                match.table(item)
            else:
                above += [] if item.condition is None else [item.condition]
                match.tried(item, _condition(draft, item), tuple(above) if item.condition is None else None)
                if item.condition is None:
                    break
        else:
            draft.line("raise Undecided" if always else "break")
    return match.found(always)


def _results(draft: Draft, body: Body, gives: Gives) -> dict[int, Fragment]:
    """What each line and row gives, by its identity; all of one sort of number."""
    rules = [rule for item in body for rule in (item.rows if isinstance(item, Table) else (item,))]
    found = {id(rule): gives(draft, rule.result) for rule in rules}
    if any(each.sort == "fraction" for each in found.values()):
        return {key: each if each is NOTHING else as_fraction(draft, each) for key, each in found.items()}
    return found


def _condition(draft: Draft, line: Line) -> Fragment | None:
    if line.condition is None:
        return None
    return draft.refuse_unless_known(expression(draft, line.condition))


class Match:
    """One first match in the making: what it is of, what its rules give, and the variable that is filled."""

    def __init__(
        self, draft: Draft, part: Part, key: str, type: Type, results: dict[int, Fragment], target: str
    ) -> None:
        self.draft, self.part, self.key, self.type = draft, part, key, type
        self.results, self.target = results, target

    def found(self, always: bool) -> Fragment:
        """The variable, and what is known of it."""
        given = [each for each in self.results.values() if each is not NOTHING]
        return Fragment(
            self.target,
            given[0].sort if given else "other",
            optional=always and len(given) < len(self.results),
            whole=all(each.whole for each in given),
            plain=all(each.plain or each.whole for each in given),
            simple=True,
        )

    def tried(self, line: Line, condition: Fragment | None, reads: tuple[Expr, ...] | None) -> None:
        """A line: where its condition holds it settles the matter."""
        if condition is None:
            self._settled(line, reads or (), line.condition)
            self.draft.line("break")
            return
        with self.draft.block(f"if {condition.text}:"):
            assert line.condition is not None, "only `otherwise` has no condition"
            self._settled(line, (line.condition,), line.condition)
            self.draft.line("break")

    def table(self, table: Table) -> None:
        """A table: the row is looked up, or where that cannot be, tried."""
        draft = self.draft
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
        results = [self.results[id(row)] for row in table.rows]
        if self.type.kind is Kind.LIST or not all(
            each is NOTHING or each.value is not None for each in results
        ):
            for at, row in enumerate(table.rows):
                with self.draft.block(f"if {number} == {at}:"):
                    self._row(table, row)
            return
        draft = self.draft
        values = [each.value for each in results]
        if not draft.variant.explained:
            draft.line(f"{self.target} = {draft.constant(values)}[{number}]")
            return
        names = [self.target, *(draft.fresh() for _ in range(5))]
        told = [template(draft, self.act(row, _cells(table, row))) for row in table.rows]
        rows = [
            (value, self._shown(value), each.rule, each.label, each.line, each.owner)
            for value, each in zip(values, told, strict=True)
        ]
        draft.line(f"{', '.join(names)} = {draft.constant(rows)}[{number}]")
        self._tell(_row_reason(draft, told, names, facts_read(draft, [each.expr for each in table.columns])))

    def _shown(self, value: object) -> object:
        return None if value is None else shown_value(exact(value), self.type)  # type: ignore[arg-type]

    def _row(self, table: Table, row: Row) -> None:
        self._settled(row, tuple(column.expr for column in table.columns), _cells(table, row))

    def _settled(self, rule: Line | Row, reads: tuple[Expr, ...], condition: object) -> None:
        """The rule gives what it gives, and its reason is told."""
        draft, gives = self.draft, self.results[id(rule)]
        draft.line(f"{self.target} = {gives.text}")
        if gives.optional and gives is not NOTHING:
            with draft.block(f"if {self.target} is None:"):
                draft.line("raise Undecided")
        if draft.variant.explained:
            known = gives if gives.value is not None or gives is NOTHING else self._now(gives)
            told = template(draft, self.act(rule, condition))
            self._tell(reason(draft, told, shown(draft, known, self.type), facts_read(draft, reads)))

    def _now(self, gives: Fragment) -> Fragment:
        return Fragment(self.target, gives.sort, False, gives.whole, gives.plain, True)

    def _tell(self, text: str) -> None:
        if self.part != "score":
            self.draft.line(f"told({text})")
            return
        with self.draft.block(f"if {self.target}:"):
            self.draft.line(f"told({text})")

    def act(self, rule: Line | Row, condition: object) -> Act:
        """The rule as the oracle would have it act, without what depends on the customer."""
        return act_of(self.part, self.key, rule, condition)


def _cells(table: Table, row: Row) -> object:
    return tuple(zip(table.columns, row.cells, strict=True))


def act_of(part: Part, key: str, rule: Line | Row, condition: object) -> Act:
    """A rule of a body as the oracle would have it act, without what depends on the customer."""
    outcome = rule.result if isinstance(rule.result, Outcome) else None
    return Act(
        part,
        key,
        rule.rule,
        Unknown() if outcome is None else Known(outcome.key),
        (),
        rule.span,
        rule.label or (outcome.label if outcome else None),
        condition,  # type: ignore[arg-type]
        owner=outcome.owner if outcome else None,
    )


def _row_reason(draft: Draft, told: Sequence[Reason], names: Sequence[str], facts: str) -> str:
    """The reason of a row that was looked up: its words come from the row."""
    _, gives, rule, label, line, owner = names
    words = rule, label, line
    if all(each.owner is None for each in told):
        return reason_of(draft, told[0], words, gives, facts)
    if draft.variant.shape == "decision" or all(each.owner is not None for each in told):
        return reason_of(draft, told[0], words, gives, facts, [("owner", owner)])
    without, with_ = (
        reason_of(draft, told[0], words, gives, facts, each) for each in ((), [("owner", owner)])
    )
    return f"({without} if {owner} is None else {with_})"
