"""`hivegate comment` against a stand-in for GitHub's API, with artifacts of honest and of hostile pull requests."""

from __future__ import annotations

import json
import stat
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs
from tests.github_server import BOT, REPOSITORY, TOKEN, GithubServer, github_server, repository, zipped
from tests.results import green, hostile, needing_more, red
from tests.unit.report.test_alterations import reviewed

from hivegate.flows.report.pr_comment import comment
from hivegate.report.comment import MARKER
from hivegate.report.jsondoc import render_json
from hivegate.system.github import Github

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Answer, Project

    from hivegate.flows.report.run_result import Posted
    from hivegate.model.verdict import GateResult

HEAD = "4" * 40
FORK = "stranger/engine"
RUN, PULL = 77, 12
REFUSED = "The result of this run was refused: it is not what a whole gate leaves."


@pytest.fixture
def server() -> Iterator[GithubServer]:
    """Serve a repository with a pull request of a fork, and another of its own that has the same branch's name."""
    with github_server() as served:
        served.add_pull(11, "5" * 40)
        served.add_pull(PULL, HEAD, source=FORK)
        yield served


def measured(server: GithubServer, *members: str, run: int = RUN, **changed: Any) -> None:  # noqa: ANN401  of a run
    """Let a run of the fork's pull request end and leave results."""
    server.add_run(run, HEAD, source=FORK, **changed)
    server.add_artifact(run, zipped(dict(zip(("latest/bench.json", "latest/compare.json"), members, strict=False))))


def tell(server: GithubServer, run: int = RUN) -> Posted:
    """Tell a run, as the command does."""
    return comment(Github(api=server.url, repository=REPOSITORY, token=TOKEN), run)


def told(project: Project, server: GithubServer, *arguments: str, token: str = TOKEN, run: int = RUN) -> Answer:
    """Start the real command, as the workflow does."""
    given = {"GITHUB_API_URL": server.url, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": token, "NO_PROXY": "*"}
    return project.hivegate("comment", str(run), *arguments, env=given)


def test_a_result_is_told_on_its_pull_request(server: GithubServer, project: Project) -> None:
    """The comment stands on the fork's pull request, begins with the mark, and shows what failed and the run."""
    measured(server, render_json(red()), conclusion="failure")
    answer = told(project, server)
    assert (answer.status, answer.err) == (0, "")
    assert answer.out == f"written: https://github.com/{REPOSITORY}/pull/{PULL}#issuecomment-500\n"
    [body] = server.bodies(PULL)
    assert body.startswith(f"{MARKER}\n## ❌ hivegate: FAILED\n")
    assert "Consensus, ten packs" in body
    assert f"https://github.com/{REPOSITORY}/actions/runs/{RUN}" in body
    assert "WARNING" not in body


def test_the_next_run_edits_the_comment(server: GithubServer, project: Project) -> None:
    """One comment is kept: a second run replaces its text, also behind a hundred others."""
    for number in range(120):
        server.add_comment(PULL, f"{number}", login="somebody")
    measured(server, render_json(red()), conclusion="failure")
    assert told(project, server).out.startswith("written: ")
    measured(server, render_json(green()), run=78)
    assert tell(server, 78).done == "edited"
    assert len(server.bodies(PULL)) == 121
    assert server.bodies(PULL)[-1].startswith(f"{MARKER}\n## ✅ hivegate: PASSED\n")


def test_only_our_own_comment_is_edited(server: GithubServer) -> None:
    """The mark in somebody else's comment, or our comment without it, is left alone."""
    foreign = [server.add_comment(PULL, f"{MARKER}\nmine", login="stranger"), server.add_comment(PULL, "hello")]
    foreign.append(server.add_comment(PULL, f"as it said: {MARKER}", login=BOT))
    before = [one["body"] for one in foreign]
    measured(server, render_json(green()))
    assert tell(server).done == "written"
    assert [one["body"] for one in foreign] == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"event": "push"}, "the run is of push"),
        ({"event": "workflow_dispatch"}, "the run is of workflow_dispatch"),
        ({"conclusion": "cancelled"}, "ended as cancelled"),
        ({"conclusion": None}, "ended as None"),
        ({"head_sha": "6" * 40}, "not exactly one open pull request"),
        ({"head_branch": "other"}, "not exactly one open pull request"),
        ({"head_branch": None}, "not exactly one open pull request"),
        ({"head_repository": None}, "not exactly one open pull request"),
    ],
    ids=str,
)
def test_what_is_about_no_pull_request_is_skipped(server: GithubServer, change: dict[str, Any], said: str) -> None:
    """Other events, cancelled runs, and heads that moved on or are gone write nothing, and are no error."""
    measured(server, render_json(green()), **change)
    answer = tell(server)
    assert said in answer.skipped
    assert not server.comments


def test_a_closed_pull_request_is_left_alone(server: GithubServer) -> None:
    """Nothing is written after it was closed."""
    measured(server, render_json(green()))
    server.pulls[1]["state"] = "closed"
    assert "not exactly one open pull request" in tell(server).skipped


def test_another_repository_of_the_same_owner_is_not_taken_for_the_fork(server: GithubServer) -> None:
    """The API finds by owner and branch; only the repository and the commit tell two forks of one owner apart."""
    server.pulls.insert(0, json.loads(json.dumps(server.pulls[1])))
    server.pulls[0]["number"] = 10
    server.pulls[0]["head"]["repo"]["full_name"] = "stranger/engine-2"
    measured(server, render_json(green()))
    tell(server)
    assert (server.bodies(10), len(server.bodies(PULL))) == ([], 1)


def test_of_two_pull_requests_of_one_branch_the_run_s_own_is_meant(server: GithubServer) -> None:
    """GitHub says which; where it does not, as for forks, none is better than the wrong one."""
    for number in (7, 9):
        server.add_pull(number, HEAD)
    address = f"https://api.github.com/repos/{REPOSITORY}/pulls"
    for number, bodies in ((9, (0, 1)), (7, (1, 1))):
        server.add_run(RUN, HEAD, pull_requests=[{"number": number, "url": f"{address}/{number}"}])
        assert tell(server).done == "written"
        assert (len(server.bodies(7)), len(server.bodies(9))) == bodies
    elsewhere = {"number": 7, "url": f"{address}/7".replace(REPOSITORY, "hive/other")}
    for listed in ([], [elsewhere]):
        server.add_run(RUN, HEAD, pull_requests=listed)
        assert "not exactly one open pull request" in tell(server).skipped


def test_the_artifact_cannot_choose_the_pull_request(server: GithubServer) -> None:
    """Another number in the result, under any name, moves nothing: GitHub alone says which pull request it is."""
    result = json.loads(render_json(green()))
    result |= {"pull_request": 11, "number": 11, "notes": ["pull request 11"], "pr": {"number": 11}}
    measured(server, json.dumps(result))
    tell(server)
    assert (server.bodies(11), len(server.bodies(PULL))) == ([], 1)


def link() -> bytes:
    """Pack a symbolic link to a file of the runner."""
    info = zipfile.ZipInfo("latest/bench.json")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped({info: "/proc/self/environ"})


def claiming(size: int) -> bytes:
    """Pack a result that claims another size."""
    raw = bytearray(zipped({"latest/bench.json": render_json(green())}))
    entry = raw.index(b"PK\x01\x02")
    raw[entry + 24 : entry + 28] = size.to_bytes(4, "little")
    return bytes(raw)


def changed(**fields: object) -> bytes:
    """Pack a result with fields changed."""
    return zipped({"latest/bench.json": json.dumps(json.loads(render_json(red())) | fields)})


SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(link(), "is a link", id="link"),
        pytest.param(claiming(2 * 10**9), "claims 2000000000 bytes", id="2 GB"),
        pytest.param(bytes(9 * 2**20), "has 9437184 bytes", id="9 MB"),
        pytest.param(zipped({"latest/bench.json": b" " * 2**26}), "claims 67108864 bytes", id="64 MB of real data"),
        pytest.param(zipped({"../../bench.json": "{}"}), "has a member '../../bench.json'", id="escape"),
        pytest.param(zipped({SCRIPT: "{}"}), f"has a member '{SCRIPT}'", id="script"),
        pytest.param(zipped({}), "contains no result", id="empty"),
        pytest.param(b"# PASSED", "cannot be read as a ZIP archive", id="text"),
        pytest.param(zipped({"latest/bench.json": "PASSED"}), "is not JSON", id="text inside"),
        pytest.param(zipped({"latest/bench.json": '{"a":' * 100_000}), "nested too deeply", id="deep"),
        pytest.param(changed(schema=2), "reads results of schema 1", id="schema"),
        pytest.param(changed(verdicts=SCRIPT), "verdicts: Expected `array`", id="type"),
        pytest.param(changed(outcome="passed", exit_status=0), "its verdicts say failed and 1", id="forged"),
        pytest.param(changed(exit_status=7), "its verdicts say failed and 1", id="status"),
        pytest.param(changed(partial=True), "partial without naming", id="partial alone"),
        pytest.param(changed(partial=True, not_selected=["a/b"]), "is partial", id="partial"),
    ],
)
def test_a_hostile_artifact_is_refused(server: GithubServer, data: bytes, said: str) -> None:
    """What is not a whole result of the gate is refused, and the comment says so without a word of it."""
    server.add_run(RUN, HEAD, source=FORK)
    server.add_artifact(RUN, data)
    answer = tell(server)
    assert said in answer.refused
    link_to_run = f"[The run](https://github.com/{REPOSITORY}/actions/runs/{RUN})"
    assert server.bodies(PULL) == [f"{MARKER}\n## 🚫 hivegate: INCONCLUSIVE\n\n{REFUSED}\n\n{link_to_run}\n"]


def test_a_refusal_is_red_and_commands_nothing(server: GithubServer, project: Project) -> None:
    """The job ends with 2, and names of the artifact reach the log as inert text on one line."""
    server.add_run(RUN, HEAD, source=FORK)
    server.add_artifact(RUN, zipped({"\n::set-env name=A::b\x1b[31m": "{}"}))
    answer = told(project, server)
    assert answer.status == 2
    assert answer.err.startswith("refused: hivegate-result of stranger/engine, branch feature: has a member ")
    assert answer.err.count("\n") == 1
    assert "\x1b" not in answer.err


@pytest.mark.parametrize("left", [[], [{"name": "another"}], [{"expired": True}]], ids=["none", "another", "expired"])
def test_a_run_that_left_nothing_did_not_pass(server: GithubServer, left: list[dict[str, Any]]) -> None:
    """Without an artifact the comment of an earlier run is replaced: it was of other code."""
    server.add_comment(PULL, f"{MARKER}\n## ✅ hivegate: PASSED\n")
    server.add_run(RUN, HEAD, source=FORK, conclusion="failure")
    for fields in left:
        server.add_artifact(RUN, zipped({"latest/bench.json": render_json(green())}), **fields)
    assert not tell(server).refused
    assert "nothing was measured, so nothing passed" in server.bodies(PULL)[0]


def test_of_several_attempts_the_newest_counts(server: GithubServer) -> None:
    """A run that was started again has an artifact of each attempt."""
    measured(server, render_json(red()))
    server.add_artifact(RUN, zipped({"latest/bench.json": render_json(green())}))
    tell(server)
    assert "hivegate: PASSED" in server.bodies(PULL)[0]


@pytest.mark.parametrize(
    ("result", "conclusion", "claim"),
    [(green(), "failure", "all passed"), (red(), "success", "not all passed"), (green(), "timed_out", "all passed")],
    ids=["green", "red", "late"],
)
def test_a_result_at_odds_with_its_run_is_told_with_a_warning(
    server: GithubServer, result: GateResult, conclusion: str, claim: str
) -> None:
    """Where the job ended otherwise than the results say, the comment begins with that."""
    measured(server, render_json(result), conclusion=conclusion)
    tell(server)
    lines = server.bodies(PULL)[0].splitlines()
    assert lines[:2] == [MARKER, "> [!WARNING]"]
    assert lines[2].startswith(f"> By these results {claim}, yet ")
    assert f"ended as {conclusion}" in lines[2]


def test_hostile_names_are_told_as_text(server: GithubServer) -> None:
    """Names with markup, commands and mentions are shown, and are nothing but text."""
    measured(server, render_json(hostile()), conclusion="failure")
    tell(server)
    [body] = server.bodies(PULL)
    assert "hivegate: FAILED" in body
    assert not any(one in body for one in ("<b>", "<script", "\x1b", "`", "@me"))


def test_a_dry_run_prints_and_writes_nothing(server: GithubServer, project: Project) -> None:
    """--dry-run shows the text alone on standard output."""
    measured(server, render_json(green()))
    answer = told(project, server, "--dry-run")
    assert (answer.status, answer.err) == (0, "skipped: nothing was written\n")
    assert answer.out.startswith(MARKER)
    assert not server.comments


def test_what_is_missing_is_named(server: GithubServer, project: Project) -> None:
    """No token, no repository, and a token that may not write are errors that say what to do."""
    measured(server, render_json(green()))
    assert "GITHUB_TOKEN is not set" in told(project, server, token="").err
    assert "is not a repository" in told(project, server, "--repository", "engine").err
    server.may_write = False
    answer = told(project, server)
    assert answer.status == 2
    assert "answers 403" in answer.err
    assert TOKEN not in answer.err


@pytest.mark.parametrize(
    ("member", "conclusion", "expected"),
    [
        (render_json(green()), "success", "success"),
        (render_json(red()), "failure", "failure"),
        (render_json(green()), "failure", "failure"),  # the run knows something that the results do not say
        (render_json(red()), "success", "failure"),
        (render_json(needing_more()), "success", "neutral"),
        (render_json(reviewed()), "success", "neutral"),
        ("{}", "success", "failure"),
        (None, "success", "failure"),
    ],
)
def test_a_check_says_success_failure_or_neutral(
    server: GithubServer, project: Project, member: str | None, conclusion: str, expected: str
) -> None:
    """On the head that GitHub names; what is refused or missing is a failure, what nobody decided is neutral."""
    if member is None:
        server.add_run(RUN, HEAD, source=FORK, conclusion=conclusion)
    else:
        measured(server, member, conclusion=conclusion)
    told(project, server, "--check", "performance")
    assert [(one["name"], one["head_sha"], one["conclusion"]) for one in server.checks] == [
        ("performance", HEAD, expected)
    ]


def test_no_check_is_reported_unasked_or_in_a_dry_run(server: GithubServer, project: Project) -> None:
    """The permission for it is not needed then."""
    measured(server, render_json(green()))
    told(project, server)
    told(project, server, "--check", "performance", "--dry-run")
    assert server.checks == []


MAIN: dict[str, Any] = {"event": "schedule", "head_branch": "main", "head_repository": repository(REPOSITORY)}


def test_of_a_scheduled_run_one_issue_is_kept(server: GithubServer, project: Project) -> None:
    """Opened for the authors, edited while main does not pass, closed when it does; nobody else's is touched."""
    server.authors = ["ana", None, "dependabot[bot]", "ben", "ana"]
    server.add_issue(f"{MARKER}\nmine", login="stranger")
    server.add_issue(f"{MARKER}\na pull request", pull_request={})
    for number, result, conclusion, done in (
        (RUN, green(), "success", "skipped: the run passed, and no issue is open"),
        (RUN + 1, red(), "failure", f"opened: https://github.com/{REPOSITORY}/issues/302"),
        (RUN + 2, None, "failure", "edited: "),
        (RUN + 3, green(), "success", "closed: "),
        (RUN + 4, green(), "failure", "opened: "),
    ):
        server.add_run(number, HEAD, conclusion=conclusion, **MAIN)
        if result is not None:
            server.add_artifact(
                number, zipped({"latest/compare.json": render_json(structs.replace(result, base_sha="7" * 40))})
            )
        assert told(project, server, run=number).out.startswith(done)
        if number == RUN + 1:
            assert server.issues[2]["title"] == "Performance of main: FAILED"
            assert server.issues[2]["body"].startswith(f"{MARKER}\n## ❌ hivegate: FAILED\n")
            assert server.issues[2]["body"].endswith("\nWhat was measured is by @ana, @ben.\n")
    titles = [(one.get("title"), one["state"]) for one in server.issues]
    assert titles[:2] == [(None, "open"), (None, "open")]
    assert titles[2:] == [("Performance of main: PASSED", "closed"), ("Performance of main: PASSED", "open")]
    assert not server.comments


@pytest.mark.parametrize(("base", "authors"), [("7" * 40, "@ana, @ben"), ("../../../user", "@ben"), (None, "@ben")])
def test_a_base_that_is_no_commit_asks_github_for_nothing_else(
    server: GithubServer, base: str | None, authors: str
) -> None:
    """The result names the base, so it may name anything; then the author of the commit that was measured is told."""
    server.authors = ["ana", "ben"]
    server.add_run(RUN, HEAD, conclusion="failure", **MAIN)
    server.add_artifact(RUN, zipped({"latest/bench.json": render_json(structs.replace(red(), base_sha=base))}))
    tell(server)
    assert server.issues[0]["body"].endswith(f"What was measured is by {authors}.\n")
    assert not any("user" in one.path for one in server.asked)
