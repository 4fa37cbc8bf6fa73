"""`tierwise replay`: recorded decisions made again, by the version that made them or by another text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from api.terminal import Progress, Speaking, Stop, day_option, lang_option, tell, write
from dsl.diagnostics import Lang

if TYPE_CHECKING:
    from policies.registry.store.connect import Store
    from policies.registry.store.replay import Replayed
    from policies.registry.store.search import Wanted


@click.command("replay", cls=Speaking)
@click.argument("decision", required=False)
@click.option(
    "--against", metavar="POLICY", help="Decide by this file, version or draft; lists whose answer changes."
)
@click.option("--policy", metavar="NAME", help="Of a period: decisions by this policy.")
@click.option("--customer", metavar="NAME", help="Of a period: decisions on this customer.")
@day_option("--since", help="From this day on, in UTC.")
@day_option("--until", help="Up to and without this day, in UTC.")
@click.option(
    "--facts", metavar="FILE", help="For one decision: masked facts, as JSON; - reads standard input."
)
@click.option(
    "--state",
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
    they were, and those that differ are listed. A line of JSON each. Ends with 1 where anything differs.

    \b
    Examples:
      tierwise replay 7d0c8f0e-4f0b-4a8e-9d5c-0d6a4c1b2a3f
      tierwise replay --policy b2b_grading --since 2026-11-01
      tierwise replay --policy b2b_grading --against draft.tier --since 2026-11-01
    """
    from api.policy_argument import open_existing
    from policies.registry.store.search import Wanted

    store = open_existing()
    if decision is not None:
        if against or policy or customer or since or until:
            raise Stop(
                "one decision is replayed as it was; leave the other options out",
                "单条决策按原样重放；请去掉其他选项",
            )
        found = iter([_one(store, decision, facts, state)])
    else:
        wanted = Wanted(customer, policy, None, _moment(since), _moment(until))
        found = _again(store, wanted) if against is None else _against(store, wanted, against, lang)
    counts = _told(found, single=decision is not None, lang=lang)
    ctx.exit(1 if counts["changed"] or counts["unfit"] else 0)


def _told(found: Iterator[Replayed], *, single: bool, lang: Lang) -> Counter[str]:
    """Writes a line for each that differs or could not be decided; counts them all."""
    from api.stored import replayed_json
    from engine.decision import dumps

    counts: Counter[str] = Counter()
    progress = Progress(None)
    for count, each in enumerate(found, 1):
        counts[each.kind] += 1
        if single or each.kind != "same":
            write(dumps(replayed_json(each, lang)) + "\n")
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
    from policies.registry.store.connect import reading
    from policies.registry.store.records import find_payload, find_record
    from policies.registry.store.replay import recorded_policy, replay

    with reading(store) as connection:
        found = find_record(connection, id)
        payload, policy = find_payload(connection, found), recorded_policy(connection, found)
    if state is None:
        return replay(store, found, payload, policy, _given(facts))
    from api.over_time import states_in

    return replay(store, found, payload, policy, _given(facts), states_in(state, policy))


def _given(path: str | None) -> dict[str, Any]:
    """Masked facts from a file. Raises `Stop` where it holds no JSON object."""
    if path is None:
        return {}
    from engine.facts import FactsError, parse_json

    with click.open_file(path, encoding="utf-8") as file:
        text = file.read()
    try:
        given = parse_json(text)
    except FactsError as error:
        raise Stop(f"`{path}` is not JSON", f"`{path}` 不是 JSON") from error
    if not isinstance(given, dict):
        raise Stop(f"`{path}` must hold an object of facts", f"`{path}` 应为由事实组成的对象")
    return given


def _again(store: Store, wanted: Wanted) -> Iterator[Replayed]:
    """Every record of a period, by the version that made it."""
    from api.catalogue import Loaded
    from policies.registry.store.connect import reading
    from policies.registry.store.records import payload_of
    from policies.registry.store.replay import replay
    from policies.registry.store.search import walk
    from policies.registry.store.versions import version

    loaded = Loaded(store)
    for found, body in walk(store, wanted):
        if found.version is None:
            continue
        with reading(store) as connection:
            published = version(connection, found.policy, found.version)
        yield replay(store, found, None if body is None else payload_of(body), loaded.policy(published))


def _against(store: Store, wanted: Wanted, reference: str, lang: Lang) -> Iterator[Replayed]:
    from api.policy_argument import policy_of
    from policies.registry.store.replay import replay_against

    why = f"`{reference}` has errors, so nothing is decided by it", f"`{reference}` 有错误，无法据此判定"
    policy = policy_of(reference, lang, why)
    return replay_against(store, policy, wanted if wanted.policy else _of(wanted, policy.name))


def _of(wanted: Wanted, policy: str) -> Wanted:
    """Decisions of the policy that is compared with: those of others would all differ."""
    from dataclasses import replace

    return replace(wanted, policy=policy)


def _moment(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
