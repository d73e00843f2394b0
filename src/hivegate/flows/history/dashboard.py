"""Write the store as a static site."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.history.series import TrendOptions, open_machines
from hivegate.flows.history.store import existing_store
from hivegate.flows.history.trends import code_history, explained
from hivegate.flows.source.commit_urls import link_given, links_of
from hivegate.history.queries import load_verdicts
from hivegate.model.events import Advanced, Started
from hivegate.report.dashboard import render_charts, render_index, render_verdicts
from hivegate.report.dashboard.charts import TrendChart
from hivegate.report.dashboard.site import Site, StoredMachine
from hivegate.stats.trend import find_trends
from hivegate.system import commits
from hivegate.system.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.flows.project import Project
    from hivegate.history.store import Store
    from hivegate.model.events import ProgressCallback

_MARK = "hivegate-dashboard"  # a file that says that the folder is ours to write
_OURS = re.compile(r"(?:[0-9a-f]{16}|[0-9]+)\.js")


class DashboardOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Where the site goes, whose runs it shows, and where commits are; None is found out."""

    out: Path
    branch: str | None = None
    commit_url: str | None = None
    title: str | None = None


def build_dashboard(project: Project, options: DashboardOptions, on_progress: ProgressCallback) -> int:
    """Write the site and return how many benchmarks it shows.

    The folder must be new, empty, or an older dashboard, whose files are replaced. Raises `UsageError` for any other.
    """
    _check_folder(options.out)
    store = existing_store(project)
    links = link_given(options.commit_url) if options.commit_url else links_of(commits.remote_url(project.folder))
    site = _site(project.folder, store, options, on_progress)
    site = msgspec.structs.replace(site, links=links)
    charts = dict(render_charts(site))
    on_progress(Started(stage="writing", steps=len(charts), unit="benchmark"))
    _write(options.out / _MARK, "made by hivegate history dashboard; its files are replaced when it is made again\n")
    for name, text in charts.items():
        _write(options.out / "data" / f"{name}.js", text)
        on_progress(Advanced(what=name))
    for run in site.judged:
        _write(options.out / "runs" / f"{run}.js", render_verdicts(run, load_verdicts(store, run)))
    _write(options.out / "index.html", render_index(site))
    _remove_others(options.out / "data", charts)
    _remove_others(options.out / "runs", map(str, site.judged))
    return len(charts)


def _site(project: Path, store: Store, options: DashboardOptions, on_progress: ProgressCallback) -> Site:
    on_progress(Started(stage="finding changes", unit="machine"))
    measured: list[StoredMachine] = []
    charted: list[TrendChart] = []
    for machine in open_machines(store, TrendOptions(branch=options.branch), project):
        drawn = list(machine.load(machine.series))
        found = find_trends([one.series for one in drawn], boundaries=machine.boundaries)
        trends = explained(drawn, found, code_history(project, machine))
        charted += [
            TrendChart(trend=trend, bounds=one.bounds, node_id=one.node_id)
            for one, trend in zip(drawn, trends, strict=True)
        ]
        if drawn:
            measured.append(
                StoredMachine(environment=machine.environment, members=len(machine.members), runs=machine.runs)
            )
        on_progress(Advanced(what=machine.environment.key))
    if not charted:
        raise UsageError(
            f"no run on the branch {options.branch!r} is kept", hint="hivegate history show lists the runs"
        )
    branches = {run.branch for one in measured for run in one.runs}
    return Site(
        project=options.title or project.name,
        made=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        branch=branches.pop() if len(branches) == 1 else None,
        measured=tuple(measured),
        charted=tuple(charted),
        judged=frozenset(run.id for one in measured for run in one.runs if run.outcome is not None),
    )


def _check_folder(out: Path) -> None:
    foreign = not (out / _MARK).is_file() and any(out.iterdir()) if out.is_dir() else out.exists()
    if foreign:
        hint = "name a new or empty folder, or one that hivegate history dashboard made"
        raise UsageError("contains something other than a dashboard", where=str(out), hint=hint)


def _write(path: Path, text: str) -> None:
    write_atomic(path, text, error=UsageError, durable=False)


def _remove_others(folder: Path, names: Iterable[str]) -> None:
    """Remove the files of benchmarks and runs that are no more; what has another kind of name is not ours."""
    kept = {f"{name}.js" for name in names}
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in kept and _OURS.fullmatch(path.name):
            path.unlink()
