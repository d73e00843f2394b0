"""hivegate history show and trend."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.settings import find_project

_FEW = 20


@click.command(epilog="Example: hivegate history show --limit 5")
@click.argument("run", required=False)
@click.option("--limit", type=click.IntRange(1), default=_FEW, show_default=True, metavar="N", help="Newest runs.")
def show(run: str | None, limit: int) -> None:
    """List the machines and the newest runs, or tell what RUN measured: its number, or the beginning of its commit."""
    from hivegate.flows.history.queries import show_run, show_runs
    from hivegate.report.stored_runs import render_record, render_runs

    project = find_project(Path.cwd())
    place = project.settings.history
    if run is None:
        click.echo(render_runs(*show_runs(project.folder, place), limit=limit), nl=False)
    else:
        for number, record in show_run(project.folder, place, run):
            click.echo(render_record(number, record), nl=False)


@click.command(epilog="Example: hivegate history trend 'swarm_primitives/*' --metric mean")
@click.argument("selectors", nargs=-1, metavar="[BENCHMARK]...")
@click.option("--metric", metavar="NAME", help="Metric (default: p50, or the first that a benchmark has).")
@click.option("--environment", metavar="KEY", help="Only the machine whose key, as show lists it, begins so.")
@click.option("--branch", metavar="NAME", help="Runs of this branch (default: the default branch).")
@options.json_option
@click.option("-v", "--verbose", is_flag=True, help="Also list what did not change.")
def trend(
    selectors: tuple[str, ...],
    metric: str | None,
    environment: str | None,
    branch: str | None,
    json_path: Path | None,
    verbose: bool,
) -> None:
    """Tell where benchmarks left one level for another, between which commits, and how far they drifted.

    Series are never joined across machines or Pythons. Where most benchmarks of a machine move together it is called
    a machine change; where the benchmark's own code was changed between the commits, that is said.
    """
    from hivegate.cli.output import wants_color
    from hivegate.errors import UsageError
    from hivegate.flows.history.series import TrendOptions
    from hivegate.flows.history.trends import tell_trends
    from hivegate.report.trend import render_trend_json, render_trends
    from hivegate.system.files import write_atomic

    project = find_project(Path.cwd())
    flow_options = TrendOptions(selectors=selectors, metric=metric, environment=environment, branch=branch)
    told = tell_trends(project.folder, project.settings.history, flow_options)
    if json_path is not None and str(json_path) == "-":
        click.echo(render_trend_json(told), nl=False)
        return
    if json_path is not None:
        write_atomic(json_path, render_trend_json(told), error=UsageError)
    width = shutil.get_terminal_size((100, 24)).columns
    click.echo(render_trends(told, width=width, color=wants_color(), verbose=verbose), nl=False, color=True)
