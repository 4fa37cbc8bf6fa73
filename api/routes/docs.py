"""`/docs`: the description of the service to read and to try, made here from the OpenAPI document alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from api.library import Library
from api.openapi import document
from api.pages.render import page
from api.replies import CONTENT_JSON, CONTENT_LINES
from api.requests import wanted_lang
from api.service import PerLibrary, Service
from dsl.model import CheckedPolicy
from engine.decision import dumps, shown_json
from engine.shown import shown_value
from engine.values import exact

# What answers with these is a page or a part of one: it is left out, for it is tried by opening it.
FOR_BROWSERS = frozenset({"text/html", "text/css"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One call as the page shows it. `bodies` are media types, each with an example."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    parameters: tuple[Mapping[str, Any], ...]
    bodies: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str], ...]


def blueprint(service: Service) -> Blueprint:
    """The route of the documentation."""
    routes = Blueprint("docs", __name__)
    told = PerLibrary(service, lambda library: _told(service, library))

    @routes.get("/docs")
    def show() -> Response:
        return page("docs.html", wanted_lang(), **told.get())

    return routes


def _told(service: Service, library: Library) -> dict[str, Any]:
    """What the page says."""
    described: Any = document(service, library)
    schemas = {
        name: dumps(schema, 2)
        for name, schema in described["components"]["schemas"].items()
        if not name.startswith("DecisionRequest-")
    }
    return {
        "operations": list(_operations(described, _examples(library))),
        "schemas": schemas,
        "about": described["info"]["description"],
    }


def _operations(described: Any, examples: Mapping[tuple[str, str], str]) -> Iterator[Operation]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if any(
                FOR_BROWSERS & reply.get("content", {}).keys() for reply in operation["responses"].values()
            ):
                continue
            content = operation.get("requestBody", {}).get("content", {})
            yield Operation(
                operation["operationId"],
                method.upper(),
                path,
                operation["summary"],
                operation.get("description", ""),
                tuple(_resolved(item, described) for item in operation["parameters"]),
                tuple((kind, examples.get((path, kind), "")) for kind in content),
                tuple((status, reply["description"]) for status, reply in operation["responses"].items()),
            )


def _resolved(item: Mapping[str, Any], described: Any) -> Mapping[str, Any]:
    target = item.get("$ref")
    if target is None:
        return item
    found: Mapping[str, Any] = described["components"]["parameters"][target.rpartition("/")[2]]
    return found


def _examples(library: Library) -> dict[tuple[str, str], str]:
    """Bodies to begin with, made of the first example that a policy has."""
    policies = library.policies.values()
    policy = next((each for each in policies if each.examples), next(iter(policies), None))
    if policy is None:
        return {}
    question = {"policy": policy.name, "facts": _facts(policy), "explain": "full"}
    row: dict[str, object] = {**question, "explain": "none"}
    rows = [{**row, "customer": "C001"}, {**row, "customer": "C002", "facts": {}}]
    text = policy.source.text
    return {
        ("/v1/decisions", CONTENT_JSON): dumps(question, 2),
        ("/v1/decisions/batch", CONTENT_JSON): dumps(rows, 2),
        ("/v1/decisions/batch", CONTENT_LINES): "".join(dumps(each) + "\n" for each in rows),
        ("/v1/check", CONTENT_JSON): json.dumps({"text": text}, ensure_ascii=False, indent=2),
    }


def _facts(policy: CheckedPolicy) -> dict[str, object]:
    given = policy.examples[0].given if policy.examples else ()
    return {
        key: shown_json(shown_value(exact(item), policy.facts[key].type))
        for key, item in given
        if item is not None
    }
