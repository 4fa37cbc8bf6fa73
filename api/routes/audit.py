"""`/v1/audit`: who did what when, in the order in which it was done."""

from __future__ import annotations

from flask import Blueprint, Response

from api.fields import Field, count, text
from api.replies import json_reply
from api.requests import LANG, NAME_LIMIT, read_query
from api.service import Service
from api.stored import event_json
from policies.registry.store.connect import Store, reading
from policies.registry.store.events import list_events

# Events of one answer.
MOST_EVENTS = 500

AUDIT_FIELDS: tuple[Field, ...] = (
    text("policy", "Events of this policy only.", NAME_LIMIT),
    count("draft", "Events of this draft only.", 2**31 - 1),
    count("after", "Events behind the one with this number; `next` of the answer before.", 10**18 - 1),
    LANG,
)


def blueprint(service: Service, store: Store) -> Blueprint:  # noqa: ARG001 - as all of them are made
    """The route of events."""
    routes = Blueprint("audit", __name__, url_prefix="/v1/audit")

    @routes.get("")
    def list_all() -> Response:
        values = read_query(AUDIT_FIELDS)
        with reading(store) as connection:
            found = list(
                list_events(
                    connection,
                    policy=values.get("policy"),
                    draft=values.get("draft"),
                    after=values.get("after", 0),
                    limit=MOST_EVENTS,
                )
            )
        more = found[-1].seq if len(found) == MOST_EVENTS else None
        return json_reply({"events": [event_json(event) for event in found], "next": more})

    return routes
