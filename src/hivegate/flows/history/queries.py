"""hivegate history show: what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.errors import UsageError
from hivegate.flows.history.documents import existing_store
from hivegate.history.queries import list_environments, list_runs, load_records

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.model.record import KeptEnvironment, KeptRun, Record

_MOST = 20


def show_runs(project: Path, place: str) -> tuple[tuple[KeptEnvironment, ...], tuple[KeptRun, ...]]:
    """List the machines and the runs, each the newest first."""
    store = existing_store(project, place)
    return list_environments(store), tuple(reversed(list_runs(store)))


def show_run(project: Path, place: str, named: str) -> tuple[tuple[int, Record], ...]:
    """Read the runs that a number or the beginning of a commit names; raises `UsageError` where there is none."""
    store = existing_store(project, place)
    everything = list_runs(store)
    found = [one for one in everything if str(one.id) == named]
    if not found and len(named) >= 4:  # noqa: PLR2004  fewer digits name anything
        found = [one for one in everything if (one.commit or "").startswith(named)]
    if not found:
        raise UsageError(f"no run is {named!r}", hint="name a number or a commit that hivegate history show lists")
    chosen = found[-_MOST:]
    return tuple(zip((one.id for one in chosen), load_records(store, chosen), strict=True))
