"""The part of the OpenAPI document about proof and keys: verifying, exporting, erasing, and who may call."""

from __future__ import annotations

from typing import cast

from api import messages
from api.fields import object_schema
from api.openapi_parts import call, operation, parameter, reply, whole
from api.openapi_schemas import TEXT, TIME, TRUTH, WHOLE, Object, array, maybe, record, ref
from api.replies import CONTENT_LINES
from api.routes.evidence import (
    CONTENT_ZIP,
    ERASE_FIELDS,
    EXPORT_FIELDS,
    HEAD_FIELDS,
    PUBLIC_KEY,
    VERIFY_FIELDS,
)
from api.routes.keys import KEY_FIELDS

LANG = ref("Lang", "parameters")

KEY = record(
    "A key; its `secret` where it was made just now, and never again.",
    {
        "key": WHOLE,
        "name": TEXT,
        "roles": array(TEXT),
        "works": TRUTH,
        "created_by": TEXT,
        "created_at": TIME,
        "expires_at": maybe(TIME),
        "revoked_at": maybe(TIME),
        "revoked_by": maybe(TEXT),
        "secret": TEXT,
    },
    optional=("secret",),
)
_HEAD = object_schema(HEAD_FIELDS)
# The lines of a verification.
_LINES = (
    record(
        "The ends of the chains: to be noted elsewhere.",
        {"heads": record("By chain.", {"events": _HEAD, "records": _HEAD})},
    ),
    record(
        "Something that is not as it was written.",
        {"kind": TEXT, "table": TEXT, "seq": WHOLE, "detail": TEXT},
    ),
    record("The last line: whether all is as it was written.", {"whole": TRUTH, "findings": WHOLE}),
    record("The last line, where the store failed on the way.", {"error": ref("Problem")}),
)
EVIDENCE_SCHEMAS: Object = {
    "Key": KEY,
    "KeyList": record("Every key that was ever made, the newest first.", {"keys": array(ref("Key"))}),
    "Erased": record("Of how many decisions it was taken away.", {"customer": TEXT, "erased": WHOLE}),
    "VerificationLine": {"anyOf": list(_LINES)},
}


def evidence_paths() -> Object:
    """The calls."""
    missing = (messages.NOT_FOUND,)
    erased = call(
        "eraseCustomer",
        "Take away what was asked and answered about a customer",
        "Erased",
        [LANG],
        ERASE_FIELDS,
        missing,
    )
    made = call("createKey", "Make a key, which is shown once", "Key", [LANG], KEY_FIELDS, status=201)
    ended = call("revokeKey", "End a key", "Key", [whole("id"), LANG], problems=(*missing, messages.CONFLICT))
    return {
        "/v1/verify": {"post": _verify()},
        "/v1/export": {"get": _export()},
        "/v1/erasures": {"post": erased},
        "/v1/keys": {"get": call("listKeys", "Keys, without their secrets", "KeyList", []), "post": made},
        "/v1/keys/{id}/revoke": {"post": ended},
    }


def _verify() -> Object:
    described = call(
        "verify",
        "See that nothing was changed in the store",
        "VerificationLine",
        [LANG],
        VERIFY_FIELDS,
        (messages.CONFLICT,),
    )
    cast(Object, described["requestBody"])["required"] = False
    cast(Object, described["responses"])["200"] = reply(
        "A line for the ends of the chains, one for each thing that is wrong, and a last one.",
        ref("VerificationLine"),
        CONTENT_LINES,
    )
    described["description"] = (
        "Goes through all versions, events and decisions, which takes as long as there are many; lines leave as they are found, and a line "
        "may begin with spaces. `heads` that an earlier answer gave must be found again. One runs at a time: else 409."
    )
    return described


def _export() -> Object:
    shown = reply("A zip file.", {"type": "string", "format": "binary"}, CONTENT_ZIP)
    shown["headers"] = {PUBLIC_KEY: {"description": "The key whose signature it bears.", "schema": TEXT}}
    described = operation(
        "export",
        "A signed file of a period",
        shown,
        (messages.INVALID, messages.NOT_SIGNED),
        parameters=list(map(parameter, EXPORT_FIELDS)),
    )
    described["description"] = (
        "Versions, events and decisions with what was asked and answered, to be verified without the store: `tierwise verify FILE "
        "--public-key KEY`. It leaves as it is made; one that breaks off is no zip file."
    )
    return described
