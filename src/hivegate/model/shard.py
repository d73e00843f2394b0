"""A shard: which part of a suite a machine measured, where several share one."""

from __future__ import annotations

import msgspec


class Shard(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """Part `number` of `count`, from 1; digests tell shards of one division from others.

    `suite` is of all ids that were divided, `targets` of the targets, and `durations` of the times by which the
    parts were balanced.
    """

    number: int
    count: int
    suite: str
    targets: str
    durations: str

    def __str__(self) -> str:
        """Spell it as the command line does."""
        return f"{self.number}/{self.count}"
