"""Judge the shards of a suite that several machines measured, as one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.bench.flow import BenchResult, judge_run
from hivegate.flows.compare.flow import CompareResult, judge_comparison
from hivegate.flows.finish import finish
from hivegate.flows.history.drift import drift_of
from hivegate.flows.remote.join import join
from hivegate.flows.rules import rules_of_measured, rules_of_revision
from hivegate.ingest import write_comparison, write_run
from hivegate.model.comparison import Comparison
from hivegate.model.events import ignore_progress
from hivegate.system.files import write_atomic

if TYPE_CHECKING:
    from hivegate.flows.project import Project


class MergeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Say what `merge` joins: the files of all shards, the targets file, and a file that the whole is written to.

    `base_rules` is a revision whose rules judge a run as well; of a comparison it is its base.
    """

    files: tuple[Path, ...]
    targets: Path | None = None
    out: Path | None = None
    base_rules: str | None = None


def merge(project: Project, options: MergeOptions) -> BenchResult | CompareResult:
    """Join the shards of one run, or of one comparison, and judge the whole, as ``hivegate merge`` does.

    The result is kept in .hivegate/latest. Raises `ResultsError` unless all shards are there, of one commit, one
    targets.yaml and one division.
    """
    if not options.files:
        raise UsageError("there is nothing to merge", hint="name the files of all shards")
    targets = project.load_targets(options.targets)
    whole = join(options.files, targets)
    if isinstance(whole, Comparison):
        if options.out is not None:
            write_atomic(options.out, write_comparison(whole), error=UsageError)
        rules = rules_of_measured(project, targets, options.targets, options.base_rules or whole.base_sha)
        gate = finish(project, "compare", judge_comparison(rules, whole), ignore_progress)
        return CompareResult(comparison=whole, gate=gate)
    if options.out is not None:
        write_atomic(options.out, write_run(whole), error=UsageError)
    rules = rules_of_revision(project, targets, options.targets, options.base_rules)
    result = judge_run(rules, whole, drift=drift_of(rules.judging(project), rules.measured))
    return BenchResult(run=whole, gate=finish(project, "bench", result, ignore_progress, run=whole))
