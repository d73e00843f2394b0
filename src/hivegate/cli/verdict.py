"""hivegate verdict."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="Example: hivegate verdict .hivegate/latest/bench.json .hivegate/latest/compare.json")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RESULT.json...")
def command(files: tuple[Path, ...]) -> int:
    """Tell the worst of several results, for a workflow that measures in several steps.

    What is missing or unreadable does not pass, nor does what is partial because a selection left benchmarks out.
    Ends with the worst exit status: 1 before 2 before 3.
    """
    from hivegate.flows.report.worst import summarize_results, worst
    from hivegate.report.escape import printable

    summaries = summarize_results(files)
    for summary in summaries:
        click.echo(f"{printable(summary.source)}: {summary.outcome.upper()}: {printable(summary.text, 400)}")
    return worst(summaries)
