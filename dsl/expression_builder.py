"""The builder's rules for names, labels, literals and expressions; see `dsl.builder`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple, TypeVar, cast

from dsl import ast
from dsl.lexer import LineLexer, Token
from dsl.messages import syntax
from dsl.numerals import NumberValue
from dsl.source import Span

T = TypeVar("T")

_SIGN_COMPARISONS: dict[str, ast.Comparison] = {"EQ": "=", "GT": ">", "GE": ">=", "LT": "<", "LE": "<="}


class Names(tuple[ast.Word, ...]):
    """Names in a list."""


class Operands(tuple[ast.Expr, ...]):
    """Expressions in a list."""


class AliasName(NamedTuple):
    """`(order_amount)` behind a name."""

    word: ast.Word
    span: Span


class Labelled(NamedTuple):
    """An enumeration's value with every label that stood behind it."""

    name: ast.Declared
    labels: tuple[ast.Label, ...]
    span: Span


def of_type(parts: Iterable[Any], kind: type[T]) -> tuple[T, ...]:
    """The children of one kind."""
    return tuple(part for part in parts if isinstance(part, kind))


def one(parts: Iterable[Any], kind: type[T]) -> T | None:
    """The first child of a kind."""
    return next((part for part in parts if isinstance(part, kind)), None)


def tokens_of(parts: Iterable[Any]) -> tuple[Token, ...]:
    """The children that are still words."""
    return of_type(parts, Token)


class ExpressionBuilder:
    """What all builders of one text share: its lexer, through which problems are reported, and its number among the texts."""

    def __init__(self, lexer: LineLexer, file: int = 0) -> None:
        self.lexer = lexer
        self.file = file

    # ------------------------------------------------------------ finding one's way among children

    def place(self, token: Token) -> Span:
        """Where a token stands."""
        return Span(token.start, token.end, self.file)

    def where(self, part: Any) -> Span:
        """Where a child stands."""
        if isinstance(part, Token):
            return self.place(part)
        if isinstance(part, list | Names | Operands):
            return self.span(list(part))
        return cast(Span, part.span)

    def span(self, parts: list[Any]) -> Span:
        """From the first child to the last."""
        return self.where(parts[0]).to(self.where(parts[-1]))

    def nodes(self, parts: list[Any]) -> list[Any]:
        """The children that are not words."""
        return [part for part in parts if not isinstance(part, Token)]

    def index(self, parts: list[Any], type: str) -> int:
        """Where the token of a type is among the children; -1 where there is none."""
        return next(
            (at for at, part in enumerate(parts) if isinstance(part, Token) and part.type == type), -1
        )

    def after(self, parts: list[Any], type: str) -> Any:
        """The child behind the token of a type, or None."""
        at = self.index(parts, type)
        return parts[at + 1] if at >= 0 else None

    def only_label(self, typed: Any, parts: list[Any]) -> ast.Label | None:
        """The one label of a first line; two are reported."""
        labels = ([typed.label] if typed and typed.label else []) + list(of_type(parts, ast.Label))
        if len(labels) > 1:
            self.lexer.say(syntax.LABEL_TWICE, labels[1].span.start, labels[1].span.end)
        return labels[0] if labels else None

    # ------------------------------------------------------------ names and labels

    def name(self, parts: list[Any]) -> ast.Word:
        token: Token = parts[0]
        return ast.Word(token.text, token.value == "ticked", span=self.place(token))

    def names(self, parts: list[Any]) -> Names:
        return Names(of_type(parts, ast.Word))

    def alias(self, parts: list[Any]) -> AliasName:
        return AliasName(parts[1], self.span(parts))

    def declared(self, parts: list[Any]) -> ast.Declared:
        alias = one(parts, AliasName)
        return ast.Declared(parts[0], alias.word if alias else None, span=self.span(parts))

    def label(self, parts: list[Any]) -> ast.Label:
        translation = parts[2].text if len(parts) > 1 else None
        return ast.Label(parts[0].text, translation, span=self.span(parts))

    # ------------------------------------------------------------ literals

    def number(self, parts: list[Any]) -> ast.Number:
        token: Token = parts[0]
        value = cast(NumberValue, token.value)
        return ast.Number(token.text, value.value, value.percent, value.currency, span=self.place(token))

    def quantity(self, parts: list[Any]) -> ast.Quantity:
        return ast.Quantity(self.number(parts[:1]), parts[1].type, span=self.span(parts))

    def date_value(self, parts: list[Any]) -> ast.DateValue:
        return ast.DateValue(cast(date, parts[0].value), span=self.span(parts))

    def text_value(self, parts: list[Any]) -> ast.TextValue:
        return ast.TextValue(parts[0], span=self.span(parts))

    def truth(self, parts: list[Any]) -> ast.Truth:
        return ast.Truth(parts[0].type == "YES", span=self.span(parts))

    def today(self, parts: list[Any]) -> ast.Today:
        return ast.Today(span=self.span(parts))

    def ref(self, parts: list[Any]) -> ast.Ref:
        return ast.Ref(parts[0], span=self.span(parts))

    # ------------------------------------------------------------ arithmetic

    def operands(self, parts: list[Any]) -> Operands:
        """The items of a list. `1,000, 2,000` may be two numbers or four, so a thousands comma is refused there."""
        items = Operands(self.nodes(parts))
        if len(items) > 1:
            self.refuse_commas(items)
        return items

    def refuse_commas(self, items: Iterable[ast.Expr]) -> None:
        """Reports the numbers of a list that hold a thousands comma."""
        for item in items:
            if isinstance(item, ast.Number) and "," in item.text:
                plain = item.text.replace(",", "")
                self.lexer.say(syntax.LIST_COMMA, item.span.start, item.span.end, text=item.text, plain=plain)

    def group(self, parts: list[Any]) -> ast.Group:
        return ast.Group(parts[1], span=self.span(parts))

    def negate(self, parts: list[Any]) -> ast.Negate:
        return ast.Negate(parts[1], span=self.span(parts))

    def arith(self, parts: list[Any]) -> ast.Arith:
        op = {"PLUS": "+", "MINUS": "-", "STAR": "*", "SLASH": "/", "CARET": "^"}[parts[1].type]
        return ast.Arith(op, parts[0], parts[2], span=self.span(parts))  # type: ignore[arg-type]

    def extreme(self, parts: list[Any]) -> ast.Extreme:
        op = "min" if parts[0].type == "MIN_OF" else "max"
        return ast.Extreme(op, tuple(parts[2]), span=self.span(parts))  # type: ignore[arg-type]

    def rounded(self, parts: list[Any]) -> ast.Rounded:
        return ast.Rounded(parts[0], self.number([parts[2]]), span=self.span(parts))

    def calendar(self, parts: list[Any]) -> ast.Calendar:
        return ast.Calendar(parts[0].type, parts[1], span=self.span(parts))

    # ------------------------------------------------------------ conditions

    def any_of(self, parts: list[Any]) -> ast.Logic:
        items = tuple(self.nodes(parts))
        mixed = any(isinstance(item, ast.Logic) for item in items)
        return ast.Logic("or", items, mixed, span=self.span(parts))

    def all_of(self, parts: list[Any]) -> ast.Logic:
        return ast.Logic("and", tuple(self.nodes(parts)), span=self.span(parts))

    def not_(self, parts: list[Any]) -> ast.Not:
        return ast.Not(parts[1], span=self.span(parts))

    def comparison(self, token: Token) -> ast.Comparison:
        """How a comparison's word or sign stands in the tree."""
        return _SIGN_COMPARISONS.get(token.type) or cast(ast.Comparison, token.type)

    def compare(self, parts: list[Any]) -> ast.Compare:
        return ast.Compare(self.comparison(parts[1]), parts[0], parts[2], span=self.span(parts))

    def compare_is(self, parts: list[Any]) -> ast.Compare:
        return ast.Compare(self.comparison(parts[2]), parts[0], parts[3], True, span=self.span(parts))

    def compare_after(self, parts: list[Any]) -> ast.Compare:
        return ast.Compare(self.comparison(parts[2]), parts[0], parts[1], span=self.span(parts))

    def between(self, parts: list[Any]) -> ast.Between:
        values = self.nodes(parts)
        return ast.Between(values[0], values[1], values[2], span=self.span(parts))

    def in_(self, parts: list[Any]) -> ast.In:
        if len(parts[-1]) == 1:
            self.refuse_commas(parts[-1])
        return ast.In(parts[0], tuple(parts[-1]), span=self.span(parts))

    def not_in(self, parts: list[Any]) -> ast.In:
        if len(parts[-1]) == 1:
            self.refuse_commas(parts[-1])
        return ast.In(parts[0], tuple(parts[-1]), True, span=self.span(parts))

    def contains(self, parts: list[Any]) -> ast.Contains:
        return ast.Contains(parts[0], parts[2], span=self.span(parts))

    def is_unknown(self, parts: list[Any]) -> ast.IsUnknown:
        return ast.IsUnknown(parts[0], parts[1].type == "IS_NOT", span=self.span(parts))

    def held(self, parts: list[Any]) -> ast.Held:
        return ast.Held(parts[1], span=self.span(parts))
