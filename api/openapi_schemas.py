"""The shapes of answers, as JSON schemas for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping

Object = dict[str, object]


def ref(name: str, kind: str = "schemas") -> Object:
    """A reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def record(about: str, properties: Mapping[str, object], optional: tuple[str, ...] = ()) -> Object:
    """An object that has all of these keys, but for the optional ones."""
    return {
        "type": "object",
        "description": about,
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
    }


def array(items: Object) -> Object:
    return {"type": "array", "items": items}


def by_name(values: Object, about: str) -> Object:
    return {"type": "object", "description": about, "additionalProperties": values}


def maybe(schema: Object) -> Object:
    """The schema, or null."""
    return {"anyOf": [schema, NULL]}


NULL: Object = {"type": "null"}
TEXT: Object = {"type": "string"}
WHOLE: Object = {"type": "integer"}
NUMBER: Object = {"type": "number"}
TRUTH: Object = {"type": "boolean"}
DAY: Object = {"type": "string", "format": "date"}
TIME: Object = {"type": "string", "format": "date-time"}
ANYTHING: Object = {}

TIER = record("One tier of a ladder.", {"tier": TEXT, "label": maybe(TEXT)})
OUTCOME = record(
    "What a ladder gives; `tier` is null where it is not decided, and `possible` says what it can still be.",
    {"tier": maybe(TEXT), "label": maybe(TEXT), "score": ANYTHING, "possible": array(TEXT)},
)
BENEFIT = record(
    "A benefit that is granted, or that may be: then `possible` is true.",
    {
        "benefit": TEXT,
        "label": TEXT,
        "stage": maybe(TEXT),
        "type": TEXT,
        "value": ANYTHING,
        "rule": TEXT,
        "because": TEXT,
        "quota": record("How often, in which time.", {"times": NUMBER, "per": TEXT}),
        "possible": TRUTH,
    },
    optional=("quota", "possible"),
)
ADVICE = record(
    "What the front line does next; priority 1 comes first.",
    {"action": TEXT, "to": ANYTHING, "priority": maybe(WHOLE), "rule": TEXT, "possible": TRUTH},
    optional=("possible",),
)
REASON = record(
    "A rule that acted, what it gave (`points`, `tier`, `outcome`), and the facts that it read.",
    {"rule": TEXT, "label": TEXT, "facts": by_name(ANYTHING, "By name."), "line": WHOLE, "possible": TRUTH},
    optional=("possible",),
)
FAILED = record(
    "A condition that does not hold: what it asks for, what is there, and for sizes how far off that is. `strict`: "
    "the threshold itself is not enough. Of `any_of` one is enough; all of `all_of` are lacking.",
    {
        "rule": TEXT,
        "condition": TEXT,
        "threshold": ANYTHING,
        "actual": ANYTHING,
        "distance": ANYTHING,
        "type": TEXT,
        "strict": TRUTH,
        "any_of": array(ref("FailedCondition")),
        "all_of": array(ref("FailedCondition")),
    },
    optional=("type", "strict", "any_of", "all_of"),
)
WHY_NOT = record(
    "Why a better tier was not given: what failed, and the benefits that it would bring.",
    {
        "ladder": TEXT,
        "tier": TEXT,
        "label": TEXT,
        "failed": array(ref("FailedCondition")),
        "benefits": array(BENEFIT),
    },
)
TRANSITION = record(
    "Something that happened to a customer on a ladder; `from` and `to` are tiers, `until` a day that it names.",
    {
        "ladder": TEXT,
        "on": DAY,
        "kind": TEXT,
        "rule": TEXT,
        "from": maybe(TEXT),
        "to": maybe(TEXT),
        "until": DAY,
        "text": TEXT,
    },
    optional=("until",),
)
MOVEMENT = record(
    "Where a customer stands on a ladder: `computed` by the facts alone, `held` by movement, and `why` they differ.",
    {
        "computed": maybe(TEXT),
        "held": maybe(TEXT),
        "since": maybe(DAY),
        "through": maybe(DAY),
        "why": maybe(TEXT),
        "next": maybe(
            record(
                "What comes where the facts stay as they are.",
                {"on": DAY, "to": maybe(TEXT), "kind": TEXT, "text": TEXT},
            )
        ),
        "review": maybe(
            record(
                "The next review, and the time that it looks back over.",
                {"on": DAY, "from": maybe(DAY), "until": maybe(DAY)},
            )
        ),
    },
)
OVER_TIME: Object = {
    "computed": maybe(TEXT),
    "held": maybe(TEXT),
    "state": by_name({"type": "object"}, "By ladder; hand it back with the next question."),
    "transitions": array(TRANSITION),
    "movement": by_name(MOVEMENT, "By ladder."),
}
DECISION = record(
    "A decision. All keys are always there, but for `why_not`, which comes with `explain` as `full`, and for "
    "`computed`, `held`, `state`, `transitions` and `movement`, which come where a `state` was sent.",
    {
        "decision_id": TEXT,
        "policy": record("Which text decided.", {"name": TEXT, "version": maybe(WHOLE), "hash": TEXT}),
        "engine": TEXT,
        "as_of": DAY,
        "customer": maybe(TEXT),
        "status": {
            "enum": ["decided", "undetermined", "not_applicable"],
            "description": "Of the main ladder; without one, of the first segment or choice.",
        },
        "tiers": by_name(OUTCOME, "By ladder."),
        "scores": by_name(ANYTHING, "By score: a number, or the range in which it lies."),
        "values": by_name(ANYTHING, "By derived value."),
        "segments": by_name(ANYTHING, "By segment or choice: its outcome, or `possible` ones."),
        "tags": by_name(ANYTHING, "By tags: the list of those that hold."),
        "benefits": array(BENEFIT),
        "advice": array(ADVICE),
        "reasons": array(REASON),
        "assumed": by_name(ANYTHING, "Defaults that stood in for unknown facts."),
        "missing": array(TEXT),
        "why": maybe(TEXT),
        "why_not": array(WHY_NOT),
        **OVER_TIME,
    },
    optional=("why_not", *OVER_TIME),
)
BAD_FIELD = record(
    "One thing that is wrong: its place (a JSON pointer, or a parameter), a stable code, and help.",
    {
        "pointer": TEXT,
        "parameter": TEXT,
        "code": TEXT,
        "detail": TEXT,
        "help": TEXT,
        "expected": TEXT,
        "got": TEXT,
    },
    optional=("pointer", "parameter", "help", "expected", "got"),
)
PROBLEM = record(
    "A problem document (RFC 9457).",
    {
        "type": {"type": "string", "format": "uri"},
        "title": TEXT,
        "status": WHOLE,
        "detail": TEXT,
        "errors": array(ref("BadField")),
        "request_id": TEXT,
    },
    optional=("request_id",),
)
ROW_PROBLEM = record(
    "In the place of a row that is refused: the problem, and the row's line (from 1) or index (from 0).",
    {"error": ref("Problem"), "line": WHOLE, "index": WHOLE, "customer": TEXT},
    optional=("line", "index", "customer"),
)
PLACE = record("Line and column, both from 1.", {"line": WHOLE, "column": WHOLE})
STRETCH = record(
    "Characters from `start` up to, not including, `end`, from 0.", {"start": WHOLE, "end": WHOLE}
)
SPAN: Object = {"file": TEXT, "span": STRETCH, "start": PLACE, "end": PLACE}
DIAGNOSTIC = record(
    "One problem of a policy's text, at its place; `also` are other places that belong to it.",
    {
        "code": TEXT,
        "severity": {"enum": ["error", "warning"]},
        "message": TEXT,
        "help": maybe(TEXT),
        **SPAN,
        "also": array(record("A place.", SPAN)),
    },
)
CHECKED = record(
    "Everything that is wrong with a text; `ok` where none of it is an error.",
    {
        "ok": TRUTH,
        "policy": maybe(TEXT),
        "errors": WHOLE,
        "warnings": WHOLE,
        "diagnostics": array(ref("Diagnostic")),
    },
)
POLICY = record(
    "What a policy is; its `text` where one policy is asked for.",
    {
        "name": TEXT,
        "label": maybe(TEXT),
        "version": maybe(WHOLE),
        "hash": TEXT,
        "language_version": WHOLE,
        "owner": maybe(TEXT),
        "effective": record(
            "From and until, both included; null is open.", {"from": maybe(DAY), "until": maybe(DAY)}
        ),
        "currency": maybe(TEXT),
        "timezone": maybe(TEXT),
        "scope": maybe(TEXT),
        "about": maybe(TEXT),
        "ladders": array(
            record("A ladder, best tier first.", {"name": TEXT, "label": maybe(TEXT), "tiers": array(TIER)})
        ),
        "facts": array(TEXT),
        "links": by_name(TEXT, "Where to read more."),
        "text": TEXT,
    },
    optional=("text",),
)
ALARM = record(
    "What could not be taken up, while the service goes on with what it has.",
    {"code": TEXT, "version": TEXT},
    optional=("version",),
)
HEALTH = record(
    "That all is well; `access`, of a service with a store, says whom it lets in.",
    {"status": {"const": "ok"}, "policies": WHOLE, "access": TEXT, "alarms": array(ALARM)},
    optional=("policies", "access", "alarms"),
)

VERSION = record(
    "A published version; its `text` where one version is asked for, `cautions` where it was published just now.",
    {
        "policy": TEXT,
        "version": WHOLE,
        "from": DAY,
        "published_at": TIME,
        "author": TEXT,
        "approvers": array(TEXT),
        "publisher": TEXT,
        "reason": TEXT,
        "comment": maybe(TEXT),
        "rolled_back": maybe(WHOLE),
        "title": maybe(TEXT),
        "hash": TEXT,
        "uses": array(record("A text that it brings in.", {"name": TEXT, "hash": TEXT})),
        "language_version": WHOLE,
        "timezone": maybe(TEXT),
        "submitted_at": TIME,
        "draft": WHOLE,
        "event": WHOLE,
        "text": TEXT,
        "cautions": array(record("What whoever publishes should know.", {"code": TEXT, "detail": TEXT})),
    },
    optional=("text", "cautions"),
)
DRAFT = record(
    "A text on its way to a version; its texts where one draft is asked for, `check` where it was checked just now.",
    {
        "draft": WHOLE,
        "revision": WHOLE,
        "state": TEXT,
        "policy": maybe(TEXT),
        "hash": TEXT,
        "author": TEXT,
        "approvers": array(TEXT),
        "reason": maybe(TEXT),
        "comment": maybe(TEXT),
        "rolled_back": maybe(WHOLE),
        "version": maybe(WHOLE),
        "created_at": TIME,
        "changed_at": TIME,
        "submitted_at": maybe(TIME),
        "text": TEXT,
        "uses": by_name(TEXT, "Texts by the name behind `use`."),
        "tests": maybe(TEXT),
        "check": ANYTHING,
    },
    optional=("text", "uses", "tests", "check"),
)
EVENT = record(
    "Who did what when; a link in the chain.",
    {
        "seq": WHOLE,
        "at": TIME,
        "kind": TEXT,
        "actor": TEXT,
        "policy": maybe(TEXT),
        "draft": maybe(WHOLE),
        "version": maybe(WHOLE),
        "reason": maybe(TEXT),
        "payload": by_name(ANYTHING, "What else there is to know, by kind."),
        "hash": TEXT,
    },
)
RECORD = record(
    "A recorded decision; what was asked and answered where one is asked for, null where it was erased.",
    {
        "decision_id": TEXT,
        "seq": WHOLE,
        "at": TIME,
        "as_of": DAY,
        "known_at": maybe(TIME),
        "policy": record("Which text decided.", {"name": TEXT, "version": maybe(WHOLE), "hash": TEXT}),
        "customer": maybe(TEXT),
        "status": TEXT,
        "tier": maybe(TEXT),
        "engine": TEXT,
        "lang": TEXT,
        "caller": TEXT,
        "hash": TEXT,
        "question": ANYTHING,
        "facts": ANYTHING,
        "answer": ANYTHING,
        "erased": TRUTH,
    },
    optional=("question", "facts", "answer", "erased"),
)
REPLAYED = record(
    "What came of deciding it again; `identical` is null where that could not be done: for masked facts that are `needed`, "
    "or for masked days of the state (`state_needed`).",
    {
        "decision_id": TEXT,
        "customer": maybe(TEXT),
        "result": {"enum": ["same", "changed", "masked", "erased"]},
        "identical": maybe(TRUTH),
        "differences": array(
            record(
                "A place where the answers differ.",
                {"path": TEXT, "kind": TEXT, "before": ANYTHING, "after": ANYTHING},
            )
        ),
        "needed": array(TEXT),
        "state_needed": TRUTH,
    },
)
DIFFERENCES = record(
    "What differs between two versions, in words; `text` are the lines of both.",
    {
        "old": ref("Compared"),
        "new": ref("Compared"),
        "same": TRUTH,
        "summary": TEXT,
        "differences": array(by_name(ANYTHING, "One difference; docs/diff.md describes it.")),
        "text": TEXT,
    },
)
# Of a service with a store.
STORED_SCHEMAS: Object = {
    "Version": VERSION,
    "VersionList": record(
        "All versions, the newest first; which holds today.",
        {"policy": TEXT, "in_force": maybe(WHOLE), "versions": array(ref("Version"))},
    ),
    "Compared": record("One of the two.", {"name": TEXT, "version": WHOLE, "hash": TEXT}),
    "Differences": DIFFERENCES,
    "Draft": DRAFT,
    "DraftList": record("Drafts, the newest first.", {"drafts": array(ref("Draft"))}),
    "EventList": record("Events in their order.", {"events": array(EVENT), "next": maybe(WHOLE)}),
    "Record": RECORD,
    "RecordList": record(
        "Decisions, the newest first.", {"decisions": array(ref("Record")), "next": maybe(TEXT)}
    ),
    "Replayed": REPLAYED,
}

SCHEMAS: Object = {
    "Decision": DECISION,
    "FailedCondition": FAILED,
    "BadField": BAD_FIELD,
    "Problem": PROBLEM,
    "RowProblem": ROW_PROBLEM,
    "Diagnostic": DIAGNOSTIC,
    "Checked": CHECKED,
    "Policy": POLICY,
    "PolicyList": record("The policies that are served.", {"policies": array(ref("Policy"))}),
    "Health": HEALTH,
}
