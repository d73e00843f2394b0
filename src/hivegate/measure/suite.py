"""A suite measured: passes gathered into a Run, and continued where more is wanted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from hivegate.instruments.base import Mode
from hivegate.measure.instructions import InstructionReader, find_valgrind
from hivegate.measure.memory import MemoryReader
from hivegate.measure.passes import LIGHT, PassOptions, PassResult, measure_pass
from hivegate.measure.proof import doubts_of_run, joined, summary
from hivegate.measure.worker_run import TreeSuite
from hivegate.model.declaration import Declaration
from hivegate.model.events import Started
from hivegate.model.run import Benchmark, Commit, Environment, InstructionSample, MemorySample, Run, TestOutcome
from hivegate.system import git, machine

if TYPE_CHECKING:
    from collections.abc import Collection as Container
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from hivegate.instruments.base import Instrument
    from hivegate.measure.collect import BenchmarkItem, Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback
    from hivegate.model.protocol import SubjectDescription
    from hivegate.model.shard import Shard

_ONCE = {TestOutcome.FAILED, TestOutcome.CRASHED, TestOutcome.TIMED_OUT, TestOutcome.NO_BENCHMARK}


class Suite:
    """Measure a suite's chosen benchmarks pass by pass; `run` tells what is known so far.

    The run notes the blind spots of `instruments`, which are those that targets ask for.
    """

    def __init__(
        self,
        subject: Subject,
        collection: Collection,
        chosen: tuple[BenchmarkItem, ...],
        *,
        options: PassOptions,
        instruments: tuple[Instrument, ...] = (),
        on_progress: ProgressCallback,
        shard: Shard | None = None,
    ) -> None:
        self._subject = subject
        self._collection = collection
        self._chosen = chosen
        self._options = options
        self._instruments = instruments
        self._on_progress = on_progress
        self._shard = shard
        self._ended: set[str] = set()
        self._passes: list[PassResult] = []
        self._memory: dict[str, tuple[MemorySample, ...]] = {}
        self._instructions: dict[str, tuple[InstructionSample, ...]] = {}

    @property
    def collection(self) -> Collection:
        """The whole suite, chosen or not."""
        return self._collection

    @property
    def ids(self) -> tuple[str, ...]:
        """The chosen benchmarks' ids, in the suite's order."""
        return tuple(one.id for one in self._chosen)

    def measure(
        self,
        calls_wanted: Mapping[str, int],
        *,
        only: Container[str] | None = None,
        lightly: Container[str] = (),
        most: int | None = None,
        left: float | None = None,
    ) -> None:
        """Add one pass over the chosen benchmarks, or over those of them in `only`; those in `lightly` for the record.

        `most` are the passes at most, and `left` the seconds at most, for whoever watches.
        One that took its process with it is not begun again: it has its verdict, and a hang would cost its deadline
        in every pass. Nor is what turned out to be no benchmark. Where a test calls others, these are chosen from then
        on.
        """
        chosen = tuple(one for one in self._chosen if one.id not in self._ended and (only is None or one.id in only))
        number = len(self._passes) + 1
        stage = f"pass {number}" if most is None else f"pass {number} of {'' if number == most else 'at most '}{most}"
        self._on_progress(Started(stage=stage, steps=len(chosen), left=left))
        light = msgspec.structs.replace(self._options, **LIGHT)
        parts = [
            measure_pass(self._tree_suite(part), calls_wanted, options, self._on_progress)
            for options, part in (
                (self._options, tuple(one for one in chosen if one.id not in lightly)),
                (light, tuple(one for one in chosen if one.id in lightly)),
            )
            if part
        ]
        known = {one.id for one in self._chosen}
        further = tuple(item for part in parts for item in part.further if item.id not in known)
        if further:
            self._chosen += further
            parts.append(measure_pass(self._tree_suite(further), calls_wanted, self._options, self._on_progress))
        result = PassResult(
            samples={name: sample for part in parts for name, sample in part.samples.items()},
            declarations={name: declared for part in parts for name, declared in part.declarations.items()},
            subject=next((part.subject for part in parts), None),
            notes={name: notes for part in parts for name, notes in part.notes.items()},
            loaded=joined(part.loaded for part in parts),
        )
        self._passes.append(result)
        self._ended.update(name for name, sample in result.samples.items() if sample.outcome in _ONCE)

    def measure_memory(self, only: Container[str]) -> None:
        """Measure the memory of those of the chosen benchmarks that are in `only`, in processes of their own."""
        if chosen := self._alive(only):
            self._memory |= MemoryReader().read(self._tree_suite(chosen), MemoryReader.name, self._on_progress)

    def measure_instructions(self, only: Container[str]) -> None:
        """Count the instructions of those of the chosen benchmarks that are in `only`, where there is a valgrind."""
        chosen = self._alive(only)
        if chosen and find_valgrind() is not None:
            reader = InstructionReader()
            self._instructions |= reader.read(self._tree_suite(chosen), reader.name, self._on_progress)

    def _alive(self, only: Container[str]) -> tuple[BenchmarkItem, ...]:
        return tuple(item for item in self._chosen if item.id in only and item.id not in self._ended)

    def _tree_suite(self, chosen: tuple[BenchmarkItem, ...]) -> TreeSuite:
        return TreeSuite(
            subject=self._subject, rootdir=self._collection.rootdir, chosen=chosen, timeout=self._options.timeout
        )

    def run(self) -> Run:
        """Gather all passes into a Run of this revision on this machine."""
        measured = [self._benchmark(one) for one in self._chosen]
        loaded = joined(found.loaded for found in self._passes)
        return Run(
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            commit=revision_of(self._subject.project),
            environment=environment_of(self._passes[0].subject if self._passes else self._collection.subject),
            # Of a shard they stay: all that was divided has to be there when it is joined.
            benchmarks=tuple(benchmark for benchmark in measured if self._shard or not benchmark.is_none),
            not_selected=self._left_out(),
            shard=self._shard,
            notes=(
                *self._collection.notes,
                *no_benchmarks([benchmark.id for benchmark in measured if benchmark.is_none]),
                *dict.fromkeys(
                    f"{name}: {note}" for done in self._passes for name in done.notes for note in done.notes[name]
                ),
                *self._blind_spots(),
            ),
            loaded=None if loaded is None else summary(loaded),
            doubts=doubts_of_run(loaded, self._subject.project),
        )

    def _blind_spots(self) -> Iterator[str]:
        """Say what the instruments that took readings cannot show."""
        waiting = [name for name, samples in self._instructions.items() if any(sample.waits for sample in samples)]
        taken = {Mode.TIME: self._passes, Mode.MEMORY: self._memory, Mode.INSTRUCTIONS: self._instructions}
        for instrument in self._instruments:
            if instrument.mode is not None and taken[instrument.mode] and (note := instrument.blind_spots(waiting)):
                yield note

    def _left_out(self) -> tuple[str, ...]:
        chosen = {one.id for one in self._chosen}
        return tuple(one.id for one in self._collection.found if one.id not in chosen)

    def _benchmark(self, one: BenchmarkItem) -> Benchmark:
        samples = tuple(
            msgspec.structs.replace(found.samples[one.id], pass_index=index)
            for index, found in enumerate(self._passes)
            if one.id in found.samples
        )
        declared = next(
            (found.declarations[one.id] for found in self._passes if one.id in found.declarations), Declaration()
        )
        return Benchmark(
            id=one.id,
            node_id=one.node_id,
            samples=samples,
            memory=self._memory.get(one.id, ()),
            instructions=self._instructions.get(one.id, ()),
            operations=declared.operations,
            size=declared.size,
            parallelism=declared.parallelism,
            better=declared.better,
            external=declared.external,
        )


def no_benchmarks(names: Sequence[str]) -> tuple[str, ...]:
    """Say which tests turned out to be none: their class or file asks for the fixture, and they do not call it."""
    if not names:
        return ()
    more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
    return (f"{names[0]}{more} is no benchmark: its class or file asks for the fixture, and the test never calls it",)


def revision_of(project: Path) -> Commit | None:
    """Tell which revision a project is at."""
    revision = git.describe(project)
    return None if revision is None else Commit(sha=revision.sha, branch=revision.branch, dirty=revision.dirty)


def environment_of(subject: SubjectDescription | None) -> Environment:
    """Describe this machine and, where it is known, the subject's interpreter."""
    if subject is None:
        return Environment(**machine.facts())
    return Environment(
        **machine.facts(),
        python=subject.python,
        implementation=subject.implementation,
        packages=subject.packages,
    )
