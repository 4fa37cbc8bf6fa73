"""From a text to an approved draft: the steps, and who may take them.

    created → checked → submitted → approved → published
                             ↘ rejected, withdrawn

Four eyes: a draft is approved by other people than its author, each of them once, as many as the store asks for
(`approvals`). An edit takes all of that back: what is approved is the text. Rejected drafts may be edited and so begin
again; withdrawn and published ones are at their end. A rollback is a draft with the text of an old version, to the letter:
it goes the same way, but nobody edits it. Every step is one event, in the same transaction (`steps`); publishing is in `publications`.

Who may take a step at all is a matter of roles and not settled here, but for what four eyes need: only the author
edits, hands in or withdraws, and the author does not approve.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert

from policies.registry.store import given
from policies.registry.store.checks import (
    Examination,
    demand_good,
    demand_still_good,
    examine,
    examine_text,
)
from policies.registry.store.connect import Store, reading, writing
from policies.registry.store.drafts import Draft, State, draft, policy_name, row_of
from policies.registry.store.drafts import drafts as _drafts
from policies.registry.store.events import last_event, next_place
from policies.registry.store.problems import Refused
from policies.registry.store.steps import Step, moved_on, stepping
from policies.registry.store.tables import drafts as table
from policies.registry.store.texts import Use, hash_of
from policies.registry.store.versions import sources, version

# The states from which a draft may still become something.
ALIVE: tuple[State, ...] = ("draft", "checked", "submitted", "approved", "rejected")

# ---------------------------------------------------------------- looking


def get(store: Store, id: int) -> Draft:
    """One draft. Raises `NotStored`."""
    with reading(store) as connection:
        return draft(connection, id)


def listing(store: Store, **chosen: Any) -> tuple[Draft, ...]:
    """Drafts, the newest first; `chosen` as for `drafts.drafts`."""
    with reading(store) as connection:
        return _drafts(connection, **chosen)


# ---------------------------------------------------------------- the author's steps


def create(
    store: Store, text: str, author: str, *, uses: Iterable[Use] = (), tests: str | None = None
) -> Draft:
    """A new draft. The text need not be right yet; `uses` are the texts that it brings in (`texts.pin`)."""
    return _begin(store, given.actor(author), _content(text, uses, tests))


def edit(
    store: Store,
    id: int,
    revision: int,
    actor: str,
    *,
    text: str,
    uses: Iterable[Use] = (),
    tests: str | None = None,
) -> Draft:
    """Another text for a draft, by its author: it is a draft again, and no approval of the old text counts.

    Raises `Refused` for anybody else, and for a rollback.
    """
    actor, fields = given.actor(actor), _content(text, uses, tests)
    with stepping(store, id, revision, ALIVE, ("edited", "修改")) as step:
        _demand_author(step.draft, actor, ("edit it; make a draft of your own", "修改；请另建草案"))
        _demand_no_rollback(step.draft)
        step.change(state="draft", approvers=(), reason=None, comment=None, submitted_at=None, **fields)
        step.done("edited", actor, payload=_told(step.draft))
        return step.draft


def check(store: Store, id: int, revision: int, actor: str) -> tuple[Draft, Examination]:
    """Checks a draft and runs its tests: it is `checked` where all is well, and stays a draft where it is not."""
    actor = given.actor(actor)
    examination = examined(store, id, revision)
    with stepping(store, id, revision, ("draft", "checked"), ("checked", "检查")) as step:
        _checked(step, actor, examination)
        return step.draft, examination


def submit(store: Store, id: int, revision: int, actor: str, reason: str) -> Draft:
    """Hands a draft in, with a reason, which its author does. One that has not been checked is checked now.

    Raises `Refused` where it has errors or a test fails, and for anybody else.
    """
    actor = given.actor(actor)
    why = given.reason(reason, "submitting a draft", "提交草案")
    examination = examined(store, id, revision)
    with stepping(store, id, revision, ("draft", "checked"), ("submitted", "提交")) as step:
        _demand_author(step.draft, actor, ("hand it in; make a draft of your own", "提交；请另建草案"))
        demand_good(step.draft, examination)
        _submitted(step, actor, why, examination)
        return step.draft


def withdraw(store: Store, id: int, revision: int, actor: str, reason: str | None = None) -> Draft:
    """Takes a draft back for good, which its author does. Raises `Refused` for anybody else."""
    actor, why = given.actor(actor), given.optional(reason)
    with stepping(store, id, revision, ALIVE, ("withdrawn", "撤回")) as step:
        _demand_author(step.draft, actor, ("withdraw it; others may reject it", "撤回；他人可以驳回"))
        step.change(state="withdrawn")
        step.done("withdrawn", actor, reason=why)
        return step.draft


def rollback(store: Store, policy: str, number: int, actor: str, reason: str) -> Draft:
    """A draft with the text of an old version and what that used, submitted at once.

    Raises `NotStored`, and `Refused` where the old text does not check any more, or its examples fail: the language has moved
    on, or the day. Then nothing is made, for what nobody may edit could not be mended.
    """
    actor = given.actor(actor)
    why = given.reason(reason, "a rollback", "回滚")
    with reading(store) as connection:
        old = sources(connection, version(connection, policy, number))
    demand_still_good(old.text.name, examine_text(old.text, old.uses, None, store.clock()))
    fields = _content(old.text.text, old.uses, None) | {"rolled_back": number}
    begun = _begin(store, actor, fields)
    return submit(store, begun.id, begun.revision, actor, why)


# ---------------------------------------------------------------- the approvers' steps


def approve(store: Store, id: int, revision: int, actor: str, comment: str | None = None) -> Draft:
    """Puts a name to a draft; it is `approved` when as many have as the store asks for.

    Raises `Refused` for the author, and for somebody who approved it already.
    """
    actor, said = given.actor(actor), given.optional(comment)
    with stepping(store, id, revision, ("submitted",), ("approved", "批准")) as step:
        approve_step(step, store, actor, said)
        return step.draft


def approve_step(step: Step, store: Store, actor: str, comment: str | None) -> None:
    """Approves the draft in hand (see `approve`)."""
    _demand_other_eyes(step.draft, actor)
    approvers = (*step.draft.approvers, actor)
    enough = len(approvers) >= store.approvals
    step.change(approvers=approvers, state="approved" if enough else "submitted")
    step.done(
        "approved",
        actor,
        reason=comment,
        payload={"hash": step.draft.hash, "approvals": len(approvers), "needed": store.approvals},
    )


def reject(store: Store, id: int, revision: int, actor: str, comment: str) -> Draft:
    """Sends a draft back to its author, with a comment. One that is approved already may still be rejected."""
    actor = given.actor(actor)
    why = given.reason(comment, "a rejection", "驳回")
    with stepping(store, id, revision, ("submitted", "approved"), ("rejected", "驳回")) as step:
        step.change(state="rejected", comment=why, approvers=())
        step.done("rejected", actor, reason=why)
        return step.draft


def _demand_other_eyes(draft: Draft, actor: str) -> None:
    if given.same_person(draft.author, actor):
        raise Refused(
            "own-draft",
            f"`{actor}` is the author of draft {draft.id}; somebody else must approve it",
            f"`{actor}` 是草案 {draft.id} 的作者；须由他人批准",
        )
    if any(given.same_person(name, actor) for name in draft.approvers):
        raise Refused(
            "approved-before",
            f"`{actor}` has approved draft {draft.id} already; it needs another person",
            f"`{actor}` 已批准过草案 {draft.id}；还须由另一人批准",
        )


# ---------------------------------------------------------------- what the steps share


def _demand_author(draft: Draft, actor: str, what: tuple[str, str]) -> None:
    if not given.same_person(draft.author, actor):
        raise Refused(
            "not-yours",
            f"draft {draft.id} is `{draft.author}`'s, who alone may {what[0]}",
            f"草案 {draft.id} 属于 `{draft.author}`，只有作者本人可以{what[1]}",
        )


def _demand_no_rollback(draft: Draft) -> None:
    if draft.rolled_back is not None:
        old = f"{draft.policy}@{draft.rolled_back}"
        raise Refused(
            "rollback",
            f"draft {draft.id} is the text of `{old}` again, to the letter, and cannot be edited;"
            f" begin a draft of your own from `tierwise show {old}`",
            f"草案 {draft.id} 是 `{old}` 的原文，不可修改；请用 `tierwise show {old}` 取得文本，另建草案",
        )


def _content(text: str, uses: Iterable[Use], tests: str | None) -> dict[str, Any]:
    """What a draft holds, as its author handed it in."""
    pinned = tuple(Use(given.policy_text(use.name), given.policy_text(use.text)) for use in uses)
    return {
        "text": given.policy_text(text),
        "hash": hash_of(text),
        "policy": policy_name(text),
        "uses": pinned,
        "tests": None if tests is None else given.policy_text(tests),
    }


def _begin(store: Store, author: str, fields: dict[str, Any]) -> Draft:
    """A new draft."""
    with writing(store) as connection:
        place = next_place(connection, store.clock())
        row = {"revision": 1, "state": "draft", "author": author, "approvers": (), **fields}
        row |= {"created_at": place.at, "changed_at": place.at}
        id = connection.execute(insert(table).values(row_of(row)).returning(table.c.id)).scalar_one()
        step = Step(connection, draft(connection, id), place)
        step.done("created", author, payload=_told(step.draft))
        return step.draft


def _told(draft: Draft) -> dict[str, Any]:
    """What the event of a new text says of it."""
    told: dict[str, Any] = {"hash": draft.hash, "uses": [(use.name, use.hash) for use in draft.uses]}
    if draft.tests is not None:
        told["tests"] = hash_of(draft.tests)
    if draft.rolled_back is not None:
        told["rolled_back"] = draft.rolled_back
    return told


def examined(store: Store, id: int, revision: int) -> Examination:
    """Checks a draft outside any transaction: that takes its time.

    A revision is one text for good. So what is looked at here is what the step acts on, which demands the same revision
    once more. Raises `NotStored`, `StoreConflict` where the draft is at another one.
    """
    with reading(store) as connection:
        found = draft(connection, id)
        if found.revision != revision:
            raise moved_on(found, last_event(connection, id))
    return examine(found, store.clock())


def _checked(step: Step, actor: str, examination: Examination) -> None:
    step.change(state="checked" if examination.good else "draft")
    step.done("checked", actor, payload=examination.counts())


def _submitted(step: Step, actor: str, reason: str, examination: Examination) -> None:
    if step.draft.state == "draft":
        _checked(step, actor, examination)
    step.change(state="submitted", reason=reason, submitted_at=step.place.at)
    step.done("submitted", actor, reason=reason, payload={"hash": step.draft.hash})
