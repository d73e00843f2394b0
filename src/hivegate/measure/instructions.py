"""Instructions of a call, counted by valgrind's cachegrind in processes of their own.

With equal addresses and hash seeds two counts of one revision are equal to the instruction, or nearly: so two of each
side are enough, on any machine, however busy.
"""

from __future__ import annotations

import contextlib
import tempfile
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.errors import MeasureError
from hivegate.measure.collect import collect
from hivegate.measure.environments import fixed_addresses
from hivegate.measure.pairs.process import THREADS
from hivegate.measure.sides import side_of
from hivegate.measure.worker_run import walk
from hivegate.model.events import Started
from hivegate.model.pairs import InstructionPair, PairTrouble
from hivegate.model.run import InstructionSample, TestOutcome
from hivegate.system.programs import find_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hivegate.measure.collect import BenchmarkItem, Collection
    from hivegate.measure.pairs.checkout import Pairing
    from hivegate.measure.subject import Subject
    from hivegate.measure.worker_run import Walk
    from hivegate.model.events import ProgressCallback

_READINGS = 2  # equal ones are exact, unequal ones are both ends of the interval
_SLOWDOWN = 20  # how much longer valgrind may leave without a sign of life
_MOST_NAMED = 5
_UNSEEN = (
    "instructions are what a benchmark's own process executes: caches, input and output, locks, waiting, other "
    "processes and time in the kernel are not among them"
)


def find_valgrind() -> str | None:
    """Find valgrind, if it is installed."""
    return find_program("valgrind")


def require_valgrind() -> str:
    """Find valgrind; raises `MeasureError` where it is not installed."""
    found = find_valgrind()
    if found is None:
        raise MeasureError(
            "instructions are counted by valgrind, which is not installed",
            hint="on Debian and Ubuntu: apt-get install valgrind; it runs on Linux, and on few versions of macOS",
        )
    return found


def measure_instructions(
    subject: Subject,
    collection: Collection,
    chosen: tuple[BenchmarkItem, ...],
    *,
    timeout: float,
    on_progress: ProgressCallback,
) -> dict[str, tuple[InstructionSample, ...]]:
    """Count the instructions of a call of each chosen benchmark, in two processes; by id."""
    walks = _count(subject, collection, chosen, {}, "instructions", timeout=timeout, on_progress=on_progress)
    return {one.id: tuple(_sample(found, one.id) for found in walks) for one in chosen}


def measure_instruction_pairs(
    pairing: Pairing, head: Collection, chosen: tuple[BenchmarkItem, ...], on_progress: ProgressCallback
) -> dict[str, InstructionPair]:
    """Count the instructions of a call of each chosen benchmark in both trees, twice each, by as many calls."""
    samples: dict[str, dict[str, list[InstructionSample]]] = {"base": {}, "head": {}}
    calls: dict[str, int] = {}
    for side, found in samples.items():
        there = side_of(pairing, side, head, chosen)
        # What one process compiles and the next one finds compiled would leave them different heaps.
        files = tuple(dict.fromkeys(one.path for one in there.chosen))
        collect(
            msgspec.structs.replace(there.subject, paths=files), trees=there.trees, rootdir=there.collection.rootdir
        )
        plan = {"trees": there.trees, "benchmarks": {name: {"calls": number} for name, number in calls.items()}}
        stage = f"instructions of {side}"
        walks = _count(
            there.subject, there.collection, there.chosen, plan, stage, timeout=pairing.timeout, on_progress=on_progress
        )
        calls |= _calls(walks)
        found |= {one.id: [_sample(each, one.id) for each in walks] for one in chosen}
    return {one.id: _pair(samples["base"][one.id], samples["head"][one.id]) for one in chosen}


def unseen(waiting: Sequence[str]) -> str:
    """Say what instructions do not tell, and which benchmarks waited for something while they were counted."""
    if not waiting:
        return _UNSEEN
    more = f" and {len(waiting) - _MOST_NAMED} more" if len(waiting) > _MOST_NAMED else ""
    return f"{_UNSEEN}; waited all the same: {', '.join(waiting[:_MOST_NAMED])}{more}"


def _count(
    subject: Subject,
    collection: Collection,
    chosen: tuple[BenchmarkItem, ...],
    plan: Mapping[str, Any],
    stage: str,
    *,
    timeout: float,
    on_progress: ProgressCallback,
) -> list[Walk]:
    walks: list[Walk] = []
    for number in range(_READINGS):
        on_progress(Started(stage=f"{stage}, {number + 1}", steps=len(chosen)))
        known = {name: {"calls": calls} for name, calls in _calls(walks).items()}
        with _under_valgrind(subject) as (counted, counts):
            given = {"mode": "instructions", "counts": counts, **plan, "benchmarks": known | plan.get("benchmarks", {})}
            walks.append(walk(counted, collection, chosen, given, timeout=timeout * _SLOWDOWN, on_progress=on_progress))
    return walks


@contextlib.contextmanager
def _under_valgrind(subject: Subject) -> Iterator[tuple[Subject, str]]:
    """Have a subject's processes counted, and name the folder that takes a file of each, named by its number."""
    with tempfile.TemporaryDirectory(prefix="hivegate-") as folder:
        options = ("-q", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={folder}/%p")
        yield (
            msgspec.structs.replace(
                subject,
                launcher=(*fixed_addresses(subject.project), require_valgrind(), *options),
                variables={**dict.fromkeys(THREADS, "1"), "PYTHONHASHSEED": "0"},
            ),
            folder,
        )


def _calls(walks: Sequence[Walk]) -> dict[str, int]:
    return {name: event["calls"] for one in walks for name, event in one.finished.items() if "calls" in event}


def _sample(found: Walk, name: str) -> InstructionSample:
    if name in found.lost:
        return InstructionSample(outcome=found.lost[name].outcome, detail=found.lost[name].detail)
    event = found.finished[name]
    return InstructionSample(
        outcome=TestOutcome(event["outcome"]),
        detail=event["detail"],
        instructions=event.get("instructions"),
        waits=event.get("waits", False),
    )


def _pair(base: Sequence[InstructionSample], head: Sequence[InstructionSample]) -> InstructionPair:
    trouble = PairTrouble(base=_trouble(base), head=_trouble(head))
    if trouble.base or trouble.head:
        return InstructionPair(trouble=trouble)
    return InstructionPair(
        base=tuple(one.instructions for one in base if one.instructions is not None),
        head=tuple(one.instructions for one in head if one.instructions is not None),
        waits=any(one.waits for one in (*base, *head)),
    )


def _trouble(samples: Sequence[InstructionSample]) -> str:
    bad = next((one for one in samples if one.outcome is not TestOutcome.MEASURED), None)
    return "" if bad is None else f"{bad.outcome.value}: {bad.detail}" if bad.detail else bad.outcome.value
