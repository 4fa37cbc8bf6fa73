"""Which version answers a question: the one that it names, else the one in force on its day, as known at its time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from api.errors import BadField, bad_field
from dsl.diagnostics import nearest
from dsl.model import CheckedPolicy
from engine.facts_problems import pointer

if TYPE_CHECKING:
    from api.catalogue import Catalogue, History
    from policies.registry.store.versions import Version

Chosen = tuple[CheckedPolicy | None, date | None, datetime | None]

NONE: Chosen = (None, None, None)


def chosen(catalogue: Catalogue, values: Mapping[str, object], wrong: list[BadField]) -> Chosen:
    """The policy, the day and the time of knowing of a question's fields; notes what cannot be.

    Raises `StoreError` where an old version cannot be had.
    """
    name = values.get("policy")
    if not isinstance(name, str):
        return NONE
    bare, at, which = name.partition("@")
    history = catalogue.histories.get(bare)
    if history is None:
        hint = nearest(bare, catalogue.histories)
        wrong.append(bad_field("unknown_policy", pointer("policy"), got=name, hint=hint))
        return NONE
    number = cast("int | None", values.get("version"))
    if at and number is not None:
        wrong.append(bad_field("two_versions", pointer("version")))
        return NONE
    known_at = _moment(values.get("known_at"), history)
    as_of = cast("date | None", values.get("as_of")) or history.today(catalogue.clock())
    if at or number is not None:
        place = pointer("policy" if at else "version")
        found = history.number(number) if number is not None else of_reference(history, which)
        version = _named(found, place, bare, which or number, known_at, wrong)
    else:
        version = history.in_force(as_of, known_at)
        if version is None:
            wrong.append(bad_field("not_in_force", pointer("as_of"), policy=bare, day=as_of.isoformat()))
    return (None if version is None else catalogue.policy(version)), as_of, known_at


def of_reference(history: History, which: str) -> Version | None:
    """The version that `3` or `sha256:…` behind an @ means: the hash with eight digits or more."""
    if which.startswith("sha256:") and len(which) >= len("sha256:") + 8:
        return history.of_hash(which)
    if which.isascii() and which.isdecimal() and len(which) < 10:
        return history.number(int(which))
    return None


def _named(
    version: Version | None,
    place: str,
    policy: str,
    which: object,
    known_at: datetime | None,
    wrong: list[BadField],
) -> Version | None:
    """The version that was named, if it is there and was known; notes where not."""
    if version is None:
        wrong.append(bad_field("no_such_version", place, policy=policy, got=which))
    elif known_at is not None and version.published_at > known_at:
        wrong.append(bad_field("not_known_then", pointer("known_at"), got=version.number))
        return None
    return version


def _moment(given: object, history: History) -> datetime | None:
    """A time of knowing; a day stands for its end, where the policy is."""
    from policies.registry.store.days import end_of

    match given:
        case datetime():
            return given
        case date():
            return end_of(given, history.versions[-1].timezone)
        case _:
            return None
