"""Looking at a text before anybody signs it: what the checker says, and whether its tests hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dsl.records import record
from dsl.source import Source
from engine.engines import DEFAULT_ENGINE
from policies.registry.files import CheckedFile, check_source
from policies.registry.store.days import day_of
from policies.registry.store.drafts import Draft
from policies.registry.store.problems import Refused
from policies.registry.store.texts import Use, load_from
from policies.registry.tests import SUFFIX, Result, cases_from, cases_in, run_case
from policies.registry.yaml import BrokenTests, YamlProblem, read_yaml


@record
class Examination:
    """What came out: the checked text with its diagnostics, how each test went, what is wrong with the tests."""

    file: CheckedFile
    results: tuple[Result, ...]
    broken: tuple[YamlProblem, ...]

    @property
    def failed(self) -> int:
        """How many tests fail; a file of tests that cannot be read counts for each of its problems."""
        return sum(not result.passed for result in self.results) + len(self.broken)

    @property
    def good(self) -> bool:
        """Whether the draft may be submitted: no error, no failing test."""
        return self.file.policy is not None and not self.failed

    def counts(self) -> dict[str, int]:
        """The figures that the event keeps."""
        return {
            "errors": self.file.errors,
            "warnings": self.file.warnings,
            "tests": len(self.results),
            "failed": self.failed,
        }


def examine(draft: Draft, now: datetime) -> Examination:
    """Checks a draft and runs its examples and its tests; changes nothing."""
    return examine_text(draft.source, draft.uses, draft.tests, now)


def examine_text(text: Source, uses: Iterable[Use], tests: str | None, now: datetime) -> Examination:
    """As `examine`, for a text that is no draft yet."""
    checked = check_source(text, load_from(uses))
    policy = checked.policy
    if policy is None:
        return Examination(checked, (), ())
    cases = list(cases_in(policy))
    broken: tuple[YamlProblem, ...] = ()
    if tests is not None:
        name = f"{policy.name}{SUFFIX}"
        try:
            cases += cases_from(policy, name, read_yaml(tests))
        except BrokenTests as error:
            broken = tuple(error.problems)
        except YamlProblem as problem:
            broken = (problem,)
    day = day_of(now, policy.timezone)
    results = tuple(run_case(policy, case, today=day, engine=DEFAULT_ENGINE) for case in cases)
    return Examination(checked, results, broken)


def demand_good(draft: Draft, examination: Examination) -> None:
    """Raises `Refused` where a draft has errors or tests that fail."""
    if not examination.good:
        en, zh = _problems(examination)
        raise Refused(
            "not-good",
            f"draft {draft.id} has {en}; check it, mend it, then submit it",
            f"草案 {draft.id} 有{zh}；请检查并改正后再提交",
        )


def demand_still_good(name: str, examination: Examination) -> None:
    """Raises `Refused` where a version that was good when it was published (`grading@1`) is so no more."""
    if not examination.good:
        en, zh = _problems(examination)
        raise Refused(
            "not-good",
            f"`{name}` has {en} by now; begin a draft of your own from `tierwise show {name}`",
            f"`{name}` 现有{zh}；请用 `tierwise show {name}` 取得文本，另建草案",
        )


def _problems(examination: Examination) -> tuple[str, str]:
    errors, failed = examination.file.errors, examination.failed
    en = f"{_count(errors, 'error')} and {_count(failed, 'failing test')}"
    return en, f" {errors} 个错误、{failed} 个测试未通过"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number or 'no'} {what}s"
