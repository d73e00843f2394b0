"""The clocks of a round: wall time, this thread's processor time, and the time in which others had its core.

On Linux the scheduler tells to the nanosecond how long a thread was ready to run while others ran. Wall time less that
is what the round would have taken on an idle machine, waits for input, timers and locks included.
"""

from __future__ import annotations

import contextlib
import os
import time
from importlib.machinery import BuiltinImporter
from importlib.util import module_from_spec
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable

resource: Any
try:
    import resource
except ImportError:  # Windows has none
    resource = None


def _own_time() -> Any:  # noqa: ANN401  a module
    """Load ``time`` once more: a ``.pth`` of an installed package runs before us, and may have replaced functions."""
    spec = BuiltinImporter.find_spec("time")
    if spec is None or spec.loader is None:  # where it is not built in
        return time
    own = module_from_spec(spec)
    spec.loader.exec_module(own)
    return own


_time = _own_time()
CLOCKS = ("perf_counter", "monotonic", "time", "perf_counter_ns", "process_time_ns", "thread_time_ns")


class KeptTime:
    """The functions of ``time`` as Python has them, by their names, whatever the subject makes of them.

    They are kept in a class: what freezes the time, or replaces a function of it for a test, does so in ``time`` and
    under each name that a module has for the function, and looks no further.
    """

    perf_counter: Callable[[], float] = staticmethod(_time.perf_counter)
    monotonic: Callable[[], float] = staticmethod(_time.monotonic)
    perf_counter_ns: Callable[[], int] = staticmethod(_time.perf_counter_ns)
    process_time_ns: Callable[[], int] = staticmethod(_time.process_time_ns)
    thread_time_ns: Callable[[], int] = staticmethod(_time.thread_time_ns)
    time: Callable[[], float] = staticmethod(_time.time)
    # As ``time`` had them when the worker began, by which a suite's timer is known for one of these.
    begun: ClassVar[dict[str, Any]] = {name: getattr(time, name) for name in CLOCKS}


kept = KeptTime()

_SCHEDULER = "/proc/thread-self/schedstat"  # ns on a core, ns ready for one, slices


class Clocks:
    """Read the clocks around calls and add the differences up: `start` before them, `stop` after them.

    With `of_process` the processor time is that of all threads and of the child processes that were waited for, and
    nobody tells delays and switches.
    `wall`, `cpu` and `delay` are in ns, `switches` counts voluntary context switches; the last two are None where the
    system does not tell. To be used by the thread that made it.
    """

    def __init__(self) -> None:
        self._scheduler = _opened()
        self._begun: tuple[int, int, int | None, int | None] = (0, 0, None, None)
        self.of_process = False
        self.reset()

    def reset(self) -> None:
        """Begin a new round."""
        self.wall = self.cpu = 0
        self.delay: int | None = None if self._delay() is None else 0
        self.switches: int | None = None if self._switches() is None else 0

    def start(self) -> None:
        """Read before the calls, the wall clock last."""
        switches, delay = self._switches(), self._delay()
        cpu = self._cpu()
        self._begun = (kept.perf_counter_ns(), cpu, delay, switches)

    def stop(self) -> None:
        """Read after the calls, the wall clock first."""
        wall = kept.perf_counter_ns()
        cpu = self._cpu()
        delay, switches = self._delay(), self._switches()
        began, cpu_then, delay_then, switches_then = self._begun
        self.wall += wall - began
        self.cpu += cpu - cpu_then
        self.delay = _sum(self.delay, delay, delay_then)
        self.switches = _sum(self.switches, switches, switches_then)

    def close(self) -> None:
        """Close what the scheduler tells through."""
        if self._scheduler is not None:
            with contextlib.suppress(OSError):  # a benchmark may have closed every descriptor
                os.close(self._scheduler)

    def _cpu(self) -> int:
        return processes_time_ns() if self.of_process else kept.thread_time_ns()

    def _switches(self) -> int | None:
        """Count this thread's voluntary context switches: whatever waits makes one."""
        if self.of_process or resource is None or not hasattr(resource, "RUSAGE_THREAD"):
            return None
        return int(resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw)

    def _delay(self) -> int | None:
        if self.of_process or self._scheduler is None:
            return None
        try:
            return int(os.pread(self._scheduler, 64, 0).split()[1])
        except (OSError, IndexError, ValueError):
            return None


def processes_time_ns() -> int:
    """Read the processor time of all threads of this process, and of the children that it waited for."""
    own = kept.process_time_ns()
    if resource is None:
        return own
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return int(own + (ended.ru_utime + ended.ru_stime) * 1e9)


def _opened() -> int | None:
    try:
        return os.open(_SCHEDULER, os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, AttributeError):
        return None


def _sum(total: int | None, now: int | None, then: int | None) -> int | None:
    return None if total is None or now is None or then is None else total + now - then
