"""A scheduler and workers of this machine: ``python -m hivegate.cluster.serve WORKERS FOLDER PARENT``.

In processes of their own, so that Ctrl-C in a terminal reaches the command alone, which then ends them. The scheduler's
address is written into FOLDER/address, and before it a certificate of this very cluster and its key, which FOLDER keeps
from other users: who does not hold them is not spoken to. All end with PARENT.
"""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from hivegate.errors import UsageError
from hivegate.system.files import write_atomic
from hivegate.system.lifeline import end_with_parent

ADDRESS, CERTIFICATE, KEY = "address", "certificate.pem", "key.pem"
# A worker of ours does nothing but wait for what it started: no samples of its threads, no variables of its nanny's.
# One that ended is started anew, and given up where that takes longer than the last.
_SETTINGS = {
    "distributed.worker.profile.enabled": False,
    "distributed.nanny.pre-spawn-environ": {},
    "distributed.deploy.lost-worker-timeout": "10 minutes",
}


def serve(workers: int, folder: Path) -> None:
    """Serve until a signal ends this process."""
    import dask.config  # noqa: PLC0415  an extra; who asked for us has said so where it is not there
    import distributed  # noqa: PLC0415  same

    make: Any = distributed.LocalCluster
    security: Any = distributed.Security.temporary()
    for name, content in ((CERTIFICATE, security.tls_ca_file), (KEY, security.tls_client_key)):
        write_atomic(folder / name, content, error=UsageError)
    with (
        dask.config.set(_SETTINGS),
        make(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=0,
            host="127.0.0.1",
            security=security,
            dashboard_address=None,
            local_directory=str(folder),
            resources={"hivegate": 1},
            silence_logs="CRITICAL",
        ) as cluster,
    ):
        write_atomic(folder / ADDRESS, str(cluster.scheduler_address), error=UsageError)
        signal.pause()


def _leave(number: int, frame: object) -> None:  # noqa: ARG001  signal's signature
    raise SystemExit


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    end_with_parent(int(sys.argv[3]))
    try:
        serve(int(sys.argv[1]), Path(sys.argv[2]))
    finally:
        shutil.rmtree(sys.argv[2], ignore_errors=True)  # who was killed does not
