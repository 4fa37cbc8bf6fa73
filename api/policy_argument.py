"""A policy as it is named on a command line: a file, or a version or a draft of the store.

`b2b_grading.tier` and whatever exists as a file is a file. `b2b_grading` is the version in force, `b2b_grading@3` and
`b2b_grading@sha256:…` are versions, `b2b_grading@draft` is the draft on its way and `b2b_grading@draft-7` one of several.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from typing import TYPE_CHECKING

import click

from api.messages import Words
from api.terminal import Stop, coloured, demand_text, means_file
from dsl.diagnostics import Lang

if TYPE_CHECKING:
    from dsl.model import CheckedPolicy
    from policies.registry.files import CheckedFile
    from policies.registry.store.connect import Store
    from policies.registry.store.drafts import Draft, State

DRAFT = "draft"
# Where a draft is on its way, and no end of it.
UNDER_WAY: tuple[State, ...] = ("draft", "checked", "submitted", "approved")


def policy_of(
    reference: str, lang: Lang, why: Words, as_of: date | None = None, known_at: date | None = None
) -> CheckedPolicy:
    """The policy that is named. Where it has errors they are shown, and the command stops with `why`.

    Raises `FileProblem`, `StoreError`, `Stop`.
    """
    if is_file(reference):
        if known_at is not None:
            raise Stop(
                f"`{reference}` is a file, which has no versions; leave out --known-at",
                f"`{reference}` 是文件，没有版本；请去掉 --known-at",
            )
        from policies.registry.files import check_file

        return demanded(check_file(reference), lang, why)
    store = open_existing()
    try:
        if is_draft(reference):
            from policies.registry.store.checks import examine

            return demanded(examine(draft_of(store, reference), store.clock()).file, lang, why)
        return _version(store, reference, as_of, known_at)
    finally:
        store.close()


def demanded(checked: CheckedFile, lang: Lang, why: Words) -> CheckedPolicy:
    """The policy of a text that was checked; where it has errors they are shown, and that is the end."""
    if checked.policy is None:
        from dsl.rendering import render

        errors = [item for item in checked.diagnostics if item.severity == "error"]
        text = render(errors, checked.source, lang, uses=checked.uses, colour=coloured(sys.stderr))
        click.echo(text, err=True, nl=False)
        raise Stop(*why)
    return checked.policy


def is_file(reference: str) -> bool:
    """Whether a file is meant: there is one, it is called like one, or there is no store to look in."""
    return means_file(reference) or ("@" not in reference and not has_store())


def is_draft(reference: str) -> bool:
    """Whether a draft is meant."""
    word = reference.partition("@")[2]
    return word == DRAFT or word.startswith(f"{DRAFT}-")


def has_store() -> bool:
    """Whether a store was named by the environment, or made where it is by default."""
    from api.config import Config, default_store

    return bool(Config.from_environment().database_url) or os.path.exists(default_store())


def open_existing(*, create: bool = False) -> Store:
    """The store that the environment names, or the default one. Raises `StoreError`, `Stop`."""
    from api.config import PREFIX, Config
    from policies.registry.store.connect import open_store

    config = Config.from_environment()
    demand_text(f"{PREFIX}DATABASE_URL", config.database_url)
    return open_store(config.database_url or None, create=create, approvals=config.approvals)


def draft_of(store: Store, reference: str, states: tuple[State, ...] = UNDER_WAY) -> Draft:
    """The draft that `NAME`, `NAME@draft` or `NAME@draft-7` means: the one that is in one of the states.

    Raises `Stop` where there is none, or more than one; `StoreError`.
    """
    from policies.registry.store.workflow import get, listing

    name, _, word = reference.partition("@")
    number = word.removeprefix(f"{DRAFT}-")
    if number != word and number.isascii() and number.isdecimal() and len(number) < 10:
        found = get(store, int(number))
        if found.policy != name:
            raise Stop(
                f"draft {found.id} is not one of `{name}`, but of `{found.policy}`",
                f"草案 {found.id} 不属于 `{name}`，而属于 `{found.policy}`",
            )
        return found
    if word not in ("", DRAFT):
        raise Stop(
            f"`{reference}` names no draft; write `{name}`, or `{name}@draft-7` for one of several",
            f"`{reference}` 不是草案的写法；请写 `{name}`，有多份时写 `{name}@draft-7`",
        )
    drafts = listing(store, policy=name, states=states)
    if len(drafts) == 1:
        return drafts[0]
    if not drafts:
        raise Stop(
            f"no draft of `{name}` is waiting for this; `tierwise versions {name}` lists what there is",
            f"没有等待此操作的 `{name}` 草案；`tierwise versions {name}` 列出现有内容",
        )
    listed = ", ".join(f"`{name}@{DRAFT}-{each.id}`" for each in drafts)
    raise Stop(
        f"several drafts of `{name}` are: {listed}; name one", f"`{name}` 有多份草案：{listed}；请指定一份"
    )


def _version(store: Store, reference: str, as_of: date | None, known_at: date | None) -> CheckedPolicy:
    from policies.registry.store.connect import reading
    from policies.registry.store.versions import find, load

    with reading(store) as connection:
        return load(connection, find(connection, reference, as_of or store.clock(), known_at))
