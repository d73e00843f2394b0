"""Pairs: what two revisions showed side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.model.run import Doubles, Sample, TestOutcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.protocol import BenchmarkEnd
    from hivegate.model.run import InstructionSample, MemorySample

# Begins what is said of a side that does not have what the other has.
CANNOT_RUN = "cannot run"
# Begins what is said of a side whose times are none.
INVALID = TestOutcome.INVALID.value
NO_BENCHMARK = TestOutcome.NO_BENCHMARK.value
# Ends what is said of a base whose checkout lacks what git does not hold.
NOT_IN_GIT = "git does not hold"


class PairSample(msgspec.Struct, frozen=True, kw_only=True):
    """One benchmark in one pair: seconds of each round, wall and processor time, base and head in turn.

    Every round has the same number of `calls` on both sides. `delay` is the time in which a round was ready to run and
    others ran, and `switches` are the voluntary context switches of all rounds: code that waits makes at least one a
    wait; both None where nobody counts them. `parallel` where threads or processes were at work, so that one thread's
    times say little; `in_turn` where they take turns, as at a lock or where a call waits for a process, held on one
    core and timed together. `together` where base and head ran at the same time on one core, so that wall times hold
    the other side's, too. `singles` are the seconds of single calls, where a percentile was asked for. `timer` names
    the suite's own clock, where it has one: wall times and singles are by that, in its seconds, and all else is of no
    use.
    `external` where the benchmark says that it measures what is not the project's.
    """

    calls: int
    timer: str = ""
    switches: int | None = None
    parallel: bool = False
    in_turn: bool = False
    together: bool = False
    base_wall: Doubles
    head_wall: Doubles
    base_cpu: Doubles
    head_cpu: Doubles
    base_delay: Doubles | None = None
    head_delay: Doubles | None = None
    base_singles: Doubles = msgspec.field(default_factory=Doubles)
    head_singles: Doubles = msgspec.field(default_factory=Doubles)
    external: bool = False


class PairTrouble(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a benchmark has no sample in a pair: what became of it on each side, "" where that side was well."""

    base: str = ""
    head: str = ""


def may_clash(result: PairSample | PairTrouble) -> bool:
    """Tell whether a benchmark raised, as one does that wants for itself what another process has."""
    failed = TestOutcome.FAILED.value
    return isinstance(result, PairTrouble) and (result.base.startswith(failed) or result.head.startswith(failed))


class InstructionPair(msgspec.Struct, frozen=True, kw_only=True):
    """The instructions of one call on both sides, one reading a process; whether any of them waited for something."""

    base: tuple[float, ...] = ()
    head: tuple[float, ...] = ()
    waits: bool = False
    trouble: PairTrouble | None = None


class MemoryPair(msgspec.Struct, frozen=True, kw_only=True):
    """The memory of one call on both sides, one reading a process: bytes at the peak, and allocations where counted."""

    base_peak: tuple[int, ...] = ()
    head_peak: tuple[int, ...] = ()
    base_allocations: tuple[int, ...] = ()
    head_allocations: tuple[int, ...] = ()
    trouble: PairTrouble | None = None


class PassPair(msgspec.Struct, frozen=True, kw_only=True):
    """What passes of time showed on both sides, one sample a process: for what they count beside the times."""

    base: tuple[Sample, ...] = ()
    head: tuple[Sample, ...] = ()
    trouble: PairTrouble | None = None


def describe_trouble(ends: Iterable[BenchmarkEnd | Sample | MemorySample | InstructionSample]) -> str:
    """Say how the first test that was not measured ended on a side; "" where all were."""
    bad = next((end for end in ends if end.outcome is not TestOutcome.MEASURED), None)
    return "" if bad is None else f"{bad.outcome.value}: {bad.detail}" if bad.detail else bad.outcome.value
