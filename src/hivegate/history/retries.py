"""What passes by itself is done again: conflicts of writers, a server that restarts, connections that run out."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import DBAPIError

from hivegate.history.faults import FULL, PATIENCE, state_of

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_PAUSE = 0.05  # seconds, the first
_LONGEST = 2.0  # and the last
# By the beginning of SQLSTATE: lost connections, conflicts, deadlocks, no connection left, shutdown and start.
_PASSING = ("08", "40001", "40P01", "53300", "57P01", "57P02", "57P03")
# Who cannot connect is told no SQLSTATE. What is not named here, such as a wrong password, is not tried again.
_AWAY = (
    "Connection refused",
    "Is the server running",  # there is not even a socket
    "timeout expired",
    "the database system is ",
    "server closed the connection",  # one that was kept for later, too
    "the connection is ",  # closed, lost
    "Connection reset by peer",
    "Temporary failure in name resolution",
    "terminating connection",
)


def retried(work: Callable[[], T], patience: Callable[[DBAPIError], float]) -> T:
    """Do work until it succeeds, or its fault lasts longer than the seconds that `patience` has for it.

    Pauses double and are drawn, so that those who failed together do not come again together.
    """
    begin, pause = time.monotonic(), _PAUSE
    while True:
        try:
            return work()
        except DBAPIError as fault:
            wait = random.uniform(pause / 2, pause)  # noqa: S311  no secret
            if time.monotonic() + wait - begin > patience(fault):
                raise
        time.sleep(wait)
        pause = min(2 * pause, _LONGEST)


def patience_to_connect(fault: DBAPIError, seconds: float) -> float:
    """Return how long a server may refuse a connection for that reason: `seconds` where it is away."""
    said = str(fault.orig)
    if any(one in said for one in FULL):
        return PATIENCE
    return seconds if any(one in said for one in _AWAY) else 0.0


def patience_to_write(fault: DBAPIError) -> float:
    """Return how long a transaction is begun again for that reason."""
    state = state_of(fault.orig)
    if state is None:
        return 0.0
    lost = not state  # the server could not even say why
    return PATIENCE if lost or state.startswith(_PASSING) else 0.0
