"""How many digits every number can need.

All arithmetic of the language is exact, so a product is as wide as its factors together. This pass computes,
for every numeric expression, how many digits before and after the point it may have, from the widths of the
facts and the digits of the literals. A query engine reads the same widths to choose its column types, and
coverage reads them to know how fine a number can be. An expression wider than anybody could mean (a power of
powers) is an error; that a literal fits the type beside it is held where it is read.

A quotient has no last digit. It is carried as an exact fraction, numerator over denominator, and each of the
two has a width; the width of the whole is what both need together, before the one rounding that closes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from dsl.checker.widths_fit import check_literals
from dsl.diagnostics import Diagnostic, Report
from dsl.messages import lints as messages
from dsl.model import (
    Arith,
    CheckedPolicy,
    Const,
    DateMath,
    DerivedValue,
    Expr,
    Graduated,
    Line,
    Points,
    PointsPer,
    Read,
    Round,
    Score,
    Table,
    Term,
)
from dsl.source import Span
from dsl.types import DEFAULT_WIDTHS, Type, Value, Width, width_of
from dsl.walk import children, parts, places, result_exprs

# An expression may need this many digits in all; what a policy means by a number stays far below.
WIDEST = 1000

NOTHING = Width(0, 0)
ONE = Width(1, 0)


@dataclass(frozen=True, slots=True)
class Ratio:
    """The widths of an exact fraction's two sides; `over` is `ONE` where nothing is divided."""

    top: Width
    over: Width = ONE

    @property
    def divided(self) -> bool:
        """Whether there is a denominator other than 1."""
        return self.over != ONE

    @property
    def digits(self) -> int:
        """The digits of the wider side."""
        return max(_digits(self.top), _digits(self.over))

    def width(self) -> Width:
        """What the whole needs: its digits before the point, and after it the digits that both sides need."""
        if not self.divided:
            return self.top
        return Width(self.top.whole + self.over.places, self.top.places + self.over.whole)


class Widths:
    """The widths of a policy's expressions. Values and scores are computed once, in their order.

    A value that is too wide is taken as wide as its type from there on, so that one mistake is one error.
    """

    def __init__(self, policy: CheckedPolicy | None = None) -> None:
        self.known: dict[tuple[str, str], Ratio] = {}
        if policy is None:
            return
        for key, param in policy.params.items():
            self.known["param", key] = Ratio(
                _union(map(_of_value, (param.value, *(value for _, value in param.dated))))
            )
        for key in policy.order:
            if key in policy.values:
                value = policy.values[key]
                self.known["value", key] = _capped(self.derived(value), value.type)
            elif key in policy.scores:
                score = policy.scores[key]
                self.known["score", key] = _capped(self.score(score), score.type)

    def of(self, expr: Expr) -> Width:
        """The width of an expression; `Width(0, 0)` for what is no number."""
        return self.ratio(expr).width()

    def ratio(self, expr: Expr) -> Ratio:
        """The widths of an expression's numerator and denominator."""
        match expr:
            case Const(value=value):
                return Ratio(_of_value(value))
            case Read():
                return self.known.get((expr.of, expr.key)) or Ratio(_declared(expr.type))
            case Arith():
                return self._arith(expr)
            case Round(inner=inner, places=rounded):
                # Rounding up may carry: 99.5 to 100.
                return Ratio(Width(self.of(inner).whole + 1, rounded))
            case DateMath():
                return Ratio(_calendar(expr))
            case _:
                return Ratio(NOTHING)

    def _arith(self, expr: Arith) -> Ratio:
        ratios = [self.ratio(arg) for arg in expr.args]
        match expr.op:
            case "+" | "-":
                return _joined(ratios, carry=True)
            case "min" | "max":
                return _joined(ratios, carry=False)
            case "neg":
                return ratios[0]
            case "*":
                return Ratio(_product(r.top for r in ratios), _product(r.over for r in ratios if r.divided))
            case "/":
                left, right = ratios
                return Ratio(_crossed(left.top, right), _crossed(right.top, left))
            case "^":
                times = _exponent(expr.args[1])
                base = ratios[0]
                return Ratio(_power(base.top, times), _power(base.over, times) if base.divided else ONE)
            case _:
                assert_never(expr.op)

    def derived(self, value: DerivedValue) -> Ratio:
        """The width of a derived value, whichever of its results it takes."""
        body = value.body
        if isinstance(body, Graduated):
            rates = _union(self.of(bracket.rate) for bracket in body.brackets)
            edges = [
                edge for bracket in body.brackets for edge in (bracket.low, bracket.high) if edge is not None
            ]
            part = _union(self.of(quantity) for quantity in (body.by, *edges)).times(rates)
            return Ratio(_sum([part] * len(body.brackets)))
        if isinstance(body, tuple):
            return _joined([self._part(item) for item in body], carry=False)
        return self.ratio(body)

    def score(self, score: Score) -> Ratio:
        """The width of a score: the sum of its parts, held between its bounds."""
        total = _joined([self._part(part) for part in score.parts], carry=True)
        bounds = [width_of(bound) for bound in (score.low, score.high) if bound is not None]
        if total.divided or not bounds:
            return total
        whole = max(bound.whole for bound in bounds)
        if len(bounds) < 2:
            whole = max(whole, total.top.whole)
        return Ratio(Width(whole, max(total.top.places, *(bound.places for bound in (*bounds, ONE)))))

    def _part(self, part: Line | Table | Term | Points | PointsPer) -> Ratio:
        match part:
            case Line(result=result):
                return _joined([self.ratio(expr) for expr in result_exprs(result)], carry=False)
            case Table(rows=rows):
                given = [self.ratio(expr) for row in rows for expr in result_exprs(row.result)]
                return _joined(given, carry=False)
            case Term(expr=expr):
                return self.ratio(expr)
            case Points(points=points):
                return self.ratio(points)
            case PointsPer():
                return Ratio(self._steps(part))
            case _:
                assert_never(part)

    def _steps(self, part: PointsPer) -> Width:
        """Full steps times points. A step is at least 1 at its own last digit, so a finer step makes more of
        them.
        """
        steps = Width(self.of(part.of).whole + self.of(part.step).places, 0)
        points = steps.times(self.of(part.points))
        if part.cap is None:
            return points
        cap = self.of(part.cap)
        return Width(min(points.whole, cap.whole), max(points.places, cap.places))


def width(expr: Expr, policy: CheckedPolicy | None = None) -> Width:
    """The width of one expression. With a policy, as narrow as its values and scores really are; `Widths`
    serves many.
    """
    return Widths(policy).of(expr)


def check_widths(policy: CheckedPolicy) -> list[Diagnostic]:
    """Reports what may need more than `WIDEST` digits, and every literal that does not fit its type."""
    report = Report()
    widths = Widths(policy)
    for place in places(policy):
        for expr in place.exprs():
            _check(expr, widths, report)
    for score in policy.scores.values():
        _check_whole(widths.score(score), [widths._part(part) for part in score.parts], score, report)
    for value in policy.values.values():
        if isinstance(value.body, Graduated):
            _check_whole(widths.derived(value), [], value, report)
    return [*report.items, *check_literals(policy)]


def _check(expr: Expr, widths: Widths, report: Report) -> None:
    """Reports the innermost part of an expression that is too wide."""
    if not isinstance(expr, Const | Read):
        for part in parts(expr):
            if widths.ratio(part).digits > WIDEST and not _any_wide(children(part), widths):
                _report(widths.ratio(part).digits, part.span, report)


def _any_wide(exprs: Iterable[Expr], widths: Widths) -> bool:
    return any(widths.ratio(expr).digits > WIDEST for expr in exprs)


def _check_whole(needed: Ratio, inside: list[Ratio], declared: Score | DerivedValue, report: Report) -> None:
    """What is too wide only when it is put together: steps times points, brackets times rates."""
    if needed.digits > WIDEST and not any(part.digits > WIDEST for part in inside):
        _report(needed.digits, declared.span, report)


def _report(digits: int, span: Span, report: Report) -> None:
    # A power of powers may have more digits than there is room to print.
    shown = f"{digits:,}" if digits < 10**15 else "10^15"
    report.add(messages.TOO_WIDE, span, digits=shown, most=f"{WIDEST:,}")


# ---------------------------------------------------------------- arithmetic of widths


def _of_value(value: Value) -> Width:
    return width_of(value) if isinstance(value, Decimal) else NOTHING


def _declared(type_: Type) -> Width:
    return type_.width or DEFAULT_WIDTHS.get(type_.kind, NOTHING)


def _capped(ratio: Ratio, type_: Type) -> Ratio:
    return ratio if ratio.digits <= WIDEST else Ratio(_declared(type_))


def _digits(needed: Width) -> int:
    return needed.whole + needed.places


def _union(widths: Iterable[Width]) -> Width:
    total = NOTHING
    for each in widths:
        total = total.union(each)
    return total


def _sum(widths: list[Width]) -> Width:
    """n numbers of at most w digits have a sum of at most w digits and those of n."""
    widest = _union(widths)
    return widest if len(widths) < 2 else Width(widest.whole + len(str(len(widths) - 1)), widest.places)


def _product(widths: Iterable[Width]) -> Width:
    total = NOTHING
    for each in widths:
        total = total.times(each)
    return total if total != NOTHING else ONE


def _power(base: Width, times: int) -> Width:
    return Width(max(1, base.whole * times), base.places * times)


def _crossed(top: Width, other: Ratio) -> Width:
    return top.times(other.over) if other.divided else top


def _joined(ratios: list[Ratio], *, carry: bool) -> Ratio:
    """A sum (which may carry), or one of several: over a common denominator where anything is divided."""
    if any(ratio.divided for ratio in ratios):
        over = _product(ratio.over for ratio in ratios if ratio.divided)
        tops = [ratio.top.times(over) for ratio in ratios]
    else:
        over, tops = ONE, [ratio.top for ratio in ratios]
    return Ratio(_sum(tops) if carry else _union(tops), over)


def _exponent(expr: Expr) -> int:
    value = expr.value if isinstance(expr, Const) else None
    return int(value) if isinstance(value, Decimal) else 1


def _calendar(expr: DateMath) -> Width:
    """Years run from 1 to 9999: under four million days, a little over 3 * 10^11 seconds."""
    match expr.op:
        case "year":
            return Width(4, 0)
        case "since":
            return Width(7, 0)
        case "between":
            return Width(12, 0)
        case _:
            return NOTHING
