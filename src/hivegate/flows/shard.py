"""A machine's part of a suite that several machines share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.errors import UsageError
from hivegate.ingest import read_any
from hivegate.measure.shards import digest, divide
from hivegate.model.comparison import Comparison
from hivegate.model.shard import Shard
from hivegate.model.targets import Targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from hivegate.model.run import Benchmark


class Division(msgspec.Struct, frozen=True, kw_only=True):
    """Which part to take, `number` of `count` from 1, and the seconds of benchmarks that balance the parts."""

    number: int
    count: int
    durations: dict[str, float] = {}

    def part(
        self, ids: Iterable[str], targets: Targets | None, *, bonds: Sequence[frozenset[str]] = ()
    ) -> tuple[frozenset[str], Shard]:
        """Choose this machine's benchmarks, as all machines would; each of `bonds` stays together."""
        known = sorted(set(ids))
        part = divide(known, self.count, self.durations, bonds)[self.number - 1]
        shard = Shard(
            number=self.number,
            count=self.count,
            suite=digest(*known),
            targets=digest_of_targets(targets),
            durations=digest(*(f"{name}={seconds!r}" for name, seconds in sorted(self.durations.items()))),
        )
        return part, shard


def division_of(shard: tuple[int, int] | None, durations: Path | None) -> Division | None:
    """Make the division that ``--shard`` and ``--durations`` ask for; raises `UsageError` where they make no sense."""
    if shard is None:
        if durations is not None:
            raise UsageError("--durations balances shards, and there are none", hint="say which: --shard 1/4")
        return None
    number, count = shard
    if not 1 <= number <= count:
        raise UsageError(f"there is no shard {number}/{count}", hint="write 1/8 for the first of eight, up to 8/8")
    return Division(number=number, count=count, durations={} if durations is None else load_durations(durations))


def digest_of_targets(targets: Targets | None) -> str:
    """Tell targets apart by what they say, wherever it is written."""
    return digest(repr(_said(msgspec.to_builtins(targets or Targets(source="")))))


def _said(value: Any) -> Any:  # noqa: ANN401  built-in values
    if isinstance(value, dict):
        return {key: _said(one) for key, one in sorted(value.items()) if key not in {"source", "where"}}
    return [_said(one) for one in value] if isinstance(value, list | tuple) else value


def load_durations(path: Path) -> dict[str, float]:
    """Read how long each benchmark took, from an earlier run or comparison; raises `ResultsError` for anything else."""
    found = read_any(path)
    if isinstance(found, Comparison):
        return {one.id: one.seconds for one in found.benchmarks if one.seconds > 0}
    return {one.id: seconds for one in found.benchmarks if (seconds := _seconds(one)) > 0}


def _seconds(benchmark: Benchmark) -> float:
    samples = benchmark.samples
    return math.fsum(sum(one.rounds) * one.calls if one.wall is None else one.wall for one in samples)
