"""Cancellation at every await."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hivemind.swarm.testing.loop import ManualLoop

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine, Iterator


class Walked(NamedTuple):
    """A task that was cancelled after `steps` callbacks and has ended; `loop` is where it ran."""

    steps: int
    loop: ManualLoop
    task: asyncio.Task[Any]


def cancelled_everywhere(make: Callable[[], Coroutine[Any, Any, Any]], *, seed: int | None = None) -> Iterator[Walked]:
    """Run what `make` returns again and again, cancelled after 0, 1, 2, … callbacks, until it ends uncancelled.

    That passes through every await at which a cancellation can arrive, in the task and in all that it starts. Raises
    DeadlockError or UnhandledError as `ManualLoop` does. Time: quadratic in the number of callbacks.
    """
    steps = 0
    while True:
        loop = ManualLoop(seed)
        task = loop.create_task(make())
        for _ in range(steps):
            if task.done() or not loop.step():
                break
        uncancelled = task.done()
        task.cancel()
        loop.finish(task)
        yield Walked(steps, loop, task)
        if uncancelled:
            return
        steps += 1
