"""The parts that everything else in the hive stands on: snapshots, scheduling, proposals and their conflicts."""

from hivegate.hive.primitives.commutative import CommutativeMerge, CommutativeProposal, aggregate_commutative
from hivegate.hive.primitives.conditional import (
    ConditionalAggregate,
    ConditionalMerge,
    ConditionalProposal,
    aggregate_conditional,
)
from hivegate.hive.primitives.conflicts import Conflicts, find_conflicts
from hivegate.hive.primitives.errors import (
    EmptySchedulerError,
    HiveError,
    InvalidValueError,
    ProposalConflictError,
    SnapshotFileError,
    StaleSnapshotError,
)
from hivegate.hive.primitives.hints import LatencyTier, Priority, ResourceCost, SchedulingHint
from hivegate.hive.primitives.scheduler import PriorityScheduler
from hivegate.hive.primitives.snapshot import Snapshot, SnapshotCell, Staged
from hivegate.hive.primitives.snapshot_file import FileSnapshot, SnapshotFile

__all__ = [
    "CommutativeMerge",
    "CommutativeProposal",
    "ConditionalAggregate",
    "ConditionalMerge",
    "ConditionalProposal",
    "Conflicts",
    "EmptySchedulerError",
    "FileSnapshot",
    "HiveError",
    "InvalidValueError",
    "LatencyTier",
    "Priority",
    "PriorityScheduler",
    "ProposalConflictError",
    "ResourceCost",
    "SchedulingHint",
    "Snapshot",
    "SnapshotCell",
    "SnapshotFile",
    "SnapshotFileError",
    "Staged",
    "StaleSnapshotError",
    "aggregate_commutative",
    "aggregate_conditional",
    "find_conflicts",
]
