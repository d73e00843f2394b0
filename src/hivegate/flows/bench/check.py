"""Judge what others measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError, UsageError
from hivegate.flows.bench.flow import BenchResult, judge_run
from hivegate.flows.history.drift import drift_of
from hivegate.flows.history.regression_origin import with_since
from hivegate.flows.rules import rules_of_revision
from hivegate.ingest import read
from hivegate.ingest.combine import combine
from hivegate.targets import load_targets

if TYPE_CHECKING:
    from hivegate.flows.project import Project
    from hivegate.model.run import Run


class CheckOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Say what `check` judges: result files in any format that is read, the targets file, and a revision's rules."""

    files: tuple[Path, ...]
    targets: Path | None = None
    base_rules: str | None = None


def check(project: Project, options: CheckOptions) -> BenchResult:
    """Judge result files against targets.yaml, as ``hivegate check`` does; nothing is kept.

    Several files with the same benchmarks are passes of one run. Raises `ResultsError` for a file that cannot be read
    and for a shard, which lacks what the others hold, and `TargetsError` for a wrong targets.yaml.
    """
    targets = load_targets(project.targets_file(options.targets))
    if not options.files:
        raise UsageError("there is nothing to check", hint="name result files")
    rules = rules_of_revision(project, targets, options.targets, options.base_rules)
    whole = combine([(str(path), read_whole(project, path)) for path in options.files])
    result = judge_run(rules, whole, drift=drift_of(rules.judging(project), rules.measured))
    return BenchResult(run=whole, gate=with_since(result, project))


def read_whole(project: Project, path: Path) -> Run:
    """Read a result file; raises `ResultsError` for one that cannot be read, and for a shard."""
    run = read(path, roots=project.roots)
    if run.shard is not None:
        hint = "join all of them: hivegate merge FILE..."
        raise ResultsError(f"is shard {run.shard} of a run", where=str(path), hint=hint)
    return run
