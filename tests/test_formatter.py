"""What the formatter writes, case by case; its laws over generated policies are in `test_roundtrip.py`."""

from decimal import Decimal

import pytest

from dsl import ast
from dsl.formatter import format_policy
from dsl.formatting.layout import align, columns
from dsl.formatting.words import Style
from dsl.keywords import Lang
from dsl.parser import parse
from dsl.source import Source


def formatted(text: str, lang: Lang = "en") -> str:
    """A text's canonical form; nothing is wrong with the text."""
    policy, problems = parse(Source(text))
    assert [problem.message() for problem in problems] == []
    return format_policy(policy, lang)


def body(text: str, lang: Lang = "en") -> list[str]:
    """The canonical lines of a text."""
    return formatted(text, lang).splitlines()


# ---------------------------------------------------------------- the two languages

ENGLISH = """\
policy grading "Customer grading"
effective from 2026-01-01 until 2026-12-31

fact orders (n_orders): whole number "Orders", at least 0, default 1, customer can change only up
fact kind: one of shop, chain, `70后` "Kind", source "CRM"

score points_of "Points" between -30 and 50
  # who buys
  often:   +5 per 10 of orders up to 20      "Orders often"  # since 2024
  chain:  +10 when not kind in shop, `70后`  "A chain"
| orders   | points |
| below 5  | 1      |
| 5 to 10k | 2      |
| unknown  | 3      |
| -        | 4      |

| kind       | points |
| not `70后` | 1      |
| -          | 0      |

tiers grade by points_of
  A "Best" ("最好") from 80 and kind is chain, keep from 75
  B                 otherwise
  at least A when kind is unknown "Unknown"
  at most  B when orders < 1      "None"

advise "Call" to "sales" priority 1 when orders at least 3

example "one" on 2026-02-01
  given orders = 5, kind is unknown
  expect grade in A, B, points_of between 1 and 20
"""

CHINESE = """\
政策 grading “Customer grading”
生效 自 2026-01-01 至 2026-12-31

指标 orders (n_orders)：整数 “Orders”，不低于 0，默认 1，客户可改变 仅上升
指标 kind：选项 shop、chain、`70后` “Kind”，来源 “CRM”

评分 points_of “Points” 介于 -30 与 50
  # who buys
  often：  +5 每 10 的 orders 上限 20     “Orders often”  # since 2024
  chain： +10 当 非 kind 属于 shop、`70后` “A chain”
| orders   | 分值 |
| 低于 5   | 1    |
| 5 至 10k | 2    |
| 未知     | 3    |
| -        | 4    |

| kind       | 分值 |
| 非 `70后`  | 1    |
| -          | 0    |

等级 grade 依 points_of
  A “Best” (“最好”) 自 80 且 kind 为 chain，保级自 75
  B                 其余
  不低于 A 当 kind 为 未知 “Unknown”
  不高于 B 当 orders < 1   “None”

建议 “Call” 交给 “sales” 优先级 1 当 orders 不低于 3

示例 “one” 于 2026-02-01
  已知 orders = 5，kind 为 未知
  应得 grade 属于 A、B，points_of 介于 1 与 20
"""


def squeezed(text: str) -> str:
    """A text without its columns: what a reader compares by eye."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def test_english_to_chinese_and_back() -> None:
    assert squeezed(formatted(ENGLISH, "zh")) == squeezed(CHINESE)
    assert squeezed(formatted(CHINESE, "en")) == squeezed(ENGLISH)
    assert formatted(formatted(ENGLISH, "zh")) == formatted(ENGLISH)


def test_layout_of_the_author_does_not_matter() -> None:
    ragged = "\n".join(f"      {' '.join(line.split())}" for line in ENGLISH.splitlines())
    assert formatted(ragged) == formatted(ENGLISH)


# ---------------------------------------------------------------- columns


def test_chinese_characters_take_two_columns() -> None:
    assert columns("a客户，") == 7
    assert align([("客户", "x"), ("abc", "y")]) == ["客户 x", "abc  y"]


def test_empty_columns_are_left_out_and_figures_stand_right() -> None:
    assert align([("", "+5", "x"), ("", "-10", "y")], frozenset({1})) == [" +5 x", "-10 y"]


def test_a_long_cell_runs_over_its_column() -> None:
    long = "x" * 60
    assert align([("a", "label"), (long, "label")]) == ["a label", f"{long} label"]


def test_table_columns_stand_under_each_other() -> None:
    lines = body("score s\n|订单额|points|\n|below 5|1|\n|5 or more|20|\n")
    assert lines == ["score s", "| 订单额    | points |", "| below 5   | 1      |", "| 5 or more | 20     |"]


# ---------------------------------------------------------------- blank lines and comments


def test_one_blank_line_is_kept_and_bodies_stand_apart() -> None:
    facts = "policy p\n\n\n\nfact a: money\nfact b: money\n"
    text = f"{facts}tiers t by a\n  A from 5\n  B otherwise\nfact c: money\n"
    assert body(text) == [
        "policy p",
        "",
        "fact a: money",
        "fact b: money",
        "",
        "tiers t by a",
        "  A from 5",
        "  B otherwise",
        "",
        "fact c: money",
    ]


def test_comments_stay_where_they_were() -> None:
    text = "#first\npolicy p   #  why\n\n# of a\n#\n# more\nfact a: money\n#end\n"
    assert body(text) == [
        "# first",
        "policy p  # why",
        "",
        "# of a",
        "#",
        "# more",
        "fact a: money",
        "",
        "# end",
    ]


def test_comments_in_tables() -> None:
    text = "score s\n# head\n| a | points | # right\n# row\n| - | 1 | # one\n"
    assert body(text) == ["score s", "# head", "| a | points |  # right", "# row", "| - | 1      |  # one"]


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("plain", '"plain"', "“plain”"),
        ('the "best"', '“the "best"”', '“the "best"”'),
        ("他说“好”", '"他说“好”"', "「他说“好”」"),
        ('a "b" “c”', '「a "b" “c”」', '「a "b" “c”」'),
        ('a "b" “c 「d', '“a "b" “c 「d”', '“a "b" “c 「d”'),
    ],
)
def test_quotes_give_way_to_those_in_the_text(text: str, english: str, chinese: str) -> None:
    assert Style("en").quote(text) == english
    assert Style("zh").quote(text) == chinese


@pytest.mark.parametrize(
    ("written", "english", "chinese"),
    [
        ("1 days", "1 day", "1天"),
        ("2 day", "2 days", "2天"),
        ("90min", "90 minutes", "90分钟"),
        ("1小时", "1 hour", "1小时"),
        ("1.5 hours", "1.5 hours", "1.5小时"),
    ],
)
def test_units_follow_their_number(written: str, english: str, chinese: str) -> None:
    text = f"fact d: duration, default {written}\n"
    assert body(text) == [f"fact d: duration, default {english}"]
    assert body(text, "zh") == [f"指标 d：时长，默认 {chinese}"]


def test_numbers_keep_their_spelling() -> None:
    for number in ("500,000", "500k", "50万", "50W", "1.2亿", "¥500", "CNY 500", "15%", "0.50"):
        assert body(f"fact d: money, default {number}\n", "zh") == [f"指标 d：金额，默认 {number}"]


def test_backticks_stand_only_where_they_are_needed() -> None:
    text = "fact `a`: money\nfact `1k`: money\nfact `when`: money\nfact `等级`: money\nfact `a-b c`: money\n"
    names = ["a", "`1k`", "`when`", "`等级`", "`a-b c`"]
    assert body(text) == [f"fact {name}: money" for name in names]
    assert body(text, "zh") == [f"指标 {name}：金额" for name in names]


def test_a_name_made_of_keywords_keeps_its_backticks_where_it_is_not_declared() -> None:
    text = "applies when `是否为` > 5\n"
    assert body(text) == ["applies when `是否为` > 5"]
    assert body(text, "zh") == ["适用于 `是否为` > 5"]


def test_a_text_that_fits_no_quotes_is_refused() -> None:
    with pytest.raises(ValueError, match="no quotes"):
        Style("en").quote('"”」')


def test_a_label_of_the_last_value_is_not_taken_for_the_declarations() -> None:
    for lang in ("en", "zh"):
        policy, _ = parse(Source('value v: one of a "A", b "B" "Which" = a\n'))
        again, problems = parse(Source(format_policy(policy, "zh" if lang == "zh" else "en")))
        assert problems == ()
        assert again == policy


# ---------------------------------------------------------------- trees that nobody wrote


def ref(name: str) -> ast.Ref:
    return ast.Ref(ast.Word(name))


A, B, C = ref("a"), ref("b"), ref("c")
ONE = ast.Number("1", Decimal(1))


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (ast.Arith("*", ast.Arith("+", A, B), C), "(a + b) * c"),
        (ast.Arith("-", A, ast.Arith("-", B, C)), "a - (b - c)"),
        (ast.Arith("-", ast.Arith("-", A, B), C), "a - b - c"),
        (ast.Arith("^", ast.Negate(A), ONE), "(-a)^1"),
        (ast.Negate(ast.Arith("*", A, B)), "-(a * b)"),
        (ast.Rounded(ast.Arith("/", A, B), ONE), "a / b rounded to 1 place"),
        (ast.Arith("+", ast.Rounded(A, ONE), B), "(a rounded to 1 place) + b"),
        (ast.Compare(">", ast.Rounded(A, ONE), B), "a rounded to 1 place > b"),
        (ast.Calendar("END_OF_MONTH", ast.Arith("+", A, B)), "end of month of (a + b)"),
        (ast.Logic("and", (ast.Logic("or", (A, B)), C)), "(a or b) and c"),
        (ast.Logic("or", (ast.Logic("and", (A, B)), C)), "(a and b) or c"),
        (ast.Logic("or", (ast.Logic("and", (A, B)), C), mixed=True), "a and b or c"),
        (ast.Not(ast.Logic("and", (A, B))), "not (a and b)"),
        (ast.Not(ast.Compare("=", A, B)), "not a = b"),
        (ast.Compare("=", ast.Compare("=", A, B), C), "(a = b) = c"),
        (ast.In(A, (B, C), negated=True), "a not in b, c"),
        (ast.Extreme("max", (A, ast.Arith("+", B, C))), "max of (a, b + c)"),
    ],
)
def test_brackets_are_added_where_a_tree_needs_them(tree: ast.Expr, text: str) -> None:
    policy = ast.Policy((ast.Applies(tree),))
    assert format_policy(policy) == f"applies when {text}\n"
    again, problems = parse(Source(format_policy(policy)))
    assert problems == ()
    assert format_policy(again) == format_policy(policy)


def test_an_empty_policy_is_an_empty_text() -> None:
    assert format_policy(ast.Policy(())) == ""
    assert format_policy(ast.Policy((), ("only a comment",))) == "# only a comment\n"
