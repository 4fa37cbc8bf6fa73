"""Every policy that comes along, whatever it says: its form, both languages, its tests, and that pages list it."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dsl.diagnostics import Lang
from dsl.formatter import format_policy
from dsl.model import CheckedPolicy, Points, PointsPer, Text
from dsl.parser import parse
from dsl.source import Source
from engine.decision import Decision
from policies.registry.files import CheckedFile, check_file, check_source, loader, read_source
from policies.registry.rule_coverage import unseen
from policies.registry.tests import cases_in, cases_of, run_case
from policies.registry.tests import tests_beside as files_beside
from tests.own_examples import run_examples

ROOT = Path(__file__).parent.parent
POLICIES = sorted((ROOT / "policies").glob("*.tier"))
DAY = date(2026, 6, 1)

# Written without spaces on purpose; `test_policies.py` says how.
COMPACT = "b2b_grading_zh_compact"

# Warnings that a policy is there to show, or that a later version takes away; see docs/policies.md.
WARNINGS = {
    "protected_attributes": ["W901", "W901"],
}

# Orders alone bring at most 50 points, and the ladder shares its thresholds with one that goes to 100.
UNREACHABLE = {name: ["base_grade.A", "base_grade.B"] for name in ("b2b_grading", "b2b_grading_zh", COMPACT)}

# What grading needs that needs neither events nor the whole customer base; a row of docs/policies.md begins with each.
MODELS = (
    "quantitative + variable score",
    "negative points",
    "value model",
    "four classes",
    "RFM by fixed bands",
    "account routing",
    "service effort",
    "benefit matrix",
    "membership and spend classes",
    "parallel classes",
    "cross-selling",
    "roles",
    "telecom variables",
    "prospects",
    "purchase likelihood",
    "products: cash-flow",
    "products by grade and industry",
    "need → offer",
    "LTV/CAC > 3",
    "volume rebate",
    "poor data",
    "start small",
    "sensitive attributes",
    "up in the period, down deferred",
    "reviews on the anniversary",
    "down at once on a refund",
)

# Policies whose tiers move. What they promise is shown in dates.
MOVING = (
    "airline_year",
    "b2b_grading",
    "b2b_grading_zh",
    COMPACT,
    "bank_rating",
    "distributor_levels",
    "hotel_year",
    "shop_levels",
)

each_policy = pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)


def lang_of(source: Source) -> Lang:
    """The language of a policy's keywords: that of its first statement."""
    first = next(line for line in source.text.splitlines() if line and not line.startswith("#"))
    return "en" if first.startswith("policy ") else "zh"


def checked(path: Path) -> tuple[CheckedFile, CheckedPolicy]:
    found = check_file(path)
    assert found.policy is not None, [item.message() for item in found.diagnostics]
    return found, found.policy


def test_half_are_in_each_language() -> None:
    langs = [lang_of(read_source(path)) for path in POLICIES]
    assert len(langs) >= 25
    assert abs(langs.count("en") - langs.count("zh")) <= len(langs) // 5


@each_policy
def test_checks_without_warnings_that_could_be_avoided(path: Path) -> None:
    found, _ = checked(path)
    assert [item.code.code for item in found.diagnostics] == WARNINGS.get(path.stem, [])


@each_policy
def test_is_as_the_formatter_writes_it(path: Path) -> None:
    source = read_source(path)
    if path.stem != COMPACT:
        assert format_policy(parse(source)[0], lang_of(source)) == source.text


@each_policy
def test_holds_its_examples_in_the_other_language(path: Path) -> None:
    source = read_source(path)
    other: Lang = "zh" if lang_of(source) == "en" else "en"
    text = format_policy(parse(source)[0], other)
    found = check_source(Source(text, source.name), loader(path))
    assert found.policy is not None, [item.message() for item in found.diagnostics]
    results = run_examples(found.policy, today=DAY)
    assert len(results) >= 2
    for result in results:
        assert result.passed, result


@each_policy
def test_tests_hold_and_see_every_rule_act(path: Path) -> None:
    _, policy = checked(path)
    beside = files_beside(str(path))
    assert [Path(name).name for name in beside] == [f"{path.stem}.tests.yaml"]
    cases = [*cases_in(policy), *(case for name in beside for case in cases_of(policy, name))]
    assert len(cases) >= 4
    decisions: list[Decision] = []
    for case in cases:
        result = run_case(policy, case, today=DAY, engine="reference")
        assert result.passed, (case.name, result.problems)
        assert result.decisions
        decisions += result.decisions
    assert [rule.name for rule in unseen(policy, decisions)] == UNREACHABLE.get(path.stem, [])


@each_policy
def test_what_staff_read_stands_in_both_languages(path: Path) -> None:
    _, policy = checked(path)
    if path.stem == COMPACT:
        return  # the shortest way to write the worked example, in one language
    assert [name for name, label in shown(policy) if label is None or label.translation is None] == []


def shown(policy: CheckedPolicy) -> Iterator[tuple[str, Text | None]]:
    """What an answer may show to staff, by name; a member without a label shows its name."""
    types = [each.type for each in policy.ladders.values()]
    types += [each.type for each in policy.choices.values()]
    types += [each.type.item for each in policy.tags.values() if each.type.item is not None]
    for member in (member for each in types for member in each.members):
        yield member.name, Text(member.label or member.name, member.translation)
    for fact in policy.facts.values():
        yield fact.name, fact.label
    for score in policy.scores.values():
        yield from ((part.rule, part.label) for part in score.parts if isinstance(part, Points | PointsPer))
    for ladder in policy.ladders.values():
        yield from ((limit.rule, limit.label) for limit in (*ladder.floors, *ladder.caps))
    for movement in policy.movements.values():
        yield from ((drop.rule, drop.label) for drop in movement.drops)
        yield from ((hold.rule, hold.label) for hold in movement.holds if hold.label is not None)
    yield from ((each.rule, each.action) for each in policy.advice)


# ---------------------------------------------------------------- policies that move


def test_which_policies_move() -> None:
    assert [path.stem for path in POLICIES if checked(path)[1].movements] == list(MOVING)


@pytest.mark.parametrize("name", MOVING)
def test_stories_see_every_move_that_is_promised(name: str) -> None:
    """Each way up and down, each notice and each hold acts in a story, and somebody stays where the facts say less."""
    _, policy = checked(ROOT / "policies" / f"{name}.tier")
    (movement,) = policy.movements.values()
    acted: set[str | None] = set()
    kept = False
    for decision in decided_over_time(policy, ROOT / "policies" / f"{name}.tests.yaml"):
        assert decision.over_time is not None
        acted |= {each.rule for each in decision.over_time.transitions}
        acted |= {state.outcome.held_by for state in decision.over_time.states.values()}
        kept |= any(each.why is not None for each in decision.over_time.ladders.values())
    promised = [each.rule for each in (movement.up, movement.down, *movement.drops)]
    promised += [hold.rule for hold in movement.holds]
    promised += [] if movement.notice is None else [movement.notice.rule]
    promised += [cap.rule for cap in policy.ladders[movement.ladder].caps if cap.at_once]
    assert [rule for rule in promised if rule not in acted] == []
    assert kept


def decided_over_time(policy: CheckedPolicy, tests: Path) -> list[Decision]:
    """The decisions of every date of a policy's stories."""
    cases = [*cases_in(policy), *cases_of(policy, str(tests))]
    stories = [case for case in cases if case.story is not None]
    assert len(stories) >= 3
    return [
        each for case in stories for each in run_case(policy, case, today=DAY, engine="reference").decisions
    ]


# ---------------------------------------------------------------- what the pages say


def rows_of(page: Path) -> list[list[str]]:
    """The rows of a page's tables, as their cells."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]


def linked(cell: str) -> list[str]:
    return re.findall(r"\(.*?policies/(\w+)\.tier\)", cell)


@pytest.mark.parametrize("page", ["README.md", "docs/policies.md"])
def test_every_policy_is_listed(page: str) -> None:
    listed = {name for row in rows_of(ROOT / page) for cell in row for name in linked(cell)}
    assert listed == {path.stem for path in POLICIES}


def test_the_page_says_the_language_of_each() -> None:
    named = {name: row[2] for row in rows_of(ROOT / "docs/policies.md") for name in linked("|".join(row))}
    for path in POLICIES:
        assert named[path.stem] == {"en": "English", "zh": "中文"}[lang_of(read_source(path))], path.stem


@pytest.mark.parametrize("model", MODELS)
def test_every_model_that_needs_neither_events_nor_the_base_has_a_policy(model: str) -> None:
    found = [row for row in rows_of(ROOT / "docs/policies.md") if row[0].startswith(model)]
    assert len(found) == 1, found
    assert linked(found[0][1])


# ---------------------------------------------------------------- what single policies are there to show


@pytest.mark.parametrize("fact", ["gender", "faith"])
@pytest.mark.parametrize("where", ["grade", "benefit", "score"])
def test_protected_facts_must_not_decide(fact: str, where: str) -> None:
    reading = {
        "grade": f'  at least B when {fact} is not unknown "Told us"\n',
        "benefit": f"benefit gift: yes/no, when {fact} is not unknown\n",
        "score": f'score warmth\n  told: +5 when {fact} is not unknown "Told us"\n',
    }
    path = ROOT / "policies" / "protected_attributes.tier"
    text = path.read_text(encoding="utf-8")
    place = "\nbenefit discount"
    changed = text.replace(place, reading[where] + place, 1)
    assert changed != text
    found = check_source(Source(changed, path.name), loader(path))
    assert [item.code.code for item in found.diagnostics if item.severity == "error"] == ["E901"]


def test_the_pack_brings_its_facts_and_parameters() -> None:
    _, pack = checked(ROOT / "policies" / "telecom_pack.tier")
    _, user = checked(ROOT / "policies" / "telecom.tier")
    assert set(user.facts) == set(pack.facts)
    assert set(user.params) == set(pack.params)


def test_a_higher_grade_is_never_worse_off() -> None:
    """The checker reports a row of a matrix that turns (W603); here it has nothing to report."""
    path = ROOT / "policies" / "benefit_matrix.tier"
    text = path.read_text(encoding="utf-8")
    turned = re.sub(r"(下单折扣 .*?\| )15%( +\| )10%", r"\g<1>8%\g<2>15%", text)
    assert turned != text
    codes = [item.code.code for item in check_source(Source(turned, path.name)).diagnostics]
    assert "W603" in codes


# ---------------------------------------------------------------- which tests are whose


def test_tests_belong_to_the_policy_that_they_name(tmp_path: Path) -> None:
    body = "tests:\n  - {name: One, expect: {status: decided}}\n"
    texts = {
        "a": body,  # names none, so it is a.tier's
        "more": f"# beside b.tier\npolicy: a.tier\n{body}",
        "b": f"policy: a.tier\n{body}",
        "broken": "policy: a.tier\n  - [",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.tests.yaml").write_text(text, encoding="utf-8")
    found = {
        name: [Path(file).name for file in files_beside(str(tmp_path / f"{name}.tier"))] for name in "ab"
    }
    assert found == {"a": ["a.tests.yaml", "b.tests.yaml", "more.tests.yaml"], "b": []}
