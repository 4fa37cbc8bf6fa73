"""`tierwise serve`: decisions over HTTP."""

from __future__ import annotations

import os

import click

from api.terminal import FILE, Speaking, Stop, demand_text


@click.command("serve", cls=Speaking)
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one. [default: 8080]"
)
@click.option("--workers", type=click.IntRange(1, 256), help="Worker processes. [default: 2]")
@click.option(
    "--database", metavar="URL", help="Store with published policies. [default: var/tierwise.db, if there]"
)
@click.option(
    "--policies",
    type=FILE,
    metavar="DIR",
    help="Folder with policies instead. [default: those that come along]",
)
def command(
    host: str | None, port: int | None, workers: int | None, database: str | None, policies: str | None
) -> None:
    """Serve decisions over HTTP, until Ctrl-C.

    Policies come from a store, with their versions, and decisions are recorded there; or from a folder, and nothing is.
    What is not said here, the environment says (TIERWISE_HOST, TIERWISE_PORT, TIERWISE_POLICIES, ...).

    \b
    Examples:
      tierwise serve
      tierwise serve --port 9000 --workers 4 --policies policies
      tierwise serve --database postgresql://tierwise@localhost/tierwise
    """
    from api.access import NotProtected
    from api.config import PREFIX, Config
    from api.library import LibraryError
    from api.server import serve

    store = _database(database, policies)
    flags = {"host": host, "port": port, "workers": workers, "policies": policies, "database_url": store}
    config = Config.from_environment(None, **flags)
    demand_text(f"{PREFIX}DATABASE_URL", config.database_url)
    try:
        serve(config)
    except (LibraryError, NotProtected) as error:
        raise Stop(*error.words) from error


def _database(asked: str | None, policies: str | None) -> str | None:
    """The store to serve from; empty for none, and None where the environment says. Raises `Stop`."""
    from api.config import PREFIX, default_store

    if (
        asked == ""
    ):  # as from a variable that is not set; a service of files would ask for no keys and record nothing
        raise Stop(
            "--database is empty; write `sqlite:///FILE` or `postgresql://USER@HOST/DATABASE`, or --policies DIR instead",
            "--database 为空；请写成 `sqlite:///文件` 或 `postgresql://用户@主机/数据库`，或改用 --policies 文件夹",
        )
    if policies == "":  # which would be the working folder
        raise Stop(
            "--policies is empty; write the name of a folder, `.` for this one",
            "--policies 为空；请写文件夹名，当前文件夹写作 `.`",
        )
    if asked is not None and policies is not None:
        raise Stop(
            "policies come from --database or from --policies; name one",
            "--database 与 --policies 只能指定一个",
        )
    if asked is not None:
        return asked
    if policies is not None:
        return ""
    named = {name for name in ("DATABASE_URL", "POLICIES") if os.environ.get(PREFIX + name)}
    return f"sqlite:///{default_store()}" if not named and os.path.exists(default_store()) else None
