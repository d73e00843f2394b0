"""The errors of the hive's primitives, one root and one leaf for each cause."""


class HiveError(Exception):
    """Be the root of everything that the hive raises on purpose."""


class InvalidValueError(HiveError, ValueError):
    """Report an argument that no call of this kind accepts: the caller's fault."""


class StaleSnapshotError(HiveError):
    """Report a commit made on a snapshot that is no longer the current one: stage again on the new one."""


class ProposalConflictError(HiveError):
    """Report proposals that cannot be merged because they touch the same resource."""

    def __init__(self, message: str, *, resources: tuple[str, ...]) -> None:
        super().__init__(message)
        self.resources = resources


class EmptySchedulerError(HiveError, LookupError):
    """Report a dequeue from a scheduler in which nothing waits."""


class SnapshotFileError(HiveError):
    """Report a snapshot file that is missing, another program's, truncated or corrupted."""
