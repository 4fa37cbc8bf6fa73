"""Text becomes the surface tree.

    text -> statements and lines (dsl.layout) -> tokens (dsl.lexer) -> nodes (grammar.lark's tables, dsl.builder)

Each line is parsed alone, by the start rule that its statement takes. A line that cannot be read is reported and left out, and all
others are read: `parse` never raises, whatever the text. What remains is a tree of the good lines; a statement whose first line is bad is
left out as a whole, but its other lines are read all the same, so that every problem of a file is found in one run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from dsl import ast, expected, lalr
from dsl.builder import Builder
from dsl.declared_words import declared_words
from dsl.decoding import MAX_POLICY_BYTES
from dsl.diagnostics import Code, Diagnostic, Report, diagnose
from dsl.keywords import by_id
from dsl.layout import Block, Line, blocks
from dsl.lexer import LineLexer, Token
from dsl.messages import syntax
from dsl.runs import Words
from dsl.source import Source, Span
from dsl.vocabulary import keyword_guess

MAX_PROBLEMS = 200

# The start rules of a statement: its first line, its other lines, whether tables may stand below it.
_HEAD: dict[str, str] = {
    "POLICY": "policy_head",
    **dict.fromkeys(("OWNER", "TIMEZONE", "SCOPE", "ABOUT", "USE"), "remark_head"),
    "EFFECTIVE": "effective_head",
    "CURRENCY": "currency_head",
    "APPLIES": "applies_head",
    "FACT": "fact_head",
    "SET": "set_head",
    "VALUE": "value_head",
    "SCORE": "score_head",
    "TIERS": "tiers_head",
    **dict.fromkeys(("SEGMENT", "CHOOSE", "TAGS"), "choice_head"),
    "BENEFIT": "benefit_head",
    "BENEFITS_OF": "matrix_head",
    "ADVISE": "advise_head",
    "MOVEMENT_OF": "movement_head",
    "LIFECYCLE": "lifecycle_head",
    "EVENT": "event_head",
    "WATCH": "watch_head",
    "EXAMPLE": "example_head",
}
_LINE: dict[str, str] = {
    "SET": "dated_line",
    "VALUE": "value_line",
    "SCORE": "points_line",
    "TIERS": "tiers_line",
    **dict.fromkeys(("SEGMENT", "CHOOSE", "TAGS"), "choice_line"),
    "BENEFIT": "benefit_line",
    "MOVEMENT_OF": "movement_line",
    "LIFECYCLE": "lifecycle_line",
    "WATCH": "watch_line",
    "EXAMPLE": "example_line",
}
_TABLES = frozenset({"VALUE", "SCORE", "TIERS", "SEGMENT", "CHOOSE", "TAGS", "BENEFIT", "BENEFITS_OF"})
_RESERVED = frozenset({"RECORD", "MEASURE", "GUARANTEE"})

_BINDS = frozenset({"EQ", "IS", "IN", "BETWEEN", "CONTAINS", *ast.TRANSITIONS})
_RULE_OF_MARKDOWN = re.compile(r"\|(\s*:?-{2,}:?\s*\|)+")


def parse(
    source: Source, file: int = 0, known: Iterable[str] = ()
) -> tuple[ast.Policy, tuple[Diagnostic, ...]]:
    """The surface tree of a text, and every problem of its syntax.

    `file` is the text's number for spans; `known` are names declared elsewhere (in used policies) that uses in Chinese may run together.
    """
    report = Report()
    if len(source.text) > MAX_POLICY_BYTES:
        size = len(source.text)
        report.add(syntax.TOO_LARGE, Span(0, 0, file), size=size, limit=MAX_POLICY_BYTES)
        return ast.Policy(()), tuple(report.items)
    reader = _Reader(source.text, report, file)
    policy = reader.policy(known)
    return policy, _first(report, file)


def _first(report: Report, file: int) -> tuple[Diagnostic, ...]:
    """The problems, up to the number that somebody can read."""
    if len(report.items) <= MAX_PROBLEMS:
        return tuple(report.items)
    last = report.items[MAX_PROBLEMS].span
    more = diagnose(syntax.TOO_MANY, Span(last.start, last.end, file), limit=MAX_PROBLEMS)
    return (*report.items[:MAX_PROBLEMS], more)


class _Reader:
    """Reads one text."""

    def __init__(self, text: str, report: Report, file: int) -> None:
        self.text = text
        self.report = report
        self.file = file
        self.lexer = LineLexer(text, Words.of(()), report, file)
        self.build = Builder(self.lexer, file)

    def policy(self, known: Iterable[str]) -> ast.Policy:
        found, tail = blocks(self.text, self.lexer.plain)
        self.lexer.words = Words.of(declared_words(found) | set(known))
        statements = []
        for block in found:
            if len(self.report.items) > MAX_PROBLEMS:
                break
            statement = self._statement(block)
            if statement is not None:
                statements.append(statement)
        return ast.Policy(tuple(statements), tail, span=Span(0, len(self.text), self.file))

    # ------------------------------------------------------------ statements

    def _statement(self, block: Block) -> ast.AnyStatement | None:
        if not block.keyword:
            self._stray([block.head, *block.lines])
            return None
        if block.keyword in _RESERVED:
            word = self.text[block.head.start :].split(None, 1)[0]
            self._say(syntax.NOT_AVAILABLE, block.head, word=word)
            return None
        head = self._parsed(block.head, _HEAD[block.keyword], block.keyword)
        body = self._body(block)
        if head is None:
            return None
        span = Span(block.head.start, block.lines[-1].end if block.lines else block.head.end, self.file)
        statement: ast.AnyStatement = _with_body(replace(head, notes=block.head.notes, span=span), body)
        return statement

    def _stray(self, lines: list[Line]) -> None:
        """Lines that belong to no statement: the first of them is reported, and any other that looks like a misspelt statement."""
        for at, line in enumerate(lines[:MAX_PROBLEMS]):
            hint = keyword_guess(line.text.split(None, 1)[0].lower())
            if at == 0 or hint is not None:
                self._say(syntax.NO_STATEMENT, line, hint=hint, text=line.text)

    def _body(self, block: Block) -> tuple[Any, ...]:
        if block.keyword not in _LINE and block.keyword not in _TABLES:
            self._stray(block.lines)
            return ()
        body: list[Any] = []
        rows: list[Line] = []
        for line in block.lines:
            if rows and (not line.row or line.notes.blank):
                body.append(self._table(rows, block.keyword))
                rows = []
            if line.row and self._may_have_table(line, block.keyword):
                rows.append(line)
            elif not line.row and self._may_have_line(line, block.keyword):
                node = self._parsed(line, _LINE[block.keyword], block.keyword)
                body.append(replace(node, notes=line.notes) if node is not None else None)
        if rows:
            body.append(self._table(rows, block.keyword))
        return tuple(item for item in body if item is not None)

    def _may_have_table(self, line: Line, keyword: str) -> bool:
        if keyword not in _TABLES:
            self._say(syntax.NO_TABLE, line, statement=by_id()[keyword].en[0])
        return keyword in _TABLES

    def _may_have_line(self, line: Line, keyword: str) -> bool:
        if keyword not in _LINE:
            self._say(syntax.NO_LINE_BUT_TABLE, line, statement=by_id()[keyword].en[0])
        return keyword in _LINE

    def _table(self, lines: list[Line], keyword: str) -> ast.Table | None:
        head = self._parsed_row(lines[0], "head_row", "head")
        rows = []
        for line in lines[1:]:
            if _RULE_OF_MARKDOWN.fullmatch(line.text):
                continue  # the rule below a header that other tools ask for
            row = self._parsed_row(line, "row", keyword)
            if row is not None:
                rows.append(replace(row, notes=line.notes))
        if head is None:
            return None
        span = Span(lines[0].start, lines[-1].end, self.file)
        return ast.Table(head, tuple(rows), lines[0].notes, span=span)

    # ------------------------------------------------------------ lines

    def _parsed_row(self, line: Line, start: str, statement: str) -> Any:
        if not line.text.endswith("|"):
            self.report.add(syntax.OPEN_ROW, Span(line.end - 1, line.end, self.file))
            return None
        return self._parsed(line, start, statement)

    def _parsed(self, line: Line, start: str, keyword: str) -> Any:
        statement = keyword.lower()
        tokens = self.lexer.tokens(line.segments, statement)
        if tokens is None:
            return None
        if start == "head_row":
            tokens = headings(tokens)
        if start in ("row", "head_row") and self._has_empty_cell(tokens):
            return None
        try:
            return lalr.parse(start, _options(tokens, keyword), self.build)
        except lalr.Unexpected as problem:
            self.report.items.append(
                expected.explain(problem, tokens, line.end, self.lexer, statement, start)
            )
            return None

    def _has_empty_cell(self, tokens: list[Token]) -> bool:
        empty = [
            (left, right) for left, right in pairwise(tokens) if left.type == "PIPE" and right.type == "PIPE"
        ]
        for left, right in empty:
            self.report.add(syntax.EMPTY_CELL, Span(left.start, right.end, self.file))
        return bool(empty)

    def _say(self, code: Code, line: Line, hint: tuple[str, str] | None = None, **words: Any) -> None:
        self.report.add(code, Span(line.start, line.end, self.file), hint=hint, **words)


def _options(tokens: list[Token], keyword: str) -> list[Token]:
    """The tokens with each comma that begins an option told from those that separate a list's items."""
    words = expected.OPTION_WORDS.get(keyword, frozenset())
    for at, token in enumerate(tokens[:-1]):
        if token.type != "COMMA":
            continue
        following = tokens[at + 1].type
        behind = tokens[at + 2].type if at + 2 < len(tokens) else ""
        binds = keyword == "EXAMPLE" and following == "NAME" and behind in _BINDS
        quota = keyword == "BENEFIT" and following == "NUMBER" and behind.startswith("PER_")
        if following in words or binds or quota:
            token.type = "OPT"
    return tokens


_HEADING_WORDS = frozenset({"POINTS", "TIER_HEAD", "OUTCOME", "REQUIREMENT", "BENEFIT_HEAD"})


def headings(tokens: list[Token]) -> list[Token]:
    """A heading's word is one only where it is the whole of its cell; beside others it is a name."""
    for at, token in enumerate(tokens[1:-1], 1):
        if token.type in _HEADING_WORDS and not (tokens[at - 1].type == tokens[at + 1].type == "PIPE"):
            token.type = "NAME"
    return tokens


def _with_body(statement: Any, body: tuple[Any, ...]) -> Any:
    """A statement with the lines and tables below it."""
    if not body:
        return statement
    match statement:
        case ast.SetDecl() | ast.OverTime() | ast.ExampleDecl():
            changes = {"lines": body}
        case ast.MatrixDecl():
            changes = {"tables": body}
        case _:
            changes = {"body": body}
    return replace(statement, **changes)
