"""Instructions of a call, counted by valgrind's cachegrind in processes of their own.

With equal addresses and hash seeds two counts of one revision are equal to the instruction, or nearly: so two of each
side are enough, on any machine, however busy.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar

import msgspec

from hivegate.errors import MeasureError
from hivegate.measure.collect import collect
from hivegate.measure.environments import fixed_addresses
from hivegate.measure.subject import ONE_THREAD
from hivegate.measure.worker_run import TreeSuite, WorkerRun, run_in_worker
from hivegate.model.events import Started
from hivegate.model.pairs import InstructionPair, PairTrouble, describe_trouble
from hivegate.model.protocol import InstructionsPlan
from hivegate.model.run import InstructionSample
from hivegate.system.files import scratch_folder
from hivegate.system.programs import find_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback

_READINGS = 2  # equal ones are exact, unequal ones are both ends of the interval
_SLOWDOWN = 20  # how much longer valgrind may leave without a sign of life


def find_valgrind() -> str | None:
    """Find valgrind, if it is installed."""
    return find_program("valgrind")


def require_valgrind() -> str:
    """Find valgrind; raises `MeasureError` where it is not installed."""
    found = find_valgrind()
    if found is None:
        raise MeasureError(
            "valgrind, which counts instructions, is not installed",
            hint="on Debian and Ubuntu: apt-get install valgrind; it runs on Linux, and on few versions of macOS",
        )
    return found


class InstructionReader:
    """Count the instructions of one call of each benchmark, in two processes; all read by one reader count alike."""

    name: ClassVar[str] = "instructions"

    def __init__(self) -> None:
        self._calls: dict[str, int] = {}

    def read(
        self, suite: TreeSuite, stage: str, on_progress: ProgressCallback
    ) -> dict[str, tuple[InstructionSample, ...]]:
        """Count a suite's benchmarks in its tree; by id."""
        if suite.trees is not None:  # what one process compiles and the next finds compiled changes their heaps
            files = tuple(dict.fromkeys(item.path for item in suite.chosen))
            subject = msgspec.structs.replace(suite.subject, paths=files)
            collect(subject, trees=suite.trees, rootdir=suite.rootdir)
        runs: list[WorkerRun] = []
        for number in range(_READINGS):
            on_progress(Started(stage=f"{stage}, {number + 1}", steps=len(suite.chosen)))
            with _under_valgrind(suite.subject) as (subject, counts):
                counted = msgspec.structs.replace(suite, subject=subject, timeout=suite.timeout * _SLOWDOWN)
                runs.append(run_in_worker(counted, InstructionsPlan(counts=counts), self._calls, on_progress))
            for name, end in runs[-1].finished.items():
                if end.instructions is not None:
                    self._calls.setdefault(name, end.instructions.calls)
        return {item.id: tuple(_sample(run, item.id) for run in runs) for item in suite.chosen}

    def pair(self, base: Sequence[InstructionSample], head: Sequence[InstructionSample]) -> InstructionPair:
        """Put the readings of both sides next to each other, or say why there are none."""
        trouble = PairTrouble(base=describe_trouble(base), head=describe_trouble(head))
        if trouble.base or trouble.head:
            return InstructionPair(trouble=trouble)
        return InstructionPair(
            base=tuple(sample.instructions for sample in base if sample.instructions is not None),
            head=tuple(sample.instructions for sample in head if sample.instructions is not None),
            waits=any(sample.waits for sample in (*base, *head)),
        )


@contextlib.contextmanager
def _under_valgrind(subject: Subject) -> Iterator[tuple[Subject, str]]:
    """Have a subject's processes counted, and name the folder that takes a file of each, named by its number."""
    with scratch_folder() as folder:
        options = ("-q", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={folder}/%p")
        yield (
            msgspec.structs.replace(
                subject,
                launcher=(*fixed_addresses(subject.project), require_valgrind(), *options),
                variables={**ONE_THREAD, "PYTHONHASHSEED": "0"},
            ),
            str(folder),
        )


def _sample(run: WorkerRun, name: str) -> InstructionSample:
    if name in run.lost:
        return InstructionSample(outcome=run.lost[name].outcome, detail=run.lost[name].detail)
    end = run.finished[name]
    if end.instructions is None:
        return InstructionSample(outcome=end.outcome, detail=end.detail)
    return InstructionSample(
        outcome=end.outcome,
        detail=end.detail,
        instructions=end.instructions.instructions,
        waits=end.instructions.waits,
    )
