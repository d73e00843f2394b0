"""hivegate comment."""

from __future__ import annotations

import os

import click

from hivegate.errors import UsageError


@click.command(epilog="Example: hivegate comment $RUN_ID --dry-run")
@click.argument("run", type=click.IntRange(min=1), metavar="RUN_ID")
@click.option(
    "--repository",
    envvar="GITHUB_REPOSITORY",
    show_envvar=True,
    required=True,
    metavar="OWNER/NAME",
    help="Repository of the run.",
)
@click.option(
    "--author",
    default="github-actions[bot]",
    show_default=True,
    metavar="LOGIN",
    help="Login the token posts as; only that login's comment is edited.",
)
@click.option(
    "--check",
    metavar="NAME",
    help="Also report a check of this name on the commit: success, failure, or neutral where a person is to decide.",
)
@click.option("--dry-run", is_flag=True, help="Print the comment instead of writing it.")
def command(run: int, repository: str, author: str, check: str | None, dry_run: bool) -> int:
    """Post the results of the workflow run RUN_ID as a comment on its pull request.

    Needs the run's artifact hivegate-result, GITHUB_TOKEN, and GITHUB_API_URL if that is not api.github.com. The run
    may belong to a fork: the artifact is read as hostile, and GitHub says which pull request it belongs to. The
    comment of an earlier run is edited.

    Exits with 0 if it was written, or if there was nothing to write, and with 2 if the result was refused.
    """
    from hivegate.flows.report.pr_comment import comment
    from hivegate.report.escape import printable
    from hivegate.system.github import Github

    if repository.count("/") != 1 or not all(repository.split("/")):
        raise UsageError(f"{repository!r} is not a repository", hint="write owner/name")
    token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")
    if not token:
        raise UsageError(
            "GITHUB_TOKEN is not set", hint="in a workflow, give the step env: {GITHUB_TOKEN: ${{ github.token }}}"
        )
    api = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
    posted = comment(
        Github(api=api, repository=repository, token=token), run, author=author, dry_run=dry_run, check=check
    )
    if dry_run:
        click.echo(posted.text, nl=False)
    click.echo(
        f"skipped: {printable(posted.skipped, 400)}" if posted.skipped else f"{posted.done}: {posted.url}", err=dry_run
    )
    if posted.refused:
        click.echo(f"refused: {printable(posted.refused, 400)}", err=True)
        return 2
    return 0
