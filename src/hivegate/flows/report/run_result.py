"""What a run of the gate left, read from the side that is trusted: hostile until it is decoded."""

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
from hivegate.report.comment import render_comment, render_no_result, render_refused_result, with_contradiction
from hivegate.report.jsondoc import parse_json
from hivegate.system.archive import read_members
from hivegate.system.files import MEBIBYTE

if TYPE_CHECKING:
    from hivegate.system.github import Artifact, Github, WorkflowRun

ARTIFACT = "hivegate-result"
RESULTS = ("latest/bench.json", "latest/compare.json")  # in the order of the comment
PROFILES = "profiles/profiles.json"
SUCCESS, FAILURE, NEUTRAL = "success", "failure", "neutral"
ENDED = ("success", "failure", "timed_out")  # other runs were stopped, skipped, or wait for an approval

_LARGEST_ARCHIVE = 8 * MEBIBYTE
_LARGEST_MEMBER = 16 * MEBIBYTE
_LONGEST = 64_000  # characters; GitHub refuses more than 65,536, and a warning or names may come on top
_HOST = re.compile(r"https://[^/]+/")


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a run: the text, what was refused of it, how a check concludes; its outcome and base if known."""

    text: str
    refused: str = ""
    conclusion: str = FAILURE
    outcome: Outcome = Outcome.INCONCLUSIVE
    base_sha: str | None = None


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a text: `url` where it stands, else why there is none; `refused` says what was not accepted."""

    text: str = ""
    url: str = ""
    done: str = ""
    skipped: str = ""
    refused: str = ""


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


def result_of(github: Github, run: WorkflowRun) -> RunResult:
    """Write what is said of a run; of what was refused there is no word in it."""
    newest = max(github.artifacts(run.id, ARTIFACT), key=lambda one: one.id, default=None)
    if newest is None or newest.expired:
        return RunResult(text=render_no_result(run.html_url))
    try:
        bundle = _download(github, newest, run)
        return RunResult(
            text=_rendered(bundle, run),
            conclusion=_conclusion(bundle, run),
            outcome=bundle.outcome,
            base_sha=next((one.base_sha for one in bundle.results if one.base_sha), None),
        )
    except ResultsError as fault:
        return RunResult(text=render_refused_result(run.html_url), refused=str(fault))


def _conclusion(bundle: Bundle, run: WorkflowRun) -> str:
    if bundle.exit_status != 0 or run.conclusion != SUCCESS:
        return FAILURE
    return SUCCESS if bundle.outcome is Outcome.PASSED else NEUTRAL


def _download(github: Github, artifact: Artifact, run: WorkflowRun) -> Bundle:
    where = f"{ARTIFACT} of {source_of(run)}"
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


def source_of(run: WorkflowRun) -> str:
    """Name the repository and the branch that a run is of."""
    name = "a repository that is gone" if run.head_repository is None else run.head_repository.full_name
    return f"{name}, branch {run.head_branch}"
