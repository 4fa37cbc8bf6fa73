"""The OpenAPI 3.1 document, built from what the service really does.

Bodies come from the tables of fields that read them (`api.requests`), problems from the kinds that are raised
(`api.messages`), limits from the configuration. A test holds that the paths here are the routes there are.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from urllib.parse import quote

from api import messages
from api.bodies import CONTENT_FORM
from api.fields import object_schema
from api.library import Library
from api.openapi_parts import BODY_PROBLEMS, operation, page, parameter, reply, text
from api.openapi_policies import policy_schemas
from api.openapi_schemas import SCHEMAS, STORED_SCHEMAS, ref
from api.replies import (
    CONTENT_JSON,
    CONTENT_LINES,
    CONTENT_SCHEMA,
)
from api.requests import BATCH_FIELDS, CHECK_FIELDS, LANG, decision_fields
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
VERSION: Object = {
    "name": "version",
    "in": "query",
    "description": "Of a service with a store: this version (`3` or `sha256:…`) in place of the one in force.",
    "schema": {"type": "string"},
}
POLICY_NAME: Object = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}


def document(service: Service, library: Library) -> Object:
    """The description of this service with a library of policies, and its limits."""
    fields = decision_fields(library)
    paths: Object = {
        **_decisions(service),
        **_check(service),
        **_policies(),
        **_housekeeping(),
        **_pages(),
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tierwise", "version": version("tierwise"), "description": ABOUT},
        "paths": paths if service.store is None else _with_store(paths),
        "components": {
            "schemas": {
                **SCHEMAS,
                **({} if service.store is None else _stored_schemas()),
                **policy_schemas(library, fields),
                "BatchRow": object_schema([replace(field, required=False) for field in fields]),
                "CheckRequest": object_schema(CHECK_FIELDS),
            },
            "parameters": {
                "AcceptLanguage": ACCEPT_LANGUAGE,
                "Lang": parameter(LANG),
                "PolicyName": POLICY_NAME,
            },
        },
        "x-fact-schemas": {name: f"/v1/policies/{quote(name)}/schema" for name in library.policies},
    }


def _stored_schemas() -> Object:
    from api.openapi_evidence import EVIDENCE_SCHEMAS

    return {**STORED_SCHEMAS, **EVIDENCE_SCHEMAS}


def _with_store(paths: Object) -> Object:
    from api.openapi_stored import with_store  # brings the database along

    return with_store(paths)


def _decisions(service: Service) -> Object:
    limits = service.config
    one = operation(
        "decide",
        "Decide one customer",
        reply("The decision.", ref("Decision")),
        BODY_PROBLEMS,
        body={CONTENT_JSON: {"schema": ref("DecisionRequest")}},
        parameters=[ref("Lang", "parameters")],
    )
    rows: Object = {"type": "array", "items": ref("BatchRow"), "minItems": 1}
    many = operation(
        "decideMany",
        "Decide many customers",
        reply(
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
        parameters=[parameter(field) for field in BATCH_FIELDS],
    )
    many["description"] = (
        "An array, or one JSON object a line. What all rows share may stand in the address instead; a row's "
        "own word goes before it. A line comes back for each row, in order: a decision, or `error` with the "
        "row's line or index; a row that is not JSON is refused in its place, empty lines are passed over. "
        f"At most {limits.max_rows:,} rows, {limits.max_batch:,} bytes, {limits.max_body:,} bytes a row."
    )
    return {"/v1/decisions": {"post": one}, "/v1/decisions/batch": {"post": many}}


def _check(service: Service) -> Object:
    described = operation(
        "check",
        "Check a policy's text",
        reply("Everything that is wrong with it.", ref("Checked")),
        BODY_PROBLEMS,
        body={CONTENT_JSON: {"schema": ref("CheckRequest")}},
        parameters=[ref("Lang", "parameters")],
    )
    described["description"] = f"The text has {service.config.max_policy:,} bytes at most."
    return {"/v1/check": {"post": described}}


def _policies() -> Object:
    lang, name = ref("Lang", "parameters"), ref("PolicyName", "parameters")
    missing = (messages.NOT_FOUND,)
    exact = {"text/plain": {"schema": {"type": "string"}}}
    one = reply("What it is.", ref("Policy"))
    one["content"] = {CONTENT_JSON: {"schema": ref("Policy")}, **exact}
    one["links"] = {"factSchema": {"operationId": "factSchema", "parameters": {"name": "$request.path.name"}}}
    plain: Object = {"description": "The exact text.", "content": exact}
    schema = reply("A JSON schema (2020-12) of the facts.", {"type": "object"}, CONTENT_SCHEMA)
    everything = reply("All of them.", ref("PolicyList"))
    bad_lang = (messages.INVALID,)
    operations = {
        "": ("listPolicies", "List the policies", everything, bad_lang, [lang]),
        "/{name}": ("showPolicy", "Show one policy", one, missing + bad_lang, [name, lang]),
        "/{name}/text": (
            "policyText",
            "A policy's text",
            plain,
            (*missing, messages.REFUSED),
            [name, VERSION],
        ),
        "/{name}/schema": (
            "factSchema",
            "The facts that a policy asks for",
            schema,
            missing + bad_lang,
            [name, lang],
        ),
    }
    return {
        f"/v1/policies{path}": {"get": operation(key, about, answer, problems, parameters=parameters)}
        for path, (key, about, answer, problems, parameters) in operations.items()
    }


def _housekeeping() -> Object:
    well = reply("It is.", ref("Health"))
    described = reply("This document.", {"type": "object"})
    return {
        "/openapi.json": {"get": operation("describe", "This description", described)},
        "/healthz": {"get": operation("alive", "Whether the process lives", well)},
        "/readyz": {"get": operation("ready", "Whether it can decide", well, (messages.NOT_READY,))},
        "/metrics": {"get": operation("metrics", "Counts and times, for Prometheus", text("The numbers."))},
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
    show = page("policyPage", "A policy's page: its text, and a form", [name, lang, VERSION, example])
    ask = page("askPage", "Ask a policy by form", [name, lang, VERSION], {CONTENT_FORM: form})
    return {
        "/": {"get": page("home", "The policies, for people", [lang])},
        "/policies/{name}": {"get": show, "post": ask},
        "/docs": {"get": page("docs", "This description, to read and to try", [lang])},
        "/static/{name}": {
            "get": operation(
                "pagePart", "What pages are made of", part, (messages.NOT_FOUND,), parameters=[file]
            )
        },
    }
