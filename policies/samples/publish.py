"""Fills a new store with the policies that come along: `python -m policies.samples.publish`.

So that there is something to look at in the first hour, two people publish: Li Na writes, Chen Wei approves (and others,
where `TIERWISE_APPROVALS` asks for more). The worked
example gets two versions, and some sample customers are graded by each, so that there are differences to read, two days to
ask about, and decisions to make again. One customer is followed through time, each answer from the state that the one before
gave; and where a policy masks facts, its own examples are graded, so that it can be seen what a record keeps of those.

A policy of which anything was published before is left alone: the second run changes nothing, and nobody's own versions
are written over.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import policies
from dsl.checker import compile_policy
from dsl.diagnostics import Lang, PolicyError
from dsl.model import CheckedPolicy
from dsl.rendering import render
from dsl.source import Source
from engine.engines import answer
from engine.facts import Facts, facts_of, parse_json, read_facts, read_row
from engine.movement.asked import read_new_override, read_states
from engine.movement.outcomes import States
from engine.reference import Question
from policies.registry.files import FileProblem, find_policies, loader, read_source
from policies.registry.store import workflow
from policies.registry.store.alone import alone
from policies.registry.store.connect import DEFAULT_URL, Store, open_store, reading
from policies.registry.store.drafts import policy_name
from policies.registry.store.problems import StoreError
from policies.registry.store.publications import approve_and_publish
from policies.registry.store.records import Asked
from policies.registry.store.texts import hash_of, pin
from policies.registry.store.versions import Version, latest, load
from policies.registry.store.writer import Pending, Recorder
from policies.registry.tests import tests_beside

FOLDER = Path(policies.__file__).parent
CUSTOMERS = Path(__file__).parent / "customers.csv"
HISTORY = Path(__file__).parent / "history.json"

AUTHOR = "Li Na"
# As many of them approve as the store asks for, the last of whom publishes: ten, the most that can be set up.
APPROVERS = (
    "Chen Wei", "Wang Fang", "Zhang Min", "Liu Yang", "Zhao Lei",
    "Huang Ting", "Zhou Jie", "Wu Qian", "Xu Bo", "Sun Yue",
)  # fmt: skip

# The worked example, and what its first version said instead.
EXAMPLE = "b2b_grading"
EARLIER = (
    ("from 80", "from 85"),
    ("hard_work:    -5", "hard_work:   -10"),
    ("| order_discount | 15%        | 10% ", "| order_discount | 15%        | 8%  "),
    ("grade stays, order_discount = 10%", "grade stays, order_discount = 8%"),
)
LATER = "Costing us effort weighs less, A is within reach, and key customers get a tenth off"

# From this day on the first versions hold, where their texts name none.
SINCE = date(2026, 1, 1)
# A day on which the first version of the example held.
THEN = date(2026, 3, 3)
# Who is graded by both versions: the first customers of the file, and some whom the second puts on another tier.
GRADED = 20
MOVED = ("C0479", "C0532", "C0953")
FOLLOWED = "H0001"


def fill(store: Store, folder: Path = FOLDER) -> tuple[list[str], list[str]]:
    """Publishes what was not published yet. Says what was, and which files say something else than their latest version.

    Raises `StoreError`, `FileProblem`, `PolicyError`.
    """
    done, differing = [], []
    for path in find_policies([folder]):
        text = read_source(path)
        name = policy_name(text.text)
        with reading(store) as connection:
            newest = None if name is None else latest(connection, name)
        if newest is None:
            policy = compile_policy(text, loader(path))
            done += [version.name for version in _published(store, path, text, policy)]
        elif newest.hash != hash_of(text.text):
            differing.append(path)
    return done, differing


def _published(store: Store, path: str, text: Source, policy: CheckedPolicy) -> Iterator[Version]:
    """The first version of a policy; of the worked example two, and decisions by each."""
    if policy.name != EXAMPLE:
        only = _version(store, path, text.text, "It comes along", policy.start or SINCE)
        yield only
        if any(fact.masked for fact in policy.facts.values()):
            with Recorder(store) as recorder:
                _examples(store, recorder, only)
        return
    earlier = text.text
    for now, before in EARLIER:
        earlier = earlier.replace(now, before)
    first = _version(store, path, earlier, "As agreed for the year", policy.start or SINCE, tested=False)
    yield first
    second = _version(store, path, text.text, LATER, None)
    yield second
    with Recorder(store) as recorder:
        _graded(store, recorder, first, THEN)
        _followed(store, recorder, (first, second))
        _graded(store, recorder, second, second.start)


def _version(
    store: Store, path: str, text: str, reason: str, start: date | None, *, tested: bool = True
) -> Version:
    """A version that one person wrote and others approved, the last of whom published it."""
    beside = tests_beside(path) if tested else ()
    tests = read_source(beside[0]).text if beside else None
    draft = workflow.create(store, text, AUTHOR, uses=pin(Source(text, path), loader(path)), tests=tests)
    draft = workflow.submit(store, draft.id, draft.revision, AUTHOR, reason)
    *others, last = APPROVERS[: store.approvals]
    for name in others:
        draft = workflow.approve(store, draft.id, draft.revision, name)
    done = approve_and_publish(
        store,
        draft.id,
        draft.revision,
        last,
        start=start,
        backdated=start is not None,
        comment=None if start is None else "it held before there was a store",
    )
    return done.version


def _graded(store: Store, recorder: Recorder, version: Version, day: date) -> None:
    """Grades some sample customers by a version, on a day."""
    policy, waiting = _policy(store, version), []
    with CUSTOMERS.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            customer = row.pop("customer")
            if number < GRADED or customer in MOVED:
                facts, question = read_row(policy, row), Question(customer=customer)
                waiting.append(_decided(recorder, policy, facts, day, question)[1])
    for each in waiting:
        each.wait()


def _examples(store: Store, recorder: Recorder, version: Version) -> None:
    """Grades the examples of a policy."""
    policy = _policy(store, version)
    for number, example in enumerate(policy.examples, 1):
        facts, day = facts_of(policy, example.given), example.on or version.start
        _decided(recorder, policy, facts, day, Question(customer=f"E{number:04}"))[1].wait()


def _followed(store: Store, recorder: Recorder, versions: tuple[Version, Version]) -> None:
    """Grades one customer again and again, on each day by the version of that day, and from the state before."""
    policies = [(version.start, _policy(store, version)) for version in versions]
    known: dict[str, object] = {}
    states: States = {}
    for entry in json.loads(HISTORY.read_bytes()):
        day = date.fromisoformat(entry["on"])
        policy = next(policy for start, policy in reversed(policies) if start <= day)
        known |= entry.get("facts", {})
        laid = entry.get("override")
        override = None if laid is None else read_new_override(policy, laid, day)
        question = Question(customer=FOLLOWED, states=states, override=override)
        told, pending = _decided(recorder, policy, read_facts(policy, known), day, question)
        pending.wait()
        states = read_states(policy, told["state"])


def _policy(store: Store, version: Version) -> CheckedPolicy:
    with reading(store) as connection:
        return load(connection, version)


def _decided(
    recorder: Recorder, policy: CheckedPolicy, facts: Facts, day: date, question: Question
) -> tuple[dict[str, Any], Pending]:
    """The answer to a question, and its record on its way."""
    id = str(uuid4())
    sent, noted = answer(
        policy,
        facts,
        as_of=day,
        customer=question.customer,
        decision_id=id,
        states=question.states,
        override=question.override,
    )
    pending = recorder.begin(id, Asked(policy, day, question), facts, sent, noted, AUTHOR)
    return cast("dict[str, Any]", parse_json(sent)), pending


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its answer goes to standard error, where `make run` tells of its steps."""
    parser = argparse.ArgumentParser(description="Fills a new store with the policies that come along.")
    parser.add_argument("--database", default=os.environ.get("TIERWISE_DATABASE_URL") or DEFAULT_URL)
    lang: Lang = "zh" if os.environ.get("TIERWISE_LANG") == "zh" else "en"
    try:
        store = open_store(parser.parse_args(arguments).database, approvals=_approvals())
        try:
            with alone(store, "samples", "filling it with samples", "填充示例"):
                done, differing = fill(store)
        finally:
            store.close()
    except (StoreError, FileProblem) as error:
        _tell(f"tierwise: {error.message('en')}", f"tierwise: {error.message('zh')}", lang)
        return 2
    except PolicyError as error:
        print(render(error.diagnostics, error.source, lang), end="", file=sys.stderr)
        name = os.path.relpath(error.source.name)
        _tell(
            f"tierwise: `{name}` has errors, so it is not published",
            f"tierwise: `{name}` 有错误，未发布",
            lang,
        )
        return 2
    if done:
        names = ", ".join((AUTHOR, *APPROVERS[: store.approvals]))
        versions = "1 version" if len(done) == 1 else f"{len(done)} versions"
        _tell(
            f"published by {names}: {versions}, in {store.url}",
            f"由 {names} 发布：{len(done)} 个版本，存于 {store.url}",
            lang,
        )
    for path in differing:
        name = os.path.relpath(path)
        after = f"tierwise publish {name} --reason TEXT"
        _tell(
            f"`{name}` differs from what is published; next: {after}",
            f"`{name}` 与已发布的不同；下一步：{after}",
            lang,
        )
    return 0


def _approvals() -> int:
    """How many people must approve, by the setting that the service has, too. Raises `StoreError`."""
    text = os.environ.get("TIERWISE_APPROVALS") or "1"
    if text not in map(str, range(1, len(APPROVERS) + 1)):
        raise StoreError(
            "approvals",
            f"`TIERWISE_APPROVALS` must be a whole number from 1 to {len(APPROVERS)}, and is `{text}`",
            f"`TIERWISE_APPROVALS` 应为 1 至 {len(APPROVERS)} 的整数，而现在是 `{text}`",
        )
    return int(text)


def _tell(en: str, zh: str, lang: Lang) -> None:
    print(en if lang == "en" else zh, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
