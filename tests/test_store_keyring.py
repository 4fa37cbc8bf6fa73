"""What a worker knows of keys while the database is slow: nobody waits who need not, and nobody is let in on what is too old."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from policies.registry.store import keys
from policies.registry.store.connect import Store
from policies.registry.store.keys import AHEAD, REMEMBERED, Key, Keyring
from policies.registry.store.problems import StoreUnavailable
from tests.running import PATIENCE, Kept, wait_for

LISTING = keys.listing
# In seconds: when one looks again.
SOON = AHEAD * REMEMBERED


class SlowDatabase:
    """Lists the keys, but only when it is let; counts who asked."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.looks = 0
        self.let = threading.Event()
        self.let.set()
        self.error: StoreUnavailable | None = None
        self.meanwhile: Callable[[], object] = lambda: None

    def listing(self, store: Store) -> tuple[Key, ...]:
        self.looks += 1
        found = LISTING(store)
        self.asked.release()
        assert self.let.wait(PATIENCE)
        self.meanwhile()
        if self.error is not None:
            raise self.error
        return found

    def is_asked(self) -> bool:
        """Waits until somebody has asked."""
        return self.asked.acquire(timeout=PATIENCE)


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> SlowDatabase:
    database = SlowDatabase()
    monkeypatch.setattr(keys, "listing", database.listing)
    return database


@pytest.fixture
def one_store(opened: Callable[..., Store], empty_sqlite: Path, tmp_path: Path) -> Store:
    (tmp_path / "one.db").write_bytes(empty_sqlite.read_bytes())
    return opened(f"sqlite:///{tmp_path}/one.db")


@pytest.fixture
def pool(database: SlowDatabase) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool
        database.let.set()


class Seconds(list[float]):
    """A clock that stands at its one number, and notes who has looked at it."""

    def __init__(self) -> None:
        super().__init__([0.0])
        self.read: list[int] = []

    def __call__(self) -> float:
        self.read.append(threading.get_ident())
        return self[0]


@pytest.fixture
def ring(one_store: Store, seconds: Seconds) -> Keyring:
    return Keyring(one_store, seconds)


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def looked(ring: Keyring, database: SlowDatabase) -> None:
    """The ring knows what there is."""
    ring.empty()
    assert database.is_asked()


def begun(
    ring: Keyring, database: SlowDatabase, pool: ThreadPoolExecutor, seconds: Seconds, at: float
) -> Future[bool]:
    """A look that began at a moment, after one at the start, and does not end until the database is let."""
    looked(ring, database)
    database.let.clear()
    seconds[0] = at
    first = pool.submit(ring.empty)
    assert database.is_asked()
    return first


def waiting(
    seconds: Seconds, pool: ThreadPoolExecutor, ask: Callable[[], Kept], count: int = 1
) -> list[Future[Kept]]:
    """Threads that have come to ask and have to wait."""
    before = set(seconds.read)
    asked = [pool.submit(ask) for _ in range(count)]
    wait_for(lambda: len(set(seconds.read) - before) == count)
    assert not any(each.done() for each in asked)
    return asked


def test_while_one_looks_the_others_go_on(
    ring: Keyring, one_store: Store, database: SlowDatabase, seconds: Seconds, pool: ThreadPoolExecutor
) -> None:
    _, secret = keys.create(one_store, "ann", ["author"], "root")
    first = begun(ring, database, pool, seconds, SOON)
    for seconds[0] in (SOON, 0.99 * REMEMBERED):
        assert ring.find(secret) is not None
    assert database.looks == 2
    database.let.set()
    assert first.result(PATIENCE) is False


def test_what_is_too_old_is_waited_for_and_read_once(
    ring: Keyring, database: SlowDatabase, seconds: Seconds, pool: ThreadPoolExecutor
) -> None:
    first = begun(ring, database, pool, seconds, REMEMBERED)
    others = waiting(seconds, pool, ring.empty, 6)
    database.let.set()
    assert [each.result(PATIENCE) for each in (first, *others)] == [True] * 7
    assert database.looks == 2


def test_a_revoked_key_ends_though_the_database_is_slow(
    ring: Keyring, one_store: Store, database: SlowDatabase, seconds: Seconds
) -> None:
    """A second counts from when the keys were read, not from when that was over."""
    _, secret = keys.create(one_store, "ann", ["author"], "root")

    def meanwhile() -> None:
        database.meanwhile = lambda: None
        keys.revoke(one_store, 1, "root")
        seconds[0] = 0.9 * REMEMBERED

    database.meanwhile = meanwhile
    assert ring.find(secret) is not None
    seconds[0] = REMEMBERED
    assert ring.find(secret) is None


def test_who_waits_for_a_look_in_vain_hears_so_once(
    ring: Keyring, database: SlowDatabase, seconds: Seconds, pool: ThreadPoolExecutor
) -> None:
    """Or each would wait as long for the same answer, one after the other."""
    first = begun(ring, database, pool, seconds, REMEMBERED)
    others = waiting(seconds, pool, ring.empty, 6)
    database.error = StoreUnavailable("store-slow", "took too long", "超时", 2)
    seconds[0] += 60
    database.let.set()
    told = [each.exception(PATIENCE) for each in (first, *others)]
    assert [(type(each), str(each)) for each in told] == [(StoreUnavailable, "took too long")] * 7
    assert len(set(map(id, told))) == 7, "one and the same would carry the tracebacks of all"
    assert database.looks == 2
    database.error = None
    assert ring.empty(), "the next one asks again"
    assert database.looks == 3


def test_for_a_key_that_is_not_known_the_look_begins_after_the_question(
    ring: Keyring,
    one_store: Store,
    database: SlowDatabase,
    seconds: Seconds,
    pool: ThreadPoolExecutor,
) -> None:
    """One that began before may not have seen the key that was made in between."""
    first = begun(ring, database, pool, seconds, SOON)
    _, secret = keys.create(one_store, "ann", ["author"], "root")
    seconds[0] = 1.2 * SOON
    [second] = waiting(seconds, pool, lambda: ring.find(secret))
    database.let.set()
    assert second.result(PATIENCE) is not None
    assert first.result(PATIENCE)
    assert database.looks == 3


def test_a_look_ahead_of_time_may_fail(ring: Keyring, database: SlowDatabase, seconds: Seconds) -> None:
    """What is known counts as long as it would have without it, and no longer."""
    looked(ring, database)
    database.error = StoreUnavailable("store-away", "is away", "不在", 2)
    seconds[0] = SOON
    assert ring.empty()
    assert database.looks == 2

    def late() -> None:
        seconds[0] = REMEMBERED

    database.meanwhile = late
    with pytest.raises(StoreUnavailable, match="is away"):
        ring.empty()
    assert database.looks == 3
