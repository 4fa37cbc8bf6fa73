"""Publishing: an approved draft becomes the next version of its policy, and holds from a day on.

The day is today or later, in the policy's own timezone; an earlier one is for mending what was wrong, and needs to be
called `backdated`, with a comment. It lies within what the text itself allows (`effective from … until …`). A later
day is a version that is scheduled: it is published, everybody can read it, and it takes over on its day.

Texts, version, event and draft change in one transaction: nobody ever sees half a publication.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from dsl.diagnostics import Lang, PolicyError
from dsl.model import LANGUAGE_VERSION, CheckedPolicy
from dsl.records import record
from policies.registry.store import given, texts
from policies.registry.store.checks import Examination, demand_good
from policies.registry.store.connect import Store, reading
from policies.registry.store.days import day_of
from policies.registry.store.derived import vanished
from policies.registry.store.findings import Unreadable
from policies.registry.store.history import is_as_told, told_of
from policies.registry.store.problems import NotStored, Refused
from policies.registry.store.steps import Step, stepping
from policies.registry.store.versions import (
    Version,
    covered,
    insert_version,
    latest,
    load,
    next_number,
    taking_over,
)
from policies.registry.store.workflow import approve_step, examined


@record
class Caution:
    """Something that whoever publishes should know, in both languages. It stops nothing."""

    code: str
    en: str
    zh: str

    def message(self, lang: Lang = "en") -> str:
        """The sentence in one language."""
        return self.en if lang == "en" else self.zh


@record
class Publication:
    """A version that was published, and what to know of it."""

    version: Version
    cautions: tuple[Caution, ...]


@record
class Wish:
    """What the publisher asks for: from which day (None: as soon as may be), whether that may be past, and why."""

    actor: str
    start: date | None = None
    backdated: bool = False
    comment: str | None = None


def publish(
    store: Store,
    id: int,
    revision: int,
    actor: str,
    *,
    start: date | None = None,
    backdated: bool = False,
    comment: str | None = None,
) -> Publication:
    """Publishes an approved draft, from a day on: from today, or from when its text begins, where none is given.

    Raises `Refused` for a day that cannot be, `StoreConflict` where somebody was faster, `StoreUnavailable`.
    """
    wish = Wish(given.actor(actor), start, backdated, given.optional(comment))
    ready = _prepared(store, id, revision)
    with stepping(store, id, revision, ("approved",), ("published", "发布")) as step:
        return _published(step, wish, ready)


def approve_and_publish(
    store: Store,
    id: int,
    revision: int,
    actor: str,
    *,
    start: date | None = None,
    backdated: bool = False,
    comment: str | None = None,
) -> Publication:
    """Both steps in one, by one person who is not the author: for a rollback in a hurry.

    Raises as `approve` and `publish` do; `Refused` where the store asks for more approvals than this one.
    """
    wish = Wish(given.actor(actor), start, backdated, given.optional(comment))
    ready = _prepared(store, id, revision)
    with stepping(store, id, revision, ("submitted",), ("approved", "批准")) as step:
        approve_step(step, store, wish.actor, wish.comment)
        if step.draft.state != "approved":
            raise Refused(
                "approvals-missing",
                f"draft {id} needs {store.approvals} approvals; approve it, and publish it when it has them all",
                f"草案 {id} 须有 {store.approvals} 人批准；请先批准，齐全后再发布",
            )
        return _published(step, wish, ready)


@record
class Ready:
    """What is looked at before the transaction, because it takes its time: the text, and names that would vanish."""

    examination: Examination
    cautions: tuple[Caution, ...]


def _prepared(store: Store, id: int, revision: int) -> Ready:
    """Checks the draft again, for the checker may have learnt something since it was submitted."""
    examination = examined(store, id, revision)
    policy = examination.file.policy
    return Ready(examination, () if policy is None else _names_gone(store, policy))


def _published(step: Step, wish: Wish, ready: Ready) -> Publication:
    draft, now = step.draft, step.place.at
    _demand_approved(step)
    demand_good(draft, ready.examination)
    policy = ready.examination.file.policy
    assert policy is not None, "a good draft has one"
    version = Version(
        policy=policy.name,
        number=next_number(step.connection, policy.name),
        hash=texts.keep(step.connection, draft.text),
        uses=tuple((use.name, texts.keep(step.connection, use.text)) for use in draft.uses),
        language_version=LANGUAGE_VERSION,
        title=None if policy.title is None else policy.title.text,
        timezone=policy.timezone,
        author=draft.author,
        approvers=draft.approvers,
        publisher=wish.actor,
        reason=draft.reason or "",
        comment=wish.comment,
        submitted_at=draft.submitted_at or now,
        published_at=now,
        start=_start(policy, wish, day_of(now, policy.timezone)),
        rolled_back=draft.rolled_back,
        draft=draft.id,
        event=step.place.seq,
    )
    later = _starting_later(step.connection, version)
    _write(step, version)
    return Publication(version, (*later, *ready.cautions))


def _demand_approved(step: Step) -> None:
    """Holds the draft's row against its events: what is published is what was handed in and approved. Raises `Refused`."""
    try:
        told = told_of(step.connection, step.draft.id)
    except Unreadable:
        told = None
    if told is None or not told.four_eyes or not is_as_told(step.draft, told):
        raise Refused(
            "not-approved",
            f"draft {step.draft.id} is not what its author handed in and others approved: the store was changed;"
            " find out by whom (`tierwise verify`), and hand the text in anew",
            f"草案 {step.draft.id} 并非作者提交且经他人批准的内容：存储库被改动过；"
            "请查明原因（`tierwise verify`），并重新提交该文本",
        )


def _write(step: Step, version: Version) -> None:
    """The event, the version, the end of the draft; in this order, for the version names its event."""
    step.change(state="published", version=version.number)
    step.done(
        "published",
        version.publisher,
        version=version.number,
        reason=version.comment,
        payload={"version": covered(version)},
    )
    insert_version(step.connection, version)


def _start(policy: CheckedPolicy, wish: Wish, today: date) -> date:
    """The first day of a version. Raises `Refused` where it cannot be that one."""
    start = wish.start or max(today, policy.start or today)
    if start < today and not (wish.backdated and wish.comment):
        raise Refused(
            "start-past",
            f"{start} has gone by (today is {today}); to publish for the past, say that it is backdated, and why",
            f"{start} 已过（今天是 {today}）；若要追溯发布，请注明追溯并说明原因",
        )
    if policy.start is not None and not policy.start <= start <= (policy.end or start):
        until = ("", "") if policy.end is None else (f" until {policy.end}", f" 至 {policy.end}")
        raise Refused(
            "start-outside",
            f"the text is effective from {policy.start}{until[0]}, and {start} is outside; choose a day inside",
            f"文本自 {policy.start}{until[1]} 生效，{start} 不在其内；请选择其间的日期",
        )
    return start


def _starting_later(connection: Connection, version: Version) -> tuple[Caution, ...]:
    """The version that will take over from this one, which whoever rolls something back may not expect."""
    after = taking_over(connection, version.policy, version.start)
    if after is None:
        return ()
    return (
        Caution(
            "starts-later",
            f"version {after.number} takes over on {after.start};"
            f" to replace that one as well, publish from {after.start}",
            f"版本 {after.number} 将于 {after.start} 起取而代之；若也要替换它，请自 {after.start} 起发布",
        ),
    )


def _names_gone(store: Store, policy: CheckedPolicy) -> tuple[Caution, ...]:
    """The rules of the latest version whose names nobody wrote, and nothing has any more."""
    with reading(store) as connection:
        before = latest(connection, policy.name)
        if before is None:
            return ()
        try:
            old = load(connection, before)
        except (PolicyError, NotStored, Refused):
            return ()  # the language has moved on, or its text is lost: what its rules were called cannot be said
    return tuple(
        Caution(
            "name-gone",
            f"the rule `{name}` of version {before.number} has no successor; its name was made from its wording",
            f"版本 {before.number} 的规则 `{name}` 在新版本中没有同名者；该名称由措辞生成",
        )
        for name in vanished(old, policy)
    )
