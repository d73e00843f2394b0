"""Comment on a pull request what its workflow run measured, from the side that is trusted.

The run may be of a fork, so what it left is hostile until it is decoded; who asked and where the comment goes
comes from GitHub alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError
from hivegate.flows.report.worst import check_sound
from hivegate.flows.source.commit_urls import is_address
from hivegate.flows.workspace import parse_profiles
from hivegate.model.verdict import Outcome
from hivegate.report.bundle import Bundle
from hivegate.report.comment import (
    MARKER,
    render_comment,
    render_no_result,
    render_refused_result,
    with_contradiction,
)
from hivegate.report.jsondoc import parse_json
from hivegate.system.archive import read_members
from hivegate.system.files import MEBIBYTE

if TYPE_CHECKING:
    from hivegate.system.github import Artifact, Comment, Github, Pull, WorkflowRun

ARTIFACT = "hivegate-result"
RESULTS = ("latest/bench.json", "latest/compare.json")  # in the order of the comment
PROFILES = "profiles/profiles.json"
BOT = "github-actions[bot]"  # whom GitHub names for what a workflow's own token writes

_LARGEST_ARCHIVE = 8 * MEBIBYTE
_LARGEST_MEMBER = 16 * MEBIBYTE
_LONGEST = 65_000  # characters; GitHub refuses more than 65,536, and a warning may come on top
_SUCCESS, _FAILURE, _NEUTRAL = "success", "failure", "neutral"
_HOST = re.compile(r"https://[^/]+/")
_TITLES = {
    _SUCCESS: "Passed",
    _FAILURE: "Not passed",
    _NEUTRAL: "Not decided, or for a person to review",
}
_ENDED = ("success", "failure", "timed_out")  # other runs were stopped, skipped, or wait for an approval


class PostedComment(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a comment: `url` where it stands, else why there is none; `refused` says what was not accepted."""

    text: str = ""
    url: str = ""
    done: str = ""
    skipped: str = ""
    refused: str = ""


def comment(
    github: Github, number: int, *, author: str = BOT, dry_run: bool = False, check: str | None = None
) -> PostedComment:
    """Write the results of a run of the gate on its pull request, in the one comment that `author` keeps there.

    With `check` a check of that name is reported on the commit first: success where all passed, failure where something
    is broken, missing or refused, and neutral where nothing is decided or a person is to review it.
    Skipped where the run is of no pull request, did not end by itself, or its pull request was closed or has moved on.
    A result that is refused is named as such, without a word of it. Raises `GithubError` where GitHub refuses.
    """
    run = github.workflow_run(number)
    if run.event != "pull_request" or run.conclusion not in _ENDED:
        return PostedComment(
            skipped=f"the run is of {run.event} and ended as {run.conclusion}; there is nothing to report"
        )
    pull = find_pull(github, run)
    if pull is None:
        return PostedComment(skipped=f"not exactly one open pull request of {_source(run)} has the head {run.head_sha}")
    text, refused, conclusion = _text(github, run)
    if check is not None and not dry_run:
        github.create_check(check, run.head_sha, conclusion, title=_TITLES[conclusion], url=run.html_url)
    if dry_run:
        return PostedComment(text=text, refused=refused, skipped="nothing was written")
    earlier = _earlier_comment(github, pull, author)
    if earlier is None:
        return PostedComment(
            text=text, refused=refused, done="written", url=github.create_comment(pull.number, text).html_url
        )
    return PostedComment(text=text, refused=refused, done="edited", url=github.edit_comment(earlier.id, text).html_url)


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


def read_artifact(data: bytes, *, where: str) -> Bundle:
    """Decode the results and the profiles in an artifact; raises `ResultsError` for whatever else is in it."""
    members = read_members(data, (*RESULTS, PROFILES), limit=_LARGEST_MEMBER, where=where, error=ResultsError)
    places = {name: f"{where}: {name}" for name in RESULTS if name in members}
    if not places:
        raise ResultsError("contains no result", where=where)
    results = (check_sound(parse_json(members[name], where=at), where=at) for name, at in places.items())
    document = members.get(PROFILES)
    profiles = None if document is None else parse_profiles(document, where=f"{where}: {PROFILES}")
    return Bundle(results=tuple(results), profiles=profiles)


def _text(github: Github, run: WorkflowRun) -> tuple[str, str, str]:
    """Write the comment, say what was refused where there is nothing of the run in it, and conclude a check."""
    newest = max(github.artifacts(run.id, ARTIFACT), key=lambda one: one.id, default=None)
    if newest is None or newest.expired:
        return render_no_result(run.html_url), "", _FAILURE
    try:
        bundle = _download(github, newest, run)
        return _rendered(bundle, run), "", _conclusion(bundle, run)
    except ResultsError as fault:
        return render_refused_result(run.html_url), str(fault), _FAILURE


def _conclusion(bundle: Bundle, run: WorkflowRun) -> str:
    if bundle.exit_status != 0 or run.conclusion != _SUCCESS:
        return _FAILURE
    return _SUCCESS if bundle.outcome is Outcome.PASSED else _NEUTRAL


def _download(github: Github, artifact: Artifact, run: WorkflowRun) -> Bundle:
    where = f"{ARTIFACT} of {_source(run)}"
    if artifact.size_in_bytes > _LARGEST_ARCHIVE:
        largest = _LARGEST_ARCHIVE // MEBIBYTE
        raise ResultsError(f"has {artifact.size_in_bytes} bytes; at most {largest} MiB are read", where=where)
    return read_artifact(github.download(artifact.id, limit=_LARGEST_ARCHIVE), where=where)


def _rendered(bundle: Bundle, run: WorkflowRun) -> str:
    if bundle.partial:
        raise ResultsError("is partial: a selection left benchmarks out", where=ARTIFACT)
    text = render_comment(msgspec.structs.replace(bundle, artifacts=run.html_url, source_at=_source_at(run)))
    if len(text) > _LONGEST:
        raise ResultsError(f"needs {len(text)} characters; a comment has at most {_LONGEST}", where=ARTIFACT)
    if (bundle.exit_status == 0) == (run.conclusion == "success"):
        return text
    # Where the check and the results disagree, nobody must believe the nicer of them.
    return with_contradiction(text, passed=bundle.exit_status == 0, url=run.html_url, conclusion=run.conclusion or "")


def _source_at(run: WorkflowRun) -> str | None:
    """Find where GitHub shows the files of the commit that was measured: in the fork, where it is of one."""
    found = _HOST.match(run.html_url)
    if found is None or run.head_repository is None:
        return None
    address = f"{found[0]}{run.head_repository.full_name}/blob/{run.head_sha}"
    return address if is_address(address) else None


def _earlier_comment(github: Github, pull: Pull, author: str) -> Comment | None:
    """Find the comment that `author` wrote: the mark alone could be anybody's."""
    for posted in github.comments(pull.number):
        if posted.user is not None and posted.user.login == author and (posted.body or "").startswith(MARKER):
            return posted
    return None


def _source(run: WorkflowRun) -> str:
    name = "a repository that is gone" if run.head_repository is None else run.head_repository.full_name
    return f"{name}, branch {run.head_branch}"
