"""What hivegate asks of GitHub's REST API, and what it writes there: comments, issues, checks, and a run again."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from hivegate.errors import GithubError
from hivegate.system.https import Answer, send

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

_LARGEST_ANSWER = 32 * 2**20  # a page of a hundred comments of 65,536 characters each fits
_PAGE = 100
_MOST_PAGES = 100  # GitHub shows at most 2,500 comments in a discussion
_VERSION = "2022-11-28"


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who owns a repository or wrote a comment."""

    login: str


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """A repository by its full name, ``owner/name``."""

    full_name: str
    owner: Owner


class PullReference(msgspec.Struct, frozen=True, kw_only=True):
    """A pull request of any repository, by the address of the API."""

    number: int
    url: str


class WorkflowRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run of a workflow; `head_repository` is None where the fork is gone, and no `pull_requests` are of a fork."""

    id: int
    event: str
    head_sha: str
    html_url: str
    created_at: dt.datetime | None = None
    conclusion: str | None = None
    head_branch: str | None = None
    head_repository: Repository | None = None
    pull_requests: tuple[PullReference, ...] = ()


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """What a run left, by its number; `size_in_bytes` is that of the ZIP."""

    id: int
    name: str
    size_in_bytes: int
    expired: bool


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Where a pull request is now."""

    sha: str
    repo: Repository | None = None


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """A pull request."""

    number: int
    head: Head
    state: str = "open"


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A comment; `user` is None where the account is gone."""

    id: int
    html_url: str
    body: str | None = None
    user: Owner | None = None


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue, or a pull request, which GitHub lists among them; `user` is None where the account is gone."""

    number: int
    html_url: str
    body: str | None = None
    user: Owner | None = None
    pull_request: dict[str, object] | None = None


class _Permission(msgspec.Struct, frozen=True, kw_only=True):
    permission: str


class _Runs(msgspec.Struct, frozen=True, kw_only=True):
    workflow_runs: tuple[WorkflowRun, ...]


class _Commit(msgspec.Struct, frozen=True, kw_only=True):
    author: Owner | None = None


class _Commits(msgspec.Struct, frozen=True, kw_only=True):
    commits: tuple[_Commit, ...]


class _Artifacts(msgspec.Struct, frozen=True, kw_only=True):
    artifacts: tuple[Artifact, ...]


class Github:
    """The API of one repository, spoken to with one token.

    Every method raises `GithubError` where the API refuses, cannot be reached, or answers something else.
    """

    def __init__(self, *, api: str, repository: str, token: str) -> None:
        self._repository = repository
        self._root = f"{api.rstrip('/')}/repos/{repository}"
        self._secret = {"Authorization": f"Bearer {token}"}

    def workflow_run(self, number: int) -> WorkflowRun:
        """Look a run up."""
        return _decoded(self._ask(f"actions/runs/{number}"), WorkflowRun)

    def own_pulls(self, run: WorkflowRun) -> frozenset[int]:
        """Name the pull requests of this repository that a run says it is of."""
        ours = f"/repos/{self._repository}/pulls/".lower()
        return frozenset(pull.number for pull in run.pull_requests if pull.url.lower().endswith(f"{ours}{pull.number}"))

    def runs(self, workflow: str, sha: str) -> tuple[WorkflowRun, ...]:
        """List the newest runs of a workflow, by its file's name, that pull requests started for a commit."""
        path = f"actions/workflows/{quote(workflow, safe='')}/runs"
        answer = self._ask(path, event="pull_request", head_sha=sha, per_page=str(_PAGE))
        return _decoded(answer, _Runs).workflow_runs

    def rerun(self, run: int) -> None:
        """Start a run again that has ended; needs the permission actions: write."""
        self._send("POST", f"actions/runs/{run}/rerun")

    def permission(self, login: str) -> str:
        """Look up what an account may do here: admin, write, read or none."""
        return _decoded(self._ask(f"collaborators/{quote(login, safe='')}/permission"), _Permission).permission

    def pull(self, number: int) -> Pull:
        """Look a pull request up."""
        return _decoded(self._ask(f"pulls/{number}"), Pull)

    def author(self, sha: str) -> tuple[str, ...]:
        """Name the account that wrote a commit, where GitHub knows it."""
        return _logins((_decoded(self._ask(f"commits/{sha}"), _Commit),))

    def authors(self, base: str, head: str) -> tuple[str, ...]:
        """Name the accounts that wrote the commits after `base`, of at most a hundred, the oldest first."""
        answer = self._ask(f"compare/{base}...{head}", per_page=str(_PAGE))
        return _logins(_decoded(answer, _Commits).commits)

    def artifacts(self, run: int, name: str) -> tuple[Artifact, ...]:
        """List the artifacts of a run that have a name; attempts of one run leave one each."""
        answer = self._ask(f"actions/runs/{run}/artifacts", name=name, per_page=str(_PAGE))
        return tuple(one for one in _decoded(answer, _Artifacts).artifacts if one.name == name)

    def download(self, artifact: int, *, limit: int) -> bytes:
        """Download an artifact, a ZIP of at most `limit` bytes."""
        return self._send("GET", f"actions/artifacts/{artifact}/zip", limit=limit).body

    def open_pulls(self, owner: str, branch: str) -> Iterator[Pull]:
        """List the open pull requests from a branch of any repository of an owner."""
        return self._pages("pulls", Pull, state="open", head=f"{owner}:{branch}")

    def comments(self, pull: int) -> Iterator[Comment]:
        """List the comments of a pull request's discussion, the oldest first."""
        return self._pages(f"issues/{pull}/comments", Comment)

    def create_comment(self, pull: int, body: str) -> Comment:
        """Add a comment."""
        return self._write("POST", f"issues/{pull}/comments", body)

    def edit_comment(self, comment: int, body: str) -> Comment:
        """Replace a comment's text."""
        return self._write("PATCH", f"issues/comments/{comment}", body)

    def open_issues(self) -> Iterator[Issue]:
        """List the open issues, the newest first."""
        return self._pages("issues", Issue, state="open")

    def create_issue(self, title: str, body: str) -> Issue:
        """Open an issue."""
        content = msgspec.json.encode({"title": title, "body": body})
        return _decoded(self._send("POST", "issues", content=content), Issue)

    def edit_issue(self, issue: int, title: str, body: str, *, state: Literal["open", "closed"]) -> Issue:
        """Replace an issue's text, and leave it open or close it."""
        content = msgspec.json.encode({"title": title, "body": body, "state": state})
        return _decoded(self._send("PATCH", f"issues/{issue}", content=content), Issue)

    def create_check(self, name: str, sha: str, conclusion: str, *, title: str, url: str) -> None:
        """Report a check on a commit that ended as success, failure or neutral; needs the permission checks: write."""
        body = {
            "name": name,
            "head_sha": sha,
            "status": "completed",
            "conclusion": conclusion,
            "details_url": url,
            "output": {"title": title, "summary": f"[The run]({url})"},
        }
        self._send("POST", "check-runs", content=msgspec.json.encode(body))

    def _pages(self, path: str, kind: type[T], **query: str) -> Iterator[T]:
        for page in range(1, _MOST_PAGES + 1):
            answer = self._ask(path, **query, per_page=str(_PAGE), page=str(page))
            yield from _decoded(answer, tuple[kind, ...])  # type: ignore[valid-type]  # a type made at run time
            if 'rel="next"' not in answer.headers.get("Link", ""):
                return

    def _ask(self, path: str, **query: str) -> Answer:
        return self._send("GET", f"{path}?{urlencode(query)}" if query else path)

    def _write(self, method: str, path: str, body: str) -> Comment:
        return _decoded(self._send(method, path, content=msgspec.json.encode({"body": body})), Comment)

    def _send(self, method: str, path: str, *, content: bytes | None = None, limit: int = _LARGEST_ANSWER) -> Answer:
        headers = {
            "Accept": "application/vnd.github+json",
            "User-Agent": "hivegate",
            "X-GitHub-Api-Version": _VERSION,
            **({} if content is None else {"Content-Type": "application/json"}),
        }
        return send(method, f"{self._root}/{path}", headers=headers, secret=self._secret, body=content, limit=limit)


def _logins(commits: tuple[_Commit, ...]) -> tuple[str, ...]:
    return tuple(one.author.login for one in commits if one.author is not None)


def _decoded(answer: Answer, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:  # ValidationError is a DecodeError
        raise GithubError(f"is not a valid answer of GitHub: {fault}", where="the API's answer") from fault
