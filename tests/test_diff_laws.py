"""Differences in words, over generated policies: nothing where nothing is another, the right rule where one is."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from dsl import ast
from dsl.checker import check
from dsl.formatter import format_policy
from dsl.keywords import Lang
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine.decision import to_json
from engine.engines import decide
from engine.facts import read_facts
from policies.registry.diff import Difference, differences, sentence
from tests.generate import facts_for, policies
from tests.mutations import HARMLESS, MAKERS, Edit, Makers

DAY = date(2026, 6, 30)
MIRRORED = {"added": "removed", "removed": "added"}
# A policy takes minutes to shrink and shows what it is about as it is: no shrinking.
quickly = settings(
    max_examples=30,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
LANGUAGES: tuple[Lang, ...] = ("en", "zh")
LANGS = st.sampled_from(LANGUAGES)


def read(tree: ast.Policy, lang: Lang = "en") -> CheckedPolicy | None:
    """The policy of a tree, where the checker accepts it."""
    policy, _ = check(Source(format_policy(tree, lang)))
    return policy


def known(tree: ast.Policy, lang: Lang = "en") -> CheckedPolicy:
    """The policy of a tree that the checker accepts."""
    policy = read(tree, lang)
    assume(policy is not None)
    assert policy is not None
    return policy


def edited(data: st.DataObject, tree: ast.Policy, makers: Makers = MAKERS) -> tuple[Edit, CheckedPolicy]:
    """An edit of the policy, of each kind as often as of another, that the checker accepts."""
    by_kind = [found for make in makers if (found := list(make(tree)))]
    edit = data.draw(st.sampled_from(data.draw(st.sampled_from(by_kind))))
    return edit, known(edit.tree, data.draw(LANGS))


def told(found: tuple[Difference, ...]) -> list[str]:
    """The sentences, for whoever reads why a test failed."""
    return [f"{item.kind} {item.rule}: {sentence(item, 'en')}" for item in found]


@quickly
@given(policies())
def test_a_policy_does_not_differ_from_itself_nor_from_its_translation(tree: ast.Policy) -> None:
    english, chinese = known(tree), known(tree, "zh")
    assert differences(english, english) == ()
    assert told(differences(english, chinese)) == []
    assert told(differences(chinese, english)) == []


@settings(quickly, max_examples=80)
@given(st.data())
def test_one_edit_is_told_of_its_rule_and_of_no_other(data: st.DataObject) -> None:
    tree = data.draw(policies())
    edit, new = edited(data, tree)
    found = differences(known(tree), new)
    if not edit.rules:
        assert told(found) == []
        return
    assert len(found) == 1, (edit.what, told(found))
    (item,) = found
    assert (item.kind, item.decides) == (edit.kind, edit.decides), (edit.what, told(found))
    assert any(fnmatchcase(item.rule, rule) for rule in edit.rules), (edit.what, told(found))


@settings(quickly, max_examples=30)
@given(st.data())
def test_every_difference_can_be_said_and_goes_both_ways(data: st.DataObject) -> None:
    old, new = known(data.draw(policies())), known(data.draw(policies()))
    there, back = differences(old, new), differences(new, old)
    for item in (*there, *back):
        assert sentence(item, "en").strip()
        assert sentence(item, "zh").strip()
    kinds = Counter(MIRRORED.get(item.kind, item.kind) for item in there if item.kind in MIRRORED)
    assert kinds == Counter(item.kind for item in back if item.kind in MIRRORED), (told(there), told(back))


@settings(quickly, max_examples=30)
@given(st.data())
def test_where_nothing_decides_everybody_is_graded_alike(data: st.DataObject) -> None:
    tree = data.draw(policies())
    _, new = edited(data, tree, HARMLESS)
    old = known(tree)
    assume(not any(item.decides for item in differences(old, new)))
    for _ in range(3):
        raw = data.draw(facts_for(old))
        assert decided(old, raw) == decided(new, raw), (old.source.text, new.source.text)


def decided(policy: CheckedPolicy, raw: dict[str, object]) -> dict[str, Any]:
    """What the reference decides, without the words that it says it in."""
    answer: dict[str, Any] = to_json(
        decide(policy, read_facts(policy, raw), as_of=DAY, engine="reference", at=None)
    )
    kept = {key: answer[key] for key in ("status", "scores", "values", "segments", "tags", "assumed")}
    kept["missing"] = sorted(answer["missing"])
    kept["tiers"] = {key: {**tier, "label": None} for key, tier in answer["tiers"].items()}
    kept["benefits"] = sorted(
        (each["benefit"], str(each["value"]), str(each["stage"])) for each in answer["benefits"]
    )
    kept["advice"] = sorted((each["action"], str(each["to"])) for each in answer["advice"])
    return kept
