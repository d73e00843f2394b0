"""What every suite says to pytest-benchmark and to the gate."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

from pytest_benchmark.fixture import BenchmarkFixture

R = TypeVar("R")

SINGLE_CALLS = 20_000


class PlainRunner:
    """One event loop for all calls, which leaves the handler of SIGINT alone; `asyncio.Runner` does not.

    To find out whether its own handler is in place, Python 3.11 spells that, with it the task, and with that the whole
    result of a run: 0.6 ms for a small composition, unless the command was started in the background of a shell.
    """

    def __init__(self) -> None:
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        """Begin the loop."""
        self._runner.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """End the loop and what still runs in it."""
        self._runner.close()

    def run(self, coroutine: Coroutine[Any, Any, R]) -> R:
        """Run a coroutine in the loop, and return its result."""
        return self._runner.get_loop().run_until_complete(coroutine)


def declare(benchmark: BenchmarkFixture, *, size: int, operations: int, parallelism: int = 1) -> None:
    """Tell the gate the size of the input, the operations in one call, and the threads or processes it runs in."""
    benchmark.extra_info.update(size=size, operations=operations)
    if parallelism > 1:
        benchmark.extra_info["parallelism"] = parallelism


def single_calls(
    benchmark: BenchmarkFixture,
    call: Callable[..., R],
    *,
    rounds: int = SINGLE_CALLS,
    arguments: Callable[[], tuple[Any, ...]] = tuple,
) -> R:
    """Time one call a round, with new arguments each, so that a percentile is one of calls and not of means.

    The timer's own cost is included.
    """
    result: R = benchmark.pedantic(call, setup=lambda: (arguments(), {}), rounds=rounds)  # type: ignore[no-untyped-call]
    return result
