"""Chinese runs together: `当逾期>30天且战略协议`. A run of characters is cut into the words that it is made of.

Only someone who knows the words can cut it, so the declared names come first (`dsl.declared_words`). The longest word wins, and where
that leaves a rest that cannot be read, the cut goes back and tries a shorter one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dsl import numerals
from dsl.vocabulary import Vocabulary

_ASCII_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Words:
    """The declared names of a policy, ready for cutting runs: all of them, and by first letter, the longest first."""

    names: frozenset[str]
    by_letter: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, names: Iterable[str]) -> Words:
        """The index of some names."""
        known = frozenset(names)
        table: dict[str, list[str]] = {}
        for name in known:
            table.setdefault(name[:1], []).append(name)
        return cls(
            known, {first: tuple(sorted(rows, key=len, reverse=True)) for first, rows in table.items()}
        )


def cut(run: str, words: Words, vocabulary: Vocabulary) -> list[str] | None:
    """A run cut into declared names, Chinese keywords and numbers, the longest first; None where it cannot be read whole.

    Goes back where a long piece leaves a rest that cannot be read: `dead` keeps the places that were tried.
    """
    dead: set[int] = set()
    stack: list[tuple[int, Iterator[str]]] = [(0, _pieces(run, 0, words, vocabulary))]
    path: list[str] = []
    while stack:
        at, options = stack[-1]
        piece = next(options, None)
        if piece is None:
            dead.add(at)
            stack.pop()
            if path:
                path.pop()
            continue
        after = at + len(piece)
        if after in dead:
            continue
        path.append(piece)
        if after == len(run):
            return path
        stack.append((after, _pieces(run, after, words, vocabulary)))
    return None


def _pieces(run: str, at: int, words: Words, vocabulary: Vocabulary) -> Iterator[str]:
    """What the run may go on with at a place, the longest first."""
    letter = run[at]
    if letter.isdecimal():
        number = numerals.in_run(run, at)
        yield number
        return
    names = [name for name in words.by_letter.get(letter, ()) if _fits(run, at, name)]
    keywords = [word for word in vocabulary.runs if word[0] == letter and run.startswith(word, at)]
    if letter == "是":
        keywords.append("是")
    latin = _ASCII_WORD.match(run, at)  # Chinese sets Latin words apart by itself: 币种CNY
    if latin is not None:
        names.append(latin[0])
    yield from sorted(dict.fromkeys(names + keywords), key=len, reverse=True)


def _fits(run: str, at: int, name: str) -> bool:
    """Whether a name stands at a place; a Latin word is never cut in two."""
    if not run.startswith(name, at):
        return False
    after = run[at + len(name) : at + len(name) + 1]
    return not (after.isascii() and (after.isalnum() or after == "_") and name[-1].isascii())
