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
benefits; a list is what may stay possible (for tags: what must be among them), `{min: 20, max: 40}` a range,
`unknown` not decided, `none` not granted. Beside them may stand `status`, `missing`, and `possible`: the main
ladder's tiers that stay possible, all of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from engine.decision import Decision
from engine.engines import decide
from engine.examples import difference
from engine.facts import Facts, FactsError, facts_of, read_facts
from policies.registry.expectations import Both, Check, read_expectations
from policies.registry.files import FileProblem, read_bytes
from policies.registry.yaml import Item, YamlProblem, read_yaml

SUFFIX = ".tests.yaml"

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


@dataclass(frozen=True, slots=True)
class Result:
    """How a case went: nothing in `problems` means well. `decision` is None where its facts were refused."""

    case: Case
    decision: Decision | None
    problems: tuple[Both, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


def tests_beside(path: str) -> tuple[str, ...]:
    """The files of tests in a policy's folder that belong to it, by name."""
    prefix, policy = os.path.split(path)
    names = sorted(name for name in os.listdir(prefix or ".") if name.endswith(SUFFIX))
    files = (os.path.join(prefix, name) for name in names)
    return tuple(file for file in files if _mentions(file, policy) and _policy_of(file) == policy)


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


def _policy_of(path: str) -> str:
    """The policy that a file of tests names, else the one that it is named after."""
    own = os.path.basename(path).removesuffix(SUFFIX) + ".tier"
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
        yield Case(example.name, policy.source.name, policy.line(example.span), example.on, facts, checks)


def cases_of(policy: CheckedPolicy, path: str) -> Iterator[Case]:
    """The cases in a file of tests. Raises `FileProblem` and `YamlProblem` before it gives the first."""
    content = fields(read_tests_file(path), "a file of tests", "测试文件", {"policy", "tests"})
    tests = content.get("tests")
    if tests is None or not isinstance(tests.value, tuple):
        raise YamlProblem(1, "a list is expected under `tests`", "`tests` 下应为列表")
    yield from [_case(policy, path, item) for item in tests.value]


def _case(policy: CheckedPolicy, path: str, item: Item) -> Case:
    parts = fields(item, "a test", "测试", {"name", "on", "given", "expect"})
    name = parts.get("name")
    if name is None or not isinstance(name.value, str):
        raise YamlProblem(item.line, "a test needs a `name`", "测试需要 `name`")
    given = fields(parts.get("given", Item({}, item.line)), "`given`", "`given`")
    expected = fields(parts.get("expect", Item({}, item.line)), "`expect`", "`expect`")
    if not expected:
        raise YamlProblem(item.line, f"`{name.value}` expects nothing", f"`{name.value}` 没有写 `expect`")
    try:
        facts: Facts | FactsError = read_facts(policy, {key: each.plain() for key, each in given.items()})
    except FactsError as error:
        facts = error
    checks = read_expectations(policy, expected)
    return Case(name.value, path, item.line, _day(parts.get("on")), facts, checks)


def fields(item: Item, en: str, zh: str, known: set[str] | None = None) -> Mapping[str, Item]:
    """The named parts of something; a name that is not `known` is refused. Raises `YamlProblem`."""
    if not isinstance(item.value, dict):
        raise YamlProblem(item.line, f"{en} is written as names and values", f"{zh}应写成名称与值")
    for name, part in item.value.items():
        if known is not None and name not in known:
            words = ", ".join(f"`{word}`" for word in sorted(known))
            raise YamlProblem(
                part.line, f"{en} has no `{name}`; it has {words}", f"{zh}没有 `{name}`，可用：{words}"
            )
    return item.value


def _day(item: Item | None) -> date | None:
    if item is None or item.value is None:
        return None
    try:
        return date.fromisoformat(str(item.value))
    except ValueError as error:
        text = f"`{item.value}`"
        raise YamlProblem(
            item.line, f"{text} is not a date; write it as 2026-01-31", f"{text} 不是日期，请写成 2026-01-31"
        ) from error


# ---------------------------------------------------------------- running


def run_case(policy: CheckedPolicy, case: Case, *, today: date, engine: str) -> Result:
    """Holds the decision on a case against what is expected; `today` where nothing else gives a date."""
    if isinstance(case.facts, FactsError):
        refused = tuple((each.message("en"), each.message("zh")) for each in case.facts.problems)
        return Result(case, None, refused)
    day = case.on or policy.start or today
    decision = decide(policy, case.facts, as_of=day, engine=engine)
    problems = (_problem(policy, decision, check) for check in case.checks)
    return Result(case, decision, tuple(each for each in problems if each is not None))


def _problem(policy: CheckedPolicy, decision: Decision, check: Check) -> Both | None:
    if check.expectation is None:
        return check.outcome(decision)
    found = difference(policy, decision, check.expectation)
    return None if found is None else (found.message("en"), found.message("zh"))


def in_lang(both: Both, lang: Lang) -> str:
    """One of a pair of sentences."""
    return both[0 if lang == "en" else 1]
