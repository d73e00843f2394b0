"""What every suite says to pytest-benchmark and to the gate."""

from collections.abc import Callable
from typing import Any, TypeVar

from pytest_benchmark.fixture import BenchmarkFixture

R = TypeVar("R")

SINGLE_CALLS = 20_000


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
