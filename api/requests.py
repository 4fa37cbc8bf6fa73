"""What callers may ask, read from JSON into typed requests.

The tables of fields here are what is validated and what `/openapi.json` shows: one source for both. Reading a
request collects everything that is wrong with it, facts included, and raises one `Problem`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, cast

from flask import g, request

from api import messages
from api.bodies import Body, read_json
from api.choosing import chosen, of_reference
from api.clock import today
from api.errors import BadField, bad_field, of_facts, problem
from api.fields import (
    Field,
    choice,
    count,
    day,
    instant,
    later,
    mapping,
    number,
    only_false,
    read_object,
    switch,
    text,
)
from api.library import Library
from api.replies import accepted_lang
from dsl.diagnostics import Lang, nearest
from dsl.model import CheckedPolicy
from engine.benefits import asked_stages, stage_reads
from engine.engines import DEFAULT_ENGINE, ENGINES
from engine.facts import Facts, FactsError, read_facts
from engine.facts_problems import pointer
from engine.movement.asked import read_new_override, read_states
from engine.movement.outcomes import States
from engine.movement.states import Override
from engine.reference import Explain
from policies.registry.store.given import storable

# In characters. A policy text is held against its own limit, in bytes, as well.
NAME_LIMIT = 200
LONGEST_TEXT = 4_000_000
MOST_ROWS = 1_000_000_000

LANG = choice(
    "lang", "Language of labels and of problems; without it, Accept-Language decides.", ("en", "zh")
)

# What a batch may also say once, in its address, for all its rows.
SHARED_FIELDS: tuple[Field, ...] = (
    text(
        "policy",
        "The policy to decide with, by name; GET /v1/policies lists them.",
        NAME_LIMIT,
        required=True,
    ),
    day("as_of", "The date the question is asked for; today in the policy's own timezone where left out."),
    LANG,
    text(
        "at",
        "The stage whose benefits are listed, or `all`; the customer's own stage where left out.",
        NAME_LIMIT,
    ),
    choice("explain", "How much is explained: `reasons` where left out.", ("none", "reasons", "full")),
    choice("engine", "The engine that decides; they all decide alike.", tuple(ENGINES)),
)

# What the address of a batch may say.
BATCH_FIELDS: tuple[Field, ...] = (
    *SHARED_FIELDS,
    count(
        "rows",
        "How many rows are sent: a batch with another number of them broke off on its way, and is refused.",
        MOST_ROWS,
    ),
)

DECISION_FIELDS: tuple[Field, ...] = (
    *SHARED_FIELDS,
    mapping(
        "facts",
        "What is known of the customer, by a fact's name or alias; GET /v1/policies/{name}/schema has them.",
        required=True,
    ),
    text("customer", "Who it is; comes back in the answer.", NAME_LIMIT),
    later("version", {}),
    later("known_at", {}),
    mapping(
        "state",
        "Asks for movement over time: the `state` of the answer before, or {} for a customer who has none yet.",
    ),
    mapping(
        "override",
        "What somebody decided by hand from now on: `kind` (set, floor, freeze, retain), `tier`, `reason`, "
        "`author`, `from`, `until`; needs `state`.",
    ),
    only_false("record"),
)

# What a service with a store takes in their place.
STORED = {
    field.name: field
    for field in (
        number("version", "The version that decides, by its number; else the one in force on `as_of`."),
        instant(
            "known_at",
            "Only versions that were published by then: a time, or a day, which stands for its end where the policy is.",
        ),
        switch(
            "record",
            "Whether the decision is recorded, as it is where left out; `false` needs the service's leave.",
        ),
    )
}
STORED_FIELDS: tuple[Field, ...] = tuple(STORED.get(field.name, field) for field in DECISION_FIELDS)

CHECK_FIELDS: tuple[Field, ...] = (
    text(
        "text",
        "The policy's text. It stands alone: what it brings in with `use` is not looked for.",
        LONGEST_TEXT,
        required=True,
    ),
    LANG,
)


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """One text to be checked."""

    text: str
    lang: Lang


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """One question, ready to be decided. `known_at` is what was asked for, None where nothing was."""

    policy: CheckedPolicy
    facts: Facts
    as_of: date
    lang: Lang
    customer: str | None
    at: str | None
    explain: Explain
    engine: str
    states: States | None = None
    override: Override | None = None
    known_at: datetime | None = None
    record: bool = True


def decision_fields(library: Library) -> tuple[Field, ...]:
    """The fields of a decision request."""
    return DECISION_FIELDS if library.catalogue is None else STORED_FIELDS


def read_decision(
    body: Body, library: Library, lang: Lang, defaults: Mapping[str, object] | None = None
) -> DecisionRequest:
    """A question from its JSON.

    `lang` and `defaults` (values read already) hold where the body is silent. Raises `Problem`, and `StoreError` where
    an old version cannot be had.
    """
    known_fields = decision_fields(library)
    if defaults:
        fields = [_optional(field) if field.name in defaults else field for field in known_fields]
        given, wrong = read_object(body.value, fields)
        values = {**defaults, **given}
    else:
        values, wrong = read_object(body.value, known_fields)
    if library.catalogue is None:
        policy, known_at = _policy(values.get("policy"), library, wrong), None
        as_of = cast("date | None", values.get("as_of"))
    else:
        policy, as_of, known_at = chosen(library.catalogue, values, wrong)
    facts = _facts(policy, values.get("facts"), wrong)
    _stage(policy, values.get("at"), wrong)
    states = given_states(policy, values.get("state"), wrong)
    override = _override(policy, values, as_of, wrong)
    refused = body.refusal(wrong)
    if refused:
        raise refused
    assert policy is not None, "else something was wrong"
    assert facts is not None, "else something was wrong"
    return DecisionRequest(
        policy,
        facts,
        as_of=as_of or today(policy),
        lang=cast(Lang, values.get("lang", lang)),
        customer=cast("str | None", values.get("customer")),
        at=cast("str | None", values.get("at")),
        explain=cast(Explain, values.get("explain", "reasons")),
        engine=cast(str, values.get("engine", DEFAULT_ENGINE)),
        states=states,
        override=override,
        known_at=known_at,
        record=cast(bool, values.get("record", True)),
    )


def read_check(body: Body, lang: Lang, limit: int) -> CheckRequest:
    """A text to be checked, of `limit` bytes at most. Raises `Problem`."""
    values, wrong = read_object(body.value, CHECK_FIELDS)
    policy = cast(str, values.get("text", ""))
    if len(policy.encode("utf-8")) > limit:
        wrong.append(bad_field("too_many_bytes", pointer("text"), name="text", limit=f"{limit:,}"))
    refused = body.refusal(wrong)
    if refused:
        raise refused
    return CheckRequest(policy, cast(Lang, values.get("lang", lang)))


def read_body(fields: Sequence[Field], limit: int, *, optional: bool = False) -> dict[str, Any]:
    """The values of a call's body by its fields; `optional`: none where there is no body. Raises `Problem`.

    From here on the call answers in the language that its body asks for.
    """
    g.lang = wanted_lang()
    if optional and not request.content_length and not request.headers.get("Transfer-Encoding"):
        return {}
    body = read_json(request, limit)
    g.lang = asked_lang(body.value, g.lang)
    return read_fields(body, fields)


def read_fields(body: Body, fields: Sequence[Field]) -> dict[str, Any]:
    """The values of a body's fields; those left out are not there. Raises `Problem`."""
    values, wrong = read_object(body.value, fields)
    refused = body.refusal(wrong)
    if refused:
        raise refused
    return values


def read_query(fields: Sequence[Field]) -> dict[str, Any]:
    """What the address of a call says, by its fields. Raises `Problem`."""
    query = request.args
    values, wrong = read_object(query.to_dict(), fields)
    wrong += unstorable(values)
    wrong += [
        bad_field("given_twice", pointer(name), name=name) for name in query if len(query.getlist(name)) > 1
    ]
    if wrong:
        raise problem(messages.INVALID, *(replace(item, parameter=item.pointer[1:]) for item in wrong))
    return values


def unstorable(values: Mapping[str, object]) -> list[BadField]:
    """The values that no database can be asked for."""
    return [
        bad_field("unstorable", pointer(name), name=name)
        for name, value in values.items()
        if isinstance(value, str) and not storable(value)
    ]


def moment(given: date | datetime | None) -> datetime | None:
    """A point in time from what a field of times gave; a day stands for its beginning, in UTC."""
    if given is None or isinstance(given, datetime):
        return given
    return datetime(given.year, given.month, given.day, tzinfo=UTC)


def asked_lang(body: object, lang: Lang) -> Lang:
    """The language that a body asks for, also one that is otherwise wrong; else `lang`."""
    match body:
        case {"lang": "en" | "zh" as asked}:
            return cast(Lang, asked)
        case _:
            return lang


def wanted_lang() -> Lang:
    """The language that a call's address says, else its header's. Raises `Problem` for one that we do not speak."""
    if not request.query_string or "lang" not in (query := request.args):
        return accepted_lang()
    _, wrong = read_object({"lang": query.get("lang")}, (LANG,))
    if len(query.getlist("lang")) > 1:
        wrong.append(bad_field("given_twice", pointer("lang"), name="lang"))
    if wrong:
        raise problem(messages.INVALID, *(replace(item, parameter="lang") for item in wrong))
    return accepted_lang()


def read_shared() -> tuple[dict[str, object], int | None]:
    """What a batch's address says for all its rows, and how many rows it says there are. Raises `Problem`."""
    values = read_query([_optional(field) for field in BATCH_FIELDS])
    return values, cast("int | None", values.pop("rows", None))


def _optional(field: Field) -> Field:
    return replace(field, required=False)


def wanted_policy(library: Library, name: str) -> CheckedPolicy:
    """The policy of an address. Raises `Problem` where there is none."""
    policy = library.get(name)
    if policy is None:
        hint = nearest(name, library.policies)
        raise problem(messages.NOT_FOUND, bad_field("unknown_policy", "", got=name, hint=hint))
    return policy


def wanted_version(library: Library, name: str, which: str | None) -> CheckedPolicy:
    """The policy of an address, in the version that it names, if any. Raises `Problem` where there is none."""
    policy, catalogue = wanted_policy(library, name), library.catalogue
    if which is None:
        return policy
    if catalogue is None:
        raise problem(messages.NOT_FOUND, bad_field("no_such_version", "", policy=name, got=which))
    wrong: list[BadField] = []
    version = of_reference(catalogue.histories[name], which, "", name, wrong)
    if version is None:
        raise problem(messages.NOT_FOUND, *wrong)
    return catalogue.policy(version)


def _policy(name: object, library: Library, wrong: list[BadField]) -> CheckedPolicy | None:
    """The policy of that name; notes where there is none. A name that was refused already is None here."""
    if not isinstance(name, str):
        return None
    bare, at, _ = name.partition("@")
    policy = library.get(bare)
    if policy is None:
        hint = nearest(bare, library.policies)
        wrong.append(bad_field("unknown_policy", pointer("policy"), got=name, hint=hint))
    elif at:
        wrong.append(bad_field("no_versions", pointer("policy"), got=name, policy=bare))
        return None
    return policy


def _facts(policy: CheckedPolicy | None, raw: object, wrong: list[BadField]) -> Facts | None:
    """The facts by the policy's own schema; notes every bad one. Without a policy they cannot be read."""
    if policy is None or not isinstance(raw, Mapping):
        return None
    try:
        return read_facts(policy, raw)
    except FactsError as error:
        wrong += of_facts(error, pointer("facts"))
        return None


def given_states(policy: CheckedPolicy | None, raw: object, wrong: list[BadField]) -> States | None:
    """Where the customer stands, by the policy's own ladders; notes every bad field. None where nobody asks."""
    if policy is None or raw is None:
        return None
    try:
        return read_states(policy, raw)
    except FactsError as error:
        wrong += of_facts(error, pointer("state"))
        return None


def _override(
    policy: CheckedPolicy | None, values: Mapping[str, object], as_of: date | None, wrong: list[BadField]
) -> Override | None:
    """A new override; notes every bad field, and one that has no state to lie over."""
    raw = values.get("override")
    if policy is None or raw is None:
        return None
    if "state" not in values and policy.movements:
        wrong.append(bad_field("needs_state", pointer("override"), name="override"))
    try:
        return read_new_override(policy, raw, as_of or today(policy))
    except FactsError as error:
        wrong += of_facts(error, pointer("override"))
        return None


def _stage(policy: CheckedPolicy | None, word: object, wrong: list[BadField]) -> None:
    """Notes a stage that the policy does not know."""
    if policy is None or not isinstance(word, str) or word == "all":
        return
    try:
        asked_stages(stage_reads(policy), word)
    except FactsError as error:
        wrong += of_facts(error)
