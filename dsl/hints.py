"""What to write instead, for the mistakes that people make most.

Where a line goes wrong, the parser knows which word could not stand and what could have. These hints know what people mean by such lines:
habits of spreadsheets and programming languages, text pasted from elsewhere, and the few places where this language is stricter than
speech. One function a habit; the first that recognises its own speaks. Where none does, the shape of the statement's lines is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from dsl.lexer import LineLexer, Token
from dsl.records import record

Hint = tuple[str, str]

_SIGNS_OF_ORDER = frozenset({"GT", "GE", "LT", "LE", "OVER", "BELOW", "AT_LEAST", "AT_MOST"})
_POWERS = re.compile(r"(?:[kKmMwW]|[千万亿百元]+)")
_ZEROS = {"百": 2, "千": 3, "万": 4, "亿": 8, "元": 0}
_CODE = re.compile(r"[A-Z]{3}")


@record
class Trouble:
    """A line that went wrong: the word that could not stand (None: the line's end), all words, and what could have stood."""

    token: Token | None
    tokens: list[Token]
    expected: frozenset[str]
    lexer: LineLexer
    statement: str
    row: bool

    @property
    def at(self) -> int:
        return len(self.tokens) if self.token is None else self.tokens.index(self.token)

    @property
    def before(self) -> Token | None:
        return self.tokens[self.at - 1] if self.at > 0 else None

    def text(self, *tokens: Token) -> str:
        """The author's own words from the first token to the last."""
        return self.lexer.text[tokens[0].start : tokens[-1].end]


def hint(trouble: Trouble) -> Hint | None:
    """What to write instead, or nothing."""
    for habit in HABITS:
        found = habit(trouble)
        if found is not None:
            return found
    return None


def shape(statement: str, first: bool) -> Hint | None:
    """What a line of the statement looks like."""
    example = _FIRST_LINES.get(statement) if first else _LINES.get(statement)
    if example is None:
        return None
    return f"a line here reads like `{example[0]}`", f"这里的写法如 `{example[1]}`"


# ---------------------------------------------------------------- words of other languages

_GIVEN_FIRST = (
    "write what is given first and `when` with the condition behind it: `+5 when …`",
    "请先写结果，再写 `当` 和条件：`+5 当 …`",
)
_OTHERWISE_LAST = (
    "write what is given first and `otherwise` behind it: `5 otherwise`",
    "请先写结果，再写 `其余`：`5 其余`",
)
_OTHER_CASE = ("write the other case on a line of its own", "请把另一种情况另写一行")


def _if_then_else(trouble: Trouble) -> Hint | None:
    """The first `if`, `then` or `else` of a line, unless something has that name."""
    names = trouble.lexer.words.names
    found = [
        (at, token.text.lower())
        for at, token in enumerate(trouble.tokens)
        if token.type == "NAME"
        and token.text.lower() in ("if", "then", "else", "若")
        and token.text not in names
    ]
    if not found:
        return None
    at, word = found[0]
    if word == "then" or (word in ("if", "若") and (at == 0 or "then" in dict(found).values())):
        return _GIVEN_FIRST
    if word == "else":
        if "OTHERWISE" in trouble.expected:
            return "write `otherwise`", "请写 `其余`"
        return _OTHER_CASE if at > 0 else _OTHERWISE_LAST
    return "write `when`", "请写 `当`"


# ---------------------------------------------------------------- conditions


def _half_comparison(trouble: Trouble) -> Hint | None:
    """`a >= 5 and < 10`: the second half lacks what is compared."""
    token, before = trouble.token, trouble.before
    if (
        token is None
        or before is None
        or token.type not in _SIGNS_OF_ORDER
        or before.type not in ("AND", "OR")
    ):
        return None
    return (
        "say on both sides what is compared, as in `x >= 5 and x < 10`, or write `x between 5 and 10`",
        "两边都要写出比较的对象，如 `x >= 5 且 x < 10`，或写 `x 介于 5 与 10`",
    )


def _chain(trouble: Trouble) -> Hint | None:
    """`5 <= a <= 10`"""
    token = trouble.token
    if token is None or token.type not in _SIGNS_OF_ORDER or "AND" not in trouble.expected:
        return None
    return (
        "one comparison at a time: join two with `and`, or write `x between 5 and 10`",
        "一次只能比较一回：用 `且` 连接两个比较，或写 `x 介于 5 与 10`",
    )


def _negated_between(trouble: Trouble) -> Hint | None:
    """`a not between 1 and 3`"""
    token = trouble.token
    if token is None or token.type not in ("NOT", "BETWEEN", "CONTAINS") or trouble.before is None:
        return None
    words = {other.type for other in trouble.tokens}
    if not words & {"NOT", "IS_NOT"} or not words & {"BETWEEN", "CONTAINS"}:
        return None
    return "put `not` in front: `not (x between 1 and 3)`", "请把 `非` 放在前面：`非 (x 介于 1 与 3)`"


def _list_behind_is(trouble: Trouble) -> Hint | None:
    """`s is contract, delivery`"""
    token = trouble.token
    if token is None or token.type not in ("COMMA", "SEP") or trouble.row:
        return None
    if not any(other.type in ("IS", "EQ") for other in trouble.tokens[: trouble.at]):
        return None
    return "for one of several values write `in`: `x in a, b`", "几个值之一请写 `属于`：`x 属于 a、b`"


def _in_unknown(trouble: Trouble) -> Hint | None:
    """`y in unknown`"""
    token, before = trouble.token, trouble.before
    if token is None or before is None or token.type != "UNKNOWN" or before.type not in ("IN", "NOT_IN"):
        return None
    return "write `is unknown`", "请写 `为 未知`"


def _or_more_behind_is(trouble: Trouble) -> Hint | None:
    """`a is 5 or more`"""
    token, before = trouble.token, trouble.before
    if token is None or before is None or token.type not in ("OR_MORE", "OR_LESS") or trouble.row:
        return None
    sign = ">=" if token.type == "OR_MORE" else "<="
    value = trouble.text(before)
    return f"write `{sign} {value}` behind the name", f"请在名称后写 `{sign} {value}`"


# ---------------------------------------------------------------- numbers, money, units


def _apart(trouble: Trouble) -> Hint | None:
    """`50 万`, `500 k`, `500 CNY`"""
    token, before = trouble.token, trouble.before
    if token is None or before is None or before.type != "NUMBER" or token.type != "NAME":
        return None
    if _POWERS.fullmatch(token.text):
        return _in_one(trouble.text(before), token.text)
    if _CODE.fullmatch(token.text):
        whole = f"{token.text} {trouble.text(before)}"
        return f"write the currency before the amount: `{whole}`", f"币种请写在金额前面：`{whole}`"
    if token.text in ("分", "points", "point", "pts", "个", "次", "家", "人"):
        return "write the number alone", "请只写数字"
    return None


def _in_one(digits: str, power: str) -> Hint:
    """A number with its power of ten: joined where the language has that power, else in digits (`8千` is 8000)."""
    if not set(power) & set("千百"):
        return f"write the number in one: `{digits}{power}`", f"数字请连写：`{digits}{power}`"
    plain = Decimal(digits.replace(",", ""))
    for each in power:
        plain = plain.scaleb(_ZEROS[each])
    return f"write it in digits: `{plain:f}`", f"请用数字写：`{plain:f}`"


def _quarter_of_a_date(trouble: Trouble) -> Hint | None:
    """`in last 3 months`, `in this year`: windows belong to records, which are to come."""
    token, before = trouble.token, trouble.before
    if before is not None and before.type == "NAME" and before.text in ("last", "this", "past"):
        token, before = before, trouble.tokens[trouble.at - 2] if trouble.at > 1 else None
    if token is None or before is None or before.type != "IN" or token.text not in ("last", "this", "past"):
        return None
    return (
        "windows such as `in last 3 months` are not available yet; compare dates: `x >= today - 3 months`",
        "`近3个月` 之类的时间窗口目前还不能使用；请比较日期：`x >= 今天 - 3个月`",
    )


# ---------------------------------------------------------------- first lines and tables


def _two_words_for_a_name(trouble: Trouble) -> Hint | None:
    """`fact my name: number`"""
    token, before = trouble.token, trouble.before
    if token is None or before is None or trouble.at != 2 or token.type != "NAME" or before.type != "NAME":
        return None
    if "LPAR" not in trouble.expected or not any(other.type == "COLON" for other in trouble.tokens[2:]):
        return None
    whole = trouble.text(before, token)
    return (
        f"a name of several words stands in backticks: `` `{whole}` ``",
        f"含空格的名称请加反引号：`` `{whole}` ``",
    )


def _colon(trouble: Trouble) -> Hint | None:
    """`fact x money`, `fact x = number`"""
    token = trouble.token
    if (
        token is None
        or "COLON" not in trouble.expected
        or trouble.statement not in ("fact", "set", "value", "benefit")
    ):
        return None
    if token.type == "EQ":
        return "write `:` instead of `=`", "请把 `=` 改为 `：`"
    found = trouble.text(token)
    return f"write `:` before `{found}`", f"请在 `{found}` 前写 `：`"


def _comma(trouble: Trouble) -> Hint | None:
    """`fact x: number default 3`"""
    token = trouble.token
    if token is None or "OPT" not in trouble.expected or token.type not in ("NAME", "AT_LEAST", "AT_MOST"):
        return None
    options = ("default", "required", "source", "customer", "protected", "masked", "owner", "keep")
    if token.type == "NAME" and not token.text.startswith(
        (*options, "默认", "必填", "来源", "客户", "受保护", "脱敏", "负责")
    ):
        return None
    found = trouble.text(token)
    return f"put a comma before `{found}`", f"请在 `{found}` 前加逗号"


def _pasted_cells(trouble: Trouble) -> Hint | None:
    """Cells pasted without their outer `|`, or with tabs between them."""
    start, end = trouble.tokens[0].start, trouble.tokens[-1].end
    piped = any(token.type == "PIPE" for token in trouble.tokens)
    if piped and not trouble.row and "||" in trouble.lexer.text[start:end]:
        return "write `or` instead of `||`", "请把 `||` 改为 `或`"
    if trouble.row or not (piped or "\t" in trouble.lexer.text[start:end]):
        return None
    return "write a table's row as `| cell | cell |`", "表格的行请写成 `| 单元格 | 单元格 |`"


def _signed_outcome(trouble: Trouble) -> Hint | None:
    """`| +5 |`"""
    token = trouble.token
    if token is None or not trouble.row or token.type != "PLUS":
        return None
    return "leave the `+` out", "请去掉 `+`"


def _reason_in_front(trouble: Trouble) -> Hint | None:
    """`move down at once "Fraud" when fraud`, `at most B "Cap" when late`, and reasons where there is no condition."""
    token = trouble.token
    if token is None or token.type != "TEXT" or trouble.statement not in ("movement_of", "tiers", "score"):
        return None
    if trouble.expected & {"WHEN", "UNTIL"}:
        return (
            "write the reason in quotes behind its condition or date",
            "带引号的理由请写在条件或日期之后",
        )
    if trouble.statement == "movement_of":
        return (
            "leave it out: a reason in quotes stands behind a condition or a date only",
            "请去掉：带引号的理由只写在条件或日期之后",
        )
    return None


def _bare_hold(trouble: Trouble) -> Hint | None:
    """`hold "Appeal" while appeal`, `hold appeal`"""
    token = trouble.token
    if token is None or "HOLD_WHILE" not in trouble.expected or token.text.lower() != "hold":
        return None
    return (
        'write `hold while` and the condition, then the reason: `hold while appeal "Appeal open"`',
        "请写 `冻结当` 和条件，再写理由：`冻结当 申诉 “申诉处理中”`",
    )


HABITS: tuple[Callable[[Trouble], Hint | None], ...] = (
    _pasted_cells,
    _if_then_else,
    _half_comparison,
    _chain,
    _negated_between,
    _in_unknown,
    _or_more_behind_is,
    _apart,
    _quarter_of_a_date,
    _two_words_for_a_name,
    _colon,
    _comma,
    _list_behind_is,
    _signed_outcome,
    _reason_in_front,
    _bare_hold,
)

_FIRST_LINES: dict[str, tuple[str, str]] = {
    "policy": ('policy grading "Customer grading"', "政策 grading “客户分级”"),
    "effective": ("effective from 2026-01-01 until 2026-12-31", "生效 自 2026-01-01 至 2026-12-31"),
    "currency": ("currency CNY", "币种 CNY"),
    "applies": ('applies when orders > 0 "Not a customer yet"', "适用于 订单数 > 0 “还不是客户”"),
    "fact": (
        'fact orders: whole number "Orders this year", default 0',
        "指标 订单数：整数 “今年订单数”，默认 0",
    ),
    "set": ("set threshold: money = 500k", "参数 门槛：金额 = 50万"),
    "value": ("value margin: money = revenue - cost", "计算 毛利：金额 = 收入 - 成本"),
    "score": ('score total "Total" between 0 and 100', "评分 总分 “总分” 介于 0 与 100"),
    "tiers": ('tiers grade "Grade" by total', "等级 客户等级 “客户等级” 依 总分"),
    "segment": ('segment region "Region"', "分层 区域 “区域”"),
    "choose": ('choose team "Team"', "判定 团队 “团队”"),
    "tags": ('tags signals "Signals"', "标签 信号 “信号”"),
    "benefit": ('benefit discount: percent "Discount", for A, B', "权益 折扣：百分比 “折扣”，限 A、B"),
    "benefits_of": ("benefits of grade at stage", "权益表 客户等级 于 阶段"),
    "advise": (
        'advise "Call them" to "Sales" priority 1 when orders = 0',
        "建议 “致电” 交给 “销售” 优先级 1 当 订单数 = 0",
    ),
    "example": ('example "Customer A" on 2026-01-31', "示例 “客户A” 于 2026-01-31"),
    "movement_of": ("movement of grade", "升降级 客户等级"),
}
_LINES: dict[str, tuple[str, str]] = {
    "set": ("from 2026-07-01: 600k", "自 2026-07-01：60万"),
    "value": ("15% when grade is A", "15% 当 客户等级 为 A"),
    "score": ('referral: +5 when referrals > 0 "Recommends us"', "推荐：+5 当 推荐数 > 0 “愿意推荐”"),
    "tiers": ('A "Strategic customer" from 80', "A “战略客户” 自 80"),
    "segment": ('"East" when region is east', "“东区” 当 区域 为 东"),
    "choose": ('"Key-account team" when grade is A', "“大客户部” 当 客户等级 为 A"),
    "tags": ('"New" when orders = 0', "“新客” 当 订单数 = 0"),
    "benefit": ("15% when grade is A", "15% 当 客户等级 为 A"),
    "example": ("expect grade = A, total = 85", "应得 客户等级 = A，总分 = 85"),
    "movement_of": ("move down at review, one step at a time", "降级 复核时，逐级"),
}
