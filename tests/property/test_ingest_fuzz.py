from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mutations import mutated

from hivegate.errors import ResultsError
from hivegate.ingest import read, write_run

if TYPE_CHECKING:
    from hivegate.model.run import Run

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = sorted([*GOLDEN.glob("pytest_benchmark/*.json"), *GOLDEN.glob("run/*.json")])


def _attempt(path: Path) -> tuple[Run | None, ResultsError | None]:
    try:
        return read(path), None
    except ResultsError as fault:
        return None, fault


def check(content: bytes, folder: Path) -> bool:
    """Read a file; tell whether it passed. Only `ResultsError` may come out, and a run that passes must be sound."""
    path = folder / "result.json"
    path.write_bytes(content)
    run, fault = _attempt(path)
    if run is None:
        assert fault is not None
        assert fault.where.startswith(str(path))
        assert len(str(fault)) < 5000
        return False
    samples = [sample for benchmark in run.benchmarks for sample in benchmark.samples]
    assert all(0 < time < math.inf for sample in samples for time in sample.rounds)
    assert all(math.isfinite(value) for sample in samples for value in sample.metrics.values())
    assert len({benchmark.id for benchmark in run.benchmarks}) == len(run.benchmarks)
    path.write_bytes(write_run(run))
    assert read(path) == run
    return True


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**64))
def test_mutated_files_are_read_or_refused(file: Path, seed: int) -> None:
    """No mutation of a real file raises anything but `ResultsError`, and what is read is finite and can be written."""
    with tempfile.TemporaryDirectory() as folder:
        check(mutated(file.read_bytes(), seed), Path(folder))
