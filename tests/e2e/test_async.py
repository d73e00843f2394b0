"""Suites of async tests, as pytest-asyncio and anyio run them: measured and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.repository import Repository

if TYPE_CHECKING:
    from tests.conftest import Project

pytestmark = pytest.mark.timed

_BENCHES = """
import asyncio
import pytest
import pytest_asyncio
import service

@pytest.mark.asyncio
async def test_asyncio(benchmark):
    assert await benchmark(service.answer, 300) == 44850

@pytest.mark.anyio
async def test_anyio(benchmark):
    assert await benchmark(service.answer, 300) == 44850

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest_asyncio.fixture
async def loop_of_fixture():
    yield asyncio.get_running_loop()

def test_plain(benchmark, loop_of_fixture):
    async def call():
        assert asyncio.get_running_loop() is loop_of_fixture
        return await service.answer(300)
    assert benchmark(call) == 44850
"""
_TARGETS = """schema: 1
targets:
  - {benchmark: "*", max: 1 s}
  - {benchmark: "*", metric: p90, max: 1 s}
  - {benchmark: "*", metric: peak_memory, max: 1 MiB}
budgets:
  - {benchmark: "*", budget: 5 %}
"""
_SERVICE = """
import asyncio

async def rows(n):
    for number in range(n):
        yield number

async def answer(n):
    await asyncio.sleep(0)
    total = 0
    async for number in rows(n):
        total += number
    return total
"""
_SLOWER = ("    total = 0\n", "    total = 0\n    [number async for number in rows(n // 2)]\n")


def test_awaited_benchmarks_are_gated(project: Project) -> None:
    """By rounds, single calls and memory, and in pairs against base."""
    plugins = {"PYTEST_ADDOPTS": "-p no:hypothesispytest -p no:codspeed"}
    repository = Repository.new(project.folder)
    repository.commit(
        {
            "benches/bench_async.py": _BENCHES,
            "targets.yaml": _TARGETS,
            "service.py": _SERVICE,
            "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = '.'\n",
            ".gitignore": ".hivegate\n__pycache__\n",
        }
    )
    answer = project.hivegate("bench", "--passes", "3", env=plugins)
    assert answer.status == 0, answer
    assert set(project.outcomes().values()) == {"passed"}
    assert len(project.outcomes()) == 3
    project.write("service.py", _SERVICE.replace(*_SLOWER))
    answer = project.hivegate("compare", "HEAD", env=plugins)
    assert answer.status == 1, answer
    assert [one["outcome"] for one in project.result("compare")["verdicts"]] == ["slower"] * 3
