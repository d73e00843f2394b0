"""hivegate history add, import, export and prune: runs into the history, and out of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hivegate.cli.output import watching

if TYPE_CHECKING:
    import datetime as dt

    from hivegate.flows.history.runs import AddedRuns

branch_option = click.option("--branch", metavar="NAME", help="Branch of runs that do not name theirs.")


@click.command(epilog="Example: hivegate bench && hivegate history add")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@branch_option
@click.option("--report", metavar="URL", help="Page with details of these runs; https.")
def add(files: tuple[Path, ...], branch: str | None, report: str | None) -> None:
    """Store the latest run and its verdicts, or the given result files.

    A run that is already stored is not stored again.
    """
    from hivegate.flows.history.runs import AddOptions, add_runs
    from hivegate.flows.project import find_project

    added = add_runs(find_project(Path.cwd()), AddOptions(files=files, branch=branch, report=report))
    click.echo(_summary(added))


@click.command("import", epilog="Example: hivegate history import .benchmarks .asv/results data.js")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--branch", metavar="NAME", help="Branch of runs that do not name theirs (default: the default branch).")
def import_(paths: tuple[Path, ...], branch: str | None) -> None:
    """Store the runs of other tools: folders of pytest-benchmark and asv, data.js of github-action-benchmark, exports.

    Includes commits, their times and the machines. A file that cannot be read is reported and left out; a run that is
    already stored is not stored again, so an import can be repeated.
    """
    from hivegate.flows.history.runs import import_runs
    from hivegate.flows.project import find_project

    with watching() as on_progress:
        added = import_runs(find_project(Path.cwd()), paths, branch, on_progress)
    click.echo(_summary(added))


@click.command(epilog="Example: hivegate history export --out history.jsonl")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file instead; name it *.jsonl."
)
def export(out: Path | None) -> None:
    """Print every run as a line of JSON, which hivegate history import reads back."""
    from hivegate.errors import UsageError
    from hivegate.flows.history.runs import export_runs
    from hivegate.flows.project import find_project
    from hivegate.system.files import write_atomic

    lines = export_runs(find_project(Path.cwd()))
    if out is None:
        for line in lines:
            click.echo(line, nl=False)
    else:
        write_atomic(out, b"".join(lines), error=UsageError)


@click.command(epilog="Example: hivegate history prune --keep 2000 --before 2025-01-01 --dry-run")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Remove runs of older revisions.")
@click.option("--keep", type=click.IntRange(1), metavar="N", help="Remove all but the newest N of each machine.")
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
def prune(before: dt.datetime | None, keep: int | None, dry_run: bool) -> None:
    """Remove old runs from the history for good; stored reports stay."""
    from hivegate.errors import UsageError
    from hivegate.flows.history.runs import Retention, prune_runs
    from hivegate.flows.project import find_project

    if before is None and keep is None:
        raise UsageError("no condition for the runs to remove", hint="give --before DATE, --keep N or both")
    retention = Retention(since=before.date() if before else None, newest=keep)
    old = prune_runs(find_project(Path.cwd()), retention, dry_run=dry_run)
    span = f", {old[0].moment[:10]} to {old[-1].moment[:10]}" if old else ""
    click.echo(f"{len(old)} run{'s' * (len(old) != 1)} {'would be ' * dry_run}removed{span}")


def _summary(added: AddedRuns) -> str:
    unread = f"; {added.unread} file{'s' * (added.unread != 1)} left out" if added.unread else ""
    known = f", {added.known} already stored" if added.known else ""
    return f"{added.new} run{'s' * (added.new != 1)} added{known}{unread}"
