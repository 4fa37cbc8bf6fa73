"""The lines inside statements, cut into the cells that are to stand under each other.

Each function gives one line's cells; which lines share columns, and how wide those are, is decided in
`dsl.formatting.statements` and `dsl.formatting.layout`.
"""

from __future__ import annotations

from typing import assert_never

from dsl import ast
from dsl.formatting.expressions import Binding, between, expression, operand
from dsl.formatting.words import COUNTED, Style, declared, spaced, word

Line = (
    ast.OutcomeLine
    | ast.PointsLine
    | ast.DatedLine
    | ast.TierLine
    | ast.LimitLine
    | ast.BindingLine
    | ast.StepLine
    | ast.Clause
)
Cells = tuple[str, ...]

# The cells of a points line that hold figures: aligned at their right end.
POINTS_COLUMN = 1


def cells(node: Line, style: Style) -> Cells:
    """The cells of a line; lines of one kind have the same number of cells."""
    match node:
        case ast.OutcomeLine():
            return _outcome(node, style)
        case ast.PointsLine():
            return _points(node, style)
        case ast.DatedLine():
            start = f"{style.keyword('FROM')} {expression(node.start, style)}{style.colon.rstrip()}"
            return start, expression(node.value, style)
        case ast.TierLine():
            return _tier(node, style)
        case ast.LimitLine():
            return (
                _name(node.name, style),
                style.keyword("AT_LEAST" if node.floor else "AT_MOST"),
                spaced(word(node.tier), style.keyword("AT_ONCE") if node.at_once else None),
                _when(node.condition, style),
                style.label(node.reason),
            )
        case ast.BindingLine():
            bindings = style.comma.join(_binding(item, style) for item in node.bindings)
            return (f"{style.keyword(node.kind.upper())} {bindings}",)
        case ast.StepLine():
            return (f"{style.keyword('ON')} {expression(node.on, style)}",)
        case ast.Clause():
            return (clause(node, style),)
        case _:
            assert_never(node)


def _name(name: ast.Declared | None, style: Style) -> str:
    return "" if name is None else declared(name) + style.colon.rstrip()


def _when(condition: ast.Expr | None, style: Style) -> str:
    return "" if condition is None else f"{style.keyword('WHEN')} {expression(condition, style)}"


def _outcome(node: ast.OutcomeLine, style: Style) -> Cells:
    condition = style.keyword("OTHERWISE") if node.otherwise else _when(node.condition, style)
    gives = spaced(
        expression(node.value, style) if node.value is not None else None,
        declared(node.code) if node.code else None,
        style.label(node.text),
    )
    line = [_name(node.name, style), gives, condition, style.label(node.label)]
    last = max(at for at, cell in enumerate(line) if cell)
    line[last] += options(node.options, style)
    return tuple(line)


def _points(node: ast.PointsLine, style: Style) -> Cells:
    rule = _when(node.condition, style)
    if node.per is not None:
        step = f"{expression(node.step, style)} {style.keyword('OF')}" if node.step is not None else None
        cap = f"{style.keyword('CAPPED_AT')} {expression(node.cap, style)}" if node.cap is not None else None
        rule = spaced(style.keyword("PER"), step, expression(node.per, style), cap)
    points = node.sign + operand(node.points, Binding.PRODUCT, style)
    return _name(node.name, style), points, rule, style.label(node.label)


def _tier(node: ast.TierLine, style: Style) -> Cells:
    if node.otherwise:
        rule = style.keyword("OTHERWISE")
    elif node.threshold is None:
        rule = _when(node.condition, style)
    else:
        rule = _threshold("OVER" if node.over else "FROM", node.threshold, node.condition, style)
    if node.keep is not None:
        kind = "KEEP_OVER" if node.keep.over else "KEEP_FROM"
        rule += style.comma + _threshold(kind, node.keep.threshold, node.keep.condition, style)
    return declared(node.name), style.label(node.label), rule


def _threshold(kind: str, threshold: ast.Expr, condition: ast.Expr | None, style: Style) -> str:
    also = f"{style.keyword('AND')} {expression(condition, style)}" if condition is not None else None
    return spaced(style.keyword(kind), expression(threshold, style), also)


def options(items: tuple[ast.Option, ...], style: Style) -> str:
    """Options, each with the comma before it."""
    return "".join(_apart(style.comma, option(item, style)) for item in items)


def _apart(comma: str, text: str) -> str:
    """A comma and what follows. A full-width comma is read as a plain one, so a digit right behind it would
    make one number of two: `2,500，1次每年`."""
    return f"{comma} {text}" if text[0].isdigit() and not comma.endswith(" ") else comma + text


def option(node: ast.Option, style: Style) -> str:
    """One option behind its comma."""
    args = [_argument(item, style) for item in node.args]
    if node.kind in ("PER_MONTH", "PER_QUARTER", "PER_YEAR"):
        return style.counted(args[0], node.kind, False)
    if node.kind == "FROM" and len(args) == 2:
        args = [f"{args[0]} {style.keyword('UNTIL')} {args[1]}"]
    which = style.keyword(node.which) if node.which else None
    return spaced(style.keyword(node.kind), style.items(args), which)


def _argument(node: ast.Expr | ast.Label | ast.Word, style: Style) -> str:
    if isinstance(node, ast.Word):
        return word(node)
    return style.label(node) if isinstance(node, ast.Label) else expression(node, style)


def _binding(node: ast.Binding, style: Style) -> str:
    name = spaced(
        style.keyword("COMPUTED") if node.computed else None, word(node.word) if node.word else None
    )
    values = [expression(value, style) for value in node.values]
    match node.op:
        case "=":
            return spaced(name, "=", style.items(values))
        case "IS" | "IN" | "CONTAINS":
            return spaced(name, style.keyword(node.op), style.items(values))
        case "BETWEEN":
            return spaced(name, between(values[0], values[1], style))
        case "UNKNOWN" | "NONE":
            return spaced(name, style.keyword("IS"), style.keyword(node.op))
        case "NOT_GRADED":
            return style.keyword("NOT_GRADED")
        case "ENTERS" | "LEAVES" | "WITHDRAWS" | "RENEWS" | "STAYS":
            return spaced(name, style.keyword(node.op), *values)
        case "MOVES_UP" | "MOVES_DOWN" | "GIVES_NOTICE":
            to = style.keyword("OF" if node.op == "GIVES_NOTICE" and style.lang == "en" else "TO")
            return spaced(name, style.keyword(node.op), *(f"{to} {value}" for value in values))
        case _:
            assert_never(node.op)


# ---------------------------------------------------------------- clauses

Item = ast.KeywordUse | ast.Expr | ast.Label | ast.Word | ast.TypeName | ast.MonthDay


def clause(node: ast.Clause, style: Style) -> str:
    """A clause of an over-time statement: its items in order, with the spaces that its signs ask for."""
    text = ""
    before: Item | str = ""
    for item in node.items:
        if item == "," and isinstance(before, ast.MonthDay):  # the days of a yearly review
            text = style.items((text, ""))
        elif isinstance(item, str):
            text = _sign(text, item, style)
        elif isinstance(item, ast.Word) and isinstance(
            before, ast.Word
        ):  # the values of a field's enumeration
            text = style.items((text, word(item)))
        elif isinstance(before, ast.Number) and isinstance(item, ast.KeywordUse) and item.id in COUNTED:
            text = _counted(text, before, item, style)
        else:
            text += _gap(text) + _item(item, style)
        before = item
    return text.rstrip()


def _gap(text: str) -> str:
    return "" if not text or text.endswith((" ", "(", "，", "、", "：")) else " "


def _sign(text: str, sign: str, style: Style) -> str:
    match sign:
        case ",":
            return text + style.comma
        case ":":
            return text + style.colon
        case ")":
            return text + sign
        case _:
            return text + _gap(text) + sign


def _counted(text: str, count: ast.Number, unit: ast.KeywordUse, style: Style) -> str:
    """Puts a count and its unit together: `2 reviews in a row`, `1 step`, `2级`."""
    figure = expression(count, style)
    together = style.counted(figure, unit.id, count.value == 1)
    return text.removesuffix(figure) + together


def _item(item: Item, style: Style) -> str:
    match item:
        case ast.KeywordUse():
            return style.keyword(item.id)
        case ast.Label():
            return style.label(item)
        case ast.Word():
            return word(item)
        case ast.TypeName():
            return type_name(item, style)
        case ast.MonthDay() if style.lang == "zh":
            return f"{item.month}月{item.day}日"
        case ast.MonthDay():
            return f"{item.day} {_MONTHS[item.month - 1]}"
        case _:
            return expression(item, style)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


# ---------------------------------------------------------------- types


def type_name(node: ast.TypeName, style: Style) -> str:
    """A type as written in a declaration."""
    parts = [style.keyword(node.kind)]
    if node.values:
        parts.append(style.items(_enum_value(value, style) for value in node.values))
    if node.item is not None:
        parts.append(type_name(node.item, style))
    if node.decimals is not None:
        wider = style.counted(str(node.decimals), "DECIMALS", node.decimals == 1)
        parts.append(f"{style.keyword('WITH')} {wider}")
    return " ".join(parts)


def _enum_value(node: ast.EnumValue, style: Style) -> str:
    return spaced(declared(node.name), style.label(node.label))
