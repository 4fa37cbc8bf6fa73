"""The part of the OpenAPI document that a service with a store adds: its calls, and what every call may answer there."""

from __future__ import annotations

from typing import cast

from api import messages
from api.access import RIGHTS
from api.bodies import CONTENT_FORM
from api.openapi_evidence import evidence_paths
from api.openapi_parts import call, may_also, page, parameter, whole
from api.openapi_schemas import Object, ref
from api.routes.audit import AUDIT_FIELDS
from api.routes.drafts import EDIT_FIELDS, LIST_FIELDS, PUBLISH_FIELDS, STEP_FIELDS, TEXT_FIELDS
from api.routes.history import COMPARE_FIELDS, VERSIONS_FIELDS
from api.routes.record_pages import FIELDS as FILTERS
from api.routes.records import REPLAY_FIELDS, SEARCH_FIELDS
from api.routes.versions import ROLLBACK_FIELDS

NAME = ref("PolicyName", "parameters")
LANG = ref("Lang", "parameters")
STEPS = {
    "check": "Check a draft and run its tests",
    "submit": "Hand a draft in, with a reason",
    "approve": "Approve somebody else's draft",
    "reject": "Send a draft back, with a comment",
    "withdraw": "Take a draft back",
}


def with_store(paths: Object) -> Object:
    """All calls of a service with a store: `paths` are those that every service has."""
    every = {**paths, **_decisions(), **_versions(), **_drafts(), **evidence_paths(), **_pages()}
    for path, own in _methods_too(paths).items():
        every[path] = {**cast(Object, every[path]), **own}
    for path, methods in every.items():
        for method, described in cast(dict[str, Object], methods).items():
            _guard(path, method, described)
    return every


def _guard(path: str, method: str, described: Object) -> None:
    """Adds what a call answers to whom it does not let in, and where the store is away."""
    role = RIGHTS[f"{method.upper()} {_rule(path)}"]
    if role is None:
        return
    described["description"] = f"{described.get('description', '')} Needs the role `{role}`.".strip()
    may_also(described, (messages.UNAUTHORIZED, messages.FORBIDDEN, messages.UNAVAILABLE))
    if method == "post" and path in ("/v1/decisions", "/v1/decisions/batch"):
        may_also(described, (messages.NOT_FOUND,))  # a text that was lost


def _rule(path: str) -> str:
    """A path of the document as the service's own rules write it."""
    for name in ("a", "b", "number"):
        path = path.replace(f"{{{name}}}", f"<int:{name}>")
    for place in ("/v1/drafts", "/v1/keys"):
        path = path.replace(f"{place}/{{id}}", f"{place}/<int:id>")
    return path.replace("{", "<").replace("}", ">")


def _methods_too(paths: Object) -> dict[str, Object]:
    """Further methods at addresses that every service has."""
    made = call("createDraft", "Begin a draft", "Draft", [LANG], TEXT_FIELDS, status=201)
    found = call(
        "findDecisions", "Find recorded decisions", "RecordList", list(map(parameter, SEARCH_FIELDS))
    )
    return {
        "/v1/policies": {**cast(Object, paths["/v1/policies"]), "post": made},
        "/v1/decisions": {**cast(Object, paths["/v1/decisions"]), "get": found},
    }


def _decisions() -> Object:
    id: Object = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    again = call(
        "replay",
        "Decide a recorded question again",
        "Replayed",
        [id, LANG],
        REPLAY_FIELDS,
        (messages.NOT_FOUND, messages.CONFLICT),
    )
    cast(Object, again["requestBody"])["required"] = False
    return {
        "/v1/decisions/{id}": {
            "get": call("showDecision", "A recorded decision", "Record", [id], problems=(messages.NOT_FOUND,))
        },
        "/v1/decisions/{id}/replay": {"post": again},
    }


def _versions() -> Object:
    missing = (messages.NOT_FOUND, messages.REFUSED)
    number, a, b = (whole(name) for name in ("number", "a", "b"))
    place = "/v1/policies/{name}"
    listed = call("listVersions", "The versions of a policy", "VersionList", [NAME], problems=missing)
    shown = call("showVersion", "One version", "Version", [NAME, number], problems=missing)
    shown_as = cast(dict[str, Object], shown["responses"])["200"]
    cast(Object, shown_as["content"])["text/plain"] = {"schema": {"type": "string"}}
    differing = call(
        "compareVersions",
        "What differs between two versions, in words",
        "Differences",
        [NAME, a, b, LANG],
        problems=(*missing, messages.INVALID),
    )
    back = call(
        "rollBack",
        "Hand in the text of an old version again",
        "Draft",
        [NAME, LANG],
        ROLLBACK_FIELDS,
        (messages.NOT_FOUND, messages.REFUSED),
        status=201,
    )
    return {
        f"{place}/versions": {"get": listed},
        f"{place}/versions/{{number}}": {"get": shown},
        f"{place}/versions/{{a}}/diff/{{b}}": {"get": differing},
        f"{place}/rollback": {"post": back},
    }


def _drafts() -> Object:
    id = whole("id")
    place = "/v1/drafts/{id}"
    moved = (messages.NOT_FOUND, messages.CONFLICT, messages.REFUSED)
    steps: Object = {
        f"{place}/{step}": {
            "post": call(f"{step}Draft", about, "Draft", [id, LANG], STEP_FIELDS[step], moved)
        }
        for step, about in STEPS.items()
    }
    drafts = call("listDrafts", "Drafts, the newest first", "DraftList", list(map(parameter, LIST_FIELDS)))
    shown = call("showDraft", "One draft with its texts", "Draft", [id], problems=(messages.NOT_FOUND,))
    edited = call("editDraft", "Another text for one's own draft", "Draft", [id, LANG], EDIT_FIELDS, moved)
    done = call("publishDraft", "Publish an approved draft", "Version", [id, LANG], PUBLISH_FIELDS, moved)
    events = call("listEvents", "Who did what when", "EventList", list(map(parameter, AUDIT_FIELDS)))
    return {
        "/v1/drafts": {"get": drafts},
        place: {"get": shown, "put": edited},
        **steps,
        f"{place}/publish": {"post": done},
        "/v1/audit": {"get": events},
    }


def _pages() -> Object:
    a, b = whole("a"), whole("b")
    id: Object = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    empty = {"const": ""}  # as a form sends what was not filled in
    filters = [{**parameter(field), "schema": {"anyOf": [field.schema, empty]}} for field in FILTERS]
    form: Object = {CONTENT_FORM: {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}}
    older, two = map(parameter, VERSIONS_FIELDS), map(parameter, COMPARE_FIELDS)
    listed = page("versionsPage", "The versions of a policy, for people", [NAME, *older])
    chosen = page("chooseVersions", "Two versions chosen by form, for people", [NAME, *two])
    answers = cast(dict[str, object], chosen["responses"])
    del answers["200"]
    answers["303"] = {"description": "Where what differs is shown."}
    return {
        "/decisions": {"get": page("recordsPage", "Recorded decisions, for people", [*filters, LANG])},
        "/decisions/{id}": {
            "get": page("recordPage", "A recorded decision, for people", [id, LANG]),
            "post": page("replayPage", "Decide it again by form", [id, LANG], form),
        },
        "/policies/{name}/versions": {"get": listed},
        "/policies/{name}/versions/diff": {"get": chosen},
        "/policies/{name}/versions/{a}/diff/{b}": {
            "get": page(
                "differencesPage", "What differs between two versions, for people", [NAME, a, b, LANG]
            )
        },
    }
