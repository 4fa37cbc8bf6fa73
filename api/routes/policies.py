"""`/v1/policies`: which policies there are, what they say, and which facts they ask for."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, request

from api.replies import CONTENT_SCHEMA, CONTENT_TEXT, accepts_text, in_language, json_reply
from api.requests import wanted_lang, wanted_policy, wanted_version
from api.service import Service
from dsl.diagnostics import Lang
from dsl.model import LANGUAGE_VERSION, CheckedPolicy, Ladder, Text
from dsl.types import Member
from engine.schema import fact_schema


def blueprint(service: Service) -> Blueprint:
    """The routes of policies."""
    routes = Blueprint("policies", __name__, url_prefix="/v1/policies")

    @routes.get("")
    def list_policies() -> Response:
        lang = wanted_lang()
        found = [described(policy, lang) for policy in service.library.policies.values()]
        return in_language(json_reply({"policies": found}), lang)

    @routes.get("/<name>")
    def show_policy(name: str) -> Response:
        policy = wanted_policy(service.library, name)
        if accepts_text():
            return text_of(policy)
        lang = wanted_lang()
        reply = in_language(json_reply({**described(policy, lang), "text": policy.source.text}), lang)
        reply.vary.add("Accept")
        return reply

    @routes.get("/<name>/text")
    def show_text(name: str) -> Response:
        return text_of(wanted_version(service.library, name, request.args.get("version")))

    @routes.get("/<name>/schema")
    def show_schema(name: str) -> Response:
        policy, lang = wanted_policy(service.library, name), wanted_lang()
        return in_language(json_reply(fact_schema(policy, lang), content=CONTENT_SCHEMA), lang)

    return routes


def text_of(policy: CheckedPolicy) -> Response:
    """The exact text, marked with its hash, so that nobody has to fetch it twice."""
    reply = Response(policy.source.text, content_type=CONTENT_TEXT)
    reply.set_etag(policy.hash.removeprefix("sha256:"))
    reply.make_conditional(request)
    return reply


def described(policy: CheckedPolicy, lang: Lang) -> dict[str, object]:
    """What a policy is: its header, its ladders, and where to read more."""
    place = f"/v1/policies/{quote(policy.name)}"
    return {
        "name": policy.name,
        "label": _label(policy.title, lang),
        "version": policy.version,
        "hash": policy.hash,
        "language_version": LANGUAGE_VERSION,
        "owner": policy.owner,
        "effective": {
            "from": None if policy.start is None else policy.start.isoformat(),
            "until": None if policy.end is None else policy.end.isoformat(),
        },
        "currency": policy.currency,
        "timezone": policy.timezone,
        "scope": policy.scope,
        "about": policy.about,
        "ladders": [_ladder(ladder, lang) for ladder in policy.ladders.values()],
        "facts": list(policy.facts),
        "links": {"self": place, "text": f"{place}/text", "schema": f"{place}/schema"},
    }


def _ladder(ladder: Ladder, lang: Lang) -> dict[str, object]:
    return {
        "name": ladder.key,
        "label": _label(ladder.label, lang),
        "tiers": [{"tier": tier.key, "label": _label(_text(tier.member), lang)} for tier in ladder.tiers],
    }


def _text(member: Member) -> Text | None:
    return None if member.label is None else Text(member.label, member.translation)


def _label(text: Text | None, lang: Lang) -> str | None:
    return None if text is None else text.in_lang(lang)
