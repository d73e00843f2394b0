"""hivegate history dashboard."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli.output import watching


@click.command(epilog="Example: hivegate history dashboard --out site && xdg-open site/index.html")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder: new, empty or an older dashboard.",
)
@click.option("--branch", metavar="NAME", help="Runs of this branch (default: the default branch).")
@click.option(
    "--commit-url",
    metavar="URL",
    help="Where commits are, as in https://example.org/commit/{sha} (default: from the git remote).",
)
@click.option("--title", metavar="TEXT", help="Name of the project (default: its folder's).")
def dashboard(out: Path, branch: str | None, commit_url: str | None, title: str | None) -> None:
    """Write the history as a static site that needs no server: open its index.html.

    It searches and sorts the benchmarks, draws each from run to run with its change points, and links runs to their
    commits, verdicts and reports.
    """
    from hivegate.flows.history.dashboard import DashboardOptions, build_dashboard
    from hivegate.flows.project import find_project

    flow_options = DashboardOptions(out=out, branch=branch, commit_url=commit_url, title=title)
    with watching() as on_progress:
        count = build_dashboard(find_project(Path.cwd()), flow_options, on_progress)
    click.echo(f"{out / 'index.html'}: {count} benchmark{'s' * (count != 1)}")
