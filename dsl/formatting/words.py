"""The smallest pieces of a policy's text: keywords, names, quotes, numbers with their units, lists.

Only keywords and punctuation differ between the languages; what the author named, labelled or counted
stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from dsl import ast
from dsl.characters import PLAIN
from dsl.keywords import KEYWORDS, UNITS, Lang, by_id, spelling
from dsl.runs import Words, cut
from dsl.vocabulary import needs_ticks, vocabulary

_QUOTES: dict[Lang, tuple[str, ...]] = {"en": ('""', "“”", "「」"), "zh": ("“”", "「」", '""')}

# Keywords that count something and so have a singular in English, their second spelling.
COUNTED = frozenset({keyword.id for keyword in UNITS} | {"STEPS", "IN_A_ROW"})


@dataclass(frozen=True, slots=True)
class Style:
    """How to write: the language, and the statement whose lines these are.

    `statement` is the id of its keyword in lower case: `dsl.keywords` has some keywords once a statement.
    """

    lang: Lang
    statement: str = "*"

    def keyword(self, id: str) -> str:
        """A keyword in this language."""
        return spelling(id, self.lang, self.statement)

    @property
    def comma(self) -> str:
        """What stands between options."""
        return "，" if self.lang == "zh" else ", "

    @property
    def colon(self) -> str:
        """What stands between a name and what it is."""
        return "：" if self.lang == "zh" else ": "

    def items(self, items: Iterable[str]) -> str:
        """A list of values. Chinese has a comma for lists, which is never taken for one between options."""
        return ("、" if self.lang == "zh" else ", ").join(items)

    def quote(self, text: str) -> str:
        """A text in the first quotes that cannot be confused with what it holds.

        Raises `ValueError` for a text that fits none of them, which no policy can hold.
        """
        pairs = _QUOTES[self.lang]
        read = text.translate(PLAIN)  # a text also ends at what is only another form of its quote
        clean = [pair for pair in pairs if pair[0] not in read and pair[1] not in read]
        closing = [pair for pair in pairs if pair[1] not in read]
        if not closing:
            raise ValueError(f"no quotes fit around {text!r}")
        pair = (clean or closing)[0]
        return f"{pair[0]}{text}{pair[1]}"

    def label(self, label: ast.Label | None) -> str:
        """A label and its translation; nothing where there is none."""
        if label is None:
            return ""
        if label.translation is None:
            return self.quote(label.text)
        return f"{self.quote(label.text)} ({self.quote(label.translation)})"

    def counted(self, number: str, unit: str, one: bool) -> str:
        """A number and what it counts: `1 day`, `2 days`, `30天`."""
        if self.lang == "zh":
            return number + self.keyword(unit)
        singular = one and unit in COUNTED and len(by_id()[unit].en) > 1
        return f"{number} {by_id()[unit].en[1] if singular else self.keyword(unit)}"


def word(word: ast.Word) -> str:
    """A name; in backticks only where it would not be read as one name without them."""
    ticked = needs_ticks(word.text) or (word.ticked and _falls_apart(word.text))
    return f"`{word.text}`" if ticked else word.text


@cache
def _falls_apart(text: str) -> bool:
    """Whether a name would be read as several words where it is not declared: `是否为` is two keywords. Whoever
    put it in backticks may have had to."""
    return any(len(cut(text, _NO_NAMES, vocabulary(on)) or ()) > 1 for on in _LINES)


_NO_NAMES = Words.of(())
_LINES = sorted({on for keyword in KEYWORDS for on in keyword.where if on[0] not in "*@"})


def declared(name: ast.Declared) -> str:
    """A name where it is declared, with its alias."""
    return word(name.word) if name.alias is None else f"{word(name.word)} ({word(name.alias)})"


def number(number: ast.Number) -> str:
    """A number in the author's own spelling."""
    return number.text


def comments(lines: Iterable[str], indent: str = "") -> Iterator[str]:
    """Whole-line comments."""
    return (f"{indent}{_comment(text)}" for text in lines)


def noted(line: str, notes: ast.Notes) -> str:
    """A line with the comment at its end."""
    return line if notes.after is None else f"{line}  {_comment(notes.after)}"


def _comment(text: str) -> str:
    return f"#{text}" if not text or text.startswith("#") else f"# {text}"


def spaced(*parts: str | None) -> str:
    """The parts that are there, a space between them."""
    return " ".join(part for part in parts if part)
