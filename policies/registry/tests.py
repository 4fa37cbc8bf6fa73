"""Running the tests of a policy: the examples in it, and the `*.tests.yaml` files beside it.

Examples explain a rule where it stands; a file of tests holds the many cases that nobody wants to read in the
policy:

    policy: b2b_grading.tier        # may be left out in b2b_grading.tests.yaml
    tests:
      - name: Customer A
        on: 2026-06-30              # the effective date where it is left out
        given: {order_amount: 500000, referrals: 2, stage: contract, days_overdue: 30 days}
        expect: {total: 35, grade: D, order_discount: 5%, missing: [listed]}

`given` are facts as a caller would send them. `expect` names scores, values, ladders, segments, tags and
benefits; of a list one comes out or, where it is not decided, exactly these stay possible (for tags: these must
be among them); `{possible: [C, D]}` of a ladder or a segment is for what stays possible only,
`{min: 20, max: 40}` a range, `unknown` not decided, `none` not granted. Beside them may stand `status`,
`missing`, and `possible`: the main ladder's tiers that stay possible, all of them. A test with `steps` runs
through time (`policies.registry.stories`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date

from dsl.diagnostics import Lang, did_you_mean
from dsl.model import CheckedPolicy
from engine.decision import Decision
from engine.engines import decide
from engine.examples import difference
from engine.facts import Facts, FactsError, facts_of, read_facts
from engine.facts_problems import FactProblem, pointer
from policies.registry.expectations import Both, Check, read_expectations
from policies.registry.files import SUFFIX as POLICY_SUFFIX
from policies.registry.files import FileProblem, read_bytes
from policies.registry.stories import Dated, Story, story_from, story_of
from policies.registry.yaml import BrokenTests, Item, YamlProblem, read_yaml

SUFFIX = ".tests.yaml"

# Each language, and what it puts between two parts of a sentence.
LANGS: tuple[tuple[Lang, str], ...] = (("en", "; "), ("zh", "；"))

# In bytes; some ten thousand cases.
LARGEST_TESTS = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Case:
    """One test: who calls it what and where, the facts, the day, and what is expected."""

    name: str
    file: str
    line: int
    on: date | None
    facts: Facts | FactsError
    checks: tuple[Check, ...]
    story: Story | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """How a case went: nothing in `problems` means well. `decisions` are there unless its facts were refused: one, or
    of a story one a date. `places` says of each problem of a story which date it belongs to.
    """

    case: Case
    decisions: tuple[Decision, ...]
    problems: tuple[Both, ...]
    places: tuple[int, ...] = ()

    @property
    def decision(self) -> Decision | None:
        """The decision, of a story the last one; None where the facts were refused."""
        return self.decisions[-1] if self.decisions else None

    @property
    def passed(self) -> bool:
        return not self.problems


def tests_beside(path: str) -> tuple[str, ...]:
    """The files of tests in a policy's folder that belong to it, by name."""
    policy = os.path.basename(path)
    return tuple(
        file
        for file in _tests_in(os.path.dirname(path))
        if _mentions(file, policy) and _policy_of(file) == policy
    )


def _mentions(file: str, policy: str) -> bool:
    """Whether a file of tests may belong to a policy: it is named after it, or its text has the policy's name.

    Most files of a folder are not, and reading all of them as YAML for every policy would take its square.
    """
    if os.path.basename(file) == policy.removesuffix(".tier") + SUFFIX:
        return True
    try:
        return os.fsencode(policy) in read_bytes(file, LARGEST_TESTS)
    except FileProblem:
        return False  # said when the policy that it is named after is tested


def astray(folder: str) -> Iterator[tuple[str, YamlProblem]]:
    """The files of tests in a folder that name a policy which is not there, so that nothing would run them."""
    policies = sorted(name for name in os.listdir(folder or ".") if name.endswith(POLICY_SUFFIX))
    for file in _tests_in(folder):
        name = _policy_of(file)
        if not os.path.isfile(os.path.join(folder, name)) or os.path.basename(name) != name:
            hint = did_you_mean(name, policies) or (
                "`policy` is the name of a file in the same folder",
                "`policy` 应为同一文件夹中的文件名",
            )
            en = f"there is no policy `{name}` beside these tests; {hint[0]}"
            yield file, YamlProblem(1, en, f"同一文件夹中没有政策 `{name}`；{hint[1]}")


def _tests_in(folder: str) -> tuple[str, ...]:
    names = sorted(name for name in os.listdir(folder or ".") if name.endswith(SUFFIX))
    return tuple(os.path.join(folder, name) for name in names)


def _policy_of(path: str) -> str:
    """The policy that a file of tests names, else the one that it is named after."""
    own = os.path.basename(path).removesuffix(SUFFIX) + POLICY_SUFFIX
    try:
        content = read_tests_file(path).value
    except (YamlProblem, FileProblem):
        return own  # what is wrong with it is said when it is run
    named = content.get("policy") if isinstance(content, dict) else None
    return named.value if named is not None and isinstance(named.value, str) else own


def read_tests_file(path: str) -> Item:
    """A file of tests as YAML. Raises `FileProblem` and `YamlProblem`."""
    data = read_bytes(path, LARGEST_TESTS)
    try:
        return read_yaml(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise YamlProblem(
            line, "is not UTF-8 text; save it as UTF-8", "不是 UTF-8 文本，请存为 UTF-8"
        ) from error


# ---------------------------------------------------------------- cases


def cases_in(policy: CheckedPolicy) -> Iterator[Case]:
    """The examples in a policy."""
    for example in policy.examples:
        try:
            facts: Facts | FactsError = facts_of(policy, example.given)
        except FactsError as error:
            facts = error
        checks = tuple(Check(expectation=each) for each in example.expect)
        story = story_of(policy, example) if example.steps else None
        line = policy.line(example.span)
        yield Case(example.name, policy.source.name, line, example.on, facts, checks, story)


def cases_of(policy: CheckedPolicy, path: str) -> tuple[Case, ...]:
    """The cases in a file of tests.

    Raises `FileProblem`, and `BrokenTests` with everything that is wrong: where an entry is, the facts that
    the policy refuses are named as well.
    """
    try:
        content = read_tests_file(path)
    except YamlProblem as problem:
        raise BrokenTests([problem]) from problem
    return cases_from(policy, path, content)


def cases_from(policy: CheckedPolicy, path: str, file: Item) -> tuple[Case, ...]:
    """The cases in a file of tests that was read already; `path` is what it is called. Raises `BrokenTests`."""
    wrong: list[YamlProblem] = []
    content = fields(file, ("a file of tests", "测试文件"), wrong, {"policy", "tests"})
    named = content.get("policy")
    if named is not None and not isinstance(named.value, str):
        wrong.append(YamlProblem(named.line, "`policy` is the name of a file", "`policy` 应为文件名"))
    tests = content.get("tests")
    if tests is not None and isinstance(tests.value, tuple):
        items = tests.value
    else:
        items = ()
        if not wrong:
            wrong.append(YamlProblem(1, "a list is expected under `tests`", "`tests` 下应为列表"))
    cases = tuple(_case(policy, path, item, wrong) for item in items)
    if wrong:
        refused = (each for case, item in zip(cases, items, strict=True) for each in _refused(case, item))
        raise BrokenTests([*wrong, *refused])
    return cases


def _case(policy: CheckedPolicy, path: str, item: Item, wrong: list[YamlProblem]) -> Case:
    """One entry as a case; what is wrong with it is noted."""
    before = len(wrong)
    parts = fields(item, ("a test", "测试"), wrong, {"name", "on", "given", "expect", "steps"})
    name = parts.get("name")
    called = name.value if name is not None and isinstance(name.value, str) else ""
    if not called and isinstance(item.value, dict):
        wrong.append(YamlProblem(item.line, "a test needs a `name`", "测试需要 `name`"))
    given = fields(parts.get("given", Item({}, item.line)), ("`given`", "`given`"), wrong)
    expected = fields(parts.get("expect", Item({}, item.line)), ("`expect`", "`expect`"), wrong)
    if not expected and "steps" not in parts and len(wrong) == before:
        wrong.append(YamlProblem(item.line, f"`{called}` expects nothing", f"`{called}` 没有写 `expect`"))
    try:
        facts: Facts | FactsError = read_facts(policy, {key: each.plain() for key, each in given.items()})
    except FactsError as error:
        facts = error
    checks = read_expectations(policy, expected, wrong)
    on, steps = _day(parts.get("on"), wrong), parts.get("steps")
    if steps is None:
        return Case(called, path, item.line, on, facts, checks)
    raw = {key: each.plain() for key, each in given.items()}
    story = _story(policy, steps, (on, raw, checks), wrong)
    return Case(called, path, item.line, on, Facts(), (), story)


def _story(
    policy: CheckedPolicy,
    item: Item,
    head: tuple[date | None, Mapping[str, object], tuple[Check, ...]],
    wrong: list[YamlProblem],
) -> Story | None:
    """The steps of a test, `- {on: 2026-03-01, given: {…}, expect: {…}}`; what is wrong with them is noted.

    `head` is what stands beside them: a date of its own where it has one.
    """
    items = item.value if isinstance(item.value, tuple) else ()
    if not items:
        wrong.append(YamlProblem(item.line, "`steps` is a list of dates", "`steps` 应为日期列表"))
    on, given, checks = head
    if on is None and checks:
        en, zh = "`expect` beside `steps` needs a date `on`", "与 `steps` 并列的 `expect` 需有日期 `on`"
        wrong.append(YamlProblem(item.line, en, zh))
    dates = [] if on is None else [Dated(on, {}, checks)]
    for each in items:
        step = _step(policy, each, wrong)
        if step is None:
            continue
        if dates and step.on <= dates[-1].on:
            en, zh = f"{step.on} does not come after {dates[-1].on}", f"{step.on} 没有晚于 {dates[-1].on}"
            wrong.append(YamlProblem(each.line, en, zh))
        dates.append(step)
    if not any(each.checks for each in dates):
        wrong.append(YamlProblem(item.line, "the steps expect nothing", "各步骤都没有写 `expect`"))
    return story_from(policy, given, dates) if dates else None


def _step(policy: CheckedPolicy, item: Item, wrong: list[YamlProblem]) -> Dated | None:
    parts, nothing = fields(item, ("a step", "步骤"), wrong, {"on", "given", "expect"}), Item({}, item.line)
    given = fields(parts.get("given", nothing), ("`given`", "`given`"), wrong)
    expected = fields(parts.get("expect", nothing), ("`expect`", "`expect`"), wrong)
    checks = read_expectations(policy, expected, wrong)
    on = _day(parts.get("on"), wrong)
    if on is None:
        wrong.append(YamlProblem(item.line, "a step needs a date `on`", "步骤需有日期 `on`"))
        return None
    return Dated(on, {key: each.plain() for key, each in given.items()}, checks)


def _refused(case: Case, item: Item) -> Iterator[YamlProblem]:
    """The facts of a case that the policy refuses, each on its line."""
    if not isinstance(case.facts, FactsError):
        return
    given = item.value.get("given") if isinstance(item.value, dict) else None
    names = given.value if given is not None and isinstance(given.value, dict) else {}
    lines = {pointer(name): part.line for name, part in names.items()}
    for each in case.facts.problems:
        yield YamlProblem(lines.get(each.pointer, item.line), *_told(each))


def _told(problem: FactProblem) -> Both:
    """What is wrong with a fact, and what to do about it."""
    en, zh = (
        problem.message(lang) + (sign + problem.help(lang) if problem.help(lang) else "")
        for lang, sign in LANGS
    )
    return en, zh


def fields(
    item: Item, what: Both, wrong: list[YamlProblem], known: Set[str] | None = None
) -> Mapping[str, Item]:
    """The named parts of something; that there are none, and a name that is not `known`, is noted."""
    if not isinstance(item.value, dict):
        en, zh = f"{what[0]} is written as names and values", f"{what[1]}应写成名称与值"
        wrong.append(YamlProblem(item.line, en, zh))
        return {}
    for name, part in item.value.items():
        if known is not None and name not in known:
            words = ", ".join(f"`{word}`" for word in sorted(known))
            en, zh = f"{what[0]} has no `{name}`; it has {words}", f"{what[1]}没有 `{name}`，可用：{words}"
            wrong.append(YamlProblem(part.line, en, zh))
    return item.value


def _day(item: Item | None, wrong: list[YamlProblem]) -> date | None:
    if item is None or item.value is None:
        return None
    try:
        return date.fromisoformat(str(item.value))
    except ValueError:
        text = f"`{item.value}`"
        en, zh = f"{text} is not a date; write it as 2026-01-31", f"{text} 不是日期，请写成 2026-01-31"
        wrong.append(YamlProblem(item.line, en, zh))
        return None


# ---------------------------------------------------------------- running


def run_case(policy: CheckedPolicy, case: Case, *, today: date, engine: str) -> Result:
    """Holds the decision on a case against what is expected; `today` where nothing else gives a date."""
    if case.story is not None:
        return _run_story(policy, case, case.story, engine)
    if isinstance(case.facts, FactsError):
        return Result(case, (), tuple(map(_told, case.facts.problems)))
    day = case.on or policy.start or today
    decision = decide(policy, case.facts, as_of=day, engine=engine)
    problems = (_problem(policy, decision, check) for check in case.checks)
    return Result(case, (decision,), tuple(each for each in problems if each is not None))


def _run_story(policy: CheckedPolicy, case: Case, story: Story, engine: str) -> Result:
    """Runs a story through its dates, and holds the decision of each against what is expected on it."""
    try:
        found = story.decisions(policy, engine=engine)
    except FactsError as error:
        return Result(case, (), tuple(map(_told, error.problems)))
    told = [
        (number, each)
        for number, (decision, dated) in enumerate(zip(found, story.dates, strict=True))
        for check in dated.checks
        if (each := _problem(policy, decision, check)) is not None
    ]
    return Result(case, found, tuple(each for _, each in told), tuple(number for number, _ in told))


def _problem(policy: CheckedPolicy, decision: Decision, check: Check) -> Both | None:
    if check.expectation is None:
        return check.outcome(decision)
    found = difference(policy, decision, check.expectation, exactly=check.exactly)
    return None if found is None else (found.message("en"), found.message("zh"))


def in_lang(both: Both, lang: Lang) -> str:
    """One of a pair of sentences."""
    return both[0 if lang == "en" else 1]
