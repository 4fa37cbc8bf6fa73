"""What every answer has in common: JSON with exact decimals, the language asked for, and the request's id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal
from uuid import uuid4

from flask import Flask, Response, g, request

from dsl.diagnostics import Lang
from engine.json_bytes import encoded

CONTENT_JSON = "application/json"
CONTENT_PROBLEM = "application/problem+json"
CONTENT_LINES = "application/x-ndjson"
CONTENT_TEXT = "text/plain; charset=utf-8"
CONTENT_SCHEMA = "application/schema+json"
CONTENT_HTML = "text/html; charset=utf-8"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
_LANGS: dict[str, Lang] = {"en": "en", "zh": "zh"}


def json_reply(value: Mapping[str, object], status: int = 200, content: str = CONTENT_JSON) -> Response:
    """An answer in JSON."""
    return Response(encoded(value), status, content_type=content)


def accepted_lang() -> Lang:
    """The language of `?lang=`, else the one that the caller reads best by `Accept-Language`; English where neither says."""
    asked = _LANGS.get(request.args.get("lang", "")) if request.query_string else None
    if asked is not None:
        return asked
    if "HTTP_ACCEPT_LANGUAGE" not in request.environ:
        return "en"
    for tag, weight in request.accept_languages:  # the heaviest first; `zh-TW` is Chinese as `zh` is
        lang = _LANGS.get(tag.partition("-")[0].lower())
        if lang is not None and weight > 0:
            return lang
    return "en"


def in_language(reply: Response, lang: Lang) -> Response:
    """The answer, marked with its language."""
    reply.headers["Content-Language"] = lang
    return reply


def accepts_text(against: Literal["application/json"] = "application/json") -> bool:
    """Whether the caller would rather have plain text than JSON."""
    accept = request.accept_mimetypes
    return accept["text/plain"] > accept[against]


def accepts_page() -> bool:
    """Whether it is a browser that shows the answer to somebody: it names pages before anything else."""
    return bool(request.accept_mimetypes) and request.accept_mimetypes[0][0] == "text/html"


def install(app: Flask) -> None:
    """Gives each request its id: the caller's own where it is a decent one, else a new one."""

    @app.before_request
    def name_request() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex

    @app.after_request
    def mark(reply: Response) -> Response:
        reply.headers["X-Request-Id"] = g.request_id
        reply.headers["X-Content-Type-Options"] = "nosniff"
        reply.vary.add("Accept-Language")
        return reply
