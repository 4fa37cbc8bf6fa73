"""`tierwise diff`: what differs between two versions of a policy, in words."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from api.terminal import POLICY, Speaking, coloured, lang_option, tell, write
from dsl.diagnostics import Lang

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsl.model import CheckedPolicy
    from policies.registry.diff import Difference, Place


@click.command("diff", cls=Speaking)
@click.argument("old", type=POLICY)
@click.argument("new", type=POLICY)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--text", "with_text", is_flag=True, help="Show the difference of the two texts as well.")
@lang_option("Language of the sentences.")
@click.pass_context
def command(ctx: click.Context, old: str, new: str, form: str, with_text: bool, lang: Lang) -> None:
    """Say what differs between two versions of a policy: which rules, from what to what.

    OLD and NEW are .tier files, or versions and drafts of the store: NAME@2, NAME (the one in force), NAME@draft. Another
    layout, other comments and the same policy in the other language are no difference. Ends with 0 where there is none, with 1 where there is one.

    \b
    Examples:
      tierwise diff b2b_grading.tier draft.tier
      tierwise diff b2b_grading.tier draft.tier --lang zh --text
      tierwise diff b2b_grading.tier draft.tier --format json
      tierwise diff b2b_grading@1 b2b_grading@2
      tierwise diff b2b_grading b2b_grading@draft
    """
    import json

    from api.stored import differences_json, text_difference
    from policies.registry.diff import differences, summary

    before, after = _policy(old, lang), _policy(new, lang)
    found = differences(before, after)
    if form == "json":
        answer = differences_json(found, before, after, lang, text=with_text)
        write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
    else:
        _write_text(found, before, after, lang)
        if with_text:
            write(text_difference(before, after))
    tell(summary(found, "en"), summary(found, "zh"), lang)
    ctx.exit(1 if found else 0)


def _policy(reference: str, lang: Lang) -> CheckedPolicy:
    """One of the two; where it has errors they are shown, and that is the end."""
    from api.policy_argument import policy_of

    why = f"`{reference}` has errors, so it cannot be compared", f"`{reference}` 有错误，无法比较"
    return policy_of(reference, lang, why)


def _write_text(found: Sequence[Difference], before: CheckedPolicy, after: CheckedPolicy, lang: Lang) -> None:
    """A line a difference, those that decide nothing below a line that says so."""
    from dsl.rendering import Paint, printable
    from policies.registry.diff import sentence

    paint = Paint(coloured(sys.stdout))
    heading = False
    for item in found:
        if not item.decides and not heading:
            heading = True
            write(("without effect on decisions:" if lang == "en" else "不影响判定：") + "\n")
        place = paint(_place(item, before, after, lang), "dim")
        write(f"{'  ' if heading else ''}{printable(sentence(item, lang))}{place}\n")


def _place(item: Difference, before: CheckedPolicy, after: CheckedPolicy, lang: Lang) -> str:
    """The lines that a difference is about: the new one, and the old where it stood elsewhere."""
    from policies.registry.diff import place

    was, now = place(item.span_before, before), place(item.span_after, after)
    said = [] if now is None else [now.words(lang)]
    if was is not None and was != now:
        said.append(_was(was, now, lang))
    if not said:
        return ""
    return f" ({', '.join(said)})" if lang == "en" else f"（{'，'.join(said)}）"


def _was(was: Place, now: Place | None, lang: Lang) -> str:
    """Where something stood; within one text the number of the line says enough."""
    if lang == "en":
        return f"was {was.line}" if now is not None and now.file == was.file else f"was {was.words(lang)}"
    return f"原{was.words(lang)}" if was.file is None else f"原 {was.words(lang)}"
