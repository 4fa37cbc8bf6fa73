"""`tierwise fmt`: policies in their canonical form, in the language they are in or in the other."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from api.terminal import FILE, Speaking, coloured, default_lang, tell, write
from dsl.diagnostics import LANGS, Lang

if TYPE_CHECKING:
    from dsl.ast import Policy
    from dsl.diagnostics import PolicyError
    from dsl.source import Source
    from policies.registry.files import Load


@click.command("fmt", cls=Speaking)
@click.argument("paths", nargs=-1, required=True, type=FILE, metavar="PATH...")
@click.option(
    "--lang",
    type=click.Choice(LANGS),
    help="Write the keywords in this language. [default: the policy's own]",
)
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; end with 1 where something would change."
)
@click.option(
    "--stdout", "to_stdout", is_flag=True, help="Write to standard output and leave the files alone."
)
@click.pass_context
def command(
    ctx: click.Context, paths: tuple[str, ...], lang: Lang | None, only_check: bool, to_stdout: bool
) -> None:
    """Write policies in their canonical form, translated on request.

    PATH is a .tier file, a folder of them, or - to read standard input and write standard output. A policy
    that does not parse is left as it is and reported. The result is UTF-8 with plain line ends, whatever the
    file was in before.

    \b
    Examples:
      tierwise fmt policies
      tierwise fmt policies --check
      tierwise fmt b2b_grading.tier --lang zh --stdout
    """
    from dsl.diagnostics import PolicyError

    changed = failed = count = 0
    for path, data in _files(paths):
        count += 1
        try:
            text = _formatted(data, path, lang)
        except PolicyError as error:
            _report(error)
            failed += 1
            continue
        new = text.encode("utf-8")
        changed += new != data
        if only_check and new != data:
            write(f"{path or '<stdin>'}\n")
        elif not only_check and (to_stdout or path is None):
            write(text)
        elif not only_check and path is not None and new != data:
            replace(path, new)
    if only_check or failed or (changed and not to_stdout and paths != ("-",)):
        _summary(count, changed, failed, only_check)
    ctx.exit(1 if failed or (only_check and changed) else 0)


def _files(paths: tuple[str, ...]) -> Iterator[tuple[str | None, bytes]]:
    """What the paths mean, each with its bytes; standard input has no path."""
    from policies.registry.files import find_policies, read_bytes

    for name in paths:
        if name == "-":
            yield None, sys.stdin.buffer.read()
        else:
            yield from ((path, read_bytes(path)) for path in find_policies([name]))


def _formatted(data: bytes, path: str | None, lang: Lang | None) -> str:
    """The canonical text. Raises `PolicyError` for what does not parse.

    The same error, without diagnostics, says that the formatted text would read differently.
    """
    from dsl.decoding import decode
    from dsl.diagnostics import PolicyError
    from dsl.formatter import format_policy
    from dsl.source import Source
    from policies.registry.files import loader

    load = None if path is None else loader(path)
    source = decode(data, path or "<stdin>")
    tree = _parsed(source, load)
    text = format_policy(tree, lang or language_of(source.text))
    again = _parsed(Source(text, source.name), load)
    if again != tree:
        raise PolicyError(source, [])
    return text


def _parsed(source: Source, load: Load | None) -> Policy:
    """The tree of a text, read as `check` reads it, with the names that it brings in. Raises `PolicyError`."""
    from dsl.checker.uses import bring_in
    from dsl.diagnostics import PolicyError
    from dsl.parser import parse

    tree, problems = parse(source)
    names = tuple(bring_in(source, tree, load).names())
    if names:
        tree, problems = parse(source, known=names)
    if any(item.severity == "error" for item in problems):
        raise PolicyError(source, problems)
    return tree


def _report(error: PolicyError) -> None:
    from dsl.rendering import render

    lang = default_lang()
    if error.diagnostics:
        click.echo(
            render(error.diagnostics, error.source, lang, colour=coloured(sys.stderr)), err=True, nl=False
        )
    else:
        tell(
            f"{error.source.name}: left as it is, since its canonical form would read differently; report it",
            f"{error.source.name}：保持原样，因为规范形式的含义会不同；请报告此问题",
            lang,
        )


def _summary(count: int, changed: int, failed: int, only_check: bool) -> None:
    """How many files are different, or would be."""
    would = ("would change", "需要调整") if only_check else ("changed", "已调整")
    left = "1 left as it is" if failed == 1 else f"{failed} left as they are"
    broken = (f", {left}", f"，{failed} 份保持原样") if failed else ("", "")
    tell(
        f"{count} {'policy' if count == 1 else 'policies'}: {changed} {would[0]}{broken[0]}",
        f"{count} 份政策：{changed} 份{would[1]}{broken[1]}",
        default_lang(),
    )


def language_of(text: str) -> Lang:
    """The language that most of a policy's statements begin in; English for a text without any."""
    from dsl.keywords import STATEMENTS

    chinese = {word for keyword in STATEMENTS for word in keyword.zh}
    lines = [line.split(maxsplit=1)[0] for line in text.splitlines() if line.strip()]
    first = [line for line in lines if not line.startswith("#")]
    found = sum(any(line.startswith(word) for word in chinese) for line in first)
    english = {word.split()[0] for keyword in STATEMENTS for word in keyword.en}
    return "zh" if found > sum(line in english for line in first) else "en"


def replace(path: str, data: bytes) -> None:
    """Puts new content into a file in one step, so that nobody sees half of it; the file's mode stays."""
    target = os.path.realpath(path)
    handle, name = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", dir=os.path.dirname(target))
    try:
        with open(handle, "wb") as file:
            file.write(data)
        shutil.copymode(target, name)
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
