"""One customer of a facts file, whichever form the file has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from dsl.diagnostics import Lang

# The column, or the field, that says who it is.
CUSTOMER = ("customer", "客户")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row as a whole, in both languages."""

    en: str
    zh: str

    def message(self, lang: Lang) -> str:
        """The sentence in one language."""
        return self.en if lang == "en" else self.zh


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
