"""The service as its own description promises it: requests made up from `/openapi.json`, good ones and bad ones.

Schemathesis reads the document, sends what it allows and what it does not, and holds every answer against it: no
fault of ours, only statuses, media types and shapes that are described, nothing bad accepted, and what is described
as good not refused. The examples are the same at every run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import CHECKS
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from api.replies import CONTENT_LINES
from tests.api_client import make_app


@schemathesis.serializer(CONTENT_LINES)
def as_line(_: schemathesis.SerializationContext, row: object) -> bytes:
    """A row of a batch as a line."""
    return json.dumps(row).encode()


APP = make_app()
SCHEMA = schemathesis.openapi.from_wsgi("/openapi.json", APP)


def test_the_description_was_read() -> None:
    assert {
        operation.ok().label for operation in SCHEMA.get_all_operations() if isinstance(operation, Ok)
    } >= {
        "POST /v1/decisions",
        "POST /v1/decisions/batch",
        "POST /v1/check",
        "GET /v1/policies/{name}",
        "POST /policies/{name}",
    }
    assert len(CHECKS.get_all()) > 5


@SCHEMA.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_service_keeps_to_its_description(case: Case[Any]) -> None:
    case.call_and_validate(excluded_checks=list(_not_meant(case)))


def _not_meant(case: Case[Any]) -> Iterator[Callable[..., bool | None]]:
    """The checks that a call is not held to."""
    if case.operation.path == "/v1/decisions/batch":
        yield negative_data_rejection  # a bad row is refused in its own place, and the others are answered
        if "rows" in (case.query or {}):
            yield positive_data_acceptance  # a schema cannot say that `rows` is how many there are
    if isinstance(case.body, dict) and case.body.get("engine") == "durable":
        yield positive_data_acceptance  # it says itself what it cannot do right, which no schema can
    facts = case.body.get("facts") if isinstance(case.body, dict) else None
    if isinstance(facts, dict) and any(isinstance(value, float) for value in facts.values()):
        yield positive_data_acceptance  # nor can one say how many decimals a number may have
