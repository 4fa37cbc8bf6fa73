"""Drafts: what may become a version.

A draft is one author's. It holds the text with everything that it uses, pinned, and may hold a file of tests. Its `revision`
grows with every step, and whoever takes a step says which revision they looked at: nobody approves what has
changed under their eyes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from dsl.records import record
from dsl.source import Source
from policies.registry.store.chain import canonical
from policies.registry.store.problems import NotStored
from policies.registry.store.tables import State as State
from policies.registry.store.tables import drafts as table
from policies.registry.store.texts import Use


@record
class Draft:
    """A text on its way, and how far it has come.

    `policy` is the name in the text's first line, None while that cannot be read. `tests` is what a
    `*.tests.yaml` beside the policy would hold. `approvers` approved this very text. `reason` is the author's, given when it was
    submitted; `comment` comes with a rejection. `rolled_back` is the version whose text it has again, `version`
    the one that it became.
    """

    id: int
    revision: int
    state: State
    policy: str | None
    text: str
    hash: str
    uses: tuple[Use, ...]
    tests: str | None
    author: str
    approvers: tuple[str, ...]
    reason: str | None
    comment: str | None
    rolled_back: int | None
    version: int | None
    created_at: datetime
    changed_at: datetime
    submitted_at: datetime | None

    @property
    def source(self) -> Source:
        """The text, under the name by which messages call it."""
        return Source(self.text, f"{self.policy or 'draft'}.tier")


def draft(connection: Connection, id: int) -> Draft:
    """One draft by its number. Raises `NotStored`."""
    row = connection.execute(select(table).where(table.c.id == id)).first()
    if row is None:
        raise NotStored(
            "no-draft",
            f"there is no draft {id}; `tierwise versions` lists those that are under way",
            f"没有草案 {id}；`tierwise versions` 列出进行中的草案",
        )
    return draft_of(row)


def drafts(
    connection: Connection,
    *,
    policy: str | None = None,
    states: Iterable[State] = (),
    before: int | None = None,
    limit: int | None = None,
) -> tuple[Draft, ...]:
    """Drafts, the newest first: of a policy, in some states (none given: in any), those before number `before`."""
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    if policy is not None:
        query = query.where(table.c.policy == policy)
    if chosen := tuple(states):
        query = query.where(table.c.state.in_(chosen))
    if before is not None:
        query = query.where(table.c.id < before)
    return tuple(map(draft_of, connection.execute(query)))


def draft_of(row: Row[Any]) -> Draft:
    """A row of the table as a draft."""
    fields = dict(row._mapping)
    fields["uses"] = tuple(Use(name, text) for name, text in json.loads(fields["uses"]))
    fields["approvers"] = tuple(json.loads(fields["approvers"]))
    return Draft(**fields)


def row_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a draft as the columns keep them."""
    row = dict(fields)
    if "uses" in row:
        row["uses"] = canonical([(use.name, use.text) for use in row["uses"]])
    if "approvers" in row:
        row["approvers"] = canonical(row["approvers"])
    return row


def change(connection: Connection, draft: Draft, fields: Mapping[str, Any]) -> None:
    """Writes fields of a draft, in a transaction that holds the chain of events."""
    connection.execute(update(table).where(table.c.id == draft.id).values(row_of(fields)))


def policy_name(text: str) -> str | None:
    """The name in a policy's first line; None where it cannot be read."""
    from dsl.ast import PolicyHeader
    from dsl.parser import parse

    tree, _ = parse(Source(text))
    return next((node.name.text for node in tree.statements if isinstance(node, PolicyHeader)), None)
