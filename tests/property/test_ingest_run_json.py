from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hivegate.ingest import read, write_run
from hivegate.model.run import (
    Benchmark,
    Commit,
    Doubles,
    Environment,
    InstructionSample,
    MemorySample,
    Run,
    Sample,
    Summary,
    TestOutcome,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TIMES = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.integers(0, 2**53)
DOUBLES = st.lists(TIMES, max_size=5).map(Doubles)

summaries = st.builds(
    Summary, **{key: st.none() | TIMES for key in ("mean", "median", "min", "max")}, stddev=st.none() | NUMBERS
)
samples = st.builds(
    Sample,
    pass_index=COUNTS,
    outcome=st.sampled_from(TestOutcome),
    detail=TEXTS,
    rounds=DOUBLES,
    calls=st.integers(1, 2**53),
    single_calls=DOUBLES,
    summary=st.none() | summaries,
    cpu=st.none() | NUMBERS,
    wall=st.none() | NUMBERS,
    switches=st.none() | COUNTS,
    reference=st.none() | NUMBERS,
    throughput=st.none() | NUMBERS,
    metrics=st.dictionaries(TEXTS, NUMBERS, max_size=3),
)
memories = st.builds(
    MemorySample,
    outcome=st.sampled_from(TestOutcome),
    detail=TEXTS,
    peak=st.none() | COUNTS,
    allocations=st.none() | COUNTS,
)
counted = st.builds(
    InstructionSample,
    outcome=st.sampled_from(TestOutcome),
    detail=TEXTS,
    instructions=st.none() | st.floats(0, 1e300),
    waits=st.booleans(),
)
benchmarks = st.builds(
    Benchmark,
    id=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip),
    node_id=TEXTS,
    samples=st.lists(samples, max_size=3, unique_by=lambda sample: sample.pass_index).map(tuple),
    memory=st.lists(memories, max_size=2).map(tuple),
    instructions=st.lists(counted, max_size=2).map(tuple),
    operations=st.none() | TIMES,
    size=st.none() | TIMES,
    parallelism=st.none() | st.integers(1, 2**20),
    better=st.dictionaries(TEXTS, st.sampled_from(["lower", "higher"]), max_size=2),
)
environments = st.builds(
    Environment,
    **{key: st.none() | TEXTS for key in ("cpu", "os", "python", "implementation", "governor", "container", "runner")},
    cores=st.none() | st.integers(1, 4096),
    packages=st.dictionaries(TEXTS, TEXTS, max_size=2),
)
runs = st.builds(
    Run,
    source=TEXTS,
    created=st.none() | TEXTS,
    commit=st.none() | st.builds(Commit, sha=TEXTS, branch=st.none() | TEXTS, dirty=st.booleans()),
    environment=environments,
    benchmarks=st.lists(benchmarks, max_size=3, unique_by=lambda one: one.id).map(tuple),
    not_selected=st.lists(TEXTS, max_size=3).map(tuple),
    notes=st.lists(TEXTS, max_size=3).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(runs)
def test_every_run_survives_writing_and_reading(run: Run) -> None:
    """Writing and reading give the same run, whatever its texts, enums and doubles."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.json"
        path.write_bytes(write_run(run))
        assert read(path) == run
