"""Measure a project's benchmarks for the first time, and write what a gate needs."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.adopt.cures import cure
from hivegate.adopt.environment import install, install_command
from hivegate.adopt.init import Adoption, FirstMeasurement, adopt
from hivegate.adopt.limits import Plan
from hivegate.adopt.noise import measure_noise
from hivegate.adopt.origin import find_origin, published
from hivegate.adopt.survey import survey
from hivegate.adopt.writing import is_unchanged, write
from hivegate.errors import HivegateError, MeasureError, UsageError
from hivegate.flows.bench.flow import late_looks, looks_of
from hivegate.flows.bench.initial import measure_first
from hivegate.flows.plan import SuitePlan
from hivegate.flows.reference import measure_speed
from hivegate.flows.workspace import own_folder
from hivegate.model.events import Noted, Started, ignore_progress
from hivegate.model.run import TestOutcome

if TYPE_CHECKING:
    from hivegate.adopt.survey import Survey
    from hivegate.flows.project import Project
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback
    from hivegate.model.run import Run

_PASSES, _MOST_PASSES = 3, 7
_NOISE_PAIRS = 8
_NOISE_BUDGET = 0.02


class InitOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Say what `init` measures and writes.

    No further pass begins after `max_time` seconds; `repository` is where hivegate is on GitHub, as OWNER/NAME;
    `install` first installs what the benchmarks need; `dry_run` writes nothing.
    """

    paths: tuple[Path, ...] = ()
    max_time: float = 300.0
    python: str | None = None
    repository: str | None = None
    install: bool = False
    dry_run: bool = False


def init(
    project: Project, options: InitOptions, on_progress: ProgressCallback = ignore_progress
) -> tuple[Adoption, Subject]:
    """Measure the suites that use pytest-benchmark and write targets.yaml, noxfile.py and workflows.

    Returns the files, written or planned, with notes, and what was measured. A file that exists is left as it is, but
    one that `init` wrote and nobody changed is updated. Raises `UsageError` where there is no benchmark, and
    `MeasureError` for a suite that cannot be measured, or of which every benchmark is skipped or fails.
    """
    if options.repository is not None and not re.fullmatch(r"[\w.-]+/[\w.-]+", options.repository):
        raise UsageError(f"{options.repository!r} is not a repository", hint="write OWNER/NAME, as in example/hivegate")
    seen, origin = survey(project.folder), find_origin()
    origin = origin if options.repository is None else published(origin, options.repository)
    subject = _subject(project, seen, options)
    if options.install:
        on_progress(Started(stage=f"installing {' '.join(seen.requirements.words())}"))
        install(subject.python, seen.requirements, seen.folder)
    targets = project.folder / project.settings.targets
    for unparsed in seen.suites.unparsed:
        on_progress(Noted(message=f"cannot be parsed by this Python: {unparsed}; its text has benchmarks, for pytest"))
    kept = targets.exists() and not is_unchanged(targets)
    measured = None if kept else _measure(project, seen, subject, options, on_progress)
    adoption = adopt(seen, origin, subject, targets, measured)
    if not options.dry_run:
        own_folder(project.folder)  # the schema that targets.yaml names is in it
        for file in adoption.files:
            write(file)
    return adoption, subject


def _subject(project: Project, seen: Survey, options: InitOptions) -> Subject:
    """Choose what to measure: what was given, what is configured, or what was found."""
    paths = options.paths
    if not paths and not seen.configured:
        if not seen.suites.paths:
            others = "".join(f"\n  hivegate -C {package} init" for package in seen.suites.packages)
            more = f"\nbut these separate projects have some:{others}" if others else ""
            if (project.folder / "asv.conf.json").is_file():
                more += "\nThe suite of asv.conf.json stays asv's; its results are judged by: hivegate check FILE"
            raise UsageError(
                "no benchmarks found in this project",
                where=str(seen.folder),
                hint="a benchmark is a test that takes pytest-benchmark's `benchmark` fixture, such as\n"
                "  def test_total(benchmark):\n      benchmark(sum, range(1000))\n"
                f"  in benches/test_totals.py; write one, or name where they are: hivegate init PATH{more}",
            )
        paths = tuple(project.folder / path for path in seen.suites.paths)
    return project.subject(paths, options.python)


def _measure(
    project: Project, seen: Survey, subject: Subject, options: InitOptions, on_progress: ProgressCallback
) -> FirstMeasurement:
    settings = project.settings
    plan = SuitePlan(passes=_PASSES, most_passes=_MOST_PASSES, max_time=options.max_time, timeout=settings.timeout)
    try:
        run = measure_first(subject, plan, on_progress)
    except MeasureError as fault:
        command = cure(seen.folder, subject.python, [fault.message, fault.hint])
        advice = f"Install what is missing:\n    {command}" if command else _incomplete(subject, seen, options)
        if seen.suites.unparsed and "SyntaxError" in fault.hint:
            advice = "Name a Python that the suite is written for: --python PATH"
        raise MeasureError(fault.message, where=fault.where, hint=f"{fault.hint}\n  {advice}") from fault
    _refuse_unmeasured(seen, subject, run)
    on_progress(Started(stage="noise and speed of this machine"))
    noise = reference = None
    try:
        noise = measure_noise(_NOISE_PAIRS, fork=sys.platform == "linux", budget=_NOISE_BUDGET)
        reference = measure_speed(subject.python)
    except HivegateError as fault:
        on_progress(Noted(message=str(fault)))
    usual = SuitePlan(passes=settings.passes, most_passes=settings.max_passes)
    judging = Plan(passes=settings.passes, looks=late_looks(looks_of(usual)))
    return FirstMeasurement(run=run, noise=noise, plan=judging, reference=reference)


def _refuse_unmeasured(seen: Survey, subject: Subject, run: Run) -> None:
    """Raise `MeasureError` where no benchmark was measured: targets of nothing would pass for ever."""
    samples = [sample for benchmark in run.benchmarks for sample in benchmark.samples]
    if any(sample.outcome is TestOutcome.MEASURED for sample in samples):
        return
    first = samples[0]
    command = cure(seen.folder, subject.python, [sample.detail for sample in samples])
    hint = f"Install what is missing, then run init again:\n    {command}"
    if not command:
        hint = (
            "Nothing was written. If an option of the suite enables them, hand it on: "
            'pytest-args = ["--OPTION"] under [tool.hivegate]'
        )
    count = len(run.benchmarks)
    what = "the benchmark" if count == 1 else f"none of the {count} benchmarks"
    could = "could not be measured" if count == 1 else "could be measured"
    raise MeasureError(f"{what} {could}: {first.outcome.value}: {first.detail}".removesuffix(": "), hint=hint)


def _incomplete(subject: Subject, seen: Survey, options: InitOptions) -> str:
    """Say how to complete the environment, which is the likely reason why a suite cannot be measured."""
    if options.install:
        return (
            "If its environment is not complete: what the project's own files name for its benchmarks is installed. "
            f"Add what is missing:\n    {shlex.quote(subject.python)} -m pip install NAME"
        )
    command = shlex.join(install_command(subject.python, seen.requirements))
    return (
        "If its environment is not complete: by this project's own files it takes\n"
        f"    {command}\n  which hivegate init --install does. --python PATH names another environment."
    )
