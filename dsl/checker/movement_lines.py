"""A movement's lines as the author wrote them: words in order, taken apart by their commas and keywords.

The grammar has held the shape of every line, so what is looked for is there; what stands here says only where.
Lengths of time and counts are read here too, because every line has them and none takes hours or halves.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from dsl import ast
from dsl.checker import arithmetic
from dsl.checker.context import Context, rule_name
from dsl.messages import movement as messages
from dsl.model import Lapse
from dsl.source import Span
from dsl.types import Kind, Type

Item = ast.KeywordUse | ast.Expr | ast.Label | ast.Word | ast.TypeName | ast.MonthDay
DAY = Decimal(86_400)
# A hundred years, as for periods.
MOST_DAYS = 36_525
MOST_REVIEWS = 1_000


@dataclass(frozen=True, slots=True)
class Moving:
    """The ladder whose movement is being lowered; its type is None where its own statement is wrong."""

    name: str
    key: str
    type: Type | None

    def rule(self, rest: str) -> str:
        """The stable name of a rule that every movement has at most once."""
        return f"movement.{self.key}.{rest}"


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands between two commas of a line."""

    items: tuple[Item, ...]

    @property
    def ids(self) -> frozenset[str]:
        """The keywords in it."""
        return frozenset(item.id for item in self.items if isinstance(item, ast.KeywordUse))

    @property
    def span(self) -> Span:
        """Its place in the text."""
        return self.items[0].span.to(self.items[-1].span)

    def behind(self, id: str) -> Item | None:
        """What stands behind a keyword; None without that keyword, or where it stands last."""
        for at, item in enumerate(self.items[:-1]):
            if isinstance(item, ast.KeywordUse) and item.id == id:
                return self.items[at + 1]
        return None

    def expr(self, id: str) -> ast.Expr:
        """The expression behind a keyword that has one."""
        found = self.behind(id)
        assert found is not None
        assert not isinstance(found, ast.KeywordUse | ast.Label | ast.Word | ast.TypeName | ast.MonthDay)
        return found

    def lengths(self) -> tuple[ast.Quantity, ...]:
        """The lengths of time in it, in order."""
        return tuple(item for item in self.items if isinstance(item, ast.Quantity))

    def label(self) -> ast.Label | None:
        """The reason in quotes."""
        return next((item for item in self.items if isinstance(item, ast.Label)), None)


def named_rule(
    ctx: Context, moving: Moving, label: ast.Label | None, condition: ast.Expr | None, clause: ast.Clause
) -> str:
    """The stable name of a line that may stand several times: by its reason, else by its condition."""
    parent = f"movement.{moving.key}"
    return rule_name(ctx, parent, None, label, condition, clause.span, twice=messages.RULE_TWICE)


def pieces_of(clause: ast.Clause) -> tuple[Piece, ...]:
    """A line cut at its commas; the signs in it say nothing more."""
    pieces: list[list[Item]] = [[]]
    for item in clause.items:
        if item == ",":
            pieces.append([])
        elif not isinstance(item, str):
            pieces[-1].append(item)
    return tuple(Piece(tuple(items)) for items in pieces if items)


def lapse(ctx: Context, node: ast.Quantity) -> Lapse | None:
    """A length of whole days or whole months, from one day on; anything else is reported."""
    # What is wrong with a period has a sentence of its own, which is said there.
    const = arithmetic.quantity(ctx, node)
    if const is None or not isinstance(const.value, Decimal):
        return None
    if const.type.kind is Kind.PERIOD:
        return Lapse(months=int(const.value))
    days = const.value / DAY
    if node.unit in ("DAYS", "WEEKS") and 1 <= days <= MOST_DAYS and days == days.to_integral_value():
        return Lapse(days=int(days))
    ctx.report.add(messages.LENGTH, node.span, length=ctx.words(node.span))
    return None


def count(ctx: Context, node: ast.Number, what: tuple[str, str], most: int) -> int | None:
    """A whole number from 1 to `most`; anything else is reported. `what` is counted, in both languages."""
    value = node.value
    if (
        not node.percent
        and node.currency is None
        and 1 <= value <= most
        and value == value.to_integral_value()
    ):
        return int(value)
    ctx.report.add(
        messages.COUNT, node.span, count=ctx.words(node.span), what=what[0], what_zh=what[1], most=str(most)
    )
    return None
