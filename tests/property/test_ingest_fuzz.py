from __future__ import annotations

import json
import math
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hivegate.errors import ResultsError
from hivegate.ingest import read, write_run

if TYPE_CHECKING:
    from hivegate.model.run import Run

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = sorted([*GOLDEN.glob("pytest_benchmark/*.json"), *GOLDEN.glob("run/*.json")])

TOKENS = (
    b"NaN",
    b"-Infinity",
    b"-1",
    b"0",
    b"1e999",
    b"9" * 5000,
    b"null",
    b"true",
    b'"',
    b"\\",
    b'"\\ud800"',
    b"\\udc80",
    b"{",
    b"}",
    b"[" * 1500,
    b"[[]]",
    b",",
    b":",
    b"\x00",
    b"\xff",
    b"\xc3",
    b"\n",
    b" " * 300,
    b'"stats"',
    b'"data": [1],',
    b'"schema": 2,',
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**400,
    math.nan,
    math.inf,
    "",
    "NaN",
    "\ud800",
    "x" * 2000,
    [],
    [[]],
    [None],
    {},
    {"": {}},
    {"value": 1, "better": "up"},
)


def mutate_bytes(content: bytes, chance: random.Random) -> bytes:
    """Cut, repeat, overwrite or insert somewhere, as broken transports and stopped tools do."""
    start = chance.randrange(len(content) + 1)
    end = min(len(content), start + chance.choice((1, 5, 40, 400, 4000)))
    return chance.choice(
        (
            lambda: content[:start],
            lambda: content[:start] + content[end:],
            lambda: content[:end] + content[start:],
            lambda: content[:start] + chance.choice(TOKENS) + content[start:],
            lambda: content[:start] + chance.choice(TOKENS) + content[end:],
            lambda: content[:start] + chance.randbytes(end - start) + content[end:],
        )
    )()


def mutate_values(content: bytes, chance: random.Random) -> bytes:
    """Put an odd value somewhere into the document, or take a key away, as other versions of tools do."""
    document = json.loads(content)
    inner: Any = document
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = chance.choice(keys)
        if not isinstance(inner[key], dict | list) or not inner[key] or chance.random() < 0.15:
            break
        inner = inner[key]
    if chance.random() < 0.2:
        del inner[key]
    else:
        inner[key] = chance.choice(VALUES)
    return json.dumps(document).encode()


def mutated(content: bytes, seed: int) -> bytes:
    """Mutate a file once or a few times, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311  a test that can be repeated needs a seed
    if chance.random() < 0.5:
        content = mutate_values(content, chance)
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        content = mutate_bytes(content, chance)
    return content


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
