"""Publishing: only what was approved, as its events say, and from the day that somebody names."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from policies.registry.store import tables, workflow
from policies.registry.store.connect import Store, reading, writing
from policies.registry.store.drafts import row_of
from policies.registry.store.events import append_event, next_place
from policies.registry.store.findings import Unreadable
from policies.registry.store.history import told_of
from policies.registry.store.problems import Refused
from policies.registry.store.publications import publish
from policies.registry.store.texts import hash_of
from policies.registry.store.versions import latest
from tests.store import POLICY, Clock, published, ready, submitted, text

# ---------------------------------------------------------------- what was approved

TAMPERED = [
    "text = replace(text, 'Key', 'Best')",
    f"text = 'x', hash = '{hash_of('x')}'",
    'approvers = \'["bob","cai"]\'',
    "approvers = '[]'",
    "approvers = '[\"eve\"]'",
    "author = 'eve'",
    "reason = 'another'",
    "tests = 'tests: []'",
    """uses = '[["pack.tier","x"]]'""",
    "rolled_back = 1",
]


@pytest.mark.parametrize("change", TAMPERED)
def test_only_what_was_approved_is_published(store: Store, change: str) -> None:
    """Drafts are rows that may be changed; what was handed in and approved stands in the chain."""
    draft = ready(store)
    with writing(store) as connection:
        connection.exec_driver_sql(f"update drafts set {change} where id = {draft.id}")
    with pytest.raises(Refused, match="is not what its author handed in and others approved") as refused:
        publish(store, draft.id, draft.revision, "cai")
    assert refused.value.code == "not-approved"
    with reading(store) as connection:
        assert latest(connection, "grading") is None


@pytest.mark.parametrize("state", ["draft", "submitted", "rejected"])
def test_nor_what_only_says_that_it_was_approved(store: Store, state: str) -> None:
    draft = workflow.create(store, POLICY, "ann")
    if state != "draft":
        draft = workflow.submit(store, draft.id, draft.revision, "ann", "because")
    if state == "rejected":
        draft = workflow.approve(store, draft.id, draft.revision, "bob")
        draft = workflow.reject(store, draft.id, draft.revision, "cai", "no")
    with writing(store) as connection:
        connection.exec_driver_sql(
            f"update drafts set state = 'approved', approvers = '[\"bob\"]' where id = {draft.id}"
        )
    with pytest.raises(Refused, match="is not what its author handed in and others approved"):
        publish(store, draft.id, draft.revision, "cai")


def test_nor_a_text_changed_before_its_approval(store: Store) -> None:
    """The text is another when it is approved than when it was handed in."""
    draft = submitted(store)
    other = text(label="Best")
    with writing(store) as connection:
        table = tables.drafts
        connection.execute(table.update().values(text=other, hash=hash_of(other)))
    draft = workflow.approve(store, draft.id, draft.revision, "bob")
    with pytest.raises(Refused, match="is not what its author handed in and others approved"):
        publish(store, draft.id, draft.revision, "cai")


@pytest.mark.parametrize(
    ("submitter", "approver", "fair"), [("ann", "bob", True), ("ann", "ＡＮＮ", False), ("bob", "cai", False)]
)
def test_nor_what_its_events_say_one_person_did(
    store: Store, submitter: str, approver: str, fair: bool
) -> None:
    """Events that nobody's step has written, links of the chain all the same, and a draft that fits them."""
    draft = workflow.create(store, POLICY, "ann")
    draft, _ = workflow.check(store, draft.id, draft.revision, "ann")
    told: list[tuple[str, str, dict[str, object]]] = [
        ("submitted", submitter, {"hash": draft.hash, "revision": draft.revision + 1}),
        (
            "approved",
            approver,
            {"hash": draft.hash, "revision": draft.revision + 2, "approvals": 1, "needed": 1},
        ),
    ]
    with writing(store) as connection:
        place = next_place(connection, store.clock())
        for kind, actor, payload in told:
            what: dict[str, Any] = {
                "policy": draft.policy,
                "draft": draft.id,
                "reason": "because",
                "payload": payload,
            }
            place = append_event(connection, place, kind, actor, **what)
        row = {
            "state": "approved",
            "revision": draft.revision + 2,
            "approvers": [approver],
            "reason": "because",
        }
        table = tables.drafts
        written = row_of({**row, "submitted_at": place.at, "changed_at": place.at})
        connection.execute(table.update().values(written))
    if fair:
        assert publish(store, draft.id, draft.revision + 2, "cai").version.number == 1
        return
    with pytest.raises(Refused, match="is not what its author handed in and others approved"):
        publish(store, draft.id, draft.revision + 2, "cai")


def test_an_approval_that_was_tampered_with_counts_for_nothing(store: Store) -> None:
    draft = submitted(store)
    draft = workflow.approve(store, draft.id, draft.revision, "bob")
    with writing(store) as connection:
        for trigger in ("events_keeps on events",) if store.file is None else ("events_no_update",):
            connection.exec_driver_sql(f"drop trigger {trigger}")
        connection.exec_driver_sql("update events set actor = 'eve' where kind = 'approved'")
        connection.exec_driver_sql("update drafts set approvers = '[\"eve\"]'")
        # The triggers of a PostgreSQL that serves several tests are put back with the transaction.
        with pytest.raises(Unreadable):
            told_of(connection, draft.id)
        connection.get_transaction().rollback()  # type: ignore[union-attr]


# ---------------------------------------------------------------- from which day


def test_from_today_in_the_policys_own_timezone(store: Store) -> None:
    assert isinstance(store.clock, Clock)
    store.clock.on(date(2026, 6, 1), hour=15)
    assert published(store).version.start == date(2026, 6, 1)
    store.clock.on(date(2026, 6, 1), hour=16)  # midnight in Shanghai
    assert published(store).version.start == date(2026, 6, 2)
    with pytest.raises(Refused, match="2026-06-01 has gone by \\(today is 2026-06-02\\)"):
        published(store, start=date(2026, 6, 1))


def test_backdated_needs_a_word_and_a_reason(store: Store) -> None:
    draft = ready(store)
    day = date(2026, 2, 1)
    for said in ({}, {"backdated": True}, {"comment": "why"}, {"backdated": True, "comment": " "}):
        with pytest.raises(Refused, match="say that it is backdated, and why"):
            publish(store, draft.id, draft.revision, "bob", start=day, **said)
    found = publish(store, draft.id, draft.revision, "bob", start=day, backdated=True, comment="was wrong")
    assert (found.version.start, found.version.comment) == (day, "was wrong")


def test_the_header_bounds_the_day(store: Store) -> None:
    bounded = POLICY.replace("from 2026-01-01", "from 2026-09-01 until 2026-12-31")
    draft = ready(store, bounded.replace("given orders", "given orders"))
    for day in (date(2026, 8, 31), date(2027, 1, 1)):
        with pytest.raises(Refused, match="effective from 2026-09-01 until 2026-12-31"):
            publish(store, draft.id, draft.revision, "bob", start=day)
    assert publish(store, draft.id, draft.revision, "bob").version.start == date(2026, 9, 1)


def test_without_a_header_no_day_is_outside(store: Store) -> None:
    """A text that does not say from when it is effective may be published for any day, also for one gone by."""
    unbounded = POLICY.replace("effective from 2026-01-01\n", "")
    assert published(store, unbounded).version.start == date(2026, 6, 1)
    for day in (date(2020, 2, 29), date(2026, 5, 31)):
        assert published(store, unbounded, start=day, backdated=True).version.start == day
    with pytest.raises(Refused, match="2026-05-31 has gone by"):
        published(store, unbounded, start=date(2026, 5, 31))


def test_a_header_without_an_end_has_one_bound(store: Store) -> None:
    draft = ready(store)
    with pytest.raises(Refused) as refused:
        publish(store, draft.id, draft.revision, "bob", start=date(2025, 12, 31), backdated=True, comment="x")
    assert refused.value.message() == (
        "the text is effective from 2026-01-01, and 2025-12-31 is outside; choose a day inside"
    )
    assert refused.value.message("zh") == "文本自 2026-01-01 生效，2025-12-31 不在其内；请选择其间的日期"
    done = publish(
        store, draft.id, draft.revision, "bob", start=date(2026, 1, 1), backdated=True, comment="x"
    )
    assert done.version.start == date(2026, 1, 1)


def test_scheduled_versions_take_over(store: Store) -> None:
    published(store, start=date(2026, 9, 1))
    done = published(store, text(label="new"))
    [caution] = done.cautions
    assert caution.code == "starts-later"
    assert caution.message().startswith("version 1 takes over on 2026-09-01")
    assert caution.message("zh").startswith("版本 1 将于 2026-09-01 起")


def test_a_name_made_from_wording_that_disappears(store: Store) -> None:
    named, unnamed = '  big: +5 when orders > 9000 "Big"', '  +5 when orders > 900 "Quite big"'
    scored = text().replace("tiers grade", f"score size\n{named}\n{unnamed}\ntiers grade")
    published(store, scored)
    reworded = scored.replace("Quite big", "Rather big").replace("big: ", "large: ")
    [caution] = published(store, reworded).cautions
    assert caution.code == "name-gone"
    assert "`size.quite_big` of version 1" in caution.message()
    assert published(store, reworded.replace("Other", "others")).cautions == ()


def test_a_policy_is_what_its_first_line_says(store: Store) -> None:
    draft = workflow.create(store, "nothing that is a policy", "ann")
    assert draft.policy is None
    draft = workflow.edit(store, draft.id, 1, "ann", text=text("other"))
    assert draft.policy == "other"
    published(store)
    assert published(store, text("other")).version.number == 1
    with reading(store) as connection:
        newest = latest(connection, "grading")
        assert newest is not None
        assert newest.number == 1
