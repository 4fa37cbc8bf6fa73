"""`/`, `/policies/{name}` and what pages are made of: the service for people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, g, request

from api import messages
from api.access import caller
from api.bodies import read_form
from api.clock import today
from api.decisions import answered
from api.errors import BadField, Problem, bad_field, of_facts, problem
from api.fields import read_object
from api.library import Library
from api.messages import in_lang
from api.pages.answer import Answer, answer_of, tier_word
from api.pages.form import FACTS, Option, as_digits, controls, fact_of, given_by, given_in, stages
from api.pages.render import page
from api.requests import SHARED_FIELDS, DecisionRequest, wanted_lang, wanted_version
from api.service import Service
from dsl.diagnostics import Lang
from dsl.highlight import Line, highlight
from dsl.model import CheckedPolicy
from engine.decision import dumps
from engine.engines import DEFAULT_ENGINE, ENGINES
from engine.facts import FactsError, facts_by_name, read_row
from engine.facts_problems import pointer
from engine.remembered import PerPolicy
from engine.words import label

STATIC = Path(__file__).parent.parent / "static"
TYPES = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}

# What an address says that its page's own links and forms say again: without it they would lead to another page.
KEPT = ("lang", "version")

# What the form asks beside the facts.
FIELDS = tuple(field for field in SHARED_FIELDS if field.name in {"as_of", "at", "engine"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form held, as text: the facts by key, and the other fields by name."""

    facts: Mapping[str, str]
    others: Mapping[str, str]


EMPTY = Asked({}, dict.fromkeys((field.name for field in FIELDS), ""))


def blueprint(service: Service) -> Blueprint:
    """The routes of pages."""
    routes = Blueprint("pages", __name__)
    texts = PerPolicy(_highlighted)
    _add_parts(routes)

    def shown(name: str) -> CheckedPolicy:
        return wanted_version(service.library, name, request.args.get("version"))

    @routes.get("/")
    def home() -> Response:
        lang = wanted_lang()
        library = service.library
        cards = [_card(each, lang, library) for each in library.policies.values()]
        return page("home.html", lang, policies=cards, audited=_audited(service))

    @routes.get("/policies/<name>")
    def show(name: str) -> Response:
        policy, lang = shown(name), wanted_lang()
        return _page(service, policy, texts.of(policy), lang, _of_example(policy, lang))

    @routes.post("/policies/<name>")
    def ask(name: str) -> Response:
        policy, lang = shown(name), wanted_lang()
        form = read_form(request, service.config.max_body)
        asked, wrong = _asked(policy, form)
        try:
            sent, noted, decision_id = answered(service, _question(policy, asked, lang, wrong), g.caller.name)
        except Problem as refused:
            return _page(service, policy, texts.of(policy), lang, asked, wrong=refused.errors)
        g.seen.decided(noted, decision_id)
        # What a program would have been told, to the last digit.
        content = json.loads(sent, parse_float=Decimal)
        said = answer_of(content, policy, lang)
        kept = decision_id if _audited(service) else ""
        text = texts.of(policy)
        return _page(service, policy, text, lang, asked, answer=said, raw=dumps(content, 2), record=kept)

    return routes


def _add_parts(routes: Blueprint) -> None:
    """What pages are made of, read once."""
    files = {name: (STATIC / name).read_bytes() for name in TYPES}

    @routes.get("/static/<name>")
    def part(name: str) -> Response:
        if name not in files:
            raise problem(messages.NOT_FOUND)
        reply = Response(files[name], content_type=TYPES[name])
        reply.headers["Cache-Control"] = "no-cache"
        reply.set_etag(hashlib.sha256(files[name]).hexdigest())
        reply.make_conditional(request)
        return reply


def _asked(policy: CheckedPolicy, form: Mapping[str, Sequence[str]]) -> tuple[Asked, list[BadField]]:
    """What a posted form held, and what is wrong with the form itself."""
    facts, wrong = given_in(policy, form)
    others = {name: form.get(name, [""]) for name in EMPTY.others}
    wrong += [
        bad_field("given_twice", pointer(name), name=name) for name, came in others.items() if len(came) > 1
    ]
    return Asked(facts, {name: came[0] for name, came in others.items()}), wrong


def _question(
    policy: CheckedPolicy, asked: Asked, lang: Lang, unclear: Sequence[BadField]
) -> DecisionRequest:
    """The question that a form asks; `unclear` is what is wrong with the form. Raises `Problem` with everything
    that is wrong.
    """
    values, bad = read_object({name: text or None for name, text in asked.others.items()}, FIELDS)
    wrong = [*unclear, *bad]
    try:
        facts = read_row(policy, as_digits(policy, asked.facts))
    except FactsError as error:
        raise problem(messages.INVALID, *wrong, *of_facts(error, FACTS)) from error
    if wrong:
        raise problem(messages.INVALID, *wrong)
    return DecisionRequest(
        policy,
        facts,
        as_of=cast("date | None", values.get("as_of")) or today(policy),
        lang=lang,
        customer=None,
        at=cast("str | None", values.get("at")),
        explain="full",
        engine=cast(str, values.get("engine", DEFAULT_ENGINE)),
    )


def _chosen_example(policy: CheckedPolicy) -> int:
    """The place of the example that the address names, from 1; 0 where it names none. Raises `Problem`."""
    word = request.args.get("example")
    places = {str(place): place for place in range(1, len(policy.examples) + 1)}
    if word is not None and word not in places:
        raise problem(messages.NOT_FOUND)
    return 0 if word is None else places[word]


def _of_example(policy: CheckedPolicy, lang: Lang) -> Asked:
    """A form filled with the example that the address names, on the day on which it runs: the effective date
    unless it names another. Empty where none is named. Raises `Problem`.
    """
    place = _chosen_example(policy)
    if not place:
        return EMPTY
    example = policy.examples[place - 1]
    day = example.on or policy.start
    others = {**EMPTY.others, "as_of": day.isoformat() if day else ""}
    return Asked(given_by(example, policy, lang), others)


def _audited(service: Service) -> bool:
    """Whether decisions are recorded, and whoever looks may look at them."""
    return service.recorder is not None and caller().may("auditor")


def _page(
    service: Service,
    policy: CheckedPolicy,
    text: tuple[Line, ...],
    lang: Lang,
    asked: Asked,
    *,
    answer: Answer | None = None,
    raw: str = "",
    record: str = "",
    wrong: Sequence[BadField] = (),
) -> Response:
    """`record` is the id under which the answer was recorded, where it leads to somebody who may look at it."""
    return page(
        "policy.html",
        lang,
        422 if wrong else 200,
        card=_card(policy, lang, service.library),
        audited=_audited(service),
        kept={name: request.args[name] for name in KEPT if name in request.args},
        controls=controls(policy, lang, asked.facts, wrong),
        asked=asked.others,
        wrong=_elsewhere(policy, wrong, lang),
        stages=stages(policy, lang),
        engines=[Option(name, name) for name in ENGINES],
        engine=DEFAULT_ENGINE,
        today=today(policy).isoformat(),
        examples=[example.name for example in policy.examples],
        example=_chosen_example(policy),
        answer=answer,
        raw=raw,
        record=record,
        text_at="",  # the lines that reasons lead to are on this page
        text=text,
        refused=bool(wrong),
        sent_by="facts" if request.method == "POST" else "",  # the other language asks the same again
    )


def _elsewhere(policy: CheckedPolicy, wrong: Sequence[BadField], lang: Lang) -> list[str]:
    """What is wrong with the form's other fields; what is wrong with a fact stands at the fact."""
    return [in_lang(item.detail, lang) for item in wrong if fact_of(item) not in policy.facts]


def _card(policy: CheckedPolicy, lang: Lang, library: Library) -> dict[str, object]:
    """What is told of a policy before it is read; how many versions it has, where it has any."""
    main, catalogue = policy.main, library.catalogue
    return {
        "name": policy.name,
        "version": policy.version,
        "versions": len(catalogue.histories[policy.name].versions) if catalogue else 0,
        "label": policy.title.in_lang(lang) if policy.title else policy.name,
        "owner": policy.owner,
        "start": policy.start,
        "end": policy.end,
        "scope": policy.scope,
        "about": policy.about,
        "currency": policy.currency,
        "facts": len(policy.facts),
        "ladder": label(main, lang) if main else "",
        "tiers": [tier_word(main.type, tier.key, lang) for tier in main.tiers] if main else [],
    }


def _highlighted(policy: CheckedPolicy) -> tuple[Line, ...]:
    return highlight(policy.source.text, facts_by_name(policy))
