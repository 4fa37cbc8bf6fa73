"""`/v1/decisions/{id}`: a decision that was made, and the same one again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request

from api import messages
from api.bodies import read_json
from api.errors import bad_field, of_facts, problem
from api.fields import Field, count, instant, mapping, text
from api.replies import in_language, json_reply
from api.requests import LANG, NAME_LIMIT, asked_lang, moment, read_fields, read_query, wanted_lang
from api.service import Service
from api.stored import payload_json, record_json, replayed_json
from dsl.model import CheckedPolicy
from engine.facts import FactsError
from engine.facts_problems import pointer
from engine.movement.asked import read_states
from engine.movement.outcomes import States
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

    @routes.get("")
    def find() -> Response:
        values = read_query(SEARCH_FIELDS)
        wanted = Wanted(
            values.get("customer"),
            values.get("policy"),
            values.get("tier"),
            moment(values.get("since")),
            moment(values.get("until")),
        )
        with reading(store) as connection:
            page = search(connection, wanted, limit=values.get("limit", PAGE), cursor=values.get("cursor"))
        return json_reply({"decisions": [record_json(each) for each in page.records], "next": page.following})

    @routes.before_request
    def demand_an_id() -> None:
        if not storable((request.view_args or {}).get("id", "")):
            raise problem(messages.NOT_FOUND)

    @routes.get("/<id>")
    def show(id: str) -> Response:
        with reading(store) as connection:
            found = find_record(connection, id)
            payload = find_payload(connection, found)
        return json_reply({**record_json(found), **payload_json(payload)})

    @routes.post("/<id>/replay")
    def again(id: str) -> Response:
        values = _replay_fields(service)
        with reading(store) as connection:
            found = find_record(connection, id)
            payload = find_payload(connection, found)
            policy = recorded_policy(connection, found)
        given = values.get("facts", {})
        unknown = [name for name in given if name not in policy.facts]
        if unknown:
            known = ", ".join(f"`{name}`" for name in policy.facts)
            wrong = [
                bad_field("unknown_field", pointer("facts", name), name=name, known=known) for name in unknown
            ]
            raise problem(messages.INVALID, *wrong)
        states = _states(policy, values.get("state"))
        try:
            done = replay(store, found, payload, policy, given, states)
        except FactsError as error:
            raise problem(messages.INVALID, *of_facts(error, pointer("facts"))) from error
        return in_language(json_reply(replayed_json(done, g.lang)), g.lang)

    return routes


def _states(policy: CheckedPolicy, raw: object) -> States | None:
    """The states that were sent then. Raises `Problem`."""
    if raw is None:
        return None
    try:
        return read_states(policy, raw)
    except FactsError as error:
        raise problem(messages.INVALID, *of_facts(error, pointer("state"))) from error


def _replay_fields(service: Service) -> dict[str, Any]:
    """The body, which may be left out."""
    g.lang = wanted_lang()
    if not request.content_length and not request.headers.get("Transfer-Encoding"):
        return {}
    body = read_json(request, service.config.max_body)
    g.lang = asked_lang(body.value, g.lang)
    return read_fields(body, REPLAY_FIELDS)
