"""hivegate rerun."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options


@click.command(epilog="Example: hivegate rerun gate.yml")
@click.argument("workflow", metavar="WORKFLOW.yml")
@options.repository_option
@click.option(
    "--event",
    type=click.Path(path_type=Path),
    envvar="GITHUB_EVENT_PATH",
    show_envvar=True,
    required=True,
    metavar="FILE",
    help="The document of the event issue_comment.",
)
def command(workflow: str, repository: str, event: Path) -> int:
    """Start the gate of a pull request again, because a comment on it asks for that.

    Needs GITHUB_TOKEN, with actions: write. Only who may write to the repository is obeyed, and only for the commit
    that was there when the comment was written. The run keeps its own commit and its own rights.

    Exits with 0 also where it started nothing; the output says why.
    """
    from hivegate.errors import UsageError
    from hivegate.flows.rerun import read_comment_event, rerun
    from hivegate.report.escape import printable
    from hivegate.system.files import MEBIBYTE, read_bytes

    asked = read_comment_event(read_bytes(event, limit=MEBIBYTE, error=UsageError), where=str(event))
    started = rerun(options.github(repository), asked, workflow)
    click.echo(f"skipped: {printable(started.skipped, 400)}" if started.skipped else f"started again: {started.url}")
    return 0
