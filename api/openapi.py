"""The OpenAPI 3.1 document, built from what the service really does.

Bodies come from the tables of fields that read them (`api.requests`), problems from the kinds that are raised
(`api.messages`), limits from the configuration. A test holds that the paths here are the routes there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import cast
from urllib.parse import quote

from api import messages
from api.bodies import CONTENT_FORM
from api.fields import Field, object_schema
from api.messages import Kind
from api.openapi_policies import policy_schemas
from api.openapi_schemas import SCHEMAS, ref
from api.replies import (
    CONTENT_HTML,
    CONTENT_JSON,
    CONTENT_LINES,
    CONTENT_PROBLEM,
    CONTENT_SCHEMA,
    CONTENT_TEXT,
)
from api.requests import BATCH_FIELDS, CHECK_FIELDS, DECISION_FIELDS, LANG
from api.service import Service

Object = dict[str, object]

ABOUT = """Grades business customers by policies that people can read: the tier, the benefits that come with
it, and why.

Numbers are exact decimals: read them as such. A fact that is absent or null is unknown, never zero. Every
error is a problem document (RFC 9457); `errors` names each bad field. An `X-Request-Id` comes back."""

ACCEPT_LANGUAGE: Object = {
    "name": "Accept-Language",
    "in": "header",
    "description": "`en` or `zh`, weighted by `q`; `lang` in the body or in the address goes before it.",
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
        "paths": {
            **_decisions(service),
            **_check(service),
            **_policies(),
            **_housekeeping(),
            **_pages(),
        },
        "components": {
            "schemas": {
                **SCHEMAS,
                **policy_schemas(service.library, DECISION_FIELDS),
                "BatchRow": object_schema([replace(field, required=False) for field in DECISION_FIELDS]),
                "CheckRequest": object_schema(CHECK_FIELDS),
            },
            "parameters": {
                "AcceptLanguage": ACCEPT_LANGUAGE,
                "Lang": _parameter(LANG),
                "PolicyName": POLICY_NAME,
            },
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
        parameters=[ref("Lang", "parameters")],
    )
    rows: Object = {"type": "array", "items": ref("BatchRow"), "minItems": 1}
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
        parameters=[ref("Lang", "parameters")],
    )
    operation["description"] = f"The text has {service.config.max_policy:,} bytes at most."
    return {"/v1/check": {"post": operation}}


def _policies() -> Object:
    lang, name = ref("Lang", "parameters"), ref("PolicyName", "parameters")
    missing = (messages.NOT_FOUND,)
    exact = {"text/plain": {"schema": {"type": "string"}}}
    one = _reply("What it is.", ref("Policy"))
    one["content"] = {CONTENT_JSON: {"schema": ref("Policy")}, **exact}
    one["links"] = {"factSchema": {"operationId": "factSchema", "parameters": {"name": "$request.path.name"}}}
    text: Object = {"description": "The exact text.", "content": exact}
    schema = _reply("A JSON schema (2020-12) of the facts.", {"type": "object"}, CONTENT_SCHEMA)
    everything = _reply("All of them.", ref("PolicyList"))
    bad_lang = (messages.INVALID,)
    operations = {
        "": ("listPolicies", "List the policies", everything, bad_lang, [lang]),
        "/{name}": ("showPolicy", "Show one policy", one, missing + bad_lang, [name, lang]),
        "/{name}/text": ("policyText", "A policy's text", text, missing, [name]),
        "/{name}/schema": (
            "factSchema",
            "The facts that a policy asks for",
            schema,
            missing + bad_lang,
            [name, lang],
        ),
    }
    return {
        f"/v1/policies{path}": {"get": _operation(key, about, reply, problems, parameters=parameters)}
        for path, (key, about, reply, problems, parameters) in operations.items()
    }


def _housekeeping() -> Object:
    well = _reply("It is.", ref("Health"))
    described = _reply("This document.", {"type": "object"})
    return {
        "/openapi.json": {"get": _operation("describe", "This description", described)},
        "/healthz": {"get": _operation("alive", "Whether the process lives", well)},
        "/readyz": {"get": _operation("ready", "Whether it can decide", well, (messages.NOT_READY,))},
        "/metrics": {"get": _operation("metrics", "Counts and times, for Prometheus", _text("The numbers."))},
    }


def _pages() -> Object:
    """Where people look: pages, and what pages are made of."""
    name, lang = ref("PolicyName", "parameters"), ref("Lang", "parameters")
    form: Object = {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}
    example: Object = {
        "name": "example",
        "in": "query",
        "description": "Fill the form with the policy's example of this number, from 1.",
        "schema": {"type": "integer", "minimum": 1},
    }
    file = {**POLICY_NAME, "description": "`page.css`, `page.js` or `icon.svg`."}
    part: Object = {
        "description": "The file.",
        "content": {"text/css": {}, "text/javascript": {}, "image/svg+xml": {}},
    }
    show = _page("policyPage", "A policy's page: its text, and a form", [name, lang, example])
    ask = _page("askPage", "Ask a policy by form", [name, lang], {CONTENT_FORM: form})
    return {
        "/": {"get": _page("home", "The policies, for people", [lang])},
        "/policies/{name}": {"get": show, "post": ask},
        "/docs": {"get": _page("docs", "This description, to read and to try", [lang])},
        "/static/{name}": {
            "get": _operation(
                "pagePart", "What pages are made of", part, (messages.NOT_FOUND,), parameters=[file]
            )
        },
    }


def _page(name: str, summary: str, parameters: Sequence[Object], body: Object | None = None) -> Object:
    """A page. What is wrong with its form is said on the page itself; other problems are documents like any other."""
    problems = [messages.INVALID]
    if len(parameters) > 1:
        problems.append(messages.NOT_FOUND)
    if body is not None:
        problems += [messages.BAD_REQUEST, messages.TOO_LARGE, messages.UNSUPPORTED]
    shown = _text("A page.", CONTENT_HTML)
    operation = _operation(name, summary, shown, problems, body=body, parameters=parameters)
    refused = cast(dict[str, Object], operation["responses"])["422"]
    refused["content"] = {**cast(Object, refused["content"]), **cast(Object, shown["content"])}
    return operation


def _text(about: str, content: str = CONTENT_TEXT) -> Object:
    return _reply(about, {"type": "string"}, content.partition(";")[0])


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
