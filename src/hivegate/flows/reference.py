"""The speed of the machine that limits are meant for: measured, and written into targets.yaml on request."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import MeasureError, TargetsError, UsageError
from hivegate.flows.project import absolute_interpreter
from hivegate.model.events import Started, ignore_progress
from hivegate.model.protocol import ReferenceReport
from hivegate.model.targets import MovedLimit, SpeedReference
from hivegate.stats.interval import estimate_over_passes
from hivegate.system.files import write_atomic
from hivegate.system.machine import cpu_model
from hivegate.system.process import deadline, run
from hivegate.system.worker import reference_command
from hivegate.targets import load_targets, parse_targets
from hivegate.targets.reference_text import moved_limits, with_reference, with_scaled_limits
from hivegate.targets.references import FEWEST_PASSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.flows.project import Project
    from hivegate.model.events import ProgressCallback
    from hivegate.model.targets import Targets

_SECONDS = 0.4  # of readings in a pass
_PATIENCE = 60.0  # seconds
_CONFIDENCE = 0.99


class ReferenceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Say how to measure the speed of this machine, and whether it becomes that of the reference.

    Each of `passes` is a fresh process of `python`, by default this interpreter. With `write` the reading is written
    into the targets file; with `rescale`, too, limits are rewritten so that they mean what they meant.
    """

    passes: int = 20
    python: str | None = None
    targets: Path | None = None
    write: bool = False
    rescale: bool = False


class ReferenceResult(msgspec.Struct, frozen=True, kw_only=True):
    """Hold the speed of this machine, that of the reference so far, and the limits that a new reference moves."""

    here: SpeedReference
    before: SpeedReference | None
    moved: tuple[MovedLimit, ...]
    file: Path
    written: bool


def reference(
    project: Project, options: ReferenceOptions | None = None, on_progress: ProgressCallback = ignore_progress
) -> ReferenceResult:
    """Measure the speed of this machine beside that of the reference, as ``hivegate reference`` does.

    Raises `UsageError` for too few passes or where there is no targets file to write to, and `MeasureError` where the
    interpreter cannot be started.
    """
    options = options or ReferenceOptions()
    if options.passes < FEWEST_PASSES:
        raise UsageError(f"passes: {options.passes}; expected at least {FEWEST_PASSES}")
    if options.rescale and not options.write:
        raise UsageError("rescaling limits without a reference", hint="use --rescale together with --write")
    file = project.targets_file(options.targets)
    targets = load_targets(file) if options.write else project.load_targets(options.targets)
    on_progress(Started(stage="speed of this machine"))
    python = sys.executable if options.python is None else absolute_interpreter(options.python)
    here = measure_speed(python, options.passes)
    before = targets.reference_for(*here.python.split())
    moved: tuple[MovedLimit, ...] = ()
    if options.write:
        moved = _write(file, targets, here, before, rescale=options.rescale)
    return ReferenceResult(here=here, before=before, moved=moved, file=file, written=options.write)


def measure_speed(python: str, passes: int = FEWEST_PASSES) -> SpeedReference:
    """Measure the speed of this machine under an interpreter, in so many fresh processes of it."""
    reports = list(_reports(python, passes))
    typical = estimate_over_passes(
        [median(report.turns) for report in reports], confidence=_CONFIDENCE, assumed_spread=0.15
    )
    return SpeedReference(
        loop=reports[0].loop,
        python=reports[0].python,
        turn=typical.value,
        low=typical.low,
        high=typical.high,
        passes=passes,
        date=dt.datetime.now(dt.UTC).date(),
        processor=cpu_model(),
        where="measured now",
    )


def _reports(python: str, passes: int) -> Iterator[ReferenceReport]:
    for _ in range(passes):
        ended = run(reference_command(python, _SECONDS), cwd=Path.cwd(), overdue=deadline(_PATIENCE))
        if ended.returncode != 0:
            raise MeasureError(
                f"the speed of this machine cannot be measured: the interpreter {ended.cause}", hint=ended.output[-500:]
            )
        yield msgspec.json.decode(ended.output, type=ReferenceReport)


def _write(
    file: Path, targets: Targets, here: SpeedReference, before: SpeedReference | None, *, rescale: bool
) -> tuple[MovedLimit, ...]:
    """Write the reading; returns what limits mean by the one that was there, and what they will mean."""
    text = file.read_text(encoding="utf-8")
    factor = 1.0 if before is None else here.turn / before.turn
    moved = () if before is None else moved_limits(targets, text, 1 / factor if not rescale else factor)
    if rescale:
        text = with_scaled_limits(targets, text, factor)
    others = [each for each in targets.reference if each.python != here.python]
    text = with_reference(text, targets.source, [*others, here])
    parse_targets(text, targets.source)  # what was written can be read
    write_atomic(file, text.encode(), error=TargetsError)
    return moved
