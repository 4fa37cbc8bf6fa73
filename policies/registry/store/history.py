"""What the chain of events says of a draft: whose it is, which text was handed in, who approved that text.

The row of a draft changes with every step, and nothing keeps anybody who may write to the database from changing it, too.
The events do not change. So what is published, and what a verification believes, is what the row and the events
say both. An edit, a rejection and what comes after it begin anew: only what was done since the last text counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from dsl.records import record
from policies.registry.store import given
from policies.registry.store.chain import digest, link
from policies.registry.store.drafts import Draft, State
from policies.registry.store.findings import Unreadable, payload_of, plain, reading_rows
from policies.registry.store.tables import events
from policies.registry.store.texts import hash_of
from policies.registry.store.versions import Version

# The state after an event of each kind; `checked` and `approved` say more in their payload.
STATE_AFTER: Mapping[str, State] = {
    "created": "draft",
    "edited": "draft",
    "checked": "checked",
    "submitted": "submitted",
    "approved": "submitted",
    "rejected": "rejected",
    "withdrawn": "withdrawn",
    "published": "published",
}


@record
class Content:
    """A text as its event names it, with what it uses and its tests, all by their hashes."""

    hash: str
    uses: tuple[tuple[str, str], ...]
    tests: str | None
    rolled_back: int | None


@record
class Told:
    """What the events say of a draft. `agreed` is whether its author handed in this very text, and all who approved meant it."""

    author: str
    content: Content
    policy: str | None
    created_at: datetime
    changed_at: datetime
    state: State = "draft"
    revision: int = 1
    reason: str | None = None
    comment: str | None = None
    submitted_at: datetime | None = None
    approvers: tuple[str, ...] = ()
    agreed: bool = False
    version: int | None = None

    @property
    def four_eyes(self) -> bool:
        """Whether it was approved, as often as was asked for, by different people who are not its author."""
        people = set(map(given.folded, self.approvers))
        return (
            self.state == "approved"
            and self.agreed
            and len(people) == len(self.approvers) > 0
            and not any(given.same_person(self.author, name) for name in self.approvers)
        )


def told_of(connection: Connection, draft: int, before: int | None = None) -> Told | None:
    """What the events say of a draft, those in front of event `before` only; None where there are none.

    Raises `Unreadable` where one of them is not as it was written, or is none that a draft can have.
    """
    query = select(events).where(events.c.draft == draft, events.c.seq > 0).order_by(events.c.seq)
    if before is not None:
        query = query.where(events.c.seq < before)
    told: Told | None = None
    with reading_rows(connection):
        for row in connection.execute(query).mappings():
            fields = plain(row, events)
            if (
                link(fields["prev"], fields) != fields["hash"]
                or digest(row["payload"]) != row["payload_hash"]
            ):
                raise Unreadable
            told = _after(told, fields, payload_of(row["payload"]))
    return told


def _after(told: Told | None, event: Mapping[str, Any], payload: Mapping[str, Any]) -> Told:
    """What is told after one more event."""
    try:
        kind, actor = event["kind"], event["actor"]
        if told is None:
            if kind != "created":
                raise Unreadable
            told = _begun(actor, _content(payload), event, created_at=event["at"])
        told = replace(
            told,
            state=STATE_AFTER[kind],
            revision=payload["revision"],
            policy=event["policy"],
            changed_at=event["at"],
        )
        match kind:
            case "edited":
                begun = _begun(told.author, _content(payload), event, told.created_at)
                return replace(begun, revision=told.revision)
            case "checked":
                good = not payload["errors"] and not payload["failed"]
                return told if good else replace(told, state="draft")
            case "submitted":
                return replace(
                    told,
                    reason=event["reason"],
                    submitted_at=event["at"],
                    agreed=payload["hash"] == told.content.hash and given.same_person(actor, told.author),
                )
            case "approved":
                return replace(
                    told,
                    approvers=(*told.approvers, actor),
                    agreed=told.agreed and payload["hash"] == told.content.hash,
                    state="approved" if payload["approvals"] >= payload["needed"] else "submitted",
                )
            case "rejected":
                return replace(told, approvers=(), comment=event["reason"])
            case "published":
                return replace(told, version=event["version"])
            case _:
                return told
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable from error


def _begun(author: str, content: Content, event: Mapping[str, Any], created_at: datetime) -> Told:
    """A draft with a new text, of which nothing is said yet."""
    return Told(author, content, event["policy"], created_at, event["at"])


def _content(payload: Mapping[str, Any]) -> Content:
    """The text that an event names."""
    uses = tuple((name, hash) for name, hash in payload["uses"])
    return Content(payload["hash"], uses, payload.get("tests"), payload.get("rolled_back"))


def is_as_told(draft: Draft, told: Told) -> bool:
    """Whether a draft's row is what the events say of it."""
    tests = None if draft.tests is None else hash_of(draft.tests)
    uses = tuple((use.name, use.hash) for use in draft.uses)
    return (
        hash_of(draft.text) == draft.hash
        and Content(draft.hash, uses, tests, draft.rolled_back) == told.content
        and (draft.author, draft.approvers, draft.state) == (told.author, told.approvers, told.state)
        and (draft.revision, draft.version) == (told.revision, told.version)
        and (draft.policy, draft.comment) == (told.policy, told.comment)
        and (draft.created_at, draft.changed_at) == (told.created_at, told.changed_at)
        and (draft.reason, draft.submitted_at) == (told.reason, told.submitted_at)
    )


def was_approved(version: Version, told: Told) -> bool:
    """Whether a version is what was handed in and approved, going by the events in front of its publication."""
    content = told.content
    return (
        told.four_eyes
        and (version.hash, version.uses, version.rolled_back)
        == (content.hash, content.uses, content.rolled_back)
        and (version.author, version.approvers) == (told.author, told.approvers)
        and (version.reason, version.submitted_at) == (told.reason or "", told.submitted_at)
    )
