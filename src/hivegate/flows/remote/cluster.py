"""hivegate run --on and compare --on: a suite measured by the workers of a cluster, joined as shards are."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.cluster import gather, spread
from hivegate.errors import MeasureError
from hivegate.flows.bench.measure import BenchOptions
from hivegate.flows.compare.flow import CompareOptions
from hivegate.flows.remote.job import Part, write_part
from hivegate.flows.remote.merge import join
from hivegate.flows.shard import Division
from hivegate.measure.revisions import find_base
from hivegate.measure.subject import Subject
from hivegate.measure.suite import revision_of
from hivegate.model.comparison import Comparison
from hivegate.model.events import Noted
from hivegate.model.run import Run
from hivegate.system import checkouts, git
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.cluster import Measured, Place
    from hivegate.model.events import ProgressCallback

_PARTS = 2  # for each worker: a lost one costs less, and those that are quicker measure more


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be measured elsewhere: the project as it stands here, with the text of its targets.yaml.

    `python` is the interpreter to measure with there; without it that of each worker. `durations` balance the parts.
    """

    subject: Subject
    targets: str | None
    python: str | None
    durations: dict[str, float] = {}


def compare_on(place: Place, errand: Errand, options: CompareOptions, on_progress: ProgressCallback) -> Comparison:
    """Compare on a cluster; each benchmark's pairs are all of one worker, so of one machine.

    Raises `MeasureError` for what fails there.
    """
    project = errand.subject.project
    base = find_base(project, options.base, branch=options.branch)
    on_progress(Noted(message=f"base: {base.name}"))
    asked = msgspec.structs.replace(options, base=base.sha or options.base)
    whole = _measured(place, errand, asked, base.sha, on_progress)
    if not isinstance(whole, Comparison):
        raise MeasureError("the workers answered with a run, not a comparison")
    return msgspec.structs.replace(whole, base=base.name, commit=revision_of(project))


def run_on(place: Place, errand: Errand, options: BenchOptions, on_progress: ProgressCallback) -> Run:
    """Measure a suite on the machines of one kind of a cluster; raises `MeasureError` for what fails there."""
    whole = _measured(place, errand, options, None, on_progress)
    if not isinstance(whole, Run):
        raise MeasureError("the workers answered with a comparison, not a run")
    return msgspec.structs.replace(whole, commit=revision_of(errand.subject.project))


def _measured(
    place: Place,
    errand: Errand,
    options: CompareOptions | BenchOptions,
    base: str | None,
    on_progress: ProgressCallback,
) -> Run | Comparison:
    """Have the suite measured in parts; only what a run says is of one kind of machine, a comparison says of itself."""
    top = git.toplevel(errand.subject.project)
    with gather(place, checkouts.pack(top, base), on_progress) as team:
        count = max(1, _PARTS * len(team.members()))
        orders = [write_part(_part(errand, options, number, count, top)) for number in range(1, count + 1)]
        measured = spread(team, orders, on_progress, alike=isinstance(options, BenchOptions))
    return _joined(measured, errand)


def _part(errand: Errand, options: CompareOptions | BenchOptions, number: int, count: int, top: Path) -> Part:
    division = Division(number=number, count=count, durations=errand.durations)
    subject = errand.subject
    return Part(
        inside=subject.project.resolve().relative_to(top.resolve()).as_posix(),
        paths=subject.paths,
        roots=subject.roots,
        python=errand.python,
        targets=errand.targets,
        compare=msgspec.structs.replace(options, division=division) if isinstance(options, CompareOptions) else None,
        run=msgspec.structs.replace(options, division=division) if isinstance(options, BenchOptions) else None,
    )


def _joined(measured: Sequence[Measured], errand: Errand) -> Run | Comparison:
    """Read the workers' documents as any stranger's shards, and join them."""
    targets = None if errand.targets is None else parse_targets(errand.targets, "targets.yaml")
    with tempfile.TemporaryDirectory(prefix="hivegate-") as name:
        files = []
        for number, one in enumerate(measured, start=1):
            files.append(Path(name, f"part {number} of {one.member.host}.json"))
            files[-1].write_bytes(one.document)
        return join(tuple(files), targets)
