"""`hivegate rerun`: who may ask for a run in a comment, and which run is started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.github_server import REPOSITORY, TOKEN, GithubServer, github_server, repository

from hivegate.flows.rerun import Rerun, read_comment_event, rerun
from hivegate.system.github import Github

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Project

HEAD = "4" * 40
FORK = "stranger/engine"
RUN, PULL = 77, 12
EVENT = {
    "action": "created",
    "issue": {"number": PULL, "pull_request": {"url": "https://api.github.com/x"}},
    "comment": {"user": {"login": "ana"}, "created_at": "2026-12-01T11:00:00Z", "body": "/performance"},
}


@pytest.fixture
def server() -> Iterator[GithubServer]:
    """Serve a repository with a pull request of a fork, whose run was not measured, and a maintainer."""
    with github_server() as served:
        served.add_pull(PULL, HEAD, source=FORK)
        served.add_run(RUN - 1, HEAD, source=FORK, conclusion="failure")
        served.add_run(RUN, HEAD, source=FORK, conclusion="failure")
        served.permissions = {"ana": "write"}
        yield served


def asked(server: GithubServer, event: object = EVENT) -> Rerun:
    """Ask as the command does."""
    github = Github(api=server.url, repository=REPOSITORY, token=TOKEN)
    return rerun(github, read_comment_event(json.dumps(event).encode(), where="event"), "gate.yml")


def test_a_maintainer_s_comment_starts_the_head_s_newest_run(server: GithubServer, project: Project) -> None:
    """The run that is there is started again, so it has no more rights than it had."""
    (project.folder / "event.json").write_text(json.dumps(EVENT), encoding="utf-8")
    given = {"GITHUB_API_URL": server.url, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": TOKEN, "NO_PROXY": "*"}
    answer = project.hivegate("rerun", "gate.yml", "--event", "event.json", env=given)
    assert (answer.status, answer.out) == (0, f"started again: {server.runs[RUN]['html_url']}\n")
    assert server.started == [RUN]


@pytest.mark.parametrize("permission", ["read", "none"])
def test_who_may_not_write_starts_nothing(server: GithubServer, permission: str) -> None:
    """The author of a pull request may only read, and is told what is needed."""
    server.permissions = {"ana": permission}
    assert f"has the permission {permission}" in asked(server).skipped
    assert server.started == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"created_at": "2026-12-01T11:00:01Z"}, "was pushed after the comment"),
        ({"created_at": None}, "was pushed after the comment"),
        ({"conclusion": None}, "it is running already"),
        ({"head_sha": "5" * 40}, "no run of gate.yml"),
        ({"event": "push"}, "no run of gate.yml"),
        ({"head_repository": repository("stranger/other")}, "no run of gate.yml"),
        ({"pull_requests": [{"number": 9, "url": f"https://x/repos/{REPOSITORY}/pulls/9"}]}, "no run of gate.yml"),
    ],
    ids=str,
)
def test_another_commit_than_the_one_that_was_seen_is_not_started(
    server: GithubServer, change: dict[str, Any], said: str
) -> None:
    """By the times of GitHub's own clock; those of commits are whatever their author writes."""
    del server.runs[RUN - 1]
    server.runs[RUN] |= change
    assert said in asked(server).skipped
    assert server.started == []


def test_issues_and_closed_pull_requests_start_nothing(server: GithubServer) -> None:
    """GitHub has one event for comments on both."""
    assert "is an issue" in asked(server, EVENT | {"issue": {"number": PULL}}).skipped
    server.pulls[0]["state"] = "closed"
    assert "or it is closed" in asked(server).skipped
    assert server.started == []


def test_another_event_is_refused(server: GithubServer, project: Project) -> None:
    """Its document lacks the comment; the message says where the command belongs."""
    (project.folder / "event.json").write_text("{}", encoding="utf-8")
    given = {"GITHUB_API_URL": server.url, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": TOKEN}
    answer = project.hivegate("rerun", "gate.yml", "--event", "event.json", env=given)
    assert answer.status == 2
    assert "does not describe a comment" in answer.err
    assert "issue_comment" in answer.err
