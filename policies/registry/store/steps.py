"""One step of the workflow: take the chain, look whether the draft is still what the caller saw, change it, say so.

All steps go through `stepping`. It takes the head of the chain of events first, so that of two people who take a step
at once one comes first, and the other finds a revision that is not the one they looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from policies.registry.store.connect import Store, writing
from policies.registry.store.drafts import Draft, State, change, draft
from policies.registry.store.events import Event, Place, append_event, last_event, next_place
from policies.registry.store.problems import StoreConflict

# What was done, by the kind of its event, as it stands in "`bob` approved it" and "`bob` … 批准".
DONE: dict[str, tuple[str, str]] = {
    "created": ("created it", "创建"),
    "edited": ("edited it", "修改"),
    "checked": ("checked it", "检查"),
    "submitted": ("submitted it", "提交"),
    "approved": ("approved it", "批准"),
    "rejected": ("rejected it", "驳回"),
    "withdrawn": ("withdrew it", "撤回"),
    "published": ("published it", "发布"),
}

# Each state in a sentence: "draft 7 is …".
STATE_ZH: dict[State, str] = {
    "draft": "草稿",
    "checked": "已检查",
    "submitted": "已提交",
    "approved": "已批准",
    "published": "已发布",
    "rejected": "已驳回",
    "withdrawn": "已撤回",
}


@dataclass(slots=True)
class Step:
    """A draft in hand, in a transaction that nobody else can come before; `place` is where its event will stand."""

    connection: Connection
    draft: Draft
    place: Place

    def done(self, kind: str, actor: str, **told: Any) -> None:
        """Adds the event of a step that was taken on the draft as it is now."""
        told["payload"] = {"revision": self.draft.revision, **told.get("payload", {})}
        self.place = append_event(
            self.connection, self.place, kind, actor, policy=self.draft.policy, draft=self.draft.id, **told
        )

    def change(self, **fields: Any) -> None:
        """Changes the draft: its next revision."""
        fields |= {"revision": self.draft.revision + 1, "changed_at": self.place.at}
        change(self.connection, self.draft, fields)
        self.draft = draft(self.connection, self.draft.id)


@contextmanager
def stepping(
    store: Store, id: int, revision: int, allowed: tuple[State, ...], what: tuple[str, str]
) -> Iterator[Step]:
    """A step on a draft that is in one of the `allowed` states, at the revision that the caller saw.

    `what` names the step in both languages ("approved", "批准"). Raises `NotStored`, `StoreUnavailable`, and
    `StoreConflict` where the draft has moved on.
    """
    with writing(store) as connection:
        place = next_place(connection, store.clock())
        found = draft(connection, id)
        if found.revision != revision:
            raise moved_on(found, last_event(connection, id))
        if found.state not in allowed:
            raise _wrong_state(found, allowed, what)
        yield Step(connection, found, place)


def moved_on(draft: Draft, last: Event | None) -> StoreConflict:
    """Somebody was faster: who did what, when."""
    en, zh = f"draft {draft.id} has moved on", f"草案 {draft.id} 已有变动"
    if last is not None:
        done, when = DONE.get(last.kind, (last.kind, last.kind)), shown_time(last.at)
        en += f": `{last.actor}` {done[0]} at {when}"
        zh += f"：`{last.actor}` 于 {when} {done[1]}"
    return StoreConflict("moved-on", f"{en}; look at it again, then go on", f"{zh}；请重新查看后再继续")


def _wrong_state(draft: Draft, allowed: tuple[State, ...], what: tuple[str, str]) -> StoreConflict:
    wanted, wanted_zh = " or ".join(allowed), "或".join(STATE_ZH[state] for state in allowed)
    return StoreConflict(
        "wrong-state",
        f"draft {draft.id} is {draft.state}; only one that is {wanted} can be {what[0]}",
        f"草案 {draft.id} {STATE_ZH[draft.state]}；只有{wanted_zh}的草案才能{what[1]}",
    )


def shown_time(moment: datetime) -> str:
    """A time in a sentence, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
