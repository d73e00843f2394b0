"""hivegate aa-test."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.output import watching
from hivegate.cli.settings import find_project

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
    from hivegate.flows.compare.aa_test import run_aa_test
    from hivegate.flows.compare.checkout import PairOptions
    from hivegate.model.targets import Targets
    from hivegate.report.aa_test import render_aa_test
    from hivegate.targets import load_targets

    project = find_project(Path.cwd())
    file = options.targets_path(project, targets_path)
    known = targets_path is not None or file.exists()
    targets = load_targets(file) if known else Targets(source="no targets.yaml")
    flow_options = PairOptions(selectors=selectors, timeout=project.settings.timeout, fallback=fallback)
    with watching() as on_progress:
        found = run_aa_test(options.make_subject(project, paths, python), targets, flow_options, on_progress)
    click.echo(render_aa_test(found), nl=False)
    return _NOT_MEASURED if any(one.trouble for one in found.benchmarks) else 0
