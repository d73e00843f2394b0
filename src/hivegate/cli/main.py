"""The command group; a command's module is imported only when that command runs."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hivegate import __version__
from hivegate.cli.standard_output import guarded_output
from hivegate.errors import HivegateError
from hivegate.system.leftovers import adopt_orphans

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COMMANDS = {
    "init": "Measure a project's benchmarks for the first time and write what a gate needs.",
    "bench": "Run the benchmarks and check them against targets.yaml.",
    "run": "Run the benchmarks and write a file, without a verdict.",
    "check": "Check result files against targets.yaml.",
    "merge": "Join and judge the shards that several machines measured.",
    "compare": "Compare this revision with its base and judge the change.",
    "try": "Try the change at hand: a first answer within seconds, never a gate.",
    "reference": "Measure the speed of this machine beside the reference machine.",
    "aa-test": "Compare this tree with itself: report what can be detected here.",
    "profile": "Show why a benchmark is slow: flame graph and memory report.",
    "report": "Render results as text, HTML, Markdown and other formats.",
    "verdict": "Combine several results; the worst decides the exit status.",
    "comment": "Post the results of a workflow run on its pull request.",
    "rerun": "Start the gate of a pull request again, as a comment asks.",
    "history": "Store runs, find what changed since when, write a dashboard.",
    "doctor": "Report what this machine can measure, and what would help.",
    "validate": "Validate targets.yaml without running benchmarks.",
    "explain": "Show which targets, budgets and waivers apply to a benchmark.",
}
_MODULES = {"try": "attempt"}  # no module can be named by a keyword
_OF_WORKERS = ("job",)  # what a worker of a cluster starts
_COMPLETE = "_HIVEGATE_COMPLETE"  # what click looks for; a shell that completes sets it
_INTERRUPTED = 130
_UNWRITTEN = 2
_DEFECT = 70  # EX_SOFTWARE of sysexits.h


def _interrupt(number: int, frame: object) -> None:  # noqa: ARG001  signal's signature
    raise KeyboardInterrupt


class _LazyGroup(click.Group):
    """Know the commands by name; import one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS and cmd_name not in _OF_WORKERS:
            return None
        module = _MODULES.get(cmd_name, cmd_name.replace("-", "_"))
        command = importlib.import_module(f"hivegate.cli.{module}").command
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the command that a misspelt one most likely meant, as click does for options."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from hivegate.model.identity import closest

            near = closest(args[0], self.list_commands(ctx))
            meant = f" Did you mean {near!r}?" if near else ""
            raise click.UsageError(f"No such command {args[0]!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        from click.shell_completion import CompletionItem

        return [CompletionItem(name, help=help_) for name, help_ in _COMMANDS.items() if name.startswith(incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hivegate")
@click.option(
    "-C",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Change to FOLDER first (for monorepos).",
)
def hivegate(folder: Path | None) -> None:
    """Gate performance: measure, judge, and show the cause.

    \b
    Exit status: 0 passed, 1 failed or slower, 2 usage or malformed input,
    3 inconclusive, 130 interrupted.
    """  # noqa: D301  \b is click's mark for text that is not to be wrapped
    if folder is not None:
        os.chdir(folder)


def main() -> int:
    """Run the command line; every error of hivegate becomes a message and its exit status."""
    # Continuous integration cancels with SIGTERM, and a terminal that is closed with SIGHUP; Python would end at once
    # and leave processes and worktrees behind.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as nohup asks
            signal.signal(number, _interrupt)
    adopt_orphans()
    with guarded_output() as output:
        status = _run()
        sys.stdout.flush()
    if output.fault is not None:
        click.echo(f"Standard output could not be written: {output.fault.strerror}", err=True)
        return status or _UNWRITTEN
    return status


def _run() -> int:
    try:
        if _COMPLETE in os.environ:
            importlib.import_module("hivegate.cli.completion")
        status = hivegate.main(standalone_mode=False, prog_name="hivegate")
    except HivegateError as fault:
        click.echo(f"{fault.label}: {fault}", err=True)
        return fault.exit_status
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return _INTERRUPTED
    except OSError as fault:  # a disk that is full, no folder for temporary files, too many open files
        where = f": {fault.filename}" if fault.filename else ""
        click.echo(f"The system refused: {fault.strerror or fault}{where}", err=True)
        return _UNWRITTEN
    except Exception:  # noqa: BLE001  Python's own status for this is 1, which says that a benchmark failed
        traceback.print_exc()
        click.echo("Internal error, not a benchmark failure. Please report it with the traceback above.", err=True)
        return _DEFECT
    return status if isinstance(status, int) else 0
