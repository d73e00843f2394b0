"""A connection to a Dask scheduler: another's, or one of our own with processes of this machine."""

from __future__ import annotations

import contextlib
import tempfile
from typing import TYPE_CHECKING, Any, TypeAlias

from hivegate.errors import MeasureError, UsageError
from hivegate.model.events import Noted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.cluster.places import Place
    from hivegate.model.events import Watcher

Client: TypeAlias = Any  # distributed says little of its types
Future: TypeAlias = Any  # same

_PATIENCE = "20s"  # until a scheduler must have answered
# A worker of ours does nothing but wait for what it started: no samples of its threads, no variables of its nanny's.
_SETTINGS = {
    "distributed.worker.profile.enabled": False,
    "distributed.nanny.pre-spawn-environ": {},
    "distributed.admin.low-level-log-length": 1000,
}


@contextlib.contextmanager
def connected(place: Place, watch: Watcher) -> Iterator[Client]:
    """Connect to the scheduler at an address, or start a cluster here, which ends with the connection.

    Raises `UsageError` where distributed is not installed, `MeasureError` where nobody answers.
    """
    try:
        import dask.config  # noqa: PLC0415  an extra, and a second's import
        import distributed  # noqa: PLC0415  same
    except ImportError as fault:
        raise UsageError(
            f"measuring on a cluster needs distributed, which is not installed: {fault}",
            where="--on",
            hint="pip install 'hivegate[dask]'",
        ) from fault
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set({} if place.address else _SETTINGS))
        client_of: Any = distributed.Client
        address = place.address or stack.enter_context(_local(place.workers))
        watch(Noted(message=f"cluster: {place.address or f'{place.workers} processes of this machine'}"))
        try:
            client = client_of(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError) as fault:
            raise MeasureError(
                f"no scheduler answers: {fault}",
                where=address,
                hint="start one: dask scheduler, and on each machine: dask worker HOST:PORT --nthreads 1",
            ) from fault
        stack.callback(client.close)
        yield client


@contextlib.contextmanager
def reached(client: Client) -> Iterator[None]:
    """Raise `MeasureError` where the scheduler does not answer any more."""
    try:
        yield
    except OSError as fault:  # distributed's CommClosedError and TimeoutError are such
        where = str(client.scheduler.address) if client.scheduler else "the scheduler"
        raise MeasureError(f"does not answer any more: {fault}", where=where) from fault


@contextlib.contextmanager
def _local(workers: int) -> Iterator[str]:
    import distributed  # noqa: PLC0415  loaded by `connected`

    make: Any = distributed.LocalCluster
    with (
        tempfile.TemporaryDirectory(prefix="hivegate-", ignore_cleanup_errors=True) as folder,
        make(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=0,
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=folder,
            resources={"hivegate": 1},
            silence_logs="CRITICAL",
        ) as cluster,
    ):
        yield str(cluster.scheduler_address)
