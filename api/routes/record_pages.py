"""`/decisions`, one of them, and the same one again: records for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request

from api.bodies import read_form
from api.errors import BadField
from api.fields import Field, day, read_object, text
from api.library import Library
from api.messages import in_lang
from api.pages.answer import Speaker, answer_of
from api.pages.recorded import facts_of, masked_days, override_of, states_of
from api.pages.render import page
from api.pages.replaying import STATE, Outcome, Recorded, asked_for, decided_again, told
from api.requests import NAME_LIMIT, moment, unstorable, wanted_lang
from api.routes.records import demand_an_id
from api.service import Service
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from engine.decision import dumps
from engine.facts_problems import pointer
from policies.registry.store.connect import Store, reading
from policies.registry.store.problems import NotStored, Refused, StoreConflict
from policies.registry.store.records import DecisionRecord, Payload, find_payload, find_record
from policies.registry.store.replay import recorded_policy
from policies.registry.store.search import Wanted, search
from policies.registry.store.steps import shown_time

# What the list is looked through by; both days are included.
FIELDS: tuple[Field, ...] = (
    text("customer", "Decisions on this customer.", NAME_LIMIT),
    text("policy", "Decisions by this policy.", NAME_LIMIT),
    text("tier", "Decisions with this tier of the main ladder.", NAME_LIMIT),
    day("from", "Decisions made on this day or later, in UTC."),
    day("until", "Decisions made on this day or before, in UTC."),
    text("cursor", "Those before this place; the page itself links to them.", NAME_LIMIT),
)


def blueprint(service: Service, store: Store) -> Blueprint:
    """The pages of records."""
    routes = Blueprint("record_pages", __name__, url_prefix="/decisions")

    routes.before_request(demand_an_id)

    @routes.get("")
    def find() -> Response:
        lang = wanted_lang()
        asked = {field.name: request.args.get(field.name, "").strip() for field in FIELDS}
        values, wrong = _filters(asked)
        if wrong:
            return _list(service.library, lang, asked, (), None, wrong)
        with reading(store) as connection:
            found = search(connection, _wanted(service.library, values), cursor=values.get("cursor"))
        return _list(service.library, lang, asked, found.records, found.following)

    @routes.get("/<id>")
    def show(id: str) -> Response:
        lang = wanted_lang()
        return _page(_recorded(store, id, lang), lang)

    @routes.post("/<id>")
    def again(id: str) -> Response:
        lang = wanted_lang()
        form = read_form(request, service.config.max_body)
        recorded = _recorded(store, id, lang)
        return _page(recorded, lang, decided_again(store, recorded, form, lang))

    return routes


# ---------------------------------------------------------------- the list


def _filters(asked: Mapping[str, str]) -> tuple[dict[str, Any], list[BadField]]:
    """The filters that were filled in, and what is wrong with them."""
    values, wrong = read_object({name: text or None for name, text in asked.items()}, FIELDS)
    return values, wrong + unstorable(values)


def _wanted(library: Library, values: Mapping[str, Any]) -> Wanted:
    """The search that the filters ask for. A tier of the policy may be named as its author does."""
    first, last, tier = values.get("from"), cast("date | None", values.get("until")), values.get("tier")
    policy = library.get(values.get("policy", ""))
    member = policy.main.type.member(tier) if policy and policy.main and tier else None
    return Wanted(
        values.get("customer"),
        values.get("policy"),
        tier if member is None else member.key,
        moment(first),
        moment(None if last is None else last + timedelta(days=1)),
    )


def _list(
    library: Library,
    lang: Lang,
    asked: Mapping[str, str],
    found: Sequence[DecisionRecord],
    following: str | None,
    wrong: Sequence[BadField] = (),
) -> Response:
    filters = {name: text for name, text in asked.items() if text and name != "cursor"}
    if "lang" in request.args:
        filters["lang"] = lang
    return page(
        "records.html",
        lang,
        422 if wrong else 200,
        asked=asked,
        wrong={item.pointer[1:]: in_lang(item.detail, lang) for item in wrong},
        policies=[(each.name, _label(each, lang)) for each in library.policies.values()],
        records=[_row(each, library, lang) for each in found],
        older=None if following is None else f"?{urlencode({**filters, 'cursor': following})}",
        newest=f"?{urlencode(filters)}" if asked["cursor"] else None,
        filtered=any(asked.values()),
    )


def _row(found: DecisionRecord, library: Library, lang: Lang) -> dict[str, object]:
    """A record in the list."""
    policy = library.get(found.policy)
    return {
        "id": found.id,
        "at": shown_time(found.at),
        "customer": found.customer,
        "policy": found.policy,
        "label": found.policy if policy is None else _label(policy, lang),
        "version": found.version,
        "status": found.status,
        "tier": _tier(found, policy, lang),
        "as_of": found.as_of,
        "caller": found.caller,
    }


def _tier(found: DecisionRecord, policy: CheckedPolicy | None, lang: Lang) -> str | None:
    """The tier with its label, where the policy of today still has it."""
    main = None if policy is None else policy.main
    if policy is None or main is None or found.tier is None or main.type.member(found.tier) is None:
        return found.tier
    return Speaker(policy, lang).tier(main.key, found.tier)


def _label(policy: CheckedPolicy, lang: Lang) -> str:
    return policy.title.in_lang(lang) if policy.title else policy.name


# ---------------------------------------------------------------- one record


def _recorded(store: Store, id: str, lang: Lang) -> Recorded:
    """A record with the policy that made it. Raises `NotStored` where there is no record, `StoreUnavailable`."""
    with reading(store) as connection:
        found = find_record(connection, id)
        payload = find_payload(connection, found)
        try:
            return Recorded(found, payload, recorded_policy(connection, found))
        except (NotStored, Refused, StoreConflict) as error:
            return Recorded(found, payload, None, error.message(lang))


def _page(recorded: Recorded, lang: Lang, outcome: Outcome | None = None) -> Response:
    found, payload, policy = recorded.found, recorded.payload, recorded.policy
    says = None if policy is None else Speaker(policy, lang)
    wrong = () if outcome is None else outcome.wrong
    return page(
        "record.html",
        lang,
        422 if outcome is not None and outcome.done is None else 200,
        found=found,
        at=shown_time(found.at),
        known_at="" if found.known_at is None else shown_time(found.known_at),
        label=found.policy if policy is None else _label(policy, lang),
        why=recorded.why,
        erased=payload is None,
        replayable=not recorded.lost,
        **_contents(found, payload, says, lang),
        text_at=_text_of(found, lang),
        record="",
        controls=asked_for(recorded, outcome, lang),
        state_wanted=payload is not None and masked_days(payload),
        wrong=[in_lang(item.detail, lang) for item in wrong if item.pointer.startswith(pointer(STATE))],
        refused=bool(wrong),
        outcome=told(outcome, recorded, says, lang),
        # In the other language the same is asked again.
        sent_by="replay" if outcome is not None and not recorded.lost else "",
    )


def _contents(
    found: DecisionRecord, payload: Payload | None, says: Speaker | None, lang: Lang
) -> dict[str, object]:
    """What was asked and answered; nothing where it was erased."""
    if payload is None:
        return {"facts": [], "states": None, "override": "", "stage": "", "answer": None, "raw": ""}
    stage = cast("str | None", payload.question["at"]) or ""
    return {
        "facts": facts_of(payload, says, lang),
        "states": states_of(payload, says, lang),
        "override": override_of(found, payload, says, lang),
        "stage": stage if says is None else says.stages.get(stage, stage),
        "answer": None if says is None else answer_of(payload.answer, says.policy, lang),
        "raw": dumps(dict(payload.answer), 2),
    }


def _text_of(found: DecisionRecord, lang: Lang) -> str:
    """The page of the text that decided, which reasons lead to."""
    query: dict[str, object] = {} if found.version is None else {"version": found.version}
    if "lang" in request.args:
        query["lang"] = lang
    return f"/policies/{quote(found.policy)}?{urlencode(query)}"
