"""`tierwise verify`, `export` and `erase`: that nothing was changed, for those who have no database, and what may go."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from api.commands.publishing import actor_option
from api.config import PREFIX, SIGNING_KEY
from api.listing import show, table_option
from api.terminal import FILE, Speaking, Stop, day_option, lang_option, start_of, tell
from api.wording import pick
from dsl.diagnostics import Lang

if TYPE_CHECKING:
    from api.messages import Words
    from policies.registry.store.export import Exported
    from policies.registry.store.verify import Known


@click.command("verify", cls=Speaking)
@click.argument("file", required=False, type=FILE)
@click.option("--public-key", metavar="KEY", help="Of an export: whose signature it must bear.")
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="CHAIN:SEQ:HASH",
    help="An end of a chain that was noted earlier; repeatable.",
)
@table_option
@lang_option("Language of the sentences.")
@click.pass_context
def verify(
    ctx: click.Context,
    file: str | None,
    public_key: str | None,
    heads: tuple[str, ...],
    table: bool | None,
    lang: Lang,
) -> None:
    """Find what was changed, removed, added or moved in the store, or in an export.

    Without FILE the store is gone through, with all its versions, events and decisions. What it says of the chains' ends may be
    noted elsewhere and given again as --head, so that what is cut off at the end shows, too. An export needs no store.
    Ends with 1 where anything is not as it was written.

    \b
    Examples:
      tierwise verify
      tierwise verify audit-2026.zip --public-key ed25519:0f3a...
    """
    if file is not None:
        _verify_export(file, public_key, table, lang)
        return
    from api.policy_argument import open_existing
    from api.stored import finding_json, heads_json
    from policies.registry.store.verify import heads as ends_of
    from policies.registry.store.verify import verify as go_through

    store = open_existing()
    ends = ends_of(store)
    found = list(go_through(store, [_known(text) for text in heads]))
    answer = {
        "whole": not found,
        "findings": [finding_json(each, lang) for each in found],
        "heads": heads_json({each.table: each.head for each in ends}),
    }
    lines = [each.message(lang) for each in found]
    lines += [f"--head {each.table}:{each.head.seq}:{each.head.hash}" for each in ends]
    show(answer, lines, table)
    tell(*_summed_up(len(found)), lang)
    ctx.exit(1 if found else 0)


def _summed_up(count: int) -> Words:
    """The last line of a verification that found so many things."""
    if count == 0:
        return "all is as it was written", "全部与写入时一致"
    things = "1 thing is not as it was" if count == 1 else f"{count} things are not as they were"
    return f"{things} written", f"{count} 处与写入时不符"


def _known(text: str) -> Known:
    """A chain's end as somebody noted it. Raises `Stop`."""
    from policies.registry.store.chain import Head
    from policies.registry.store.verify import Known

    match text.split(":"):
        case ["events" | "records" as chain, seq, hash] if _is_number(seq) and _is_hash(hash):
            return Known(chain, Head(int(seq), hash))
    raise Stop(
        f"`{text}` is no end of a chain; write it as `events:12:HASH`, as `tierwise verify` shows it",
        f"`{text}` 不是链的末端；请按 `tierwise verify` 显示的样子写成 `events:12:哈希`",
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20


def _is_hash(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _verify_export(path: str, public_key: str | None, table: bool | None, lang: Lang) -> None:
    from policies.registry.store.export import NotGenuine, verify_export

    if public_key is None:
        raise Stop(
            "whose signature must it bear? add --public-key KEY", "应由谁签名？请加上 --public-key 公钥"
        )
    try:
        found = verify_export(path, public_key)
    except NotGenuine as error:
        tell(f"tierwise: {error.message('en')}", f"tierwise：{error.message('zh')}", lang)
        click.get_current_context().exit(1)
    show(_exported(found), [pick(lang, f"`{path}` is genuine and whole", f"`{path}` 真实且完整")], table)


@click.command("export", cls=Speaking)
@click.argument("file", type=FILE)
@day_option("--since", help="From this day on, in UTC.")
@day_option("--until", help="Up to and without this day, in UTC.")
@click.option(
    "--key",
    "key_file",
    type=FILE,
    default=SIGNING_KEY,
    envvar=f"{PREFIX}SIGNING_KEY",
    show_default=True,
    metavar="FILE",
    help="The signing key; made where there is none.",
)
@table_option
@lang_option("Language of the sentences.")
def export(
    file: str, since: date | None, until: date | None, key_file: str, table: bool | None, lang: Lang
) -> None:
    """Write a signed file of the versions, events and decisions of a period.

    Whoever has the public key, which is shown, can verify the file without the store.

    \b
    Examples:
      tierwise export audit-2026.zip --since 2026-01-01 --until 2027-01-01
    """
    from api.policy_argument import open_existing
    from policies.registry.store.export import export as write_export
    from policies.registry.store.signing import own_key

    store = open_existing()
    key = own_key(key_file)
    try:
        done = write_export(store, file, key, since=start_of(since), until=start_of(until))
    except FileExistsError as error:
        raise Stop(
            f"`{file}` is there already; name another file", f"`{file}` 已存在；请换一个文件名"
        ) from error
    said = pick(
        lang,
        f"written: `{file}`, signed by {done.public_key}",
        f"已写入 `{file}`，签名公钥 {done.public_key}",
    )
    show(_exported(done), [said], table)


def _exported(found: Exported) -> dict[str, object]:
    from api.stored import heads_json

    return {
        "since": found.since,
        "until": found.until,
        "made_at": found.made_at,
        "counts": dict(found.counts),
        "erased": found.erased,
        "heads": heads_json(found.heads),
        "public_key": found.public_key,
    }


@click.command("erase", cls=Speaking)
@click.argument("customer")
@click.option("--reason", metavar="TEXT", required=True, help="Why.")
@actor_option("--as", help="Who asks for it.")
@table_option
@lang_option("Language of the sentences.")
def erase(customer: str, reason: str, actor: str, table: bool | None, lang: Lang) -> None:
    """Take away what was asked and answered about a customer.

    That decisions were made, when and by which version stays, and the chain still verifies. It cannot be undone.

    \b
    Examples:
      tierwise erase C001 --reason "asked for it by letter of 3 March" --as "Li Na"
    """
    from api.policy_argument import open_existing
    from policies.registry.store.records import erase as erase_customer

    count = erase_customer(open_existing(), customer, actor, reason)
    said = pick(
        lang, f"erased of `{customer}`: {count} decisions", f"已删除 `{customer}` 的 {count} 条决策内容"
    )
    show({"customer": customer, "erased": count}, [said], table)
