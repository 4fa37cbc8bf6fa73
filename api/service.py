"""What every handler works with: the limits, the policies, and the store where there is one.

Made once, before the first request. Of all of it only one thing ever changes: which library stands on the shelf. It is
replaced whole, so that whoever took one works with it to the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from api.config import Config
from api.library import Library

if TYPE_CHECKING:  # a service of files needs no database
    from policies.registry.store.connect import Store
    from policies.registry.store.keys import Keyring
    from policies.registry.store.writer import Recorder

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that its operators should look at, while the service goes on with what it has.

    `code` is `version-not-loaded`, or one of the store's faults; `version` says which version it is about.
    """

    code: str
    version: str | None = None


class Shelf:
    """Where a worker's library stands, and what went wrong when the last one was to be put there."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.alarms: tuple[Alarm, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """One worker's policies and limits. `store`, `keyring` and `recorder` are None where the policies are files."""

    config: Config
    shelf: Shelf
    store: Store | None = None
    keyring: Keyring | None = None
    recorder: Recorder | None = None

    @property
    def library(self) -> Library:
        """The library of this moment. Whoever asks it twice may get two: take it once."""
        return self.shelf.library


class PerLibrary(Generic[Made]):
    """What is made of a library as a whole; made again when another one stands on the shelf."""

    def __init__(self, service: Service, make: Callable[[Library], Made]) -> None:
        self._service = service
        self._make = make
        library = service.library
        self._kept = library, make(library)

    def get(self) -> Made:
        """What was made of the library that stands there now."""
        library = self._service.library
        kept, made = self._kept
        if kept is not library:
            made = self._make(library)
            self._kept = library, made
        return made
