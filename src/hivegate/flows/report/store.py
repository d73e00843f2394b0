"""Store what a result says as documents, by key."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hivegate.flows.history.record import plain_target
from hivegate.flows.history.store import new_store
from hivegate.flows.workspace import load_profiles, load_result
from hivegate.history import documents
from hivegate.ingest import read
from hivegate.instruments import METRICS
from hivegate.instruments.estimates import estimate_targets
from hivegate.model.document import Draft, Entry
from hivegate.model.estimate import Estimate
from hivegate.model.targets import Targets
from hivegate.report.optimizations import render_optimizations
from hivegate.report.results import SHOWN, asked_plainly, render_results
from hivegate.report.session import render_session

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.flows.project import Project
    from hivegate.model.run import Run
    from hivegate.model.target_estimate import TargetEstimate
    from hivegate.model.verdict import GateResult

_MARKDOWN = "text/markdown"


def store_report(project: Project, result: Path | None = None) -> tuple[Entry, ...]:
    """Keep what a result says as documents, all or none: results, optimizations and the record of the session.

    The run beside the result and the project's profiles are told of where they are there.
    """
    path = result or project.folder / ".hivegate" / "latest" / "bench.json"
    loaded = load_result(path)
    run, estimates = _run_of(loaded, path.with_name("run.json"))
    created = (run.created if run else None) or dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    profiles_path = project.folder / ".hivegate" / "profiles" / "profiles.json"
    profiles = load_profiles(profiles_path) if profiles_path.exists() else None
    texts = (
        ("results", _MARKDOWN, render_results(loaded, estimates)),
        ("optimizations", _MARKDOWN, render_optimizations(loaded, profiles)),
        ("session", "application/json", render_session(loaded, created=created)),
    )
    at = loaded.commit
    commit = None if at is None else f"{at.sha}-dirty" if at.dirty else at.sha
    prefix = project.key_prefix
    drafts = tuple(
        Draft(key=f"{prefix}/{name}", content=content, media_type=media_type, created=created, commit=commit)
        for name, media_type, content in texts
    )
    return documents.put(new_store(project), drafts)


def _run_of(result: GateResult, path: Path) -> tuple[Run | None, tuple[TargetEstimate, ...]]:
    """Read the run that a result was judged from and answer what the document shows; nothing for any other run."""
    if not path.exists():
        return None, ()
    run = read(path)
    if (run.commit, run.environment, run.not_selected) != (result.commit, result.environment, result.not_selected):
        return None, ()
    asked = tuple(plain_target(METRICS[name]) for name in SHOWN)
    targets = Targets(confidence=result.run_statistics.confidence, targets=asked, source=str(path))
    estimates = estimate_targets(targets, run, looks=result.run_statistics.looks)
    return (run, estimates) if _agree(estimates, result) else (None, ())


def _agree(estimates: tuple[TargetEstimate, ...], result: GateResult) -> bool:
    """Tell whether a run says of each benchmark what the verdicts say: then it is theirs, to the last digit."""
    found = {(one.benchmark, one.target.metric.name): one.found for one in estimates}
    for verdict in result.verdicts:
        if asked_plainly(verdict) and verdict.metric != "complexity" and verdict.estimate is not None:
            same = found.get((verdict.benchmark, verdict.metric or ""))
            if not isinstance(same, Estimate) or same.value != verdict.estimate.value:
                return False
    return True
