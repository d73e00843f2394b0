"""The parts that everything else in the hive stands on: snapshots, scheduling, proposals and their conflicts."""

from hivemind.primitives.commutative import CommutativeMerge, CommutativeProposal, aggregate_commutative
from hivemind.primitives.conditional import (
    ConditionalAggregate,
    ConditionalMerge,
    ConditionalProposal,
    aggregate_conditional,
)
from hivemind.primitives.conflicts import Conflicts, find_conflicts
from hivemind.primitives.errors import (
    EmptySchedulerError,
    HiveError,
    InvalidValueError,
    ProposalConflictError,
    SnapshotFileError,
    StaleSnapshotError,
)
from hivemind.primitives.hints import LatencyTier, Priority, ResourceCost, SchedulingHint
from hivemind.primitives.names import fault_of
from hivemind.primitives.scheduler import PriorityScheduler
from hivemind.primitives.snapshot import Snapshot, SnapshotCell, Staged
from hivemind.primitives.snapshot_file import FileSnapshot, SnapshotFile

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
    "fault_of",
    "find_conflicts",
]
