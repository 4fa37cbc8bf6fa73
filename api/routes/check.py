"""`/v1/check`: what is wrong with a policy's text, for editors and for pages that let people write one."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from api.bodies import read_json
from api.replies import in_language, json_reply
from api.requests import asked_lang, read_check, wanted_lang
from api.service import Service
from dsl.rendering import diagnostic_json
from dsl.source import Source
from policies.registry.files import check_source


def blueprint(service: Service) -> Blueprint:
    """The route of checks."""
    routes = Blueprint("check", __name__, url_prefix="/v1/check")

    @routes.post("")
    def check_text() -> Response:
        body = read_json(request, service.config.max_body)
        g.lang = asked_lang(body.value, wanted_lang())
        asked = read_check(body, g.lang, service.config.max_policy)
        found = check_source(Source(asked.text))
        answer = {
            "ok": found.policy is not None,
            "policy": None if found.policy is None else found.policy.name,
            "errors": found.errors,
            "warnings": found.warnings,
            "diagnostics": [
                diagnostic_json(item, found.source, asked.lang, found.uses) for item in found.diagnostics
            ],
        }
        return in_language(json_reply(answer), asked.lang)

    return routes
