"""From a text to a published version: each step, who may take it, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest

from policies.registry.store import workflow
from policies.registry.store.checks import Examination, examine
from policies.registry.store.connect import Store, reading
from policies.registry.store.drafts import Draft, State
from policies.registry.store.events import list_events
from policies.registry.store.problems import NotStored, Refused, StoreConflict, StoreError
from policies.registry.store.publications import approve_and_publish, publish
from policies.registry.store.steps import DONE, STATE_ZH
from policies.registry.store.tables import STATES
from policies.registry.store.texts import Use, load_from, pin
from policies.registry.store.versions import sources, version
from tests.store import POLICY, Clock, assert_whole, published, ready, submitted, text

Open = Callable[..., Store]
TESTS = "tests:\n  - {name: little, given: {orders: 5}, expect: {grade: B}}\n"


def kinds(store: Store, draft: Draft) -> list[str]:
    with reading(store) as connection:
        return [event.kind for event in list_events(connection, draft=draft.id)]


# ---------------------------------------------------------------- the way through


def test_the_whole_way(store: Store) -> None:
    draft = workflow.create(store, POLICY, " ann ", tests=TESTS)
    assert (draft.state, draft.revision, draft.author, draft.policy) == ("draft", 1, "ann", "grading")
    draft, examination = workflow.check(store, draft.id, 1, "ann")
    assert draft.state == "checked"
    assert examination.counts() == {"errors": 0, "warnings": 0, "tests": 2, "failed": 0}
    draft = workflow.submit(store, draft.id, draft.revision, "ann", "a higher bar")
    draft = workflow.approve(store, draft.id, draft.revision, "bob", "fine")
    assert (draft.state, draft.approvers) == ("approved", ("bob",))
    done = publish(store, draft.id, draft.revision, "cai", comment="as agreed")
    found = done.version
    assert done.cautions == ()
    assert (found.policy, found.number, found.title, found.timezone) == (
        "grading",
        1,
        "Grading",
        "Asia/Shanghai",
    )
    assert (found.author, found.approvers, found.publisher) == ("ann", ("bob",), "cai")
    assert (found.reason, found.comment) == ("a higher bar", "as agreed")
    assert workflow.get(store, draft.id).state == "published"
    with reading(store) as connection:
        events = list(list_events(connection))
        assert sources(connection, found).text.text == POLICY
    assert [(event.kind, event.actor) for event in events] == [
        ("created", "ann"),
        ("checked", "ann"),
        ("submitted", "ann"),
        ("approved", "bob"),
        ("published", "cai"),
    ]
    assert [event.reason for event in events[2:]] == ["a higher bar", "fine", "as agreed"]
    assert_whole(store)


def test_submitting_checks_what_was_not_checked(store: Store) -> None:
    assert kinds(store, submitted(store)) == ["created", "checked", "submitted"]


def test_every_step_and_state_has_its_words() -> None:
    assert set(STATE_ZH) == set(STATES)
    assert set(STATES) - {"draft"} <= set(DONE)


@pytest.mark.parametrize(
    ("policy", "tests", "said"),
    [
        ("policy grading\ntiers t by nothing\n", None, r"\d+ errors? and no failing tests"),
        (POLICY.replace("expect grade = A", "expect grade = B"), None, "no errors and 1 failing test;"),
        (POLICY, TESTS.replace("B", "A"), "1 failing test;"),
        (POLICY, "tests: 7", "1 failing test;"),
        (POLICY, "tests: [", "1 failing test;"),
        ("", None, "error"),
    ],
)
def test_what_is_not_right_is_not_submitted(store: Store, policy: str, tests: str | None, said: str) -> None:
    draft = workflow.create(store, policy, "ann", tests=tests)
    with pytest.raises(Refused, match=said) as caught:
        workflow.submit(store, draft.id, 1, "ann", "because")
    assert "未通过" in caught.value.message("zh")
    checked, examination = workflow.check(store, draft.id, 1, "ann")
    assert not examination.good
    assert checked.state == "draft"
    assert kinds(store, draft) == ["created", "checked"]


# ---------------------------------------------------------------- four eyes


@pytest.mark.parametrize("name", ["ann", " ann", "Ann"])
def test_nobody_approves_their_own(store: Store, name: str) -> None:
    draft = submitted(store)
    for step in (workflow.approve, approve_and_publish):
        with pytest.raises(Refused, match="is the author of draft 1; somebody else must approve it"):
            step(store, draft.id, draft.revision, name)
    assert workflow.get(store, draft.id) == draft


def test_two_approvals_are_two_people(store_url: str, opened: Open) -> None:
    store = opened(store_url, approvals=2, clock=Clock())
    draft = submitted(store)
    draft = workflow.approve(store, draft.id, draft.revision, "bob")
    assert draft.state == "submitted"
    with pytest.raises(Refused, match="has approved draft 1 already"):
        workflow.approve(store, draft.id, draft.revision, "BOB")
    with pytest.raises(StoreConflict, match="only one that is approved can be published"):
        publish(store, draft.id, draft.revision, "bob")
    draft = workflow.approve(store, draft.id, draft.revision, "cai")
    assert (draft.state, draft.approvers) == ("approved", ("bob", "cai"))
    assert publish(store, draft.id, draft.revision, "bob").version.approvers == ("bob", "cai")
    other = submitted(store, policy=text(label="other"))
    with pytest.raises(Refused, match="needs 2 approvals"):
        approve_and_publish(store, other.id, other.revision, "bob")
    assert workflow.get(store, other.id) == other
    assert_whole(store)


def test_a_store_without_four_eyes_is_none(store_url: str, opened: Open) -> None:
    with pytest.raises(StoreError, match="at least one person beside the author"):
        opened(store_url, approvals=0)


def test_an_edit_takes_approvals_back(store: Store) -> None:
    draft = ready(store)
    edited = workflow.edit(store, draft.id, draft.revision, "ann", text=text(label="new"))
    assert (edited.state, edited.approvers, edited.reason) == ("draft", (), None)
    assert edited.hash != draft.hash
    with pytest.raises(StoreConflict, match="draft 1 is draft; only one that is approved"):
        publish(store, draft.id, edited.revision, "bob")


def test_only_the_author_edits(store: Store) -> None:
    draft = submitted(store)
    with pytest.raises(Refused, match="is `ann`'s, who alone may edit it"):
        workflow.edit(store, draft.id, draft.revision, "bob", text=POLICY)


# ---------------------------------------------------------------- other ways to go


def test_a_rejected_draft_has_no_approvers(store_url: str, opened: Open) -> None:
    store = opened(store_url, approvals=2)
    draft = submitted(store)
    draft = workflow.approve(store, draft.id, draft.revision, "bob")
    assert draft.approvers == ("bob",)
    draft = workflow.reject(store, draft.id, draft.revision, "eve", "the bar is too low")
    assert (draft.state, draft.approvers) == ("rejected", ())


def test_rejected_and_begun_again(store: Store) -> None:
    draft = submitted(store)
    draft = workflow.reject(store, draft.id, draft.revision, "bob", "the bar is too low")
    assert (draft.state, draft.comment) == ("rejected", "the bar is too low")
    draft = workflow.edit(store, draft.id, draft.revision, "ann", text=text(label="new"))
    draft = workflow.submit(store, draft.id, draft.revision, "ann", "better now")
    assert kinds(store, draft) == [
        *("created", "checked", "submitted", "rejected"),
        *("edited", "checked", "submitted"),
    ]
    assert_whole(store)


def test_withdrawn_is_the_end(store: Store) -> None:
    draft = submitted(store)
    with pytest.raises(
        Refused, match="is `ann`'s, who alone may withdraw it; others may reject it"
    ) as refused:
        workflow.withdraw(store, draft.id, draft.revision, "bob", "not mine")
    assert "只有作者本人可以撤回" in refused.value.message("zh")
    draft = workflow.withdraw(store, draft.id, draft.revision, "ann", "a mistake")
    for step in (workflow.approve, publish, workflow.withdraw):
        with pytest.raises(StoreConflict, match="draft 1 is withdrawn") as caught:
            step(store, draft.id, draft.revision, "bob")
    assert "已撤回" in caught.value.message("zh")
    with pytest.raises(StoreConflict):
        workflow.edit(store, draft.id, draft.revision, "ann", text=POLICY)
    assert_whole(store)


def test_rolled_back(store: Store) -> None:
    first = published(store).version
    published(store, text(label="new"))
    draft = workflow.rollback(store, "grading", 1, "bob", "the new one is wrong")
    assert (draft.state, draft.rolled_back, draft.text) == ("submitted", 1, POLICY)
    with pytest.raises(Refused, match="is the author"):
        approve_and_publish(store, draft.id, draft.revision, "bob")
    found = approve_and_publish(store, draft.id, draft.revision, "ann").version
    assert (found.number, found.rolled_back, found.hash) == (3, 1, first.hash)
    assert (found.author, found.approvers, found.publisher) == ("bob", ("ann",), "ann")
    assert kinds(store, draft)[-2:] == ["approved", "published"]
    with pytest.raises(NotStored, match="there is no version 9 of `grading`"):
        workflow.rollback(store, "grading", 9, "bob", "why")
    assert_whole(store)


def test_a_rollback_is_the_old_text_to_the_letter(store: Store) -> None:
    published(store)
    draft = workflow.rollback(store, "grading", 1, "bob", "the new one is wrong")
    for given in (text(label="new"), POLICY):
        with pytest.raises(Refused) as refused:
            workflow.edit(store, draft.id, draft.revision, "bob", text=given)
    assert refused.value.message() == (
        "draft 2 is the text of `grading@1` again, to the letter, and cannot be edited;"
        " begin a draft of your own from `tierwise show grading@1`"
    )
    assert "不可修改；请用 `tierwise show grading@1` 取得文本，另建草案" in refused.value.message("zh")
    assert workflow.get(store, draft.id) == draft
    workflow.withdraw(store, draft.id, draft.revision, "bob")
    assert_whole(store)


def test_an_old_text_that_does_not_hold_any_more_is_not_rolled_back_to(store: Store) -> None:
    """Its example is asked of today, when the bar has been raised. Nothing is made that nobody could mend."""
    assert isinstance(store.clock, Clock)
    unbounded = POLICY.replace("effective from 2026-01-01\n", "").replace("orders = 500", "orders = 150")
    published(store, unbounded)
    published(store, text(label="new"))
    store.clock.on(date(2026, 8, 1))
    with pytest.raises(Refused) as refused:
        workflow.rollback(store, "grading", 1, "bob", "the new one is wrong")
    assert refused.value.code == "not-good"
    assert refused.value.message() == (
        "`grading@1` has no errors and 1 failing test by now; begin a draft of your own from `tierwise show grading@1`"
    )
    assert refused.value.message("zh").startswith("`grading@1` 现有 0 个错误、1 个测试未通过；请用")
    assert len(workflow.listing(store)) == 2
    assert_whole(store)


def test_what_a_policy_uses_is_pinned(store: Store) -> None:
    pack = 'policy pack "Pack"\nfact region: one of north, south "Region"\n'
    using = 'policy using "Uses"\nuse "pack.tier"\ntiers level\n  A when region is north\n  B otherwise\n'
    draft = workflow.create(store, using, "ann")
    with pytest.raises(Refused, match="error"):
        workflow.submit(store, draft.id, 1, "ann", "without its pack")
    uses = pin(draft.source, load_from([Use("pack.tier", pack), Use("idle.tier", pack)]))
    assert [use.name for use in uses] == ["pack.tier"]
    draft = workflow.edit(store, draft.id, 1, "ann", text=using, uses=uses)
    draft = workflow.submit(store, draft.id, draft.revision, "ann", "with it")
    found = approve_and_publish(store, draft.id, draft.revision, "bob").version
    assert found.uses == (("pack.tier", uses[0].hash),)
    again = workflow.rollback(store, "using", 1, "bob", "again")
    assert again.uses == uses
    assert_whole(store)


# ---------------------------------------------------------------- steps on what has moved on


def test_a_step_on_what_has_moved_on(store: Store) -> None:
    draft = submitted(store)
    workflow.approve(store, draft.id, draft.revision, "bob")
    for step in (workflow.approve, workflow.withdraw, publish, approve_and_publish):
        with pytest.raises(StoreConflict) as caught:
            step(store, draft.id, draft.revision, "cai")
        assert caught.value.message() == (
            "draft 1 has moved on: `bob` approved it at 2026-06-01 08:00:00 UTC; look at it again, then go on"
        )
        assert caught.value.message("zh") == (
            "草案 1 已有变动：`bob` 于 2026-06-01 08:00:00 UTC 批准；请重新查看后再继续"
        )


def afterwards(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Something that happens when a draft has been looked at, and before the step is taken on it."""
    where = "policies.registry.store.workflow.examine"

    def and_then(draft: Draft, now: datetime) -> Examination:
        monkeypatch.setattr(where, examine)
        found = examine(draft, now)
        happens()
        return found

    monkeypatch.setattr(where, and_then)


def test_what_was_looked_at_is_what_is_handed_in(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names the next revision, and has luck with an edit in between, hands in nothing that nobody looked at."""
    for step in (
        lambda draft: workflow.submit(store, draft.id, 2, "ann", "because"),
        lambda draft: workflow.check(store, draft.id, 2, "ann"),
    ):
        draft = workflow.create(store, POLICY, "ann")
        afterwards(
            monkeypatch,
            lambda: workflow.edit(store, draft.id, 1, "ann", text="no policy"),  # noqa: B023
        )
        with pytest.raises(StoreConflict, match="has moved on: `ann` created it"):
            step(draft)
        assert workflow.get(store, draft.id).state == "draft"
    assert_whole(store)


@pytest.mark.parametrize(("step", "ahead"), [(publish, 4), (approve_and_publish, 3)])
def test_what_was_looked_at_is_what_is_published(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: Callable[..., object], ahead: int
) -> None:
    draft = ready(store) if step is publish else submitted(store)

    def meanwhile() -> None:
        seen = workflow.edit(store, draft.id, draft.revision, "ann", text=text("other"))
        seen = workflow.submit(store, draft.id, seen.revision, "ann", "because")
        if step is publish:
            workflow.approve(store, draft.id, seen.revision, "bob")

    afterwards(monkeypatch, meanwhile)
    with pytest.raises(StoreConflict, match="draft 1 has moved on"):
        step(store, draft.id, draft.revision + ahead, "bob")
    assert workflow.get(store, draft.id) == draft
    assert_whole(store)


@pytest.mark.parametrize("state", STATES)
def test_each_state_allows_its_steps_only(store: Store, state: State) -> None:
    allowed: dict[str, set[str]] = {
        "draft": {"edit", "check", "submit", "withdraw"},
        "checked": {"edit", "check", "submit", "withdraw"},
        "submitted": {"edit", "approve", "reject", "withdraw"},
        "approved": {"edit", "reject", "publish", "withdraw"},
        "published": set(),
        "rejected": {"edit", "withdraw"},
        "withdrawn": set(),
    }
    steps: dict[str, Callable[[Draft], object]] = {
        "edit": lambda draft: workflow.edit(store, draft.id, draft.revision, "ann", text=POLICY),
        "check": lambda draft: workflow.check(store, draft.id, draft.revision, "ann"),
        "submit": lambda draft: workflow.submit(store, draft.id, draft.revision, "ann", "because"),
        "approve": lambda draft: workflow.approve(store, draft.id, draft.revision, "bob"),
        "reject": lambda draft: workflow.reject(store, draft.id, draft.revision, "bob", "no"),
        "publish": lambda draft: publish(store, draft.id, draft.revision, "bob"),
        "withdraw": lambda draft: workflow.withdraw(store, draft.id, draft.revision, "ann"),
    }
    went = set()
    for name, step in steps.items():
        draft = in_state(store, state)
        try:
            step(draft)
        except StoreConflict:
            assert workflow.get(store, draft.id) == draft
        else:
            went.add(name)
    assert went == allowed[state]
    assert_whole(store)


def in_state(store: Store, state: State) -> Draft:
    """A draft that has come to a state."""
    draft = workflow.create(store, POLICY, "ann")
    seen = (store, draft.id, 1)
    match state:
        case "draft":
            return draft
        case "checked":
            return workflow.check(*seen, "ann")[0]
        case "withdrawn":
            return workflow.withdraw(*seen, "ann")
    draft = workflow.submit(*seen, "ann", "because")
    seen = (store, draft.id, draft.revision)
    if state == "rejected":
        return workflow.reject(*seen, "bob", "no")
    if state == "submitted":
        return draft
    draft = workflow.approve(*seen, "bob")
    if state == "published":
        publish(store, draft.id, draft.revision, "bob")
    return workflow.get(store, draft.id)


# ---------------------------------------------------------------- what people hand in


@pytest.mark.parametrize(
    "name",
    ["", "  ", "x" * 201, "a\0b", "\ud800", "\u200b", "Li\u200bNa", "\u202eevil", "\u3164", "a\u034fb", "--"],
)
def test_every_step_is_somebodys(store: Store, name: str) -> None:
    with pytest.raises(Refused, match="every step is somebody's"):
        workflow.create(store, POLICY, name)
    with reading(store) as connection:
        assert list(list_events(connection)) == []


@pytest.mark.parametrize(
    ("author", "other"),
    [
        ("Li Na", "li na"),
        ("Li Na", "Ｌｉ Ｎａ"),
        ("李娜", "李 娜"),
        ("Jose\u0301", "José"),
        ("Straße", "STRASSE"),
    ],
)
def test_one_person_has_two_eyes_by_any_spelling(store: Store, author: str, other: str) -> None:
    draft = submitted(store, author)
    with pytest.raises(Refused, match="somebody else must approve it"):
        workflow.approve(store, draft.id, draft.revision, other)
    assert workflow.approve(store, draft.id, draft.revision, "陈 伟").approvers == ("陈 伟",)


def test_only_its_author_hands_a_draft_in(store: Store) -> None:
    """Or somebody could hand in what another has not finished, approve it, and publish it alone."""
    draft = workflow.create(store, POLICY, "ann")
    with pytest.raises(Refused, match="is `ann`'s, who alone may hand it in; make a draft of your own"):
        workflow.submit(store, draft.id, draft.revision, "bob", "because")
    assert workflow.get(store, draft.id) == draft


@pytest.mark.parametrize("bad", ["policy p\0", "policy p \ud800"])
def test_text_that_cannot_be_kept(store: Store, bad: str) -> None:
    for given in ({"text": bad}, {"text": POLICY, "tests": bad}, {"text": POLICY, "uses": [Use("x", bad)]}):
        with pytest.raises(Refused, match="cannot be kept"):
            workflow.create(store, author="ann", **given)


def test_reasons_are_asked_for(store: Store) -> None:
    draft = workflow.create(store, POLICY, "ann")
    with pytest.raises(Refused, match="submitting a draft needs a reason"):
        workflow.submit(store, draft.id, 1, "ann", " ")
    draft = workflow.submit(store, draft.id, 1, "ann", "because")
    with pytest.raises(Refused, match="a rejection needs a reason"):
        workflow.reject(store, draft.id, draft.revision, "bob", "")
    with pytest.raises(Refused, match="at most 4000 characters"):
        workflow.withdraw(store, draft.id, draft.revision, "ann", "x" * 4001)


def test_lists_of_drafts(store: Store) -> None:
    first = workflow.create(store, POLICY, "ann")
    second = workflow.create(store, text("other"), "ann")
    third = workflow.withdraw(store, workflow.create(store, POLICY, "ann").id, 1, "ann")
    assert workflow.listing(store) == (third, second, first)
    assert workflow.listing(store, policy="grading") == (third, first)
    assert workflow.listing(store, states=["draft"], limit=1) == (second,)
    assert workflow.listing(store, before=second.id) == (first,)
    with pytest.raises(NotStored, match="there is no draft 99"):
        workflow.get(store, 99)


def test_what_is_read_is_what_was_written(store: Store) -> None:
    draft = ready(store)
    done = publish(store, draft.id, draft.revision, "bob")
    with reading(store) as connection:
        assert version(connection, "grading", 1) == done.version
    after = workflow.get(store, draft.id)
    assert after == replace(draft, state="published", revision=draft.revision + 1, version=1)
