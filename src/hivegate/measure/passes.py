"""A pass: the time of chosen benchmarks, measured once in a fresh process."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from hivegate.measure.collect import BenchmarkItem, further_items
from hivegate.measure.worker_run import TreeSuite, run_in_worker
from hivegate.model.declaration import Declaration, declare_fitting
from hivegate.model.events import Started
from hivegate.model.pairs import PairTrouble, PassPair, describe_trouble
from hivegate.model.protocol import BenchmarkEnd, LoadedProject, MeasurePlan, SpeedReadings, SubjectDescription
from hivegate.model.run import Doubles, Sample, Speed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hivegate.model.events import ProgressCallback


_READINGS = 2  # equal ones are exact, unequal ones are both ends of the interval


class PassOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How much one pass measures: seconds of rounds a benchmark, seconds a round, seconds without a sign of life."""

    max_time: float = 0.05
    min_time: float = 0.0002  # shorter than a slice of the scheduler, so that a median ignores who else runs
    min_rounds: int | None = None  # None: pytest-benchmark's own
    timeout: float = 120.0


# What no target asks for is measured for the record: enough to see a big change in the history.
LIGHT = {"max_time": 0.01, "min_rounds": 2}


class PassResult(msgspec.Struct, frozen=True, kw_only=True):
    """One pass: by benchmark id a sample, a declaration and notes; the interpreter, and what it loaded.

    `further` are benchmarks that tests called beside the one that was measured.
    """

    samples: dict[str, Sample]
    declarations: dict[str, Declaration]
    subject: SubjectDescription | None
    loaded: LoadedProject | None  # no default: who joins passes must not forget it
    notes: dict[str, tuple[str, ...]] = {}
    further: tuple[BenchmarkItem, ...] = ()


def measure_pass(
    suite: TreeSuite, calls_wanted: Mapping[str, int], options: PassOptions, on_progress: ProgressCallback
) -> PassResult:
    """Measure the time of the suite's benchmarks once.

    `calls_wanted` says by benchmark id how many single calls are needed. Every chosen benchmark has a sample in the
    result, also one that failed, crashed or never ran.
    """
    plan = MeasurePlan(max_time=str(options.max_time), min_time=str(options.min_time), min_rounds=options.min_rounds)
    run = run_in_worker(suite, plan, calls_wanted, on_progress)
    samples = {name: Sample(outcome=lost.outcome, detail=lost.detail) for name, lost in run.lost.items()}
    declarations: dict[str, Declaration] = {}
    notes: dict[str, tuple[str, ...]] = {}
    for name, end in run.finished.items():
        declarations[name], misfits = declare_fitting(end.extra_info, end.params)
        samples[name] = _sample(end, declarations[name])
        unfit = (f"{fault.where} {fault.message}, so it declares nothing" for fault in misfits)
        notes[name] = (*end.notes, *unfit)
    return PassResult(
        samples=samples,
        declarations=declarations,
        subject=run.subject,
        loaded=run.loaded,
        notes=notes,
        further=tuple(
            further
            for item in suite.chosen
            if item.id in run.finished
            for further in further_items(item, run.finished[item.id].further)
        ),
    )


class PassReader:
    """Read what passes of time count beside the times, in two processes."""

    name: ClassVar[str] = "passes"

    def read(self, suite: TreeSuite, stage: str, on_progress: ProgressCallback) -> dict[str, tuple[Sample, ...]]:
        """Read a suite's benchmarks in its tree; by id."""
        passes: list[dict[str, Sample]] = []
        for number in range(_READINGS):
            on_progress(Started(stage=f"{stage}, {number + 1}", steps=len(suite.chosen)))
            passes.append(measure_pass(suite, {}, PassOptions(timeout=suite.timeout), on_progress).samples)
        return {item.id: tuple(samples[item.id] for samples in passes) for item in suite.chosen}

    def pair(self, base: Sequence[Sample], head: Sequence[Sample]) -> PassPair:
        """Put the samples of both sides next to each other, or say why there are none."""
        trouble = PairTrouble(base=describe_trouble(base), head=describe_trouble(head))
        if trouble.base or trouble.head:
            return PassPair(trouble=trouble)
        return PassPair(base=tuple(base), head=tuple(head))


def _sample(end: BenchmarkEnd, declaration: Declaration) -> Sample:
    sample = Sample(
        outcome=end.outcome, detail=end.detail, metrics=declaration.metrics, processor=declaration.processor
    )
    if end.time is not None:
        sample = msgspec.structs.replace(
            sample,
            rounds=Doubles(end.time.rounds),
            calls=end.time.calls,
            single_calls=Doubles(end.time.single_calls),
            cpu=end.time.cpu,
            wall=end.time.wall,
            switches=end.time.switches,
            kernel=end.time.kernel,
            reference=end.time.reference,
            speed=_speed(end.time.speed),
            single_speed=_speed(end.time.single_speed),
        )
    return sample


def _speed(readings: SpeedReadings | None) -> Speed | None:
    if readings is None:
        return None
    return Speed(
        loop=readings.loop,
        turns=Doubles(readings.turns),
        places=readings.places,
        lost=Doubles(readings.lost),
        elapsed=readings.elapsed,
        waited=readings.waited,
        others=readings.others,
    )
