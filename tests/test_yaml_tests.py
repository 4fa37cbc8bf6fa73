"""YAML as tests are written in it."""

import re
from decimal import Decimal

import pytest

from policies.registry.yaml import YamlProblem, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.10", Decimal("0.10")),
        ("500000", Decimal(500000)),
        ("-3", Decimal(-3)),
        ("1e3", Decimal("1E+3")),
        ("12345678901234567890.123456789", Decimal("12345678901234567890.123456789")),
        ("010", Decimal(10)),
        ("yes", True),
        ("No", False),
        ("是", True),
        ("on", "on"),
        ("off", "off"),
        ("2026-01-31", "2026-01-31"),
        ("1:30", "1:30"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("5%", "5%"),
        ('"yes"', "yes"),
        ("'1'", "1"),
        ("~", None),
        ("null", None),
        ("[a, 1, {b: no}]", ["a", Decimal(1), {"b": False}]),
        ("on: 2026-01-31\nno: 1", {"on": "2026-01-31", "no": Decimal(1)}),
        ("a:\n  - 甲\n  -", {"a": ["甲", None]}),
    ],
)
def test_values_are_what_is_written(text: str, value: object) -> None:
    found = read_yaml(text).plain()
    assert found == value
    assert type(found) is type(value)
    assert str(found) == str(value)


def test_items_know_their_lines() -> None:
    item = read_yaml("# first\na: 1\nb:\n  - x\n  - y\n")
    assert isinstance(item.value, dict)
    assert [each.line for each in item.value.values()] == [2, 4]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "is empty"),
        ("# only a remark\n", 1, "is empty"),
        ("a: 1\nb: 2\na: 3\n", 3, "`a` stands here twice"),
        ("a: &x [1, 2]\nb: *x\n", 2, "aliases"),
        ("a: &a [x]\nb: &b [*a, *a]\n", 2, "aliases"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "tag"),
        ("a: !secret x\n", 1, "tag"),
        ("a: [1, 2\nb: 3\n", 2, "is not YAML"),
        ("a: 1\n---\nb: 2\n", 2, "is not YAML"),
        ("a\tb: \x07\n", 1, "characters"),
        ("[a, b]: 1\n", 1, "a name is expected"),
        ("[" * 5000, 1, "nested too deeply"),
        ("- " * 5000 + "x", 1, "nested too deeply"),
        ("a: 'x\n", 2, "is not YAML"),
    ],
)
def test_the_rest_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(YamlProblem, match=words) as caught:
        read_yaml(text)
    assert caught.value.line == line
    assert caught.value.zh != caught.value.en


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("a:\n\t- x\n", "a tab stands", "制表符"),
        ("a: b: c\n", "a `:` stands", "此处不能有 `:`"),
        ("a: 1\nb\nc: 2\n", "without its `:`", "缺少 `:`"),
        ("a: 'x\n", "does not end", "没有结束"),
        ("a: [1, 2\nb: 3\n", "a list in brackets", "方括号"),
        ("a: {b: 1\nc: 3\n", "in braces", "花括号"),
        ("a:\n  - x\n - y\n", "not indented", "缩进"),
        ("a: 1\n  b: 2\n", "a `:` stands", "此处不能有 `:`"),
        ("a: 1\n---\nb: 2\n", "a second document", "第二份文档"),
        ("a: @x\n", "in quotes", "加引号"),
        ('a: "\\q"\n', "a backslash", "反斜杠"),
        ("a: &\n", "cannot be read from here", "无法读取"),
    ],
)
def test_what_is_no_yaml_is_said_in_both_languages(text: str, en: str, zh: str) -> None:
    with pytest.raises(YamlProblem, match=en) as caught:
        read_yaml(text)
    assert zh in caught.value.zh
    assert not re.search("found|expected|token", caught.value.zh)
