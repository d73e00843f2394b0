"""hivegate doctor."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from hivegate.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

from hivegate.cli import options

_WIDEST = 100
_BUDGET = 0.02  # of a comparison, where targets.yaml names none


@click.command(epilog="Example: hivegate doctor --json doctor.json")
@click.option("--quick", is_flag=True, help="Do not measure the machine's noise, which takes about five seconds.")
@options.json_option
def command(quick: bool, json_path: Path | None) -> int:
    """Tell what this machine can measure, the smallest slowdown that a budget can see here, and what would help.

    The noise is that of fixed work compared with itself in eight pairs; hivegate aa-test measures your benchmarks.
    """
    from hivegate.adopt.doctor import PAIRS, examine
    from hivegate.report.diagnosis import diagnosis_json, render_diagnosis
    from hivegate.system.files import write_atomic

    found = examine(budget=_BUDGET, pairs=0 if quick else PAIRS)
    if json_path is not None and str(json_path) == "-":
        click.echo(diagnosis_json(found), nl=False)
        return 0
    if json_path is not None:
        write_atomic(json_path, diagnosis_json(found), error=UsageError)
    width = min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)
    click.echo(render_diagnosis(found, width=width), nl=False)
    return 0
