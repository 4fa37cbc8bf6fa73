"""What is proved about tables: nothing is left out, nothing is in vain, no two bands cross.

Every sheet (lines and tables that share one order) is laid out as boxes over what it asks about, and the
boxes are put on a grid; see `coverage_layout` and `coverage_grid`. The answers are exact in any number of
columns, on the facts' own domains:

* a combination for which no row holds is an error with that combination in words, unless a row of `-` or
  `otherwise` ends the sheet;
* so is a row that can never match, or whose customers are all taken by the rows above it (a line: a warning);
* so are two bands of one column of which neither contains the other, where the rest of their rows can hold
  together; and under `exactly one` any two rows that can;
* so are neighbouring bands of whole numbers that leave out exactly one value: nobody means that.

Columns that depend on each other (a score, and a fact that it reads) are taken as free of each other. A
parameter with dated values is a constant on any one day: the sheet is analysed once for every stretch of
days.
"""

from __future__ import annotations

from datetime import date

from dsl.checker.coverage_cells import check_cells
from dsl.checker.coverage_gaps import applicable, check_gaps, check_skipped
from dsl.checker.coverage_grid import Budget, Grid, OverBudgetError
from dsl.checker.coverage_layout import Sheet, lay_out, sheets
from dsl.checker.coverage_report import Examined
from dsl.checker.coverage_rows import check_crossing, check_exactly_one, check_reached
from dsl.checker.domains import Domains
from dsl.checker.domains_fold import days_of_change
from dsl.diagnostics import Diagnostic, diagnose
from dsl.messages import coverage as messages
from dsl.model import CheckedPolicy, Table
from dsl.source import Span


def check_tables(policy: CheckedPolicy) -> list[Diagnostic]:
    """Every problem in the tables of a policy, and every line that is never reached."""
    domains, budget = Domains(policy), Budget()
    found: list[Diagnostic] = []
    for sheet in sheets(policy):
        # What is wrong on several days is one problem.
        told: dict[tuple[str, Span, tuple[Span, ...]], Diagnostic] = {}
        for day in _days(sheet, policy):
            examined = Examined(sheet, domains, day, budget)
            try:
                _examine(examined)
            except OverBudgetError:
                examined.found.append(diagnose(messages.TOO_LARGE, sheet.span, name=sheet.name))
            for item in examined.found:
                told.setdefault((item.code.code, item.span, item.also), item)
        found += told.values()
    return found


def _days(sheet: Sheet, policy: CheckedPolicy) -> list[date]:
    """The first day of every stretch of days on which the sheet's parameters stay as they are."""
    applies = () if policy.applies is None else (policy.applies,)
    return days_of_change((*sheet.exprs(), *applies), policy)


def _examine(examined: Examined) -> None:
    """Everything that is wrong with one sheet on one day; raises OverBudgetError where it cannot be told."""
    sheet, layout = examined.sheet, examined.layout
    check_cells(examined)
    if sheet.together:
        return
    for column, span in layout.open:
        examined.say(messages.COLUMN_NOT_FIXED, span, column=column.text)
    grid = Grid(layout.boxes, layout.universe(known=False), examined.budget)
    check_reached(examined, grid)
    if sheet.exactly_one:
        check_exactly_one(examined, grid)
    else:
        check_crossing(examined, grid)
    holes = check_skipped(examined, grid)
    if sheet.complete:
        check_gaps(examined, holes)


def complete(table: Table, policy: CheckedPolicy) -> bool:
    """Whether it is proved that a row of a table holds for every customer of whom its columns are known."""
    domains, budget, sheet = Domains(policy), Budget(), Sheet("", (table,))
    try:
        for day in _days(sheet, policy):
            layout = lay_out(sheet, domains, day)
            universe = applicable(layout.universe(known=True), domains, day)
            if Grid(layout.boxes, universe, budget).gap() is not None:
                return False
    except OverBudgetError:
        return False
    return True
