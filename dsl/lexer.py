"""Text becomes words: the first pass.

A policy is read line by line. This pass cuts each line into tokens whose types are the terminals of `grammar.lark`. Three things make
it more than a list of patterns:

- Full-width characters mean the same as ASCII outside quotes. They are translated one for one, so offsets stay true.
- Which words are keywords depends on the line: `priority` is one where advice is given and a name elsewhere (`dsl.keywords`).
- Chinese runs together: `当逾期>30天且战略协议`. A run of characters that is a declared name or a keyword is taken whole; else it is cut
  into names, keywords and numbers, the longest first, going back where that leads nowhere (`cut`). A run that cannot be read
  whole stays whole, so that the diagnostic shows what the author wrote.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from dsl import numerals
from dsl.characters import PLAIN, closing_quote, lookalike, suspicious
from dsl.diagnostics import Code, Report
from dsl.messages import syntax
from dsl.runs import Words, cut
from dsl.source import Span
from dsl.vocabulary import RUN, Vocabulary, vocabulary

MAX_BRACKETS = 50
# Expressions become trees as deep as they have operators in a row; every later pass walks them by plain recursion.
MAX_OPERATORS = 100
MAX_TOKENS = 10_000
# A run longer than this is nobody's word; cutting it would only cost time.
MAX_RUN = 400


class Token:
    """One word: its terminal, its text as read, its place, and its value where the text alone is not it.

    The class attributes are what the parser's library asks any token for when it marks the end of a line.
    """

    __slots__ = ("end", "start", "text", "type", "value")
    start_pos = end_pos = line = column = end_line = end_column = None

    def __init__(self, type: str, text: str, start: int, end: int, value: object = None) -> None:
        self.type = type
        self.text = text
        self.start = start
        self.end = end
        self.value = value

    def __repr__(self) -> str:
        return f"{self.type}({self.text!r})"


SIGNS = {
    "(": "LPAR",
    ")": "RPAR",
    ",": "COMMA",
    "、": "SEP",
    ":": "COLON",
    "=": "EQ",
    ">": "GT",
    "<": "LT",
    ">=": "GE",
    "<=": "LE",
    "≥": "GE",
    "≤": "LE",
    "+": "PLUS",
    "-": "MINUS",
    "*": "STAR",
    "/": "SLASH",
    "^": "CARET",
    "|": "PIPE",
    "~": "TO",
}
OPERATORS = frozenset({"PLUS", "MINUS", "STAR", "SLASH", "CARET", "NOT"})
FOREIGN = {
    "==": "=",
    "===": "=",
    "!=": "is not",
    "<>": "is not",
    "≠": "is not",
    "=>": ">=",
    "=<": "<=",
    "&&": "and",
    "||": "or",
    "**": "^",
    "!": "not",
    "&": "and",
    "%": "15%",
    ";": ",",
    "。": "",
}

_SPACE = re.compile(r"[ \t]+")
_SIGN = re.compile(r"===|==|!=|<>|=>|=<|>=|<=|&&|\*\*|[()、,:=<>≥≤+\-*/^|~≠!&%;。]")
_TICKED = re.compile(r"`([^`\n]+)`")
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_FIELD = re.compile(r"\.[^\W\d]\w*")
_DECIMAL = re.compile(r"\.\d+")
_MONTH_DAY = re.compile(
    r"(?P<d>\d{1,2}) (?P<m>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b|(?P<zm>\d{1,2})月(?P<zd>\d{1,2})日"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class LineLexer:
    """Cuts lines of one text. One per policy; holds the names, which are known before any line is cut."""

    def __init__(self, text: str, words: Words, report: Report, file: int = 0) -> None:
        self.text = text
        self.plain = text.translate(PLAIN)
        self.words = words
        self.report = report
        self.file = file

    def tokens(self, segments: Iterable[tuple[int, int]], statement: str) -> list[Token] | None:
        """The tokens of one rule, which may run over several lines; None where something could not be read (and was reported)."""
        before = len(self.report.items)
        line = _Line(self, vocabulary(statement), statement)
        found = list(
            islice((token for start, end in segments for token in line.run(start, end)), MAX_TOKENS + 1)
        )
        if len(found) > MAX_TOKENS:
            self.say(syntax.RULE_TOO_LONG, found[0].start, found[-1].end, limit=MAX_TOKENS)
            return None
        if len(self.report.items) > before:
            return None
        return found if self._within_limits(found) else None

    def _within_limits(self, tokens: list[Token]) -> bool:
        depth = operators = 0
        for token in tokens:
            if token.type == "LPAR":
                depth += 1
                if depth > MAX_BRACKETS:
                    self.say(syntax.TOO_DEEP, token.start, token.end, limit=MAX_BRACKETS)
                    return False
            elif token.type == "RPAR":
                depth -= 1
            elif token.type in OPERATORS:
                operators += 1
                if operators > MAX_OPERATORS:
                    self.say(syntax.TOO_LONG, token.start, token.end, limit=MAX_OPERATORS)
                    return False
            elif token.type == "PIPE" or (token.type in ("COMMA", "SEP") and depth == 0):
                operators = 0
        return True

    def say(
        self, code: Code, start: int, end: int, hint: tuple[str, str] | None = None, **words: Any
    ) -> None:
        """Reports a problem at a place of this text."""
        self.report.add(code, Span(start, end, self.file), hint=hint, **words)


def _zero_first(text: str) -> tuple[str, str]:
    return f"write `0{text}`", f"请写 `0{text}`"


class _Line:
    """The state of cutting one line: where it stands, and what came before."""

    def __init__(self, lexer: LineLexer, vocabulary: Vocabulary, statement: str) -> None:
        self.lexer = lexer
        self.plain = lexer.plain
        self.at = self.end = 0
        self.vocabulary = vocabulary
        self.statement = statement
        self.before = ""  # the type of the last token
        self.ranging = False  # a FROM came, and no UNTIL yet: 至 closes it
        self.widening = False  # a WITH came: 位小数 counts decimals

    def run(self, start: int, end: int) -> Iterator[Token]:
        """The tokens of one stretch of text."""
        plain = self.plain
        self.at, self.end = start, end
        while self.at < end:
            letter = plain[self.at]
            if letter in " \t":
                self.at = _SPACE.match(plain, self.at).end()  # type: ignore[union-attr]
                continue
            if letter == "#":
                return
            token = self._next(letter)
            if token is not None:
                self._remember(token)
                yield token

    def _remember(self, token: Token) -> None:
        self.before = token.type
        if token.type == "FROM":
            self.ranging = True
        elif token.type in ("UNTIL", "PIPE"):
            self.ranging = False
        elif token.type == "WITH":
            self.widening = True

    def _next(self, letter: str) -> Token | None:
        if letter in '"“”「':
            return self._text(letter)
        if letter == "`":
            return self._ticked()
        if letter.isdecimal() or letter in numerals.SIGNS:
            return self._number()
        if letter.isalpha() or letter == "_":
            return self._word()
        return self._sign(letter)

    # ------------------------------------------------------------ texts, numbers, signs

    def _text(self, quote: str) -> Token | None:
        start = self.at
        closing = closing_quote(quote)
        close = self.plain.find(closing, start + 1, self.end)
        if close < 0 and quote == "“":  # keyboards mix them: “…" and "…”
            close = self.plain.find('"', start + 1, self.end)
        elif close < 0 and quote == '"':
            close = self.plain.find("”", start + 1, self.end)
        if close < 0:
            self.lexer.say(syntax.UNCLOSED, start, self.end, quote=quote, closing=closing)
            self.at = self.end
            return None
        self.at = close + 1
        inner = self.lexer.text[start + 1 : close]
        for offset, letter in enumerate(inner, start + 1):
            if suspicious(letter):
                self._say_invisible(offset, letter)
        return Token("TEXT", inner, start, close + 1)

    def _ticked(self) -> Token | None:
        match = _TICKED.match(self.plain, self.at, self.end)
        if match is None or not match[1].strip():
            self.lexer.say(syntax.UNCLOSED, self.at, self.end, quote="`", closing="`")
            self.at = self.end
            return None
        start, self.at = self.at, match.end()
        name = unicodedata.normalize("NFC", " ".join(match[1].split()))
        return Token("NAME", name, start, self.at, "ticked")

    def _number(self) -> Token | None:
        start = self.at
        if self.statement == "movement_of" and (match := _MONTH_DAY.match(self.plain, start, self.end)):
            self.at = match.end()
            month = _MONTHS.index(match["m"]) + 1 if match["m"] else int(match["zm"])
            return Token("MONTH_DAY", match[0], start, self.at, (month, int(match["d"] or match["zd"])))
        literal = numerals.read(self.plain, start, self.end)
        full_width = self.lexer.text.find("，", start, literal.end)
        if full_width >= 0:  # a Chinese comma separates; nobody groups thousands with it
            literal = numerals.read(self.plain, start, full_width)
        self.at = literal.end
        if literal.problem is not None:
            code, words = literal.problem
            self.lexer.say(code, start, literal.end, **words)
            return None
        return Token(literal.type, self.plain[start : literal.end], start, literal.end, literal.value)

    def _sign(self, letter: str) -> Token | None:
        start = self.at
        match = _SIGN.match(self.plain, start, self.end)
        if match is None:
            self._unknown_sign(letter)
            return None
        self.at = match.end()
        sign = match[0]
        if sign in SIGNS:
            return Token(SIGNS[sign], sign, start, self.at)
        if sign in ";。" and not self.plain[self.at : self.end].strip():
            self.lexer.say(syntax.NO_SEMICOLON, start, self.at, text=self.lexer.text[start])
        elif FOREIGN[sign]:
            self.lexer.say(syntax.FOREIGN_OPERATOR, start, self.at, text=sign, instead=FOREIGN[sign])
        else:
            self._say_character(start, letter)
        return None

    def _unknown_sign(self, letter: str) -> None:
        """A sign that the language does not have; the commonest are told apart by what they were meant for."""
        start = self.at
        field, decimal = (
            _FIELD.match(self.plain, start, self.end),
            _DECIMAL.match(self.plain, start, self.end),
        )
        self.at = start + 1
        if not letter.isascii():  # a run of the same sign is one problem
            while self.at < self.end and self.plain[self.at] == letter:
                self.at += 1
        if suspicious(letter):
            self._say_invisible(start, letter)
        elif letter in "'‘’":
            close = self.plain.find("'" if letter == "'" else "’", start + 1, self.end)
            self.at = self.end if close < 0 else close + 1
            self.lexer.say(syntax.SINGLE_QUOTES, start, self.at)
        elif decimal is not None:
            self.at = decimal.end()
            self.lexer.say(syntax.BAD_NUMBER, start, self.at, hint=_zero_first(decimal[0]), text=decimal[0])
        elif field is not None and self.before == "NAME":
            self.at = field.end()
            self.lexer.say(syntax.NO_RECORDS, start, self.at, text=field[0])
        else:
            self._say_character(start, letter)

    def _say_character(self, start: int, letter: str) -> None:
        name = unicodedata.name(letter, f"U+{ord(letter):04X}").lower()
        self.lexer.say(syntax.BAD_CHARACTER, start, start + 1, char=letter, name=name)

    def _say_invisible(self, start: int, letter: str) -> None:
        name = unicodedata.name(letter, f"U+{ord(letter):04X}").lower()
        self.lexer.say(syntax.INVISIBLE, start, start + 1, name=name)

    # ------------------------------------------------------------ words

    def _word(self) -> Token | None:
        start = self.at
        if (money := numerals.read_code(self.plain, start, self.end)) is not None and not self._is_name(
            start
        ):
            self.at = money.end
            return Token(money.type, self.plain[start : money.end], start, money.end, money.value)
        match = RUN.match(self.plain, start, self.end)
        if match is None:  # a letter that no name may begin with, such as a combining mark
            self.at += 1
            self._say_character(start, self.plain[start])
            return None
        run = match[0]
        keyword = self._keyword(run, match.end())
        if keyword is not None:
            return keyword
        if run in self.lexer.words.names or _CHINESE.search(run) is None or len(run) > MAX_RUN:
            return self._name(run, start)
        return self._from_run(run, start)

    def _is_name(self, start: int) -> bool:
        match = RUN.match(self.plain, start, self.end)
        return match is not None and match[0] in self.lexer.words.names

    def _name(self, run: str, start: int) -> Token | None:
        self.at = start + len(run)
        name = run if run.isascii() else unicodedata.normalize("NFC", run)
        if not name.isascii() and self._lookalike(name, start):
            return None
        return Token("NAME", name, start, self.at)

    def _lookalike(self, name: str, start: int) -> bool:
        found = lookalike(name)
        if found is None:
            return False
        letter, plain, fixed = found
        title = unicodedata.name(letter, f"U+{ord(letter):04X}").lower()
        self.lexer.say(
            syntax.LOOKALIKE, start, self.at, char=letter, word=name, name=title, plain=plain, fixed=fixed
        )
        return True

    def _keyword(self, run: str, end: int) -> Token | None:
        start = self.at
        for words, id, place in self.vocabulary.phrases.get(run, ()):
            stop = self._phrase_end(words, end)
            if stop and self._in_place(id, place):
                self.at = stop
                return Token(id, " ".join(words), start, stop)
        return self._chinese_keyword(run, start)

    def _phrase_end(self, words: tuple[str, ...], end: int) -> int:
        """Where a phrase ends whose first word ends at `end`; 0 where the text goes on otherwise."""
        for word in words[1:]:
            space = _SPACE.match(self.plain, end, self.end)
            match = RUN.match(self.plain, space.end(), self.end) if space else None
            if match is None or match[0] != word:
                return 0
            end = match.end()
        if words == ("yes",) and self.before in ("COLON", "LIST_OF") and self.plain.startswith("/no", end):
            return 0
        return end

    def _chinese_keyword(self, run: str, start: int) -> Token | None:
        if run == "是":
            return self._is_or_yes(start)
        if (
            run == "yes"
            and self.plain.startswith("yes/no", start)
            and self.before in ("COLON", "LIST_OF", "NAME")
        ):
            self.at = start + len("yes/no")
            return Token("YES_NO", "yes/no", start, self.at)
        for id, place in self.vocabulary.runs.get(run, ()):
            if self._in_place(id, place):
                self.at = start + len(run)
                return Token(self._by_context(id), run, start, self.at)
        return None

    def _is_or_yes(self, start: int) -> Token:
        """是 after a name is `is`, elsewhere it is `yes`."""
        self.at = start + 1
        return Token("IS" if self.before in ("NAME", "RPAR") else "YES", "是", start, self.at)

    def _by_context(self, id: str) -> str:
        """The one of two keywords with one Chinese spelling that is meant."""
        if id == "TO" and (self.ranging or self.before in ("KEEP_A_TIER", "FREEZE")):
            return "UNTIL"
        if id == "PLACES" and self.widening:
            return "DECIMALS"
        return id

    def _in_place(self, id: str, place: str) -> bool:
        """Whether a keyword that is one only in some places stands in one of them."""
        before = self.before
        match place:
            case "@number":
                return before == "NUMBER"
            case "@length":
                return before in ("DAYS", "WEEKS", "MONTHS", "QUARTERS", "YEARS", "HOURS", "MINUTES")
            case "@name":
                return before == "NAME"
            case "@type":
                return before in ("COLON", "LIST_OF") or (
                    self.statement == "event" and before in ("NAME", "LPAR")
                )
            case "@comma":
                return before in ("COMMA", "CAN_CHANGE")
            case "@raise":
                return before == "RAISE"
        if id == "WITHOUT" and self.statement == "watch":
            return before == "WHEN"
        return True

    # ------------------------------------------------------------ Chinese runs

    def _from_run(self, run: str, start: int) -> Token | None:
        """The first piece of a run that is no word as a whole; the rest is cut again from there, the numbers in it read as numbers."""
        pieces = cut(run, self.lexer.words, self.vocabulary)
        if pieces is None:
            return self._name(run, start)
        piece = pieces[0]
        if piece in self.lexer.words.names:
            return self._name(piece, start)
        keyword = self._chinese_keyword(piece, start)
        return keyword if keyword is not None else self._name(piece, start)
