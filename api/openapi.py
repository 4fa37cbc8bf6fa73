"""The OpenAPI 3.1 document, built from what the service really does.

Bodies come from the tables of fields that read them (`api.requests`), problems from the kinds that are raised
(`api.messages`), limits from the configuration. A test holds that the paths here are the routes there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from urllib.parse import quote

from api import messages
from api.fields import Field, object_schema
from api.messages import Kind
from api.openapi_schemas import SCHEMAS, ref
from api.replies import CONTENT_JSON, CONTENT_LINES, CONTENT_PROBLEM, CONTENT_SCHEMA
from api.requests import BATCH_FIELDS, CHECK_FIELDS, DECISION_FIELDS
from api.service import Service

Object = dict[str, object]

ABOUT = """Grades business customers by policies that people can read: the tier, the benefits that come with
it, and why.

Numbers are exact decimals: read them as such. A fact that is absent or null is unknown, never zero. Every
error is a problem document (RFC 9457); `errors` names each bad field. An `X-Request-Id` comes back."""

ACCEPT_LANGUAGE: Object = {
    "name": "Accept-Language",
    "in": "header",
    "description": "`en` or `zh`; a body's `lang` goes before it.",
    "schema": {"type": "string"},
}
POLICY_NAME: Object = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}

BODY_PROBLEMS = (
    messages.INVALID_JSON,
    messages.BROKEN_OFF,
    messages.TOO_LARGE,
    messages.UNSUPPORTED,
    messages.INVALID,
)


def document(service: Service) -> Object:
    """The description of this service, with its policies and its limits."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tierwise", "version": version("tierwise"), "description": ABOUT},
        "paths": {**_decisions(service), **_check(service), **_policies(), **_housekeeping()},
        "components": {
            "schemas": {
                **SCHEMAS,
                "DecisionRequest": object_schema(DECISION_FIELDS),
                "BatchRow": object_schema([replace(field, required=False) for field in DECISION_FIELDS]),
                "CheckRequest": object_schema(CHECK_FIELDS),
            },
            "parameters": {"AcceptLanguage": ACCEPT_LANGUAGE, "PolicyName": POLICY_NAME},
        },
        "x-fact-schemas": {name: f"/v1/policies/{quote(name)}/schema" for name in service.library.policies},
    }


def _decisions(service: Service) -> Object:
    limits = service.config
    one = _operation(
        "decide",
        "Decide one customer",
        _reply("The decision.", ref("Decision")),
        BODY_PROBLEMS,
        body={CONTENT_JSON: {"schema": ref("DecisionRequest")}},
    )
    rows: Object = {"type": "array", "items": ref("BatchRow")}
    many = _operation(
        "decideMany",
        "Decide many customers",
        _reply(
            "A decision or a problem for each row, in order.",
            {"anyOf": [ref("Decision"), ref("RowProblem")]},
            CONTENT_LINES,
        ),
        (
            messages.EMPTY_BATCH,
            messages.BROKEN_OFF,
            messages.TOO_LARGE,
            messages.UNSUPPORTED,
            messages.INVALID,
        ),
        body={CONTENT_JSON: {"schema": rows}, CONTENT_LINES: {"schema": ref("BatchRow")}},
        parameters=[_parameter(field) for field in BATCH_FIELDS],
    )
    many["description"] = (
        "An array, or one JSON object a line. What all rows share may stand in the address instead; a row's "
        "own word goes before it. A line comes back for each row, in order: a decision, or `error` with the "
        "row's line or index; a row that is not JSON is refused in its place, empty lines are passed over. "
        f"At most {limits.max_rows:,} rows, {limits.max_batch:,} bytes, {limits.max_body:,} bytes a row."
    )
    return {"/v1/decisions": {"post": one}, "/v1/decisions/batch": {"post": many}}


def _check(service: Service) -> Object:
    operation = _operation(
        "check",
        "Check a policy's text",
        _reply("Everything that is wrong with it.", ref("Checked")),
        BODY_PROBLEMS,
        body={CONTENT_JSON: {"schema": ref("CheckRequest")}},
    )
    operation["description"] = f"The text has {service.config.max_policy:,} bytes at most."
    return {"/v1/check": {"post": operation}}


def _policies() -> Object:
    name = [ref("PolicyName", "parameters")]
    missing = (messages.NOT_FOUND,)
    exact = {"text/plain": {"schema": {"type": "string"}}}
    one = _reply("What it is.", ref("Policy"))
    one["content"] = {CONTENT_JSON: {"schema": ref("Policy")}, **exact}
    one["links"] = {"factSchema": {"operationId": "factSchema", "parameters": {"name": "$request.path.name"}}}
    text: Object = {"description": "The exact text.", "content": exact}
    schema = _reply("A JSON schema (2020-12) of the facts.", {"type": "object"}, CONTENT_SCHEMA)
    return {
        "/v1/policies": {
            "get": _operation("listPolicies", "List the policies", _reply("All of them.", ref("PolicyList")))
        },
        "/v1/policies/{name}": {
            "get": _operation("showPolicy", "Show one policy", one, missing, parameters=name)
        },
        "/v1/policies/{name}/text": {
            "get": _operation("policyText", "A policy's text", text, missing, parameters=name)
        },
        "/v1/policies/{name}/schema": {
            "get": _operation(
                "factSchema", "The facts that a policy asks for", schema, missing, parameters=name
            )
        },
    }


def _housekeeping() -> Object:
    well = _reply("It is.", ref("Health"))
    described = _reply("This document.", {"type": "object"})
    return {
        "/openapi.json": {"get": _operation("describe", "This description", described)},
        "/healthz": {"get": _operation("alive", "Whether the process lives", well)},
        "/readyz": {"get": _operation("ready", "Whether it can decide", well, (messages.NOT_READY,))},
    }


def _operation(
    name: str,
    summary: str,
    reply: Object,
    problems: Sequence[Kind] = (),
    *,
    body: Object | None = None,
    parameters: Sequence[Object] = (),
) -> Object:
    """One operation: its answer, and the problems that it may answer with, by status."""
    statuses = dict.fromkeys(str(kind.status) for kind in problems)
    operation: Object = {
        "operationId": name,
        "summary": summary,
        "parameters": [*parameters, ref("AcceptLanguage", "parameters")],
        "responses": {
            "200": reply,
            **{
                status: _problems([kind for kind in problems if str(kind.status) == status])
                for status in statuses
            },
        },
    }
    return operation if body is None else {**operation, "requestBody": {"required": True, "content": body}}


def _reply(about: str, schema: Object, content: str = CONTENT_JSON) -> Object:
    return {"description": about, "content": {content: {"schema": schema}}}


def _problems(kinds: Sequence[Kind]) -> Object:
    """The answer under a status that one kind of problem, or several, have."""
    about = "; ".join(f"{kind.title[0]} (`{kind.type}`)" for kind in kinds)
    return _reply(about, ref("Problem"), CONTENT_PROBLEM)


def _parameter(field: Field) -> Object:
    return {
        "name": field.name,
        "in": "query",
        "required": False,
        "description": field.about,
        "schema": dict(field.schema),
    }
