"""hivegate comment."""

from __future__ import annotations

import click

from hivegate.cli import options


@click.command(epilog="Example: hivegate comment $RUN_ID --dry-run")
@click.argument("run", type=click.IntRange(min=1), metavar="RUN_ID")
@options.repository_option
@click.option(
    "--author",
    default="github-actions[bot]",
    show_default=True,
    metavar="LOGIN",
    help="Login the token posts as; only that login's comment or issue is edited.",
)
@click.option(
    "--check",
    metavar="NAME",
    help="Also report a check of this name on the commit: success, failure, or neutral where a person is to decide.",
)
@click.option("--dry-run", is_flag=True, help="Print the text instead of writing it.")
def command(run: int, repository: str, author: str, check: str | None, dry_run: bool) -> int:
    """Post the results of the workflow run RUN_ID as a comment on its pull request.

    Those of a scheduled run go into one issue, which is closed when a later run passes.

    Needs the run's artifact hivegate-result, GITHUB_TOKEN, and GITHUB_API_URL if that is not api.github.com. The run
    may belong to a fork: the artifact is read as hostile, and GitHub says which pull request it belongs to. The
    comment of an earlier run is edited.

    Exits with 0 if it was written, or if there was nothing to write, and with 2 if the result was refused.
    """
    from hivegate.flows.report.pr_comment import comment
    from hivegate.report.escape import printable

    posted = comment(options.github(repository), run, author=author, dry_run=dry_run, check=check)
    if dry_run:
        click.echo(posted.text, nl=False)
    click.echo(
        f"skipped: {printable(posted.skipped, 400)}" if posted.skipped else f"{posted.done}: {posted.url}", err=dry_run
    )
    if posted.refused:
        click.echo(f"refused: {printable(posted.refused, 400)}", err=True)
        return 2
    return 0
