"""`/v1/decisions`: one customer's decision, or many."""

from __future__ import annotations

from flask import Blueprint, Response, g, request
from flask.globals import request_ctx

from api.bodies import read_json, spool, wants
from api.decisions import Batch, answered, begin, expect_rows
from api.replies import CONTENT_JSON, CONTENT_LINES, accepted_lang, in_language
from api.requests import asked_lang, read_decision, read_shared, wanted_lang
from api.service import Service
from dsl.diagnostics import Lang

LINES_TYPES = (CONTENT_LINES, "application/ndjson", "application/jsonl")


def blueprint(service: Service) -> Blueprint:
    """The routes of decisions."""
    routes = Blueprint("decisions", __name__, url_prefix="/v1/decisions")

    @routes.post("")
    def decide_one() -> Response:
        # The request itself: through `request`, every look at it is looked up anew.
        body = read_json(request_ctx.request, service.config.max_body)
        g.lang = asked_lang(body.value, wanted_lang())
        asked = read_decision(body, service.library, g.lang)
        sent, noted, decision_id = answered(service, asked, g.caller.name)
        g.seen.decided(noted, decision_id)
        return in_language(Response(sent, content_type=CONTENT_JSON), asked.lang)

    @routes.post("/batch")
    def decide_batch() -> Response:
        wants(request, CONTENT_JSON, *LINES_TYPES)
        shared, count = read_shared()
        lang: Lang = asked_lang(shared, accepted_lang())
        g.lang = lang
        file = spool(request, service.config.max_batch)
        try:
            array = begin(file, lines_only=request.mimetype in LINES_TYPES)
            if count is not None:
                expect_rows(file, count, service.config.max_body, array=array)
        except BaseException:
            file.close()
            raise
        batch = Batch(file, array, service, service.library, shared, lang, g.seen, g.caller.name)
        reply = Response(batch.answers(), content_type=CONTENT_LINES)
        reply.call_on_close(file.close)  # also where the caller hangs up before the first row
        return in_language(reply, lang)

    return routes
