from __future__ import annotations

import math
import random
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mutations import TOKENS, mutate_bytes, mutate_lines, mutate_values

from hivegate.errors import ResultsError
from hivegate.ingest import read, write_run

if TYPE_CHECKING:
    from hivegate.model.run import Run

GOLDEN = Path(__file__).parents[1] / "golden" / "formats"
FILES = sorted(one for one in GOLDEN.iterdir() if one.suffix in {".json", ".js", ".txt", ".jsonl"})
CRITERION = ("sums/fold/64", "flat/sleep")
_PAGE = b"window.BENCHMARK_DATA = "


def mutate(content: bytes, seed: int) -> bytes:
    """Mutate a file of any format: its values where it is JSON, its lines where it is text, and its bytes."""
    chance = random.Random(seed)  # noqa: S311  a test that can be repeated needs a seed
    head = _PAGE if content.startswith(_PAGE) else b""
    for _ in range(chance.choice((1, 1, 2, 4))):
        body = content.removeprefix(head)
        try:
            content = head + mutate_values(body, chance)
        except (ValueError, RecursionError):
            content = mutate_lines(content, chance)
        if chance.random() < 0.3:
            break
    for _ in range(chance.choice((0, 0, 1, 2))):
        content = mutate_bytes(content, chance)
    return content


def check_sound(run: Run) -> None:
    """Assert what every run promises: ids of their own, finite numbers, times above 0; it can be kept and read."""
    samples = [sample for benchmark in run.benchmarks for sample in benchmark.samples]
    assert samples
    assert all(0 < time < math.inf for sample in samples for time in sample.rounds)
    assert all(math.isfinite(value) for sample in samples for value in sample.metrics.values())
    assert all(sample.throughput is None or 0 <= sample.throughput < math.inf for sample in samples)
    assert len({benchmark.id for benchmark in run.benchmarks}) == len(run.benchmarks)
    for benchmark in run.benchmarks:
        places = [sample.pass_index for sample in benchmark.samples]
        assert len(set(places)) == len(places), "two samples of one pass"


def attempt(path: Path) -> bool:
    """Read a file or a folder; tell whether it passed. Only `ResultsError` may come out, short and with its place."""
    run, fault = _read(path)
    if run is None:
        assert fault is not None
        assert str(path.parent) in fault.where
        assert len(str(fault)) < 5000
        return False
    check_sound(run)
    kept = path.parent / "kept.json"
    kept.write_bytes(write_run(run))
    assert read(kept) == run
    return True


def _read(path: Path) -> tuple[Run | None, ResultsError | None]:
    try:
        return read(path), None
    except ResultsError as fault:
        return None, fault


def attempt_content(content: bytes, folder: Path) -> bool:
    """Read a file of this content."""
    path = folder / "result"
    path.write_bytes(content)
    return attempt(path)


def attempt_criterion(seed: int, folder: Path, measured: Path = GOLDEN / "criterion" / CRITERION[0]) -> bool:
    """Mutate one of the files of a criterion folder, and read the folder."""
    chance = random.Random(seed)  # noqa: S311  a test that can be repeated needs a seed
    new = folder / "result" / "new"
    shutil.rmtree(new.parent, ignore_errors=True)
    shutil.copytree(measured / "new", new)
    if chance.random() < 0.3:
        (new / "sample.json").unlink()
    victim = chance.choice(sorted(one for one in new.glob("*.json") if one.name != "tukey.json"))
    victim.chmod(0o644)
    victim.write_bytes(mutate(victim.read_bytes(), seed))
    return attempt(new.parent)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**64))
def test_mutated_files_are_read_or_refused(file: Path, seed: int) -> None:
    """No mutation of a file raises anything but `ResultsError`, and what is read is sound and can be kept."""
    with tempfile.TemporaryDirectory() as folder:
        attempt_content(mutate(file.read_bytes(), seed), Path(folder))


@pytest.mark.parametrize("measured", CRITERION)
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**64))
def test_mutated_folders_are_read_or_refused(measured: str, seed: int) -> None:
    """Whichever file of a criterion folder is broken, only `ResultsError` comes out."""
    with tempfile.TemporaryDirectory() as folder:
        attempt_criterion(seed, Path(folder), GOLDEN / "criterion" / measured)


@settings(max_examples=300, deadline=None)
@given(
    head=st.sampled_from(
        [b"[", b"{", b"goos: linux\n", b"BenchmarkX 1 ", _PAGE, b'[{"jmhVersion":"1","primaryMetric":']
    ),
    tail=st.lists(st.one_of(st.binary(max_size=20), st.sampled_from(TOKENS)), max_size=8).map(b"".join),
)
def test_beginnings_of_formats_with_anything_behind_are_refused_or_read(head: bytes, tail: bytes) -> None:
    """What only begins like a result ends in a refusal."""
    with tempfile.TemporaryDirectory() as folder:
        attempt_content(head + tail, Path(folder))
