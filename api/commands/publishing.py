"""`tierwise publish`, `approve`, `reject` and `rollback`: a policy's way into the store, by two people at least."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

from api.listing import show, table_option
from api.terminal import FILE, POLICY, Speaking, Stop, day_option, lang_option, tell
from dsl.diagnostics import Lang

if TYPE_CHECKING:
    from policies.registry.store.checks import Examination
    from policies.registry.store.connect import Store
    from policies.registry.store.drafts import Draft
    from policies.registry.store.publications import Publication

Command = TypeVar("Command", bound=Callable[..., Any])

SENTENCES = "Language of the sentences."
start_option = day_option(
    "--from", "start", help="The first day on which it holds. [default: today, or when its text begins]"
)


def actor_option(*names: str, help: str) -> Callable[[Command], Command]:
    """Who does it; without the option, whoever is logged in."""
    return click.option(
        *names,
        "actor",
        metavar="NAME",
        default=lambda: _user(names[-1]),
        help=f"{help} [default: your user name]",
    )


def _user(option: str) -> str:
    """Who is logged in. Raises `Stop` where the system knows no name, as in a container with a number for a user."""
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError, ImportError) as error:  # which of them depends on the system and on Python
        raise Stop(f"say who you are: {option} NAME", f"请用 {option} 姓名 说明操作人") from error


backdated_options = (
    click.option("--backdated", is_flag=True, help="Let --from be past; needs a comment."),
    click.option("--comment", metavar="TEXT", help="A remark that is kept with the step."),
)


def _with(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options at once."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


# ---------------------------------------------------------------- publish


@click.command("publish", cls=Speaking)
@click.argument("policy", type=POLICY)
@click.option("--reason", metavar="TEXT", help="Why it should be published; needed to hand a file in.")
@start_option
@actor_option("--author", "--as", help="Who does it.")
@click.option(
    "--tests", type=FILE, metavar="FILE", help="Tests that must hold. [default: NAME.tests.yaml beside it]"
)
@_with(*backdated_options)
@table_option
@lang_option(SENTENCES)
@click.pass_context
def publish(
    ctx: click.Context,
    policy: str,
    reason: str | None,
    actor: str,
    tests: str | None,
    backdated: bool,
    comment: str | None,
    table: bool | None,
    lang: Lang,
    start: date | None,
) -> None:
    """Hand a policy in, or publish what was approved.

    POLICY is a .tier file: it becomes a draft, is checked, its tests are run, and it is handed in. Or it is NAME, or
    NAME@draft-7: that draft, which somebody else has approved, is published and holds from a day on.

    \b
    Examples:
      tierwise publish b2b_grading.tier --reason "Late payers cost more" --author "Li Na"
      tierwise approve b2b_grading --as "Chen Wei"
      tierwise publish b2b_grading --as "Chen Wei" --from 2027-01-01
    """
    from api.policy_argument import draft_of, is_file, open_existing
    from policies.registry.store.publications import publish as publish_draft

    if policy.endswith(".tier") or is_file(policy):
        if backdated or comment is not None:
            option = "--backdated" if backdated else "--comment"
            raise Stop(
                f"{option} belongs to publishing, which follows the approval; give it to `tierwise publish NAME` then",
                f"{option} 用于批准之后的发布；届时请随 `tierwise publish 名称` 一同给出",
            )
        _hand_in(ctx, policy, reason, start, actor, tests, table, lang)
        return
    store = open_existing()
    draft = draft_of(store, policy, ("approved",))
    done = publish_draft(
        store, draft.id, draft.revision, actor, start=start, backdated=backdated, comment=comment
    )
    _published(done, table, lang)


def _hand_in(
    ctx: click.Context,
    path: str,
    reason: str | None,
    start: date | None,
    actor: str,
    tests: str | None,
    table: bool | None,
    lang: Lang,
) -> None:
    """A file becomes a draft that waits for approval."""
    from api.policy_argument import open_existing
    from api.stored import draft_json
    from policies.registry.files import loader, read_source
    from policies.registry.store import workflow
    from policies.registry.store.texts import pin

    if reason is None:
        raise Stop(
            "handing a policy in needs a reason; add --reason TEXT",
            "提交政策须说明理由；请加上 --reason 文本",
        )
    text = read_source(path)
    store = open_existing(create=True)
    uses, beside = pin(text, loader(path)), _tests(path, tests)
    draft = workflow.create(store, text.text, actor, uses=uses, tests=beside)
    draft, found = workflow.check(store, draft.id, draft.revision, actor)
    if not found.good:
        workflow.withdraw(store, draft.id, draft.revision, actor, "not all is well")
        _show_what_is_wrong(found, lang)
        ctx.exit(1)
    draft = workflow.submit(store, draft.id, draft.revision, actor, reason)
    look, then = _next_steps(store, draft, start, found)
    said = (
        f"draft {draft.id} of `{draft.policy}` is handed in; next, somebody else looks at it: {look}",
        f"草案 {draft.id}（`{draft.policy}`）已提交；下一步请他人查看：{look}",
    )
    show(draft_json(draft), [said[0 if lang == "en" else 1]], table)
    tell(f"then: {then}", f"然后：{then.replace('NAME', '姓名')}", lang)


def _next_steps(store: Store, draft: Draft, start: date | None, found: Examination) -> tuple[str, str]:
    """The commands for somebody else: to look at what was handed in, and to approve it and publish it from a day on."""
    from policies.registry.store.connect import reading
    from policies.registry.store.days import day_of
    from policies.registry.store.versions import latest

    policy = found.file.policy
    assert policy is not None, "a good draft has one"
    name = f"{policy.name}@draft-{draft.id}"
    with reading(store) as connection:
        first = latest(connection, policy.name) is None
    look = f"tierwise show {name}" if first else f"tierwise diff {policy.name} {name}"
    from_day = "" if start is None else f" --from {start}"
    if start is not None and start < day_of(store.clock(), policy.timezone):  # as publishing will see it
        from_day += " --backdated --comment TEXT"
    return look, f"tierwise approve {name} --as NAME --publish{from_day}"


def _tests(path: str, given: str | None) -> str | None:
    """The text of the tests that go with a policy."""
    from policies.registry.files import read_source
    from policies.registry.tests import tests_beside

    beside = (given,) if given is not None else tests_beside(path)
    if len(beside) > 1:
        names = ", ".join(f"`{name}`" for name in beside)
        raise Stop(
            f"several files of tests belong to it: {names}; choose with --tests",
            f"有多份测试文件：{names}；请用 --tests 选择",
        )
    return read_source(beside[0]).text if beside else None


def _show_what_is_wrong(found: Examination, lang: Lang) -> None:
    """Errors and failing tests, on standard error."""
    from dsl.rendering import printable, render
    from policies.registry.tests import in_lang

    click.echo(
        render(found.file.diagnostics, found.file.source, lang, uses=found.file.uses), err=True, nl=False
    )
    for result in found.results:
        for problem in result.problems:
            click.echo(f"{printable(result.case.name)}: {printable(in_lang(problem, lang))}", err=True)
    for broken in found.broken:
        click.echo(f"{broken.line}: {printable(broken.en if lang == 'en' else broken.zh)}", err=True)
    tell("tierwise: not all is well, so nothing was handed in", "tierwise：尚有问题，未提交", lang)


def _published(done: Publication, table: bool | None, lang: Lang) -> None:
    from api.stored import publication_json

    version = done.version
    said = (
        f"`{version.name}` is published and holds from {version.start}",
        f"`{version.name}` 已发布，自 {version.start} 起有效",
    )
    show(publication_json(done, lang), [said[0 if lang == "en" else 1]], table)
    for item in done.cautions:
        tell(f"mind: {item.message('en')}", f"注意：{item.message('zh')}", lang)


# ---------------------------------------------------------------- approve, reject


@click.command("approve", cls=Speaking)
@click.argument("draft")
@actor_option("--as", help="Who approves it: somebody who did not write it.")
@click.option("--publish", "at_once", is_flag=True, help="Publish it in the same step.")
@start_option
@_with(*backdated_options)
@table_option
@lang_option(SENTENCES)
def approve(
    draft: str,
    actor: str,
    at_once: bool,
    backdated: bool,
    comment: str | None,
    table: bool | None,
    lang: Lang,
    start: date | None,
) -> None:
    """Approve somebody else's draft.

    DRAFT is NAME, or NAME@draft-7 where several drafts of a policy wait.

    \b
    Examples:
      tierwise diff b2b_grading b2b_grading@draft
      tierwise approve b2b_grading --as "Chen Wei"
      tierwise approve b2b_grading@draft-7 --as "Chen Wei" --publish --from 2027-01-01
    """
    from api.policy_argument import draft_of, open_existing
    from policies.registry.store import publications, workflow

    if (start is not None or backdated) and not at_once:
        option = "--from" if start is not None else "--backdated"
        raise Stop(f"{option} belongs to publishing; add --publish", f"{option} 用于发布；请加上 --publish")
    store = open_existing()
    found = draft_of(store, draft, ("submitted",))
    if at_once:
        done = publications.approve_and_publish(
            store, found.id, found.revision, actor, start=start, backdated=backdated, comment=comment
        )
        _published(done, table, lang)
        return
    approved = workflow.approve(store, found.id, found.revision, actor, comment)
    _stepped(store, approved, table, lang)


def _stepped(store: Store, draft: Draft, table: bool | None, lang: Lang) -> None:
    """Says where a draft has come to, and what comes next."""
    from api.stored import draft_json
    from policies.registry.store.steps import STATE_ZH

    said = (
        f"draft {draft.id} of `{draft.policy}` is {draft.state}",
        f"草案 {draft.id}（`{draft.policy}`）{STATE_ZH[draft.state]}",
    )
    show(draft_json(draft), [said[0 if lang == "en" else 1]], table)
    after = f"tierwise publish {draft.policy}@draft-{draft.id}"
    missing = store.approvals - len(draft.approvers)
    if draft.state == "approved":
        tell(f"next: {after}", f"下一步：{after}", lang)
    elif draft.state == "submitted":
        tell(f"approvals that are missing: {missing}", f"还须批准人数：{missing}", lang)


@click.command("reject", cls=Speaking)
@click.argument("draft")
@actor_option("--as", help="Who rejects it.")
@click.option("--comment", metavar="TEXT", required=True, help="Why.")
@table_option
@lang_option(SENTENCES)
def reject(draft: str, actor: str, comment: str, table: bool | None, lang: Lang) -> None:
    """Send a draft back, with a comment.

    \b
    Examples:
      tierwise reject b2b_grading --as "Chen Wei" --comment "B is too high"
    """
    from api.policy_argument import draft_of, open_existing
    from policies.registry.store import workflow

    store = open_existing()
    found = draft_of(store, draft, ("submitted", "approved"))
    _stepped(store, workflow.reject(store, found.id, found.revision, actor, comment), table, lang)


# ---------------------------------------------------------------- rollback


@click.command("rollback", cls=Speaking)
@click.argument("version")
@click.option("--reason", metavar="TEXT", required=True, help="Why.")
@actor_option("--as", help="Who asks for it.")
@table_option
@lang_option(SENTENCES)
def rollback(version: str, reason: str, actor: str, table: bool | None, lang: Lang) -> None:
    """Hand the text of an old version in again.

    VERSION is NAME@1. It becomes a draft that somebody else approves and publishes: a new version, with the old text.

    \b
    Examples:
      tierwise rollback b2b_grading@1 --reason "The new bar was a mistake" --as "Li Na"
      tierwise approve b2b_grading --as "Chen Wei" --publish
    """
    from api.policy_argument import open_existing
    from policies.registry.store import workflow

    name, _, number = version.partition("@")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise Stop(
            f"`{version}` names no version; write `{name}@1`",
            f"`{version}` 不是版本的写法；请写成 `{name}@1`",
        )
    store = open_existing()
    _stepped(store, workflow.rollback(store, name, int(number), actor, reason), table, lang)
    tell(
        f"next: tierwise approve {name} --as NAME --publish",
        f"下一步：tierwise approve {name} --as 姓名 --publish",
        lang,
    )
