"""What operators mean: one row for each, with its kinds, its sense, and what it makes of the unknown.

The checker types calculations from this table, the reference page prints it, and every back end does what it
says. There are no conversions behind the author's back: what is not in a row's `kinds` is an error. Only a
bare number adapts, to the side that it stands beside (see `dsl.checker.expressions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from dsl.types import Kind

Sign = Literal["+", "-", "*", "/", "^", "min", "max", "neg"]

# A row's kinds: what stands left, what stands right, what comes out.
Kinds = tuple[Kind, Kind, Kind]


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: how it is written, the kinds it joins (empty where `kinds_en` says it better), its
    meaning, and its unknown.
    """

    sign: str
    en: str
    zh: str
    kinds: tuple[Kinds, ...]
    meaning_en: str
    meaning_zh: str
    unknown_en: str
    unknown_zh: str


_W, _N, _M = Kind.WHOLE, Kind.NUMBER, Kind.MONEY
_P, _D, _T, _PERIOD = Kind.PERCENT, Kind.DURATION, Kind.DATE, Kind.PERIOD

_EITHER = ("unknown when either side is", "任一侧未知则未知")
_ALIKE: tuple[Kinds, ...] = (
    (_W, _W, _W),
    (_W, _N, _N),
    (_N, _W, _N),
    (_N, _N, _N),
    (_M, _M, _M),
    (_P, _P, _P),
    (_D, _D, _D),
)
_SCALED: tuple[Kinds, ...] = tuple(
    each
    for kind in (_M, _D)
    for factor in (_W, _N, _P)
    for each in ((kind, factor, kind), (factor, kind, kind))
)

ARITHMETIC: tuple[Operator, ...] = (
    Operator(
        "+", "a + b", "a + b",
        (*_ALIKE, (_T, _D, _T), (_T, _PERIOD, _T)),
        "the exact sum; a date moved on, by months clamped to the month's end",
        "精确之和；日期向后推移，按月推移时不超过月末",
        *_EITHER,
    ),
    Operator(
        "-", "a - b", "a - b",
        (*_ALIKE, (_T, _D, _T), (_T, _PERIOD, _T), (_T, _T, _D)),
        "the exact difference; a date moved back; the time from one date to another",
        "精确之差；日期向前推移；两个日期相隔的时长",
        *_EITHER,
    ),
    Operator(
        "*", "a * b", "a * b",
        (
            (_W, _W, _W), (_W, _N, _N), (_N, _W, _N), (_N, _N, _N),
            (_P, _P, _P), (_P, _W, _N), (_P, _N, _N), (_W, _P, _N), (_N, _P, _N),
            *_SCALED,
        ),
        "the exact product; a percentage of an amount is an amount, of a number a number",
        "精确之积；百分比乘金额为金额，乘数值为数值",
        *_EITHER,
    ),
    Operator(
        "/", "a / b", "a / b",
        (
            *((left, right, _N) for left in (_W, _N) for right in (_W, _N, _P)),
            (_M, _M, _N), (_P, _P, _N), (_D, _D, _N),
            *((kind, factor, kind) for kind in (_M, _D) for factor in (_W, _N, _P)),
            (_P, _W, _P), (_P, _N, _P),
        ),
        "the exact quotient, rounded once at the end of its expression; amount by amount is a number",
        "精确之商，在整个算式末尾取整一次；金额除以金额为数值",
        "unknown when either side is, or when it divides by zero (which is then named as the reason)",
        "任一侧未知或除数为零时未知（并指明除数为零）",
    ),
    Operator(
        "^", "a ^ 2", "a ^ 2",
        ((_W, _W, _W), (_N, _W, _N), (_P, _W, _P)),
        "the exact power; the exponent is a whole number that stands in the policy",
        "精确乘方；指数为政策中写明的整数",
        "unknown when its base is",
        "底数未知则未知",
    ),
    Operator(
        "min", "min of (a, b)", "最小值 (a, b)",
        (*_ALIKE, (_T, _T, _T)),
        "the least of them; of dates the earliest",
        "其中最小者；日期取最早",
        "unknown when any of them is",
        "任一项未知则未知",
    ),
    Operator(
        "max", "max of (a, b)", "最大值 (a, b)",
        (*_ALIKE, (_T, _T, _T)),
        "the greatest of them; of dates the latest",
        "其中最大者；日期取最晚",
        "unknown when any of them is",
        "任一项未知则未知",
    ),
    Operator(
        "rounded to", "a rounded to 2 places", "a 四舍五入到 2 位小数",
        (),
        "the exact value of all that stands before it, rounded once, half away from zero; 5% counts as 0.05",
        "其前整个算式的精确值，四舍五入一次；5% 按 0.05 计",
        "unknown when what it rounds is",
        "被取整者未知则未知",
    ),
)  # fmt: skip

CONDITIONS: tuple[Operator, ...] = (
    Operator(
        "=", "a = b, a is b", "a = b, a 为 b", (),
        "both are the same value, of the same type",
        "两者为同一类型的同一个值",
        "unknown when either side is; for a tier or an outcome, false when none of what is possible fits",
        "任一侧未知则未知；等级和判定结果在所有可能都不符时为否",
    ),
    Operator(
        "<>", "a is not b", "a 不为 b", (),
        "the opposite of `=`",
        "`=` 的反面",
        *_EITHER,
    ),
    Operator(
        "<", "a < b, a below b", "a < b, a 低于 b", (),
        "less, earlier, or a lower tier of the same ladder; likewise `<=`, `>`, `>=` and their words",
        "更小、更早，或同一等级体系中更低；`<=`、`>`、`>=`、`不高于`、`超过`、`不低于` 同理",
        "unknown when either side is, whatever the bounds; for a tier, decided when all possible ones agree",
        "任一侧未知则未知，不看上下限；等级在所有可能一致时有定论",
    ),
    Operator(
        "between", "a between b and c", "a 介于 b 与 c", (),
        "from b to c, both included",
        "从 b 到 c，包含两端",
        "as `a >= b and a <= c`",
        "等同于 `a >= b 且 a <= c`",
    ),
    Operator(
        "in", "a in b, c", "a 属于 b、c", (),
        "a is one of the values",
        "a 是所列值之一",
        "unknown when a is; for tiers and outcomes, true when all that is possible is listed",
        "a 未知则未知；等级和判定结果在所有可能都在列时为是，都不在列时为否",
    ),
    Operator(
        "contains", "a contains b", "a 包含 b", (),
        "b is an item of the list a, or one of the tags that hold",
        "b 是列表 a 的一项，或是成立的标签之一",
        "unknown when the list is, or when the tag is undecided",
        "列表未知或该标签未定时未知",
    ),
    Operator(
        "is unknown", "a is unknown", "a 为 未知", (),
        "nothing certain is known of a",
        "对 a 没有确定的了解",
        "never unknown itself",
        "本身从不为未知",
    ),
    Operator(
        "not", "not a", "非 a", (),
        "the opposite",
        "相反",
        "unknown when a is",
        "a 未知则未知",
    ),
    Operator(
        "and", "a and b", "a 且 b", (),
        "both hold",
        "两者都成立",
        "false when one is false, else unknown when one is",
        "有一侧为否则为否；否则有一侧未知则未知",
    ),
    Operator(
        "or", "a or b", "a 或 b", (),
        "one of them holds, or both",
        "至少一个成立",
        "true when one is true, else unknown when one is",
        "有一侧为是则为是；否则有一侧未知则未知",
    ),
)  # fmt: skip

CALENDAR: tuple[Operator, ...] = (
    Operator(
        "start of", "start of month of D", "月初 D", (),
        "the first day of D's month, quarter or year",
        "D 所在月、季、年的第一天",
        "unknown when D is",
        "D 未知则未知",
    ),
    Operator(
        "end of", "end of quarter of D", "季末 D", (),
        "the last day of D's month, quarter or year",
        "D 所在月、季、年的最后一天",
        "unknown when D is",
        "D 未知则未知",
    ),
    Operator(
        "year of", "year of D", "年份 D", (),
        "D's calendar year, a whole number",
        "D 的年份，整数",
        "unknown when D is",
        "D 未知则未知",
    ),
    Operator(
        "since", "days since D", "距今天数 D", (),
        "the full days, months or years from D to today, a whole number; negative when D is to come",
        "从 D 到今天的整日、整月、整年数；D 在未来时为负",
        "unknown when D is",
        "D 未知则未知",
    ),
)  # fmt: skip

OPERATORS: tuple[Operator, ...] = (*ARITHMETIC, *CONDITIONS, *CALENDAR)


@cache
def _table() -> dict[tuple[str, Kind, Kind], Kind]:
    return {(row.sign, left, right): result for row in ARITHMETIC for left, right, result in row.kinds}


def result_kind(sign: Sign, left: Kind, right: Kind) -> Kind | None:
    """The kind that an operator gives for two kinds; None where it does not join them."""
    return _table().get((sign, left, right))


def right_kinds(sign: Sign, left: Kind) -> tuple[Kind, ...]:
    """The kinds that may stand right of `left sign`, for help in a message."""
    return tuple(dict.fromkeys(right for row, on_left, right in _table() if (row, on_left) == (sign, left)))
