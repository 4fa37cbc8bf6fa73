"""`/v1/keys`: who may call the service, and what each may do."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint, Response, g

from api import messages
from api.access import caller
from api.errors import problem
from api.fields import LARGEST, Field, choices, instant, text
from api.replies import in_language, json_reply
from api.requests import LANG, read_body, wanted_lang
from api.service import Service
from api.stored import key_json
from policies.registry.store import keys
from policies.registry.store.connect import Store
from policies.registry.store.days import end_of
from policies.registry.store.given import LONGEST_NAME

KEY_FIELDS: tuple[Field, ...] = (
    text(
        "name",
        "Whose it is, in letters that can be seen: what is done with it is done in that name.",
        LONGEST_NAME,
        required=True,
    ),
    choices("roles", "What it may do.", keys.ROLES),
    instant("expires", "Until when it works; a day is the last one, in UTC. Left out, it does not expire."),
    LANG,
)


def blueprint(service: Service, store: Store) -> Blueprint:
    """The routes of keys."""
    routes = Blueprint("keys", __name__, url_prefix="/v1/keys")

    @routes.get("")
    def list_keys() -> Response:
        now = store.clock()
        return json_reply({"keys": [key_json(key, now) for key in keys.listing(store)]})

    @routes.post("")
    def create() -> Response:
        values = read_body(KEY_FIELDS, service.config.max_body)
        until = _end(values.get("expires"))
        key, secret = keys.create(store, values["name"], values["roles"], caller().name, expires_at=until)
        reply = json_reply({**key_json(key, store.clock()), "secret": secret}, 201)
        reply.headers["Cache-Control"] = "no-store"  # it is shown once
        return in_language(reply, g.lang)

    @routes.post("/<int:id>/revoke")
    def revoke(id: int) -> Response:
        g.lang = wanted_lang()
        if id > LARGEST:  # more than the databases count to
            raise problem(messages.NOT_FOUND)
        return in_language(json_reply(key_json(keys.revoke(store, id, caller().name), store.clock())), g.lang)

    return routes


def _end(given: date | datetime | None) -> datetime | None:
    """When a key ends; a day stands for its end."""
    if given is None or isinstance(given, datetime):
        return given
    return end_of(given, None)
