"""Expressions: surface nodes to typed expressions of the model.

Types are found from the leaves up; the only thing that comes down from above is what a bare word may name
(`stage is contract`), and, at the end, what the place asks for. This module walks the tree and resolves its
words; how operands go together is in `arithmetic`, `comparisons` and `fitting`. The lexer limits how deep an
expression may be, so plain recursion is safe.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, assert_never

from dsl import ast, model
from dsl.checker import arithmetic, comparisons
from dsl.checker.context import Context, Symbol, translated
from dsl.checker.describe import sample_slots
from dsl.checker.fitting import fitted, report_no_condition, stripped
from dsl.checker.names import ladder_of, member_named, member_of, unknown_member, unknown_name
from dsl.messages import names as name_messages
from dsl.messages import types as messages
from dsl.types import (
    DATE,
    DEFAULT_WIDTHS,
    MONEY,
    NUMBER,
    PERCENT,
    TEXT,
    WHOLE,
    YES_NO,
    Kind,
    Type,
    Value,
    is_whole,
)

# Where a `/` may stand: nowhere, once at the top, anywhere (below `rounded to`).
Division = Literal["none", "one", "any"]

_READ_OF: dict[str, Literal["fact", "param", "value", "score", "ladder", "choice", "tags"]] = {
    "fact": "fact",
    "param": "param",
    "value": "value",
    "score": "score",
    "ladder": "ladder",
    "choice": "choice",
    "tags": "tags",
}

# Which currencies a sign before or behind a number may stand for.
_SIGNS: dict[str, tuple[str, ...]] = {"¥": ("CNY", "JPY"), "￥": ("CNY", "JPY"), "元": ("CNY",)}


def expression(
    ctx: Context,
    node: ast.Expr,
    expected: Type | None = None,
    left: Type | None = None,
    *,
    division: bool = False,
) -> model.Expr | None:
    """A typed expression; None after its problem has been reported.

    `expected` is the type that the place asks for: bare numbers take it (`5` as money), bare words are first
    its members, and anything of another type is reported. `left` is a type whose members a bare word names
    first, without asking for that type. `division` allows one `/` at the top without `rounded to` (a side of
    a comparison, a ladder's `by`).
    """
    expr = _lower(ctx, node, left or expected, "one" if division else "none")
    if expr is None or expected is None:
        return expr
    return fitted(ctx, node, expr, expected)


def condition(ctx: Context, node: ast.Expr) -> model.Expr | None:
    """An expression of type yes/no."""
    expr = _lower(ctx, node, None, "none")
    if expr is not None and expr.type.kind is not Kind.YES_NO:
        report_no_condition(ctx, node, expr.type)
        return None
    return expr


def constant(ctx: Context, node: ast.Expr, type: Type) -> Value | None:
    """The value of a literal (number, quantity, date, text, yes/no, or a member of `type`), as `type` takes
    it.

    Anything that has to be computed or read is reported. For a list type, one item gives a list of one.
    """
    if type.item is not None:
        item = constant(ctx, node, type.item)
        return None if item is None or isinstance(item, tuple) else (item,)
    literal = stripped(node.inner) if isinstance(node, ast.Negate) else stripped(node)
    match literal:
        case ast.Ref(word=word):
            if type.members and literal is node:
                member = member_of(ctx, word, type)
                return None if member is None else member.key
            ctx.report.add(messages.NOT_A_CONSTANT, node.span, **sample_slots(type))
            return None
        case ast.Number(text=text, value=value, percent=False) if type.kind is Kind.WHOLE and not is_whole(
            value
        ):
            ctx.report.add(messages.NOT_WHOLE, node.span, number=text)
            return None
        case ast.Number() | ast.Quantity() | ast.DateValue() | ast.TextValue() | ast.Truth():
            expr = expression(ctx, node, type)
        case _:
            ctx.report.add(messages.NOT_A_CONSTANT, node.span, **sample_slots(type))
            return None
    if not isinstance(expr, model.Const):
        return None
    return expr.value if _wide_enough(ctx, node, expr.value, type) else None


def _wide_enough(ctx: Context, node: ast.Expr, value: Value, type: Type) -> bool:
    width = type.width or DEFAULT_WIDTHS.get(type.kind)
    if width is None or not isinstance(value, Decimal) or width.holds(value):
        return True
    words = sample_slots(type)
    ctx.report.add(
        messages.TOO_WIDE,
        node.span,
        number=ctx.words(node.span),
        type=words["expected"],
        type_zh=words["expected_zh"],
        whole=str(width.whole),
        places=str(width.places),
    )
    return False


# ---------------------------------------------------------------- the walk


def _lower(ctx: Context, node: ast.Expr, left: Type | None, division: Division) -> model.Expr | None:
    """One node. `left` is the type whose members a bare word names first."""
    match node:
        case ast.Number():
            return _number(ctx, node)
        case ast.Quantity():
            return arithmetic.quantity(ctx, node)
        case ast.DateValue(value=value):
            return model.Const(value, DATE, node.span)
        case ast.TextValue():
            return _text(ctx, node, left)
        case ast.Truth(value=value):
            return model.Const(value, YES_NO, node.span)
        case ast.Today():
            return model.Today(DATE, node.span)
        case ast.Ref():
            return _reference(ctx, node, left)
        case ast.Held():
            return _held(ctx, node)
        case ast.Group(inner=inner):
            return _lower(ctx, inner, left, division)
        case ast.Negate() | ast.Arith() | ast.Extreme() | ast.Rounded() | ast.Calendar():
            return _calculation(ctx, node, division)
        case (
            ast.Not()
            | ast.Logic()
            | ast.Compare()
            | ast.Between()
            | ast.In()
            | ast.Contains()
            | ast.IsUnknown()
        ):
            return _condition(ctx, node)
        case _:
            assert_never(node)


def _calculation(
    ctx: Context,
    node: ast.Negate | ast.Arith | ast.Extreme | ast.Rounded | ast.Calendar,
    division: Division,
) -> model.Expr | None:
    inside: Division = "any" if division == "any" else "none"
    match node:
        case ast.Negate(inner=inner):
            of = _lower(ctx, inner, None, inside)
            return None if of is None else arithmetic.negated(ctx, node, of)
        case ast.Arith():
            return _arithmetic(ctx, node, division, inside)
        case ast.Extreme(items=items):
            lowered = [_lower(ctx, item, None, inside) for item in items]
            known = tuple(item for item in lowered if item is not None)
            return arithmetic.extreme(ctx, node, known) if len(known) == len(items) else None
        case ast.Rounded(inner=inner):
            of = _lower(ctx, inner, None, "any")
            return None if of is None else arithmetic.rounded(ctx, node, of)
        case ast.Calendar(inner=inner):
            of = _lower(ctx, inner, None, "none")
            return None if of is None else arithmetic.calendar(ctx, node, of)
        case _:
            assert_never(node)


def _arithmetic(ctx: Context, node: ast.Arith, division: Division, inside: Division) -> model.Expr | None:
    if node.op == "/" and division == "none":
        ctx.report.add(messages.DIVISION_UNROUNDED, node.span)
        # Said once for the whole quotient.
        inside = "any"
    left = _lower(ctx, node.left, None, inside)
    right = left if node.op == "^" else _lower(ctx, node.right, None, inside)
    if left is None or right is None:
        return None
    return arithmetic.joined(ctx, node, left, right)


def _condition(
    ctx: Context,
    node: ast.Not | ast.Logic | ast.Compare | ast.Between | ast.In | ast.Contains | ast.IsUnknown,
) -> model.Expr | None:
    match node:
        case ast.Not(inner=inner):
            of = condition(ctx, inner)
            return None if of is None else model.Not(of, YES_NO, node.span)
        case ast.Logic():
            return _logic(ctx, node)
        case ast.Compare():
            return _comparison(ctx, node)
        case ast.Between():
            return _between(ctx, node)
        case ast.In():
            return _membership(ctx, node)
        case ast.Contains():
            return _containment(ctx, node)
        case ast.IsUnknown(inner=inner, negated=negated):
            of = _lower(ctx, inner, None, "none")
            if of is None:
                return None
            asked = model.IsUnknown(of, YES_NO, node.span)
            return model.Not(asked, YES_NO, node.span) if negated else asked
        case _:
            assert_never(node)


def _logic(ctx: Context, node: ast.Logic) -> model.Expr | None:
    if node.mixed:
        comparisons.report_mixed(ctx, node)
    offered = comparisons.offer_in(ctx, node)
    args = [condition(ctx, item) for item in node.items if item not in offered]
    known = tuple(arg for arg in args if arg is not None)
    if node.mixed or len(known) < len(node.items):
        return None
    return model.Logic(node.op, known, YES_NO, node.span)


def _comparison(ctx: Context, node: ast.Compare) -> model.Expr | None:
    left = _lower(ctx, node.left, None, "one")
    if left is None:
        _beside_broken(ctx, node.right)
        return None
    right = _lower(ctx, node.right, left.type, "none" if _divides(left) else "one")
    return None if right is None else comparisons.compared(ctx, node, left, right)


def _divides(expr: model.Expr) -> bool:
    return isinstance(expr, model.Arith) and expr.op == "/"


def _beside_broken(ctx: Context, *nodes: ast.Expr) -> None:
    """Looks for problems beside a side that is broken, but not in words that may be that side's values."""
    for node in nodes:
        word = stripped(node)
        if not (isinstance(word, ast.Ref) and word.word.text not in ctx.symbols):
            _lower(ctx, node, None, "one")


def _between(ctx: Context, node: ast.Between) -> model.Expr | None:
    inner = _lower(ctx, node.inner, None, "one")
    if inner is None:
        _beside_broken(ctx, node.low, node.high)
        return None
    low, high = (_lower(ctx, end, inner.type, "none") for end in (node.low, node.high))
    if low is None or high is None:
        return None
    return comparisons.between(ctx, node, inner, low, high)


def _membership(ctx: Context, node: ast.In) -> model.Expr | None:
    inner = _lower(ctx, node.inner, None, "none")
    if inner is None:
        _beside_broken(ctx, *node.items)
        return None
    items = [_lower(ctx, item, inner.type, "none") for item in node.items]
    known = tuple(item for item in items if item is not None)
    return comparisons.membership(ctx, node, inner, known) if len(known) == len(items) else None


def _containment(ctx: Context, node: ast.Contains) -> model.Expr | None:
    inner = _lower(ctx, node.inner, None, "none")
    if inner is None:
        _beside_broken(ctx, node.item)
        return None
    if inner.type.item is None:
        comparisons.report_no_list(ctx, node, inner.type)
        return None
    item = expression(ctx, node.item, inner.type.item)
    return None if item is None else model.Contains(inner, item, YES_NO, node.span)


# ---------------------------------------------------------------- leaves


def _number(ctx: Context, node: ast.Number) -> model.Const | None:
    if node.percent:
        return model.Const(node.value, PERCENT, node.span)
    if node.currency is not None:
        return model.Const(node.value, MONEY, node.span) if _right_currency(ctx, node) else None
    return model.Const(node.value, WHOLE if is_whole(node.value) else NUMBER, node.span)


def _right_currency(ctx: Context, node: ast.Number) -> bool:
    mark = node.currency or ""
    if ctx.currency is None:
        # A `currency` line that is wrong has been reported itself.
        if not ctx.currency_broken:
            ctx.report.add(messages.NO_CURRENCY, node.span, mark=mark)
        return False
    if ctx.currency not in _SIGNS.get(mark, (mark,)):
        ctx.report.add(messages.WRONG_CURRENCY, node.span, mark=mark, currency=ctx.currency)
        return False
    return True


def _held(ctx: Context, node: ast.Held) -> model.Expr | None:
    """The tier held before the day, which only movement may ask for. It is no dependency: it comes with the state."""
    symbol = ladder_of(ctx, node.ladder)
    if symbol is None or symbol.type is None:
        return None
    if not ctx.stateful:
        ctx.report.add(messages.HELD_ELSEWHERE, node.span, ladder=symbol.name)
        return None
    if symbol.key not in ctx.moving:
        ctx.report.add(messages.HELD_WITHOUT_MOVEMENT, node.span, ladder=symbol.name)
        return None
    return model.Read("held", symbol.key, symbol.type, node.span)


def _text(ctx: Context, node: ast.TextValue, left: Type | None) -> model.Const | None:
    """A text; beside a choice, the outcome with that text."""
    if left is None or not left.members:
        return model.Const(node.label.text, TEXT, node.span, translated(node.label))
    text = node.label.text
    member = member_named(ctx, text, left) or next(
        (each for each in left.members if each.label == text), None
    )
    if member is None:
        unknown_member(ctx, ast.Word(text, span=node.span), left)
        return None
    return model.Const(member.key, left, node.span)


def _reference(ctx: Context, node: ast.Ref, left: Type | None) -> model.Expr | None:
    """A bare word: a value of what stands left of it, else a declared name."""
    word = node.word
    if left is not None and left.members:
        member = member_named(ctx, word.text, left)
        if member is not None:
            return model.Const(member.key, left, node.span)
    symbol = ctx.symbols.get(word.text)
    if symbol is not None:
        return _read(ctx, node, symbol)
    if left is not None and left.members:
        unknown_member(ctx, word, left)
    else:
        unknown_name(ctx, word)
    return None


def _read(ctx: Context, node: ast.Ref, symbol: Symbol) -> model.Read | None:
    of = _READ_OF.get(symbol.of)
    if of is None:
        ctx.report.add(name_messages.BENEFIT_READ, node.span, name=symbol.name)
        return None
    if ctx.owner and of not in ("fact", "param"):
        ctx.reads.setdefault(ctx.owner, {}).setdefault(symbol.key, node.span)
    if symbol.type is None:
        if not symbol.broken:
            ctx.untyped.setdefault(symbol.key, node.span)
        return None
    return model.Read(of, symbol.key, symbol.type, node.span)
