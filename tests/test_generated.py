"""Generated policies, from their text to their decisions: nothing fails, and both languages decide alike."""

from datetime import date

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dsl import ast
from dsl.checker import check, compile_policy
from dsl.formatter import format_policy
from dsl.parser import parse
from dsl.source import Source
from engine.decision import to_json
from engine.engines import decide
from engine.facts import read_facts
from tests.corpus import settled, sums, without_lines
from tests.generate import checked, facts_for, policies

DAY = date(2026, 6, 30)
# A policy takes minutes to shrink and shows what it is about as it is: no shrinking.
quickly = settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@quickly
@given(policies())
def test_the_checker_accepts_what_is_generated(tree: ast.Policy) -> None:
    text = format_policy(tree)
    policy, problems = check(Source(text))
    assert policy is not None, [problem.message() for problem in problems]


@quickly
@given(st.data())
def test_points_add_up_and_both_languages_decide_alike(data: st.DataObject) -> None:
    policy = data.draw(checked())
    tree, _ = parse(policy.source)
    chinese = compile_policy(Source(format_policy(tree, "zh")))
    english = compile_policy(Source(format_policy(tree, "en")))
    for _ in range(3):
        raw = data.draw(facts_for(policy))
        decisions = [
            settled(to_json(decide(each, read_facts(each, raw), as_of=DAY))) for each in (english, chinese)
        ]
        assert without_lines(decisions[0]) == without_lines(decisions[1]), english.source.text
        for name, points, score in sums(decisions[0]):
            assert points == score, (name, english.source.text, raw)
