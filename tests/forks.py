"""Forked children that begin at once."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def run_together(works: Sequence[Callable[[], object]]) -> int:
    """Fork a child for each, let them begin at once, wait for all, and count those that failed."""
    waiting, starting = os.pipe()
    children = [_forked(work, waiting, starting) for work in works]
    os.close(waiting)
    os.close(starting)
    return sum(os.waitpid(child, 0)[1] != 0 for child in children)


def _forked(work: Callable[[], object], waiting: int, starting: int) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(starting)
            os.read(waiting, 1)  # returns when the parent closes its end
            work()
            status = 0
        except BaseException:  # noqa: BLE001  whatever it is, the fork must not go on as the parent
            traceback.print_exc()
        os._exit(status)
    return child
