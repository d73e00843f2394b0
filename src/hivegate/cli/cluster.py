"""What --on of several commands becomes; imported where it is given."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hivegate.cluster import read_place
from hivegate.errors import UsageError
from hivegate.flows.remote.cluster import Errand, compare_on, run_on
from hivegate.flows.shard import load_durations
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.cluster import Place
    from hivegate.measure.subject import Subject

__all__ = ["compare_on", "errand", "run_on"]


def errand(
    cluster: str, subject: Subject, targets: Path | None, *, shard: tuple[int, int] | None, durations: Path | None
) -> tuple[Place, Errand]:
    """Make out where to measure, and what is sent there; raises `UsageError` for what contradicts itself."""
    if shard is not None:
        raise UsageError("--on divides the suite among the workers; --shard is for machines without a scheduler")
    place = read_place(cluster)
    made = Errand(
        subject=subject,
        targets=None if targets is None else read_bytes(targets, limit=MEBIBYTE, error=UsageError).decode(),
        python=None if subject.python == sys.executable else subject.python,
        durations={} if durations is None else load_durations(durations),
    )
    return place, made
