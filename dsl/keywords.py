"""Every keyword of the language, once, in both languages.

The lexer, the formatter, the editor support and the reference page all read this one table. A keyword's `id` is its
terminal in `grammar.lark`. Its first spelling in a language is the one that the formatter writes. A spelling of several English
words is one keyword (`at least`); a Chinese spelling is one run of characters.

`where` says on which lines a keyword is one; elsewhere the word is free to be a name. `*` is every line; `head` is the header row of a
table; any other word is a statement's id in lower case and means that statement's own lines. A word with `@` narrows it to a place on the
line: `@number` directly after a number, `@length` directly after a unit of time, `@name` directly after a name, `@type` where a type
stands, `@comma` directly after a comma or another option word.

Where two keywords share a spelling in one language, the first row is what the lexer gives and the grammar takes either; the
second row is there for the other language, which has two words (`up to` is `不超过` for a limit and `上限` for a cap).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

Lang = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword: its terminal, its spellings in English and in Chinese, and the lines on which it is one."""

    id: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    where: frozenset[str]

    def spelling(self, lang: Lang) -> str:
        """The spelling that the formatter writes."""
        return (self.en if lang == "en" else self.zh)[0]


def _rows(where: str, text: str) -> tuple[Keyword, ...]:
    rows = []
    for line in text.strip().splitlines():
        name, en, zh = (part.strip() for part in line.split(";"))
        rows.append(Keyword(name, _spellings(en), _spellings(zh), frozenset(where.split())))
    return tuple(rows)


def _spellings(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


# The first word of a statement. A file is split at lines that begin with one, so they are names nowhere.
STATEMENTS: tuple[Keyword, ...] = _rows(
    "*",
    """
    POLICY;     policy;     政策
    OWNER;      owner;      负责人
    EFFECTIVE;  effective;  生效
    CURRENCY;   currency;   币种
    TIMEZONE;   timezone;   时区
    SCOPE;      scope;      范围
    ABOUT;      about;      说明
    APPLIES;    applies when;    适用于
    USE;        use;        引用
    FACT;       fact;       指标
    SET;        set;        参数
    VALUE;      value;      计算
    SCORE;      score;      评分
    TIERS;      tiers;      等级
    SEGMENT;    segment;    分层
    CHOOSE;     choose;     判定
    TAGS;       tags;       标签
    BENEFIT;    benefit;    权益
    BENEFITS_OF; benefits of; 权益表
    ADVISE;     advise;     建议
    MOVEMENT_OF; movement of; 升降级
    LIFECYCLE;  lifecycle;  生命周期
    EVENT;      event;      事件
    WATCH;      watch;      预警
    EXAMPLE;    example;    示例
    """,
)

# Statements that are reserved: the language has them, this version does not evaluate them.
RESERVED: tuple[Keyword, ...] = _rows(
    "*",
    """
    RECORD;    record;    明细
    MEASURE;   measure;   度量
    GUARANTEE; guarantee; 保证
    """,
)

# Words that join expressions: keywords on every line.
EXPRESSION: tuple[Keyword, ...] = _rows(
    "*",
    """
    AND;        and;              且|并且
    OR;         or;               或|或者
    NOT;        not;              非|并非
    IS;         is;               为|等于
    IS_NOT;     is not;           不为|不是|不等于
    IN;         in;               属于
    NOT_IN;     not in|is not in; 不属于
    BETWEEN;    between;          介于
    BETWEEN_AND; and;             与|和
    CONTAINS;   contains;         包含
    UNKNOWN;    unknown;          未知
    YES;        yes;              是
    NO;         no;               否
    AT_LEAST;   at least;         不低于|不少于|至少|大于等于
    AT_MOST;    at most;          不高于|不多于|至多|小于等于
    OVER;       over;             超过|高于|多于|大于
    BELOW;      below;            低于|不满|少于|小于
    OR_MORE;    or more;          及以上|以上
    OR_LESS;    or less;          及以下|以下
    UP_TO;      up to;            不超过
    CAPPED_AT;  up to;            上限
    TODAY;      today;            今天
    HELD;       held;             现有
    WHEN;       when;             当|如果
    OTHERWISE;  otherwise;        其余|否则
    FROM;       from;             自|从
    TO;         to;               至|到
    UNTIL;      until;            至|到
    PER;        per;              每
    OF;         of;               的
    MIN_OF;     min of;           最小值
    MAX_OF;     max of;           最大值
    ROUNDED_TO; rounded to;       四舍五入到
    START_OF_MONTH;   start of month of;   月初
    START_OF_QUARTER; start of quarter of; 季初
    START_OF_YEAR;    start of year of;    年初
    END_OF_MONTH;     end of month of;     月末
    END_OF_QUARTER;   end of quarter of;   季末
    END_OF_YEAR;      end of year of;      年末
    YEAR_OF;          year of;             年份
    DAYS_SINCE;       days since;          距今天数
    MONTHS_SINCE;     months since;        距今月数
    YEARS_SINCE;      years since;         距今年数
    """,
)

# Units stand directly after a number: elsewhere `days` or `month` may be a name.
UNITS: tuple[Keyword, ...] = _rows(
    "* @number",
    """
    MINUTES;  minutes|minute|min; 分钟
    HOURS;    hours|hour;         小时
    DAYS;     days|day;           天|日
    WEEKS;    weeks|week;         周
    MONTHS;   months|month;       个月
    QUARTERS; quarters|quarter;   个季度|季度
    YEARS;    years|year;         年
    PLACES;   places|place;       位小数
    DECIMALS; decimals|decimal;   位小数
    """,
)

# Values of the whole customer base and aggregates of records: reserved like the statements above.
RESERVED_VALUES: tuple[Keyword, ...] = _rows(
    "value fact measure",
    """
    RANK_OF;    rank of;          名次按
    SHARE_OF;   share of;         占比按
    QUANTILE;   quantile;         分位数
    COUNT_OF;   count of;         笔数按
    TOTAL_OF;   sum of;           合计按
    LATEST;     latest;           最近一笔
    """,
)

TYPES: tuple[Keyword, ...] = _rows(
    "fact set value benefit event @type",
    """
    YES_NO;      yes/no;       是否
    WHOLE;       whole number; 整数
    NUMBER_TYPE; number;       数值|数字
    MONEY;       money;        金额
    PERCENT;     percent;      百分比
    DURATION;    duration;     时长
    DATE_TYPE;   date;         日期
    TEXT_TYPE;   text;         文本
    ONE_OF;      one of;       选项
    LIST_OF;     list of;      列表
    """,
)

FACT_OPTIONS: tuple[Keyword, ...] = _rows(
    "fact @comma",
    """
    DEFAULT;    default;             默认
    REQUIRED;   required;            必填
    SOURCE;     source;              来源
    CAN_CHANGE; customer can change; 客户可改变
    ONLY_UP;    only up;             仅上升
    ONLY_DOWN;  only down;           仅下降
    PROTECTED;  protected;           受保护
    MASKED;     masked;              脱敏
    """,
)

STATEMENT_WORDS: tuple[Keyword, ...] = (
    *_rows("fact set value benefit event", "WITH; with; 保留"),
    *_rows("value", "GRADUATED_BY; graduated by; 阶梯依"),
    *_rows(
        "tiers",
        """
        BY;        by;        依|按
        LIKE;      like;      同
        KEEP_FROM; keep from; 保级自
        KEEP_OVER; keep over; 保级超过
        AT_ONCE;   at once;   立即
        """,
    ),
    *_rows("segment choose", "EXACTLY_ONE; exactly one; 唯一"),
    *_rows("benefit benefits_of", "AT; at; 于|在"),
    *_rows(
        "benefit",
        """
        FOR;            for;            限
        BEST_OF;        best of;        取最优
        SUM_OF;         sum of;         累加
        NOT_WITH;       not with;       不可同享
        LESS_IS_BETTER; less is better; 越少越好
        PER_MONTH;      per month;      次每月
        PER_QUARTER;    per quarter;    次每季
        PER_YEAR;       per year;       次每年
        """,
    ),
    *_rows("advise watch", "ADDRESSED; to; 交给|由"),
    *_rows("advise", "PRIORITY; priority; 优先级"),
    *_rows(
        "example",
        """
        ON;           on;           于
        GIVEN;        given;        已知
        EXPECT;       expect;       应得
        NONE;         none;         无
        NOT_GRADED;   not graded;   不分级
        COMPUTED;     computed;     核算
        """,
    ),
    *_rows(
        "example @name",
        """
        ENTERS;       enters;           进入
        MOVES_UP;     moves up;         升级
        MOVES_DOWN;   moves down;       降级
        LEAVES;       leaves;           退出
        GIVES_NOTICE; gives notice;     预告降级
        WITHDRAWS;    withdraws notice; 撤回预告
        RENEWS;       renews;           续期
        STAYS;        stays;            不变
        """,
    ),
    *_rows(
        "movement_of",
        """
        REVIEW;          review;                       复核
        MONTHLY;         monthly;                      每月
        QUARTERLY;       quarterly;                    每季
        YEARLY;          yearly|every year;            每年
        ON_DAY;          on day;                       每期第
        ON;              on;                           于
        FOR_THE;         for the;                      考察
        BEFORE;          before;                       截至前一日|之前
        END_OF_LAST_MONTH; end of last month;          上月末
        CALENDAR_MONTH;   calendar month before;       上一自然月
        CALENDAR_QUARTER; calendar quarter before;     上一自然季
        CALENDAR_YEAR;    calendar year before;        上一自然年
        MONTH_SO_FAR;     month so far;                本月至今
        QUARTER_SO_FAR;   quarter so far;              本季至今
        YEAR_SO_FAR;      year so far;                 本年至今
        ANNIVERSARY_OF;      on each anniversary of;          按周年
        ANNIVERSARY_OF_TIER; on each anniversary of the tier; 按定级周年
        MOVE_UP;         move up;                      升级
        MOVE_DOWN;       move down;                    降级
        AT_ONCE;         at once;                      立即
        AT_REVIEW;       at review;                    复核时
        ONE_STEP;        one step at a time;           逐级
        REACHED;         to the tier that is reached;  直达所达等级
        AFTER;           after;                        连续
        IN_A_ROW;        reviews in a row|review in a row; 次复核后
        STEPS;           steps|step;                   级
        AT_LEAST;        at least;                     至少|不低于|不少于|大于等于
        AT_MOST;         at most;                      至多|不高于|不多于|小于等于
        NEVER_BELOW;     never below;                  最低降至
        KEEP_A_TIER;     keep a tier;                  保级
        END_OF_THIS_MONTH;   end of month;             月底
        END_OF_THIS_QUARTER; end of quarter;           季底
        END_OF_THIS_YEAR;    end of year;              年底
        END_OF_NEXT_YEAR;    end of next year;         次年底
        LATER;           later;                        之后
        GIVE;            give;                         提前
        NOTICE;          notice before moving down;    通知后降级
        GRANT;           give;                         给予
        HOLD_WHILE;      hold while|freeze while;      冻结当
        FREEZE;          freeze;                       冻结
        """,
    ),
    *_rows("movement_of @length", "GRACE; grace; 宽限期"),
    *_rows(
        "lifecycle",
        """
        STARTS;   starts;  始于
        ON;       on;      遇
        ANY;      any;     任一
        AFTER;    after;   满
        WITHOUT;  without; 无
        """,
    ),
    *_rows(
        "watch",
        """
        WITHOUT;     no;          无
        WITHIN;      within;      限于
        WHERE;       where;       其中
        THEN;        then;        随后
        RAISE;       raise;       告警
        DO;          do;          对策
        ONCE_PER;    once per;    至多每
        EXCEPT_WHEN; except when; 除非
        """,
    ),
    *_rows("watch @raise", "LOW; low; 低\nMEDIUM; medium; 中\nHIGH; high; 高"),
)

# The words that may head a column; a header cell that is exactly one of them is that keyword.
HEADINGS: tuple[Keyword, ...] = _rows(
    "head",
    """
    POINTS;       points;      分值|得分
    TIER_HEAD;    tier;        等级
    OUTCOME;      outcome;     结果
    REQUIREMENT;  requirement; 要求
    BENEFIT_HEAD; benefit;     权益
    """,
)

KEYWORDS: tuple[Keyword, ...] = (
    *STATEMENTS,
    *RESERVED,
    *EXPRESSION,
    *UNITS,
    *RESERVED_VALUES,
    *TYPES,
    *FACT_OPTIONS,
    *STATEMENT_WORDS,
    *HEADINGS,
)


@cache
def by_id() -> dict[str, Keyword]:
    """Keywords by their terminal; where an id has rows for several statements, see `spelling`."""
    table: dict[str, Keyword] = {}
    for keyword in KEYWORDS:
        table.setdefault(keyword.id, keyword)
    return table


def spelling(id: str, lang: Lang, statement: str = "") -> str:
    """How the formatter writes keyword `id` in `lang` on the lines of `statement`."""
    for keyword in KEYWORDS:
        if keyword.id == id and statement in keyword.where:
            return keyword.spelling(lang)
    return by_id()[id].spelling(lang)
