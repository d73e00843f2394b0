"""hivegate bench."""

from __future__ import annotations

import time
from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.kinds import Duration
from hivegate.cli.output import print_result, watching


@click.command(
    epilog="Example: hivegate bench --select 'shop/*' --json result.json",
)
@options.paths_argument
@options.selection_options
@options.passes_option
@click.option(
    "--max-time",
    type=Duration(),
    default="10m",
    show_default=True,
    help="Stop adding measurements for inconclusive benchmarks after this long.",
)
@click.option("--all", "everything", is_flag=True, help="Measure what no target asks for as fully as the rest.")
@options.targets_option
@options.base_rules_option
@options.python_option
@options.json_option
@options.on_fail_option
@options.verbose_option
@options.quiet_option
def command(
    paths: tuple[Path, ...],
    selectors: tuple[str, ...],
    excluded: tuple[str, ...],
    passes: int | None,
    max_time: float,
    everything: bool,
    targets_path: Path | None,
    python: str,
    base_rules: str | None,
    json_path: Path | None,
    on_fail: str | None,
    verbose: bool,
    quiet: bool,
) -> int:
    """Run the benchmarks and check them against targets.yaml.

    Each pass is a fresh process. What a target asks for is measured until it is decided, by two passes where it is far
    from its limit, up to --max-time; the rest once, for the record. The result is stored in .hivegate/latest/.
    """
    from hivegate.flows.bench.flow import BenchOptions, bench
    from hivegate.flows.project import find_project, relative
    from hivegate.flows.workspace import page_of

    options.check_loudness(verbose=verbose, quiet=quiet)
    flow_options = BenchOptions(
        paths=paths,
        selectors=selectors,
        excluded=excluded,
        passes=passes,
        max_time=max_time,
        all=everything,
        targets=targets_path,
        base_rules=base_rules,
        python=python,
        profile_failures=on_fail == "profile",
    )
    project = find_project(Path.cwd())
    begun = time.monotonic()
    with watching(quiet=quiet) as on_progress:
        measured = bench(project, flow_options, on_progress)
    page = relative(page_of(project.folder))
    return print_result(measured.gate, json_path=json_path, verbose=verbose, quiet=quiet, page=page, begun=begun)
