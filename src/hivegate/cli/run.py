"""hivegate run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hivegate.cli import options
from hivegate.cli.output import watching
from hivegate.cli.settings import find_project

if TYPE_CHECKING:
    from hivegate.flows.bench.measure import BenchOptions
    from hivegate.model.run import Run


@click.command(epilog="Example: hivegate run --passes 5 --out run.json")
@options.paths_argument
@options.select_option
@options.passes_option
@options.on_option
@options.shard_options
@options.targets_option
@options.python_option
@click.option("--out", type=click.Path(path_type=Path), default="run.json", show_default=True, metavar="FILE")
@click.option("--collect-only", is_flag=True, help="Only list the ids of the benchmarks.")
def command(
    paths: tuple[Path, ...],
    selectors: tuple[str, ...],
    passes: int | None,
    cluster: str | None,
    shard: tuple[int, int] | None,
    durations: Path | None,
    targets_path: Path | None,
    python: str,
    out: Path,
    collect_only: bool,
) -> int:
    """Measure the suite and write what was measured, without judging it.

    Judge it later, or elsewhere, with: hivegate check run.json. Where the project has a targets.yaml, the percentiles
    that it asks for are measured as single calls. With --on the workers of a Dask cluster measure, each in a checkout
    of its own.
    """
    from hivegate.flows.bench.measure import BenchOptions, measure, open_suite
    from hivegate.model.events import Noted
    from hivegate.targets import load_targets

    project = find_project(Path.cwd())
    subject = options.make_subject(project, paths, python)
    flow_options = BenchOptions(
        selectors=selectors,
        passes=passes or project.settings.passes,
        timeout=project.settings.timeout,
        division=None if cluster is not None else options.division(shard, durations),
    )
    file = options.targets_path(project, targets_path)
    targets = load_targets(file) if targets_path is not None or file.exists() else None
    with watching() as on_progress:
        if cluster is not None and not collect_only:
            from hivegate.cli.cluster import errand, run_on

            given = file if targets is not None else None
            place, sent = errand(cluster, subject, given, shard=shard, durations=durations)
            return _written(run_on(place, sent, flow_options, on_progress), flow_options, out)
        suite = open_suite(subject, flow_options, None if collect_only else targets, on_progress)
        if collect_only:
            for one in suite.ids:
                click.echo(one)
            for note in suite.collection.notes:
                on_progress(Noted(message=f"note: {note}"))
            return 0
        measure(suite, flow_options, targets)
    return _written(suite.run(), flow_options, out)


def _written(run: Run, order: BenchOptions, out: Path) -> int:
    from hivegate.errors import UsageError
    from hivegate.ingest import write_run
    from hivegate.system.files import write_atomic

    write_atomic(out, write_run(run), error=UsageError)
    part = "" if run.shard is None else f", shard {run.shard}"
    click.echo(f"{len(run.benchmarks)} benchmarks in {order.passes} passes written to {out}{part}")
    return 0
