"""Where a cluster is, as the command line names it."""

from __future__ import annotations

import os
import re

import msgspec

from hivegate.errors import UsageError

_LOCAL = re.compile(r"dask(?::([1-9]\d{0,2}))?")
_REMOTE = re.compile(r"(dask|tcp|tls)://([^/\s@]+):(\d{1,5})/?")
_ALLOWED = "use dask, dask:WORKERS, dask://HOST:PORT or tls://HOST:PORT"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A scheduler's address; without, a cluster of so many processes on this machine."""

    address: str | None = None
    workers: int = 1


def read_place(text: str) -> Place:
    """Read where to measure; raises `UsageError` for anything else."""
    here, there = _LOCAL.fullmatch(text), _REMOTE.fullmatch(text)
    if here is not None:
        return Place(workers=int(here[1]) if here[1] else _cores())
    if there is not None:
        scheme = "tcp" if there[1] == "dask" else there[1]
        return Place(address=f"{scheme}://{there[2]}:{there[3]}")
    raise UsageError(f"{text!r} is not a cluster", where="--on", hint=_ALLOWED)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
