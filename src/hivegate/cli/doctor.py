"""hivegate doctor."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.output import columns, write_json

_BUDGET = 0.02  # of a comparison, where targets.yaml names none


@click.command(epilog="Example: hivegate doctor --json doctor.json")
@click.option("--quick", is_flag=True, help="Do not measure the machine's noise, which takes about five seconds.")
@options.json_option
def command(quick: bool, json_path: Path | None) -> int:
    """Report what this machine can measure, the smallest slowdown that a budget detects here, and what would help.

    The noise is that of fixed work compared with itself in eight pairs; hivegate aa-test measures your benchmarks.
    """
    import msgspec

    from hivegate.adopt.doctor import PAIRS, examine
    from hivegate.flows.environments import what_base_gets
    from hivegate.flows.project import find_project
    from hivegate.report.diagnosis import diagnosis_json, render_diagnosis

    diagnosis = examine(budget=_BUDGET, pairs=0 if quick else PAIRS)
    base = what_base_gets(find_project(Path.cwd()))
    diagnosis = msgspec.structs.replace(diagnosis, findings=(*diagnosis.findings, base))
    if not write_json(lambda: diagnosis_json(diagnosis), json_path):
        click.echo(render_diagnosis(diagnosis, width=columns()), nl=False)
    return 0
