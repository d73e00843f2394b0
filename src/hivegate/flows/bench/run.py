"""Measure a suite without judging it, here, in part, or on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hivegate.errors import UsageError
from hivegate.flows.bench.flow import passes_of
from hivegate.flows.bench.measure import kept_when_interrupted, measure, open_suite
from hivegate.flows.plan import SuitePlan
from hivegate.flows.project import SuiteOptions
from hivegate.flows.shard import division_of
from hivegate.ingest import write_run
from hivegate.model.events import Noted, ignore_progress
from hivegate.system.files import write_atomic
from hivegate.targets import load_targets

if TYPE_CHECKING:
    from hivegate.flows.project import Project
    from hivegate.model.events import ProgressCallback
    from hivegate.model.run import Run


class RunOptions(SuiteOptions, frozen=True, kw_only=True):
    """Say what `run` measures, and where to: which benchmarks, in how many passes, into which file.

    `shard` is this machine's part, (number, count) from 1, balanced by the `durations` of an earlier result; `cluster`
    is the address of a Dask scheduler whose workers measure instead; `out` is a file that the run is written to.
    """

    passes: int | None = None
    shard: tuple[int, int] | None = None
    durations: Path | None = None
    cluster: str | None = None
    out: Path | None = None


def run(project: Project, options: RunOptions | None = None, on_progress: ProgressCallback = ignore_progress) -> Run:
    """Measure the project's suite and judge nothing, as ``hivegate run`` does.

    Where the project has a targets.yaml, what its targets ask for is measured too: single calls for percentiles,
    memory, instructions. Raises `UsageError` for wrong options and `MeasureError` for a suite that cannot be measured.
    """
    options = options or RunOptions()
    subject = project.subject(options.paths, options.python)
    division = None if options.cluster is not None else division_of(options.shard, options.durations)
    plan = SuitePlan(
        selectors=options.selectors,
        excluded=options.excluded,
        passes=passes_of(project, options.passes),
        timeout=project.timeout(options),
        division=division,
    )
    file = project.find_targets_file(options.targets)
    targets = load_targets(file) if file is not None else None
    if options.cluster is not None:
        from hivegate.flows.remote.cluster import ClusterJob, run_on  # noqa: PLC0415  distributed is an extra

        job = ClusterJob.of(subject, file, shard=options.shard, durations=options.durations)
        measured = run_on(options.cluster, job, plan, on_progress)
    else:
        suite = open_suite(subject, plan, targets, on_progress)
        with kept_when_interrupted(project.folder, suite, on_progress):
            measure(suite, plan, targets)
        measured = suite.run()
    if options.out is not None:
        write_atomic(options.out, write_run(measured), error=UsageError)
    return measured


def list_benchmarks(
    project: Project, options: RunOptions | None = None, on_progress: ProgressCallback = ignore_progress
) -> tuple[str, ...]:
    """List the ids of the benchmarks that `run` would measure, without measuring them."""
    options = options or RunOptions()
    division = None if options.cluster is not None else division_of(options.shard, options.durations)
    plan = SuitePlan(
        selectors=options.selectors,
        excluded=options.excluded,
        timeout=project.timeout(options),
        division=division,
    )
    suite = open_suite(project.subject(options.paths, options.python), plan, None, on_progress)
    for note in suite.collection.notes:
        on_progress(Noted(message=f"note: {note}"))
    return suite.ids
