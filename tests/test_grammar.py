"""The grammar: no conflict, and tables that are its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lark.exceptions import GrammarError, UnexpectedInput

from dsl import lalr, tables
from dsl.declared_words import declared_words
from dsl.diagnostics import Report
from dsl.keywords import KEYWORDS, by_id
from dsl.lalr import Rule
from dsl.layout import blocks
from dsl.lexer import SIGNS, LineLexer
from dsl.parser import _HEAD, _LINE, parse
from dsl.runs import Words
from dsl.source import Source

POLICIES = sorted((Path(__file__).parents[1] / "policies").glob("*.tier"))


@pytest.fixture(scope="module")
def built() -> Any:
    return tables.build(strict=True)


def test_the_grammar_has_no_shift_reduce_conflict(built: Any) -> None:
    """Lark resolves such conflicts in silence unless it is strict; `build` raises where there is one."""
    assert built.parser.parser._parse_table.states


def test_strict_building_would_notice_a_conflict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tables.GRAMMAR.read_text("utf-8").replace(
        "?disjunction: conjunction |", "?disjunction: conjunction | disjunction OR conjunction |"
    )
    path = tmp_path / "grammar.lark"
    path.write_text(broken, "utf-8")
    monkeypatch.setattr(tables, "GRAMMAR", path)
    with pytest.raises(GrammarError, match="conflict"):
        tables.build(strict=True)


def test_the_kept_tables_are_the_grammars(built: Any) -> None:
    assert tables.TABLES.read_text("utf-8") == tables.text(tables.tables(built)), "run `python -m dsl.tables`"


def test_every_terminal_is_a_keyword_or_made_by_the_lexer() -> None:
    made = {"NAME", "NUMBER", "DATE", "TEXT", "MONTH_DAY", "OPT", *SIGNS.values()}
    terminals = {
        symbol
        for state in lalr.tables().states
        for symbol in state
        if symbol.isupper() and symbol != lalr.END
    }
    assert terminals <= made | set(by_id())


def test_every_keyword_is_in_the_grammar_or_reserved() -> None:
    terminals = {symbol for state in lalr.tables().states for symbol in state}
    unused = {keyword.id for keyword in KEYWORDS} - terminals
    assert unused == {
        "RECORD", "MEASURE", "GUARANTEE", "RANK_OF", "SHARE_OF", "QUANTILE", "COUNT_OF", "TOTAL_OF", "LATEST",
    }  # fmt: skip


def test_every_start_rule_is_used_and_known() -> None:
    used = {*_HEAD.values(), *_LINE.values(), "head_row", "row"}
    assert used == set(lalr.tables().starts)


def _shape(rule: Rule, children: list[Any]) -> Any:
    return (rule.name, [getattr(child, "text", child) for child in children])


def _shape_of_lark(node: Any) -> Any:
    if not hasattr(node, "children"):
        return node.text
    return (str(node.data), [_shape_of_lark(child) for child in node.children])


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_larks_own_parser_reads_every_line_to_the_same_tree(built: Any, path: Path) -> None:
    source = Source(path.read_text("utf-8"))
    lexer = LineLexer(source.text, Words.of(()), Report())
    found, _ = blocks(source.text, lexer.plain)
    lexer.words = Words.of(declared_words(found))
    lines = 0
    for block in found:
        tokens = lexer.tokens(block.head.segments, block.keyword.lower())
        assert tokens is not None
        if any(token.type == "COMMA" for token in tokens):
            continue  # which commas begin options is decided in the parser
        start = _HEAD[block.keyword]
        try:
            theirs = _shape_of_lark(built.parse(tokens, start=start))
        except UnexpectedInput:
            theirs = None
        assert lalr.parse(start, tokens, _shape) == theirs
        lines += 1
    assert lines >= 5


def test_the_worked_policies_have_no_syntax_problem() -> None:
    assert POLICIES
    for path in POLICIES:
        assert parse(Source(path.read_text("utf-8")))[1] == ()
