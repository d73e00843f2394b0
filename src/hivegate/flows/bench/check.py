"""hivegate check: judge what others measured."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hivegate.errors import ResultsError
from hivegate.flows.history.drift import unknown_creeps
from hivegate.ingest import read
from hivegate.ingest.combine import combine
from hivegate.judge import judge
from hivegate.stats import answer_targets

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.flows.history.drift import Creeps
    from hivegate.model.run import Run
    from hivegate.model.targets import Targets
    from hivegate.model.verdict import GateResult


def check(
    files: tuple[Path, ...], targets: Targets, *, roots: tuple[str, ...], creeps: Creeps = unknown_creeps
) -> GateResult:
    """Judge result files; several of the same benchmarks are passes of one run. `creeps` knows the history.

    Raises `ResultsError` for a shard: what the others hold would be missing.
    """
    runs = [(str(path), read(path, roots=roots)) for path in files]
    for name, run in runs:
        if run.shard is not None:
            raise ResultsError(
                f"is shard {run.shard} of a run", where=name, hint="join all of them: hivegate merge FILE..."
            )
    return judge_run(targets, combine(runs), creeps=creeps)


def judge_run(targets: Targets, run: Run, *, creeps: Creeps) -> GateResult:
    """Judge a run that is whole, today."""
    answers = answer_targets(targets, run, creeps=creeps(run))
    return judge(targets, run, answers, today=dt.datetime.now(dt.UTC).date())
