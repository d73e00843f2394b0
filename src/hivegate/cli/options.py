"""Options that several commands share, and what they become."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hivegate.cli.kinds import ShardNumber
from hivegate.errors import UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from hivegate.system.github import Github

F = TypeVar("F", bound=Callable[..., Any])

_FEWEST_PASSES, _MOST_PASSES = 3, 1000


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


def selection_options(command: F) -> F:
    """Add --select GLOB and --exclude GLOB."""
    exclude = click.option(
        "--exclude",
        "excluded",
        multiple=True,
        metavar="GLOB",
        shell_complete=complete_id,
        help="All but these, named in the same way; the result is partial. Repeatable.",
    )
    select = click.option(
        "--select",
        "selectors",
        multiple=True,
        metavar="GLOB",
        shell_complete=complete_id,
        help="Only benchmarks whose id matches (* and ? are wildcards), or group:GLOB or marker:GLOB. Repeatable.",
    )
    return select(exclude(command))


def shard_options(command: F) -> F:
    """Add --shard I/N and --durations FILE."""
    durations = click.option(
        "--durations",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="An earlier result of --out; its times balance the shards.",
    )
    shard = click.option(
        "--shard",
        type=ShardNumber(),
        metavar="I/N",
        help="Measure only shard I of N; judge all with: hivegate merge.",
    )
    return shard(durations(command))


def on_option(command: F) -> F:
    """Add --on CLUSTER."""
    return click.option(
        "--on",
        "cluster",
        metavar="CLUSTER",
        help="Measure on the workers of a cluster: dask://HOST:PORT, tls://HOST:PORT, or dask:N for N processes here.",
    )(command)


def passes_option(command: F) -> F:
    """Add --passes K."""
    return click.option(
        "--passes",
        type=click.IntRange(_FEWEST_PASSES, _MOST_PASSES),
        metavar="K",
        help="Number of fresh processes that run the suite (default 5, at least 3).",
    )(command)


def path_option(command: F) -> F:
    """Add --path PATH, where the place of an argument is taken."""
    return click.option(
        "--path",
        "paths",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Where the benchmarks are (default: paths of [tool.hivegate]). Repeatable.",
    )(command)


def python_option(command: F) -> F:
    """Add --python."""
    return click.option(
        "--python",
        metavar="PATH",
        default=sys.executable,
        show_default="this one",
        help="Interpreter of the environment with the project.",
    )(command)


def base_rules_option(command: F) -> F:
    """Add --base-rules REVISION."""
    return click.option(
        "--base-rules",
        metavar="REVISION",
        help="Judge by the targets.yaml and settings of this revision as well; the stricter rule counts.",
    )(command)


def targets_option(command: F) -> F:
    """Add --targets FILE."""
    return click.option(
        "--targets",
        "targets_path",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Targets file (default: targets.yaml).",
    )(command)


def repository_option(command: F) -> F:
    """Add --repository of GitHub."""
    return click.option(
        "--repository",
        envvar="GITHUB_REPOSITORY",
        show_envvar=True,
        required=True,
        metavar="OWNER/NAME",
        help="Repository of the run.",
    )(command)


def github(repository: str) -> Github:
    """Speak to a repository's API, with the token of the environment; raises `UsageError` without one."""
    from hivegate.system.github import Github

    if repository.count("/") != 1 or not all(repository.split("/")):
        raise UsageError(f"{repository!r} is not a repository", hint="write owner/name")
    token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")
    if not token:
        raise UsageError(
            "GITHUB_TOKEN is not set", hint="in a workflow, give the step env: {GITHUB_TOKEN: ${{ github.token }}}"
        )
    api = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
    return Github(api=api, repository=repository, token=token)


def on_fail_option(command: F) -> F:
    """Add --on-fail profile."""
    return click.option("--on-fail", type=click.Choice(["profile"]), help="What to do about benchmarks that fail.")(
        command
    )


def json_option(command: F) -> F:
    """Add --json FILE."""
    return click.option(
        "--json",
        "json_path",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Also write the result as JSON; - writes only JSON, to standard output.",
    )(command)


def quiet_option(command: F) -> F:
    """Add --quiet."""
    return click.option("-q", "--quiet", is_flag=True, help="Print only the verdict, in one line.")(command)


def verbose_option(command: F) -> F:
    """Add --verbose."""
    return click.option("-v", "--verbose", is_flag=True, help="Also list passing benchmarks.")(command)


def check_loudness(*, verbose: bool, quiet: bool) -> None:
    """Refuse what contradicts itself."""
    if verbose and quiet:
        raise UsageError("--verbose and --quiet cannot be combined")
