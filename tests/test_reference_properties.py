"""Laws that hold for every policy and every customer: soundness above all, then what follows from the shape
of an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Column, Declaration, IsUnknown, Read
from dsl.types import DURATION, MONEY
from engine.calendar import duration_text
from engine.decision import (
    NOT_APPLICABLE,
    BenefitGrant,
    Decision,
    Held,
    Possible,
    Range,
    Shown,
    dumps,
    to_json,
)
from engine.facts import Facts, parse_json, read_facts
from engine.facts_values import Reader
from engine.masking import masked_word
from engine.reference import Explain
from engine.wording import renamed, texts_of
from tests.engines import decide
from tests.generate import Raw, checked, facts_for
from tests.own_examples import run_examples

DAY = date(2026, 6, 30)
LANGS: tuple[Lang, ...] = ("en", "zh")
EXPLAIN: tuple[Explain, ...] = ("none", "reasons", "full")
SLOW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def nodes(node: object) -> Iterator[object]:
    """Everything inside a policy."""
    yield node
    if is_dataclass(node):
        for each in fields(node):
            yield from nodes(getattr(node, each.name))
    elif isinstance(node, tuple | Mapping):
        for item in node.values() if isinstance(node, Mapping) else node:
            yield from nodes(item)


def asks_for_unknown(policy: CheckedPolicy) -> bool:
    """Whether the policy treats the unknown on purpose: then learning more may change what was decided."""
    return any(
        isinstance(node, IsUnknown) or (isinstance(node, Column) and node.has_unknown)
        for node in nodes(policy)
    )


@st.composite
def customers(draw: st.DrawFn) -> tuple[CheckedPolicy, Facts, Facts]:
    """A policy, a customer, and the same customer with fewer facts known."""
    policy = draw(checked())
    raw: Raw = draw(facts_for(policy))
    facts = read_facts(policy, raw)
    lost = draw(st.sets(st.sampled_from(sorted(facts.known)))) if facts.known else set()
    known = {key: value for key, value in facts.known.items() if key not in lost}
    return policy, facts, Facts(known)


# ---------------------------------------------------------------- soundness


@SLOW
@given(customers())
def test_filling_in_a_fact_gives_an_answer_within_what_was_possible(
    case: tuple[CheckedPolicy, Facts, Facts],
) -> None:
    policy, full, partial = case
    before = decide(policy, partial, as_of=DAY)
    after = decide(policy, full, as_of=DAY)
    if asks_for_unknown(policy):
        return
    if before.status == "not_applicable":
        assert after.status == "not_applicable"
        return
    if after.status == "not_applicable":
        assert all(outcome.possible[-1] == NOT_APPLICABLE for outcome in before.tiers.values())
        assert all(grant.possible for grant in before.benefits)
        return
    assert_within(before, after)


def assert_within(before: Decision, after: Decision) -> None:
    for key, outcome in after.tiers.items():
        assert set(outcome.possible) <= set(before.tiers[key].possible)
    for part in ("scores", "values", "segments", "tags"):
        for key, shown in getattr(after, part).items():
            assert within(shown, getattr(before, part)[key]), (part, key)
    assert set(after.missing) <= set(before.missing)
    for key in after.scores:
        assert within(held_back(after, key), held_back(before, key)), key
    granted = {(each.benefit, each.stage): each for each in before.benefits}
    for grant in after.benefits:
        assert benefit_within(grant, granted[grant.benefit, grant.stage])
    kept = {(grant.benefit, grant.stage) for grant in after.benefits if not grant.possible}
    assert {key for key, grant in granted.items() if not grant.possible} <= kept
    advised = {given.rule: given for given in before.advice}
    for given_ in after.advice:
        assert given_.rule in advised
    surely = {given_.rule for given_ in after.advice if not given_.possible}
    assert {rule for rule, given_ in advised.items() if not given_.possible} <= surely


def held_back(decision: Decision, score: str) -> Shown:
    """What a score's bounds have added, by the reasons."""
    rule = f"{score}.bounds"
    return next((reason.gives for reason in decision.reasons if reason.rule == rule), Decimal(0))


def benefit_within(after: BenefitGrant, before: BenefitGrant) -> bool:
    return within(after.value, before.value) and (before.possible or not after.possible)


def within(after: Shown, before: Shown) -> bool:
    """Whether everything that a result may be it could be before."""
    match before, after:
        case None, _:
            return True
        case Range(low, high), _:
            ends = (after.min, after.max) if isinstance(after, Range) else (after, after)
            return (low is None or size(low) <= size(ends[0])) and (
                high is None or size(high) >= size(ends[1])
            )
        case Possible(values), _:
            return set(after.values if isinstance(after, Possible) else (after,)) <= set(values)
        case Held(held, possible), _:
            now, may = (after.held, after.possible) if isinstance(after, Held) else (after, ())
            assert isinstance(now, tuple)
            return set(held) <= set(now) and set(now) | set(may) <= set(held) | set(possible)
        case _:
            return before == after


def size(value: object) -> Decimal:
    if isinstance(value, str):
        read = Reader("", "", None).read(value, DURATION)
        assert isinstance(read, Decimal), value
        return read
    assert isinstance(value, Decimal)
    return value


# ---------------------------------------------------------------- the shape of answers


@SLOW
@given(customers())
def test_the_points_of_a_score_add_up(case: tuple[CheckedPolicy, Facts, Facts]) -> None:
    policy, full, partial = case
    for facts in (full, partial):
        decision = decide(policy, facts, as_of=DAY)
        for key, shown in decision.scores.items():
            points = [
                reason.gives for reason in decision.reasons if reason.about == "score" and reason.key == key
            ]
            assert all(low is None or high is None or low <= high for low, high in map(ends, points))
            if all(isinstance(each, Decimal) for each in points):
                assert sum(ends(each)[0] or 0 for each in points) == shown
            # The score lies within the sum of the ranges; an end that is open has no sum.
            lows, highs = [ends(each)[0] for each in points], [ends(each)[1] for each in points]
            low, high = ends(shown)
            if None not in lows:
                assert low is not None
                assert sum(each for each in lows if each is not None) <= low
            if None not in highs:
                assert high is not None
                assert sum(each for each in highs if each is not None) >= high


def ends(shown: Shown) -> tuple[Decimal | None, Decimal | None]:
    low, high = (shown.min, shown.max) if isinstance(shown, Range) else (shown, shown)
    assert low is None or isinstance(low, Decimal)
    assert high is None or isinstance(high, Decimal)
    return low, high


def masked_in(lang: Lang, assumed: object) -> object:
    """The one word of `assumed` that is the answer's own."""
    assert isinstance(assumed, dict)
    return {key: masked_word(lang) if each == masked_word("en") else each for key, each in assumed.items()}


def translated(key: str, shown: Shown, policy: CheckedPolicy, lang: Lang) -> Shown:
    """What a value, a choice or tags gave, said in English, in another language."""
    declared: Declaration = (policy.values | policy.choices | policy.tags)[key]
    return renamed(shown, {text.in_lang("en"): text.in_lang(lang) for text in texts_of(declared, policy)})


@SLOW
@given(customers(), st.sampled_from(LANGS), st.sampled_from(EXPLAIN))
def test_the_answer_is_json_and_says_the_same_in_either_language(
    case: tuple[CheckedPolicy, Facts, Facts], lang: Lang, explain: Explain
) -> None:
    policy, _, partial = case
    english = decide(policy, partial, as_of=DAY)
    decision = decide(policy, partial, as_of=DAY, lang=lang, explain=explain)
    plain, other = to_json(english), to_json(decision)
    for part in ("status", "scores", "missing"):
        assert other[part] == plain[part]
    for one, same in (
        (english.values, decision.values),
        (english.segments, decision.segments),
        (english.tags, decision.tags),
    ):
        assert same == {key: translated(key, each, policy, lang) for key, each in one.items()}
    assert other["assumed"] == masked_in(lang, plain["assumed"])
    read = parse_json(dumps(other))
    assert isinstance(read, dict)
    assert set(plain) == set(read) - {"why_not"}
    assert ("why_not" in read) == (explain == "full")
    assert explain != "none" or read["reasons"] == []


@SLOW
@given(customers())
def test_undecided_answers_name_a_cause_and_decided_ones_none(
    case: tuple[CheckedPolicy, Facts, Facts],
) -> None:
    policy, full, partial = case
    for facts in (full, partial):
        decision = decide(policy, facts, as_of=DAY)
        assert (decision.why is None) == (decision.status == "decided")
        if decision.status == "undetermined":
            divided = any(reason.about == "division" for reason in decision.reasons)
            assert decision.missing or divided
        for key in decision.missing:
            assert facts.get(key) is None
        if set(facts.known) == set(policy.facts):
            assert decision.missing == ()


@SLOW
@given(customers())
def test_a_fact_that_nothing_reads_changes_nothing(case: tuple[CheckedPolicy, Facts, Facts]) -> None:
    policy, full, _ = case
    fact = next(iter(policy.facts.values()))
    stranger = replace(fact, name="stranger", key="stranger", type=MONEY, default=None)
    wider = replace(policy, facts={**policy.facts, "stranger": stranger})
    known = Facts({**full.known, "stranger": Decimal(7)}, full.assumed)
    assert decide(wider, known, as_of=DAY) == decide(policy, full, as_of=DAY)


@SLOW
@given(checked())
def test_what_is_read_is_declared_and_examples_run(policy: CheckedPolicy) -> None:
    keys = {*policy.facts, *policy.params, *policy.order}
    assert {node.key for node in nodes(policy) if isinstance(node, Read)} <= keys
    assert len(run_examples(policy, today=DAY)) == len(policy.examples)


@given(st.decimals(-(10**9), 10**9, places=6))
def test_durations_are_read_as_they_are_written(seconds: Decimal) -> None:
    assert size(duration_text(seconds)) == seconds
