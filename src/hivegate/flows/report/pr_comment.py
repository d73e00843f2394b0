"""Comment on a pull request what its workflow run measured, from the side that is trusted.

The run may be of a fork, so what it left is hostile until it is decoded; who asked and where the comment goes
comes from GitHub alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.flows.report.main_issue import keep_issue
from hivegate.flows.report.run_result import ENDED, FAILURE, NEUTRAL, SUCCESS, Posted, result_of, source_of
from hivegate.report.comment import MARKER

if TYPE_CHECKING:
    from hivegate.system.github import Comment, Github, Pull, WorkflowRun

BOT = "github-actions[bot]"  # whom GitHub names for what a workflow's own token writes

_TITLES = {
    SUCCESS: "Passed",
    FAILURE: "Not passed",
    NEUTRAL: "Not decided, or for a person to review",
}


def comment(
    github: Github, number: int, *, author: str = BOT, dry_run: bool = False, check: str | None = None
) -> Posted:
    """Write the results of a run of the gate where they are read, in the one text that `author` keeps there.

    That is a comment on the pull request, and of a scheduled run an issue (`keep_issue`). With `check` a check of that
    name is reported on the commit first: success where all passed, failure where something is broken, missing or
    refused, and neutral where nothing is decided or a person is to review it.
    Skipped where the run is of neither, did not end by itself, or its pull request was closed or has moved on.
    A result that is refused is named as such, without a word of it. Raises `GithubError` where GitHub refuses.
    """
    run = github.workflow_run(number)
    if run.event not in {"pull_request", "schedule"} or run.conclusion not in ENDED:
        return Posted(skipped=f"the run is of {run.event} and ended as {run.conclusion}; there is nothing to report")
    pull = find_pull(github, run) if run.event == "pull_request" else None
    if pull is None and run.event == "pull_request":
        return Posted(skipped=f"not exactly one open pull request of {source_of(run)} has the head {run.head_sha}")
    left = result_of(github, run)
    if check is not None and not dry_run:
        github.create_check(check, run.head_sha, left.conclusion, title=_TITLES[left.conclusion], url=run.html_url)
    if pull is None:
        return keep_issue(github, run, left, author=author, dry_run=dry_run)
    if dry_run:
        return Posted(text=left.text, refused=left.refused, skipped="nothing was written")
    earlier = _earlier_comment(github, pull, author)
    done = "written" if earlier is None else "edited"
    written = (
        github.create_comment(pull.number, left.text) if earlier is None else github.edit_comment(earlier.id, left.text)
    )
    return Posted(text=left.text, refused=left.refused, done=done, url=written.html_url)


def find_pull(github: Github, run: WorkflowRun) -> Pull | None:
    """Find the one open pull request whose head is what a run was about; never ask what the run left.

    A branch may have several. The run's own list of pull requests tells them apart; of forks it is empty, and then none
    is better than a wrong one.
    """
    source = run.head_repository
    if source is None or run.head_branch is None:
        return None
    own = github.own_pulls(run)
    pulls = [
        pull
        for pull in github.open_pulls(source.owner.login, run.head_branch)
        if pull.head.sha == run.head_sha and pull.head.repo == source and (not own or pull.number in own)
    ]
    return pulls[0] if len(pulls) == 1 else None


def _earlier_comment(github: Github, pull: Pull, author: str) -> Comment | None:
    """Find the comment that `author` wrote: the mark alone could be anybody's."""
    for posted in github.comments(pull.number):
        if posted.user is not None and posted.user.login == author and (posted.body or "").startswith(MARKER):
            return posted
    return None
