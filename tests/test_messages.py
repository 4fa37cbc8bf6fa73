"""The sentences of all diagnostics: each code once, both languages, one house form."""

import re

import pytest

from dsl.diagnostics import Code, diagnose, did_you_mean
from dsl.messages import ALL_CODES
from dsl.source import NOWHERE

every_code = pytest.mark.parametrize("code", ALL_CODES, ids=lambda code: code.code)

_SLOT = re.compile(r"\{(\w+)\}")
_FOREIGN = re.compile(r"\b(lark|python|terminal|token|traceback|exception|LALR)\b", re.IGNORECASE)


def test_codes_are_gathered_and_unique() -> None:
    assert len(ALL_CODES) > 100
    numbers = [code.code for code in ALL_CODES]
    assert sorted(set(numbers)) == sorted(numbers)


@every_code
def test_a_code_is_a_letter_and_a_number(code: Code) -> None:
    assert re.fullmatch(r"[EW]\d{3}", code.code)
    assert code.severity == ("error" if code.code[0] == "E" else "warning")


@every_code
def test_a_sentence_stands_in_both_languages(code: Code) -> None:
    assert code.en
    assert re.search(r"[\u4e00-\u9fff]", code.zh)
    assert bool(code.help_en) == bool(code.help_zh)
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"`[^`]*`", "", code.en))


@every_code
def test_a_sentence_has_the_house_form(code: Code) -> None:
    for sentence in (code.en, code.help_en):
        assert not sentence.endswith(".")
        assert not sentence[:1].isupper() or sentence.startswith(("UTF", "`"))
        assert not _FOREIGN.search(sentence)
        assert sentence.count("`") % 2 == 0
    for sentence in (code.zh, code.help_zh):
        assert not sentence.endswith("。")
        assert sentence.count("`") % 2 == 0


@every_code
def test_both_languages_are_filled_with_the_same_words(code: Code) -> None:
    """What English says of the author's words, Chinese says too; a word may have a form for each."""

    def stems(*sentences: str) -> set[str]:
        return {re.sub(r"_(en|zh)$", "", slot) for sentence in sentences for slot in _SLOT.findall(sentence)}

    assert stems(code.en) == stems(code.zh)


def test_words_are_filled_in_once() -> None:
    code = Code("E999", "`{name}` and {other}", "`{name}` 与 {other}")
    item = diagnose(code, NOWHERE, name="{other}", other="x")
    assert item.message("en") == "`{other}` and x"
    assert item.message("zh") == "`{other}` 与 x"


def test_near_words_are_offered_and_far_ones_are_not() -> None:
    assert did_you_mean("refferals", ["referrals", "orders"]) == (
        "did you mean `referrals`?",
        "是不是想写 `referrals`？",
    )
    assert did_you_mean("zzz", ["referrals", "orders"]) is None
