"""What `make run` records in the first hour: decisions by both versions, one customer through time, and masked facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from policies.registry.store.connect import Store, open_store, reading
from policies.registry.store.masks import mask_of
from policies.registry.store.records import DecisionRecord, Payload, payload_of
from policies.registry.store.replay import recorded_policy, replay
from policies.registry.store.search import Wanted, walk
from policies.registry.store.verify import verify
from policies.samples.publish import EXAMPLE, FOLLOWED, GRADED, MOVED, THEN, fill
from tests.store import ROOT

MASKING = "protected_attributes"
Records = list[tuple[DecisionRecord, Payload]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("samples")
    for name in (f"{EXAMPLE}.tier", f"{EXAMPLE}.tests.yaml", f"{MASKING}.tier"):
        (folder / name).write_bytes((ROOT / "policies" / name).read_bytes())
    store = open_store(f"sqlite:///{folder}/store.db")
    fill(store, folder)
    yield store
    store.close()


def records(store: Store, wanted: Wanted) -> Records:
    """Records with what was asked and answered, the oldest first."""
    return [(found, payload_of(body)) for found, body in walk(store, wanted) if body is not None]


def test_the_same_customers_are_graded_by_both_versions(store: Store) -> None:
    graded = [each for each, _ in records(store, Wanted(policy=EXAMPLE)) if each.customer != FOLLOWED]
    count = GRADED + len(MOVED)
    assert Counter(each.version for each in graded) == {1: count, 2: count}
    before, after = ({each.customer: each for each in graded if each.version == number} for number in (1, 2))
    assert before.keys() == after.keys()
    assert {each.as_of for each in before.values()} == {THEN}
    assert {customer for customer in before if before[customer].tier != after[customer].tier} == {*MOVED}


def test_one_customer_is_followed_through_time(store: Store) -> None:
    followed = records(store, Wanted(customer=FOLLOWED))
    assert len({found.as_of for found, _ in followed}) == len(followed) > 3
    states = [payload.question["state"] for _, payload in followed]
    assert states == [{}, *(payload.answer["state"] for _, payload in followed[:-1])]
    assert any(payload.question["override"] for _, payload in followed)
    assert len({found.tier for found, _ in followed}) > 1


def test_masked_facts_can_be_seen_to_be_hidden(store: Store) -> None:
    kept = [
        mask_of(value)
        for _, payload in records(store, Wanted(policy=MASKING))
        for value in payload.facts.values()
    ]
    assert any(kept)


def test_everything_is_whole_and_can_be_made_again(store: Store) -> None:
    assert list(verify(store)) == []
    results: Counter[tuple[str, bool]] = Counter()
    for found, payload in records(store, Wanted()):
        with reading(store) as connection:
            policy = recorded_policy(connection, found)
        masked = any(map(mask_of, payload.facts.values()))
        results[replay(store, found, payload, policy).kind, masked] += 1
    assert results.keys() == {("same", False), ("masked", True)}
