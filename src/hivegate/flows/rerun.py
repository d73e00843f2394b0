"""Start a run of the gate again because somebody who may write asked for it in a comment on the pull request."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.system.github import Owner

if TYPE_CHECKING:
    from hivegate.system.github import Github, Pull, WorkflowRun

_MAY_ASK = ("admin", "write")  # GitHub counts maintain as write, and triage as read


class _Issue(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    pull_request: dict[str, object] | None = None


class _Comment(msgspec.Struct, frozen=True, kw_only=True):
    user: Owner
    created_at: dt.datetime


class CommentEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A comment as the event issue_comment of GitHub Actions describes it."""

    issue: _Issue
    comment: _Comment


class Rerun(msgspec.Struct, frozen=True, kw_only=True):
    """The page of the run that was started again, or why none was."""

    url: str = ""
    skipped: str = ""


def read_comment_event(data: bytes, *, where: str) -> CommentEvent:
    """Read the event's document; raises `UsageError` for anything else."""
    try:
        return msgspec.json.decode(data, type=CommentEvent)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise UsageError(
            f"does not describe a comment: {fault}", where=where, hint="run it in a workflow on: issue_comment"
        ) from fault


def rerun(github: Github, event: CommentEvent, workflow: str) -> Rerun:
    """Start the newest run of `workflow` again that is of the pull request's head as the comment's author saw it.

    A run that is started again keeps its own event, commit and rights, so what strangers wrote runs with no more than
    before. Skipped for authors who may not write, where the head was pushed after the comment, and where no run of it
    has ended. Raises `GithubError` where GitHub refuses.
    """
    pull = event.issue.number
    if event.issue.pull_request is None:
        return Rerun(skipped=f"{pull} is an issue, not a pull request")
    login = event.comment.user.login
    permission = github.permission(login)
    if permission not in _MAY_ASK:
        return Rerun(skipped=f"{login} has the permission {permission}; write is needed to ask for a run")
    newest = _newest(github, github.pull(pull), workflow)
    if newest is None:
        return Rerun(skipped=f"no run of {workflow} is of the head of {pull}, or it is closed")
    if newest.created_at is None or newest.created_at > event.comment.created_at:
        return Rerun(skipped=f"{newest.head_sha} was pushed after the comment: look at it, and comment again")
    if newest.conclusion is None:
        return Rerun(skipped=f"it is running already: {newest.html_url}")
    github.rerun(newest.id)
    return Rerun(url=newest.html_url)


def _newest(github: Github, pull: Pull, workflow: str) -> WorkflowRun | None:
    """Find the newest run that is of a pull request's head, and of no other pull request with the same."""
    ours = (
        run
        for run in github.runs(workflow, pull.head.sha)
        if run.head_repository == pull.head.repo and pull.number in (github.own_pulls(run) or {pull.number})
    )
    return max(ours, key=lambda run: run.id, default=None) if pull.state == "open" else None
