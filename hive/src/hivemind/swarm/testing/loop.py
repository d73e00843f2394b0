"""An event loop with a manual clock and a seeded order, for asyncio code that does no input or output."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from hivemind.primitives import HiveError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator
    from contextvars import Context

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class DeadlockError(HiveError):
    """Report code that waits for something which nothing will bring about."""


class UnhandledError(HiveError):
    """Report what an event loop would only have logged, such as an exception in a callback."""


if TYPE_CHECKING:
    # To a type checker the rest of an event loop is there; at run time it raises NotImplementedError.
    _EventLoop = asyncio.SelectorEventLoop
else:
    _EventLoop = asyncio.AbstractEventLoop


class ManualLoop(_EventLoop):
    """An event loop whose time stands still until nothing else can happen, then jumps to the next timer.

    With a `seed`, callbacks that are ready together run in an order drawn from it: the same seed gives the same
    order, and many seeds find what depends on one. Without, they run in the order they came in. Calls handed to an
    executor run inline. Usable as `asyncio.Runner(loop_factory=ManualLoop)`.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = None if seed is None else Random(seed)  # noqa: S311  an order, not a secret
        self._now = 0.0
        self._ready: deque[asyncio.Handle] = deque()
        self._batch: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._count = 0
        self._closed = False
        self._running = False
        self._problems: list[dict[str, Any]] = []

    def time(self) -> float:
        """Return the loop's own time in seconds, from 0."""
        return self._now

    @property
    def idle(self) -> bool:
        """Tell whether no callback is ready and no timer is set."""
        return not self._batch and not self._ready and self._next_timer() is None

    def step(self) -> bool:
        """Run one callback, moving time on if none is ready; return False where nothing is left to happen."""
        if not self._fill() and not self._jump():
            return False
        with self._entered():
            self._batch.popleft()._run()  # noqa: SLF001  the one way to run a handle; every event loop does it
        return True

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass, running all that falls into them."""
        end = self._now + seconds
        while self._fill() or ((when := self._next_timer()) is not None and when <= end):
            self.step()
        self._now = end

    def run_until_complete(self, future: Generator[Any, None, T] | Awaitable[T]) -> T:
        """Run until `future` is done and return its result.

        Raises DeadlockError if nothing can happen any more before that, and UnhandledError for what a loop would
        only log.
        """
        task: asyncio.Future[T] = asyncio.ensure_future(future, loop=self)  # type: ignore[arg-type]  # as in typeshed
        self.finish(task)
        return task.result()

    def finish(self, future: asyncio.Future[Any]) -> None:
        """Run until `future` is done, whatever became of it; raises as `run_until_complete` does."""
        while not future.done():
            if not self.step():
                raise DeadlockError(f"{future!r} waits, but nothing is ready and no timer is set")
        self.check()

    def check(self) -> None:
        """Raise UnhandledError if a callback raised or a task was lost."""
        if self._problems:
            problem = self._problems[0]
            raise UnhandledError(f"{problem.get('message', 'unhandled')}: {problem!r}") from problem.get("exception")

    def run_forever(self) -> None:
        """Run until nothing is left to happen."""
        while self.step():
            pass

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Make a callback ready."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Make a callback ready after `delay` seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Make a callback ready at a time."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._count += 1  # timers of one time keep their order
        heapq.heappush(self._timers, (when, self._count, handle))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        """Return a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(self, coro: Coroutine[Any, Any, T], **options: Any) -> asyncio.Task[T]:  # type: ignore[override]  # noqa: ANN401
        """Return a task of this loop."""
        return asyncio.Task(coro, loop=self, **options)

    def run_in_executor(self, executor: object, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]  # noqa: ANN401
        """Run a call inline and return its finished future."""
        del executor
        future: asyncio.Future[T] = asyncio.Future(loop=self)
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  it belongs to whoever awaits the future
            future.set_exception(error)
        return future

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep what a loop would only log, for `check`."""
        self._problems.append(context)

    def is_running(self) -> bool:
        """Tell whether a callback runs."""
        return self._running

    def is_closed(self) -> bool:
        """Tell whether the loop was closed."""
        return self._closed

    def close(self) -> None:
        """Drop what has not happened."""
        self._closed = True
        self._ready.clear()
        self._batch.clear()
        self._timers.clear()

    def get_debug(self) -> bool:
        """Return False: there is no debug mode."""
        return False

    def set_debug(self, enabled: bool) -> None:  # noqa: FBT001  asyncio's signature
        """Ignore the debug mode."""

    async def shutdown_asyncgens(self) -> None:
        """Do nothing: the loop keeps no asynchronous generators."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  asyncio's
        """Do nothing: the loop has no executor."""

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Ignore it: cancelled timers are dropped when they come up."""

    def _next_timer(self) -> float | None:
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def _fill(self) -> bool:
        """Gather what is ready together, without the cancelled; tell whether there is any."""
        while self._batch and self._batch[0].cancelled():
            self._batch.popleft()
        if not self._batch:
            ready = [handle for handle in self._ready if not handle.cancelled()]
            self._ready.clear()
            if self._random is not None:
                self._random.shuffle(ready)
            self._batch.extend(ready)
        return bool(self._batch)

    def _jump(self) -> bool:
        when = self._next_timer()
        if when is None:
            return False
        self._now = max(self._now, when)
        while (due := self._next_timer()) is not None and due <= self._now:
            self._ready.append(heapq.heappop(self._timers)[2])
        return self._fill()

    @contextmanager
    def _entered(self) -> Iterator[None]:
        self._running = True
        asyncio._set_running_loop(self)  # noqa: SLF001  asyncio gives it to implementers of event loops
        try:
            yield
        finally:
            asyncio._set_running_loop(None)  # noqa: SLF001  same
            self._running = False
