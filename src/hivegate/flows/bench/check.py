"""hivegate check: judge what others measured."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hivegate.errors import ResultsError
from hivegate.flows.history.drift import unknown_drift
from hivegate.ingest import read
from hivegate.ingest.combine import combine
from hivegate.judge import judge
from hivegate.stats import estimate_targets

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.flows.history.drift import DriftLookup
    from hivegate.model.run import Run
    from hivegate.model.targets import Targets
    from hivegate.model.verdict import GateResult


def check(
    files: tuple[Path, ...], targets: Targets, *, roots: tuple[str, ...], drift: DriftLookup = unknown_drift
) -> GateResult:
    """Judge result files; several of the same benchmarks are passes of one run. `drifts` knows the history.

    Raises `ResultsError` for a shard: what the others hold would be missing.
    """
    runs = [(str(path), read(path, roots=roots)) for path in files]
    for name, run in runs:
        if run.shard is not None:
            raise ResultsError(
                f"is shard {run.shard} of a run", where=name, hint="join all of them: hivegate merge FILE..."
            )
    return judge_run(targets, combine(runs), drift=drift)


def judge_run(targets: Targets, run: Run, *, drift: DriftLookup) -> GateResult:
    """Judge a run that is whole, today."""
    answers = estimate_targets(targets, run, drift=drift(run))
    return judge(targets, run, answers, today=dt.datetime.now(dt.UTC).date())
