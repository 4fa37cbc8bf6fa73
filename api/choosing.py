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
    from api.catalogue import Catalogue
    from policies.registry.store.timeline import History
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
    known_at, now = _moment(values.get("known_at"), history), catalogue.clock()
    as_of = cast("date | None", values.get("as_of"))
    if at or number is not None:
        version = (
            of_reference(history, which, pointer("policy"), bare, wrong)
            if number is None
            else _numbered(history, number, bare, wrong)
        )
        version = _known(version, known_at, wrong)
    else:
        version = history.at(now, known_at) if as_of is None else history.in_force(as_of, known_at)
        if version is None:
            day = as_of or history.today(now, known_at)
            wrong.append(bad_field("not_in_force", pointer("as_of"), policy=bare, day=day.isoformat()))
    if version is None:
        return None, as_of or history.today(now), known_at
    return catalogue.policy(version), as_of or version.day(now), known_at


def of_reference(
    history: History, which: str, place: str, policy: str, wrong: list[BadField]
) -> Version | None:
    """The version that `3` or `sha256:…` behind an @ means; notes where there is none, or more than one."""
    found = history.meant(which) or ()
    if len(found) == 1:
        return found[0]
    if found:
        numbers = ", ".join(str(each.number) for each in found)
        wrong.append(bad_field("several_versions", place, policy=policy, got=which, numbers=numbers))
    else:
        wrong.append(bad_field("no_such_version", place, policy=policy, got=which))
    return None


def _numbered(history: History, number: int, policy: str, wrong: list[BadField]) -> Version | None:
    """The version of a number; notes where there is none."""
    found = history.number(number)
    if found is None:
        wrong.append(bad_field("no_such_version", pointer("version"), policy=policy, got=number))
    return found


def _known(version: Version | None, known_at: datetime | None, wrong: list[BadField]) -> Version | None:
    """The version, if it was known then; notes where not."""
    from policies.registry.store.timeline import was_known

    if version is None or was_known(version, known_at):
        return version
    wrong.append(bad_field("not_known_then", pointer("known_at"), got=version.number))
    return None


def _moment(given: object, history: History) -> datetime | None:
    """A time of knowing; a day stands for its end, where the policy is."""
    match given:
        case datetime():
            return given
        case date():
            return history.end_of(given)
        case _:
            return None
