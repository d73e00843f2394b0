"""A part of a suite that another machine is to measure, as a document."""

from __future__ import annotations

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.plan import ComparisonPlan, SuitePlan


class RemoteJob(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say what to measure: the project's folder in its repository, its suite, the texts of its targets.yaml, the plan.

    `python` is the interpreter to measure with, where another than the worker's own was asked for. Either `compare` or
    `run` is set.
    """

    inside: str
    paths: tuple[str, ...]
    roots: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    python: str | None = None
    targets: str | None = None
    base_targets: str | None = None
    compare: ComparisonPlan | None = None
    run: SuitePlan | None = None


def write_job(job: RemoteJob) -> bytes:
    """Write a job that `read_job` reads."""
    return msgspec.json.encode(job)


def read_job(document: bytes) -> RemoteJob:
    """Read a job; raises `UsageError` for anything else."""
    try:
        return msgspec.json.decode(document, type=RemoteJob)
    except msgspec.MsgspecError as fault:
        raise UsageError(f"is not a job for a worker: {fault}", hint="hivegate ... --on writes it") from fault
