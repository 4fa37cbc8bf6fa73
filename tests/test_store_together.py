"""Several people and several processes at once, and processes that die in the middle."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from datetime import date
from pathlib import Path

import pytest

from policies.registry.store import workflow
from policies.registry.store.connect import Store, reading
from policies.registry.store.drafts import Draft
from policies.registry.store.problems import StoreConflict
from policies.registry.store.publications import approve_and_publish, publish
from policies.registry.store.versions import history_of, versions
from tests.running import PATIENCE, spawned
from tests.store import address, assert_whole, published, ready, submitted, text

Open = Callable[..., Store]
Taken = Callable[[Draft, str], object]


def numbers(store: Store, policy: str) -> list[int]:
    with reading(store) as connection:
        return [each.number for each in versions(connection, policy)][::-1]


def at_once(count: int, what: Callable[[int], object]) -> list[object]:
    """What `count` threads get that start together: results, and conflicts as they were raised."""
    gate = threading.Barrier(count)

    def one(index: int) -> object:
        gate.wait(PATIENCE)
        try:
            return what(index)
        except StoreConflict as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def worker(url: str, name: str, count: int) -> AbstractContextManager[subprocess.Popen[str]]:
    command = (sys.executable, "-m", "tests.store_workers", url, name, str(count))
    return spawned(*command, stdout=subprocess.PIPE)


# ---------------------------------------------------------------- numbers


def test_threads_get_numbers_without_gaps(store: Store) -> None:
    given = at_once(6, lambda _: [published(store).version.number for _ in range(4)])
    assert sorted(number for each in given for number in each) == list(range(1, 25))  # type: ignore[attr-defined]
    assert numbers(store, "grading") == list(range(1, 25))
    assert_whole(store)


def test_processes_get_numbers_without_gaps(store: Store) -> None:
    with ExitStack() as stack:
        running = [stack.enter_context(worker(address(store), name, 5)) for name in ("one", "one", "two")]
        said = [process.communicate(timeout=PATIENCE)[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sorted(map(int, said[0] + said[1])) == numbers(store, "one") == list(range(1, 11))
    assert numbers(store, "two") == [1, 2, 3, 4, 5]
    assert_whole(store)


# ---------------------------------------------------------------- two at once


STEPS: dict[str, Callable[[Store], tuple[Draft, Taken]]] = {
    "approve": lambda store: (
        submitted(store),
        lambda draft, who: workflow.approve(store, draft.id, draft.revision, who),
    ),
    "publish": lambda store: (
        ready(store),
        lambda draft, who: publish(store, draft.id, draft.revision, who),
    ),
    "approve and publish": lambda store: (
        submitted(store),
        lambda draft, who: approve_and_publish(store, draft.id, draft.revision, who),
    ),
    "reject": lambda store: (
        submitted(store),
        lambda draft, who: workflow.reject(store, draft.id, draft.revision, who, "no"),
    ),
}


@pytest.mark.parametrize("step", STEPS)
def test_of_two_at_once_one_wins(store: Store, step: str) -> None:
    for _ in range(3):
        draft, take = STEPS[step](store)
        people = ["bob", "cai", "dee"]
        results = at_once(3, lambda index: take(draft, people[index]))  # noqa: B023 the round is over by then
        lost = [each for each in results if isinstance(each, StoreConflict)]
        assert len(lost) == 2
        winner = people[next(i for i, each in enumerate(results) if not isinstance(each, StoreConflict))]
        assert all(f"`{winner}` " in error.message() for error in lost)
        assert all(f"`{winner}` 于" in error.message("zh") for error in lost)
    assert_whole(store)


def test_an_edit_and_an_approval_at_once(store: Store) -> None:
    """Nobody approves a text that they have not seen."""
    for _ in range(5):
        draft = submitted(store)
        at_once(
            2,
            lambda index: (
                workflow.approve(store, draft.id, draft.revision, "bob")  # noqa: B023
                if index
                else workflow.edit(store, draft.id, draft.revision, "ann", text=text(label="new"))  # noqa: B023
            ),
        )
        after = workflow.get(store, draft.id)
        assert (after.state, after.hash == draft.hash) in (("approved", True), ("draft", False))
    assert_whole(store)


def test_readers_see_whole_publications(store: Store) -> None:
    """A reader beside a publisher finds every version with its texts, its event and its place in force."""
    published(store)
    over = threading.Event()

    def read() -> int:
        rounds = 0
        while not over.is_set() or rounds == 0:
            with reading(store) as connection:
                found = history_of(connection, "grading")
                assert found is not None
                assert found.in_force(date(2030, 1, 1)) == versions(connection, "grading")[0]
            assert_whole(store)
            rounds += 1
        return rounds

    with ThreadPoolExecutor(2) as pool:
        seen = pool.submit(read)
        try:
            for label in "abcdefgh":
                published(store, text(label=label))
        finally:
            over.set()
        seen.result(PATIENCE)


# ---------------------------------------------------------------- kill -9


def test_killed_while_it_publishes(store: Store) -> None:
    """What was acknowledged is there, nothing is there by half, and the next one goes on where it stopped."""
    acknowledged: list[int] = []
    for _ in range(4):
        with worker(address(store), "killed", 10_000) as process:
            assert process.stdout is not None
            acknowledged.append(int(process.stdout.readline()))
            threading.Timer(random.uniform(0.0, 0.4), process.send_signal, [signal.SIGKILL]).start()
            acknowledged += map(int, process.stdout)
            assert process.wait(PATIENCE) == -signal.SIGKILL
        assert_whole(store)
        assert set(acknowledged) <= set(numbers(store, "killed"))
    assert published(store, text("killed")).version.number == len(numbers(store, "killed"))


HOLDS_A_TURN = """
import sys, time
from policies.registry.store.turns import turn
with turn(sys.argv[1], 1):
    print("held", flush=True)
    time.sleep(99)
"""


def test_a_turn_ends_with_its_process(tmp_path: Path, opened: Open) -> None:
    """Whoever dies while it is their turn to write holds up nobody."""
    store = opened(f"sqlite:///{tmp_path}/store.db")
    holder = (sys.executable, "-c", HOLDS_A_TURN, f"{store.file}.lock")
    with spawned(*holder, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        died = threading.Event()

        def kill() -> None:
            died.set()
            process.kill()

        threading.Timer(0.3, kill).start()
        published(store)
        assert died.is_set()
