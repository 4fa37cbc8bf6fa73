"""`/v1/drafts`: a text's way to a version, step by step, each in the name of whoever calls.

A step says which revision of the draft it was decided on; where the draft has moved on meanwhile, the answer is 409 and says
who did what, when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from flask import Blueprint, Response, g, request

from api import messages
from api.access import caller
from api.errors import problem
from api.fields import LARGEST, Field, choice, count, day, number, switch, text, texts
from api.replies import in_language, json_reply
from api.requests import LANG, LONGEST_TEXT, NAME_LIMIT, read_body, read_query
from api.service import Service
from api.stored import draft_json, examination_json, publication_json
from policies.registry.store import publications, workflow
from policies.registry.store.connect import Store
from policies.registry.store.drafts import Draft, State
from policies.registry.store.given import LONGEST_REASON
from policies.registry.store.tables import STATES
from policies.registry.store.texts import Use

# Drafts of one answer.
MOST_DRAFTS = 100

REVISION = number("revision", "The draft's revision that this was decided on.", required=True)
REASON = text("reason", "Why the draft should be published.", LONGEST_REASON, required=True)
COMMENT = text("comment", "A remark that is kept with the step.", LONGEST_REASON)

TEXT_FIELDS: tuple[Field, ...] = (
    text("text", "The policy's text.", LONGEST_TEXT, required=True),
    texts("uses", "What the text brings in with `use`: the texts, by the name behind `use`."),
    text("tests", "A file of tests, as it would stand beside the policy.", LONGEST_TEXT),
    LANG,
)
EDIT_FIELDS = (REVISION, *TEXT_FIELDS)
PUBLISH_FIELDS = (
    REVISION,
    day(
        "from", "The first day on which it holds; today where left out, or the day on which its text begins."
    ),
    switch("approve", "Approve it in the same step, as somebody who is not the author."),
    switch("backdated", "That `from` may be past; needs a comment."),
    COMMENT,
    LANG,
)
# What each step needs beside the draft.
STEP_FIELDS: Mapping[str, tuple[Field, ...]] = {
    "check": (REVISION, LANG),
    "submit": (REVISION, REASON, LANG),
    "withdraw": (REVISION, COMMENT, LANG),
    "approve": (REVISION, COMMENT, LANG),
    "reject": (REVISION, text("comment", "Why not.", LONGEST_REASON, required=True), LANG),
}
LIST_FIELDS: tuple[Field, ...] = (
    text("policy", "Drafts of this policy only.", NAME_LIMIT),
    choice("state", "Drafts in this state only.", STATES),
    count("before", "Drafts before the one with this number.", LARGEST),
    LANG,
)


# The steps of which nothing but a remark is said: what takes them, and which field it is in.
REMARKED: Mapping[str, tuple[Callable[..., Draft], str]] = {
    "submit": (workflow.submit, "reason"),
    "withdraw": (workflow.withdraw, "comment"),
    "approve": (workflow.approve, "comment"),
    "reject": (workflow.reject, "comment"),
}

# Reads a request's body by its fields.
Read = Callable[[Sequence[Field]], dict[str, Any]]


def blueprint(service: Service, store: Store) -> Blueprint:
    """The routes of drafts."""
    routes = Blueprint("drafts", __name__, url_prefix="/v1")

    read = partial(read_body, limit=service.config.max_body)

    @routes.before_request
    def demand_a_number() -> None:
        if (request.view_args or {}).get("id", 0) > LARGEST:  # more than the databases count to
            raise problem(messages.NOT_FOUND)

    _add_texts(routes, store, read)
    _add_steps(routes, store, read)
    return routes


def _add_texts(routes: Blueprint, store: Store, read: Read) -> None:
    """The drafts themselves: begun, listed, shown, edited."""

    @routes.post("/policies")
    def create() -> Response:
        values = read(TEXT_FIELDS)
        draft = workflow.create(
            store, values["text"], caller().name, uses=_uses(values), tests=values.get("tests")
        )
        return json_reply(draft_json(draft), 201)

    @routes.get("/drafts")
    def list_drafts() -> Response:
        values = read_query(LIST_FIELDS)
        states = (cast(State, values["state"]),) if "state" in values else ()
        before = cast("int | None", values.get("before"))
        found = workflow.listing(
            store, policy=values.get("policy"), states=states, before=before, limit=MOST_DRAFTS
        )
        return json_reply({"drafts": [draft_json(draft) for draft in found]})

    @routes.get("/drafts/<int:id>")
    def show_draft(id: int) -> Response:
        return json_reply(draft_json(workflow.get(store, id), whole=True))

    @routes.put("/drafts/<int:id>")
    def edit(id: int) -> Response:
        values = read(EDIT_FIELDS)
        changed = workflow.edit(
            store,
            id,
            values["revision"],
            caller().name,
            text=values["text"],
            uses=_uses(values),
            tests=values.get("tests"),
        )
        return json_reply(draft_json(changed))


def _add_steps(routes: Blueprint, store: Store, read: Read) -> None:
    """The steps that a draft takes until it is a version, or is none."""

    @routes.post("/drafts/<int:id>/check")
    def check(id: int) -> Response:
        values = read(STEP_FIELDS["check"])
        draft, found = workflow.check(store, id, values["revision"], caller().name)
        return in_language(
            json_reply({**draft_json(draft), "check": examination_json(found, g.lang)}), g.lang
        )

    def take(step: str, id: int) -> Response:
        act, remark = REMARKED[step]
        values = read(STEP_FIELDS[step])
        return json_reply(draft_json(act(store, id, values["revision"], caller().name, values.get(remark))))

    for step in REMARKED:
        routes.post(f"/drafts/<int:id>/{step}", endpoint=step)(partial(take, step))

    @routes.post("/drafts/<int:id>/publish")
    def publish(id: int) -> Response:
        values = read(PUBLISH_FIELDS)
        step = publications.approve_and_publish if values.get("approve") else publications.publish
        done = step(
            store,
            id,
            values["revision"],
            caller().name,
            start=values.get("from"),
            backdated=values.get("backdated", False),
            comment=values.get("comment"),
        )
        return in_language(json_reply(publication_json(done, g.lang)), g.lang)


def _uses(values: Mapping[str, Any]) -> tuple[Use, ...]:
    """The texts that a draft brings in."""
    return tuple(Use(name, text) for name, text in values.get("uses", {}).items())
