"""hivegate aa-test."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.output import watching

_NOT_MEASURED = 3


@click.command(epilog="Example: hivegate aa-test --select 'shop/*'")
@options.path_option
@options.selection_options
@options.targets_option
@options.python_option
@click.option("--fallback", is_flag=True, help="Use two separate processes even where fork is available.")
def command(
    paths: tuple[Path, ...],
    selectors: tuple[str, ...],
    excluded: tuple[str, ...],
    targets_path: Path | None,
    python: str,
    fallback: bool,
) -> int:
    """Compare this tree with a copy of itself, and report what a comparison can detect here.

    For each benchmark: the spread of eight pairs, the smallest slowdown that its budget detects, and the smallest
    usable budget on this machine. Budgets below that are listed.
    """
    from hivegate.flows.compare.aa_test import AaTestOptions, aa_test
    from hivegate.flows.project import find_project
    from hivegate.report.aa_test import render_aa_test

    flow_options = AaTestOptions(
        paths=paths, selectors=selectors, excluded=excluded, targets=targets_path, python=python, fallback=fallback
    )
    with watching() as on_progress:
        sensitivity = aa_test(find_project(Path.cwd()), flow_options, on_progress)
    click.echo(render_aa_test(sensitivity), nl=False)
    if sensitivity.interrupted:
        raise KeyboardInterrupt
    return _NOT_MEASURED if any(benchmark.trouble for benchmark in sensitivity.benchmarks) else 0
