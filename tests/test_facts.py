"""Raw facts -> Facts: every type taken as it may come, every bad field reported, and JSON read without
surprises.
"""

from __future__ import annotations

import contextlib
import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.checker import compile_policy
from dsl.source import Source
from engine.facts import FactsError, parse_around, parse_json, read_facts, read_row
from engine.facts_problems import PROBLEMS, UNREADABLE, pointer
from engine.schema import fact_schema

POLICY = compile_policy(
    Source(
        """policy p
currency CNY
fact 订单额 (order_amount): money "Orders", at least 0, at most 1m
fact n: number
fact count: whole number, default 3
fact rate: percent
fact late: duration
fact due: date, at least 2020-01-01
fact listed: yes/no
fact note: text
fact 级别 (level): one of 高 (high) "High", low
fact wants: list of one of a, b
fact must: yes/no, required
score s = n
"""
    )
)


def one(name: str, raw: object) -> object:
    """The value that a fact gets from a raw value."""
    return read_facts(POLICY, {"must": True, name: raw}).get(POLICY.facts[name].key)


def refused(raw: dict[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(FactsError) as error:
        read_facts(POLICY, raw)
    for problem in error.value.problems:
        for lang in ("en", "zh"):
            assert problem.message(lang)
            assert not re.search(r"\{\w", problem.message(lang) + problem.help(lang))
    return [(problem.pointer, problem.code) for problem in error.value.problems]


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("order_amount", 5, Decimal(5)),
        ("order_amount", "1,234.5", Decimal("1234.5")),
        ("order_amount", "CNY 500", Decimal(500)),
        ("order_amount", "¥500", Decimal(500)),
        ("order_amount", "500元", Decimal(500)),
        ("n", Decimal("0.10"), Decimal("0.1")),
        ("n", "-1.5e2", Decimal(-150)),
        ("count", Decimal("5.0"), Decimal(5)),
        ("rate", Decimal("0.15"), Decimal("0.15")),
        ("rate", "15%", Decimal("0.15")),
        ("late", "P30D", Decimal(2592000)),
        ("late", "PT1H30M", Decimal(5400)),
        ("late", "P2W", Decimal(1209600)),
        ("late", "-P1DT0.5S", Decimal("-86400.5")),
        ("late", "30 days", Decimal(2592000)),
        ("late", "30天", Decimal(2592000)),
        ("late", "15 min", Decimal(900)),
        ("due", "2024-02-29", date(2024, 2, 29)),
        ("listed", False, False),
        ("note", "", ""),
        ("level", "高", "high"),
        ("level", "high", "high"),
        ("wants", ["a", "b"], ("a", "b")),
        ("wants", [], ()),
    ],
)
def test_values_that_are_taken(name: str, raw: object, expected: object) -> None:
    assert one(name, raw) == expected


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("order_amount", True, "wrong_type"),
        ("order_amount", "many", "wrong_type"),
        ("order_amount", -1, "too_low"),
        ("order_amount", 1_000_001, "too_high"),
        ("order_amount", "0.00001", "too_wide"),
        ("order_amount", "1e15", "too_wide"),
        ("order_amount", "USD 500", "other_currency"),
        ("order_amount", "$500", "other_currency"),
        ("order_amount", "500 EUR", "other_currency"),
        ("order_amount", "1,23", "wrong_type"),
        ("n", 1.5, "wrong_type"),
        ("n", "１２", "wrong_type"),
        ("n", "1_000", "wrong_type"),
        ("n", "NaN", "wrong_type"),
        ("n", "1e99999", "wrong_type"),
        ("n", Decimal("Infinity"), "wrong_type"),
        ("n", 10**2000, "too_wide"),
        ("n", {"a": 1}, "wrong_type"),
        ("count", "5.5", "wrong_type"),
        ("late", 30, "wrong_type"),
        ("late", "30", "wrong_type"),
        ("late", "P1M", "no_fixed_length"),
        ("late", "6 months", "no_fixed_length"),
        ("late", "P", "wrong_type"),
        ("late", "PT", "wrong_type"),
        ("due", "2023-02-29", "no_such_day"),
        ("due", "29.2.2024", "wrong_type"),
        ("due", "2019-12-31", "too_low"),
        ("listed", "yes", "wrong_type"),
        ("listed", 1, "wrong_type"),
        ("note", 5, "wrong_type"),
        ("note", "\ud800", "half_a_character"),
        ("note", "x" * 10_001, "wrong_type"),
        ("level", "hihg", "no_such_value"),
        ("level", 1, "wrong_type"),
        ("wants", "a", "wrong_type"),
        ("wants", {"a": 1}, "wrong_type"),
    ],
)
def test_values_that_are_refused(name: str, raw: object, code: str) -> None:
    assert refused({"must": True, name: raw}) == [(f"/{name}", code)]


def test_every_bad_field_is_reported_at_its_place() -> None:
    found = refused({"n": True, "wants": ["a", "x", None], "nn": 1, "级别": "low", "level": "low"})
    assert found == [
        ("/level", "given_twice"),
        ("/nn", "unknown_fact"),
        ("/n", "wrong_type"),
        ("/wants/1", "no_such_value"),
        ("/wants/2", "wrong_type"),
        ("/must", "required"),
    ]


def test_help_names_what_was_meant() -> None:
    with pytest.raises(FactsError) as error:
        read_facts(POLICY, {"must": True, "order_amuont": 1, "level": "hihg"})
    first, second = error.value.problems
    assert first.help().startswith("did you mean `order_amount`?")
    assert second.help("zh").startswith("是不是想写 `high`？")
    assert second.to_json() == {
        "pointer": "/level",
        "code": "no_such_value",
        "message": '`级别` has no value "hihg"',
        "help": "did you mean `high`?; write one of `high`, `low`",
        "expected": "`high`, `low`",
        "got": '"hihg"',
    }


def test_got_is_there_where_something_came() -> None:
    with pytest.raises(FactsError) as error:
        read_facts(POLICY, {"amuont": None, "x": [1], "n": "?"})
    got = {each.pointer: each.to_json().get("got") for each in error.value.problems}
    assert got == {"/amuont": "null", "/x": "[…]", "/n": '"?"', "/must": None}
    with pytest.raises(FactsError) as broken:
        parse_json(b'{"n": }')
    assert "got" not in broken.value.problems[0].to_json()


def test_null_is_absent_and_a_default_stands_in() -> None:
    facts = read_facts(POLICY, {"must": False, "count": None, "n": None})
    assert facts.assumed == ("count",)
    assert facts.get("count") == 3
    assert facts.get("n") is None


def test_very_many_unknown_names_are_counted() -> None:
    found = refused({"must": True} | {f"x{number}": 1 for number in range(70)})
    assert len(found) == 51
    assert found[-1] == ("", "too_many_unknown")


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(FactsError) as error:
        read_facts(POLICY, [1])  # type: ignore[arg-type]
    assert error.value.problems[0].code == "not_an_object"


def test_pointers_escape_their_marks() -> None:
    assert pointer("a/b~c", 0) == "/a~1b~0c/0"
    assert refused({"must": True, "a/b": 1}) == [("/a~1b", "unknown_fact")]


# ---------------------------------------------------------------- rows


def test_rows_take_more_spellings_and_pass_over_other_columns() -> None:
    row = {
        "must": "是",
        "listed": "0",
        "级别": " low ",
        "wants": "a; b",
        "n": " 1.50 ",
        "note": "",
        "customer": "C1",
    }
    facts = read_row(POLICY, row)
    assert dict(facts.known) == {
        "must": True,
        "listed": False,
        "level": "low",
        "wants": ("a", "b"),
        "n": Decimal("1.5"),
        "count": Decimal(3),
    }


def test_bad_cells_are_reported() -> None:
    with pytest.raises(FactsError) as error:
        read_row(POLICY, {"listed": "maybe", "n": "x", "level": "low", "级别": "low"})
    assert [problem.code for problem in error.value.problems] == [
        "given_twice",
        "wrong_type",
        "wrong_type",
        "required",
    ]


# ---------------------------------------------------------------- JSON


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('{"a": NaN}', "not_a_number", "line 1, column 7"),
        ('{"a":\n -Infinity}', "not_a_number", "line 2, column 2"),
        ('["NaN", NaN]', "not_a_number", "line 1, column 9"),
        ('{"a": 1e999}', "number_too_long", "line 1, column 7"),
        ("9" * 101, "number_too_long", "line 1, column 1"),
        ("0." + "9" * 101, "number_too_long", "line 1, column 1"),
        ('{"a": {"b": 1}, "b": {"b": 2, "b": 3}}', "key_twice", "line 1, column 31"),
        ('{"a": 1, "\\u0061": 2}', "key_twice", "line 1, column 10"),
        ("[" * 51 + "]" * 51, "too_deep", "line 1, column 51"),
        ("[" * 100_000, "too_deep", "line 1, column 51"),
        ('{"a": 1} 2', "not_json", "line 1, column 10"),
        ('{"a": 1', "not_json", "line 1, column 8"),
        ("", "not_json", "line 1, column 1"),
        ("{'a': 1}", "not_json", "line 1, column 2"),
        ('"\\ud800"', "half_a_character", ""),
    ],
)
def test_json_that_is_refused(text: str, code: str, place: str) -> None:
    with pytest.raises(FactsError) as error:
        parse_json(text.encode())
    problem = error.value.problems[0]
    assert problem.code == code
    assert problem.message().startswith(place)
    assert problem.message("zh")


def test_what_can_be_read_is_read_and_the_rest_is_marked() -> None:
    text = (
        '{"a/b": [1, NaN, {"~": -Infinity}], "c": 1e999, "d": ' + "9" * 101 + ","
        ' "e": 1, "e": {"x": 2}, "e": 3, "f": "\\udc00", "k\\ud800": 1, "g": "NaN 1e999 \\" {", "h": 1.50}'
    )
    value, problems = parse_around(text)
    mark = UNREADABLE
    assert value == {
        "a/b": [1, mark, {"~": mark}],
        "c": mark,
        "d": mark,
        "e": mark,
        "f": mark,
        "g": 'NaN 1e999 " {',
        "h": Decimal("1.50"),
    }
    assert [(problem.pointer, problem.code) for problem in problems] == [
        ("/a~1b/1", "not_a_number"),
        ("/a~1b/2/~0", "not_a_number"),
        ("/c", "number_too_long"),
        ("/d", "number_too_long"),
        ("/e", "key_twice"),
        ("/f", "half_a_character"),
        ("/k\ud800", "half_a_character"),
    ]
    with pytest.raises(FactsError) as error:
        parse_json(text)
    assert error.value.problems == problems


def test_very_many_unreadable_values_are_told_up_to_a_limit() -> None:
    _, problems = parse_around("[" + "NaN," * 5000 + "1]")
    assert [problem.code for problem in problems] == ["not_a_number"] * 50 + ["more_unreadable"]
    _, problems = parse_around('{"' + "k" * 15_000 + '": [NaN, NaN, NaN]}')
    assert [problem.code for problem in problems] == ["not_a_number", "more_unreadable"]


leaves = st.sampled_from(["1", "NaN", "-Infinity", "1e999", '"\\ud800"', '"x"', "null"])
texts = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(inner, max_size=3).map(
            lambda items: "{" + ",".join(f'"k{n}": {item}' for n, item in enumerate(items)) + "}"
        )
    ),
    max_leaves=8,
)


@given(texts)
def test_every_mark_has_its_problem_and_every_problem_its_mark(text: str) -> None:
    def marks(value: object, place: str = "") -> list[str]:
        match value:
            case list():
                return [one for n, item in enumerate(value) for one in marks(item, f"{place}/{n}")]
            case dict():
                return [one for key, item in value.items() for one in marks(item, f"{place}/{key}")]
            case _:
                return [place] if value is UNREADABLE else []

    value, problems = parse_around(text)
    assert marks(value) == [problem.pointer for problem in problems]


MASKED = compile_policy(
    Source(
        """policy p
currency CNY
fact salary: money "Salary", at least 1, at most 1m, masked
fact grade: one of alpha, beta, masked
fact born: date, masked
fact late: duration, masked
fact id: text, masked
score s = 1
"""
    )
)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("salary", "7654321.5"),
        ("salary", "0.7654321"),
        ("salary", "765432100000000"),
        ("salary", "-7654321"),
        ("salary", "USD 7654321"),
        ("salary", "7654321 secret"),
        ("salary", {"7654321": 1}),
        ("grade", "alpah"),
        ("born", "7654321"),
        ("born", "7654-32-10"),
        ("late", "P7654321M"),
        ("late", "7654321"),
        ("id", 7654321),
        ("id", "7654321\ud800"),
    ],
)
def test_the_value_of_a_masked_fact_is_not_repeated(name: str, raw: object) -> None:
    with pytest.raises(FactsError) as error:
        read_facts(MASKED, {name: raw})
    [problem] = error.value.problems
    told = [str(error.value), repr(problem)]
    told += [
        text for lang in ("en", "zh") for text in (*problem.to_json(lang).values(), error.value.message(lang))
    ]
    for text in told:
        assert not re.search(r"7654|secret|alpah|USD|did you mean|\{\w", text), text
    assert "got" not in problem.to_json()
    assert problem.pointer == f"/{name}"


def test_a_long_number_is_not_repeated() -> None:
    with pytest.raises(FactsError) as error:
        parse_json('{"salary": ' + "7654321" * 20 + "}")
    assert "7654" not in repr(error.value.problems)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(FactsError) as error:
        parse_json(b'{"a": "\xff"}')
    assert error.value.problems[0].code == "encoding"


def test_json_keeps_every_digit() -> None:
    text = b'\xef\xbb\xbf{"a": 0.1000000000000000055511151231257827, "b": [1, true, null, "\\ud83d\\ude00"]}'
    assert parse_json(text) == {
        "a": Decimal("0.1000000000000000055511151231257827"),
        "b": [1, True, None, "\U0001f600"],
    }
    assert parse_json(b"[" * 50 + b"]" * 50)


@given(st.binary(max_size=60) | st.text("[]{},:\"'0123456789.eE-+aNtrufl\\\n ", max_size=60).map(str.encode))
def test_any_bytes_give_a_value_or_a_problem(text: bytes) -> None:
    with contextlib.suppress(FactsError):
        parse_json(text)


# ---------------------------------------------------------------- what is documented


def test_every_code_is_written_in_both_languages() -> None:
    for code in PROBLEMS.values():
        assert code.en
        assert code.zh
        assert bool(code.help_en) == bool(code.help_zh)


def test_the_schema_says_what_is_taken() -> None:
    schema = fact_schema(POLICY)
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert schema["required"] == ["must"]
    assert schema["additionalProperties"] is False
    assert properties["订单额"] == {"$ref": "#/properties/order_amount", "x-same-as": "order_amount"}
    assert properties["order_amount"] == {
        "type": ["number", "string", "null"],
        "pattern": r"^[+]?0*[0-9]{1,14}(\.[0-9]{0,4}0*)?$",
        "exclusiveMinimum": -(10**14),
        "exclusiveMaximum": 10**14,
        "x-digits": 14,
        "x-decimals": 4,
        "title": "订单额",
        "description": "Orders",
        "x-type": "money",
        "minimum": 0,
        "maximum": 1_000_000,
        "x-currency": "CNY",
        "x-unknown": "unknown",
    }
    assert properties["level"] == {
        "type": ["string", "null"],
        "enum": ["high", "高", "low", None],
        "x-labels": {"high": "High", "low": "low"},
        "title": "级别",
        "description": "级别",
        "x-type": "one of",
        "x-unknown": "unknown",
    }
    assert [properties[key]["x-unknown"] for key in ("count", "must")] == ["default", "refused"]  # type: ignore[index, call-overload]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=12) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*POLICY.facts, "订单额", "级别", "other"]), anything, max_size=5))
def test_any_fields_give_facts_or_problems(raw: dict[str, object]) -> None:
    try:
        facts = read_facts(POLICY, raw)
    except FactsError as error:
        found = [problem.pointer for problem in error.problems]
    else:
        found = []
        for key, value in facts.known.items():
            assert key in POLICY.facts
            assert not isinstance(value, float)
    assert len(found) <= 2 * len(raw) + 8


BOUNDED = compile_policy(
    Source(
        "policy p\ncurrency CNY\nfact rate: percent, at least 5%, at most 100%\nfact wait: duration, at least 1 day\n"
        "fact spend: money, at most 10k\nfact secret: percent, at most 100%, masked\n"
        "fact uses: list of one of 托管 (hosting), backup\nfact notes: list of text\nscore s = 1\n"
    )
)


@pytest.mark.parametrize(
    ("name", "raw", "en", "zh"),
    [
        (
            "rate",
            80,
            "`rate` is at most 100%, but 80 came (write `80%` or `0.8`)",
            "`rate` 不高于 100%，但收到的是 80 (请写 `80%` 或 `0.8`)",
        ),
        ("rate", "120%", '`rate` is at most 100%, but "120%" came', '`rate` 不高于 100%，但收到的是 "120%"'),
        ("rate", 3, "`rate` is at most 100%, but 3 came", "`rate` 不高于 100%，但收到的是 3"),
        ("wait", "PT1H", '`wait` is at least 1 day, but "PT1H" came', '`wait` 不低于 1天，但收到的是 "PT1H"'),
        (
            "spend",
            20000,
            "`spend` is at most 10,000, but 20000 came",
            "`spend` 不高于 10,000，但收到的是 20000",
        ),
        ("secret", 80, "`secret` is at most 100%", "`secret` 不高于 100%"),
    ],
)
def test_a_bound_is_said_as_people_write_it(name: str, raw: object, en: str, zh: str) -> None:
    with pytest.raises(FactsError) as error:
        read_facts(BOUNDED, {name: raw})
    assert error.value.message("en") == f"/{name}: {en}"
    assert error.value.message("zh") == f"/{name}: {zh}"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("hosting, backup", ("hosting", "backup")),
        ("托管，backup", ("hosting", "backup")),
        ("hosting;backup", ("hosting", "backup")),
        ("none", ()),
        ("无", ()),
        (";", ()),
    ],
)
def test_values_in_one_cell_may_stand_with_commas(cell: str, expected: tuple[str, ...]) -> None:
    assert read_row(BOUNDED, {"uses": cell}).get("uses") == expected


def test_texts_keep_their_commas() -> None:
    assert read_row(BOUNDED, {"notes": "a, b; none"}).get("notes") == ("a, b", "none")
    assert read_row(BOUNDED, {"notes": "none"}).get("notes") == ("none",)


def test_what_is_no_value_is_not_answered_with_a_word_of_policies() -> None:
    with pytest.raises(FactsError) as error:
        read_facts(BOUNDED, {"uses": ["null"], "true": 1})
    assert "write `yes`" not in error.value.message()
    assert "write `unknown`" not in error.value.message()
