"""A stand-in for GitHub's API on this machine: the answers that its documentation describes, over real HTTP."""

from __future__ import annotations

import contextlib
import io
import json
import re
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOKEN = "a-token-of-the-tests"  # noqa: S105  it opens nothing
BOT = "github-actions[bot]"
REPOSITORY = "hive/engine"
PULL_BRANCH = "feature"
_LONGEST_BODY = 65_536


class Asked(NamedTuple):
    """One request as the server saw it."""

    method: str
    path: str
    query: dict[str, str]
    authorized: bool


def repository(full_name: str) -> dict[str, Any]:
    """Describe a repository."""
    return {"full_name": full_name, "owner": {"login": full_name.partition("/")[0]}, "private": False}


def zipped(members: Mapping[Any, str | bytes]) -> bytes:
    """Pack an artifact as GitHub does."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


class GithubServer:
    """The state of one repository: its runs, their artifacts, its pull requests and their comments.

    `may_write` is the token's permission pull-requests: write; `troubles` are statuses for the next requests.
    """

    def __init__(self) -> None:
        self.url = self.blobs = ""
        self.runs: dict[int, dict[str, Any]] = {}
        self.artifacts: list[dict[str, Any]] = []
        self.archives: dict[int, bytes] = {}
        self.pulls: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.checks: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.permissions: dict[str, str] = {}
        self.authors: list[str | None] = []
        self.started: list[int] = []
        self.asked: list[Asked] = []
        self.troubles: list[int] = []
        self.may_write = True

    def add_pull(self, number: int, sha: str, *, source: str = REPOSITORY, branch: str = PULL_BRANCH) -> None:
        """Open a pull request."""
        head = {"sha": sha, "ref": branch, "repo": repository(source), "label": f"{source.partition('/')[0]}:{branch}"}
        self.pulls.append({"number": number, "state": "open", "head": head})

    def add_run(self, number: int, sha: str, *, source: str = REPOSITORY, **changed: object) -> None:
        """Add a run of the gate that has ended; `pull_requests` is empty, as for forks."""
        self.runs[number] = {
            "id": number,
            "name": "gate",
            "event": "pull_request",
            "status": "completed",
            "conclusion": "success",
            "head_sha": sha,
            "head_branch": PULL_BRANCH,
            "head_repository": repository(source),
            "html_url": f"https://github.com/{REPOSITORY}/actions/runs/{number}",
            "created_at": "2026-12-01T10:00:00Z",
            "pull_requests": [],
            **changed,
        }

    def add_artifact(self, run: int, data: bytes, *, name: str = "hivegate-result", expired: bool = False) -> None:
        """Let a run leave an artifact."""
        number = 9000 + len(self.artifacts)
        known = {"id": number, "name": name, "size_in_bytes": len(data), "expired": expired, "run": run}
        self.artifacts.append(known)
        self.archives[number] = data

    def add_comment(self, pull: int, body: str, *, login: str = BOT) -> dict[str, Any]:
        """Write a comment as anybody."""
        number = 500 + len(self.comments)
        url = f"https://github.com/{REPOSITORY}/pull/{pull}#issuecomment-{number}"
        made = {"id": number, "html_url": url, "body": body, "user": {"login": login, "type": "Bot"}, "issue": pull}
        self.comments.append(made)
        return made

    def add_issue(self, body: str, *, login: str = BOT, **changed: object) -> None:
        """Open an issue as anybody; with `pull_request` it is the one that GitHub lists of a pull request."""
        number = 300 + len(self.issues)
        url = f"https://github.com/{REPOSITORY}/issues/{number}"
        made = {"number": number, "html_url": url, "body": body, "user": {"login": login}, "state": "open"}
        self.issues.append(made | changed)

    def bodies(self, pull: int) -> list[str]:
        """Read the comments of a pull request."""
        return [one["body"] for one in self.comments if one["issue"] == pull]


@contextlib.contextmanager
def github_server() -> Iterator[GithubServer]:
    """Serve the API on one port, and on another the storage that it redirects downloads to."""
    state = GithubServer()
    api = ThreadingHTTPServer(("127.0.0.1", 0), type("Api", (_Api,), {"state": state}))
    storage = ThreadingHTTPServer(("127.0.0.1", 0), type("Storage", (_Storage,), {"state": state}))
    state.url, state.blobs = (f"http://127.0.0.1:{one.server_address[1]}" for one in (api, storage))
    threads = [threading.Thread(target=one.serve_forever, args=(0.02,)) for one in (api, storage)]
    for thread in threads:
        thread.start()
    try:
        yield state
    finally:
        for server, thread in zip((api, storage), threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


class _Answering(BaseHTTPRequestHandler):
    state: GithubServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the base class's signature
        """Keep quiet."""

    def answer(self, status: int, content: object = None, **headers: str) -> None:
        """Answer with JSON, or with bytes."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Storage(_Answering):
    """Where artifacts really lie: a host of somebody else, which refuses foreign credentials as Azure does."""

    def do_GET(self) -> None:
        self.state.asked.append(Asked("GET", "storage", {}, "Authorization" in self.headers))
        if "Authorization" in self.headers:
            self.answer(400, {"message": "InvalidAuthenticationInfo"})
        else:
            self.answer(200, self.state.archives[int(self.path.strip("/"))])


class _Api(_Answering):
    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PATCH(self) -> None:
        self._serve("PATCH")

    def _serve(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        authorized = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        self.state.asked.append(Asked(method, parts.path, query, authorized))
        if self.state.troubles:
            self.answer(self.state.troubles.pop(0), {"message": "Server Error"}, **{"Retry-After": "0"})
        elif not authorized:
            self.answer(401, {"message": "Bad credentials"})
        elif method != "GET" and not self.state.may_write:
            self.answer(403, {"message": "Resource not accessible by integration"})
        else:
            self._route(method, parts.path.removeprefix(f"/repos/{REPOSITORY}/"), query, body)

    def _route(self, method: str, path: str, query: dict[str, str], body: bytes) -> None:
        for verb, pattern, serve in _ROUTES:
            found = re.fullmatch(pattern, path)
            if found and verb == method:
                getattr(self, serve)(*found.groups(), query=query, body=body)
                return
        self.answer(404, {"message": "Not Found"})

    def _run(self, number: str, **_: object) -> None:
        known = self.state.runs.get(int(number))
        self.answer(200 if known else 404, known or {"message": "Not Found"})

    def _artifacts(self, run: str, *, query: dict[str, str], **_: object) -> None:
        found = [one for one in self.state.artifacts if one["run"] == int(run)]
        named = [one for one in found if one["name"] == query.get("name", one["name"])]
        self.answer(200, {"total_count": len(named), "artifacts": named})

    def _check(self, *, body: bytes, **_: object) -> None:
        self.state.checks.append(json.loads(body))
        self.answer(201, {"id": len(self.state.checks)})

    def _archive(self, number: str, **_: object) -> None:
        self.answer(302, b"", Location=f"{self.state.blobs}/{number}")

    def _pulls(self, *, query: dict[str, str], **_: object) -> None:
        head = query.get("head")
        found = [one for one in self.state.pulls if one["state"] == query.get("state", "open")]
        self._page([one for one in found if head in {None, one["head"]["label"]}], query)

    def _pull(self, number: str, **_: object) -> None:
        found = [one for one in self.state.pulls if one["number"] == int(number)]
        self.answer(200 if found else 404, found[0] if found else {"message": "Not Found"})

    def _runs(self, workflow: str, *, query: dict[str, str], **_: object) -> None:
        runs = self.state.runs.values()
        found = [one for one in runs if workflow == "gate.yml" and one["head_sha"] == query.get("head_sha")]
        self.answer(200, {"workflow_runs": [one for one in found if one["event"] == query.get("event")]})

    def _start(self, number: str, **_: object) -> None:
        self.state.started.append(int(number))
        self.answer(201, {})

    def _permission(self, login: str, **_: object) -> None:
        self.answer(200, {"permission": self.state.permissions.get(login, "read")})

    def _commits(self, base: str | None, **_: object) -> None:
        commits = [{"author": login and {"login": login}} for login in self.state.authors]
        self.answer(*((200, {"commits": commits}) if base else (200, commits[-1])))

    def _issues(self, *, query: dict[str, str], **_: object) -> None:
        self._page([one for one in self.state.issues if one["state"] == query.get("state")], query)

    def _open(self, *, body: bytes, **_: object) -> None:
        self.state.add_issue(**json.loads(body))
        self.answer(201, self.state.issues[-1])

    def _change(self, number: str, *, body: bytes, **_: object) -> None:
        [found] = [one for one in self.state.issues if one["number"] == int(number)]
        found.update(json.loads(body))
        self.answer(200, found)

    def _comments(self, pull: str, *, query: dict[str, str], **_: object) -> None:
        self._page([one for one in self.state.comments if one["issue"] == int(pull)], query)

    def _create(self, pull: str, *, body: bytes, **_: object) -> None:
        text = json.loads(body)["body"]
        if len(text) > _LONGEST_BODY:
            self.answer(422, {"message": "Validation Failed"})
        else:
            self.answer(201, self.state.add_comment(int(pull), text))

    def _edit(self, number: str, *, body: bytes, **_: object) -> None:
        for one in self.state.comments:
            if one["id"] == int(number):
                one["body"] = json.loads(body)["body"]
                self.answer(200, one)
                return
        self.answer(404, {"message": "Not Found"})

    def _page(self, items: list[dict[str, Any]], query: dict[str, str]) -> None:
        size, page = min(int(query.get("per_page", 30)), 100), int(query.get("page", 1))
        following = f'<{self.state.url}{self.path}&page={page + 1}>; rel="next"'
        link = {"Link": following} if page * size < len(items) else {}
        self.answer(200, items[(page - 1) * size : page * size], **link)


_ROUTES = (
    ("GET", r"actions/runs/(\d+)", "_run"),
    ("GET", r"actions/runs/(\d+)/artifacts", "_artifacts"),
    ("GET", r"actions/artifacts/(\d+)/zip", "_archive"),
    ("POST", r"check-runs", "_check"),
    ("GET", r"actions/workflows/([^/]+)/runs", "_runs"),
    ("POST", r"actions/runs/(\d+)/rerun", "_start"),
    ("GET", r"collaborators/([^/]+)/permission", "_permission"),
    ("GET", r"compare/([0-9a-f]{40})\.\.\.[0-9a-f]{40}", "_commits"),
    ("GET", r"commits/()[0-9a-f]{40}", "_commits"),
    ("GET", r"pulls/(\d+)", "_pull"),
    ("GET", r"pulls", "_pulls"),
    ("GET", r"issues", "_issues"),
    ("POST", r"issues", "_open"),
    ("PATCH", r"issues/(\d+)", "_change"),
    ("GET", r"issues/(\d+)/comments", "_comments"),
    ("POST", r"issues/(\d+)/comments", "_create"),
    ("PATCH", r"issues/comments/(\d+)", "_edit"),
)
