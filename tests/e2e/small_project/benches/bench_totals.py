"""Measure the sum by formula, beside the sum by loop."""

from pytest_benchmark.fixture import BenchmarkFixture
from totals import total  # type: ignore[import-not-found]  # on the path of the copy that the tests make

COUNT = 2000


def test_total(benchmark: BenchmarkFixture) -> None:
    """Add by the project's function."""
    assert benchmark(total, COUNT) == sum(range(COUNT))


def test_total_by_loop(benchmark: BenchmarkFixture) -> None:
    """Add one by one."""
    assert benchmark(lambda: sum(range(COUNT))) == sum(range(COUNT))
