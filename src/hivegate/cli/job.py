"""hivegate job: what a worker of a cluster starts; no command for people."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli.output import watching


@click.command(hidden=True)
@click.argument("order", type=click.Path(path_type=Path))
@click.argument("answer", type=click.Path(path_type=Path))
@click.argument("parent", type=int)
def command(order: Path, answer: Path, parent: int) -> int:
    """Measure the part that ORDER asks for, in the checkout that we are in, into ANSWER; end when PARENT ends."""
    from hivegate.errors import UsageError
    from hivegate.flows.cluster_worker import measure_job
    from hivegate.system.files import MEBIBYTE, read_bytes, write_atomic
    from hivegate.system.lifeline import alone_on_machine, end_with_parent

    end_with_parent(parent)
    document = read_bytes(order, limit=64 * MEBIBYTE, error=UsageError)
    with alone_on_machine(), watching() as on_progress:
        measured = measure_job(document, on_progress)
    write_atomic(answer, measured, error=UsageError)
    return 0
