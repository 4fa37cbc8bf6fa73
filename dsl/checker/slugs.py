"""Names for rules that the author did not name, made from what the author wrote.

A slug is lower case, keeps letters and digits of any script and joins them with `_`. Keywords stand in a slug
by one fixed word each, so that a policy translated from one language to the other keeps the names of its
rules.
"""

from __future__ import annotations

import re
from typing import assert_never

from dsl import ast

_GAPS = re.compile(r"[\W_]+")

# How comparisons read in a slug; `=`, `is` and `in` say nothing that their sides do not say.
_COMPARISONS: dict[ast.Comparison, str] = {
    "IS_NOT": "not",
    ">": "over",
    "OVER": "over",
    "<": "below",
    "BELOW": "below",
    ">=": "at least",
    "AT_LEAST": "at least",
    "OR_MORE": "at least",
    "<=": "at most",
    "AT_MOST": "at most",
    "UP_TO": "at most",
    "OR_LESS": "at most",
}

# Long conditions and labels are cut: a name is for reading.
LONGEST = 60
# A row has to be told from its neighbours, which may differ in the last of many columns only.
LONGEST_ROW = 200


def slug(text: str, longest: int = LONGEST) -> str:
    """`Recommends us` as `recommends_us`; letters of any script stay."""
    return _GAPS.sub("_", text.lower()).strip("_")[:longest].rstrip("_")


def condition_slug(node: ast.Expr) -> str:
    """The slug of a condition or an expression without its numbers: `days_overdue > 30 days` is
    `days_overdue_over`.
    """
    return slug(" ".join(_words(node, numbers=False)))


def expression_slug(node: ast.Expr) -> str:
    """The slug of an expression with its numbers, for where they are needed to tell two apart."""
    return slug(" ".join(_words(node, numbers=True)))


def cells_slug(head: tuple[ast.Heading, ...], cells: tuple[ast.Cell, ...]) -> str:
    """The slug of a row: what it asks of its columns, as in `order_amount_below_200k`; a row of `-` alone is
    `otherwise`.
    """
    words: list[str] = []
    for heading, cell in zip(head, cells, strict=False):
        if not isinstance(cell, ast.AnyCell):
            words += [*_heading_words(heading), *_cell_words(cell)]
    return slug(" ".join(words), LONGEST_ROW) if words else "otherwise"


def _heading_words(heading: ast.Heading) -> list[str]:
    named = [(heading.keyword or "").lower()] if heading.expr is None else _words(heading.expr, numbers=True)
    return [*named, *([_COMPARISONS[heading.bound]] if heading.bound else [])]


def _cell_words(cell: ast.Cell) -> list[str]:
    match cell:
        case ast.AnyCell():
            return []
        case ast.UnknownCell():
            return ["unknown"]
        case ast.ListCell(items=items, negated=negated):
            return [*(["not"] if negated else []), *_all_words(items, numbers=True)]
        case ast.BoundCell(op=op, value=value):
            return [_COMPARISONS.get(op, ""), *_words(value, numbers=True)]
        case ast.RangeCell(kind=kind, low=low, high=high):
            joint = "to" if kind == "to" else "until" if kind == "from" else "through"
            return [*_words(low, numbers=True), joint, *_words(high, numbers=True)]
        case ast.HeadingCell(heading=heading):
            return _heading_words(heading)
        case _:
            assert_never(cell)


def _all_words(nodes: tuple[ast.Expr, ...], *, numbers: bool) -> list[str]:
    return [word for node in nodes for word in _words(node, numbers=numbers)]


def _words(node: ast.Expr, *, numbers: bool) -> list[str]:  # one case a node: long, and nothing to split
    match node:
        case ast.Number(text=text):
            return [text] if numbers else []
        case ast.Quantity(number=number, unit=unit):
            return [number.text, unit.lower()] if numbers else []
        case ast.DateValue(value=value):
            return [value.isoformat()] if numbers else []
        case ast.TextValue(label=label):
            return [label.text]
        case ast.Truth(value=value):
            return ["yes" if value else "no"]
        case ast.Today():
            return ["today"]
        case ast.Ref(word=word):
            return [word.text]
        case ast.Held(ladder=word):
            return ["held", word.text]
        case ast.Group(inner=inner) | ast.Rounded(inner=inner):
            return _words(inner, numbers=numbers)
        case ast.Negate(inner=inner):
            return ["minus", *_words(inner, numbers=numbers)]
        case ast.Arith(op=op, left=left, right=right):
            sign = {"-": ["minus"], "/": ["by"]}.get(op, [])
            return [*_words(left, numbers=numbers), *sign, *_words(right, numbers=numbers)]
        case ast.Extreme(op=op, items=items):
            return [op, *_all_words(items, numbers=numbers)]
        case ast.Calendar(function=function, inner=inner):
            return [function.lower(), *_words(inner, numbers=numbers)]
        case ast.Not(inner=inner):
            return ["not", *_words(inner, numbers=numbers)]
        case ast.Logic(op=op, items=items):
            joined = [_words(item, numbers=numbers) for item in items]
            return [word for at, words in enumerate(joined) for word in ([op, *words] if at else words)]
        case ast.Compare(op=compare, left=left, right=right):
            return [
                *_words(left, numbers=numbers),
                _COMPARISONS.get(compare, ""),
                *_words(right, numbers=numbers),
            ]
        case ast.Between(inner=inner, low=low, high=high):
            return [*_words(inner, numbers=numbers), "between", *_all_words((low, high), numbers=numbers)]
        case ast.In(inner=inner, items=items, negated=negated):
            mark = ["not"] if negated else []
            return [*_words(inner, numbers=numbers), *mark, *_all_words(items, numbers=numbers)]
        case ast.Contains(inner=inner, item=item):
            return [*_words(inner, numbers=numbers), "contains", *_words(item, numbers=numbers)]
        case ast.IsUnknown(inner=inner, negated=negated):
            return [*_words(inner, numbers=numbers), *(["not"] if negated else []), "unknown"]
        case _:
            assert_never(node)
