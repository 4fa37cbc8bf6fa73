"""`/v1/policies/{name}/versions`: what was published, by whom, and what differs between two versions."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response

from api import messages
from api.access import caller
from api.catalogue import Catalogue
from api.errors import Problem, bad_field, problem
from api.fields import number, text
from api.replies import CONTENT_TEXT, accepts_text, in_language, json_reply
from api.requests import LANG, read_body, wanted_lang
from api.service import Service
from api.stored import differences_json, draft_json, version_json
from dsl.diagnostics import nearest
from dsl.model import CheckedPolicy
from policies.registry.diff import differences
from policies.registry.store import workflow
from policies.registry.store.connect import Store, reading
from policies.registry.store.given import LONGEST_REASON
from policies.registry.store.timeline import History
from policies.registry.store.versions import Version, policies

ROLLBACK_FIELDS = (
    number("version", "The version whose text is to hold again.", required=True),
    text("reason", "Why.", LONGEST_REASON, required=True),
    LANG,
)


def blueprint(service: Service, store: Store) -> Blueprint:
    """The routes of versions."""
    routes = Blueprint("versions", __name__, url_prefix="/v1/policies/<name>")

    @routes.get("/versions")
    def list_versions(name: str) -> Response:
        _, history = wanted_history(service, name)
        now = history.at(store.clock())
        found = [version_json(version) for version in reversed(history.versions)]
        answer = {"policy": name, "in_force": None if now is None else now.number, "versions": found}
        return json_reply(answer)

    @routes.get("/versions/<int:number>")
    def show_version(name: str, number: int) -> Response:
        catalogue, history = wanted_history(service, name)
        version = wanted_version(history, name, number)
        policy = catalogue.policy(version)
        plain = Response(policy.source.text, content_type=CONTENT_TEXT) if accepts_text() else None
        reply = plain or json_reply(version_json(version, policy.source.text))
        reply.vary.add("Accept")
        return reply

    @routes.get("/versions/<int:a>/diff/<int:b>")
    def compare(name: str, a: int, b: int) -> Response:
        lang = wanted_lang()
        before, after = two_versions(service, name, a, b)
        answer = differences_json(differences(before, after), before, after, lang, text=True)
        return in_language(json_reply(answer), lang)

    @routes.post("/rollback")
    def roll_back(name: str) -> Response:
        values = read_body(ROLLBACK_FIELDS, service.config.max_body)
        # Asked of the store: what was published a moment ago is not taken up by every worker yet.
        with reading(store) as connection:
            known = policies(connection)
        if name not in known:
            raise _unknown(name, known)
        draft = workflow.rollback(store, name, values["version"], caller().name, values["reason"])
        return json_reply(draft_json(draft), 201)

    return routes


def wanted_history(service: Service, name: str) -> tuple[Catalogue, History]:
    """All versions of the policy in an address. Raises `Problem` where nothing was published under that name."""
    catalogue = service.library.catalogue
    assert catalogue is not None, "these routes belong to a service with a store"
    history = catalogue.histories.get(name)
    if history is None:
        raise _unknown(name, catalogue.histories)
    return catalogue, history


def _unknown(name: str, known: Iterable[str]) -> Problem:
    hint = nearest(name, known)
    return problem(messages.NOT_FOUND, bad_field("unknown_policy", "", got=name, hint=hint))


def wanted_version(history: History, name: str, number: int) -> Version:
    """The version of an address. Raises `Problem` where there is none."""
    version = history.number(number)
    if version is None:
        wrong = bad_field("no_such_version", "", policy=name, got=number)
        raise Problem(messages.NOT_FOUND, wrong.detail, (wrong,))
    return version


def two_versions(service: Service, name: str, a: int, b: int) -> tuple[CheckedPolicy, CheckedPolicy]:
    """The two versions of an address. Raises `Problem`, `StoreError`."""
    catalogue, history = wanted_history(service, name)
    before, after = (catalogue.policy(wanted_version(history, name, number)) for number in (a, b))
    return before, after
