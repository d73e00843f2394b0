"""Keep one issue open while the default branch does not pass its scheduled run, and close it when it does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hivegate.errors import GithubError
from hivegate.flows.report.run_result import FAILURE, Posted
from hivegate.report.comment import MARKER

if TYPE_CHECKING:
    from hivegate.flows.report.run_result import RunResult
    from hivegate.system.github import Github, Issue, WorkflowRun

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}")  # of a person: a bot's ends in brackets
_SHA = re.compile(r"[0-9a-f]{40}")
_MOST_AUTHORS = 5


def keep_issue(github: Github, run: WorkflowRun, left: RunResult, *, author: str, dry_run: bool) -> Posted:
    """Open an issue that names the authors of what was measured, edit the one that is open, or close it.

    The mark alone could be anybody's, so only an issue that `author` wrote is touched.
    """
    earlier = _open_issue(github, author)
    failed = left.conclusion == FAILURE
    if earlier is None and not failed:
        return Posted(text=left.text, skipped="the run passed, and no issue is open")
    text = f"{left.text}{_to_whom(github, run, left.base_sha)}" if failed else left.text
    if dry_run:
        return Posted(text=text, refused=left.refused, skipped="nothing was written")
    title = f"Performance of {run.head_branch}: {left.outcome.value.upper()}"
    if earlier is None:
        return Posted(text=text, refused=left.refused, done="opened", url=github.create_issue(title, text).html_url)
    written = github.edit_issue(earlier.number, title, text, state="open" if failed else "closed")
    return Posted(text=text, refused=left.refused, done="edited" if failed else "closed", url=written.html_url)


def _open_issue(github: Github, author: str) -> Issue | None:
    """Find the issue of an earlier run; GitHub lists pull requests among the issues."""
    for one in github.open_issues():
        mine = one.user is not None and one.user.login == author and (one.body or "").startswith(MARKER)
        if mine and one.pull_request is None:
            return one
    return None


def _to_whom(github: Github, run: WorkflowRun, base: str | None) -> str:
    """Mention who wrote what was measured; the base is from the result, so it is looked at before it is asked for."""
    try:
        known = base is not None and _SHA.fullmatch(base)
        logins = github.authors(base, run.head_sha) if known and base else github.author(run.head_sha)
    except GithubError:  # a base that GitHub does not know keeps nobody from being told
        logins = ()
    people = list(dict.fromkeys(login for login in logins if _LOGIN.fullmatch(login)))
    named = ", ".join(f"@{login}" for login in people[:_MOST_AUTHORS])
    more = f" and {len(people) - _MOST_AUTHORS} more" if len(people) > _MOST_AUTHORS else ""
    return f"\nWhat was measured is by {named}{more}.\n" if people else ""
