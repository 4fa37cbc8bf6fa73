"""A customer's history for people: a line a date, with what happened, what is held, what the facts give, and why.

The same table shows a history that was asked for and a story that did not come true; there, what was expected
stands under its date.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.report import PLAIN_WIDTH
from api.wording import pick
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from dsl.rendering import printable
from engine.decision import NOT_APPLICABLE, Decision
from engine.movement.answers import OverTime
from engine.movement.called import tier_words

NO_WORDS: Mapping[int, tuple[str, ...]] = {}


def timeline(
    decisions: Iterable[Decision],
    policy: CheckedPolicy,
    lang: Lang,
    colour: bool = False,
    wrong: Mapping[int, tuple[str, ...]] = NO_WORDS,
) -> str:
    """The table of a history. `wrong` says of the decisions by number what was expected of them and did not come."""
    out = StringIO()
    width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
    console = Console(file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in _titles(policy, lang, marked=bool(wrong)):
        table.add_column(Text(title), overflow="fold")
    for number, decision in enumerate(decisions):
        mark = [("✗" if number in wrong else "")] if wrong else []
        cells = [*mark, *_cells(decision, policy, lang)]
        table.add_row(*(Text(cell, style="bold" if number in wrong else "") for cell in cells))
        for told in wrong.get(number, ()):
            table.add_row(*("" for _ in cells[:-2]), Text(_clean(told), style="red"), "")
    console.print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def _titles(policy: CheckedPolicy, lang: Lang, *, marked: bool) -> list[str]:
    several = len(policy.movements) > 1
    ladder = next((policy.ladders[key].name for key in policy.movements), "")
    held = pick(lang, "held", "现等级") if several else _clean(ladder)
    return [
        *([""] if marked else []),
        pick(lang, "date", "日期"),
        held,
        pick(lang, "computed", "核算"),
        pick(lang, "what happened", "发生了什么"),
        pick(lang, "why", "原因"),
    ]


def _cells(decision: Decision, policy: CheckedPolicy, lang: Lang) -> list[str]:
    moved = decision.over_time
    if moved is None:
        return [decision.as_of.isoformat(), "", "", "", ""]
    happened = "\n".join(
        ("" if each.on == decision.as_of else f"{each.on}: ") + _clean(each.text)
        for each in moved.transitions
    )
    held = [_tier(decision, policy, key, each.held, lang) for key, each in moved.ladders.items()]
    computed = [_computed(moved, policy, key, lang) for key in moved.ladders]
    why = [each.why for each in moved.ladders.values() if each.why is not None]
    return [
        decision.as_of.isoformat(),
        _clean(" · ".join(held)),
        _clean(" · ".join(computed)),
        happened,
        _clean(pick(lang, "; ", "；").join(why)),
    ]


def _tier(decision: Decision, policy: CheckedPolicy, key: str, tier: str | None, lang: Lang) -> str:
    if tier is None and decision.status == NOT_APPLICABLE:
        return pick(lang, "not graded", "不分级")
    return "-" if tier is None else tier_words(policy.ladders[key], tier, lang)


def _computed(moved: OverTime, policy: CheckedPolicy, key: str, lang: Lang) -> str:
    """What the facts alone give; where that is not decided, what they may."""
    outcome, ladder = moved.states[key].outcome, policy.ladders[key]
    if not outcome.graded:
        return "-"
    surely = moved.ladders[key].computed
    if surely is not None:
        return tier_words(ladder, surely, lang)
    return pick(lang, " or ", " 或 ").join(tier_words(ladder, tier, lang) for tier in outcome.possible)


def _clean(item: object) -> str:
    return printable(str(item)).replace("\n", " ")
