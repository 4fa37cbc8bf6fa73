"""What is wrong with the facts of a request, said so that the caller can mend it.

A `FactProblem` stands to a bad field as a `Diagnostic` stands to a bad line of a policy: a stable code, the
place (a JSON pointer), a sentence and help in both languages, what was expected and what came. The sentences
stand once, in `PROBLEMS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum

from dsl.diagnostics import Code, Lang

# English, Chinese.
Both = tuple[str, str]
NOTHING: Both = ("", "")
LONGEST_GOT = 60

PROBLEMS: dict[str, Code] = {
    code.code: code
    for code in (
        Code(
            "not_an_object",
            "the facts must be an object of names and values, but {got} came",
            "指标须为由名称和值组成的对象，但收到的是 {got}",
            'write `{{"NAME": VALUE}}`',
            '请写成 `{{"名称": 值}}`',
        ),
        Code(
            "unknown_fact",
            "`{name}` is not a fact of this policy",
            "本政策没有指标 `{name}`",
            "leave it out, or declare it with `fact`",
            "请去掉它，或用 `指标` 声明它",
        ),
        Code(
            "too_many_unknown",
            "{count} more names are no facts of this policy",
            "另有 {count} 个名称不是本政策的指标",
        ),
        Code(
            "given_twice",
            "`{name}` and `{key}` are one fact, given twice",
            "`{name}` 与 `{key}` 是同一个指标，给了两次",
            "keep one of the two",
            "请只保留其中一个",
        ),
        Code(
            "required",
            "`{name}` is required and is missing",
            "缺少必填指标 `{name}`",
            "give it a value: {expected}",
            "请给出它的值：{expected_zh}",
        ),
        Code(
            "wrong_type",
            "`{name}` must be {expected}, but {got} came",
            "`{name}` 须为{being_zh}，但收到的是 {got}",
        ),
        Code(
            "too_wide",
            "`{name}` holds at most {whole} digits before the point and {places} after; {got} has more",
            "`{name}` 小数点前最多 {whole} 位、后最多 {places} 位；{got} 超出了",
            "round it before you send it: nothing is rounded here in silence",
            "请先自行取舍再提交：这里不会悄悄四舍五入",
        ),
        Code(
            "too_low",
            "`{name}` is at least {bound}, but {got} came",
            "`{name}` 不低于 {bound_zh}，但收到的是 {got}",
        ),
        Code(
            "too_high",
            "`{name}` is at most {bound}, but {got} came",
            "`{name}` 不高于 {bound_zh}，但收到的是 {got}",
        ),
        Code(
            "other_currency",
            "`{name}` is in {other}, but the policy counts in {currency}",
            "`{name}` 以 {other} 计，而本政策以 {currency} 计",
            "convert it to {currency} first",
            "请先换算成 {currency}",
        ),
        Code(
            "no_such_value",
            "`{name}` has no value {got}",
            "`{name}` 没有取值 {got}",
            "write one of {expected}",
            "请写以下之一：{expected_zh}",
        ),
        Code(
            "no_such_day",
            "`{name}`: {got} is not a day of the calendar",
            "`{name}`：日历上没有 {got} 这一天",
            "write a date as `2026-01-31`",
            "日期请写成 `2026-01-31`",
        ),
        Code(
            "no_fixed_length",
            "`{name}`: {got} has no fixed length, because months and years differ",
            "`{name}`：{got} 没有固定长度，因为月和年有长有短",
            "write it in days, such as `P30D` or `30 days`",
            "请以天为单位，如 `P30D` 或 `30天`",
        ),
        Code(
            "no_such_stage",
            "no benefit is granted by a stage {got}",
            "没有按阶段 {got} 给予的权益",
            "write `all`, or one of {expected}",
            "请写 `all`，或以下之一：{expected_zh}",
        ),
        Code(
            "no_stages",
            "no benefit of this policy belongs to a stage, but {got} was asked for",
            "本政策的权益不分阶段，但请求的阶段是 {got}",
            "leave `at` out",
            "请去掉 `at`",
        ),
        Code(
            "encoding",
            "the text is not UTF-8",
            "文本不是 UTF-8 编码",
            "save it as UTF-8 and send it again",
            "请存为 UTF-8 后重新提交",
        ),
        Code(
            "not_json",
            "line {line}, column {column}: {detail}",
            "第 {line} 行第 {column} 列：{detail_zh}",
        ),
        Code(
            "not_a_number",
            "line {line}, column {column}: `{name}` is not a number that JSON allows",
            "第 {line} 行第 {column} 列：JSON 不允许数字 `{name}`",
            "leave the field out, or write `null`, where the value is not known",
            "值未知时请省略该字段，或写 `null`",
        ),
        Code(
            "number_too_long",
            "line {line}, column {column}: the number here is longer than any fact can hold",
            "第 {line} 行第 {column} 列：此处的数字超出任何指标的范围",
        ),
        Code(
            "key_twice",
            "line {line}, column {column}: `{name}` stands twice in one object",
            "第 {line} 行第 {column} 列：`{name}` 在同一对象中出现两次",
            "keep one of the two",
            "请只保留其中一个",
        ),
        Code(
            "too_deep",
            "line {line}, column {column}: lists and objects are nested deeper than {limit} levels",
            "第 {line} 行第 {column} 列：列表和对象嵌套超过 {limit} 层",
        ),
        Code(
            "half_a_character",
            "a text holds half of a character (a lone surrogate)",
            "文本中有半个字符（不成对的代理项）",
        ),
        Code(
            "more_unreadable",
            "more values cannot be read than are listed here",
            "无法读取的值不止这里列出的这些",
            "mend these first, then send it again",
            "请先改正这些，再重新提交",
        ),
    )
}

# The sentences for masked facts, whose values nobody is to read: not the caller's screen, not a log.
QUIET: dict[str, Both] = {
    "wrong_type": ("`{name}` must be {expected}", "`{name}` 须为{being_zh}"),
    "too_wide": (
        "`{name}` holds at most {whole} digits before the point and {places} after",
        "`{name}` 小数点前最多 {whole} 位、后最多 {places} 位",
    ),
    "too_low": ("`{name}` is at least {bound}", "`{name}` 不低于 {bound_zh}"),
    "too_high": ("`{name}` is at most {bound}", "`{name}` 不高于 {bound_zh}"),
    "other_currency": ("`{name}` must be in {currency}", "`{name}` 须以 {currency} 计"),
    "no_such_value": ("`{name}` must be one of {expected}", "`{name}` 须为以下之一：{expected_zh}"),
    "no_such_day": ("`{name}` must be a day of the calendar", "`{name}` 须为日历上的一天"),
    "no_fixed_length": ("`{name}` must have a fixed length", "`{name}` 须有固定长度"),
}


class Unreadable(Enum):
    """The mark that stands in JSON for a value that could not be read, and of which a problem tells already."""

    UNREADABLE = "a value that cannot be read"


UNREADABLE = Unreadable.UNREADABLE


@dataclass(frozen=True, slots=True)
class FactProblem:
    """One bad field. `pointer` is its place by RFC 6901 (`/order_amount`, `/demands/0`; empty for the whole).

    `got` is what came, short enough for a sentence; empty where nothing came (`null` came as `null`). `quiet` is
    the sentence without it, where the sentence has it.
    """

    pointer: str
    code: str
    sentence: Both
    advice: Both = NOTHING
    expected: Both = NOTHING
    got: str = ""
    quiet: Both = NOTHING

    def masked(self) -> FactProblem:
        """The same problem with nothing in it of the value that came."""
        if self.got == UNREADABLE.value:
            return self  # the mark itself: whoever knows the problem behind it looks for it
        if self.quiet == NOTHING:
            return replace(self, got="")
        known = PROBLEMS[self.code]
        # What the code says where it needs no words; what was meant, and other words, come from the value.
        plain = (known.help_en, known.help_zh) if "{" not in known.help_en else NOTHING
        return replace(self, sentence=self.quiet, advice=plain, got="")

    def message(self, lang: Lang = "en") -> str:
        """What is wrong."""
        return self.sentence[lang == "zh"]

    def help(self, lang: Lang = "en") -> str:
        """What to send instead; empty where the sentence says it all."""
        return self.advice[lang == "zh"]

    def to_json(self, lang: Lang = "en") -> dict[str, str]:
        """The problem as an entry of a problem document's `errors`; `got` is there where something came."""
        entry = {
            "pointer": self.pointer,
            "code": self.code,
            "message": self.message(lang),
            "help": self.help(lang),
            "expected": self.expected[lang == "zh"],
        }
        return entry | ({"got": self.got} if self.got else {})


class FactsError(Exception):
    """Facts that cannot be decided with; `problems` holds every bad field, in the order of the fields."""

    def __init__(self, problems: Iterable[FactProblem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0].message()
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(first + more)

    def message(self, lang: Lang = "en") -> str:
        """Every problem, a line each, with its help."""
        lines = (
            f"{problem.pointer or '/'}: {problem.message(lang)}"
            + (f" ({problem.help(lang)})" if problem.help(lang) else "")
            for problem in self.problems
        )
        return "\n".join(lines)


def problem(
    code: str,
    pointer: str,
    *,
    expected: Both = NOTHING,
    got: object = ...,
    hint: Both | None = None,
    **words: object,
) -> FactProblem:
    """The problem `code` at `pointer`; `words` fill its sentences, `hint` is help that goes before the code's
    own. `got` is left out where nothing came.
    """
    known = PROBLEMS[code]
    seen = "" if got is ... else shown(got)
    filled = {name: str(word) for name, word in words.items()}
    filled |= {"got": seen, "expected": expected[0], "expected_zh": expected[1]}
    filled["being_zh"] = after_chinese(expected[1])
    sentence = known.en.format(**filled), known.zh.format(**filled)
    own = known.help_en.format(**filled), known.help_zh.format(**filled)
    before = hint or NOTHING
    advice = both_helps(before, own)
    quiet = QUIET.get(code, NOTHING)
    quiet = quiet[0].format(**filled), quiet[1].format(**filled)
    return FactProblem(pointer, code, sentence, advice, expected, seen, quiet)


def after_chinese(text: str) -> str:
    """A text as it stands directly behind Chinese: with a space before letters and signs that are not Chinese."""
    return f" {text}" if text[:1].isascii() and text else text


def pointer(*parts: str | int) -> str:
    """A JSON pointer by RFC 6901."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def shown(value: object) -> str:
    """What came, short enough for a sentence: texts in quotes, lists and objects only by their kind."""
    match value:
        case None:
            return "null"
        case Unreadable():
            return value.value
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{shorten(value)}"'
        case int() | float() | Decimal():
            return shorten(str(value)) if not _huge(value) else "a number of very many digits"
        case list() | tuple():
            return "[…]" if value else "[]"
        case dict():
            return "{…}" if value else "{}"
        case _:
            return type(value).__name__


def shorten(text: str) -> str:
    """A text on one line, cut where a reader's patience ends; half characters replaced."""
    head = text if len(text) <= LONGEST_GOT else text[: LONGEST_GOT - 1] + "…"
    return " ".join(head.encode("utf-8", "replace").decode("utf-8").split())


def _huge(value: object) -> bool:
    return isinstance(value, int) and value.bit_length() > 1000


def both_helps(first: tuple[str, str], second: tuple[str, str]) -> tuple[str, str]:
    """Two pieces of advice as one, in English and in Chinese; either may be empty."""
    en, zh = (tuple(part for part in parts if part) for parts in zip(first, second, strict=True))
    return "; ".join(en), "；".join(zh)
