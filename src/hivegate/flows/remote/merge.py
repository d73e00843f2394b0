"""hivegate merge: shards of one suite, measured on several machines, judged as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.errors import ResultsError
from hivegate.flows.bench.check import judge_run
from hivegate.flows.compare.flow import judge_comparison
from hivegate.flows.history.drift import unknown_drift
from hivegate.flows.shard import digest_of_targets
from hivegate.ingest import read_any
from hivegate.ingest.shards import join_shards
from hivegate.measure.shards import digest
from hivegate.model.comparison import Comparison

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.flows.history.drift import DriftLookup
    from hivegate.model.run import Run
    from hivegate.model.targets import Targets
    from hivegate.model.verdict import GateResult


def merge(
    files: tuple[Path, ...], targets: Targets, *, drift: DriftLookup = unknown_drift
) -> tuple[Run | Comparison, GateResult]:
    """Join the shards of one run, or of one comparison, and judge the whole as one machine's would be.

    Raises `ResultsError` as `join` does.
    """
    whole = join(files, targets)
    if isinstance(whole, Comparison):
        return whole, judge_comparison(targets, whole)
    return whole, judge_run(targets, whole, drift=drift)


def join(files: tuple[Path, ...], targets: Targets | None) -> Run | Comparison:
    """Join the shards of one run, or of one comparison.

    Raises `ResultsError` unless the shards are all of one division and hold all that was divided.
    """
    whole, shard = join_shards([(str(path), read_any(path)) for path in files])
    if shard.targets != digest_of_targets(targets):
        raise ResultsError(
            f"was measured for another targets.yaml than {targets.source if targets else 'none'}",
            where=str(files[0]),
            hint="merge where the same commit is checked out, with the same --targets",
        )
    if shard.suite != digest(*sorted(one.id for one in whole.benchmarks)):
        raise ResultsError(
            "hold other benchmarks than were divided", where="the shards", hint="a file was changed: measure again"
        )
    return whole
