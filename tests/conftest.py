"""What many tests need: the databases that a store can be in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import CalledProcessError
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.lacking import lacking

if TYPE_CHECKING:  # tests of the language do not need a database
    from policies.registry.store.connect import Store
    from tests.postgresql import Server


# How long an example takes says how busy the machine is. Under CI the examples are the same each time, as Hypothesis has it where
# it knows a CI by name: whoever changes something hears of that, and of other examples from every other run.
settings.register_profile(
    "tierwise",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("TIERWISE_CI")),
)
settings.load_profile("tierwise")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A PostgreSQL for the whole run. Without its programs a test is skipped, which under CI is a failure."""
    from tests import postgresql

    bin = postgresql.programs()
    if bin is None:
        lacking("PostgreSQL", "postgresql")
    server = postgresql.new_server(bin)
    try:
        yield server
    finally:
        with suppress(CalledProcessError):  # a test may have stopped it
            server.stop("immediate")
        shutil.rmtree(server.folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Each kind of database that a store can be in."""
    return str(request.param)


@pytest.fixture
def store_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with nothing in it."""
    if database == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    server: Server = request.getfixturevalue("postgresql_server")
    return server.emptied()


@pytest.fixture
def opened() -> Iterator[Callable[..., Store]]:
    """Opens stores as `open_store` does, and closes them when the test is over."""
    from policies.registry.store.connect import open_store

    stores: list[Store] = []

    def open_one(url: str, **options: Any) -> Store:
        stores.append(open_store(url, **options))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def store(
    database: str, request: pytest.FixtureRequest, tmp_path: Path, opened: Callable[..., Store]
) -> Store:
    """An empty store, with a clock of its own (`tests.store.Clock`); `tests.store.address` says where it is."""
    from tests.store import Clock, wipe

    if database == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "store.db")
        return opened(f"sqlite:///{tmp_path}/store.db", clock=Clock())
    url: str = request.getfixturevalue("used_postgresql")
    wipe(url)
    return opened(url, clock=Clock())


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store's file as it is when it has just been made: a copy takes no time."""
    from policies.registry.store.connect import open_store

    file = tmp_path_factory.mktemp("empty") / "store.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def used_postgresql(postgresql_server: Server) -> str:
    """A database with the tables of a store, which one test after the other uses and `wipe` empties."""
    from policies.registry.store.connect import open_store

    url = postgresql_server.new_database()
    open_store(url).close()
    return url
