"""hivegate aa-test."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.output import watching

_NOT_MEASURED = 3


@click.command(epilog="Example: hivegate aa-test --select 'swarm_primitives/*'")
@options.path_option
@options.select_option
@options.targets_option
@options.python_option
@click.option("--fallback", is_flag=True, help="Start two processes instead of forking one, as where none can fork.")
def command(
    paths: tuple[Path, ...], selectors: tuple[str, ...], targets_path: Path | None, python: str, fallback: bool
) -> int:
    """Compare this tree with a copy of itself, to tell what a comparison can see here.

    Tells for each benchmark the spread of eight pairs, the smallest slowdown that its budget would find, and the least
    budget that can be judged on this machine; budgets below that are named.
    """
    from hivegate.flows.compare.aa_test import AaTestOptions, aa_test
    from hivegate.flows.project import find_project
    from hivegate.report.aa_test import render_aa_test

    flow_options = AaTestOptions(
        paths=paths, selectors=selectors, targets=targets_path, python=python, fallback=fallback
    )
    with watching() as on_progress:
        sensitivity = aa_test(find_project(Path.cwd()), flow_options, on_progress)
    click.echo(render_aa_test(sensitivity), nl=False)
    return _NOT_MEASURED if any(benchmark.trouble for benchmark in sensitivity.benchmarks) else 0
