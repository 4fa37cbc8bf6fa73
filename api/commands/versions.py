"""`tierwise versions` and `show`: what was published, what is on its way, and the exact texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from api.listing import aligned, table_option
from api.listing import show as show_answer
from api.terminal import Speaking, lang_option, write
from api.wording import pick
from dsl.diagnostics import Lang

if TYPE_CHECKING:
    from policies.registry.store.drafts import Draft
    from policies.registry.store.versions import Version


@click.command("versions", cls=Speaking)
@click.argument("name", required=False)
@table_option
@lang_option("Language of the headings.")
def versions(name: str | None, table: bool | None, lang: Lang) -> None:
    """List what was published, and what is on its way.

    Without NAME, the newest version of every policy.

    \b
    Examples:
      tierwise versions
      tierwise versions b2b_grading
    """
    from api.policy_argument import UNDER_WAY, open_existing
    from api.stored import draft_json, version_json
    from policies.registry.store.connect import reading
    from policies.registry.store.drafts import drafts as drafts_of
    from policies.registry.store.versions import in_force_at, latest, no_policy, policies
    from policies.registry.store.versions import versions as versions_of

    store = open_existing()
    with reading(store) as connection:
        names = policies(connection) if name is None else (name,)
        if name is None:
            found = [version for each in names if (version := latest(connection, each)) is not None]
        else:
            found = list(versions_of(connection, name))
        drafts = drafts_of(connection, policy=name, states=UNDER_WAY)
        now = {each: in_force_at(connection, each, store.clock()) for each in names}
    if name is not None and not found and not drafts:
        raise no_policy(name)
    holds = {version.name for version in now.values() if version is not None}
    answer = {
        "versions": [{**version_json(each), "in_force": each.name in holds} for each in found],
        "drafts": [draft_json(each) for each in drafts],
    }
    here = pick(lang, "in force", "有效")
    rows = [(each.name, each.start, here if each.name in holds else "", *_by_whom(each)) for each in found]
    rows += [(f"{each.policy}@draft-{each.id}", "", each.state, *_by_whom(each)) for each in drafts]
    head = pick(lang, "version|from|state|author|approved by|reason", "版本|自|状态|作者|批准人|理由")
    show_answer(answer, aligned(head.split("|"), rows), table)


def _by_whom(of: Version | Draft) -> tuple[object, ...]:
    """The columns that a version and a draft have in common."""
    return of.author, ", ".join(of.approvers), of.reason


@click.command("show", cls=Speaking)
@click.argument("version")
@click.option("--json", "as_json", is_flag=True, help="With who published it, when and why.")
@lang_option("Language of the messages.")
def show(version: str, as_json: bool, lang: Lang) -> None:
    """Show the text of a version or a draft, to the letter.

    VERSION is NAME@3, NAME@sha256:..., NAME (the one in force) or NAME@draft.

    \b
    Examples:
      tierwise show b2b_grading@1
      tierwise show b2b_grading@draft --json
    """
    del lang  # read by what may be refused
    from api.policy_argument import draft_of, is_draft, open_existing
    from api.stored import draft_json, version_json
    from engine.decision import dumps
    from policies.registry.store.connect import reading
    from policies.registry.store.versions import find, sources

    store = open_existing()
    if is_draft(version):
        draft = draft_of(store, version)
        answer, text = draft_json(draft, whole=True), draft.text
    else:
        with reading(store) as connection:
            found = find(connection, version, store.clock())
            text = sources(connection, found).text.text
        answer = version_json(found, text)
    write(dumps(answer, 2) + "\n" if as_json else text)
