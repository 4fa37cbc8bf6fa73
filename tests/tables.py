"""Small policies made by hand, for tests of what is proved about tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from dsl.checker.coverage import check_tables
from dsl.diagnostics import Diagnostic
from dsl.model import (
    AnyCell,
    Cell,
    CheckedPolicy,
    Choice,
    Column,
    Compare,
    Const,
    Expr,
    Fact,
    Line,
    Outcome,
    Param,
    RangeCell,
    Read,
    Row,
    Score,
    SetCell,
    Table,
)
from dsl.source import Source, Span
from dsl.types import MONEY, NUMBER, WHOLE, YES_NO, Kind, Member, Type, Value

REGION = Type(
    Kind.ENUM, (Member("east", "east"), Member("west", "west"), Member("北", "north")), owner="region"
)
ANY = AnyCell()


def policy(
    facts: Iterable[Fact] = (),
    *,
    params: Iterable[Param] = (),
    scores: Iterable[Score] = (),
    choices: Iterable[Choice] = (),
    start: date | None = None,
) -> CheckedPolicy:
    """A policy of the parts that tables are about; line n of its text is where row n stands."""
    scores_by_key = {each.key: each for each in scores}
    choices_by_key = {each.key: each for each in choices}
    fields: dict[str, Any] = {
        "name": "p",
        "source": Source("x\n" * 3000),
        "start": start,
        "facts": {each.key: each for each in facts},
        "params": {each.key: each for each in params},
        "scores": scores_by_key,
        "choices": choices_by_key,
        "order": (*scores_by_key, *choices_by_key),
    }
    fields |= {name: {} for name in ("values", "ladders", "tags", "benefits")}
    fields |= dict.fromkeys(("uses", "advice", "examples"), ())
    rest = ("title", "owner", "end", "currency", "timezone", "scope", "about", "applies", "applies_reason")
    fields |= dict.fromkeys(rest)
    return CheckedPolicy(**fields)


def fact(name: str, type_: Type, low: Value | None = None, high: Value | None = None, **more: Any) -> Fact:
    return Fact(name=name, key=name, type=type_, at_least=low, at_most=high, **more)


def read(of: Fact | Param) -> Read:
    return Read("fact" if isinstance(of, Fact) else "param", of.key, of.type)


def const(value: Value | int, type_: Type = NUMBER) -> Const:
    return Const(Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value, type_)


def band(low: int | str | None, high: int | str | None, *, ends: str = "[)") -> RangeCell:
    low_end, high_end = (None if end is None else const(Decimal(end)) for end in (low, high))
    return RangeCell(low_end, high_end, ends[0] == "[", ends[1] == "]")


def one(*values: Value) -> SetCell:
    return SetCell(tuple(const(value, REGION) for value in values))


def column(of: Fact | Read, has_unknown: bool = False) -> Column:
    expr = of if isinstance(of, Read) else read(of)
    return Column(expr, expr.key, has_unknown)


def table(columns: Iterable[Column], *rows: tuple[Cell, ...]) -> Table:
    """Row n stands on line n and gives n points."""
    made = [Row(f"r{n}", cells, const(n), span=Span(2 * n - 2, 2 * n - 1)) for n, cells in enumerate(rows, 1)]
    return Table(tuple(columns), tuple(made), Span(0, 5999))


def score(*parts: Table) -> Score:
    return Score(name="s", key="s", type=NUMBER, parts=parts)


def problems(found: Iterable[Diagnostic]) -> list[str]:
    return [f"{each.code.code} {each.message()}" for each in found]


def check(facts: Iterable[Fact], body: Table) -> list[str]:
    return problems(check_tables(policy(facts, scores=[score(body)])))


AMOUNT = fact("order_amount", MONEY, Decimal(0))
ORDERS = fact("orders", WHOLE, Decimal(0), Decimal(50))
PLACE = fact("region", REGION)


def outcome(key: str) -> Outcome:
    return Outcome(key)


def choice(*body: Line | Table, exactly_one: bool = False) -> Choice:
    type_ = Type(Kind.ENUM, (Member("a", "a"),), owner="c")
    return Choice(name="c", key="c", kind="choose", type=type_, body=body, exactly_one=exactly_one)


def line(number: int, condition: Expr | None, key: str) -> Line:
    span = Span(2 * number - 2, 2 * number - 1)
    return Line(f"l{number}", condition, outcome(key), None, span)


def above(number: int, of: Fact = ORDERS) -> Compare:
    return Compare(">=", read(of), const(number), YES_NO)
