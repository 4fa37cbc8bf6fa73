"""`/policies/{name}/versions` and what differs between two of them: for people."""

from __future__ import annotations

from typing import cast
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request

from api.access import caller
from api.fields import LARGEST, Field, count
from api.pages.render import page
from api.requests import LANG, read_query, wanted_lang
from api.routes.versions import two_versions, wanted_history
from api.service import Service
from api.stored import text_difference
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from policies.registry.diff import Difference, differences, place, sentence, summary
from policies.registry.store.connect import Store
from policies.registry.store.steps import shown_time
from policies.registry.store.versions import Version

# A thousand versions on one page would take a tenth of a second, and nobody reads them.
ON_A_PAGE = 50

VERSIONS_FIELDS: tuple[Field, ...] = (
    count("before", "Versions below this number; the page itself links to them.", LARGEST, 2),
    LANG,
)
COMPARE_FIELDS: tuple[Field, ...] = (
    count("old", "The one version.", LARGEST, 1, required=True),
    count("new", "The other.", LARGEST, 1, required=True),
    LANG,
)


def blueprint(service: Service, store: Store) -> Blueprint:
    """The pages of versions."""
    routes = Blueprint("history", __name__, url_prefix="/policies/<name>/versions")

    @routes.get("")
    def show(name: str) -> Response:
        lang = wanted_lang()
        _, history = wanted_history(service, name)
        now = history.at(store.clock())
        last = min(read_query(VERSIONS_FIELDS).get("before", LARGEST) - 1, len(history.versions))
        found = history.versions[max(0, last - ON_A_PAGE) : last]
        return page(
            "versions.html",
            lang,
            name=name,
            versions=[_row(version, now) for version in reversed(found)],
            newest=len(history.versions),
            later=last < len(history.versions),
            older=found[0].number if found[0].number > 1 else None,
            audited=caller().may("auditor"),
        )

    @routes.get("/diff")
    def choose(name: str) -> Response:
        """Where the form of the list leads to."""
        wanted_history(service, name)
        values = read_query(COMPARE_FIELDS)
        target = f"/policies/{quote(name, safe='')}/versions/{values['old']}/diff/{values['new']}"
        spoken = f"?lang={wanted_lang()}" if "lang" in request.args else ""
        return cast(Response, redirect(target + spoken, 303, Response))

    @routes.get("/<int:a>/diff/<int:b>")
    def compare(name: str, a: int, b: int) -> Response:
        lang = wanted_lang()
        before, after = two_versions(service, name, a, b)
        compared = _compared(before, after, lang)
        return page("differences.html", lang, 200, name=name, old=a, new=b, **compared)

    return routes


def _row(version: Version, now: Version | None) -> dict[str, object]:
    """A version on the page."""
    return {
        "number": version.number,
        "start": version.start,
        "now": version is now,
        "author": version.author,
        "approvers": ", ".join(version.approvers),
        "published": shown_time(version.published_at),
        "known": version.published_at.date(),
        "reason": version.reason,
        "comment": version.comment,
        "rolled_back": version.rolled_back,
    }


def _compared(before: CheckedPolicy, after: CheckedPolicy, lang: Lang) -> dict[str, object]:
    """What differs between two versions: what may decide otherwise, what does not, and the lines."""
    found = differences(before, after)
    return {
        "summary": summary(found, lang),
        "deciding": [_told(item, before, after, lang) for item in found if item.decides],
        "words": [_told(item, before, after, lang) for item in found if not item.decides],
        "text": text_difference(before, after).splitlines(),
    }


def _told(item: Difference, before: CheckedPolicy, after: CheckedPolicy, lang: Lang) -> dict[str, object]:
    """A difference in words, with the places that it is about; None where one side has none."""
    was, now = place(item.span_before, before), place(item.span_after, after)
    return {
        "text": sentence(item, lang),
        "was": None if was is None else was.words(lang),
        "now": None if now is None else now.words(lang),
    }
