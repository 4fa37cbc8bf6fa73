"""Which words are keywords on which lines: the table of `dsl.keywords`, arranged for looking words up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from dsl.diagnostics import did_you_mean
from dsl.keywords import KEYWORDS, RESERVED, STATEMENTS

RUN = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Vocabulary:
    """The keywords of one kind of line: `phrases` by their first word, the longest first, each as (words, id, place); `runs` the Chinese ones."""

    phrases: dict[str, tuple[tuple[tuple[str, ...], str, str], ...]]
    runs: dict[str, tuple[tuple[str, str], ...]]


@cache
def vocabulary(statement: str) -> Vocabulary:
    """What is a keyword on the lines of a statement; `head` is a table's header row, `` a line that belongs to none."""
    phrases: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    runs: dict[str, list[tuple[str, str]]] = {}
    for own in (True, False):  # a statement's own words come before the common ones
        for keyword in KEYWORDS:
            mine = statement in keyword.where
            if mine is not own or not (mine or "*" in keyword.where):
                continue
            place = next((word for word in keyword.where if word.startswith("@")), "")
            for spelling in keyword.en:
                words = tuple(spelling.split())
                phrases.setdefault(words[0], []).append((words, keyword.id, place))
            for spelling in keyword.zh:
                runs.setdefault(spelling, []).append((keyword.id, place))
    ordered = {first: tuple(sorted(rows, key=lambda row: -len(row[0]))) for first, rows in phrases.items()}
    return Vocabulary(ordered, {run: tuple(rows) for run, rows in runs.items()})


@cache
def _all_spellings() -> frozenset[str]:
    words: set[str] = set()
    for keyword in KEYWORDS:
        if not any(place.startswith("@") for place in keyword.where):
            words.update(keyword.en, keyword.zh)
    return frozenset(words | {"是"})


def needs_ticks(text: str) -> bool:
    """Whether a name must stand in backticks to be read as one, wherever it stands."""
    return RUN.fullmatch(text) is None or text in _all_spellings()


@cache
def statement_words() -> tuple[dict[str, str], dict[str, str]]:
    """The first words of statements: English phrases and Chinese words, each with its keyword's id."""
    english, chinese = {}, {}
    for keyword in STATEMENTS + RESERVED:
        english.update(dict.fromkeys(keyword.en, keyword.id))
        chinese.update(dict.fromkeys(keyword.zh, keyword.id))
    return english, chinese


def keyword_guess(word: str) -> tuple[str, str] | None:
    """The statement that a misspelt first word may have meant."""
    english, chinese = statement_words()
    return did_you_mean(word, [*english, *chinese])
