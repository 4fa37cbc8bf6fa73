"""`/v1/decisions/{id}`: a decision that was made, and the same one again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, request

from api import messages
from api.errors import BadField, bad_field, of_facts, problem
from api.fields import Field, count, instant, mapping, text
from api.replies import in_language, json_reply
from api.requests import LANG, NAME_LIMIT, given_states, moment, read_body, read_query
from api.service import Service
from api.stored import payload_json, record_json, replayed_json
from dsl.model import CheckedPolicy
from engine.facts import FactsError
from engine.facts_problems import pointer
from policies.registry.store.connect import Store, reading
from policies.registry.store.given import storable
from policies.registry.store.records import find_payload, find_record
from policies.registry.store.replay import recorded_policy, replay
from policies.registry.store.search import LARGEST_PAGE, PAGE, Wanted, search

SEARCH_FIELDS: tuple[Field, ...] = (
    text("customer", "Decisions on this customer.", NAME_LIMIT),
    text("policy", "Decisions by this policy.", NAME_LIMIT),
    text("tier", "Decisions with this tier of the main ladder.", NAME_LIMIT),
    instant("since", "Decisions made at this time or later; a day stands for its beginning, in UTC."),
    instant("until", "Decisions made before this time; a day stands for its beginning, in UTC."),
    count("limit", f"Decisions of one answer; {PAGE} where left out.", LARGEST_PAGE, 1),
    text("cursor", "`next` of the answer before.", NAME_LIMIT),
    LANG,
)
REPLAY_FIELDS: tuple[Field, ...] = (
    mapping("facts", "The masked facts, as they were: what was recorded of them cannot be read."),
    mapping("state", "The state that was sent, where masked days of it are needed (`state_needed`)."),
    LANG,
)


def blueprint(service: Service, store: Store) -> Blueprint:
    """The routes of records."""
    routes = Blueprint("records", __name__, url_prefix="/v1/decisions")

    routes.before_request(demand_an_id)

    @routes.get("")
    def find() -> Response:
        values = read_query(SEARCH_FIELDS)
        limit, cursor = values.get("limit", PAGE), values.get("cursor")
        with reading(store) as connection:
            page = search(connection, _wanted(values), limit=limit, cursor=cursor)
        return json_reply({"decisions": [record_json(each) for each in page.records], "next": page.following})

    @routes.get("/<id>")
    def show(id: str) -> Response:
        with reading(store) as connection:
            found = find_record(connection, id)
            payload = find_payload(connection, found)
        return json_reply({**record_json(found), **payload_json(payload)})

    @routes.post("/<id>/replay")
    def again(id: str) -> Response:
        values = read_body(REPLAY_FIELDS, service.config.max_body, optional=True)
        with reading(store) as connection:
            found = find_record(connection, id)
            payload = find_payload(connection, found)
            policy = recorded_policy(connection, found)
        given = values.get("facts", {})
        wrong = _unknown_facts(policy, given)
        states = given_states(policy, values.get("state"), wrong)
        if wrong:
            raise problem(messages.INVALID, *wrong)
        try:
            done = replay(store, found, payload, policy, given, states)
        except FactsError as error:
            raise problem(messages.INVALID, *of_facts(error, pointer("facts"))) from error
        return in_language(json_reply(replayed_json(done, g.lang)), g.lang)

    return routes


def demand_an_id() -> None:
    """Refuses an address whose id no database can be asked for, before anything else is looked at."""
    if not storable((request.view_args or {}).get("id", "")):
        raise problem(messages.NOT_FOUND)


def _wanted(values: Mapping[str, Any]) -> Wanted:
    """The search that a call's address asks for."""
    return Wanted(
        values.get("customer"),
        values.get("policy"),
        values.get("tier"),
        moment(values.get("since")),
        moment(values.get("until")),
    )


def _unknown_facts(policy: CheckedPolicy, given: Mapping[str, object]) -> list[BadField]:
    """What was sent for facts that the policy does not have."""
    known = ", ".join(f"`{name}`" for name in policy.facts)
    return [
        bad_field("unknown_field", pointer("facts", name), name=name, known=known)
        for name in given
        if name not in policy.facts
    ]
