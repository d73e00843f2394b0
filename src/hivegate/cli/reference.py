"""hivegate reference."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.output import watching


@click.command(epilog="Example: hivegate reference --write")
@click.option(
    "--passes", type=click.IntRange(10, 1000), default=20, show_default=True, metavar="K", help="Number of processes."
)
@options.targets_option
@options.python_option
@click.option("--write", is_flag=True, help="Make this machine the reference: write its speed into targets.yaml.")
@click.option("--rescale", is_flag=True, help="With --write: change limits so that they mean what they meant.")
def command(passes: int, targets_path: Path | None, python: str, write: bool, rescale: bool) -> int:
    """Measure the speed of this machine, beside that of the reference machine.

    Limits in seconds are meant for the machine that targets.yaml names under `reference`; what is measured on a faster
    or slower one is taken to its speed. Moving the reference lists the limits whose meaning that changes.
    """
    from hivegate.flows.project import find_project
    from hivegate.flows.reference import ReferenceOptions, reference
    from hivegate.report.reference import render_reference

    flow_options = ReferenceOptions(passes=passes, targets=targets_path, python=python, write=write, rescale=rescale)
    with watching() as on_progress:
        measured = reference(find_project(Path.cwd()), flow_options, on_progress)
    click.echo(
        render_reference(
            measured.here,
            measured.before,
            measured.moved,
            file=str(measured.file) if measured.written else None,
            rescaled=rescale,
        ),
        nl=False,
    )
    return 0
