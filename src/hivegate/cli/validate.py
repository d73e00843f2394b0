"""hivegate validate."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.errors import TargetsError


@click.command(epilog="Example: hivegate validate targets.yaml packages/*/targets.yaml")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[TARGETS.yaml]...")
def command(files: tuple[Path, ...]) -> int:
    """Validate targets.yaml without running benchmarks.

    Errors have the line, the key, what is allowed and the likely fix. The default is the project's targets file. Made
    for pre-commit hooks.
    """
    from hivegate.flows.project import find_project
    from hivegate.targets import load_targets

    refused = 0
    for file in files or (find_project(Path.cwd()).targets_file(),):
        try:
            found = load_targets(file)
        except TargetsError as fault:
            refused += 1
            click.echo(f"{fault.label}: {fault}", err=True)
        else:
            parts = (("target", found.targets), ("budget", found.budgets), ("waiver", found.waivers))
            counts = ", ".join(f"{len(items)} {name}{'s' * (len(items) != 1)}" for name, items in parts)
            click.echo(f"{file}: {counts}")
    return TargetsError.exit_status if refused else 0
