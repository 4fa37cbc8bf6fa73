"""Deciding again what was decided before: by the same text, to see that it comes out the same; or by another, to see
for whom it would not.

A record holds everything that a decision depends on: the version (with what it uses, pinned), the day, the facts, how the
answer was to be given. So the same question can be put again, and the answers are compared value by value. What
is masked in the record has to be given again by somebody who may know it; whether it is the same value as then
shows in its mask. Masked days of a state are known again from masked facts that have not changed since; otherwise
the state has to be given, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

from sqlalchemy import Connection

from dsl.diagnostics import Lang, PolicyError
from dsl.model import CheckedPolicy
from dsl.records import record
from engine.decision import Json
from engine.engines import DEFAULT_ENGINE, answer
from engine.facts import FactsError, facts_by_name, parse_json, read_facts
from engine.movement.asked import read_new_override, read_states
from engine.movement.outcomes import States
from engine.movement.state_json import state_json
from engine.reference import Explain
from policies.registry.store.connect import Store
from policies.registry.store.masks import Masks, mask_of, open_masks, spelled
from policies.registry.store.moving import StatesJson, hidden, hidden_answer, uncovered
from policies.registry.store.problems import NotStored, Refused, StoreConflict
from policies.registry.store.records import DecisionRecord, Payload, payload_of
from policies.registry.store.search import Wanted, walk
from policies.registry.store.versions import load, outdated, version


@record
class Difference:
    """One place where two answers differ: a JSON pointer, and what stands there then and now.

    `kind` tells a value that is null from one that is not there.
    """

    path: str
    kind: Literal["changed", "added", "removed"]
    before: Json
    after: Json


@record
class Replayed:
    """What came of deciding a record again.

    `same`, or `changed` with the differences. `masked`: not decided, because the values of the facts in `needed`, or days of
    the state (`state_needed`), are masked and were not given (again). `erased`: what was asked is gone. `unfit`: the
    other policy does not take the facts, or the state, as they were; `problem` says why.
    """

    record: DecisionRecord
    kind: Literal["same", "changed", "masked", "erased", "unfit"]
    differences: tuple[Difference, ...] = ()
    needed: tuple[str, ...] = ()
    problem: FactsError | None = None
    state_needed: bool = False


class _Masked(Exception):
    """Values are needed and not known: those of facts, or days of the state."""

    def __init__(self, keys: tuple[str, ...] = (), *, state: bool = False) -> None:
        self.keys = keys
        self.state = state

    def told(self, found: DecisionRecord) -> Replayed:
        """What came of the record: which values are to be given to decide it again."""
        return Replayed(found, "masked", needed=self.keys, state_needed=self.state)


@record
class _Known:
    """What a record's question was of, masked values among it: the facts, and the states, None where none were sent."""

    facts: Mapping[str, object]
    states: States | None


# ---------------------------------------------------------------- the same text again


def recorded_policy(connection: Connection, found: DecisionRecord) -> CheckedPolicy:
    """The policy that decided a record, as it was published.

    Raises `NotStored` where it came from a file, or is gone; `Refused` where its text is in error by now; `StoreConflict`
    where the version has another text than the record says, which `verify` looks into.
    """
    if found.version is None:
        raise NotStored(
            "not-published",
            f"decision `{found.id}` was made with `{found.policy}` from a file ({found.policy_hash}); replay it with that file",
            f"决策 `{found.id}` 使用文件中的政策 `{found.policy}`（{found.policy_hash}）作出；请用该文件重放",
        )
    published = version(connection, found.policy, found.version)
    try:
        policy = load(connection, published)
    except PolicyError as error:
        raise outdated(published) from error
    _demand_same_text(policy, found)
    return policy


def replay(
    store: Store,
    found: DecisionRecord,
    payload: Payload | None,
    policy: CheckedPolicy,
    given: Mapping[str, object] | None = None,
    states: States | None = None,
) -> Replayed:
    """Decides a record again with the policy that decided it (`recorded_policy`, or the file that it came from).

    `given` are masked facts by key, as a caller would write them, `states` those that were sent, where masked days of them
    are needed. Raises `Refused` where one of them is not what it was, `FactsError` where it cannot be read, `StoreConflict`
    for another policy, `StoreUnavailable`.
    """
    _demand_same_text(policy, found)
    if payload is None:
        return Replayed(found, "erased")
    masks = open_masks(store)
    try:
        known = _known(payload, policy, given or {}, states, masks)
    except _Masked as masked:
        return masked.told(found)
    again = hidden_answer(policy, _decided(policy, found, payload, known, found.engine), masks)
    differences = tuple(compare(dict(payload.answer), again))
    return Replayed(found, "changed" if differences else "same", differences)


def _demand_same_text(policy: CheckedPolicy, found: DecisionRecord) -> None:
    if policy.hash != found.policy_hash:
        raise StoreConflict(
            "other-text",
            f"decision `{found.id}` was made with the text {found.policy_hash}, not {policy.hash};"
            " give the file of then, or where it was published, see what `tierwise verify` says",
            f"决策 `{found.id}` 所用文本为 {found.policy_hash}，而非 {policy.hash}；"
            "请给出当时的文件；若为已发布的版本，请运行 `tierwise verify`",
        )


def _decided(
    policy: CheckedPolicy, found: DecisionRecord, payload: Payload, known: _Known, engine: str
) -> dict[str, Json]:
    """The answer to a record's question. Raises `FactsError`."""
    override = payload.question.get("override")
    body, _ = answer(
        policy,
        read_facts(policy, known.facts),
        as_of=found.as_of,
        lang=cast("Lang", found.lang),
        engine=engine,
        explain=cast("Explain", payload.question["explain"]),
        at=cast("str | None", payload.question["at"]),
        customer=found.customer,
        decision_id=found.id,
        states=known.states,
        override=None if override is None else read_new_override(policy, override, found.as_of),
    )
    return cast("dict[str, Json]", parse_json(body))


def _known(
    payload: Payload,
    policy: CheckedPolicy,
    given: Mapping[str, object],
    states: States | None,
    masks: Masks,
) -> _Known:
    """What a record's question was of; masked values are from `given` and `states`. Raises `_Masked`, `Refused`, `FactsError`."""
    facts, unmasked = _facts(payload, policy, given, masks)
    kept = payload.question.get("state")
    if kept is None:
        return _Known(facts, None)
    if states is not None:
        plain = {key: state_json(state) for key, state in states.items()}
        if hidden(policy, plain, masks) != kept:
            raise Refused(
                "other-value",
                "the state is not the one that the decision was asked with; give the state of then",
                "状态与当时提问所用的不同；请给出当时的状态",
            )
        return _Known(facts, states)
    told = uncovered(cast("StatesJson", kept), unmasked)
    if told is None:
        raise _Masked(state=True)
    return _Known(facts, read_states(policy, told))


def _facts(
    payload: Payload, policy: CheckedPolicy, given: Mapping[str, object], masks: Masks
) -> tuple[dict[str, object], dict[str, Json]]:
    """A record's facts, as far as a policy has them, masked ones from `given`; and the masked ones by what stood for them.

    Raises `_Masked`, `Refused`, `FactsError`.
    """
    own = facts_by_name(policy)
    facts: dict[str, object] = {key: kept for key, kept in payload.facts.items() if key in own}
    secret = {key: mask for key, kept in facts.items() if (mask := mask_of(kept)) is not None}
    needed = tuple(key for key in secret if key not in given)
    if needed:
        raise _Masked(needed)
    facts |= {key: given[key] for key in secret}
    unmasked: dict[str, Json] = {}
    if secret:
        read = read_facts(policy, facts)
        for key, mask in secret.items():
            value = read.get(own[key].key)
            plain = None if value is None else spelled(value, own[key].type)
            unmasked[mask] = plain
            if plain is None or masks.of(key, plain) != mask:
                raise Refused(
                    "other-value",
                    f"`{key}` is masked in the record, and was not what is given now; give the value of then",
                    f"`{key}` 在记录中已隐藏，且与现在给出的值不同；请给出当时的值",
                )
    return facts, unmasked


# ---------------------------------------------------------------- comparing


def compare(before: Json, after: Json, path: str = "") -> Iterator[Difference]:
    """Where two JSON values differ, from top to bottom. Numbers are compared by value."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from _at(before, after, key, f"{path}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(before, list) and isinstance(after, list):
        for place in range(max(len(before), len(after))):
            yield from _at(dict(enumerate(before)), dict(enumerate(after)), place, f"{path}/{place}")
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield Difference(path, "changed", before, after)


def _at(
    before: Mapping[Any, Json], after: Mapping[Any, Json], key: object, path: str
) -> Iterator[Difference]:
    if key not in after:
        yield Difference(path, "removed", before[key], None)
    elif key not in before:
        yield Difference(path, "added", None, after[key])
    else:
        yield from compare(before[key], after[key], path)


# ---------------------------------------------------------------- another text


def replay_against(
    store: Store,
    policy: CheckedPolicy,
    wanted: Wanted,
    engine: str = DEFAULT_ENGINE,
) -> Iterator[Replayed]:
    """Decides recorded questions again with another policy, the oldest first; what is compared is the `outcome`.

    Facts that the other policy does not know are left out. `wanted` says which records; count the kinds to sum up.
    Raises `StoreUnavailable`.
    """
    masks = open_masks(store)
    for found, body in walk(store, wanted):
        yield _against(policy, found, body, masks, engine)


def _against(
    policy: CheckedPolicy, found: DecisionRecord, body: str | None, masks: Masks, engine: str
) -> Replayed:
    if body is None:
        return Replayed(found, "erased")
    try:
        payload = payload_of(body)
        again = _decided(policy, found, payload, _known(payload, policy, {}, None, masks), engine)
    except _Masked as masked:
        return masked.told(found)
    except FactsError as error:
        return Replayed(found, "unfit", problem=error)
    was, now = outcome(payload.answer), outcome(again)
    if not (
        was["movement"] and now["movement"]
    ):  # one of the two moves nobody: the tiers say what that comes to
        was, now = was | {"movement": {}}, now | {"movement": {}}
    differences = tuple(compare(was, now))
    return Replayed(found, "changed" if differences else "same", differences)


def outcome(answer: Mapping[str, Any]) -> dict[str, Json]:
    """What an answer comes to: the names of rules, labels and reasons aside, which another text may have changed."""
    moving: Mapping[str, Mapping[str, Json]] = answer.get("movement", {})
    return {
        "status": answer["status"],
        "tiers": {key: _only(tier, "tier", "possible") for key, tier in answer["tiers"].items()},
        "movement": {
            key: _only(moved, "held", "computed", "since", "through") for key, moved in moving.items()
        },
        **{kind: answer[kind] for kind in ("scores", "values", "segments", "tags")},
        "benefits": {_place(each): _only(each, "value", "quota", "possible") for each in answer["benefits"]},
        "advice": {each["rule"]: _only(each, "to", "priority", "possible") for each in answer["advice"]},
    }


def _place(benefit: Mapping[str, Any]) -> str:
    stage = benefit["stage"]
    return str(benefit["benefit"]) if stage is None else f"{benefit['benefit']} at {stage}"


def _only(whole: Mapping[str, Json], *keys: str) -> dict[str, Json]:
    return {key: whole[key] for key in keys if key in whole}
