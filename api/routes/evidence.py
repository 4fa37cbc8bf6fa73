"""`/v1/verify`, `/v1/export` and `/v1/erasures`: that nothing was changed, proof for those who have no database, and what may go.

To go through a whole store takes as long as it is large. So both answers leave while they are made, a piece at a time, none of
which is kept; and of two who would go through the store at once, one is told to wait.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal, cast

from flask import Blueprint, Response, g

from api import messages
from api.access import caller
from api.errors import log_unavailable, log_unexpected, of_store, problem
from api.fields import (
    Field,
    digest,
    instant,
    mapping,
    number,
    object_schema,
    read_object,
    text,
    unknown_fields,
)
from api.logs import log
from api.replies import CONTENT_LINES, in_language, json_reply
from api.requests import LANG, NAME_LIMIT, moment, read_body, read_query, unstorable
from api.service import Service
from api.stored import finding_json, heads_json
from dsl.diagnostics import Lang
from engine.facts_problems import pointer
from engine.json_bytes import encoded
from policies.registry.store.alone import alone
from policies.registry.store.chain import Head
from policies.registry.store.connect import Store
from policies.registry.store.export import exporting
from policies.registry.store.given import LONGEST_REASON
from policies.registry.store.problems import StoreError, StoreUnavailable
from policies.registry.store.records import erase
from policies.registry.store.signing import SigningKey, own_key
from policies.registry.store.verify import Known, heads, verifying

CONTENT_ZIP = "application/zip"
PUBLIC_KEY = "X-Public-Key"

CHAINS: tuple[Literal["events"], Literal["records"]] = ("events", "records")
HEAD_FIELDS: tuple[Field, ...] = (
    number("seq", "The number of the last row; 0 where there was none.", required=True, least=0),
    digest("hash", "Its hash.", required=True),
)
_HEADS: dict[str, object] = {
    "type": "object",
    "properties": {chain: {"anyOf": [object_schema(HEAD_FIELDS), {"type": "null"}]} for chain in CHAINS},
    "additionalProperties": False,
}
VERIFY_FIELDS: tuple[Field, ...] = (
    replace(
        mapping("heads", "Ends of the chains that were noted elsewhere, as an earlier answer gave them."),
        schema=_HEADS,
    ),
    LANG,
)
EXPORT_FIELDS: tuple[Field, ...] = (
    instant(
        "since", "What was done and decided at this time or later; a day stands for its beginning, in UTC."
    ),
    instant("until", "What was done and decided before this time; a day stands for its beginning, in UTC."),
    LANG,
)
ERASE_FIELDS: tuple[Field, ...] = (
    text("customer", "Of whom what was asked and answered is taken away.", NAME_LIMIT, required=True),
    text("reason", "Why.", LONGEST_REASON, required=True),
    LANG,
)


def blueprint(service: Service, store: Store) -> Blueprint:
    """The routes of evidence."""
    routes = Blueprint("evidence", __name__, url_prefix="/v1")

    @routes.post("/verify")
    def verify() -> Response:
        values = read_body(VERIFY_FIELDS, service.config.max_body, optional=True)
        known = _known(values.get("heads", {}))
        return in_language(_streamed(_verified(store, known, g.lang, g.request_id), CONTENT_LINES), g.lang)

    @routes.get("/export")
    def export() -> Response:
        values = read_query(EXPORT_FIELDS)
        key = _signing_key(service.config.signing_key)
        pieces = exporting(store, key, since=moment(values.get("since")), until=moment(values.get("until")))
        reply = _streamed(pieces, CONTENT_ZIP)
        reply.headers["Content-Disposition"] = 'attachment; filename="tierwise-export.zip"'
        reply.headers["Cache-Control"] = "no-store"
        reply.headers[PUBLIC_KEY] = key.public
        return reply

    @routes.post("/erasures")
    def erase_customer() -> Response:
        values = read_body(ERASE_FIELDS, service.config.max_body)
        customer = values["customer"]
        wrong = unstorable({"customer": customer})
        if wrong:
            raise problem(messages.INVALID, *wrong)
        count = erase(store, customer, caller().name, values["reason"])
        return in_language(json_reply({"customer": customer, "erased": count}), g.lang)

    return routes


def _streamed(pieces: Generator[bytes, None, object], content: str) -> Response:
    """An answer that leaves as it is made. Raises what keeps its first piece from being made: nothing has left by then."""
    first, request_id = next(pieces), g.request_id

    def all_of_it() -> Iterator[bytes]:
        yield first
        try:
            yield from pieces
        # The status has left: all that can be done is to break off, and to say so here.
        except StoreUnavailable as error:
            log_unavailable(error, request_id)
            raise
        except Exception as error:
            log_unexpected(error, request_id)
            raise

    reply = Response(all_of_it(), content_type=content)
    reply.call_on_close(pieces.close)  # also where the caller hangs up before the first piece
    return reply


# ---------------------------------------------------------------- verifying


def _known(given: Mapping[str, object]) -> list[Known]:
    """Ends of chains as somebody noted them. Raises `Problem`."""
    wrong = unknown_fields(given, CHAINS)
    known = []
    for chain in CHAINS:
        if given.get(chain) is None:
            continue
        values, bad = read_object(given[chain], HEAD_FIELDS)
        wrong += [replace(each, pointer=pointer(chain) + each.pointer) for each in bad]
        if not bad:
            known.append(Known(chain, Head(cast(int, values["seq"]), cast(str, values["hash"]))))
    if wrong:
        raise problem(
            messages.INVALID, *(replace(each, pointer=pointer("heads") + each.pointer) for each in wrong)
        )
    return known


def _verified(
    store: Store, known: Sequence[Known], lang: Lang, request_id: str
) -> Generator[bytes, None, None]:
    """A line for the ends of the chains, one for each thing that is wrong, and a last one that sums up.

    Raises `StoreError` before the first line; later it is a line, the last.
    """
    count = 0
    with alone(store, "verify", "a verification of the store", "对存储库的验证"):
        yield _line({"heads": heads_json({each.table: each.head for each in heads(store)})})
        try:
            for found in verifying(store, known):
                if found is None:
                    # Before a line, JSON may have spaces. Whoever sits in between sees that it goes on, and we whether anybody waits.
                    yield b" "
                    continue
                count += 1
                yield _line(finding_json(found, lang))
            yield _line({"whole": not count, "findings": count})
        except StoreError as error:
            yield _line({"error": of_store(error).document(lang, request_id)})


def _line(value: Mapping[str, object]) -> bytes:
    return encoded(value) + b"\n"


# ---------------------------------------------------------------- signing


def _signing_key(path: str) -> SigningKey:
    """The service's own key. Raises `Problem`; what is the matter with it is for the service's operators to read."""
    try:
        return own_key(path)
    except (StoreError, OSError) as error:
        log.error(
            "the signing key cannot be used",
            extra={"fields": {"request_id": g.request_id, "file": path, "why": str(error)}},
        )
        raise problem(messages.NOT_SIGNED) from error
