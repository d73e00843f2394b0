"""Have the workers of a cluster measure a suite, and join their parts as shards are joined."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from hivegate.cluster import gather, read_place, spread
from hivegate.errors import MeasureError, UsageError
from hivegate.flows.plan import ComparisonPlan, SuitePlan
from hivegate.flows.remote.job import RemoteJob, write_job
from hivegate.flows.remote.join import join
from hivegate.flows.shard import Division, load_durations
from hivegate.flows.workspace import keep_interrupted
from hivegate.measure.revisions import find_base
from hivegate.measure.subject import Subject
from hivegate.measure.suite import revision_of
from hivegate.model.comparison import Comparison
from hivegate.model.events import Noted
from hivegate.model.run import Run
from hivegate.system import checkouts, git
from hivegate.system.files import MEBIBYTE, read_bytes, scratch_folder
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hivegate.cluster import PartDocument
    from hivegate.flows.rules import Rules
    from hivegate.model.events import ProgressCallback

_PARTS = 2  # for each worker: a lost one costs less, and those that are quicker measure more


class ClusterJob(msgspec.Struct, frozen=True, kw_only=True):
    """Say what a cluster is to measure: the project as it stands here, with the text of its targets.yaml.

    `python` is the interpreter to measure with there; without it that of each worker. `durations` balance the parts.
    """

    subject: Subject
    targets: str | None
    python: str | None
    base_targets: str | None = None
    durations: dict[str, float] = {}

    @classmethod
    def of(
        cls,
        subject: Subject,
        targets: Path | None,
        *,
        rules: Rules | None = None,
        shard: tuple[int, int] | None,
        durations: Path | None,
    ) -> ClusterJob:
        """Read the files that the job takes along; raises `UsageError` for a shard, for a cluster divides by itself."""
        if shard is not None:
            raise UsageError("--on divides the suite among the workers; --shard is for machines without a scheduler")
        return cls(
            subject=subject,
            targets=None if targets is None else read_bytes(targets, limit=MEBIBYTE, error=UsageError).decode(),
            python=None if subject.python == sys.executable else subject.python,
            base_targets=None if rules is None else rules.base_text,
            durations={} if durations is None else load_durations(durations),
        )


def compare_on(cluster: str, job: ClusterJob, plan: ComparisonPlan, on_progress: ProgressCallback) -> Comparison:
    """Compare on a cluster; each benchmark's pairs are all of one worker, so of one machine.

    Raises `MeasureError` for what fails there.
    """
    project = job.subject.project
    base = find_base(project, plan.base, branch=plan.branch)
    on_progress(Noted(message=f"base: {base.name}"))
    asked = msgspec.structs.replace(plan, base=base.sha or plan.base)
    whole = _measured(cluster, job, asked, base.sha, on_progress)
    if not isinstance(whole, Comparison):
        raise MeasureError("the workers answered with a run, not a comparison")
    return msgspec.structs.replace(whole, base=base.name, commit=revision_of(project))


def run_on(cluster: str, job: ClusterJob, plan: SuitePlan, on_progress: ProgressCallback) -> Run:
    """Measure a suite on the machines of one kind of a cluster; raises `MeasureError` for what fails there."""
    whole = _measured(cluster, job, plan, None, on_progress)
    if not isinstance(whole, Run):
        raise MeasureError("the workers answered with a comparison, not a run")
    return msgspec.structs.replace(whole, commit=revision_of(job.subject.project))


def _measured(
    cluster: str,
    job: ClusterJob,
    plan: ComparisonPlan | SuitePlan,
    base: str | None,
    on_progress: ProgressCallback,
) -> Run | Comparison:
    """Have the suite measured in parts; only what a run says is of one kind of machine, a comparison says of itself."""
    top = git.toplevel(job.subject.project)
    done: dict[int, PartDocument] = {}
    try:
        with gather(read_place(cluster), checkouts.pack(top, base), on_progress) as team:
            count = max(1, _PARTS * len(team.members()))
            parts = [write_job(_part(job, plan, number, count, top)) for number in range(1, count + 1)]
            return _joined(spread(team, parts, on_progress, alike=isinstance(plan, SuitePlan), done=done), job)
    except KeyboardInterrupt:
        if not done:
            raise
        some = _joined([done[part] for part in sorted(done)], job, whole=False)
        if isinstance(some, Comparison):
            return msgspec.structs.replace(some, interrupted=True)
        keep_interrupted(job.subject.project, some, on_progress)
        raise


def _part(job: ClusterJob, plan: ComparisonPlan | SuitePlan, number: int, count: int, top: Path) -> RemoteJob:
    division = Division(number=number, count=count, durations=job.durations)
    subject = job.subject
    return RemoteJob(
        inside=subject.project.resolve().relative_to(top.resolve()).as_posix(),
        paths=subject.paths,
        roots=subject.roots,
        exclude=subject.exclude,
        python=job.python,
        targets=job.targets,
        base_targets=job.base_targets,
        compare=msgspec.structs.replace(plan, division=division) if isinstance(plan, ComparisonPlan) else None,
        run=msgspec.structs.replace(plan, division=division) if isinstance(plan, SuitePlan) else None,
    )


def _joined(measured: Sequence[PartDocument], job: ClusterJob, *, whole: bool = True) -> Run | Comparison:
    """Read the workers' documents as any stranger's shards, and join them, all or those that there are."""
    targets = None if job.targets is None else parse_targets(job.targets, "targets.yaml")
    with scratch_folder() as folder:
        files = []
        for number, part in enumerate(measured, start=1):
            files.append(folder / f"part {number} of {part.member.host}.json")
            files[-1].write_bytes(part.document)
        return join(tuple(files), targets, whole=whole)
