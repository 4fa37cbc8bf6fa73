"""`tierwise replay`: recorded decisions made again, by the version that made them or by another text."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from api.terminal import (
    FILE,
    POLICY,
    Progress,
    Speaking,
    Stop,
    day_option,
    lang_option,
    start_of,
    tell,
    write,
)
from dsl.diagnostics import Lang

if TYPE_CHECKING:
    from api.catalogue import Loaded
    from api.stored import Object
    from dsl.model import CheckedPolicy
    from policies.registry.store.connect import Store
    from policies.registry.store.records import DecisionRecord
    from policies.registry.store.replay import Replayed
    from policies.registry.store.search import Wanted


@click.command("replay", cls=Speaking)
@click.argument("decision", required=False)
@click.option(
    "--against",
    type=POLICY,
    metavar="POLICY",
    help="Decide by this file, version or draft; lists whose answer changes.",
)
@click.option("--policy", metavar="NAME", help="Of a period: decisions by this policy.")
@click.option("--customer", metavar="NAME", help="Of a period: decisions on this customer.")
@day_option("--since", help="From this day on, in UTC.")
@day_option("--until", help="Up to and without this day, in UTC.")
@click.option(
    "--facts",
    type=FILE,
    metavar="FILE",
    help="For one decision: masked facts, as JSON; - reads standard input.",
)
@click.option(
    "--state",
    type=FILE,
    metavar="FILE",
    help="For one decision: the state that was sent, where masked days of it are needed.",
)
@lang_option("Language of the sentences.")
@click.pass_context
def command(
    ctx: click.Context,
    decision: str | None,
    against: str | None,
    policy: str | None,
    customer: str | None,
    since: date | None,
    until: date | None,
    facts: str | None,
    state: str | None,
    lang: Lang,
) -> None:
    """Decide recorded questions again, and compare.

    DECISION is a decision's id: it is made again by the version that made it. With --against, the decisions of a period are
    made by another policy, and those are listed whose answer changes in more than words; without, they are made again as
    they were, and those that differ are listed, and those that cannot be, with the reason. A line of JSON each. Ends with 1
    where anything differs, or cannot be decided by its policy any more.

    \b
    Examples:
      tierwise replay 7d0c8f0e-4f0b-4a8e-9d5c-0d6a4c1b2a3f
      tierwise replay --policy b2b_grading --since 2026-11-01
      tierwise replay --policy b2b_grading --against draft.tier --since 2026-11-01
    """
    from api.policy_argument import open_existing
    from api.stored import replayed_json
    from policies.registry.store.search import Wanted

    store = open_existing()
    if decision is not None:
        if against or policy or customer or since or until:
            raise Stop(
                "one decision is replayed as it was; leave the other options out",
                "单条决策按原样重放；请去掉其他选项",
            )
        lines = iter([replayed_json(_one(store, decision, facts, state), lang)])
    else:
        _demand_none(facts, state)
        wanted = Wanted(customer, policy, None, start_of(since), start_of(until))
        _demand_known(store, policy, customer)
        lines = _again(store, wanted, lang) if against is None else _against(store, wanted, against, lang)
    counts = _told(lines, single=decision is not None, lang=lang)
    ctx.exit(1 if counts["changed"] or counts["unfit"] else 0)


def _demand_none(facts: str | None, state: str | None) -> None:
    """Of a period nothing is given again: it would have to be that of each decision. Raises `Stop`."""
    option = "--facts" if facts is not None else "--state"
    if facts is not None or state is not None:
        raise Stop(
            f"{option} belongs to one decision; name it: tierwise replay DECISION {option} FILE",
            f"{option} 只用于单条决策；请指明：tierwise replay 决策编号 {option} 文件",
        )


def _demand_known(store: Store, policy: str | None, customer: str | None) -> None:
    """A policy or a customer that the store has never heard of is misspelled: that nothing differs would be no answer.

    Raises `NotStored`.
    """
    from policies.registry.store.connect import reading
    from policies.registry.store.records import no_customer
    from policies.registry.store.search import Wanted, search
    from policies.registry.store.versions import latest, no_policy

    with reading(store) as connection:

        def recorded(wanted: Wanted) -> bool:
            return bool(search(connection, wanted, limit=1).records)

        if policy is not None and latest(connection, policy) is None and not recorded(Wanted(policy=policy)):
            raise no_policy(policy)
        if customer is not None and not recorded(Wanted(customer=customer)):
            raise no_customer(customer)


def _told(lines: Iterator[Object], *, single: bool, lang: Lang) -> Counter[str]:
    """Writes a line for each that differs or could not be decided; counts them all, by their `result`."""
    from engine.decision import dumps

    counts: Counter[str] = Counter()
    progress = Progress(None)
    for count, line in enumerate(lines, 1):
        counts[str(line["result"])] += 1
        if single or line["result"] != "same":
            write(dumps(line) + "\n")
        progress.show(count, lambda: 0)
    progress.clear()
    total = sum(counts.values())
    apart = counts["masked"] + counts["erased"] + counts["unfit"]
    tell(
        f"{total} decided again: {counts['same']} the same, {counts['changed']} changed, {apart} that cannot be",
        f"重新判定 {total} 条：{counts['same']} 条相同，{counts['changed']} 条改变，{apart} 条无法重新判定",
        lang,
    )
    return counts


def _one(store: Store, id: str, facts: str | None, state: str | None) -> Replayed:
    """One decision made again, with what it masks. Raises `Stop` where that cannot be read, `StoreError`."""
    from engine.facts import FactsError
    from policies.registry.store.connect import reading
    from policies.registry.store.records import find_payload, find_record
    from policies.registry.store.replay import recorded_policy, replay

    with reading(store) as connection:
        found = find_record(connection, id)
        payload, policy = find_payload(connection, found), recorded_policy(connection, found)
    if facts == state == "-":
        raise Stop("only one file can be read from standard input", "标准输入只能读取一个文件")
    given, states = _given(facts), None
    _demand_facts(given, policy)
    if state is not None:
        from api.over_time import states_in

        states = states_in(state, policy)
    try:
        return replay(store, found, payload, policy, given, states)
    except FactsError as error:
        raise Stop(error.message("en"), error.message("zh")) from error


def _given(path: str | None) -> dict[str, Any]:
    """Masked facts from a file. Raises `Stop` where it holds no JSON object, `FileProblem` where it cannot be read."""
    if path is None:
        return {}
    from engine.facts import FactsError, parse_json
    from policies.registry.files import read_bytes

    try:
        given = parse_json(sys.stdin.buffer.read() if path == "-" else read_bytes(path))
    except FactsError as error:
        raise Stop(f"`{path}` is not JSON", f"`{path}` 不是 JSON") from error
    if not isinstance(given, dict):
        raise Stop(f"`{path}` must hold an object of facts", f"`{path}` 应为由事实组成的对象")
    return given


def _demand_facts(given: Mapping[str, object], policy: CheckedPolicy) -> None:
    """Refuses what is given for facts that the policy does not have: it would seem to have been heeded. Raises `Stop`."""
    from engine.facts_problems import shorten

    unknown = [f"`{shorten(name)}`" for name in given if name not in policy.facts]
    if unknown:
        known = [f"`{name}`" for name in policy.facts]
        raise Stop(
            f"`{policy.name}` has no fact {', '.join(unknown)}; the facts are {', '.join(known)}",
            f"`{policy.name}` 没有指标 {'、'.join(unknown)}；可用指标：{'、'.join(known)}",
        )


def _again(store: Store, wanted: Wanted, lang: Lang) -> Iterator[Object]:
    """Every record of a period, by the version that made it."""
    from api.catalogue import Loaded
    from policies.registry.store.search import walk

    loaded = Loaded(store)
    for found, body in walk(store, wanted):
        yield _made_again(store, loaded, found, body, lang)


def _made_again(store: Store, loaded: Loaded, found: DecisionRecord, body: str | None, lang: Lang) -> Object:
    """What came of one record. That it cannot be made again, and why, is an answer too: the others still can."""
    from api.stored import replayed_json
    from engine.facts import FactsError
    from policies.registry.store.problems import StoreError, StoreUnavailable
    from policies.registry.store.records import payload_of
    from policies.registry.store.replay import Replayed, replay

    try:
        policy = _policy(store, loaded, found)
        made = replay(store, found, None if body is None else payload_of(body), policy)
    except StoreUnavailable:
        raise
    except StoreError as error:
        return {**replayed_json(Replayed(found, "unfit"), lang), "problems": [error.message(lang)]}
    except FactsError as error:
        made = Replayed(found, "unfit", problem=error)
    return replayed_json(made, lang)


def _policy(store: Store, loaded: Loaded, found: DecisionRecord) -> CheckedPolicy:
    """The policy that decided a record. Raises as `recorded_policy` does."""
    from policies.registry.store.connect import reading
    from policies.registry.store.replay import recorded_policy
    from policies.registry.store.versions import version

    with reading(store) as connection:
        if found.version is None:
            return recorded_policy(connection, found)  # refuses: it came from a file
        published = version(connection, found.policy, found.version)
    return loaded.policy(published)


def _against(store: Store, wanted: Wanted, reference: str, lang: Lang) -> Iterator[Object]:
    """Every record of a period, by another policy."""
    from api.policy_argument import policy_of
    from api.stored import replayed_json
    from policies.registry.store.replay import replay_against

    why = f"`{reference}` has errors, so nothing is decided by it", f"`{reference}` 有错误，无法据此判定"
    policy = policy_of(reference, lang, why)
    found = replay_against(store, policy, wanted if wanted.policy else _of(wanted, policy.name))
    return (replayed_json(each, lang) for each in found)


def _of(wanted: Wanted, policy: str) -> Wanted:
    """Decisions of the policy that is compared with: those of others would all differ."""
    from dataclasses import replace

    return replace(wanted, policy=policy)
