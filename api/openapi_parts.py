"""What the OpenAPI document is put together from: operations, their answers, and the problems that they may answer with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from api import messages
from api.fields import Field, object_schema
from api.messages import Kind
from api.openapi_schemas import Object, ref
from api.replies import CONTENT_HTML, CONTENT_JSON, CONTENT_PROBLEM, CONTENT_TEXT

BODY_PROBLEMS = (
    messages.INVALID_JSON,
    messages.BROKEN_OFF,
    messages.TOO_LARGE,
    messages.UNSUPPORTED,
    messages.INVALID,
)


def text(about: str, content: str = CONTENT_TEXT) -> Object:
    """An answer that is text."""
    return reply(about, {"type": "string"}, content.partition(";")[0])


def operation(
    name: str,
    summary: str,
    answer: Object,
    problems: Sequence[Kind] = (),
    *,
    body: Object | None = None,
    parameters: Sequence[Object] = (),
    status: int = 200,
) -> Object:
    """One operation: its answer, and the problems that it may answer with, by status."""
    statuses = dict.fromkeys(str(kind.status) for kind in problems)
    described: Object = {
        "operationId": name,
        "summary": summary,
        "parameters": [*parameters, ref("AcceptLanguage", "parameters")],
        "responses": {
            str(status): answer,
            **{
                code: of_problems([kind for kind in problems if str(kind.status) == code])
                for code in statuses
            },
        },
    }
    return described if body is None else {**described, "requestBody": {"required": True, "content": body}}


def reply(about: str, schema: Object, content: str = CONTENT_JSON) -> Object:
    """An answer."""
    return {"description": about, "content": {content: {"schema": schema}}}


def of_problems(kinds: Sequence[Kind]) -> Object:
    """The answer under a status that one kind of problem, or several, have."""
    about = "; ".join(f"{kind.title[0]} (`{kind.type}`)" for kind in kinds)
    return reply(about, ref("Problem"), CONTENT_PROBLEM)


def may_also(described: Object, kinds: Sequence[Kind]) -> None:
    """Adds kinds of problems to what an operation may answer with; those that have a status already are said beside it."""
    answers = cast(dict[str, Object], described["responses"])
    for kind in kinds:
        code, more = str(kind.status), of_problems([kind])
        if code in answers:
            known = answers[code]
            more = {**known, "description": f"{known['description']}; {more['description']}"}
        answers[code] = more


def parameter(field: Field) -> Object:
    """A field that stands in the address."""
    return {
        "name": field.name,
        "in": "query",
        "required": field.required,
        "description": field.about,
        "schema": dict(field.schema),
    }


def page(name: str, summary: str, parameters: Sequence[Object], body: Object | None = None) -> Object:
    """A page. What is wrong with its form is said on the page itself; other problems are documents like any other."""
    problems = [messages.INVALID]
    if len(parameters) > 1:
        problems.append(messages.NOT_FOUND)
    if body is not None:
        problems += [messages.BAD_REQUEST, messages.TOO_LARGE, messages.UNSUPPORTED]
    shown = text("A page.", CONTENT_HTML)
    described = operation(name, summary, shown, problems, body=body, parameters=parameters)
    refused = cast(dict[str, Object], described["responses"])["422"]
    refused["content"] = {**cast(Object, refused["content"]), **cast(Object, shown["content"])}
    return described


def call(
    name: str,
    about: str,
    answer: str,
    parameters: Sequence[Object],
    fields: Sequence[Field] | None = None,
    problems: Sequence[Kind] = (),
    *,
    status: int = 200,
) -> Object:
    """A call that answers with a schema; with a body of `fields`, where it has one."""
    shown = reply(f"{about}.", ref(answer))
    if fields is None:
        return operation(name, about, shown, (*problems, messages.INVALID), parameters=parameters)
    body: Object = {CONTENT_JSON: {"schema": object_schema(fields)}}
    wrong = (*BODY_PROBLEMS, messages.REFUSED, *problems)
    return operation(
        name, about, shown, tuple(dict.fromkeys(wrong)), body=body, parameters=parameters, status=status
    )


def whole(name: str) -> Object:
    """A whole number in an address."""
    return {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
