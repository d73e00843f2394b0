"""Join the shards of one suite, measured on several machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError
from hivegate.flows.shard import digest_of_targets
from hivegate.ingest import read_any
from hivegate.ingest.shards import join_shards
from hivegate.measure.collect import is_further
from hivegate.measure.shards import digest
from hivegate.model.run import Run

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.model.comparison import Comparison
    from hivegate.model.targets import Targets


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
    known = {benchmark.id for benchmark in whole.benchmarks}
    divided = (name for name in known if not is_further(name, known))
    if shard.suite != digest(*sorted(divided)):
        raise ResultsError(
            "hold other benchmarks than were divided", where="the shards", hint="a file was changed: measure again"
        )
    if isinstance(whole, Run):
        return msgspec.structs.replace(whole, benchmarks=tuple(one for one in whole.benchmarks if not one.is_none))
    return msgspec.structs.replace(whole, benchmarks=tuple(one for one in whole.benchmarks if not one.is_none))
