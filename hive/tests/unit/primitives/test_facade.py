"""The public surface of the primitives."""

import ast
import sys
from pathlib import Path

from hivemind import primitives

SOURCES = sorted(Path(primitives.__file__).parent.glob("*.py"))


def test_the_public_names_are_these() -> None:
    """A name comes or goes only together with this list."""
    assert primitives.__all__ == [
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
    assert all(hasattr(primitives, name) for name in primitives.__all__)


def test_only_the_standard_library_and_the_package_itself_are_imported() -> None:
    """The primitives stand alone: nothing above them and nothing foreign."""
    imported = {
        name
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    foreign = {
        name
        for name in imported
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("hivemind.primitives")
    }
    assert len(SOURCES) > 5
    assert foreign == set()
