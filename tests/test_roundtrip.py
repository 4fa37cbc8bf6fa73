"""The formatter's laws, over generated policies: what is written is read again, in either language."""

from hypothesis import HealthCheck, given, settings

from dsl import ast
from dsl.formatter import format_policy
from dsl.keywords import Lang
from dsl.parser import parse
from dsl.source import Source
from tests.generate import policies

LANGUAGES: tuple[Lang, ...] = ("en", "zh")


def read(text: str) -> ast.Policy:
    """The tree of a text in which nothing is wrong."""
    policy, problems = parse(Source(text))
    assert [problem.message() for problem in problems] == [], text
    return policy


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(policies())
def test_a_policy_reads_back_in_either_language(policy: ast.Policy) -> None:
    for lang in LANGUAGES:
        text = format_policy(policy, lang)
        again = read(text)
        assert again == policy, text
        assert format_policy(again, lang) == text


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(policies())
def test_there_and_back_gives_the_same_bytes(policy: ast.Policy) -> None:
    english, chinese = (format_policy(policy, lang) for lang in LANGUAGES)
    assert format_policy(read(chinese), "en") == english
    assert format_policy(read(english), "zh") == chinese
