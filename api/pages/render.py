"""Templates filled in, and what a browser may do with the page.

The policy of contents allows styles and scripts from this service only, none inside the page and nothing from
any other host. Whatever a template is given is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from flask import Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.messages import in_lang
from api.pages.words import WORDS
from api.replies import CONTENT_HTML, in_language
from dsl.diagnostics import Lang

TEMPLATES = Path(__file__).parent.parent / "templates"
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@cache
def _environment() -> Environment:
    """The templates; each is read once."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def page(template: str, lang: Lang, status: int = 200, **context: object) -> Response:
    """A page in one language. The templates' `t` says a sentence of `api.pages.words`; `here` is what a link
    appends to stay in the language, `again` what a form appends to come back to the same address.
    """
    filled = (
        _environment()
        .get_template(template)
        .render(
            lang=lang,
            t=speaker(lang),
            other=other_language(lang),
            here=_with_lang(lang),
            again=_again(),
            **context,
        )
    )
    reply = Response(filled, status, content_type=CONTENT_HTML)
    reply.headers["Content-Security-Policy"] = CONTENT_POLICY
    reply.headers["Referrer-Policy"] = "same-origin"
    reply.headers["Cache-Control"] = "no-store" if request.method == "POST" else "no-cache"
    return in_language(reply, lang)


def speaker(lang: Lang) -> Callable[..., str]:
    """Sentences by key in one language, their `{words}` filled in."""

    def say(key: str, **words: object) -> str:
        return in_lang(WORDS[key], lang).format(**words)

    return say


def element_id(key: str) -> str:
    """What a fact's control goes by in a page; an id holds no space and no sign that an address would change."""
    return re.sub(r"[^\w-]", lambda sign: f".{ord(sign[0]):x}", key)


def other_language(lang: Lang) -> str:
    """The same address in the other language."""
    query = {**request.args.to_dict(), "lang": "zh" if lang == "en" else "en"}
    return f"?{urlencode(query)}"


def _again() -> str:
    """The address's own query."""
    query = {name: text for name, text in request.args.items() if name in ("lang", "example", "version")}
    return f"?{urlencode(query)}" if query else ""


def _with_lang(lang: Lang) -> str:
    """What a link appends so that the language which was chosen by address stays."""
    return f"?lang={lang}" if "lang" in request.args else ""
