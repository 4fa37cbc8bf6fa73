"""Whole statements as text: a head at the left margin, and a body of lines and tables below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import assert_never

from dsl import ast
from dsl.formatting.expressions import expression
from dsl.formatting.layout import align
from dsl.formatting.lines import POINTS_COLUMN, Line, cells, clause, options, type_name
from dsl.formatting.tables import table
from dsl.formatting.words import Style, comments, declared, noted, spaced, word
from dsl.keywords import Lang

INDENT = "  "


def statement(node: ast.AnyStatement, lang: Lang) -> tuple[str, ...]:
    """The lines of a statement, the comments above it included."""
    kind = keyword_of(node)
    style = Style(lang, kind.lower())
    return (
        *comments(node.notes.before),
        noted(f"{style.keyword(kind)} {_head(node, style)}", node.notes),
        *_body(_body_of(node), style),
    )


def has_body(node: ast.AnyStatement) -> bool:
    """Whether lines or tables stand below the statement's first line."""
    return bool(_body_of(node))


def keyword_of(node: ast.AnyStatement) -> str:
    """The id of the keyword that a statement begins with."""
    match node:
        case ast.Remark() | ast.ChoiceDecl() | ast.OverTime():
            return node.kind
        case _:
            return _KEYWORDS[type(node)]


_KEYWORDS: dict[type[ast.Statement], str] = {
    ast.PolicyHeader: "POLICY",
    ast.Currency: "CURRENCY",
    ast.Effective: "EFFECTIVE",
    ast.Applies: "APPLIES",
    ast.FactDecl: "FACT",
    ast.SetDecl: "SET",
    ast.ValueDecl: "VALUE",
    ast.ScoreDecl: "SCORE",
    ast.TiersDecl: "TIERS",
    ast.BenefitDecl: "BENEFIT",
    ast.MatrixDecl: "BENEFITS_OF",
    ast.AdviseDecl: "ADVISE",
    ast.ExampleDecl: "EXAMPLE",
}


# ---------------------------------------------------------------- heads


def _head(node: ast.AnyStatement, style: Style) -> str:
    """The first line behind its keyword."""
    match node:
        case ast.PolicyHeader():
            return spaced(word(node.name), style.label(node.label))
        case ast.Remark():
            return style.label(node.text)
        case ast.Currency():
            return word(node.code)
        case ast.Effective():
            start = f"{style.keyword('FROM')} {expression(node.start, style)}"
            return spaced(start, _behind("UNTIL", node.end, style))
        case ast.Applies():
            return spaced(expression(node.condition, style), style.label(node.reason))
        case ast.FactDecl():
            about = spaced(type_name(node.type, style), style.label(node.label))
            return f"{declared(node.name)}{style.colon}{about}{options(node.options, style)}"
        case ast.SetDecl():
            return spaced(_typed(node, style), _behind("=", node.value, style), style.label(node.label))
        case (
            ast.ValueDecl()
            | ast.ScoreDecl()
            | ast.TiersDecl()
            | ast.ChoiceDecl()
            | ast.BenefitDecl()
            | ast.MatrixDecl()
        ):
            return _rules_head(node, style)
        case ast.AdviseDecl() | ast.OverTime() | ast.ExampleDecl():
            return _practice_head(node, style)
        case _:
            assert_never(node)


_Rules = ast.ValueDecl | ast.ScoreDecl | ast.TiersDecl | ast.ChoiceDecl | ast.BenefitDecl | ast.MatrixDecl


def _rules_head(node: _Rules, style: Style) -> str:
    match node:
        case ast.ValueDecl():
            return spaced(_valued(node, style), _behind("GRADUATED_BY", node.graduated, style))
        case ast.ScoreDecl():
            return spaced(
                declared(node.name),
                style.label(node.label),
                _behind("BETWEEN", node.low, style),
                _behind("BETWEEN_AND", node.high, style),
                _behind("=", node.value, style),
            )
        case ast.TiersDecl():
            like = f"{style.keyword('LIKE')} {word(node.like)}" if node.like else None
            return spaced(declared(node.name), style.label(node.label), _behind("BY", node.by, style), like)
        case ast.ChoiceDecl():
            exactly = style.keyword("EXACTLY_ONE") if node.exactly_one else None
            return spaced(declared(node.name), style.label(node.label), exactly)
        case ast.BenefitDecl():
            return _valued(node, style) + options(node.options, style)
        case ast.MatrixDecl():
            at = f"{style.keyword('AT')} {word(node.at)}" if node.at else None
            return spaced(word(node.ladder), at)
        case _:
            assert_never(node)


def _practice_head(node: ast.AdviseDecl | ast.OverTime | ast.ExampleDecl, style: Style) -> str:
    match node:
        case ast.AdviseDecl():
            role = word(node.role) if isinstance(node.role, ast.Word) else style.label(node.role)
            return spaced(
                style.label(node.action),
                f"{style.keyword('ADDRESSED')} {role}" if role else None,
                _behind("PRIORITY", node.priority, style),
                _behind("WHEN", node.condition, style),
            )
        case ast.OverTime():
            named = spaced(word(node.name), style.label(node.label))
            if node.head is None:
                return named
            return named + (style.colon if node.kind == "EVENT" else " ") + clause(node.head, style)
        case ast.ExampleDecl():
            return spaced(style.label(node.name), _behind("ON", node.on, style))
        case _:
            assert_never(node)


def _valued(node: ast.ValueDecl | ast.BenefitDecl, style: Style) -> str:
    """Name, type, value and label. The label stands last, unless a label that belongs to the type's last
    value would then be read as the declaration's."""
    label, value = style.label(node.label), _behind("=", node.value, style)
    written = node.type if node.type is None or node.type.item is None else node.type.item
    first = written is not None and written.values and written.values[-1].label is not None
    return spaced(_typed(node, style), *((label, value) if first else (value, label)))


def _typed(node: ast.SetDecl | ast.ValueDecl | ast.BenefitDecl, style: Style) -> str:
    name = declared(node.name)
    return name if node.type is None else f"{name}{style.colon}{type_name(node.type, style)}"


def _behind(keyword: str, value: ast.Expr | None, style: Style) -> str:
    """A part of a head that may be missing: a keyword (or `=`) and the expression behind it."""
    if value is None:
        return ""
    return f"{keyword if keyword == '=' else style.keyword(keyword)} {expression(value, style)}"


# ---------------------------------------------------------------- bodies


def _body_of(node: ast.AnyStatement) -> tuple[Line | ast.Table, ...]:
    match node:
        case ast.SetDecl() | ast.OverTime() | ast.ExampleDecl():
            return node.lines
        case ast.MatrixDecl():
            return node.tables
        case ast.ValueDecl() | ast.ScoreDecl() | ast.TiersDecl() | ast.ChoiceDecl() | ast.BenefitDecl():
            return node.body
        case (
            ast.PolicyHeader()
            | ast.Remark()
            | ast.Currency()
            | ast.Effective()
            | ast.Applies()
            | ast.FactDecl()
            | ast.AdviseDecl()
        ):
            return ()
        case _:
            assert_never(node)


def _body(body: Iterable[Line | ast.Table], style: Style) -> Iterator[str]:
    """Lines of one kind in a row share their columns; a blank line parts a second table from the first."""
    tables = 0
    indent = INDENT
    for kind, items in groupby(body, type):
        block = list(items)
        if kind is ast.Table:
            for item in block:
                assert isinstance(item, ast.Table)
                if tables:
                    yield ""
                tables += 1
                yield from table(item, style)
        else:
            yield from _lines([item for item in block if not isinstance(item, ast.Table)], style, indent)
        if kind is ast.StepLine:
            # What follows is of that day.
            indent = INDENT * 2


def _lines(block: list[Line], style: Style, indent: str) -> Iterator[str]:
    right = frozenset({POINTS_COLUMN}) if isinstance(block[0], ast.PointsLine) else frozenset[int]()
    for text, line in zip(align([cells(line, style) for line in block], right), block, strict=True):
        own = INDENT if isinstance(line, ast.StepLine) else indent
        yield from comments(line.notes.before, own)
        yield noted(own + text, line.notes)
