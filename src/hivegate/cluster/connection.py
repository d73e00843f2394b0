"""A connection to a Dask scheduler: another's, or one of our own with processes of this machine."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Any, TypeAlias

from hivegate.cluster import serve
from hivegate.errors import MeasureError, UsageError
from hivegate.model.events import Noted
from hivegate.system.files import scratch_folder
from hivegate.system.process import deadline, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hivegate.cluster.places import Place
    from hivegate.model.events import ProgressCallback

Client: TypeAlias = Any  # distributed says little of its types
Future: TypeAlias = Any  # same

_PATIENCE = "20s"  # until a scheduler must have answered
_STARTING = 60.0  # seconds until a cluster of this machine must have started
_LOOK = 0.05


@contextlib.contextmanager
def connected(place: Place, on_progress: ProgressCallback) -> Iterator[Client]:
    """Connect to the scheduler at an address, or start a cluster here, which ends with the connection.

    Raises `UsageError` where distributed is not installed, `MeasureError` where nobody answers.
    """
    try:
        import cryptography  # noqa: F401, PLC0415  distributed makes certificates with it
        import distributed  # noqa: PLC0415  an extra, and a second's import
    except ImportError as fault:
        raise UsageError(
            f"measuring on a cluster needs distributed and cryptography: {fault}",
            where="--on",
            hint="pip install 'hivegate[dask]'",
        ) from fault
    with contextlib.ExitStack() as stack:
        client_of: Any = distributed.Client
        address, security = place.address, None  # without one Dask's own configuration says
        if address is None:
            folder = stack.enter_context(_local(place.workers))
            address = (folder / serve.ADDRESS).read_text(encoding="utf-8")
            certificate, key = str(folder / serve.CERTIFICATE), str(folder / serve.KEY)
            security_of: Any = distributed.Security
            security = security_of(
                tls_ca_file=certificate, tls_client_cert=certificate, tls_client_key=key, require_encryption=True
            )
        on_progress(Noted(message=f"cluster: {place.address or f'{place.workers} processes of this machine'}"))
        try:
            client = client_of(address, timeout=_PATIENCE, set_as_default=False, security=security)
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
        raise MeasureError(f"no longer answers: {fault}", where=where) from fault


@contextlib.contextmanager
def _local(workers: int) -> Iterator[Path]:
    """Start a scheduler and workers here; yields the folder that says how they are reached."""
    with scratch_folder() as folder:
        late = deadline(_STARTING)
        # -P: the folder that we are in holds the project, which may be hivegate itself
        command = [sys.executable, "-P", "-m", serve.__name__, str(workers), str(folder), str(os.getpid())]
        with running(command, cwd=folder, env=os.environ, pass_fds=()) as server:
            while not (folder / serve.ADDRESS).exists():
                if server.finished() is not None or late():
                    raise MeasureError("the local cluster did not start", hint=server.output().strip())
                time.sleep(_LOOK)
            yield folder
