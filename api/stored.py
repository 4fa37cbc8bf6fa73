"""What the store keeps, in the shapes that commands and calls answer with; and the way of a draft, said once for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from api.messages import in_lang
from dsl.diagnostics import Lang
from dsl.source import Source

if TYPE_CHECKING:
    from dsl.model import CheckedPolicy
    from policies.registry.diff import Difference
    from policies.registry.store.chain import Head
    from policies.registry.store.checks import Examination
    from policies.registry.store.drafts import Draft
    from policies.registry.store.events import Event
    from policies.registry.store.findings import Finding
    from policies.registry.store.keys import Key
    from policies.registry.store.publications import Publication
    from policies.registry.store.records import DecisionRecord, Payload
    from policies.registry.store.replay import Replayed
    from policies.registry.store.versions import Version

Object = dict[str, object]

NO_TEXT = Source("", "/dev/null")


def instant(moment: datetime | None) -> str | None:
    """A point in time, in UTC."""
    return None if moment is None else moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def version_json(version: Version, text: str | None = None) -> Object:
    """A version; with its text where that is asked for."""
    told: Object = {
        "policy": version.policy,
        "version": version.number,
        "from": version.start.isoformat(),
        "published_at": instant(version.published_at),
        "author": version.author,
        "approvers": list(version.approvers),
        "publisher": version.publisher,
        "reason": version.reason,
        "comment": version.comment,
        "rolled_back": version.rolled_back,
        "title": version.title,
        "hash": version.hash,
        "uses": [{"name": name, "hash": hash} for name, hash in version.uses],
        "language_version": version.language_version,
        "timezone": version.timezone,
        "submitted_at": instant(version.submitted_at),
        "draft": version.draft,
        "event": version.event,
    }
    return told if text is None else {**told, "text": text}


def draft_json(draft: Draft, *, whole: bool = False) -> Object:
    """A draft; `whole` with its texts."""
    told: Object = {
        "draft": draft.id,
        "revision": draft.revision,
        "state": draft.state,
        "policy": draft.policy,
        "hash": draft.hash,
        "author": draft.author,
        "approvers": list(draft.approvers),
        "reason": draft.reason,
        "comment": draft.comment,
        "rolled_back": draft.rolled_back,
        "version": draft.version,
        "created_at": instant(draft.created_at),
        "changed_at": instant(draft.changed_at),
        "submitted_at": instant(draft.submitted_at),
    }
    if not whole:
        return told
    return {
        **told,
        "text": draft.text,
        "uses": {use.name: use.text for use in draft.uses},
        "tests": draft.tests,
    }


def publication_json(publication: Publication, lang: Lang) -> Object:
    """A version that was published just now, and what to know of it."""
    cautions = [{"code": item.code, "detail": item.message(lang)} for item in publication.cautions]
    return {**version_json(publication.version), "cautions": cautions}


def event_json(event: Event) -> Object:
    """Who did what, when."""
    return {
        "seq": event.seq,
        "at": instant(event.at),
        "kind": event.kind,
        "actor": event.actor,
        "policy": event.policy,
        "draft": event.draft,
        "version": event.version,
        "reason": event.reason,
        "payload": dict(event.payload),
        "hash": event.hash,
    }


def record_json(found: DecisionRecord) -> Object:
    """A recorded decision, without what was asked and answered."""
    return {
        "decision_id": found.id,
        "seq": found.seq,
        "at": instant(found.at),
        "as_of": found.as_of.isoformat(),
        "known_at": instant(found.known_at),
        "policy": {"name": found.policy, "version": found.version, "hash": found.policy_hash},
        "customer": found.customer,
        "status": found.status,
        "tier": found.tier,
        "engine": found.engine,
        "lang": found.lang,
        "caller": found.caller,
        "hash": found.hash,
    }


def payload_json(payload: Payload | None) -> Object:
    """What was asked and answered; all of it null where it was erased."""
    if payload is None:
        return {"question": None, "facts": None, "answer": None, "erased": True}
    return {
        "question": payload.question,
        "facts": payload.facts,
        "answer": payload.answer,
        "erased": False,
    }


def replayed_json(found: Replayed, lang: Lang) -> Object:
    """What came of deciding a record again; `identical` is null where it could not be decided again."""
    told: Object = {
        "decision_id": found.record.id,
        "customer": found.record.customer,
        "result": found.kind,
        "identical": {"same": True, "changed": False}.get(found.kind),
        "differences": [
            {"path": each.path, "kind": each.kind, "before": each.before, "after": each.after}
            for each in found.differences
        ],
        "needed": list(found.needed),
        "state_needed": found.state_needed,
    }
    if found.problem is not None:
        told["problems"] = [in_lang(item.sentence, lang) for item in found.problem.problems]
    return told


def finding_json(found: Finding, lang: Lang) -> Object:
    """Something that is not as it was written."""
    return {"kind": found.kind, "table": found.table, "seq": found.seq, "detail": found.message(lang)}


def heads_json(ends: Mapping[str, Head]) -> Object:
    """The ends of chains, by the chain: to be noted elsewhere, and given again to a later verification."""
    return {chain: {"seq": head.seq, "hash": head.hash} for chain, head in ends.items()}


def key_json(key: Key, now: datetime) -> Object:
    """A key, without its secret."""
    return {
        "key": key.id,
        "name": key.name,
        "roles": list(key.roles),
        "works": key.works(now),
        "created_by": key.created_by,
        "created_at": instant(key.created_at),
        "expires_at": instant(key.expires_at),
        "revoked_at": instant(key.revoked_at),
        "revoked_by": key.revoked_by,
    }


def examination_json(examination: Examination, lang: Lang) -> Object:
    """What a check of a draft found: diagnostics, and the tests that fail."""
    from dsl.rendering import diagnostic_json

    file = examination.file
    failed = [
        {"test": result.case.name, "problems": [in_lang(problem, lang) for problem in result.problems]}
        for result in examination.results
        if not result.passed
    ]
    broken = [
        {"test": None, "line": problem.line, "problems": [in_lang((problem.en, problem.zh), lang)]}
        for problem in examination.broken
    ]
    return {
        "ok": examination.good,
        **examination.counts(),
        "diagnostics": [diagnostic_json(item, file.source, lang, file.uses) for item in file.diagnostics],
        "failures": [*failed, *broken],
    }


def differences_json(
    found: Sequence[Difference], before: CheckedPolicy, after: CheckedPolicy, lang: Lang, *, text: bool
) -> Object:
    """What differs between two policies; `text` with the lines of the two texts beside it."""
    from policies.registry.diff import difference_json, summary

    answer: Object = {
        "old": _side(before),
        "new": _side(after),
        "same": not found,
        "summary": summary(found, lang),
        "differences": [difference_json(item, before, after, lang) for item in found],
    }
    return {**answer, "text": text_difference(before, after)} if text else answer


def _side(policy: CheckedPolicy) -> Object:
    told: Object = {"name": policy.name, "hash": policy.hash}
    return told if policy.version is None else {**told, "version": policy.version}


def text_difference(before: CheckedPolicy, after: CheckedPolicy) -> str:
    """The texts side by side, as programs for patches write it: the policy's own, then those that it uses, by their names.

    Texts that are the same are left out; empty where all are.
    """
    from policies.registry.diff import used_name

    old = {used_name(each, before): each for each in before.uses}
    new = {used_name(each, after): each for each in after.uses}
    pairs = [(old.get(name), new.get(name)) for name in sorted({*old, *new})]
    return "".join(_lines_that_differ(*pair) for pair in [(before.source, after.source), *pairs])


def _lines_that_differ(before: Source | None, after: Source | None) -> str:
    """Two texts side by side; one that is not there is called as such programs call it."""
    from difflib import unified_diff

    old, new = before or NO_TEXT, after or NO_TEXT
    lines = unified_diff(old.text.splitlines(), new.text.splitlines(), old.name, new.name, lineterm="")
    return "".join(f"{line}\n" for line in lines)
