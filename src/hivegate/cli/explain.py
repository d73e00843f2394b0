"""hivegate explain."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.settings import find_project


@click.command(epilog="Example: hivegate explain 'swarm_primitives/snapshot_reads[1]'")
@click.argument("benchmark", metavar="ID", shell_complete=options.complete_id)
@options.targets_option
def command(benchmark: str, targets_path: Path | None) -> int:
    """Tell which targets, budgets and waivers apply to a benchmark, and why.

    ID is the id of a benchmark as reports show it, or its pytest node id.
    """
    from hivegate.flows.explain import explain
    from hivegate.model.identity import benchmark_id
    from hivegate.report.explanation import render_explanation
    from hivegate.targets import load_targets

    project = find_project(Path.cwd())
    targets = load_targets(options.targets_path(project, targets_path))
    if ".py::" in benchmark:
        benchmark = benchmark_id(benchmark, options.roots_of(project))
    found = explain(benchmark, targets, today=dt.datetime.now(dt.UTC).date())
    click.echo(render_explanation(found, targets), nl=False)
    return 0
