from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from tests.github_server import REPOSITORY, TOKEN, GithubServer, github_server

from hivegate.errors import GithubError
from hivegate.system.github import Github
from hivegate.system.https import send

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[GithubServer]:
    """Serve an API with one run and one comment."""
    with github_server() as served:
        served.add_run(7, "a" * 40)
        served.add_comment(3, "hello")
        yield served


def client(server: GithubServer, token: str = TOKEN) -> Github:
    """Make a client of the server."""
    return Github(api=server.url, repository=REPOSITORY, token=token)


def test_pages_are_followed_to_the_last(server: GithubServer) -> None:
    """Of 250 comments every one is seen, once, in three requests."""
    for number in range(249):
        server.add_comment(3, f"comment {number}")
    seen = [one.body for one in client(server).comments(3)]
    assert seen == ["hello", *(f"comment {number}" for number in range(249))]
    assert [one.query["page"] for one in server.asked] == ["1", "2", "3"]


def test_the_token_does_not_follow_a_redirect(server: GithubServer) -> None:
    """The API sees the token; the storage that it sends us to does not, and would refuse it."""
    server.add_artifact(7, b"an archive")
    github = client(server)
    assert github.download(github.artifacts(7, "hivegate-result")[0].id, limit=100) == b"an archive"
    assert [one.authorized for one in server.asked] == [True, True, False]


def test_passing_troubles_are_waited_out(server: GithubServer) -> None:
    """Two answers of a server in trouble are no failure of a question, nor of an edit; three are."""
    server.troubles = [502, 429]
    assert client(server).workflow_run(7).event == "pull_request"
    server.troubles = [503]
    assert client(server).edit_comment(500, "new").body == "new"
    server.troubles = [500, 500, 500]
    with pytest.raises(GithubError, match="answers 500"):
        client(server).workflow_run(7)


def test_a_comment_is_not_written_twice(server: GithubServer) -> None:
    """Where the server fails while it adds a comment, nobody knows whether it did, so it is not asked again."""
    server.troubles = [502]
    with pytest.raises(GithubError, match="answers 502"):
        client(server).create_comment(3, "once")
    assert [one.method for one in server.asked] == ["POST"]


def test_refusals_are_told_in_githubs_words(server: GithubServer) -> None:
    """What GitHub says of a token, a permission or a number is told, with the address that was asked."""
    with pytest.raises(GithubError, match=r"GET http://.*/actions/runs/7: answers 401 .*Bad credentials"):
        client(server, token="stolen").workflow_run(7)  # noqa: S106  it opens nothing
    with pytest.raises(GithubError, match="answers 404"):
        client(server).workflow_run(8)
    server.may_write = False
    with pytest.raises(GithubError, match=r"answers 403 .*not accessible by integration"):
        client(server).create_comment(3, "no")


@pytest.mark.parametrize(
    ("field", "value"), [("head_sha", None), ("id", "7"), ("head_repository", []), ("event", 1)], ids=str
)
def test_an_answer_of_another_shape_is_refused(server: GithubServer, field: str, value: object) -> None:
    """A field of another type than GitHub documents is told by its key, and nothing is done with it."""
    server.runs[7][field] = value
    with pytest.raises(GithubError, match=rf"not a valid answer of GitHub: .*{field}"):
        client(server).workflow_run(7)


def test_an_answer_may_not_be_larger_than_asked_for(server: GithubServer) -> None:
    """Reading stops behind the limit."""
    server.add_artifact(7, bytes(101))
    with pytest.raises(GithubError, match="more than 100 bytes"):
        client(server).download(9000, limit=100)


@pytest.mark.parametrize("url", ["http://api.github.com/", "file:///etc/passwd", "ftp://127.0.0.1/"])
def test_a_token_is_shown_to_no_network_in_the_open(url: str) -> None:
    """Only https is spoken, but for this machine's own loopback."""
    with pytest.raises(GithubError, match="is not https"):
        send("GET", url, headers={}, secret={"Authorization": "Bearer x"}, limit=1)


def test_a_server_that_is_not_there_is_told() -> None:
    """A refused connection is an error with its reason, not a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(GithubError, match=r"cannot be reached: .*refused"):
            send("POST", url, headers={}, secret={}, body=b"", limit=1)
