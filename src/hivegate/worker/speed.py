"""The speed of the machine around the rounds: the reference loop, timed between them every few rounds.

A machine may change its speed within tens of milliseconds, with nothing that processor time, the scheduler or the clock
would show: a neighbour on the same core does that. What ran between two readings of the loop ran at their speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .clocks import Clocks
from .clocks import kept as time
from .reference_loop import VERSION, seconds_per_turn_now

if TYPE_CHECKING:
    from collections.abc import Callable

# ns of processor time between readings. The processor has to learn its branches again after one, which takes 0.1 ms:
# plain loops ran up to 6 % slower for the next 2 ms. Readings every 3 ms moved their median by 8 %, these do by none.
_EVERY = 20_000_000
_LOOK = 1_000_000  # ns: asking for processor time at every round would cost more than short rounds take


class SpeedRecorder:
    """Time the reference loop between rounds; `done` counts the rounds so far.

    Between two readings is a block of rounds. What a block lost is the wall time in which its thread was off the core
    and did not ask to be: others ran, or a quota was used up. Over all blocks it is summed up how long they took, how
    long the thread waited of itself, and the processor time of other threads. To be used by the thread that measures.
    """

    def __init__(self, done: Callable[[], int]) -> None:
        self._done = done
        self._clocks = Clocks()
        self._due = self._stale = 0
        self._turns: list[float] = []
        self._places: list[int] = []
        self._lost: list[float] = []
        self._elapsed = self._waited = self._others = self._others_before = 0

    def read_if_due(self) -> None:
        """Read where the last reading is old enough; to be called right before a round."""
        if time.perf_counter_ns() < self._due:
            return
        if not self._turns or time.thread_time_ns() >= self._stale:
            self.read()
        else:
            self._due = time.perf_counter_ns() + _LOOK

    def read(self) -> None:
        """Close the block so far, and time the loop."""
        clocks = self._clocks
        if self._turns:
            clocks.stop()
            lost, away = _lost(clocks), max(0, clocks.wall - clocks.cpu)
            self._lost.append(lost * 1e-9)
            self._elapsed += clocks.wall
            self._waited += away - lost
            self._others += max(0, _of_other_threads() - self._others_before)
        self._turns.append(seconds_per_turn_now())
        self._places.append(self._done())
        clocks.reset()
        self._others_before = _of_other_threads()
        self._stale = time.thread_time_ns() + _EVERY
        self._due = time.perf_counter_ns() + _LOOK
        clocks.start()

    def end(self) -> dict[str, Any] | None:
        """Read a last time; returns the readings in order, None where there was no round."""
        if self._turns:
            self.read()
        self._clocks.close()
        if len(self._turns) < 2:  # noqa: PLR2004  one before and one after
            return None
        return {
            "loop": VERSION,
            "turns": self._turns,
            "places": self._places,
            "lost": self._lost,
            "elapsed": self._elapsed * 1e-9,
            "waited": self._waited * 1e-9,
            "others": self._others * 1e-9,
        }


def _of_other_threads() -> int:
    return time.process_time_ns() - time.thread_time_ns()


def _lost(clocks: Clocks) -> int:
    """Tell the ns that the thread was off the core against its will: all of them, where it never gave the core up."""
    away = max(0, clocks.wall - clocks.cpu)
    return away if clocks.switches == 0 else min(away, clocks.delay or 0)


def record_rounds(fixture: Any) -> SpeedRecorder:  # noqa: ANN401  pytest-benchmark is untyped
    """Read the speed between the rounds that a fixture is about to measure; calibrating and warming up are none."""
    make_runner = fixture._make_runner

    def done() -> int:
        return 0 if fixture.stats is None else len(fixture.stats.stats.data)

    recorder = SpeedRecorder(done)

    def make_recorded(*args: Any, **kwargs: Any) -> Callable[..., Any]:  # noqa: ANN401
        runner = make_runner(*args, **kwargs)

        def run(*given: Any, **options: Any) -> Any:  # noqa: ANN401
            if fixture.stats is not None:
                recorder.read_if_due()
            return runner(*given, **options)

        return run

    fixture._make_runner = make_recorded
    return recorder
