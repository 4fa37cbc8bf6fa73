"""`tierwise test`: the examples in policies, and the files of tests beside them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from api.terminal import FILE, Speaking, coloured, lang_option, tell, write
from dsl.diagnostics import Lang

if TYPE_CHECKING:
    from dsl.model import CheckedPolicy
    from dsl.rendering import Paint
    from policies.registry.stories import Story
    from policies.registry.tests import Result
    from policies.registry.yaml import YamlProblem


@dataclass(slots=True)
class Tally:
    """What has come out so far. `broken` counts policies and files of tests that cannot be run."""

    passed: int = 0
    failed: int = 0
    broken: int = 0
    rules: int = 0
    unseen: list[str] = field(default_factory=list)


@click.command("test", cls=Speaking)
@click.argument("paths", nargs=-1, required=True, type=FILE, metavar="PATH...")
@click.option("--coverage", is_flag=True, help="Say which rules no test made act.")
@lang_option("Language of the messages.")
@click.pass_context
def command(ctx: click.Context, paths: tuple[str, ...], coverage: bool, lang: Lang) -> None:
    """Run the examples in policies and the *.tests.yaml files beside them.

    PATH is a .tier file or a folder of them. Ends with 1 where a test fails or a policy has errors.

    \b
    Examples:
      tierwise test policies
      tierwise test b2b_grading.tier --coverage
    """
    from dsl.rendering import Paint, printable, render
    from policies.registry.files import check_file, find_policies

    tally, paint = Tally(), Paint(coloured(sys.stdout))
    found = find_policies(paths)
    for path in found:
        checked = check_file(path)
        if checked.policy is None:
            errors = [item for item in checked.diagnostics if item.severity == "error"]
            write(render(errors, checked.source, lang, uses=checked.uses, colour=paint.on))
            tally.broken += 1
            continue
        results = _run(path, checked.policy, tally, lang)
        tally.passed += sum(result.passed for result in results)
        tally.failed += sum(not result.passed for result in results)
        for result in results:
            if not result.passed:
                write(_failure(result, checked.policy, lang, paint))
        if coverage:
            _cover(path, checked.policy, results, tally)
    _astray(found, paths, tally, lang)
    for place in tally.unseen:
        write(printable(place) + "\n")
    _summary(tally, coverage, lang)
    ctx.exit(1 if tally.failed or tally.broken else 0)


def _run(path: str, policy: CheckedPolicy, tally: Tally, lang: Lang) -> list[Result]:
    """All results of one policy; a file of tests that cannot be read is reported and counted."""
    from api.clock import today
    from engine.engines import DEFAULT_ENGINE
    from policies.registry.tests import cases_in, cases_of, run_case, tests_beside
    from policies.registry.yaml import BrokenTests

    cases = list(cases_in(policy))
    for file in tests_beside(path):
        try:
            cases += cases_of(policy, file)
        except BrokenTests as broken:
            write("".join(_broken(file, problem, lang) for problem in broken.problems) + "\n")
            tally.broken += 1
    day = today(policy)
    return [run_case(policy, case, today=day, engine=DEFAULT_ENGINE) for case in cases]


def _astray(policies: tuple[str, ...], paths: tuple[str, ...], tally: Tally, lang: Lang) -> None:
    """Reports the files of tests that name no policy there is: nobody would miss what was never run."""
    from policies.registry.tests import astray

    folders = {os.path.dirname(path): None for path in policies}
    folders |= {os.path.join(path, ""): None for path in paths if os.path.isdir(path)}
    seen: set[str] = set()
    for folder in folders:
        if os.path.realpath(folder) in seen:
            continue
        seen.add(os.path.realpath(folder))
        for file, problem in astray(folder):
            write(_broken(file, problem, lang) + "\n")
            tally.broken += 1


def _broken(file: str, problem: YamlProblem, lang: Lang) -> str:
    """What is wrong with a file of tests, on one line."""
    from dsl.rendering import printable

    return f"{printable(file)}:{problem.line}: {printable(problem.en if lang == 'en' else problem.zh)}\n"


def _failure(result: Result, policy: CheckedPolicy, lang: Lang, paint: Paint) -> str:
    """A test that fails: where it stands, what it is called, and each difference in words; a story as a timeline."""
    from dsl.rendering import printable
    from policies.registry.tests import in_lang

    case = result.case
    word = paint("failed" if lang == "en" else "失败", "error")
    lines = [f"{printable(case.file)}:{case.line}: {word} {printable(case.name)}"]
    if case.story is not None and result.decisions:
        return lines[0] + "\n" + _timeline(result, case.story, policy, lang, paint)
    lines += [f"  {printable(in_lang(problem, lang))}" for problem in result.problems]
    return "\n".join(lines) + "\n\n"


def _timeline(result: Result, story: Story, policy: CheckedPolicy, lang: Lang, paint: Paint) -> str:
    """A story as it came out, and under its dates what was expected in place of it."""
    from api.timeline import timeline
    from engine.engines import DEFAULT_ENGINE
    from policies.registry.tests import in_lang

    told = result.decisions if lang == "en" else story.decisions(policy, engine=DEFAULT_ENGINE, lang=lang)
    wrong: dict[int, tuple[str, ...]] = {}
    for number, problem in zip(result.places, result.problems, strict=True):
        wrong[number] = (*wrong.get(number, ()), in_lang(problem, lang))
    return timeline(told, policy, lang, paint.on, wrong) + "\n"


def _cover(path: str, policy: CheckedPolicy, results: list[Result], tally: Tally) -> None:
    from policies.registry.rule_coverage import rules_of, unseen

    decisions = [decision for result in results for decision in result.decisions]
    tally.rules += len(rules_of(policy))
    tally.unseen += [f"{path}:{rule.line}: {rule.name}" for rule in unseen(policy, decisions)]


def _summary(tally: Tally, coverage: bool, lang: Lang) -> None:
    if coverage and tally.rules:
        seen = tally.rules - len(tally.unseen)
        share = 100 * seen // tally.rules
        tell(
            f"{seen} of {tally.rules} rules acted in a test ({share}%); those listed did not",
            f"{tally.rules} 条规则中有 {seen} 条在测试中生效（{share}%），未生效的已列出",
            lang,
        )
    broken = tally.broken
    files = "1 file" if broken == 1 else f"{broken} files"
    cannot = (f", {files} cannot be run", f"，{broken} 个文件无法运行") if broken else ("", "")
    count = tally.passed + tally.failed
    tests = "1 test" if count == 1 else f"{count} tests"
    tell(
        f"{tests}: {tally.passed} passed, {tally.failed} failed{cannot[0]}",
        f"{count} 个测试：{tally.passed} 个通过，{tally.failed} 个失败{cannot[1]}",
        lang,
    )
