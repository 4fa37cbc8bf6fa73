"""Children of a production become a node of the surface tree: one method a rule of `grammar.lark`, of the same name.

A child is a `Token` or a node that was built already. Methods find what they need by type rather than by position, because most of a
line's parts may be left out. `dsl.expression_builder` has the rules of expressions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple, cast

from dsl import ast
from dsl.expression_builder import (
    AliasName,
    ExpressionBuilder,
    Labelled,
    Names,
    Operands,
    of_type,
    one,
    tokens_of,
)
from dsl.lalr import Rule
from dsl.lexer import Token
from dsl.messages import syntax
from dsl.source import Span


class Typed(NamedTuple):
    """A type, and the label that stood behind it."""

    type: ast.TypeName
    label: ast.Label | None
    span: Span


class Bounds(NamedTuple):
    """`between A and B` of a score."""

    low: ast.Expr
    high: ast.Expr
    span: Span


class Builder(ExpressionBuilder):
    """Builds one text's nodes. `__call__` is what the parser hands each reduction to."""

    def __call__(self, rule: Rule, children: list[Any]) -> Any:
        method = getattr(self, rule.name, None)
        if method is None:
            return children[0]
        return method(children)

    # ------------------------------------------------------------ first lines

    def policy_head(self, parts: list[Any]) -> ast.PolicyHeader:
        return ast.PolicyHeader(parts[1], one(parts, ast.Label), span=self.span(parts))

    def remark_head(self, parts: list[Any]) -> ast.Remark:
        return ast.Remark(parts[0].type, parts[1], span=self.span(parts))

    def currency_head(self, parts: list[Any]) -> ast.Currency:
        return ast.Currency(parts[1], span=self.span(parts))

    def effective_head(self, parts: list[Any]) -> ast.Effective:
        dates = self.nodes(parts)
        return ast.Effective(dates[0], dates[1] if len(dates) > 1 else None, span=self.span(parts))

    def applies_head(self, parts: list[Any]) -> ast.Applies:
        return ast.Applies(parts[1], one(parts, ast.Label), span=self.span(parts))

    def fact_head(self, parts: list[Any]) -> ast.FactDecl:
        typed = one(parts, Typed)
        assert typed is not None
        options = of_type(parts, ast.Option)
        return ast.FactDecl(parts[1], typed.type, typed.label, options, span=self.span(parts))

    def fact_option(self, parts: list[Any]) -> ast.Option:
        which = parts[1].type if len(parts) > 1 and isinstance(parts[1], Token) else None
        args = tuple(part for part in parts[1:] if not isinstance(part, Token))
        return ast.Option(parts[0].type, args, which, span=self.span(parts))

    def set_head(self, parts: list[Any]) -> ast.SetDecl:
        equals = self.index(parts, "EQ")
        typed = one(parts[:equals], Typed)
        kind = typed.type if typed else one(parts[:equals], ast.TypeName)
        label = self.only_label(typed, parts[equals + 2 :])
        return ast.SetDecl(parts[1], kind, parts[equals + 1], label, span=self.span(parts))

    def value_head(self, parts: list[Any]) -> ast.ValueDecl:
        typed = one(parts, Typed)
        label = self.only_label(typed, parts)
        value = self.after(parts, "EQ")
        graduated = self.after(parts, "GRADUATED_BY")
        kind = typed.type if typed else None
        return ast.ValueDecl(parts[1], kind, label, value, graduated, span=self.span(parts))

    def score_head(self, parts: list[Any]) -> ast.ScoreDecl:
        bounds = one(parts, Bounds)
        label = self.only_label(None, parts)
        low, high = (bounds.low, bounds.high) if bounds else (None, None)
        return ast.ScoreDecl(parts[1], label, low, high, self.after(parts, "EQ"), span=self.span(parts))

    def bounds(self, parts: list[Any]) -> Bounds:
        return Bounds(parts[1], parts[3], self.span(parts))

    def tiers_head(self, parts: list[Any]) -> ast.TiersDecl:
        like = self.after(parts, "LIKE")
        return ast.TiersDecl(
            parts[1], one(parts, ast.Label), self.after(parts, "BY"), like, span=self.span(parts)
        )

    def choice_head(self, parts: list[Any]) -> ast.ChoiceDecl:
        label = self.only_label(None, parts)
        exactly = any(token.type == "EXACTLY_ONE" for token in tokens_of(parts))
        return ast.ChoiceDecl(parts[0].type, parts[1], label, exactly, span=self.span(parts))

    def benefit_head(self, parts: list[Any]) -> ast.BenefitDecl:
        typed = one(parts, Typed)
        label = self.only_label(typed, parts)
        options = of_type(parts, ast.Option)
        kind = typed.type if typed else None
        value = self.after(parts, "EQ")
        return ast.BenefitDecl(parts[1], kind, value, label, options, span=self.span(parts))

    def benefit_option(self, parts: list[Any]) -> ast.Option:
        first = parts[0]
        span = self.span(parts)
        if isinstance(first, Token) and first.type == "NUMBER":
            return ast.Option(parts[1].type, (self.number([first]),), span=span)
        args: list[Any] = []
        for part in parts[1:]:
            args.extend(part if isinstance(part, Names) else [] if isinstance(part, Token) else [part])
        return ast.Option(first.type, tuple(args), span=span)

    def matrix_head(self, parts: list[Any]) -> ast.MatrixDecl:
        return ast.MatrixDecl(parts[1], self.after(parts, "AT"), span=self.span(parts))

    def advise_head(self, parts: list[Any]) -> ast.AdviseDecl:
        role = self.after(parts, "TO") or self.after(parts, "ADDRESSED")
        number = self.after(parts, "PRIORITY")
        priority = self.number([number]) if number else None
        return ast.AdviseDecl(parts[1], role, priority, self.after(parts, "WHEN"), span=self.span(parts))

    def role(self, parts: list[Any]) -> ast.Word | ast.Label:
        return parts[0]  # type: ignore[no-any-return]

    def example_head(self, parts: list[Any]) -> ast.ExampleDecl:
        return ast.ExampleDecl(parts[1], self.after(parts, "ON"), span=self.span(parts))

    # ------------------------------------------------------------ lines

    def dated_line(self, parts: list[Any]) -> ast.DatedLine:
        return ast.DatedLine(parts[1], parts[3], span=self.span(parts))

    def line_name(self, parts: list[Any]) -> ast.Declared:
        return parts[0]  # type: ignore[no-any-return]

    def value_line(self, parts: list[Any]) -> ast.OutcomeLine:
        return self._outcome(parts, value=self._value_of(parts))

    def benefit_line(self, parts: list[Any]) -> ast.OutcomeLine:
        return self._outcome(parts, value=self._value_of(parts), options=of_type(parts, ast.Option))

    def choice_line(self, parts: list[Any]) -> ast.OutcomeLine:
        before = parts[: next(at for at, part in enumerate(parts) if isinstance(part, Token))]
        code = one(before, ast.Declared)
        text = one(before, ast.Label)
        options: tuple[ast.Option, ...] = ()
        owner = self.after(parts, "OWNER")
        if owner is not None:
            options = (ast.Option("OWNER", (owner,), span=owner.span),)
        line = self._outcome(parts, code=code, text=text, options=options, named=False)
        return line

    def _value_of(self, parts: list[Any]) -> ast.Expr:
        rest = parts[1:] if isinstance(parts[0], ast.Declared) else parts
        return rest[0]  # type: ignore[no-any-return]

    def _outcome(
        self,
        parts: list[Any],
        value: ast.Expr | None = None,
        code: ast.Declared | None = None,
        text: ast.Label | None = None,
        options: tuple[ast.Option, ...] = (),
        named: bool = True,
    ) -> ast.OutcomeLine:
        name = parts[0] if named and isinstance(parts[0], ast.Declared) else None
        otherwise = any(token.type == "OTHERWISE" for token in tokens_of(parts))
        label = one(parts, ast.Label) if named else None
        when = self.after(parts, "WHEN")
        return ast.OutcomeLine(
            name, value, code, text, when, otherwise, label, options, span=self.span(parts)
        )

    def points_line(self, parts: list[Any]) -> ast.PointsLine:
        name = one(parts, ast.Declared)
        sign = next(token for token in tokens_of(parts) if token.type in ("PLUS", "MINUS"))
        of = self.after(parts, "OF")
        per = self.after(parts, "PER")
        return ast.PointsLine(
            name,
            "+" if sign.type == "PLUS" else "-",
            parts[parts.index(sign) + 1],
            condition=self.after(parts, "WHEN"),
            per=of if of is not None else per,
            step=per if of is not None else None,
            cap=self.after(parts, "UP_TO") or self.after(parts, "CAPPED_AT"),
            label=one(parts, ast.Label),
            span=self.span(parts),
        )

    def tier_line(self, parts: list[Any]) -> ast.TierLine:
        over = self.after(parts, "OVER")
        threshold = over if over is not None else self.after(parts, "FROM")
        condition = _behind_and(self.after(parts, "AND")) or self.after(parts, "WHEN")
        otherwise = any(token.type == "OTHERWISE" for token in tokens_of(parts))
        return ast.TierLine(
            parts[0],
            one(parts, ast.Label),
            threshold,
            over is not None,
            condition,
            one(parts, ast.Keep),
            otherwise,
            span=self.span(parts),
        )

    def keep(self, parts: list[Any]) -> ast.Keep:
        over = parts[0].type == "KEEP_OVER"
        return ast.Keep(over, parts[1], _behind_and(self.after(parts, "AND")), span=self.span(parts))

    def limit_line(self, parts: list[Any]) -> ast.LimitLine:
        name = one(parts, ast.Declared)
        floor = any(token.type == "AT_LEAST" for token in tokens_of(parts))
        tier = one(parts, ast.Word)
        when = self.after(parts, "WHEN")
        assert tier is not None
        assert when is not None
        at_once = any(token.type == "AT_ONCE" for token in tokens_of(parts))
        reason = one(parts, ast.Label)
        return ast.LimitLine(name, floor, tier, when, reason, at_once=at_once, span=self.span(parts))

    def step_line(self, parts: list[Any]) -> ast.StepLine:
        return ast.StepLine(parts[1], span=self.span(parts))

    def binding_line(self, parts: list[Any]) -> ast.BindingLine:
        kind = "given" if parts[0].type == "GIVEN" else "expect"
        return ast.BindingLine(kind, of_type(parts, ast.Binding), span=self.span(parts))  # type: ignore[arg-type]

    def binding(self, parts: list[Any]) -> ast.Binding:
        span = self.span(parts)
        computed = isinstance(parts[0], Token) and parts[0].type == "COMPUTED"
        if computed:
            parts = parts[1:]
        if isinstance(parts[0], Token):
            return ast.Binding(None, "NOT_GRADED", span=span)
        values: tuple[ast.Expr, ...] = ()
        op = {"EQ": "=", "IS": "IS"}.get(parts[1].type, parts[1].type)
        if op in ast.TRANSITIONS:
            values = tuple(ast.Ref(word, span=word.span) for word in of_type(parts[2:], ast.Word))
        elif isinstance(parts[2], Token):
            op = parts[2].type
        elif isinstance(parts[2], Operands):
            values = tuple(parts[2])
        else:
            values = (parts[2], parts[4])
        return ast.Binding(parts[0], op, values, computed, span=span)

    # ------------------------------------------------------------ over time

    def _clause(self, kind: str, parts: list[Any]) -> ast.Clause:
        return ast.Clause(kind, tuple(self._clause_items(parts)), span=self.span(parts))

    def _clause_items(self, parts: list[Any]) -> list[Any]:
        items: list[Any] = []
        for part in parts:
            if isinstance(part, Token):
                items.append(self._clause_token(part))
            elif isinstance(part, list | tuple):
                items.extend(self._clause_items(list(part)))
            else:
                items.append(part)
        return items

    def _clause_token(self, token: Token) -> Any:
        span = self.place(token)
        if token.type == "NUMBER":
            return self.number([token])
        if token.type == "MONTH_DAY":
            month, day = cast(tuple[int, int], token.value)
            return ast.MonthDay(month, day, span=span)
        signs = {"OPT": ",", "COMMA": ",", "SEP": ",", "COLON": ":", "PLUS": "+", "LPAR": "(", "RPAR": ")"}
        return signs.get(token.type) or ast.KeywordUse(token.type, span=span)

    def movement_head(self, parts: list[Any]) -> ast.OverTime:
        return ast.OverTime("MOVEMENT_OF", parts[1], None, one(parts, ast.Label), span=self.span(parts))

    def lifecycle_head(self, parts: list[Any]) -> ast.OverTime:
        start = self.index(parts, "STARTS")
        head = self._clause("starts", parts[start:])
        return ast.OverTime("LIFECYCLE", parts[1], head, one(parts, ast.Label), span=self.span(parts))

    def event_head(self, parts: list[Any]) -> ast.OverTime:
        head = self._clause("fields", parts[3:]) if len(parts) > 2 else None
        return ast.OverTime("EVENT", parts[1], head, span=self.span(parts))

    def watch_head(self, parts: list[Any]) -> ast.OverTime:
        return ast.OverTime("WATCH", parts[1], None, one(parts, ast.Label), span=self.span(parts))

    def field(self, parts: list[Any]) -> list[Any]:
        return parts

    def step_rule(self, parts: list[Any]) -> list[Any]:
        return parts

    def month_days(self, parts: list[Any]) -> list[Any]:
        return parts

    def review(self, parts: list[Any]) -> ast.Clause:
        return self._clause("review", parts)

    def move_up(self, parts: list[Any]) -> ast.Clause:
        return self._clause("move_up", parts)

    def move_down(self, parts: list[Any]) -> ast.Clause:
        return self._clause("move_down", parts)

    def keep_a_tier(self, parts: list[Any]) -> ast.Clause:
        return self._clause("keep_a_tier", parts)

    def grace(self, parts: list[Any]) -> ast.Clause:
        return self._begun("grace", "GRANT", parts)

    def notice(self, parts: list[Any]) -> ast.Clause:
        return self._begun("notice", "GIVE", parts)

    def hold(self, parts: list[Any]) -> ast.Clause:
        return self._begun("hold", "HOLD_WHILE", parts)

    def _begun(self, kind: str, keyword: str, parts: list[Any]) -> ast.Clause:
        """A clause that several words may begin: kept with the one keyword that says it in both languages."""
        words = [part for part in parts[:2] if isinstance(part, Token)]
        first = ast.KeywordUse(keyword, span=self.span(words))
        return self._clause(kind, [first, *parts[len(words) :]])

    def freeze(self, parts: list[Any]) -> ast.Clause:
        return self._clause("freeze", parts)

    def lifecycle_line(self, parts: list[Any]) -> ast.Clause:
        return self._clause("transition", parts)

    def watch_when(self, parts: list[Any]) -> ast.Clause:
        return self._clause("when", parts)

    def do(self, parts: list[Any]) -> ast.Clause:
        return self._clause("do", parts)

    def once(self, parts: list[Any]) -> ast.Clause:
        return self._clause("once", parts)

    def alert(self, parts: list[Any]) -> ast.Clause:
        return self._clause("raise", parts)

    def exception(self, parts: list[Any]) -> ast.Clause:
        return self._clause("except", parts)

    # ------------------------------------------------------------ tables

    def head_row(self, parts: list[Any]) -> tuple[ast.Heading, ...]:
        return of_type(parts, ast.Heading)

    def heading_word(self, parts: list[Any]) -> ast.Heading:
        return ast.Heading(keyword=parts[0].type, span=self.span(parts))

    def heading_expr(self, parts: list[Any]) -> ast.Heading:
        bound = parts[1].type if len(parts) > 1 else None
        return ast.Heading(expr=parts[0], bound=bound, span=self.span(parts))

    def row(self, parts: list[Any]) -> ast.Row:
        cells = tuple(part for part in parts if not isinstance(part, Token))
        return ast.Row(cells, span=self.span(parts))

    def any_cell(self, parts: list[Any]) -> ast.AnyCell:
        return ast.AnyCell(span=self.span(parts))

    def unknown_cell(self, parts: list[Any]) -> ast.UnknownCell:
        return ast.UnknownCell(span=self.span(parts))

    def list_cell(self, parts: list[Any]) -> ast.ListCell:
        negated = isinstance(parts[0], Token)
        return ast.ListCell(tuple(parts[-1]), negated, span=self.span(parts))

    def outcome_cell(self, parts: list[Any]) -> ast.ListCell:
        first = parts[0]
        item = ast.Ref(first, span=first.span) if isinstance(first, ast.Word) else first
        label = one(parts, ast.Label)
        alias = one(parts, AliasName)
        return ast.ListCell((item,), False, label, alias.word if alias else None, span=self.span(parts))

    def bound_cell(self, parts: list[Any]) -> ast.BoundCell:
        sign, value = (parts[0], parts[1]) if isinstance(parts[0], Token) else (parts[1], parts[0])
        return ast.BoundCell(self.comparison(sign), value, span=self.span(parts))

    def range_cell(self, parts: list[Any]) -> ast.RangeCell:
        values = [part for part in parts if not isinstance(part, Token)]
        first = parts[0]
        kind = (
            {"BETWEEN": "between", "FROM": "from"}.get(first.type, "to") if isinstance(first, Token) else "to"
        )
        return ast.RangeCell(kind, values[0], values[1], span=self.span(parts))  # type: ignore[arg-type]

    def heading_cell(self, parts: list[Any]) -> ast.HeadingCell:
        span = self.span(parts)
        return ast.HeadingCell(self.heading_expr(parts), span=span)

    # ------------------------------------------------------------ types

    def typed(self, parts: list[Any]) -> Typed:
        if isinstance(parts[0], Typed):
            return parts[0]
        return Typed(parts[0], parts[1] if len(parts) > 1 else None, self.span(parts))

    def plain_type(self, parts: list[Any]) -> ast.TypeName:
        span = self.span(parts)
        if parts[0].type == "LIST_OF":
            return ast.TypeName("LIST_OF", item=parts[1], span=span)
        decimals = int(parts[2].value.value) if len(parts) > 1 else None
        return ast.TypeName(parts[0].type, decimals=decimals, span=span)

    def type_word(self, parts: list[Any]) -> ast.TypeName:
        return ast.TypeName(parts[0].type, span=self.span(parts))

    def enum_type(self, parts: list[Any]) -> Typed:
        """The last label behind the last value is the declaration's own: `one of high, low "How much they matter"`."""
        span = self.span(parts)
        found = of_type(parts, Labelled)
        last = found[-1]
        spare = last.labels[-1] if last.labels else None
        values = []
        for item in found:
            own = item.labels[:-1] if item is last else item.labels
            if len(own) > 1:
                self.lexer.say(syntax.LABEL_TWICE, own[1].span.start, own[1].span.end)
            values.append(ast.EnumValue(item.name, own[0] if own else None, span=item.span))
        kind = ast.TypeName("ONE_OF", tuple(values), span=span)
        if parts[0].type == "LIST_OF":
            kind = ast.TypeName("LIST_OF", item=kind, span=span)
        return Typed(kind, spare, span)

    def enum_value(self, parts: list[Any]) -> Labelled:
        name = self.declared([part for part in parts if not isinstance(part, ast.Label)])
        return Labelled(name, of_type(parts, ast.Label), self.span(parts))


def _behind_and(condition: ast.Expr | None) -> ast.Expr | None:
    """`from 5 and a or b`: the `or` stands beside the threshold's `and`, so it mixes them."""
    if isinstance(condition, ast.Logic) and condition.op == "or":
        return replace(condition, mixed=True)
    return condition
