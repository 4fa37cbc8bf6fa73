"""Every way in which a request can fail, as one shape of answer: an RFC 9457 problem document.

Code that finds something wrong raises `Problem`; `install` makes documents of it, of what the web framework
raises, and of anything unexpected, which is logged with everything we know and answered with nothing of it.
A browser, which asks for a page before anything else, is shown the same as one. A
row of a batch carries the same document inside its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from api import messages
from api.logs import log
from api.messages import FIELDS, Kind, Words, in_lang
from api.pages.render import page
from api.replies import CONTENT_PROBLEM, accepted_lang, accepts_page, in_language, json_reply
from dsl.diagnostics import Lang
from engine.facts_problems import NOTHING, FactsError, after_chinese, both_helps, shorten, shown
from policies.registry.store.problems import NotStored, Refused, StoreConflict, StoreError, StoreUnavailable


@dataclass(frozen=True, slots=True)
class BadField:
    """One thing that is wrong with a request: its place, a stable code, a sentence and help.

    `pointer` is the place in the body (RFC 6901; empty for the whole), `parameter` a name in the address
    instead. `expected` and `got` are the two halves of the sentence once more, for programs; empty where
    there is none.
    """

    pointer: str
    code: str
    detail: Words
    help: Words = NOTHING
    expected: Words = NOTHING
    got: str = ""
    parameter: str | None = None

    def document(self, lang: Lang) -> dict[str, object]:
        """The entry in `errors`."""
        place = {"pointer": self.pointer} if self.parameter is None else {"parameter": self.parameter}
        more = {
            "help": in_lang(self.help, lang),
            "expected": in_lang(self.expected, lang),
            "got": self.got,
        }
        told = {name: text for name, text in more.items() if text}
        return {**place, "code": self.code, "detail": in_lang(self.detail, lang), **told}


def bad_field(
    code: str,
    at: str,
    *,
    expected: Words = NOTHING,
    got: object = ...,
    hint: Words | None = None,
    **words: str,
) -> BadField:
    """A bad field by its code (see `api.messages`).

    `words` fill its sentences, `hint` is help that goes before its own. `got` is left out where it does not
    matter. Of the words only `name` may come from the caller; it is shortened, as `got` is.
    """
    message = FIELDS[code]
    seen = "" if got is ... else shown(got)
    filled: dict[str, str] = dict(words)
    filled |= {
        "name": shorten(filled.get("name", "")),
        "expected": expected[0],
        "expected_zh": expected[1],
        "being_zh": after_chinese(expected[1]),
        "got": seen,
    }
    sentence = message.text[0].format_map(filled), message.text[1].format_map(filled)
    own = message.help[0].format_map(filled), message.help[1].format_map(filled)
    before = hint or NOTHING
    return BadField(at, code, sentence, both_helps(before, own), expected, seen)


@dataclass(eq=False)
class Problem(Exception):
    """A request that is refused; `detail` is the kind's own sentence unless a better one is known."""

    kind: Kind
    detail: Words | None = None
    errors: tuple[BadField, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        Exception.__init__(self, self.words[0])

    @property
    def words(self) -> Words:
        return self.kind.detail if self.detail is None else self.detail

    def document(self, lang: Lang, request_id: str | None = None) -> dict[str, object]:
        """The problem document."""
        document: dict[str, object] = {
            "type": self.kind.type,
            "title": in_lang(self.kind.title, lang),
            "status": self.kind.status,
            "detail": in_lang(self.words, lang),
            "errors": [item.document(lang) for item in self.errors],
        }
        return document if request_id is None else {**document, "request_id": request_id}


def problem(
    kind: Kind, *errors: BadField, headers: Mapping[str, str] | None = None, **words: object
) -> Problem:
    """A problem of one kind; `words` fill its sentence."""
    filled = {name: shorten(str(word)) for name, word in words.items()}
    detail = kind.detail[0].format_map(filled), kind.detail[1].format_map(filled)
    return Problem(kind, detail, errors, headers or {})


def of_facts(error: FactsError, at: str = "") -> tuple[BadField, ...]:
    """What the engine says of facts that it refuses, placed where they stand in the body."""
    return tuple(
        BadField(at + item.pointer, item.code, item.sentence, item.advice, item.expected, item.got)
        for item in error.problems
    )


def unreadable(error: FactsError) -> Problem:
    """A body that is not JSON, or not JSON that we read."""
    return Problem(messages.INVALID_JSON, error.problems[0].sentence, of_facts(error))


def of_store(error: StoreError) -> Problem:
    """What the store refuses or cannot do. Where it stands is no caller's business, so that its address is left out."""
    match error:
        case NotStored():
            kind = messages.NOT_FOUND
        case StoreConflict():
            kind = messages.CONFLICT
        case Refused():
            kind = messages.REFUSED
        case _:
            return _unavailable(error)
    words = error.en, error.zh
    return Problem(kind, words, (BadField("", error.code, words),))


def _unavailable(error: StoreError) -> Problem:
    from policies.registry.store.faults import AWAY, FAULTS

    fault = next((each for each in FAULTS if each.code == error.code), AWAY)
    en, zh = messages.UNAVAILABLE.detail
    words = en.format(reason=fault.en), zh.format(reason_zh=fault.zh)
    wait = error.retry_after if isinstance(error, StoreUnavailable) else fault.retry_after
    headers = {"Retry-After": str(wait)}
    return Problem(messages.UNAVAILABLE, words, (BadField("", error.code, words),), headers)


def of_http(error: HTTPException) -> Problem:
    """What the web framework refuses."""
    headers: dict[str, str] = {}
    match error:
        case NotFound():
            return problem(messages.NOT_FOUND)
        case MethodNotAllowed():
            allowed = ", ".join(sorted(error.valid_methods or ()))
            if allowed:
                headers["Allow"] = allowed
            return problem(
                messages.METHOD_NOT_ALLOWED, headers=headers, method=request.method, allowed=allowed
            )
        case _:
            return problem(messages.BAD_REQUEST)


def log_unexpected(error: Exception, request_id: str, **words: object) -> None:
    """Notes an error of ours; the request's own content is not written down."""
    log.error("unexpected error", exc_info=error, extra={"fields": {"request_id": request_id, **words}})


def log_unavailable(error: StoreUnavailable, request_id: str) -> None:
    """Notes that the store does not answer: no fault of ours, so that its code is enough."""
    log.error("the store does not answer", extra={"fields": {"request_id": request_id, "code": error.code}})


def install(app: Flask) -> None:
    """Makes every failure of the app a problem document."""

    def answer(found: Problem) -> Response:
        lang: Lang = g.get("lang") or accepted_lang()
        if accepts_page():
            reply = page("problem.html", lang, found.kind.status, problem=found.document(lang, g.request_id))
            reply.headers.extend(found.headers)
            return reply
        reply = json_reply(found.document(lang, g.request_id), found.kind.status, CONTENT_PROBLEM)
        reply.headers.extend(found.headers)
        return in_language(reply, lang)

    @app.errorhandler(Problem)
    def refused(error: Problem) -> Response:
        return answer(error)

    @app.errorhandler(StoreError)
    def refused_by_store(error: StoreError) -> Response:
        if isinstance(error, StoreUnavailable):
            log_unavailable(error, g.request_id)
        return answer(of_store(error))

    @app.errorhandler(HTTPException)
    def refused_by_framework(error: HTTPException) -> Response:
        return answer(of_http(error))

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log_unexpected(error, g.request_id, method=request.method, path=shorten(request.path))
        return answer(problem(messages.UNEXPECTED))
