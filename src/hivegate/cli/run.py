"""hivegate run."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.output import watching
from hivegate.cli.settings import find_project


@click.command(epilog="Example: hivegate run --passes 5 --out run.json")
@options.paths_argument
@options.select_option
@options.passes_option
@options.shard_options
@options.targets_option
@options.python_option
@click.option("--out", type=click.Path(path_type=Path), default="run.json", show_default=True, metavar="FILE")
@click.option("--collect-only", is_flag=True, help="Only list the ids of the benchmarks.")
def command(
    paths: tuple[Path, ...],
    selectors: tuple[str, ...],
    passes: int | None,
    shard: tuple[int, int] | None,
    durations: Path | None,
    targets_path: Path | None,
    python: str,
    out: Path,
    collect_only: bool,
) -> int:
    """Measure the suite and write what was measured, without judging it.

    Judge it later, or elsewhere, with: hivegate check run.json. Where the project has a targets.yaml, the percentiles
    that it asks for are measured as single calls.
    """
    from hivegate.errors import UsageError
    from hivegate.gate.measuring import Order, measure, open_suite
    from hivegate.ingest import write_run
    from hivegate.model.events import Noted
    from hivegate.system.files import write_atomic
    from hivegate.targets import load_targets

    project = find_project(Path.cwd())
    subject = options.make_subject(project, paths, python)
    order = Order(
        selectors=selectors,
        passes=passes or project.settings.passes,
        timeout=project.settings.timeout,
        division=options.division(shard, durations),
    )
    file = options.targets_path(project, targets_path)
    targets = load_targets(file) if targets_path is not None or file.exists() else None
    with watching() as watch:
        suite = open_suite(subject, order, None if collect_only else targets, watch)
        if collect_only:
            for one in suite.ids:
                click.echo(one)
            for note in suite.collection.notes:
                watch(Noted(message=f"note: {note}"))
            return 0
        measure(suite, order, targets)
        run = suite.run()
    write_atomic(out, write_run(run), error=UsageError)
    part = "" if run.shard is None else f", shard {run.shard}"
    click.echo(f"{len(run.benchmarks)} benchmarks in {order.passes} passes written to {out}{part}")
    return 0
