"""Text becomes the surface tree: words, numbers, statements, and every problem at its place."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl import ast
from dsl.decoding import decode
from dsl.diagnostics import PolicyError
from dsl.parser import MAX_PROBLEMS, parse
from dsl.runs import Words, cut
from dsl.source import Source
from dsl.vocabulary import needs_ticks, vocabulary


def value(text: str, before: str = "") -> ast.Expr:
    policy, problems = parse(Source(f"policy p\n{before}\nvalue v = {text}\n"))
    assert problems == (), [problem.message() for problem in problems]
    statement = policy.statements[-1]
    assert isinstance(statement, ast.ValueDecl)
    assert statement.value is not None
    return statement.value


def codes(text: str) -> list[tuple[str, str]]:
    source = Source(text)
    return [(problem.code.code, source.slice(problem.span)) for problem in parse(source)[1]]


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500,000", "500000"),
        ("500k", "500000"),
        ("500K", "500000"),
        ("1.5m", "1500000"),
        ("50万", "500000"),
        ("50万元", "500000"),
        ("50w", "500000"),
        ("1.2亿", "120000000"),
        ("15%", "0.15"),
        ("０．５", "0.5"),
        ("0.10", "0.10"),
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
    ],
)
def test_numbers_are_exact(text: str, number: str) -> None:
    read = value(text)
    assert isinstance(read, ast.Number)
    assert read.value == Decimal(number)
    assert read.percent is text.endswith("%")


@pytest.mark.parametrize(
    ("text", "currency"), [("¥500", "¥"), ("￥500", "¥"), ("CNY 500k", "CNY"), ("$5", "USD"), ("5", None)]
)
def test_money_names_its_currency(text: str, currency: str | None) -> None:
    read = value(text)
    assert isinstance(read, ast.Number)
    assert read.currency == currency


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("1,0000", "E105", "1,0000"),
        ("5x", "E105", "5x"),
        ("9折", "E107", "9折"),
        ("95折", "E107", "95折"),
        ("1" * 61, "E106", "1" * 61),
        ("2026-02-30", "E108", "2026-02-30"),
        ("a in 1,000, 2,000", "E113", "1,000"),
    ],
)
def test_bad_numbers_are_reported_where_they_stand(text: str, code: str, at: str) -> None:
    assert codes(f"policy p\nvalue v = {text}\n")[0] == (code, at)


def test_a_chinese_discount_offers_the_percentage() -> None:
    (problem,) = parse(Source("policy p\nvalue v = 9折\n"))[1]
    assert "10%" in problem.help("en")
    (problem,) = parse(Source("policy p\nvalue v = 95折\n"))[1]
    assert "5%" in problem.help("zh")


def test_a_full_width_comma_never_groups_thousands() -> None:
    statement = parse(Source("政策 p\n计算 v = a 属于 5，600\n"))[0].statements[1]
    assert isinstance(statement, ast.ValueDecl)
    assert isinstance(statement.value, ast.In)
    assert len(statement.value.items) == 2


def test_held_tiers_and_unknown_without_is() -> None:
    held = value("held grade is A")
    assert isinstance(held, ast.Compare)
    assert held.left == ast.Held(ast.Word("grade"))
    assert value("上市 未知") == value("上市 为 未知") == ast.IsUnknown(ast.Ref(ast.Word("上市")))


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("a >= 5 and < 10", "say on both sides"),
        ("5 <= a <= 10", "one comparison at a time"),
        ("a not between 1 and 3", "put `not` in front"),
        ("a in unknown", "write `is unknown`"),
        ("a is 5 or more", "write `>= 5` behind the name"),
        ("50 万", "`50万`"),
        ("8千", "`8000`"),
        ("1.5百万", "`1500000`"),
        ("a > 500 CNY", "`CNY 500`"),
        ("a in last 3 months", "are not available yet"),
        ("a is x, y", "write `in`"),
        ("a || b", "write `or`"),
    ],
)
def test_habits_get_a_hint(line: str, hint: str) -> None:
    (problem,) = parse(Source(f"policy p\nvalue v = {line}\n"))[1]
    assert hint in problem.help("en")
    assert problem.help("zh")


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("run", "pieces"),
    [
        ("当逾期", ["当", "逾期"]),
        ("天且战略协议", ["天", "且", "战略协议"]),
        ("grade为A且上市", ["grade", "为", "A", "且", "上市"]),
        ("非上市且估值为高", ["非", "上市", "且", "估值", "为", "高"]),
        ("当订单额不低于20万", ["当", "订单额", "不低于", "20万"]),
        ("当订单额外费用超过5", ["当", "订单额外费用", "超过", "5"]),
        ("当订单额外", None),
    ],
)
def test_a_chinese_run_is_cut_longest_first_and_goes_back(run: str, pieces: list[str] | None) -> None:
    words = Words.of(["逾期", "战略协议", "上市", "估值", "高", "订单额", "订单额外费用", "grade"])
    assert cut(run, words, vocabulary("tiers")) == pieces


def test_a_whole_run_that_is_declared_is_taken_whole() -> None:
    text = "政策 p\n指标 非上市：是否\n指标 上市：是否\n计算 甲 = 非上市\n计算 乙 = 非 上市\n"
    statements = parse(Source(text))[0].statements
    assert isinstance(statements[3], ast.ValueDecl)
    assert isinstance(statements[3].value, ast.Ref)
    assert isinstance(statements[4], ast.ValueDecl)
    assert isinstance(statements[4].value, ast.Not)


def test_both_languages_and_full_width_characters_make_one_tree() -> None:
    english = 'policy p "P"\nfact a: money "A", at least 0\napplies when a > 5 and not (a is unknown) "r"\n'
    chinese = "政策 p “P”\n指标 a：金额 “A”，不低于　０\n适用于 a＞5且非（a为未知）“r”\n"
    assert parse(Source(english)) == parse(Source(chinese))


def test_mixed_quotes_and_translations() -> None:
    statement = parse(Source('policy p “Key customer" (「关键客户」)\n'))[0].statements[0]
    assert isinstance(statement, ast.PolicyHeader)
    assert statement.label == ast.Label("Key customer", "关键客户")


@pytest.mark.parametrize("word", ["when", "and", "fact", "等级", "为", "1k", "a b", "a-b", "是", "priority"])
def test_words_that_need_ticks(word: str) -> None:
    assert needs_ticks(word)


@pytest.mark.parametrize("word", ["grade", "订单额", "_x", "order_2", "é"])
def test_words_that_do_not_need_ticks(word: str) -> None:
    assert not needs_ticks(word)


def test_words_of_other_statements_are_free_as_names() -> None:
    text = "policy p\nfact required: yes/no\nfact monthly: yes/no\nfact days: whole number\nvalue v = days\n"
    assert codes(text) == []


def test_an_option_run_into_its_value_is_still_an_option() -> None:
    statement = parse(Source("政策 p\n指标 店：选项 甲、乙，默认乙\n指标 数：整数，默认0，不低于0\n"))[
        0
    ].statements[1]
    assert isinstance(statement, ast.FactDecl)
    assert [item.name.word.text for item in statement.type.values] == ["甲", "乙"]
    assert [option.kind for option in statement.options] == ["DEFAULT"]


def test_a_threshold_with_and_beside_or_is_mixed() -> None:
    statement = parse(Source("policy p\ntiers g by s\n A from 5 and x or y\n"))[0].statements[1]
    assert isinstance(statement, ast.TiersDecl)
    line = statement.body[0]
    assert isinstance(line, ast.TierLine)
    assert isinstance(line.condition, ast.Logic)
    assert line.condition.mixed


# ---------------------------------------------------------------- layout


def test_layout_is_free_and_a_rule_goes_on_after_an_operator() -> None:
    tight = (
        'policy p\nfact a: money\nfact b: money\nvalue v = a +\n b\nadvise "x" when a > 1\nand b > 2 # why\n'
    )
    loose = '   policy p\n\tfact a: money\n fact b: money\n\n\nvalue v = a + b\nadvise "x" when a > 1 and b > 2 # why\n'
    assert parse(Source(tight)) == parse(Source(loose))


def test_comments_stay_with_their_line() -> None:
    policy = parse(Source("# one\n# two\npolicy p # three\n\n# four\nfact a: money\n# five\n"))[0]
    first, second = policy.statements
    assert first.notes == ast.Notes(("one", "two"), "three")
    assert second.notes == ast.Notes(("four",))
    assert second.notes.blank
    assert policy.tail == ("five",)


def test_a_hash_in_a_text_is_no_comment() -> None:
    statement = parse(Source('policy p "we are #1"\n'))[0].statements[0]
    assert isinstance(statement, ast.PolicyHeader)
    assert statement.label == ast.Label("we are #1")


def test_a_second_table_begins_after_a_blank_line_and_markdown_rules_are_passed_over() -> None:
    text = "policy p\nscore s\n| a | points |\n|---|:---:|\n| 1 | 2 |\n\n| b | points |\n| - | 2 |\n"
    statement = parse(Source(text))[0].statements[1]
    assert isinstance(statement, ast.ScoreDecl)
    assert [len(table.rows) for table in statement.body if isinstance(table, ast.Table)] == [1, 1]


def test_a_comma_before_an_option_separates_options_others_items() -> None:
    text = 'policy p\nexample "e"\n  given a = 1, b = x, y, c = 2\n  expect g in A, B, t = 3\n'
    statement = parse(Source(text))[0].statements[1]
    assert isinstance(statement, ast.ExampleDecl)
    given_, expect = statement.lines
    assert isinstance(given_, ast.BindingLine)
    assert isinstance(expect, ast.BindingLine)
    assert [len(binding.values) for binding in given_.bindings] == [1, 2, 1]
    assert [binding.op for binding in expect.bindings] == ["IN", "="]


def test_spans_are_exact() -> None:
    source = Source("政策 p\n指标 订单额 (order_amount)：金额 “近12个月”，不低于 0\n")
    statement = parse(source)[0].statements[1]
    assert isinstance(statement, ast.FactDecl)
    assert source.slice(statement.name.span) == "订单额 (order_amount)"
    assert source.slice(statement.options[0].span) == "不低于 0"
    assert source.place(statement.span.start) == (2, 1)


# ---------------------------------------------------------------- problems


@pytest.mark.parametrize(
    ("line", "code", "at"),
    [
        ("fact a money", "E121", "money"),
        ("fact when: yes/no", "E129", "when"),
        ("fact 70后: yes/no", "E133", "70后"),
        ("fact a: money default 0", "E121", "default"),
        ('advise "x" When a', "E134", "When"),
        ('advise "x" when a == 1', "E109", "=="),
        ('advise "x" when a', None, ""),
        ('advise "x', "E104", '"x'),
        ('advise "x" when', "E122", ""),
        ("value v = count of sales", "E130", "count of"),
        ("record sales: amount money", "E130", "record sales: amount money"),
        ("scroe base", "E123", "scroe base"),
        ("fact z\u0430b: money", "E103", "z\u0430b"),
        ("fact a\u200bb: money", "E102", "\u200b"),
        ("score s\n| a | points |\n| 1 | |", "E127", "| |"),
        ("score s\n| a | points |\n| 1 | 2", "E128", "2"),
        ("value v = " + "(" * 60 + "1" + ")" * 60, "E110", "("),
        ("value v = " + "+".join("1" * 200), "E111", "+"),
        ("benefits of g\n A 5%", "E126", "A 5%"),
        ("movement of g\n| a | b |", "E125", "| a | b |"),
        ("tiers g by s\n 甲级客户很多很多 自 80 “x”", "E121", "“x”"),
    ],
)
def test_each_problem_at_its_place(line: str, code: str | None, at: str) -> None:
    expected = [] if code is None else [(code, at)]
    assert codes(f"policy p\n{line}\n") == expected


def test_every_problem_is_reported_in_one_run() -> None:
    text = "policy p\nfact a money\nscore s\n  +5 When a\n  + when b\n| a | points\nfact b: mony\n"
    assert [code for code, _ in codes(text)] == ["E121", "E134", "E121", "E128", "E121"]


def test_messages_speak_of_the_language_only() -> None:
    text = 'policy p\nfact a money\nvalue v = 1 +\nscore s\n  5 when a\nexample "e"\n  given a\n'
    for problem in parse(Source(text))[1]:
        for lang in ("en", "zh"):
            sentence = problem.message(lang) + problem.help(lang)
            assert not any(word in sentence for word in ("NAME", "LPAR", "Token", "Unexpected", "None", "__"))


def test_a_misspelt_keyword_gets_a_guess() -> None:
    (problem,) = parse(Source("policy p\nteirs grade\n"))[1]
    assert "did you mean `tiers`?" in problem.help("en")


SHAPE = 'a line here reads like `referral: +5 when referrals > 0 "Recommends us"`'
FIRST = "write what is given first and `when` with the condition behind it: `+5 when …`"


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("score s\n  +5 if a", "write `when`"),
        ("tiers g by s\n  A If b", "write `when`"),
        ("score s\n  if a then +5", FIRST),
        ("score s\n  when a then +5", FIRST),
        ("value v: number = if a then 5 else 2", FIRST),
        ("tiers g by s\n  B else", "write `otherwise`"),
        ("value v: number\n  else 5", "write what is given first and `otherwise` behind it: `5 otherwise`"),
        ("score s\n  +5 when a else 2", "write the other case on a line of its own"),
        ("fact if: yes/no\nscore s\n  +5 if", SHAPE),
    ],
)
def test_words_of_other_languages_get_the_one_that_is_meant(line: str, hint: str) -> None:
    (problem,) = parse(Source(f"policy p\n{line}\n"))[1]
    assert problem.help("en") == hint
    assert bool(problem.help("zh")) is bool(hint)


BEHIND = "write the reason in quotes behind its condition or date"
NO_REASON = "leave it out: a reason in quotes stands behind a condition or a date only"
HOLD = 'write `hold while` and the condition, then the reason: `hold while appeal "Appeal open"`'


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ('movement of g\n  move down at once "Fraud" when a', BEHIND),
        ('movement of g\n  freeze "Amnesty" until 2026-12-31', BEHIND),
        ("升降级 g\n  冻结 “申诉” 至 2026-12-31", BEHIND),
        ('movement of g\n  move down at review, one step at a time "Slowly"', NO_REASON),
        ('movement of g\n  hold "Appeal" while a', HOLD),
        ("movement of g\n  hold a", HOLD),
        ('tiers g by s\n  at most B "Cap" when a', BEHIND),
        ('score s\n  +5 "Label" when a', BEHIND),
    ],
)
def test_a_reason_stands_behind_its_condition(line: str, hint: str) -> None:
    (problem,) = parse(Source(f"policy p\n{line}\n"))[1]
    assert problem.code.code == "E121"
    assert problem.help("en") == hint
    assert problem.help("zh")


# ---------------------------------------------------------------- bytes


@pytest.mark.parametrize(
    "data",
    [
        "政策 p “客户分级政策，按订单额”\n".encode("gb18030"),
        "\ufeff政策 p “客户分级政策，按订单额”\n".encode(),
        "政策 p “客户分级政策，按订单额”\r\n".encode(),
    ],
    ids=["gb18030", "bom", "crlf"],
)
def test_encodings_that_people_have(data: bytes) -> None:
    policy, problems = parse(decode(data))
    assert problems == ()
    assert policy.statements[0] == ast.PolicyHeader(ast.Word("p"), ast.Label("客户分级政策，按订单额"))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("policy p".encode("utf-16"), "E002"),
        (b"policy p \xff\xfe\xfd", "E003"),
        ("policy é".encode("latin-1"), "E003"),
        (b"x" * 10_000_000, "E001"),
    ],
    ids=["utf-16", "binary", "latin-1", "10MB"],
)
def test_bytes_that_are_no_policy(data: bytes, code: str) -> None:
    with pytest.raises(PolicyError) as refusal:
        decode(data)
    assert [problem.code.code for problem in refusal.value.diagnostics] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "policy p\nvalue v = " + "(" * 10_000,
        "policy p\nvalue v = " + "-" * 10_000 + "1",
        "policy p\nvalue v = " + "not " * 10_000 + "a",
        "policy p\nvalue v = a in " + ",".join("1" * 100_000),
        "policy p\nvalue v = " + ",".join(["100"] * 100_000),
        "policy p\n" + "|a" * 100_000 + "|",
        "foo bar\n" * 50_000,
        "policy p\n" + "期" * 300_000,
        "policy p\n适用于 " + "且" * 390 + "x",
        "\x00" * 10_000,
        "x" * 900_000,
        "“" * 100_000,
        "`" * 100_000,
        "policy p\n" * 20_000,
    ],
    ids=range(15),
)
def test_hostile_text_gives_diagnostics(text: str) -> None:
    problems = parse(Source(text))[1]
    assert len(problems) <= MAX_PROBLEMS + 1
    assert problems or text.startswith("policy p\npolicy")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_tree_and_diagnostics(text: str) -> None:
    source = Source(text)
    _, problems = parse(source)
    for problem in problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
        assert problem.message("en")
        assert problem.message("zh")


_WORDS = st.sampled_from(
    [
        "policy",
        "fact",
        "score",
        "tiers",
        "p",
        "a",
        "b",
        ":",
        "=",
        ",",
        "|",
        "(",
        ")",
        "+",
        "-",
        "*",
        "/",
        "5",
        "10%",
        "50万",
        "2026-01-01",
        '"x"',
        "when",
        "otherwise",
        "from",
        "per",
        "of",
        "and",
        "or",
        "not",
        "is",
        "in",
        "between",
        "at",
        "least",
        "当",
        "且",
        "为",
        "不低于",
        "指标",
        "评分",
        "等级",
        "依",
        "自",
        "其余",
        "\n",
        "|",
        "points",
        "|",
        "tier",
        "#",
        "`",
        "“",
        "”",
        "是",
        "否",
        "money",
        "yes/no",
        "one",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_WORDS, max_size=60))
def test_any_words_give_a_tree_and_diagnostics(words: list[str]) -> None:
    parse(Source(" ".join(words)))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_a_policy_error(data: bytes) -> None:
    try:
        parse(decode(data))
    except PolicyError as refusal:
        problems = refusal.diagnostics
    else:
        return
    assert problems
