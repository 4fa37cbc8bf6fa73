"""Every policy of the corpus, through everything that can be done with one."""

import pytest

from dsl.checker import check
from dsl.formatter import format_policy
from dsl.model import CheckedPolicy
from dsl.parser import parse
from dsl.source import Source
from tests.corpus import Case, answer, cases, sums, without_lines

CASES = cases()
by_name = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def compiled(case: Case) -> CheckedPolicy:
    """The policy of a case, which has no errors."""
    policy, problems = check(case.source(), case.load)
    errors = [problem.message() for problem in problems if problem.severity == "error"]
    assert errors == []
    assert policy is not None
    return policy


def test_the_corpus_is_there_in_both_languages() -> None:
    texts = [case.source().text for case in CASES]
    assert len([text for text in texts if "\n等级 " in text]) >= 4
    assert len([text for text in texts if "\ntiers " in text]) >= 4


@by_name
def test_format_is_stable_and_translates_there_and_back(case: Case) -> None:
    tree, _ = parse(case.source())
    english, chinese = format_policy(tree, "en"), format_policy(tree, "zh")
    for text in (english, chinese):
        again, problems = parse(Source(text))
        assert problems == ()
        assert again == tree
        assert format_policy(again, "en") == english
        assert format_policy(again, "zh") == chinese


@by_name
def test_translation_keeps_the_meaning(case: Case) -> None:
    policy = compiled(case)
    tree, _ = parse(case.source())
    chinese, _ = check(Source(format_policy(tree, "zh")), case.load)
    assert chinese is not None
    for row in case.rows():
        assert without_lines(answer(chinese, row)) == without_lines(answer(policy, row))


@by_name
def test_decisions_are_as_expected(case: Case) -> None:
    policy, expected = compiled(case), case.expected()
    rows = case.rows()
    assert len(rows) == len(expected) > 0
    for row, wanted in zip(rows, expected, strict=True):
        assert answer(policy, row) == wanted


@by_name
def test_the_explanation_adds_up(case: Case) -> None:
    policy = compiled(case)
    found = [each for row in case.rows() for each in sums(answer(policy, row))]
    assert found or not policy.scores
    for name, points, score in found:
        assert points == score, name
