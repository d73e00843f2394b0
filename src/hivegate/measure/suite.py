"""A suite measured: passes gathered into a Run, and continued where more is wanted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.measure.instructions import find_valgrind, measure_instructions, unseen
from hivegate.measure.passes import Effort, PassResult, measure_memory, measure_pass
from hivegate.model.declaration import Declaration
from hivegate.model.events import Started
from hivegate.model.run import Benchmark, Commit, Environment, InstructionSample, MemorySample, Run, TestOutcome
from hivegate.system import git, machine

if TYPE_CHECKING:
    from collections.abc import Collection as Container
    from collections.abc import Mapping
    from pathlib import Path

    from hivegate.measure.collect import BenchmarkItem, Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback
    from hivegate.model.shard import Shard

_DEADLY = {TestOutcome.CRASHED, TestOutcome.TIMED_OUT}
_MEMORY_PASSES = 2  # equal readings are exact, unequal ones are both shown


class Suite:
    """Measure a suite's chosen benchmarks pass by pass; `run` tells what is known so far."""

    def __init__(
        self,
        subject: Subject,
        collection: Collection,
        chosen: tuple[BenchmarkItem, ...],
        *,
        effort: Effort,
        on_progress: ProgressCallback,
        shard: Shard | None = None,
    ) -> None:
        self._subject = subject
        self._collection = collection
        self._chosen = chosen
        self._effort = effort
        self._on_progress = on_progress
        self._shard = shard
        self._deadly: set[str] = set()
        self._passes: list[PassResult] = []
        self._memory: list[dict[str, MemorySample]] = []
        self._instructions: dict[str, tuple[InstructionSample, ...]] = {}

    @property
    def collection(self) -> Collection:
        """The whole suite, chosen or not."""
        return self._collection

    @property
    def ids(self) -> tuple[str, ...]:
        """The chosen benchmarks' ids, in the suite's order."""
        return tuple(one.id for one in self._chosen)

    def measure(self, calls_wanted: Mapping[str, int], *, only: Container[str] | None = None) -> None:
        """Add one pass over the chosen benchmarks, or over those of them in `only`.

        One that took its process with it is not begun again: it has its verdict, and a hang would cost its deadline
        in every pass.
        """
        chosen = tuple(one for one in self._chosen if one.id not in self._deadly and (only is None or one.id in only))
        self._on_progress(Started(stage=f"pass {len(self._passes) + 1}", steps=len(chosen)))
        found = measure_pass(self._subject, self._collection, chosen, calls_wanted, self._effort, self._on_progress)
        self._passes.append(found)
        self._deadly.update(name for name, one in found.samples.items() if one.outcome in _DEADLY)

    def measure_memory(self, only: Container[str]) -> None:
        """Measure the memory of those of the chosen benchmarks that are in `only`, in two processes of their own."""
        chosen = tuple(one for one in self._chosen if one.id in only and one.id not in self._deadly)
        for number in range(_MEMORY_PASSES if chosen else 0):
            self._on_progress(Started(stage=f"memory {number + 1}", steps=len(chosen)))
            self._memory.append(
                measure_memory(self._subject, self._collection, chosen, self._effort, self._on_progress)
            )

    def measure_instructions(self, only: Container[str]) -> None:
        """Count the instructions of those of the chosen benchmarks that are in `only`, where there is a valgrind."""
        chosen = tuple(one for one in self._chosen if one.id in only and one.id not in self._deadly)
        if chosen and find_valgrind() is not None:
            timeout = self._effort.timeout
            found = measure_instructions(
                self._subject, self._collection, chosen, timeout=timeout, on_progress=self._on_progress
            )
            self._instructions |= found

    def run(self) -> Run:
        """Gather all passes into a Run of this revision on this machine."""
        return Run(
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            commit=revision_of(self._subject.project),
            environment=environment_of(self._passes[0].subject if self._passes else self._collection.subject),
            benchmarks=tuple(self._benchmark(one) for one in self._chosen),
            not_selected=self._left_out(),
            shard=self._shard,
            notes=(*self._collection.notes, *self._unseen()),
        )

    def _unseen(self) -> tuple[str, ...]:
        waiting = [name for name, samples in self._instructions.items() if any(one.waits for one in samples)]
        return (unseen(waiting),) if self._instructions else ()

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
            memory=tuple(found[one.id] for found in self._memory if one.id in found),
            instructions=self._instructions.get(one.id, ()),
            operations=declared.operations,
            size=declared.size,
            parallelism=declared.parallelism,
            better=declared.better,
        )


def revision_of(project: Path) -> Commit | None:
    """Tell which revision a project is at."""
    revision = git.describe(project)
    return None if revision is None else Commit(sha=revision.sha, branch=revision.branch, dirty=revision.dirty)


def environment_of(subject: dict[str, Any]) -> Environment:
    """Describe this machine and the subject's interpreter, of which the worker told."""
    return Environment(
        **machine.facts(),
        python=subject.get("python"),
        implementation=subject.get("implementation"),
        packages=msgspec.convert(subject.get("packages", {}), dict[str, str]),
    )
