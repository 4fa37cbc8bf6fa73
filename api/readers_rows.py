"""One customer of a facts file, whichever form the file has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from dsl.diagnostics import Lang
from engine.facts_problems import NOTHING, Both, FactProblem

# The column, or the field, that says who it is.
CUSTOMER = ("customer", "客户")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What keeps a row as a whole from being read, an entry for each thing.

    `json` says that it is not JSON, or not JSON that we read; else its parts are not as they should be.
    """

    problems: tuple[FactProblem, ...]
    json: bool = False

    def messages(self, lang: Lang) -> tuple[str, ...]:
        """A sentence for each thing, with its help."""
        return tuple(told(item, lang) for item in self.problems)


def told(item: FactProblem, lang: Lang) -> str:
    """What is wrong and, in parentheses, what to do about it."""
    help = item.help(lang)
    around = " ({})" if lang == "en" else "（{}）"
    return item.message(lang) + (around.format(help) if help else "")


def row_problem(code: str, sentence: Both, advice: Both = NOTHING, *, at: str = "", got: str = "",
                expected: Both = NOTHING) -> RowProblem:  # fmt: skip
    """The one thing that is wrong with a row; `at` is a JSON pointer, empty for the row as a whole."""
    return RowProblem((FactProblem(at, code, sentence, advice, expected, got),))


@dataclass(frozen=True, slots=True)
class Row:
    """One customer. `number` counts rows from 1, a CSV's header being row 1 as in a spreadsheet.

    `facts` are as written: values out of JSON, or with `cells` the texts of a table's cells; see
    `engine.facts`. `kept` are the columns carried over. With a `problem` there are no facts.
    """

    number: int
    customer: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    kept: Mapping[str, object] = field(default_factory=dict)
    problem: RowProblem | None = None
    cells: bool = False


@dataclass(frozen=True, slots=True)
class Customers:
    """What a facts file holds. `single` says that it is one JSON object, answered by one decision.

    `notes` are remarks for the person who asked, in both languages; `size` is the file's in bytes where it is
    known, and `position` tells how many of them have been read. A `with` around it closes the file.
    """

    rows: Iterator[Row]
    single: bool = False
    notes: tuple[tuple[str, str], ...] = ()
    size: int | None = None
    position: Callable[[], int] = lambda: 0
    close: Callable[[], None] = lambda: None

    def __enter__(self) -> Customers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
