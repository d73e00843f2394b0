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


def join(files: tuple[Path, ...], targets: Targets | None, *, whole: bool = True) -> Run | Comparison:
    """Join the shards of one run, or of one comparison; without `whole` those that are there.

    Raises `ResultsError` unless the shards are of one division, and hold all that was divided where `whole`.
    """
    joined, shard = join_shards([(str(path), read_any(path)) for path in files], whole=whole)
    if shard.targets != digest_of_targets(targets):
        raise ResultsError(
            f"was measured for another targets.yaml than {targets.source if targets else 'none'}",
            where=str(files[0]),
            hint="merge where the same commit is checked out, with the same --targets",
        )
    known = {benchmark.id for benchmark in joined.benchmarks}
    divided = (name for name in known if not is_further(name, known))
    if whole and shard.suite != digest(*sorted(divided)):
        raise ResultsError(
            "hold other benchmarks than were divided", where="the shards", hint="a file was changed: measure again"
        )
    if isinstance(joined, Run):
        return msgspec.structs.replace(joined, benchmarks=tuple(one for one in joined.benchmarks if not one.is_none))
    return msgspec.structs.replace(joined, benchmarks=tuple(one for one in joined.benchmarks if not one.is_none))
