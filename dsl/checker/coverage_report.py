"""One sheet on one day under examination, and how its problems are put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from dsl.checker.coverage_grid import Budget
from dsl.checker.coverage_layout import Entry, Layout, Sheet, lay_out
from dsl.checker.coverage_numbers import Words
from dsl.checker.coverage_words import box_words, lines_words
from dsl.checker.domains import Domains, Key, Region
from dsl.checker.domains_fold import Constant, fold
from dsl.diagnostics import Code, Diagnostic
from dsl.model import CheckedPolicy, Expr
from dsl.source import Span


@dataclass(slots=True)
class Examined:
    """A sheet laid out for one day; `found` is what is wrong with it."""

    sheet: Sheet
    domains: Domains
    day: date
    budget: Budget
    layout: Layout = field(init=False)
    owners: list[Entry] = field(init=False)
    found: list[Diagnostic] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.layout = lay_out(self.sheet, self.domains, self.day)
        self.owners = self.layout.owners()

    @property
    def policy(self) -> CheckedPolicy:
        """The policy that the sheet belongs to."""
        return self.domains.policy

    def fold(self, expr: Expr) -> Constant | None:
        """What a constant comes to on that day."""
        return fold(expr, self.policy, self.day)

    def where(self, box: Mapping[Key, Region]) -> Words:
        """A box in words, its parts in the order in which the columns stand."""
        ordered = {key: box[key] for key in self.layout.asked if key in box}
        return box_words(ordered, self.layout.asked, self.layout.names, self.policy)

    def lines(self, spans: list[Span]) -> Words:
        """The lines of several places."""
        return lines_words(spans, self.policy)

    def say(
        self,
        code: Code,
        span: Span,
        *,
        also: tuple[Span, ...] = (),
        hint: Words | None = None,
        **words: str | Words,
    ) -> None:
        """Notes one problem; a pair of words fills `{name}` in English and `{name_zh}` in Chinese.

        The words are not cut, as `diagnose` does: each of their parts is short already.
        """
        if self.day > (self.policy.start or date.min):
            since = (f"so it is from {self.day} on", f"自 {self.day} 起如此")
            hint = since if hint is None else (f"{hint[0]}; {since[0]}", f"{hint[1]}；{since[1]}")
        self.found.append(Diagnostic(code, span, tuple(_slots(words).items()), also, hint))


def _slots(words: Mapping[str, str | Words]) -> dict[str, str]:
    slots: dict[str, str] = {}
    for name, word in words.items():
        if isinstance(word, str):
            slots[name] = word
        else:
            slots[name], slots[f"{name}_zh"] = word
    return slots
