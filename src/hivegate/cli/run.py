"""hivegate run."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.output import watching


@click.command(epilog="Example: hivegate run --passes 5 --out run.json")
@options.paths_argument
@options.selection_options
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
    excluded: tuple[str, ...],
    passes: int | None,
    cluster: str | None,
    shard: tuple[int, int] | None,
    durations: Path | None,
    targets_path: Path | None,
    python: str,
    out: Path,
    collect_only: bool,
) -> int:
    """Run the benchmarks and write the measurements, without a verdict.

    Check them later, or elsewhere, with: hivegate check run.json. If the project has a targets.yaml, the percentiles
    that it uses are measured as single calls. With --on the workers of a Dask cluster measure, each in a separate
    checkout.
    """
    from hivegate.flows.bench.run import RunOptions, list_benchmarks, run
    from hivegate.flows.project import find_project

    project = find_project(Path.cwd())
    flow_options = RunOptions(
        paths=paths,
        selectors=selectors,
        excluded=excluded,
        passes=passes,
        cluster=cluster,
        shard=shard,
        durations=durations,
        targets=targets_path,
        python=python,
        out=out,
    )
    with watching() as on_progress:
        if collect_only:
            for benchmark in list_benchmarks(project, flow_options, on_progress):
                click.echo(benchmark)
            return 0
        measured = run(project, flow_options, on_progress)
    part = "" if measured.shard is None else f", shard {measured.shard}"
    count = passes or project.settings.passes
    click.echo(f"{len(measured.benchmarks)} benchmarks in {count} passes written to {out}{part}")
    return 0
