"""hivegate history show and trend."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from hivegate.cli import options

_FEW = 20


@click.command(epilog="Example: hivegate history show --limit 5")
@click.argument("run", required=False)
@click.option("--limit", type=click.IntRange(1), default=_FEW, show_default=True, metavar="N", help="Newest runs.")
def show(run: str | None, limit: int) -> None:
    """List the machines and the newest runs, or show what RUN measured: a number, or the beginning of a commit."""
    from hivegate.flows.history.runs import list_stored_runs, load_stored_runs
    from hivegate.flows.project import find_project
    from hivegate.report.stored_runs import render_record, render_runs

    project = find_project(Path.cwd())
    if run is None:
        click.echo(render_runs(*list_stored_runs(project), limit=limit), nl=False)
    else:
        for number, record in load_stored_runs(project, run):
            click.echo(render_record(number, record), nl=False)


@click.command(epilog="Example: hivegate history trend 'shop/*' --metric mean")
@click.argument("selectors", nargs=-1, metavar="[BENCHMARK]...")
@click.option("--metric", metavar="NAME", help="Metric (default: p50, or the first that a benchmark has).")
@click.option("--environment", metavar="KEY", help="Only the machine whose key, as listed by show, begins with KEY.")
@click.option("--branch", metavar="NAME", help="Runs of this branch (default: the default branch).")
@click.option("--since", metavar="REF|DATE", help="Only what changed after a revision, or from a day on.")
@click.option("--worse", is_flag=True, help="Only what got worse.")
@click.option("--least", type=click.FloatRange(0), default=0.0, metavar="PERCENT", help="Only changes of this size.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N events, the largest first.")
@click.option("--feed", type=click.Path(path_type=Path), metavar="FILE", help="Also write the events as a JSON Feed.")
@options.json_option
@click.option("-v", "--verbose", is_flag=True, help="Also list what did not change.")
def trend(
    selectors: tuple[str, ...],
    metric: str | None,
    environment: str | None,
    branch: str | None,
    since: str | None,
    worse: bool,
    least: float,
    limit: int | None,
    feed: Path | None,
    json_path: Path | None,
    verbose: bool,
) -> None:
    """Show where benchmarks moved from one level to another, between which commits, and how far they drifted.

    Environments that take turns are told as one series. Where most benchmarks of a machine move together it is called
    a machine change; where the environment was switched in the same days, either is named; where the benchmark's own
    code was changed between the commits, that is said. With --since, --worse, --least or --limit, and where more than
    twenty benchmarks changed, the events are listed instead, each with all that it moved, the largest first.
    """
    from hivegate.cli.output import wants_color, write_json
    from hivegate.errors import UsageError
    from hivegate.flows.history.series import TrendOptions
    from hivegate.flows.history.trends import find_trends, moment_of
    from hivegate.flows.project import find_project
    from hivegate.report.events import EventFilter, find_events, render_events, render_feed
    from hivegate.report.trend import render_trend_json, render_trends
    from hivegate.system.files import write_atomic

    project = find_project(Path.cwd())
    moment = None if since is None else moment_of(project.folder, since)
    flow_options = TrendOptions(selectors=selectors, metric=metric, environment=environment, branch=branch)
    trends = find_trends(project, flow_options)
    events = find_events(trends, EventFilter(since=moment, worse=worse, least=least / 100))
    if feed is not None:
        write_atomic(feed, render_feed(events, title=project.folder.name), error=UsageError, durable=False)
    if write_json(lambda: render_trend_json(trends), json_path):
        return
    width = shutil.get_terminal_size((100, 24)).columns
    changed = sum(bool(one.changes) for machine in trends for one in machine.trends)
    if since or worse or least or limit or (changed > _FEW and not verbose):
        click.echo(render_events(events, limit=limit or _FEW, width=width), nl=False)
        return
    click.echo(render_trends(trends, width=width, color=wants_color(), verbose=verbose), nl=False, color=True)
