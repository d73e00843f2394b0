"""Options that several commands share, and what they become."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hivegate.cli.kinds import ShardNumber
from hivegate.errors import UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])

_FEWEST_PASSES = 3


def complete_id(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Offer the benchmarks of the latest results to the shell."""
    from hivegate.cli.completion import complete

    return complete(ctx, incomplete)


def complete_id_or_file(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the same where a file may stand as well, and files where no benchmark begins so."""
    from click.shell_completion import CompletionItem

    return complete_id(ctx, param, incomplete) or [CompletionItem(incomplete, type="file")]


def paths_argument(command: F) -> F:
    """Add PATH…: where the benchmarks are."""
    return click.argument("paths", nargs=-1, type=click.Path(path_type=Path))(command)


def select_option(command: F) -> F:
    """Add --select GLOB."""
    return click.option(
        "--select",
        "selectors",
        multiple=True,
        metavar="GLOB",
        shell_complete=complete_id,
        help="Only benchmarks whose id matches; * and ? are wild. May be given again.",
    )(command)


def shard_options(command: F) -> F:
    """Add --shard I/N and --durations FILE."""
    durations = click.option(
        "--durations",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="An earlier result of --out, by whose times the parts are balanced.",
    )
    shard = click.option(
        "--shard",
        type=ShardNumber(),
        metavar="I/N",
        help="Only this machine's part of N; judge all with: hivegate merge.",
    )
    return shard(durations(command))


def on_option(command: F) -> F:
    """Add --on CLUSTER."""
    return click.option(
        "--on",
        "cluster",
        metavar="CLUSTER",
        help="Spread over a cluster's workers: dask://HOST:PORT, tls://HOST:PORT, or dask:N for N processes here.",
    )(command)


def passes_option(command: F) -> F:
    """Add --passes K."""
    return click.option(
        "--passes",
        type=click.IntRange(_FEWEST_PASSES, 1000),
        metavar="K",
        help="Fresh processes that measure the suite once each (default 5, at least 3).",
    )(command)


def path_option(command: F) -> F:
    """Add --path PATH, where the place of an argument is taken."""
    return click.option(
        "--path",
        "paths",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Where the benchmarks are (default: paths of [tool.hivegate]). May be given again.",
    )(command)


def python_option(command: F) -> F:
    """Add --python."""
    return click.option(
        "--python",
        metavar="PATH",
        default=sys.executable,
        show_default="this one",
        help="Interpreter of the environment that holds the project.",
    )(command)


def targets_option(command: F) -> F:
    """Add --targets FILE."""
    return click.option(
        "--targets",
        "targets_path",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="What must hold (default: targets.yaml of the project).",
    )(command)


def on_fail_option(command: F) -> F:
    """Add --on-fail profile."""
    return click.option(
        "--on-fail", type=click.Choice(["profile"]), help="What to do at once about benchmarks that fail."
    )(command)


def json_option(command: F) -> F:
    """Add --json FILE."""
    return click.option(
        "--json",
        "json_path",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Also write the result as JSON; - is standard output, alone.",
    )(command)


def quiet_option(command: F) -> F:
    """Add --quiet."""
    return click.option("-q", "--quiet", is_flag=True, help="Print the verdict alone, in one line.")(command)


def verbose_option(command: F) -> F:
    """Add --verbose."""
    return click.option("-v", "--verbose", is_flag=True, help="Unfold what passed.")(command)


def check_loudness(*, verbose: bool, quiet: bool) -> None:
    """Refuse what contradicts itself."""
    if verbose and quiet:
        raise UsageError("--verbose and --quiet exclude each other")
