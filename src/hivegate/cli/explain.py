"""hivegate explain."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options


@click.command(epilog="Example: hivegate explain 'checkout/total[100]'")
@click.argument("benchmark", metavar="ID", shell_complete=options.complete_id)
@options.targets_option
def command(benchmark: str, targets_path: Path | None) -> int:
    """Show which targets, budgets and waivers apply to a benchmark, and why.

    ID is the id of a benchmark as reports show it, or its pytest node id.
    """
    from hivegate.flows.explain import explain
    from hivegate.flows.project import find_project
    from hivegate.report.explanation import render_explanation

    found = explain(find_project(Path.cwd()), benchmark, targets=targets_path)
    click.echo(render_explanation(found), nl=False)
    return 0
