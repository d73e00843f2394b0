"""hivegate report --store: the documents of a measurement, kept by key."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hivegate.flows.history.documents import commit_name, put_drafts
from hivegate.flows.workspace import load_profiles, load_result
from hivegate.ingest import read
from hivegate.model.document import Draft, Entry
from hivegate.model.estimate import Estimate
from hivegate.model.metric import METRICS
from hivegate.model.targets import Limit, Target, Targets
from hivegate.report.optimizations import render_optimizations
from hivegate.report.results import SHOWN, asked_plainly, render_results
from hivegate.report.session import render_session
from hivegate.stats import estimate_targets

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.model.run import Run
    from hivegate.model.target_estimate import TargetEstimate
    from hivegate.model.verdict import GateResult

_KEY = "hive/benchmarker"
_MARKDOWN = "text/markdown"


def store_report(project: Path, place: str, result_path: Path) -> tuple[Entry, ...]:
    """Keep what a result says as documents, all or none: results, optimizations and the record of the session.

    The run beside the result and the project's profiles are told of where they are there.
    """
    result = load_result(result_path)
    run, answers = _run_of(result, result_path.with_name("run.json"))
    created = (run.created if run else None) or dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    profiles_path = project / ".hivegate" / "profiles" / "profiles.json"
    profiles = load_profiles(profiles_path) if profiles_path.exists() else None
    documents = (
        ("results", _MARKDOWN, render_results(result, answers)),
        ("optimizations", _MARKDOWN, render_optimizations(result, profiles)),
        ("session", "application/json", render_session(result, created=created)),
    )
    at = result.commit
    commit = None if at is None else commit_name(at.sha, dirty=at.dirty)
    drafts = (
        Draft(key=f"{_KEY}/{name}", content=content, media_type=media_type, created=created, commit=commit)
        for name, media_type, content in documents
    )
    return put_drafts(project, place, *drafts)


def _run_of(result: GateResult, path: Path) -> tuple[Run | None, tuple[TargetEstimate, ...]]:
    """Read the run that a result was judged from and answer what the document shows; nothing for any other run."""
    if not path.exists():
        return None, ()
    run = read(path)
    if (run.commit, run.environment, run.not_selected) != (result.commit, result.environment, result.not_selected):
        return None, ()
    asked = tuple(_target(name) for name in SHOWN)
    targets = Targets(confidence=result.confidence, targets=asked, source=str(path))
    answers = estimate_targets(targets, run, looks=result.looks)
    return (run, answers) if _agree(answers, result) else (None, ())


def _target(metric: str) -> Target:
    known = METRICS[metric]
    return Target(benchmark="*", metric=known, limit=Limit(dimension=known.dimension, text=""), where="")


def _agree(answers: tuple[TargetEstimate, ...], result: GateResult) -> bool:
    """Tell whether a run says of each benchmark what the verdicts say: then it is theirs, to the last digit."""
    found = {(one.benchmark, one.target.metric.name): one.found for one in answers}
    for verdict in result.verdicts:
        if asked_plainly(verdict) and verdict.metric != "complexity" and verdict.estimate is not None:
            same = found.get((verdict.benchmark, verdict.metric or ""))
            if not isinstance(same, Estimate) or same.value != verdict.estimate.value:
                return False
    return True
