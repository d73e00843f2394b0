"""Who works beside a benchmark: threads, child processes, and copies of the process that come back from a call."""

from __future__ import annotations

import contextlib
import os
import select
from typing import TYPE_CHECKING

from . import threads
from .clocks import kept as time
from .loop import resource

if TYPE_CHECKING:
    from collections.abc import Iterator

_OTHERS = 0.02  # share of the time in which other threads are at work
_FAINT = 100_000  # ns; less is what reading two clocks in turn makes of one thread
_PATIENCE = 0.1  # seconds in which a copy comes back, if it does


class Company:
    """Watch a benchmark's calls: `parallel` where anything worked beside the calling thread so far.

    `lasting` where a child process was there when a call was over: its time is told by nobody before it ends.

    What lasts is seen; what came and went between two looks left its processor time behind.
    """

    def __init__(self) -> None:
        self.parallel = self.lasting = False
        self._copies, self._told = os.pipe()

    def close(self) -> None:
        """Close what copies report through."""
        os.close(self._copies)
        os.close(self._told)

    @contextlib.contextmanager
    def watch(self) -> Iterator[None]:
        """Stand around calls; a copy of this process that comes back from them ends here.

        Raises `RuntimeError` in the process that was copied: every call doubles the processes.
        """
        own, start = os.getpid(), time.perf_counter_ns()
        others, children = _others_time(), _children_faults()
        yield
        if os.getpid() != own:
            os.write(self._told, b"1")
            os._exit(0)
        beside = _others_time() - others > max(_FAINT, _OTHERS * (time.perf_counter_ns() - start))
        living = _has_children()
        self.lasting = self.lasting or living
        self.parallel = self.parallel or beside or living or _children_faults() > children or threads.count() > 1
        if living and select.select([self._copies], [], [], _PATIENCE)[0]:
            raise RuntimeError("forks its process, and the copy returns from the call: let it end with os._exit()")


def _others_time() -> int:
    return time.process_time_ns() - time.thread_time_ns()


def _children_faults() -> int:
    """Count the page faults of children that were waited for: every process makes some."""
    return 0 if resource is None else int(resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt)


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except (ChildProcessError, AttributeError):  # there is none, or a system that cannot ask
        return False
    return True
