"""hivegate verdict."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="Example: hivegate verdict .hivegate/latest/bench.json .hivegate/latest/compare.json")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RESULT.json...")
def command(files: tuple[Path, ...]) -> int:
    """Combine several results; the worst decides the exit status.

    For a workflow that measures in several steps. A missing or unreadable result does not pass, nor does one that is
    partial because a selection left benchmarks out. Exits with the worst status: 1 before 2 before 3.
    """
    from hivegate.flows.report.worst import summarize_results, worst
    from hivegate.report.escape import printable

    summaries = summarize_results(files)
    for summary in summaries:
        click.echo(f"{printable(summary.source)}: {summary.outcome.upper()}: {printable(summary.text, 400)}")
    return worst(summaries)
