"""A policy's text in colours: all of it is there, and each word is what the language takes it for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.highlight import Piece, highlight

POLICIES = sorted((Path(__file__).parent.parent / "policies").rglob("*.tier"))


def kinds(text: str) -> list[tuple[str, str]]:
    """The coloured pieces of a text."""
    return [(piece.text, piece.kind) for line in highlight(text) for piece in line if piece.kind != "plain"]


def whole(text: str) -> str:
    return "\n".join("".join(piece.text for piece in line) for line in highlight(text))


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_every_policy_is_shown_whole(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert whole(text) == text
    assert {"keyword", "name", "text"} <= {kind for _, kind in kinds(text)}


def test_each_word_is_what_the_language_takes_it_for() -> None:
    assert kinds('fact spend: money "A # sign", at least 20w  # theirs') == [
        ("fact", "keyword"),
        ("spend", "name"),
        (":", "sign"),
        ("money", "keyword"),
        ('"A # sign"', "text"),
        (",", "sign"),
        ("at least", "keyword"),
        ("20w", "number"),
        ("# theirs", "comment"),
    ]


def test_chinese_that_runs_together_is_cut_into_its_words() -> None:
    text = "指标 逾期: 时长\n指标 战略协议: 是否\n标签 标记\n 一 当逾期>30天且战略协议"
    assert kinds(text)[-7:] == [
        ("当", "keyword"),
        ("逾期", "name"),
        (">", "sign"),
        ("30", "number"),
        ("天", "keyword"),
        ("且", "keyword"),
        ("战略协议", "name"),
    ]


def test_a_heading_is_a_keyword_only_at_the_head_of_its_table() -> None:
    lines = highlight("score s\n| spend | points |\n| below 5 | 1 |\n| points | 2 |")
    assert Piece("points", "keyword") in lines[1]
    assert Piece("points", "name") in lines[3]


def test_what_happens_to_a_tier_is_a_keyword_only_behind_its_name() -> None:
    text = 'example "x"\n on 2026-01-31\n given stays = 5\n expect grade moves down to C, rank stays'
    words = dict(kinds(text)[-12:])
    assert (words["moves down"], words["C"], words["grade"]) == ("keyword", "name", "name")
    assert [kind for word, kind in kinds(text) if word == "stays"] == ["name", "keyword"]


def test_a_line_that_cannot_be_read_is_shown_without_colours() -> None:
    assert highlight('policy a\nfact b: money "open') == (
        (Piece("policy", "keyword"), Piece(" ", "plain"), Piece("a", "name")),
        (Piece('fact b: money "open', "plain"),),
    )


@given(st.text(alphabet=st.sampled_from('policyfact\n :=|(),."0123%#“”政策指标当 至'), max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_text_is_shown_whole(text: str) -> None:
    assert whole(text) == text
