"""A service with a store as its own description promises it, as `test_api_fuzz` has it for one of files.

Whoever calls has a key that may do everything.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator
from tempfile import TemporaryDirectory
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, assume, settings
from schemathesis import Case
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.app import create_app
from api.config import Config
from policies.registry.store import keys
from policies.registry.store.connect import open_store
from policies.registry.store.given import actor
from policies.registry.store.problems import Refused
from tests.store import published

FOLDER = TemporaryDirectory(prefix="tierwise-fuzz-")
STORE = open_store(f"sqlite:///{FOLDER.name}/store.db")
APP = create_app(Config(signing_key=f"{FOLDER.name}/signing.key"), store=STORE)


@atexit.register
def close() -> None:
    """It was opened when the module was read, since its description says which tests there are."""
    APP.extensions["recorder"].close()
    STORE.close()
    FOLDER.cleanup()


published(STORE)
APP.extensions["watch"].look()
KEY, SECRET = keys.create(STORE, "fuzz", ["admin"], "root")
HEADERS = {"Authorization": f"Bearer {SECRET}"}

# What only a service with a store has; the other calls are those of `test_api_fuzz`.
OWN = r"^/(decisions|v1/(decisions/\{id\}|drafts|audit|verify|export|erasures|keys|policies/\{name\}/(versions|rollback)))"
SCHEMA = (
    schemathesis.openapi.from_wsgi("/openapi.json", APP, headers=HEADERS)
    .include(path_regex=OWN)
    .include(method="GET", path="/v1/decisions")
)


def test_the_description_was_read() -> None:
    labels = {operation.ok().label for operation in SCHEMA.get_all_operations() if isinstance(operation, Ok)}
    assert labels >= {
        "GET /v1/decisions",
        "POST /v1/decisions/{id}/replay",
        "POST /v1/verify",
        "GET /v1/export",
        "POST /v1/erasures",
        "POST /v1/keys",
        "POST /v1/keys/{id}/revoke",
        "POST /decisions/{id}",
        "POST /v1/drafts/{id}/publish",
    }


@SCHEMA.parametrize()
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_service_keeps_to_its_description(case: Case[Any]) -> None:
    ends = case.operation.path == "/v1/keys/{id}/revoke"
    assume(not (ends and str(case.path_parameters.get("id")) == str(KEY.id)))  # the one that calls
    case.call_and_validate(headers=HEADERS, excluded_checks=list(_not_meant(case)))


def _not_meant(case: Case[Any]) -> Iterator[Callable[..., bool | None]]:
    """The checks that a call is not held to."""
    if "cursor" in (case.query or {}):
        yield positive_data_acceptance  # only a page itself can tell where the next one begins
    if isinstance(case.body, dict) and "expires" in case.body:
        yield positive_data_acceptance  # no schema knows what time it is
    if isinstance(case.body, dict) and not _is_name(case.body.get("name", "ann")):
        yield positive_data_acceptance  # a pattern cannot say which letters nobody sees
    if _odd(case.body):
        yield positive_data_acceptance  # numbers longer than any fact, and characters that no database keeps


def _is_name(given: object) -> bool:
    """Whether a store takes it for somebody's name."""
    try:
        return isinstance(given, str) and bool(actor(given))
    except Refused:
        return False


def _odd(body: object) -> bool:
    """Whether a body holds numbers with a fraction, or texts with a NUL or half a character, at any depth."""
    match body:
        case dict():
            return any(_odd(key) or _odd(value) for key, value in body.items())
        case list():
            return any(_odd(each) for each in body)
        case str():
            return any(each == "\0" or "\ud800" <= each <= "\udfff" for each in body)
        case _:
            return isinstance(body, float) or (isinstance(body, int) and abs(body) >= 10**15)
