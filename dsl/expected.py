"""What could have stood where a line went wrong, in words that an author knows.

The parser knows terminals; an author knows names, numbers, signs and the language's own words. The commonest mistakes have a sentence of
their own: a keyword used as a name, a capital letter, a run of Chinese that cannot be cut, a word that is only reserved.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from dsl import hints
from dsl.diagnostics import LANGS, Diagnostic, diagnose, did_you_mean
from dsl.keywords import KEYWORDS, RESERVED_VALUES, Lang, spelling
from dsl.lalr import END, Unexpected
from dsl.lexer import SIGNS, LineLexer, Token
from dsl.messages import syntax
from dsl.source import Span
from dsl.vocabulary import vocabulary

_MOST = 6
_CHINESE = re.compile(r"[\u3400-\u9fff]")

_NAMED: dict[str, tuple[str, str]] = {
    END: ("the end of the line", "行末"),
    "NAME": ("a name", "名称"),
    "NUMBER": ("a number", "数字"),
    "TEXT": ("a text in quotes", "引号中的文字"),
    "DATE": ("a date", "日期"),
    "MONTH_DAY": ("a day of the year", "几月几日"),
    "OPT": ("`,` and an option", "`，`和选项"),
}
# Groups that are named once instead of listed: (what is among them, its name).
_GROUPS: tuple[tuple[frozenset[str], tuple[str, str]], ...] = (
    (frozenset({"NAME", "NUMBER", "LPAR", "MIN_OF"}), ("a value", "值")),
    (frozenset({"GT", "GE", "LT", "LE", "IS"}), ("a comparison such as `is` or `>=`", "比较，如 `为`、`>=`")),
    (frozenset({"PLUS", "STAR"}), ("an operator such as `+`", "运算符，如 `+`")),
    (frozenset({"DAYS", "HOURS", "MONTHS"}), ("a unit such as `days`", "单位，如 `天`")),
    (
        frozenset({"YES_NO", "MONEY", "NUMBER_TYPE"}),
        ("a type such as `money` or `yes/no`", "类型，如 `金额`、`是否`"),
    ),
)
_VALUE = frozenset(
    [
        "NAME",
        "NUMBER",
        "LPAR",
        "MIN_OF",
        "MAX_OF",
        "MINUS",
        "NOT",
        "TEXT",
        "DATE",
        "YES",
        "NO",
        "TODAY",
        "HELD",
        "START_OF_MONTH",
        "START_OF_QUARTER",
        "START_OF_YEAR",
        "END_OF_MONTH",
        "END_OF_QUARTER",
        "END_OF_YEAR",
        "YEAR_OF",
        "DAYS_SINCE",
        "MONTHS_SINCE",
        "YEARS_SINCE",
    ]
)
_COMPARE = frozenset(
    [
        "EQ",
        "GT",
        "GE",
        "LT",
        "LE",
        "IS",
        "IS_NOT",
        "OVER",
        "BELOW",
        "AT_LEAST",
        "AT_MOST",
        "UP_TO",
        "BETWEEN",
        "IN",
        "NOT_IN",
        "CONTAINS",
        "OR_MORE",
        "OR_LESS",
    ]
)
_ARITH = frozenset(["PLUS", "MINUS", "STAR", "SLASH", "CARET", "ROUNDED_TO"])
_UNITS = frozenset(["MINUTES", "HOURS", "DAYS", "WEEKS", "MONTHS", "QUARTERS", "YEARS"])
_TYPES = frozenset(
    [
        "YES_NO",
        "WHOLE",
        "NUMBER_TYPE",
        "MONEY",
        "PERCENT",
        "DURATION",
        "DATE_TYPE",
        "TEXT_TYPE",
        "ONE_OF",
        "LIST_OF",
    ]
)
_MEMBERS = (_VALUE, _COMPARE, _ARITH, _UNITS, _TYPES)
_RESERVED_IDS = frozenset(keyword.id for keyword in RESERVED_VALUES)


# Behind a comma, these begin an option; any other comma separates the items of a list.
OPTION_WORDS: dict[str, frozenset[str]] = {
    "FACT": frozenset(
        ["DEFAULT", "AT_LEAST", "AT_MOST", "REQUIRED", "SOURCE", "CAN_CHANGE", "PROTECTED", "MASKED"]
    ),
    "BENEFIT": frozenset(["AT", "FOR", "WHEN", "FROM", "BEST_OF", "SUM_OF", "NOT_WITH", "LESS_IS_BETTER"]),
    "TIERS": frozenset({"KEEP_FROM", "KEEP_OVER"}),
    **dict.fromkeys(("SEGMENT", "CHOOSE", "TAGS"), frozenset({"OWNER"})),
    "MOVEMENT_OF": frozenset(["ONE_STEP", "REACHED", "AT_MOST", "AFTER", "NEVER_BELOW"]),
    "EXAMPLE": frozenset({"NOT_GRADED", "COMPUTED"}),
}


def explain(
    problem: Unexpected, tokens: list[Token], end: int, lexer: LineLexer, statement: str, start: str
) -> Diagnostic:
    """The diagnostic for a token that could not stand, or for a line that ended too early. `start` is the line's rule in the grammar."""
    token = problem.token
    trouble = hints.Trouble(token, tokens, problem.expected, lexer, statement, start in ("row", "head_row"))
    words: dict[str, Any] = {
        "expected": in_words(problem.expected, "en", statement),
        "expected_zh": in_words(problem.expected, "zh", statement),
    }
    hint = hints.hint(trouble)
    if token is None:
        hint = hint or _shape(trouble, start)
        return diagnose(syntax.ENDS_EARLY, Span(end, end, lexer.file), hint=hint, **words)
    span = Span(token.start, token.end, lexer.file)
    special = None if hint else _special(token, tokens, problem.expected, lexer, statement, span)
    if special is not None:
        return special
    found = lexer.text[token.start : token.end]
    hint = hint or _near_keyword(token, problem.expected, statement) or _shape(trouble, start)
    return diagnose(syntax.UNEXPECTED, span, hint=hint, found=found, **words)


def _shape(trouble: hints.Trouble, start: str) -> hints.Hint | None:
    """What the statement's lines look like, where nothing closer is known; a cell's shape is its column's affair."""
    return None if trouble.row else hints.shape(trouble.statement, start.endswith("_head"))


def _special(
    token: Token, tokens: list[Token], expected: frozenset[str], lexer: LineLexer, statement: str, span: Span
) -> Diagnostic | None:
    word = lexer.text[token.start : token.end]
    if token.type == "COMMA" and "OPT" in expected:
        at = tokens.index(token) + 1
        place = span if at >= len(tokens) else Span(tokens[at].start, tokens[at].end, lexer.file)
        options = sorted(OPTION_WORDS.get(statement.upper(), ()))
        listed = {lang: ", ".join(f"`{spelling(id, lang, statement)}`" for id in options) for lang in LANGS}
        return diagnose(syntax.NO_OPTION, place, options=listed["en"], options_zh=listed["zh"])
    if token.type in _RESERVED_IDS:
        return diagnose(syntax.NOT_AVAILABLE, span, word=word)
    if token.type == "NUMBER" and "NAME" in expected and "NUMBER" not in expected:
        following = tokens[tokens.index(token) + 1] if _runs_on(token, tokens) else token
        whole = lexer.text[token.start : following.end]
        joined = Span(token.start, following.end, lexer.file)
        return diagnose(syntax.NAME_WITH_DIGIT, joined, word=whole, ticked=f"`{whole}`")
    names_only = "NAME" in expected and "NUMBER" not in expected
    if token.type not in _NAMED and token.type not in SIGNS.values() and names_only:
        return diagnose(syntax.KEYWORD_AS_NAME, span, word=word, ticked=f"`{word}`")
    if token.type != "NAME":
        return None
    small = word.lower()
    if small != word and small in vocabulary(statement).phrases:
        return diagnose(syntax.CAPITAL_KEYWORD, span, word=word, instead=small)
    if _CHINESE.search(word) and len(word) > 2 and word not in lexer.words.names:
        return diagnose(syntax.UNREADABLE_RUN, span, run=word)
    return None


def _runs_on(token: Token, tokens: list[Token]) -> bool:
    """Whether letters follow a number without a space: `70后`."""
    at = tokens.index(token) + 1
    return at < len(tokens) and tokens[at].start == token.end and tokens[at].type == "NAME"


def _near_keyword(token: Token, expected: frozenset[str], statement: str) -> tuple[str, str] | None:
    """The expected keyword that a misspelt word may have meant."""
    if token.type != "NAME":
        return None
    both = [spelling(id, lang, statement) for id in expected if id in _ids() for lang in LANGS]
    return did_you_mean(token.text, both)


@cache
def _ids() -> frozenset[str]:
    return frozenset(keyword.id for keyword in KEYWORDS)


def in_words(expected: frozenset[str], lang: Lang, statement: str) -> str:
    """The terminals as a list in words: a group by its name, a keyword by its spelling, not more than a few of them."""
    at = 0 if lang == "en" else 1
    left = set(expected)
    words = []
    for (signs, name), members in zip(_GROUPS, _MEMBERS, strict=True):
        if signs <= left:
            words.append(name[at])
            left -= members
    words += sorted(_word(id, lang, statement) for id in left)
    words = list(dict.fromkeys(words))
    if len(words) > _MOST:
        words = [*words[: _MOST - 1], "…"]
    return (" or " if lang == "en" else " 或 ").join(words)


def _word(id: str, lang: Lang, statement: str) -> str:
    if id in _NAMED:
        return _NAMED[id][0 if lang == "en" else 1]
    sign = next((sign for sign, terminal in SIGNS.items() if terminal == id), None)
    if sign is not None and id not in ("TO",):
        return f"`{sign}`"
    return f"`{spelling(id, lang, statement)}`"
