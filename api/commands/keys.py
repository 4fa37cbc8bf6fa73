"""`tierwise keys`: who may call the service, and what each may do."""

from __future__ import annotations

from datetime import date

import click

from api.commands.publishing import actor_option
from api.listing import aligned, show, table_option
from api.terminal import Speaking, Stop, day_option, lang_option, tell
from api.wording import pick
from dsl.diagnostics import Lang


@click.group("keys")
def command() -> None:
    """Say who may call the service.

    Before there is a key, the service answers callers on its own machine only. A key is shown once, when it is made.

    \b
    Examples:
      tierwise keys create "Li Na" --role author --expires 2027-12-31
      tierwise keys list
      tierwise keys revoke 3
    """


@command.command("create", cls=Speaking)
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    metavar="ROLE",
    help="reader, evaluator, author, approver, auditor or admin; repeatable.",
)
@day_option("--expires", help="The last day on which it works, in UTC. [default: it does not expire]")
@actor_option("--as", help="Who makes it.")
@table_option
@lang_option("Language of the sentences.")
def create(
    name: str, roles: tuple[str, ...], expires: date | None, actor: str, table: bool | None, lang: Lang
) -> None:
    """Make a key. It is shown now and never again.

    NAME is whose it is: what is done with the key is done in that name.

    \b
    Examples:
      tierwise keys create "Li Na" --role author
      tierwise keys create shop --role evaluator --expires 2027-12-31
    """
    from api.policy_argument import open_existing
    from api.stored import key_json
    from policies.registry.store import keys
    from policies.registry.store.days import end_of

    store = open_existing(create=True)
    until = None if expires is None else end_of(expires, None)
    key, secret = keys.create(store, name, roles, actor, expires_at=until)
    show({**key_json(key, store.clock()), "secret": secret}, [secret], table)
    tell(
        f"key {key.id} of `{key.name}`; keep it well, it is not shown again",
        f"密钥 {key.id}，属于 `{key.name}`；请妥善保管，不会再次显示",
        lang,
    )


@command.command("list", cls=Speaking)
@table_option
@lang_option("Language of the headings.")
def list_keys(table: bool | None, lang: Lang) -> None:
    """List all keys, without their secrets.

    \b
    Examples:
      tierwise keys list
    """
    from api.policy_argument import open_existing
    from api.stored import key_json
    from policies.registry.store.keys import listing

    store = open_existing()
    found, now = listing(store), store.clock()
    head = pick(lang, "key|name|roles|works|expires|made by", "密钥|姓名|角色|有效|失效时间|创建人").split(
        "|"
    )
    works = pick(lang, "no", "否"), pick(lang, "yes", "是")
    rows = [
        (
            key.id,
            key.name,
            ", ".join(key.roles),
            works[key.works(now)],
            None if key.expires_at is None else f"{key.expires_at:%Y-%m-%d %H:%M}",
            key.created_by,
        )
        for key in found
    ]
    show({"keys": [key_json(key, now) for key in found]}, aligned(head, rows), table)


@command.command("revoke", cls=Speaking)
@click.argument("number", type=click.IntRange(1))
@actor_option("--as", help="Who revokes it.")
@table_option
@lang_option("Language of the sentences.")
def revoke(number: int, actor: str, table: bool | None, lang: Lang) -> None:
    """End a key. Within a second nobody is let in with it any more.

    \b
    Examples:
      tierwise keys revoke 3
    """
    from api.fields import LARGEST
    from api.policy_argument import open_existing
    from api.stored import key_json
    from policies.registry.store.keys import revoke as revoke_key

    if number > LARGEST:  # which no database could even be asked for
        raise Stop(
            f"there is no key {number}; `tierwise keys list` shows them all",
            f"没有密钥 {number}；`tierwise keys list` 列出全部密钥",
        )
    store = open_existing()
    key = revoke_key(store, number, actor)
    said = pick(lang, f"key {key.id} of `{key.name}` is revoked", f"密钥 {key.id}（`{key.name}`）已撤销")
    show(key_json(key, store.clock()), [said], table)
