"""`tierwise serve`: decisions over HTTP."""

from __future__ import annotations

import click

from api.terminal import Stop


@click.command("serve")
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one. [default: 8080]"
)
@click.option("--workers", type=click.IntRange(1, 256), help="Worker processes. [default: 2]")
@click.option("--policies", metavar="DIR", help="Folder with the policies. [default: those that come along]")
def command(host: str | None, port: int | None, workers: int | None, policies: str | None) -> None:
    """Serve decisions over HTTP, until Ctrl-C.

    What is not said here, the environment says (TIERWISE_HOST, TIERWISE_PORT, TIERWISE_POLICIES, ...).

    \b
    Examples:
      tierwise serve
      tierwise serve --port 9000 --workers 4 --policies policies
    """
    from api.config import Config, ConfigError
    from api.library import LibraryError
    from api.server import serve

    try:
        serve(Config.from_environment(host=host, port=port, workers=workers, policies=policies))
    except ConfigError as error:
        raise Stop(str(error), str(error)) from error
    except LibraryError as error:
        raise Stop(*error.words) from error
