"""Diagnostics on a terminal and as JSON."""

import re

from hypothesis import given
from hypothesis import strategies as st

from dsl.diagnostics import Code, Diagnostic, Lang, diagnose
from dsl.rendering import LINE_LETTERS, LINE_WIDTH, MOST_LINES, diagnostic_json, printable, render, width
from dsl.source import Source, Span

UNKNOWN = Code("E999", "`{name}` is not declared", "没有声明 `{name}`", "declare it", "请声明")
ODD = Code("W999", "this is odd", "这里奇怪")


def at(source: Source, words: str, code: Code = UNKNOWN, **given: object) -> Diagnostic:
    """A diagnostic at the first place where some words stand."""
    start = source.text.index(words)
    return diagnose(code, Span(start, start + len(words)), name=words, **given)  # type: ignore[arg-type]


def test_text_points_at_the_words() -> None:
    source = Source("policy p\nscore s\n  +5 when refferals >= 2\n", "p.tier")
    hint = ("did you mean `referrals`?", "是不是想写 `referrals`？")
    assert render([at(source, "refferals", hint=hint)], source) == (
        "p.tier:3:11: error E999: `refferals` is not declared\n"
        "  3 |   +5 when refferals >= 2\n"
        "    |           ^^^^^^^^^\n"
        "  help: did you mean `referrals`?; declare it\n\n"
    )


def test_chinese_letters_are_two_columns_wide() -> None:
    source = Source("评分 变量分\n  +5 当逾期>30天\n", "政策.tier")
    text = render([at(source, "逾期")], source, "zh")
    assert text.split("\n")[:4] == [
        "政策.tier:2:7: 错误 E999: 没有声明 `逾期`",
        "  2 |   +5 当逾期>30天",
        "    |        ^^^^",
        "  建议: 请声明",
    ]
    shown, carets = text.split("\n")[1:3]
    assert width(shown[: shown.index("逾期")]) == width(carets[: carets.index("^")])


@given(
    before=st.text(st.sampled_from("a é\t中，ｶ\u0301|"), max_size=30),
    marked=st.text(st.sampled_from("b中é"), min_size=1, max_size=10),
    after=st.text(st.sampled_from("c 文"), max_size=30),
)
def test_carets_stand_under_the_words(before: str, marked: str, after: str) -> None:
    source = Source("first\n" + before + marked + after)
    start = 6 + len(before)
    item = diagnose(ODD, Span(start, start + len(marked)))
    _, shown, carets = render([item], source).split("\n")[:3]
    assert carets.count("^") == width(marked)
    place = carets.index("^")
    assert width(shown) >= place + width(marked) or not after.strip()
    assert carets[:place].strip(" |") == ""
    assert place == width("  2 | ") + width(printable(before))


def test_a_long_line_is_cut_around_the_words() -> None:
    source = Source("长" * 500 + " here " + "x" * 500)
    _, shown, carets = render([at(source, "here")], source).split("\n")[:3]
    assert width(shown) <= LINE_WIDTH + len("  1 | ")
    assert shown.count("…") == 2
    assert width(shown[: shown.index("here")]) == carets.index("^")


def test_places_at_the_end_and_in_nothing() -> None:
    for text in ("", "abc", "abc\n"):
        source = Source(text)
        shown = render([diagnose(ODD, Span(len(text), len(text)))], source)
        assert shown.count("^") == 1
    source = Source("one\ntwo\n")
    assert render([diagnose(ODD, Span(0, 7))], source).count("^") == 3


def test_nothing_steers_the_terminal() -> None:
    evil = "\x1b[2Jred\x07\u202e\u200b\ud800"
    source = Source(f'about "{evil}"', evil)
    text = render([at(source, evil)], source)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\u200b\ud800]", text)
    text.encode("utf-8")


def test_colour_changes_nothing_but_colour() -> None:
    source = Source("about x")
    items = [at(source, "x"), at(source, "about", ODD)]
    plain, painted = render(items, source), render(items, source, colour=True)
    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == plain


def test_other_places_and_other_texts() -> None:
    source, shared = Source("fact a: number\n", "main.tier"), Source("\n\nfact a: money\n", "shared.tier")
    item = diagnose(UNKNOWN, Span(5, 6), also=[Span(7, 8, 1)], name="a")
    text = render([item], source, uses=[shared])
    assert "see also shared.tier:3:6" in text
    assert "3 | fact a: money" in text
    assert "参见 shared.tier:3:6" in render([item], source, "zh", uses=[shared])


def test_json_has_every_place() -> None:
    source = Source("政策 p\n评分 得分\n", "p.tier")
    expected = {
        "code": "E999",
        "severity": "error",
        "message": "`得分` is not declared",
        "help": "declare it",
        "file": "p.tier",
        "span": {"start": 8, "end": 10},
        "start": {"line": 2, "column": 4},
        "end": {"line": 2, "column": 6},
        "also": [],
    }
    assert diagnostic_json(at(source, "得分"), source) == expected
    chinese: Lang = "zh"
    assert diagnostic_json(at(source, "得分"), source, chinese)["message"] == "没有声明 `得分`"
    also = diagnose(ODD, Span(0, 2), also=[Span(1, 2, 1)])
    found = diagnostic_json(also, source, uses=[Source("xyz", "u.tier")])
    assert found["help"] is None
    assert found["also"] == [
        {
            "file": "u.tier",
            "span": {"start": 1, "end": 2},
            "start": {"line": 1, "column": 2},
            "end": {"line": 1, "column": 3},
        }
    ]


def test_signs_without_width_do_not_make_a_line_endless() -> None:
    """A line of combining marks takes no column at all, however long it is."""
    marks = "\u0301" * 100_000
    source = Source("a" + marks + " here " + marks)
    for words in ("a", "here", marks):
        text = render([diagnose(ODD, Span(start := source.text.index(words), start + len(words)))], source)
        assert len(text.split("\n")[1]) <= LINE_LETTERS
        assert len(text) < 3 * LINE_LETTERS


def test_all_of_a_table_is_shown_up_to_a_limit() -> None:
    rows = [f"| row {number} |" for number in range(1, 21)]
    source = Source("\n".join(["score s", *rows, "after"]))
    few, many = (
        render([diagnose(ODD, Span(8, source.text.index(last)))], source) for last in ("| row 4", "after")
    )
    assert re.findall(r"row (\d+)", few) == ["1", "2", "3"]
    assert "…" not in few
    assert len(re.findall("row", many)) == MOST_LINES
    assert many.count("…") == 1
