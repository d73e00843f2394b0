"""hivegate bench."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hivegate.cli import options
from hivegate.cli.kinds import Duration
from hivegate.cli.output import print_result, watching
from hivegate.cli.profile import explain_failures
from hivegate.cli.settings import find_project

if TYPE_CHECKING:
    from hivegate.measure.collect import Collection


@click.command(
    epilog="Example: hivegate bench --select 'swarm_primitives/*' --json result.json",
)
@options.paths_argument
@options.select_option
@options.passes_option
@click.option(
    "--max-time",
    type=Duration(),
    default="10m",
    show_default=True,
    help="Time after which nothing inconclusive is measured on.",
)
@options.targets_option
@options.python_option
@options.json_option
@options.on_fail_option
@options.verbose_option
@options.quiet_option
def command(
    paths: tuple[Path, ...],
    selectors: tuple[str, ...],
    passes: int | None,
    max_time: float,
    targets_path: Path | None,
    python: str,
    json_path: Path | None,
    on_fail: str | None,
    verbose: bool,
    quiet: bool,
) -> int:
    """Measure the suite and judge it against targets.yaml.

    The suite runs in several fresh processes; what is inconclusive after them is measured on, then reported as it is.
    The result is kept in .hivegate/latest/.
    """
    from hivegate.flows.bench.flow import bench
    from hivegate.flows.bench.measure import BenchOptions
    from hivegate.flows.history.drift import drift_of
    from hivegate.flows.history.regression_origin import with_since
    from hivegate.flows.workspace import save_result, save_run
    from hivegate.targets import load_targets

    options.check_loudness(verbose=verbose, quiet=quiet)
    project = find_project(Path.cwd())
    targets = load_targets(options.targets_path(project, targets_path))
    subject = options.make_subject(project, paths, python)
    history = project.settings.history
    count = passes or project.settings.passes
    flow_options = BenchOptions(
        selectors=selectors,
        passes=count,
        most_passes=max(project.settings.max_passes, count),
        max_time=max_time,
        timeout=project.settings.timeout,
    )
    with watching(quiet=quiet) as on_progress:
        collected: list[Collection] = []
        drift = drift_of(project.folder, history, targets)
        run, result = bench(subject, targets, flow_options, on_progress, on_collected=collected.append, drift=drift)
        result = with_since(result, project.folder, history)
        save_run(project.folder, run)
        save_result(project.folder, "bench", result)
        if on_fail == "profile":
            result = explain_failures(project, subject, "bench", result, collected[0], on_progress)
    print_result(result, json_path=json_path, verbose=verbose, quiet=quiet)
    return result.exit_status
