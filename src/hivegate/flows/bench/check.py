"""Judge what others measured."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError, UsageError
from hivegate.flows.bench.flow import BenchResult
from hivegate.flows.history.drift import drift_of
from hivegate.flows.history.regression_origin import with_since
from hivegate.ingest import read
from hivegate.ingest.combine import combine
from hivegate.instruments.estimates import estimate_targets
from hivegate.judge import judge
from hivegate.targets import load_targets

if TYPE_CHECKING:
    from hivegate.flows.history.drift import DriftLookup
    from hivegate.flows.project import Project
    from hivegate.model.run import Run
    from hivegate.model.targets import Targets
    from hivegate.model.verdict import GateResult


class CheckOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Say what `check` judges: result files in any format that is read, and the targets file."""

    files: tuple[Path, ...]
    targets: Path | None = None


def check(project: Project, options: CheckOptions) -> BenchResult:
    """Judge result files against targets.yaml, as ``hivegate check`` does; nothing is kept.

    Several files with the same benchmarks are passes of one run. Raises `ResultsError` for a file that cannot be read
    and for a shard, which lacks what the others hold, and `TargetsError` for a wrong targets.yaml.
    """
    targets = load_targets(project.targets_file(options.targets))
    if not options.files:
        raise UsageError("there is nothing to check", hint="name result files")
    drift = drift_of(project, targets)
    whole = combine([(str(path), read_whole(project, path)) for path in options.files])
    return BenchResult(run=whole, gate=with_since(judge_run(targets, whole, drift=drift), project))


def read_whole(project: Project, path: Path) -> Run:
    """Read a result file; raises `ResultsError` for one that cannot be read, and for a shard."""
    run = read(path, roots=project.roots)
    if run.shard is not None:
        hint = "join all of them: hivegate merge FILE..."
        raise ResultsError(f"is shard {run.shard} of a run", where=str(path), hint=hint)
    return run


def judge_run(targets: Targets, run: Run, *, drift: DriftLookup) -> GateResult:
    """Judge a run that is whole, today."""
    estimates = estimate_targets(targets, run, drift=drift(run))
    return judge(targets, run, estimates, today=dt.datetime.now(dt.UTC).date())
