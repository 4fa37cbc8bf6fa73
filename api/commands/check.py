"""`tierwise check`: every problem of every policy, each at its place."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from api.terminal import FILE, Speaking, coloured, lang_option, tell, write
from dsl.diagnostics import Lang

if TYPE_CHECKING:
    from policies.registry.files import CheckedFile


@click.command("check", cls=Speaking)
@click.argument("paths", nargs=-1, required=True, type=FILE, metavar="PATH...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@lang_option("Language of the messages.")
@click.pass_context
def command(ctx: click.Context, paths: tuple[str, ...], form: str, lang: Lang) -> None:
    """Find what is wrong with policies: all of it, at once.

    PATH is a .tier file, a folder of them, or - for standard input. Ends with 1 where there are errors;
    warnings alone end with 0.

    \b
    Examples:
      tierwise check policies
      tierwise check b2b_grading.tier --lang zh
      tierwise check policies --format json
    """
    checked, unreadable = _check_all(paths, lang)
    errors = sum(item.errors for item in checked)
    warnings = sum(item.warnings for item in checked)
    if form == "json":
        _write_json(checked, errors, warnings, lang)
    else:
        from dsl.rendering import render

        colour = coloured(sys.stdout)
        for item in checked:
            write(render(item.diagnostics, item.source, lang, uses=item.uses, colour=colour))
    _summary(len(checked), errors, warnings, lang)
    ctx.exit(2 if unreadable else 1 if errors else 0)


def _check_all(paths: tuple[str, ...], lang: Lang) -> tuple[list[CheckedFile], bool]:
    """Checks what the paths mean; says whether there was a file that could not be read."""
    from policies.registry.files import FileProblem, check_bytes, check_file, find_policies

    checked: list[CheckedFile] = []
    unreadable = False
    for name in paths:
        try:
            if name == "-":
                checked.append(check_bytes(sys.stdin.buffer.read(), "<stdin>"))
            else:
                checked += [check_file(path) for path in find_policies([name])]
        except FileProblem as problem:
            tell(f"tierwise: {problem.message('en')}", f"tierwise：{problem.message('zh')}", lang)
            unreadable = True
    return checked, unreadable


def _write_json(checked: list[CheckedFile], errors: int, warnings: int, lang: Lang) -> None:
    import json

    from dsl.rendering import diagnostic_json

    found = [
        diagnostic_json(diagnostic, item.source, lang, item.uses)
        for item in checked
        for diagnostic in item.diagnostics
    ]
    answer = {"policies": len(checked), "errors": errors, "warnings": warnings, "diagnostics": found}
    write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")


def _summary(count: int, errors: int, warnings: int, lang: Lang) -> None:
    from dsl.rendering import count_text

    policies = "1 policy" if count == 1 else f"{count} policies"
    tell(
        f"{policies} checked: {count_text(errors, warnings, 'en')}",
        f"已检查 {count} 份政策：{count_text(errors, warnings, 'zh')}",
        lang,
    )
