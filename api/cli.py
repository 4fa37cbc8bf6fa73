"""The `tierwise` command: its commands, and how it ends.

A command is typed hundreds of times a day, so starting must cost nothing: this module imports click and
little else, a command's module is imported when that command is run, and the language and its engines inside
the command.

How it ends: 0 well; 1 where the answer is "not all is well" (a policy has errors, a test fails, a row cannot
be read); 2 where the question cannot be answered (a wrong option, a file that cannot be read), with one
sentence that says why; 130 after Ctrl-C; 141 where nobody reads on. There is never a traceback, unless
TIERWISE_DEBUG is set.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from importlib import import_module

import click

# Command, its module in `api.commands` (and its name in there, where that is not `command`), and what it does.
COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("check", "Find what is wrong with policies."),
    "fmt": ("fmt", "Write policies in their canonical form, or in the other language."),
    "test": ("test", "Run the examples in policies and the tests beside them."),
    "decide": ("decide", "Grade customers: the tier, the benefits, and why."),
    "diff": ("diff", "Say what differs between two versions of a policy."),
    "publish": ("publishing:publish", "Hand a policy in, or publish what was approved."),
    "approve": ("publishing:approve", "Approve somebody else's draft."),
    "reject": ("publishing:reject", "Send a draft back, with a comment."),
    "rollback": ("publishing:rollback", "Hand the text of an old version in again."),
    "versions": ("versions:versions", "List what was published, and what is on its way."),
    "show": ("versions:show", "Show the text of a version or a draft."),
    "replay": ("replay", "Decide recorded questions again, and compare."),
    "verify": ("evidence:verify", "Find what was changed in the store, or in an export."),
    "export": ("evidence:export", "Write a signed file of versions, events and decisions."),
    "erase": ("evidence:erase", "Take away what is recorded of a customer."),
    "keys": ("keys", "Say who may call the service."),
    "serve": ("serve", "Serve decisions over HTTP."),
}

INTERRUPTED = 130
PIPE_CLOSED = 141
WRONG = 2


class _Commands(click.Group):
    """Commands that are imported when they are needed; their list is known without."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(f"api.commands.{module}"), name or "command")
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"the commands are {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command `{args[0]}`; {hint}", ctx)
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:  # noqa: ARG001
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"tierwise {version('tierwise')}")
        ctx.exit()


@click.command(
    cls=_Commands,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`tierwise COMMAND --help` shows a command's options, with examples.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
)
def tierwise() -> None:
    """Grade business customers by policies that people can read.

    \b
    Examples:
      tierwise check policies
      tierwise decide policies/b2b_grading.tier --facts customers.csv
    """


def run(args: Sequence[str] | None = None) -> int:
    """Runs the command and gives its exit code; everything that goes wrong is said in one sentence."""
    arguments = sys.argv[1:] if args is None else list(args)
    try:
        # Not `main`, which has ideas of its own of how a command ends.
        with tierwise.make_context("tierwise", arguments or ["--help"]) as context:
            tierwise.invoke(context)
        return _flushed(0)
    except click.exceptions.Exit as ended:
        return _flushed(ended.exit_code)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "tierwise"
        _complain(f"{_sentence(error)} (`{path} --help` says more)")
        return WRONG
    except click.ClickException as error:
        _complain(error.message)
        return WRONG
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        return _pipe_closed()
    except Exception as error:
        return _unexpected(error)


def _flushed(code: int) -> int:
    """The code, once all that was said has been taken in by whoever reads it."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _pipe_closed()
    except OSError as error:  # the disk is full
        return _unexpected(error)
    return code


def _pipe_closed() -> int:
    _drop_the_rest()
    return PIPE_CLOSED


def _drop_the_rest() -> None:
    """What is still buffered has nowhere to go; without this, Python would say so at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _sentence(error: click.UsageError) -> str:
    """click's sentence in our style: it starts in lower case and has no full stop."""
    text = error.format_message().strip().rstrip(".").replace("'", "`")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _unexpected(error: Exception) -> int:
    """What the system refuses, and faults of ours, which are named as such."""
    if os.environ.get("TIERWISE_DEBUG"):
        raise error
    if isinstance(error, OSError):
        from api.terminal import default_lang, refused_by_system

        en, zh = refused_by_system(error)
        _complain(zh if default_lang() == "zh" else en)
        return WRONG
    _complain(f"this is a fault in tierwise ({type(error).__name__}); with TIERWISE_DEBUG=1 it shows where")
    return WRONG


def _complain(sentence: str) -> None:
    with suppress(OSError):
        click.echo(f"tierwise: {sentence}", err=True)


def main() -> None:
    """The console script."""
    code = run()
    try:
        sys.stdout.flush()
    except OSError:  # which was said, with the code that belongs to it
        _drop_the_rest()
    sys.exit(code)


if __name__ == "__main__":
    main()
